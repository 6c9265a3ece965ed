//! Times of calm: days on which visits of a portfolio or region stop or thin out.

use doorstep_domain::id::{PortfolioId, StaffId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::step::{CalmMode, CalmReason, CalmState};
use uuid::Uuid;

use crate::case::CaseView;
use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// A time of calm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calm {
    /// Its id.
    pub id: Uuid,
    /// The one portfolio that it is for; `None` for all.
    pub portfolio: Option<PortfolioId>,
    /// The one region or country that it is for, ISO 3166; `None` for all. One of both is named.
    pub region: Option<String>,
    /// The first day, in days since 1970-01-01.
    pub from: i64,
    /// The last day.
    pub until: i64,
    /// What it does to visits.
    pub mode: CalmMode,
    /// Why.
    pub reason: CalmReason,
    /// Where it stands.
    pub state: CalmState,
    /// Who asked for it, and when.
    pub asked: (StaffId, Micros),
    /// Who answered, and when.
    pub answered: Option<(StaffId, Micros)>,
    /// Who ended it early, and when.
    pub ended: Option<(StaffId, Micros)>,
    /// Visits that were withdrawn for it.
    pub visits: i64,
}

impl Calm {
    /// Whether it holds for a case on a day of the place, in days since 1970-01-01.
    #[must_use]
    pub fn holds(&self, view: &CaseView, day: i64) -> bool {
        self.state == CalmState::On && (self.from..=self.until).contains(&day) && self.concerns(view)
    }

    /// Whether it is about the portfolio and place of a case. A place whose region is not known counts as in every region of
    /// its country: it is better to spare too many.
    #[must_use]
    pub fn concerns(&self, view: &CaseView) -> bool {
        let there = |region: &String| {
            let (country, of) = (view.address.country.as_deref(), view.address.region.as_deref());
            country == Some(region)
                || of == Some(region)
                || of.is_none() && country.is_some_and(|country| region.starts_with(&format!("{country}-")))
        };
        self.portfolio.is_none_or(|portfolio| portfolio == view.case.portfolio)
            && self.region.as_ref().is_none_or(there)
    }
}

const CALMS: &str = "SELECT calm_id, portfolio_id, region, from_day, until_day, mode, reason, state, asked_by, asked_at, \
                     answered_by, answered_at, ended_by, ended_at, visits FROM calm WHERE tenant_id = $1 \
                     ORDER BY asked_at, calm_id";

fn calm_of(row: &Row) -> Result<Calm, StoreError> {
    Ok(Calm {
        id: row.id(0)?,
        portfolio: row.opt_id(1)?.map(PortfolioId),
        region: row.opt_text(2)?,
        from: row.int(3)?,
        until: row.int(4)?,
        mode: row.code(5)?,
        reason: row.code(6)?,
        state: row.code(7)?,
        asked: (StaffId(row.id(8)?), Micros(row.int(9)?)),
        answered: row.opt_id(10)?.map(StaffId).zip(row.opt_int(11)?.map(Micros)),
        ended: row.opt_id(12)?.map(StaffId).zip(row.opt_int(13)?.map(Micros)),
        visits: row.int(14)?,
    })
}

impl Store {
    /// All times of calm, oldest first.
    pub async fn calm_list(&self, tenant: TenantId) -> Result<Vec<Calm>, StoreError> {
        let rows = self.db.fetch(CALMS, args![tenant.0]).await?;
        rows.iter().map(calm_of).collect()
    }
}

impl WriteTx {
    /// As [`Store::calm_list`], within the transaction.
    pub async fn calm_list(&mut self) -> Result<Vec<Calm>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch(CALMS, values).await?;
        rows.iter().map(calm_of).collect()
    }

    /// Adds a time of calm that waits for a second person.
    pub async fn calm_insert(&mut self, calm: &Calm) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            calm.id,
            calm.portfolio.map(|id| id.0),
            calm.region.as_deref(),
            calm.from,
            calm.until,
            calm.mode.code(),
            calm.reason.code(),
            calm.state.code(),
            calm.asked.0.0,
            calm.asked.1,
            calm.visits
        ];
        self.exec(
            "INSERT INTO calm (tenant_id, calm_id, portfolio_id, region, from_day, until_day, mode, reason, state, asked_by, \
             asked_at, visits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            values,
        )
        .await
        .map(drop)
    }

    /// Moves a time of calm on from where it was read: answered or ended. `Changed` where it moved already.
    pub async fn calm_move(&mut self, calm: &Calm, was: CalmState) -> Result<(), StoreError> {
        let values = args![
            calm.state.code(),
            calm.answered.map(|(by, _)| by.0),
            calm.answered.map(|(_, at)| at.get()),
            calm.ended.map(|(by, _)| by.0),
            calm.ended.map(|(_, at)| at.get()),
            calm.visits,
            self.tenant(),
            calm.id,
            was.code()
        ];
        self.exec_one(
            "UPDATE calm SET state = $1, answered_by = $2, answered_at = $3, ended_by = $4, ended_at = $5, visits = $6 \
             WHERE tenant_id = $7 AND calm_id = $8 AND state = $9",
            values,
        )
        .await
    }
}
