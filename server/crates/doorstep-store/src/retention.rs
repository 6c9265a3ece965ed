//! Keeping and letting go: legal holds, what decides how long cases are kept, and the persons of a purge.

use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::{AgencyId, Alias, ApprovalId, CaseId, PersonId, StaffId, TeamId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::retention::{HoldReason, ReleaseReason, RetentionState};
use uuid::Uuid;

use crate::db::{Row, Value, args};
use crate::ended::{ENDED, ended_trusted};
use crate::error::StoreError;
use crate::mac::MacKey;
use crate::store::Store;
use crate::write::WriteTx;

/// For so long after its planned end a visit that nobody reported may still be reported: 7 days, longer than any lease.
const UNREPORTED: Micros = Micros::from_seconds(7 * 86_400);

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// Why.
    pub reason: HoldReason,
    /// Who placed it.
    pub by: StaffId,
    /// When.
    pub at: Micros,
    /// When it ends by itself.
    pub ends: Option<Micros>,
    /// Who lifted it, when and why.
    pub released: Option<(StaffId, Micros, ReleaseReason)>,
}

impl Hold {
    /// Whether it stands at `now`.
    #[must_use]
    pub fn stands(&self, now: Micros) -> bool {
        self.released.is_none() && self.ends.is_none_or(|ends| now < ends)
    }
}

/// What decides how long a case is kept. None of it is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCase {
    /// The case.
    pub case: CaseId,
    /// Its alias in the log.
    pub alias: Alias,
    /// Whose it is.
    pub person: PersonId,
    /// That person's alias.
    pub person_alias: Alias,
    /// The agency it was given to.
    pub agency: Option<AgencyId>,
    /// The team that works it.
    pub team: TeamId,
    /// The kind of its portfolio.
    pub portfolio_kind: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// Mask of flags.
    pub flags: i64,
    /// Days past due when it was imported.
    pub days_past_due: i64,
    /// Country and region of the address.
    pub place: (Option<String>, Option<String>),
    /// Time zone of the address.
    pub zone: String,
    /// When it ended, where it did.
    pub ended: Option<Micros>,
    /// The last contact with the person, the last visit of the case or the end of it, whichever is latest.
    pub last: Option<Micros>,
    /// Whether a legal hold stands on it.
    pub held: bool,
}

/// All cases of persons who were not erased, with the last contact with the person on any of them.
const KEPT_SQL: &str = "SELECT c.case_id, c.alias, c.person_id, p.alias, c.agency_id, c.team_id, f.kind, c.status, \
     c.flags, c.days_past_due, a.country, a.region, a.zone, \
     CASE WHEN c.status IN ('settled', 'recalled', 'closed') THEN c.ended_at END, \
     (SELECT max(k.at) FROM contact k WHERE k.tenant_id = c.tenant_id AND k.person_id = c.person_id), \
     (SELECT max(COALESCE(v.finished_at, v.started_at)) FROM visit v \
      WHERE v.tenant_id = c.tenant_id AND v.case_id = c.case_id), \
     (SELECT count(*) FROM legal_hold h WHERE h.tenant_id = c.tenant_id AND h.case_id = c.case_id \
      AND h.released_at IS NULL AND (h.ends_at IS NULL OR h.ends_at > $2)), c.ended_mac \
     FROM cases c JOIN person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id \
     JOIN portfolio f ON f.tenant_id = c.tenant_id AND f.portfolio_id = c.portfolio_id \
     JOIN address a ON a.tenant_id = c.tenant_id AND a.address_id = c.address_id \
     WHERE c.tenant_id = $1 AND p.erased_at IS NULL AND c.person_id IN ({in}) ORDER BY c.case_id";

/// What else keeps a person: a loan that goes on, whose case was settled until the next instalment; a visit that is under way or may still be reported, and a device that was given a door and has
/// not said since the visit that nothing waits in its outbox. A revoked or lost device brings nothing any more. Whatever else
/// must end before a person goes is one more SELECT here.
const WAITS_SQL: [(RetentionState, &str); 4] = [
    (
        RetentionState::Running,
        "SELECT DISTINCT l.person_id FROM loan l \
         JOIN instalment i ON i.tenant_id = l.tenant_id AND i.case_id = l.case_id \
         LEFT JOIN cases c ON c.tenant_id = l.tenant_id AND c.case_id = l.case_id \
         WHERE l.tenant_id = $1 AND i.due_day * 86400000000 > $2 \
         AND (c.status IS NULL OR c.status NOT IN ('recalled', 'closed')) \
         AND i.due_principal + i.due_interest + i.due_penalty + i.due_fees > i.paid_principal + i.paid_interest \
         + i.paid_penalty + i.paid_fees + i.waived_principal + i.waived_interest + i.waived_penalty + i.waived_fees \
         AND l.person_id IN ({in})",
    ),
    (
        RetentionState::Complaint,
        "SELECT DISTINCT person_id FROM complaint WHERE tenant_id = $1 AND $2 > 0 \
         AND state IN ('received', 'in-progress') AND person_id IN ({in})",
    ),
    (
        RetentionState::Visit,
        "SELECT DISTINCT c.person_id FROM visit v \
         JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
         WHERE v.tenant_id = $1 AND v.state IN ('planned', 'started') AND v.planned_end > $2 \
         AND c.person_id IN ({in})",
    ),
    (
        RetentionState::Device,
        "SELECT DISTINCT c.person_id FROM door_given g \
         JOIN device d ON d.tenant_id = g.tenant_id AND d.device_id = g.device_id \
         JOIN visit v ON v.tenant_id = g.tenant_id AND v.visit_id = g.visit_id \
         JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
         WHERE g.tenant_id = $1 AND $2 > 0 AND d.state IN ('active', 'suspended') \
         AND (d.settled_at <= g.given_at OR d.settled_at < v.planned_end) AND c.person_id IN ({in})",
    ),
];

const HOLDS_SQL: &str = "SELECT hold_id, case_id, reason, placed_by, placed_at, ends_at, released_by, released_at, \
     released_why FROM legal_hold WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY placed_at, hold_id";

/// A case whose end somebody else wrote has not ended: its person is kept.
fn kept_of(key: &MacKey, row: &Row) -> Result<KeptCase, StoreError> {
    let (case, person) = (CaseId(row.id(0)?), PersonId(row.id(2)?));
    let (status, written): (CaseStatus, _) = (row.code(7)?, row.opt_int(13)?.map(Micros));
    let ended = ended_trusted(key, (case, person), written, row.bytes(17)?);
    if status.is_over() && ended.is_none() {
        tracing::error!(case.id = %case, "the end of a case was written or changed by somebody else; its person is kept");
    }
    let lasts = [ended, row.opt_int(14)?.map(Micros), row.opt_int(15)?.map(Micros)];
    Ok(KeptCase {
        case,
        alias: Alias(row.id(1)?),
        person,
        person_alias: Alias(row.id(3)?),
        agency: row.opt_id(4)?.map(AgencyId),
        team: TeamId(row.id(5)?),
        portfolio_kind: row.text(6)?,
        status,
        flags: row.int(8)?,
        days_past_due: row.int(9)?,
        place: (row.opt_text(10)?, row.opt_text(11)?),
        zone: row.text(12)?,
        ended,
        last: lasts.into_iter().flatten().max(),
        held: row.int(16)? > 0,
    })
}

fn hold_of(row: &Row) -> Result<Hold, StoreError> {
    let why = row.opt_text(8)?.map(|code| code.parse()).transpose();
    let why = why.map_err(|_| StoreError::Shape {
        column: 8,
        expected: "known code",
    })?;
    let released = match (row.opt_id(6)?, row.opt_int(7)?, why) {
        (Some(by), Some(at), Some(why)) => Some((StaffId(by), Micros(at), why)),
        _ => None,
    };
    Ok(Hold {
        id: row.id(0)?,
        case: CaseId(row.id(1)?),
        reason: row.code(2)?,
        by: StaffId(row.id(3)?),
        at: Micros(row.int(4)?),
        ends: row.opt_int(5)?.map(Micros),
        released,
    })
}

fn wait_values(tenant: Uuid, now: Micros) -> Vec<Value> {
    args![tenant, now - UNREPORTED]
}

fn persons_of(rows: &[Row], state: RetentionState) -> Result<Vec<(PersonId, RetentionState)>, StoreError> {
    rows.iter().map(|row| Ok((PersonId(row.id(0)?), state))).collect()
}

impl Store {
    /// Persons who were not erased and have a case that ended, in the order of their ids.
    pub async fn retention_persons(&self, tenant: TenantId) -> Result<Vec<PersonId>, StoreError> {
        let sql = "SELECT DISTINCT c.person_id FROM cases c \
                   JOIN person p ON p.tenant_id = c.tenant_id AND p.person_id = c.person_id \
                   WHERE c.tenant_id = $1 AND p.erased_at IS NULL AND c.status IN ('settled', 'recalled', 'closed') \
                   ORDER BY c.person_id";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| Ok(PersonId(row.id(0)?))).collect()
    }

    /// What decides how long the cases of some persons are kept.
    pub async fn retention_cases(
        &self,
        tenant: TenantId,
        persons: &[Uuid],
        now: Micros,
    ) -> Result<Vec<KeptCase>, StoreError> {
        let rows = self.db.fetch_in(KEPT_SQL, args![tenant.0, now], persons).await?;
        let key = self.keys.mac_key(tenant, ENDED).await?;
        rows.iter().map(|row| kept_of(&key, row)).collect()
    }

    /// What else keeps some of these persons.
    pub async fn retention_waits(
        &self,
        tenant: TenantId,
        persons: &[Uuid],
        now: Micros,
    ) -> Result<Vec<(PersonId, RetentionState)>, StoreError> {
        let mut found = Vec::new();
        for (state, sql) in WAITS_SQL {
            let rows = self.db.fetch_in(sql, wait_values(tenant.0, now), persons).await?;
            found.extend(persons_of(&rows, state)?);
        }
        Ok(found)
    }

    /// All legal holds on some cases, also those that were lifted, oldest first.
    pub async fn hold_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<Hold>, StoreError> {
        let rows = self.db.fetch_in(HOLDS_SQL, args![tenant.0], cases).await?;
        rows.iter().map(hold_of).collect()
    }

    /// The persons of a purge, in the order of their ids.
    pub async fn purge_persons(&self, tenant: TenantId, approval: ApprovalId) -> Result<Vec<PersonId>, StoreError> {
        let sql = "SELECT person_id FROM purge_person WHERE tenant_id = $1 AND approval_id = $2 ORDER BY person_id";
        let rows = self.db.fetch(sql, args![tenant.0, approval.0]).await?;
        rows.iter().map(|row| Ok(PersonId(row.id(0)?))).collect()
    }
}

impl WriteTx {
    /// As [`Store::retention_cases`], within the transaction and with the person and the cases locked.
    pub async fn retention_cases(&mut self, person: PersonId) -> Result<Vec<KeptCase>, StoreError> {
        self.person_lock(&[person.0]).await?;
        let values = args![self.tenant(), self.now()];
        let rows = self.fetch_in(KEPT_SQL, values.clone(), &[person.0]).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
        self.case_lock(&ids).await?;
        let rows = self.fetch_in(KEPT_SQL, values, &[person.0]).await?;
        let key = self.mac_key(ENDED).await?;
        rows.iter().map(|row| kept_of(&key, row)).collect()
    }

    /// As [`Store::retention_waits`], within the transaction.
    pub async fn retention_waits(&mut self, person: PersonId) -> Result<Vec<(PersonId, RetentionState)>, StoreError> {
        let values = wait_values(self.tenant(), self.now());
        let mut found = Vec::new();
        for (state, sql) in WAITS_SQL {
            let rows = self.fetch_in(sql, values.clone(), &[person.0]).await?;
            found.extend(persons_of(&rows, state)?);
        }
        Ok(found)
    }

    /// As [`Store::hold_list`], within the transaction and with the case locked.
    pub async fn hold_list(&mut self, case: CaseId) -> Result<Vec<Hold>, StoreError> {
        self.case_lock(&[case.0]).await?;
        let values = args![self.tenant()];
        let rows = self.fetch_in(HOLDS_SQL, values, &[case.0]).await?;
        rows.iter().map(hold_of).collect()
    }

    /// Places a legal hold.
    pub async fn hold_insert(&mut self, hold: &Hold) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            hold.id,
            hold.case.0,
            hold.reason.code(),
            hold.by.0,
            hold.at,
            hold.ends
        ];
        let sql = "INSERT INTO legal_hold (tenant_id, hold_id, case_id, reason, placed_by, placed_at, ends_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.exec(sql, values).await.map(drop)
    }

    /// Lifts a legal hold; `Changed` where somebody did before.
    pub async fn hold_release(&mut self, hold: Uuid, by: StaffId, why: ReleaseReason) -> Result<(), StoreError> {
        let values = args![by.0, self.now(), why.code(), self.tenant(), hold];
        self.exec_one(
            "UPDATE legal_hold SET released_by = $1, released_at = $2, released_why = $3 \
             WHERE tenant_id = $4 AND hold_id = $5 AND released_at IS NULL",
            values,
        )
        .await
    }

    /// Keeps the persons of a purge that is asked for.
    pub async fn purge_persons_insert(&mut self, approval: ApprovalId, persons: &[PersonId]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = persons.iter().map(|person| args![tenant, approval.0, person.0]);
        let head = "INSERT INTO purge_person (tenant_id, approval_id, person_id)";
        self.insert_many(head, "", rows.collect()).await.map(drop)
    }
}
