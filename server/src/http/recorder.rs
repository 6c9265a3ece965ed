//! Body recorders: list, add, give to staff, end.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::recording::{AddRecorder, AssignRecorder, RecorderItem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, InPath, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(RecorderListProblems: SIGNED_IN);
problems!(RecorderAddProblems: SIGNED_IN, TooLarge);
problems!(RecorderProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_recorders, add_recorder))
        .routes(routes!(assign_recorder))
        .routes(routes!(end_recorder))
}

/// The recorders of the caller's side, by number, with who carries them.
#[utoipa::path(
    get,
    path = "/v1/recorders",
    tag = "recordings",
    security(("session" = [])),
    responses((status = 200, description = "Recorders", body = Page<RecorderItem>), RecorderListProblems)
)]
async fn list_recorders(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<RecorderItem>> {
    Ok(Json(state.app().list_recorders(&actor).await?))
}

/// Adds a recorder to the caller's side.
#[utoipa::path(
    post,
    path = "/v1/recorders",
    tag = "recordings",
    request_body = AddRecorder,
    security(("session" = [])),
    responses((status = 200, description = "The recorder", body = RecorderItem), RecorderAddProblems)
)]
async fn add_recorder(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<AddRecorder>,
) -> Answer<RecorderItem> {
    Ok(Json(state.app().add_recorder(&actor, &request).await?))
}

/// Gives a recorder to a member of staff for some days; one person a day carries it.
#[utoipa::path(
    post,
    path = "/v1/recorders/{number}/assign",
    tag = "recordings",
    params(("number" = String, Path, description = "The number on the recorder")),
    request_body = AssignRecorder,
    security(("session" = [])),
    responses((status = 200, description = "The recorder", body = RecorderItem), RecorderProblems)
)]
async fn assign_recorder(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(number): InPath<String>,
    Sent(request): Sent<AssignRecorder>,
) -> Answer<RecorderItem> {
    Ok(Json(state.app().assign_recorder(&actor, &number, &request).await?))
}

/// Ends the use of a recorder: what it records from now on is not taken.
#[utoipa::path(
    post,
    path = "/v1/recorders/{number}/end",
    tag = "recordings",
    params(("number" = String, Path, description = "The number on the recorder")),
    security(("session" = [])),
    responses((status = 200, description = "The recorder", body = RecorderItem), RecorderProblems)
)]
async fn end_recorder(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(number): InPath<String>,
) -> Answer<RecorderItem> {
    Ok(Json(state.app().end_recorder(&actor, &number).await?))
}
