//! The map in words, for plain mode and for those who do not see it: how far, and in which direction. Knows no screen.

use super::camera::{METRES_PER_E7, turn};
use crate::text::pick;
use doorstep_domain::place::Point;
use doorstep_domain::words::Lang;

/// One of eight directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compass {
    /// North.
    North,
    /// North-east.
    NorthEast,
    /// East.
    East,
    /// South-east.
    SouthEast,
    /// South.
    South,
    /// South-west.
    SouthWest,
    /// West.
    West,
    /// North-west.
    NorthWest,
}

impl Compass {
    const ALL: [Self; 8] = [
        Self::North,
        Self::NorthEast,
        Self::East,
        Self::SouthEast,
        Self::South,
        Self::SouthWest,
        Self::West,
        Self::NorthWest,
    ];

    /// The direction from a place to another. `None` where they are less than a metre apart.
    pub fn between(from: Point, to: Point) -> Option<Self> {
        let [east, north] = offset_m(from, to);
        if east.hypot(north) < 1.0 {
            return None;
        }
        let eighth = (east.atan2(north) / std::f64::consts::FRAC_PI_4).round() as i64;
        Some(Self::ALL[eighth.rem_euclid(8) as usize])
    }

    /// Its name.
    pub fn word(self, lang: Lang) -> &'static str {
        let names = [
            ("north", "北"),
            ("north-east", "东北"),
            ("east", "东"),
            ("south-east", "东南"),
            ("south", "南"),
            ("south-west", "西南"),
            ("west", "西"),
            ("north-west", "西北"),
        ];
        let (english, chinese) = names[self as usize];
        pick(lang, english, chinese)
    }
}

/// Metres east and north from a place to another, the shorter way round. Exact enough for a day's walk.
fn offset_m(from: Point, to: Point) -> [f64; 2] {
    let middle = f64::midpoint(from.lat_e7() as f64, to.lat_e7() as f64) / 1e7;
    let east = turn(to.lon_e7() - from.lon_e7()) as f64 * METRES_PER_E7 * middle.to_radians().cos();
    [east, (to.lat_e7() - from.lat_e7()) as f64 * METRES_PER_E7]
}

/// How far two places are apart as the crow flies, in metres.
pub fn distance_m(from: Point, to: Point) -> u32 {
    let [east, north] = offset_m(from, to);
    east.hypot(north).round() as u32
}

/// A distance as people say it: `420 m`, `1.4 km`, `12 km`.
pub fn distance(lang: Lang, metres: u32) -> String {
    let tens = ((metres.min(9_999_999) + 5) / 10 * 10).max(10);
    let hundreds = (metres.min(9_999_999) + 50) / 100;
    match metres {
        0..995 => format!("{tens} {}", pick(lang, "m", "米")),
        995..9_950 => format!("{}.{} {}", hundreds / 10, hundreds % 10, pick(lang, "km", "公里")),
        _ => format!("{} {}", metres.saturating_add(500) / 1000, pick(lang, "km", "公里")),
    }
}

/// The next stop in words: `Next: 07, 420 m north-east`. Without a position only its number.
pub fn next_stop(lang: Lang, number: u32, from: Option<Point>, to: Point) -> String {
    let head = format!("{}{number:02}", pick(lang, "Next: ", "下一站："));
    let Some(from) = from else { return head };
    let far = distance(lang, distance_m(from, to));
    match (lang, Compass::between(from, to)) {
        (Lang::En, Some(way)) => format!("{head}, {far} {}", way.word(lang)),
        (Lang::Zh, Some(way)) => format!("{head}，{}方向 {far}", way.word(lang)),
        (_, None) => format!("{head}{}", pick(lang, ", here", "，就在这里")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_next_stop_is_said_in_both_languages() {
        let here = Point::new(300_500_000, 1_199_500_000).unwrap();
        let there = Point::new(300_526_700, 1_199_530_900).unwrap();
        assert_eq!(next_stop(Lang::En, 7, Some(here), there), "Next: 07, 420 m north-east");
        assert_eq!(next_stop(Lang::Zh, 7, Some(here), there), "下一站：07，东北方向 420 米");
        assert_eq!(next_stop(Lang::En, 12, None, there), "Next: 12");
        assert_eq!(next_stop(Lang::En, 7, Some(here), here), "Next: 07, here");
    }

    #[test]
    fn all_directions_are_found_and_the_earth_is_round() {
        let at = |lat, lon| Point::new(lat, lon).unwrap();
        let zero = at(0, 0);
        let found: Vec<&str> = [(9, 0), (9, 9), (0, 9), (-9, 9), (-9, 0), (-9, -9), (0, -9), (9, -9)]
            .iter()
            .map(|(lat, lon)| {
                Compass::between(zero, at(lat * 1000, lon * 1000))
                    .unwrap()
                    .word(Lang::Zh)
            })
            .collect();
        assert_eq!(found, ["北", "东北", "东", "东南", "南", "西南", "西", "西北"]);
        let (east, west) = (at(0, 1_799_999_000), at(0, -1_799_999_000));
        assert_eq!(
            (distance_m(east, west), Compass::between(east, west)),
            (22, Some(Compass::East))
        );
        assert_eq!(Compass::between(zero, zero), None);
        let said = [4, 996, 9_949, 9_960].map(|metres| distance(Lang::En, metres));
        assert_eq!(said, ["10 m", "1.0 km", "9.9 km", "10 km"]);
    }
}
