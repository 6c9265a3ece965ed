//! Travel times and paths between places: one trait, several sources.
//!
//! The first source is the great circle times a factor, labelled an estimate wherever it is shown. A road graph and the
//! addresses of other engines come beside it under the same trait. Knows nothing of cases or plans.

pub mod estimate;

use doorstep_domain::measure::{Metres, Seconds};
use doorstep_domain::place::Point;
use doorstep_domain::staff::Travel;

pub use estimate::Estimate;

/// The mark of a cell that cannot be travelled, in both lists of a matrix.
pub const UNREACHABLE: u32 = u32::MAX;
/// The most places of one matrix.
pub const PLACES_MAX: usize = 20_000;

/// Where numbers came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Great circle times a factor.
    Estimate,
    /// A road graph of this process.
    Extract,
    /// Another engine, asked over HTTP.
    Engine,
}

impl Source {
    /// The label that is shown beside every number of this source.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Estimate => "estimate",
            Self::Extract | Self::Engine => "roads",
        }
    }
}

/// What is asked: means of travel, and the local time of day in seconds that decides the band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mode {
    /// The means of travel.
    pub travel: Travel,
    /// Seconds since local midnight, 0 to 86,399.
    pub time_of_day: Seconds,
}

/// Seconds and metres between all pairs of `n` places, row by row: from `i` to `j` at `i * n + j`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelMatrix {
    /// Number of places.
    pub n: usize,
    /// Seconds; [`UNREACHABLE`] where there is no way.
    pub seconds: Vec<u32>,
    /// Metres; [`UNREACHABLE`] where there is no way.
    pub metres: Vec<u32>,
    /// Where they came from.
    pub source: Source,
}

/// The way from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// How long it takes.
    pub seconds: Seconds,
    /// How far it is.
    pub metres: Metres,
    /// Its course; the two ends where only those are known.
    pub points: Vec<Point>,
    /// Where it came from.
    pub source: Source,
}

/// Why travel cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoadsError {
    /// More places than a matrix may have.
    #[error("{found} places are more than the {PLACES_MAX} of one matrix; plan fewer cases at once")]
    TooManyPlaces {
        /// How many were asked.
        found: usize,
    },
    /// There is no way.
    #[error("there is no way from one place to the other")]
    NoWay,
}

/// A source of travel times. Calls may take long and block; callers keep them off the async threads.
pub trait Roads: Send + Sync {
    /// Where its numbers come from.
    fn source(&self) -> Source;
    /// Travel between all pairs of places. The diagonal is zero.
    fn matrix(&self, mode: Mode, places: &[Point]) -> Result<TravelMatrix, RoadsError>;
    /// The way from one place to another.
    fn path(&self, mode: Mode, from: Point, to: Point) -> Result<Path, RoadsError>;
}
