//! Conflicts: list, show, settle.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::conflict::{ConflictItem, ConflictQuery, SettleConflict};
use doorstep_wire::read::Opening;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(ConflictsProblems: SIGNED_IN);
problems!(ConflictProblems: SIGNED_IN, NotFound, PurposeNeeded);
problems!(SettleProblems: SIGNED_IN, NotFound, ConflictSettled, Erased, Changed);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_conflicts))
        .routes(routes!(show_conflict))
        .routes(routes!(settle_conflict))
}

/// Stories that contradict each other; both are kept. What they say is personal: an entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/conflicts",
    tag = "conflicts",
    params(ConflictQuery),
    security(("session" = [])),
    responses((status = 200, description = "Conflicts, newest first", body = Page<ConflictItem>), ConflictsProblems)
)]
async fn list_conflicts(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ConflictQuery>,
) -> Answer<Page<ConflictItem>> {
    Ok(Json(state.app().list_conflicts(&actor, &query).await?))
}

/// One conflict with both sides. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/conflicts/{id}",
    tag = "conflicts",
    params(("id" = Uuid, Path, description = "The conflict"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "The conflict", body = ConflictItem), ConflictProblems)
)]
async fn show_conflict(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<ConflictItem> {
    Ok(Json(state.app().show_conflict(&actor, id, &opening).await?))
}

/// Says which side holds: it becomes what counts, and both stay readable. Refused where somebody did before.
#[utoipa::path(
    post,
    path = "/v1/conflicts/{id}/settle",
    tag = "conflicts",
    params(("id" = Uuid, Path, description = "The conflict")),
    security(("session" = [])),
    request_body = SettleConflict,
    responses((status = 200, description = "The conflict as it now stands", body = ConflictItem), SettleProblems)
)]
async fn settle_conflict(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SettleConflict>,
) -> Answer<ConflictItem> {
    Ok(Json(state.app().settle_conflict(&actor, id, &request).await?))
}
