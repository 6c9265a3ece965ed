//! What the planner returns: routes with times, and a reason for every visit left out.

use super::index::{ShiftIdx, VisitIdx};
use super::shift::Skills;
use doorstep_domain::measure::{Metres, MicroCost, Seconds};

/// One visit in a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Call {
    /// The visit.
    pub visit: VisitIdx,
    /// When the crew is at the door, access included.
    pub arrive: Seconds,
    /// When the visit starts.
    pub start: Seconds,
    /// When the visit ends.
    pub end: Seconds,
    /// The index of the window that it is served in.
    pub window: u16,
}

/// The break of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BreakTaken {
    /// How many calls are done before it; the crew rests where it then is.
    pub after_calls: u32,
    /// When it starts.
    pub start: Seconds,
    /// When it ends.
    pub end: Seconds,
}

/// The calls of one shift in order, with times and sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The shift.
    pub shift: ShiftIdx,
    /// The calls; never empty.
    pub stops: Vec<Call>,
    /// The break, where taken.
    pub rest: Option<BreakTaken>,
    /// When the crew leaves the start place.
    pub depart: Seconds,
    /// When the crew is back at the end place.
    pub back: Seconds,
    /// Driving by the matrix, access not included.
    pub driving: Seconds,
    /// Metres by the matrix.
    pub metres: Metres,
    /// From departure to return.
    pub work: Seconds,
    /// Waiting before visits and before the break.
    pub waiting: Seconds,
    /// Metres and work at the shift's costs.
    pub cost: MicroCost,
}

/// Why a visit is not planned. The first case that holds, in this order, is the reason. Shifts are those of the problem;
/// for a pinned visit only its pinned shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It needs a second crew at the same time; this version plans no such visits.
    NeedsSecondCrew,
    /// It has no window at all.
    NoWindow,
    /// No shift shares any time with any of its windows.
    NoShiftOnDay,
    /// No shift that shares time with a window has the skills; of those the nearest lacks these.
    MissingSkill {
        /// The skills that the shift with the fewest missing lacks.
        mask: Skills,
    },
    /// In no shift with the skills does the service fit into what window and shift share.
    WindowsTooNarrow,
    /// In each shift left, there is no direct way from its start place to the door or from the door to its end place.
    Unreachable,
    /// Even alone in the shift, the way there and back with the break that is then due breaks window or shift, the longest
    /// work or the longest driving.
    TooFarForShift,
    /// Another visit of its group is planned.
    GroupServed {
        /// That visit.
        by: VisitIdx,
    },
    /// In every shift left, a planned visit is too few days away.
    SpacingConflict {
        /// Such a planned visit.
        with: VisitIdx,
    },
    /// It is pinned and its pinned place cannot be kept beside the rest of the plan.
    PinImpossible,
    /// It fits, but at the best place in the routes as planned it costs at least as much as it is worth there.
    NotWorthIt {
        /// Its value in that window.
        value: MicroCost,
        /// What serving it would add to travel, time and price of changes.
        cost: MicroCost,
    },
    /// No way leads to it and on from it at any place of the routes as planned.
    NoWayInRoutes,
    /// It fits nowhere into the routes as planned.
    NoRoomLeft {
        /// The shift that lacks least.
        shift: ShiftIdx,
        /// What it lacks at the best place of that route: the least sum of lateness at visits, break and return when it
        /// leaves at the start of the shift; without lateness, what it works or drives too long.
        short_by: Seconds,
    },
    /// The caller wanted the plan before the reason was found; any of the others may hold.
    Stopped,
}

/// A visit that is not planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeftOut {
    /// The visit.
    pub visit: VisitIdx,
    /// Why.
    pub reason: Reason,
}

/// What a plan is worth, by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Objective {
    /// Sum of the values of the windows used.
    pub value: MicroCost,
    /// Metres at their cost.
    pub travel: MicroCost,
    /// Work at its cost.
    pub time: MicroCost,
    /// Prices of changes against the published plan.
    pub change: MicroCost,
}

impl Objective {
    /// Value less travel, time and change.
    #[must_use]
    pub fn total(&self) -> MicroCost {
        self.value - self.travel - self.time - self.change
    }
}

/// A plan: at most one route for each shift, in the order of shifts, and all other visits with reasons, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The routes; shifts without calls have none.
    pub routes: Vec<Route>,
    /// The visits that are not planned.
    pub left_out: Vec<LeftOut>,
    /// What the plan is worth.
    pub objective: Objective,
    /// The seed it was made with.
    pub seed: u64,
    /// How many iterations were run. The same problem, seed and this number give the same plan.
    pub iterations: u64,
}
