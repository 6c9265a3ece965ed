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
    /// The time for it is over.
    #[error("the approval has expired; ask again")]
    Expired,
    /// It was already answered or used.
    #[error("the approval was already answered or used")]
    NotOpen,
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
    /// Whether `by` may answer it at `now`.
    pub fn answerable(&self, by: StaffId, now: Micros) -> Result<(), ApprovalError> {
        if now >= self.expires {
            Err(ApprovalError::Expired)
        } else if self.state != ApprovalState::Asked {
            Err(ApprovalError::NotOpen)
        } else if self.asked_by == by {
            Err(ApprovalError::SamePerson)
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
