//! Legal bundles of cases.

use std::io;

use axum::body::Body;
use axum::extract::State as AxumState;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use doorstep_log::hash::base64url_encode;
use doorstep_wire::letter::MakeBundle;
use doorstep_wire::log::{BUNDLE_PATH, EXPORT_TYPE, ExportedFile};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::export_lines::lines_of;
use super::extract::{Caller, Sent};
use super::log::{export_folder, refusal, spool_failed};
use super::problem::{Refusal, problems};
use super::state::State;

problems!(BundleProblems: SIGNED_IN, BadRequest, NotFound, PurposeNeeded, AmountStale, AgreementStands, CaseOver, NotPrintable, LogHalted, LogAltered, DiskFull, TooLarge);

/// The routes of this noun: they may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(make_bundle))
}

/// A paper with what is known of a case and its list of evidence, and the files that prove it. The paper comes first, under the
/// name `bundle.pdf`; the others are an export of the case. Entries for the read, the export and the bundle.
#[utoipa::path(
    post,
    path = "/v1/bundles",
    tag = "letters",
    security(("session" = [])),
    request_body = MakeBundle,
    responses((status = 200, description = "One file a line", body = ExportedFile, content_type = "application/x-ndjson"), BundleProblems)
)]
async fn make_bundle(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<MakeBundle>,
) -> Result<Response, Refusal> {
    let folder = export_folder(&state)?;
    let made = state.app().make_bundle(&actor, &request, folder.path()).await;
    let paper = ExportedFile {
        path: BUNDLE_PATH.to_owned(),
        bytes: base64url_encode(&made.map_err(refusal)?),
    };
    let mut first = serde_json::to_vec(&paper).map_err(|_| spool_failed())?;
    first.push(b'\n');
    let first: [io::Result<Vec<u8>>; 1] = [Ok(first)];
    let lines = first.into_iter().chain(lines_of(folder).map_err(|_| spool_failed())?);
    let body = Body::from_stream(tokio_stream::iter(lines));
    Ok(([(header::CONTENT_TYPE, EXPORT_TYPE)], body).into_response())
}
