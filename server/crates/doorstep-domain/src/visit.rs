//! A visit: one call at one address by one crew, planned or made.

use crate::codes;

codes!(
    /// Where a visit stands; a pure function of plan and events.
    VisitState, "state of a visit" {
        /// In a published plan, not begun.
        Planned = "planned",
        /// Checked in.
        Started = "started",
        /// Checked out.
        Finished = "finished",
        /// Taken out of the plan, or skipped with a reason.
        Cancelled = "cancelled",
    }
);

/// How long after the expected check-out silence raises an alarm (guide: rules.md LW-4): 5 minutes.
pub const CHECK_OUT_GRACE: crate::measure::Micros = crate::measure::Micros::from_seconds(300);

/// How far beyond its stated accuracy a check-in may lie from the door, in metres: farther is remarked, and refused where somebody
/// has confirmed where the door is.
pub const PLACE_RADIUS_M: u32 = 250;
