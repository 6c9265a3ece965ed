//! Body recorders, their recordings of visits, and what visits owe.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The most bytes of a piece of a recording: all but the last have exactly so many.
pub const RECORDING_PART_BYTES: usize = 8 * 1024 * 1024;

/// The most bytes of a recording: 64 GiB.
pub const RECORDING_BYTES_MAX: i64 = 64 * 1024 * 1024 * 1024;

/// A body recorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecorderItem {
    /// The number on it, which its files bear.
    pub number: String,
    /// The agency whose it is; absent for the creditor's own.
    pub agency: Option<Uuid>,
    /// When it was added.
    pub added_at: i64,
    /// Since when it is not used any more.
    pub ended_at: Option<i64>,
    /// Who carries it on which days, the earliest first.
    pub uses: Vec<RecorderUseItem>,
}

/// Somebody carries a recorder on some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecorderUseItem {
    /// The staff number; absent where it is none of the caller's side.
    pub staff: Option<String>,
    /// The first day, ISO date.
    pub from: String,
    /// The last day, ISO date; absent while nobody else has it.
    pub until: Option<String>,
}

/// Adding a recorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddRecorder {
    /// The number on it: 1 to 32 letters, digits and hyphens.
    pub number: String,
}

/// Giving a recorder to somebody. Whoever had it until then has it until the day before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignRecorder {
    /// The staff number.
    pub staff: String,
    /// The first day, ISO date; today (UTC) where absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// The last day, ISO date; until somebody else gets it where absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
}

/// A recording that somebody wants to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BeginRecording {
    /// The number of the recorder.
    pub recorder: String,
    /// When it begins, with the recorder's offset taken off.
    pub from: i64,
    /// When it ends.
    pub to: i64,
    /// How many seconds the recorder's clock was ahead; negative where it was behind.
    #[serde(default)]
    pub offset_s: i64,
    /// Where the end comes from: `index`, `minutes` or `modified`.
    pub source: String,
    /// How many bytes the file has.
    pub bytes: i64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The ending of the file's name, in small letters: `mp4`.
    pub media: String,
    /// Only says what it matches.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a recording matches, and how to send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordingBegun {
    /// `matched` (send it), `known`, `gone`, `unknown-recorder`, `not-assigned`, `no-visit`, `not-finished` or
    /// `several-visits`.
    pub result: String,
    /// Under which id to send it; absent where there is nothing to send.
    pub id: Option<Uuid>,
    /// How many pieces came before: go on with the one of this number, from 0.
    pub parts: i64,
    /// How many bytes each piece but the last has.
    pub part_bytes: i64,
    /// The staff number of who carried the recorder.
    pub staff: Option<String>,
    /// The visits into which it falls.
    pub visits: Vec<RecordedVisit>,
}

/// A visit into which a recording falls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedVisit {
    /// The visit; absent outside the caller's scope.
    pub visit: Option<Uuid>,
    /// Its case; absent outside the caller's scope.
    pub case: Option<Uuid>,
    /// Check-in.
    pub started_at: Option<i64>,
    /// Check-out.
    pub finished_at: Option<i64>,
}

/// How far a recording came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordingProgress {
    /// How many pieces came.
    pub parts: i64,
    /// `receiving`, or `kept` with the last piece.
    pub state: String,
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordingItem {
    /// Its id.
    pub id: Uuid,
    /// The number of the recorder.
    pub recorder: String,
    /// The staff number of who carried it; absent where it is none of the caller's side.
    pub staff: Option<String>,
    /// When it begins.
    pub from: i64,
    /// When it ends.
    pub to: i64,
    /// How many seconds the recorder's clock was said to be ahead.
    pub offset_s: i64,
    /// Where the end comes from: `index`, `minutes` or `modified`.
    pub source: String,
    /// The ending of the file's name.
    pub media: String,
    /// How many bytes it has.
    pub bytes: i64,
    /// SHA-256 of the whole, as the entry in the log says.
    pub sha256: String,
    /// `kept` or `gone`.
    pub state: String,
    /// When it was sent.
    pub added_at: i64,
    /// When its key was destroyed.
    pub gone_at: Option<i64>,
    /// The visits that it shows.
    pub visits: Vec<RecordedVisit>,
}

/// Which recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RecordingQuery {
    /// Only those of a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// Only those of a visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<Uuid>,
}

/// Where a visit's required recording stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordingStanding {
    /// `pending`, `missing`, `found` or `excused`.
    pub state: String,
    /// By when it must have come.
    pub due_at: i64,
    /// When the visit was flagged.
    pub missing_at: Option<i64>,
}

/// A visit whose required recording did not come yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordingDueItem {
    /// The visit.
    pub visit: Uuid,
    /// Its case.
    pub case: Uuid,
    /// IANA name of the time zone of the address.
    pub zone: String,
    /// Where it stands.
    #[serde(flatten)]
    pub standing: RecordingStanding,
}

/// Why there is no recording of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExcuseRecording {
    /// In up to 2,000 characters.
    pub words: String,
}
