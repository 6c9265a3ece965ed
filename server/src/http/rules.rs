//! Rule packs.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::rules::{ComparePacks, PackComparison};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(CompareProblems: SIGNED_IN, TooLarge);

/// The routes of this noun, which may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(compare_packs))
}

/// Which cases of the caller's scope other packs would change. Nothing is kept; every person read for it is named in the access
/// log.
#[utoipa::path(
    post,
    path = "/v1/rules/compare",
    tag = "rules",
    request_body = ComparePacks,
    security(("session" = [])),
    responses((status = 200, description = "What would change", body = PackComparison), CompareProblems)
)]
async fn compare_packs(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<ComparePacks>,
) -> Answer<PackComparison> {
    Ok(Json(state.app().compare_packs(&actor, &request).await?))
}
