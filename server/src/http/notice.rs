//! Notices of visits, for whoever hands them over. The page behind their code is not here.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::notice::{NoticeBatch, NoticeDetail, NoticeItem, NoticeQuery, SetNotice};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(NoticeListProblems: SIGNED_IN);
problems!(NoticeProblems: SIGNED_IN, NotFound);
problems!(SetNoticeProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_notices))
        .routes(routes!(notice_batch))
        .routes(routes!(show_notice))
        .routes(routes!(set_notice))
}

/// Notices, newest first, without what they say.
#[utoipa::path(
    get,
    path = "/v1/notices",
    tag = "notices",
    params(NoticeQuery),
    security(("session" = [])),
    responses((status = 200, description = "Notices", body = Page<NoticeItem>), NoticeListProblems)
)]
async fn list_notices(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<NoticeQuery>,
) -> Answer<Page<NoticeItem>> {
    Ok(Json(state.app().list_notices(&actor, &query).await?))
}

/// The notices that wait, as files for printing; at most 200. Say of each that it was handed over once it was. Entries in the
/// access log.
#[utoipa::path(
    get,
    path = "/v1/notices/batch",
    tag = "notices",
    security(("session" = [])),
    responses((status = 200, description = "The files", body = NoticeBatch), NoticeListProblems)
)]
async fn notice_batch(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<NoticeBatch> {
    Ok(Json(state.app().notice_batch(&actor).await?))
}

/// A notice with all that it says, for printing it again. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/notices/{id}",
    tag = "notices",
    params(("id" = Uuid, Path, description = "The notice")),
    security(("session" = [])),
    responses((status = 200, description = "The notice", body = NoticeDetail), NoticeProblems)
)]
async fn show_notice(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<NoticeDetail> {
    Ok(Json(state.app().show_notice(&actor, id).await?))
}

/// Says what became of a notice. What is allowed at the door follows from it.
#[utoipa::path(
    post,
    path = "/v1/notices/{id}/state",
    tag = "notices",
    params(("id" = Uuid, Path, description = "The notice")),
    request_body = SetNotice,
    security(("session" = [])),
    responses((status = 200, description = "The notice", body = NoticeItem), SetNoticeProblems)
)]
async fn set_notice(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SetNotice>,
) -> Answer<NoticeItem> {
    Ok(Json(state.app().set_notice(&actor, id, &request).await?))
}
