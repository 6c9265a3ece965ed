//! Logs that were continued: what their operator says was lost, and whether the reader of the report takes that.
//!
//! Nothing in an export can show what was lost, so a continued log never holds by itself: with it any part of the history can be
//! left out. Witnesses can show at least how large the log had been.

use serde::Serialize;

use super::{DetailName, Files, Finding, FindingCode, Report, TenantKeys};
use crate::checkpoint::Checkpoint;
use crate::export::{Continuation, Generation, LogName};
use crate::hash::Hash;
use crate::policy::Policy;

/// What a verification comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Something does not hold.
    #[default]
    NotVerified,
    /// What is there holds, and a log was continued: signed leaves may be lost.
    Continued,
    /// Everything holds.
    Verified,
}

/// A log that was closed and goes on as another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContinuedReport {
    /// Which log.
    pub log: LogName,
    /// The generation that was closed, from 1.
    pub generation: u32,
    /// Origin of what was closed.
    pub origin: String,
    /// Origin under which it goes on.
    pub next: String,
    /// Leaves of the newest head that is known of it, as the operator says.
    pub known_size: u64,
    /// Root of that head.
    pub known_root: Hash,
    /// Leaves that are left.
    pub left_size: u64,
    /// Leaves that were signed and are lost, as the operator says.
    pub lost: u64,
    /// Why, as a code.
    pub reason: String,
    /// Whether the export shows the known head, signed.
    pub shown: bool,
    /// Whether the reader of the report takes that.
    pub accepted: bool,
}

impl Report {
    /// Leaves that were signed and are lost, in all logs, as the operator says.
    pub fn leaves_lost(&self) -> u64 {
        let lost = self.continued.iter().map(|continued| continued.lost);
        lost.fold(0, u64::saturating_add)
    }

    /// Comes to a verdict from what was found.
    pub(super) fn conclude(&mut self) {
        self.verdict = match (self.errors, self.continued.is_empty()) {
            (0, true) => Verdict::Verified,
            (0, false) => Verdict::Continued,
            _ => Verdict::NotVerified,
        };
        self.ok = self.errors == 0 && self.continued.iter().all(|continued| continued.accepted);
    }
}

/// Takes up a continuation that fits the generation before, which bears `id`.
pub(super) fn take(
    id: Generation,
    next: &str,
    found: &Continuation,
    (keys, accepted): (&TenantKeys, &[String]),
    files: &mut Files<'_>,
    report: &mut Report,
) {
    let shown = found.lost() > 0 && is_shown(id, found, keys, files, report);
    report.continued.push(ContinuedReport {
        log: id.log,
        generation: id.number,
        origin: found.origin.clone(),
        next: next.to_owned(),
        known_size: found.known.0,
        known_root: found.known.1,
        left_size: found.left.0,
        lost: found.lost(),
        reason: found.reason.clone(),
        shown,
        accepted: accepted.contains(&found.origin),
    });
}

/// Whether the export has the known head as a signed note. One of another head is an error.
fn is_shown(
    id: Generation,
    found: &Continuation,
    keys: &TenantKeys,
    files: &mut Files<'_>,
    report: &mut Report,
) -> bool {
    let path = id.known_path();
    let Some(signed) = files.read(&path, report) else {
        return false;
    };
    let fits = |known: &Checkpoint| known.origin == found.origin && (known.size, known.root) == found.known;
    let shown = keys.open_checkpoint(&signed).is_ok_and(|known| fits(&known));
    if !shown {
        let message = format!(
            "{path} is not the signed head of {} that its continuation names",
            found.origin
        );
        report.add(
            Finding::error(FindingCode::GenerationBad, message)
                .file(&path)
                .log(id.log),
        );
    }
    shown
}

/// Witnesses must have cosigned the known head of what was closed: otherwise any number of leaves could be said to be lost, and
/// whatever devices saw be explained by that.
pub(super) fn compare_known(policy: &Policy, is_demanded: bool, files: &mut Files<'_>, report: &mut Report) {
    let lossy = report.continued.iter().filter(|continued| continued.lost > 0);
    for continued in lossy.cloned().collect::<Vec<_>>() {
        let id = Generation {
            log: continued.log,
            number: continued.generation,
        };
        let path = id.known_path();
        let note = if continued.shown {
            files.read(&path, report)
        } else {
            None
        };
        let judged = policy.judge(&note.unwrap_or_default());
        if judged.is_quorum && continued.shown && judged.bad.is_empty() {
            continue;
        }
        let message = format!(
            "{id} was continued, and its known head of {} leaves is not shown with the quorum of witnesses: that it had been so \
             large, and that {} leaves are lost, is the operator's word; ask the operator for an export with {path}, or each \
             witness for the newest checkpoint of {}",
            continued.known_size, continued.lost, continued.origin
        );
        let code = FindingCode::QuorumUnmet;
        let finding = if is_demanded {
            Finding::error(code, message)
        } else {
            Finding::warning(code, message)
        };
        let finding = finding.detail(DetailName::Size, continued.known_size);
        let finding = finding.detail(DetailName::Lost, continued.lost);
        report.add(finding.file(&path).log(id.log));
    }
}
