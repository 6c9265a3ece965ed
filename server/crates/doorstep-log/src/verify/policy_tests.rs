//! Tests of the verifier's policy: who must have cosigned, by whose word, and what a missing quorum is.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::checkpoint::Checkpoint;
use crate::cosignature::CosignerKey;
use crate::export::{ExportKeys, LogName, POLICY_PATH, Published, Writer};
use crate::hash::leaf_hash;
use crate::leaf::{Leaf, ServerEntry};
use crate::note::text_unverified;
use crate::policy::Policy;
use crate::tree::root;
use crate::verify::meta::tests::meta_files;
use crate::verify::{Finding, FindingCode, Report, Severity, Trust, verify_export_watched};

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
    let mut writer = Writer::new(&keys, 1, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
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
fn an_emptied_log_does_not_get_past_a_policy_that_is_demanded() {
    let keys = ExportKeys::from_seed("d/t", &[9; 32]).unwrap();
    let export = |cosigned: bool| {
        let empty = Checkpoint {
            origin: LogName::Access.origin("d/t"),
            size: 0,
            root: root(&[]),
        };
        let cosign = |mut note: Vec<u8>| {
            let text = text_unverified(&note).unwrap().to_owned();
            note.extend(cosigned_by([1, 2])(&text).into_bytes());
            note
        };
        let access = cosign(empty.sign(&[keys.log(LogName::Access)]).unwrap());
        let events = Checkpoint {
            origin: LogName::Events.origin("d/t"),
            size: 1,
            root: root(&[leaf_hash(&leaf(LogName::Events))]),
        };
        let events = cosign(events.sign(&[keys.log(LogName::Events)]).unwrap());
        let mut folder = Folder::new();
        let mut writer = Writer::new(&keys, 1, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
            folder.entry(path.to_owned()).or_default().extend(bytes);
            Ok::<(), ()>(())
        });
        writer.leaf(LogName::Events, leaf(LogName::Events)).unwrap();
        let published = Published {
            events: Some(&events),
            access: cosigned.then_some(&access),
        };
        writer.finish(published).unwrap();
        folder
    };
    let emptied = verify(&export(false), Some(&policy(2)));
    assert_eq!(found(&emptied, Severity::Error), [FindingCode::QuorumUnmet]);
    let unmet = |finding: &&Finding| finding.severity == Severity::Error;
    assert_eq!(
        emptied.findings.iter().find(unmet).and_then(|found| found.log),
        Some(LogName::Access)
    );
    // Without anybody's demand it is not even a promise.
    assert!(verify(&export(false), None).ok);
    // Witnesses cosign a log without leaves as they do any other.
    let empty = verify(&export(true), Some(&policy(2)));
    assert!(empty.ok, "{:?}", empty.findings);
}

#[test]
fn a_policy_that_names_another_key_than_was_given_is_an_error() {
    let folder = export(None, cosigned_by([1, 3]));
    let given = [ExportKeys::from_seed("d/t", &[9; 32]).unwrap().tenant().verifier()];
    let other = ExportKeys::from_seed("d/t", &[8; 32])
        .unwrap()
        .log(LogName::Access)
        .verifier();
    for (text, expected) in [
        (policy(2), &[][..]),
        (
            policy(2).replace(&given[0].to_string(), &other.to_string()),
            &[FindingCode::PolicyKey][..],
        ),
        // A policy may speak of other tenants' logs as well.
        (
            policy(2).replace(&given[0].to_string(), &other.renamed("d/u/access").unwrap().to_string()),
            &[][..],
        ),
    ] {
        let policy = Policy::parse(text.as_bytes()).unwrap();
        let trust = Trust {
            keys: Some(&given),
            policy: Some(&policy),
            ..Trust::default()
        };
        let report = verify_export_watched(&folder, &trust, &mut |_| true);
        assert_eq!(found(&report, Severity::Error), expected, "{text}");
    }
}

#[test]
fn a_witness_that_dates_ahead_of_the_readers_clock_is_told() {
    let folder = export(None, |text| witness(1).cosign(text, 100_000).unwrap());
    let policy = Policy::parse(policy(1).as_bytes()).unwrap();
    let at = |now_s: i64| {
        let trust = Trust {
            policy: Some(&policy),
            now_ms: Some(now_s * 1_000),
            ..Trust::default()
        };
        let report = verify_export_watched(&folder, &trust, &mut |_| true);
        assert!(report.ok);
        found(&report, Severity::Warning)
    };
    // Clocks may differ by ten minutes.
    assert_eq!(at(100_000 - 600), []);
    assert_eq!(at(100_000 - 601), [FindingCode::CosignatureAhead; 3]);
}
