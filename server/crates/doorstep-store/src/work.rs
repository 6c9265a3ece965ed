//! What carries out steps of a strategy beside contacts, and visits that a supervisor asked for by name.

use doorstep_domain::id::{CaseId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::step::{StepChannel, VisitAskReason};
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A step that was carried out without a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDone {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// The name of the step.
    pub step: String,
    /// Its channel.
    pub channel: StepChannel,
    /// When.
    pub at: Micros,
    /// Who did it.
    pub staff: StaffId,
}

/// A visit that a supervisor asked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitAsk {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// Who asked.
    pub staff: StaffId,
    /// Why.
    pub reason: VisitAskReason,
    /// When.
    pub at: Micros,
    /// Until when it counts.
    pub until: Micros,
}

fn done_of(row: &Row) -> Result<StepDone, StoreError> {
    Ok(StepDone {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        step: row.text(2)?,
        channel: row.code(3)?,
        at: Micros(row.int(4)?),
        staff: StaffId(row.id(5)?),
    })
}

fn ask_of(row: &Row) -> Result<VisitAsk, StoreError> {
    Ok(VisitAsk {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        reason: row.code(3)?,
        at: Micros(row.int(4)?),
        until: Micros(row.int(5)?),
    })
}

impl Store {
    /// The steps of some cases that were carried out without a contact, oldest first.
    pub async fn step_done_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<StepDone>, StoreError> {
        let sql = "SELECT done_id, case_id, step, channel, done_at, staff_id FROM step_done WHERE tenant_id = $1 \
                   AND case_id IN ({in}) ORDER BY done_at, done_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(done_of).collect()
    }

    /// The visits that were asked for of some cases, oldest first.
    pub async fn visit_ask_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<VisitAsk>, StoreError> {
        let sql = "SELECT ask_id, case_id, staff_id, reason, asked_at, until_at FROM visit_ask WHERE tenant_id = $1 \
                   AND case_id IN ({in}) ORDER BY asked_at, ask_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter().map(ask_of).collect()
    }
}

impl WriteTx {
    /// Adds a step that was carried out.
    pub async fn step_done_insert(&mut self, done: &StepDone) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            done.id,
            done.case.0,
            done.step.as_str(),
            done.channel.code(),
            done.at,
            done.staff.0
        ];
        self.exec(
            "INSERT INTO step_done (tenant_id, done_id, case_id, step, channel, done_at, staff_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values,
        )
        .await
        .map(drop)
    }

    /// Adds a visit that is asked for by name.
    pub async fn visit_ask_insert(&mut self, ask: &VisitAsk) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            ask.id,
            ask.case.0,
            ask.staff.0,
            ask.reason.code(),
            ask.at,
            ask.until
        ];
        self.exec(
            "INSERT INTO visit_ask (tenant_id, ask_id, case_id, staff_id, reason, asked_at, until_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values,
        )
        .await
        .map(drop)
    }
}
