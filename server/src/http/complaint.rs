//! Complaints: list, show, open, take, answer.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::complaint::{AnswerComplaint, ComplaintDetail, ComplaintItem, ComplaintQuery, OpenComplaint};
use doorstep_wire::read::Opening;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(ComplaintListProblems: SIGNED_IN);
problems!(ComplaintOpenProblems: SIGNED_IN, NotFound, Erased, TooLarge);
problems!(ComplaintProblems: SIGNED_IN, NotFound, PurposeNeeded);
problems!(ComplaintAnswerProblems: SIGNED_IN, NotFound, Changed, Erased, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_complaints, open_complaint))
        .routes(routes!(show_complaint))
        .routes(routes!(take_complaint))
        .routes(routes!(answer_complaint))
}

/// Complaints of the caller's cases; open ones first, by what is due next. Their words are opened one by one.
#[utoipa::path(
    get,
    path = "/v1/complaints",
    tag = "complaints",
    params(ComplaintQuery),
    security(("session" = [])),
    responses((status = 200, description = "Complaints", body = Page<ComplaintItem>), ComplaintListProblems)
)]
async fn list_complaints(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ComplaintQuery>,
) -> Answer<Page<ComplaintItem>> {
    Ok(Json(state.app().list_complaints(&actor, &query).await?))
}

/// Writes a complaint down that somebody of the office heard or received. Visits to the person are paused at once.
#[utoipa::path(
    post,
    path = "/v1/complaints",
    tag = "complaints",
    request_body = OpenComplaint,
    security(("session" = [])),
    responses((status = 200, description = "The complaint", body = ComplaintDetail), ComplaintOpenProblems)
)]
async fn open_complaint(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<OpenComplaint>,
) -> Answer<ComplaintDetail> {
    Ok(Json(state.app().open_complaint(&actor, &request).await?))
}

/// A complaint in full. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/complaints/{id}",
    tag = "complaints",
    params(("id" = Uuid, Path, description = "The complaint"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "The complaint", body = ComplaintDetail), ComplaintProblems)
)]
async fn show_complaint(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<ComplaintDetail> {
    Ok(Json(state.app().show_complaint(&actor, id, &opening).await?))
}

/// Takes a complaint up, or over. Nobody owns a complaint about themselves or about a visit of theirs.
#[utoipa::path(
    post,
    path = "/v1/complaints/{id}/take",
    tag = "complaints",
    params(("id" = Uuid, Path, description = "The complaint")),
    security(("session" = [])),
    responses((status = 200, description = "The complaint", body = ComplaintDetail), ComplaintAnswerProblems)
)]
async fn take_complaint(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<ComplaintDetail> {
    Ok(Json(state.app().take_complaint(&actor, id).await?))
}

/// Answers a complaint that the caller owns, or notes that the person took it back. With the last open one of the person,
/// visits are paused by complaints no longer.
#[utoipa::path(
    post,
    path = "/v1/complaints/{id}/answer",
    tag = "complaints",
    params(("id" = Uuid, Path, description = "The complaint")),
    request_body = AnswerComplaint,
    security(("session" = [])),
    responses((status = 200, description = "The complaint", body = ComplaintDetail), ComplaintAnswerProblems)
)]
async fn answer_complaint(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AnswerComplaint>,
) -> Answer<ComplaintDetail> {
    Ok(Json(state.app().answer_complaint(&actor, id, &request).await?))
}
