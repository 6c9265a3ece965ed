//! Compares the cosignatures under an export's checkpoints with a trust policy.
//!
//! A policy from elsewhere is a demand: without its quorum the export fails. The export's own policy only says what its
//! operator promised, so an unmet quorum is then a warning; a cosignature that does not hold is an error either way.

use super::report::{CosignedBy, WitnessReport};
use super::{Files, Finding, FindingCode, Report, TenantKeys, Trust, continued};
use crate::checkpoint::Checkpoint;
use crate::export::{Generation, LogName, POLICY_PATH};
use crate::note::{VerifierKey, text_unverified};
use crate::policy::Policy;

/// How far the clock of a witness may be ahead of the reader's.
const CLOCKS_S: u64 = 10 * 60;

/// Judges the checkpoints of all logs. The signatures of the logs themselves were judged before.
pub(super) fn verify_policy(trust: &Trust<'_>, keys: &TenantKeys, files: &mut Files<'_>, report: &mut Report) {
    let trusted = trust.policy;
    let own = own_policy(trusted.is_some(), files, report);
    let Some(policy) = trusted.or(own.as_ref()) else { return };
    if let Some(policy) = trusted {
        compare_keys(policy, keys, report);
    }
    for log in LogName::ALL {
        let mut generation = Generation::from(log);
        // Without a first checkpoint the log is reported as absent.
        while let Some(signed) = files.read(&generation.path("checkpoint"), report) {
            judge(policy, (generation, &signed), trusted.is_some(), report);
            generation.number += 1;
        }
    }
    continued::compare_known(policy, trusted.is_some(), files, report);
    if let Some(now_ms) = trust.now_ms {
        compare_clock(now_ms, report);
    }
}

/// Where a policy names a key for this tenant's logs, it must be one of those that they are judged by: two sources that the
/// reader trusts contradict each other otherwise.
fn compare_keys(policy: &Policy, keys: &TenantKeys, report: &mut Report) {
    let named: Vec<_> = policy.logs().iter().map(|log| log.key.clone()).collect();
    let other = |key: &&VerifierKey| !keys.keys.iter().any(|known| known.public() == key.public());
    for key in TenantKeys::new(&keys.origin, &named).keys.iter().filter(other).take(1) {
        let message = format!(
            "the policy names another key for {} than the one that was given",
            key.name()
        );
        report.add(Finding::error(FindingCode::PolicyKey, message));
    }
}

/// Warns of witnesses whose time is still to come.
fn compare_clock(now_ms: i64, report: &mut Report) {
    let latest_s = u64::try_from(now_ms / 1_000).unwrap_or(0).saturating_add(CLOCKS_S);
    let mut ahead = Vec::new();
    for witnessed in &report.witnessed {
        for one in witnessed.cosignatures.iter().filter(|one| one.time_s > latest_s) {
            let message = format!(
                "{} says that it cosigned {} at {} seconds since 1970, which is still to come: its clock is wrong, or it \
                 dates ahead",
                one.witness, witnessed.origin, one.time_s
            );
            ahead.push(Finding::warning(FindingCode::CosignatureAhead, message).log(witnessed.log));
        }
    }
    for finding in ahead {
        report.add(finding);
    }
}

/// Judges one checkpoint. That of a generation that has ended is judged like the present one, or its history could be
/// exchanged when it ends.
fn judge(policy: &Policy, (generation, signed): (Generation, &[u8]), is_demanded: bool, report: &mut Report) {
    let (log, path) = (generation.log, generation.path("checkpoint"));
    let judged = policy.judge(signed);
    for bad in &judged.bad {
        let finding = Finding::error(FindingCode::CosignatureBad, bad.to_string());
        report.add(finding.file(&path).log(log));
    }
    let claimed = text_unverified(signed)
        .ok()
        .and_then(|text| Checkpoint::parse(text).ok());
    let size = claimed.as_ref().map_or(0, |checkpoint| checkpoint.size);
    if !judged.is_quorum {
        let finding = unmet(generation, size, judged.cosignatures.len(), is_demanded);
        report.add(finding.file(&path).log(log));
    }
    let cosignatures = judged.cosignatures.into_iter().map(|one| CosignedBy {
        witness: one.witness,
        time_s: one.time_s,
    });
    report.witnessed.push(WitnessReport {
        log,
        origin: claimed.map_or_else(|| generation.to_string(), |checkpoint| checkpoint.origin),
        size,
        quorum: judged.is_quorum,
        cosignatures: cosignatures.collect(),
    });
}

/// A quorum that is missing. Witnesses cosign a log without leaves as well, so one that is demanded is missing there too: who
/// empties a log must not get past those who watch it.
fn unmet(log: Generation, size: u64, cosigned: usize, is_demanded: bool) -> Finding {
    let message = if size == 0 {
        format!("the {log} log is empty, and no quorum of witnesses says so; ask them whether they know more of it")
    } else {
        format!(
            "the checkpoint of {log} lacks the quorum of witnesses ({cosigned} cosigned): it may be a history that they \
             refused; ask them what they cosigned last"
        )
    };
    if is_demanded {
        Finding::error(FindingCode::QuorumUnmet, message)
    } else {
        Finding::warning(FindingCode::QuorumUnmet, message)
    }
}

/// The policy that came with the export. It must be one also where nobody asks it.
fn own_policy(has_trusted: bool, files: &mut Files<'_>, report: &mut Report) -> Option<Policy> {
    let bytes = files
        .is_listed(POLICY_PATH)
        .then(|| files.read(POLICY_PATH, report))??;
    match Policy::parse(&bytes) {
        Ok(policy) => {
            if !has_trusted && policy.demands_witnesses() {
                let message = "policy taken from the export itself; give the one you trust with --policy".to_owned();
                report.add(Finding::warning(FindingCode::PolicyFromExport, message).file(POLICY_PATH));
            }
            Some(policy)
        }
        Err(cause) => {
            let finding = Finding::error(FindingCode::PolicyMalformed, cause.to_string());
            report.add(finding.file(POLICY_PATH));
            None
        }
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
