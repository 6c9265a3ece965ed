//! Weeks of the ISO calendar in UTC, in which reads outside a caseload are looked at and visits are drawn to be checked.

use std::fmt;

use doorstep_domain::measure::Micros;
use doorstep_wire::problem::ProblemCode;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;

use crate::day;
use crate::error::AppError;

/// How many weeks are looked through for reads that wait, with this one; an older one is found by its name.
const LOOKED_THROUGH: i64 = 26;

/// A week, by its Monday: the day's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Week(i64);

impl Week {
    /// The week of an instant.
    pub(crate) fn of(at: Micros) -> Self {
        let week = day::local(at, &TimeZone::UTC).iso_week_date();
        let monday = ISOWeekDate::new(week.year(), week.week(), Weekday::Monday);
        Self(day::number(monday.map_or(Date::MIN, ISOWeekDate::date)))
    }

    /// The week with a name such as `2026-W48`.
    pub(crate) fn named(name: &str) -> Result<Self, AppError> {
        let monday = name
            .split_once("-W")
            .filter(|(year, week)| year.len() == 4 && week.len() == 2)
            .and_then(|(year, week)| ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok());
        let monday = monday.ok_or_else(|| {
            AppError::at(
                ProblemCode::BadRequest,
                "week",
                "A week is written with its year, such as 2026-W48.",
            )
        })?;
        Ok(Self(day::number(monday.date())))
    }

    /// The week of a Monday, in days since 1970-01-01, as storage keeps it.
    pub(crate) const fn of_monday(number: i64) -> Self {
        Self(number)
    }

    /// Its Monday, in days since 1970-01-01.
    pub(crate) const fn monday(self) -> i64 {
        self.0
    }

    /// Its first instant and the one after its last.
    pub(crate) fn span(self) -> (Micros, Micros) {
        let at = |number: i64| Micros::from_seconds(number * 86_400);
        (at(self.0), at(self.0 + 7))
    }

    /// The span of it and of the weeks before that are looked through with it.
    pub(crate) fn and_before(self) -> (Micros, Micros) {
        let first = Self(self.0 - 7 * (LOOKED_THROUGH - 1));
        (first.span().0, self.span().1)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = day::of_number(self.0).iso_week_date();
        write!(out, "{:04}-W{:02}", week.year(), week.week())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_those_of_the_iso_calendar_in_utc() {
        let monday = Micros::from_seconds(20_780 * 86_400);
        let week = Week::of(monday);
        assert_eq!(week.to_string(), "2026-W48");
        assert_eq!(week.span(), (monday, monday + Micros::from_seconds(7 * 86_400)));
        assert_eq!(Week::of(monday - Micros(1)).to_string(), "2026-W47");
        assert_eq!(Week::named("2026-W48").unwrap(), week);
        let (first, end) = week.and_before();
        assert_eq!(
            (Week::of(first).to_string(), end),
            ("2026-W23".to_owned(), week.span().1)
        );
        // The first days of 2027 belong to the last week of 2026.
        let last = Week::named("2026-W53").unwrap().span();
        assert_eq!(last.1, Week::named("2027-W01").unwrap().span().0);
        for bad in ["2026-48", "2026-W54", "2026-W1", "W48", "2026-W00", "2026-W4é"] {
            assert!(Week::named(bad).is_err(), "{bad}");
        }
    }
}
