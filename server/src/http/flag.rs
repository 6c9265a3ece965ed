//! What is remarked about the caller, and their answer. There is no route that lists or counts the flags of anybody else: flags,
//! positions and scores never feed pay or a ranking.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::flag::{AnswerFlag, OwnFlag, OwnFlagQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, InPath, Language, LanguageHeader, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(FlagListProblems: SIGNED_IN);
problems!(FlagChangeProblems: SIGNED_IN, NotFound, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_own_flags))
        .routes(routes!(answer_own_flag))
}

/// What is remarked about the caller, newest first: flags of their visits' events, checks, and complaints that were answered and
/// held. For everybody, about themselves alone. An entry in the access log where something is opened for it.
#[utoipa::path(
    get,
    path = "/v1/staff/me/flags",
    tag = "staff",
    params(OwnFlagQuery, LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The caller's own flags", body = Page<OwnFlag>), FlagListProblems)
)]
async fn list_own_flags(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Params(query): Params<OwnFlagQuery>,
    Language(lang): Language,
) -> Answer<Page<OwnFlag>> {
    Ok(Json(state.app().list_own_flags(&actor, &query, lang).await?))
}

/// Answers a flag of the caller's own; once. The flag stays as it is, and whoever reviews the visit sees the answer beside it.
#[utoipa::path(
    post,
    path = "/v1/staff/me/flags/{id}/answer",
    tag = "staff",
    params(("id" = String, Path, description = "The flag's id, as listed"), LanguageHeader),
    request_body = AnswerFlag,
    security(("session" = [])),
    responses((status = 200, description = "The flag with its answer", body = OwnFlag), FlagChangeProblems)
)]
async fn answer_own_flag(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<String>,
    Language(lang): Language,
    Sent(request): Sent<AnswerFlag>,
) -> Answer<OwnFlag> {
    Ok(Json(state.app().answer_own_flag(&actor, &id, (&request, lang)).await?))
}
