//! Days as the interface writes them (ISO dates) and as storage keeps them (days since 1970-01-01).

use doorstep_domain::measure::Micros;
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

/// The local day of an instant.
pub(crate) fn local(at: Micros, zone: &TimeZone) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// The first instant of a local day.
pub(crate) fn start(day: Date, zone: &TimeZone) -> Micros {
    let first = zone.to_ambiguous_zoned(day.at(0, 0, 0, 0)).compatible();
    first.map_or(Micros(0), |zoned| Micros(zoned.timestamp().as_microsecond()))
}

/// An instant of storage as an instant of the calendar.
pub(crate) fn timestamp(at: Micros) -> Timestamp {
    Timestamp::from_microsecond(at.get()).unwrap_or(Timestamp::UNIX_EPOCH)
}
