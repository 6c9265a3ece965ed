//! Staff and teams.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::org::{SetPassword, StaffItem, StaffReport, TeamItem};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, Refusal, problems};
use super::spool::Spooled;
use super::state::State;

/// Which team the file's staff belong to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StaffImport {
    /// The team; the caller's own where absent.
    team: Option<Uuid>,
}

problems!(StaffProblems: SIGNED_IN);
problems!(PasswordProblems: SIGNED_IN, NotFound, TooLarge);
problems!(StaffImportProblems: SIGNED_IN, NotFound, TooLarge, FileUnreadable, FileLocked, FileEncoding, ColumnsMissing, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_staff))
        .routes(routes!(set_password))
        .routes(routes!(list_teams))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(import_staff))
}

/// Adds and changes staff from a CSV or XLSX file.
#[utoipa::path(
    post,
    path = "/v1/staff/import",
    tag = "staff",
    params(StaffImport, LanguageHeader),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    security(("session" = [])),
    responses((status = 200, description = "What the file did", body = StaffReport), StaffImportProblems)
)]
async fn import_staff(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<StaffImport>,
    Language(lang): Language,
    Spooled(file): Spooled,
) -> Answer<StaffReport> {
    Ok(Json(state.app().import_staff(&actor, file, query.team, lang).await?))
}

/// Staff in the caller's scope.
#[utoipa::path(
    get,
    path = "/v1/staff",
    tag = "staff",
    security(("session" = [])),
    responses((status = 200, description = "Staff", body = Page<StaffItem>), StaffProblems)
)]
async fn list_staff(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<StaffItem>> {
    Ok(Json(state.app().list_staff(&actor).await?))
}

/// Sets a password and ends the sessions that were opened with the old one.
#[utoipa::path(
    put,
    path = "/v1/staff/{id}/password",
    tag = "staff",
    params(("id" = Uuid, Path, description = "The staff member")),
    request_body = SetPassword,
    security(("session" = [])),
    responses((status = 204, description = "Set"), PasswordProblems)
)]
async fn set_password(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SetPassword>,
) -> Result<StatusCode, Refusal> {
    state.app().set_password(&actor, id, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Teams in the caller's scope.
#[utoipa::path(
    get,
    path = "/v1/teams",
    tag = "staff",
    security(("session" = [])),
    responses((status = 200, description = "Teams", body = Page<TeamItem>), StaffProblems)
)]
async fn list_teams(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<TeamItem>> {
    Ok(Json(state.app().list_teams(&actor).await?))
}
