//! Enrolling devices.

use axum::Json;
use axum::extract::State as AxumState;
use axum::http::StatusCode;
use doorstep_wire::Page;
use doorstep_wire::device::{
    AddPartner, Code, CodeRequest, DeviceItem, Enrol, Enrolled, PartnerItem, RenewSession, RenewedSession,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::client::Client;
use super::extract::{Caller, InPath, Sent};
use super::problem::{Answer, Refusal, problems};
use super::state::State;

problems!(CodeProblems: SIGNED_IN, NotFound, TooLarge);
problems!(EnrolProblems: ANYONE, EnrolmentFailed, TooMany, TooLarge, DeviceTooOld, DeviceTooNew);
problems!(DeviceProblems: SIGNED_IN);
problems!(RevokeProblems: SIGNED_IN, NotFound);
problems!(PartnerProblems: SIGNED_IN, NotFound, SignInFailed, PasswordChangeNeeded, TooMany, TooLarge);
problems!(RenewProblems: ANYONE, NotSignedIn, DeviceRevoked, DeviceFork, TooMany, TooLarge);

/// The routes of this noun.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(make_device_code))
        .routes(routes!(enrol_device, list_devices))
        .routes(routes!(revoke_device))
        .routes(routes!(lose_device))
        .routes(routes!(resume_device))
        .routes(routes!(add_partner))
        .routes(routes!(end_partner))
        .routes(routes!(renew_session))
}

/// Makes a one-time code with which somebody enrols a device.
#[utoipa::path(
    post,
    path = "/v1/device-codes",
    tag = "devices",
    request_body = CodeRequest,
    security(("session" = [])),
    responses((status = 201, description = "The code; shown once", body = Code), CodeProblems)
)]
async fn make_device_code(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Sent(request): Sent<CodeRequest>,
) -> Result<(StatusCode, Json<Code>), Refusal> {
    Ok((
        StatusCode::CREATED,
        Json(state.app().make_device_code(&actor, &request).await?),
    ))
}

/// Enrols a device with a one-time code.
#[utoipa::path(
    post,
    path = "/v1/devices",
    tag = "devices",
    request_body = Enrol,
    security(()),
    responses((status = 201, description = "The device; its token is shown once", body = Enrolled), EnrolProblems)
)]
async fn enrol_device(
    AxumState(state): AxumState<State>,
    Client(client): Client,
    Sent(request): Sent<Enrol>,
) -> Result<(StatusCode, Json<Enrolled>), Refusal> {
    Ok((
        StatusCode::CREATED,
        Json(state.app().enrol_device(&request, &client).await?),
    ))
}

/// Devices in the caller's scope.
#[utoipa::path(
    get,
    path = "/v1/devices",
    tag = "devices",
    security(("session" = [])),
    responses((status = 200, description = "Devices", body = Page<DeviceItem>), DeviceProblems)
)]
async fn list_devices(AxumState(state): AxumState<State>, Caller(actor): Caller) -> Answer<Page<DeviceItem>> {
    Ok(Json(state.app().list_devices(&actor).await?))
}

/// Revokes a device: it wipes the cases it holds when it next asks.
#[utoipa::path(
    post,
    path = "/v1/devices/{id}/revoke",
    tag = "devices",
    params(("id" = Uuid, Path, description = "The device")),
    security(("session" = [])),
    responses((status = 204, description = "Revoked"), RevokeProblems)
)]
async fn revoke_device(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Result<StatusCode, Refusal> {
    state.app().revoke_device(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reports a device lost: as revoked, and the log keeps the last that is known of its chain.
#[utoipa::path(
    post,
    path = "/v1/devices/{id}/lost",
    tag = "devices",
    params(("id" = Uuid, Path, description = "The device")),
    security(("session" = [])),
    responses((status = 204, description = "Reported"), RevokeProblems)
)]
async fn lose_device(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Result<StatusCode, Refusal> {
    state.app().lose_device(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a device go on that was suspended because its chain has split.
#[utoipa::path(
    post,
    path = "/v1/devices/{id}/resume",
    tag = "devices",
    params(("id" = Uuid, Path, description = "The device")),
    security(("session" = [])),
    responses((status = 204, description = "It may go on"), RevokeProblems)
)]
async fn resume_device(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath(id): InPath<Uuid>,
) -> Result<StatusCode, Refusal> {
    state.app().resume_device(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Registers a key of a partner on the calling device; the partner's login and password prove whose it is.
#[utoipa::path(
    post,
    path = "/v1/devices/{id}/partners",
    tag = "devices",
    params(("id" = Uuid, Path, description = "The device itself")),
    request_body = AddPartner,
    security(("session" = [])),
    responses((status = 201, description = "The key as it is known now", body = PartnerItem), PartnerProblems)
)]
async fn add_partner(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    Client(client): Client,
    InPath(id): InPath<Uuid>,
    Sent(request): Sent<AddPartner>,
) -> Result<(StatusCode, Json<PartnerItem>), Refusal> {
    Ok((
        StatusCode::CREATED,
        Json(state.app().add_partner(&actor, id, &request, &client).await?),
    ))
}

/// Ends a partner's key: what it signs from now on does not count.
#[utoipa::path(
    delete,
    path = "/v1/devices/{id}/partners/{key}",
    tag = "devices",
    params(("id" = Uuid, Path, description = "The device"), ("key" = Uuid, Path, description = "The key")),
    security(("session" = [])),
    responses((status = 204, description = "Ended"), RevokeProblems)
)]
async fn end_partner(
    AxumState(state): AxumState<State>,
    Caller(actor): Caller,
    InPath((id, key)): InPath<(Uuid, Uuid)>,
) -> Result<StatusCode, Refusal> {
    state.app().end_partner(&actor, id, key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a new session for an enrolled device, proven by its key.
#[utoipa::path(
    post,
    path = "/v1/device-sessions",
    tag = "devices",
    request_body = RenewSession,
    security(()),
    responses((status = 201, description = "The session; its token is shown once", body = RenewedSession), RenewProblems)
)]
async fn renew_session(
    AxumState(state): AxumState<State>,
    Sent(request): Sent<RenewSession>,
) -> Result<(StatusCode, Json<RenewedSession>), Refusal> {
    Ok((StatusCode::CREATED, Json(state.app().renew_session(&request).await?)))
}
