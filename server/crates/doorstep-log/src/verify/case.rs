//! Verifies the export of one case: every leaf by its own proof, and nobody else's among them.
//!
//! Shows that what is in stands in the signed log as it was signed. Does not show by itself that nothing of the case
//! is missing: for that the operator answers with a signed account of every number that its devices' chains lack.

use std::collections::BTreeSet;

use super::generation::unreached;
use super::{
    CaseReport, Content, DetailName, Files, Finding, FindingCode, LogReport, Report, TenantKeys, VerifyStep, logs,
};
use crate::canonical::Value;
use crate::chain::WithheldEvent;
use crate::checkpoint::Checkpoint;
use crate::export::{Belongs, CASE_PATH, CaseAbout, ChainGap, Generation, LogName, proof_path};
use crate::hash::leaf_hash;
use crate::leaf::{Leaf, ServerEntry};
use crate::proof::Proof;
use crate::tree::verify_inclusion;

/// How many leaves are read between two questions whether to go on.
const STEP: u64 = 256;

/// Verifies the leaves of a case; payloads are compared as in a whole export.
pub(super) fn verify_case(
    keys: &TenantKeys,
    since: Option<&Checkpoint>,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Content {
    let Some(about) = read_about(files, report) else {
        return Content::default();
    };
    let mut case = Case {
        about,
        content: Content::of_case(&keys.origin),
        certified: Vec::new(),
        signers: BTreeSet::new(),
    };
    for log in LogName::ALL {
        case.verify_generations(log, (keys, since), files, report);
    }
    report.reading = None;
    if !files.is_stopped() {
        case.compare_gaps(report);
        case.compare_heads(report);
        case.compare_devices(report);
    }
    let number = |gap: &ChainGap| gap.to.saturating_sub(gap.from).saturating_add(1);
    let about = &case.about;
    report.case = Some(CaseReport {
        case: about.case.clone(),
        subj: about.subj.clone(),
        visits: about.visits.len() as u64,
        events_elsewhere: about.gaps.iter().map(number).fold(0, u64::saturating_add),
        leaves_left_out: about.left_out.iter().copied().fold(0, u64::saturating_add),
    });
    case.content
}

fn read_about(files: &mut Files<'_>, report: &mut Report) -> Option<CaseAbout> {
    let message = "this is one case, not the whole log: it shows that what is in it is unaltered and in the log. That \
                   nothing else happened in the case, and that the log never changed, only the whole log can show";
    report.add(Finding::warning(FindingCode::CaseOnly, message.to_owned()));
    let bytes = files.read(CASE_PATH, report);
    let problem = match bytes.as_deref().map(CaseAbout::decode) {
        Some(Ok(about)) => return Some(about),
        Some(Err(cause)) => cause.to_string(),
        None => "it is missing".to_owned(),
    };
    let message = format!("what the export says of its case cannot be used: {problem}; export again");
    report.add(Finding::error(FindingCode::CaseMalformed, message).file(CASE_PATH));
    None
}

struct Case {
    about: CaseAbout,
    content: Content,
    /// Devices whose keys the export makes known or ends, with the leaf.
    certified: Vec<(String, u64)>,
    /// Devices that signed an event of the case.
    signers: BTreeSet<String>,
}

impl Case {
    /// Each generation by itself: how one continues the other only the whole log shows.
    fn verify_generations(
        &mut self,
        log: LogName,
        trust: (&TenantKeys, Option<&Checkpoint>),
        files: &mut Files<'_>,
        report: &mut Report,
    ) {
        let mut generation = Generation::from(log);
        loop {
            self.content.begin(generation.number);
            self.verify_log(generation, trust, files, report);
            generation.number += 1;
            if files.is_stopped() || !files.is_listed(&generation.path("checkpoint")) {
                break;
            }
            let message =
                format!("{log} was closed and goes on as {generation}; the whole log shows what was lost between");
            let finding = Finding::warning(FindingCode::LogContinued, message).log(log);
            report.add(finding.file(&generation.path("checkpoint")));
        }
        unreached(generation, files, report);
    }

    fn verify_log(
        &mut self,
        log: Generation,
        (keys, since): (&TenantKeys, Option<&Checkpoint>),
        files: &mut Files<'_>,
        report: &mut Report,
    ) {
        report.reading = Some(log.number);
        let Some(checkpoint) = logs::open_checkpoint(log, keys, files, report) else {
            return;
        };
        let signed = files.read(&log.path("checkpoint"), report).unwrap_or_default();
        let step = match log.log {
            LogName::Events => VerifyStep::Events,
            LogName::Access => VerifyStep::Access,
        };
        let indexes = indexes_of(log, files, report);
        let mut leaves = 0;
        for (done, index) in (0..).zip(&indexes) {
            if done % STEP == 0 && !files.goes_on(step, done, indexes.len() as u64, report) {
                return;
            }
            leaves += u64::from(self.verify_leaf((log, *index), (&checkpoint, &signed), files, report));
        }
        if since == Some(&checkpoint) {
            report.against.extended();
        } else if since.is_some_and(|since| since.origin == checkpoint.origin) {
            let message = "one case cannot show that the log extends the older checkpoint; export the whole log";
            report.add(Finding::error(FindingCode::SinceUnusable, message.to_owned()).log(log.log));
        }
        report.logs.push(LogReport {
            log: log.log,
            origin: checkpoint.origin,
            size: checkpoint.size,
            leaves,
            root: checkpoint.root,
        });
    }

    fn verify_leaf(
        &mut self,
        (log, index): (Generation, u64),
        (checkpoint, signed): (&Checkpoint, &[u8]),
        files: &mut Files<'_>,
        report: &mut Report,
    ) -> bool {
        let path = proof_path(log, index);
        let Some(bytes) = files.read(&path, report) else {
            return false;
        };
        match open_leaf(&bytes, index, (checkpoint, signed)) {
            Ok(leaf) => {
                self.take((log, index), leaf, report);
                true
            }
            Err(problem) => {
                report.add(proof_bad(&path, &problem).leaf(log.log, index));
                false
            }
        }
    }

    fn take(&mut self, (log, index): (Generation, u64), leaf: Leaf, report: &mut Report) {
        let device = |entry: &ServerEntry| entry.detail.get("dev").and_then(Value::as_text).map(str::to_owned);
        match (self.about.belongs(&leaf), &leaf) {
            (Belongs::Case, Leaf::Device(event)) => {
                self.signers.extend(event.header().ok().map(|header| header.dev));
            }
            (Belongs::Case, Leaf::Server(entry)) => {
                let withheld = WithheldEvent::from_entry(entry).and_then(Result::ok);
                self.signers.extend(withheld.map(|event| event.dev));
            }
            (Belongs::Device, Leaf::Server(entry)) => {
                self.certified.push((device(entry).unwrap_or_default(), index));
            }
            _ => {
                let message = format!("leaf {index} of {log} is about somebody or something else than this case");
                report.add(Finding::error(FindingCode::CaseForeign, message).leaf(log.log, index));
            }
        }
        self.content.take_all(log.log, vec![(index, leaf)], report);
    }

    /// Every number that a chain lacks must be accounted for, and no other but those after its last event here, which no
    /// chain shows.
    fn compare_gaps(&self, report: &mut Report) {
        let found: BTreeSet<&ChainGap> = self.content.gaps().iter().collect();
        let stated: BTreeSet<&ChainGap> = self.about.gaps.iter().collect();
        for ChainGap { dev, from, to } in found.difference(&stated) {
            let message = format!("events {from} to {to} of device {dev} are missing and not accounted for");
            report.add(gap_bad(message, (dev, *from, *to)));
        }
        let after = |gap: &&&ChainGap| self.content.last_of(&gap.dev) == gap.from.checked_sub(1) && gap.from <= gap.to;
        for ChainGap { dev, from, to } in stated.difference(&found).filter(|gap| !after(gap)) {
            let message = format!(
                "events {from} to {to} of device {dev} are said to concern other matters, which no gap in the chain shows"
            );
            report.add(gap_bad(message, (dev, *from, *to)));
        }
    }

    /// Where an entry names a later head of a device than the case holds, the events up to it must be accounted for.
    fn compare_heads(&self, report: &mut Report) {
        let is_stated = |head: &ChainGap| {
            let covers = |gap: &ChainGap| gap.dev == head.dev && gap.from <= head.from && head.to <= gap.to;
            self.about.gaps.iter().any(covers)
        };
        for ChainGap { dev, from, to } in self.content.heads.iter().filter(|head| !is_stated(head)) {
            let message = format!(
                "an entry says that event {to} was the last known of device {dev}; events from {from} on are missing and \
                 not accounted for"
            );
            let finding = Finding::error(FindingCode::CaseGap, message).file(CASE_PATH);
            let finding = finding.detail(DetailName::Device, dev).detail(DetailName::Event, from);
            report.add(finding.detail(DetailName::ToEvent, to));
        }
    }

    /// Only the devices that signed events of the case may be named.
    fn compare_devices(&self, report: &mut Report) {
        for (dev, index) in self.certified.iter().filter(|(dev, _)| !self.signers.contains(dev)) {
            let message = format!("leaf {index} of events is about device {dev}, which signed nothing in this case");
            let finding = Finding::error(FindingCode::CaseForeign, message).leaf(LogName::Events, *index);
            report.add(finding.detail(DetailName::Device, dev));
        }
    }
}

fn gap_bad(message: String, (dev, from, to): (&str, u64, u64)) -> Finding {
    let finding = Finding::error(FindingCode::CaseGap, message).file(CASE_PATH);
    let finding = finding.detail(DetailName::Device, dev);
    finding.detail(DetailName::Event, from).detail(DetailName::ToEvent, to)
}

/// Places of the leaves of a log that the export holds, in the order of the log.
fn indexes_of(log: Generation, files: &Files<'_>, report: &mut Report) -> Vec<u64> {
    let folder = format!("proofs/{log}/");
    let mut indexes = Vec::new();
    for path in files.below(&folder) {
        let digits = path
            .strip_prefix(&folder)
            .and_then(|name| name.strip_suffix(".tlog-proof"));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(index) if proof_path(log, index) == path => indexes.push(index),
            _ => report.add(proof_bad(&path, "its name is no place in the log")),
        }
    }
    indexes.sort_unstable();
    indexes
}

/// The leaf of a proof file that leads to exactly this checkpoint.
fn open_leaf(bytes: &[u8], index: u64, (checkpoint, signed): (&Checkpoint, &[u8])) -> Result<Leaf, String> {
    let proof = Proof::parse(bytes).map_err(|cause| cause.to_string())?;
    if proof.index != index || proof.checkpoint != signed {
        return Err("it is of another place or checkpoint than it claims".to_owned());
    }
    let leaf = proof.extra.ok_or("it holds no leaf")?;
    verify_inclusion(leaf_hash(&leaf), index, checkpoint.size, &proof.hashes, checkpoint.root)
        .map_err(|cause| cause.to_string())?;
    Leaf::decode(&leaf).map_err(|cause| cause.to_string())
}

fn proof_bad(path: &str, problem: &str) -> Finding {
    Finding::error(FindingCode::ProofBad, format!("{path}: {problem}")).file(path)
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
