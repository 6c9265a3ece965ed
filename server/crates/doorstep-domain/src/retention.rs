//! Keeping and letting go: where the record of a case stands, and legal holds. Knows no rule and no storage.

use crate::codes;

codes!(
    /// Why the record of a case or a person is kept, or that it goes.
    RetentionState, "state of a retention" {
        /// A case has not ended.
        Running = "running",
        /// A legal hold stands.
        Held = "held",
        /// A rule asks that it is kept.
        Minimum = "minimum",
        /// No rule asks for it any more, and it may still be kept for a while.
        Margin = "margin",
        /// No rule says when it goes.
        NoEnd = "no-end",
        /// A complaint waits for its answer.
        Complaint = "complaint",
        /// A visit of a case is planned or under way.
        Visit = "visit",
        /// A device still holds a door of the person, so something of them may not have been sent yet.
        Device = "device",
        /// It goes with the next purge.
        Over = "over",
    }
);

codes!(
    /// Why somebody holds a case. A closed list: free words could name people, and the reason stands in the log.
    HoldReason, "reason of a legal hold" {
        /// A lawsuit is pending or to be expected.
        Litigation = "litigation",
        /// An authority or a court asks for the record.
        Authority = "authority",
        /// The person disputes what happened or asks that the record is kept.
        PersonAsked = "person-asked",
        /// Misconduct of staff is looked into.
        Misconduct = "misconduct",
    }
);

codes!(
    /// Why a legal hold is lifted.
    ReleaseReason, "reason of lifting a hold" {
        /// What it was for is over.
        Over = "over",
        /// A court or an authority ordered it.
        Ordered = "ordered",
        /// It was placed by mistake.
        Mistake = "mistake",
    }
);
