//! An agreement: what was agreed about paying. A promise, a repayment plan, a waiver, a settlement, or a reward for paying on
//! time.
//!
//! An agreement is the person's protection: its terms are fixed when it is made, and nothing that is known of the person makes
//! them worse. Start with [`AgreementKind`]; [`schedule`] makes the days and amounts, [`judge`] says from the payments alone
//! what became of them, [`afford`] warns of what is likely to fail, [`relief`] says which parts are given up.

pub mod afford;
pub mod judge;
pub mod relief;
pub mod schedule;

use crate::codes;
use crate::contact::MatterOutcome;

codes!(
    /// What was agreed.
    AgreementKind, "kind of agreement" {
        /// One amount on one day.
        Promise = "promise",
        /// Instalments on stated days.
        Plan = "plan",
        /// Some of what is owed is given up, at once.
        Waiver = "waiver",
        /// Less than is owed ends the matter, once it is paid.
        Settlement = "settlement",
        /// Some of what is owed is given up after so many instalments of a plan were paid on time.
        Reward = "reward",
    }
);

codes!(
    /// Where an agreement stands.
    AgreementState, "state of an agreement" {
        /// A second person has not agreed yet: it binds nobody.
        Proposed = "proposed",
        /// The second person refused.
        Refused = "refused",
        /// It holds, and is being kept as far as its days have come.
        Promised = "promised",
        /// What was agreed was paid, or given up.
        Kept = "kept",
        /// Its time is over, and less than agreed was paid.
        Partial = "partial",
        /// Nothing was paid in time, or a plan fell too far behind.
        Broken = "broken",
        /// It ended without blame: the person or the office ended it, or another took its place.
        Ended = "ended",
    }
);

codes!(
    /// Why an agreement ended without blame.
    AgreementEnd, "end of an agreement" {
        /// The person asked for it.
        PersonAsked = "person-asked",
        /// Another agreement took its place.
        Replaced = "replaced",
        /// What it was about is gone: the debt is disputed, not theirs, or paid otherwise.
        Void = "void",
        /// It was noted by mistake.
        Mistake = "mistake",
    }
);

codes!(
    /// Where an agreement was made.
    AgreedBy, "way of an agreement" {
        /// At the door, by a device of the crew.
        Door = "door",
        /// On the phone.
        Phone = "phone",
        /// In writing.
        Letter = "letter",
        /// In the office.
        Office = "office",
        /// The portfolio's own promise to everybody who keeps a plan.
        Portfolio = "portfolio",
    }
);

codes!(
    /// What must be done about an agreement next, for the office's list.
    AgreementNext, "next step of an agreement" {
        /// A second person answers.
        Answer = "answer",
        /// Payments are waited for.
        Wait = "wait",
        /// A friendly message after the days of waiting; never a harder channel by itself.
        Message = "message",
        /// Smaller instalments or a pause are talked about.
        Review = "review",
        /// Nothing.
        None = "none",
    }
);

impl AgreementKind {
    /// Whether the person pays by it: only then it has instalments, and only one such stands at a time.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Promise | Self::Plan | Self::Settlement)
    }

    /// Whether some of what is owed is given up by it.
    #[must_use]
    pub const fn gives_up(self) -> bool {
        matches!(self, Self::Waiver | Self::Settlement | Self::Reward)
    }

    /// Whether nobody visits while it is kept.
    #[must_use]
    pub const fn stops_visits(self) -> bool {
        matches!(self, Self::Plan | Self::Settlement)
    }
}

impl AgreementState {
    /// Whether it was agreed and judged by its payments: what may change when payments land.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        matches!(self, Self::Promised | Self::Kept | Self::Partial | Self::Broken)
    }

    /// What it means for the matter, in the words in which outcomes are counted; `None` where it means nothing by itself.
    #[must_use]
    pub const fn outcome(self, kind: AgreementKind) -> Option<MatterOutcome> {
        Some(match (kind, self) {
            (AgreementKind::Promise, Self::Promised) => MatterOutcome::Promise,
            (AgreementKind::Promise, Self::Kept) => MatterOutcome::PromiseKept,
            (AgreementKind::Promise, Self::Broken) => MatterOutcome::PromiseBroken,
            (AgreementKind::Plan | AgreementKind::Settlement, Self::Promised) => MatterOutcome::PlanActive,
            (AgreementKind::Plan | AgreementKind::Settlement, Self::Broken) => MatterOutcome::PlanBroken,
            (AgreementKind::Settlement, Self::Kept) => MatterOutcome::SettledInFull,
            (AgreementKind::Promise | AgreementKind::Plan | AgreementKind::Settlement, Self::Partial) => {
                MatterOutcome::Partial
            }
            _ => return None,
        })
    }

    /// What is to be done next. `waited` says whether the days of waiting since it came to this are over.
    #[must_use]
    pub const fn next(self, kind: AgreementKind, waited: bool) -> AgreementNext {
        match self {
            Self::Proposed => AgreementNext::Answer,
            Self::Partial => AgreementNext::Review,
            Self::Broken if matches!(kind, AgreementKind::Plan | AgreementKind::Settlement) => AgreementNext::Review,
            Self::Broken if !kind.is_paid() => AgreementNext::None,
            Self::Broken if waited => AgreementNext::Message,
            Self::Promised | Self::Broken => AgreementNext::Wait,
            Self::Kept | Self::Refused | Self::Ended => AgreementNext::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_never_starts_anything_harder_than_a_message() {
        for kind in AgreementKind::ALL {
            for state in AgreementState::ALL {
                for waited in [false, true] {
                    let next = state.next(*kind, waited);
                    let soft = matches!(
                        next,
                        AgreementNext::Answer
                            | AgreementNext::Wait
                            | AgreementNext::Message
                            | AgreementNext::Review
                            | AgreementNext::None
                    );
                    assert!(soft, "{kind} {state}");
                }
            }
        }
        let broken = AgreementState::Broken;
        assert_eq!(broken.next(AgreementKind::Promise, false), AgreementNext::Wait);
        assert_eq!(broken.next(AgreementKind::Promise, true), AgreementNext::Message);
        assert_eq!(broken.next(AgreementKind::Plan, false), AgreementNext::Review);
    }

    #[test]
    fn only_what_is_paid_is_counted_as_an_outcome() {
        for kind in AgreementKind::ALL {
            for state in AgreementState::ALL {
                assert!(kind.is_paid() || state.outcome(*kind).is_none(), "{kind} {state}");
            }
        }
    }
}
