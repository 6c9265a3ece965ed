//! One span and one line per request: method, template of the route, status, time. Never a query, a body or a token.

use axum::extract::{MatchedPath, Request, State as AxumState};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument;

use crate::http::state::State;
use crate::telemetry::metrics::Request as Counted;

/// The header that names a request in the answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The route of requests that no route takes.
const UNMATCHED: &str = "unmatched";

/// Observes a request.
pub(crate) async fn observe(AxumState(state): AxumState<State>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or(UNMATCHED, MatchedPath::as_str)
        .to_owned();
    let method = known(request.method());
    let id = request_id(request.headers(), state.config().behind_proxy);
    let span = tracing::info_span!("request", request.id = id, http.method = method, http.route = route);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    span.in_scope(|| {
        if matches!(route.as_str(), "/health" | "/ready") {
            tracing::debug!(http.status = status, duration_us = micros, "answered");
        } else {
            tracing::info!(http.status = status, duration_us = micros, "answered");
        }
    });
    state.metrics().request(Counted { method, route, status }, micros);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The method, or one word for all that HTTP does not name: callers must not be able to make up label values.
fn known(method: &Method) -> &'static str {
    for name in ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"] {
        if method.as_str() == name {
            return name;
        }
    }
    "OTHER"
}

/// The id that the proxy gave, if it is a plain one, or a new one.
fn request_id(headers: &HeaderMap, behind_proxy: bool) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain =
        |id: &&str| (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match given.filter(plain) {
        Some(id) if behind_proxy => id.to_owned(),
        _ => super::random_id(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_a_proxys_plain_id_is_kept() {
        let with = |id: &str, behind_proxy| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, id.parse().unwrap());
            request_id(&headers, behind_proxy)
        };
        assert_eq!(with("abcd-1234", true), "abcd-1234");
        assert_ne!(with("abcd-1234", false), "abcd-1234");
        assert_eq!(with("a b\"c=d efg", true).len(), 16);
    }

    #[test]
    fn unknown_methods_share_a_label() {
        assert_eq!(known(&Method::GET), "GET");
        assert_eq!(known(&Method::from_bytes(b"BREW").unwrap()), "OTHER");
    }
}
