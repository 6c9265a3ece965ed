//! The page of a notice: plain HTML forms for whoever holds the code. No account, no script, no cookie.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as AxumState;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use doorstep_app::AppError;
use doorstep_app::page::{NoticePage, Said};
use doorstep_domain::wish::{Manner, WishKind};
use doorstep_domain::words::Lang;
use doorstep_wire::problem::ProblemCode;
use serde::Deserialize;

use super::client::Client;
use super::extract::{InPath, Language, Params};
use super::notice_html::{self, Told};
use super::problem::Refusal;
use super::state::State;

/// The most bytes that a form sends.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// Nothing is loaded from anywhere, and forms go nowhere but here.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The pages, beside the interface: they are for people, not for programs.
pub(crate) fn routes() -> Router<State> {
    Router::new().route("/n/{code}", get(show).post(say))
}

/// In which language the page is wanted, where another than the browser's.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
struct PageQuery {
    lang: Option<String>,
}

/// What a form sends; each form its own part.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Form {
    lang: Option<String>,
    /// Shows who it is, from the form before.
    pass: Option<String>,
    /// What is wanted: `badge`, `identify`, or a kind of wish.
    what: String,
    badge: String,
    day: String,
    digits: String,
    words: String,
    shown: String,
    manner: String,
}

fn lang_of(asked: Option<&str>, browser: Lang) -> Lang {
    asked.and_then(|text| text.parse().ok()).unwrap_or(browser)
}

async fn show(
    AxumState(state): AxumState<State>,
    Client(client): Client,
    Language(browser): Language,
    Params(query): Params<PageQuery>,
    InPath(code): InPath<String>,
) -> Response {
    let lang = lang_of(query.lang.as_deref(), browser);
    let page = state.app().notice_page(&code, &client, None).await;
    answer(page, Told::Nothing, lang)
}

async fn say(
    AxumState(state): AxumState<State>,
    Client(client): Client,
    Language(browser): Language,
    InPath(code): InPath<String>,
    body: Bytes,
) -> Response {
    let form = if body.len() <= FORM_BYTES_MAX {
        serde_urlencoded::from_bytes::<Form>(&body).ok()
    } else {
        None
    };
    let Some(form) = form else {
        let detail = "What was sent is too long or cannot be read.";
        return answer(
            Err(AppError::refuse(ProblemCode::BadRequest, detail)),
            Told::Nothing,
            browser,
        );
    };
    let lang = lang_of(form.lang.as_deref(), browser);
    let (page, told) = carry_out(&state, (&code, &client), &form).await;
    match (page, told) {
        // What cannot be taken is said on the page itself, where it can be put right.
        (Err(error), _) if is_mendable(&error) => {
            let again = state.app().notice_page(&code, &client, form.pass.as_deref()).await;
            answer(again, Told::Refused(trouble(&form, &error)), lang)
        }
        (page, told) => answer(page, told, lang),
    }
}

async fn carry_out(state: &State, (code, client): (&str, &str), form: &Form) -> (Result<NoticePage, AppError>, Told) {
    let app = state.app();
    let pass = form.pass.as_deref();
    match form.what.as_str() {
        "badge" => match app.is_expected(code, client, (&form.badge, &form.day)).await {
            Ok(expected) => (app.notice_page(code, client, pass).await, Told::Badge(expected)),
            Err(error) => (Err(error), Told::Nothing),
        },
        "identify" => {
            let page = app.page_identify(code, client, &form.digits).await;
            (page, Told::Nothing)
        }
        what => {
            let Ok(kind) = what.parse::<WishKind>() else {
                let detail = "This form is not known.";
                return (Err(AppError::refuse(ProblemCode::BadRequest, detail)), Told::Nothing);
            };
            let said = Said {
                kind,
                words: form.words.clone(),
                feedback: feedback(kind, form),
            };
            (app.page_say(code, client, (&said, pass)).await, Told::Taken(kind))
        }
    }
}

fn feedback(kind: WishKind, form: &Form) -> Option<(bool, Manner)> {
    let manner = form.manner.parse().ok().filter(|_| kind == WishKind::Feedback)?;
    Some((form.shown == "yes", manner))
}

fn is_mendable(error: &AppError) -> bool {
    is_refused(error, ProblemCode::BadRequest) || is_refused(error, ProblemCode::NotAllowed)
}

fn is_refused(error: &AppError, code: ProblemCode) -> bool {
    matches!(error, AppError::Refused(problem) if problem.code == code.code())
}

/// Which part of the form has to be put right.
fn trouble(form: &Form, error: &AppError) -> notice_html::Trouble {
    match form.what.as_str() {
        "badge" => notice_html::Trouble::Badge,
        "identify" => notice_html::Trouble::Digits,
        _ if is_refused(error, ProblemCode::NotAllowed) => notice_html::Trouble::Identity,
        _ => notice_html::Trouble::Words,
    }
}

fn answer(page: Result<NoticePage, AppError>, told: Told, lang: Lang) -> Response {
    let (status, html) = match page {
        Ok(page) => {
            let status = if matches!(told, Told::Refused(_)) {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            };
            (status, notice_html::page(&page, told, lang))
        }
        Err(error) => {
            let status = Refusal::from(error).into_response().status();
            (status, notice_html::refusal(status, lang))
        }
    };
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}
