//! Restrictions and consents: what narrows contacts with a person, and what widens them.

use axum::Json;
use axum::extract::State as AxumState;
use doorstep_wire::Page;
use doorstep_wire::read::Opening;
use doorstep_wire::right::{AddConsent, AddRestriction, ConsentItem, LiftRestriction, RestrictionItem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Caller, InPath, Params, Sent};
use super::problem::{Answer, problems};
use super::state::State;

problems!(RightListProblems: SIGNED_IN, NotFound, PurposeNeeded);
problems!(RightProblems: SIGNED_IN, NotFound, Erased, Changed, TooLarge);
problems!(ConsentProblems: SIGNED_IN, NotFound, RuleBlocked, Erased, Changed, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_restrictions, add_restriction))
        .routes(routes!(lift_restriction))
        .routes(routes!(list_consents, add_consent))
        .routes(routes!(withdraw_consent))
}

/// What narrows contacts in a case, also what was lifted, oldest first. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/restrictions",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The case"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "Restrictions", body = Page<RestrictionItem>), RightListProblems)
)]
async fn list_restrictions(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<Page<RestrictionItem>> {
    Ok(Json(state.app().list_restrictions(&actor, id, &opening).await?))
}

/// Puts a restriction on a case; it counts at once, and visits ahead that it forbids are withdrawn.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/restrictions",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = AddRestriction,
    security(("session" = [])),
    responses((status = 200, description = "Restrictions", body = Page<RestrictionItem>), RightProblems)
)]
async fn add_restriction(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AddRestriction>,
) -> Answer<Page<RestrictionItem>> {
    Ok(Json(state.app().add_restriction(&actor, id, &request).await?))
}

/// Takes a restriction off. For most kinds this asks a second person, and it stands until they agree.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/restrictions/lift",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = LiftRestriction,
    security(("session" = [])),
    responses((status = 200, description = "Restrictions", body = Page<RestrictionItem>), RightProblems)
)]
async fn lift_restriction(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<LiftRestriction>,
) -> Answer<Page<RestrictionItem>> {
    Ok(Json(state.app().lift_restriction(&actor, id, &request).await?))
}

/// What was agreed to in a case, ordered or approved, oldest first. An entry in the access log.
#[utoipa::path(
    get,
    path = "/v1/cases/{id}/consents",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The case"), Opening),
    security(("session" = [])),
    responses((status = 200, description = "Consents", body = Page<ConsentItem>), RightListProblems)
)]
async fn list_consents(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Params(opening): Params<Opening>,
) -> Answer<Page<ConsentItem>> {
    Ok(Json(state.app().list_consents(&actor, id, &opening).await?))
}

/// Notes a consent, or asks a second person to override one rule. A rule that nobody can lift is refused.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/consents",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The case")),
    request_body = AddConsent,
    security(("session" = [])),
    responses((status = 200, description = "Consents", body = Page<ConsentItem>), ConsentProblems)
)]
async fn add_consent(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AddConsent>,
) -> Answer<Page<ConsentItem>> {
    Ok(Json(state.app().add_consent(&actor, id, &request).await?))
}

/// Ends a consent now. Answers the same where it was withdrawn before.
#[utoipa::path(
    post,
    path = "/v1/consents/{id}/withdraw",
    tag = "rights",
    params(("id" = Uuid, Path, description = "The consent")),
    security(("session" = [])),
    responses((status = 200, description = "Consents of the case", body = Page<ConsentItem>), RightProblems)
)]
async fn withdraw_consent(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Answer<Page<ConsentItem>> {
    Ok(Json(state.app().withdraw_consent(&actor, id).await?))
}
