//! Visits and alarms.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::visit::{AlarmItem, VisitItem, VisitQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Params};
use super::problem::{Answer, problems};
use super::state::State;

problems!(VisitProblems: SIGNED_IN);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_visits))
        .routes(routes!(list_alarms))
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

/// Alarms, such as overdue check-outs.
#[utoipa::path(
    get,
    path = "/v1/alarms",
    tag = "visits",
    security(("session" = [])),
    responses((status = 200, description = "Alarms", body = Page<AlarmItem>), VisitProblems)
)]
async fn list_alarms(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<AlarmItem>> {
    Ok(Json(state.app().list_alarms(&actor).await?))
}
