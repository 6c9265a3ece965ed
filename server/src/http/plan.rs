//! Plans.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::plan::job::{PlanJob, StopPlanJob};
use doorstep_wire::plan::look::{DiffQuery, LeftOutItem, LeftOutQuery, PlanDiff, PlanPoints};
use doorstep_wire::plan::simulate::{PlanSimulation, SimulateRequest};
use doorstep_wire::plan::{PlanDetail, PlanItem, PlanRequest, PublishQuery, Why};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::Versioned;
use super::extract::{
    Caller, IdempotencyKey, IfMatch, IfMatchHeader, InPath, KeyHeader, Language, LanguageHeader, Params, Sent,
};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(ProposeProblems: SIGNED_IN, NotFound, TooLarge, NothingToPlan, KeyReused, DiskFull);
problems!(PlanJobProblems: SIGNED_IN, NotFound, KeyReused);
problems!(PlanListProblems: SIGNED_IN);
problems!(PlanProblems: SIGNED_IN, NotFound);
problems!(SimulateProblems: SIGNED_IN, NotFound, PlanOutdated);
problems!(PublishProblems: SIGNED_IN, NotFound, IfMatchMissing, Changed, PlanOutdated, RuleBlocked, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(show_plan))
        .routes(routes!(explain))
        .routes(routes!(diff_plan))
        .routes(routes!(list_left_out))
        .routes(routes!(plan_points))
        .routes(routes!(add_plan_job))
        .routes(routes!(show_plan_job))
        .routes(routes!(stop_plan_job))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(propose_plan, list_plans))
        .routes(routes!(publish_plan))
        .routes(routes!(simulate_plan))
}

/// Makes a plan and checks it. Nothing is binding before it is published.
#[utoipa::path(
    post,
    path = "/v1/plans",
    tag = "plans",
    params(KeyHeader, LanguageHeader),
    request_body = PlanRequest,
    security(("session" = [])),
    responses((status = 200, description = "The proposed plan", body = PlanDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), ProposeProblems)
)]
async fn propose_plan(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    IdempotencyKey(key): IdempotencyKey,
    Sent(request): Sent<PlanRequest>,
) -> Result<Versioned<PlanDetail>, Refusal> {
    let plan = state.app().propose_plan(&actor, &request, lang, key).await?;
    Ok(Versioned(plan.item.version, plan))
}

/// Asks for a plan without waiting for it.
#[utoipa::path(
    post,
    path = "/v1/plan-jobs",
    tag = "plans",
    params(KeyHeader),
    request_body = PlanRequest,
    security(("session" = [])),
    responses((status = 202, description = "The job", body = PlanJob), PlanJobProblems)
)]
async fn add_plan_job(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    Sent(request): Sent<PlanRequest>,
) -> Result<(StatusCode, Json<PlanJob>), Refusal> {
    let job = state.app().add_plan_job(&actor, &request, key).await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}

/// How far a plan is. It may be asked a few times a second; that is how often it changes.
#[utoipa::path(
    get,
    path = "/v1/plan-jobs/{id}",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The job")),
    security(("session" = [])),
    responses((status = 200, description = "The job", body = PlanJob), PlanJobProblems)
)]
async fn show_plan_job(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<PlanJob> {
    Ok(Json(state.app().show_plan_job(&actor, id).await?))
}

/// Stops the making of a plan. The best one found so far is proposed, unless it is to be discarded.
#[utoipa::path(
    post,
    path = "/v1/plan-jobs/{id}/stop",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The job")),
    request_body = StopPlanJob,
    security(("session" = [])),
    responses((status = 200, description = "The job, which ends within a moment", body = PlanJob), PlanJobProblems)
)]
async fn stop_plan_job(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<StopPlanJob>,
) -> Answer<PlanJob> {
    Ok(Json(state.app().stop_plan_job(&actor, id, request.discard).await?))
}

/// Plans, newest first.
#[utoipa::path(
    get,
    path = "/v1/plans",
    tag = "plans",
    security(("session" = [])),
    responses((status = 200, description = "Plans", body = Page<PlanItem>), PlanListProblems)
)]
async fn list_plans(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<PlanItem>> {
    Ok(Json(state.app().list_plans(&actor).await?))
}

/// A plan with its routes and the reasons for what is left out.
#[utoipa::path(
    get,
    path = "/v1/plans/{id}",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The plan", body = PlanDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), PlanProblems)
)]
async fn show_plan(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
) -> Result<Versioned<PlanDetail>, Refusal> {
    let plan = state.app().show_plan(&actor, id, lang).await?;
    Ok(Versioned(plan.item.version, plan))
}

/// Why a case is planned as it is, or not.
#[utoipa::path(
    get,
    path = "/v1/plans/{id}/why/{case}",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan"), ("case" = Uuid, Path, description = "The case"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The reason", body = Why), PlanProblems)
)]
async fn explain(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath((id, case)): InPath<(Uuid, Uuid)>,
) -> Answer<Why> {
    Ok(Json(state.app().explain(&actor, id, case, lang).await?))
}

/// What a plan changes against another, or against those that it takes the place of. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/plans/{id}/diff",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan"), DiffQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The differences", body = PlanDiff), PlanProblems)
)]
async fn diff_plan(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    Params(query): Params<DiffQuery>,
) -> Answer<PlanDiff> {
    Ok(Json(state.app().diff_plan(&actor, id, &query, lang).await?))
}

/// The cases that a plan leaves out, each with its reason. The page shown is an entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/plans/{id}/left-out",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan"), LeftOutQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "A page of cases", body = Page<LeftOutItem>), PlanProblems)
)]
async fn list_left_out(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    Params(query): Params<LeftOutQuery>,
) -> Answer<Page<LeftOutItem>> {
    Ok(Json(state.app().list_left_out(&actor, id, &query, lang).await?))
}

/// Where the visits of a plan are and, for who may plan, where its crews begin. Entries in the access log.
#[utoipa::path(
    get,
    path = "/v1/plans/{id}/points",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan")),
    security(("session" = [])),
    responses((status = 200, description = "The places, without names", body = PlanPoints), PlanProblems)
)]
async fn plan_points(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<PlanPoints> {
    Ok(Json(state.app().plan_points(&actor, id).await?))
}

/// What becomes of a plan on real days, with people out, visits overrunning and roads slow. An entry in the access log.
#[utoipa::path(
    post,
    path = "/v1/plans/{id}/simulate",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan")),
    request_body = SimulateRequest,
    security(("session" = [])),
    responses((status = 200, description = "The figures", body = PlanSimulation), SimulateProblems)
)]
async fn simulate_plan(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SimulateRequest>,
) -> Answer<PlanSimulation> {
    Ok(Json(state.app().simulate_plan(&actor, id, &request).await?))
}

/// Makes a plan binding: devices get it. A notice of each visit whose rules ask for one is queued, unless a reason is given
/// why they need none.
#[utoipa::path(
    post,
    path = "/v1/plans/{id}/publish",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan"), PublishQuery, IfMatchHeader, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The published plan", body = PlanDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), PublishProblems)
)]
async fn publish_plan(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    Params(query): Params<PublishQuery>,
    IfMatch(version): IfMatch,
) -> Result<Versioned<PlanDetail>, Refusal> {
    let plan = state.app().publish_plan(&actor, id, version, (&query, lang)).await?;
    Ok(Versioned(plan.item.version, plan))
}
