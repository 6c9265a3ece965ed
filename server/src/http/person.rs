//! Persons: correcting and erasing.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::person::{ContactItem, EditContact};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

/// Which approval allows it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ErasureQuery {
    /// The approval by a second person.
    approval: Uuid,
}

problems!(ContactProblems: SIGNED_IN, NotFound, Erased);
problems!(ErasureProblems: SIGNED_IN, NotFound, ApprovalNeeded, Erased);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(edit_contact))
        .routes(routes!(erase_person))
}

/// Corrects phone, address or language of a person, as one case knows them. Never refused for being old: what comes last
/// in the log counts; where somebody else changed the same field since `base`, both values are kept as a conflict.
#[utoipa::path(
    patch,
    path = "/v1/persons/{id}/contact",
    tag = "persons",
    params(("id" = Uuid, Path, description = "The person")),
    security(("session" = [])),
    request_body = EditContact,
    responses((status = 200, description = "The contact fields as they now stand", body = ContactItem), ContactProblems)
)]
async fn edit_contact(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(edit): Sent<EditContact>,
) -> Answer<ContactItem> {
    Ok(Json(state.app().edit_contact(&actor, id, &edit).await?))
}

/// Destroys a person's key after an approval: nothing of the person can be read any more; all proofs hold.
#[utoipa::path(
    post,
    path = "/v1/persons/{id}/erase",
    tag = "persons",
    params(("id" = Uuid, Path, description = "The person"), ErasureQuery),
    security(("session" = [])),
    responses((status = 204, description = "Erased"), ErasureProblems)
)]
async fn erase_person(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(query): Params<ErasureQuery>,
) -> Result<StatusCode, Refusal> {
    state.app().erase_person(&actor, id, query.approval).await?;
    Ok(StatusCode::NO_CONTENT)
}
