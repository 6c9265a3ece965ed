//! Portfolios: what they ask of the rules.

use doorstep_domain::id::PortfolioId;
use doorstep_domain::measure::Micros;
use doorstep_domain::org::AMOUNT_AGE_MAX;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::org::Portfolio;
use doorstep_wire::Page;
use doorstep_wire::org::{AddPortfolio, PortfolioItem, SetPortfolio};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// Longest name of a kind, in characters.
const NAME_MAX: usize = 80;
const DAY: Micros = Micros::from_seconds(86_400);

fn portfolio_item(portfolio: &Portfolio) -> PortfolioItem {
    PortfolioItem {
        id: portfolio.id.0,
        name: portfolio.name.clone(),
        kind: portfolio.kind.clone(),
        amount_age_days: portfolio.amount_age_max.get() / DAY.get(),
    }
}

fn check_kind(kind: &str) -> Result<(), AppError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if kind.is_empty() || kind.len() > NAME_MAX || !kind.bytes().all(plain) {
        let detail = "Small letters, digits and `-`, for example `consumer-loan`.";
        return Err(AppError::at(ProblemCode::BadRequest, "kind", detail));
    }
    Ok(())
}

impl App {
    /// All portfolios.
    pub async fn list_portfolios(&self, actor: &Actor) -> Result<Page<PortfolioItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let portfolios = self.store().portfolio_list(actor.tenant).await?;
        Ok(Page {
            items: portfolios.iter().map(portfolio_item).collect(),
            next: None,
        })
    }

    /// Adds a portfolio, for loans or before the first case file that names it.
    pub async fn add_portfolio(&self, actor: &Actor, request: &AddPortfolio) -> Result<PortfolioItem, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let name = request.name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            let detail = format!("The name as files have it, at most {NAME_MAX} characters.");
            return Err(AppError::at(ProblemCode::BadRequest, "name", detail));
        }
        let kind = request.kind.clone().unwrap_or_else(|| "consumer-loan".to_owned());
        check_kind(&kind)?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        if tx.portfolio_list().await?.iter().any(|one| one.name == name) {
            let detail = format!("There is a portfolio `{name}` already.");
            return Err(AppError::at(ProblemCode::BadRequest, "name", detail));
        }
        let portfolio = Portfolio {
            id: PortfolioId(doorstep_store::fresh_id(tx.now())),
            name: name.to_owned(),
            kind,
            amount_age_max: AMOUNT_AGE_MAX,
        };
        tx.portfolio_insert(&portfolio).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by());
        tx.commit(Entries::one(entry.with("portfolio", portfolio.id.to_string())))
            .await?;
        Ok(portfolio_item(&portfolio))
    }

    /// Changes what a portfolio asks of the rules and how old its amounts may be.
    pub async fn set_portfolio(&self, actor: &Actor, id: Uuid, request: &SetPortfolio) -> Result<(), AppError> {
        policy::check(actor, Action::ManageOrg)?;
        check_kind(&request.kind)?;
        if !(1..=365).contains(&request.amount_age_days) {
            return Err(AppError::at(
                ProblemCode::BadRequest,
                "amount_age_days",
                "1 to 365 days.",
            ));
        }
        let age = Micros(request.amount_age_days * DAY.get());
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.portfolio_update(PortfolioId(id), &request.kind, age).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by())
            .with("portfolio", id.to_string())
            .with("kind", request.kind.as_str())
            .with("amount_age_days", request.amount_age_days);
        Ok(tx.commit(Entries::one(entry)).await?)
    }
}
