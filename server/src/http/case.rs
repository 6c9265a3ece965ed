//! Cases.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::case::{CaseDetail, CaseItem, CaseQuery, CaseVerdict, VerdictQuery};
use doorstep_wire::read::Opening;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::{Download, Versioned};
use super::extract::{Caller, InPath, Language, LanguageHeader, Params};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

/// Which cases to take out.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// Only those of this import, with its columns; all in the caller's scope where absent.
    import: Option<Uuid>,
}

problems!(CaseListProblems: SIGNED_IN);
problems!(CaseProblems: SIGNED_IN, NotFound, PurposeNeeded, Erased, LogHalted);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_cases))
        .routes(routes!(show_case))
        .routes(routes!(case_verdict))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(export_cases))
}

/// Cases in the caller's scope. The page shown is an entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases",
    tag = "cases",
    params(CaseQuery),
    security(("session" = [])),
    responses((status = 200, description = "Cases; phone numbers are masked", body = Page<CaseItem>), CaseListProblems)
)]
async fn list_cases(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<CaseQuery>,
) -> Answer<Page<CaseItem>> {
    Ok(Json(state.app().list_cases(&actor, &query).await?))
}

/// Cases as a file: the imported columns with outcome, promise, times and next step.
#[utoipa::path(
    get,
    path = "/v1/cases/export",
    tag = "cases",
    params(ExportQuery),
    security(("session" = [])),
    responses((status = 200, description = "The file", content_type = "text/csv", body = Vec<u8>), CaseProblems)
)]
async fn export_cases(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ExportQuery>,
) -> Result<Download, Refusal> {
    Ok(Download(state.app().export_cases(&actor, query.import).await?))
}

/// A case in full, with what the rules say about a visit now. An entry in the access log. Outside the caller's
/// caseload it needs a purpose.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}",
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case"), Opening, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The case", body = CaseDetail, headers(("ETag" = String, description = "Its version, for `If-Match`"))), CaseProblems)
)]
async fn show_case(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Result<Versioned<CaseDetail>, Refusal> {
    let case = state.app().show_case(&actor, id, &opening, lang).await?;
    Ok(Versioned(case.item.version, case))
}

/// What the rules say of a visit at a moment, with the facts as they are known now. An entry in the access log like the case
/// itself; outside the caller's caseload it needs a purpose.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/verdict",
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case"), VerdictQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "What the rules say", body = CaseVerdict), CaseProblems)
)]
async fn case_verdict(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    InPath(id): InPath<Uuid>,
    Params(query): Params<VerdictQuery>,
) -> Answer<CaseVerdict> {
    Ok(Json(state.app().case_verdict(&actor, id, &query, lang).await?))
}
