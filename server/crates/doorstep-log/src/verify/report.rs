//! What a verification found.
//!
//! Plain data that serialises to JSON; the words of messages are for people, codes are for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::against::{Against, FileCounts};
use super::continued::{ContinuedReport, Verdict};
use super::{Detail, DetailName};
use crate::export::{ExportKind, LogName};
use crate::hash::Hash;
use crate::stamp::Stamp;

/// More findings of one kind than this are counted, not kept; so none of another kind is pushed out.
const FINDINGS_MAX: u64 = 1000;

/// Result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// True when nothing of severity error was found, and the reader took every continuation of a log.
    pub ok: bool,
    /// What it comes to.
    pub verdict: Verdict,
    /// The logs that were closed and go on as others.
    pub continued: Vec<ContinuedReport>,
    /// What the export claims to be.
    pub kind: ExportKind,
    /// What an export of one case is about; `None` for a whole export.
    pub case: Option<CaseReport>,
    /// `<deployment>/<tenant>` as the manifest says.
    pub origin: Option<String>,
    /// When the export was made, milliseconds since 1970 UTC, as the manifest says.
    pub created_ms: Option<i64>,
    /// The logs whose checkpoints hold, each generation by itself.
    pub logs: Vec<LogReport>,
    /// Who cosigned their checkpoints; empty where there is no policy.
    pub witnessed: Vec<WitnessReport>,
    /// The time stamps that hold, in one line a log.
    pub stamps: Vec<StampReport>,
    /// The logs whose checkpoints are proven to be in the operator's meta log.
    pub meta: Vec<MetaReport>,
    /// What it was held against.
    pub against: Against,
    /// The files of the copy, beside the signed list.
    pub files: FileCounts,
    /// Numbers of things seen.
    pub counts: Counts,
    /// What was found, in the order of checking; at most 1000 of a kind.
    pub findings: Vec<Finding>,
    /// Findings of each kind, kept or not.
    pub kinds: BTreeMap<FindingCode, u64>,
    /// Findings beyond those kept.
    pub findings_left_out: u64,
    /// Findings of severity error, kept or not.
    pub errors: u64,
    /// The generation whose files are read.
    #[serde(skip)]
    pub(super) reading: Option<u32>,
}

/// One log of the export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogReport {
    /// Which one.
    pub log: LogName,
    /// Its origin.
    pub origin: String,
    /// Leaves that the checkpoint states.
    pub size: u64,
    /// Leaves that were read.
    pub leaves: u64,
    /// Root that the checkpoint states.
    pub root: Hash,
}

/// What the export of one case is about, and what is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseReport {
    /// Alias of the case.
    pub case: String,
    /// Alias of its person.
    pub subj: String,
    /// Its visits.
    pub visits: u64,
    /// Events of its devices that concern other matters: so the operator states under its signature, and only a
    /// whole export can confirm it.
    pub events_elsewhere: u64,
    /// Leaves that name this person beside others, and are left out for the others' sake.
    pub leaves_left_out: u64,
}

/// The cosignatures under one log's checkpoint that hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WitnessReport {
    /// Which log; `None` for the operator's meta log.
    pub log: Option<LogName>,
    /// Its origin, which tells its generations apart.
    pub origin: String,
    /// Leaves that the checkpoint states.
    pub size: u64,
    /// Whether they make the policy's quorum.
    pub quorum: bool,
    /// Each of them, in the policy's order.
    pub cosignatures: Vec<CosignedBy>,
}

/// One cosignature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CosignedBy {
    /// Name of the witness.
    pub witness: String,
    /// When, by the witness's clock: seconds since 1970 UTC.
    pub time_s: u64,
}

/// The time stamps of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StampReport {
    /// Which log.
    pub log: LogName,
    /// Its origin, which tells its generations apart.
    pub origin: String,
    /// Leaves under the log's checkpoint.
    pub leaves: u64,
    /// How many hold.
    pub stamps: u64,
    /// Leaves under the newest.
    pub size: u64,
    /// The newest.
    pub newest: Stamp,
}

/// A checkpoint that stands in the operator's meta log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetaReport {
    /// Whose checkpoint.
    pub log: LogName,
    /// Origin of the meta log.
    pub origin: String,
    /// Leaves of the meta log under the checkpoint that proves it.
    pub size: u64,
    /// Root of that checkpoint.
    pub root: Hash,
    /// Whether the reader of the report held the operator's key; otherwise it is the export's own.
    pub key_trusted: bool,
}

/// Numbers of things seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Devices with an enrolled key.
    pub devices: u64,
    /// Device events whose signature and place in the chain hold.
    pub events: u64,
    /// Different checkpoints that devices had verified and that fit the log.
    pub checkpoints_seen: u64,
    /// Payloads in the export, sealed.
    pub payloads_present: u64,
    /// Payloads missing because the person was erased.
    pub payloads_erased: u64,
    /// Payloads missing without an erasure.
    pub payloads_missing: u64,
    /// Payloads in the clear that fit their commitment.
    pub payloads_opened: u64,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The export does not prove what it claims.
    Error,
    /// Something to know; the proof stands.
    Warning,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: FindingCode,
    /// How bad it is.
    pub severity: Severity,
    /// File concerned, as the path in the export.
    pub file: Option<String>,
    /// Log concerned.
    pub log: Option<LogName>,
    /// Generation of that log, from 1, where one is concerned.
    pub generation: Option<u32>,
    /// Leaf concerned, from 0.
    pub index: Option<u64>,
    /// The file of this copy that is damaged or missing, where this may only follow from it.
    pub follows_from: Option<String>,
    /// What was found, in English.
    pub message: String,
    /// The numbers, names and hashes in that, for any language.
    pub details: Vec<Detail>,
}

/// Codes of findings; they do not change between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// No manifest.
    ManifestMissing,
    /// The manifest cannot be read.
    ManifestMalformed,
    /// No trusted key signed the manifest, or the signature is wrong.
    ManifestSignature,
    /// No key was given, the export's own is used.
    KeyFromExport,
    /// A line of the export's keys is no key.
    KeyMalformed,
    /// The files cannot be listed.
    FolderUnreadable,
    /// A listed file is missing or cannot be read.
    FileMissing,
    /// A file is not in the manifest.
    FileUnlisted,
    /// A file differs from what the manifest says.
    FileChanged,
    /// A log has no checkpoint.
    LogAbsent,
    /// A checkpoint's signature, origin or form is wrong.
    CheckpointBad,
    /// The leaves make another tree than the checkpoint says.
    RootMismatch,
    /// Fewer or more leaves than the checkpoint says.
    SizeMismatch,
    /// A tile or bundle is missing or malformed.
    TileBad,
    /// A hash tile differs from the leaves.
    TileMismatch,
    /// A leaf differs from its stored hash.
    LeafChanged,
    /// A leaf is not a well-formed leaf.
    LeafMalformed,
    /// A leaf is in the wrong log.
    LeafMisplaced,
    /// A leaf belongs to another tenant than the first.
    TenantMixed,
    /// The older checkpoint cannot be used.
    SinceUnusable,
    /// Somebody stopped the verification.
    Stopped,
    /// The log does not extend the older checkpoint.
    SinceInconsistent,
    /// A time stamp, or the certificate to judge it by, does not hold.
    StampBad,
    /// No certificate for time stamps was given, the export's own is used.
    StampCaFromExport,
    /// Stamps were to be judged, but a log has none.
    StampAbsent,
    /// A stamped tree is no beginning of the log.
    StampInconsistent,
    /// A leaf claims a later time than the stamp of a tree that holds it.
    TimeAfterStamp,
    /// A leaf claims a time well before the stamp of a tree that does not hold it.
    TimeBeforeStamp,
    /// The log of changes has no leaf, not even the one with which every tenant begins.
    LogEmpty,
    /// A device recorded that something signed does not hold.
    DeviceAlarm,
    /// The log says that a witness refused a checkpoint.
    WitnessRefused,
    /// A payload that came after its person's erasure is missing.
    PayloadAfterErasure,
    /// A witness's time lies ahead of the reader's clock.
    CosignatureAhead,
    /// The policy names another key for this log than was given.
    PolicyKey,
    /// A log goes on as a new one after a restore; its first leaf says what was lost.
    LogContinued,
    /// A log was signed as two histories; its next generation says so.
    LogForked,
    /// A later generation does not say what it continues, or says what is not so.
    GenerationBad,
    /// A proof from the operator's meta log does not hold.
    MetaBad,
    /// No proof that the operator's meta log names a log's checkpoint.
    MetaMissing,
    /// An enrolment is malformed or contradicts an earlier one.
    DeviceEnrolment,
    /// A device event does not fit its device's chain.
    DeviceChain,
    /// An event came after its key was revoked or the device was lost.
    DeviceEnded,
    /// A device's chain has split: a warning where its key signed both sides, an error where it did not.
    DeviceForked,
    /// An event of a device is in the log without its header, which is kept sealed.
    DeviceWithheld,
    /// The last known event of a device is not the one that an entry names.
    DeviceHead,
    /// A device had verified a checkpoint that does not fit this log.
    DeviceSawOtherTree,
    /// The export is of one case: what it cannot show.
    CaseOnly,
    /// What the export of a case says of itself is missing, malformed or not so.
    CaseMalformed,
    /// A leaf belongs to another case or names somebody else.
    CaseForeign,
    /// Events of a device are missing and nobody accounts for them, or accounts for others.
    CaseGap,
    /// A proof is malformed or does not lead to the checkpoint.
    ProofBad,
    /// A payload is missing without an erasure.
    PayloadMissing,
    /// A leaf with a commitment has no usable payload identity.
    PayloadUnnamed,
    /// Two leaves claim one payload.
    PayloadRepeated,
    /// A payload that no leaf names.
    PayloadStray,
    /// A cosignature of a known witness does not hold.
    CosignatureBad,
    /// Too few witnesses cosigned a checkpoint.
    QuorumUnmet,
    /// No policy was given, the export's own is used.
    PolicyFromExport,
    /// The export's policy is none.
    PolicyMalformed,
    /// An opening is malformed or belongs to no leaf.
    OpeningBad,
    /// An opening does not fit the commitment in the leaf.
    OpeningMismatch,
    /// What a partner signed, in the opened payload of a check-in, does not hold.
    JoinedBad,
}

impl FindingCode {
    /// Every code, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::ManifestMissing,
        Self::ManifestMalformed,
        Self::ManifestSignature,
        Self::KeyFromExport,
        Self::KeyMalformed,
        Self::FolderUnreadable,
        Self::FileMissing,
        Self::FileUnlisted,
        Self::FileChanged,
        Self::LogAbsent,
        Self::CheckpointBad,
        Self::RootMismatch,
        Self::SizeMismatch,
        Self::TileBad,
        Self::TileMismatch,
        Self::LeafChanged,
        Self::LeafMalformed,
        Self::LeafMisplaced,
        Self::TenantMixed,
        Self::SinceUnusable,
        Self::Stopped,
        Self::SinceInconsistent,
        Self::StampBad,
        Self::StampCaFromExport,
        Self::StampAbsent,
        Self::StampInconsistent,
        Self::TimeAfterStamp,
        Self::TimeBeforeStamp,
        Self::LogEmpty,
        Self::DeviceAlarm,
        Self::WitnessRefused,
        Self::PayloadAfterErasure,
        Self::CosignatureAhead,
        Self::PolicyKey,
        Self::LogContinued,
        Self::LogForked,
        Self::GenerationBad,
        Self::MetaBad,
        Self::MetaMissing,
        Self::DeviceForked,
        Self::DeviceWithheld,
        Self::DeviceHead,
        Self::DeviceEnrolment,
        Self::DeviceChain,
        Self::DeviceEnded,
        Self::DeviceSawOtherTree,
        Self::CaseOnly,
        Self::CaseMalformed,
        Self::CaseForeign,
        Self::CaseGap,
        Self::ProofBad,
        Self::PayloadMissing,
        Self::PayloadUnnamed,
        Self::PayloadRepeated,
        Self::PayloadStray,
        Self::CosignatureBad,
        Self::QuorumUnmet,
        Self::PolicyFromExport,
        Self::PolicyMalformed,
        Self::OpeningBad,
        Self::OpeningMismatch,
        Self::JoinedBad,
    ];
}

impl Report {
    /// Takes up a finding.
    pub(super) fn add(&mut self, mut finding: Finding) {
        if finding.severity == Severity::Error {
            self.errors += 1;
        }
        let of_kind = self.kinds.entry(finding.code).or_default();
        *of_kind += 1;
        if *of_kind <= FINDINGS_MAX {
            if finding.log.is_some() {
                finding.generation = finding.generation.or(self.reading);
            }
            self.findings.push(finding);
        } else {
            self.findings_left_out += 1;
        }
    }
}

impl Finding {
    pub(super) fn error(code: FindingCode, message: String) -> Self {
        Self {
            code,
            severity: Severity::Error,
            file: None,
            log: None,
            generation: None,
            index: None,
            follows_from: None,
            message,
            details: Vec::new(),
        }
    }

    pub(super) fn warning(code: FindingCode, message: String) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    pub(super) fn detail(mut self, name: DetailName, value: impl ToString) -> Self {
        self.details.push(Detail::new(name, value));
        self
    }

    pub(super) fn file(mut self, path: &str) -> Self {
        self.file = Some(path.to_owned());
        self
    }

    pub(super) fn log(mut self, log: LogName) -> Self {
        self.log = Some(log);
        self
    }

    pub(super) fn of(mut self, generation: u32) -> Self {
        self.generation = Some(generation);
        self
    }

    pub(super) fn leaf(mut self, log: LogName, index: u64) -> Self {
        self.log = Some(log);
        self.index = Some(index);
        self
    }
}
