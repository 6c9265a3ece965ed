//! What became of an agreement, from its days and the payments alone.
//!
//! Pure: the same terms, payments and day give the same answer in whatever order payments arrived. A payment counts on the day
//! on which it was paid, not on the one on which its file came; so a late file can turn what looked broken into what was kept.

use crate::agreement::AgreementState;
use crate::measure::Minor;

/// What is due by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// By when, in days since 1970-01-01.
    pub day: i64,
    /// How much; above zero.
    pub amount: Minor,
}

/// What was paid on a day. What was paid and went back is an amount below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// When, in days since 1970-01-01.
    pub day: i64,
    /// How much.
    pub amount: Minor,
}

/// What an agreement is judged by; fixed when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms<'a> {
    /// The day of the agreement: what was paid before it is not of it.
    pub from: i64,
    /// What is due, in the order of the days; at least one.
    pub dues: &'a [Due],
    /// For so many days after each day it still counts as in time.
    pub grace_days: i64,
    /// So many instalments a plan may be behind before it counts as broken.
    pub missed_max: usize,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// `promised`, `kept`, `partial` or `broken`.
    pub state: AgreementState,
    /// On which day it came to this; the day of the agreement while it is promised.
    pub day: i64,
    /// What was paid by it so far.
    pub paid: Minor,
    /// What is behind: due with its days of grace over, and not paid.
    pub behind: Minor,
    /// How many instalments, from the first on without a gap, were paid in time.
    pub in_time: usize,
    /// The first due that is not covered by what was paid, by its place.
    pub next: Option<usize>,
}

/// Judges an agreement at the end of a day.
#[must_use]
pub fn judge(terms: &Terms<'_>, payments: &[Paid], today: i64) -> Judged {
    let paid_by = |day: i64| -> i128 {
        let theirs = payments.iter().filter(|one| one.day >= terms.from && one.day <= day);
        theirs.map(|one| i128::from(one.amount.get())).sum()
    };
    let ends = |due: &Due| due.day.saturating_add(terms.grace_days);
    // Sums of what is due up to and with each.
    let sums: Vec<i128> = terms
        .dues
        .iter()
        .scan(0_i128, |sum, due| {
            *sum += i128::from(due.amount.get());
            Some(*sum)
        })
        .collect();
    let sum_before = |index: usize| index.checked_sub(1).map_or(0, |before| sums[before]);
    let over = terms.dues.iter().filter(|due| ends(due) < today).count();
    let in_time = (0..terms.dues.len())
        .take_while(|index| paid_by(ends(&terms.dues[*index]).min(today)) >= sums[*index])
        .count();
    let (state, day) = outcome(terms, &sums, (today, over), &paid_by);
    let paid = paid_by(today);
    let covered = sums.iter().take_while(|sum| **sum <= paid).count();
    Judged {
        state,
        day,
        paid: minor(paid),
        behind: minor((sum_before(over) - paid).max(0)),
        in_time,
        next: Some(covered).filter(|next| *next < terms.dues.len()),
    }
}

/// The first day on which it was decided, if it was.
fn outcome(
    terms: &Terms<'_>,
    sums: &[i128],
    (today, over): (i64, usize),
    paid_by: &impl Fn(i64) -> i128,
) -> (AgreementState, i64) {
    let ends = |index: usize| terms.dues[index].day.saturating_add(terms.grace_days);
    let Some(last) = terms.dues.len().checked_sub(1) else {
        return (AgreementState::Promised, terms.from);
    };
    for index in 0..over.min(last) {
        let must = index.checked_sub(terms.missed_max).map_or(0, |index| sums[index]);
        if paid_by(ends(index)) < must {
            return (AgreementState::Broken, ends(index) + 1);
        }
    }
    let by_end = paid_by(today.min(ends(last)));
    if by_end >= sums[last] {
        return (
            AgreementState::Kept,
            since(terms, sums[last], today.min(ends(last)), paid_by),
        );
    }
    match (over > last, by_end > 0) {
        (false, _) => (AgreementState::Promised, terms.from),
        (true, true) => (AgreementState::Partial, ends(last) + 1),
        (true, false) => (AgreementState::Broken, ends(last) + 1),
    }
}

/// Since when everything is paid, without going below it again until `until`.
fn since(terms: &Terms<'_>, all: i128, until: i64, paid_by: &impl Fn(i64) -> i128) -> i64 {
    let mut day = until;
    while day > terms.from && paid_by(day - 1) >= all {
        day -= 1;
    }
    day
}

fn minor(amount: i128) -> Minor {
    Minor(i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
