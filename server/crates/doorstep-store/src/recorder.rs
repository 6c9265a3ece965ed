//! Body recorders, who carries which on which days, and the visits of an interval. None of it is personal.

use doorstep_domain::id::{AgencyId, RecorderId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::visit::{Visit, visit_of};
use crate::write::WriteTx;

/// The most recorders, and the most assignments of one, that a list shows.
const LIST_MAX: i64 = 5_000;

/// A body recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// Its id.
    pub id: RecorderId,
    /// The number on it, which its files bear.
    pub number: String,
    /// Whose it is; `None` for the creditor's own.
    pub agency: Option<AgencyId>,
    /// Who added it.
    pub added_by: StaffId,
    /// When.
    pub added_at: Micros,
    /// Since when it is not used any more.
    pub ended_at: Option<Micros>,
}

/// Somebody carries a recorder on some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecorderUse {
    /// Its id.
    pub id: Uuid,
    /// The recorder.
    pub recorder: RecorderId,
    /// Who carries it.
    pub staff: StaffId,
    /// The first day, in days since 1970-01-01.
    pub first: i64,
    /// The last day; `None` while nobody else has it.
    pub last: Option<i64>,
    /// Who gave it.
    pub by: StaffId,
    /// When.
    pub at: Micros,
}

impl RecorderUse {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: i64) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

fn recorder_of(row: &Row) -> Result<Recorder, StoreError> {
    Ok(Recorder {
        id: RecorderId(row.id(0)?),
        number: row.text(1)?,
        agency: row.opt_id(2)?.map(AgencyId),
        added_by: StaffId(row.id(3)?),
        added_at: Micros(row.int(4)?),
        ended_at: row.opt_int(5)?.map(Micros),
    })
}

fn use_of(row: &Row) -> Result<RecorderUse, StoreError> {
    Ok(RecorderUse {
        id: row.id(0)?,
        recorder: RecorderId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        first: row.int(3)?,
        last: row.opt_int(4)?,
        by: StaffId(row.id(5)?),
        at: Micros(row.int(6)?),
    })
}

const RECORDER_SQL: &str = "SELECT recorder_id, number, agency_id, added_by, added_at, ended_at FROM recorder \
     WHERE tenant_id = $1 AND number = $2";
const USES_SQL: &str = "SELECT use_id, recorder_id, staff_id, first_day, last_day, given_by, given_at FROM recorder_use \
     WHERE tenant_id = $1 AND recorder_id = $2 ORDER BY first_day, use_id LIMIT $3";

impl Store {
    /// All recorders, by number, at most 5,000.
    pub async fn recorder_list(&self, tenant: TenantId) -> Result<Vec<Recorder>, StoreError> {
        let sql = "SELECT recorder_id, number, agency_id, added_by, added_at, ended_at FROM recorder \
                   WHERE tenant_id = $1 ORDER BY number LIMIT $2";
        let rows = self.db.fetch(sql, args![tenant.0, LIST_MAX]).await?;
        rows.iter().map(recorder_of).collect()
    }

    /// The recorder with a number.
    pub async fn recorder_named(&self, tenant: TenantId, number: &str) -> Result<Option<Recorder>, StoreError> {
        let row = self.db.fetch_one(RECORDER_SQL, args![tenant.0, number]).await?;
        row.as_ref().map(recorder_of).transpose()
    }

    /// Who carries a recorder on which days, the earliest first.
    pub async fn recorder_uses(&self, tenant: TenantId, recorder: RecorderId) -> Result<Vec<RecorderUse>, StoreError> {
        let rows = self.db.fetch(USES_SQL, args![tenant.0, recorder.0, LIST_MAX]).await?;
        rows.iter().map(use_of).collect()
    }

    /// Visits of some days (in days since 1970-01-01) that began before `to` and did not end before `from`, in the order in
    /// which they began.
    pub async fn visits_during(
        &self,
        tenant: TenantId,
        (first, last): (i64, i64),
        (from, to): (Micros, Micros),
    ) -> Result<Vec<Visit>, StoreError> {
        let sql = "SELECT visit_id, alias, case_id, plan_id, crew_id, day, state, planned_start, planned_end, started_at, \
                   due_out, finished_at, outcome, matter, version, withdrawn FROM visit WHERE tenant_id = $1 AND day >= $2 \
                   AND day <= $3 AND started_at < $5 AND (finished_at IS NULL OR finished_at > $4) \
                   ORDER BY started_at, visit_id";
        let rows = self.db.fetch(sql, args![tenant.0, first, last, from, to]).await?;
        rows.iter().map(visit_of).collect()
    }
}

impl WriteTx {
    /// Adds a recorder; `Changed` where its number is taken.
    pub async fn recorder_insert(&mut self, recorder: &Recorder) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            recorder.id.0,
            recorder.number.as_str(),
            recorder.agency.map(|id| id.0),
            recorder.added_by.0,
            recorder.added_at
        ];
        self.exec_one(
            "INSERT INTO recorder (tenant_id, recorder_id, number, agency_id, added_by, added_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            values,
        )
        .await
    }

    /// Ends the use of a recorder; `Changed` where somebody did before.
    pub async fn recorder_end(&mut self, recorder: RecorderId) -> Result<(), StoreError> {
        let values = args![self.now(), self.tenant(), recorder.0];
        let sql = "UPDATE recorder SET ended_at = $1 WHERE tenant_id = $2 AND recorder_id = $3 AND ended_at IS NULL";
        self.exec_one(sql, values).await
    }

    /// Gives a recorder to somebody for some days.
    pub async fn recorder_use_insert(&mut self, one: &RecorderUse) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            one.id,
            one.recorder.0,
            one.staff.0,
            one.first,
            one.last,
            one.by.0,
            one.at
        ];
        let head = "INSERT INTO recorder_use (tenant_id, use_id, recorder_id, staff_id, first_day, last_day, given_by, \
                    given_at)";
        self.insert_many(head, "", vec![row]).await.map(drop)
    }

    /// Sets the last day of an assignment.
    pub async fn recorder_use_until(&mut self, id: Uuid, last: i64) -> Result<(), StoreError> {
        let values = args![last, self.tenant(), id];
        let sql = "UPDATE recorder_use SET last_day = $1 WHERE tenant_id = $2 AND use_id = $3";
        self.exec_one(sql, values).await
    }
}
