//! A case: the matter that calls for visits.

use crate::codes;

codes!(
    /// Where a case stands.
    CaseStatus, "case status" {
        /// Visits may be considered.
        Open = "open",
        /// Kept apart until a person decides.
        Held = "held",
        /// Paid or settled in full.
        Settled = "settled",
        /// Taken back by the creditor.
        Recalled = "recalled",
        /// Ended for another reason.
        Closed = "closed",
    }
);

impl CaseStatus {
    /// Whether the case has ended, so that the time for keeping it runs.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Settled | Self::Recalled | Self::Closed => true,
            Self::Open | Self::Held => false,
        }
    }
}

codes!(
    /// Something known of a case or person. All but `dog-at-gate` and `address-unverified` restrict visits.
    Flag, "flag" {
        /// The debt or its amount is contested.
        Disputed = "disputed",
        /// The person is in financial hardship.
        Hardship = "hardship",
        /// The person is vulnerable (illness, disability, old age, distress).
        Vulnerable = "vulnerable",
        /// A lawyer or adviser represents the person.
        Represented = "represented",
        /// The person asked for contact to stop.
        CeaseContact = "cease_contact",
        /// A repayment plan is being kept.
        PlanPerforming = "plan_performing",
        /// The person has died.
        Deceased = "deceased",
        /// Breathing space, insolvency or another moratorium.
        Moratorium = "moratorium",
        /// Somebody else's debt, or fraud by impersonation is claimed.
        WrongPerson = "wrong_person",
        /// Contact was probably lost: the address must be verified before it counts as current.
        AddressUnverified = "address_unverified",
        /// A risk note for staff; restricts nothing.
        DogAtGate = "dog_at_gate",
        /// In custody, abroad or lost: visits rest until a person decides.
        Suspended = "suspended",
        /// A death in the family, or another occasion on which nobody is to come: visits rest until a person decides.
        Bereaved = "bereaved",
        /// A complaint of the person is not answered yet: visits rest until it is.
        Complained = "complained",
        /// A repayment plan is being made with an adviser: visits rest until a person decides.
        AdviserPlan = "adviser_plan",
    }
);

codes!(
    /// The age of a debt.
    Stage, "stage" {
        /// Not overdue.
        M0 = "M0",
        /// 1 to 30 days past due.
        M1 = "M1",
        /// 31 to 60 days past due.
        M2 = "M2",
        /// 61 to 90 days past due.
        M3 = "M3",
        /// More than 90 days past due.
        M3Plus = "M3+",
    }
);

impl Stage {
    /// The stage of a debt that is `days_past_due` days late (guide: days past due, M0 to M3+).
    #[must_use]
    pub const fn of(days_past_due: i64) -> Self {
        match days_past_due {
            i64::MIN..=0 => Self::M0,
            1..=30 => Self::M1,
            31..=60 => Self::M2,
            61..=90 => Self::M3,
            _ => Self::M3Plus,
        }
    }
}

impl Flag {
    /// Whether the flag restricts visits. Only a flag that can never hide a restriction says no.
    #[must_use]
    pub const fn restricts(self) -> bool {
        !matches!(self, Self::DogAtGate | Self::AddressUnverified)
    }
    /// Whether the flag is about the person, so that it holds for all their cases. The others are about one debt.
    #[must_use]
    pub const fn of_person(self) -> bool {
        match self {
            Self::Hardship
            | Self::Vulnerable
            | Self::Represented
            | Self::CeaseContact
            | Self::Deceased
            | Self::Moratorium
            | Self::Suspended
            | Self::Bereaved
            | Self::Complained
            | Self::AdviserPlan => true,
            Self::Disputed | Self::PlanPerforming | Self::WrongPerson | Self::AddressUnverified | Self::DogAtGate => {
                false
            }
        }
    }
    /// The mask of all flags that are about the person.
    #[must_use]
    pub fn mask_of_person() -> i64 {
        let of_person = Self::ALL.iter().filter(|flag| flag.of_person());
        of_person.fold(0, |mask, flag| mask | flag.bit())
    }
    /// The bit that stands for the flag in stored masks.
    #[must_use]
    pub const fn bit(self) -> i64 {
        1 << (self as i64)
    }
    /// The mask of a set of flags.
    #[must_use]
    pub fn mask(flags: &[Self]) -> i64 {
        flags.iter().fold(0, |mask, flag| mask | flag.bit())
    }
    /// The flags of a mask, in the order of declaration.
    #[must_use]
    pub fn of_mask(mask: i64) -> Vec<Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(|flag| mask & flag.bit() != 0)
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_every_flag() {
        for flag in Flag::ALL {
            assert_eq!(Flag::of_mask(flag.bit()), vec![*flag]);
            assert_eq!(flag.code().parse::<Flag>().unwrap(), *flag);
        }
        assert_eq!(Flag::of_mask(Flag::mask(Flag::ALL)), Flag::ALL);
    }

    #[test]
    fn stages_change_at_their_boundaries() {
        let boundaries = [
            (0, Stage::M0),
            (1, Stage::M1),
            (30, Stage::M1),
            (31, Stage::M2),
            (60, Stage::M2),
        ];
        for (days, stage) in boundaries {
            assert_eq!(Stage::of(days), stage, "{days} days");
        }
        assert_eq!(
            (Stage::of(61), Stage::of(90), Stage::of(91)),
            (Stage::M3, Stage::M3, Stage::M3Plus)
        );
    }
}
