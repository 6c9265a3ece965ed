//! The day permit: what a crew may do at which door.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a crew may do today and where: plain data under the server's signature, so that a client without the rule
/// engine can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permit {
    /// Format, 1.
    pub v: u32,
    /// Its id.
    pub id: Uuid,
    /// The tenant.
    pub ten: Uuid,
    /// The crew.
    pub crew: Uuid,
    /// The day, ISO date.
    pub day: String,
    /// As of when the facts were right, in milliseconds.
    pub as_of_ms: i64,
    /// End of the shift, in milliseconds: not valid after.
    pub expires_ms: i64,
    /// Digest of the rule packs, hexadecimal.
    pub rules: String,
    /// What is allowed at which door.
    pub doors: Vec<PermitDoor>,
    /// Who is in the crew; empty from a server that does not say.
    #[serde(default)]
    pub staff: Vec<PermitStaff>,
    /// For whom the crew comes; absent from a server that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<PermitOffice>,
    /// SHA-256 over the body of the `sentences` that come with it, hexadecimal; empty where none do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sentences: String,
}

/// The agency, or the creditor itself, as receipts name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitOffice {
    /// Its name.
    pub name: String,
    /// Where to complain about it; may be empty.
    pub complaints: String,
    /// The creditor on whose behalf it comes; empty from a server that does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authority: String,
    /// Where visited persons reach the server; empty where it is the address that the device has.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// One of the crew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitStaff {
    /// The staff member.
    pub id: Uuid,
    /// The staff number.
    pub login: String,
    /// Whether their certificate is valid on the day, or none is asked of them.
    pub certified: bool,
    /// The keys with which they sign that they are there; empty from a server that does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<PermitKey>,
}

/// A key of one of the crew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitKey {
    /// Its name.
    pub kid: String,
    /// `Ed25519` or `ES256`.
    pub alg: String,
    /// The public key, base64url without padding.
    pub key: String,
    /// The colleague's device on which it lies; absent where it is the key of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<Uuid>,
}

/// What is allowed at one door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitDoor {
    /// What stands for the visit in the log.
    pub visit: Uuid,
    /// What stands for the person in the log.
    pub subj: Uuid,
    /// Intervals in which the visit must begin and end, in milliseconds.
    pub allowed_ms: Vec<[i64; 2]>,
    /// How many staff must be there.
    pub staff_min: u8,
    /// What must be done or shown before check-out, by code.
    pub required: Vec<String>,
    /// What may not be said, by code: `amount` where it is stale, `debt-to-others` always.
    pub not_said: Vec<String>,
    /// Rules behind all this.
    pub rules: Vec<String>,
    /// The rule packs that apply there, as `id@version`: their sentences are what is said at the door, and what is not. Empty from
    /// a server that does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<String>,
    /// Where the visit may be made; absent from a server that does not say, and where no visit is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PermitPlace>,
    /// What the stop codes of the person's notices are checked with, offline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<PermitStop>,
}

/// Where a visit may be made. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitPlace {
    /// What sort of place it is, by code.
    pub kind: String,
    /// Latitude in 1e-7 degrees, WGS-84.
    pub lat_e7: i64,
    /// Longitude in 1e-7 degrees, WGS-84.
    pub lon_e7: i64,
    /// How far from there a check-in may lie beside its own accuracy, in metres. Absent where nobody has confirmed the point: then
    /// no distance is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<u32>,
}

/// The hash of a stop code: SHA-256 of `doorstep stop 1`, a zero byte, the 16 bytes of `visit`, and the code's eight digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitStop {
    /// What stands for the visit that the notice announced.
    pub visit: Uuid,
    /// The hash, hexadecimal.
    pub hash: String,
}
