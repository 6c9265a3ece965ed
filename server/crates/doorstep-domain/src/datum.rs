//! Conversion between WGS-84 and the offset datums of maps in mainland China (GCJ-02, BD-09).
//!
//! The formulas are the publicly known ones. Floats appear in this file only: they go in as integer 1e-7 degrees and
//! come out as such, so no other code sees them. Knows nothing of files, cases or storage.

use crate::place::{Datum, Point};
use std::f64::consts::PI;

/// Semi-major axis of the ellipsoid that GCJ-02 uses (Krasovsky 1940), in metres.
const AXIS_M: f64 = 6_378_245.0;
/// Its first eccentricity, squared.
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
/// The angular factor of the BD-09 formula.
const BD_ANGLE: f64 = PI * 3000.0 / 180.0;
/// More steps than the inverse needs: each step makes the error about a thousand times smaller.
const STEPS_MAX: usize = 12;

/// Latitude and longitude in degrees.
#[derive(Clone, Copy)]
struct Degrees {
    lat: f64,
    lon: f64,
}

impl Degrees {
    fn of(point: Point) -> Self {
        Self {
            lat: point.lat_e7() as f64 / 1e7,
            lon: point.lon_e7() as f64 / 1e7,
        }
    }

    /// Back to integers; a point at the rim of the earth stays on it.
    fn point(self) -> Point {
        let e7 = |degrees: f64, limit: f64| (degrees.clamp(-limit, limit) * 1e7).round() as i64;
        Point::new(e7(self.lat, 90.0), e7(self.lon, 180.0)).expect("both are clamped to the earth")
    }
}

/// The WGS-84 point of coordinates that were given in `datum`, exact to 1e-7 degrees.
///
/// Outside the box in which the offset applies, GCJ-02 equals WGS-84. The box is a rectangle and also covers places
/// outside mainland China, so only coordinates that are known to be GCJ-02 or BD-09 may be passed as such.
///
/// ```
/// use doorstep_domain::{datum::to_wgs84, place::{Datum, Point}};
/// let porto = Point::new(411_500_000, -86_000_000)?;
/// assert_eq!(to_wgs84(porto, Datum::Gcj02), porto);
/// # Ok::<(), doorstep_domain::place::OutOfRange>(())
/// ```
#[must_use]
pub fn to_wgs84(given: Point, datum: Datum) -> Point {
    match datum {
        Datum::Wgs84 => given,
        Datum::Gcj02 => gcj_to_wgs(Degrees::of(given)).point(),
        Datum::Bd09 => gcj_to_wgs(bd_to_gcj(Degrees::of(given))).point(),
    }
}

/// The coordinates in `datum` of a WGS-84 point.
#[must_use]
pub fn from_wgs84(point: Point, datum: Datum) -> Point {
    match datum {
        Datum::Wgs84 => point,
        Datum::Gcj02 => wgs_to_gcj(Degrees::of(point)).point(),
        Datum::Bd09 => gcj_to_bd(wgs_to_gcj(Degrees::of(point))).point(),
    }
}

/// Whether the offset of GCJ-02 applies at all: the rectangle of the public formula.
fn inside_box(at: Degrees) -> bool {
    (72.004..=137.834_7).contains(&at.lon) && (0.829_3..=55.827_1).contains(&at.lat)
}

fn wgs_to_gcj(at: Degrees) -> Degrees {
    if !inside_box(at) {
        return at;
    }
    let (east, north) = (at.lon - 105.0, at.lat - 35.0);
    let rad = at.lat * PI / 180.0;
    let magic = 1.0 - ECCENTRICITY_SQUARED * rad.sin() * rad.sin();
    let root = magic.sqrt();
    let metres_per_lat = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * root) * PI / 180.0;
    let metres_per_lon = AXIS_M / root * rad.cos() * PI / 180.0;
    Degrees {
        lat: at.lat + north_offset_m(east, north) / metres_per_lat,
        lon: at.lon + east_offset_m(east, north) / metres_per_lon,
    }
}

/// The waves that both offsets share, in metres.
fn shared_waves_m(east: f64) -> f64 {
    (20.0 * (6.0 * east * PI).sin() + 20.0 * (2.0 * east * PI).sin()) * 2.0 / 3.0
}

fn north_offset_m(east: f64, north: f64) -> f64 {
    -100.0
        + 2.0 * east
        + 3.0 * north
        + 0.2 * north * north
        + 0.1 * east * north
        + 0.2 * east.abs().sqrt()
        + shared_waves_m(east)
        + (20.0 * (north * PI).sin() + 40.0 * (north / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (north / 12.0 * PI).sin() + 320.0 * (north * PI / 30.0).sin()) * 2.0 / 3.0
}

fn east_offset_m(east: f64, north: f64) -> f64 {
    300.0
        + east
        + 2.0 * north
        + 0.1 * east * east
        + 0.1 * east * north
        + 0.1 * east.abs().sqrt()
        + shared_waves_m(east)
        + (20.0 * (east * PI).sin() + 40.0 * (east / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (east / 12.0 * PI).sin() + 300.0 * (east / 30.0 * PI).sin()) * 2.0 / 3.0
}

/// The inverse has no closed form; a fixed-point iteration ends far below 1e-7 degrees.
fn gcj_to_wgs(given: Degrees) -> Degrees {
    if inside_box(given) {
        inverse(given, wgs_to_gcj)
    } else {
        given
    }
}

fn gcj_to_bd(at: Degrees) -> Degrees {
    let radius = at.lon.hypot(at.lat) + 0.000_02 * (at.lat * BD_ANGLE).sin();
    let angle = at.lat.atan2(at.lon) + 0.000_003 * (at.lon * BD_ANGLE).cos();
    Degrees {
        lat: radius * angle.sin() + 0.006,
        lon: radius * angle.cos() + 0.006_5,
    }
}

fn bd_to_gcj(given: Degrees) -> Degrees {
    inverse(given, gcj_to_bd)
}

fn inverse(given: Degrees, forward: fn(Degrees) -> Degrees) -> Degrees {
    let mut guess = given;
    for _ in 0..STEPS_MAX {
        let there = forward(guess);
        let (lat, lon) = (given.lat - there.lat, given.lon - there.lon);
        guess = Degrees {
            lat: guess.lat + lat,
            lon: guess.lon + lon,
        };
        if lat.abs() < 1e-10 && lon.abs() < 1e-10 {
            break;
        }
    }
    guess
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::place::parse_degrees;
    use proptest::prelude::*;

    const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/cases");

    fn metres_apart(a: Point, b: Point) -> f64 {
        let (a, b) = (Degrees::of(a), Degrees::of(b));
        let north = (a.lat - b.lat) * 111_320.0;
        let east = (a.lon - b.lon) * 111_320.0 * a.lat.to_radians().cos();
        north.hypot(east)
    }

    fn shared(name: &str) -> Vec<u8> {
        std::fs::read(format!("{CASES}/{name}")).unwrap_or_else(|e| panic!("{CASES}/{name} is needed: {e}"))
    }

    /// The csv is read byte-wise here: its numbers are ASCII in GB18030 as well.
    fn given_point(line: &[u8]) -> (String, Point) {
        let cells: Vec<&[u8]> = line.split(|b| *b == b',').collect();
        let text = |index: usize| std::str::from_utf8(cells[index]).unwrap().to_owned();
        let e7 = |index: usize| parse_degrees(&text(index)).unwrap();
        (text(0), Point::new(e7(6), e7(5)).unwrap())
    }

    #[test]
    fn the_hangzhou_sample_is_met_within_two_metres() {
        let truth: serde_json::Value = serde_json::from_slice(&shared("hangzhou-wgs84-sample.json")).unwrap();
        let file = shared("hangzhou-cases-gb18030.csv");
        let mut checked = 0;
        for line in file.split(|b| *b == b'\n').skip(1).take(20) {
            let (number, given) = given_point(line);
            let degrees = |index: usize| parse_degrees(&truth[&number][index].to_string()).unwrap();
            let expected = Point::new(degrees(0), degrees(1)).unwrap();
            let ours = to_wgs84(given, Datum::Gcj02);
            assert!(metres_apart(ours, expected) < 2.0, "{number}: {}", ours.degrees());
            assert!(metres_apart(given, expected) > 100.0, "{number}: the offset is real");
            checked += 1;
        }
        assert_eq!(checked, 20);
    }

    #[test]
    fn a_known_baidu_point_is_met() {
        // A pair that is published in many places: GCJ-02 (39.915, 116.404) in BD-09.
        let gcj = Degrees {
            lat: 39.915,
            lon: 116.404,
        };
        let bd = gcj_to_bd(gcj).point();
        assert!(
            metres_apart(bd, Point::new(399_213_365, 1_164_103_696).unwrap()) < 2.0,
            "{}",
            bd.degrees()
        );
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_place(lat in 180_000_000_i64..530_000_000, lon in 740_000_000_i64..1_340_000_000) {
            let here = Point::new(lat, lon).unwrap();
            for datum in [Datum::Gcj02, Datum::Bd09] {
                let back = to_wgs84(from_wgs84(here, datum), datum);
                prop_assert!((back.lat_e7() - lat).abs() <= 1 && (back.lon_e7() - lon).abs() <= 1);
            }
        }

        #[test]
        fn no_point_of_the_earth_fails(lat in -900_000_000_i64..=900_000_000, lon in -1_800_000_000_i64..=1_800_000_000) {
            let here = Point::new(lat, lon).unwrap();
            for datum in Datum::ALL {
                let there = from_wgs84(here, *datum);
                prop_assert!(to_wgs84(there, *datum).lat_e7().abs() <= 900_000_000);
            }
            prop_assert_eq!(to_wgs84(here, Datum::Wgs84), here);
        }
    }
}
