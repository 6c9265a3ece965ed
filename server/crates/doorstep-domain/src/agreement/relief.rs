//! What is given up of a debt, part by part.
//!
//! Where an amount is given up without saying of which part, it is taken from penalty first, then fees, interest and principal:
//! what grew because the person was late goes before what they borrowed. A debt of which only the total is known is principal.

use crate::measure::Minor;
use crate::money::AmountParts;

impl AmountParts {
    /// All in one part: what is known of a debt without parts.
    #[must_use]
    pub const fn of_total(total: Minor) -> Self {
        Self {
            principal: total,
            ..Self::ZERO
        }
    }

    /// Whether no part of it is above the same part of `whole`, and none below zero.
    #[must_use]
    pub fn within(self, whole: Self) -> bool {
        let mut pairs = self.numbers().into_iter().zip(whole.numbers());
        pairs.all(|(one, of)| one >= 0 && one <= of)
    }

    /// Part by part less `other`, and never below zero.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        let mut parts = self.numbers();
        for (part, off) in parts.iter_mut().zip(other.numbers()) {
            *part = part.saturating_sub(off).max(0);
        }
        Self::of(parts)
    }

    /// Which parts go where `amount` of it is given up; all of it where that is more than there is.
    #[must_use]
    pub fn given_up(self, amount: Minor) -> Self {
        let mut left = amount.get().max(0);
        let mut take = |part: Minor| {
            let taken = left.min(part.get().max(0));
            left -= taken;
            Minor(taken)
        };
        let penalty = take(self.penalty);
        let fees = take(self.fees);
        let interest = take(self.interest);
        let principal = take(self.principal);
        Self {
            principal,
            interest,
            penalty,
            fees,
        }
    }
}

/// `percent` of an amount, rounded down.
#[must_use]
pub fn percent_of(amount: Minor, percent: u8) -> Minor {
    let share = i128::from(amount.get()) * i128::from(percent) / 100;
    Minor(i64::try_from(share).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_grew_by_being_late_goes_first() {
        let owed = AmountParts::of([700, 200, 70, 30]);
        assert_eq!(owed.given_up(Minor(80)).numbers(), [0, 0, 70, 10]);
        assert_eq!(owed.given_up(Minor(350)).numbers(), [50, 200, 70, 30]);
        assert_eq!(owed.given_up(Minor(5_000)), owed);
        assert_eq!(owed.given_up(Minor(-1)), AmountParts::ZERO);
    }

    #[test]
    fn shares_are_rounded_down() {
        assert_eq!(percent_of(Minor(199), 50), Minor(99));
        assert_eq!(percent_of(Minor(i64::MAX), 100), Minor(i64::MAX));
    }

    proptest! {
        #[test]
        fn what_is_given_up_and_what_stays_is_the_whole(
            parts in prop::array::uniform4(0_i64..1_000_000),
            amount in 0_i64..5_000_000,
        ) {
            let owed = AmountParts::of(parts);
            let off = owed.given_up(Minor(amount));
            prop_assert!(off.within(owed));
            prop_assert_eq!(off.total(), Minor(amount).min(owed.total()));
            prop_assert_eq!(off.total() + owed.less(off).total(), owed.total());
        }
    }
}
