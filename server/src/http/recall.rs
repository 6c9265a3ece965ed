//! Cases taken back from an agency, and the record of how it destroyed what it had of them.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::recall::{
    AnswerDestruction, ConfirmDestruction, DestructionDetail, DestructionItem, DestructionQuery, RecallCases,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(DestructionListProblems: SIGNED_IN);
problems!(DestructionProblems: SIGNED_IN, NotFound);
problems!(RecallProblems: SIGNED_IN, NotFound, Changed, TooLarge);
problems!(DestructionChangeProblems: SIGNED_IN, NotFound, Changed, DoorsHeld, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(recall_cases))
        .routes(routes!(list_destructions))
        .routes(routes!(show_destruction))
        .routes(routes!(confirm_destruction))
        .routes(routes!(answer_destruction))
}

/// Takes cases back from an agency: visits ahead go with them. All of its cases only after a second person agreed.
#[utoipa::path(
    post,
    path = "/v1/agencies/{id}/recalls",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The agency")),
    request_body = RecallCases,
    security(("session" = [])),
    responses((status = 200, description = "The recall", body = DestructionDetail), RecallProblems)
)]
async fn recall_cases(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<RecallCases>,
) -> Answer<DestructionDetail> {
    Ok(Json(state.app().recall_cases(&actor, id, &request).await?))
}

/// Recalls and what agencies say of what they had, oldest first; an agency's own for its staff.
#[utoipa::path(
    get,
    path = "/v1/destructions",
    tag = "organisation",
    params(DestructionQuery),
    security(("session" = [])),
    responses((status = 200, description = "Records", body = Page<DestructionItem>), DestructionListProblems)
)]
async fn list_destructions(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<DestructionQuery>,
) -> Answer<Page<DestructionItem>> {
    Ok(Json(state.app().list_destructions(&actor, &query).await?))
}

/// One record with what was written. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/destructions/{id}",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The recall")),
    security(("session" = [])),
    responses((status = 200, description = "The record", body = DestructionDetail), DestructionProblems)
)]
async fn show_destruction(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<DestructionDetail> {
    Ok(Json(state.app().show_destruction(&actor, id).await?))
}

/// Says for the agency that what it had is destroyed. Refused while one of its devices may hold a door of such a case.
#[utoipa::path(
    post,
    path = "/v1/destructions/{id}/confirm",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The recall")),
    request_body = ConfirmDestruction,
    security(("session" = [])),
    responses((status = 200, description = "The record", body = DestructionDetail), DestructionChangeProblems)
)]
async fn confirm_destruction(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<ConfirmDestruction>,
) -> Answer<DestructionDetail> {
    Ok(Json(state.app().confirm_destruction(&actor, id, &request).await?))
}

/// Takes the agency's word for it, or sends it back.
#[utoipa::path(
    post,
    path = "/v1/destructions/{id}/answer",
    tag = "organisation",
    params(("id" = Uuid, Path, description = "The recall")),
    request_body = AnswerDestruction,
    security(("session" = [])),
    responses((status = 200, description = "The record", body = DestructionDetail), RecallProblems)
)]
async fn answer_destruction(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AnswerDestruction>,
) -> Answer<DestructionDetail> {
    Ok(Json(state.app().answer_destruction(&actor, id, &request).await?))
}
