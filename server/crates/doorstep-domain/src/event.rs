//! An event: an immutable fact signed by a device or made by the server.

use crate::codes;

codes!(
    /// What a device can report (guide: stack.md B.2).
    EventKind, "kind of event" {
        /// The crew's day begins on this device.
        DayOpen = "day.open",
        /// The crew's day ends on this device.
        DayClose = "day.close",
        /// On the way to a visit.
        VisitEnRoute = "visit.en_route",
        /// Checked in at the door.
        VisitArrived = "visit.arrived",
        /// The person met was recognised as the one who is meant; only then anything is said of the matter.
        IdentityConfirmed = "identity.confirmed",
        /// What came of contact and matter.
        VisitOutcome = "visit.outcome",
        /// A promise of date and amount.
        VisitPromise = "visit.promise",
        /// Free text.
        VisitNote = "visit.note",
        /// A capture was made; its bytes follow.
        EvidenceAdded = "evidence.added",
        /// Checked out.
        VisitDeparted = "visit.departed",
        /// Nothing more will be added by this device.
        VisitClosed = "visit.closed",
        /// A stop was left out, with the reason.
        StopSkipped = "stop.skipped",
        /// The person asked not to be contacted.
        DoNotContact = "dnc.requested",
        /// Consent given or withdrawn.
        ConsentRecorded = "consent.recorded",
        /// Personal data was read offline.
        Read = "read",
        /// A call for help or another incident.
        Incident = "incident",
        /// A contact field of the person was corrected.
        ContactChanged = "contact.changed",
        /// A conflict was settled at the door.
        ConflictSettled = "conflict.settled",
        /// The visited person was given a receipt.
        ReceiptGiven = "receipt.given",
        /// A signed note of the server, other than a checkpoint, does not hold or takes back what was acknowledged.
        LogAlarm = "log.alarm",
        /// A checkpoint of the server does not hold, or does not extend the one that the device had verified.
        LogInconsistent = "log.inconsistent",
        /// The device's owner joined the visit of a partner who checks in.
        VisitJoined = "visit.joined",
    }
);

codes!(
    /// What became of a pushed event (guide: stack.md B.3).
    PushStatus, "status of a pushed event" {
        /// Stored now.
        Accepted = "accepted",
        /// Stored before, same bytes.
        Duplicate = "duplicate",
        /// Kept until the events before it arrive.
        Held = "held",
        /// Kept apart, with a code, because it cannot be read.
        Quarantined = "quarantined",
    }
);

codes!(
    /// What is remarkable about a stored event. A flag never refuses the event: a forbidden thing that happened is
    /// recorded and flagged.
    EventFlag, "flag of an event" {
        /// A rule forbade the visit when it was made.
        RuleBlocked = "rule-blocked",
        /// Made far from the door.
        FarFromDoor = "far-from-door",
        /// The device's clock disagrees with the server's.
        ClockDoubt = "clock-doubt",
        /// Another event says something else.
        Conflict = "conflict",
        /// No published plan asked for the visit.
        NotPlanned = "not-planned",
        /// The position came without accuracy or from a mock provider.
        PositionDoubt = "position-doubt",
        /// The kind of event is unknown to this server; it is kept as it came.
        UnknownKind = "unknown-kind",
        /// Reported by a device whose crew was not sent there: kept, and without effect but for what protects the person.
        OtherCrew = "other-crew",
        /// What a rule requires before check-out is missing.
        EvidenceMissing = "evidence-missing",
        /// Something else about the person was changed meanwhile; both changes hold.
        Parallel = "parallel",
        /// Signed with a key that was ended before it came: kept, and without effect but for what protects the person.
        DeviceEnded = "device-ended",
        /// It asks for a change that cannot be made, or not any more: kept, and without effect.
        NotApplied = "not-applied",
        /// It names another person than its visit's, or one without a visit: kept, and without effect but for what protects
        /// the person.
        SubjectMismatch = "subject-mismatch",
        /// Its header has no form that the log may show, so it is kept sealed: without effect but for what protects the
        /// person.
        Withheld = "withheld",
        /// Two staff were required and a partner did not sign, or a partner's signature does not hold.
        UnsignedPartner = "unsigned-partner",
    }
);
