//! The logs and proofs from them.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::log::{LeafProof, LogHeadItem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, InPath};
use super::problem::{Answer, problems};
use super::state::State;

problems!(LogProblems: SIGNED_IN, NotFound);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(log_head))
        .routes(routes!(log_proof))
}

/// The newest signed checkpoint of a log.
#[utoipa::path(
    get,
    path = "/v1/log/{name}",
    tag = "log",
    params(("name" = String, Path, description = "`events` or `access`")),
    security(("session" = [])),
    responses((status = 200, description = "The head", body = LogHeadItem), LogProblems)
)]
async fn log_head(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(name): InPath<String>,
) -> Answer<LogHeadItem> {
    Ok(Json(state.app().log_head(&actor, &name).await?))
}

/// One leaf with the proof that it stands under the newest checkpoint.
#[utoipa::path(
    get,
    path = "/v1/log/{name}/proofs/{index}",
    tag = "log",
    params(("name" = String, Path, description = "`events` or `access`"), ("index" = u64, Path, description = "Place of the leaf, from 0")),
    security(("session" = [])),
    responses((status = 200, description = "The leaf and its proof", body = LeafProof), LogProblems)
)]
async fn log_proof(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath((name, index)): InPath<(String, u64)>,
) -> Answer<LeafProof> {
    Ok(Json(state.app().log_proof(&actor, &name, index).await?))
}
