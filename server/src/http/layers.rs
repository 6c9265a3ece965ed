//! What every request passes through besides its route: limits of time and number, headers, and the catching of panics.

use std::any::Any;
use std::time::Duration;

use axum::extract::{Request, State as AxumState};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use doorstep_wire::problem::ProblemCode;

use super::problem::Refusal;
use super::state::State;

/// Headers of every answer: nothing is guessed, kept or passed on by browsers and proxies.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Sets the headers that every answer has.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().extend(HEADERS);
    response
}

/// Ends a request that takes longer than the limit. What it began is rolled back with its transaction.
pub(crate) async fn within(AxumState(limit): AxumState<Duration>, request: Request, next: Next) -> Response {
    if let Ok(response) = tokio::time::timeout(limit, next.run(request)).await {
        return response;
    }
    let seconds = limit.as_secs();
    let detail = format!("The request took longer than {seconds} s and was ended. Try again.");
    Refusal::new(ProblemCode::Busy, detail).into_response()
}

/// Refuses what is more than the server works on at once, instead of letting all of it wait.
pub(crate) async fn crowd(AxumState(state): AxumState<State>, request: Request, next: Next) -> Response {
    match state.requests().clone().try_acquire_owned() {
        Ok(place) => {
            let response = next.run(request).await;
            drop(place);
            response
        }
        Err(_) => Refusal::new(ProblemCode::Busy, "Too many requests at once. Try again in a moment.").into_response(),
    }
}

/// What the caller is shown when a handler panics: nothing of the panic, which may name a person.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked; the place was logged above");
    let detail = "The fault was logged with the request's id. Try again; if it stays, tell your administrator the id.";
    Refusal::new(ProblemCode::Internal, detail).into_response()
}

/// The answer for paths that no route has.
pub(crate) async fn no_route(uri: Uri) -> Refusal {
    let versioned = uri.path().starts_with("/v1/");
    let hint = if versioned {
        ""
    } else {
        " All routes of the interface begin with /v1/."
    };
    Refusal::new(
        ProblemCode::NotFound,
        format!("There is no such path.{hint} GET /docs lists them."),
    )
}

/// The answer for methods that a path does not have.
pub(crate) async fn no_method(method: Method) -> Refusal {
    let detail = format!("This path does not take {method}; `Allow` names what it takes.");
    Refusal::new(ProblemCode::BadRequest, detail).with_status(StatusCode::METHOD_NOT_ALLOWED)
}
