//! Agencies.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::agency::{AddAgency, AgencyItem, EvaluateAgency, EvaluationItem, ListAgency, PutOnList};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(AgencyProblems: SIGNED_IN);
problems!(AgencyOneProblems: SIGNED_IN, NotFound);
problems!(AgencyChangeProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_agencies, add_agency))
        .routes(routes!(list_agency))
        .routes(routes!(put_on_list))
        .routes(routes!(list_evaluations, evaluate_agency))
}

/// Agencies in the caller's scope.
#[utoipa::path(
    get,
    path = "/v1/agencies",
    tag = "organisation",
    security(("session" = [])),
    responses((status = 200, description = "Agencies", body = Page<AgencyItem>), AgencyProblems)
)]
async fn list_agencies(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<AgencyItem>> {
    Ok(Json(state.app().list_agencies(&actor).await?))
}

/// Adds an agency with a team of the same name.
#[utoipa::path(
    post,
    path = "/v1/agencies",
    tag = "organisation",
    request_body = AddAgency,
    security(("session" = [])),
    responses((status = 200, description = "The agency", body = AgencyItem), AgencyChangeProblems)
)]
async fn add_agency(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<AddAgency>,
) -> Answer<AgencyItem> {
    Ok(Json(state.app().add_agency(&actor, &request).await?))
}

/// Puts an agency on the white list or takes it off.
#[utoipa::path(
    put,
    path = "/v1/agencies/{id}/listed",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The agency")),
    request_body = ListAgency,
    security(("session" = [])),
    responses((status = 204, description = "Done"), AgencyChangeProblems)
)]
async fn list_agency(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<ListAgency>,
) -> Result<StatusCode, Refusal> {
    state.app().list_agency(&actor, id, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts an agency on the white list for one portfolio or for all, in place of what stood of the same.
#[utoipa::path(
    post,
    path = "/v1/agencies/{id}/listings",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The agency")),
    request_body = PutOnList,
    security(("session" = [])),
    responses((status = 200, description = "The agency", body = AgencyItem), AgencyChangeProblems)
)]
async fn put_on_list(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<PutOnList>,
) -> Answer<AgencyItem> {
    Ok(Json(state.app().put_on_list(&actor, id, &request).await?))
}

/// The evaluations of an agency with what was written about it, oldest first. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/agencies/{id}/evaluations",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The agency")),
    security(("session" = [])),
    responses((status = 200, description = "Evaluations", body = Page<EvaluationItem>), AgencyOneProblems)
)]
async fn list_evaluations(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<Page<EvaluationItem>> {
    Ok(Json(state.app().list_evaluations(&actor, id).await?))
}

/// Notes an evaluation of an agency. One that failed leaves the white list with it.
#[utoipa::path(
    post,
    path = "/v1/agencies/{id}/evaluations",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The agency")),
    request_body = EvaluateAgency,
    security(("session" = [])),
    responses((status = 200, description = "The agency", body = AgencyItem), AgencyChangeProblems)
)]
async fn evaluate_agency(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<EvaluateAgency>,
) -> Answer<AgencyItem> {
    Ok(Json(state.app().evaluate_agency(&actor, id, &request).await?))
}
