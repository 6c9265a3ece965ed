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

codes!(
    /// Why the permit does not allow a visit; these stand beside rule ids in `blocked_by`.
    PermitReason, "reason of a permit" {
        /// There is no permit on the device.
        Missing = "PERMIT-MISSING",
        /// The shift that it covers has ended.
        Expired = "PERMIT-EXPIRED",
        /// It says nothing about this door.
        NotListed = "PERMIT-NOT-LISTED",
        /// It allows no visit at this door on its day.
        NotAllowed = "PERMIT-NOT-ALLOWED",
        /// Start or planned end lie outside the allowed times.
        Hours = "PERMIT-HOURS",
        /// Too few staff are there.
        Staff = "PERMIT-STAFF",
        /// What it rests on is too old, or dated after the device's clock.
        AsOf = "PERMIT-AS-OF",
        /// The facts for the rules cannot be read by this program.
        Facts = "PERMIT-FACTS",
        /// Something heard at an earlier visit on this device stops visits to the person.
        Stopped = "PERMIT-STOPPED",
        /// The rule packs that the server sent cannot be read by this program.
        Packs = "PERMIT-PACKS",
        /// The device is not at the place of the visit.
        Place = "PERMIT-PLACE",
        /// More staff are required than have signed.
        Unsigned = "PERMIT-UNSIGNED",
    }
);

codes!(
    /// Why a plan leaves a case out, beside the rules, which have ids of their own.
    LeftOutReason, "reason for leaving a case out" {
        /// The person was erased.
        Erased = "erased",
        /// Worth less than all the cases that were searched.
        BeyondReach = "beyond-reach",
        /// A second crew would be needed at the same time.
        NeedsSecondCrew = "needs-second-crew",
        /// Nothing is left of the allowed times.
        NoWindow = "no-window",
        /// No crew works at the allowed times.
        NoShift = "no-shift",
        /// No crew has as many certified staff as the rules ask for.
        MissingSkill = "missing-skill",
        /// Shifts and allowed times share too little.
        WindowsTooNarrow = "windows-too-narrow",
        /// No way leads there and back.
        Unreachable = "unreachable",
        /// Too far for every shift.
        TooFar = "too-far",
        /// A published plan has a visit to the person that the rules count.
        VisitAhead = "visit-ahead",
        /// The same person is visited for another case.
        PersonServed = "person-served",
        /// Another visit is too few days away.
        Spacing = "spacing",
        /// Its fixed place cannot be kept.
        PinImpossible = "pin-impossible",
        /// It costs at least as much as it is worth.
        NotWorthIt = "not-worth-it",
        /// It is worth less than not visiting.
        BetterNotVisited = "better-not-visited",
        /// The routes are full.
        NoRoom = "no-room",
        /// The search was stopped before it was looked at to the end.
        Stopped = "search-stopped",
        /// The strategy of the portfolio makes no visits.
        NoVisits = "strategy-no-visits",
        /// By the strategy another action comes next.
        NotNext = "strategy-not-next",
        /// The portfolio or region is calm.
        Calm = "calm",
        /// The address has to be confirmed first.
        AddressStale = "address-stale",
    }
);

codes!(
    /// What became of a visit from one plan to the next: the greatest change names it. Another day matters more to who is
    /// visited than another crew, and that more than another hour.
    PlanChange, "change of a plan" {
        /// Planned before and not now.
        Dropped = "dropped",
        /// Planned now and not before.
        Added = "added",
        /// On another day.
        MovedDay = "moved-day",
        /// On the same day with another crew.
        MovedCrew = "moved-crew",
        /// With the same crew on the same day at another time.
        MovedTime = "moved-time",
        /// As before, to the minute.
        Same = "same",
    }
);

codes!(
    /// Where the making of a plan stands.
    PlanJobState, "state of a plan job" {
        /// No process has begun it.
        Waiting = "waiting",
        /// A process works on it.
        Running = "running",
        /// The plan is there.
        Done = "done",
        /// Somebody stopped it; there is a plan where one had been found and was to be kept.
        Stopped = "stopped",
        /// It came to nothing.
        Failed = "failed",
    }
);

codes!(
    /// What the making of a plan is busy with, in this order.
    PlanPhase, "phase of a plan job" {
        /// Cases are opened.
        Reading = "reading",
        /// The rules are asked about every case and day.
        Rules = "rules",
        /// Travel times are gathered.
        Travel = "travel",
        /// Routes are searched.
        Search = "search",
        /// The plan is checked independently.
        Check = "check",
        /// The plan is stored.
        Storing = "storing",
    }
);
