//! Tests of the verifier's policy: who must have cosigned, by whose word, and what a missing quorum is.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use crate::checkpoint::Checkpoint;
use crate::cosignature::CosignerKey;
use crate::export::{ExportKeys, LogName, POLICY_PATH, Published, Writer};
use crate::hash::leaf_hash;
use crate::leaf::{Leaf, ServerEntry};
use crate::note::text_unverified;
use crate::policy::Policy;
use crate::tree::root;
use crate::verify::meta::tests::meta_files;
use crate::verify::{FindingCode, Report, Severity, Trust, verify_export_watched};

type Folder = BTreeMap<String, Vec<u8>>;

fn witness(number: u8) -> CosignerKey {
    CosignerKey::from_seed(&format!("w{number}"), &[number; 32]).unwrap()
}

fn policy(least: u8) -> String {
    let key = ExportKeys::from_seed("d/t", &[9; 32]).unwrap().tenant().verifier();
    let line = |number: u8| format!("witness W{number} {}\n", witness(number).cosigner());
    let witnesses: String = (1..=3).map(line).collect();
    format!("log {key}\n{witnesses}group g {least} W1 W2 W3\nquorum g\n")
}

/// One leaf, as each log may hold it.
fn leaf(log: LogName) -> Vec<u8> {
    let kind = match log {
        LogName::Events => "staff.changed",
        LogName::Access => "access",
    };
    let entry = ServerEntry {
        ten: "t".to_owned(),
        t: kind.to_owned(),
        recv_ms: 1000,
        actor: "u1".to_owned(),
        ..ServerEntry::default()
    };
    Leaf::Server(entry).encode().unwrap()
}

/// An export of one leaf a log whose checkpoints bear these lines, and which carries a policy of two.
fn export(own: Option<&str>, lines: impl Fn(&str) -> String) -> Folder {
    let keys = ExportKeys::from_seed("d/t", &[9; 32]).unwrap();
    let note = |log: LogName| {
        let checkpoint = Checkpoint {
            origin: log.origin("d/t"),
            size: 1,
            root: root(&[leaf_hash(&leaf(log))]),
        };
        let mut note = checkpoint.sign(&[keys.log(log)]).unwrap();
        let text = text_unverified(&note).unwrap().to_owned();
        note.extend(lines(&text).into_bytes());
        note
    };
    let (events, access) = (note(LogName::Events), note(LogName::Access));
    let mut folder = Folder::new();
    let mut writer = Writer::new(&keys, 1, |path: &str, bytes: &[u8]| {
        folder.insert(path.to_owned(), bytes.to_vec());
        Ok::<(), ()>(())
    });
    for log in LogName::ALL {
        writer.leaf(log, leaf(log)).unwrap();
    }
    let head = |log: LogName, origin| (log, origin, 1, root(&[leaf_hash(&leaf(log))]));
    let heads = [head(LogName::Events, "d/t/events"), head(LogName::Access, "d/t/access")];
    for (path, bytes) in meta_files(&heads, &lines) {
        writer.file(&path, &bytes).unwrap();
    }
    if let Some(own) = own {
        writer.file(POLICY_PATH, own.as_bytes()).unwrap();
    }
    let published = Published {
        events: Some(&events),
        access: Some(&access),
    };
    writer.finish(published).unwrap();
    folder
}

/// A policy's own `log` line is the key, so nothing else is given.
fn verify(folder: &Folder, trusted: Option<&str>) -> Report {
    let policy = trusted.map(|text| Policy::parse(text.as_bytes()).unwrap());
    let trust = Trust {
        policy: policy.as_ref(),
        ..Trust::default()
    };
    verify_export_watched(folder, &trust, &mut |_| true)
}

fn found(report: &Report, severity: Severity) -> Vec<FindingCode> {
    let findings = report.findings.iter().filter(|finding| finding.severity == severity);
    findings.map(|finding| finding.code).collect()
}

fn cosigned_by<const N: usize>(numbers: [u8; N]) -> impl Fn(&str) -> String {
    move |text| {
        numbers
            .iter()
            .map(|number| witness(*number).cosign(text, 77).unwrap())
            .collect()
    }
}

#[test]
fn a_quorum_from_elsewhere_is_demanded() {
    let folder = export(None, cosigned_by([1, 3]));
    let report = verify(&folder, Some(&policy(2)));
    assert!(report.ok && report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!(report.witnessed.len(), 3, "with the operator's");
    let said: Vec<_> = report.witnessed[0]
        .cosignatures
        .iter()
        .map(|one| (one.witness.as_str(), one.time_s))
        .collect();
    assert_eq!(said, [("w1", 77), ("w3", 77)]);
    let report = verify(&folder, Some(&policy(3)));
    assert_eq!(found(&report, Severity::Error), [FindingCode::QuorumUnmet; 2]);
    assert!(!report.ok && !report.witnessed[0].quorum);
    let none = verify(&export(None, |_| String::new()), Some(&policy(1)));
    assert_eq!(found(&none, Severity::Error), [FindingCode::QuorumUnmet; 2]);
}

#[test]
fn the_exports_own_policy_is_only_a_promise() {
    let own = policy(2);
    let kept = verify(&export(Some(&own), cosigned_by([2, 3])), None);
    assert_eq!(
        found(&kept, Severity::Warning),
        [FindingCode::KeyFromExport, FindingCode::PolicyFromExport]
    );
    assert!(kept.ok && kept.witnessed.iter().all(|log| log.quorum));
    let broken = verify(&export(Some(&own), cosigned_by([2])), None);
    assert!(broken.ok, "{:?}", broken.findings);
    assert_eq!(found(&broken, Severity::Warning)[2..], [FindingCode::QuorumUnmet; 3]);
    // Who trusts another policy is not asked to believe the export's.
    let other = verify(&export(Some("quorum none\n"), cosigned_by([2])), Some(&policy(2)));
    assert_eq!(found(&other, Severity::Error), [FindingCode::QuorumUnmet; 2]);
    let malformed = verify(&export(Some("quorum\n"), cosigned_by([2])), None);
    assert_eq!(found(&malformed, Severity::Error), [FindingCode::PolicyMalformed]);
    let silent = verify(&export(Some("quorum none\n"), cosigned_by([])), None);
    assert_eq!(found(&silent, Severity::Warning), [FindingCode::KeyFromExport]);
}

#[test]
fn a_cosignature_that_does_not_hold_is_an_error_even_beside_a_quorum() {
    let folder = export(Some(&policy(2)), |text| {
        let stolen = witness(3).cosign("d/t/other\n1\nx\n", 5).unwrap();
        format!("{}{stolen}", cosigned_by([1, 2])(text))
    });
    for trusted in [None, Some(policy(2))] {
        let report = verify(&folder, trusted.as_deref());
        assert_eq!(found(&report, Severity::Error), [FindingCode::CosignatureBad; 3]);
        assert!(
            report
                .witnessed
                .iter()
                .all(|log| log.quorum && log.cosignatures.len() == 2)
        );
    }
}

#[test]
fn an_empty_log_that_nobody_witnessed_is_worth_knowing_and_no_more() {
    let keys = ExportKeys::from_seed("d/t", &[9; 32]).unwrap();
    let mut folder = Folder::new();
    let writer = Writer::new(&keys, 1, |path: &str, bytes: &[u8]| {
        folder.insert(path.to_owned(), bytes.to_vec());
        Ok::<(), ()>(())
    });
    writer.finish(Published::default()).unwrap();
    let report = verify(&folder, Some(&policy(2)));
    assert!(report.ok, "{:?}", report.findings);
    assert_eq!(found(&report, Severity::Warning), [FindingCode::QuorumUnmet; 2]);
}
