//! The strategies of portfolios: documents, of which the newest version of each holds.

use doorstep_domain::id::{PortfolioId, StaffId, TenantId};
use doorstep_domain::measure::Micros;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

/// One version of a portfolio's strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyVersion {
    /// Whose it is.
    pub portfolio: PortfolioId,
    /// Counts the versions from 1.
    pub version: i64,
    /// The document as it was sent.
    pub body: String,
    /// SHA-256 of it, in hexadecimal.
    pub digest: String,
    /// Who set it.
    pub set_by: StaffId,
    /// When.
    pub set_at: Micros,
}

macro_rules! strategy_sql {
    ($tail:literal) => {
        concat!(
            "SELECT s.portfolio_id, s.version, s.body, s.digest, s.set_by, s.set_at FROM strategy s ",
            "WHERE s.tenant_id = $1 AND s.version = (SELECT MAX(n.version) FROM strategy n ",
            "WHERE n.tenant_id = s.tenant_id AND n.portfolio_id = s.portfolio_id)",
            $tail
        )
    };
}

fn strategy_of(row: &Row) -> Result<StrategyVersion, StoreError> {
    Ok(StrategyVersion {
        portfolio: PortfolioId(row.id(0)?),
        version: row.int(1)?,
        body: row.text(2)?,
        digest: row.text(3)?,
        set_by: StaffId(row.id(4)?),
        set_at: Micros(row.int(5)?),
    })
}

impl Store {
    /// The strategies in force of a tenant's portfolios; those that have none are not in it.
    pub async fn strategy_list(&self, tenant: TenantId) -> Result<Vec<StrategyVersion>, StoreError> {
        let rows = self.db.fetch(strategy_sql!(""), args![tenant.0]).await?;
        rows.iter().map(strategy_of).collect()
    }

    /// All versions of a tenant's strategies that there ever were.
    pub async fn strategy_versions(&self, tenant: TenantId) -> Result<Vec<StrategyVersion>, StoreError> {
        let sql = "SELECT portfolio_id, version, body, digest, set_by, set_at FROM strategy WHERE tenant_id = $1 \
                   ORDER BY portfolio_id, version";
        self.db
            .fetch(sql, args![tenant.0])
            .await?
            .iter()
            .map(strategy_of)
            .collect()
    }

    /// The strategy in force of one portfolio, where it has one of its own.
    pub async fn strategy_get(
        &self,
        tenant: TenantId,
        portfolio: PortfolioId,
    ) -> Result<Option<StrategyVersion>, StoreError> {
        let sql = strategy_sql!(" AND s.portfolio_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, portfolio.0]).await?;
        row.as_ref().map(strategy_of).transpose()
    }
}

impl WriteTx {
    /// Adds a version; `Changed` where somebody else added that one in the meantime.
    pub async fn strategy_insert(&mut self, new: &StrategyVersion) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            new.portfolio.0,
            new.version,
            new.body.as_str(),
            new.digest.as_str(),
            new.set_by.0,
            new.set_at
        ];
        let sql = "INSERT INTO strategy (tenant_id, portfolio_id, version, body, digest, set_by, set_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, portfolio_id, version) DO NOTHING";
        match self.exec(sql, values).await? {
            1 => Ok(()),
            _ => Err(StoreError::Changed),
        }
    }
}
