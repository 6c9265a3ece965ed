//! The sections `[promises]`, `[plans]` and `[rewards]`: what may be agreed, and how it is judged.

use std::collections::BTreeMap;

use doorstep_domain::agreement::relief::percent_of;
use doorstep_domain::agreement::schedule::{COUNT_MAX, Remainder, Shift};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::{AmountParts, Currency};
use jiff::civil::Date;
use serde::Deserialize;

use crate::document::Wrong;

/// The most days of grace, and of waiting.
const DAYS_MAX: u16 = 31;
/// The latest day of a promise.
const PROMISE_DAYS_MAX: u16 = 366;
/// The highest interest of a plan a year: 36 percent, above which it is usury in many places.
const RATE_PPM_MAX: u32 = 360_000;

/// The most holidays of a portfolio's own: those of the years that a plan may last.
const HOLIDAYS_MAX: usize = 400;

/// Promises of one amount on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Promises {
    /// How many days ahead the day lies at most.
    pub days_max: u16,
    /// For so many days after its day it still counts as kept.
    pub grace_days: u16,
    /// For so many days after it was broken nobody reminds of it; then a message comes first.
    pub wait_days: u16,
}

/// Repayment plans and settlements in instalments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plans {
    /// The longest plan, in months.
    pub months_max: u16,
    /// The most instalments.
    pub instalments_max: u16,
    /// Where what is left over goes when a total is divided.
    pub remainder: Remainder,
    /// Where an instalment goes whose day is no working day.
    pub shift: Shift,
    /// The least instalment in minor units, by currency.
    pub least: BTreeMap<String, i64>,
    /// For so many days after its day an instalment still counts as paid in time.
    pub grace_days: u16,
    /// So many instalments a plan may be behind before it is broken.
    pub missed_max: u16,
    /// Interest a year in parts per million; 0 means none. The same for everybody.
    pub rate_ppm: u32,
    /// The share of what is left of a person's month that an instalment may take without a warning, in percent.
    pub safe_percent: u8,
    /// Public holidays besides those of the rule packs, as ISO dates: of most countries the packs know the weekends alone.
    pub holidays: Vec<String>,
}

/// What everybody gets who keeps a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rewards {
    /// After so many instalments paid in time, from the first on; 0 means that there is no reward.
    pub after: u16,
    /// How much of the interest is given up, in percent.
    pub interest_percent: u8,
    /// How much of the penalty.
    pub penalty_percent: u8,
    /// How much of the fees.
    pub fees_percent: u8,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            days_max: 45,
            grace_days: 3,
            wait_days: 3,
        }
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self {
            months_max: COUNT_MAX,
            instalments_max: COUNT_MAX,
            remainder: Remainder::Last,
            shift: Shift::After,
            least: BTreeMap::new(),
            grace_days: 5,
            missed_max: 1,
            rate_ppm: 0,
            safe_percent: 50,
            holidays: Vec::new(),
        }
    }
}

impl Default for Rewards {
    fn default() -> Self {
        Self {
            after: 6,
            interest_percent: 10,
            penalty_percent: 100,
            fees_percent: 0,
        }
    }
}

fn days_within(section: &'static str, days: &[(&'static str, u16, u16)]) -> Result<(), Wrong> {
    let beyond = |(_, days, most): &&(&'static str, u16, u16)| days > most;
    match days.iter().find(beyond) {
        Some((key, _, most)) => Err(Wrong::at(section, key, format!("`{key}` is at most {most} days"))),
        None => Ok(()),
    }
}

impl Promises {
    pub(crate) fn check(self) -> Result<(), Wrong> {
        days_within(
            "promises",
            &[
                ("days_max", self.days_max, PROMISE_DAYS_MAX),
                ("grace_days", self.grace_days, DAYS_MAX),
                ("wait_days", self.wait_days, DAYS_MAX),
            ],
        )
    }
}

impl Plans {
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem: String| Err(Wrong::at("plans", key, problem));
        days_within("plans", &[("grace_days", self.grace_days, DAYS_MAX)])?;
        for (key, number) in [
            ("months_max", self.months_max),
            ("instalments_max", self.instalments_max),
        ] {
            if !(1..=COUNT_MAX).contains(&number) {
                return wrong(key, format!("`{key}` is 1 to {COUNT_MAX}"));
            }
        }
        if self.missed_max > 12 {
            return wrong("missed_max", "`missed_max` is at most 12".to_owned());
        }
        if self.rate_ppm > RATE_PPM_MAX {
            return wrong(
                "rate_ppm",
                format!("`rate_ppm` is at most {RATE_PPM_MAX}, 36 percent a year"),
            );
        }
        if !(1..=100).contains(&self.safe_percent) {
            return wrong("safe_percent", "`safe_percent` is 1 to 100".to_owned());
        }
        let is_date = |text: &&String| text.parse::<Date>().is_ok_and(|day| day.to_string() == **text);
        if let Some(text) = self.holidays.iter().find(|text| !is_date(text)) {
            return wrong("holidays", format!("`{text}` is no date; write it as `2027-01-01`"));
        }
        if self.holidays.len() > HOLIDAYS_MAX {
            return wrong(
                "holidays",
                format!("at most {HOLIDAYS_MAX}; take out those that are over"),
            );
        }
        let odd = |(code, least): &(&String, &i64)| Currency::of(code).is_none() || **least < 1;
        match self.least.iter().find(odd) {
            Some((code, _)) => wrong(
                "least",
                format!(
                    "`least` has `{code}`; write a currency of ISO 4217 that Doorstep knows and minor units above 0"
                ),
            ),
            None => Ok(()),
        }
    }

    /// Whether the portfolio says that a day is a public holiday.
    #[must_use]
    pub fn is_holiday(&self, day: Date) -> bool {
        let text = day.to_string();
        self.holidays.contains(&text)
    }

    /// The least instalment in a currency: one minor unit where none is said.
    #[must_use]
    pub fn least_of(&self, currency: Currency) -> Minor {
        Minor(self.least.get(currency.code()).copied().unwrap_or(1))
    }
}

impl Rewards {
    pub(crate) fn check(self) -> Result<(), Wrong> {
        let percents = [
            ("interest_percent", self.interest_percent),
            ("penalty_percent", self.penalty_percent),
            ("fees_percent", self.fees_percent),
        ];
        if let Some((key, _)) = percents.iter().find(|(_, percent)| *percent > 100) {
            return Err(Wrong::at("rewards", key, format!("`{key}` is at most 100")));
        }
        if self.after > COUNT_MAX {
            return Err(Wrong::at(
                "rewards",
                "after",
                format!("`after` is at most {COUNT_MAX} instalments"),
            ));
        }
        Ok(())
    }

    /// What is given up for it of what is owed, each part rounded down; `None` where nothing is.
    #[must_use]
    pub fn of(self, owed: AmountParts) -> Option<AmountParts> {
        let off = AmountParts {
            principal: Minor::ZERO,
            interest: percent_of(owed.interest, self.interest_percent),
            penalty: percent_of(owed.penalty, self.penalty_percent),
            fees: percent_of(owed.fees, self.fees_percent),
        };
        (self.after > 0 && off.total() > Minor::ZERO).then_some(off)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::Strategy;

    #[test]
    fn a_reward_is_a_share_of_each_part_rounded_down() {
        let owed = AmountParts::of([1_000, 199, 51, 30]);
        assert_eq!(Rewards::default().of(owed).unwrap().numbers(), [0, 19, 51, 0]);
        assert_eq!(Rewards::default().of(AmountParts::of_total(Minor(1_000))), None);
        let none = Rewards {
            after: 0,
            ..Rewards::default()
        };
        assert_eq!(none.of(owed), None);
    }

    #[test]
    fn what_cannot_be_meant_is_named_with_its_line() {
        for (text, part) in [
            ("[plans]\nmonths_max = 61\n", "1 to 60"),
            ("[plans]\ninstalments_max = 0\n", "1 to 60"),
            ("[plans]\nrate_ppm = 360001\n", "36 percent"),
            ("[plans]\nleast = { CNY = 0 }\n", "minor units above 0"),
            ("[plans]\nshift = \"later\"\n", "after, before, stay"),
            ("[plans]\nsafe_percent = 0\n", "1 to 100"),
            ("[plans]\ngrace_days = 32\n", "at most 31"),
            ("[plans]\nholidays = [\"2027-02-30\"]\n", "no date"),
            ("[promises]\ndays_max = 400\n", "at most 366"),
            ("[rewards]\ninterest_percent = 101\n", "at most 100"),
            ("[rewards]\nafter = 61\n", "at most 60"),
        ] {
            let error = Strategy::read("own.toml", &format!("format = 1\n{text}")).unwrap_err();
            assert_eq!(error.line, 3, "{text}: {error}");
            assert!(error.problem.contains(part), "{text}: {error}");
        }
    }
}
