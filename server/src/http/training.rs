//! Training of staff, and debriefs after incidents.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::training::{
    AnswerRun, DebriefItem, RunDetail, ScenarioItem, StartRun, TrainingQuery, TrainingResult,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(TrainingListProblems: SIGNED_IN);
problems!(TrainingProblems: SIGNED_IN, NotFound, Changed);
problems!(TrainingAnswerProblems: SIGNED_IN, BadRequest, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_scenarios))
        .routes(routes!(start_run))
        .routes(routes!(show_run))
        .routes(routes!(answer_run))
        .routes(routes!(list_results))
        .routes(routes!(list_debriefs, open_debriefs))
        .routes(routes!(hold_debrief))
}

/// The scenarios, with the caller's own last run through each.
#[utoipa::path(
    get,
    path = "/v1/training",
    tag = "training",
    params(LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "Scenarios", body = Page<ScenarioItem>), TrainingListProblems)
)]
async fn list_scenarios(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
) -> Answer<Page<ScenarioItem>> {
    Ok(Json(state.app().list_scenarios(&actor, lang).await?))
}

/// Begins a run through a scenario, or goes on with the one that the caller left open.
#[utoipa::path(
    post,
    path = "/v1/training/runs",
    tag = "training",
    params(LanguageHeader),
    security(("session" = [])),
    request_body = StartRun,
    responses((status = 200, description = "The run", body = RunDetail), TrainingAnswerProblems)
)]
async fn start_run(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    Sent(request): Sent<StartRun>,
) -> Answer<RunDetail> {
    Ok(Json(state.app().start_run(&actor, &request, lang).await?))
}

/// A run of the caller's own.
#[utoipa::path(
    get,
    path = "/v1/training/runs/{id}",
    tag = "training",
    params(("id" = Uuid, Path, description = "The run"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The run", body = RunDetail), TrainingProblems)
)]
async fn show_run(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
) -> Answer<RunDetail> {
    Ok(Json(state.app().show_run(&actor, id, lang).await?))
}

/// Says what the caller would do: what it was worth, and what comes next. There is no clock.
#[utoipa::path(
    post,
    path = "/v1/training/runs/{id}/answers",
    tag = "training",
    params(("id" = Uuid, Path, description = "The run"), LanguageHeader),
    security(("session" = [])),
    request_body = AnswerRun,
    responses((status = 200, description = "The run", body = RunDetail), TrainingAnswerProblems)
)]
async fn answer_run(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Sent(request): Sent<AnswerRun>,
) -> Answer<RunDetail> {
    Ok(Json(state.app().answer_run(&actor, id, &request, lang).await?))
}

/// How the caller's own scenarios ended, or for a supervisor when a colleague passed theirs: what was not passed is nobody else's to see.
#[utoipa::path(
    get,
    path = "/v1/training/results",
    tag = "training",
    params(TrainingQuery),
    security(("session" = [])),
    responses((status = 200, description = "Results", body = Page<TrainingResult>), TrainingProblems)
)]
async fn list_results(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<TrainingQuery>,
) -> Answer<Page<TrainingResult>> {
    Ok(Json(state.app().list_results(&actor, &query).await?))
}

/// Talks after incidents, those that are due first: a supervisor sees those of their reach, everybody else their own.
#[utoipa::path(
    get,
    path = "/v1/debriefs",
    tag = "training",
    security(("session" = [])),
    responses((status = 200, description = "Debriefs", body = Page<DebriefItem>), TrainingListProblems)
)]
async fn list_debriefs(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<DebriefItem>> {
    Ok(Json(state.app().list_debriefs(&actor).await?))
}

/// Opens the talks that incidents of the last days ask for, each once.
#[utoipa::path(
    post,
    path = "/v1/debriefs",
    tag = "training",
    security(("session" = [])),
    responses((status = 200, description = "Debriefs", body = Page<DebriefItem>), TrainingListProblems)
)]
async fn open_debriefs(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<DebriefItem>> {
    Ok(Json(state.app().open_own_debriefs(&actor).await?))
}

/// Notes that a talk was held.
#[utoipa::path(
    post,
    path = "/v1/debriefs/{id}/held",
    tag = "training",
    params(("id" = Uuid, Path, description = "The debrief")),
    security(("session" = [])),
    responses((status = 200, description = "The debrief", body = DebriefItem), TrainingProblems)
)]
async fn hold_debrief(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<DebriefItem> {
    Ok(Json(state.app().hold_debrief(&actor, id).await?))
}
