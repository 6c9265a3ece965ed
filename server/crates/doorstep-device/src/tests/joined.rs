//! Where two staff are required, both sign: the owner the event, the partner a statement in it.

use super::*;
use crate::{Blocked, DeviceError, Partner, PermitReason};
use doorstep_log::device_key::DeviceKey;
use doorstep_log::hash::base64url_decode;
use doorstep_log::joined::{JOINED_APART_MS, joined_bytes};
use doorstep_wire::sync::{Payload, PullOp};

async fn refused(device: &Device, number: u128, input: StartInput) -> DeviceError {
    device.visit_start(visit(number), input).await.unwrap_err()
}

fn with(joined: Joined) -> StartInput {
    StartInput {
        joined: vec![joined],
        ..start_input()
    }
}

fn partners_pin() -> Pin {
    Pin::new("135792").unwrap()
}

/// A device on which the partner made a key, with the permit that lists it.
async fn with_partner() -> (Scene, Partner) {
    let scene = Scene::new().await;
    let device = &scene.device;
    let partner = device
        .partner_add("F02", "of the partner", &partners_pin())
        .await
        .unwrap();
    let mut permit = permit(&[1, 2]);
    permit.staff[1] = on_permit(2, &[scene.server.partner_key()]);
    let ops = vec![
        fake::put_door(&door(1)),
        fake::put_door(&door(2)),
        fake::put_permit(&permit),
    ];
    scene.server.offer(fake::pull(ops, "cursor-1"));
    device.pull().await.unwrap();
    (scene, partner)
}

#[tokio::test]
async fn who_is_only_named_has_not_signed() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    let unsigned = [Blocked::Permit(PermitReason::Unsigned)];
    let error = refused(device, 1, start_input()).await;
    assert!(
        matches!(&error, DeviceError::Blocked(blocked) if *blocked == unsigned),
        "{error}"
    );
    assert_eq!(device.outbox().await.unwrap(), []);
    let anyway = StartInput {
        anyway: true,
        ..start_input()
    };
    let started = device.visit_start(visit(1), anyway).await.unwrap();
    assert_eq!(started.blocked, unsigned);
    let payload = payloads(device).await.remove(0);
    assert!(payload.contains("\"blocked_by\":[\"PERMIT-UNSIGNED\"]"), "{payload}");
    // A permit of a server of before lists no keys: nobody's signature can be told.
    let mut old = permit(&[2]);
    old.staff.iter_mut().for_each(|one| one.keys.clear());
    scene.server.offer(fake::pull(vec![fake::put_permit(&old)], "cursor-2"));
    device.pull().await.unwrap();
    assert_eq!(refused(device, 2, start_input()).await.code(), "rule-blocked");
    assert_eq!(refused(device, 2, signed_input(device, 2)).await.code(), "joined-key");
}

#[tokio::test]
async fn the_event_holds_what_the_partner_signed() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    let joined = partner_says(1, device.now());
    device.visit_start(visit(1), with(joined.clone())).await.unwrap();
    assert_eq!(kinds(device).await, ["visit.arrived"], "the owner's signature holds");
    let payload: Payload = serde_json::from_str(&payloads(device).await[0]).unwrap();
    assert_eq!(payload.joined, [joined]);
    assert_eq!(payload.staff, [Uuid::from_u128(1), Uuid::from_u128(2)]);
    assert!(payload.blocked_by.is_empty());
}

#[tokio::test]
async fn a_statement_of_another_visit_time_or_key_is_refused_and_says_why() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    let apart = Micros::from_millis(JOINED_APART_MS);
    let mut bent = partner_says(1, device.now());
    bent.said = bent.said.replace("\"v\":1", "\"v\": 1");
    let mut foreign = partner_says(1, device.now());
    foreign.sig = partner_says(2, device.now()).sig;
    let wrong = [
        (partner_says(2, device.now()), "joined-visit"),
        (partner_says(1, device.now() - apart - Micros(1_000)), "joined-stale"),
        (partner_says(1, device.now() + apart + Micros(1_000)), "joined-stale"),
        (bent, "joined-form"),
        (foreign, "joined-signature"),
    ];
    for (joined, code) in wrong {
        assert_eq!(refused(device, 1, with(joined)).await.code(), code);
    }
    let late = partner_says(1, device.now() - apart);
    device.visit_start(visit(1), with(late)).await.unwrap();
    // What happened is recorded all the same; what does not count is left out.
    let anyway = StartInput {
        anyway: true,
        ..with(partner_says(1, device.now()))
    };
    let started = device.visit_start(visit(2), anyway).await.unwrap();
    assert_eq!(started.blocked, [Blocked::Permit(PermitReason::Unsigned)]);
}

#[tokio::test]
async fn what_the_partners_device_sent_counts_until_it_is_stale() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    let put = |number: u128, joined: &Joined| PullOp {
        op: "put".to_owned(),
        bucket: "assignee".to_owned(),
        noun: "joined".to_owned(),
        id: Uuid::from_u128(0x7000 + number),
        body: Some(serde_json::to_string(joined).unwrap()),
    };
    let now = device.now();
    let ops = vec![put(1, &partner_says(1, now)), put(2, &partner_says(2, now))];
    scene.server.offer(fake::pull(ops, "cursor-2"));
    assert_eq!(device.pull().await.unwrap().joined, 2);
    assert_eq!(device.visit_joined(visit(1)).await.unwrap(), [Uuid::from_u128(2)]);
    device.visit_start(visit(1), start_input()).await.unwrap();
    scene.clock.advance(HOUR / 2 + 1_000);
    assert!(device.visit_joined(visit(2)).await.unwrap().is_empty());
    assert_eq!(refused(device, 2, start_input()).await.code(), "rule-blocked");
}

#[tokio::test]
async fn a_partner_signs_here_with_a_pin_and_without_a_network() {
    let (scene, partner) = with_partner().await;
    let device = &scene.device;
    assert_eq!(device.partners().await.unwrap(), std::slice::from_ref(&partner));
    let joined = device
        .partner_sign(visit(1), partner.staff, &partners_pin())
        .await
        .unwrap();
    assert!(
        joined.said.contains(&format!("\"dev\":\"{}\"", device.id())),
        "{}",
        joined.said
    );
    device.visit_start(visit(1), with(joined.clone())).await.unwrap();
    // For this visit alone, and the device's own PIN opens nothing of the partner's.
    assert_eq!(refused(device, 2, with(joined)).await.code(), "joined-visit");
    let error = device.partner_sign(visit(2), partner.staff, &pin()).await.unwrap_err();
    assert_eq!(error.code(), "wrong-partner-pin");
    assert!(device.partner_remove(partner.staff).await.unwrap());
    let error = device
        .partner_sign(visit(2), partner.staff, &partners_pin())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "no-partner-key");
}

#[tokio::test]
async fn a_partners_pin_is_guessed_ten_times_at_most() {
    let (scene, partner) = with_partner().await;
    let device = &scene.device;
    let guess = Pin::new("975310").unwrap();
    for tried in 1..=10_u32 {
        let error = device.partner_sign(visit(1), partner.staff, &guess).await.unwrap_err();
        let DeviceError::WrongPartnerPin { left, wait_s } = error else {
            panic!("{error}");
        };
        assert_eq!(left, 10 - tried);
        if tried < 5 {
            assert_eq!(wait_s, 0);
            continue;
        }
        if tried < 10 {
            let waiting = device.partner_sign(visit(1), partner.staff, &partners_pin()).await;
            assert_eq!(waiting.unwrap_err().code(), "pin-wait", "also for the right one");
        }
        scene.clock.advance(wait_s * 1_000_000);
    }
    let error = device
        .partner_sign(visit(1), partner.staff, &partners_pin())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "no-partner-key", "destroyed");
    assert!(device.partners().await.unwrap().is_empty());
    assert_eq!(device.doors().await.unwrap().len(), 2, "the owner's doors stay");
}

#[tokio::test]
async fn a_right_pin_begins_the_counting_anew() {
    let (scene, partner) = with_partner().await;
    let guess = Pin::new("975310").unwrap();
    for _ in 0..2 {
        for _ in 0..4 {
            let wrong = scene.device.partner_sign(visit(1), partner.staff, &guess).await;
            assert_eq!(wrong.unwrap_err().code(), "wrong-partner-pin");
        }
        let right = scene
            .device
            .partner_sign(visit(1), partner.staff, &partners_pin())
            .await;
        right.unwrap();
    }
}

#[tokio::test]
async fn the_partners_own_device_signs_and_records_that() {
    for kind in [KeyKind::Ed25519, KeyKind::Es256] {
        let scene = Scene::with_key(kind).await;
        scene.server.offer(fake::pull_of(&[1]));
        scene.device.pull().await.unwrap();
        let device = &scene.device;
        let confirmed = device.visit_confirm(visit(1)).await.unwrap();
        let header = verified_chain(device).await.remove(0);
        assert_eq!(
            (header.kind.as_str(), header.visit, header.eid),
            ("visit.joined", Some(alias(1).to_string()), confirmed.event.to_string())
        );
        let payload: Payload = serde_json::from_str(&payloads(device).await[0]).unwrap();
        assert_eq!(payload.joined, std::slice::from_ref(&confirmed.joined));
        let alg = Algorithm::from_name(kind.code().to_owned());
        let key = DeviceKey::parse(&alg, &device.identity.secret.public_key().unwrap()).unwrap();
        let sig = base64url_decode(&confirmed.joined.sig).unwrap();
        assert!(key.verifies(&joined_bytes(confirmed.joined.said.as_bytes()), &sig));
        // The visit itself has not begun here.
        assert_eq!(device.visit_state(visit(1)).await.unwrap(), None);
    }
}
