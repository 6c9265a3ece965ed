//! How times are shown: always with their distance from UTC. Must not read the machine's zone.

use jiff::tz::TimeZone;

/// An instant in a zone, to the minute: `2026-11-02 09:30+08:00`. A number outside all calendars is shown as it is.
pub(crate) fn at(micros: i64, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(instant) => instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M%:z").to_string(),
        Err(_) => format!("{micros} µs"),
    }
}

/// The same where there may be none.
pub(crate) fn maybe(micros: Option<i64>, zone: &TimeZone) -> String {
    micros.map_or_else(|| "–".to_owned(), |micros| at(micros, zone))
}

/// Only the time of day, for lists of one day in one zone.
pub(crate) fn clock(micros: i64, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(instant) => instant.to_zoned(zone.clone()).strftime("%H:%M").to_string(),
        Err(_) => format!("{micros} µs"),
    }
}

/// The day of an instant in a zone.
pub(crate) fn date(micros: i64, zone: &TimeZone) -> Option<jiff::civil::Date> {
    let instant = jiff::Timestamp::from_microsecond(micros).ok()?;
    Some(instant.to_zoned(zone.clone()).date())
}

/// A span of seconds as hours and minutes.
pub(crate) fn span(seconds: i64) -> String {
    format!("{}:{:02}", seconds / 3600, seconds % 3600 / 60)
}

/// The zone with this name; UTC where the bundled time zones do not have it.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The name of a zone.
pub(crate) fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_zone() {
        let shanghai = zone("Asia/Shanghai");
        assert_eq!(at(1_767_229_200_000_000, &shanghai), "2026-01-01 09:00+08:00");
        assert_eq!(at(1_767_229_200_000_000, &TimeZone::UTC), "2026-01-01 01:00+00:00");
        assert_eq!(at(i64::MAX, &TimeZone::UTC), format!("{} µs", i64::MAX));
        assert_eq!(maybe(None, &shanghai), "–");
        assert_eq!(clock(1_767_229_200_000_000, &shanghai), "09:00");
        assert_eq!(span(3_720), "1:02");
        assert_eq!(zone_name(&shanghai), "Asia/Shanghai");
    }
}
