//! The review queue.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::read::Opening;
use doorstep_wire::review::{DecideReview, ReviewDetail, ReviewItem, ReviewQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(ReviewListProblems: SIGNED_IN);
problems!(ReviewProblems: SIGNED_IN, NotFound, PurposeNeeded, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_reviews))
        .routes(routes!(show_review, decide_review))
}

/// Visits with remarks that wait for a decision, the highest score first.
#[utoipa::path(
    get,
    path = "/v1/review",
    tag = "review",
    params(ReviewQuery),
    security(("session" = [])),
    responses((status = 200, description = "Visits with remarks", body = Page<ReviewItem>), ReviewListProblems)
)]
async fn list_reviews(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ReviewQuery>,
) -> Answer<Page<ReviewItem>> {
    Ok(Json(state.app().list_reviews(&actor, &query).await?))
}

/// A visit in full: what was reported, noted and decided. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/review/{visit}",
    tag = "review",
    params(("visit" = Uuid, Path, description = "The visit"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "The visit", body = ReviewDetail), ReviewProblems)
)]
async fn show_review(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(visit): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<ReviewDetail> {
    Ok(Json(state.app().show_review(&actor, visit, &opening).await?))
}

/// Decides about a visit; a later decision replaces it. Nobody decides about a visit of their own.
#[utoipa::path(
    post,
    path = "/v1/review/{visit}",
    tag = "review",
    params(("visit" = Uuid, Path, description = "The visit")),
    request_body = DecideReview,
    security(("session" = [])),
    responses((status = 200, description = "The visit", body = ReviewDetail), ReviewProblems)
)]
async fn decide_review(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(visit): InPath<Uuid>,
    Sent(request): Sent<DecideReview>,
) -> Answer<ReviewDetail> {
    Ok(Json(state.app().decide_review(&actor, visit, &request).await?))
}
