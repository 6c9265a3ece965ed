//! Since when a case has a status and a stage: rows that are only added to, because a report of a past span must not change when a
//! case does. Whatever writes cases notes it here in the same transaction.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Tx, args};
use crate::error::StoreError;
use crate::write::WriteTx;

/// Of a case that is over the age of its debt says nothing any more.
const NOTE_SQL: &str = "INSERT INTO case_stage (tenant_id, case_id, n, at, status, stage) \
     SELECT c.tenant_id, c.case_id, COALESCE(k.n, 0) + 1, CAST($2 AS BIGINT), c.status, c.stage FROM cases c \
     LEFT JOIN case_stage k ON k.tenant_id = c.tenant_id AND k.case_id = c.case_id AND k.n = (SELECT MAX(x.n) \
     FROM case_stage x WHERE x.tenant_id = c.tenant_id AND x.case_id = c.case_id) \
     WHERE c.tenant_id = $1 AND (k.n IS NULL OR k.status <> c.status \
     OR (k.stage <> c.stage AND c.status IN ('open', 'held'))) AND c.case_id IN ({in})";

/// Notes the status and stage of some cases where they are others than before.
pub(crate) async fn stage_note(tx: &mut Tx, tenant: Uuid, at: Micros, cases: &[Uuid]) -> Result<(), StoreError> {
    tx.exec_in(NOTE_SQL, args![tenant, at], cases).await
}

/// Takes over the cases of a version that kept no such rows: from the import that brought them, of a loan from the day on which its
/// first instalment fell due, with the stage that they have now; and their end.
pub(crate) async fn stage_adopt(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
    let begun = "INSERT INTO case_stage (tenant_id, case_id, n, at, status, stage) \
                 SELECT c.tenant_id, c.case_id, 1, CASE WHEN COALESCE(l.at, 0) > COALESCE(i.at, c.updated_at) THEN l.at \
                 ELSE COALESCE(i.at, c.updated_at) END, CASE WHEN c.status = 'held' THEN 'held' ELSE 'open' END, c.stage \
                 FROM cases c LEFT JOIN (SELECT r.case_id, MIN(m.created_at) AS at FROM import_row r \
                 JOIN import m ON m.tenant_id = r.tenant_id AND m.import_id = r.import_id \
                 WHERE r.tenant_id = $1 AND r.case_id IS NOT NULL GROUP BY r.case_id) i ON i.case_id = c.case_id \
                 LEFT JOIN (SELECT o.case_id, MIN(d.due_day) * 86400000000 AS at FROM loan o \
                 JOIN instalment d ON d.tenant_id = o.tenant_id AND d.case_id = o.case_id \
                 WHERE o.tenant_id = $1 AND o.source = 'file' GROUP BY o.case_id) l ON l.case_id = c.case_id \
                 WHERE c.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM case_stage k \
                 WHERE k.tenant_id = c.tenant_id AND k.case_id = c.case_id)";
    tx.exec(begun, args![tenant.0]).await?;
    let ended = "INSERT INTO case_stage (tenant_id, case_id, n, at, status, stage) \
                 SELECT c.tenant_id, c.case_id, 2, CASE WHEN COALESCE(c.ended_at, c.updated_at) > k.at \
                 THEN COALESCE(c.ended_at, c.updated_at) ELSE k.at END, c.status, c.stage FROM cases c \
                 JOIN case_stage k ON k.tenant_id = c.tenant_id AND k.case_id = c.case_id AND k.n = 1 \
                 WHERE c.tenant_id = $1 AND c.status IN ('settled', 'recalled', 'closed') AND NOT EXISTS (SELECT 1 \
                 FROM case_stage x WHERE x.tenant_id = c.tenant_id AND x.case_id = c.case_id AND x.n > 1)";
    tx.exec(ended, args![tenant.0]).await.map(drop)
}

impl WriteTx {
    /// Notes the status and stage of cases that this transaction wrote.
    pub(crate) async fn stage_note(&mut self, cases: &[Uuid]) -> Result<(), StoreError> {
        let (tenant, now) = (self.tenant(), self.now());
        stage_note(self.inner(), tenant, now, cases).await
    }
}
