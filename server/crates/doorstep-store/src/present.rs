//! Who was at visits, as their events say: whose device reported a check-in, and whom it named. What they did there is sealed; that
//! they were there is not, so that whoever never reports by a device of their own is checked like everybody else.

use doorstep_domain::id::{StaffId, TenantId, VisitId};
use uuid::Uuid;

use crate::db::{Row, Tx, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// Takes over who reported check-ins to a version that kept nobody else: whose devices they were.
pub(crate) async fn present_adopt(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
    let sql = "INSERT INTO visit_staff (tenant_id, visit_id, staff_id) \
               SELECT DISTINCT e.tenant_id, e.visit_id, d.staff_id FROM event e \
               JOIN device d ON d.tenant_id = e.tenant_id AND d.device_id = e.device_id \
               WHERE e.tenant_id = $1 AND e.kind = 'visit.arrived' AND e.visit_id IS NOT NULL \
               ON CONFLICT DO NOTHING";
    tx.exec(sql, args![tenant.0]).await.map(drop)
}

fn present_of(row: &Row) -> Result<(VisitId, StaffId), StoreError> {
    Ok((VisitId(row.id(0)?), StaffId(row.id(1)?)))
}

impl Store {
    /// Who was at some visits.
    pub async fn visit_staff(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<(VisitId, StaffId)>, StoreError> {
        let sql = "SELECT visit_id, staff_id FROM visit_staff WHERE tenant_id = $1 AND visit_id IN ({in})";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(present_of).collect()
    }
}

impl WriteTx {
    /// Keeps who was at a visit, beside those who are known already.
    pub async fn visit_staff_add(&mut self, visit: VisitId, staff: &[StaffId]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = staff.iter().map(|staff| args![tenant, visit.0, staff.0]).collect();
        let head = "INSERT INTO visit_staff (tenant_id, visit_id, staff_id)";
        self.insert_many(head, "ON CONFLICT DO NOTHING", rows).await.map(drop)
    }
}
