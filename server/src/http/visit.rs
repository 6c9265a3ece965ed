//! Visits.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::visit::{VisitItem, VisitQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Params};
use super::problem::{Answer, problems};
use super::state::State;

problems!(VisitProblems: SIGNED_IN);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list_visits))
}

/// Visits planned and made.
#[utoipa::path(
    get,
    path = "/v1/visits",
    tag = "visits",
    params(VisitQuery),
    security(("session" = [])),
    responses((status = 200, description = "Visits", body = Page<VisitItem>), VisitProblems)
)]
async fn list_visits(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<VisitQuery>,
) -> Answer<Page<VisitItem>> {
    Ok(Json(state.app().list_visits(&actor, &query).await?))
}
