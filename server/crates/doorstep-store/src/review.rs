//! Decisions about visits with remarks. Rows are only added; the newest of a visit counts.

use doorstep_domain::id::{DeviceId, EventId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::review::ReviewDecision;
use uuid::Uuid;

use crate::db::args;
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: Uuid,
    /// The visit.
    pub visit: VisitId,
    /// Who decided.
    pub staff: StaffId,
    /// What.
    pub decision: ReviewDecision,
    /// Why, among the payloads.
    pub note: Option<EventId>,
    /// When.
    pub at: Micros,
}

impl Store {
    /// The decisions about some visits, oldest first.
    pub async fn review_list(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<Review>, StoreError> {
        let sql = "SELECT review_id, visit_id, staff_id, decision, note_id, decided_at FROM review \
                   WHERE tenant_id = $1 AND visit_id IN ({in}) ORDER BY decided_at, review_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter()
            .map(|row| {
                Ok(Review {
                    id: row.id(0)?,
                    visit: VisitId(row.id(1)?),
                    staff: StaffId(row.id(2)?),
                    decision: row.code(3)?,
                    note: row.opt_id(4)?.map(EventId),
                    at: Micros(row.int(5)?),
                })
            })
            .collect()
    }

    /// Whose devices reported on some visits.
    pub async fn event_reporters(
        &self,
        tenant: TenantId,
        visits: &[Uuid],
    ) -> Result<Vec<(VisitId, DeviceId, StaffId)>, StoreError> {
        let sql = "SELECT DISTINCT e.visit_id, e.device_id, d.staff_id FROM event e \
                   JOIN device d ON d.tenant_id = e.tenant_id AND d.device_id = e.device_id \
                   WHERE e.tenant_id = $1 AND e.visit_id IN ({in}) ORDER BY e.visit_id, e.device_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter()
            .map(|row| Ok((VisitId(row.id(0)?), DeviceId(row.id(1)?), StaffId(row.id(2)?))))
            .collect()
    }
}

impl WriteTx {
    /// Adds a decision.
    pub async fn review_insert(&mut self, review: &Review) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            review.id,
            review.visit.0,
            review.staff.0,
            review.decision.code(),
            review.note.map(|id| id.0),
            review.at
        ];
        let sql = "INSERT INTO review (tenant_id, review_id, visit_id, staff_id, decision, note_id, decided_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.exec(sql, values).await.map(drop)
    }
}
