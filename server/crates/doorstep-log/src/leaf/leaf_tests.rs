//! Tests of leaves and headers: exact bytes, strictness, limits, forward compatibility.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::hash::{ZERO, sha256};
use proptest::prelude::*;

fn header() -> Header {
    Header {
        dev: "d1".to_owned(),
        dseq: 1,
        prev: ZERO,
        eid: "e1".to_owned(),
        kind: "door.checkin".to_owned(),
        visit: Some("v1".to_owned()),
        subj: vec!["s1".to_owned()],
        wall_ms: 5,
        mono_ms: 6,
        boot: "b".to_owned(),
        tz_min: -210,
        loc_q: Some("fine".to_owned()),
        rules: Some(sha256(b"pack")),
        app: "doorstep/0.1".to_owned(),
        cp: Some(CheckpointSeen {
            size: 3,
            root: sha256(b"root"),
        }),
        pc: Some(commitment(&[7; 32], b"payload")),
        att: vec![sha256(b"photo")],
        extra: BTreeMap::new(),
    }
}

fn entry() -> ServerEntry {
    ServerEntry {
        ten: "t".to_owned(),
        t: "plan.published".to_owned(),
        recv_ms: -1,
        actor: "u".to_owned(),
        ..ServerEntry::default()
    }
}

#[test]
fn a_server_entry_has_exactly_these_bytes() {
    let bytes = Leaf::Server(entry()).encode().unwrap();
    assert_eq!(
        bytes,
        br#"{"actor":"u","recv_ms":-1,"t":"plan.published","ten":"t","v":1}"#
    );
    let full = ServerEntry {
        session: Some("x".to_owned()),
        subj: vec!["a".to_owned(), "b".to_owned()],
        visit: Some("v".to_owned()),
        reason: Some("r".to_owned()),
        pc: Some(ZERO),
        eid: Some("e".to_owned()),
        detail: BTreeMap::from([("n".to_owned(), Value::Integer(2))]),
        ..entry()
    };
    let bytes = Leaf::Server(full.clone()).encode().unwrap();
    let zeros = "0".repeat(64);
    let expected = format!(
        r#"{{"actor":"u","detail":{{"n":2}},"eid":"e","pc":"{zeros}","reason":"r","recv_ms":-1,"session":"x","subj":["a","b"],"t":"plan.published","ten":"t","v":1,"visit":"v"}}"#
    );
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    assert_eq!(Leaf::decode(&bytes), Ok(Leaf::Server(full)));
}

#[test]
fn a_device_event_round_trips_with_its_exact_header() {
    let hdr = header().encode().unwrap();
    let event = DeviceEvent {
        ten: "t".to_owned(),
        seq_hint: 9,
        recv_ms: 8,
        hdr,
        kid: "k".to_owned(),
        alg: Algorithm::from_name("ML-DSA".to_owned()),
        sig: vec![1, 2],
    };
    assert_eq!(event.header(), Ok(header()));
    let bytes = Leaf::Device(event.clone()).encode().unwrap();
    assert_eq!(Leaf::decode(&bytes), Ok(Leaf::Device(event)));
}

#[test]
fn unknown_kinds_and_header_members_are_kept() {
    let bytes = br#"{"actor":"u","recv_ms":1,"t":"kind.of.next.year","ten":"t","v":1}"#;
    let leaf = Leaf::decode(bytes).unwrap();
    assert_eq!((leaf.kind(), leaf.tenant()), ("kind.of.next.year", "t"));
    assert_eq!(leaf.encode().unwrap(), bytes);

    let mut newer = header();
    newer
        .extra
        .insert("zz".to_owned(), Value::Array(vec![Value::Bool(true)]));
    let bytes = newer.encode().unwrap();
    assert_eq!(Header::decode(&bytes).unwrap(), newer);
    newer.extra.insert("dseq".to_owned(), Value::Integer(99));
    assert_eq!(
        newer.encode().unwrap(),
        bytes,
        "an extra member must not replace one of the format"
    );
}

#[test]
fn everything_else_is_refused() {
    let decode = |text: &str| Leaf::decode(text.as_bytes());
    let base = r#"{"actor":"u","recv_ms":1,"t":"x","ten":"t","v":1}"#;
    assert!(decode(base).is_ok());
    assert_eq!(decode(&base.replace("\"v\":1", "\"v\":2")), Err(LeafError::Version(2)));
    assert_eq!(
        decode(&base.replace("\"actor\":\"u\",", "")),
        Err(LeafError::Missing("actor"))
    );
    assert_eq!(decode(&base.replace("\"u\"", "1")), Err(LeafError::Wrong("actor")));
    assert_eq!(
        decode(&base.replace("{\"a", "{\"aa\":1,\"a")),
        Err(LeafError::Unknown("aa".to_owned()))
    );
    let loose = LeafError::Canonical(CanonicalError::NotCanonical);
    assert_eq!(decode(&base.replace(":1,", ": 1,")), Err(loose.clone()));
    assert_eq!(
        decode(&base.replace("\"recv_ms\"", "\"detail\":{},\"recv_ms\"")),
        Err(loose)
    );
    assert_eq!(
        decode(&base.replace("\"recv_ms\"", "\"pc\":\"00\",\"recv_ms\"")),
        Err(LeafError::Wrong("pc"))
    );
    assert!(decode("[]").is_err() && decode("").is_err());
    let hidden = Leaf::Server(ServerEntry {
        t: DEVICE_EVENT.to_owned(),
        ..entry()
    });
    assert_eq!(hidden.encode(), Err(LeafError::Wrong("t")));
    assert_eq!(
        Header {
            dseq: u64::MAX,
            ..header()
        }
        .encode(),
        Err(LeafError::Wrong("dseq"))
    );
}

#[test]
fn a_leaf_has_at_most_16384_bytes() {
    let with = |length: usize| {
        Leaf::Server(ServerEntry {
            actor: "u".repeat(length),
            ..entry()
        })
    };
    let spare = LEAF_BYTES_MAX - with(0).encode().unwrap().len();
    let longest = with(spare).encode().unwrap();
    assert_eq!(longest.len(), LEAF_BYTES_MAX);
    assert!(Leaf::decode(&longest).is_ok());
    assert_eq!(
        with(spare + 1).encode(),
        Err(LeafError::TooLong {
            bytes: LEAF_BYTES_MAX + 1
        })
    );
    assert_eq!(
        Leaf::decode(&vec![b' '; 20_000]),
        Err(LeafError::TooLong { bytes: 20_000 })
    );
}

#[test]
fn the_commitment_is_the_plain_concatenation() {
    let salt = [3; 32];
    let joined = [b"doorstep/pc/v1".as_slice(), &salt, b"note"].concat();
    assert_eq!(commitment(&salt, b"note"), sha256(&joined));
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(place in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = header().encode().unwrap();
        let place = place % bytes.len();
        bytes[place] = byte;
        if let Ok(read) = Header::decode(&bytes) {
            prop_assert_eq!(read.encode().unwrap(), bytes.clone());
        }
        if let Ok(leaf) = Leaf::decode(&bytes) {
            prop_assert_eq!(leaf.encode().unwrap(), bytes);
        }
    }
}
