//! Tests of device chains: order, gaps, forks, foreign keys and signatures.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::canonical::Value;
use crate::hash::base64url_encode;

const SEED: [u8; 32] = [9; 32];

fn header(dseq: u64, prev: Hash) -> Header {
    Header {
        dev: "d1".to_owned(),
        dseq,
        prev,
        eid: format!("e{dseq}"),
        kind: "door.checkin".to_owned(),
        visit: None,
        subj: Vec::new(),
        wall_ms: 1000,
        mono_ms: 10,
        boot: "b".to_owned(),
        tz_min: 480,
        loc_q: None,
        rules: None,
        app: "test".to_owned(),
        cp: None,
        pc: None,
        att: Vec::new(),
        extra: BTreeMap::new(),
    }
}

fn signed(header: &Header) -> DeviceEvent {
    let hdr = header.encode().unwrap();
    DeviceEvent {
        ten: "t".to_owned(),
        seq_hint: 0,
        recv_ms: 0,
        kid: "k1".to_owned(),
        alg: Algorithm::Ed25519,
        sig: sign_header(&SEED, &hdr).to_vec(),
        hdr,
    }
}

fn chain(count: u64) -> Vec<DeviceEvent> {
    let mut prev = ZERO;
    let mut events = Vec::new();
    for dseq in 1..=count {
        let event = signed(&header(dseq, prev));
        prev = sha256(&event.hdr);
        events.push(event);
    }
    events
}

fn enrolled() -> ChainVerifier {
    let mut verifier = ChainVerifier::new();
    verifier.enrol(certificate()).unwrap();
    verifier
}

fn certificate() -> DeviceCertificate {
    DeviceCertificate {
        dev: "d1".to_owned(),
        kid: "k1".to_owned(),
        key: ed25519(&SEED),
    }
}

fn ed25519(seed: &[u8; 32]) -> DeviceKey {
    DeviceKey::parse(&Algorithm::Ed25519, &public_key(seed)).unwrap()
}

fn dev() -> String {
    "d1".to_owned()
}

#[test]
fn a_sound_chain_is_accepted() {
    let mut verifier = enrolled();
    for event in chain(5) {
        verifier.accept(&event).unwrap();
    }
    assert_eq!(verifier.head("d1").unwrap().dseq, 5);
    assert_eq!((verifier.head("d2"), verifier.device_count()), (None, 1));
}

#[test]
fn a_dropped_event_is_a_gap_reported_once() {
    let events = chain(4);
    let mut verifier = enrolled();
    verifier.accept(&events[0]).unwrap();
    assert_eq!(
        verifier.accept(&events[2]),
        Err(ChainError::Gap {
            dev: dev(),
            last: 1,
            found: 3
        })
    );
    verifier.accept(&events[3]).unwrap();
    assert_eq!(
        verifier.accept(&events[1]),
        Err(ChainError::Late { dev: dev(), dseq: 2 })
    );
    assert_eq!(
        enrolled().accept(&events[1]),
        Err(ChainError::Gap {
            dev: dev(),
            last: 0,
            found: 2
        })
    );
}

#[test]
fn repetition_fork_and_broken_link_are_told_apart() {
    let events = chain(2);
    let mut verifier = enrolled();
    verifier.accept(&events[0]).unwrap();
    verifier.accept(&events[1]).unwrap();
    assert_eq!(
        verifier.accept(&events[1]),
        Err(ChainError::Repeated { dev: dev(), dseq: 2 })
    );
    let other = signed(&Header {
        wall_ms: 1,
        ..header(2, sha256(&events[0].hdr))
    });
    assert_eq!(verifier.accept(&other), Err(ChainError::Fork { dev: dev(), dseq: 2 }));
    let unlinked = signed(&header(3, ZERO));
    assert_eq!(
        verifier.accept(&unlinked),
        Err(ChainError::Link { dev: dev(), dseq: 3 })
    );
    let first = signed(&header(1, sha256(b"not zero")));
    assert_eq!(enrolled().accept(&first), Err(ChainError::Link { dev: dev(), dseq: 1 }));
}

#[test]
fn signatures_keys_and_algorithms_are_checked() {
    let event = chain(1).remove(0);
    assert!(matches!(
        ChainVerifier::new().accept(&event),
        Err(ChainError::UnknownKey { .. })
    ));
    let mut changed = event.clone();
    changed.sig[3] ^= 1;
    assert_eq!(enrolled().accept(&changed), Err(ChainError::Signature));
    let mut changed = event.clone();
    changed.hdr = Header {
        wall_ms: 7,
        ..header(1, ZERO)
    }
    .encode()
    .unwrap();
    assert_eq!(enrolled().accept(&changed), Err(ChainError::Signature));
    let bare = DeviceEvent {
        sig: SigningKey::from_bytes(&SEED).sign(&event.hdr).to_bytes().to_vec(),
        ..event.clone()
    };
    assert_eq!(
        enrolled().accept(&bare),
        Err(ChainError::Signature),
        "the domain prefix is part of the signature"
    );
    let foreign = signed(&Header {
        dev: "d2".to_owned(),
        ..header(1, ZERO)
    });
    assert!(matches!(
        enrolled().accept(&foreign),
        Err(ChainError::ForeignKey { .. })
    ));
    let es256 = DeviceEvent {
        alg: Algorithm::Es256,
        ..event.clone()
    };
    assert_eq!(
        enrolled().accept(&es256),
        Err(ChainError::Algorithm("ES256".to_owned()))
    );
    assert_eq!(verify_header(&ed25519(&SEED), &event.hdr, &event.sig), Ok(()));
    assert_eq!(
        verify_header(&ed25519(&[1; 32]), &event.hdr, &event.sig),
        Err(ChainError::Signature)
    );
}

#[test]
fn certificates_come_from_enrolment_entries_only() {
    let key = base64url_encode(&public_key(&SEED));
    let detail = |key: &str| {
        let members = [("dev", "d1"), ("kid", "k1"), ("key", key)];
        members.map(|(name, text)| (name.to_owned(), Value::from(text))).into()
    };
    let entry = |t: &str, key: &str| ServerEntry {
        t: t.to_owned(),
        detail: detail(key),
        ..ServerEntry::default()
    };
    assert_eq!(
        DeviceCertificate::from_entry(&entry("device.enrolled", &key)),
        Some(Ok(certificate()))
    );
    assert_eq!(DeviceCertificate::from_entry(&entry("device.lost", &key)), None);
    let es256 = base64url_encode(&[4; 65]);
    let with_alg = |alg: &str, key: &str| {
        let mut entry = entry("device.enrolled", key);
        entry.detail.insert("alg".to_owned(), Value::from(alg));
        DeviceCertificate::from_entry(&entry).unwrap()
    };
    assert_eq!(with_alg("ES256", &es256).unwrap().key.algorithm(), Algorithm::Es256);
    // Named where it need not be, unknown, or with a key of the other kind.
    for (alg, key) in [("Ed25519", &key), ("RS256", &es256), ("ES256", &key)] {
        assert_eq!(with_alg(alg, key), Err(ChainError::Enrolment), "{alg}");
    }
    let weak = base64url_encode(&[0; 32]);
    assert_eq!(
        DeviceCertificate::from_entry(&entry("device.enrolled", &weak)),
        Some(Err(ChainError::Enrolment))
    );
    let mut verifier = enrolled();
    assert_eq!(verifier.enrol(certificate()), Ok(()));
    let other = DeviceCertificate {
        key: ed25519(&[1; 32]),
        ..certificate()
    };
    assert_eq!(
        verifier.enrol(other),
        Err(ChainError::Enrolled { kid: "k1".to_owned() })
    );
}

fn withheld(event: &DeviceEvent, dseq: u64) -> WithheldEvent {
    WithheldEvent {
        dev: dev(),
        kid: event.kid.clone(),
        dseq,
        hash: sha256(&event.hdr),
    }
}

#[test]
fn an_event_that_is_kept_sealed_has_its_place_and_the_next_one_vouches_for_it() {
    let events = chain(4);
    let mut verifier = enrolled();
    verifier.accept(&events[0]).unwrap();
    verifier.withhold(&withheld(&events[1], 2)).unwrap();
    verifier.accept(&events[2]).unwrap();
    verifier.withhold(&withheld(&events[3], 4)).unwrap();
    assert_eq!(verifier.head("d1").unwrap().hash, sha256(&events[3].hdr));
    // Another event put in its place is not the one that the device goes on from.
    let mut verifier = enrolled();
    verifier.accept(&events[0]).unwrap();
    verifier.withhold(&withheld(&events[3], 2)).unwrap();
    assert_eq!(
        verifier.accept(&events[2]),
        Err(ChainError::Link { dev: dev(), dseq: 3 })
    );
    let refused = |event: &WithheldEvent| {
        let mut verifier = enrolled();
        verifier.accept(&events[0]).unwrap();
        verifier.withhold(event).unwrap_err()
    };
    let gap = refused(&withheld(&events[2], 3));
    assert_eq!(
        gap,
        ChainError::Gap {
            dev: dev(),
            last: 1,
            found: 3
        }
    );
    assert_eq!(
        refused(&withheld(&events[0], 1)),
        ChainError::Repeated { dev: dev(), dseq: 1 }
    );
    assert_eq!(
        refused(&withheld(&events[1], 0)),
        ChainError::Late { dev: dev(), dseq: 0 }
    );
    let mut foreign = withheld(&events[1], 2);
    foreign.dev = "d2".to_owned();
    assert!(matches!(refused(&foreign), ChainError::ForeignKey { .. }));
    foreign.kid = "k2".to_owned();
    assert!(matches!(refused(&foreign), ChainError::UnknownKey { .. }));
}

#[test]
fn an_entry_of_a_sealed_event_has_all_of_its_place() {
    let detail = BTreeMap::from([
        ("dev".to_owned(), Value::from("d1")),
        ("kid".to_owned(), Value::from("k1")),
        ("dseq".to_owned(), Value::Integer(2)),
        ("head".to_owned(), Value::from(ZERO.to_hex().as_str())),
    ]);
    let entry = |detail: &BTreeMap<String, Value>| ServerEntry {
        t: DEVICE_WITHHELD.to_owned(),
        detail: detail.clone(),
        ..ServerEntry::default()
    };
    let read = WithheldEvent::from_entry(&entry(&detail)).unwrap().unwrap();
    assert_eq!((read.dseq, read.hash), (2, ZERO));
    for name in detail.keys() {
        let mut less = detail.clone();
        less.remove(name);
        assert_eq!(
            WithheldEvent::from_entry(&entry(&less)),
            Some(Err(ChainError::Withheld))
        );
    }
    assert_eq!(WithheldEvent::from_entry(&ServerEntry::default()), None);
}
