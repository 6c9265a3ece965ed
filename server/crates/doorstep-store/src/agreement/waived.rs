//! What was given up of a debt, on which day and by which agreement.

use doorstep_domain::id::{AgreementId, CaseId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::money::AmountParts;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// What was given up at once; below zero where it was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// By which agreement.
    pub agreement: AgreementId,
    /// On which day, in days since 1970-01-01.
    pub day: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// How much of each part.
    pub parts: AmountParts,
    /// When it was written.
    pub made_at: Micros,
}

const OF_CASES: &str = "SELECT waived_id, case_id, agreement_id, day, currency, principal, interest, penalty, fees, made_at \
                        FROM waived WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY made_at, waived_id";

fn waived_of(row: &Row) -> Result<Waived, StoreError> {
    Ok(Waived {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        agreement: AgreementId(row.id(2)?),
        day: row.int(3)?,
        currency: row.text(4)?,
        parts: AmountParts::of([row.int(5)?, row.int(6)?, row.int(7)?, row.int(8)?]),
        made_at: Micros(row.int(9)?),
    })
}

impl Store {
    /// What was given up in some cases, in order.
    pub async fn waived_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<Waived>, StoreError> {
        let rows = self.db.fetch_in(OF_CASES, args![tenant.0], cases).await?;
        rows.iter().map(waived_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::waived_list`], within the transaction.
    pub async fn waived_list(&mut self, cases: &[Uuid]) -> Result<Vec<Waived>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(OF_CASES, values, cases).await?;
        rows.iter().map(waived_of).collect()
    }

    /// Notes that something was given up.
    pub async fn waived_insert(&mut self, new: &Waived) -> Result<(), StoreError> {
        let [principal, interest, penalty, fees] = new.parts.numbers();
        let row = args![
            self.tenant(),
            new.id,
            new.case.0,
            new.agreement.0,
            new.day,
            new.currency.as_str(),
            principal,
            interest,
            penalty,
            fees,
            new.made_at
        ];
        self.insert_many(
            "INSERT INTO waived (tenant_id, waived_id, case_id, agreement_id, day, currency, principal, interest, penalty, \
             fees, made_at)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }
}
