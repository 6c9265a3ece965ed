//! What a visited person has a right to, or what is known of them, that narrows contacts; and what they agreed to.
//!
//! The most restrictive fact wins and sticks: anybody may put a restriction on at once, and only what is said here takes it
//! off again. A consent widens, so it is the other way round: it ends at once when the person withdraws it.

use crate::case::Flag;
use crate::codes;

codes!(
    /// What narrows contacts with a person.
    RestrictionKind, "kind of restriction" {
        /// The person barred a channel, a kind of place, some hours or a span of days.
        Ban = "ban",
        /// The person asked for contact to stop.
        CeaseContact = "cease_contact",
        /// The debt or its amount is contested.
        Disputed = "disputed",
        /// Financial hardship.
        Hardship = "hardship",
        /// Illness, disability, old age, distress.
        Vulnerable = "vulnerable",
        /// A lawyer or adviser represents the person.
        Represented = "represented",
        /// Breathing space, insolvency or another moratorium.
        Moratorium = "moratorium",
        /// A death in the family, or another occasion to stay away.
        Bereaved = "bereaved",
        /// The person has died.
        Deceased = "deceased",
        /// Not this person's debt.
        WrongPerson = "wrong_person",
        /// A repayment plan is being kept.
        PlanPerforming = "plan_performing",
        /// In custody, abroad or lost.
        Suspended = "suspended",
        /// The person does not live at the address any more.
        Moved = "moved",
        /// A repayment plan is being made with an adviser.
        AdviserPlan = "adviser_plan",
    }
);

impl RestrictionKind {
    /// The flag that stands for it on a case.
    #[must_use]
    pub const fn flag(self) -> Option<Flag> {
        Some(match self {
            Self::CeaseContact => Flag::CeaseContact,
            Self::Disputed => Flag::Disputed,
            Self::Hardship => Flag::Hardship,
            Self::Vulnerable => Flag::Vulnerable,
            Self::Represented => Flag::Represented,
            Self::Moratorium => Flag::Moratorium,
            Self::Bereaved => Flag::Bereaved,
            Self::Deceased => Flag::Deceased,
            Self::WrongPerson => Flag::WrongPerson,
            Self::PlanPerforming => Flag::PlanPerforming,
            Self::Suspended => Flag::Suspended,
            Self::AdviserPlan => Flag::AdviserPlan,
            Self::Ban | Self::Moved => return None,
        })
    }

    /// The kind that a flag stands for; `None` for flags that restrict nothing, or that their own matter sets and clears.
    #[must_use]
    pub fn of_flag(flag: Flag) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.flag() == Some(flag))
    }

    /// Whether it holds for all cases of the person.
    #[must_use]
    pub const fn of_person(self) -> bool {
        match self.flag() {
            Some(flag) => flag.of_person(),
            None => matches!(self, Self::Ban),
        }
    }

    /// Whether it takes two persons to lift it. One alone, whoever is in a hurry, takes nothing away that somebody said of
    /// themselves; what only the lender's books say or what is verified at an address one can.
    #[must_use]
    pub const fn lifted_by_two(self) -> bool {
        !matches!(self, Self::PlanPerforming | Self::Moved)
    }
}

codes!(
    /// Where a restriction or consent comes from.
    RightSource, "source of a restriction" {
        /// The lender's file.
        File = "file",
        /// A crew at the door.
        Door = "door",
        /// The office, where the person called or wrote.
        Office = "office",
        /// The person, or somebody for them, on the page of a notice.
        Page = "page",
    }
);

codes!(
    /// Where a consent stands.
    ConsentState, "state of a consent" {
        /// A second person has not agreed yet: it lifts nothing.
        Asked = "asked",
        /// It lifts rules within its time.
        Given = "given",
        /// The second person refused.
        Refused = "refused",
        /// The person took it back.
        Withdrawn = "withdrawn",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_that_restricts_has_one_kind_of_its_own() {
        for flag in Flag::ALL {
            // A complaint pauses visits by itself, and its answer ends that: nobody lifts it here.
            let expected = flag.restricts() && *flag != Flag::Complained;
            assert_eq!(RestrictionKind::of_flag(*flag).is_some(), expected, "{flag}");
        }
        for kind in RestrictionKind::ALL {
            assert!(
                kind.flag()
                    .is_none_or(|flag| RestrictionKind::of_flag(flag) == Some(*kind)),
                "{kind}"
            );
        }
    }
}
