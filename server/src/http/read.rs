//! Who read whose data, and what is found about reads outside a caseload.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::read::{ReadItem, ReadQuery, ReadReview, ReadReviewItem, ReadReviewQuery, SettleRead};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(OwnReadsProblems: SIGNED_IN);
problems!(CaseReadsProblems: SIGNED_IN, NotFound);
problems!(SettleReadProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_case_reads))
        .routes(routes!(list_own_reads))
        .routes(routes!(review_reads))
        .routes(routes!(settle_read))
}

/// Who looked at a case, newest first: also on devices, and in the plans that it stood in.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/reads",
    tag = "reads",
    params(("id" = Uuid, Path, description = "The case"), ReadQuery),
    security(("session" = [])),
    responses((status = 200, description = "Reads", body = Page<ReadItem>), CaseReadsProblems)
)]
async fn list_case_reads(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(query): Params<ReadQuery>,
) -> Answer<Page<ReadItem>> {
    Ok(Json(state.app().list_case_reads(&actor, id, &query).await?))
}

/// Who looked at the caller: their record, where they were last heard of, their day. For everybody.
#[utoipa::path(
    get,
    path = "/v1/staff/me/reads",
    tag = "reads",
    params(ReadQuery),
    security(("session" = [])),
    responses((status = 200, description = "Reads", body = Page<ReadItem>), OwnReadsProblems)
)]
async fn list_own_reads(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ReadQuery>,
) -> Answer<Page<ReadItem>> {
    Ok(Json(state.app().list_own_reads(&actor, &query).await?))
}

/// Reads of a week outside the caseload of their readers, that wait for somebody to look at them.
#[utoipa::path(
    get,
    path = "/v1/reads/review",
    tag = "reads",
    params(ReadReviewQuery),
    security(("session" = [])),
    responses((status = 200, description = "The week", body = ReadReview), OwnReadsProblems)
)]
async fn review_reads(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ReadReviewQuery>,
) -> Answer<ReadReview> {
    Ok(Json(state.app().review_reads(&actor, &query).await?))
}

/// Says what was found about such a read: once, and by somebody else than the reader.
#[utoipa::path(
    post,
    path = "/v1/reads/{id}/settle",
    tag = "reads",
    params(("id" = Uuid, Path, description = "The read")),
    request_body = SettleRead,
    security(("session" = [])),
    responses((status = 200, description = "The read", body = ReadReviewItem), SettleReadProblems)
)]
async fn settle_read(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SettleRead>,
) -> Answer<ReadReviewItem> {
    Ok(Json(state.app().settle_read(&actor, id, &request).await?))
}
