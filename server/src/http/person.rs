//! Persons: erasing.

use axum::extract::State as AxumState;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params};
use super::problem::{Refusal, problems};
use super::state::State;

/// Which approval allows it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ErasureQuery {
    /// The approval by a second person.
    approval: Uuid,
}

problems!(ErasureProblems: SIGNED_IN, NotFound, ApprovalNeeded, Erased);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(erase_person))
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
