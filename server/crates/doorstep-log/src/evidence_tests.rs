//! Tests of evidence: what two signed notes prove, and what only the device says.

use super::EvidenceVerdict::{Claimed, Consistent, Continued, NotSigned, Proven};
use super::*;
use crate::every_change_tests::each_in_folder_is_found;
use crate::hash::leaf_hash;
use crate::leaf::{LOG_CONTINUED, Leaf, ServerEntry};
use crate::note::SigningKey;
use crate::tree::{MemoryTiles, consistency_proof, root_at};

fn log_key() -> SigningKey {
    SigningKey::from_seed("d/t/events", &[3; 32]).unwrap()
}

fn permit_key() -> SigningKey {
    SigningKey::from_seed("d/t/permit", &[4; 32]).unwrap()
}

fn keys() -> Vec<VerifierKey> {
    vec![log_key().verifier(), permit_key().verifier()]
}

fn tiles(size: u64, split: u64) -> MemoryTiles {
    let mut tiles = MemoryTiles::new();
    for leaf in 0..size {
        tiles.append(leaf_hash(&[u8::from(leaf >= split), leaf as u8]));
    }
    tiles
}

fn checkpoint(size: u64, split: u64) -> Vec<u8> {
    let checkpoint = Checkpoint {
        origin: "d/t/events".to_owned(),
        size,
        root: root_at(&tiles(size, split), size).unwrap(),
    };
    checkpoint.sign(&[&log_key()]).unwrap()
}

fn proof(old: u64, new: u64) -> Vec<u8> {
    let hashes = consistency_proof(&tiles(new, 99), old, new).unwrap();
    let lines: Vec<String> = hashes.into_iter().map(Hash::to_base64).collect();
    lines.join("\n").into_bytes()
}

fn acknowledgement(upto: i64, at: i64) -> Vec<u8> {
    let text = format!(r#"{{"dev":"one","head_hash":"00","recv_ms":{at},"upto_dseq":{upto},"v":1}}"#);
    note::sign(&format!("{text}\n"), &[&permit_key()]).unwrap()
}

fn item(noun: &str, known: Option<Vec<u8>>, found: Vec<u8>, proof: Option<Vec<u8>>) -> EvidenceItem {
    EvidenceItem {
        noun: noun.to_owned(),
        code: "a-code".to_owned(),
        seen_ms: 5,
        found,
        known,
        proof,
    }
}

fn verdicts(items: &[EvidenceItem], trusted: Option<&[VerifierKey]>) -> Vec<EvidenceVerdict> {
    let report = verify_evidence(&evidence_files("one", &keys(), items), trusted);
    assert_eq!(report.device.as_deref(), Some("one"));
    report.findings.iter().map(|finding| finding.verdict).collect()
}

/// What is said of these with the keys among the files, and with trusted ones; a foreign key sees nothing signed.
fn judged(items: &[EvidenceItem]) -> Vec<EvidenceVerdict> {
    let found = verdicts(items, None);
    assert_eq!(verdicts(items, Some(&keys())), found);
    let foreign = SigningKey::from_seed("d/t/events", &[9; 32]).unwrap().verifier();
    let with_foreign = verdicts(items, Some(&[foreign]));
    assert!(
        with_foreign.iter().all(|verdict| *verdict == NotSigned),
        "{with_foreign:?}"
    );
    found
}

#[test]
fn two_roots_are_proven_and_a_missing_proof_is_claimed() {
    let pair = |found: Vec<u8>, proof: Option<Vec<u8>>| item("checkpoint", Some(checkpoint(7, 99)), found, proof);
    let items = [
        pair(checkpoint(7, 3), None),
        pair(checkpoint(9, 3), Some(proof(7, 9))),
        pair(checkpoint(9, 99), Some(Vec::new())),
        pair(checkpoint(5, 99), Some(Vec::new())),
        pair(checkpoint(9, 99), Some(proof(7, 9))),
        pair(b"garbage".to_vec(), None),
    ];
    let expected = [Proven, Claimed, Claimed, Claimed, Consistent, NotSigned];
    assert_eq!(judged(&items), expected);
}

/// The next log with one leaf, which says that `d/t/events` was closed at `left` of `known` leaves: its checkpoint, and the
/// proof of that leaf.
fn continued(ten: &str, known: (u64, u64), left: (u64, u64)) -> (Vec<u8>, Vec<u8>) {
    let root = |(size, split): (u64, u64)| Value::Text(root_at(&tiles(size, split), size).unwrap().to_string());
    let size = |head: (u64, u64)| Value::Integer(head.0 as i64);
    let detail = [
        ("left_root", root(left)),
        ("left_size", size(left)),
        ("origin", Value::from("d/t/events")),
        ("root", root(known)),
        ("size", size(known)),
    ];
    let leaf = Leaf::Server(ServerEntry {
        ten: ten.to_owned(),
        t: LOG_CONTINUED.to_owned(),
        recv_ms: 1,
        actor: "program".to_owned(),
        reason: Some("rolled-back".to_owned()),
        detail: detail.map(|(name, value)| (name.to_owned(), value)).into(),
        ..ServerEntry::default()
    });
    let leaf = leaf.encode().unwrap();
    let found = Checkpoint {
        origin: "d/t/events-2".to_owned(),
        size: 1,
        root: leaf_hash(&leaf),
    };
    let found = found.sign(&[&log_key().renamed("d/t/events-2").unwrap()]).unwrap();
    let proof = crate::proof::Proof {
        extra: Some(leaf),
        index: 0,
        hashes: Vec::new(),
        checkpoint: found.clone(),
    };
    (found, proof.encode())
}

#[test]
fn a_log_that_says_itself_that_it_was_continued_is_no_accusation() {
    let judge = |(found, proof): (Vec<u8>, Vec<u8>), proof_too: bool| {
        let proof = proof_too.then_some(proof);
        let items = [item("checkpoint", Some(checkpoint(7, 99)), found, proof)];
        judged(&items)[0]
    };
    let honest = || continued("t", (9, 99), (5, 99));
    assert_eq!(judge(honest(), true), Continued);
    // Without its leaf, for another tenant, and where it denies what it had signed before, it stays a claim.
    assert_eq!(judge(honest(), false), Claimed);
    for lie in [
        continued("u", (9, 99), (5, 99)),
        continued("t", (6, 99), (5, 99)),
        continued("t", (7, 3), (5, 99)),
        continued("t", (9, 99), (7, 3)),
        continued("t", (5, 3), (7, 99)),
    ] {
        assert_eq!(judge(lie, true), Claimed);
    }
    let (found, proof) = honest();
    let items = [item("checkpoint", Some(checkpoint(7, 99)), found, Some(proof))];
    let report = verify_evidence(&evidence_files("one", &keys(), &items), None);
    assert!(!report.ok, "it is for whoever reads it to take");
    assert!(
        report.findings[0].message.contains("4 signed leaves are lost"),
        "{report:?}"
    );
    let lost = report.findings[0]
        .details
        .iter()
        .find(|one| one.name == DetailName::Lost);
    assert_eq!(lost.unwrap().value, "4");
}

#[test]
fn an_acknowledgement_taken_back_is_proven_by_its_time() {
    let known = acknowledgement(5, 1);
    let pair = |found: Vec<u8>| item("acknowledgement", Some(known.clone()), found, None);
    let items = [
        pair(acknowledgement(3, 2)),
        pair(acknowledgement(3, 1)),
        pair(acknowledgement(6, 2)),
        item("permit", None, acknowledgement(1, 1), None),
        item("permit", None, b"garbage".to_vec(), None),
    ];
    assert_eq!(judged(&items), [Proven, Claimed, Consistent, Claimed, NotSigned]);
}

#[test]
fn evidence_is_ok_only_where_nothing_stands() {
    let agree = item(
        "checkpoint",
        Some(checkpoint(7, 99)),
        checkpoint(9, 99),
        Some(proof(7, 9)),
    );
    let split = item("checkpoint", Some(checkpoint(7, 99)), checkpoint(7, 3), None);
    let ok = |items: &[EvidenceItem]| verify_evidence(&evidence_files("one", &keys(), items), None).ok;
    assert!(!ok(&[]) && ok(std::slice::from_ref(&agree)));
    assert!(!ok(&[agree, split]));
    let nothing = verify_evidence(&BTreeMap::new(), None);
    assert!(!nothing.ok && nothing.key_from_files && nothing.device.is_none());
}

#[test]
fn every_change_is_found_and_none_proves_more() {
    let split = item(
        "checkpoint",
        Some(checkpoint(7, 99)),
        checkpoint(9, 3),
        Some(proof(7, 9)),
    );
    let taken_back = item(
        "acknowledgement",
        Some(acknowledgement(5, 1)),
        acknowledgement(3, 1),
        None,
    );
    let files = evidence_files("one", &keys(), &[split, taken_back]);
    assert!(verify_evidence(&files, Some(&keys())).altered.is_empty());
    each_in_folder_is_found(&files, |changed, path| {
        let report = verify_evidence(changed, Some(&keys()));
        let proven = |finding: &EvidenceFinding| finding.verdict == EvidenceVerdict::Proven;
        !report.ok && report.altered.contains(path) && !report.findings.iter().any(proven)
    });
}
