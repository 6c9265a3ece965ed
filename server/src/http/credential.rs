//! What staff hold.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::credential::{CredentialItem, EndCredential, EndingItem, EndingQuery, NoteCredential};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(CredentialProblems: SIGNED_IN, NotFound);
problems!(CredentialListProblems: SIGNED_IN);
problems!(CredentialChangeProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_credentials, note_credential))
        .routes(routes!(end_credential))
        .routes(routes!(list_ending))
        .routes(routes!(list_own_credentials))
}

/// What a colleague holds and held, oldest first. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/staff/{id}/credentials",
    tag = "staff",
    params(("id" = Uuid, Path, description = "The staff member")),
    security(("session" = [])),
    responses((status = 200, description = "What they hold", body = Page<CredentialItem>), CredentialProblems)
)]
async fn list_credentials(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<Page<CredentialItem>> {
    Ok(Json(state.app().list_credentials(&actor, id).await?))
}

/// Notes what a colleague holds, in place of what stood of the same kind. Nobody notes their own.
#[utoipa::path(
    post,
    path = "/v1/staff/{id}/credentials",
    tag = "staff",
    params(("id" = Uuid, Path, description = "The staff member")),
    request_body = NoteCredential,
    security(("session" = [])),
    responses((status = 200, description = "What was noted", body = CredentialItem), CredentialChangeProblems)
)]
async fn note_credential(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<NoteCredential>,
) -> Answer<CredentialItem> {
    Ok(Json(state.app().note_credential(&actor, id, &request).await?))
}

/// Ends what a colleague holds: it was taken away, or noted by mistake. Nobody ends their own.
#[utoipa::path(
    post,
    path = "/v1/credentials/{id}/end",
    tag = "staff",
    params(("id" = Uuid, Path, description = "The credential")),
    request_body = EndCredential,
    security(("session" = [])),
    responses((status = 200, description = "What was ended", body = CredentialItem), CredentialChangeProblems)
)]
async fn end_credential(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<EndCredential>,
) -> Answer<CredentialItem> {
    Ok(Json(state.app().end_credential(&actor, id, &request).await?))
}

/// What ends soon or ran out and was not renewed, by staff number.
#[utoipa::path(
    get,
    path = "/v1/credentials/ending",
    tag = "staff",
    params(EndingQuery),
    security(("session" = [])),
    responses((status = 200, description = "What ends", body = Page<EndingItem>), CredentialListProblems)
)]
async fn list_ending(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<EndingQuery>,
) -> Answer<Page<EndingItem>> {
    Ok(Json(state.app().list_ending(&actor, &query).await?))
}

/// What the caller holds and held. For everybody. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/staff/me/credentials",
    tag = "staff",
    security(("session" = [])),
    responses((status = 200, description = "What they hold", body = Page<CredentialItem>), CredentialListProblems)
)]
async fn list_own_credentials(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
) -> Answer<Page<CredentialItem>> {
    Ok(Json(state.app().list_own_credentials(&actor).await?))
}
