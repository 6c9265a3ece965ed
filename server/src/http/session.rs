//! Signing in and out.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::session::{Me, SignIn, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::extract::{Caller, Sent};
use super::problem::{Refusal, problems};
use super::state::State;

problems!(SignInProblems: ANYONE, SignInFailed, PasswordChangeNeeded, TooMany, TooLarge);
problems!(SessionProblems: SIGNED_IN);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(me))
}

/// Opens a session.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    tag = "sessions",
    request_body = SignIn,
    security(()),
    responses((status = 201, description = "The session; its token is shown once", body = SignedIn), SignInProblems)
)]
async fn sign_in(
    AxumState(state): AxumState<State>,
    Client(client): Client,
    Sent(request): Sent<SignIn>,
) -> Result<(StatusCode, Json<SignedIn>), Refusal> {
    Ok((StatusCode::CREATED, Json(state.app().sign_in(&request, &client).await?)))
}

/// Ends the session that asks.
#[utoipa::path(
    delete,
    path = "/v1/sessions/current",
    tag = "sessions",
    security(("session" = [])),
    responses((status = 204, description = "Ended"), SessionProblems)
)]
async fn sign_out(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Result<StatusCode, Refusal> {
    state.app().sign_out(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "sessions",
    security(("session" = [])),
    responses((status = 200, description = "Who is signed in", body = Me), SessionProblems)
)]
async fn me(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Json<Me> {
    Json(state.app().me(&actor))
}
