//! Travel without a road graph: the great circle times a factor, at a usual speed in town. Always labelled an estimate.

use doorstep_domain::measure::{Metres, Seconds};
use doorstep_domain::place::Point;
use doorstep_domain::staff::Travel;
use geo::{Distance, Haversine};

use crate::{Mode, PLACES_MAX, Path, Roads, RoadsError, Source, TravelMatrix};

/// Roads are longer than the straight line: in towns by about 1.3 on average; in per cent.
const DETOUR_PERCENT: f64 = 130.0;

/// Great circle times a factor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimate;

/// Metres a second over the whole way in a town, with stops: house figures, to be replaced by a road graph.
fn speed(travel: Travel) -> f64 {
    match travel {
        Travel::Car => 7.5,
        Travel::Moped => 6.0,
        Travel::Bicycle => 4.0,
        Travel::Foot => 1.3,
    }
}

fn metres(from: Point, to: Point) -> f64 {
    let place = |p: Point| geo::Point::new(p.lon_e7() as f64 / 1e7, p.lat_e7() as f64 / 1e7);
    Haversine.distance(place(from), place(to)) * DETOUR_PERCENT / 100.0
}

fn whole(value: f64) -> u32 {
    value.ceil().clamp(0.0, 4e9) as u32
}

impl Roads for Estimate {
    fn source(&self) -> Source {
        Source::Estimate
    }

    fn matrix(&self, mode: Mode, places: &[Point]) -> Result<TravelMatrix, RoadsError> {
        let n = places.len();
        if n > PLACES_MAX {
            return Err(RoadsError::TooManyPlaces { found: n });
        }
        let mut matrix = TravelMatrix {
            n,
            seconds: vec![0; n * n],
            metres: vec![0; n * n],
            source: Source::Estimate,
        };
        let speed = speed(mode.travel);
        // The estimate is the same both ways, so each pair is computed once.
        for i in 0..n {
            for j in i + 1..n {
                let way = metres(places[i], places[j]);
                for at in [i * n + j, j * n + i] {
                    matrix.metres[at] = whole(way);
                    matrix.seconds[at] = whole(way / speed);
                }
            }
        }
        Ok(matrix)
    }

    fn path(&self, mode: Mode, from: Point, to: Point) -> Result<Path, RoadsError> {
        let way = metres(from, to);
        Ok(Path {
            seconds: Seconds(i64::from(whole(way / speed(mode.travel)))),
            metres: Metres(i64::from(whole(way))),
            points: vec![from, to],
            source: Source::Estimate,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mode(travel: Travel) -> Mode {
        Mode {
            travel,
            time_of_day: Seconds(36_000),
        }
    }

    #[test]
    fn a_known_way_is_about_right() {
        // Porto, São Bento to Casa da Música: 2.7 km as the crow flies.
        let from = Point::new(411_456_000, -86_105_000).unwrap();
        let to = Point::new(411_589_000, -86_307_000).unwrap();
        let path = Estimate.path(mode(Travel::Car), from, to).unwrap();
        assert!((2_800..3_300).contains(&path.metres.get()), "{path:?}");
        assert_eq!(path.source.label(), "estimate");
    }

    proptest! {
        #[test]
        fn matrix_and_paths_agree(ends in prop::collection::vec((-600_000_000_i64..600_000_000, -1_700_000_000_i64..1_700_000_000), 1..8)) {
            let places: Vec<Point> = ends.iter().map(|&(lat, lon)| Point::new(lat, lon).unwrap()).collect();
            let matrix = Estimate.matrix(mode(Travel::Foot), &places).unwrap();
            for i in 0..places.len() {
                for j in 0..places.len() {
                    let path = Estimate.path(mode(Travel::Foot), places[i], places[j]).unwrap();
                    let at = i * places.len() + j;
                    prop_assert_eq!(i64::from(matrix.seconds[at]), path.seconds.get());
                    prop_assert_eq!(i64::from(matrix.metres[at]), path.metres.get());
                }
            }
        }
    }
}
