//! Portfolios.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::org::{PortfolioItem, SetPortfolio};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(OrgProblems: SIGNED_IN);
problems!(OrgChangeProblems: SIGNED_IN, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_portfolios))
        .routes(routes!(set_portfolio))
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
