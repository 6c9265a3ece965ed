//! A statement counts for one visit, one device and half an hour, under one key; nothing of it can be changed.

use super::*;
use crate::chain::public_key;
use crate::leaf::Algorithm;

const SEED: [u8; 32] = [7; 32];
const AT: i64 = 1_796_097_600_000;

fn said(dev: Option<&str>) -> Joining {
    Joining {
        visit: "v".to_owned(),
        subj: "s".to_owned(),
        staff: "f2".to_owned(),
        dev: dev.map(str::to_owned),
        at_ms: AT,
        kid: "k".to_owned(),
    }
}

fn known(dev: Option<&str>) -> JoinKey {
    JoinKey {
        staff: Some("f2".to_owned()),
        dev: dev.map(str::to_owned),
        key: DeviceKey::parse(&Algorithm::Ed25519, &public_key(&SEED)).unwrap(),
    }
}

const ARRIVAL: Arrival<'static> = Arrival {
    visit: "v",
    subj: "s",
    dev: "d1",
    at_ms: AT,
};

fn judged(joining: &Joining, arrival: Arrival<'_>, key: Option<JoinKey>) -> Result<(), JoinedError> {
    let bytes = joining.encode().unwrap();
    let sig = sign_joined(&SEED, &bytes);
    check_joined((&bytes, &sig), arrival, |_| key).map(drop)
}

#[test]
fn the_bytes_are_those_of_the_specification() {
    let text = r#"{"at_ms":1796097600000,"dev":"d1","kid":"k","staff":"f2","subj":"s","v":1,"visit":"v"}"#;
    assert_eq!(said(Some("d1")).encode().unwrap(), text.as_bytes());
    assert_eq!(Joining::decode(text.as_bytes()), Ok(said(Some("d1"))));
    let own = text.replace(r#""dev":"d1","#, "");
    assert_eq!(said(None).encode().unwrap(), own.as_bytes());
}

#[test]
fn other_forms_are_none() {
    let text = String::from_utf8(said(None).encode().unwrap()).unwrap();
    let long = text.replace("\"v\"}", &format!("\"{}\"}}", "v".repeat(101)));
    let forms = [
        String::new(),
        "{}".to_owned(),
        text.replace("\"v\":1", "\"v\":2"),
        text.replace("\"at_ms\":", "\"at_ms\":-"),
        text.replace("\"at_ms\"", "\"a\":1,\"at_ms\""),
        text.replace("\"kid\":\"k\",", ""),
        text.replace("\"kid\":\"k\"", "\"kid\":\"\""),
        text.replace("\"kid\":\"k\"", "\"kid\":1"),
        text.replace(',', ", "),
        long,
    ];
    for form in forms {
        assert_eq!(Joining::decode(form.as_bytes()), Err(JoinedError::Form), "{form}");
    }
}

#[test]
fn a_statement_counts_for_its_visit_its_device_and_half_an_hour() {
    let (own, here) = (said(None), said(Some("d1")));
    assert_eq!(judged(&own, ARRIVAL, Some(known(None))), Ok(()));
    assert_eq!(judged(&here, ARRIVAL, Some(known(Some("d1")))), Ok(()));
    let other = [Arrival { visit: "w", ..ARRIVAL }, Arrival { subj: "t", ..ARRIVAL }];
    for arrival in other {
        assert_eq!(judged(&own, arrival, Some(known(None))), Err(JoinedError::Visit));
    }
    for (apart, counts) in [
        (JOINED_APART_MS, true),
        (-JOINED_APART_MS, true),
        (JOINED_APART_MS + 1, false),
        (-JOINED_APART_MS - 1, false),
    ] {
        let at_ms = AT + apart;
        let found = judged(&own, Arrival { at_ms, ..ARRIVAL }, Some(known(None)));
        assert_eq!(found, if counts { Ok(()) } else { Err(JoinedError::Stale) }, "{apart}");
    }
    assert_eq!(judged(&own, ARRIVAL, None), Err(JoinedError::Key));
    assert_eq!(judged(&own, ARRIVAL, Some(known(Some("d1")))), Err(JoinedError::Device));
    assert_eq!(judged(&here, ARRIVAL, Some(known(None))), Err(JoinedError::Device));
    let elsewhere = Arrival { dev: "d2", ..ARRIVAL };
    assert_eq!(
        judged(&here, elsewhere, Some(known(Some("d1")))),
        Err(JoinedError::Device)
    );
    let of_another = JoinKey {
        staff: Some("f3".to_owned()),
        ..known(None)
    };
    assert_eq!(judged(&own, ARRIVAL, Some(of_another)), Err(JoinedError::Staff));
}

#[test]
fn no_byte_of_statement_or_signature_can_be_changed() {
    let bytes = said(None).encode().unwrap();
    let sig = sign_joined(&SEED, &bytes);
    let holds = |said: &[u8], sig: &[u8]| check_joined((said, sig), ARRIVAL, |_| Some(known(None))).is_ok();
    assert!(holds(&bytes, &sig));
    for place in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[place] ^= 1;
        assert!(!holds(&bent, &sig), "byte {place}");
    }
    for place in 0..sig.len() {
        let mut bent = sig;
        bent[place] ^= 1;
        assert!(!holds(&bytes, &bent), "byte {place} of the signature");
    }
    // The signature of a header is none of a statement.
    assert!(!holds(&bytes, &crate::chain::sign_header(&SEED, &bytes)));
}
