//! Sync between a device and the server (guide: names and statuses of stack.md B.3), and the day permit.

mod permit;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub use permit::{Permit, PermitDoor, PermitKey, PermitOffice, PermitPlace, PermitStaff, PermitStop};

/// How long a device may hold its cases without hearing from the server, in seconds: 72 hours.
pub const LEASE_S: i64 = 72 * 3_600;
/// The most events of one push.
pub const PUSH_EVENTS_MAX: usize = 256;
/// The most bytes of one push as sent.
pub const PUSH_BYTES_MAX: usize = 256 * 1024;
/// The most bytes of one push after decompression.
pub const PUSH_BYTES_PLAIN_MAX: usize = 4 * 1024 * 1024;

/// A signed event as a device sends it. Binary fields are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushEvent {
    /// The exact header bytes that were signed.
    pub hdr: String,
    /// Which key signed.
    pub kid: String,
    /// `Ed25519` or `ES256`.
    pub alg: String,
    /// The signature.
    pub sig: String,
    /// The salt of the payload's commitment, where there is a payload.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub salt: Option<String>,
    /// The payload, as committed to: JSON of [`Payload`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payload: Option<String>,
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushRequest {
    /// The sync version that the device speaks.
    pub sync_version: u32,
    /// The device's wall clock when it sent this, in milliseconds.
    pub sent_wall_ms: i64,
    /// Events in the order of their numbers.
    pub events: Vec<PushEvent>,
}

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushResult {
    /// Its number; 0 where the header could not be read.
    pub dseq: i64,
    /// `accepted`, `duplicate`, `held` or `quarantined`.
    pub status: String,
    /// Why, where it was held or quarantined.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// What is remarkable; the event is stored all the same.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub flags: Vec<String>,
}

/// How much a device may send and how often it should ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Events a push.
    pub max_events: u32,
    /// Bytes a push.
    pub max_bytes: u32,
    /// Seconds until the next poll where `/v1/sync/wake` cannot be held open.
    pub next_poll_s: u32,
}

/// The answer to a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushAnswer {
    /// One result per event, in the order of the push.
    pub results: Vec<PushResult>,
    /// The signed acknowledgement: a C2SP note over [`Acknowledgement`] as canonical JSON.
    pub acknowledgement: String,
    /// The newest checkpoint of the events log; empty before the first.
    pub checkpoint: String,
    /// Where the log was continued under new origins: the first leaf of each, in a `c2sp.org/tlog-proof@v1` file.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub continued: Vec<String>,
    /// What the device may send next.
    pub limits: Limits,
    /// Whether the device was revoked or lost: its events are kept, and it wipes the cases it holds.
    #[serde(default)]
    pub revoked: bool,
}

/// What the server acknowledges with its signature: it cannot drop these events without contradicting itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acknowledgement {
    /// Format, 1.
    pub v: u32,
    /// The device.
    pub dev: Uuid,
    /// All events up to this number are stored.
    pub upto_dseq: i64,
    /// Hash of the header with that number, hexadecimal.
    pub head_hash: String,
    /// When, in milliseconds.
    pub recv_ms: i64,
}

/// The content of an event that names or describes: sealed by the server under the person's key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Payload {
    /// Position at check-in or check-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Staff present, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub staff: Vec<Uuid>,
    /// Whether identity and authority were shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_shown: Option<bool>,
    /// Rules that blocked when it happened all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<String>,
    /// What came of the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// What came of the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter: Option<String>,
    /// A promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promise: Option<PromiseMade>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What rules required and was done, by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
    /// Why, for example why a stop was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A corrected contact field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactChange>,
    /// How a conflict was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle: Option<Settlement>,
    /// What a receipt says. A payload with one has nothing else, so that the receipt can be shown without anything beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptSaid>,
    /// What partners signed who are there: at a check-in theirs, at `visit.joined` the device owner's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<Joined>,
}

/// A signed statement of a partner, see `docs/log.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Joined {
    /// The statement: canonical JSON, the exact text that was signed.
    pub said: String,
    /// The signature, base64url without padding.
    pub sig: String,
}

/// What a receipt says: nobody but those who came, and of the matter only what the recognised person agreed to. Its members are in the order of their names,
/// which makes its JSON canonical: anybody can write the same bytes again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptSaid {
    /// What was agreed; only where it was the person who was met, and they were recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<ReceiptAgreed>,
    /// When the visit began, in milliseconds.
    pub at_ms: i64,
    /// By whose authority they came: the creditor, who answers for whoever visits on its behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// Where to complain; empty where the office named nothing.
    pub complaints: String,
    /// What follows, by code; absent before the check-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// For whom they came.
    pub office: String,
    /// The reference: 26 letters and digits, in groups of four.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Badge numbers of who came.
    pub staff: Vec<String>,
}

/// What the person agreed to, as their receipt says it. Members in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptAgreed {
    /// How much, in units of the currency with its decimals: `250.00`.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// By when, ISO date.
    pub day: String,
}

/// A contact field with the value that somebody gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactChange {
    /// `phone`, `address` or `language`.
    pub field: String,
    /// The value.
    pub value: String,
    /// The highest version of any field that whoever gave it had seen; 0 for what the file said.
    pub base: i64,
}

/// Which side of a conflict holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settlement {
    /// The conflict.
    pub conflict: Uuid,
    /// `left` or `right`.
    pub take: String,
}

/// Which values of the contact fields these are: the version of each, 0 for what the file said. One count runs over all
/// fields of a case, so the highest says what was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ContactVersions {
    /// Of the phone.
    pub phone: FieldVersion,
    /// Of the address.
    pub address: FieldVersion,
    /// Of the language.
    pub language: FieldVersion,
    /// Whether the point belongs to an earlier text of the address, and nobody has confirmed where the new one is.
    pub point_unconfirmed: bool,
}

/// The version of a contact field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldVersion {
    /// Counts changes.
    pub version: i64,
}

impl ContactVersions {
    /// What was seen by whoever saw these.
    #[must_use]
    pub fn seen(&self) -> i64 {
        self.phone.version.max(self.address.version).max(self.language.version)
    }
}

/// A position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Latitude in 1e-7 degrees, WGS-84.
    pub lat_e7: i64,
    /// Longitude in 1e-7 degrees, WGS-84.
    pub lon_e7: i64,
    /// Radius in metres within which it probably lies; 0 is what mock providers say.
    pub accuracy_m: u32,
    /// Whether the platform said that the position was made up.
    #[serde(default)]
    pub mock: bool,
}

/// A promise of date and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromiseMade {
    /// By when, ISO date.
    pub day: String,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// Where a device stands when it pulls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PullQuery {
    /// `cursor` of the pull before; absent at the first.
    pub cursor: Option<String>,
    /// How many events wait in the device's outbox. Only a device that says 0 has told the server all of its visits.
    pub waiting: Option<u64>,
    /// The sync version that the device speaks; one that does not say so is not asked.
    pub sync_version: Option<u32>,
    /// Size of the newest checkpoint that the device has verified; absent before the first.
    pub size: Option<u64>,
}

/// One operation of a pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullOp {
    /// `put` or `remove`.
    pub op: String,
    /// The bucket: `assignee` or `rule-pack`.
    pub bucket: String,
    /// `door`, `permit`, `alarm`, `conflict`, `joined`, `pack` or `sentences`. A device leaves alone what it does not know.
    pub noun: String,
    /// Which one.
    pub id: Uuid,
    /// The content of a put: JSON of [`Door`], [`crate::alarm::AlarmNotice`], [`crate::conflict::ConflictItem`] or
    /// [`Joined`], the signed note over a [`Permit`], the TOML of a rule pack, or an array of [`SentenceItem`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
}

/// The answer to a pull; applied in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullAnswer {
    /// What changed since the cursor.
    pub ops: Vec<PullOp>,
    /// What to ask with next time; opaque.
    pub cursor: String,
    /// Whether everything that the device holds from before must go first.
    pub reset: bool,
    /// The newest checkpoint of the events log; empty before the first.
    pub checkpoint: String,
    /// Where the log was continued under new origins: the first leaf of each, in a `c2sp.org/tlog-proof@v1` file.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub continued: Vec<String>,
    /// Proof that the log under it extends the one of `size` leaves: hashes as base64 (RFC 6962, 2.1.2). Empty without
    /// `size`, and where the log has no more leaves than that.
    #[serde(default)]
    pub consistency: Vec<String>,
    /// What the server holds of the device's chain now, signed as in the answer to a push.
    #[serde(default)]
    pub acknowledgement: String,
    /// How long the device may hold all this.
    pub lease_until: i64,
    /// What the device may send.
    pub limits: Limits,
}

/// A visit as its crew gets it. Only what the crew needs at the door, and only that person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Door {
    /// The visit.
    pub visit: Uuid,
    /// What stands for the visit in the log: `visit` of headers.
    pub visit_alias: Uuid,
    /// What stands for the person in the log: `subj` of headers.
    pub subject_alias: Uuid,
    /// The lender's number.
    pub case_no: String,
    /// Name of the person.
    pub name: String,
    /// Phone of the person.
    pub phone: String,
    /// Address text.
    pub address: String,
    /// Latitude and longitude in 1e-7 degrees, WGS-84.
    pub point: [i64; 2],
    /// Language tag of the person.
    pub language: String,
    /// IANA time zone of the address.
    pub zone: String,
    /// Position in the route, from 0.
    pub position: i64,
    /// Planned start.
    pub starts: i64,
    /// Planned end.
    pub ends: i64,
    /// What is owed; absent where it may not be stated.
    pub amount: Option<crate::case::AmountItem>,
    /// Notes for the staff's safety, as codes of flags.
    pub notes: Vec<String>,
    /// The versions of phone, address and language.
    #[serde(default)]
    pub fields: ContactVersions,
    /// The facts as the server knew them, as the rules take them: JSON of `doorstep_rules::Facts`.
    pub facts: String,
    /// How the person pays: only the creditor. Absent where the portfolio does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay: Option<crate::agreement::PayItem>,
    /// The rule for which the visit was withdrawn after it was planned. Then nothing here names or places the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
}

/// A sentence for the door, for a client that has no rule packs of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SentenceItem {
    /// Its id.
    pub id: String,
    /// The pack that has it, as `id@version`.
    pub pack: String,
    /// At which moment, by code.
    pub when: String,
    /// `anybody`, `related` or `identified`: nothing for the identified person is shown before they are recognised.
    pub to: String,
    /// `say`, or `never` for what must not be said in whatever words.
    pub how: String,
    /// The words by language tag.
    pub text: std::collections::BTreeMap<String, String>,
}
