//! What was paid in some cases, as agreements count it.

use std::collections::HashMap;

use doorstep_domain::agreement::judge::Paid;
use doorstep_domain::id::{CaseId, TenantId};
use doorstep_domain::loan::PaymentKind;
use doorstep_domain::measure::Minor;
use doorstep_store::payment::Payment;
use doorstep_store::{Store, WriteTx};
use uuid::Uuid;

use crate::error::AppError;

/// What was paid, by case and currency: two currencies are never mixed.
#[derive(Debug, Clone, Default)]
pub(super) struct Payments(HashMap<(CaseId, String), Vec<Paid>>);

impl Payments {
    fn of_rows(rows: Vec<Payment>) -> Self {
        let mut all: HashMap<_, Vec<Paid>> = HashMap::new();
        for row in rows {
            let Some(case) = row.case else { continue };
            let amount = match row.kind {
                PaymentKind::Payment => row.amount,
                PaymentKind::Reversal => -row.amount,
            };
            all.entry((case, row.currency)).or_default().push(Paid {
                day: row.paid_on,
                amount: Minor(amount),
            });
        }
        Self(all)
    }

    /// What was paid in a case in a currency.
    pub(super) fn of(&self, case: CaseId, currency: &str) -> &[Paid] {
        self.0.get(&(case, currency.to_owned())).map_or(&[], Vec::as_slice)
    }
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
