//! Tests of receipts: a sound one holds, and whatever is exchanged or edited is named.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::chain::{public_key, sign_header};
use crate::checkpoint::Checkpoint;
use crate::every_change_tests::each_is_found;
use crate::export::ExportKeys;
use crate::export::LogName;
use crate::hash::{ZERO, base64url_encode, leaf_hash};
use crate::leaf::{Algorithm, DeviceEvent, ServerEntry};
use crate::tree::{MemoryTiles, inclusion_proof, root_at};

const SEED: [u8; 32] = [7; 32];
const DEVICE: [u8; 32] = [8; 32];
const SALT: [u8; 32] = [9; 32];
const EID: &str = "0190a1b2-c3d4-7e5f-8a6b-000000000001";
const PAYLOAD: &str =
    r#"{"receipt":{"at_ms":5,"complaints":"ask 12345","office":"North","ref":"ABCD","staff":["F1","F2"]}}"#;

fn entry(t: &str, subj: &[&str], detail: &[(&str, &str)]) -> Leaf {
    Leaf::Server(ServerEntry {
        ten: "t".to_owned(),
        t: t.to_owned(),
        actor: "u".to_owned(),
        subj: subj.iter().map(|alias| (*alias).to_owned()).collect(),
        detail: detail
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
            .collect(),
        ..ServerEntry::default()
    })
}

fn event(kind: &str, dseq: u64) -> Leaf {
    event_saying(kind, dseq, PAYLOAD)
}

fn event_saying(kind: &str, dseq: u64, payload: &str) -> Leaf {
    let header = Header {
        dev: "d1".to_owned(),
        dseq,
        prev: if dseq == 1 { ZERO } else { Hash([1; 32]) },
        eid: EID.to_owned(),
        kind: kind.to_owned(),
        visit: Some("v".to_owned()),
        subj: vec!["p".to_owned()],
        wall_ms: 6,
        mono_ms: 1,
        boot: "b".to_owned(),
        tz_min: 60,
        loc_q: None,
        rules: None,
        app: "test".to_owned(),
        cp: None,
        pc: Some(commitment(&SALT, payload.as_bytes())),
        att: Vec::new(),
        extra: BTreeMap::new(),
    };
    let hdr = header.encode().unwrap();
    Leaf::Device(DeviceEvent {
        ten: "t".to_owned(),
        seq_hint: 0,
        recv_ms: 7,
        sig: sign_header(&DEVICE, &hdr).to_vec(),
        hdr,
        kid: "k1".to_owned(),
        alg: Algorithm::Ed25519,
    })
}

/// A log with proofs of all its leaves.
fn proofs(seed: &[u8; 32]) -> (Vec<Proof>, Vec<VerifierKey>) {
    let key = base64url_encode(&public_key(&DEVICE));
    let certificate = [("dev", "d1"), ("kid", "k1"), ("key", key.as_str())];
    let leaves = [
        entry("device.enrolled", &[], &certificate),
        event(RECEIPT_GIVEN, 9),
        event("visit.note", 1),
        entry(SUBJECT_ERASED, &["p"], &[]),
        entry(SUBJECT_ERASED, &["q"], &[]),
    ];
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| leaf.encode().unwrap()).collect();
    let mut tiles = MemoryTiles::new();
    for leaf in &leaves {
        tiles.append(leaf_hash(leaf));
    }
    let (keys, size) = (ExportKeys::from_seed("d/t", seed).unwrap(), leaves.len() as u64);
    let log = keys.log(LogName::Events);
    let root = root_at(&tiles, size).unwrap();
    let origin = log.name().to_owned();
    let checkpoint = Checkpoint { origin, size, root }.sign(&[log]).unwrap();
    let proof = |(index, leaf): (u64, Vec<u8>)| Proof {
        extra: Some(leaf),
        index,
        hashes: inclusion_proof(&tiles, index, size).unwrap(),
        checkpoint: checkpoint.clone(),
    };
    ((0..).zip(leaves).map(proof).collect(), vec![log.verifier()])
}

fn sound() -> (Receipt, Vec<VerifierKey>) {
    let (proofs, keys) = proofs(&SEED);
    let receipt = Receipt {
        event: proofs[1].clone(),
        device: proofs[0].clone(),
        erased: None,
        opening: Some(Opening {
            eid: EID.to_owned(),
            salt: SALT,
            payload: PAYLOAD.as_bytes().to_vec(),
        }),
        keys: keys.clone(),
        witnesses: Vec::new(),
    };
    (receipt, keys)
}

#[test]
fn a_sound_receipt_proves_what_it_says() {
    let (receipt, keys) = sound();
    let bytes = receipt.encode().unwrap();
    let proven = Receipt::decode(&bytes).unwrap().verify(Some(&keys)).unwrap();
    let said = proven.said.unwrap();
    assert_eq!(
        (said.reference.as_str(), said.at_ms, said.office.as_str()),
        ("ABCD", 5, "North")
    );
    assert_eq!((said.staff.len(), said.complaints.as_str()), (2, "ask 12345"));
    assert_eq!(
        (proven.index, proven.size, proven.recv_ms, proven.tz_min),
        (1, 5, 7, 60)
    );
    assert!(!proven.key_from_receipt && receipt.verify(None).unwrap().key_from_receipt);
}

#[test]
fn every_change_is_found() {
    let ((sound, keys), (proofs, _)) = (sound(), proofs(&SEED));
    let erased = Receipt {
        erased: Some(proofs[3].clone()),
        opening: None,
        ..sound.clone()
    };
    for receipt in [sound, erased] {
        // With the reader's own keys, and with those of the file alone.
        for trusted in [Some(keys.as_slice()), None] {
            each_is_found(&receipt.encode().unwrap(), "receipt", |changed| {
                Receipt::decode(changed).and_then(|read| read.verify(trusted)).is_err()
            });
        }
    }
}

#[test]
fn nothing_that_nobody_checks_may_stand_in_it() {
    let ((receipt, keys), (proofs, others)) = (sound(), proofs(&[1; 32]));
    let verdict = |receipt: &Receipt| {
        let bytes = receipt.encode().unwrap();
        let read = Receipt::decode(&bytes).and_then(|read| read.verify(Some(&keys)));
        read.map(drop)
    };
    let mut doubled = receipt.clone();
    doubled.keys.extend(others);
    assert_eq!(verdict(&doubled), Err(ReceiptError::Keys));
    let mut both = receipt.clone();
    both.erased = Some(proofs[3].clone());
    assert_eq!(verdict(&both), Err(ReceiptError::Form));
    let mut cosigned = receipt;
    let line = crate::note::signature_line("w1", &[7; 76]);
    cosigned.event.checkpoint.extend(line.into_bytes());
    assert_eq!(verdict(&cosigned), Err(ReceiptError::Proof(Part::Event)));
    cosigned.event = Receipt::pared(cosigned.event, &keys[0], &[]).unwrap();
    assert_eq!(verdict(&cosigned), Ok(()));
}

#[test]
fn another_leaf_checkpoint_text_or_key_is_named() {
    let ((receipt, keys), (proofs, _)) = (sound(), proofs(&SEED));
    let verdict = |receipt: Receipt| receipt.verify(Some(&keys)).map(|_| ()).unwrap_err();
    let with = |change: &dyn Fn(&mut Receipt)| {
        let mut changed = receipt.clone();
        change(&mut changed);
        verdict(changed)
    };
    assert_eq!(
        with(&|it| it.event = proofs[2].clone()),
        ReceiptError::Leaf(Part::Event)
    );
    assert_eq!(
        with(&|it| it.event = proofs[0].clone()),
        ReceiptError::Leaf(Part::Event)
    );
    assert_eq!(
        with(&|it| it.device = proofs[3].clone()),
        ReceiptError::Leaf(Part::Device)
    );
    assert_eq!(
        with(&|it| it.device = proofs[1].clone()),
        ReceiptError::Leaf(Part::Device)
    );
    assert_eq!(
        with(&|it| it.event.extra.clone_from(&proofs[2].extra)),
        ReceiptError::Proof(Part::Event)
    );
    assert_eq!(with(&|it| it.opening = None), ReceiptError::Missing);
    let edited = PAYLOAD.replace("North", "South").into_bytes();
    let edit = |it: &mut Receipt| {
        let opening = it.opening.as_mut().unwrap();
        opening.payload.clone_from(&edited);
    };
    assert_eq!(with(&edit), ReceiptError::Edited);
    let (other, _) = self::proofs(&[1; 32]);
    assert_eq!(
        with(&|it| it.event = other[1].clone()),
        ReceiptError::Proof(Part::Event)
    );
    assert_eq!(
        with(&|it| it.device = other[0].clone()),
        ReceiptError::Proof(Part::Device)
    );
}

#[test]
fn erased_is_told_from_missing() {
    let ((receipt, keys), (proofs, _)) = (sound(), proofs(&SEED));
    let erased = |index: usize| {
        let receipt = Receipt {
            erased: Some(proofs[index].clone()),
            opening: None,
            ..receipt.clone()
        };
        let bytes = receipt.encode().unwrap();
        Receipt::decode(&bytes)
            .unwrap()
            .verify(Some(&keys))
            .map(|proven| proven.said)
    };
    assert_eq!(erased(3), Ok(None));
    assert_eq!(erased(4), Err(ReceiptError::Leaf(Part::Erased)));
    assert_eq!(erased(0), Err(ReceiptError::Leaf(Part::Erased)));
}

#[test]
fn what_is_said_has_exactly_its_members() {
    assert!(Said::of_payload(PAYLOAD.as_bytes()).is_some());
    for changed in [
        PAYLOAD.replace("\"at_ms\":5,", ""),
        PAYLOAD.replace("\"at_ms\":5", "\"amount\":1,\"at_ms\":5"),
        PAYLOAD.replace("{\"receipt\"", "{\"note\":\"x\",\"receipt\""),
        PAYLOAD.replace("receipt", "other"),
        PAYLOAD.replace("\"F2\"", "2"),
    ] {
        assert_eq!(Said::of_payload(changed.as_bytes()), None, "{changed}");
    }
}

/// Everything that a text can say.
const LONGER: &str = r#"{"receipt":{"agreed":{"amount":"250.00","currency":"EUR","day":"2026-12-01"},"at_ms":5,"authority":"River Bank","complaints":"ask 12345","next":"office","office":"North","ref":"ABCD","staff":["F1","F2"]}}"#;

#[test]
fn a_text_that_says_more_is_a_second_format_and_every_member_counts() {
    let said = Said::of_payload(LONGER.as_bytes()).unwrap();
    assert_eq!(
        (said.authority.as_deref(), said.next.as_deref()),
        (Some("River Bank"), Some("office"))
    );
    assert_eq!(
        said.agreed.as_ref().map(|agreed| agreed.amount.as_str()),
        Some("250.00")
    );
    for (part, without) in [
        (
            "\"agreed\":{\"amount\":\"250.00\",\"currency\":\"EUR\",\"day\":\"2026-12-01\"},",
            "",
        ),
        ("\"authority\":\"River Bank\",", ""),
        ("\"next\":\"office\",", ""),
    ] {
        assert!(
            Said::of_payload(LONGER.replace(part, without).as_bytes()).is_some(),
            "{part} may be absent"
        );
    }
    for changed in [
        LONGER.replace(",\"day\":\"2026-12-01\"", ""),
        LONGER.replace("\"day\":", "\"debt\":\"1\",\"day\":"),
        LONGER.replace("\"250.00\"", "250"),
        LONGER.replace("\"office\",\"office\"", "1,\"office\""),
        LONGER.replace("\"River Bank\"", "[]"),
        LONGER.replace("\"next\":\"office\"", "\"name\":\"x\""),
    ] {
        assert_eq!(Said::of_payload(changed.as_bytes()), None, "{changed}");
    }
    let leaves = [enrolled(), event_saying(RECEIPT_GIVEN, 9, LONGER)];
    let (short, keys) = sound();
    let proofs = proofs_of(keys[0].name(), &leaves);
    let receipt = Receipt {
        event: proofs[1].clone(),
        device: proofs[0].clone(),
        opening: Some(Opening {
            payload: LONGER.as_bytes().to_vec(),
            ..short.opening.clone().unwrap()
        }),
        ..short.clone()
    };
    let bytes = receipt.encode().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(RECEIPT_FORMAT_2) && !text.contains(RECEIPT_FORMAT));
    let read = Receipt::decode(&bytes).unwrap();
    assert_eq!(read.verify(Some(&keys)).unwrap().said, Some(said));
    let as_first = text.replace(RECEIPT_FORMAT_2, RECEIPT_FORMAT);
    assert_eq!(Receipt::decode(as_first.as_bytes()), Err(ReceiptError::Form));
    // What was given out before still holds as it is.
    let before = String::from_utf8(short.encode().unwrap()).unwrap();
    assert!(before.contains(RECEIPT_FORMAT) && short.verify(Some(&keys)).is_ok());
    let edited = Receipt {
        opening: Some(Opening {
            payload: LONGER.replace("250.00", "350.00").into_bytes(),
            ..short.opening.clone().unwrap()
        }),
        ..receipt
    };
    assert_eq!(edited.verify(Some(&keys)).unwrap_err(), ReceiptError::Edited);
}

/// A log of these leaves under this name, with proofs of all.
fn proofs_of(name: &str, leaves: &[Leaf]) -> Vec<Proof> {
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| leaf.encode().unwrap()).collect();
    let mut tiles = MemoryTiles::new();
    for leaf in &leaves {
        tiles.append(leaf_hash(leaf));
    }
    let (keys, size) = (ExportKeys::from_seed("d/t", &SEED).unwrap(), leaves.len() as u64);
    let log = keys.log(LogName::Events).renamed(name).unwrap();
    let (origin, root) = (name.to_owned(), root_at(&tiles, size).unwrap());
    let checkpoint = Checkpoint { origin, size, root }.sign(&[&log]).unwrap();
    let proof = |(index, leaf): (u64, Vec<u8>)| Proof {
        extra: Some(leaf),
        index,
        hashes: inclusion_proof(&tiles, index, size).unwrap(),
        checkpoint: checkpoint.clone(),
    };
    (0..).zip(leaves).map(proof).collect()
}

fn enrolled() -> Leaf {
    let key = base64url_encode(&public_key(&DEVICE));
    entry(
        "device.enrolled",
        &[],
        &[("dev", "d1"), ("kid", "k1"), ("key", key.as_str())],
    )
}

#[test]
fn an_opening_beside_an_erasure_is_no_receipt() {
    let ((receipt, _), (proofs, _)) = (sound(), proofs(&SEED));
    for place in [3, 4] {
        let both = Receipt {
            erased: Some(proofs[place].clone()),
            ..receipt.clone()
        };
        let bytes = both.encode().unwrap();
        assert_eq!(Receipt::decode(&bytes), Err(ReceiptError::Form));
    }
}

#[test]
fn a_device_that_was_enrolled_after_its_event_proves_nothing() {
    let (receipt, keys) = sound();
    let with = |event: &Proof, device: &Proof| {
        let receipt = Receipt {
            event: event.clone(),
            device: device.clone(),
            ..receipt.clone()
        };
        receipt.verify(Some(&keys)).map(|proven| proven.generation)
    };
    let late = proofs_of("d/t/events", &[event(RECEIPT_GIVEN, 9), enrolled()]);
    let unknown = ReceiptError::Device(ChainError::UnknownKey { kid: "k1".to_owned() });
    assert_eq!(with(&late[0], &late[1]), Err(unknown.clone()));
    // The same across generations, whatever the places in them.
    let first = proofs_of("d/t/events", &[entry("org.changed", &[], &[]), enrolled()]);
    let later = proofs_of("d/t/events-2", &[event(RECEIPT_GIVEN, 9), enrolled()]);
    assert_eq!(with(&later[0], &first[1]), Ok(2));
    let early = proofs_of("d/t/events", &[entry("org.changed", &[], &[]), event(RECEIPT_GIVEN, 9)]);
    assert_eq!(with(&early[1], &later[1]), Err(unknown));
    // A generation has one name.
    for name in [
        "d/t/events-0",
        "d/t/events-1",
        "d/t/events-02",
        "d/t/events-",
        "d/t/events-x",
    ] {
        let odd = proofs_of(name, &[enrolled(), event(RECEIPT_GIVEN, 9)]);
        assert_eq!(with(&odd[1], &odd[0]), Err(ReceiptError::Proof(Part::Event)), "{name}");
    }
}

#[test]
fn one_log_has_one_tree_of_each_size() {
    let (receipt, keys) = sound();
    let one = proofs_of("d/t/events", &[enrolled(), event(RECEIPT_GIVEN, 9)]);
    let other = proofs_of("d/t/events", &[enrolled(), entry("org.changed", &[], &[])]);
    let split = Receipt {
        event: one[1].clone(),
        device: other[0].clone(),
        ..receipt
    };
    assert_eq!(split.verify(Some(&keys)), Err(ReceiptError::TwoTrees(2)));
}

#[test]
fn an_event_of_another_tenant_is_none_of_this_log() {
    let (receipt, keys) = sound();
    let foreign = |leaf: Leaf| match leaf {
        Leaf::Device(event) => Leaf::Device(DeviceEvent {
            ten: "u".to_owned(),
            ..event
        }),
        Leaf::Server(entry) => Leaf::Server(ServerEntry {
            ten: "u".to_owned(),
            ..entry
        }),
    };
    let odd = proofs_of("d/t/events", &[foreign(enrolled()), foreign(event(RECEIPT_GIVEN, 9))]);
    let other = Receipt {
        event: odd[1].clone(),
        device: odd[0].clone(),
        ..receipt
    };
    assert_eq!(other.verify(Some(&keys)), Err(ReceiptError::Leaf(Part::Event)));
}

/// A receipt of which these proofs bear a cosignature, with the key of who made it.
fn cosigned(receipt: &Receipt, parts: &[Part]) -> (Receipt, Policy) {
    let witness = crate::cosignature::CosignerKey::from_seed("w", &[44; 32]).unwrap();
    let mut receipt = receipt.clone();
    for (part, proof) in [(Part::Event, &mut receipt.event), (Part::Device, &mut receipt.device)] {
        if parts.contains(&part) {
            let text = text_unverified(&proof.checkpoint).unwrap().to_owned();
            proof.checkpoint.extend(witness.cosign(&text, 5).unwrap().into_bytes());
        }
    }
    receipt.witnesses = vec![witness.cosigner()];
    let policy = format!("witness W {}\nquorum W\n", witness.cosigner());
    (receipt, Policy::parse(policy.as_bytes()).unwrap())
}

#[test]
fn who_demands_witnesses_takes_no_receipt_without_them() {
    let (receipt, keys) = sound();
    let (half, policy) = cosigned(&receipt, &[Part::Event]);
    let (whole, _) = cosigned(&receipt, &[Part::Event, Part::Device]);
    let verify = |receipt: &Receipt| {
        let read = Receipt::decode(&receipt.encode().unwrap())?;
        Ok(read.verify_witnessed(Some(&keys), Some(&policy))?.cosigned)
    };
    assert_eq!(verify(&receipt), Err(ReceiptError::Quorum { cosigned: 0 }));
    assert_eq!(verify(&half), Err(ReceiptError::Quorum { cosigned: 0 }));
    assert_eq!(verify(&whole), Ok(vec!["w".to_owned()]));
}

#[test]
fn every_change_of_a_cosigned_receipt_is_found_without_a_policy_too() {
    let (receipt, keys) = sound();
    let (whole, _) = cosigned(&receipt, &[Part::Event, Part::Device]);
    assert_eq!(whole.verify(Some(&keys)).map(|proven| proven.cosigned.len()), Ok(1));
    each_is_found(&whole.encode().unwrap(), "receipt", |changed| {
        Receipt::decode(changed)
            .and_then(|read| read.verify(Some(&keys)))
            .is_err()
    });
    // A line that no key in the file checks, and a key that checks no line.
    let unknown = Receipt {
        witnesses: Vec::new(),
        ..whole.clone()
    };
    assert_eq!(unknown.verify(Some(&keys)), Err(ReceiptError::Proof(Part::Event)));
    let idle = Receipt {
        witnesses: whole.witnesses,
        ..receipt
    };
    assert_eq!(idle.verify(Some(&keys)), Err(ReceiptError::Form));
}
