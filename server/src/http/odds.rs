//! Chances of visits: how good they are, when they were learned, and what visits to one case are worth.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::odds::{CaseWorth, OddsModel, OddsReport, WorthQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params};
use super::problem::{Answer, problems};
use super::state::State;

problems!(OddsProblems: SIGNED_IN);
problems!(TrainOddsProblems: SIGNED_IN, Changed);
problems!(WorthProblems: SIGNED_IN, NotFound, PurposeNeeded, Erased, LogHalted);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(case_worth))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_odds, train_odds))
        .routes(routes!(report_odds))
}

/// The versions of the chances, newest first.
#[utoipa::path(
    get,
    path = "/v1/odds",
    tag = "odds",
    security(("session" = [])),
    responses((status = 200, description = "Versions", body = Page<OddsModel>), OddsProblems)
)]
async fn list_odds(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<OddsModel>> {
    Ok(Json(state.app().list_odds(&actor).await?))
}

/// Learns chances anew from all visits that were made.
#[utoipa::path(
    post,
    path = "/v1/odds",
    tag = "odds",
    security(("session" = [])),
    responses((status = 200, description = "The new version", body = OddsModel), TrainOddsProblems)
)]
async fn train_odds(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<OddsModel> {
    Ok(Json(state.app().train_odds(&actor).await?))
}

/// How good chances are on days that were held out, by hour for kinds of places, and how groups differ. Figures without persons;
/// staff of an agency see those of their own visits. An entry in the log of changes.
#[utoipa::path(
    get,
    path = "/v1/odds/report",
    tag = "odds",
    security(("session" = [])),
    responses((status = 200, description = "The report", body = OddsReport), OddsProblems)
)]
async fn report_odds(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<OddsReport> {
    Ok(Json(state.app().report_odds(&actor).await?))
}

/// What visits to a case are worth by day, itemised, and what it is worth not to visit. An entry like that of the case itself;
/// outside the caller's caseload it needs a purpose.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/worth",
    tag = "odds",
    params(("id" = Uuid, Path, description = "The case"), WorthQuery),
    security(("session" = [])),
    responses((status = 200, description = "What visits are worth", body = CaseWorth), WorthProblems)
)]
async fn case_worth(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(query): Params<WorthQuery>,
) -> Answer<CaseWorth> {
    Ok(Json(state.app().case_worth(&actor, id, &query).await?))
}
