//! A contact: any attempt on any channel that counters count; and the coded outcomes of contact and matter.

use crate::codes;

codes!(
    /// How someone was or is to be contacted.
    Channel, "channel" {
        /// A call at the door.
        Visit = "visit",
        /// A phone call.
        Call = "call",
        /// A text or app message.
        Message = "message",
        /// A letter.
        Letter = "letter",
    }
);

codes!(
    /// What came of the contact itself (guide: rules.md 8.1).
    ContactOutcome, "outcome of the contact" {
        /// The debtor was met and identified.
        MetBorrower = "MET_BORROWER",
        /// Somebody was met whom the law counts as concerned.
        MetRelated = "MET_RELATED",
        /// Somebody was met who has nothing to do with the debt.
        MetUnrelated = "MET_UNRELATED",
        /// Nobody was at home.
        NobodyHome = "NOBODY_HOME",
        /// Somebody was inside and did not open.
        DoorNotOpened = "DOOR_NOT_OPENED",
        /// A guard or gate refused access.
        AccessDenied = "ACCESS_DENIED",
        /// There is no such address.
        AddrInvalid = "ADDR_INVALID",
        /// The address exists, the person is unknown there.
        UnknownHere = "UNKNOWN_HERE",
        /// Credible word that the person has moved.
        Moved = "MOVED",
        /// The visitors were asked to leave and left.
        AskedToLeave = "ASKED_TO_LEAVE",
        /// The visitors left for their safety.
        AbortedSafety = "ABORTED_SAFETY",
        /// A rule refused the visit.
        BlockedRule = "BLOCKED_RULE",
        /// The person proposed another time.
        Rescheduled = "RESCHEDULED",
        /// A call was answered, and nobody noted by whom.
        Connected = "CONNECTED",
        /// A call was not answered.
        NoAnswer = "NO_ANSWER",
        /// There is no such number.
        NumberInvalid = "NUMBER_INVALID",
        /// Whoever answered did not want to talk, or asked not to be called or written to.
        Declined = "DECLINED",
        /// A message or letter reached its address.
        Delivered = "DELIVERED",
        /// A message or letter came back.
        Returned = "RETURNED",
    }
);

impl ContactOutcome {
    /// Whether the person was not found at the address: it is to be confirmed before anybody uses it again.
    #[must_use]
    pub const fn not_found(self) -> bool {
        matches!(self, Self::Moved | Self::UnknownHere | Self::AddrInvalid)
    }

    /// Whether somebody was spoken to, or got what was sent; counters of contacts that met somebody count only these.
    #[must_use]
    pub const fn contacted(self) -> bool {
        matches!(
            self,
            Self::MetBorrower
                | Self::MetRelated
                | Self::MetUnrelated
                | Self::AskedToLeave
                | Self::Rescheduled
                | Self::Connected
                | Self::Declined
                | Self::Delivered
        )
    }

    /// Whether the person could notice it: what rang, knocked or lay in the letter box, answered or not.
    #[must_use]
    pub const fn noticed(self) -> bool {
        !matches!(
            self,
            Self::BlockedRule | Self::AddrInvalid | Self::NumberInvalid | Self::Returned
        )
    }

    /// Whether somebody asked to be left in peace.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(self, Self::AskedToLeave | Self::Declined)
    }

    /// Whether a contact on this channel can end so.
    #[must_use]
    pub const fn fits(self, channel: Channel) -> bool {
        match self {
            Self::MetBorrower | Self::MetRelated | Self::MetUnrelated | Self::Rescheduled => {
                matches!(channel, Channel::Visit | Channel::Call)
            }
            Self::NobodyHome
            | Self::DoorNotOpened
            | Self::AccessDenied
            | Self::AddrInvalid
            | Self::UnknownHere
            | Self::Moved
            | Self::AskedToLeave
            | Self::AbortedSafety
            | Self::BlockedRule => matches!(channel, Channel::Visit),
            Self::Connected | Self::NoAnswer => matches!(channel, Channel::Call),
            Self::NumberInvalid => matches!(channel, Channel::Call | Channel::Message),
            Self::Declined => matches!(channel, Channel::Call | Channel::Message | Channel::Letter),
            Self::Delivered | Self::Returned => matches!(channel, Channel::Message | Channel::Letter),
        }
    }

    /// How much the outcome asks of those who come later: where two reports of one visit disagree, the higher counts until
    /// a person settles it.
    #[must_use]
    pub const fn strictness(self) -> u8 {
        match self {
            Self::AskedToLeave | Self::Declined => 4,
            Self::Moved | Self::UnknownHere | Self::AddrInvalid => 3,
            Self::MetBorrower
            | Self::MetRelated
            | Self::MetUnrelated
            | Self::Rescheduled
            | Self::Connected
            | Self::Delivered => 2,
            Self::NobodyHome
            | Self::DoorNotOpened
            | Self::AccessDenied
            | Self::AbortedSafety
            | Self::NoAnswer
            | Self::NumberInvalid
            | Self::Returned => 1,
            Self::BlockedRule => 0,
        }
    }
}

codes!(
    /// What came of the matter (guide: rules.md 8.2).
    MatterOutcome, "outcome of the matter" {
        /// A date and an amount were promised.
        Promise = "PTP",
        /// A promise was kept in full.
        PromiseKept = "PTP_KEPT",
        /// A promise was not kept.
        PromiseBroken = "PTP_BROKEN",
        /// Less than due was paid.
        Partial = "PARTIAL",
        /// Paid in full.
        PaidInFull = "PIF",
        /// Settled in full for less.
        SettledInFull = "SIF",
        /// The person says it is paid: hold and verify.
        PaidClaim = "PAID_CLAIM",
        /// A repayment plan is being kept: no visits.
        PlanActive = "PLAN_ACTIVE",
        /// A repayment plan was broken.
        PlanBroken = "PLAN_BROKEN",
        /// The person refuses to pay: no pressure.
        Refused = "REFUSED",
        /// Amount, identity or debt is contested.
        Dispute = "DISPUTE",
        /// Not the person's own borrowing.
        FraudId = "FRAUD_ID",
        /// Financial hardship.
        Hardship = "HARDSHIP",
        /// Illness, disability, old age, a minor alone, distress.
        Vulnerable = "VULNERABLE",
        /// The person has died.
        Deceased = "DECEASED",
        /// No or limited legal capacity.
        NoCapacity = "NO_CAPACITY",
        /// Breathing space or insolvency.
        Moratorium = "MORATORIUM",
        /// A lawyer or adviser represents the person.
        Represented = "REPRESENTED",
        /// The person asked for contact to stop.
        CeaseContact = "CEASE_CONTACT",
        /// A complaint was made.
        Complaint = "COMPLAINT",
        /// In custody.
        InCustody = "IN_CUSTODY",
        /// Abroad.
        Abroad = "ABROAD",
        /// Lost: lawful tracing only.
        Skip = "SKIP",
        /// Nothing came of it.
        None = "NONE",
    }
);

impl MatterOutcome {
    /// The restriction that the outcome puts on the case at once; the most restrictive fact wins and sticks.
    #[must_use]
    pub const fn restriction(self) -> Option<crate::case::Flag> {
        use crate::case::Flag;
        match self {
            Self::Dispute | Self::PaidClaim => Some(Flag::Disputed),
            Self::FraudId => Some(Flag::WrongPerson),
            Self::Hardship => Some(Flag::Hardship),
            Self::Vulnerable | Self::NoCapacity => Some(Flag::Vulnerable),
            Self::Deceased => Some(Flag::Deceased),
            Self::Moratorium => Some(Flag::Moratorium),
            Self::Represented => Some(Flag::Represented),
            Self::CeaseContact => Some(Flag::CeaseContact),
            Self::PlanActive => Some(Flag::PlanPerforming),
            Self::InCustody | Self::Abroad | Self::Skip => Some(Flag::Suspended),
            Self::Promise
            | Self::PromiseKept
            | Self::PromiseBroken
            | Self::Partial
            | Self::PaidInFull
            | Self::SettledInFull
            | Self::PlanBroken
            | Self::Refused
            // A complaint is opened instead, and pauses visits until it is answered.
            | Self::Complaint
            | Self::None => None,
        }
    }

    /// Whether nothing is left to visit for: the case is settled at once.
    #[must_use]
    pub const fn settles(self) -> bool {
        matches!(self, Self::PaidInFull | Self::SettledInFull)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_an_end_that_met_somebody_and_one_that_did_not() {
        for channel in Channel::ALL {
            let ends = || ContactOutcome::ALL.iter().filter(|outcome| outcome.fits(*channel));
            assert!(ends().any(|outcome| outcome.contacted()), "{channel}");
            assert!(ends().any(|outcome| !outcome.contacted()), "{channel}");
            assert!(ends().any(|outcome| outcome.refuses()), "{channel}");
        }
    }

    #[test]
    fn whoever_was_met_or_refused_noticed_it() {
        for outcome in ContactOutcome::ALL {
            assert!(outcome.noticed() || !outcome.contacted(), "{outcome}");
            assert!(outcome.contacted() || !outcome.refuses(), "{outcome}");
        }
    }
}
