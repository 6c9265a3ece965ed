//! Tests of the operator's meta log in an export: what its proofs show, who cosigned it, and a proof that is missing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::canonical::Value;
use crate::checkpoint::Checkpoint;
use crate::cosignature::CosignerKey;
use crate::export::{ExportKeys, LogName, META_KEY_PATH, Published, Writer};
use crate::hash::{Hash, leaf_hash};
use crate::leaf::{LOG_CHECKPOINT, Leaf, ServerEntry};
use crate::note::{SigningKey, VerifierKey, text_unverified};
use crate::policy::Policy;
use crate::proof::Proof;
use crate::tree::{MemoryTiles, inclusion_proof, root, root_at};
use crate::verify::{FindingCode, Report, Severity, Trust, verify_export_watched};

type Folder = BTreeMap<String, Vec<u8>>;

/// A head of a tenant's log: its origin, leaves and root.
pub(crate) type Named<'a> = (LogName, &'a str, u64, Hash);

pub(crate) fn operator() -> SigningKey {
    SigningKey::from_seed("d/meta", &[7; 32]).unwrap()
}

/// The files that prove these heads of tenant `t` in the operator's log, whose checkpoint bears `lines`, and its key.
pub(crate) fn meta_files(heads: &[Named<'_>], lines: &dyn Fn(&str) -> String) -> Vec<(String, Vec<u8>)> {
    let leaf = |(_, origin, size, root): &Named<'_>| {
        let detail = [
            ("origin", Value::from(*origin)),
            ("root", Value::from(root.to_string().as_str())),
            ("size", Value::Integer(*size as i64)),
        ];
        let entry = ServerEntry {
            ten: "t".to_owned(),
            t: LOG_CHECKPOINT.to_owned(),
            recv_ms: 1000,
            actor: "program".to_owned(),
            detail: detail.map(|(name, value)| (name.to_owned(), value)).into(),
            ..ServerEntry::default()
        };
        Leaf::Server(entry).encode().unwrap()
    };
    let leaves: Vec<Vec<u8>> = heads.iter().map(leaf).collect();
    let (mut tiles, size) = (MemoryTiles::new(), leaves.len() as u64);
    for leaf in &leaves {
        tiles.append(leaf_hash(leaf));
    }
    let meta = Checkpoint {
        origin: "d/meta".to_owned(),
        size,
        root: root_at(&tiles, size).unwrap(),
    };
    let mut checkpoint = meta.sign(&[&operator()]).unwrap();
    let text = text_unverified(&checkpoint).unwrap().to_owned();
    checkpoint.extend(lines(&text).into_bytes());
    let mut files = vec![(
        META_KEY_PATH.to_owned(),
        format!("{}\n", operator().verifier()).into_bytes(),
    )];
    for (index, ((log, ..), leaf)) in (0..).zip(heads.iter().zip(leaves)) {
        let proof = Proof {
            extra: Some(leaf),
            index,
            hashes: inclusion_proof(&tiles, index, size).unwrap(),
            checkpoint: checkpoint.clone(),
        };
        files.push((log.meta_path(), proof.encode()));
    }
    files
}

fn nobody(_: &str) -> String {
    String::new()
}

fn keys() -> ExportKeys {
    ExportKeys::from_seed("d/t", &[1; 32]).unwrap()
}

fn leaves(count: i64) -> Vec<Vec<u8>> {
    let leaf = |recv_ms| {
        let entry = ServerEntry {
            ten: "t".to_owned(),
            t: "org.changed".to_owned(),
            recv_ms,
            ..ServerEntry::default()
        };
        Leaf::Server(entry).encode().unwrap()
    };
    (0..count).map(leaf).collect()
}

fn tree(leaves: &[Vec<u8>]) -> Hash {
    root(&leaves.iter().map(|leaf| leaf_hash(leaf)).collect::<Vec<_>>())
}

/// An export of four leaves in the events log, with these files.
fn export(files: &[(String, Vec<u8>)]) -> Folder {
    let (keys, mut folder) = (keys(), Folder::new());
    let mut writer = Writer::new(&keys, 5000, Cursor::new(Vec::new()), |path: &str, bytes: &[u8]| {
        folder.entry(path.to_owned()).or_default().extend(bytes);
        Ok::<(), ()>(())
    });
    for leaf in leaves(4) {
        writer.leaf(LogName::Events, leaf).unwrap();
    }
    for (path, bytes) in files {
        writer.file(path, bytes).unwrap();
    }
    writer.finish(Published::default()).unwrap();
    folder
}

fn verify(folder: &Folder, operator: Option<VerifierKey>, policy: Option<&Policy>) -> Report {
    let keys: Vec<VerifierKey> = operator.into_iter().chain([keys().tenant().verifier()]).collect();
    let trust = Trust {
        keys: Some(&keys),
        policy,
        ..Trust::default()
    };
    verify_export_watched(folder, &trust, &mut |_| true)
}

fn found(report: &Report) -> Vec<(FindingCode, Severity)> {
    let findings = report.findings.iter();
    findings.map(|finding| (finding.code, finding.severity)).collect()
}

fn good() -> Vec<(String, Vec<u8>)> {
    meta_files(&[(LogName::Events, "d/t/events", 4, tree(&leaves(4)))], &nobody)
}

#[test]
fn a_checkpoint_is_proven_to_be_in_the_operators_log() {
    let report = verify(&export(&good()), None, None);
    assert_eq!(found(&report), []);
    assert_eq!((report.meta.len(), report.meta[0].key_trusted), (1, false));
    let report = verify(&export(&good()), Some(operator().verifier()), None);
    assert!(report.ok && report.meta[0].key_trusted);
    let bad = [(FindingCode::MetaBad, Severity::Error)];
    let other = SigningKey::from_seed("d/meta", &[8; 32]).unwrap().verifier();
    let report = verify(&export(&good()), Some(other), None);
    assert_eq!(found(&report), bad, "signed by another operator");
    for head in [
        (LogName::Events, "d/t/events", 3, tree(&leaves(4))),
        (LogName::Events, "d/t/events", 4, tree(&leaves(3))),
        (LogName::Events, "d/t/access", 4, tree(&leaves(4))),
    ] {
        let report = verify(&export(&meta_files(&[head], &nobody)), None, None);
        assert_eq!(found(&report), bad);
    }
    let garbage = [(LogName::Events.meta_path(), b"nothing".to_vec())];
    assert_eq!(found(&verify(&export(&garbage), None, None)), bad);
}

#[test]
fn a_proof_that_is_missing_is_worth_knowing() {
    let report = verify(&export(&[]), None, None);
    // The log of reads has no leaves and was never published.
    assert_eq!(found(&report), [(FindingCode::MetaMissing, Severity::Warning)]);
    assert_eq!(report.findings[0].log, Some(LogName::Events));
    assert!(report.ok && report.meta.is_empty());
}

#[test]
fn the_operators_head_is_held_to_the_policy_as_well() {
    let witness = |number: u8| CosignerKey::from_seed(&format!("w{number}"), &[number; 32]).unwrap();
    let (one, two) = (witness(1), witness(2));
    let text = format!(
        "witness A {}\nwitness B {}\ngroup g all A B\nquorum g\n",
        one.cosigner(),
        two.cosigner()
    );
    let policy = Policy::parse(text.as_bytes()).unwrap();
    // The tenant's own heads are not the matter here: their quorum is missing throughout.
    let meta = |lines: &dyn Fn(&str) -> String| {
        let files = meta_files(&[(LogName::Events, "d/t/events", 4, tree(&leaves(4)))], lines);
        let report = verify(&export(&files), None, Some(&policy));
        let of_meta = |path: &Option<String>| path.as_deref() == Some("meta/events.tlog-proof");
        let findings = report.findings.iter().filter(|finding| of_meta(&finding.file));
        let found: Vec<_> = findings.map(|finding| (finding.code, finding.severity)).collect();
        let witnessed = report.witnessed.last().unwrap();
        assert_eq!(
            (witnessed.log, witnessed.origin.as_str(), witnessed.size),
            (None, "d/meta", 1)
        );
        (found, witnessed.quorum, witnessed.cosignatures.len())
    };
    let both = |text: &str| one.cosign(text, 5).unwrap() + &two.cosign(text, 6).unwrap();
    assert_eq!(meta(&both), (vec![], true, 2));
    let unmet = (FindingCode::QuorumUnmet, Severity::Warning);
    assert_eq!(meta(&|text| one.cosign(text, 5).unwrap()), (vec![unmet], false, 1));
    let stolen = |text: &str| one.cosign(text, 5).unwrap() + &two.cosign("d/meta\n9\nx\n", 6).unwrap();
    let bad = (FindingCode::CosignatureBad, Severity::Error);
    assert_eq!(meta(&stolen), (vec![bad, unmet], false, 1));
}
