//! What a supervisor decides about a visit with remarks. Knows no storage.

use crate::codes;

codes!(
    /// A decision about a visit; a later one replaces it.
    ReviewDecision, "decision of a review" {
        /// Nothing to object to.
        Fine = "fine",
        /// Back to the crew, who should say more about it.
        Back = "back",
        /// It has to be made again.
        Redo = "redo",
        /// Handed on: compliance, or whoever leads.
        Escalate = "escalate",
    }
);

codes!(
    /// Why a visit stands in the review queue.
    ReviewReason, "reason for a review" {
        /// A rule forbade it when it was made.
        RuleBlocked = "rule-blocked",
        /// Somebody was at the door who was not sent.
        OtherCrew = "other-crew",
        /// Reported by a device after it was revoked or lost.
        DeviceEnded = "device-ended",
        /// Checked in far from the door.
        Distance = "distance",
        /// Two reports contradict each other.
        Conflict = "conflict",
        /// What a rule requires before check-out is missing.
        EvidenceMissing = "evidence-missing",
        /// A recording that was required, and is said to have been made, did not come in time.
        RecordingMissing = "recording-missing",
        /// Less than a minute between check-in and check-out.
        Short = "short",
        /// The check-out was overdue.
        Overdue = "overdue",
        /// The position came without accuracy or was made up.
        PositionDoubt = "position-doubt",
        /// The device's clock disagreed with the server's.
        ClockDoubt = "clock-doubt",
        /// No published plan asked for it.
        NotPlanned = "not-planned",
        /// A newer device reported something that this program does not know.
        UnknownKind = "unknown-kind",
        /// A report asked for a change that could not be made.
        NotApplied = "not-applied",
        /// A report that the program of a device does not make: it names somebody else, or has a form of its own.
        Malformed = "malformed",
        /// Two staff were required, and a partner did not sign.
        UnsignedPartner = "unsigned-partner",
    }
);

impl ReviewReason {
    /// How much it weighs, in permille. Weights are added and shown one by one, so that nobody has to guess; none of
    /// them says anything about a person, and no decision follows from the sum.
    #[must_use]
    pub const fn weight(self) -> u32 {
        match self {
            Self::RuleBlocked | Self::UnsignedPartner => 400,
            Self::OtherCrew | Self::DeviceEnded | Self::Malformed => 300,
            Self::Distance => 250,
            Self::Conflict | Self::EvidenceMissing | Self::RecordingMissing | Self::Short | Self::Overdue => 200,
            Self::PositionDoubt => 150,
            Self::ClockDoubt | Self::NotPlanned => 100,
            Self::UnknownKind | Self::NotApplied => 50,
        }
    }
}

/// A visit shorter than this many seconds is remarkable.
pub const SHORT_VISIT_S: i64 = 60;

codes!(
    /// Where something that is remarked about a member of staff stands. It is theirs to see and to answer; it never feeds pay or
    /// a ranking.
    FlagSource, "source of a flag" {
        /// An event of a device.
        Event = "event",
        /// A quality check that was scored.
        Check = "check",
        /// A complaint that was answered.
        Complaint = "complaint",
    }
);
