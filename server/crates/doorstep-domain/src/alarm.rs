//! An alarm: somebody may need help, or was where they should not be. Knows no storage and no clock.

use crate::codes;

codes!(
    /// Why an alarm was raised.
    AlarmKind, "kind of alarm" {
        /// A crew is silent after its expected check-out and the grace.
        CheckOutOverdue = "check-out-overdue",
        /// Somebody called for help.
        Sos = "sos",
        /// A crew was at a door to which it was not sent.
        OtherCrew = "other-crew",
    }
);

codes!(
    /// Where an alarm stands. It never goes back from ended; an extended one opens again when its time is over.
    AlarmState, "state of an alarm" {
        /// Nobody has taken it up.
        Open = "open",
        /// Somebody is looking after it.
        Acknowledged = "acknowledged",
        /// Over.
        Ended = "ended",
    }
);

codes!(
    /// Why an alarm ended.
    AlarmEnd, "end of an alarm" {
        /// The crew left after the grace.
        Departed = "departed",
        /// The crew had left in time; only the report of it came late.
        DepartedInTime = "departed-in-time",
        /// A person ended it, with a note.
        Person = "person",
    }
);

impl AlarmKind {
    /// Whether it says that a member of staff may need help, so that colleagues in the field hear of it.
    #[must_use]
    pub const fn calls_for_help(self) -> bool {
        matches!(self, Self::CheckOutOverdue | Self::Sos)
    }
}

/// The most minutes by which an overdue check-out may be extended at once.
pub const EXTEND_MINUTES_MAX: u32 = 30;

/// What an incident's payload gives as reason where somebody calls for help.
pub const SOS_REASON: &str = "sos";
