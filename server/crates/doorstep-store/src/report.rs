//! What a report is made of: facts of a span of days, counted by the database in one statement over clear columns. It opens
//! nothing that is sealed and names nobody. What a case was on a day is taken from `case_stage`, which does not change later.

use doorstep_domain::codes;
use doorstep_domain::id::{AgencyId, PortfolioId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::report::Rolled;

use crate::db::{Row, Sql, Value, args};
use crate::error::StoreError;
use crate::store::Store;

codes!(
    /// What facts are counted by.
    FactKey, "what facts are counted by" {
        /// By nothing: all of them together.
        All = "all",
        /// By the week in which they happened.
        Week = "week",
        /// By whom they were made.
        Staff = "staff",
        /// By the crew that was sent.
        Crew = "crew",
        /// By the team of the case and the coarse cell of its address.
        Cell = "cell",
        /// By the portfolio of the case.
        Portfolio = "portfolio",
        /// By the agency of the case.
        Agency = "agency",
        /// By the stage that the case had then; cases that were assigned by the one with which they came into the span.
        Stage = "stage",
    }
);

codes!(
    /// What is counted.
    FactKind, "kind of fact" {
        /// A case that was assigned: open or held at some time of the span.
        Assigned = "assigned",
        /// Such a case that somebody tried to reach in the span.
        Touched = "touched",
        /// Such a case that was settled in the span and not opened again in it.
        Settled = "settled",
        /// A planned visit of a day of the span that no later plan and no rule took away; also one that its crew left out.
        Planned = "planned",
        /// Such a visit that was begun.
        Reached = "reached",
        /// A visit that was begun; the detail is what came of it.
        Visit = "visit",
        /// A visit that was begun; the detail is zone and quarter of an hour.
        Begun = "begun",
        /// A visit that was begun; the detail is the portfolio and the currency of its case, the version of the portfolio's
        /// strategy that held then (0 where it had none of its own), and the crew's means of travel.
        Priced = "priced",
        /// Metres of the planned way that fall on a visit that was begun; the detail is as above.
        Way = "way",
        /// Seconds of a crew's work for a visit that was begun: at the door, and its part of the planned driving; the detail is
        /// as above.
        Work = "work",
        /// A visit that was begun, and that somebody complained about.
        Complained = "complained",
        /// A visit that was begun at which something was promised.
        Promised = "promised",
        /// An agreement that is paid and that payments decided about; the detail is what became of it.
        Judged = "judged",
        /// A call; the detail is what came of it.
        Call = "call",
        /// A contact that a rule forbade when it was made.
        Forbidden = "forbidden",
        /// A planned visit that a rule took away.
        Withdrawn = "withdrawn",
        /// A complaint that came in and was not withdrawn.
        Complaint = "complaint",
        /// Anything of all this: how many cases it is about.
        About = "about",
    }
);

/// Which facts.
#[derive(Debug, Clone, Copy)]
pub struct FactSpan {
    /// Only of cases of this agency.
    pub agency: Option<AgencyId>,
    /// Only of cases of this portfolio.
    pub portfolio: Option<PortfolioId>,
    /// Only what this member of staff was at.
    pub staff: Option<StaffId>,
    /// The first day, in days since 1970-01-01, in UTC.
    pub first_day: i64,
    /// The day after the last.
    pub end_day: i64,
}

/// Facts of one kind and detail in one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactCount {
    /// What was counted.
    pub kind: FactKind,
    /// More about it; empty where there is nothing more.
    pub detail: String,
    /// The group: an id without hyphens, `team:cell`, a stage, the number of a week since the one of 1970-01-01; empty where
    /// there is none.
    pub key: String,
    /// The sum of what is measured: metres, seconds, or the number of facts.
    pub sum: i64,
    /// How many cases they are of.
    pub cases: i64,
}

/// The statement. `$hex … $xeh` make text of an id, `$id` is what a parameter that may be no id is followed by.
///
/// The way of a route is told once, however many of its visits were made: each takes what lies between its place and the one before, in
/// whole metres, and the sum is the whole.
macro_rules! facts_sql {
    ($hex:literal, $xeh:literal, $id:literal) => {
        concat!(
            "WITH shown AS (SELECT c.case_id, c.portfolio_id, c.agency_id, c.team_id, c.stage, ",
            "c.currency, a.zone, a.cell FROM cases c ",
            "JOIN address a ON a.tenant_id = c.tenant_id AND a.address_id = c.address_id ",
            "WHERE c.tenant_id = $1 AND ($4", $id, " IS NULL OR c.agency_id = $4) ",
            "AND ($5", $id, " IS NULL OR c.portfolio_id = $5)), ",
            "stay AS (SELECT k.case_id, k.n, k.at, k.status, k.stage, ",
            "LEAD(k.at) OVER (PARTITION BY k.case_id ORDER BY k.n) AS until, ",
            "MAX(CASE WHEN k.status IN ('open', 'held') THEN k.n END) OVER (PARTITION BY k.case_id) AS live_last ",
            "FROM case_stage k WHERE k.tenant_id = $1 AND k.at < $3), ",
            "entered AS (SELECT s.case_id, MIN(s.n) AS n FROM stay s WHERE s.status IN ('open', 'held') ",
            "AND (s.until IS NULL OR s.until > $2 OR s.at >= $2) GROUP BY s.case_id), ",
            "assigned AS (SELECT s.case_id, s.stage FROM entered e JOIN stay s ON s.case_id = e.case_id AND s.n = e.n), ",
            "made AS (SELECT v.visit_id, v.case_id, v.crew_id, v.plan_id, v.started_at, v.finished_at, v.outcome ",
            "FROM visit v WHERE v.tenant_id = $1 AND v.started_at >= $2 AND v.started_at < $3), ",
            "worked AS (SELECT m.visit_id, m.case_id, m.crew_id, m.started_at, a.zone, ",
            $hex, "c.portfolio_id", $xeh, " || ' ' || c.currency || ' ' || CAST(COALESCE((SELECT MAX(y.version) FROM strategy y ",
            "WHERE y.tenant_id = $1 AND y.portfolio_id = c.portfolio_id AND y.set_at <= m.started_at), 0) AS TEXT) ",
            "|| ' ' || COALESCE(k.travel, '') AS priced, ",
            "COALESCE((m.finished_at - m.started_at) / 1000000, 0) AS door, ",
            "COALESCE(r.metres, 0) AS metres, COALESCE(r.driving, 0) AS driving, ",
            "ROW_NUMBER() OVER (PARTITION BY r.route_id ORDER BY m.started_at, m.visit_id) AS place, ",
            "COUNT(*) OVER (PARTITION BY r.route_id) AS places ",
            "FROM made m LEFT JOIN plan_case p ON p.tenant_id = $1 AND p.plan_id = m.plan_id AND p.visit_id = m.visit_id ",
            "LEFT JOIN route r ON r.tenant_id = $1 AND r.route_id = p.route_id ",
            "LEFT JOIN crew k ON k.tenant_id = $1 AND k.crew_id = r.crew_id ",
            "LEFT JOIN cases c ON c.tenant_id = $1 AND c.case_id = m.case_id ",
            "LEFT JOIN address a ON a.tenant_id = $1 AND a.address_id = c.address_id), ",
            "fact AS (",
            "SELECT 'visit' AS kind, m.outcome AS detail, m.started_at AS at, m.case_id, m.crew_id, NULL", $id,
            " AS staff_id, m.visit_id, 1 AS n FROM made m ",
            "UNION ALL SELECT 'begun', w.zone || ' ' || CAST(w.started_at / 900000000 AS TEXT), w.started_at, w.case_id, ",
            "w.crew_id, NULL", $id, ", w.visit_id, 1 FROM worked w WHERE w.zone IS NOT NULL ",
            "UNION ALL SELECT 'priced', w.priced, w.started_at, w.case_id, w.crew_id, NULL", $id, ", w.visit_id, 1 FROM worked w ",
            "UNION ALL SELECT 'way', w.priced, w.started_at, w.case_id, w.crew_id, NULL", $id, ", w.visit_id, ",
            "w.metres * w.place / w.places - w.metres * (w.place - 1) / w.places FROM worked w ",
            "UNION ALL SELECT 'work', w.priced, w.started_at, w.case_id, w.crew_id, NULL", $id, ", w.visit_id, ",
            "w.door + w.driving * w.place / w.places - w.driving * (w.place - 1) / w.places FROM worked w ",
            "UNION ALL SELECT 'complained', NULL, m.started_at, m.case_id, m.crew_id, NULL", $id, ", m.visit_id, 1 ",
            "FROM made m WHERE EXISTS (SELECT 1 FROM complaint x WHERE x.tenant_id = $1 AND x.visit_id = m.visit_id ",
            "AND (x.outcome IS NULL OR x.outcome <> 'withdrawn')) ",
            "UNION ALL SELECT 'promised', NULL, m.started_at, m.case_id, m.crew_id, NULL", $id, ", m.visit_id, 1 ",
            "FROM made m WHERE m.outcome = 'MET_BORROWER' AND EXISTS (SELECT 1 FROM event e ",
            "JOIN promise p ON p.tenant_id = e.tenant_id AND p.event_id = e.event_id ",
            "WHERE e.tenant_id = $1 AND e.visit_id = m.visit_id) ",
            "UNION ALL SELECT 'assigned', NULL, NULL, a.case_id, NULL", $id, ", NULL", $id, ", NULL", $id, ", 1 ",
            "FROM assigned a ",
            "UNION ALL SELECT 'touched', NULL, NULL, a.case_id, NULL", $id, ", NULL", $id, ", NULL", $id, ", 1 ",
            "FROM assigned a WHERE a.case_id IN ",
            "(SELECT k.case_id FROM contact k WHERE k.tenant_id = $1 AND k.at >= $2 AND k.at < $3 ",
            "AND (k.outcome IS NULL OR k.outcome <> 'BLOCKED_RULE')) ",
            "UNION ALL SELECT 'settled', NULL, s.at, s.case_id, NULL", $id, ", NULL", $id, ", NULL", $id, ", 1 ",
            "FROM stay s WHERE s.status = 'settled' AND s.at >= $2 AND s.n > s.live_last ",
            "UNION ALL SELECT 'planned', NULL, NULL, v.case_id, v.crew_id, NULL", $id, ", v.visit_id, 1 FROM visit v ",
            "WHERE v.tenant_id = $1 AND v.day >= $8 AND v.day < $9 AND v.plan_id IS NOT NULL ",
            "AND (v.started_at IS NOT NULL OR v.state <> 'cancelled' OR EXISTS (SELECT 1 ",
            "FROM event e WHERE e.tenant_id = $1 AND e.visit_id = v.visit_id AND e.kind = 'stop.skipped')) ",
            "UNION ALL SELECT 'reached', NULL, NULL, v.case_id, v.crew_id, NULL", $id, ", v.visit_id, 1 FROM visit v ",
            "WHERE v.tenant_id = $1 AND v.day >= $8 AND v.day < $9 AND v.plan_id IS NOT NULL ",
            "AND v.started_at IS NOT NULL ",
            "UNION ALL SELECT 'judged', g.state, g.state_day * 86400000000, g.case_id, v.crew_id, ",
            "CASE WHEN v.visit_id IS NULL THEN g.staff_id END, v.visit_id, 1 FROM agreement g ",
            "LEFT JOIN visit v ON v.tenant_id = g.tenant_id AND v.visit_id = g.visit_id ",
            "WHERE g.tenant_id = $1 AND g.state_day >= $8 AND g.state_day < $9 ",
            "AND g.kind IN ('promise', 'plan', 'settlement') AND g.state IN ('kept', 'partial', 'broken') ",
            "UNION ALL SELECT 'call', k.outcome, k.at, k.case_id, NULL", $id, ", k.staff_id, NULL", $id, ", 1 ",
            "FROM contact k WHERE k.tenant_id = $1 AND k.channel = 'call' AND k.at >= $2 AND k.at < $3 ",
            "UNION ALL SELECT 'forbidden', NULL, k.at, k.case_id, v.crew_id, ",
            "CASE WHEN v.visit_id IS NULL THEN k.staff_id END, v.visit_id, 1 FROM contact k ",
            "LEFT JOIN visit v ON v.tenant_id = k.tenant_id AND v.visit_id = k.contact_id ",
            "WHERE k.tenant_id = $1 AND k.at >= $2 AND k.at < $3 AND k.rules <> '' ",
            "UNION ALL SELECT 'withdrawn', NULL, v.planned_start, v.case_id, v.crew_id, NULL", $id, ", v.visit_id, 1 ",
            "FROM visit v WHERE v.tenant_id = $1 AND v.day >= $8 AND v.day < $9 AND v.withdrawn IS NOT NULL ",
            "UNION ALL SELECT 'complaint', NULL, x.received_at, x.case_id, v.crew_id, x.staff_id, ",
            "CASE WHEN x.staff_id IS NULL THEN x.visit_id END, 1 FROM complaint x ",
            "LEFT JOIN visit v ON v.tenant_id = x.tenant_id AND v.visit_id = x.visit_id ",
            "WHERE x.tenant_id = $1 AND x.received_at >= $2 AND x.received_at < $3 ",
            "AND (x.outcome IS NULL OR x.outcome <> 'withdrawn')), ",
            "told AS (SELECT * FROM fact UNION ALL SELECT 'about', NULL, f.at, f.case_id, f.crew_id, f.staff_id, f.visit_id, 0 ",
            "FROM fact f) ",
            "SELECT f.kind, COALESCE(f.detail, ''), COALESCE(CASE CAST($6 AS TEXT) ",
            "WHEN 'week' THEN CAST((f.at / 86400000000 + 3) / 7 AS TEXT) ",
            "WHEN 'staff' THEN ", $hex, "COALESCE(s.staff_id, f.staff_id)", $xeh, " ",
            "WHEN 'crew' THEN ", $hex, "f.crew_id", $xeh, " ",
            "WHEN 'cell' THEN ", $hex, "c.team_id", $xeh, " || ':' || CAST(c.cell AS TEXT) ",
            "WHEN 'portfolio' THEN ", $hex, "c.portfolio_id", $xeh, " ",
            "WHEN 'agency' THEN ", $hex, "c.agency_id", $xeh, " ",
            "WHEN 'stage' THEN CASE WHEN f.kind = 'settled' OR f.at IS NULL THEN COALESCE(a.stage, c.stage) ",
            "ELSE COALESCE((SELECT k.stage FROM case_stage k WHERE k.tenant_id = $1 AND k.case_id = f.case_id ",
            "AND k.at <= f.at ORDER BY k.n DESC LIMIT 1), (SELECT k.stage FROM case_stage k WHERE k.tenant_id = $1 ",
            "AND k.case_id = f.case_id AND k.n = 1), c.stage) END END, '') AS grp, ",
            "CAST(SUM(f.n) AS BIGINT), COUNT(DISTINCT f.case_id) FROM told f ",
            "JOIN shown c ON c.case_id = f.case_id ",
            "LEFT JOIN assigned a ON a.case_id = f.case_id AND CAST($6 AS TEXT) = 'stage' ",
            "LEFT JOIN visit_staff s ON s.tenant_id = $1 AND s.visit_id = f.visit_id ",
            "AND (CAST($6 AS TEXT) = 'staff' OR $7", $id, " IS NOT NULL) ",
            "WHERE ($7", $id, " IS NULL OR COALESCE(s.staff_id, f.staff_id) = $7) ",
            "GROUP BY f.kind, COALESCE(f.detail, ''), grp ORDER BY f.kind, COALESCE(f.detail, ''), grp"
        )
    };
}

const FACTS_SQL: Sql = Sql {
    lite: facts_sql!("hex(", ")", ""),
    pg: facts_sql!("REPLACE(CAST(", " AS TEXT), '-', '')", "::UUID"),
};

/// The cases that were assigned in a span, by what they were when it began and when it ended.
macro_rules! roll_sql {
    ($id:literal) => {
        concat!(
            "WITH marks AS (SELECT k.case_id, MAX(CASE WHEN k.at < $2 THEN k.n END) AS first_n, MAX(k.n) AS last_n, ",
            "MAX(CASE WHEN k.at >= $2 AND k.status IN ('open', 'held') THEN 1 ELSE 0 END) AS opened ",
            "FROM case_stage k WHERE k.tenant_id = $1 AND k.at < $3 GROUP BY k.case_id), ",
            "moved AS (SELECT CASE WHEN b.status IN ('open', 'held') THEN b.stage ELSE 'new' END AS began, ",
            "CASE WHEN e.status IN ('open', 'held') THEN e.stage WHEN e.status = 'settled' THEN 'settled' ELSE 'over' END AS ended ",
            "FROM marks m JOIN cases c ON c.tenant_id = $1 AND c.case_id = m.case_id ",
            "JOIN case_stage e ON e.tenant_id = $1 AND e.case_id = m.case_id AND e.n = m.last_n ",
            "LEFT JOIN case_stage b ON b.tenant_id = $1 AND b.case_id = m.case_id AND b.n = m.first_n ",
            "WHERE (b.status IN ('open', 'held') OR m.opened = 1) AND ($4", $id, " IS NULL OR c.agency_id = $4) ",
            "AND ($5", $id, " IS NULL OR c.portfolio_id = $5)) ",
            "SELECT began, ended, COUNT(*) FROM moved GROUP BY began, ended ORDER BY began, ended",
        )
    };
}

const ROLL_SQL: Sql = Sql {
    lite: roll_sql!(""),
    pg: roll_sql!("::UUID"),
};

const DAY: Micros = Micros::from_seconds(86_400);

fn fact_of(row: &Row) -> Result<FactCount, StoreError> {
    Ok(FactCount {
        kind: row.code(0)?,
        detail: row.text(1)?,
        key: row.text(2)?.to_lowercase(),
        sum: row.int(3)?,
        cases: row.int(4)?,
    })
}

impl Store {
    /// The facts of a span, counted by a key.
    pub async fn report_facts(
        &self,
        tenant: TenantId,
        span: FactSpan,
        by: FactKey,
    ) -> Result<Vec<FactCount>, StoreError> {
        let [first, end] = [span.first_day, span.end_day].map(|day| Micros(day.saturating_mul(DAY.get())));
        let values: Vec<Value> = args![
            tenant.0,
            first,
            end,
            span.agency.map(|id| id.0),
            span.portfolio.map(|id| id.0),
            by.code(),
            span.staff.map(|id| id.0),
            span.first_day,
            span.end_day,
        ];
        let rows = self.db.fetch_by_values(FACTS_SQL, values).await?;
        rows.iter().map(fact_of).collect()
    }

    /// How the cases that were assigned in a span rolled from its beginning to its end: how many of each beginning and end.
    pub async fn report_roll(
        &self,
        tenant: TenantId,
        span: FactSpan,
    ) -> Result<Vec<(Rolled, Rolled, u64)>, StoreError> {
        let [first, end] = [span.first_day, span.end_day].map(|day| Micros(day.saturating_mul(DAY.get())));
        let (agency, portfolio) = (span.agency.map(|id| id.0), span.portfolio.map(|id| id.0));
        let values = args![tenant.0, first, end, agency, portfolio];
        let rows = self.db.fetch_by_values(ROLL_SQL, values).await?;
        let count = |row: &Row| Ok((row.code(0)?, row.code(1)?, u64::try_from(row.int(2)?).unwrap_or(0)));
        rows.iter().map(count).collect()
    }
}
