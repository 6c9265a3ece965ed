//! Approvals by a second person.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::org::{AnswerApproval, ApprovalItem, AskApproval};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(AskProblems: SIGNED_IN, NotFound, TooLarge);
problems!(ApprovalListProblems: SIGNED_IN);
problems!(AnswerProblems: SIGNED_IN, NotFound, ApprovalNeeded, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(ask_approval, list_approvals))
        .routes(routes!(answer_approval))
}

/// Asks a second person to approve something.
#[utoipa::path(
    post,
    path = "/v1/approvals",
    tag = "approvals",
    request_body = AskApproval,
    security(("session" = [])),
    responses((status = 201, description = "The approval", body = ApprovalItem), AskProblems)
)]
async fn ask_approval(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<AskApproval>,
) -> Result<(StatusCode, Json<ApprovalItem>), Refusal> {
    Ok((
        StatusCode::CREATED,
        Json(state.app().ask_approval(&actor, &request).await?),
    ))
}

/// Approvals asked for and answered.
#[utoipa::path(
    get,
    path = "/v1/approvals",
    tag = "approvals",
    security(("session" = [])),
    responses((status = 200, description = "Approvals", body = Page<ApprovalItem>), ApprovalListProblems)
)]
async fn list_approvals(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<ApprovalItem>> {
    Ok(Json(state.app().list_approvals(&actor).await?))
}

/// Answers as the second person.
#[utoipa::path(
    post,
    path = "/v1/approvals/{id}/answer",
    tag = "approvals",
    params(("id" = Uuid, Path, description = "The approval")),
    request_body = AnswerApproval,
    security(("session" = [])),
    responses((status = 200, description = "The approval", body = ApprovalItem), AnswerProblems)
)]
async fn answer_approval(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AnswerApproval>,
) -> Answer<ApprovalItem> {
    Ok(Json(state.app().answer_approval(&actor, id, &request).await?))
}
