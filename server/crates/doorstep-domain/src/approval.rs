//! One kind of approval for every case that needs one: asked, approved by a second person, expiring.

use crate::codes;
use crate::id::StaffId;
use crate::measure::Micros;

codes!(
    /// What an approval is asked for.
    ApprovalKind, "kind of approval" {
        /// To destroy a person's key, which erases the person everywhere.
        PersonErase = "person.erase",
        /// To take back an import.
        ImportTakeBack = "import.take-back",
        /// To lift a restriction.
        RestrictionLift = "restriction.lift",
        /// To use an override that a rule pack allows.
        RuleOverride = "rule.override",
    }
);

codes!(
    /// Why an approval is asked for. A closed list: free words could name people, and the reason stands in the log.
    ApprovalReason, "reason of an approval" {
        /// The person asked for it.
        PersonAsked = "person-asked",
        /// The time for which data may be kept is over.
        RetentionOver = "retention-over",
        /// A court or an authority ordered it.
        Ordered = "ordered",
        /// The data came in by mistake.
        Mistake = "mistake",
        /// What allowed keeping the data is gone, for example the contract.
        NoBasis = "no-basis",
    }
);

codes!(
    /// Where an approval stands.
    ApprovalState, "state of an approval" {
        /// Waits for a second person.
        Asked = "asked",
        /// A second person agreed.
        Approved = "approved",
        /// A second person refused.
        Refused = "refused",
        /// It served its purpose and cannot be used again.
        Used = "used",
    }
);

/// Why an approval cannot be decided or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// The person who asked tried to answer.
    #[error("whoever asked cannot approve; a second person must")]
    SamePerson,
    /// One person could be behind both, because they set a password of one or both lately.
    #[error(
        "who approves must not have set the password of who asked, or the other way round, and nobody may have set both, \
         within seven days before asking; let another colleague approve, or ask again later"
    )]
    SameHands,
    /// The time for it is over.
    #[error("the approval has expired; ask again")]
    Expired,
    /// It was already answered or used.
    #[error("the approval was already answered or used")]
    NotOpen,
}

/// Somebody who asks or answers, with whoever could act in their name because they set their password lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// Who.
    pub staff: StaffId,
    /// Who set their password lately, where it was not they themselves.
    pub password_by: Option<StaffId>,
}

impl Party {
    /// Whether one person could be behind both.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        let hands = |party: &Self| [Some(party.staff), party.password_by];
        hands(self)
            .into_iter()
            .flatten()
            .any(|hand| hands(other).contains(&Some(hand)))
    }
}

/// The facts that decide whether an approval may be answered or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalTerms {
    /// Who asked.
    pub asked_by: StaffId,
    /// Where it stands.
    pub state: ApprovalState,
    /// Until when it may be answered and used.
    pub expires: Micros,
}

impl ApprovalTerms {
    /// Whether `by` may answer it at `now`, asked by `asked`.
    pub fn answerable(&self, asked: &Party, by: &Party, now: Micros) -> Result<(), ApprovalError> {
        if now >= self.expires {
            Err(ApprovalError::Expired)
        } else if self.state != ApprovalState::Asked {
            Err(ApprovalError::NotOpen)
        } else if asked.staff == by.staff {
            Err(ApprovalError::SamePerson)
        } else if asked.may_be(by) {
            Err(ApprovalError::SameHands)
        } else {
            Ok(())
        }
    }

    /// Whether it may be used at `now`.
    pub fn usable(&self, now: Micros) -> Result<(), ApprovalError> {
        if now >= self.expires {
            Err(ApprovalError::Expired)
        } else if self.state == ApprovalState::Approved {
            Ok(())
        } else {
            Err(ApprovalError::NotOpen)
        }
    }
}
