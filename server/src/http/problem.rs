//! The one place where refusals become HTTP: problem+json with its status, and the sets of problems that routes name in
//! the `OpenAPI` document. Inner causes are logged here, once, and never sent.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_app::AppError;
use doorstep_wire::problem::{PROBLEM_JSON, Problem, ProblemCode};
use utoipa::openapi::response::{Response as Documented, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};

/// Seconds after which a busy server may be asked again.
const RETRY_AFTER_S: u16 = 1;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refusal {
    problem: Box<Problem>,
    headers: HeaderMap,
}

impl Refusal {
    /// A refusal with this code; `detail` says what exactly and what to do.
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::from(Problem::new(code, detail))
    }
    /// The same with the place in the input.
    pub(crate) fn at(code: ProblemCode, place: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut problem = Problem::new(code, detail);
        problem.place = Some(place.into());
        Self::from(problem)
    }
    /// The same under a more exact status, for what HTTP itself tells apart (405, 415).
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.problem.status = status.as_u16();
        self
    }
    /// The problem.
    #[cfg(test)]
    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let mut headers = HeaderMap::new();
        if problem.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if problem.status == 503 {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        if problem.status == 413 {
            // The rest of the body is not read, so the connection cannot be used again.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Self {
            problem: Box::new(problem),
            headers,
        }
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        let problem = error.problem();
        if problem.status >= 500 {
            tracing::error!(problem.code = problem.code, error = %causes(&error), "the request failed");
        }
        Self::from(problem)
    }
}

/// An error and what caused it, each said once.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().extend(self.headers);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}

/// What a handler answers: JSON, or a refusal.
pub(crate) type Answer<T> = Result<axum::Json<T>, Refusal>;

/// Nothing: for routes that refuse nobody.
pub(crate) const NONE: &[ProblemCode] = &[];
/// Problems that every route may answer with.
pub(crate) const ANYONE: &[ProblemCode] = &[ProblemCode::BadRequest, ProblemCode::Busy, ProblemCode::Internal];
/// Problems that every route for signed-in callers may answer with.
pub(crate) const SIGNED_IN: &[ProblemCode] = &[
    ProblemCode::BadRequest,
    ProblemCode::NotSignedIn,
    ProblemCode::NotAllowed,
    ProblemCode::Busy,
    ProblemCode::Internal,
];

/// The responses of a set of problems, one per status, for the `OpenAPI` document.
pub(crate) fn responses(sets: &[&[ProblemCode]]) -> BTreeMap<String, RefOr<Documented>> {
    let mut by_status: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in sets.iter().copied().flatten() {
        let said = format!("`{}`: {}.", code.code(), code.title());
        by_status.entry(code.status().to_string()).or_default().push(said);
    }
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    by_status
        .into_iter()
        .map(|(status, said)| {
            let response = ResponseBuilder::new()
                .description(said.join(" "))
                .content(PROBLEM_JSON, content.clone());
            (status, response.build().into())
        })
        .collect()
}

/// Declares a set of problems that a route names in its `responses(…)`.
macro_rules! problems {
    ($name:ident: $base:ident $(, $code:ident)*) => {
        /// The problems of routes that name it.
        struct $name;
        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::response::Response>,
            > {
                $crate::http::problem::responses(&[
                    $crate::http::problem::$base,
                    &[$(doorstep_wire::problem::ProblemCode::$code),*],
                ])
            }
        }
    };
}
pub(crate) use problems;

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
