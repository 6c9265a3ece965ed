//! Quality checks: the lot, the sheet, the appeal. No answer orders anybody by what was found.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::quality::{
    AppealQuality, DecideQuality, DrawQuality, QualityDetail, QualityDrawn, QualityItem, QualityQuery, ScoreQuality,
};
use doorstep_wire::rate::{RatesQuery, RatesView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(QualityListProblems: SIGNED_IN);
problems!(QualityDrawProblems: SIGNED_IN, Changed, TooLarge);
problems!(QualityProblems: SIGNED_IN, NotFound);
problems!(QualityChangeProblems: SIGNED_IN, NotFound, Changed, Erased, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_quality, draw_quality))
        .routes(routes!(quality_rates))
        .routes(routes!(own_rates))
        .routes(routes!(show_quality))
        .routes(routes!(score_quality))
        .routes(routes!(decide_quality))
        .routes(routes!(list_own_quality))
        .routes(routes!(show_own_quality))
        .routes(routes!(appeal_quality))
}

/// Rates by staff, crew, portfolio or rule, never for pay or a ranking. An entry in the log of changes.
#[utoipa::path(
    get,
    path = "/v1/quality/rates",
    tag = "quality",
    params(RatesQuery),
    security(("session" = [])),
    responses((status = 200, description = "Rates", body = RatesView), QualityListProblems)
)]
async fn quality_rates(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<RatesQuery>,
) -> Answer<RatesView> {
    Ok(Json(state.app().quality_rates(&actor, &query).await?))
}

/// The caller's own counts and rates. For everybody.
#[utoipa::path(
    get,
    path = "/v1/staff/me/rates",
    tag = "quality",
    params(RatesQuery),
    security(("session" = [])),
    responses((status = 200, description = "Rates", body = RatesView), QualityListProblems)
)]
async fn own_rates(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<RatesQuery>,
) -> Answer<RatesView> {
    Ok(Json(state.app().own_rates(&actor, &query).await?))
}

/// Checks of the caller's side, oldest first.
#[utoipa::path(
    get,
    path = "/v1/quality-checks",
    tag = "quality",
    params(QualityQuery),
    security(("session" = [])),
    responses((status = 200, description = "Checks", body = Page<QualityItem>), QualityListProblems)
)]
async fn list_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<QualityQuery>,
) -> Answer<Page<QualityItem>> {
    Ok(Json(state.app().list_quality(&actor, &query).await?))
}

/// Draws the visits of a week that is over: some of each member of staff by a lot that nobody chooses, and every visit that
/// somebody complained about. A second time only complaints add visits.
#[utoipa::path(
    post,
    path = "/v1/quality-checks",
    tag = "quality",
    request_body = DrawQuality,
    security(("session" = [])),
    responses((status = 200, description = "What was drawn", body = QualityDrawn), QualityDrawProblems)
)]
async fn draw_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<DrawQuality>,
) -> Answer<QualityDrawn> {
    Ok(Json(state.app().draw_quality(&actor, &request).await?))
}

/// A sheet with all that it is scored by. Notes are looked through for forbidden wording. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/quality-checks/{id}",
    tag = "quality",
    params(("id" = Uuid, Path, description = "The check"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The check", body = QualityDetail), QualityProblems)
)]
async fn show_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
) -> Answer<QualityDetail> {
    Ok(Json(state.app().show_quality(&actor, id, lang).await?))
}

/// Says what was found about every item of the sheet; once, by somebody who was not there and does not supervise who was.
#[utoipa::path(
    post,
    path = "/v1/quality-checks/{id}/score",
    tag = "quality",
    params(("id" = Uuid, Path, description = "The check"), LanguageHeader),
    request_body = ScoreQuality,
    security(("session" = [])),
    responses((status = 200, description = "The check", body = QualityDetail), QualityChangeProblems)
)]
async fn score_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Sent(request): Sent<ScoreQuality>,
) -> Answer<QualityDetail> {
    Ok(Json(state.app().score_quality(&actor, id, &request, lang).await?))
}

/// Decides an appeal, as a third person.
#[utoipa::path(
    post,
    path = "/v1/quality-checks/{id}/decide",
    tag = "quality",
    params(("id" = Uuid, Path, description = "The check"), LanguageHeader),
    request_body = DecideQuality,
    security(("session" = [])),
    responses((status = 200, description = "The check", body = QualityDetail), QualityChangeProblems)
)]
async fn decide_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Sent(request): Sent<DecideQuality>,
) -> Answer<QualityDetail> {
    Ok(Json(state.app().decide_quality(&actor, id, &request, lang).await?))
}

/// Checks of the caller's own visits that were scored. For everybody.
#[utoipa::path(
    get,
    path = "/v1/staff/me/quality-checks",
    tag = "quality",
    security(("session" = [])),
    responses((status = 200, description = "Checks", body = Page<QualityItem>), QualityListProblems)
)]
async fn list_own_quality(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<QualityItem>> {
    Ok(Json(state.app().list_own_quality(&actor).await?))
}

/// What was found about the caller's own part in a visit. For everybody. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/staff/me/quality-checks/{id}",
    tag = "quality",
    params(("id" = Uuid, Path, description = "The check"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The check", body = QualityDetail), QualityProblems)
)]
async fn show_own_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
) -> Answer<QualityDetail> {
    Ok(Json(state.app().show_own_quality(&actor, id, lang).await?))
}

/// Appeals against what was found about the caller's own part in a visit; once. For everybody.
#[utoipa::path(
    post,
    path = "/v1/staff/me/quality-checks/{id}/appeal",
    tag = "quality",
    params(("id" = Uuid, Path, description = "The check"), LanguageHeader),
    request_body = AppealQuality,
    security(("session" = [])),
    responses((status = 200, description = "The check", body = QualityDetail), QualityChangeProblems)
)]
async fn appeal_quality(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Sent(request): Sent<AppealQuality>,
) -> Answer<QualityDetail> {
    Ok(Json(state.app().appeal_quality(&actor, id, &request, lang).await?))
}
