//! Loans, payments, the books, and the work of a day.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::daily::DailyReport;
use doorstep_wire::import::{ImportOptions, ImportReport};
use doorstep_wire::payment::{
    BooksQuery, BooksReport, LoanItem, LoanQuery, PaymentImportOptions, PaymentItem, PaymentQuery, SettlePayment,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, IdempotencyKey, InPath, KeyHeader, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::spool::Spooled;
use super::state::State;

problems!(MoneyImportProblems: SIGNED_IN, NotFound, TooLarge, FileUnreadable, FileLocked, FileEncoding, ColumnsMissing, KeyReused, Changed, DiskFull);
problems!(PaymentListProblems: SIGNED_IN, NotFound);
problems!(BooksProblems: SIGNED_IN);
problems!(SettlePaymentProblems: SIGNED_IN, NotFound, PaymentUnfit, Changed, TooLarge);
problems!(DailyProblems: SIGNED_IN, DayOver, Changed, DiskFull);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(show_loans))
        .routes(routes!(list_payments))
        .routes(routes!(list_held_payments))
        .routes(routes!(settle_payment))
}

/// Those that may take long.
pub(crate) fn long_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(import_loans))
        .routes(routes!(import_payments))
        .routes(routes!(show_books))
        .routes(routes!(run_daily))
}

/// Imports a CSV or XLSX loan file, one instalment a row, or previews it. A loan lands whole or not at all.
#[utoipa::path(
    post,
    path = "/v1/loans/import",
    tag = "loans",
    params(ImportOptions, KeyHeader, LanguageHeader),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    security(("session" = [])),
    responses((status = 200, description = "What the file did, or in a preview would do", body = ImportReport), MoneyImportProblems)
)]
async fn import_loans(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    IdempotencyKey(key): IdempotencyKey,
    Params(options): Params<ImportOptions>,
    Spooled(file): Spooled,
) -> Answer<ImportReport> {
    Ok(Json(state.app().import_loans(&actor, file, &options, lang, key).await?))
}

/// The loans with a number, one for each portfolio that has it: instalments, what was paid of each, what came in. Also of those
/// that are no case yet. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/loans",
    tag = "loans",
    params(LoanQuery),
    security(("session" = [])),
    responses((status = 200, description = "Loans", body = Page<LoanItem>), BooksProblems)
)]
async fn show_loans(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<LoanQuery>,
) -> Answer<Page<LoanItem>> {
    Ok(Json(state.app().show_loans(&actor, &query).await?))
}

/// Imports a CSV or XLSX file of payments and reversals, or previews it. What does not fit is held for a person; the same
/// file again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/payments/import",
    tag = "payments",
    params(PaymentImportOptions, LanguageHeader),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    security(("session" = [])),
    responses((status = 200, description = "What the file did, or in a preview would do", body = ImportReport), MoneyImportProblems)
)]
async fn import_payments(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Language(lang): Language,
    Params(options): Params<PaymentImportOptions>,
    Spooled(file): Spooled,
) -> Answer<ImportReport> {
    Ok(Json(state.app().import_payments(&actor, file, &options, lang).await?))
}

/// The counted payments and reversals of a case, in their order.
#[utoipa::path(
    get,
    path = "/v1/payments",
    tag = "payments",
    params(PaymentQuery),
    security(("session" = [])),
    responses((status = 200, description = "Payments", body = Page<PaymentItem>), PaymentListProblems)
)]
async fn list_payments(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<PaymentQuery>,
) -> Answer<Page<PaymentItem>> {
    Ok(Json(state.app().list_payments(&actor, query.case).await?))
}

/// Money that waits for a person, oldest first, at most 500. An entry in the access log for each file it came by.
#[utoipa::path(
    get,
    path = "/v1/payments/held",
    tag = "payments",
    security(("session" = [])),
    responses((status = 200, description = "Payments with what the files said of them", body = Page<PaymentItem>), PaymentListProblems)
)]
async fn list_held_payments(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<PaymentItem>> {
    Ok(Json(state.app().list_held_payments(&actor).await?))
}

/// Decides about held money: counts it for a case, or refuses it with a reason.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/settle",
    tag = "payments",
    params(("id" = Uuid, Path, description = "The payment")),
    request_body = SettlePayment,
    security(("session" = [])),
    responses((status = 200, description = "The payment", body = PaymentItem), SettlePaymentProblems)
)]
async fn settle_payment(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SettlePayment>,
) -> Answer<PaymentItem> {
    Ok(Json(state.app().settle_payment(&actor, id, &request).await?))
}

/// The books of a day, by portfolio, currency and part; and whether every case balances.
#[utoipa::path(
    get,
    path = "/v1/books",
    tag = "payments",
    params(BooksQuery),
    security(("session" = [])),
    responses((status = 200, description = "The books", body = BooksReport), BooksProblems)
)]
async fn show_books(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<BooksQuery>,
) -> Answer<BooksReport> {
    Ok(Json(state.app().show_books(&actor, &query).await?))
}

/// Does the work of a day: ages loans and cases, and all else that is done once a day. The same day again changes nothing;
/// days that nobody worked are caught up.
#[utoipa::path(
    post,
    path = "/v1/daily/{day}",
    tag = "loans",
    params(("day" = String, Path, description = "An ISO date, or `latest`")),
    security(("session" = [])),
    responses((status = 200, description = "What it did", body = DailyReport), DailyProblems)
)]
async fn run_daily(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(day): InPath<String>,
) -> Answer<DailyReport> {
    let day = Some(day.as_str()).filter(|day| *day != "latest");
    Ok(Json(state.app().run_daily(&actor, day).await?))
}
