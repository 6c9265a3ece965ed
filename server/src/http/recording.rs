//! Recordings of visits: send, list, open, and say why there is none.

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest, Request, State as AxumState};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use doorstep_app::recording::RecordingReader;
use doorstep_wire::Page;
use doorstep_wire::read::Opening;
use doorstep_wire::recording::{
    BeginRecording, ExcuseRecording, RECORDING_PART_BYTES, RecordingBegun, RecordingDueItem, RecordingItem,
    RecordingProgress, RecordingQuery, RecordingStanding,
};
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent, read};
use super::problem::{Answer, Refusal, causes, problems};
use super::state::State;

problems!(RecordingListProblems: SIGNED_IN);
problems!(RecordingBeginProblems: SIGNED_IN, Changed, Erased, TooLarge);
problems!(RecordingPartProblems: SIGNED_IN, NotFound, Changed, Erased, TooLarge, DiskFull);
problems!(RecordingProblems: SIGNED_IN, NotFound);
problems!(RecordingOpenProblems: SIGNED_IN, NotFound, PurposeNeeded, Erased, LogHalted);
problems!(ExcuseProblems: SIGNED_IN, NotFound, Changed, Erased, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_recordings, begin_recording))
        .routes(routes!(list_recordings_due))
        .routes(routes!(show_recording))
        .routes(routes!(excuse_recording))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(put_recording_part))
        .routes(routes!(open_recording))
}

/// A piece of a recording: a body of at most so many bytes as a piece has.
struct Piece(Vec<u8>);

impl FromRequest<State> for Piece {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &State) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, RECORDING_PART_BYTES).await?;
        Ok(Self(bytes.into()))
    }
}

/// Recordings in the caller's scope, the newest first. Opens none of them.
#[utoipa::path(
    get,
    path = "/v1/evidence",
    tag = "recordings",
    params(RecordingQuery),
    security(("session" = [])),
    responses((status = 200, description = "Recordings", body = Page<RecordingItem>), RecordingListProblems)
)]
async fn list_recordings(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<RecordingQuery>,
) -> Answer<Page<RecordingItem>> {
    Ok(Json(state.app().list_recordings(&actor, &query).await?))
}

/// Says what a recording matches by recorder and times, and begins to take it where it matches visits of one person. The same
/// file again goes on where it broke off, or changes nothing.
#[utoipa::path(
    post,
    path = "/v1/evidence",
    tag = "recordings",
    request_body = BeginRecording,
    security(("session" = [])),
    responses((status = 200, description = "What it matches", body = RecordingBegun), RecordingBeginProblems)
)]
async fn begin_recording(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<BeginRecording>,
) -> Answer<RecordingBegun> {
    Ok(Json(state.app().begin_recording(&actor, &request).await?))
}

/// Visits in the caller's scope whose required recording did not come yet, what is due first, first.
#[utoipa::path(
    get,
    path = "/v1/evidence/due",
    tag = "recordings",
    security(("session" = [])),
    responses((status = 200, description = "Visits", body = Page<RecordingDueItem>), RecordingListProblems)
)]
async fn list_recordings_due(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
) -> Answer<Page<RecordingDueItem>> {
    Ok(Json(state.app().list_recordings_due(&actor).await?))
}

/// What is known of a recording. Does not open it.
#[utoipa::path(
    get,
    path = "/v1/evidence/{id}",
    tag = "recordings",
    params(("id" = Uuid, Path, description = "The recording")),
    security(("session" = [])),
    responses((status = 200, description = "The recording", body = RecordingItem), RecordingProblems)
)]
async fn show_recording(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<RecordingItem> {
    Ok(Json(state.app().show_recording(&actor, id).await?))
}

/// Takes the next piece of a recording; with the last one the whole is compared with the hash that was announced.
#[utoipa::path(
    put,
    path = "/v1/evidence/{id}/parts/{part}",
    tag = "recordings",
    params(
        ("id" = Uuid, Path, description = "The recording"),
        ("part" = i64, Path, description = "Number of the piece, from 0")
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The piece"),
    security(("session" = [])),
    responses((status = 200, description = "How far it came", body = RecordingProgress), RecordingPartProblems)
)]
async fn put_recording_part(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(place): InPath<(Uuid, i64)>,
    Piece(bytes): Piece,
) -> Answer<RecordingProgress> {
    Ok(Json(state.app().put_recording_part(&actor, place, bytes).await?))
}

/// The recording as it was recorded. An entry in the access log, each time.
#[utoipa::path(
    get,
    path = "/v1/evidence/{id}/file",
    tag = "recordings",
    params(("id" = Uuid, Path, description = "The recording"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>), RecordingOpenProblems)
)]
async fn open_recording(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Result<Response, Refusal> {
    let reader = state.app().open_recording(&actor, id, &opening).await?;
    let disposition = format!("attachment; filename=\"{}\"", reader.name);
    let bytes = reader.bytes;
    let mut response = streamed(reader).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Opens piece by piece while the caller reads: one waits in memory, not all. What cannot be opened breaks the answer off, so
/// that a part is never taken for the whole.
fn streamed(mut reader: RecordingReader) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let piece = match reader.next().await {
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(error = %causes(&error), "a recording cannot be opened");
                    Err(std::io::Error::other("a piece cannot be opened"))
                }
            };
            let broken = piece.is_err();
            // Whoever asked may have gone.
            if sender.send(piece).await.is_err() || broken {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

/// Says why a visit has no recording; not for those who were there.
#[utoipa::path(
    post,
    path = "/v1/visits/{visit}/recording/excuse",
    tag = "recordings",
    params(("visit" = Uuid, Path, description = "The visit")),
    request_body = ExcuseRecording,
    security(("session" = [])),
    responses((status = 200, description = "Where it stands", body = RecordingStanding), ExcuseProblems)
)]
async fn excuse_recording(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(visit): InPath<Uuid>,
    Sent(request): Sent<ExcuseRecording>,
) -> Answer<RecordingStanding> {
    Ok(Json(state.app().excuse_recording(&actor, visit, &request).await?))
}
