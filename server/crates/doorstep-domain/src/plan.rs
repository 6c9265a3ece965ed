//! The life of a plan.

use crate::codes;

codes!(
    /// Where a plan stands.
    PlanState, "state of a plan" {
        /// Made and checked, not binding.
        Proposed = "proposed",
        /// Binding: crews carry it out.
        Published = "published",
        /// Replaced by a later one.
        Superseded = "superseded",
    }
);
