//! What an export was held against, and what became of its files: a report that says neither can be read either way.

use serde::Serialize;

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;

/// Where something that an export is judged by came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// There was none.
    #[default]
    None,
    /// The export itself.
    Export,
    /// The policy that the reader gave.
    Policy,
    /// The reader.
    Given,
}

/// What the export was held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Against {
    /// Where the tenant's keys came from.
    pub keys_from: Source,
    /// The tenant's keys, each as a line.
    pub keys: Vec<String>,
    /// The older checkpoint that a log must extend, where the reader gave one that a key of the tenant signed.
    pub since: Option<SinceReport>,
    /// Where the policy came from.
    pub policy_from: Source,
    /// Whether that policy asks for any witness.
    pub witnesses_demanded: bool,
    /// Where the certificates came from by which time stamps were judged.
    pub authorities_from: Source,
    /// Origins of logs whose continuation the reader takes.
    pub accepted: Vec<String>,
}

/// An older checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SinceReport {
    /// Its log.
    pub origin: String,
    /// Leaves under it.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Whether the export was found to extend it.
    pub extended: bool,
}

impl From<&Checkpoint> for SinceReport {
    fn from(since: &Checkpoint) -> Self {
        Self {
            origin: since.origin.clone(),
            size: since.size,
            root: since.root,
            extended: false,
        }
    }
}

impl Against {
    /// Notes that the export extends the older checkpoint.
    pub(super) fn extended(&mut self) {
        if let Some(since) = &mut self.since {
            since.extended = true;
        }
    }
}

/// The files of the copy, beside the signed list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// Files in the list.
    pub listed: u64,
    /// Listed files that are not there or cannot be read.
    pub missing: u64,
    /// Listed files that are others than listed.
    pub changed: u64,
    /// Files that are not in the list.
    pub added: u64,
}
