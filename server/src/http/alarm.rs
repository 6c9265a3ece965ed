//! Alarms: overdue check-outs, calls for help, crews at doors to which they were not sent.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::alarm::{AcknowledgeAlarm, AlarmItem, EndAlarm, ExtendAlarm};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(AlarmListProblems: SIGNED_IN);
problems!(AlarmProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_alarms))
        .routes(routes!(acknowledge_alarm))
        .routes(routes!(end_alarm))
        .routes(routes!(extend_alarm))
}

/// Alarms, those that are not over first. Showing where somebody was is an entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/alarms",
    tag = "alarms",
    security(("session" = [])),
    responses((status = 200, description = "Alarms", body = Page<AlarmItem>), AlarmListProblems)
)]
async fn list_alarms(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<AlarmItem>> {
    Ok(Json(state.app().list_alarms(&actor).await?))
}

/// Takes an alarm up.
#[utoipa::path(
    post,
    path = "/v1/alarms/{id}/acknowledge",
    tag = "alarms",
    params(("id" = Uuid, Path, description = "The alarm")),
    request_body = AcknowledgeAlarm,
    security(("session" = [])),
    responses((status = 200, description = "The alarm", body = AlarmItem), AlarmProblems)
)]
async fn acknowledge_alarm(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AcknowledgeAlarm>,
) -> Answer<AlarmItem> {
    Ok(Json(state.app().acknowledge_alarm(&actor, id, &request).await?))
}

/// Ends an alarm, with a note of what was found. A call for help ends only so.
#[utoipa::path(
    post,
    path = "/v1/alarms/{id}/end",
    tag = "alarms",
    params(("id" = Uuid, Path, description = "The alarm")),
    request_body = EndAlarm,
    security(("session" = [])),
    responses((status = 200, description = "The alarm", body = AlarmItem), AlarmProblems)
)]
async fn end_alarm(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<EndAlarm>,
) -> Answer<AlarmItem> {
    Ok(Json(state.app().end_alarm(&actor, id, &request).await?))
}

/// Leaves an overdue check-out quiet for up to 30 minutes; if the crew has not left by then, the alarm opens again.
#[utoipa::path(
    post,
    path = "/v1/alarms/{id}/extend",
    tag = "alarms",
    params(("id" = Uuid, Path, description = "The alarm")),
    request_body = ExtendAlarm,
    security(("session" = [])),
    responses((status = 200, description = "The alarm", body = AlarmItem), AlarmProblems)
)]
async fn extend_alarm(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<ExtendAlarm>,
) -> Answer<AlarmItem> {
    Ok(Json(state.app().extend_alarm(&actor, id, &request).await?))
}
