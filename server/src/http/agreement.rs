//! Agreements about paying; what a person says of their month; how they pay.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::agreement::{
    AgreementDetail, AgreementItem, AgreementPrint, AgreementQuery, EndAgreement, MeansDetail, NoteMeans, PayItem,
    PrintQuery, ProposeAgreement, ScheduleDetail,
};
use doorstep_wire::read::Opening;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(AgreementListProblems: SIGNED_IN);
problems!(AgreementProblems: SIGNED_IN, NotFound, PurposeNeeded, Erased);
problems!(ScheduleProblems: SIGNED_IN, NotFound, DayPast, AboveOwed, TooLong, TooSmall, CurrencyMixed, CaseOver);
problems!(
    ProposeProblems: SIGNED_IN,
    NotFound,
    DayPast,
    AboveOwed,
    TooLong,
    TooSmall,
    CurrencyMixed,
    CaseOver,
    AboveAuthority,
    AgreementStands,
    Erased,
    Changed,
    TooLarge
);
problems!(EndProblems: SIGNED_IN, NotFound, Changed, TooLarge);
problems!(MeansProblems: SIGNED_IN, NotFound, CurrencyMixed, Erased, TooLarge);
problems!(PayProblems: SIGNED_IN, NotFound, PurposeNeeded, PayUnknown, Erased);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_agreements, propose_agreement))
        .routes(routes!(schedule_agreement))
        .routes(routes!(show_agreement))
        .routes(routes!(end_agreement))
        .routes(routes!(print_agreement))
        .routes(routes!(show_means, note_means))
        .routes(routes!(show_pay))
}

/// Agreements of the caller's cases, the newest first. What was said is opened one by one.
#[utoipa::path(
    get,
    path = "/v1/agreements",
    tag = "agreements",
    params(AgreementQuery),
    security(("session" = [])),
    responses((status = 200, description = "Agreements", body = Page<AgreementItem>), AgreementListProblems)
)]
async fn list_agreements(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<AgreementQuery>,
) -> Answer<Page<AgreementItem>> {
    Ok(Json(state.app().list_agreements(&actor, &query).await?))
}

/// Agrees with a person about paying, within the caller's authority; what goes beyond it waits for a second person. While a plan
/// or settlement is kept, nobody visits.
#[utoipa::path(
    post,
    path = "/v1/agreements",
    tag = "agreements",
    request_body = ProposeAgreement,
    security(("session" = [])),
    responses((status = 200, description = "The agreement", body = AgreementDetail), ProposeProblems)
)]
async fn propose_agreement(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<ProposeAgreement>,
) -> Answer<AgreementDetail> {
    Ok(Json(state.app().propose_agreement(&actor, &request).await?))
}

/// What something would come to, and whether the caller may agree to it. Changes nothing.
#[utoipa::path(
    post,
    path = "/v1/agreements/schedule",
    tag = "agreements",
    request_body = ProposeAgreement,
    security(("session" = [])),
    responses((status = 200, description = "The schedule", body = ScheduleDetail), ScheduleProblems)
)]
async fn schedule_agreement(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<ProposeAgreement>,
) -> Answer<ScheduleDetail> {
    Ok(Json(state.app().schedule_agreement(&actor, &request).await?))
}

/// An agreement in full. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/agreements/{id}",
    tag = "agreements",
    params(("id" = Uuid, Path, description = "The agreement"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "The agreement", body = AgreementDetail), AgreementProblems)
)]
async fn show_agreement(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<AgreementDetail> {
    Ok(Json(state.app().show_agreement(&actor, id, &opening).await?))
}

/// Ends an agreement without blame.
#[utoipa::path(
    post,
    path = "/v1/agreements/{id}/end",
    tag = "agreements",
    params(("id" = Uuid, Path, description = "The agreement")),
    request_body = EndAgreement,
    security(("session" = [])),
    responses((status = 200, description = "The agreement", body = AgreementDetail), EndProblems)
)]
async fn end_agreement(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<EndAgreement>,
) -> Answer<AgreementDetail> {
    Ok(Json(state.app().end_agreement(&actor, id, &request).await?))
}

/// An agreement as it is printed for the person, in their language. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/agreements/{id}/print",
    tag = "agreements",
    params(("id" = Uuid, Path, description = "The agreement"), PrintQuery, Opening),
    security(("session" = [])),
    responses((status = 200, description = "The text", body = AgreementPrint), AgreementProblems)
)]
async fn print_agreement(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(query): Params<PrintQuery>,
    Params(opening): Params<Opening>,
) -> Answer<AgreementPrint> {
    Ok(Json(state.app().print_agreement(&actor, id, (&query, &opening)).await?))
}

/// What a person said last of their month. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/means",
    tag = "agreements",
    params(("id" = Uuid, Path, description = "The case"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "What was said", body = MeansDetail), AgreementProblems)
)]
async fn show_means(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<MeansDetail> {
    Ok(Json(state.app().show_means(&actor, id, &opening).await?))
}

/// Keeps what a person says of their month, sealed under their key. It only warns of what is likely to fail.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/means",
    tag = "agreements",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = NoteMeans,
    security(("session" = [])),
    responses((status = 200, description = "What is left of a month", body = MeansDetail), MeansProblems)
)]
async fn note_means(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<NoteMeans>,
) -> Answer<MeansDetail> {
    Ok(Json(state.app().note_means(&actor, id, &request).await?))
}

/// How the person of a case pays: only to the creditor. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/pay",
    tag = "agreements",
    params(("id" = Uuid, Path, description = "The case"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "How to pay", body = PayItem), PayProblems)
)]
async fn show_pay(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<PayItem> {
    Ok(Json(state.app().show_pay(&actor, id, &opening).await?))
}
