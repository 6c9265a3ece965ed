//! A wish: what a visited person, or a relative who holds the code of a notice, said on the page of that notice.

use crate::codes;

codes!(
    /// What was said on the page of a notice.
    WishKind, "kind of wish" {
        /// Nobody shall come on that day.
        NotToday = "not_today",
        /// Another time.
        OtherTime = "other_time",
        /// Another place.
        OtherPlace = "other_place",
        /// A visitor of another gender.
        OtherVisitor = "other_visitor",
        /// Nobody shall come any more.
        Stop = "stop",
        /// What was agreed to before holds no longer.
        WithdrawConsent = "withdraw_consent",
        /// A complaint.
        Complaint = "complaint",
        /// How the visit was.
        Feedback = "feedback",
        /// The debt or its amount is contested.
        Dispute = "dispute",
        /// Financial hardship.
        Hardship = "hardship",
        /// A date and an amount to pay, or instalments, in place of the visit.
        Payment = "payment",
        /// A call in place of the visit.
        Call = "call",
        /// An appointment at the office in place of the visit.
        Appointment = "appointment",
        /// Nobody said anything: the digits that show who it is were wrong too often, and the page is locked.
        Locked = "locked",
    }
);

impl WishKind {
    /// Whether only whoever showed who they are may say it: it speaks of the matter, or it offers something for it. What asks
    /// to be left in peace, a relative may say as well.
    #[must_use]
    pub const fn needs_identity(self) -> bool {
        matches!(
            self,
            Self::Dispute | Self::Hardship | Self::Payment | Self::Call | Self::Appointment
        )
    }

    /// Whether the visit that was announced is off at once. What is offered in its place calls it off once the office accepts.
    #[must_use]
    pub const fn calls_off(self) -> bool {
        matches!(
            self,
            Self::NotToday | Self::OtherTime | Self::OtherPlace | Self::OtherVisitor
        )
    }

    /// Whether somebody of the office has to answer the wish itself. A complaint is a matter of its own, with its own clock.
    #[must_use]
    pub const fn needs_answer(self) -> bool {
        !matches!(
            self,
            Self::NotToday | Self::Stop | Self::WithdrawConsent | Self::Feedback | Self::Complaint
        )
    }
}

codes!(
    /// Where a wish stands.
    WishState, "state of a wish" {
        /// Somebody of the office has to answer.
        Open = "open",
        /// It took effect by itself.
        Done = "done",
        /// The office agreed.
        Accepted = "accepted",
        /// The office did not agree.
        Declined = "declined",
        /// The person was erased before it was answered.
        Erased = "erased",
    }
);

codes!(
    /// How a visit was, in the words of who was visited.
    Manner, "manner of a visit" {
        /// Respectful.
        Good = "good",
        /// Neither good nor bad.
        Fair = "fair",
        /// Disrespectful or frightening.
        Bad = "bad",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_to_be_left_in_peace_needs_no_identity() {
        for kind in WishKind::ALL {
            assert!(!(kind.calls_off() && kind.needs_identity()), "{kind}");
        }
        assert!(!WishKind::Stop.needs_identity() && !WishKind::Complaint.needs_identity());
    }
}
