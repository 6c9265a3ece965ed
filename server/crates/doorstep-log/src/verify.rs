//! Verifies an export without network: files, signatures, trees, leaves, device chains, payloads.
//!
//! The trust anchor is the log's public key. Who gives none gets a report about a key that came with the
//! export, and a warning that says so. Never stops at the first fault and never panics on any input; what
//! a fault makes impossible to check is left out.

use std::collections::BTreeSet;

use crate::checkpoint::Checkpoint;
use crate::export::{ExportKind, ExportReader, FILE_BYTES_MAX, KEYS_PATH, LogName, MANIFEST_PATH, Manifest};
use crate::hash::leaf_hash;
use crate::note::{self, VerifierKey};
use crate::policy::Policy;
use crate::proof::Proof;
use crate::stamp::Authorities;
use crate::tree::verify_inclusion;

mod against;
mod case;
mod cause;
mod content;
mod continued;
mod detail;
mod devices;
mod files;
mod generation;
mod joined;
mod logs;
mod meta;
mod payloads;
mod places;
mod policy;
mod report;
mod stamps;
mod withheld;

pub use against::{Against, FileCounts, SinceReport, Source};
use content::Content;
pub use continued::{ContinuedReport, Verdict};
pub use detail::{Detail, DetailName};
use files::Files;
use logs::LogTrust;
pub use report::{
    CaseReport, CosignedBy, Counts, Finding, FindingCode, LogReport, MetaReport, Report, Severity, StampReport,
    WitnessReport,
};

/// Keys that are read before anything vouches for them.
const KEYS_BYTES_MAX: u64 = 1024 * 1024;

/// What the reader of the report holds from elsewhere. What is not given is taken from the export, with a warning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'a> {
    /// Keys; any of a tenant's three keys vouches for all three names. Where absent, the policy's.
    pub keys: Option<&'a [VerifierKey]>,
    /// An older signed checkpoint of one of the logs, which the export must extend.
    pub since: Option<&'a [u8]>,
    /// Which witnesses must have cosigned.
    pub policy: Option<&'a Policy>,
    /// Certificates that may vouch for the authority of time stamps.
    pub authorities: Option<&'a Authorities>,
    /// Origins of logs that were closed and continued, as the reader knows and takes it.
    pub continued: &'a [String],
    /// The reader's clock, in milliseconds since 1970 UTC.
    pub now_ms: Option<i64>,
    /// Whether the reader wants the whole logs: the export of one case is then an error.
    pub whole: bool,
}

/// Verifies the export that `reader` hands out, by keys and an older checkpoint as in [`Trust`].
pub fn verify_export(reader: &dyn ExportReader, keys: Option<&[VerifierKey]>, since: Option<&[u8]>) -> Report {
    let trust = Trust {
        keys,
        since,
        ..Trust::default()
    };
    verify_export_watched(reader, &trust, &mut |_| true)
}

/// What a verification is busy with, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerifyStep {
    /// The entries of the log of changes and device events.
    Events,
    /// The entries of the log of reads.
    Access,
    /// The sealed payloads.
    Payloads,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyProgress {
    /// What it is busy with.
    pub step: VerifyStep,
    /// Entries or payloads checked.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// The same for somebody who waits: asks `go_on` before every 256 entries and every payload. Where that answers false, the
/// report says that not everything was checked, and does not hold.
pub fn verify_export_watched(
    reader: &dyn ExportReader,
    trust: &Trust<'_>,
    go_on: &mut dyn FnMut(&VerifyProgress) -> bool,
) -> Report {
    let mut report = Report::default();
    let of_policy: Vec<_> = trust.policy.iter().flat_map(|policy| policy.logs()).collect();
    let of_policy: Vec<VerifierKey> = of_policy.into_iter().map(|log| log.key.clone()).collect();
    let trusted = trust.keys.or((!of_policy.is_empty()).then_some(of_policy.as_slice()));
    if let Some((manifest, keys)) = open_manifest(reader, trusted, &mut report) {
        report.origin = Some(manifest.origin.clone());
        report.created_ms = Some(manifest.created_ms);
        report.kind = manifest.kind;
        let since = trust.since.and_then(|signed| open_since(signed, &keys, &mut report));
        report.against = against(trust, &keys, since.as_ref());
        let mut files = Files::new(reader, manifest.files, go_on);
        files.compare_listing(&mut report);
        let authorities = stamps::authorities(trust.authorities, &mut files, &mut report);
        report.against.authorities_from = match (trust.authorities, &authorities) {
            (Some(_), _) => Source::Given,
            (None, Some(_)) => Source::Export,
            (None, None) => Source::None,
        };
        let compared = LogTrust {
            since: since.as_ref(),
            authorities: authorities.as_ref(),
            continued: trust.continued,
        };
        if trust.whole && report.kind != ExportKind::Whole {
            let message = "the whole logs were asked for, and this is the export of one case".to_owned();
            report.add(Finding::error(FindingCode::CaseOnly, message).file(MANIFEST_PATH));
        }
        let content = match report.kind {
            ExportKind::Whole => whole(&keys, &compared, &mut files, &mut report),
            ExportKind::Case => case::verify_case(&keys, since.as_ref(), &mut files, &mut report),
        };
        let mut meta = Vec::new();
        if !files.is_stopped() {
            meta = meta::verify_meta(trusted, &mut files, &mut report);
            payloads::verify_payloads(&content, &mut files, &mut report);
        }
        policy::verify_policy(trust, &keys, &meta, &mut files, &mut report);
        report.counts.devices = content.device_count() as u64;
        if !files.is_stopped() {
            files.read_rest(&mut report);
        }
        cause::mark(files.damaged(), trusted.is_some(), trust, &mut report);
    }
    report.conclude();
    report
}

/// What the reader gave, as far as it is known before anything is read.
fn against(trust: &Trust<'_>, keys: &TenantKeys, since: Option<&Checkpoint>) -> Against {
    let has_policy_key = trust.policy.is_some_and(|policy| !policy.logs().is_empty());
    let keys_from = match (trust.keys.is_some(), has_policy_key) {
        (true, _) => Source::Given,
        (false, true) => Source::Policy,
        (false, false) => Source::Export,
    };
    let own = keys.keys.iter().filter(|key| key.name() == keys.origin);
    let own: BTreeSet<String> = own.map(ToString::to_string).collect();
    Against {
        keys_from,
        keys: own.into_iter().collect(),
        since: since.map(SinceReport::from),
        accepted: trust.continued.to_vec(),
        ..Against::default()
    }
}

/// Rebuilds both logs.
fn whole(keys: &TenantKeys, trust: &LogTrust<'_>, files: &mut Files<'_>, report: &mut Report) -> Content {
    let mut content = Content::of_tenant(&keys.origin);
    for log in LogName::ALL {
        if files.is_stopped() {
            break;
        }
        generation::verify_generations(log, keys, trust, files, &mut content, report);
    }
    content
}

/// The keys that may sign for a tenant, each under the name it must bear.
pub(crate) struct TenantKeys {
    origin: String,
    keys: Vec<VerifierKey>,
}

impl TenantKeys {
    /// Keeps the keys of this tenant and gives each all three names.
    pub(crate) fn new(origin: &str, from: &[VerifierKey]) -> Self {
        let names = [
            origin.to_owned(),
            LogName::Events.origin(origin),
            LogName::Access.origin(origin),
        ];
        // A key that was read from a log which was continued bears that log's name.
        let is_own =
            |key: &&VerifierKey| key.name() == origin || names[1..].iter().any(|log| is_successor(key.name(), log));
        let own = from.iter().filter(is_own);
        let keys = own
            .flat_map(|key| names.iter().filter_map(|name| key.renamed(name).ok()))
            .collect();
        Self {
            origin: origin.to_owned(),
            keys,
        }
    }

    /// Whether these are keys of this tenant, and all of them known.
    pub(crate) fn knows(&self, given: &[VerifierKey]) -> bool {
        let own = |key: &VerifierKey| {
            let named = Self::new(&self.origin, std::slice::from_ref(key)).keys;
            !named.is_empty() && named.iter().all(|key| self.keys.contains(key))
        };
        given.iter().all(own)
    }

    /// The checkpoint of the events log that a proof leads to from its leaf, where all of that holds.
    pub(crate) fn verify_events(&self, proof: &Proof, leaf: &[u8]) -> Option<Checkpoint> {
        let checkpoint = self.open_checkpoint(&proof.checkpoint).ok()?;
        let of_events = is_successor(&checkpoint.origin, &LogName::Events.origin(&self.origin));
        let (size, root) = (checkpoint.size, checkpoint.root);
        let included = verify_inclusion(leaf_hash(leaf), proof.index, size, &proof.hashes, root);
        (of_events && included.is_ok()).then_some(checkpoint)
    }

    /// Which generation of the events log a checkpoint is of.
    pub(crate) fn generation(&self, checkpoint: &Checkpoint) -> u32 {
        generation_of(&checkpoint.origin, &LogName::Events.origin(&self.origin)).unwrap_or(1)
    }

    /// Opens a checkpoint. After a restore a log goes on under `<origin>-2`, `-3` and so on; its keys are
    /// the tenant's as well.
    fn open_checkpoint(&self, signed: &[u8]) -> Result<Checkpoint, crate::checkpoint::CheckpointError> {
        let claimed = note::text_unverified(signed)?.split('\n').next().unwrap_or_default();
        let mut keys = self.keys.clone();
        if LogName::ALL
            .iter()
            .any(|log| is_successor(claimed, &log.origin(&self.origin)))
        {
            keys.extend(self.keys.iter().filter_map(|key| key.renamed(claimed).ok()));
        }
        Checkpoint::open(signed, &keys)
    }
}

/// Whether `origin` is that of a generation of the log whose first is `first`.
fn is_successor(origin: &str, first: &str) -> bool {
    generation_of(origin, first).is_some()
}

/// Which generation `origin` is of, where the first is `first` and later ones `first-2`, `first-3` and so on.
fn generation_of(origin: &str, first: &str) -> Option<u32> {
    let rest = origin.strip_prefix(first)?;
    if rest.is_empty() {
        return Some(1);
    }
    let number = rest.strip_prefix('-')?.parse().ok().filter(|number| *number > 1)?;
    (rest == format!("-{number}")).then_some(number)
}

/// Reads the manifest. A manifest whose signature does not hold is reported and still used, to name
/// which files differ from it.
fn open_manifest(
    reader: &dyn ExportReader,
    trusted: Option<&[VerifierKey]>,
    report: &mut Report,
) -> Option<(Manifest, TenantKeys)> {
    let signed = match reader.read_up_to(MANIFEST_PATH, FILE_BYTES_MAX) {
        Ok(signed) => signed,
        Err(cause) => {
            let finding = Finding::error(
                FindingCode::ManifestMissing,
                format!("the manifest cannot be read: {cause}"),
            );
            report.add(finding.file(MANIFEST_PATH));
            return None;
        }
    };
    let malformed = |message: String| Finding::error(FindingCode::ManifestMalformed, message).file(MANIFEST_PATH);
    let text = match note::text_unverified(&signed) {
        Ok(text) => text,
        Err(cause) => {
            report.add(malformed(format!("the manifest is not a signed note: {cause}")));
            return None;
        }
    };
    let manifest = match Manifest::parse(text) {
        Ok(manifest) => manifest,
        Err(cause) => {
            report.add(malformed(cause.to_string()));
            return None;
        }
    };
    let from_export;
    let known = if let Some(keys) = trusted {
        keys
    } else {
        from_export = keys_of_export(reader, report);
        from_export.as_slice()
    };
    let keys = TenantKeys::new(&manifest.origin, known);
    let opened = note::open(&signed, &keys.keys);
    // Nothing else lists this file, so a line under it that nobody can check would be a change that nobody finds.
    let signed_by_tenant = opened
        .as_ref()
        .is_ok_and(|opened| opened.signers.contains(&manifest.origin))
        && note::is_signed_once(&signed);
    if !signed_by_tenant {
        let cause = opened.err().map_or_else(
            || "the tenant's key must have signed it, and no other".to_owned(),
            |cause| cause.to_string(),
        );
        let message = format!(
            "the manifest of {} is not signed as it must be: {cause}",
            manifest.origin
        );
        let finding = Finding::error(FindingCode::ManifestSignature, message).file(MANIFEST_PATH);
        report.add(finding.detail(DetailName::Origin, &manifest.origin));
    }
    Some((manifest, keys))
}

fn keys_of_export(reader: &dyn ExportReader, report: &mut Report) -> Vec<VerifierKey> {
    let message = "key taken from the export itself; compare it with the one the operator published".to_owned();
    report.add(Finding::warning(FindingCode::KeyFromExport, message).file(KEYS_PATH));
    let bytes = reader.read_up_to(KEYS_PATH, KEYS_BYTES_MAX).unwrap_or_default();
    let mut keys = Vec::new();
    let text = String::from_utf8_lossy(&bytes);
    // Every line ends with one newline; `lines` would also take other ends.
    for (place, line) in text.split_terminator('\n').enumerate() {
        match VerifierKey::parse(line) {
            Ok(key) => keys.push(key),
            Err(cause) => {
                let message = format!("line {}: {cause}", place + 1);
                let finding = Finding::error(FindingCode::KeyMalformed, message).file(KEYS_PATH);
                report.add(finding.detail(DetailName::Line, place + 1));
            }
        }
    }
    keys
}

fn open_since(signed: &[u8], keys: &TenantKeys, report: &mut Report) -> Option<Checkpoint> {
    let problem = match keys.open_checkpoint(signed) {
        Ok(checkpoint) => return Some(checkpoint),
        Err(crate::checkpoint::CheckpointError::Note(cause)) => cause.to_string(),
        Err(cause) => cause.to_string(),
    };
    let message = format!("the older checkpoint cannot be used: {problem}");
    report.add(Finding::error(FindingCode::SinceUnusable, message));
    None
}

#[cfg(test)]
#[path = "verify/verify_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "verify/full_change_tests.rs"]
mod full_change_tests;

#[cfg(test)]
#[path = "verify/generation_tests.rs"]
mod generation_tests;
