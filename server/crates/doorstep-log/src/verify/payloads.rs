//! Is every payload that a leaf commits to there, opened, or rightly gone?
//!
//! Sealed payloads are opaque; only openings are compared with commitments.

use std::collections::BTreeSet;

use super::content::Payload;
use super::{Content, DetailName, Files, Finding, FindingCode, Report, VerifyStep};
use crate::export::{LogName, OPENINGS_PATH, Opening, payload_path};
use crate::leaf::commitment;

/// Checks openings first: a payload shown in the clear is not missing, even when its sealed file is.
pub(super) fn verify_payloads(content: &Content, files: &mut Files<'_>, report: &mut Report) {
    let opened = verify_openings(content, files, report);
    let total = content.payloads.len() as u64;
    let mut missing: Vec<(&String, &Payload)> = Vec::new();
    // In the order of the files, which is that of the list and of the folder: each is looked up beside the one before.
    for (done, (eid, payload)) in (0..).zip(&content.payloads) {
        if !files.goes_on(VerifyStep::Payloads, done, total, report) {
            break;
        }
        let Some(path) = payload_path(eid) else { continue };
        if files.read(&path, report).is_some() {
            report.counts.payloads_present += 1;
        } else if let Some(erased) = content.erased_at(payload) {
            report.counts.payloads_erased += 1;
            warn_of_late(payload, erased, &path, report);
        } else if !opened.contains(eid) {
            report.counts.payloads_missing += 1;
            missing.push((eid, payload));
        }
    }
    missing.sort_by_key(|(_, payload)| (payload.log, payload.index));
    for (eid, payload) in missing {
        let (log, index) = (payload.log, payload.index);
        let message = format!("the payload of leaf {index} of {log} is missing and no erasure explains it");
        let finding = Finding::error(FindingCode::PayloadMissing, message)
            .leaf(log, index)
            .of(payload.generation);
        report.add(finding.file(&payload_path(eid).unwrap_or_default()));
    }
}

/// A payload that its person's erasure explains and that is younger than it: nothing was there to be destroyed yet.
fn warn_of_late(payload: &Payload, erased: (u32, u64), path: &str, report: &mut Report) {
    let (log, index) = (payload.log, payload.index);
    if log != LogName::Events || (payload.generation, index) < erased {
        return;
    }
    let message = format!(
        "the payload of leaf {index} of {log} is missing; its person was erased before, with leaf {}, so it came after the \
         erasure and was withheld or never kept",
        erased.1
    );
    let finding = Finding::warning(FindingCode::PayloadAfterErasure, message).file(path);
    let finding = finding.leaf(log, index).of(payload.generation);
    report.add(finding.detail(DetailName::OtherLeaf, erased.1));
}

impl Content {
    /// The first erasure of somebody whom the payload is about.
    fn erased_at(&self, payload: &Payload) -> Option<(u32, u64)> {
        payload
            .subj
            .iter()
            .filter_map(|alias| self.erased.get(alias))
            .min()
            .copied()
    }
}

/// Identities of the payloads whose opening fits.
fn verify_openings(content: &Content, files: &mut Files<'_>, report: &mut Report) -> BTreeSet<String> {
    let mut opened = BTreeSet::new();
    if !files.is_listed(OPENINGS_PATH) {
        return opened;
    }
    let bytes = files.read(OPENINGS_PATH, report).unwrap_or_default();
    let lines = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    for (place, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        let number = place + 1;
        let bad = |problem: String| {
            let finding = Finding::error(FindingCode::OpeningBad, format!("line {number}: {problem}"));
            finding.file(OPENINGS_PATH).detail(DetailName::Line, number)
        };
        let opening = match Opening::decode(line) {
            Ok(opening) => opening,
            Err(cause) => {
                report.add(bad(cause.to_string()));
                continue;
            }
        };
        let Some(payload) = content.payloads.get(&opening.eid) else {
            report.add(bad(format!("no leaf commits to payload {}", opening.eid)));
            continue;
        };
        if commitment(&opening.salt, &opening.payload) == payload.pc {
            content.check_joined(&opening, report);
            report.counts.payloads_opened += u64::from(opened.insert(opening.eid));
        } else {
            let message = format!(
                "line {number}: the opening of {} does not fit the commitment in its leaf",
                opening.eid
            );
            let finding = Finding::error(FindingCode::OpeningMismatch, message).file(OPENINGS_PATH);
            let finding = finding.detail(DetailName::Line, number);
            report.add(finding.leaf(payload.log, payload.index).of(payload.generation));
        }
    }
    opened
}
