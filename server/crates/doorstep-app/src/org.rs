//! Agencies and portfolios: who visits for the creditor, and what a portfolio asks of the rules.

use doorstep_domain::id::{AgencyId, PortfolioId, TeamId};
use doorstep_domain::measure::Micros;
use doorstep_store::entry::{Entries, EntryKind, ServerEntry};
use doorstep_store::org::{Agency, Portfolio, Team};
use doorstep_wire::Page;
use doorstep_wire::org::{AddAgency, AgencyItem, ListAgency, PortfolioItem, SetPortfolio};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// Longest name of an agency, in characters.
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
    /// Adds an agency with a team of its own. It is on the white list until it is taken off.
    pub async fn add_agency(&self, actor: &Actor, request: &AddAgency) -> Result<AgencyItem, AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let name = request.name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            let detail = format!("A name of 1 to {NAME_MAX} characters.");
            return Err(AppError::at(ProblemCode::BadRequest, "name", detail));
        }
        let taken = self
            .store()
            .team_list(actor.tenant)
            .await?
            .iter()
            .any(|team| team.name == name);
        if taken
            || self
                .store()
                .agency_list(actor.tenant)
                .await?
                .iter()
                .any(|agency| agency.name == name)
        {
            let detail = "A team or agency has that name. Choose another.";
            return Err(AppError::at(ProblemCode::BadRequest, "name", detail));
        }
        let now = self.now();
        let agency = Agency {
            id: AgencyId(doorstep_store::fresh_id(now)),
            name: name.to_owned(),
            listed: true,
        };
        let team = Team {
            id: TeamId(doorstep_store::fresh_id(now)),
            agency: Some(agency.id),
            name: name.to_owned(),
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.agency_insert(&agency).await?;
        tx.team_insert(&team).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by()).with("agency", agency.id.to_string());
        tx.commit(Entries::one(entry.with("listed", 1))).await?;
        Ok(AgencyItem {
            id: agency.id.0,
            name: agency.name,
            listed: true,
            team: Some(team.id.0),
        })
    }

    /// All agencies; an agency's own staff see only theirs.
    pub async fn list_agencies(&self, actor: &Actor) -> Result<Page<AgencyItem>, AppError> {
        policy::check(actor, Action::SeeStaff)?;
        let teams = self.store().team_list(actor.tenant).await?;
        let items = self
            .store()
            .agency_list(actor.tenant)
            .await?
            .into_iter()
            .filter(|agency| actor.agency.is_none_or(|own| own == agency.id))
            .map(|agency| AgencyItem {
                team: teams
                    .iter()
                    .find(|team| team.agency == Some(agency.id))
                    .map(|team| team.id.0),
                id: agency.id.0,
                name: agency.name,
                listed: agency.listed,
            })
            .collect();
        Ok(Page { items, next: None })
    }

    /// Puts an agency on the white list or takes it off.
    pub async fn list_agency(&self, actor: &Actor, id: Uuid, request: &ListAgency) -> Result<(), AppError> {
        policy::check(actor, Action::ManageOrg)?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.agency_listed(AgencyId(id), request.listed).await?;
        let entry = ServerEntry::new(EntryKind::OrgChanged, actor.by()).with("agency", id.to_string());
        Ok(tx
            .commit(Entries::one(entry.with("listed", i64::from(request.listed))))
            .await?)
    }

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
