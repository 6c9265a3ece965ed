//! What was paid in some cases, as agreements count it.

use std::collections::HashMap;

use doorstep_domain::agreement::judge::Paid;
use doorstep_domain::id::{CaseId, PaymentId, TenantId};
use doorstep_domain::loan::PaymentKind;
use doorstep_domain::measure::{Micros, Minor};
use doorstep_store::agreement::Agreement;
use doorstep_store::payment::Payment;
use doorstep_store::{Store, WriteTx};
use uuid::Uuid;

use crate::error::AppError;

/// What was paid, by case and currency: two currencies are never mixed.
#[derive(Debug, Clone, Default)]
pub(super) struct Payments(HashMap<(CaseId, String), Vec<Payment>>);

impl Payments {
    fn of_rows(rows: Vec<Payment>) -> Self {
        let mut all: HashMap<_, Vec<Payment>> = HashMap::new();
        for row in rows {
            let Some(case) = row.case else { continue };
            all.entry((case, row.currency.clone())).or_default().push(row);
        }
        Self(all)
    }

    fn rows(&self, one: &Agreement) -> &[Payment] {
        self.0.get(&(one.case, one.currency.clone())).map_or(&[], Vec::as_slice)
    }

    /// What was paid by an agreement. What was in the books when it was made is in what was owed then, and is not of it; what
    /// came into the books later is, also where it was paid on an earlier day: whoever had paid already has kept their word.
    pub(super) fn of(&self, one: &Agreement) -> Vec<Paid> {
        let rows = self.rows(one);
        let of_it = |row: &&Payment| match row.kind {
            PaymentKind::Payment => is_of(one, row),
            PaymentKind::Reversal => {
                !came_after(one, row) && rows.iter().any(|paid| is_undone(paid, row) && is_of(one, paid))
            }
        };
        let paid = |row: &Payment| Paid {
            day: row.paid_on.max(one.made_day),
            amount: Minor(match row.kind {
                PaymentKind::Payment => row.amount,
                PaymentKind::Reversal => -row.amount,
            }),
        };
        rows.iter().filter(of_it).map(paid).collect()
    }

    /// The payments by an agreement that stand.
    pub(super) fn standing(&self, one: &Agreement) -> Vec<PaymentId> {
        let rows = self.rows(one);
        let stands = |row: &&Payment| {
            row.kind == PaymentKind::Payment && is_of(one, row) && !rows.iter().any(|back| is_undone(row, back))
        };
        rows.iter().filter(stands).map(|row| row.id).collect()
    }
}

/// When money came into the books: when it was brought in, or when a person decided that it counts.
fn counted_at(row: &Payment) -> Micros {
    row.decision.map_or(row.received_at, |decision| decision.at)
}

fn is_of(one: &Agreement, row: &Payment) -> bool {
    // What was said at a door is known here later than it was said: what was paid in between is of it.
    let before = counted_at(row) < one.made_at && row.paid_on <= one.made_day;
    !before && !came_after(one, row)
}

fn came_after(one: &Agreement, row: &Payment) -> bool {
    one.ended.as_ref().is_some_and(|ended| counted_at(row) > ended.at)
}

/// Whether a reversal takes a payment back.
fn is_undone(paid: &Payment, back: &Payment) -> bool {
    (paid.kind, back.kind) == (PaymentKind::Payment, PaymentKind::Reversal) && paid.reference == back.reference
}

fn ids(cases: &[Uuid]) -> Vec<CaseId> {
    cases.iter().copied().map(CaseId).collect()
}

/// The payments of some cases that count, within a transaction.
pub(super) async fn payments_of(tx: &mut WriteTx, cases: &[Uuid]) -> Result<Payments, AppError> {
    Ok(Payments::of_rows(tx.payment_list(&ids(cases)).await?))
}

/// The payments of some cases that count.
pub(super) async fn payments_seen(store: &Store, tenant: TenantId, cases: &[Uuid]) -> Result<Payments, AppError> {
    Ok(Payments::of_rows(store.payment_list(tenant, &ids(cases)).await?))
}
