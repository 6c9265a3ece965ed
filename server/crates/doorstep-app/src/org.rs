//! Portfolios: what they ask of the rules.

use doorstep_domain::id::PortfolioId;
use doorstep_domain::measure::Micros;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::org::Portfolio;
use doorstep_wire::Page;
use doorstep_wire::org::{PortfolioItem, SetPortfolio};
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

    /// Changes what a portfolio asks of the rules and how old its amounts may be.
    pub async fn set_portfolio(&self, actor: &Actor, id: Uuid, request: &SetPortfolio) -> Result<(), AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if request.kind.is_empty() || request.kind.len() > NAME_MAX || !request.kind.bytes().all(plain) {
            let detail = "Small letters, digits and `-`, for example `consumer-loan`.";
            return Err(AppError::at(ProblemCode::BadRequest, "kind", detail));
        }
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
