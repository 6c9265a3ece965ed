//! That a person spoke about their month. What they said is sealed, among the payloads.

use doorstep_domain::id::{CaseId, EventId, PersonId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::args;
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// Where what a person said of their month is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Means {
    /// Its id.
    pub id: Uuid,
    /// In which case.
    pub case: CaseId,
    /// Whose month.
    pub person: PersonId,
    /// Who noted it.
    pub staff: StaffId,
    /// The sealed record.
    pub payload: EventId,
    /// When.
    pub made_at: Micros,
}

impl Store {
    /// What a person said last of their month.
    pub async fn means_newest(&self, tenant: TenantId, person: PersonId) -> Result<Option<Means>, StoreError> {
        let sql = "SELECT means_id, case_id, staff_id, payload_id, made_at FROM means \
                   WHERE tenant_id = $1 AND person_id = $2 ORDER BY made_at DESC, means_id DESC LIMIT 1";
        let row = self.db.fetch_one(sql, args![tenant.0, person.0]).await?;
        row.map(|row| {
            Ok(Means {
                id: row.id(0)?,
                case: CaseId(row.id(1)?),
                person,
                staff: StaffId(row.id(2)?),
                payload: EventId(row.id(3)?),
                made_at: Micros(row.int(4)?),
            })
        })
        .transpose()
    }
}

impl WriteTx {
    /// Notes that a person spoke about their month.
    pub async fn means_insert(&mut self, new: &Means) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            new.id,
            new.case.0,
            new.person.0,
            new.staff.0,
            new.payload.0,
            new.made_at
        ];
        let sql = "INSERT INTO means (tenant_id, means_id, case_id, person_id, staff_id, payload_id, made_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.exec(sql, values).await.map(drop)
    }
}
