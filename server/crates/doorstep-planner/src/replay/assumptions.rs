//! What is taken for granted of real days: distributions as data, each by its quantiles.

use doorstep_domain::measure::Seconds;

/// All of something, in parts per million.
pub const PPM: u32 = 1_000_000;
/// The largest value of a distribution: a day of seconds, or eighty times as long as planned.
const VALUE_MAX: i64 = 86_400;

/// Why a list of quantiles is no distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpreadError {
    /// It does not reach from nobody to everybody.
    #[error("the first quantile must be at 0 and the last at 1,000,000 parts per million")]
    Ends,
    /// A quantile lies below the one before it.
    #[error("quantile {at} lies before the one before it; put them in order, shares and values both")]
    Order {
        /// Its position.
        at: usize,
    },
    /// A value is below zero or above a day.
    #[error("the value of quantile {at} is {found}; give one from 0 to 86,400")]
    Range {
        /// Its position.
        at: usize,
        /// The value.
        found: i64,
    },
}

/// A distribution of whole numbers by its quantiles: pairs of a share in parts per million and the value that this share does
/// not exceed, straight lines between. Luck is a place between nobody and everybody, so more of it is never less of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread(Vec<(u32, i64)>);

impl Spread {
    /// Checks the quantiles.
    pub fn new(points: Vec<(u32, i64)>) -> Result<Self, SpreadError> {
        let ends = (points.first().map(|one| one.0), points.last().map(|one| one.0));
        if ends != (Some(0), Some(PPM)) || points.len() < 2 {
            return Err(SpreadError::Ends);
        }
        for (at, &(_, found)) in points.iter().enumerate() {
            if !(0..=VALUE_MAX).contains(&found) {
                return Err(SpreadError::Range { at, found });
            }
        }
        let falls = |pair: &[(u32, i64)]| pair[1].0 <= pair[0].0 || pair[1].1 < pair[0].1;
        match points.windows(2).position(falls) {
            Some(before) => Err(SpreadError::Order { at: before + 1 }),
            None => Ok(Self(points)),
        }
    }

    /// Always the same value, the nearest one that a distribution may have.
    #[must_use]
    pub fn always(value: i64) -> Self {
        let value = value.clamp(0, VALUE_MAX);
        Self(vec![(0, value), (PPM, value)])
    }

    /// House figures, which a test holds against [`Spread::new`].
    fn house(points: &[(u32, i64)]) -> Self {
        Self(points.to_vec())
    }

    /// Every value so many hundredths of itself, rounded up.
    #[must_use]
    pub fn scaled(&self, percent: u32) -> Self {
        let scale = |value: i64| ((value * i64::from(percent) + 99) / 100).min(VALUE_MAX);
        Self(self.0.iter().map(|&(share, value)| (share, scale(value))).collect())
    }

    /// The quantiles.
    #[must_use]
    pub fn points(&self) -> &[(u32, i64)] {
        &self.0
    }

    /// The value at a place between nobody (0) and everybody (2^32, which no luck reaches).
    #[must_use]
    pub fn at(&self, luck: u32) -> i64 {
        let place = i128::from(luck) * i128::from(PPM);
        let share = |point: &(u32, i64)| i128::from(point.0) << 32;
        let after = self.0.partition_point(|point| share(point) <= place);
        let (Some(low), Some(high)) = (self.0.get(after - 1), self.0.get(after)) else {
            return self.0.last().map_or(0, |point| point.1);
        };
        let (way, all) = (place - share(low), share(high) - share(low));
        low.1 + (i128::from(high.1 - low.1) * way / all) as i64
    }
}

/// What is assumed of the days of a plan. [`Assumptions::default`] has the house's figures: rules of thumb, stated so that
/// whoever knows better puts their own beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumptions {
    /// How long a visit takes once somebody was met, in thousandths of its planned time.
    pub service: Spread,
    /// How long a crew is at a door that nobody opens, in seconds.
    pub nobody: Spread,
    /// How long one way takes beside the others of that day, in thousandths of the planned time.
    pub way: Spread,
    /// How slow the roads are on a day for all crews alike, in thousandths: a bad day is bad for everybody.
    pub roads: Spread,
    /// How many seconds after its planned departure a crew leaves.
    pub late_start: Spread,
    /// How much earlier than planned a visit may begin, as people are told hours and not minutes; one that begins later than
    /// planned by more than this is late for what they were told.
    pub told: Seconds,
}

impl Default for Assumptions {
    /// - Visits: lognormal about the planned time with σ = 0.35, so one in ten takes half as long again, one in a hundred
    ///   more than double.
    /// - A closed door: three minutes, rarely eight.
    /// - One way: as planned in the middle, a third more in one of ten.
    /// - A day: as planned or slightly less on half of the days, two fifths more on one of twenty.
    /// - The start: on time on half of the days, a quarter of an hour late on one of twenty.
    /// - People are told an hour around the planned time.
    fn default() -> Self {
        Self {
            service: Spread::house(&[
                (0, 400),
                (50_000, 560),
                (250_000, 790),
                (500_000, 1_000),
                (750_000, 1_270),
                (900_000, 1_570),
                (950_000, 1_780),
                (990_000, 2_260),
                (PPM, 3_000),
            ]),
            nobody: Spread::house(&[(0, 60), (500_000, 180), (900_000, 300), (PPM, 480)]),
            way: Spread::house(&[(0, 800), (500_000, 1_000), (900_000, 1_330), (PPM, 2_000)]),
            roads: Spread::house(&[
                (0, 900),
                (500_000, 1_000),
                (800_000, 1_150),
                (950_000, 1_400),
                (PPM, 1_800),
            ]),
            late_start: Spread::house(&[(0, 0), (500_000, 0), (800_000, 300), (950_000, 900), (PPM, 1_800)]),
            told: Seconds(3_600),
        }
    }
}

impl Assumptions {
    /// Days that go exactly as planned.
    #[must_use]
    pub fn exact() -> Self {
        Self {
            service: Spread::always(1_000),
            nobody: Spread::always(0),
            way: Spread::always(1_000),
            roads: Spread::always(1_000),
            late_start: Spread::always(0),
            told: Seconds(3_600),
        }
    }

    /// The same with roads at so many hundredths of their time and visits at so many of theirs.
    #[must_use]
    pub fn slowed(mut self, roads_percent: u32, visits_percent: u32) -> Self {
        self.roads = self.roads.scaled(roads_percent);
        self.service = self.service.scaled(visits_percent);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_houses_figures_are_distributions() {
        let house = Assumptions::default();
        for spread in [house.service, house.nobody, house.way, house.roads, house.late_start] {
            assert_eq!(Spread::new(spread.points().to_vec()), Ok(spread));
        }
    }

    #[test]
    fn quantiles_are_met_and_lines_lie_between() {
        let spread = Spread::new(vec![(0, 10), (500_000, 20), (PPM, 120)]).expect("a distribution");
        for (luck, value) in [(0, 10), (1 << 30, 15), (1 << 31, 20), (3 << 30, 70), (u32::MAX, 119)] {
            assert_eq!(spread.at(luck), value, "{luck}");
        }
        assert_eq!(spread.scaled(150).points(), [(0, 15), (500_000, 30), (PPM, 180)]);
        assert_eq!(Spread::always(7).at(u32::MAX), 7);
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        for (points, error) in [
            (vec![], SpreadError::Ends),
            (vec![(0, 1)], SpreadError::Ends),
            (vec![(0, 1), (999_999, 2)], SpreadError::Ends),
            (vec![(0, 2), (PPM, 1)], SpreadError::Order { at: 1 }),
            (vec![(0, 1), (0, 2), (PPM, 3)], SpreadError::Order { at: 1 }),
            (vec![(0, -1), (PPM, 3)], SpreadError::Range { at: 0, found: -1 }),
            (vec![(0, 0), (PPM, 86_401)], SpreadError::Range { at: 1, found: 86_401 }),
        ] {
            assert_eq!(Spread::new(points), Err(error));
        }
    }
}
