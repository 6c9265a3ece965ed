//! What a planning problem and a plan are made of. This is the only part of the crate that the checker of plans may
//! import, so it holds shapes and their invariants and no step of the search.
//!
//! Conventions that hold everywhere:
//! - Times are [`Seconds`](doorstep_domain::measure::Seconds) since the plan's first midnight, on the wall clock of the
//!   team, as if every day had 86,400 seconds.
//! - A visit is served when it starts and ends inside one of its windows.
//! - Between two visits the crew drives (the matrix) and then enters what it was not yet in: site, building, door.
//!   Each level's access seconds are paid once while consecutive visits share it. The crew arrives once it is in.
//! - A call starts at the later of its arrival and its window's start (its pinned start, where it has one).
//! - A route leaves as late as it can without coming back later than if it had left at the start of the shift.
//! - A break is needed when a route, timed without it, would leave at or before the break's earliest start and come back
//!   at or after its latest start. It is taken where the crew is after a visit (or before the first), once.

mod error;
mod index;
mod limits;
mod matrix;
mod plan;
mod problem;
mod shift;
mod stop;
mod visit;

pub use error::{Field, ProblemError};
pub use index::{BuildingIdx, CrewIdx, Day, DoorIdx, GroupIdx, MatrixIdx, PlaceIdx, ShiftIdx, SiteIdx, VisitIdx};
pub use limits::{
    ACCESS_SECONDS_MAX, ARC_METRES_MAX, ARC_SECONDS_MAX, COST_PER_METRE_MAX, COST_PER_SECOND_MAX, DAY_SECONDS,
    MONEY_MAX, PLACES_MAX, SERVICE_SECONDS_MAX, SHIFT_SECONDS_MAX, SHIFTS_MAX, TIME_MAX, VISITS_MAX, WINDOWS_MAX,
};
pub use matrix::{Matrix, MatrixLabel, MatrixParts, Profile, UNREACHABLE};
pub use plan::{BreakTaken, Call, LeftOut, Objective, Plan, Reason, Route};
pub use problem::{Problem, ProblemParts};
pub use shift::{Break, Shift, Skills};
pub use stop::{Building, Door, Site};
pub use visit::{CrewsNeeded, Pin, Published, Spacing, Visit, Window};
