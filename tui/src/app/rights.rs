//! What narrows and widens contacts with a person: what a supervisor does about it from the case that is open. Pure.

use doorstep_domain::approval::ApprovalReason;
use doorstep_domain::restriction::{ConsentState, RestrictionKind};
use doorstep_wire::right::{ConsentItem, RestrictionItem};
use uuid::Uuid;

use super::desk::Standing;

/// What is done about the rights of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RightStep {
    /// Puts a restriction on this case.
    Restrict(Uuid, RestrictionKind),
    /// Takes one off, or asks a second person to.
    Lift(Uuid, RestrictionKind, Option<Uuid>, ApprovalReason),
    /// Ends this consent.
    Withdraw(Uuid),
}

/// Why a restriction may be lifted, in the order of the list.
pub(crate) const LIFTED_FOR: [ApprovalReason; 5] = [
    ApprovalReason::PersonAsked,
    ApprovalReason::Resolved,
    ApprovalReason::Over,
    ApprovalReason::Mistake,
    ApprovalReason::Ordered,
];

impl Standing {
    /// Restrictions that are in force and that nobody has asked to lift.
    pub(crate) fn in_force(&self) -> Vec<&RestrictionItem> {
        let open = |one: &&RestrictionItem| one.lifted_at.is_none() && one.approval.is_none();
        self.restrictions.iter().filter(open).collect()
    }

    /// Consents that hold, or wait for a second person.
    pub(crate) fn given(&self) -> Vec<&ConsentItem> {
        let holds = |one: &&ConsentItem| matches!(one.state.parse(), Ok(ConsentState::Given | ConsentState::Asked));
        self.consents.iter().filter(holds).collect()
    }
}
