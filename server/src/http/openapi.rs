//! The `OpenAPI` document: made from the routes, served as JSON and as a page. A snapshot of it is kept in `openapi.json`.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use doorstep_wire::problem::Problem;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, License, OpenApi};
use utoipa::{Modify, OpenApi as _};

use super::docs;

/// What pages of ours may load: nothing.
pub(super) const PAGE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

/// What the document says besides routes.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)), modifiers(&Sessions))]
struct Base;

/// Describes the token.
struct Sessions;

impl Modify for Sessions {
    fn modify(&self, document: &mut OpenApi) {
        let text = "The token of POST /v1/sessions, or of POST /v1/devices for sync.";
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(text))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("session", SecurityScheme::Http(scheme));
    }
}

/// The document without its routes.
pub(crate) fn base() -> OpenApi {
    let mut document = Base::openapi();
    document.info = Info::new("Doorstep", env!("CARGO_PKG_VERSION"));
    document.info.license = Some(License::new("Apache-2.0 OR MIT"));
    document.info.description = Some(
        "Plans, routes and logs home visits, and afterwards proves what happened. Every refusal is a problem \
         (RFC 9457) with a stable code. Instants are microseconds since 1970-01-01T00:00Z, days ISO dates, money minor \
         units beside its currency, coordinates 1e-7 degrees (WGS-84)."
            .to_owned(),
    );
    document
}

/// The finished document and its page, made once.
#[derive(Clone)]
pub(crate) struct Documents {
    json: std::sync::Arc<OpenApi>,
    page: std::sync::Arc<str>,
}

impl Documents {
    /// Renders the page.
    pub(crate) fn of(document: OpenApi) -> Self {
        let page = docs::page(&serde_json::to_value(&document).unwrap_or_default());
        Self {
            json: document.into(),
            page: page.into(),
        }
    }
}

/// The document.
pub(crate) async fn json(AxumState(documents): AxumState<Documents>) -> Json<OpenApi> {
    Json((*documents.json).clone())
}

/// The page: no script, nothing from elsewhere.
pub(crate) async fn page(AxumState(documents): AxumState<Documents>) -> Response {
    let mut response = Html(documents.page.to_string()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    response
}
