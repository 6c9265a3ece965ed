//! Every change of an export with all that it may hold is found: a log that was continued, cosignatures and the policy that
//! demands them, a time stamp, and the proofs of the operator's log. `change_tests` has the rest of a whole export.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;

use super::meta::tests::{meta_files, operator};
use super::*;
use crate::canonical::Value;
use crate::cosignature::CosignerKey;
use crate::every_change_tests::{accuses_nobody, each_in_folder_is_found, each_is_found};
use crate::export::{ExportKeys, Generation, POLICY_PATH, Published, STAMP_CA_PATH, Writer, stamp_paths};
use crate::hash::{Hash, base64_decode};
use crate::leaf::{LOG_CONTINUED, Leaf, ServerEntry};
use crate::stamp::sample;
use crate::tree::root;

type Folder = BTreeMap<String, Vec<u8>>;

const SECOND: Generation = Generation {
    log: LogName::Events,
    number: 2,
};

fn keys() -> ExportKeys {
    ExportKeys::from_seed("d/t", &[1; 32]).unwrap()
}

fn entry(t: &str, detail: &[(&str, Value)]) -> Vec<u8> {
    let detail = detail.iter().cloned();
    let entry = ServerEntry {
        ten: "t".to_owned(),
        t: t.to_owned(),
        // After the stamp of what it continues.
        recv_ms: 4_000_000_000_000,
        actor: "u1".to_owned(),
        reason: Some("restored".to_owned()),
        detail: detail.map(|(name, value)| (name.to_owned(), value)).collect(),
        ..ServerEntry::default()
    };
    Leaf::Server(entry).encode().unwrap()
}

fn witness(number: u8) -> CosignerKey {
    CosignerKey::from_seed(&format!("w{number}"), &[number; 32]).unwrap()
}

/// Both witnesses must have cosigned.
fn policy() -> String {
    let line = |number: u8| format!("witness W{number} {}\n", witness(number).cosigner());
    format!("{}{}group g all W1 W2\nquorum g\n", line(1), line(2))
}

fn cosigned(text: &str) -> String {
    witness(1).cosign(text, 5).unwrap() + &witness(2).cosign(text, 6).unwrap()
}

/// A head of one leaf, signed by the log and cosigned.
fn note(log: Generation, leaf: &[u8]) -> (String, Hash, Vec<u8>) {
    let key = keys().log(log.log).renamed(&log.origin("d/t")).unwrap();
    let (origin, root) = (key.name().to_owned(), root(&[leaf_hash(leaf)]));
    let checkpoint = Checkpoint {
        origin: origin.clone(),
        size: 1,
        root,
    };
    let mut signed = checkpoint.sign(&[&key]).unwrap();
    signed.extend(cosigned(&checkpoint.body()).into_bytes());
    (origin, root, signed)
}

/// One leaf a log and generation, and one of everything else.
fn export() -> Folder {
    let old = sample::LEAF.as_bytes();
    let (old_origin, old_root, old_note) = note(LogName::Events.into(), old);
    let text = |text: &str| Value::from(text);
    let root = text(&old_root.to_string());
    let new = entry(
        LOG_CONTINUED,
        &[
            ("origin", text(&old_origin)),
            ("size", Value::Integer(1)),
            ("root", root.clone()),
            ("left_size", Value::Integer(1)),
            ("left_root", root),
        ],
    );
    let (new_origin, new_root, new_note) = note(SECOND, &new);
    let read = entry("access", &[]);
    let (read_origin, read_root, read_note) = note(LogName::Access.into(), &read);
    let (keys, mut folder) = (keys(), Folder::new());
    let mut writer = Writer::new(&keys, 5, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    writer.leaf(LogName::Events, old.to_vec()).unwrap();
    writer.end(LogName::Events.into(), Some(&old_note)).unwrap();
    writer.leaf(SECOND, new).unwrap();
    writer.leaf(LogName::Access, read).unwrap();
    let (stamp, stamped) = stamp_paths("events", 1);
    let heads = [
        (LogName::Events, new_origin.as_str(), 1, new_root),
        (LogName::Access, read_origin.as_str(), 1, read_root),
    ];
    let mut files = meta_files(&heads, &cosigned);
    files.extend([
        (POLICY_PATH.to_owned(), policy().into_bytes()),
        (stamp, base64_decode(sample::RESPONSE).unwrap()),
        (stamped, old_note),
        (STAMP_CA_PATH.to_owned(), sample::CA.as_bytes().to_vec()),
    ]);
    for (path, bytes) in files {
        writer.file(&path, &bytes).unwrap();
    }
    let published = Published {
        events: Some(&new_note),
        access: Some(&read_note),
    };
    writer.finish(published).unwrap();
    folder
}

/// Verified by somebody who holds everything that can be had from elsewhere, or nothing.
fn verify(folder: &Folder, holds_all: bool) -> Report {
    let keys = [keys().tenant().verifier(), operator().verifier()];
    let policy = Policy::parse(policy().as_bytes()).unwrap();
    let authorities = Authorities::from_pem(sample::CA.as_bytes()).unwrap();
    let continued = ["d/t/events".to_owned()];
    let trust = Trust {
        keys: Some(&keys),
        since: None,
        policy: Some(&policy),
        authorities: Some(&authorities),
        ..Trust::default()
    };
    let trust = Trust {
        continued: &continued,
        ..if holds_all { trust } else { Trust::default() }
    };
    verify_export_watched(folder, &trust, &mut |_| true)
}

fn errors(report: &Report) -> impl Iterator<Item = &Finding> {
    let findings = report.findings.iter();
    findings.filter(|finding| finding.severity == Severity::Error)
}

#[test]
fn the_export_holds_as_it_is() {
    let folder = export();
    assert_eq!(
        folder[&stamp_paths("events", 1).1]
            .splitn(2, |byte| *byte == b'\n')
            .count(),
        2
    );
    let report = verify(&folder, true);
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    let expected = [
        FindingCode::LogContinued,
        FindingCode::StampAbsent,
        FindingCode::StampAbsent,
    ];
    assert_eq!(codes.len(), expected.len(), "{:#?}", report.findings);
    assert!(expected.iter().all(|code| codes.contains(code)));
    assert!(
        report.ok
            && report
                .witnessed
                .iter()
                .all(|head| head.quorum && head.cosignatures.len() == 2)
    );
    let origins: Vec<&str> = report.witnessed.iter().map(|head| head.origin.as_str()).collect();
    assert_eq!(origins, ["d/t/events", "d/t/events-2", "d/t/access", "d/meta"]);
    assert_eq!((report.meta.len(), report.stamps.len()), (2, 1));
    let report = verify(&folder, false);
    assert!(report.ok, "{:#?}", report.findings);
}

#[test]
fn a_stamp_that_does_not_hold_is_not_called_absent_too() {
    let mut folder = export();
    folder.insert(stamp_paths("events", 1).0, b"nothing".to_vec());
    let report = verify(&folder, true);
    let absent = report
        .findings
        .iter()
        .filter(|found| found.code == FindingCode::StampAbsent);
    // The two other logs have none.
    assert_eq!((report.kinds[&FindingCode::StampBad], absent.count()), (1, 2));
}

#[test]
fn every_change_is_named_with_its_file() {
    each_in_folder_is_found(&export(), |changed, path| {
        let report = verify(changed, true);
        let is_named = errors(&report).any(|finding| finding.file.as_deref() == Some(path));
        let mine = accuses_nobody(&report, path) && accuses_nobody(&verify(changed, false), path);
        !report.ok && is_named && mine
    });
}

/// Where the status stands in the answer of the authority.
const STATUS_AT: usize = 8;

#[test]
fn a_change_of_what_others_signed_is_found_under_a_new_manifest_too() {
    let folder = export();
    let judged = [
        "events/checkpoint",
        "events-2/checkpoint",
        "access/checkpoint",
        "meta/events.tlog-proof",
        "keys/meta.vkey",
        "stamps/events-1.tsr",
    ];
    for path in judged {
        // Whoever signs a new manifest holds the log's key, and nothing else of these.
        let mut changed = folder.clone();
        each_is_found(&folder[path], path, |bent| {
            // An authority does not sign the status before its token: granted (0) and granted with changes (1) say the same.
            let is_status = |(at, byte): (usize, &u8)| at == STATUS_AT && *byte == 1 || folder[path][at] == *byte;
            let same_length = bent.len() == folder[path].len();
            if path.starts_with("stamps/") && same_length && bent.iter().enumerate().all(is_status) {
                return true;
            }
            changed.insert(path.to_owned(), bent.to_vec());
            super::tests::sign_again(&mut changed);
            let report = verify(&changed, true);
            assert!(report.findings.iter().all(|found| found.follows_from.is_none()));
            // The operator's key is the reader's own, so the one in the export counts only for who has none. A quorum of its
            // log is worth knowing and no demand.
            let named = |finding: &Finding| finding.file.as_deref() == Some(path);
            !report.ok || report.findings.iter().any(named) || !verify(&changed, false).ok
        });
    }
}
