//! The day of field staff on their device: open, closed, or still to be opened. Pure.

use doorstep_device::{Day, DayCounts};
use doorstep_domain::measure::Micros;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::times;

/// How the day stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayState {
    /// Nobody said that it begins.
    Unopened,
    /// Open since then.
    Open(Micros),
    /// Open since an earlier day, whose end nobody said.
    LeftOpen(Micros),
    /// Closed then.
    Closed(Micros),
}

impl DayState {
    /// How the day of `now` stands, by the calendar of a zone.
    pub(crate) fn of(day: Day, now: Micros, zone: &TimeZone) -> Self {
        let Some(opened) = day.opened_at else {
            return Self::Unopened;
        };
        let is_today = times::date(opened.get(), zone) == times::date(now.get(), zone);
        match (day.closed_at, is_today) {
            (None, true) => Self::Open(opened),
            (None, false) => Self::LeftOpen(opened),
            (Some(closed), true) => Self::Closed(closed),
            (Some(_), false) => Self::Unopened,
        }
    }

    /// Whether its end can be said.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Open(_) | Self::LeftOpen(_))
    }
}

/// What the end of the day would state now, as it was counted when it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DayShown {
    /// Stops that the device holds, as far as they may be counted aloud.
    pub(crate) stops: usize,
    /// The rest.
    pub(crate) counts: DayCounts,
    /// The visit that began first and has not ended.
    pub(crate) begun: Option<Uuid>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn a_day_is_that_of_the_calendar_where_one_is() {
        let zone = times::zone("Asia/Shanghai");
        // 23 November, 07:00 there, and still the day before in UTC.
        let morning = Micros(1_795_388_400_000_000);
        let day = |opened: Option<i64>, closed: Option<i64>| Day {
            opened_at: opened.map(|hours| morning + Micros(hours * HOUR)),
            closed_at: closed.map(|hours| morning + Micros(hours * HOUR)),
        };
        let at = |hours: i64| morning + Micros(hours * HOUR);
        let state = |day, now| DayState::of(day, at(now), &zone);
        assert_eq!(state(day(None, None), 1), DayState::Unopened);
        assert_eq!(state(day(Some(0), None), 8), DayState::Open(at(0)));
        assert_eq!(state(day(Some(0), Some(9)), 10), DayState::Closed(at(9)));
        // Who forgot to close it, or worked past midnight, closes it first.
        assert_eq!(state(day(Some(0), None), 24), DayState::LeftOpen(at(0)));
        // Closed after midnight: the day after is still to be opened.
        assert_eq!(state(day(Some(0), Some(18)), 25), DayState::Unopened);
    }
}
