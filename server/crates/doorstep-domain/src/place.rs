//! Points on the earth in integer degrees, the datum they came in, and the coarse cell that may stand in clear.

use crate::codes;
use serde::{Deserialize, Serialize};

codes!(
    /// The datum of coordinates. Inside Doorstep everything is WGS-84; the origin is kept beside it.
    Datum, "datum" {
        /// The world's.
        Wgs84 = "WGS-84",
        /// The offset datum of maps in mainland China.
        Gcj02 = "GCJ-02",
        /// Baidu's.
        Bd09 = "BD-09",
    }
);

/// A point in WGS-84, in 1e-7 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    lat_e7: i64,
    lon_e7: i64,
}

/// A coordinate outside the earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("latitude must lie within ±90° and longitude within ±180°")]
pub struct OutOfRange;

/// The side of a coarse cell, in 1e-7 degrees: 0.01°, about 1.1 km north to south.
pub const CELL_SIDE_E7: i64 = 100_000;
/// How far the numbers of a cell and of the one north of it are apart; more than there are cells around the earth.
const CELL_ROW: i64 = 100_000;

impl Point {
    /// A point from latitude (±900000000) and longitude (±1800000000) in 1e-7 degrees.
    pub const fn new(lat_e7: i64, lon_e7: i64) -> Result<Self, OutOfRange> {
        if lat_e7.abs() > 900_000_000 || lon_e7.abs() > 1_800_000_000 {
            return Err(OutOfRange);
        }
        Ok(Self { lat_e7, lon_e7 })
    }
    /// Latitude in 1e-7 degrees, north positive.
    #[must_use]
    pub const fn lat_e7(self) -> i64 {
        self.lat_e7
    }
    /// Longitude in 1e-7 degrees, east positive.
    #[must_use]
    pub const fn lon_e7(self) -> i64 {
        self.lon_e7
    }
    /// The coarse cell of the point: the only place that stands in the database in clear.
    #[must_use]
    pub const fn cell(self) -> i64 {
        let row = self.lat_e7.div_euclid(CELL_SIDE_E7) + 9_000;
        let column = self.lon_e7.div_euclid(CELL_SIDE_E7) + 18_000;
        row * CELL_ROW + column
    }
    /// `lat,lon` in degrees with seven decimals.
    #[must_use]
    pub fn degrees(self) -> String {
        format!("{},{}", degrees(self.lat_e7), degrees(self.lon_e7))
    }
}

/// Whether two coarse cells are the same or share a side or corner.
#[must_use]
pub const fn cells_touch(one: i64, other: i64) -> bool {
    (one.div_euclid(CELL_ROW) - other.div_euclid(CELL_ROW)).abs() <= 1
        && (one.rem_euclid(CELL_ROW) - other.rem_euclid(CELL_ROW)).abs() <= 1
}

/// 1e-7 degrees as text in degrees with seven decimals.
#[must_use]
pub fn degrees(e7: i64) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let abs = e7.unsigned_abs();
    format!("{sign}{}.{:07}", abs / 10_000_000, abs % 10_000_000)
}

/// Degrees as decimal text to 1e-7 degrees, further digits rounded; `None` where it is no number.
#[must_use]
pub fn parse_degrees(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || whole.len() > 3 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let mut e7 = if whole.is_empty() {
        0
    } else {
        whole.parse::<i64>().ok()? * 10_000_000
    };
    let mut scale = 1_000_000;
    for digit in fraction.bytes().take(7) {
        e7 += i64::from(digit - b'0') * scale;
        scale /= 10;
    }
    if fraction.as_bytes().get(7).is_some_and(|digit| *digit >= b'5') {
        e7 += 1;
    }
    Some(if negative { -e7 } else { e7 })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_exactly() {
        let cases = [
            ("41.210854", 412_108_540),
            ("-8.558420", -85_584_200),
            ("0.00000005", 1),
            ("7", 70_000_000),
        ];
        for (text, e7) in cases {
            assert_eq!(parse_degrees(text), Some(e7), "{text}");
        }
        for bad in ["", ".", "-", "1,5", "1e3", "1234.0", "４１"] {
            assert_eq!(parse_degrees(bad), None, "{bad}");
        }
        assert_eq!(degrees(-85_584_200), "-8.5584200");
    }

    #[test]
    fn a_cell_is_coarse_and_unique() {
        let here = Point::new(412_108_540, -85_584_200).unwrap();
        let near = Point::new(412_108_999, -85_584_999).unwrap();
        let far = Point::new(412_208_540, -85_584_200).unwrap();
        assert_eq!(here.cell(), near.cell());
        assert_ne!(here.cell(), far.cell());
        assert!(cells_touch(here.cell(), near.cell()) && cells_touch(here.cell(), far.cell()));
        assert_eq!(Point::new(900_000_001, 0), Err(OutOfRange));
    }

    #[test]
    fn only_neighbours_touch() {
        let cell = |lat_e7: i64, lon_e7: i64| Point::new(lat_e7, lon_e7).unwrap().cell();
        let here = cell(412_150_000, -85_550_000);
        for (lat, lon, touches) in [
            (0, 1, true),
            (-1, 1, true),
            (1, -1, true),
            (2, 0, false),
            (0, -2, false),
        ] {
            let there = cell(412_150_000 + lat * CELL_SIDE_E7, -85_550_000 + lon * CELL_SIDE_E7);
            assert_eq!(cells_touch(here, there), touches, "{lat} {lon}");
        }
    }
}
