//! What visits owe at which a recording was required.

use doorstep_domain::id::{CaseId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::recording::RecordingDue;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A visit's required recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The visit.
    pub visit: VisitId,
    /// Its case.
    pub case: CaseId,
    /// Who was visited.
    pub person: PersonId,
    /// By when it must have come.
    pub due_at: Micros,
    /// Where it stands.
    pub state: RecordingDue,
    /// When the visit was flagged.
    pub missing_at: Option<Micros>,
    /// When it came, or was excused.
    pub settled_at: Option<Micros>,
    /// Who excused it.
    pub settled_by: Option<StaffId>,
    /// Why there is none, among the payloads.
    pub words: Option<EventId>,
}

fn due_of(row: &Row) -> Result<Due, StoreError> {
    Ok(Due {
        visit: VisitId(row.id(0)?),
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        due_at: Micros(row.int(3)?),
        state: row.code(4)?,
        missing_at: row.opt_int(5)?.map(Micros),
        settled_at: row.opt_int(6)?.map(Micros),
        settled_by: row.opt_id(7)?.map(StaffId),
        words: row.opt_id(8)?.map(EventId),
    })
}

const OPEN_MAX: i64 = 5_000;

impl Store {
    /// What some visits owe.
    pub async fn recording_due_of(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<Due>, StoreError> {
        let sql = "SELECT visit_id, case_id, person_id, due_at, state, missing_at, settled_at, settled_by, words_id \
                   FROM recording_due WHERE tenant_id = $1 AND visit_id IN ({in}) ORDER BY due_at, visit_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(due_of).collect()
    }

    /// Visits whose recording did not come yet, flagged or not, what is due first, first; at most 5,000.
    pub async fn recording_due_open(&self, tenant: TenantId) -> Result<Vec<Due>, StoreError> {
        let sql = "SELECT visit_id, case_id, person_id, due_at, state, missing_at, settled_at, settled_by, words_id \
                   FROM recording_due WHERE tenant_id = $1 AND state IN ('pending', 'missing') \
                   ORDER BY due_at, visit_id LIMIT $2";
        let rows = self.db.fetch(sql, args![tenant.0, OPEN_MAX]).await?;
        rows.iter().map(due_of).collect()
    }

    /// Visits of any tenant whose recording should have come by now, and that are not flagged yet; at most 5,000.
    pub async fn recording_overdue(&self, now: Micros) -> Result<Vec<(TenantId, VisitId)>, StoreError> {
        let sql = "SELECT tenant_id, visit_id FROM recording_due WHERE state = 'pending' AND due_at <= $1 \
                   ORDER BY due_at, visit_id LIMIT $2";
        let rows = self.db.fetch(sql, args![now, OPEN_MAX]).await?;
        rows.iter()
            .map(|row| Ok((TenantId(row.id(0)?), VisitId(row.id(1)?))))
            .collect()
    }
}

impl WriteTx {
    /// Notes what a visit owes; what is noted stays. One that is kept already is owed no more.
    pub async fn recording_due_add(&mut self, due: &Due) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            due.visit.0,
            due.case.0,
            due.person.0,
            due.due_at,
            due.state.code()
        ];
        let head = "INSERT INTO recording_due (tenant_id, visit_id, case_id, person_id, due_at, state)";
        self.insert_many(head, "ON CONFLICT DO NOTHING", vec![row]).await?;
        let values = args![self.tenant(), due.visit.0];
        let sql = "SELECT w.visit_id FROM recording_visit w JOIN recording r ON r.tenant_id = w.tenant_id \
                   AND r.recording_id = w.recording_id WHERE w.tenant_id = $1 AND w.visit_id = $2 AND r.state = 'kept'";
        if self.fetch_one(sql, values).await?.is_some() {
            self.recording_found(&[due.visit]).await?;
        }
        Ok(())
    }

    /// Flags a visit whose recording did not come in time; false where it came or was excused meanwhile.
    pub async fn recording_miss(&mut self, visit: VisitId) -> Result<bool, StoreError> {
        let values = args![self.now(), self.tenant(), visit.0];
        let sql = "UPDATE recording_due SET state = 'missing', missing_at = $1 WHERE tenant_id = $2 AND visit_id = $3 \
                   AND state = 'pending' AND due_at <= $1";
        Ok(self.exec(sql, values).await? == 1)
    }

    /// The recording of some visits came: what they owed is settled. When they were flagged stays.
    pub async fn recording_found(&mut self, visits: &[VisitId]) -> Result<(), StoreError> {
        for visit in visits {
            let values = args![self.now(), self.tenant(), visit.0];
            let sql = "UPDATE recording_due SET state = 'found', settled_at = $1, settled_by = NULL \
                       WHERE tenant_id = $2 AND visit_id = $3 AND state <> 'found'";
            self.exec(sql, values).await?;
        }
        Ok(())
    }

    /// Somebody said why there is none; `Changed` where it came, or was excused, or nothing is owed.
    pub async fn recording_excuse(&mut self, visit: VisitId, by: StaffId, words: EventId) -> Result<(), StoreError> {
        let values = args![self.now(), by.0, words.0, self.tenant(), visit.0];
        self.exec_one(
            "UPDATE recording_due SET state = 'excused', settled_at = $1, settled_by = $2, words_id = $3 \
             WHERE tenant_id = $4 AND visit_id = $5 AND state IN ('pending', 'missing')",
            values,
        )
        .await
    }
}
