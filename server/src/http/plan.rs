//! Plans.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::plan::{PlanDetail, PlanItem, PlanRequest, Why};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::Versioned;
use super::extract::{
    Caller, IdempotencyKey, IfMatch, IfMatchHeader, InPath, KeyHeader, Language, LanguageHeader, Sent,
};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(ProposeProblems: SIGNED_IN, NotFound, TooLarge, NothingToPlan, KeyReused, DiskFull);
problems!(PlanListProblems: SIGNED_IN);
problems!(PlanProblems: SIGNED_IN, NotFound);
problems!(PublishProblems: SIGNED_IN, NotFound, IfMatchMissing, Changed, PlanOutdated, RuleBlocked, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(show_plan)).routes(routes!(explain))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(propose_plan, list_plans))
        .routes(routes!(publish_plan))
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

/// Makes a plan binding: devices get it.
#[utoipa::path(
    post,
    path = "/v1/plans/{id}/publish",
    tag = "plans",
    params(("id" = Uuid, Path, description = "The plan"), IfMatchHeader, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The published plan", body = PlanDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), PublishProblems)
)]
async fn publish_plan(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    IfMatch(version): IfMatch,
) -> Result<Versioned<PlanDetail>, Refusal> {
    let plan = state.app().publish_plan(&actor, id, version, lang).await?;
    Ok(Versioned(plan.item.version, plan))
}
