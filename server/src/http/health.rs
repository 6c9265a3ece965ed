//! Whether the process lives and whether it can work. Open to everybody; says nothing about the data.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::problem::ProblemCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(HealthProblems: NONE);
problems!(ReadyProblems: NONE, Busy);

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct Health {
    /// `alive` or `ready`.
    status: &'static str,
    /// Version of the program.
    version: &'static str,
}

const fn health(status: &'static str) -> Json<Health> {
    Json(Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// Whether the process lives.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operation",
    security(()),
    responses((status = 200, description = "It lives", body = Health), HealthProblems)
)]
async fn alive() -> Json<Health> {
    health("alive")
}

/// Whether the database answers and the sequencer works.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "operation",
    security(()),
    responses((status = 200, description = "It can work", body = Health), ReadyProblems)
)]
async fn ready(AxumState(state): AxumState<State>) -> Answer<Health> {
    let not_ready = |detail: &str| Refusal::new(ProblemCode::Busy, detail);
    if let Err(error) = state.app().ready().await {
        tracing::warn!(error = %super::problem::causes(&error), "the database does not answer");
        return Err(not_ready("The database does not answer. `doorstep doctor` shows why."));
    }
    if !state.sequencer().is_well() {
        return Err(not_ready(
            "The sequencer does not work: changes get no place in the log. See the server's log.",
        ));
    }
    Ok(health("ready"))
}
