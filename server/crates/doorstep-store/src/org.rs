//! Tenants, portfolios, agencies, teams, crews and territories.

use doorstep_domain::id::{AgencyId, CrewId, PortfolioId, TeamId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::staff::Travel;
use uuid::Uuid;

use crate::db::{Row, args};
use crate::entry::{By, Entries, EntryKind, LogName, ServerEntry};
use crate::error::StoreError;
use crate::log::{LOG_KEY, LogRows};
use crate::store::Store;
use crate::write::WriteTx;

/// The name of the key that signs permits and acknowledgements.
pub const PERMIT_KEY: &str = "permit";

/// A portfolio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portfolio {
    /// Its id.
    pub id: PortfolioId,
    /// The creditor's name for it, as in case files.
    pub name: String,
    /// What rules may ask for: `consumer-loan`, `card`, `home-care`, …
    pub kind: String,
    /// How old an amount may be before it may not be stated any more.
    pub amount_age_max: Micros,
}

/// An agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name, as in case files.
    pub name: String,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// The agency it belongs to; `None` for the creditor's own.
    pub agency: Option<AgencyId>,
    /// Its name.
    pub name: String,
}

/// A crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// Its id.
    pub id: CrewId,
    /// The team it belongs to.
    pub team: TeamId,
    /// Its name, as in staff files.
    pub name: String,
    /// Its means of travel.
    pub travel: Travel,
}

/// A new tenant.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// The name of the deployment, first part of the logs' origins, for example `doorstep.example`.
    pub deployment: String,
}

fn origin_of(new: &NewTenant, name: LogName) -> String {
    format!("{}/{}/{name}", new.deployment, new.id)
}

const PORTFOLIOS: &str =
    "SELECT portfolio_id, name, kind, amount_age_max FROM portfolio WHERE tenant_id = $1 ORDER BY name";

fn portfolio_of(row: &Row) -> Result<Portfolio, StoreError> {
    Ok(Portfolio {
        id: PortfolioId(row.id(0)?),
        name: row.text(1)?,
        kind: row.text(2)?,
        amount_age_max: Micros(row.int(3)?),
    })
}

impl WriteTx {
    /// As [`Store::portfolio_list`], within the transaction.
    pub async fn portfolio_list(&mut self) -> Result<Vec<Portfolio>, StoreError> {
        let values = args![self.tenant()];
        let rows = self.fetch(PORTFOLIOS, values).await?;
        rows.iter().map(portfolio_of).collect()
    }
}

impl Store {
    /// Sets up a tenant: keys first, then the tenant with its two logs. A crash between leaves keys that nothing uses.
    pub async fn tenant_create(&self, new: &NewTenant, now: Micros) -> Result<(), StoreError> {
        let tenant = new.id.0;
        self.keys.tenant_create(tenant).await?;
        for name in [LOG_KEY, PERMIT_KEY] {
            self.keys.signing_create(tenant, name).await?;
        }
        for name in LogName::OF_TENANT {
            let rows = LogRows {
                tenant: new.id,
                name: *name,
                generation: 1,
            };
            self.keys.origin_raise(rows, &origin_of(new, *name)).await?;
        }
        let mut tx = self.write(new.id, now).await?;
        tx.exec(
            "INSERT INTO tenant (tenant_id, name, created_at) VALUES ($1, $2, $3)",
            args![tenant, new.name.as_str(), now],
        )
        .await?;
        for name in LogName::OF_TENANT {
            let root = doorstep_log::hash::empty_root().0.to_vec();
            tx.exec(
                "INSERT INTO log (tenant_id, name, origin, generation, size, root, note_size, note) \
                 VALUES ($1, $2, $3, 1, 0, $4, 0, '')",
                args![tenant, name.code(), origin_of(new, *name), root],
            )
            .await?;
        }
        tx.commit(Entries::one(ServerEntry::new(EntryKind::TenantCreated, By::PROGRAM)))
            .await
    }

    /// All tenants of the deployment, oldest first.
    pub async fn tenant_list(&self) -> Result<Vec<(TenantId, String)>, StoreError> {
        let rows = self
            .db
            .fetch(
                "SELECT tenant_id, name FROM tenant ORDER BY created_at, tenant_id",
                args![],
            )
            .await?;
        rows.iter()
            .map(|row| Ok((TenantId(row.id(0)?), row.text(1)?)))
            .collect()
    }

    /// All portfolios of a tenant.
    pub async fn portfolio_list(&self, tenant: TenantId) -> Result<Vec<Portfolio>, StoreError> {
        let rows = self.db.fetch(PORTFOLIOS, args![tenant.0]).await?;
        rows.iter().map(portfolio_of).collect()
    }

    /// All agencies of a tenant.
    pub async fn agency_list(&self, tenant: TenantId) -> Result<Vec<Agency>, StoreError> {
        let sql = "SELECT agency_id, name FROM agency WHERE tenant_id = $1 ORDER BY name";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter()
            .map(|row| {
                Ok(Agency {
                    id: AgencyId(row.id(0)?),
                    name: row.text(1)?,
                })
            })
            .collect()
    }

    /// All teams of a tenant.
    pub async fn team_list(&self, tenant: TenantId) -> Result<Vec<Team>, StoreError> {
        let sql = "SELECT team_id, agency_id, name FROM team WHERE tenant_id = $1 ORDER BY name";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter()
            .map(|row| {
                Ok(Team {
                    id: TeamId(row.id(0)?),
                    agency: row.opt_id(1)?.map(AgencyId),
                    name: row.text(2)?,
                })
            })
            .collect()
    }

    /// The crews of a team, by name.
    pub async fn crew_list(&self, tenant: TenantId, team: TeamId) -> Result<Vec<Crew>, StoreError> {
        let sql = "SELECT crew_id, team_id, name, travel FROM crew WHERE tenant_id = $1 AND team_id = $2 ORDER BY name";
        self.db
            .fetch(sql, args![tenant.0, team.0])
            .await?
            .iter()
            .map(crew_of)
            .collect()
    }

    /// The crews of all teams, by name.
    pub async fn crew_list_all(&self, tenant: TenantId) -> Result<Vec<Crew>, StoreError> {
        let sql = "SELECT crew_id, team_id, name, travel FROM crew WHERE tenant_id = $1 ORDER BY name, crew_id";
        self.db.fetch(sql, args![tenant.0]).await?.iter().map(crew_of).collect()
    }

    /// The territories of all teams, by name: team, name and coarse cells (none: everywhere).
    pub async fn territory_list(&self, tenant: TenantId) -> Result<Vec<(TeamId, String, Vec<i64>)>, StoreError> {
        let sql = "SELECT team_id, name, cells FROM territory WHERE tenant_id = $1 ORDER BY name, territory_id";
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter()
            .map(|row| {
                let cells = row.text(2)?.split(',').filter_map(|cell| cell.parse().ok()).collect();
                Ok((TeamId(row.id(0)?), row.text(1)?, cells))
            })
            .collect()
    }
}

fn crew_of(row: &Row) -> Result<Crew, StoreError> {
    Ok(Crew {
        id: CrewId(row.id(0)?),
        team: TeamId(row.id(1)?),
        name: row.text(2)?,
        travel: row.code(3)?,
    })
}

impl WriteTx {
    /// Adds a portfolio.
    pub async fn portfolio_insert(&mut self, portfolio: &Portfolio) -> Result<(), StoreError> {
        let values = args![
            self.tenant(),
            portfolio.id.0,
            portfolio.name.as_str(),
            portfolio.kind.as_str(),
            portfolio.amount_age_max
        ];
        self.exec(
            "INSERT INTO portfolio (tenant_id, portfolio_id, name, kind, amount_age_max) VALUES ($1, $2, $3, $4, $5)",
            values,
        )
        .await
        .map(drop)
    }

    /// Adds an agency.
    pub async fn agency_insert(&mut self, agency: &Agency) -> Result<(), StoreError> {
        let values = args![self.tenant(), agency.id.0, agency.name.as_str()];
        let sql = "INSERT INTO agency (tenant_id, agency_id, name, listed) VALUES ($1, $2, $3, 0)";
        self.exec(sql, values).await.map(drop)
    }

    /// Changes kind and age limit of a portfolio; `Changed` where there is none with this id.
    pub async fn portfolio_update(&mut self, id: PortfolioId, kind: &str, age_max: Micros) -> Result<(), StoreError> {
        let values = args![kind, age_max, self.tenant(), id.0];
        self.exec_one(
            "UPDATE portfolio SET kind = $1, amount_age_max = $2 WHERE tenant_id = $3 AND portfolio_id = $4",
            values,
        )
        .await
    }

    /// Adds a team with a territory that reaches everywhere.
    pub async fn team_insert(&mut self, team: &Team) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let agency = team.agency.map(|agency| agency.0);
        self.exec(
            "INSERT INTO team (tenant_id, team_id, agency_id, name) VALUES ($1, $2, $3, $4)",
            args![tenant, team.id.0, agency, team.name.as_str()],
        )
        .await?;
        let territory: Uuid = crate::fresh_id(self.now());
        self.exec(
            "INSERT INTO territory (tenant_id, territory_id, team_id, name, cells) VALUES ($1, $2, $3, $4, '')",
            args![tenant, territory, team.id.0, team.name.as_str()],
        )
        .await
        .map(drop)
    }

    /// Adds a crew, or changes the means of travel of the one with this name. Returns the crew's id.
    pub async fn crew_upsert(&mut self, crew: &Crew) -> Result<CrewId, StoreError> {
        let values = args![
            self.tenant(),
            crew.id.0,
            crew.team.0,
            crew.name.as_str(),
            crew.travel.code()
        ];
        let row = self
            .fetch_one(
                "INSERT INTO crew (tenant_id, crew_id, team_id, name, travel) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (tenant_id, team_id, name) DO UPDATE SET travel = excluded.travel RETURNING crew_id",
                values,
            )
            .await?;
        Ok(CrewId(row.ok_or(StoreError::NotFound)?.id(0)?))
    }
}
