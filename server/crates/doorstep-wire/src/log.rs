//! The log as the interface shows it.

use serde::{Deserialize, Serialize};

/// What the paper of a bundle is called among its files.
pub const BUNDLE_PATH: &str = "bundle.pdf";
/// The content type of an export: one JSON document a line.
pub const EXPORT_TYPE: &str = "application/x-ndjson";
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogHeadItem {
    /// `events` or `access`.
    pub name: String,
    /// Its name for strangers.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The newest signed checkpoint.
    pub checkpoint: String,
    /// The verifying key (C2SP vkey).
    pub key: String,
    /// What witnesses say; absent where none are configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosigned: Option<CosignedItem>,
    /// The newest time stamp of an outside authority; absent where none was asked or none came yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<LogStampItem>,
    /// Which generation of the log it is, from 1.
    #[serde(default = "first_generation")]
    pub generation: u32,
    /// Present while the log is halted: it is not signed, and what is written waits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub halted: Option<LogHaltedItem>,
    /// Generations that have ended, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ended: Vec<LogEndedItem>,
    /// The operator's meta log; absent before its first leaf.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meta: Option<MetaLogItem>,
}

/// A generation of a log that has ended: after a restore that lost entries the log went on under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEndedItem {
    /// Which, from 1.
    pub generation: u32,
    /// Its name for strangers.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Its verifying key (C2SP vkey).
    pub key: String,
}

const fn first_generation() -> u32 {
    1
}

/// What witnesses say of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CosignedItem {
    /// Leaves under the newest checkpoint that a quorum cosigned; 0 before the first.
    pub size: u64,
    /// That checkpoint with its cosignatures.
    pub checkpoint: String,
    /// Every witness of the policy.
    pub witnesses: Vec<WitnessItem>,
    /// When the oldest leaf was written that no quorum has cosigned, microseconds since 1970 UTC; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<i64>,
}

/// The operator's meta log, in which the checkpoints of all tenants' logs stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MetaLogItem {
    /// Its name for strangers.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The verifying key (C2SP vkey).
    pub key: String,
    /// What witnesses say; absent where none are configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosigned: Option<CosignedItem>,
    /// Generations that have ended, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ended: Vec<LogEndedItem>,
}

/// What one witness says of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WitnessItem {
    /// Its name.
    pub name: String,
    /// Its public key (C2SP vkey).
    pub key: String,
    /// Leaves under the newest checkpoint that it cosigned; 0 where none.
    pub size: u64,
    /// Since when it says that history was rewritten, microseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<i64>,
    /// The size that was shown to it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_size: Option<u64>,
    /// What it found: `rewritten`, `other-tree` (of one size) or `larger-tree` (it cosigned more than there is).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Why it did not cosign when it was asked last: `unreachable`, `unknown-log`, `unknown-key`, `failed`, `unsteady`, or
    /// `no-address` where the policy names none; absent where it cosigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Since when, microseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<i64>,
}

/// A time stamp of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogStampItem {
    /// Number of leaves under the stamped checkpoint.
    pub size: u64,
    /// The authority's time.
    pub at: i64,
}

/// Why a log is halted, and what going on as a new log would mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogHaltedItem {
    /// `restored`, `unasked`, `rolled-back`, `forked`, `damaged` or `forged`.
    pub reason: String,
    /// Leaves of the newest head that is known to have been signed, or of the other history that was; absent where none is
    /// known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub known_size: Option<u64>,
    /// Its root in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub known_root: Option<String>,
    /// Leaves of the head that is left.
    pub left_size: u64,
    /// Its root in hexadecimal.
    pub left_root: String,
    /// The name for strangers under which the log would go on.
    pub next_origin: String,
}

/// Has a halted log go on as a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogContinueRequest {
    /// The `left_size` that the caller was shown; another one is refused.
    pub left_size: u64,
}

/// One leaf with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeafProof {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The leaf's bytes as text.
    pub leaf: String,
    /// The proof as a `c2sp.org/tlog-proof@v1` file.
    pub proof: String,
}

/// One file of an exported log; an export is one of these a line, the signed list of all files last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedFile {
    /// Path within the export, with `/`, never leaving it.
    pub path: String,
    /// The content, base64url without padding.
    pub bytes: String,
}

/// What to export; nothing: both logs whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LogExportQuery {
    /// Only this case, each leaf with its proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// Why its payloads are opened: `audit`, `case` or `review`; absent: they stay sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// Why the person is opened, where the case is outside the caller's caseload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// Which entries of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LogEntryQuery {
    /// Only entries before this place; `next` of the page before.
    pub before: Option<u64>,
    /// Of this generation of the log, from 1; `next_generation` of the page before. The present one where absent.
    pub generation: Option<u32>,
    /// At most this many, up to 200; 50 where absent.
    pub limit: Option<u32>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only by this one: a login, `program`, or the id of a device.
    pub actor: Option<String>,
    /// Only about this visit.
    pub visit: Option<Uuid>,
    /// Only about this case, its person or its visits.
    pub case: Option<Uuid>,
}

/// A case that an entry concerns, in the caller's scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogCase {
    /// The case.
    pub id: Uuid,
    /// The lender's number; absent where the person was erased.
    pub case_no: Option<String>,
}

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntryItem {
    /// Its place in the log, from 0.
    pub index: u64,
    /// When the server wrote it.
    pub at: i64,
    /// What happened.
    pub kind: String,
    /// The login of who caused it, `program`, or `device`.
    pub actor: String,
    /// The device that signed it.
    pub device: Option<String>,
    /// Why, as a code.
    pub reason: Option<String>,
    /// The visit, where the caller may see it.
    pub visit: Option<Uuid>,
    /// The visit's alias.
    pub visit_alias: Option<String>,
    /// The cases that it concerns, as far as the caller may see them, at most 20.
    pub cases: Vec<LogCase>,
    /// Aliases of persons and cases that it concerns, at most 20.
    pub subjects: Vec<String>,
    /// How many it concerns in all.
    pub subjects_all: u64,
    /// The first 16 digits of the leaf's hash.
    pub leaf: String,
    /// Whether the newest checkpoint covers it.
    pub covered: bool,
}

/// A page of a log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntryPage {
    /// Of which generation of the log the entries are, from 1.
    #[serde(default = "first_generation")]
    pub generation: u32,
    /// Number of leaves of that generation.
    pub size: u64,
    /// Number of leaves under the newest checkpoint.
    pub checkpoint_size: u64,
    /// The entries.
    pub items: Vec<LogEntryItem>,
    /// What to ask with as `before` for older ones; a page may be empty and still name it, because only so many entries are
    /// looked at for one page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// What to ask with as `generation` beside it: after the first entry of a log that was continued, the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_generation: Option<u32>,
    /// How many entries were looked at for this page.
    #[serde(default)]
    pub looked_at: u64,
}

/// Of which part of a log a leaf is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LogProofQuery {
    /// Of this generation of the log, from 1; the present one where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
}
