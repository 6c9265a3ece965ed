//! Keeping and letting go: what goes when, legal holds, purges.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::retention::{
    HoldItem, PlaceHold, PurgeAsked, PurgeDone, ReleaseHold, RetentionItem, RetentionQuery, RetentionRecording,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(RetentionProblems: SIGNED_IN);
problems!(AskPurgeProblems: SIGNED_IN, NothingDue);
problems!(PurgeProblems: SIGNED_IN, NotFound, ApprovalNeeded);
problems!(HoldListProblems: SIGNED_IN, NotFound);
problems!(HoldProblems: SIGNED_IN, NotFound, Erased, TooLarge);
problems!(ReleaseProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_retention))
        .routes(routes!(list_retention_recordings))
        .routes(routes!(list_holds, place_hold))
        .routes(routes!(release_hold))
}

/// The routes that take long: a purge may erase many.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(ask_purge))
        .routes(routes!(run_purge))
}

/// What goes and what is kept, how long and why: persons with a case that ended. Erases nothing. For those who may see cases
/// it names their numbers, with an entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/retention",
    tag = "retention",
    params(RetentionQuery),
    security(("session" = [])),
    responses((status = 200, description = "Persons", body = Page<RetentionItem>), RetentionProblems)
)]
async fn list_retention(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<RetentionQuery>,
) -> Answer<Page<RetentionItem>> {
    Ok(Json(state.app().list_retention(&actor, &query).await?))
}

/// What becomes of every recording and why, what goes first, first. Erases nothing.
#[utoipa::path(
    get,
    path = "/v1/retention/recordings",
    tag = "retention",
    security(("session" = [])),
    responses((status = 200, description = "Recordings", body = Page<RetentionRecording>), RetentionProblems)
)]
async fn list_retention_recordings(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
) -> Answer<Page<RetentionRecording>> {
    Ok(Json(state.app().list_retention_recordings(&actor).await?))
}

/// Asks a second person about erasing everybody, and every recording of others, whose time for keeping is over.
#[utoipa::path(
    post,
    path = "/v1/retention/purges",
    tag = "retention",
    security(("session" = [])),
    responses((status = 201, description = "What was asked", body = PurgeAsked), AskPurgeProblems)
)]
async fn ask_purge(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
) -> Result<(StatusCode, Json<PurgeAsked>), Refusal> {
    Ok((StatusCode::CREATED, Json(state.app().ask_purge(&actor).await?)))
}

/// Erases the persons of an approved purge, but for those whom something keeps since. Cannot be undone.
#[utoipa::path(
    post,
    path = "/v1/retention/purges/{approval}",
    tag = "retention",
    params(("approval" = Uuid, Path, description = "The approval")),
    security(("session" = [])),
    responses((status = 200, description = "What was erased", body = PurgeDone), PurgeProblems)
)]
async fn run_purge(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(approval): InPath<Uuid>,
) -> Answer<PurgeDone> {
    Ok(Json(state.app().run_purge(&actor, approval).await?))
}

/// The legal holds on a case, also those that were lifted.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/hold",
    tag = "retention",
    params(("id" = Uuid, Path, description = "The case")),
    security(("session" = [])),
    responses((status = 200, description = "Holds", body = Page<HoldItem>), HoldListProblems)
)]
async fn list_holds(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<Page<HoldItem>> {
    Ok(Json(state.app().list_holds(&actor, id).await?))
}

/// Places a legal hold: while it stands, nothing of the case's person is erased.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/hold",
    tag = "retention",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = PlaceHold,
    security(("session" = [])),
    responses((status = 201, description = "The hold", body = HoldItem), HoldProblems)
)]
async fn place_hold(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<PlaceHold>,
) -> Result<(StatusCode, Json<HoldItem>), Refusal> {
    let hold = state.app().place_hold(&actor, id, &request).await?;
    Ok((StatusCode::CREATED, Json(hold)))
}

/// Lifts a legal hold.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/hold/release",
    tag = "retention",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = ReleaseHold,
    security(("session" = [])),
    responses((status = 200, description = "The hold", body = HoldItem), ReleaseProblems)
)]
async fn release_hold(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<ReleaseHold>,
) -> Answer<HoldItem> {
    Ok(Json(state.app().release_hold(&actor, id, &request).await?))
}
