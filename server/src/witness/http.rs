//! The interface of a witness: C2SP tlog-witness. Plain text; no sessions, because a signed checkpoint speaks for itself.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use doorstep_domain::measure::Clock;
use doorstep_log::witness::{ADD_CHECKPOINT, REQUEST_BYTES_MAX, SIZE_TYPE};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::book::{Book, NotCosigned, WitnessError};
use crate::http::layers;
use crate::http::problem::causes;

const TEXT: &str = "text/plain; charset=utf-8";
/// A request that is not whole and answered by then is ended.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

struct Witness {
    book: Book,
    clock: Arc<dyn Clock>,
}

/// All routes.
pub(super) fn router(book: Book, clock: Arc<dyn Clock>) -> Router {
    Router::new()
        .route(ADD_CHECKPOINT, post(add_checkpoint))
        .route("/{log}/checkpoint", get(checkpoint))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIME_MAX,
        ))
        .layer(middleware::from_fn(layers::headers))
        .with_state(Arc::new(Witness { book, clock }))
}

/// Cosigns a checkpoint that extends the last one, or says why not.
async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    let decided = tokio::task::spawn_blocking(move || {
        // A clock before 1970 is refused like any that stands before the last cosignature.
        let now_s = u64::try_from(witness.clock.now().get() / 1_000_000).unwrap_or(0);
        witness.book.add_checkpoint(&body, now_s)
    });
    match decided.await {
        Ok(Ok(line)) => text(StatusCode::OK, TEXT, line),
        Ok(Err(NotCosigned::Refused(refusal))) => {
            tracing::warn!(status = refusal.status(), %refusal, "not cosigned");
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            match refusal.size_body() {
                Some(size) => text(status, SIZE_TYPE, size),
                None => text(status, TEXT, format!("{refusal}\n")),
            }
        }
        Ok(Err(NotCosigned::Failed(error))) => failed(&error),
        Err(_) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            TEXT,
            "the witness failed\n".to_owned(),
        ),
    }
}

/// The newest cosigned checkpoint of a log, for monitors and for a log that lost its own.
async fn checkpoint(State(witness): State<Arc<Witness>>, Path(log): Path<String>) -> Response {
    match tokio::task::spawn_blocking(move || witness.book.checkpoint(&log)).await {
        Ok(Ok(Some(note))) => ([(header::CONTENT_TYPE, TEXT)], note).into_response(),
        Ok(Ok(None)) => text(
            StatusCode::NOT_FOUND,
            TEXT,
            "nothing cosigned for this log\n".to_owned(),
        ),
        Ok(Err(error)) => failed(&error),
        Err(_) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            TEXT,
            "the witness failed\n".to_owned(),
        ),
    }
}

/// What is wrong here is for the witness's own operator; the log learns that it may ask again.
fn failed(error: &WitnessError) -> Response {
    tracing::error!(error = %causes(error), "a request could not be decided");
    text(
        StatusCode::SERVICE_UNAVAILABLE,
        TEXT,
        "the witness cannot read or write its files; try again later\n".to_owned(),
    )
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
