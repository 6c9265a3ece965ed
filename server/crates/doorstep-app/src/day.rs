//! Days as the interface writes them (ISO dates) and as storage keeps them (days since 1970-01-01).

use doorstep_domain::measure::{Micros, Seconds};
use doorstep_wire::problem::ProblemCode;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::error::AppError;

const EPOCH: Date = date(1970, 1, 1);

/// Days since 1970-01-01.
pub(crate) fn number(day: Date) -> i64 {
    i64::from(EPOCH.until((jiff::Unit::Day, day)).map_or(0, |span| span.get_days()))
}

/// The day with a number; numbers outside the calendar give its ends.
pub(crate) fn of_number(number: i64) -> Date {
    EPOCH.saturating_add(number.clamp(-3_000_000, 2_900_000).days())
}

/// The day with a number as an ISO date.
pub(crate) fn text(number: i64) -> String {
    of_number(number).to_string()
}

/// Reads an ISO date from a request.
pub(crate) fn parse(field: &str, text: &str) -> Result<Date, AppError> {
    text.parse().map_err(|_| {
        AppError::at(
            ProblemCode::BadRequest,
            field,
            format!("`{field}` must be an ISO date such as 2026-11-23."),
        )
    })
}

/// A time zone by its IANA name; UTC where this program does not know it.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The local day of an instant.
pub(crate) fn local(at: Micros, zone: &TimeZone) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// The first instant of a local day.
pub(crate) fn start(day: Date, zone: &TimeZone) -> Micros {
    at(day, Seconds::ZERO, zone)
}

/// The end of a local day: the first instant of the next.
pub(crate) fn end(day: Date, zone: &TimeZone) -> Micros {
    start(of_number(number(day) + 1), zone)
}

/// A local time as a person reads it: `2026-11-23 09:30`.
pub(crate) fn clock_text(at: Micros, zone: &TimeZone) -> String {
    timestamp(at)
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// The instant at which clocks on the wall show a time of a local day, in seconds since midnight; from 86,400 on it lies on
/// the next day. Where clocks are put forward past it, the first instant after; where they show it twice, the first time.
pub(crate) fn at(day: Date, time: Seconds, zone: &TimeZone) -> Micros {
    let (days, rest) = (time.get().div_euclid(86_400), time.get().rem_euclid(86_400));
    let wall = of_number(number(day) + days)
        .at(0, 0, 0, 0)
        .saturating_add(rest.seconds());
    let found = zone.to_ambiguous_zoned(wall).compatible();
    found.map_or(Micros(0), |zoned| Micros(zoned.timestamp().as_microsecond()))
}

/// An instant of storage as an instant of the calendar.
pub(crate) fn timestamp(at: Micros) -> Timestamp {
    Timestamp::from_microsecond(at.get()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_what_clocks_on_the_wall_show() {
        let zone = zone("Europe/Lisbon");
        let hours =
            |day: Date, time: i64| (at(day, Seconds(time * 3_600), &zone) - start(day, &zone)).seconds() / 3_600;
        // Clocks go forward on the last Sunday of March, back on the last of October.
        assert_eq!(hours(date(2026, 3, 28), 9), 9);
        assert_eq!(hours(date(2026, 3, 29), 9), 8);
        assert_eq!(hours(date(2026, 10, 25), 9), 10);
        assert_eq!(hours(date(2026, 3, 28), 26), 25);
    }
}
