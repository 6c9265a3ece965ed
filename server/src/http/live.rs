//! The day as it goes, and the stream that says when to look again.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::HeaderMap;
use axum::response::sse::Sse;
use doorstep_app::policy::{self, Action};
use doorstep_wire::live::{LiveQuery, LiveView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Params};
use super::problem::{Answer, Refusal, problems};
use super::state::State;
use super::sync::{KeepAliveStream, stream};

problems!(LiveProblems: SIGNED_IN);
problems!(LiveWakeProblems: SIGNED_IN);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(live_wake))
}

/// What all crews of the caller's scope are doing. One entry in the access log names everybody who is shown.
#[utoipa::path(
    get,
    path = "/v1/live",
    tag = "live",
    params(LiveQuery),
    security(("session" = [])),
    responses((status = 200, description = "The day", body = LiveView), LiveProblems)
)]
async fn live(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<LiveQuery>,
) -> Answer<LiveView> {
    Ok(Json(state.app().live(&actor, &query).await?))
}

/// A stream of server-sent events: each `wake` says that the day, alarms or cases may look different. It carries no data.
#[utoipa::path(
    get,
    path = "/v1/live/wake",
    tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was seen")),
    security(("session" = [])),
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String), LiveWakeProblems)
)]
async fn live_wake(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    headers: HeaderMap,
) -> Result<Sse<KeepAliveStream>, Refusal> {
    policy::check(&actor, Action::SeeLive)?;
    stream(&state, &headers, state.app().wake_of_office(), "live")
}
