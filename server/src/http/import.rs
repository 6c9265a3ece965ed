//! Importing case files.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::import::{ImportOptions, ImportReport, RowItem, TakeBackReport};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::Download;
use super::extract::{Caller, IdempotencyKey, InPath, KeyHeader, Language, LanguageHeader, Params};
use super::problem::{Answer, Refusal, problems};
use super::spool::Spooled;
use super::state::State;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageOf {
    /// `next` of the page before.
    cursor: Option<String>,
}

problems!(ImportProblems: SIGNED_IN, NotFound, TooLarge, FileUnreadable, FileLocked, FileEncoding, ColumnsMissing, RecallUnconfirmed, KeyReused, DiskFull);
problems!(ImportListProblems: SIGNED_IN);
problems!(ImportOneProblems: SIGNED_IN, NotFound);
problems!(TakeBackProblems: SIGNED_IN, NotFound, ImportTouched, ApprovalNeeded, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(show_import))
        .routes(routes!(list_import_rows))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(import_cases, list_imports))
        .routes(routes!(give_back))
        .routes(routes!(take_back_import))
}

/// Imports a CSV or XLSX case file, or previews it.
#[utoipa::path(
    post,
    path = "/v1/imports",
    tag = "imports",
    params(ImportOptions, KeyHeader, LanguageHeader),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    security(("session" = [])),
    responses((status = 200, description = "What the file did, or in a preview would do", body = ImportReport), ImportProblems)
)]
async fn import_cases(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    IdempotencyKey(key): IdempotencyKey,
    Params(options): Params<ImportOptions>,
    Spooled(file): Spooled,
) -> Answer<ImportReport> {
    Ok(Json(state.app().import_cases(&actor, file, &options, lang, key).await?))
}

/// Imports, newest first.
#[utoipa::path(
    get,
    path = "/v1/imports",
    tag = "imports",
    security(("session" = [])),
    responses((status = 200, description = "Imports without their rows", body = Page<ImportReport>), ImportListProblems)
)]
async fn list_imports(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<ImportReport>> {
    Ok(Json(state.app().list_imports(&actor).await?))
}

/// An import with the rows that were not simply accepted.
#[utoipa::path(
    get,
    path = "/v1/imports/{id}",
    tag = "imports",
    params(("id" = Uuid, Path, description = "The import"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The import", body = ImportReport), ImportOneProblems)
)]
async fn show_import(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
) -> Answer<ImportReport> {
    Ok(Json(state.app().show_import(&actor, id, lang).await?))
}

/// The result of every row, in the order of the file.
#[utoipa::path(
    get,
    path = "/v1/imports/{id}/rows",
    tag = "imports",
    params(("id" = Uuid, Path, description = "The import"), PageOf, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "Row results", body = Page<RowItem>), ImportOneProblems)
)]
async fn list_import_rows(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    Params(page): Params<PageOf>,
) -> Answer<Page<RowItem>> {
    Ok(Json(state.app().list_import_rows(&actor, id, page.cursor, lang).await?))
}

/// The rows that did not land, in the shape of the file, with the reason in a column of its own.
#[utoipa::path(
    get,
    path = "/v1/imports/{id}/give-back",
    tag = "imports",
    params(("id" = Uuid, Path, description = "The import")),
    security(("session" = [])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>), ImportOneProblems)
)]
async fn give_back(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Result<Download, Refusal> {
    Ok(Download(state.app().give_back(&actor, id).await?))
}

/// Takes an import back while nothing else touched its rows.
#[utoipa::path(
    post,
    path = "/v1/imports/{id}/take-back",
    tag = "imports",
    params(("id" = Uuid, Path, description = "The import")),
    security(("session" = [])),
    responses((status = 200, description = "What was taken back", body = TakeBackReport), TakeBackProblems)
)]
async fn take_back_import(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<TakeBackReport> {
    Ok(Json(state.app().take_back_import(&actor, id).await?))
}
