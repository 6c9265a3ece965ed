//! What handlers take from a request: who calls, in which language, ids, parameters and bodies. Every failure is a
//! problem that names its place. Knows no noun.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use doorstep_app::Actor;
use doorstep_domain::words::Lang;
use doorstep_wire::problem::ProblemCode;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use utoipa::IntoParams;

use super::problem::Refusal;
use super::state::State;

/// The most bytes of a JSON body that is no push.
pub(crate) const JSON_BYTES_MAX: usize = 64 * 1024;
/// The most bytes of an idempotency key.
const KEY_BYTES_MAX: usize = 200;
/// The most entries of `Accept-Language` that are looked at.
const LANGUAGES_MAX: usize = 10;

/// The signed-in caller. Comes first among a handler's arguments, so that strangers learn nothing about the rest.
pub(crate) struct Caller(pub(crate) Actor);

impl FromRequestParts<State> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        Ok(Self(state.app().authenticate(token(parts)?).await?))
    }
}

/// The signed-in caller of a push, also where the device was revoked or suspended: a call for help is heard first.
pub(crate) struct Pushing(pub(crate) Actor);

impl FromRequestParts<State> for Pushing {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        Ok(Self(state.app().authenticate_caller(token(parts)?).await?))
    }
}

fn token(parts: &Parts) -> Result<&str, Refusal> {
    bearer(&parts.headers).ok_or_else(|| {
        Refusal::new(
            ProblemCode::NotSignedIn,
            "Send the token of a session as `Authorization: Bearer …`; POST /v1/sessions opens one.",
        )
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The language of sentences in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language(pub(crate) Lang);

/// The header that chooses it, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header; read by the extractor")]
pub(crate) struct LanguageHeader {
    /// `en` or `zh-CN`; English where neither is named.
    #[param(rename = "Accept-Language")]
    accept_language: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let asked = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Ok(Self(asked.map_or(Lang::En, language)))
    }
}

/// The language with the highest weight that the program speaks; the first of equals.
fn language(asked: &str) -> Lang {
    let mut best = (0, Lang::En);
    for entry in asked.split(',').take(LANGUAGES_MAX) {
        let mut parts = entry.split(';');
        let tag = parts.next().unwrap_or_default().trim();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1_000, thousandths);
        if let Ok(lang) = tag.parse::<Lang>()
            && weight > best.0
        {
            best = (weight, lang);
        }
    }
    best.1
}

/// A weight (`0.8`) in thousandths; what cannot be read weighs nothing.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u16>()) {
        ("1", Ok(_)) => 1_000,
        ("0", Ok(value)) => value,
        _ => 0,
    }
}

/// The key under which a repeated request gets the first one's answer.
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

/// The header that carries it, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header; read by the extractor")]
pub(crate) struct KeyHeader {
    /// A random text of up to 200 characters: the same request sent again with it is carried out once.
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES_MAX => Ok(Self(Some(key.to_owned()))),
            _ => Err(Refusal::at(
                ProblemCode::BadRequest,
                "Idempotency-Key",
                "The key is 1 to 200 ASCII characters; a random UUID does well.",
            )),
        }
    }
}

/// The version that the caller read and means to change.
pub(crate) struct IfMatch(pub(crate) i64);

/// The header that carries it, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header; read by the extractor")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` of the answer that was read, for example `"3"`.
    #[param(rename = "If-Match")]
    if_match: String,
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Refusal::at(
                ProblemCode::IfMatchMissing,
                "If-Match",
                "Send the `ETag` of the version that you read as `If-Match`, for example `If-Match: \"3\"`.",
            ));
        };
        let version = value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        version.map(Self).ok_or_else(|| {
            Refusal::at(
                ProblemCode::BadRequest,
                "If-Match",
                "Send exactly one `ETag` as it was received, for example `\"3\"`.",
            )
        })
    }
}

/// Parts of the path.
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let found = Path::<T>::from_request_parts(parts, state).await;
        found.map(|Path(value)| Self(value)).map_err(|error| {
            Refusal::at(
                ProblemCode::BadRequest,
                "path",
                format!("{}. Ids are UUIDs, indices whole numbers.", error.body_text()),
            )
        })
    }
}

/// Query parameters.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let found = Query::<T>::from_request_parts(parts, state).await;
        found.map(|Query(value)| Self(value)).map_err(|error| {
            Refusal::at(
                ProblemCode::BadRequest,
                "query",
                format!("{}. GET /docs lists the parameters.", error.body_text()),
            )
        })
    }
}

/// A JSON body.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, JSON_BYTES_MAX).await?;
        parse(&bytes).map(Self)
    }
}

/// What the caller says the body's length is, where it says so.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a whole small body into memory.
pub(crate) async fn read(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<axum::body::Bytes, Refusal> {
    let too_large = || {
        Refusal::new(
            ProblemCode::TooLarge,
            format!("The body may have at most {bytes_max} bytes; send less."),
        )
    };
    if content_length(headers).is_some_and(|length| length > bytes_max as u64) {
        return Err(too_large());
    }
    to_bytes(body, bytes_max).await.map_err(|error| {
        let limit = std::error::Error::source(&error).is_some_and(|cause| cause.to_string().contains("length limit"));
        if limit { too_large() } else { broken_off() }
    })
}

/// The connection ended inside the body.
pub(crate) fn broken_off() -> Refusal {
    Refusal::new(
        ProblemCode::BadRequest,
        "The body broke off; nothing was changed. Send it again.",
    )
}

/// Reads JSON; a failure names line and column.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Refusal::at(
            ProblemCode::BadRequest,
            place,
            format!("The JSON cannot be read: {error}."),
        )
    })
}

#[cfg(test)]
#[path = "extract_tests.rs"]
mod tests;
