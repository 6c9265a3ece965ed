//! Who works when: one crew on one day.

use super::index::{CrewIdx, Day, MatrixIdx, PlaceIdx};
use doorstep_domain::measure::{MicroCost, Seconds};

/// A set of up to 64 skills and languages, one bit each, as the caller numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Skills(pub u64);

impl Skills {
    /// No skill.
    pub const NONE: Self = Self(0);

    /// Those of this set that the other lacks.
    #[must_use]
    pub const fn missing_from(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many skills the set holds.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A break that starts inside a span. See the module [`model`](super) for when it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Break {
    /// Earliest start.
    pub earliest: Seconds,
    /// Latest start.
    pub latest: Seconds,
    /// How long it lasts, from 0 to a day.
    pub length: Seconds,
}

/// One crew on one day: at most one route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// The crew. Two shifts of one crew must not overlap.
    pub crew: CrewIdx,
    /// The day, on which `start` lies.
    pub day: Day,
    /// Earliest departure.
    pub start: Seconds,
    /// Latest return.
    pub end: Seconds,
    /// Where the route starts.
    pub start_place: PlaceIdx,
    /// Where the route ends.
    pub end_place: PlaceIdx,
    /// Longest time from departure to return, breaks included.
    pub longest_work: Seconds,
    /// Longest driving.
    pub longest_driving: Seconds,
    /// The break, where one is due.
    pub rest: Option<Break>,
    /// Skills and languages of the crew together.
    pub skills: Skills,
    /// Cost of each metre driven.
    pub cost_per_metre: MicroCost,
    /// Cost of each second from departure to return.
    pub cost_per_second: MicroCost,
    /// The matrix of its means of travel in the band of the shift's middle; the caller chooses it.
    pub matrix: MatrixIdx,
}
