//! What comes next with a case, work lists, times of calm, and addresses with where they come from.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::contact::{ContactImportOptions, ContactImportReport};
use doorstep_wire::read::Opening;
use doorstep_wire::work::{
    AddAddress, AddressItem, AskVisit, CalmItem, NextDetail, NextQuery, RetireAddress, SetCalm, StepDoneRequest,
    VerifyAddress, WorkList, WorkQuery,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::Download;
use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, Refusal, problems};
use super::spool::Spooled;
use super::state::State;

problems!(NextProblems: SIGNED_IN, NotFound, PurposeNeeded);
problems!(StepProblems: SIGNED_IN, NotFound, PurposeNeeded, RuleBlocked, TooLarge);
problems!(WorkProblems: SIGNED_IN, NotFound);
problems!(WorkImportProblems: SIGNED_IN, TooLarge, FileUnreadable, FileLocked, FileEncoding, ColumnsMissing, Changed, DiskFull);
problems!(CalmListProblems: SIGNED_IN);
problems!(CalmProblems: SIGNED_IN, NotFound, Changed, TooLarge);
problems!(AddressListProblems: SIGNED_IN, NotFound, PurposeNeeded);
problems!(AddressProblems: SIGNED_IN, NotFound, Erased, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(next_step))
        .routes(routes!(step_done))
        .routes(routes!(ask_visit))
        .routes(routes!(list_calm, set_calm))
        .routes(routes!(end_calm))
        .routes(routes!(list_addresses, add_address))
        .routes(routes!(verify_address))
        .routes(routes!(retire_address))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_work))
        .routes(routes!(export_work))
        .routes(routes!(import_work))
}

/// What comes next with a case by the strategy of its portfolio, when, and why nothing else does. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/next",
    tag = "work",
    params(("id" = Uuid, Path, description = "The case"), NextQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "What comes next", body = NextDetail), NextProblems)
)]
async fn next_step(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Params(query): Params<NextQuery>,
) -> Answer<NextDetail> {
    Ok(Json(state.app().next_step(&actor, id, &query, lang).await?))
}

/// Notes that the next step was carried out, where it contacts nobody: a legal bundle, a report to a credit bureau.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/steps",
    tag = "work",
    params(("id" = Uuid, Path, description = "The case"), LanguageHeader),
    request_body = StepDoneRequest,
    security(("session" = [])),
    responses((status = 200, description = "What comes next now", body = NextDetail), StepProblems)
)]
async fn step_done(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Sent(request): Sent<StepDoneRequest>,
) -> Answer<NextDetail> {
    Ok(Json(state.app().step_done(&actor, id, &request, lang).await?))
}

/// Asks for a visit of a case by name, so that plans take it for two weeks although another action comes next. What forbids
/// or protects holds as before.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/visit-asks",
    tag = "work",
    params(("id" = Uuid, Path, description = "The case"), LanguageHeader),
    request_body = AskVisit,
    security(("session" = [])),
    responses((status = 200, description = "What comes next", body = NextDetail), StepProblems)
)]
async fn ask_visit(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Language(lang): Language,
    Sent(request): Sent<AskVisit>,
) -> Answer<NextDetail> {
    Ok(Json(state.app().ask_visit(&actor, id, &request, lang).await?))
}

/// Whose turn it is on a channel and day. Whom a rule forbids to contact now is not on the list. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/work",
    tag = "work",
    params(WorkQuery),
    security(("session" = [])),
    responses((status = 200, description = "The list", body = WorkList), WorkProblems)
)]
async fn list_work(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<WorkQuery>,
) -> Answer<WorkList> {
    Ok(Json(state.app().list_work(&actor, &query).await?))
}

/// A work list as CSV. Names, numbers and addresses stand in it in full only for a stated purpose. An entry in the log.
#[utoipa::path(
    get,
    path = "/v1/work/export",
    tag = "work",
    params(WorkQuery),
    security(("session" = [])),
    responses((status = 200, description = "CSV", content_type = "text/csv", body = Vec<u8>), WorkProblems)
)]
async fn export_work(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<WorkQuery>,
) -> Result<Download, Refusal> {
    Ok(Download(state.app().export_work(&actor, &query).await?))
}

/// Records what came of a work list, as a file of contacts with the reason for default and what was promised. The same file
/// again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/work/import",
    tag = "work",
    params(ContactImportOptions, LanguageHeader),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    security(("session" = [])),
    responses((status = 200, description = "What the file did, or in a preview would do", body = ContactImportReport), WorkImportProblems)
)]
async fn import_work(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    Params(options): Params<ContactImportOptions>,
    Spooled(file): Spooled,
) -> Answer<ContactImportReport> {
    Ok(Json(state.app().import_contacts(&actor, file, &options, lang).await?))
}

/// All times of calm, newest first.
#[utoipa::path(
    get,
    path = "/v1/calm",
    tag = "work",
    security(("session" = [])),
    responses((status = 200, description = "Times of calm", body = Page<CalmItem>), CalmListProblems)
)]
async fn list_calm(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<CalmItem>> {
    Ok(Json(state.app().list_calm(&actor).await?))
}

/// Asks a second person to have a portfolio or region calm. Once they agree visits ahead are withdrawn.
#[utoipa::path(
    post,
    path = "/v1/calm",
    tag = "work",
    request_body = SetCalm,
    security(("session" = [])),
    responses((status = 200, description = "Times of calm", body = Page<CalmItem>), CalmProblems)
)]
async fn set_calm(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<SetCalm>,
) -> Answer<Page<CalmItem>> {
    Ok(Json(state.app().set_calm(&actor, &request).await?))
}

/// Ends a time of calm before its last day. Visits that were withdrawn stay so.
#[utoipa::path(
    post,
    path = "/v1/calm/{id}/end",
    tag = "work",
    params(("id" = Uuid, Path, description = "The time of calm")),
    security(("session" = [])),
    responses((status = 200, description = "Times of calm", body = Page<CalmItem>), CalmProblems)
)]
async fn end_calm(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<Page<CalmItem>> {
    Ok(Json(state.app().end_calm(&actor, id).await?))
}

/// The addresses of a case's person, with where each comes from and how sure it is. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/addresses",
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "Addresses", body = Page<AddressItem>), AddressListProblems)
)]
async fn list_addresses(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<Page<AddressItem>> {
    Ok(Json(state.app().list_addresses(&actor, id, &opening).await?))
}

/// Adds an address of a case's person, from the person, the contract, the lender's file or a court. Nobody goes there before
/// it is confirmed.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/addresses",
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = AddAddress,
    security(("session" = [])),
    responses((status = 200, description = "Addresses", body = Page<AddressItem>), AddressProblems)
)]
async fn add_address(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AddAddress>,
) -> Answer<Page<AddressItem>> {
    Ok(Json(state.app().add_address(&actor, id, &request).await?))
}

/// Confirms an address: it becomes the person's one current address, and the case stands on it.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/addresses/{address}/verify",
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case"), ("address" = Uuid, Path, description = "The address")),
    request_body = VerifyAddress,
    security(("session" = [])),
    responses((status = 200, description = "Addresses", body = Page<AddressItem>), AddressProblems)
)]
async fn verify_address(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(ids): InPath<(Uuid, Uuid)>,
    Sent(request): Sent<VerifyAddress>,
) -> Answer<Page<AddressItem>> {
    Ok(Json(state.app().verify_address(&actor, ids, &request).await?))
}

/// Takes an address out of use. Visits ahead to it are withdrawn.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/addresses/{address}/retire",
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case"), ("address" = Uuid, Path, description = "The address")),
    request_body = RetireAddress,
    security(("session" = [])),
    responses((status = 200, description = "Addresses", body = Page<AddressItem>), AddressProblems)
)]
async fn retire_address(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(ids): InPath<(Uuid, Uuid)>,
    Sent(request): Sent<RetireAddress>,
) -> Answer<Page<AddressItem>> {
    Ok(Json(state.app().retire_address(&actor, ids, &request).await?))
}
