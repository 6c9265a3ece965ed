//! Exact schedules: days and amounts of instalments.
//!
//! Amounts are whole minor units. Each instalment is the total divided by their number, rounded down; what is left over is in
//! the first or the last, as the portfolio says. Interest, where the portfolio takes any, is that of the days since the
//! instalment before on what is left of the total, by a year of 365 days, rounded down.
//!
//! Days are those of the first: a month later means the same day of the month, or the last day of a shorter month, and the
//! same day again after it. A day that is no working day moves to the next one, or to the one before. No day is before the first
//! that was asked for, and each is later than the one before.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::codes;
use crate::measure::Minor;

/// The most instalments of a schedule.
pub const COUNT_MAX: u16 = 60;
/// For so many days a working day is looked for; where there is none, the day stays.
const SHIFT_DAYS_MAX: i64 = 60;
/// Parts per million.
const MILLION: i128 = 1_000_000;
/// Days of a year of interest.
const YEAR_DAYS: i128 = 365;

codes!(
    /// How far apart instalments are.
    Every, "interval of instalments" {
        /// Seven days.
        Week = "week",
        /// Fourteen days.
        Fortnight = "fortnight",
        /// A month of the calendar.
        Month = "month",
    }
);

codes!(
    /// Which instalment has what is left over when a total is divided.
    Remainder, "place of the remainder" {
        /// The first.
        First = "first",
        /// The last.
        Last = "last",
    }
);

codes!(
    /// Where an instalment goes whose day is no working day.
    Shift, "shift of a day" {
        /// To the next working day.
        After = "after",
        /// To the working day before, but never before the first day that was asked for.
        Before = "before",
        /// It stays.
        Stay = "stay",
    }
);

/// What a schedule is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// What is to be paid, without interest; above zero.
    pub total: Minor,
    /// The first day.
    pub first: Date,
    /// How many instalments, 1 to 60.
    pub count: u16,
    /// How far apart.
    pub every: Every,
    /// Where the remainder goes.
    pub remainder: Remainder,
    /// Where days go that are no working days.
    pub shift: Shift,
    /// Interest a year in parts per million; 0 means none.
    pub rate_ppm: u32,
    /// From which day interest runs: the day of the agreement.
    pub from: Date,
}

/// One instalment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instalment {
    /// Its number, from 1.
    pub number: u16,
    /// The day by which it is to be paid.
    pub day: Date,
    /// What is to be paid, with interest.
    pub amount: Minor,
    /// How much of it is interest.
    pub interest: Minor,
}

/// Why there is no such schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The total is not above zero, or no whole minor unit is left for each instalment.
    #[error("each instalment must be at least one minor unit: ask for a larger total or fewer instalments")]
    TooSmall,
    /// There are none, or too many.
    #[error("a schedule has 1 to {COUNT_MAX} instalments")]
    Count,
    /// A day lies outside the calendar, or an amount beyond all numbers.
    #[error("the days or amounts lie beyond what can be counted: ask for an earlier day or a smaller total")]
    Beyond,
}

impl Every {
    /// The day of the `index`th instalment, from 0, before it moves to a working day.
    fn nominal(self, first: Date, index: u16) -> Result<Date, ScheduleError> {
        let index = i64::from(index);
        let span = match self {
            Self::Week => (7 * index).days(),
            Self::Fortnight => (14 * index).days(),
            // Months are counted from the first day, so that the 31st comes back after a shorter month.
            Self::Month => index.months(),
        };
        first.checked_add(span).map_err(|_| ScheduleError::Beyond)
    }

    /// What an instalment comes to in a month, rounded up: a year has 52 weeks and 12 months.
    #[must_use]
    pub fn per_month(self, amount: Minor) -> Minor {
        let a_year = |times: i128| {
            let year = i128::from(amount.get()) * times;
            Minor(i64::try_from((year + 11).div_euclid(12)).unwrap_or(i64::MAX))
        };
        match self {
            Self::Week => a_year(52),
            Self::Fortnight => a_year(26),
            Self::Month => amount,
        }
    }
}

/// The schedule. `is_working` says which days are working days.
///
/// ```
/// use doorstep_domain::agreement::schedule::{Ask, Every, Remainder, Shift, schedule};
/// use doorstep_domain::measure::Minor;
/// use jiff::civil::date;
/// let ask = Ask {
///     total: Minor(1_000), first: date(2027, 1, 31), count: 3, every: Every::Month, remainder: Remainder::Last,
///     shift: Shift::Stay, rate_ppm: 0, from: date(2027, 1, 1),
/// };
/// let made = schedule(&ask, |_| true)?;
/// let days: Vec<_> = made.iter().map(|one| (one.day.to_string(), one.amount.get())).collect();
/// assert_eq!(days, [("2027-01-31".into(), 333), ("2027-02-28".into(), 333), ("2027-03-31".into(), 334)]);
/// # Ok::<(), doorstep_domain::agreement::schedule::ScheduleError>(())
/// ```
pub fn schedule(ask: &Ask, is_working: impl Fn(Date) -> bool) -> Result<Vec<Instalment>, ScheduleError> {
    if ask.count == 0 || ask.count > COUNT_MAX {
        return Err(ScheduleError::Count);
    }
    let count = i64::from(ask.count);
    let (each, over) = (ask.total.get() / count, ask.total.get() % count);
    if each < 1 {
        return Err(ScheduleError::TooSmall);
    }
    let mut made: Vec<Instalment> = Vec::with_capacity(usize::from(ask.count));
    let mut left = ask.total;
    let mut since = ask.from;
    for index in 0..ask.count {
        let least = match made.last() {
            None => ask.first,
            Some(before) => before.day.tomorrow().map_err(|_| ScheduleError::Beyond)?,
        };
        let day = shifted(ask.every.nominal(ask.first, index)?, ask.shift, least, &is_working);
        let has_over = match ask.remainder {
            Remainder::First => index == 0,
            Remainder::Last => index + 1 == ask.count,
        };
        let principal = Minor(each + if has_over { over } else { 0 });
        let interest = interest(left, ask.rate_ppm, days_between(since, day));
        let amount = principal.checked_add(interest).ok_or(ScheduleError::Beyond)?;
        made.push(Instalment {
            number: index + 1,
            day,
            amount,
            interest,
        });
        left -= principal;
        since = day;
    }
    let all = made
        .iter()
        .try_fold(Minor::ZERO, |sum, one| sum.checked_add(one.amount));
    all.map(|_| made).ok_or(ScheduleError::Beyond)
}

/// Days from one day to another; nothing where the other is not later.
fn days_between(from: Date, to: Date) -> i64 {
    let span = from.until((jiff::Unit::Day, to));
    span.map_or(0, |span| i64::from(span.get_days())).max(0)
}

fn interest(left: Minor, rate_ppm: u32, days: i64) -> Minor {
    let whole = i128::from(left.get()) * i128::from(rate_ppm) * i128::from(days);
    Minor(i64::try_from(whole / (MILLION * YEAR_DAYS)).unwrap_or(i64::MAX))
}

/// The working day for a day, not before `least`. Where the one before would be too early, it is the next: nobody has to pay
/// earlier than they said.
fn shifted(day: Date, shift: Shift, least: Date, is_working: &impl Fn(Date) -> bool) -> Date {
    let day = day.max(least);
    if shift == Shift::Stay || is_working(day) {
        return day;
    }
    let working = |days: i64| day.checked_add(days.days()).ok().filter(|day| is_working(*day));
    let before = || {
        let found = (1..=SHIFT_DAYS_MAX).find_map(|back| working(-back));
        found.filter(|day| *day >= least)
    };
    let after = || (1..=SHIFT_DAYS_MAX).find_map(working);
    let moved = match shift {
        Shift::Before => before().or_else(after),
        _ => after(),
    };
    moved.unwrap_or(day)
}

/// How many whole months it takes from a day until another, rounded up; 0 where it is not later.
#[must_use]
pub fn months_until(from: Date, last: Date) -> u16 {
    let enough = |months: &u16| {
        from.checked_add(i64::from(*months).months())
            .is_ok_and(|day| day >= last)
    };
    (0..=12 * 200).find(enough).unwrap_or(u16::MAX)
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
