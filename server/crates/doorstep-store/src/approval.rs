//! Approvals: asked, answered by a second person, used once.

use doorstep_domain::approval::{ApprovalKind, ApprovalState, ApprovalTerms};
use doorstep_domain::id::{ApprovalId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, Tx, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
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

macro_rules! approval_sql {
    ($tail:literal) => {
        concat!(
            "SELECT approval_id, kind, subject_id, asked_by, answered_by, state, asked_at, expires, reason, mac ",
            "FROM approval ",
            $tail
        )
    };
}

/// All of an approval: nobody but this program may write one, or who answered it. Its id is one of its tenant's alone, as the
/// key that vouches for it.
fn approval_row(approval: &Approval) -> String {
    let Approval { id, kind, subject, .. } = approval;
    let ApprovalTerms {
        asked_by,
        state,
        expires,
    } = &approval.terms;
    let (by, at, reason) = (approval.answered_by, approval.asked_at.get(), &approval.reason);
    format!(
        "{id} {kind} {subject} {asked_by} {} {by:?} {at} {} {reason:?}",
        state.code(),
        expires.get()
    )
}

fn approval_mac(key: &MacKey, approval: &Approval) -> Vec<u8> {
    key.mac(&[approval_row(approval).as_bytes()]).to_vec()
}

/// An approval as this program wrote it.
fn approval_trusted(key: &MacKey, row: &Row) -> Result<Approval, StoreError> {
    let approval = approval_of(row)?;
    if key.holds(&[approval_row(&approval).as_bytes()], row.bytes(9)?) {
        Ok(approval)
    } else {
        Err(StoreError::Forged("approval"))
    }
}

/// Vouches for approvals in rows of a version that knew no MACs.
pub(crate) async fn approval_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.mac_key(tenant, "approval").await?;
    let sql = approval_sql!("WHERE tenant_id = $1 AND length(mac) = 0");
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let approval = approval_of(&row)?;
        let sql = "UPDATE approval SET mac = $1 WHERE tenant_id = $2 AND approval_id = $3";
        let values = args![approval_mac(&key, &approval), tenant.0, approval.id.0];
        tx.exec(sql, values).await?;
    }
    Ok(())
}

impl Store {
    /// One approval; `Forged` where somebody else wrote it.
    pub async fn approval_get(&self, tenant: TenantId, id: ApprovalId) -> Result<Approval, StoreError> {
        let sql = approval_sql!("WHERE tenant_id = $1 AND approval_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        let key = self.keys.mac_key(tenant, "approval").await?;
        approval_trusted(&key, &row.ok_or(StoreError::NotFound)?)
    }

    /// Approvals that somebody else wrote or changed.
    pub async fn approvals_forged(&self, tenant: TenantId) -> Result<Vec<ApprovalId>, StoreError> {
        let key = self.keys.mac_key(tenant, "approval").await?;
        let sql = approval_sql!("WHERE tenant_id = $1 ORDER BY approval_id");
        let mut forged = Vec::new();
        for row in self.db.fetch(sql, args![tenant.0]).await? {
            if matches!(approval_trusted(&key, &row), Err(StoreError::Forged(_))) {
                forged.push(ApprovalId(row.id(0)?));
            }
        }
        Ok(forged)
    }

    /// All approvals of a tenant, newest first, at most 500.
    pub async fn approval_list(&self, tenant: TenantId) -> Result<Vec<Approval>, StoreError> {
        let sql = approval_sql!("WHERE tenant_id = $1 ORDER BY asked_at DESC, approval_id LIMIT 500");
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
            approval.reason.as_str(),
            approval_mac(&self.mac_key("approval").await?, approval)
        ];
        self.exec(
            "INSERT INTO approval (tenant_id, approval_id, kind, subject_id, asked_by, state, asked_at, expires, reason, \
             mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values,
        )
        .await
        .map(drop)
    }

    /// Moves an approval, as it was read, to its next state; `Changed` where somebody else was faster.
    pub async fn approval_move(
        &mut self,
        approval: &mut Approval,
        to: ApprovalState,
        by: Option<StaffId>,
    ) -> Result<(), StoreError> {
        let from = std::mem::replace(&mut approval.terms.state, to);
        approval.answered_by = by.or(approval.answered_by);
        let values = args![
            to.code(),
            approval.answered_by.map(|staff| staff.0),
            approval_mac(&self.mac_key("approval").await?, approval),
            self.tenant(),
            approval.id.0,
            from.code()
        ];
        self.exec_one(
            "UPDATE approval SET state = $1, answered_by = $2, mac = $3 \
             WHERE tenant_id = $4 AND approval_id = $5 AND state = $6",
            values,
        )
        .await
    }
}
