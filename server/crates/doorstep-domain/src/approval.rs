//! One kind of approval for every case that needs one: asked, approved by a second person, expiring.

use std::collections::BTreeSet;

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
        /// To erase the persons of a list whose time for keeping is over.
        RetentionPurge = "retention.purge",
        /// To have a consent count that an agency noted: it lives from visits.
        ConsentNote = "consent.note",
        /// To let an agency publish visits without the notice that a rule asks for.
        NoticeWaive = "notice.waive",
        /// To take all cases back from an agency, and it off the white list.
        AgencyRecall = "agency.recall",
        /// To agree to what goes beyond the authority of one person.
        AgreementMake = "agreement.make",
        /// To have a portfolio or region calm for a time: visits stop or thin out.
        CalmSet = "calm.set",
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
        /// What it was about was dealt with: the dispute was answered, the hardship desk is done.
        Resolved = "resolved",
        /// The occasion is over: the mourning, the moratorium, the absence.
        Over = "over",
        /// No notice reaches the person.
        Unreachable = "unreachable",
        /// It goes beyond what one person may agree to alone.
        BeyondAuthority = "beyond-authority",
        /// People are to be spared: a disaster, a closure, a downturn.
        Spare = "spare",
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

/// Who could act in whose name, because they set the other's password lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hands {
    /// Pairs of the owner of an account and whoever set its password.
    pub sets: Vec<(StaffId, StaffId)>,
}

impl Hands {
    /// Everybody who could be behind an account: its owner, who set its password, who set theirs, and so on.
    fn behind(&self, staff: StaffId) -> BTreeSet<StaffId> {
        let mut found = BTreeSet::from([staff]);
        let mut open = vec![staff];
        while let Some(one) = open.pop() {
            for (_, by) in self.sets.iter().filter(|(owner, _)| *owner == one) {
                if found.insert(*by) {
                    open.push(*by);
                }
            }
        }
        found
    }

    /// Whether one person could be behind both accounts.
    #[must_use]
    pub fn may_be_one(&self, left: StaffId, right: StaffId) -> bool {
        !self.behind(left).is_disjoint(&self.behind(right))
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
    /// Whether `by` may answer it at `now`.
    pub fn answerable(&self, by: StaffId, hands: &Hands, now: Micros) -> Result<(), ApprovalError> {
        if now >= self.expires {
            Err(ApprovalError::Expired)
        } else if self.state != ApprovalState::Asked {
            Err(ApprovalError::NotOpen)
        } else if self.asked_by == by {
            Err(ApprovalError::SamePerson)
        } else if hands.may_be_one(self.asked_by, by) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn whoever_set_a_password_may_be_behind_it_however_many_lie_between() {
        let staff = |n: u128| StaffId(Uuid::from_u128(n));
        let hands = |sets: &[(u128, u128)]| Hands {
            sets: sets.iter().map(|(owner, by)| (staff(*owner), staff(*by))).collect(),
        };
        let one = |sets: &[(u128, u128)]| hands(sets).may_be_one(staff(1), staff(2));
        assert!(!one(&[]));
        assert!(one(&[(1, 2)]) && one(&[(2, 1)]));
        assert!(one(&[(1, 9), (2, 9)]));
        assert!(one(&[(1, 3), (3, 4), (4, 2)]));
        assert!(one(&[(1, 9), (1, 2)]), "a later one does not hide an earlier one");
        assert!(!one(&[(3, 1), (3, 2)]), "a third account of both stands between nobody");
        assert!(!one(&[(1, 3), (3, 1), (2, 4)]));
    }
}
