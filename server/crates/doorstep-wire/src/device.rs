//! Enrolling devices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Asks for a one-time code for somebody's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeRequest {
    /// Whose device it will be.
    pub staff: Uuid,
}

/// A one-time code; shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Code {
    /// The code.
    pub code: String,
    /// When it ends, 10 minutes after it was made.
    pub expires: i64,
    /// The tenant, needed to enrol.
    pub tenant: Uuid,
}

/// Enrols a device with a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Enrol {
    /// The tenant.
    pub tenant: Uuid,
    /// The one-time code.
    pub code: String,
    /// Public key, base64url without padding: 32 bytes of Ed25519, or the uncompressed point of 65 bytes of ES256.
    pub public_key: String,
    /// `ES256`, or `Ed25519`, which is also meant where it is absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alg: Option<String>,
    /// Name and version of the program, for example `doorstep/0.1.0`.
    pub app: String,
    /// The sync version that the device speaks.
    pub sync_version: u32,
}

/// An enrolled device.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Enrolled {
    /// Its id; `dev` of its headers.
    pub device: Uuid,
    /// Name of its key; `kid` of its events.
    pub kid: String,
    /// The device's session. Shown once.
    pub token: String,
    /// When the session ends.
    pub expires: i64,
    /// The verifying key of permits and acknowledgements (C2SP vkey).
    pub permit_key: String,
    /// The verifying key of the events log (C2SP vkey).
    pub log_key: String,
    /// Who the device belongs to.
    pub me: crate::session::Me,
}

impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolled")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

/// Opens a new session for an enrolled device, proven by its key: the old one ended, or the server was restored from a
/// backup, which holds no sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenewSession {
    /// The tenant.
    pub tenant: Uuid,
    /// The device.
    pub device: Uuid,
    /// The device's wall clock in milliseconds; not more than a day off.
    pub sent_wall_ms: i64,
    /// Signature over [`renewal_text`], base64url without padding.
    pub sig: String,
}

/// What a device signs to renew its session.
#[must_use]
pub fn renewal_text(tenant: Uuid, device: Uuid, sent_wall_ms: i64) -> String {
    format!("doorstep/session/v1\n{tenant}\n{device}\n{sent_wall_ms}\n")
}

/// A renewed session.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RenewedSession {
    /// The device's session. Shown once.
    pub token: String,
    /// When the session ends.
    pub expires: i64,
}

impl std::fmt::Debug for RenewedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RenewedSession")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Registers a key of a partner on the calling device, so that both can sign there without a network.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct AddPartner {
    /// The partner's login.
    pub login: String,
    /// The partner's password.
    pub password: String,
    /// Public key, base64url without padding: 32 bytes of Ed25519, or the uncompressed point of 65 bytes of ES256.
    pub public_key: String,
    /// `ES256`, or `Ed25519`, which is also meant where it is absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alg: Option<String>,
}

impl std::fmt::Debug for AddPartner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddPartner { … }")
    }
}

/// A partner's key on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartnerItem {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub staff: Uuid,
    /// Its name in statements.
    pub kid: String,
    /// When it was registered.
    pub added_at: i64,
}

/// A device in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceItem {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub staff: Uuid,
    /// `active`, `suspended`, `revoked` or `lost`.
    pub state: String,
    /// Whether it holds doors and was not heard of for half an hour.
    pub silent: bool,
    /// `Ed25519` or `ES256`.
    pub alg: String,
    /// Number of its newest event.
    pub last_dseq: i64,
    /// Hash of the header of that event, hexadecimal; zeros before the first.
    pub head_hash: String,
    /// Name and version of its program.
    pub app: String,
    /// When it was last heard of.
    pub seen_at: i64,
    /// The keys of partners on it that were not ended.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub partners: Vec<PartnerItem>,
}
