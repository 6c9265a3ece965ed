//! Agreements about paying, their instalments, and what was given up by them.

mod means;
mod waived;

use doorstep_domain::agreement::schedule::Every;
use doorstep_domain::agreement::{AgreedBy, AgreementEnd, AgreementKind, AgreementState};
use doorstep_domain::id::{AgreementId, ApprovalId, CaseId, EventId, PersonId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::{Micros, Minor};
use doorstep_domain::money::AmountParts;
use uuid::Uuid;

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

pub use means::Means;
pub use waived::Waived;

/// An agreement, without its instalments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// The case.
    pub case: CaseId,
    /// Whom it protects.
    pub person: PersonId,
    /// What was agreed.
    pub kind: AgreementKind,
    /// Where it stands.
    pub state: AgreementState,
    /// Where it was made.
    pub agreed_by: AgreedBy,
    /// ISO 4217 code.
    pub currency: String,
    /// What is to be paid in all; what is given up where nothing is to be paid.
    pub amount: Minor,
    /// The day of the agreement, in days since 1970-01-01.
    pub made_day: i64,
    /// The last day of its instalments; the day of the agreement where it has none.
    pub last_day: i64,
    /// How far apart instalments are, where there are several.
    pub every: Option<Every>,
    /// Interest a year in parts per million.
    pub rate_ppm: i64,
    /// What is given up, part by part.
    pub off: AmountParts,
    /// After how many instalments in time a reward is given.
    pub after: Option<i64>,
    /// The plan that a reward is for.
    pub plan: Option<AgreementId>,
    /// Days of grace.
    pub grace_days: i64,
    /// How many instalments it may be behind.
    pub missed_max: i64,
    /// Who of the staff noted it; nobody where it is the portfolio's own.
    pub staff: Option<StaffId>,
    /// At which visit.
    pub visit: Option<VisitId>,
    /// The event of a device that reported it.
    pub event: Option<EventId>,
    /// The sealed record of its terms and of what was said, among the payloads.
    pub terms: EventId,
    /// The approval of the second person, where one was asked.
    pub approval: Option<ApprovalId>,
    /// When it was noted.
    pub made_at: Micros,
    /// Since which day it stands so.
    pub state_day: i64,
    /// How it ended without blame.
    pub ended: Option<Ended>,
    /// Counts changes.
    pub version: i64,
}

/// How an agreement ended without blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub reason: AgreementEnd,
    /// By whom; nobody where the program did it.
    pub by: Option<StaffId>,
    /// When.
    pub at: Micros,
}

/// What is due by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstalmentRow {
    /// Of which agreement.
    pub agreement: AgreementId,
    /// Its number, from 1.
    pub number: i64,
    /// By when, in days since 1970-01-01.
    pub day: i64,
    /// How much.
    pub amount: Minor,
    /// How much of it is interest.
    pub interest: Minor,
}

macro_rules! agreement_sql {
    ($tail:literal) => {
        concat!(
            "SELECT agreement_id, case_id, person_id, kind, state, agreed_by, currency, amount, made_day, last_day, every, ",
            "rate_ppm, off_principal, off_interest, off_penalty, off_fees, after_count, plan_id, grace_days, missed_max, ",
            "staff_id, visit_id, event_id, terms_id, approval_id, made_at, state_day, end_reason, ended_by, ended_at, ",
            "version FROM agreement ",
            $tail
        )
    };
}

/// A code that may be absent.
fn opt_code<T: std::str::FromStr>(row: &Row, column: usize) -> Result<Option<T>, StoreError> {
    let code = row.opt_text(column)?.map(|code| code.parse()).transpose();
    code.map_err(|_| StoreError::Shape {
        column,
        expected: "known code",
    })
}

fn agreement_of(row: &Row) -> Result<Agreement, StoreError> {
    let ended = match (opt_code(row, 27)?, row.opt_int(29)?) {
        (Some(reason), Some(at)) => Some(Ended {
            reason,
            by: row.opt_id(28)?.map(StaffId),
            at: Micros(at),
        }),
        _ => None,
    };
    Ok(Agreement {
        id: AgreementId(row.id(0)?),
        case: CaseId(row.id(1)?),
        person: PersonId(row.id(2)?),
        kind: row.code(3)?,
        state: row.code(4)?,
        agreed_by: row.code(5)?,
        currency: row.text(6)?,
        amount: Minor(row.int(7)?),
        made_day: row.int(8)?,
        last_day: row.int(9)?,
        every: opt_code(row, 10)?,
        rate_ppm: row.int(11)?,
        off: AmountParts::of([row.int(12)?, row.int(13)?, row.int(14)?, row.int(15)?]),
        after: row.opt_int(16)?,
        plan: row.opt_id(17)?.map(AgreementId),
        grace_days: row.int(18)?,
        missed_max: row.int(19)?,
        staff: row.opt_id(20)?.map(StaffId),
        visit: row.opt_id(21)?.map(VisitId),
        event: row.opt_id(22)?.map(EventId),
        terms: EventId(row.id(23)?),
        approval: row.opt_id(24)?.map(ApprovalId),
        made_at: Micros(row.int(25)?),
        state_day: row.int(26)?,
        ended,
        version: row.int(30)?,
    })
}

fn instalment_of(row: &Row) -> Result<InstalmentRow, StoreError> {
    Ok(InstalmentRow {
        agreement: AgreementId(row.id(0)?),
        number: row.int(1)?,
        day: row.int(2)?,
        amount: Minor(row.int(3)?),
        interest: Minor(row.int(4)?),
    })
}

const OF_CASES: &str = agreement_sql!("WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY made_at, agreement_id");
const BY_ID: &str = agreement_sql!("WHERE tenant_id = $1 AND agreement_id = $2");
const INSTALMENTS: &str = "SELECT agreement_id, number, day, amount, interest FROM agreement_instalment \
                           WHERE tenant_id = $1 AND agreement_id IN ({in}) ORDER BY agreement_id, number";
/// The most agreements of a list.
const LIST_MAX: usize = 5_000;

impl Store {
    /// The agreements of some cases, oldest first.
    pub async fn agreement_list(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<Agreement>, StoreError> {
        let rows = self.db.fetch_in(OF_CASES, args![tenant.0], cases).await?;
        rows.iter().map(agreement_of).collect()
    }

    /// The agreements in a state, or all, the newest first; at most 5,000.
    pub async fn agreement_in(
        &self,
        tenant: TenantId,
        state: Option<AgreementState>,
    ) -> Result<Vec<Agreement>, StoreError> {
        let sql = Sql {
            lite: agreement_sql!(
                "WHERE tenant_id = $1 AND ($2 IS NULL OR state = $2) ORDER BY made_at DESC, agreement_id LIMIT $3"
            ),
            pg: agreement_sql!(
                "WHERE tenant_id = $1 AND ($2::TEXT IS NULL OR state = $2) ORDER BY made_at DESC, agreement_id LIMIT $3"
            ),
        };
        let values = args![tenant.0, state.map(AgreementState::code), LIST_MAX as i64];
        self.db.fetch(sql, values).await?.iter().map(agreement_of).collect()
    }

    /// The cases whose agreements can come to another state by a day's end or a late payment: those promised, and those that
    /// were judged since a day.
    pub async fn agreement_cases_open(&self, tenant: TenantId) -> Result<Vec<CaseId>, StoreError> {
        let sql = "SELECT DISTINCT case_id FROM agreement WHERE tenant_id = $1 AND state = 'promised' ORDER BY case_id";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(|row| Ok(CaseId(row.id(0)?))).collect()
    }

    /// One agreement.
    pub async fn agreement_get(&self, tenant: TenantId, id: AgreementId) -> Result<Agreement, StoreError> {
        let row = self.db.fetch_one(BY_ID, args![tenant.0, id.0]).await?;
        agreement_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// The instalments of some agreements, in order.
    pub async fn agreement_dues(
        &self,
        tenant: TenantId,
        agreements: &[Uuid],
    ) -> Result<Vec<InstalmentRow>, StoreError> {
        let rows = self.db.fetch_in(INSTALMENTS, args![tenant.0], agreements).await?;
        rows.iter().map(instalment_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::agreement_list`], within the transaction.
    pub async fn agreement_list(&mut self, cases: &[Uuid]) -> Result<Vec<Agreement>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(OF_CASES, values, cases).await?;
        rows.iter().map(agreement_of).collect()
    }

    /// As [`Store::agreement_get`], within the transaction.
    pub async fn agreement_read(&mut self, id: AgreementId) -> Result<Agreement, StoreError> {
        let values = args![self.tenant(), id.0];
        let row = self.fetch_one(BY_ID, values).await?;
        agreement_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// As [`Store::agreement_dues`], within the transaction.
    pub async fn agreement_dues(&mut self, agreements: &[Uuid]) -> Result<Vec<InstalmentRow>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch_in(INSTALMENTS, values, agreements).await?;
        rows.iter().map(instalment_of).collect()
    }

    /// Adds an agreement with its instalments.
    pub async fn agreement_insert(&mut self, new: &Agreement, dues: &[InstalmentRow]) -> Result<(), StoreError> {
        let [principal, interest, penalty, fees] = new.off.numbers();
        let row = args![
            self.tenant(),
            new.id.0,
            new.case.0,
            new.person.0,
            new.kind.code(),
            new.state.code(),
            new.agreed_by.code(),
            new.currency.as_str(),
            new.amount.get(),
            new.made_day,
            new.last_day,
            new.every.map(Every::code),
            new.rate_ppm,
            principal,
            interest,
            penalty,
            fees,
            new.after,
            new.plan.map(|id| id.0),
            new.grace_days,
            new.missed_max,
            new.staff.map(|id| id.0),
            new.visit.map(|id| id.0),
            new.event.map(|id| id.0),
            new.terms.0,
            new.approval.map(|id| id.0),
            new.made_at,
            new.state_day,
            new.version
        ];
        self.insert_many(
            "INSERT INTO agreement (tenant_id, agreement_id, case_id, person_id, kind, state, agreed_by, currency, amount, \
             made_day, last_day, every, rate_ppm, off_principal, off_interest, off_penalty, off_fees, after_count, plan_id, \
             grace_days, missed_max, staff_id, visit_id, event_id, terms_id, approval_id, made_at, state_day, version)",
            "",
            vec![row],
        )
        .await?;
        let tenant = self.tenant();
        let due = |due: &InstalmentRow| {
            args![
                tenant,
                new.id.0,
                due.number,
                due.day,
                due.amount.get(),
                due.interest.get()
            ]
        };
        let rows: Vec<_> = dues.iter().map(due).collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.insert_many(
            "INSERT INTO agreement_instalment (tenant_id, agreement_id, number, day, amount, interest)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Writes where an agreement stands, counted as a change; `Changed` where somebody else was faster.
    pub async fn agreement_move(&mut self, one: &mut Agreement) -> Result<(), StoreError> {
        let ended = one.ended;
        let values = args![
            one.state.code(),
            one.state_day,
            one.approval.map(|id| id.0),
            ended.map(|ended| ended.reason.code()),
            ended.and_then(|ended| ended.by).map(|id| id.0),
            ended.map(|ended| ended.at),
            self.tenant(),
            one.id.0,
            one.version
        ];
        self.exec_one(
            "UPDATE agreement SET state = $1, state_day = $2, approval_id = $3, end_reason = $4, ended_by = $5, \
             ended_at = $6, version = version + 1 WHERE tenant_id = $7 AND agreement_id = $8 AND version = $9",
            values,
        )
        .await?;
        one.version += 1;
        Ok(())
    }
}
