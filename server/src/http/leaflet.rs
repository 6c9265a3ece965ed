//! Leaflets: to read, to print, and that one was handed over.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::leaflet::{GiveLeaflet, LeafletDetail, LeafletHanded, LeafletItem, LeafletQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(LeafletProblems: SIGNED_IN, BadRequest, NotFound, NotPrintable);
problems!(GiveLeafletProblems: SIGNED_IN, BadRequest, NotFound, Erased, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_leaflets))
        .routes(routes!(show_leaflet))
        .routes(routes!(give_leaflet))
}

/// Leaflets: all, or those that fit a case, with when they were handed over in it.
#[utoipa::path(
    get,
    path = "/v1/leaflets",
    tag = "leaflets",
    params(LeafletQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "Leaflets", body = Page<LeafletItem>), LeafletProblems)
)]
async fn list_leaflets(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    Params(query): Params<LeafletQuery>,
) -> Answer<Page<LeafletItem>> {
    Ok(Json(state.app().list_leaflets(&actor, &query, lang).await?))
}

/// A leaflet for a terminal and for printing.
#[utoipa::path(
    get,
    path = "/v1/leaflets/{name}",
    tag = "leaflets",
    params(("name" = String, Path, description = "The leaflet"), LeafletQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The leaflet", body = LeafletDetail), LeafletProblems)
)]
async fn show_leaflet(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(name): InPath<String>,
    Language(lang): Language,
    Params(query): Params<LeafletQuery>,
) -> Answer<LeafletDetail> {
    Ok(Json(state.app().show_leaflet(&actor, &name, &query, lang).await?))
}

/// Notes that a leaflet was handed over: by the office, or at a visit.
#[utoipa::path(
    post,
    path = "/v1/leaflets/given",
    tag = "leaflets",
    security(("session" = [])),
    request_body = GiveLeaflet,
    responses((status = 200, description = "What was noted", body = LeafletHanded), GiveLeafletProblems)
)]
async fn give_leaflet(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<GiveLeaflet>,
) -> Answer<LeafletHanded> {
    Ok(Json(state.app().give_leaflet(&actor, &request).await?))
}
