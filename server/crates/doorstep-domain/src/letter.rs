//! A letter: what the office writes to a person about a case, as a paper. A notice of a visit is no letter in this sense.

use crate::codes;

codes!(
    /// What a letter is for.
    LetterKind, "kind of letter" {
        /// Says what is open and how to pay or to talk.
        Reminder = "reminder",
        /// Says what the amount is made of.
        Statement = "statement",
        /// Says which true step may come, and that it has not.
        PreLegal = "pre-legal",
        /// The notice before an entry at a credit bureau.
        BureauNotice = "bureau-notice",
        /// Asks whether the person can be reached here, and tells of nothing else.
        AddressCheck = "address-check",
    }
);

impl LetterKind {
    /// Whether it states an amount; a stale one may not be stated.
    #[must_use]
    pub const fn states_amount(self) -> bool {
        !matches!(self, Self::AddressCheck)
    }

    /// Whether it asks for what is open, or says what may follow: nobody gets one who keeps what was agreed.
    #[must_use]
    pub const fn asks_to_pay(self) -> bool {
        matches!(self, Self::Reminder | Self::PreLegal | Self::BureauNotice)
    }

    /// The step that it announces, where it announces one.
    #[must_use]
    pub const fn announces(self) -> Option<Consequence> {
        match self {
            Self::PreLegal => Some(Consequence::CourtClaim),
            Self::BureauNotice => Some(Consequence::BureauEntry),
            Self::Reminder | Self::Statement | Self::AddressCheck => None,
        }
    }
}

codes!(
    /// What may follow, where a portfolio says that it is true for it. There is no other: nobody is threatened with what will not
    /// happen.
    Consequence, "consequence" {
        /// The creditor may ask a court to decide about the claim.
        CourtClaim = "court-claim",
        /// The creditor may report the arrears to a credit bureau.
        BureauEntry = "bureau-entry",
    }
);

codes!(
    /// Where a letter stands.
    LetterState, "state of a letter" {
        /// It is made and waits to be handed over.
        Made = "made",
        /// It left the house.
        HandedOver = "handed_over",
        /// It reached the person.
        Delivered = "delivered",
        /// It came back.
        Returned = "returned",
        /// It was taken back before it left.
        Withdrawn = "withdrawn",
    }
);

impl LetterState {
    /// Whether a letter may go from here to `next`. What came back is written anew, because its day is over.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Made, Self::HandedOver | Self::Withdrawn)
                | (Self::HandedOver, Self::Delivered | Self::Returned)
                | (Self::Delivered, Self::Returned)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_states_no_amount_may_be_read_by_whoever_lives_there() {
        let silent = LetterKind::ALL.iter().filter(|kind| !kind.states_amount());
        assert_eq!(silent.collect::<Vec<_>>(), [&LetterKind::AddressCheck]);
        assert_eq!(LetterKind::AddressCheck.announces(), None);
    }

    #[test]
    fn what_was_withdrawn_or_came_back_does_not_leave_again() {
        for next in LetterState::ALL {
            assert!(!LetterState::Withdrawn.may_become(*next), "{next}");
            assert!(!LetterState::Returned.may_become(*next), "{next}");
        }
    }
}
