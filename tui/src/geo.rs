//! Distances for people: rounded metres on the ground. Decides nothing.

/// Metres of a degree along a meridian.
const METRES_A_DEGREE: f64 = 111_195.0;

/// Metres between two positions in 1e-7 degrees, WGS-84, by the equirectangular approximation: good to a metre within a
/// town.
pub(crate) fn metres(from: [i64; 2], to: [i64; 2]) -> i64 {
    let degrees = |e7: i64| e7 as f64 / 1e7;
    let north = degrees(to[0].saturating_sub(from[0]));
    let middle = degrees(to[0].saturating_add(from[0])) / 2.0;
    let east = degrees(to[1].saturating_sub(from[1])) * middle.to_radians().cos();
    (north.hypot(east) * METRES_A_DEGREE).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_on_the_ground() {
        assert_eq!(metres([300_000_000, 1_200_000_000], [300_010_000, 1_200_000_000]), 111);
        assert_eq!(metres([600_000_000, 0], [600_000_000, 10_000]), 56);
    }
}
