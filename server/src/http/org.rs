//! Portfolios and their strategies.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::org::{PortfolioItem, SetPortfolio};
use doorstep_wire::strategy::{SetStrategy, StrategyDetail};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::Versioned;
use super::extract::{Caller, IfMatch, IfMatchHeader, InPath, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(OrgProblems: SIGNED_IN);
problems!(OrgChangeProblems: SIGNED_IN, Changed, TooLarge);
problems!(StrategyProblems: SIGNED_IN, NotFound);
problems!(SetStrategyProblems: SIGNED_IN, NotFound, IfMatchMissing, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_portfolios))
        .routes(routes!(set_portfolio))
        .routes(routes!(show_strategy, set_strategy))
}

/// All portfolios.
#[utoipa::path(
    get,
    path = "/v1/portfolios",
    tag = "organisation",
    security(("session" = [])),
    responses((status = 200, description = "Portfolios", body = Page<PortfolioItem>), OrgProblems)
)]
async fn list_portfolios(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<PortfolioItem>> {
    Ok(Json(state.app().list_portfolios(&actor).await?))
}

/// Changes what a portfolio asks of the rules and how old its amounts may be.
#[utoipa::path(
    put,
    path = "/v1/portfolios/{id}",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The portfolio")),
    request_body = SetPortfolio,
    security(("session" = [])),
    responses((status = 204, description = "Done"), OrgChangeProblems)
)]
async fn set_portfolio(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SetPortfolio>,
) -> Result<StatusCode, Refusal> {
    state.app().set_portfolio(&actor, id, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The strategy of a portfolio: its own document, or the one that comes along.
#[utoipa::path(
    get,
    path = "/v1/portfolios/{id}/strategy",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The portfolio")),
    security(("session" = [])),
    responses((status = 200, description = "The strategy", body = StrategyDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), StrategyProblems)
)]
async fn show_strategy(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Result<Versioned<StrategyDetail>, Refusal> {
    let strategy = state.app().show_strategy(&actor, id).await?;
    Ok(Versioned(strategy.version, strategy))
}

/// Sets the strategy of a portfolio. A document with an error is refused with its line; nothing is taken in part.
#[utoipa::path(
    put,
    path = "/v1/portfolios/{id}/strategy",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The portfolio"), IfMatchHeader),
    request_body = SetStrategy,
    security(("session" = [])),
    responses((status = 200, description = "The strategy", body = StrategyDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), SetStrategyProblems)
)]
async fn set_strategy(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    IfMatch(version): IfMatch,
    Sent(request): Sent<SetStrategy>,
) -> Result<Versioned<StrategyDetail>, Refusal> {
    let strategy = state.app().set_strategy(&actor, id, version, &request).await?;
    Ok(Versioned(strategy.version, strategy))
}
