//! Travel between places: seconds and metres for one means of travel in one band of the day.

use super::error::{Field, ProblemError};
use super::index::PlaceIdx;
use super::limits::{ARC_METRES_MAX, ARC_SECONDS_MAX, PLACES_MAX};
use doorstep_domain::measure::{Metres, Seconds};

/// The mark of an arc that cannot be travelled, in both lists of a matrix.
pub const UNREACHABLE: u32 = u32::MAX;

/// What a matrix was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatrixLabel {
    /// Straight lines with a factor.
    Estimate,
    /// The road graph.
    Roads,
}

/// Which travel a matrix describes. The planner only carries it for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Profile {
    /// The means of travel, as the caller numbers them.
    pub travel_mode: u16,
    /// The band of the day, as the caller numbers them.
    pub band: u16,
}

/// Asymmetric travel between all pairs of `n` places, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    n: usize,
    seconds: Vec<u32>,
    metres: Vec<u32>,
    profile: Profile,
    label: MatrixLabel,
}

/// The two lists of a matrix: the way from place `i` to place `j` is at `i * n + j`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixParts {
    /// Number of places.
    pub n: usize,
    /// Seconds of each arc, at most [`ARC_SECONDS_MAX`] or [`UNREACHABLE`].
    pub seconds: Vec<u32>,
    /// Metres of each arc, at most [`ARC_METRES_MAX`] or [`UNREACHABLE`].
    pub metres: Vec<u32>,
    /// Which travel it describes.
    pub profile: Profile,
    /// What it was computed from.
    pub label: MatrixLabel,
}

impl Matrix {
    /// Checks sizes, ranges, a zero diagonal, and that both lists mark the same arcs unreachable.
    pub fn new(parts: MatrixParts) -> Result<Self, ProblemError> {
        let MatrixParts {
            n,
            seconds,
            metres,
            profile,
            label,
        } = parts;
        if n > PLACES_MAX {
            return Err(ProblemError::OutOfRange {
                field: Field::MatrixSeconds,
                index: 0,
                found: i64::try_from(n).unwrap_or(i64::MAX),
                least: 0,
                most: PLACES_MAX as i64,
            });
        }
        let expected = n * n;
        for (field, list, most) in [
            (Field::MatrixSeconds, &seconds, ARC_SECONDS_MAX),
            (Field::MatrixMetres, &metres, ARC_METRES_MAX),
        ] {
            check_list(field, list, n, expected, most)?;
        }
        let disagree = (0..expected).find(|&at| (seconds[at] == UNREACHABLE) != (metres[at] == UNREACHABLE));
        if let Some(index) = disagree {
            let field = if seconds[index] == UNREACHABLE {
                Field::MatrixSeconds
            } else {
                Field::MatrixMetres
            };
            return Err(ProblemError::HalfUnreachable { field, index });
        }
        Ok(Self {
            n,
            seconds,
            metres,
            profile,
            label,
        })
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.n
    }

    /// The drive from one place to another, or `None` where there is no way. Both must be places of this matrix.
    #[inline]
    pub fn arc(&self, from: PlaceIdx, to: PlaceIdx) -> Option<(Seconds, Metres)> {
        let at = from.get() * self.n + to.get();
        let seconds = self.seconds[at];
        (seconds != UNREACHABLE).then(|| (Seconds(i64::from(seconds)), Metres(i64::from(self.metres[at]))))
    }

    /// Which travel it describes.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// What it was computed from.
    pub fn label(&self) -> MatrixLabel {
        self.label
    }
}

fn check_list(field: Field, list: &[u32], n: usize, expected: usize, most: u32) -> Result<(), ProblemError> {
    if list.len() != expected {
        return Err(ProblemError::WrongSize {
            field,
            index: 0,
            found: list.len(),
            expected,
        });
    }
    for (index, &value) in list.iter().enumerate() {
        if value > most && value != UNREACHABLE {
            return Err(ProblemError::OutOfRange {
                field,
                index,
                found: i64::from(value),
                least: 0,
                most: i64::from(most),
            });
        }
    }
    match (0..n).find(|&place| list[place * n + place] != 0) {
        Some(index) => Err(ProblemError::DiagonalNotZero {
            field,
            index,
            found: list[index * n + index],
        }),
        None => Ok(()),
    }
}
