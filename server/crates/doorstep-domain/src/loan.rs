//! The book of a case: instalments that fall due, and how money is put to them. Days are since 1970-01-01.
//!
//! All of it is arithmetic on integer minor units of one currency; who may do what, and when, is decided elsewhere.

use crate::codes;
use crate::measure::Minor;
use crate::money::{AmountPart, AmountParts};

codes!(
    /// Whether money came in or went back.
    PaymentKind, "kind of payment" {
        /// It came in.
        Payment = "payment",
        /// A payment that was counted went back: a bounced debit, a recalled transfer.
        Reversal = "reversal",
    }
);

codes!(
    /// What became of a payment.
    PaymentState, "state of a payment" {
        /// It counts for its case.
        Counted = "counted",
        /// It waits for a person, and counts nowhere.
        Held = "held",
        /// A person decided that it counts nowhere.
        Refused = "refused",
    }
);

codes!(
    /// What a row of the ledger is.
    PostingKind, "kind of posting" {
        /// An instalment fell due.
        Due = "due",
        /// The lender stated an instalment anew.
        Restated = "restated",
        /// A payment.
        Payment = "payment",
        /// A payment went back.
        Reversal = "reversal",
        /// The creditor gave something up.
        Waiver = "waiver",
    }
);

codes!(
    /// Where the book of a case comes from.
    LoanSource, "source of a loan" {
        /// A loan file, instalment by instalment.
        File = "file",
        /// A case file, which states one sum: it is the only instalment.
        Case = "case",
    }
);

/// What falls due on one day, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instalment {
    /// The day on which it falls due.
    pub due_day: i64,
    /// The lender's number of it, where the file gives one.
    pub number: Option<i64>,
    /// What falls due.
    pub due: AmountParts,
    /// What was paid of it.
    pub paid: AmountParts,
    /// What was waived of it.
    pub waived: AmountParts,
    /// The day on which it was booked as due; `None` until then.
    pub booked: Option<i64>,
}

impl Instalment {
    /// One of which nothing was paid.
    #[must_use]
    pub const fn new(due_day: i64, number: Option<i64>, due: AmountParts) -> Self {
        Self {
            due_day,
            number,
            due,
            paid: AmountParts::ZERO,
            waived: AmountParts::ZERO,
            booked: None,
        }
    }
    /// What is left of it.
    #[must_use]
    pub fn open(&self) -> AmountParts {
        self.due - self.paid - self.waived
    }
}

/// What was put to, or taken from, one instalment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The instalment.
    pub due_day: i64,
    /// By part.
    pub parts: AmountParts,
}

/// The order in which the parts of an instalment are paid off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOrder([AmountPart; 4]);

impl Default for PartOrder {
    fn default() -> Self {
        Self([
            AmountPart::Fees,
            AmountPart::Penalty,
            AmountPart::Interest,
            AmountPart::Principal,
        ])
    }
}

impl PartOrder {
    /// An order; `None` unless it names each part once.
    #[must_use]
    pub fn of(parts: [AmountPart; 4]) -> Option<Self> {
        let all = AmountPart::ALL.iter().all(|part| parts.contains(part));
        all.then_some(Self(parts))
    }
    /// The parts, first paid first.
    #[must_use]
    pub const fn parts(self) -> [AmountPart; 4] {
        self.0
    }
}

/// More money than there is anything left to put it to; holds what is left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing left to put {0} minor units to")]
pub struct TooMuch(pub Minor);

/// What is left of all instalments that fall due until a day, that day included.
#[must_use]
pub fn open_until(instalments: &[Instalment], day: i64) -> AmountParts {
    let until = instalments.iter().filter(|one| one.due_day <= day);
    until.map(Instalment::open).sum()
}

/// The due day of the oldest instalment of which anything is left.
#[must_use]
pub fn oldest_open(instalments: &[Instalment]) -> Option<i64> {
    let open = instalments.iter().filter(|one| one.open().total() > Minor::ZERO);
    open.map(|one| one.due_day).min()
}

/// Puts an amount to instalments, the oldest first, and within one to its parts in `order`. All of it or, where it is more
/// than is left, nothing.
pub fn allocate(instalments: &[Instalment], amount: Minor, order: PartOrder) -> Result<Vec<Share>, TooMuch> {
    let mut oldest: Vec<&Instalment> = instalments.iter().collect();
    oldest.sort_unstable_by_key(|one| one.due_day);
    let mut left = amount;
    let mut shares = Vec::new();
    for one in oldest {
        let open = one.open();
        let mut parts = AmountParts::ZERO;
        for part in order.parts() {
            let share = open.part(part).max(Minor::ZERO).min(left);
            *parts.part_mut(part) = share;
            left -= share;
        }
        if parts != AmountParts::ZERO {
            shares.push(Share {
                due_day: one.due_day,
                parts,
            });
        }
    }
    if left > Minor::ZERO {
        return Err(TooMuch(left));
    }
    Ok(shares)
}

/// Counts shares as paid; a share below zero takes back what was counted.
pub fn pay(instalments: &mut [Instalment], shares: &[Share]) {
    for share in shares {
        for one in instalments.iter_mut().filter(|one| one.due_day == share.due_day) {
            one.paid += share.parts;
        }
    }
}

/// Which instalments parts are given up of, the oldest first; what is below zero takes back what was given up of them.
#[must_use]
pub fn give_up(instalments: &[Instalment], parts: AmountParts) -> Vec<Share> {
    let mut oldest: Vec<&Instalment> = instalments.iter().collect();
    oldest.sort_unstable_by_key(|one| one.due_day);
    let mut left = parts;
    let mut shares = Vec::new();
    for one in oldest {
        let mut share = AmountParts::ZERO;
        for part in AmountPart::ALL {
            let open = one.open().part(*part).max(Minor::ZERO);
            let taken = left.part(*part).min(open).max(-one.waived.part(*part));
            *share.part_mut(*part) = taken;
            *left.part_mut(*part) -= taken;
        }
        if share != AmountParts::ZERO {
            shares.push(Share {
                due_day: one.due_day,
                parts: share,
            });
        }
    }
    shares
}

/// Counts shares as waived; a share below zero takes back what was counted.
pub fn waive(instalments: &mut [Instalment], shares: &[Share]) {
    for share in shares {
        for one in instalments.iter_mut().filter(|one| one.due_day == share.due_day) {
            one.waived += share.parts;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instalment(due_day: i64, parts: [i64; 4]) -> Instalment {
        Instalment::new(due_day, None, AmountParts::of(parts))
    }

    #[test]
    fn the_oldest_is_paid_first_and_its_parts_in_the_stated_order() {
        let mut book = [instalment(31, [100, 10, 0, 0]), instalment(1, [100, 10, 5, 2])];
        let shares = allocate(&book, Minor(20), PartOrder::default());
        let fees_first = Share {
            due_day: 1,
            parts: AmountParts::of([3, 10, 5, 2]),
        };
        assert_eq!(shares, Ok(vec![fees_first]));
        let principal_first = PartOrder::of([
            AmountPart::Principal,
            AmountPart::Interest,
            AmountPart::Penalty,
            AmountPart::Fees,
        ]);
        let shares = allocate(&book, Minor(130), principal_first.unwrap_or_default());
        let shares = shares.unwrap_or_default();
        assert_eq!(
            shares.iter().map(|share| share.parts.numbers()).collect::<Vec<_>>(),
            [[100, 10, 5, 2], [13, 0, 0, 0]]
        );
        pay(&mut book, &shares);
        assert_eq!(open_until(&book, 30), AmountParts::ZERO);
        assert_eq!(open_until(&book, 31).total(), Minor(97));
        assert_eq!(oldest_open(&book), Some(31));
        assert_eq!(allocate(&book, Minor(98), PartOrder::default()), Err(TooMuch(Minor(1))));
    }

    #[test]
    fn an_order_names_every_part_once() {
        assert_eq!(PartOrder::of([AmountPart::Fees; 4]), None);
        assert_eq!(PartOrder::of(PartOrder::default().parts()), Some(PartOrder::default()));
    }
}
