//! Reports: what became of cases and visits. Figures only: no answer names a person, and none orders anybody.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::report::{ReportQuery, ReportView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Params};
use super::problem::{Answer, problems};
use super::state::State;

problems!(ReportProblems: SIGNED_IN, NotFound);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(own_report))
}

/// A report by staff, crew, territory, portfolio, agency or stage; by staff for supervisors only. An entry in the log of changes.
#[utoipa::path(
    get,
    path = "/v1/reports",
    tag = "report",
    params(ReportQuery),
    security(("session" = [])),
    responses((status = 200, description = "The report", body = ReportView), ReportProblems)
)]
async fn report(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ReportQuery>,
) -> Answer<ReportView> {
    Ok(Json(state.app().report(&actor, &query).await?))
}

/// The caller's own figures. For everybody.
#[utoipa::path(
    get,
    path = "/v1/staff/me/report",
    tag = "report",
    params(ReportQuery),
    security(("session" = [])),
    responses((status = 200, description = "The report", body = ReportView), ReportProblems)
)]
async fn own_report(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<ReportQuery>,
) -> Answer<ReportView> {
    Ok(Json(state.app().own_report(&actor, &query).await?))
}
