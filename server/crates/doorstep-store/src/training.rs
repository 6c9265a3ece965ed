//! Runs of staff through training scenarios, and debriefs.

use doorstep_domain::id::{DebriefId, RunId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::training::{DebriefCause, RunState};
use uuid::Uuid;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A run through a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Whose.
    pub staff: StaffId,
    /// The scenario.
    pub scenario: String,
    /// SHA-256 of the scenario as it stood, in hexadecimal.
    pub version: String,
    /// The choices so far, counted from 0.
    pub answers: Vec<usize>,
    /// Where it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: Micros,
    /// When it ended.
    pub ended_at: Option<Micros>,
}

/// A talk that is due with one member of staff after an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debrief {
    /// Its id.
    pub id: DebriefId,
    /// With whom.
    pub staff: StaffId,
    /// What happened.
    pub cause: DebriefCause,
    /// The alarm or visit.
    pub source: Uuid,
    /// When it became due.
    pub opened_at: Micros,
    /// The last day on which it is in time, in days since 1970-01-01.
    pub due_day: i64,
    /// When somebody noted that it was held, and who.
    pub done: Option<(Micros, StaffId)>,
}

const RUN: &str = "SELECT run_id, staff_id, scenario, version, answers, state, started_at, ended_at FROM training_run \
                   WHERE tenant_id = $1 AND run_id = $2";
const RUNS: &str = "SELECT run_id, staff_id, scenario, version, answers, state, started_at, ended_at FROM training_run \
                    WHERE tenant_id = $1 AND staff_id IN ({in}) ORDER BY started_at, run_id";
const DEBRIEFS: &str = "SELECT debrief_id, staff_id, cause, source_id, opened_at, due_day, done_at, done_by FROM debrief \
                        WHERE tenant_id = $1 ORDER BY due_day, debrief_id";

fn run_of(row: &Row) -> Result<Run, StoreError> {
    let answers = row.text(4)?;
    let answers = answers.split(',').filter(|one| !one.is_empty()).map(str::parse);
    Ok(Run {
        id: RunId(row.id(0)?),
        staff: StaffId(row.id(1)?),
        scenario: row.text(2)?,
        version: row.text(3)?,
        answers: answers.collect::<Result<_, _>>().map_err(|_| StoreError::Shape {
            column: 4,
            expected: "numbers",
        })?,
        state: row.code(5)?,
        started_at: Micros(row.int(6)?),
        ended_at: row.opt_int(7)?.map(Micros),
    })
}

fn debrief_of(row: &Row) -> Result<Debrief, StoreError> {
    Ok(Debrief {
        id: DebriefId(row.id(0)?),
        staff: StaffId(row.id(1)?),
        cause: row.code(2)?,
        source: row.id(3)?,
        opened_at: Micros(row.int(4)?),
        due_day: row.int(5)?,
        done: row.opt_int(6)?.map(Micros).zip(row.opt_id(7)?.map(StaffId)),
    })
}

fn answers_text(answers: &[usize]) -> String {
    let answers: Vec<String> = answers.iter().map(usize::to_string).collect();
    answers.join(",")
}

impl Store {
    /// A run.
    pub async fn run_get(&self, tenant: TenantId, id: RunId) -> Result<Option<Run>, StoreError> {
        let row = self.db.fetch_one(RUN, args![tenant.0, id.0]).await?;
        row.as_ref().map(run_of).transpose()
    }

    /// The runs of some staff, oldest first.
    pub async fn run_list(&self, tenant: TenantId, staff: &[Uuid]) -> Result<Vec<Run>, StoreError> {
        let rows = self.db.fetch_in(RUNS, args![tenant.0], staff).await?;
        rows.iter().map(run_of).collect()
    }

    /// All debriefs of a tenant, those due first before others.
    pub async fn debrief_list(&self, tenant: TenantId) -> Result<Vec<Debrief>, StoreError> {
        let rows = self.db.fetch(DEBRIEFS, args![tenant.0]).await?;
        rows.iter().map(debrief_of).collect()
    }
}

impl WriteTx {
    /// Begins a run.
    pub async fn run_insert(&mut self, run: &Run) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            run.id.0,
            run.staff.0,
            run.scenario.as_str(),
            run.version.as_str(),
            answers_text(&run.answers),
            run.state.code(),
            run.started_at
        ];
        self.exec(
            "INSERT INTO training_run (tenant_id, run_id, staff_id, scenario, version, answers, state, started_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values,
        )
        .await
        .map(drop)
    }

    /// Goes on with a run that stood as `before`; `Changed` where somebody answered in between.
    pub async fn run_answer(&mut self, before: &Run, after: &Run) -> Result<(), StoreError> {
        let values = args![
            answers_text(&after.answers),
            after.state.code(),
            after.ended_at,
            self.tenant(),
            before.id.0,
            answers_text(&before.answers)
        ];
        self.exec_one(
            "UPDATE training_run SET answers = $1, state = $2, ended_at = $3 \
             WHERE tenant_id = $4 AND run_id = $5 AND answers = $6 AND state = 'open'",
            values,
        )
        .await
    }

    /// Adds a debrief, unless the same incident has one with the same staff already. Whether it was added.
    pub async fn debrief_insert(&mut self, one: &Debrief) -> Result<bool, StoreError> {
        let values = args![
            self.tenant(),
            one.id.0,
            one.staff.0,
            one.cause.code(),
            one.source,
            one.opened_at,
            one.due_day
        ];
        let added = self
            .exec(
                "INSERT INTO debrief (tenant_id, debrief_id, staff_id, cause, source_id, opened_at, due_day) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                values,
            )
            .await?;
        Ok(added > 0)
    }

    /// Notes that a debrief was held; `Changed` where it was noted before.
    pub async fn debrief_done(&mut self, id: DebriefId, by: StaffId) -> Result<(), StoreError> {
        let values = args![self.now(), by.0, self.tenant(), id.0];
        self.exec_one(
            "UPDATE debrief SET done_at = $1, done_by = $2 WHERE tenant_id = $3 AND debrief_id = $4 AND done_at IS NULL",
            values,
        )
        .await
    }
}
