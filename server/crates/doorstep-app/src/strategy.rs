//! Strategies: what a portfolio decides for itself, as a document that is kept in versions.

mod next;

use std::collections::HashMap;

use doorstep_domain::id::{PortfolioId, TenantId};
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::org::Portfolio;
use doorstep_store::strategy::StrategyVersion;
use doorstep_strategy::{DEFAULT, Strategy, Worth};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::strategy::{SetStrategy, StrategyDetail};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

pub(crate) use next::Courses;

/// Longest name of a file that a message repeats, in characters.
const FILE_MAX: usize = 80;

/// The strategies of a tenant's portfolios.
#[derive(Debug, Clone)]
pub struct Strategies {
    own: HashMap<PortfolioId, Strategy>,
    default: Strategy,
}

impl Strategies {
    /// The strategy of a portfolio: its own, or the one that comes along.
    #[must_use]
    pub fn of(&self, portfolio: PortfolioId) -> &Strategy {
        self.own.get(&portfolio).unwrap_or(&self.default)
    }

    /// Whether a portfolio has one of its own.
    #[must_use]
    pub fn is_own(&self, portfolio: PortfolioId) -> bool {
        self.own.contains_key(&portfolio)
    }
}

/// What visits cost by every version that the strategies of a tenant's portfolios ever had: a visit keeps the price that it had when
/// it was made.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    own: HashMap<(PortfolioId, i64), Worth>,
    default: Worth,
}

impl Prices {
    /// The prices of a version of a portfolio's strategy; 0 is the one that comes along.
    pub(crate) fn of(&self, portfolio: PortfolioId, version: i64) -> &Worth {
        self.own.get(&(portfolio, version)).unwrap_or(&self.default)
    }

    /// Prices for a test of what is computed with them.
    #[cfg(test)]
    pub(crate) fn of_test(own: impl IntoIterator<Item = ((PortfolioId, i64), Strategy)>) -> Self {
        Self {
            own: own.into_iter().map(|(of, strategy)| (of, strategy.worth)).collect(),
            default: Strategy::default_one().worth,
        }
    }
}

/// What is stored was read before it was; a document that this program cannot read was stored by a newer one.
fn read(stored: &StrategyVersion) -> Result<Strategy, AppError> {
    let name = format!("version {}", stored.version);
    Strategy::read(&name, &stored.body).map_err(|error| {
        tracing::error!(strategy.version = stored.version, error = %error, "strategy.unreadable");
        AppError::Fault("the strategy of a portfolio cannot be read; update Doorstep, or set it anew")
    })
}

impl App {
    /// The strategies in force.
    pub async fn strategies(&self, tenant: TenantId) -> Result<Strategies, AppError> {
        let stored = self.store().strategy_list(tenant).await?;
        let own = stored.iter().map(|one| Ok((one.portfolio, read(one)?)));
        Ok(Strategies {
            own: own.collect::<Result<_, AppError>>()?,
            default: Strategy::default_one(),
        })
    }

    /// The prices of all versions that there ever were.
    pub(crate) async fn prices(&self, tenant: TenantId) -> Result<Prices, AppError> {
        let stored = self.store().strategy_versions(tenant).await?;
        let own = stored
            .iter()
            .map(|one| Ok(((one.portfolio, one.version), read(one)?.worth)));
        Ok(Prices {
            own: own.collect::<Result<_, AppError>>()?,
            default: Strategy::default_one().worth,
        })
    }

    /// The strategy in force of one portfolio.
    pub async fn strategy_of(&self, tenant: TenantId, portfolio: PortfolioId) -> Result<Strategy, AppError> {
        let stored = self.store().strategy_get(tenant, portfolio).await?;
        stored.map_or_else(|| Ok(Strategy::default_one()), |stored| read(&stored))
    }

    async fn portfolio_named(&self, actor: &Actor, id: Uuid) -> Result<Portfolio, AppError> {
        let mut portfolios = self.store().portfolio_list(actor.tenant).await?.into_iter();
        let found = portfolios.find(|one| one.id.0 == id);
        found.ok_or(AppError::not_found("portfolio"))
    }

    /// The strategy of a portfolio as a document.
    pub async fn show_strategy(&self, actor: &Actor, portfolio: Uuid) -> Result<StrategyDetail, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let portfolio = self.portfolio_named(actor, portfolio).await?;
        let stored = self.store().strategy_get(actor.tenant, portfolio.id).await?;
        let set_by = match &stored {
            Some(stored) => self.staff_numbers(actor).await?.of(stored.set_by),
            None => None,
        };
        Ok(StrategyDetail {
            portfolio: portfolio.id.0,
            name: portfolio.name,
            version: stored.as_ref().map_or(0, |stored| stored.version),
            digest: stored
                .as_ref()
                .map_or_else(|| Strategy::digest(DEFAULT), |stored| stored.digest.clone()),
            set_by,
            set_at: stored.as_ref().map(|stored| stored.set_at.get()),
            document: stored.map_or_else(|| DEFAULT.to_owned(), |stored| stored.body),
        })
    }

    /// Sets the strategy of a portfolio; `replaces` is the version that the caller read, 0 where it had none of its own.
    pub async fn set_strategy(
        &self,
        actor: &Actor,
        portfolio: Uuid,
        replaces: i64,
        request: &SetStrategy,
    ) -> Result<StrategyDetail, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let portfolio = self.portfolio_named(actor, portfolio).await?.id;
        let plain = |c: char| !c.is_control();
        if request.file.chars().count() > FILE_MAX || !request.file.chars().all(plain) {
            let detail = format!("At most {FILE_MAX} characters, and none that moves the cursor.");
            return Err(AppError::at(ProblemCode::BadRequest, "file", detail));
        }
        Strategy::read(&request.file, &request.document)
            .map_err(|error| AppError::at(ProblemCode::BadRequest, "document", error.to_string()))?;
        let now = self.now();
        let new = StrategyVersion {
            portfolio,
            version: replaces + 1,
            digest: Strategy::digest(&request.document),
            body: request.document.clone(),
            set_by: actor.staff,
            set_at: now,
        };
        // Whoever comes at the same time is found by the insert; this finds a version that there never was.
        let stored = self.store().strategy_get(actor.tenant, portfolio).await?;
        if stored.map_or(0, |stored| stored.version) != replaces {
            return Err(doorstep_store::StoreError::Changed.into());
        }
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.strategy_insert(&new).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by())
            .with("portfolio", portfolio.to_string())
            .with("strategy", new.version)
            .with("digest", new.digest.as_str());
        tx.commit(Entries::one(entry)).await?;
        self.show_strategy(actor, portfolio.0).await
    }
}
