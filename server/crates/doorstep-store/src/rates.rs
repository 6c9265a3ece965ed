//! What rates are computed from: visits that were made in a span of time, who was there, and what is known of them. Ids and codes
//! only.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::id::{AgencyId, CrewId, PortfolioId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;

use crate::db::{Row, Sql, Value, args};
use crate::error::StoreError;
use crate::store::Store;

/// Which visits: of whose cases (all where none is named), begun from when until before when.
#[derive(Debug, Clone, Copy)]
pub struct RateSpan {
    /// Only cases of this agency.
    pub agency: Option<AgencyId>,
    /// From when.
    pub first: Micros,
    /// Before when.
    pub end: Micros,
}

/// A visit that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateVisit {
    /// Its id.
    pub id: VisitId,
    /// The crew that was sent.
    pub crew: CrewId,
    /// The portfolio of its case.
    pub portfolio: PortfolioId,
    /// What came of the contact.
    pub outcome: Option<ContactOutcome>,
}

/// A quality check that was scored and is not being appealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCheck {
    /// The visit.
    pub visit: VisitId,
    /// Whose part was looked at.
    pub staff: StaffId,
    /// The findings, as JSON.
    pub found: String,
}

/// A statement about the visits of a [`RateSpan`]; what is selected, and what is joined to them.
macro_rules! span_sql {
    ($select:literal, $join:literal, $where:literal) => {
        Sql {
            lite: concat!(
                "SELECT ",
                $select,
                " FROM visit v JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id ",
                $join,
                " WHERE v.tenant_id = $1 AND v.started_at >= $2 AND v.started_at < $3 ",
                "AND ($4 IS NULL OR c.agency_id = $4) ",
                $where
            ),
            pg: concat!(
                "SELECT ",
                $select,
                " FROM visit v JOIN cases c ON c.tenant_id = v.tenant_id AND c.case_id = v.case_id ",
                $join,
                " WHERE v.tenant_id = $1 AND v.started_at >= $2 AND v.started_at < $3 ",
                "AND ($4::UUID IS NULL OR c.agency_id = $4) ",
                $where
            ),
        }
    };
}

/// The same about rows of other tables, with the time that counts for them.
macro_rules! case_sql {
    ($select:literal, $from:literal, $at:literal, $where:literal) => {
        Sql {
            lite: concat!(
                "SELECT ",
                $select,
                " FROM ",
                $from,
                " x JOIN cases c ON c.tenant_id = x.tenant_id AND c.case_id = x.case_id WHERE x.tenant_id = $1 AND ",
                $at,
                " >= $2 AND ",
                $at,
                " < $3 AND ($4 IS NULL OR c.agency_id = $4) ",
                $where
            ),
            pg: concat!(
                "SELECT ",
                $select,
                " FROM ",
                $from,
                " x JOIN cases c ON c.tenant_id = x.tenant_id AND c.case_id = x.case_id WHERE x.tenant_id = $1 AND ",
                $at,
                " >= $2 AND ",
                $at,
                " < $3 AND ($4::UUID IS NULL OR c.agency_id = $4) ",
                $where
            ),
        }
    };
}

fn values(tenant: TenantId, span: RateSpan) -> Vec<Value> {
    args![tenant.0, span.first, span.end, span.agency.map(|id| id.0)]
}

fn visit_of(row: &Row) -> Result<RateVisit, StoreError> {
    let outcome = row.opt_text(3)?.map(|code| code.parse()).transpose();
    Ok(RateVisit {
        id: VisitId(row.id(0)?),
        crew: CrewId(row.id(1)?),
        portfolio: PortfolioId(row.id(2)?),
        outcome: outcome.map_err(|_| StoreError::Shape {
            column: 3,
            expected: "known code",
        })?,
    })
}

impl Store {
    /// The visits that were made.
    pub async fn rate_visits(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<RateVisit>, StoreError> {
        let sql = span_sql!("v.visit_id, v.crew_id, c.portfolio_id, v.outcome", "", "");
        let rows = self.db.fetch(sql, values(tenant, span)).await?;
        rows.iter().map(visit_of).collect()
    }

    /// Who was at them.
    pub async fn rate_staff(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<(VisitId, StaffId)>, StoreError> {
        let sql = span_sql!(
            "v.visit_id, s.staff_id",
            "JOIN visit_staff s ON s.tenant_id = v.tenant_id AND s.visit_id = v.visit_id",
            ""
        );
        let rows = self.db.fetch(sql, values(tenant, span)).await?;
        rows.iter()
            .map(|row| Ok((VisitId(row.id(0)?), StaffId(row.id(1)?))))
            .collect()
    }

    /// Those that somebody complained about and did not take it back.
    pub async fn rate_complained(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<VisitId>, StoreError> {
        let sql = span_sql!(
            "DISTINCT v.visit_id",
            "JOIN complaint x ON x.tenant_id = v.tenant_id AND x.visit_id = v.visit_id",
            "AND (x.outcome IS NULL OR x.outcome <> 'withdrawn')"
        );
        let rows = self.db.fetch(sql, values(tenant, span)).await?;
        rows.iter().map(|row| row.id(0).map(VisitId)).collect()
    }

    /// Their quality checks that count: scored, and neither struck nor being appealed.
    pub async fn rate_checks(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<RateCheck>, StoreError> {
        let sql = span_sql!(
            "v.visit_id, q.staff_id, q.found",
            "JOIN quality_check q ON q.tenant_id = v.tenant_id AND q.visit_id = v.visit_id",
            "AND (q.state = 'scored' OR q.state = 'decided' AND q.decision = 'stands')"
        );
        let rows = self.db.fetch(sql, values(tenant, span)).await?;
        rows.iter()
            .map(|row| {
                Ok(RateCheck {
                    visit: VisitId(row.id(0)?),
                    staff: StaffId(row.id(1)?),
                    found: row.text(2)?,
                })
            })
            .collect()
    }

    /// The flags of their events, separated by commas, each with whose device reported it.
    pub async fn rate_flags(
        &self,
        tenant: TenantId,
        span: RateSpan,
    ) -> Result<Vec<(VisitId, StaffId, String)>, StoreError> {
        let sql = span_sql!(
            "v.visit_id, d.staff_id, e.flags",
            "JOIN event e ON e.tenant_id = v.tenant_id AND e.visit_id = v.visit_id \
             JOIN device d ON d.tenant_id = e.tenant_id AND d.device_id = e.device_id",
            "AND e.flags <> ''"
        );
        let rows = self.db.fetch(sql, values(tenant, span)).await?;
        rows.iter()
            .map(|row| Ok((VisitId(row.id(0)?), StaffId(row.id(1)?), row.text(2)?)))
            .collect()
    }

    /// The rules that took planned visits away, each as often as it did.
    pub async fn rate_withdrawn(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<String>, StoreError> {
        let sql = case_sql!("x.withdrawn", "visit", "x.planned_start", "AND x.withdrawn IS NOT NULL");
        self.texts(sql, values(tenant, span)).await
    }

    /// The rules that two persons lifted, each as often as they did.
    pub async fn rate_overridden(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<String>, StoreError> {
        let sql = case_sql!(
            "x.rule",
            "consent",
            "x.made_at",
            "AND x.rule IS NOT NULL AND x.given = 'two_persons' AND x.state IN ('given', 'withdrawn')"
        );
        self.texts(sql, values(tenant, span)).await
    }

    /// The rules that forbade contacts which were made all the same, separated by commas.
    pub async fn rate_forbidden(&self, tenant: TenantId, span: RateSpan) -> Result<Vec<String>, StoreError> {
        let sql = case_sql!("x.rules", "contact", "x.at", "AND x.rules <> ''");
        self.texts(sql, values(tenant, span)).await
    }

    async fn texts(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<String>, StoreError> {
        let rows = self.db.fetch(sql, values).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }
}
