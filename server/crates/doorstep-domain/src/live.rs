//! A crew's day as its supervisor sees it. Knows no storage and no clock.

use crate::codes;
use crate::measure::Micros;

codes!(
    /// What a crew is doing, as far as its devices have told.
    CrewState, "state of a crew" {
        /// No shift, or nothing to do.
        OffShift = "off-shift",
        /// Has visits and has not been heard of.
        NotStarted = "not-started",
        /// Between visits.
        Travelling = "travelling",
        /// At a door.
        OnSite = "on-site",
        /// At a door longer than expected and the grace.
        Overdue = "overdue",
        /// On shift and not heard of for half an hour.
        Silent = "silent",
        /// Somebody called for help.
        Sos = "sos",
        /// All visits are made, or the day was closed.
        Done = "done",
    }
);

/// After so long without a word, a crew on shift counts as silent: 30 minutes.
pub const SILENT_AFTER: Micros = Micros::from_seconds(1_800);
