//! The logs and proofs from them.

use axum::Json;
use axum::body::Body;
use axum::extract::State as AxumState;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use doorstep_app::AppError;
use doorstep_app::export::{CaseOrder, ExportError};
use doorstep_wire::log::{
    EXPORT_TYPE, ExportedFile, LeafProof, LogContinueRequest, LogEntryPage, LogEntryQuery, LogExportQuery, LogHeadItem,
    LogProofQuery,
};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::export_lines::lines_of;
use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(LogProblems: SIGNED_IN, NotFound, LogAltered);
problems!(ContinueProblems: SIGNED_IN, BadRequest, NotFound, Changed, TooLarge);
problems!(ExportProblems: SIGNED_IN, BadRequest, NotFound, PurposeNeeded, LogHalted, LogAltered, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(log_head))
        .routes(routes!(log_proof))
        .routes(routes!(continue_log))
        .routes(routes!(log_entries))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(export_log))
}

/// What folders of exports under way are called; those of a server that was killed go when the next one starts.
pub(crate) const EXPORT_PREFIX: &str = ".export-";

/// The logs of the tenant with sealed payloads and keys, or one case of them, as files that anybody can verify offline.
#[utoipa::path(
    get,
    path = "/v1/log/export",
    tag = "log",
    params(LogExportQuery),
    security(("session" = [])),
    responses((status = 200, description = "One file a line", body = ExportedFile, content_type = "application/x-ndjson"), ExportProblems)
)]
async fn export_log(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<LogExportQuery>,
) -> Result<Response, Refusal> {
    let folder = export_folder(&state)?;
    let done = match query.case {
        None => state.app().export_own_log(&actor, folder.path()).await.map(drop),
        Some(case) => {
            let order = CaseOrder::asked(case, query.open.as_deref())?;
            let opening = Opening { purpose: query.purpose };
            state
                .app()
                .export_own_case(&actor, order, &opening, folder.path())
                .await
                .map(drop)
        }
    };
    done.map_err(refusal)?;
    let lines = lines_of(folder).map_err(|_| spool_failed())?;
    let body = Body::from_stream(tokio_stream::iter(lines));
    Ok(([(header::CONTENT_TYPE, EXPORT_TYPE)], body).into_response())
}

/// A folder for what is exported: on the disk of the data, readable for the server alone, for it may hold payloads in the clear.
pub(super) fn export_folder(state: &State) -> Result<tempfile::TempDir, Refusal> {
    let folder = tempfile::Builder::new()
        .prefix(EXPORT_PREFIX)
        .tempdir_in(state.folder());
    folder.map_err(|_| spool_failed())
}

pub(super) fn spool_failed() -> Refusal {
    let detail = "The export could not be written. Is the disk full? Free space and try again.";
    AppError::refuse(ProblemCode::DiskFull, detail).into()
}

pub(super) fn refusal(error: ExportError) -> Refusal {
    match error {
        ExportError::App(error) => error.into(),
        ExportError::File { .. } | ExportError::Spool(_) => spool_failed(),
        ExportError::Altered(altered) => AppError::from(altered).into(),
        other => {
            tracing::error!(error = %other, "log.export.failed");
            AppError::Fault("the log could not be exported").into()
        }
    }
}

/// The newest signed checkpoint of a log.
#[utoipa::path(
    get,
    path = "/v1/log/{name}",
    tag = "log",
    params(("name" = String, Path, description = "`events` or `access`")),
    security(("session" = [])),
    responses((status = 200, description = "The head", body = LogHeadItem), LogProblems)
)]
async fn log_head(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(name): InPath<String>,
) -> Answer<LogHeadItem> {
    Ok(Json(state.app().log_head(&actor, &name).await?))
}

/// Has a halted log go on as a new one: it names the old log, the head that was known and the head that is left.
#[utoipa::path(
    post,
    path = "/v1/log/{name}/continue",
    tag = "log",
    params(("name" = String, Path, description = "`events` or `access`")),
    request_body = LogContinueRequest,
    security(("session" = [])),
    responses((status = 200, description = "The head of the new log", body = LogHeadItem), ContinueProblems)
)]
async fn continue_log(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(name): InPath<String>,
    Sent(request): Sent<LogContinueRequest>,
) -> Answer<LogHeadItem> {
    Ok(Json(state.app().continue_log(&actor, &name, &request).await?))
}

/// One leaf with the proof that it stands under the newest checkpoint of its generation.
#[utoipa::path(
    get,
    path = "/v1/log/{name}/proofs/{index}",
    tag = "log",
    params(("name" = String, Path, description = "`events` or `access`"), ("index" = u64, Path, description = "Place of the leaf, from 0"), LogProofQuery),
    security(("session" = [])),
    responses((status = 200, description = "The leaf and its proof", body = LeafProof), LogProblems)
)]
async fn log_proof(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath((name, index)): InPath<(String, u64)>,
    Params(query): Params<LogProofQuery>,
) -> Answer<LeafProof> {
    let place = (query.generation, index);
    Ok(Json(state.app().log_proof(&actor, &name, place).await?))
}

/// Entries of a log, newest first: all of them, or for a team's supervisor those of the team. An entry in the access log
/// where case numbers are shown.
#[utoipa::path(
    get,
    path = "/v1/log/{name}/entries",
    tag = "log",
    params(("name" = String, Path, description = "`events` or `access`"), LogEntryQuery),
    security(("session" = [])),
    responses((status = 200, description = "A page of entries", body = LogEntryPage), LogProblems)
)]
async fn log_entries(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(name): InPath<String>,
    Params(query): Params<LogEntryQuery>,
) -> Answer<LogEntryPage> {
    Ok(Json(state.app().list_log_entries(&actor, &name, &query).await?))
}
