//! Visits and their promises.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::id::{Alias, CaseId, CrewId, DeviceId, EventId, PlanId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::visit::VisitState;
use uuid::Uuid;

use crate::db::{Row, Value, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// What stands for it in the log and on devices.
    pub alias: Alias,
    /// The case.
    pub case: CaseId,
    /// The plan that asked for it.
    pub plan: Option<PlanId>,
    /// The crew.
    pub crew: CrewId,
    /// The day, in days since 1970-01-01.
    pub day: i64,
    /// Where it stands.
    pub state: VisitState,
    /// Planned start.
    pub planned_start: Micros,
    /// Planned end.
    pub planned_end: Micros,
    /// Check-in.
    pub started_at: Option<Micros>,
    /// Expected check-out.
    pub due_out: Option<Micros>,
    /// Check-out.
    pub finished_at: Option<Micros>,
    /// What came of the contact.
    pub outcome: Option<ContactOutcome>,
    /// What came of the matter.
    pub matter: Option<MatterOutcome>,
    /// Counts changes.
    pub version: i64,
    /// The rule for which it was withdrawn before it began.
    pub withdrawn: Option<String>,
}

/// A promise made at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The event that reported it.
    pub event: EventId,
    /// The case.
    pub case: CaseId,
    /// By when, in days since 1970-01-01.
    pub day: i64,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

pub(crate) fn visit_of(row: &Row) -> Result<Visit, StoreError> {
    let unknown = |column| StoreError::Shape {
        column,
        expected: "known code",
    };
    Ok(Visit {
        id: VisitId(row.id(0)?),
        alias: Alias(row.id(1)?),
        case: CaseId(row.id(2)?),
        plan: row.opt_id(3)?.map(PlanId),
        crew: CrewId(row.id(4)?),
        day: row.int(5)?,
        state: row.code(6)?,
        planned_start: Micros(row.int(7)?),
        planned_end: Micros(row.int(8)?),
        started_at: row.opt_int(9)?.map(Micros),
        due_out: row.opt_int(10)?.map(Micros),
        finished_at: row.opt_int(11)?.map(Micros),
        outcome: row
            .opt_text(12)?
            .map(|code| code.parse())
            .transpose()
            .map_err(|_| unknown(12))?,
        matter: row
            .opt_text(13)?
            .map(|code| code.parse())
            .transpose()
            .map_err(|_| unknown(13))?,
        version: row.int(14)?,
        withdrawn: row.opt_text(15)?,
    })
}

fn promise_of(row: &Row) -> Result<Promise, StoreError> {
    Ok(Promise {
        event: EventId(row.id(0)?),
        case: CaseId(row.id(1)?),
        day: row.int(2)?,
        amount: row.int(3)?,
        currency: row.text(4)?,
    })
}

macro_rules! visit_sql {
    ($tail:literal) => {
        concat!(
            "SELECT visit_id, alias, case_id, plan_id, crew_id, day, state, planned_start, planned_end, started_at, ",
            "due_out, finished_at, outcome, matter, version, withdrawn FROM visit ",
            $tail
        )
    };
}

impl Store {
    /// The visits of a crew on a day, in planned order.
    pub async fn visit_of_crew(&self, tenant: TenantId, crew: CrewId, day: i64) -> Result<Vec<Visit>, StoreError> {
        let sql = visit_sql!("WHERE tenant_id = $1 AND crew_id = $2 AND day = $3 ORDER BY planned_start, visit_id");
        self.db
            .fetch(sql, args![tenant.0, crew.0, day])
            .await?
            .iter()
            .map(visit_of)
            .collect()
    }

    /// All visits of some cases.
    pub async fn visit_of_cases(&self, tenant: TenantId, cases: &[Uuid]) -> Result<Vec<Visit>, StoreError> {
        let sql = visit_sql!("WHERE tenant_id = $1 AND case_id IN ({in}) ORDER BY planned_start, visit_id");
        self.db
            .fetch_in(sql, args![tenant.0], cases)
            .await?
            .iter()
            .map(visit_of)
            .collect()
    }

    /// Some visits by their ids.
    pub async fn visit_get_many(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Visit>, StoreError> {
        let sql = visit_sql!("WHERE tenant_id = $1 AND visit_id IN ({in})");
        self.db
            .fetch_in(sql, args![tenant.0], ids)
            .await?
            .iter()
            .map(visit_of)
            .collect()
    }

    /// The time zone in which each of some crews was last sent somewhere; crews that never were are left out.
    pub async fn crew_zones(&self, tenant: TenantId, crews: &[Uuid]) -> Result<Vec<(CrewId, String)>, StoreError> {
        let sql = "SELECT w.crew_id, (SELECT a.zone FROM visit v \
                   JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id \
                   JOIN address a ON a.tenant_id = c.tenant_id AND a.address_id = c.address_id \
                   WHERE v.tenant_id = w.tenant_id AND v.crew_id = w.crew_id \
                   ORDER BY v.day DESC, v.visit_id LIMIT 1) \
                   FROM crew w WHERE w.tenant_id = $1 AND w.crew_id IN ({in})";
        let mut zones = Vec::new();
        for row in self.db.fetch_in(sql, args![tenant.0], crews).await? {
            if let Some(zone) = row.opt_text(1)? {
                zones.push((CrewId(row.id(0)?), zone));
            }
        }
        Ok(zones)
    }

    /// The visits of a span of days, in planned order, at most 20,000.
    pub async fn visit_of_days(&self, tenant: TenantId, first: i64, last: i64) -> Result<Vec<Visit>, StoreError> {
        let sql =
            visit_sql!("WHERE tenant_id = $1 AND day >= $2 AND day <= $3 ORDER BY planned_start, visit_id LIMIT 20000");
        let rows = self.db.fetch(sql, args![tenant.0, first, last]).await?;
        rows.iter().map(visit_of).collect()
    }

    /// The visits behind some aliases.
    pub async fn visit_by_aliases(&self, tenant: TenantId, aliases: &[Uuid]) -> Result<Vec<Visit>, StoreError> {
        let sql = visit_sql!("WHERE tenant_id = $1 AND alias IN ({in})");
        self.db
            .fetch_in(sql, args![tenant.0], aliases)
            .await?
            .iter()
            .map(visit_of)
            .collect()
    }

    /// All visits of a day or in a state, in planned order, at most 5,000.
    pub async fn visit_list(
        &self,
        tenant: TenantId,
        day: Option<i64>,
        state: Option<VisitState>,
    ) -> Result<Vec<Visit>, StoreError> {
        let sql = crate::db::Sql {
            lite: visit_sql!(
                "WHERE tenant_id = $1 AND ($2 IS NULL OR day = $2) AND ($3 IS NULL OR state = $3) \
                 ORDER BY planned_start, visit_id LIMIT 5000"
            ),
            pg: visit_sql!(
                "WHERE tenant_id = $1 AND ($2::BIGINT IS NULL OR day = $2) AND ($3::TEXT IS NULL OR state = $3) \
                 ORDER BY planned_start, visit_id LIMIT 5000"
            ),
        };
        let values: Vec<Value> = args![tenant.0, day, state.map(VisitState::code)];
        self.db.fetch(sql, values).await?.iter().map(visit_of).collect()
    }

    /// Promises of some cases, oldest first, each with the visit at which it was made.
    pub async fn promise_list(
        &self,
        tenant: TenantId,
        cases: &[Uuid],
    ) -> Result<Vec<(Promise, Option<VisitId>)>, StoreError> {
        let sql = "SELECT p.event_id, p.case_id, p.day, p.amount, p.currency, e.visit_id FROM promise p \
                   LEFT JOIN event e ON e.tenant_id = p.tenant_id AND e.event_id = p.event_id \
                   WHERE p.tenant_id = $1 AND p.case_id IN ({in}) ORDER BY e.received_at, e.device_id, e.dseq";
        let rows = self.db.fetch_in(sql, args![tenant.0], cases).await?;
        rows.iter()
            .map(|row| Ok((promise_of(row)?, row.opt_id(5)?.map(VisitId))))
            .collect()
    }
}

impl WriteTx {
    /// Adds planned visits.
    pub async fn visit_insert(&mut self, visits: &[Visit]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = visits
            .iter()
            .map(|visit| {
                args![
                    tenant,
                    visit.id.0,
                    visit.alias.0,
                    visit.case.0,
                    visit.plan.map(|id| id.0),
                    visit.crew.0,
                    visit.day,
                    visit.state.code(),
                    visit.planned_start,
                    visit.planned_end,
                    visit.version
                ]
            })
            .collect();
        self.insert_many(
            "INSERT INTO visit (tenant_id, visit_id, alias, case_id, plan_id, crew_id, day, state, planned_start, \
             planned_end, version)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// The visits behind some aliases, as they stand within the transaction.
    pub async fn visit_by_alias(&mut self, aliases: &[Uuid]) -> Result<Vec<Visit>, StoreError> {
        let tenant = self.tenant();
        let sql = visit_sql!("WHERE tenant_id = $1 AND alias IN ({in})");
        self.fetch_in(sql, args![tenant], aliases)
            .await?
            .iter()
            .map(visit_of)
            .collect()
    }

    /// Writes state, times and outcomes of a visit.
    pub async fn visit_update(&mut self, visit: &Visit) -> Result<(), StoreError> {
        let values = args![
            visit.state.code(),
            visit.started_at,
            visit.due_out,
            visit.finished_at,
            visit.outcome.map(ContactOutcome::code),
            visit.matter.map(MatterOutcome::code),
            self.tenant(),
            visit.id.0,
            visit.version
        ];
        self.exec_one(
            "UPDATE visit SET state = $1, started_at = $2, due_out = $3, finished_at = $4, outcome = $5, matter = $6, \
             version = version + 1 WHERE tenant_id = $7 AND visit_id = $8 AND version = $9",
            values,
        )
        .await
    }

    /// The visits of some cases that were not begun, as they stand within the transaction. The state is looked at here: asked
    /// for it, SQLite walks all planned visits of the tenant.
    pub async fn visit_planned_of(&mut self, cases: &[Uuid]) -> Result<Vec<Visit>, StoreError> {
        let tenant = self.tenant();
        let sql = visit_sql!("WHERE tenant_id = $1 AND case_id IN ({in})");
        let rows = self.fetch_in(sql, args![tenant], cases).await?;
        let mut visits: Vec<Visit> = rows.iter().map(visit_of).collect::<Result<_, _>>()?;
        visits.retain(|visit| visit.state == VisitState::Planned);
        visits.sort_unstable_by_key(|visit| visit.id);
        Ok(visits)
    }

    /// The visits of some days that were not begun, first to last.
    pub async fn visit_planned_on(&mut self, from: i64, until: i64) -> Result<Vec<Visit>, StoreError> {
        let values = args![self.tenant(), from, until];
        let sql = visit_sql!(
            "WHERE tenant_id = $1 AND state = 'planned' AND day BETWEEN $2 AND $3 ORDER BY planned_start, visit_id"
        );
        self.fetch(sql, values).await?.iter().map(visit_of).collect()
    }

    /// Withdraws a visit that was not begun, for a rule; returns whether it had not begun.
    pub async fn visit_withdraw(&mut self, visit: VisitId, rule: &str) -> Result<bool, StoreError> {
        let values = args![rule, self.tenant(), visit.0];
        let touched = self
            .exec(
                "UPDATE visit SET state = 'cancelled', withdrawn = $1, version = version + 1 \
                 WHERE tenant_id = $2 AND visit_id = $3 AND state = 'planned'",
                values,
            )
            .await?;
        Ok(touched == 1)
    }

    /// The promises that devices reported of a visit, each with the device, in the order of the log.
    pub async fn promise_of_visit(&mut self, visit: VisitId) -> Result<Vec<(DeviceId, Promise)>, StoreError> {
        self.event_flush().await?;
        let sql = "SELECT p.event_id, p.case_id, p.day, p.amount, p.currency, e.device_id FROM promise p \
                   JOIN event e ON e.tenant_id = p.tenant_id AND e.event_id = p.event_id \
                   WHERE p.tenant_id = $1 AND e.visit_id = $2 ORDER BY e.received_at, e.device_id, e.dseq";
        let values = args![self.tenant(), visit.0];
        let rows = self.fetch(sql, values).await?;
        rows.iter()
            .map(|row| Ok((DeviceId(row.id(5)?), promise_of(row)?)))
            .collect()
    }

    /// Adds a promise.
    pub async fn promise_insert(&mut self, promise: &Promise) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            promise.event.0,
            promise.case.0,
            promise.day,
            promise.amount,
            promise.currency.as_str()
        ];
        let sql = "INSERT INTO promise (tenant_id, event_id, case_id, day, amount, currency) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        self.exec(sql, values).await.map(drop)
    }

    /// Removes every promise of a visit but one: somebody settled which was made. What was reported stays in its events.
    pub async fn promise_keep_only(&mut self, visit: VisitId, kept: EventId) -> Result<(), StoreError> {
        self.event_flush().await?;
        let values = args![self.tenant(), kept.0, visit.0];
        let sql = "DELETE FROM promise WHERE tenant_id = $1 AND event_id <> $2 AND event_id IN \
                   (SELECT event_id FROM event WHERE tenant_id = $1 AND visit_id = $3)";
        self.exec(sql, values).await.map(drop)
    }

    /// A visit as it stands within the transaction.
    pub async fn visit_read(&mut self, id: VisitId) -> Result<Visit, StoreError> {
        let values = args![self.tenant(), id.0];
        let sql = visit_sql!("WHERE tenant_id = $1 AND visit_id = $2");
        let row = self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound)?;
        visit_of(&row)
    }
}
