//! Why a problem cannot be built: the field, the place in its list, and what to do about it.

use std::fmt;

/// A field of a problem that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The seconds of a matrix.
    MatrixSeconds,
    /// The metres of a matrix.
    MatrixMetres,
    /// The list of matrices.
    Matrices,
    /// The access of a site.
    SiteAccess,
    /// The site of a building.
    BuildingSite,
    /// The access of a building.
    BuildingAccess,
    /// The place of a door.
    DoorPlace,
    /// The building of a door.
    DoorBuilding,
    /// The access of a door.
    DoorAccess,
    /// The list of shifts.
    Shifts,
    /// The start and end of a shift.
    ShiftWindow,
    /// The day of a shift.
    ShiftDay,
    /// The place where a shift starts.
    ShiftStartPlace,
    /// The place where a shift ends.
    ShiftEndPlace,
    /// The longest work of a shift.
    ShiftLongestWork,
    /// The longest driving of a shift.
    ShiftLongestDriving,
    /// The break of a shift.
    ShiftBreak,
    /// The cost per metre of a shift.
    ShiftCostPerMetre,
    /// The cost per second of a shift.
    ShiftCostPerSecond,
    /// The matrix of a shift.
    ShiftMatrix,
    /// The list of visits.
    Visits,
    /// The door of a visit.
    VisitDoor,
    /// The service seconds of a visit.
    VisitService,
    /// The windows of a visit.
    VisitWindows,
    /// The value of a window of a visit.
    VisitValue,
    /// The group of a visit.
    VisitGroup,
    /// The pin of a visit.
    VisitPin,
    /// The published shift and window of a visit.
    VisitPublished,
    /// The price of a change of a visit.
    VisitChangePrice,
    /// The visits of a spacing.
    SpacingVisits,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MatrixSeconds => "matrix.seconds",
            Self::MatrixMetres => "matrix.metres",
            Self::Matrices => "matrices",
            Self::SiteAccess => "sites.access",
            Self::BuildingSite => "buildings.site",
            Self::BuildingAccess => "buildings.access",
            Self::DoorPlace => "doors.place",
            Self::DoorBuilding => "doors.building",
            Self::DoorAccess => "doors.access",
            Self::Shifts => "shifts",
            Self::ShiftWindow => "shifts.start/end",
            Self::ShiftDay => "shifts.day",
            Self::ShiftStartPlace => "shifts.start_place",
            Self::ShiftEndPlace => "shifts.end_place",
            Self::ShiftLongestWork => "shifts.longest_work",
            Self::ShiftLongestDriving => "shifts.longest_driving",
            Self::ShiftBreak => "shifts.rest",
            Self::ShiftCostPerMetre => "shifts.cost_per_metre",
            Self::ShiftCostPerSecond => "shifts.cost_per_second",
            Self::ShiftMatrix => "shifts.matrix",
            Self::Visits => "visits",
            Self::VisitDoor => "visits.door",
            Self::VisitService => "visits.service",
            Self::VisitWindows => "visits.windows",
            Self::VisitValue => "visits.windows.value",
            Self::VisitGroup => "visits.group",
            Self::VisitPin => "visits.pin",
            Self::VisitPublished => "visits.published",
            Self::VisitChangePrice => "visits.change_price",
            Self::SpacingVisits => "spacings.visits",
        })
    }
}

/// A problem that cannot be built. Every case names the field and its position in the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// A list has a length that does not fit the rest.
    #[error(
        "{field} at {index} has {found} entries where {expected} are needed; give one entry for every pair of places"
    )]
    WrongSize {
        /// The list.
        field: Field,
        /// The position of its owner.
        index: usize,
        /// How many entries it has.
        found: usize,
        /// How many it needs.
        expected: usize,
    },
    /// A number is outside its range.
    #[error("{field} at {index} is {found}; give a value from {least} to {most}")]
    OutOfRange {
        /// The field.
        field: Field,
        /// The position of its owner.
        index: usize,
        /// The value.
        found: i64,
        /// The least legal value.
        least: i64,
        /// The greatest legal value.
        most: i64,
    },
    /// An index points past the end of its list.
    #[error("{field} at {index} points to entry {target} of a list of {length}; add the entry or correct the index")]
    NoSuchEntry {
        /// The field.
        field: Field,
        /// The position of its owner.
        index: usize,
        /// Where it points.
        target: usize,
        /// How long that list is.
        length: usize,
    },
    /// A span ends before it starts.
    #[error("{field} at {index} starts at {start} s and ends at {end} s; swap or drop the span")]
    EndsBeforeStart {
        /// The field.
        field: Field,
        /// The position of its owner.
        index: usize,
        /// The start, in seconds.
        start: i64,
        /// The end, in seconds.
        end: i64,
    },
    /// The way from a place to itself is not zero.
    #[error("{field} from place {index} to itself is {found}; set the diagonal to 0")]
    DiagonalNotZero {
        /// The matrix's list.
        field: Field,
        /// The place.
        index: usize,
        /// The value found.
        found: u32,
    },
    /// An arc is unreachable in one list of a matrix and not in the other.
    #[error("{field} at {index} disagrees with the other list about being unreachable; mark both or neither")]
    HalfUnreachable {
        /// The list that has the mark.
        field: Field,
        /// The position of the arc.
        index: usize,
    },
    /// Two shifts of one crew overlap.
    #[error("{field} at {index} overlaps shift {other} of the same crew; shorten one of them")]
    ShiftsOverlap {
        /// The list of shifts.
        field: Field,
        /// The later shift.
        index: usize,
        /// The shift it overlaps.
        other: usize,
    },
    /// A pinned start lies in none of the visit's windows.
    #[error(
        "{field} at {index} starts at {start} s, which no window holds with its service; add the window or drop the pin"
    )]
    PinOutsideWindows {
        /// The pin.
        field: Field,
        /// The visit.
        index: usize,
        /// The pinned start, in seconds.
        start: i64,
    },
    /// The pinned positions of a shift are not 0, 1, 2 and so on.
    #[error(
        "{field} at {index} leaves a hole or a pair in the pinned positions of shift {shift}; number them 0, 1, 2, ..."
    )]
    PinPositions {
        /// The pin.
        field: Field,
        /// The visit.
        index: usize,
        /// The shift.
        shift: usize,
    },
    /// A list names the same entry twice.
    #[error("{field} at {index} names visit {target} twice; name it once")]
    NamedTwice {
        /// The list.
        field: Field,
        /// Its position.
        index: usize,
        /// The visit.
        target: usize,
    },
}
