//! Whether a promise or plan can be afforded, by what the person says of their month.
//!
//! It only warns, and only of promises that are likely to fail; nobody is kept from proposing what they want. What is said here
//! is the person's own word: it is not compared with anything, and decides neither worth, nor odds, nor how often anybody comes.

use jiff::civil::Date;

use crate::agreement::relief::percent_of;
use crate::codes;
use crate::measure::Minor;

codes!(
    /// What a month needs.
    Need, "outgoing of a month" {
        /// Rent, mortgage.
        Housing = "housing",
        /// Heating, power, water, phone.
        Utilities = "utilities",
        /// Food and what a household uses up.
        Food = "food",
        /// Ways to work, school and doctors.
        Transport = "transport",
        /// Medicine, care, insurance of health.
        Health = "health",
        /// Children, parents and others who live by it.
        Dependants = "dependants",
        /// School and training.
        Education = "education",
        /// Taxes and insurance.
        Duties = "duties",
        /// Other debts, each month.
        Debts = "debts",
        /// What else is needed.
        Other = "other",
    }
);

codes!(
    /// Why a promise is likely to fail.
    AffordWarning, "warning of a promise" {
        /// Nothing is left at the end of the month as it is.
        NothingLeft = "nothing-left",
        /// A month of it takes more of what is left than the portfolio calls safe.
        AboveShare = "above-share",
        /// It is due before the next money comes in.
        BeforePayDay = "before-pay-day",
    }
);

/// A month of the person, as they say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// What comes in.
    pub income: Minor,
    /// What goes out, by what for.
    pub needs: Vec<(Need, Minor)>,
    /// The day of the month on which money comes in, 1 to 31; the last day in shorter months.
    pub pay_day: Option<u8>,
}

/// What is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burden {
    /// In a month.
    pub per_month: Minor,
    /// The first day on which something is due.
    pub first: Date,
    /// The day on which it is asked.
    pub today: Date,
    /// The share of what is left that is called safe, in percent.
    pub share_percent: u8,
}

/// What came of weighing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// What is left of a month after what it needs; below zero where it does not suffice.
    pub left: Minor,
    /// The most that a month of it may be without a warning.
    pub safe: Minor,
    /// What speaks against it; empty where nothing does.
    pub warnings: Vec<AffordWarning>,
}

impl Month {
    /// What is left after what a month needs.
    #[must_use]
    pub fn left(&self) -> Minor {
        let out = |left: Minor, (_, amount): &(Need, Minor)| left.saturating_sub(*amount);
        self.needs.iter().fold(self.income, out)
    }

    /// Weighs what is to be paid against it.
    #[must_use]
    pub fn weigh(&self, burden: &Burden) -> Weighed {
        let left = self.left();
        let safe = percent_of(left.max(Minor::ZERO), burden.share_percent);
        let mut warnings = Vec::new();
        if left <= Minor::ZERO {
            warnings.push(AffordWarning::NothingLeft);
        } else if burden.per_month > safe {
            warnings.push(AffordWarning::AboveShare);
        }
        if self
            .pay_day
            .is_some_and(|day| burden.first < next_pay_day(burden.today, day))
        {
            warnings.push(AffordWarning::BeforePayDay);
        }
        Weighed { left, safe, warnings }
    }
}

/// The next day of the month on which money comes in, today included.
fn next_pay_day(today: Date, day: u8) -> Date {
    let of_month = |month: Date| {
        let last = month.days_in_month();
        let day = i8::try_from(day).unwrap_or(last).clamp(1, last);
        month.with().day(day).build().unwrap_or(month)
    };
    let here = of_month(today);
    if here >= today {
        return here;
    }
    today.last_of_month().tomorrow().map_or(today, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn month(income: i64, needs: &[(Need, i64)], pay_day: Option<u8>) -> Month {
        Month {
            income: Minor(income),
            needs: needs.iter().map(|(need, amount)| (*need, Minor(*amount))).collect(),
            pay_day,
        }
    }

    fn burden(per_month: i64, first: Date) -> Burden {
        Burden {
            per_month: Minor(per_month),
            first,
            today: date(2027, 1, 20),
            share_percent: 50,
        }
    }

    #[test]
    fn it_warns_of_what_is_likely_to_fail_and_says_why() {
        use AffordWarning::{AboveShare, BeforePayDay, NothingLeft};
        let needs = [(Need::Housing, 600), (Need::Food, 300), (Need::Debts, 50)];
        let on = |income, per_month, first, pay| month(income, &needs, pay).weigh(&burden(per_month, first)).warnings;
        let later = date(2027, 2, 1);
        assert_eq!(on(1_150, 100, later, None), []);
        assert_eq!(on(1_150, 101, later, None), [AboveShare]);
        assert_eq!(on(950, 1, later, None), [NothingLeft]);
        assert_eq!(on(900, 1, date(2027, 1, 24), Some(25)), [NothingLeft, BeforePayDay]);
        assert_eq!(on(1_150, 100, date(2027, 1, 25), Some(25)), []);
        // The pay day of this month is over: the next one is in February.
        assert_eq!(on(1_150, 100, date(2027, 2, 9), Some(10)), [BeforePayDay]);
        assert_eq!(on(1_150, 100, date(2027, 2, 10), Some(10)), []);
        // The 31st is the last day of a shorter month.
        assert_eq!(next_pay_day(date(2027, 2, 1), 31), date(2027, 2, 28));
    }
}
