//! Plans, routes and what a plan says of every case it looked at.

use doorstep_domain::id::{Alias, CaseId, CrewId, PlanId, RouteId, TeamId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::plan::PlanState;

use uuid::Uuid;

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::pending::PlanSpan;
use crate::store::Store;
use crate::write::WriteTx;

/// A plan without its routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanHead {
    /// Its id.
    pub id: PlanId,
    /// What stands for it in the log.
    pub alias: Alias,
    /// The team it is for.
    pub team: TeamId,
    /// First day, in days since 1970-01-01.
    pub first_day: i64,
    /// Number of days.
    pub days: i64,
    /// Where it stands.
    pub state: PlanState,
    /// Seed of the search.
    pub seed: i64,
    /// Iterations of the search.
    pub iterations: i64,
    /// The rule packs, as `id@version`, comma-separated, and their digest after a space.
    pub packs: String,
    /// Where travel times came from: `estimate` or `roads`.
    pub travel_label: String,
    /// IANA name of the time zone in which its days are counted.
    pub zone: String,
    /// Worth of the plan in millionths of the currency's main unit.
    pub objective: i64,
    /// Findings of the independent check, one a line.
    pub findings: String,
    /// Counts changes; what an ETag shows.
    pub version: i64,
    /// When it was made.
    pub created_at: Micros,
    /// When it was published.
    pub published_at: Option<Micros>,
}

/// A route of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRow {
    /// Its id.
    pub id: RouteId,
    /// Who drives it.
    pub crew: CrewId,
    /// Which day, in days since 1970-01-01.
    pub day: i64,
    /// When the crew leaves.
    pub depart: Micros,
    /// When it is back.
    pub back: Micros,
    /// Length in metres.
    pub metres: i64,
    /// Time under way in seconds.
    pub driving: i64,
}

/// What a plan says of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanCase {
    /// The case.
    pub case: CaseId,
    /// Where it is planned.
    pub place: Option<PlanPlace>,
    /// Why it is not planned, as JSON of codes and numbers.
    pub reason: Option<String>,
    /// What a planned visit is worth, as JSON of numbers by item.
    pub worth: Option<String>,
}

/// A case's place in a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanPlace {
    /// The route.
    pub route: RouteId,
    /// The visit.
    pub visit: VisitId,
    /// Position in the route, from 0.
    pub position: i64,
    /// When the crew arrives.
    pub arrive: Micros,
    /// When the visit starts.
    pub starts: Micros,
    /// When it ends.
    pub ends: Micros,
    /// What it is worth, in millionths of the currency's main unit.
    pub value: i64,
}

impl PlanHead {
    /// The days of the team that it covers.
    #[must_use]
    pub const fn span(&self) -> PlanSpan {
        PlanSpan {
            team: self.team,
            first_day: self.first_day,
            days: self.days,
        }
    }
}

fn head_of(row: &Row) -> Result<PlanHead, StoreError> {
    Ok(PlanHead {
        id: PlanId(row.id(0)?),
        alias: Alias(row.id(1)?),
        team: TeamId(row.id(2)?),
        first_day: row.int(3)?,
        days: row.int(4)?,
        state: row.code(5)?,
        seed: row.int(6)?,
        iterations: row.int(7)?,
        packs: row.text(8)?,
        travel_label: row.text(9)?,
        zone: row.text(10)?,
        objective: row.int(11)?,
        findings: row.text(12)?,
        version: row.int(13)?,
        created_at: Micros(row.int(14)?),
        published_at: row.opt_int(15)?.map(Micros),
    })
}

fn plan_case_of(row: &Row) -> Result<PlanCase, StoreError> {
    let place = match row.opt_id(1)? {
        None => None,
        Some(route) => Some(PlanPlace {
            route: RouteId(route),
            visit: VisitId(row.id(2)?),
            position: row.int(3)?,
            arrive: Micros(row.int(4)?),
            starts: Micros(row.int(5)?),
            ends: Micros(row.int(6)?),
            value: row.int(7)?,
        }),
    };
    Ok(PlanCase {
        case: CaseId(row.id(0)?),
        place,
        reason: row.opt_text(8)?,
        worth: row.opt_text(9)?,
    })
}

macro_rules! head_sql {
    ($tail:literal) => {
        concat!(
            "SELECT plan_id, alias, team_id, first_day, days, state, seed, iterations, packs, travel_label, zone, objective, ",
            "findings, version, created_at, published_at FROM plan ",
            $tail
        )
    };
}

impl Store {
    /// One plan.
    pub async fn plan_get(&self, tenant: TenantId, id: PlanId) -> Result<PlanHead, StoreError> {
        let sql = head_sql!("WHERE tenant_id = $1 AND plan_id = $2");
        head_of(
            &self
                .db
                .fetch_one(sql, args![tenant.0, id.0])
                .await?
                .ok_or(StoreError::NotFound)?,
        )
    }

    /// All plans of a tenant, newest first, at most 500.
    pub async fn plan_list(&self, tenant: TenantId) -> Result<Vec<PlanHead>, StoreError> {
        let sql = head_sql!("WHERE tenant_id = $1 ORDER BY created_at DESC, plan_id DESC LIMIT 500");
        self.db.fetch(sql, args![tenant.0]).await?.iter().map(head_of).collect()
    }

    /// The plans of a team that were published and touch any of these days, the one published first first.
    pub async fn plan_published_in(&self, tenant: TenantId, span: PlanSpan) -> Result<Vec<PlanHead>, StoreError> {
        let sql = head_sql!(
            "WHERE tenant_id = $1 AND team_id = $2 AND published_at IS NOT NULL AND first_day < $4 \
             AND first_day + days > $3 ORDER BY published_at, plan_id"
        );
        let values = args![tenant.0, span.team.0, span.first_day, span.first_day + span.days];
        self.db.fetch(sql, values).await?.iter().map(head_of).collect()
    }

    /// Cases that a plan leaves out, by id: at most `limit` of those after a case.
    pub async fn plan_left_page(
        &self,
        tenant: TenantId,
        plan: PlanId,
        after: CaseId,
        limit: i64,
    ) -> Result<Vec<PlanCase>, StoreError> {
        let sql = "SELECT case_id, route_id, visit_id, position, arrive, starts, ends, value, reason, worth FROM plan_case \
                   WHERE tenant_id = $1 AND plan_id = $2 AND case_id > $3 AND route_id IS NULL ORDER BY case_id LIMIT $4";
        let rows = self.db.fetch(sql, args![tenant.0, plan.0, after.0, limit]).await?;
        rows.iter().map(plan_case_of).collect()
    }

    /// The routes of a plan, by day and crew.
    pub async fn route_list(&self, tenant: TenantId, plan: PlanId) -> Result<Vec<RouteRow>, StoreError> {
        let sql = "SELECT route_id, crew_id, day, depart, back, metres, driving FROM route \
                   WHERE tenant_id = $1 AND plan_id = $2 ORDER BY day, depart, crew_id";
        let rows = self.db.fetch(sql, args![tenant.0, plan.0]).await?;
        rows.iter()
            .map(|row| {
                Ok(RouteRow {
                    id: RouteId(row.id(0)?),
                    crew: CrewId(row.id(1)?),
                    day: row.int(2)?,
                    depart: Micros(row.int(3)?),
                    back: Micros(row.int(4)?),
                    metres: row.int(5)?,
                    driving: row.int(6)?,
                })
            })
            .collect()
    }

    /// What a plan says of every case it looked at: planned ones first, in the order of their routes.
    pub async fn plan_case_list(&self, tenant: TenantId, plan: PlanId) -> Result<Vec<PlanCase>, StoreError> {
        let sql = "SELECT case_id, route_id, visit_id, position, arrive, starts, ends, value, reason, worth FROM plan_case \
                   WHERE tenant_id = $1 AND plan_id = $2 ORDER BY CASE WHEN route_id IS NULL THEN 1 ELSE 0 END, \
                   route_id, position, case_id";
        self.db
            .fetch(sql, args![tenant.0, plan.0])
            .await?
            .iter()
            .map(plan_case_of)
            .collect()
    }

    /// What a plan says of one case.
    pub async fn plan_case_get(&self, tenant: TenantId, plan: PlanId, case: CaseId) -> Result<PlanCase, StoreError> {
        let sql = "SELECT case_id, route_id, visit_id, position, arrive, starts, ends, value, reason, worth FROM plan_case \
                   WHERE tenant_id = $1 AND plan_id = $2 AND case_id = $3";
        let row = self.db.fetch_one(sql, args![tenant.0, plan.0, case.0]).await?;
        plan_case_of(&row.ok_or(StoreError::NotFound)?)
    }
}

impl WriteTx {
    /// Adds a plan with its routes and all it says of cases.
    pub async fn plan_insert(
        &mut self,
        head: &PlanHead,
        routes: &[RouteRow],
        cases: Vec<PlanCase>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let values = args![
            tenant,
            head.id.0,
            head.alias.0,
            head.team.0,
            head.first_day,
            head.days,
            head.state.code(),
            head.seed,
            head.iterations,
            head.packs.as_str(),
            head.travel_label.as_str(),
            head.zone.as_str(),
            head.objective,
            head.findings.as_str(),
            head.version,
            head.created_at
        ];
        self.exec(
            "INSERT INTO plan (tenant_id, plan_id, alias, team_id, first_day, days, state, seed, iterations, packs, \
             travel_label, zone, objective, findings, version, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            values,
        )
        .await?;
        let rows = routes
            .iter()
            .map(|route| {
                args![
                    tenant,
                    route.id.0,
                    head.id.0,
                    route.crew.0,
                    route.day,
                    route.depart,
                    route.back,
                    route.metres,
                    route.driving
                ]
            })
            .collect();
        let head_text = "INSERT INTO route (tenant_id, route_id, plan_id, crew_id, day, depart, back, metres, driving)";
        self.insert_many(head_text, "", rows).await?;
        let rows = cases
            .into_iter()
            .map(|case| plan_case_values(self.tenant(), head.id, case))
            .collect();
        self.insert_many(
            "INSERT INTO plan_case (tenant_id, plan_id, case_id, route_id, visit_id, position, arrive, starts, ends, \
             value, reason, worth)",
            "",
            rows,
        )
        .await
        .map(drop)
    }

    /// Lets one plan of the tenant be published at a time, so that two of them cannot each overlook the other's visits.
    /// SQLite has one writer anyway.
    pub async fn plan_publishing(&mut self) -> Result<(), StoreError> {
        let sql = Sql {
            lite: "SELECT 1 FROM tenant WHERE tenant_id = $1",
            pg: "SELECT 1::BIGINT FROM tenant WHERE tenant_id = $1 FOR NO KEY UPDATE",
        };
        let values = args![self.tenant()];
        self.fetch_one(sql, values).await?.ok_or(StoreError::NotFound).map(drop)
    }

    /// Publishes a proposed plan of a known version; `Changed` where it moved on.
    pub async fn plan_publish(&mut self, plan: PlanId, version: i64) -> Result<(), StoreError> {
        let values = args![self.now(), self.tenant(), plan.0, version];
        self.exec_one(
            "UPDATE plan SET state = 'published', published_at = $1, version = version + 1 \
             WHERE tenant_id = $2 AND plan_id = $3 AND version = $4 AND state = 'proposed'",
            values,
        )
        .await
    }

    /// Marks published plans of the team that overlap the days as superseded and cancels their visits that were not
    /// begun. What was to be over by now may have been made and stays. Returns the ids of those visits.
    pub async fn plan_supersede(&mut self, new: &PlanHead) -> Result<Vec<VisitId>, StoreError> {
        let values = args![
            self.tenant(),
            new.team.0,
            new.id.0,
            new.first_day,
            new.first_day + new.days
        ];
        let rows = self
            .fetch(
                "UPDATE plan SET state = 'superseded', version = version + 1 WHERE tenant_id = $1 AND team_id = $2 \
                 AND plan_id <> $3 AND state = 'published' AND first_day < $5 AND first_day + days > $4 \
                 RETURNING plan_id",
                values,
            )
            .await?;
        let plans: Vec<Uuid> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
        let sql = "SELECT alias FROM visit WHERE tenant_id = $1 AND state = 'planned' AND plan_id IN ({in})";
        let values = args![self.tenant()];
        let ahead = self.fetch_in(sql, values, &plans).await?;
        let ahead: Vec<Uuid> = ahead.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
        self.visit_lock(&ahead).await?;
        let mut cancelled = Vec::new();
        for plan in plans {
            let values = args![self.tenant(), plan, self.now()];
            let visits = self
                .fetch(
                    "UPDATE visit SET state = 'cancelled', version = version + 1 \
                     WHERE tenant_id = $1 AND plan_id = $2 AND state = 'planned' AND planned_end > $3 \
                     RETURNING visit_id",
                    values,
                )
                .await?;
            for visit in visits {
                cancelled.push(VisitId(visit.id(0)?));
            }
        }
        Ok(cancelled)
    }
}

fn plan_case_values(tenant: Uuid, plan: PlanId, case: PlanCase) -> Vec<crate::db::Value> {
    let place = case.place;
    args![
        tenant,
        plan.0,
        case.case.0,
        place.map(|at| at.route.0),
        place.map(|at| at.visit.0),
        place.map(|at| at.position),
        place.map(|at| at.arrive),
        place.map(|at| at.starts),
        place.map(|at| at.ends),
        place.map(|at| at.value),
        case.reason,
        case.worth
    ]
}
