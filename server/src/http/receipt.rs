//! Receipts, for whoever holds one; and the office that they name.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use doorstep_wire::Page;
use doorstep_wire::org::{OfficeItem, SetComplaints};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;
use super::{openapi, receipt_page};

problems!(ReceiptProblems: ANYONE, NotFound, TooMany, LogAltered);
problems!(OfficeProblems: SIGNED_IN);
problems!(ComplaintsProblems: SIGNED_IN, NotFound, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(receipt))
        .routes(routes!(list_offices))
        .routes(routes!(set_complaints))
}

/// The receipt with this reference, which is all that it needs: a file that `doorstep verify` checks offline.
#[utoipa::path(
    get,
    path = "/v1/receipts/{ref}",
    tag = "receipts",
    params(
        ("ref" = String, Path, description = "26 letters and digits from the paper; hyphens do not count"),
        ReceiptQuery,
        LanguageHeader
    ),
    security(()),
    responses(
        (status = 200, description = "A `doorstep.receipt/v1` file; where `Accept` names `text/html`, a page that shows it, in the language of `Accept-Language`", body = Object, content_type = "application/json"),
        ReceiptProblems
    )
)]
async fn receipt(
    AxumState(state): AxumState<State>,
    Client(client): Client,
    Language(lang): Language,
    headers: HeaderMap,
    Params(query): Params<ReceiptQuery>,
    InPath(reference): InPath<String>,
) -> Response {
    let found = state.app().receipt(&reference, &client).await;
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if query.file || !accepts.is_some_and(|types| types.contains("text/html")) {
        return match found {
            Ok(given) => {
                let name = format!("attachment; filename=\"receipt-{}.json\"", plain(&reference));
                let headers = [
                    (header::CONTENT_TYPE, "application/json".to_owned()),
                    (header::CONTENT_DISPOSITION, name),
                ];
                (headers, given.file).into_response()
            }
            Err(error) => Refusal::from(error).into_response(),
        };
    }
    let (status, page) = match found {
        Ok(given) => (StatusCode::OK, receipt_page::page(&given, lang)),
        Err(error) => {
            let refused = Refusal::from(error).into_response();
            (refused.status(), receipt_page::refusal(refused.status(), lang))
        }
    };
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, openapi::PAGE_POLICY);
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    response
}

/// The reference as it may stand in a file's name.
fn plain(reference: &str) -> String {
    reference.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// In what form a receipt is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ReceiptQuery {
    /// The file, also where `Accept` names `text/html`.
    file: bool,
}

/// Who sends crews, and where visited persons can complain: what receipts say.
#[utoipa::path(
    get,
    path = "/v1/offices",
    tag = "organisation",
    security(("session" = [])),
    responses((status = 200, description = "The creditor and its agencies", body = Page<OfficeItem>), OfficeProblems)
)]
async fn list_offices(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<OfficeItem>> {
    Ok(Json(state.app().list_offices(&actor).await?))
}

/// Says where visited persons can complain.
#[utoipa::path(
    put,
    path = "/v1/offices/complaints",
    tag = "organisation",
    request_body = SetComplaints,
    security(("session" = [])),
    responses((status = 204, description = "Done"), ComplaintsProblems)
)]
async fn set_complaints(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<SetComplaints>,
) -> Result<StatusCode, Refusal> {
    state.app().set_complaints(&actor, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}
