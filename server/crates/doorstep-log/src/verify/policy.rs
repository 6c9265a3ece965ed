//! Compares the cosignatures under an export's checkpoints with a trust policy.
//!
//! A policy from elsewhere is a demand: without its quorum the export fails. The export's own policy only says what its
//! operator promised, so an unmet quorum is then a warning; a cosignature that does not hold is an error either way.

use super::meta::MetaHead;
use super::report::{CosignedBy, WitnessReport};
use super::{Detail, DetailName, Files, Finding, FindingCode, Report, Source, TenantKeys, Trust, continued};
use crate::checkpoint::Checkpoint;
use crate::export::{Generation, LogName, POLICY_PATH};
use crate::note::{VerifierKey, text_unverified};
use crate::policy::{Policy, PolicyError};

/// How far the clock of a witness may be ahead of the reader's.
const CLOCKS_S: u64 = 10 * 60;

/// A signed head that witnesses should have cosigned.
struct Head<'a> {
    /// `None` for the operator's meta log.
    log: Option<LogName>,
    /// Its log as the export names it.
    name: String,
    path: &'a str,
    signed: &'a [u8],
}

/// Judges the checkpoints of all logs, and those of the operator's that the export stands under. The signatures of the
/// logs themselves were judged before.
pub(super) fn verify_policy(
    trust: &Trust<'_>,
    keys: &TenantKeys,
    meta: &[MetaHead],
    files: &mut Files<'_>,
    report: &mut Report,
) {
    let trusted = trust.policy;
    let own = own_policy(trusted.is_some(), files, report);
    report.against.policy_from = match (trusted, &own) {
        (Some(_), _) => Source::Given,
        (None, Some(_)) => Source::Export,
        (None, None) => Source::None,
    };
    let Some(policy) = trusted.or(own.as_ref()) else { return };
    report.against.witnesses_demanded = policy.demands_witnesses();
    if let Some(policy) = trusted {
        compare_keys(policy, keys, report);
    }
    for log in LogName::ALL {
        let mut generation = Generation::from(log);
        let mut path = generation.path("checkpoint");
        // Without a first checkpoint the log is reported as absent.
        while let Some(signed) = files.read(&path, report) {
            let head = Head {
                log: Some(log),
                name: generation.to_string(),
                path: &path,
                signed: &signed,
            };
            judge(policy, &head, trusted.is_some(), report);
            generation.number += 1;
            path = generation.path("checkpoint");
        }
    }
    for MetaHead { path, signed } in meta {
        let head = Head {
            log: None,
            name: "meta".to_owned(),
            path,
            signed,
        };
        // Leaving out the proof altogether would be no error either: the tenant's own heads are what is demanded.
        judge(policy, &head, false, report);
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
        report.add(Finding::error(FindingCode::PolicyKey, message).detail(DetailName::Origin, key.name()));
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
            let finding = Finding::warning(FindingCode::CosignatureAhead, message);
            let finding = finding.detail(DetailName::Witness, &one.witness);
            let finding = finding.detail(DetailName::TimeMs, one.time_s.saturating_mul(1_000));
            ahead.push(Finding {
                log: witnessed.log,
                ..finding
            });
        }
    }
    for finding in ahead {
        report.add(finding);
    }
}

/// Judges one checkpoint. That of a generation that has ended is judged like the present one, or its history could be
/// exchanged when it ends.
fn judge(policy: &Policy, head: &Head<'_>, is_demanded: bool, report: &mut Report) {
    let judged = policy.judge(head.signed);
    let placed = |finding: Finding| match head.log {
        Some(log) => finding.file(head.path).log(log),
        None => finding.file(head.path),
    };
    for bad in &judged.bad {
        let finding = Finding::error(FindingCode::CosignatureBad, bad.to_string());
        let witness = bad.witness().map(|name| Detail::new(DetailName::Witness, name));
        let details = witness.into_iter().collect();
        report.add(placed(Finding { details, ..finding }));
    }
    let claimed = text_unverified(head.signed)
        .ok()
        .and_then(|text| Checkpoint::parse(text).ok());
    let size = claimed.as_ref().map_or(0, |checkpoint| checkpoint.size);
    if !judged.is_quorum {
        let cosigned = judged.cosignatures.len();
        let finding = unmet(&head.name, size, cosigned, is_demanded);
        report.add(placed(finding.detail(DetailName::Cosigned, cosigned)));
    }
    let cosignatures = judged.cosignatures.into_iter().map(|one| CosignedBy {
        witness: one.witness,
        time_s: one.time_s,
    });
    report.witnessed.push(WitnessReport {
        log: head.log,
        origin: claimed.map_or_else(|| head.name.clone(), |checkpoint| checkpoint.origin),
        size,
        quorum: judged.is_quorum,
        cosignatures: cosignatures.collect(),
    });
}

/// A quorum that is missing. Witnesses cosign a log without leaves as well, so one that is demanded is missing there too: who
/// empties a log must not get past those who watch it.
fn unmet(log: &str, size: u64, cosigned: usize, is_demanded: bool) -> Finding {
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
            let mut finding = Finding::error(FindingCode::PolicyMalformed, cause.to_string());
            if let PolicyError::Line { line, .. } = cause {
                finding = finding.detail(DetailName::Line, line);
            }
            report.add(finding.file(POLICY_PATH));
            None
        }
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
