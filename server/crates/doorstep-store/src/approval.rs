//! Approvals: asked, answered by a second person, used once.

use doorstep_domain::approval::{ApprovalKind, ApprovalState, ApprovalTerms};
use doorstep_domain::id::{ApprovalId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// What it is asked for.
    pub kind: ApprovalKind,
    /// What it concerns: a person, an import, a case.
    pub subject: Uuid,
    /// Who asked, state and end.
    pub terms: ApprovalTerms,
    /// Who answered.
    pub answered_by: Option<StaffId>,
    /// When it was asked.
    pub asked_at: Micros,
    /// Why, as a code.
    pub reason: String,
}

fn approval_of(row: &Row) -> Result<Approval, StoreError> {
    Ok(Approval {
        id: ApprovalId(row.id(0)?),
        kind: row.code(1)?,
        subject: row.id(2)?,
        terms: ApprovalTerms {
            asked_by: StaffId(row.id(3)?),
            state: row.code(5)?,
            expires: Micros(row.int(7)?),
        },
        answered_by: row.opt_id(4)?.map(StaffId),
        asked_at: Micros(row.int(6)?),
        reason: row.text(8)?,
    })
}

impl Store {
    /// One approval.
    pub async fn approval_get(&self, tenant: TenantId, id: ApprovalId) -> Result<Approval, StoreError> {
        let sql = "SELECT approval_id, kind, subject_id, asked_by, answered_by, state, asked_at, expires, reason \
                   FROM approval WHERE tenant_id = $1 AND approval_id = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        approval_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// All approvals of a tenant, newest first, at most 500.
    pub async fn approval_list(&self, tenant: TenantId) -> Result<Vec<Approval>, StoreError> {
        let sql = "SELECT approval_id, kind, subject_id, asked_by, answered_by, state, asked_at, expires, reason \
                   FROM approval WHERE tenant_id = $1 ORDER BY asked_at DESC, approval_id LIMIT 500";
        self.db
            .fetch(sql, args![tenant.0])
            .await?
            .iter()
            .map(approval_of)
            .collect()
    }
}

impl WriteTx {
    /// Asks.
    pub async fn approval_insert(&mut self, approval: &Approval) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            approval.id.0,
            approval.kind.code(),
            approval.subject,
            approval.terms.asked_by.0,
            approval.terms.state.code(),
            approval.asked_at,
            approval.terms.expires,
            approval.reason.as_str()
        ];
        self.exec(
            "INSERT INTO approval (tenant_id, approval_id, kind, subject_id, asked_by, state, asked_at, expires, reason) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values,
        )
        .await
        .map(drop)
    }

    /// Moves an approval from one state to the next; `Changed` where somebody else was faster.
    pub async fn approval_move(
        &mut self,
        id: ApprovalId,
        (from, to): (ApprovalState, ApprovalState),
        by: Option<StaffId>,
    ) -> Result<(), StoreError> {
        let values = args![to.code(), by.map(|staff| staff.0), self.tenant(), id.0, from.code()];
        self.exec_one(
            "UPDATE approval SET state = $1, answered_by = COALESCE($2, answered_by) \
             WHERE tenant_id = $3 AND approval_id = $4 AND state = $5",
            values,
        )
        .await
    }
}
