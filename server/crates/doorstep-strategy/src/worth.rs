//! The section `[worth]`: what a visit, an agreement and not visiting are worth, and what a visit costs.
//!
//! Amounts are texts with at most six decimals, in units of the planner's money: one sort of money for all portfolios that a
//! team visits. `unit` says how much of it one main unit of the portfolio's currency is, and `[worth.units]` says it of other currencies.

use std::collections::BTreeMap;

use doorstep_domain::measure::{MicroCost, Minor};
use doorstep_domain::money::Currency;
use doorstep_domain::odds::Chance;
use doorstep_domain::staff::Travel;
use doorstep_domain::worth::{AMOUNT_MAX, Prices, in_planners_money};
use serde::{Deserialize, Deserializer};

use crate::document::Wrong;

/// The most that an hour or a kilometre costs: what the planner's sums allow.
const RATE_MAX: MicroCost = MicroCost(1_000_000_000);
/// Chances are given in so many parts.
const THOUSAND: u32 = 1_000;
/// The most days between two trainings.
const DAYS_MAX: u32 = 366;

/// An amount from 0 up in the planner's money, written like `"18.50"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(pub MicroCost);

impl Price {
    /// Reads an amount with at most six decimals.
    fn read(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 9
            || part.len() > 6
            || !digits(whole)
            || !digits(part)
            || text.ends_with('.')
        {
            return None;
        }
        let part: i64 = format!("{part:0<6}").parse().ok()?;
        let amount = MicroCost(whole.parse::<i64>().ok()? * 1_000_000 + part);
        (amount <= AMOUNT_MAX).then_some(Self(amount))
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::read(&text).ok_or_else(|| {
            let problem = "write an amount from 0 to 1,000,000 with at most six decimals, in quotes: \"18.50\"";
            serde::de::Error::custom(problem)
        })
    }
}

/// What things are worth to a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worth {
    /// What one main unit of the portfolio's currency is in the planner's money.
    pub unit: Price,
    /// The same of other currencies, by ISO 4217 code.
    pub units: BTreeMap<String, Price>,
    /// An hour of a crew's time.
    pub labour_hour: Price,
    /// A kilometre by car.
    pub kilometre_car: Price,
    /// A kilometre by moped.
    pub kilometre_moped: Price,
    /// The usual way to a door, where no plan has worked it out: minutes.
    pub way_minutes: u32,
    /// The same in kilometres.
    pub way_kilometres: u32,
    /// The good of meeting somebody.
    pub meeting: Price,
    /// The part of what is owed that an agreement is worth, in hundredths.
    pub agreement_percent: u32,
    /// What an agreement is worth at most.
    pub agreement_max: Price,
    /// What the first visit does to a person; never nothing.
    pub harm: Price,
    /// What every visit that was made adds to that.
    pub harm_each: Price,
    /// Complaints in a thousand first visits.
    pub complaints_per_1000: u32,
    /// How many more after every visit that was made.
    pub complaints_each_per_1000: u32,
    /// What a complaint costs.
    pub complaint_cost: Price,
    /// Agreements in a thousand letters.
    pub letters_per_1000: u32,
    /// What a letter costs.
    pub letter_cost: Price,
    /// What it costs to wait instead of visiting.
    pub waiting: Price,
    /// After how many days chances are learned anew.
    pub retrain_days: u32,
}

const fn price(cents: i64) -> Price {
    Price(MicroCost(cents * 10_000))
}

impl Default for Worth {
    fn default() -> Self {
        Self {
            unit: price(100),
            units: BTreeMap::new(),
            labour_hour: price(18_00),
            kilometre_car: price(35),
            kilometre_moped: price(12),
            way_minutes: 12,
            way_kilometres: 4,
            meeting: price(80_00),
            agreement_percent: 5,
            agreement_max: price(20_000),
            harm: price(1_00),
            harm_each: price(2_00),
            complaints_per_1000: 2,
            complaints_each_per_1000: 1,
            complaint_cost: price(30_000),
            letters_per_1000: 20,
            letter_cost: price(1_50),
            waiting: price(0),
            retrain_days: 7,
        }
    }
}

impl Worth {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem: &str| Err(Wrong::at("worth", key, problem));
        if let Some(code) = self.units.keys().find(|code| Currency::of(code).is_none()) {
            let problem = format!("`{code}` is no currency that Doorstep knows; write an ISO 4217 code such as JPY");
            return Err(Wrong::at("worth.units", "", problem));
        }
        if self.unit.0 == MicroCost::ZERO || self.units.values().any(|unit| unit.0 == MicroCost::ZERO) {
            return wrong(
                "unit",
                "a currency that is worth nothing makes every debt nothing; write what one unit of it is worth",
            );
        }
        let rates = [
            ("labour_hour", self.labour_hour),
            ("kilometre_car", self.kilometre_car),
            ("kilometre_moped", self.kilometre_moped),
        ];
        if let Some((key, _)) = rates.iter().find(|(_, rate)| rate.0 > RATE_MAX) {
            return wrong(key, "at most 1000; use a larger unit for the planner's money");
        }
        if self.harm.0 == MicroCost::ZERO {
            return wrong(
                "harm",
                "a visit always does something to the person visited; write more than 0",
            );
        }
        if self.agreement_percent > 100 {
            return wrong(
                "agreement_percent",
                "an agreement is worth at most 100 hundredths of what is owed",
            );
        }
        let parts = [
            ("complaints_per_1000", self.complaints_per_1000),
            ("complaints_each_per_1000", self.complaints_each_per_1000),
            ("letters_per_1000", self.letters_per_1000),
        ];
        if let Some((key, _)) = parts.iter().find(|(_, part)| *part > THOUSAND) {
            return wrong(key, "at most 1000 of 1000");
        }
        if self.way_minutes > 600 || self.way_kilometres > 500 {
            return wrong(
                "way_minutes",
                "the usual way takes at most 600 minutes and 500 kilometres",
            );
        }
        if !(1..=DAYS_MAX).contains(&self.retrain_days) {
            return wrong("retrain_days", "chances are learned anew after 1 to 366 days");
        }
        Ok(())
    }

    /// What the worth of a visit is computed with.
    #[must_use]
    pub fn prices(&self) -> Prices {
        let of_1000 = |part: u32| Chance::nearest(i64::from(part) * 1_000);
        Prices {
            labour_hour: self.labour_hour.0,
            meeting: self.meeting.0,
            agreement_share: Chance::nearest(i64::from(self.agreement_percent) * 10_000),
            agreement_max: self.agreement_max.0,
            harm: self.harm.0,
            harm_each: self.harm_each.0,
            complaint: of_1000(self.complaints_per_1000),
            complaint_each: of_1000(self.complaints_each_per_1000),
            complaint_cost: self.complaint_cost.0,
            letter: of_1000(self.letters_per_1000),
            letter_cost: self.letter_cost.0,
            waiting: self.waiting.0,
        }
    }

    /// What one main unit of a currency is in the planner's money.
    fn unit_of(&self, currency: Currency) -> MicroCost {
        self.units.get(currency.code()).unwrap_or(&self.unit).0
    }

    /// An amount in the planner's money.
    #[must_use]
    pub fn in_planners_money(&self, amount: Minor, currency: Currency) -> MicroCost {
        in_planners_money(amount, currency, self.unit_of(currency))
    }

    /// What a kilometre costs by some means; what nobody pays for costs nothing.
    const fn kilometre(&self, travel: Travel) -> MicroCost {
        match travel {
            Travel::Car => self.kilometre_car.0,
            Travel::Moped => self.kilometre_moped.0,
            Travel::Bicycle | Travel::Foot => MicroCost::ZERO,
        }
    }

    /// What a crew's seconds and metres cost, in minor units of a currency. Rounded up once, as all costs are.
    #[must_use]
    pub fn cost_of(&self, (seconds, metres): (u64, u64), travel: Travel, currency: Currency) -> Minor {
        let labour = i128::from(seconds) * i128::from(self.labour_hour.0.get()) * 1_000;
        let way = i128::from(metres) * i128::from(self.kilometre(travel).get()) * 3_600;
        let minor = (labour + way) * 10_i128.pow(u32::from(currency.exponent()));
        let unit = i128::from(self.unit_of(currency).get()) * 3_600_000;
        Minor(i64::try_from((minor + unit - 1) / unit).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::Strategy;

    #[test]
    fn amounts_are_read_to_the_last_decimal() {
        let cases = [
            ("18.50", Some(18_500_000)),
            ("0", Some(0)),
            ("0.000001", Some(1)),
            ("1000000", Some(AMOUNT_MAX.get())),
            ("1000000.000001", None),
            ("1.", None),
            (".5", None),
            ("-1", None),
            ("1,5", None),
            ("1.0000001", None),
            ("", None),
        ];
        for (text, amount) in cases {
            assert_eq!(Price::read(text).map(|price| price.0.get()), amount, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_line() {
        let cases = [
            ("labour_hour = \"ten\"", "in quotes"),
            ("labour_hour = 18.5", "invalid type"),
            ("harm = \"0\"", "more than 0"),
            ("agreement_percent = 101", "at most 100"),
            ("letters_per_1000 = 1001", "at most 1000"),
            ("unit = \"0\"", "worth nothing"),
            ("retrain_days = 0", "1 to 366"),
            ("harm_falls = \"1\"", "unknown field"),
        ];
        for (line, part) in cases {
            let error = Strategy::read("own.toml", &format!("format = 1\n[worth]\n{line}\n")).unwrap_err();
            assert_eq!(error.line, 3, "{line}: {error}");
            assert!(error.to_string().contains(part), "{line}: {error}");
        }
        let error = Strategy::read("own.toml", "format = 1\n[worth.units]\nXYZ = \"1\"\n").unwrap_err();
        assert!(error.problem.contains("XYZ"), "{error}");
    }

    #[test]
    fn other_currencies_have_units_of_their_own() {
        let text = "format = 1\n[worth]\nunit = \"1\"\n[worth.units]\nJPY = \"0.0066\"\n";
        let worth = Strategy::read("own.toml", text).unwrap().worth;
        let of = |code: &str, minor| worth.in_planners_money(Minor(minor), Currency::of(code).unwrap()).get();
        assert_eq!((of("CNY", 1_050), of("JPY", 1_000)), (10_500_000, 6_600_000));
    }

    #[test]
    fn time_and_way_cost_what_the_section_says_in_the_currency_of_the_case() {
        let text = "format = 1\n[worth]\nunit = \"2\"\nlabour_hour = \"36.00\"\nkilometre_car = \"0.50\"\n\
                    kilometre_moped = \"0.10\"\n[worth.units]\nJPY = \"0.01\"\n";
        let worth = Strategy::read("own.toml", text).unwrap().worth;
        let cost = |seconds, metres, travel, code: &str| {
            worth
                .cost_of((seconds, metres), travel, Currency::of(code).unwrap())
                .get()
        };
        // Half an hour is 18.00, four kilometres by car are 2.00: 20.00 of the planner's money are 10.00 of the currency.
        assert_eq!(cost(1_800, 4_000, Travel::Car, "CNY"), 1_000);
        assert_eq!(cost(1_800, 4_000, Travel::Moped, "CNY"), 920);
        assert_eq!(cost(1_800, 4_000, Travel::Foot, "CNY"), 900);
        // One yen is a hundredth, and has no smaller unit.
        assert_eq!(cost(1_800, 4_000, Travel::Car, "JPY"), 2_000);
        assert_eq!(cost(1, 0, Travel::Car, "CNY"), 1, "rounded up");
        assert_eq!(cost(0, 0, Travel::Car, "CNY"), 0);
    }
}
