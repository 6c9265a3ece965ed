//! Letters to persons, and legal bundles of cases.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::letter::{LetterDetail, LetterItem, LetterQuery, MakeLetter, SetLetter};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, IdempotencyKey, InPath, KeyHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(LetterListProblems: SIGNED_IN);
problems!(LetterProblems: SIGNED_IN, NotFound, Erased);
problems!(MakeLetterProblems: SIGNED_IN, NotFound, Erased, RuleBlocked, AmountStale, AddressLost, AgreementStands, CaseOver, LetterAgain, NotPrintable, KeyReused, TooLarge);
problems!(SetLetterProblems: SIGNED_IN, NotFound, Erased, Changed, RuleBlocked, AmountStale, AddressLost, AgreementStands, CaseOver, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_letters, make_letter))
        .routes(routes!(show_letter))
        .routes(routes!(set_letter))
}

/// Letters, newest first, without what they say.
#[utoipa::path(
    get,
    path = "/v1/letters",
    tag = "letters",
    params(LetterQuery),
    security(("session" = [])),
    responses((status = 200, description = "Letters", body = Page<LetterItem>), LetterListProblems)
)]
async fn list_letters(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<LetterQuery>,
) -> Answer<Page<LetterItem>> {
    Ok(Json(state.app().list_letters(&actor, &query).await?))
}

/// Makes a letter, if the rules let one be written now. It waits until somebody hands it over, or the dispatch folder does.
#[utoipa::path(
    post,
    path = "/v1/letters",
    tag = "letters",
    params(KeyHeader),
    security(("session" = [])),
    request_body = MakeLetter,
    responses((status = 200, description = "The letter", body = LetterItem), MakeLetterProblems)
)]
async fn make_letter(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    Sent(request): Sent<MakeLetter>,
) -> Answer<LetterItem> {
    Ok(Json(state.app().make_letter(&actor, &request, key).await?))
}

/// A letter with its paper. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/letters/{id}",
    tag = "letters",
    params(("id" = Uuid, Path, description = "The letter")),
    security(("session" = [])),
    responses((status = 200, description = "The letter", body = LetterDetail), LetterProblems)
)]
async fn show_letter(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<LetterDetail> {
    Ok(Json(state.app().show_letter(&actor, id).await?))
}

/// Says what became of a letter. From the moment it left it counts as a contact.
#[utoipa::path(
    post,
    path = "/v1/letters/{id}/state",
    tag = "letters",
    params(("id" = Uuid, Path, description = "The letter")),
    request_body = SetLetter,
    security(("session" = [])),
    responses((status = 200, description = "The letter", body = LetterItem), SetLetterProblems)
)]
async fn set_letter(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<SetLetter>,
) -> Answer<LetterItem> {
    Ok(Json(state.app().set_letter(&actor, id, &request).await?))
}
