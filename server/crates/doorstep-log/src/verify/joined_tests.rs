//! Statements in opened payloads: those that hold are silent, each other one is named.

use std::collections::BTreeMap;

use super::*;
use crate::canonical::Value;
use crate::chain::public_key;
use crate::hash::{ZERO, base64url_encode};
use crate::joined::sign_joined;
use crate::leaf::{DEVICE_ENROLLED, PARTNER_ADDED, PARTNER_REMOVED};

const OWNER: [u8; 32] = [1; 32];
const PARTNER: [u8; 32] = [2; 32];
const AT: i64 = 1_796_097_600_000;

/// An entry that makes a key known or ends it.
fn entry(kind: &str, actor: &str, (dev, kid): (&str, &str), seed: &[u8; 32]) -> ServerEntry {
    let detail = [
        ("dev", dev.to_owned()),
        ("kid", kid.to_owned()),
        ("key", base64url_encode(&public_key(seed))),
    ];
    ServerEntry {
        ten: "t".to_owned(),
        t: kind.to_owned(),
        recv_ms: AT,
        actor: actor.to_owned(),
        session: None,
        subj: Vec::new(),
        visit: None,
        reason: None,
        pc: None,
        eid: None,
        detail: detail.map(|(name, text)| (name.to_owned(), Value::Text(text))).into(),
    }
}

fn header(kind: &str, dev: &str) -> Header {
    Header {
        dev: dev.to_owned(),
        dseq: 1,
        prev: ZERO,
        eid: "e".to_owned(),
        kind: kind.to_owned(),
        visit: Some("v".to_owned()),
        subj: vec!["s".to_owned()],
        wall_ms: AT,
        mono_ms: 0,
        boot: "b".to_owned(),
        tz_min: 0,
        loc_q: None,
        rules: None,
        app: "test/1".to_owned(),
        cp: None,
        pc: Some(ZERO),
        att: Vec::new(),
        extra: BTreeMap::new(),
    }
}

/// A log of two devices and a partner's key on the first, with a check-in as its fifth leaf.
fn content(kind: &str, dev: &str) -> Content {
    let mut content = Content::default();
    content
        .joins
        .take_key(&entry(DEVICE_ENROLLED, "a1", ("d1", "d1/1"), &OWNER));
    content
        .joins
        .take_key(&entry(DEVICE_ENROLLED, "a2", ("d2", "d2/1"), &PARTNER));
    content
        .joins
        .take_key(&entry(PARTNER_ADDED, "a2", ("d1", "p/1"), &PARTNER));
    content.joins.take_header(5, &header(kind, dev));
    content
}

fn said(visit: &str, dev: Option<&str>, kid: &str, at_ms: i64) -> Joining {
    Joining {
        visit: visit.to_owned(),
        subj: "s".to_owned(),
        staff: "f".to_owned(),
        dev: dev.map(str::to_owned),
        at_ms,
        kid: kid.to_owned(),
    }
}

/// The causes that are named for a statement in a payload.
fn causes(content: &Content, joining: &Joining, seed: &[u8; 32]) -> Vec<String> {
    let bytes = joining.encode().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let sig = base64url_encode(&sign_joined(seed, &bytes));
    let payload = serde_json::json!({"identity_shown": true, "joined": [{"said": text, "sig": sig}]});
    let opening = Opening {
        eid: "e".to_owned(),
        salt: [0; 32],
        payload: serde_json::to_vec(&payload).unwrap(),
    };
    let mut report = Report::default();
    content.check_joined(&opening, &mut report);
    assert_eq!(report.errors, 0, "the server stores and flags it");
    let details = report.findings.iter().flat_map(|finding| &finding.details);
    details
        .filter(|detail| detail.name == DetailName::Cause)
        .map(|detail| detail.value.clone())
        .collect()
}

#[test]
fn statements_that_hold_are_silent_and_others_are_named() {
    let arrived = content(ARRIVED, "d1");
    let own = said("v", None, "d2/1", AT);
    let here = said("v", Some("d1"), "p/1", AT);
    for joining in [&own, &here] {
        assert!(causes(&arrived, joining, &PARTNER).is_empty());
        assert_eq!(causes(&arrived, joining, &OWNER), ["joined-signature"]);
    }
    let wrong = [
        (said("w", None, "d2/1", AT), "joined-visit"),
        (said("v", None, "d2/1", AT + 31 * 60_000), "joined-stale"),
        (said("v", None, "x/1", AT), "joined-key"),
        (said("v", None, "p/1", AT), "joined-device"),
        (said("v", Some("d2"), "p/1", AT), "joined-device"),
    ];
    for (joining, cause) in wrong {
        assert_eq!(causes(&arrived, &joining, &PARTNER), [cause]);
    }
    let twice = said("v", None, "d1/1", AT);
    assert_eq!(
        causes(&arrived, &twice, &OWNER),
        ["joined-staff"],
        "one person is not two"
    );
}

#[test]
fn a_partner_signs_for_themselves_on_a_device_of_their_own() {
    let joined = content(JOINED, "d2");
    assert!(causes(&joined, &said("v", None, "d2/1", AT), &PARTNER).is_empty());
    assert_eq!(causes(&joined, &said("v", None, "d1/1", AT), &OWNER), ["joined-staff"]);
}

#[test]
fn a_key_that_was_ended_before_signs_nothing() {
    let mut content = content(ARRIVED, "d1");
    let here = said("v", Some("d1"), "p/1", AT);
    let removed = entry(PARTNER_REMOVED, "a2", ("d1", "p/1"), &PARTNER);
    content.take_device(4, &removed, &mut Report::default());
    assert_eq!(causes(&content, &here, &PARTNER), ["joined-key"]);
}
