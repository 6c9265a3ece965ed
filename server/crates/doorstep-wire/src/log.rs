//! The log as the interface shows it.

use serde::{Deserialize, Serialize};

/// The content type of an export: one JSON document a line.
pub const EXPORT_TYPE: &str = "application/x-ndjson";
use utoipa::ToSchema;

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
