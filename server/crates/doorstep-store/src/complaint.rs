//! Complaints, and how the flag that pauses visits goes by those that are open.

use doorstep_domain::case::Flag;
use doorstep_domain::complaint::{ComplaintChannel, ComplaintOutcome, ComplaintState};
use doorstep_domain::id::{Alias, CaseId, ComplaintId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Its id.
    pub id: ComplaintId,
    /// The case.
    pub case: CaseId,
    /// Whose it is.
    pub person: PersonId,
    /// The visit that it is about, where it is about one.
    pub visit: Option<VisitId>,
    /// The member of staff that it names, where it names one.
    pub staff: Option<StaffId>,
    /// How it came in.
    pub channel: ComplaintChannel,
    /// Where it stands.
    pub state: ComplaintState,
    /// What came of it.
    pub outcome: Option<ComplaintOutcome>,
    /// When it came in.
    pub received_at: Micros,
    /// By when somebody must have taken it up.
    pub acknowledge_by: Micros,
    /// By when it must be answered.
    pub answer_by: Micros,
    /// Who wrote it down; `None` where the person did it without an account.
    pub opened_by: Option<StaffId>,
    /// The event of a device that reported it.
    pub event: Option<EventId>,
    /// What was said, among the payloads.
    pub words: Option<EventId>,
    /// Who looks after it.
    pub owner: Option<StaffId>,
    /// Since when.
    pub taken_at: Option<Micros>,
    /// Who answered.
    pub closed_by: Option<StaffId>,
    /// When.
    pub closed_at: Option<Micros>,
    /// What was answered, among the payloads.
    pub answer: Option<EventId>,
}

impl Complaint {
    /// Whether its clock has run out: nobody took it up in time, or nobody answered in time.
    #[must_use]
    pub fn is_overdue(&self, now: Micros) -> bool {
        let late = now >= self.answer_by || self.state == ComplaintState::Received && now >= self.acknowledge_by;
        self.state.is_open() && late
    }
}

fn complaint_of(row: &Row) -> Result<Complaint, StoreError> {
    let outcome = row.opt_text(7)?.map(|code| code.parse()).transpose();
    Ok(Complaint {
        id: ComplaintId(row.id(0)?),
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        visit: row.opt_id(3)?.map(VisitId),
        staff: row.opt_id(4)?.map(StaffId),
        channel: row.code(5)?,
        state: row.code(6)?,
        outcome: outcome.map_err(|_| StoreError::Shape {
            column: 7,
            expected: "known code",
        })?,
        received_at: Micros(row.int(8)?),
        acknowledge_by: Micros(row.int(9)?),
        answer_by: Micros(row.int(10)?),
        opened_by: row.opt_id(11)?.map(StaffId),
        event: row.opt_id(12)?.map(EventId),
        words: row.opt_id(13)?.map(EventId),
        owner: row.opt_id(14)?.map(StaffId),
        taken_at: row.opt_int(15)?.map(Micros),
        closed_by: row.opt_id(16)?.map(StaffId),
        closed_at: row.opt_int(17)?.map(Micros),
        answer: row.opt_id(18)?.map(EventId),
    })
}

macro_rules! complaint_sql {
    ($tail:literal) => {
        concat!(
            "SELECT complaint_id, case_id, person_id, visit_id, staff_id, channel, state, outcome, received_at, ",
            "acknowledge_by, answer_by, opened_by, event_id, words_id, owner_id, taken_at, closed_by, closed_at, ",
            "answer_id FROM complaint ",
            $tail
        )
    };
}

/// The most complaints of a list.
const LIST_MAX: usize = 5_000;

impl Store {
    /// Complaints in a state, or all, the newest first; at most 5,000.
    pub async fn complaint_list(
        &self,
        tenant: TenantId,
        state: Option<ComplaintState>,
    ) -> Result<Vec<Complaint>, StoreError> {
        let sql = Sql {
            lite: complaint_sql!(
                "WHERE tenant_id = $1 AND ($2 IS NULL OR state = $2) ORDER BY received_at DESC, complaint_id LIMIT $3"
            ),
            pg: complaint_sql!(
                "WHERE tenant_id = $1 AND ($2::TEXT IS NULL OR state = $2) \
                 ORDER BY received_at DESC, complaint_id LIMIT $3"
            ),
        };
        let values = args![tenant.0, state.map(ComplaintState::code), LIST_MAX as i64];
        self.db.fetch(sql, values).await?.iter().map(complaint_of).collect()
    }

    /// A complaint.
    pub async fn complaint_get(&self, tenant: TenantId, id: ComplaintId) -> Result<Complaint, StoreError> {
        let sql = complaint_sql!("WHERE tenant_id = $1 AND complaint_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        complaint_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// The complaints about some visits.
    pub async fn complaint_of_visits(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<Complaint>, StoreError> {
        let sql = complaint_sql!("WHERE tenant_id = $1 AND visit_id IN ({in}) ORDER BY received_at, complaint_id");
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(complaint_of).collect()
    }
}

impl WriteTx {
    /// Keeps others from opening or answering complaints of a person, and from erasing them, until the transaction ends.
    /// Returns whether the person was not erased. SQLite has one writer anyway.
    pub async fn complaint_lock(&mut self, person: PersonId) -> Result<bool, StoreError> {
        let sql = Sql {
            lite: "SELECT person_id FROM person WHERE tenant_id = $1 AND person_id = $2 AND erased_at IS NULL",
            pg: "SELECT person_id FROM person WHERE tenant_id = $1 AND person_id = $2 AND erased_at IS NULL \
                 FOR NO KEY UPDATE",
        };
        let values = args![self.tenant(), person.0];
        Ok(self.fetch_one(sql, values).await?.is_some())
    }

    /// A complaint as it stands within the transaction.
    pub async fn complaint_read(&mut self, id: ComplaintId) -> Result<Complaint, StoreError> {
        let values = args![self.tenant(), id.0];
        let sql = complaint_sql!("WHERE tenant_id = $1 AND complaint_id = $2");
        let row = self.fetch_one(sql, values).await?;
        complaint_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// Whether a device reported a complaint at a visit: both partners may, and it is one.
    pub async fn complaint_at_door(&mut self, visit: VisitId) -> Result<bool, StoreError> {
        let values = args![self.tenant(), visit.0];
        let sql = "SELECT complaint_id FROM complaint WHERE tenant_id = $1 AND visit_id = $2 AND event_id IS NOT NULL";
        Ok(self.fetch_one(sql, values).await?.is_some())
    }

    /// Adds a complaint.
    pub async fn complaint_insert(&mut self, new: &Complaint) -> Result<(), StoreError> {
        let row = args![
            self.tenant(),
            new.id.0,
            new.case.0,
            new.person.0,
            new.visit.map(|id| id.0),
            new.staff.map(|id| id.0),
            new.channel.code(),
            new.state.code(),
            new.received_at,
            new.acknowledge_by,
            new.answer_by,
            new.opened_by.map(|id| id.0),
            new.event.map(|id| id.0),
            new.words.map(|id| id.0)
        ];
        self.insert_many(
            "INSERT INTO complaint (tenant_id, complaint_id, case_id, person_id, visit_id, staff_id, channel, state, \
             received_at, acknowledge_by, answer_by, opened_by, event_id, words_id)",
            "",
            vec![row],
        )
        .await
        .map(drop)
    }

    /// Writes state, owner and answer of a complaint that stood in `from`; `Changed` where it does not any more.
    pub async fn complaint_update(&mut self, one: &Complaint, from: ComplaintState) -> Result<(), StoreError> {
        let values = args![
            one.state.code(),
            one.outcome.map(ComplaintOutcome::code),
            one.owner.map(|id| id.0),
            one.taken_at,
            one.closed_by.map(|id| id.0),
            one.closed_at,
            one.answer.map(|id| id.0),
            self.tenant(),
            one.id.0,
            from.code()
        ];
        self.exec_one(
            "UPDATE complaint SET state = $1, outcome = $2, owner_id = $3, taken_at = $4, closed_by = $5, \
             closed_at = $6, answer_id = $7 WHERE tenant_id = $8 AND complaint_id = $9 AND state = $10",
            values,
        )
        .await
    }

    /// Takes the flag of complaints from all cases of a person, where none of theirs is open any more. It is the only thing
    /// that takes it away, and goes by nothing else. Returns the cases that are free of it.
    pub async fn complaint_free(&mut self, person: PersonId) -> Result<Vec<(CaseId, Alias)>, StoreError> {
        let open = "SELECT complaint_id FROM complaint WHERE tenant_id = $1 AND person_id = $2 \
                    AND state IN ('received', 'in-progress') LIMIT 1";
        let values = args![self.tenant(), person.0];
        if self.fetch_one(open, values).await?.is_some() {
            return Ok(Vec::new());
        }
        let bit = Flag::Complained.bit();
        let sql = "UPDATE cases SET flags = flags - $1, version = version + 1, updated_at = $2 \
                   WHERE tenant_id = $3 AND person_id = $4 AND (flags & $1) <> 0 RETURNING case_id, alias";
        let values = args![bit, self.now(), self.tenant(), person.0];
        let rows = self.fetch(sql, values).await?;
        rows.iter()
            .map(|row| Ok((CaseId(row.id(0)?), Alias(row.id(1)?))))
            .collect()
    }
}
