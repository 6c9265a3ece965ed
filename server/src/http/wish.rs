//! What visited persons said on the pages of their notices, for the office.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::wish::{AnswerWish, WishItem, WishQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(WishListProblems: SIGNED_IN);
problems!(WishProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_wishes))
        .routes(routes!(answer_wish))
}

/// What persons of the caller's caseload said, newest first. With the words an entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/wishes",
    tag = "rights",
    params(WishQuery),
    security(("session" = [])),
    responses((status = 200, description = "Wishes", body = Page<WishItem>), WishListProblems)
)]
async fn list_wishes(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<WishQuery>,
) -> Answer<Page<WishItem>> {
    Ok(Json(state.app().list_wishes(&actor, &query).await?))
}

/// Answers a wish. What was offered in place of a visit calls that visit off once it is accepted.
#[utoipa::path(
    post,
    path = "/v1/wishes/{id}/answer",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The wish")),
    request_body = AnswerWish,
    security(("session" = [])),
    responses((status = 200, description = "The wish", body = WishItem), WishProblems)
)]
async fn answer_wish(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AnswerWish>,
) -> Answer<WishItem> {
    Ok(Json(state.app().answer_wish(&actor, id, &request).await?))
}
