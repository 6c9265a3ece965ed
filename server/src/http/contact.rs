//! The contact log: asking before a call, recording it, files of contacts.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::contact::{
    CheckContact, ContactImportOptions, ContactImportReport, ContactRecorded, ContactVerdict, ForbiddenContact,
    RecordContact,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, IdempotencyKey, KeyHeader, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::spool::Spooled;
use super::state::State;

problems!(ContactCheckProblems: SIGNED_IN, NotFound, Erased);
problems!(ContactRecordProblems: SIGNED_IN, NotFound, Erased, Changed, KeyReused);
problems!(ContactListProblems: SIGNED_IN);
problems!(ContactImportProblems: SIGNED_IN, TooLarge, FileUnreadable, FileLocked, FileEncoding, ColumnsMissing, Changed, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(record_contact))
        .routes(routes!(check_contact))
        .routes(routes!(list_forbidden_contacts))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(import_contacts))
}

/// Records a call, message or letter that was made or tried. What rules forbade is recorded all the same, and names them.
#[utoipa::path(
    post,
    path = "/v1/contacts",
    tag = "contacts",
    params(KeyHeader),
    security(("session" = [])),
    request_body = RecordContact,
    responses((status = 200, description = "The contact as it was recorded", body = ContactRecorded), ContactRecordProblems)
)]
async fn record_contact(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    Sent(request): Sent<RecordContact>,
) -> Answer<ContactRecorded> {
    Ok(Json(state.app().record_contact(&actor, &request, key).await?))
}

/// Whether somebody may be called or written to now: what the rules say, for a dialler to ask before each call. An entry in
/// the access log; changes nothing else.
#[utoipa::path(
    post,
    path = "/v1/contacts/check",
    tag = "contacts",
    params(LanguageHeader),
    security(("session" = [])),
    request_body = CheckContact,
    responses((status = 200, description = "What the rules say", body = ContactVerdict), ContactCheckProblems)
)]
async fn check_contact(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    Sent(request): Sent<CheckContact>,
) -> Answer<ContactVerdict> {
    Ok(Json(state.app().check_contact(&actor, &request, lang).await?))
}

/// Calls, messages and letters of the last thirty days that rules forbade when they were made, newest first, at most 1,000.
#[utoipa::path(
    get,
    path = "/v1/contacts/forbidden",
    tag = "contacts",
    security(("session" = [])),
    responses((status = 200, description = "The contacts, without whom they were with", body = Page<ForbiddenContact>), ContactListProblems)
)]
async fn list_forbidden_contacts(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
) -> Answer<Page<ForbiddenContact>> {
    Ok(Json(state.app().list_forbidden_contacts(&actor).await?))
}

/// Records a CSV or XLSX file of contacts, or previews it. The same file again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/contacts/import",
    tag = "contacts",
    params(ContactImportOptions, LanguageHeader),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    security(("session" = [])),
    responses((status = 200, description = "What the file did, or in a preview would do", body = ContactImportReport), ContactImportProblems)
)]
async fn import_contacts(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    Params(options): Params<ContactImportOptions>,
    Spooled(file): Spooled,
) -> Answer<ContactImportReport> {
    Ok(Json(state.app().import_contacts(&actor, file, &options, lang).await?))
}
