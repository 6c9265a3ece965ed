//! Sync with devices: push, pull, and the stream that wakes them. The bounds of a push are `doorstep_wire::sync`'s.

use std::convert::Infallible;
use std::io::Read;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequest, Request, State as AxumState};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use doorstep_app::policy::{self, Action};
use doorstep_store::spent::{Part, Spent};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::sync::{
    PUSH_BYTES_MAX, PUSH_BYTES_PLAIN_MAX, PUSH_EVENTS_MAX, PullAnswer, PullQuery, PushAnswer, PushRequest,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Params, Pushing, parse, read};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

/// How long a wake stream is held open; then the device comes again and shows its session anew.
const WAKE_S_MAX: u64 = 900;
/// How often a comment keeps a silent stream alive through proxies.
const KEEP_ALIVE_S: u64 = 15;

problems!(PushProblems: SIGNED_IN, TooLarge, DeviceRevoked, DeviceFork, DeviceTooOld, DeviceTooNew, DiskFull);
problems!(PullProblems: SIGNED_IN, DeviceRevoked, DeviceTooOld, DeviceTooNew);
problems!(WakeProblems: SIGNED_IN);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(push))
        .routes(routes!(pull))
        .routes(routes!(wake))
}

/// The body of a push, decompressed within bounds.
struct Pushed(PushRequest);

impl FromRequest<State> for Pushed {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &State) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let sent = read(&parts.headers, body, PUSH_BYTES_MAX).await?;
        let parsing = Spent::now();
        let request: PushRequest = match encoding(&parts.headers)? {
            Encoding::Identity => parse(&sent)?,
            Encoding::Zstd => parse(&decompress(&sent)?)?,
        };
        state.app().store().spent().add(Part::Parse, parsing);
        if request.events.len() > PUSH_EVENTS_MAX {
            return Err(Refusal::at(
                ProblemCode::TooLarge,
                "events",
                format!("A push may have {PUSH_EVENTS_MAX} events; send the rest in the next."),
            ));
        }
        Ok(Self(request))
    }
}

/// How a body was packed.
enum Encoding {
    Identity,
    Zstd,
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(axum::http::HeaderValue::as_bytes)
    {
        None | Some(b"identity") => Ok(Encoding::Identity),
        Some(b"zstd") => Ok(Encoding::Zstd),
        Some(_) => Err(Refusal::at(
            ProblemCode::BadRequest,
            "Content-Encoding",
            "Send `identity` or `zstd`.",
        )
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

/// Unpacks at most [`PUSH_BYTES_PLAIN_MAX`] bytes, whatever the body claims to hold.
fn decompress(sent: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = || {
        Refusal::at(
            ProblemCode::BadRequest,
            "body",
            "The body is no zstd stream, or is cut off. Send it again.",
        )
    };
    let decoder = zstd::stream::read::Decoder::new(sent).map_err(|_| broken())?;
    let mut plain = Vec::new();
    decoder
        .take(PUSH_BYTES_PLAIN_MAX as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| broken())?;
    if plain.len() > PUSH_BYTES_PLAIN_MAX {
        let detail = format!("A push may have {PUSH_BYTES_PLAIN_MAX} bytes after decompression; send fewer events.");
        return Err(Refusal::new(ProblemCode::TooLarge, detail));
    }
    Ok(plain)
}

/// Takes signed events of a device. Well-formed events are never refused for what they say.
#[utoipa::path(
    post,
    path = "/v1/sync/push",
    tag = "sync",
    params(("Content-Encoding" = Option<String>, Header, description = "`identity` or `zstd`")),
    request_body = PushRequest,
    security(("session" = [])),
    responses((status = 200, description = "One result per event, and the signed acknowledgement", body = PushAnswer), PushProblems)
)]
async fn push(
    AxumState(state): AxumState<State>,
    Pushing(actor): Pushing,
    Pushed(request): Pushed,
) -> Answer<PushAnswer> {
    Ok(Json(state.app().push(&actor, &request).await?))
}

/// What changed for the device since its cursor.
#[utoipa::path(
    get,
    path = "/v1/sync/pull",
    tag = "sync",
    params(PullQuery),
    security(("session" = [])),
    responses((status = 200, description = "Changes and the next cursor", body = PullAnswer), PullProblems)
)]
async fn pull(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<PullQuery>,
) -> Answer<PullAnswer> {
    Ok(Json(state.app().pull(&actor, &query).await?))
}

/// A stream of server-sent events: each `wake` says that a pull may find something new. It carries no data.
#[utoipa::path(
    get,
    path = "/v1/sync/wake",
    tag = "sync",
    params(("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was seen")),
    security(("session" = [])),
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String), WakeProblems)
)]
async fn wake(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    headers: HeaderMap,
) -> Result<Sse<KeepAliveStream>, Refusal> {
    // Who waits does not matter beyond that: a wake-up carries no data.
    policy::check(&actor, Action::Sync)?;
    stream(&state, &headers, state.app().wake(), "pull")
}

/// A stream of wake-ups that says `data` with each.
pub(super) fn stream(
    state: &State,
    headers: &HeaderMap,
    wake: watch::Receiver<u64>,
    data: &'static str,
) -> Result<Sse<KeepAliveStream>, Refusal> {
    let place = state.wakes().clone().try_acquire_owned().map_err(|_| {
        Refusal::new(
            ProblemCode::Busy,
            "Too many callers wait for news; ask every minute instead, and try again later.",
        )
    })?;
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let (events, stream) = mpsc::channel(1);
    let feed = Feed {
        seen,
        run: state.run_id().to_owned(),
        wake,
        data,
        stopping: state.stopping(),
        place,
    };
    tokio::spawn(feed.run(events));
    Ok(Sse::new(ReceiverStream::new(stream)).keep_alive(KeepAlive::new().interval(Duration::from_secs(KEEP_ALIVE_S))))
}

/// The events of one stream.
pub(super) type KeepAliveStream = axum::response::sse::KeepAliveStream<ReceiverStream<Result<Event, Infallible>>>;

/// What feeds one stream.
struct Feed {
    seen: Option<String>,
    /// Tells this run of the server from others: counts start anew with each.
    run: String,
    wake: watch::Receiver<u64>,
    /// What each event says.
    data: &'static str,
    stopping: watch::Receiver<bool>,
    /// Given back when the stream ends.
    place: OwnedSemaphorePermit,
}

impl Feed {
    /// Sends an event at once if the device did not see the newest, then one for every change, until the device goes, the
    /// server stops or the time is over.
    async fn run(mut self, events: mpsc::Sender<Result<Event, Infallible>>) {
        let over = tokio::time::sleep(Duration::from_secs(WAKE_S_MAX));
        tokio::pin!(over);
        loop {
            let id = format!("{}-{}", self.run, *self.wake.borrow_and_update());
            if self.seen.as_deref() != Some(&id) {
                let event = Event::default().event("wake").id(id.clone()).data(self.data);
                if events.send(Ok(event)).await.is_err() {
                    break;
                }
                self.seen = Some(id);
            }
            tokio::select! {
                changed = self.wake.changed() => if changed.is_err() { break },
                _ = self.stopping.wait_for(|stopping| *stopping) => break,
                () = events.closed() => break,
                () = &mut over => break,
            }
        }
        drop(self.place);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = zstd::encode_all(vec![0_u8; PUSH_BYTES_PLAIN_MAX * 4].as_slice(), 3).unwrap();
        assert!(bomb.len() < PUSH_BYTES_MAX);
        assert_eq!(decompress(&bomb).unwrap_err().problem().code, "too-large");
        let most = zstd::encode_all(vec![b' '; PUSH_BYTES_PLAIN_MAX].as_slice(), 3).unwrap();
        assert_eq!(decompress(&most).unwrap().len(), PUSH_BYTES_PLAIN_MAX);
    }

    #[test]
    fn a_cut_stream_is_refused() {
        let whole = zstd::encode_all(b"{\"sync_version\":1}".as_slice(), 3).unwrap();
        assert_eq!(
            decompress(&whole[..whole.len() - 2]).unwrap_err().problem().code,
            "bad-request"
        );
        assert_eq!(decompress(b"{}").unwrap_err().problem().code, "bad-request");
    }

    async fn next(stream: &mut mpsc::Receiver<Result<Event, Infallible>>) -> Option<String> {
        stream.recv().await.map(|event| format!("{:?}", event.unwrap()))
    }

    fn feed(seen: Option<&str>) -> (Feed, watch::Sender<u64>, watch::Sender<bool>) {
        let (wake, stopping) = (watch::Sender::new(4), watch::Sender::new(false));
        let places = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
        let feed = Feed {
            seen: seen.map(str::to_owned),
            run: "r".to_owned(),
            wake: wake.subscribe(),
            data: "pull",
            stopping: stopping.subscribe(),
            place: places.try_acquire_owned().unwrap(),
        };
        (feed, wake, stopping)
    }

    #[tokio::test]
    async fn a_device_that_missed_something_is_woken_at_once() {
        for (seen, first) in [
            (None, "r-4"),
            (Some("r-3"), "r-4"),
            (Some("old-4"), "r-4"),
            (Some("r-4"), "r-5"),
        ] {
            let (feed, wake, stopping) = feed(seen);
            let (events, mut stream) = mpsc::channel(1);
            let task = tokio::spawn(feed.run(events));
            if seen == Some("r-4") {
                wake.send_modify(|count| *count += 1);
            }
            assert!(next(&mut stream).await.unwrap().contains(first), "{seen:?}");
            stopping.send_replace(true);
            assert_eq!(next(&mut stream).await, None, "the stream ends when the server stops");
            task.await.unwrap();
        }
    }
}
