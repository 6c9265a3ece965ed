//! Receipts, for whoever holds one; and the office that they name.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use doorstep_wire::Page;
use doorstep_wire::org::{OfficeItem, SetComplaints};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Client, InPath, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(ReceiptProblems: ANYONE, NotFound, TooMany);
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
    params(("ref" = String, Path, description = "26 letters and digits from the paper; hyphens do not count")),
    security(()),
    responses((status = 200, description = "A `doorstep.receipt/v1` file", body = Object, content_type = "application/json"), ReceiptProblems)
)]
async fn receipt(
    AxumState(state): AxumState<State>,
    Client(client): Client,
    InPath(reference): InPath<String>,
) -> Result<Response, Refusal> {
    let bytes = state.app().receipt(&reference, &client).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes).into_response())
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
