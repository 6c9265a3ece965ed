//! What happens at doors.

use doorstep_domain::contact::MatterOutcome;
use doorstep_domain::words::Lang;
use doorstep_log::hash::{Hash, sha256};
use doorstep_rules::PackSet;
use doorstep_wire::sync::PromiseMade;

use super::*;
use crate::{Blocked, DeviceError, PermitReason, VisitState};

#[tokio::test]
async fn a_day_makes_a_chain_that_a_stranger_verifies() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let capture = scene.dir.path().join("photo.jpg");
    std::fs::write(&capture, b"pixels").unwrap();
    let device = &scene.device;
    device.day_open().await.unwrap();
    let started = device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    assert_eq!(started.not_said, ["amount"]);
    assert_eq!(started.required, ["identity_check", "outcome", "check_out"]);
    scene.clock.advance(HOUR / 4);
    let input = FinishInput {
        matter: Some(MatterOutcome::Promise),
        promise: Some(PromiseMade {
            day: "2026-12-10".to_owned(),
            amount: 50_000,
            currency: "CNY".to_owned(),
        }),
        note: Some("rang twice".to_owned()),
        evidence: vec![capture],
        ..finish_input()
    };
    let finished = device.visit_finish(visit(1), input).await.unwrap();
    assert_eq!((finished.events.len(), finished.missing.len()), (5, 0));
    device.skip(visit(2), "gate closed").await.unwrap();
    device.day_close().await.unwrap();

    let chain = verified_chain(device).await;
    let expected = [
        "day.open",
        "visit.arrived",
        "visit.outcome",
        "visit.promise",
        "visit.note",
        "evidence.added",
        "visit.departed",
        "stop.skipped",
        "day.close",
    ];
    assert_eq!(
        chain.iter().map(|header| header.kind.as_str()).collect::<Vec<_>>(),
        expected
    );
    let (arrived, evidence) = (&chain[1], &chain[5]);
    assert_eq!(arrived.visit.as_deref(), Some(alias(1).to_string().as_str()));
    assert_eq!(arrived.loc_q.as_deref(), Some("good"));
    assert_eq!(arrived.rules, Hash::from_hex(&"ab".repeat(32)));
    assert_eq!((arrived.tz_min, arrived.wall_ms), (480, NOON / 1_000));
    assert_eq!(evidence.att, [sha256(b"pixels")]);
    assert_eq!(evidence.mono_ms, 900_000);
    assert_eq!(device.evidence(&sha256(b"pixels")).await.unwrap(), b"pixels");
    assert_eq!(device.visit_state(visit(1)).await.unwrap(), Some(VisitState::Finished));
    assert_eq!(device.visit_state(visit(2)).await.unwrap(), Some(VisitState::Skipped));
}

/// The reasons of a blocked start.
async fn reasons(device: &Device, number: u128, input: StartInput) -> Vec<String> {
    match device.visit_start(visit(number), input).await {
        Err(DeviceError::Blocked(blocked)) => blocked.iter().map(|reason| reason.rule().to_owned()).collect(),
        other => panic!("expected a blocked start, got {other:?}"),
    }
}

#[tokio::test]
async fn a_blocked_start_records_nothing_unless_it_happened_anyway() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    let alone = StartInput {
        staff: vec![Uuid::from_u128(1), Uuid::from_u128(1)],
        ..start_input()
    };
    assert_eq!(reasons(device, 1, alone.clone()).await, ["PERMIT-STAFF"]);
    assert_eq!(device.outbox().await.unwrap(), []);
    assert_eq!(device.visit_state(visit(1)).await.unwrap(), None);
    let anyway = StartInput { anyway: true, ..alone };
    let started = device.visit_start(visit(1), anyway).await.unwrap();
    assert_eq!(started.blocked, [Blocked::Permit(PermitReason::Staff)]);
    let payload = payloads(device).await.remove(0);
    assert!(payload.contains("\"blocked_by\":[\"PERMIT-STAFF\"]"), "{payload}");
}

#[tokio::test]
async fn the_permit_decides_where_and_when() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    scene.clock.advance(HOUR * 6 - HOUR / 2 + 1_000);
    assert_eq!(reasons(device, 1, signed_input(device, 1)).await, ["PERMIT-HOURS"]);
    scene.clock.advance(HOUR);
    assert_eq!(
        reasons(device, 1, signed_input(device, 1)).await,
        ["PERMIT-EXPIRED", "PERMIT-HOURS"]
    );
    scene.clock.advance(-HOUR * 11);
    assert_eq!(
        reasons(device, 1, signed_input(device, 1)).await,
        ["PERMIT-AS-OF", "PERMIT-HOURS"]
    );

    let scene = Scene::with_doors(&[1]).await;
    let mut newer = permit(&[2]);
    newer.crew = Uuid::from_u128(0x5001);
    let mut refused = permit(&[3]);
    refused.crew = Uuid::from_u128(0x5002);
    refused.doors[0].allowed_ms.clear();
    let ops = vec![
        fake::put_door(&door(3)),
        fake::put_door(&door(4)),
        fake::put_permit(&newer),
        fake::put_permit(&refused),
    ];
    scene.server.offer(fake::pull(ops, "cursor-2"));
    scene.device.pull().await.unwrap();
    assert_eq!(
        reasons(&scene.device, 3, signed_input(&scene.device, 3)).await,
        ["PERMIT-NOT-ALLOWED", "CN-TIME-1"]
    );
    assert_eq!(
        reasons(&scene.device, 4, signed_input(&scene.device, 4)).await,
        ["PERMIT-NOT-LISTED"]
    );
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_rules_look_again_at_the_door() {
    let scene = Scene::new().await;
    let facts = |flags: &str, zone: &str| {
        format!(
            r#"{{"subject": {{"status": "open", "flags": [{flags}], "party": "debtor", "portfolio_kind": "card"}},
                "address": {{"country": "CN", "zone": "{zone}", "state": "current", "kind": "home"}},
                "staff": {{"count": 2, "certified": 2}}, "notices": [{{"handed_over_at": 0}}],
                "attempt": {{"start": 0, "end": 0}}, "as_of": {}}}"#,
            NOON - HOUR
        )
    };
    let mut doors = [door(1), door(2), door(3)];
    doors[0].facts = facts("", "Asia/Shanghai");
    doors[1].facts = facts("\"deceased\"", "Asia/Shanghai");
    doors[2].facts = "{}".to_owned();
    let mut permit = permit(&[1, 2, 3]);
    permit.rules = PackSet::builtin().digest().as_str().to_owned();
    let mut ops: Vec<_> = doors.iter().map(fake::put_door).collect();
    ops.push(fake::put_permit(&permit));
    scene.server.offer(fake::pull(ops, "c"));
    scene.device.pull().await.unwrap();

    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    assert_eq!(
        reasons(&scene.device, 2, signed_input(&scene.device, 2)).await,
        ["HOUSE-STOP-DECEASED"]
    );
    assert_eq!(
        reasons(&scene.device, 3, signed_input(&scene.device, 3)).await,
        ["PERMIT-FACTS"]
    );
    let Err(DeviceError::Blocked(blocked)) = scene.device.visit_start(visit(2), signed_input(&scene.device, 2)).await
    else {
        panic!("a deceased person is not visited");
    };
    assert!(blocked[0].sentence(Lang::Zh).contains("已故"));
}

#[tokio::test]
async fn what_is_required_is_done_before_check_out() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    let input = FinishInput {
        done: Vec::new(),
        ..finish_input()
    };
    match device.visit_finish(visit(1), input.clone()).await {
        Err(DeviceError::RequiredMissing(missing)) => assert_eq!(missing, ["identity_check"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(kinds(device).await, ["visit.arrived"]);
    let anyway = FinishInput { anyway: true, ..input };
    assert_eq!(
        device.visit_finish(visit(1), anyway).await.unwrap().missing,
        ["identity_check"]
    );
    assert_eq!(
        kinds(device).await,
        ["visit.arrived", "visit.outcome", "visit.departed"]
    );
}

#[tokio::test]
async fn each_step_counts_once_and_in_its_order() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    let code = |result: Result<(), DeviceError>| result.unwrap_err().code();
    assert_eq!(
        code(device.visit_finish(visit(1), finish_input()).await.map(drop)),
        "not-started"
    );
    assert_eq!(
        code(device.visit_start(visit(9), signed_input(device, 9)).await.map(drop)),
        "not-found"
    );
    device.skip(visit(1), "dog").await.unwrap();
    assert_eq!(code(device.skip(visit(1), "dog").await.map(drop)), "already-done");
    assert_eq!(
        code(device.visit_finish(visit(1), finish_input()).await.map(drop)),
        "not-started"
    );
    // A stop that was left out can be visited after all.
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    assert_eq!(
        code(device.visit_start(visit(1), signed_input(device, 1)).await.map(drop)),
        "already-done"
    );
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    assert_eq!(
        code(device.visit_finish(visit(1), finish_input()).await.map(drop)),
        "already-done"
    );
    assert_eq!(code(device.skip(visit(1), "dog").await.map(drop)), "already-done");
    let expected = ["stop.skipped", "visit.arrived", "visit.outcome", "visit.departed"];
    assert_eq!(kinds(device).await, expected);
}

#[tokio::test]
async fn input_that_cannot_be_is_refused() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    let promise = |day: &str, amount: i64, currency: &str| FinishInput {
        promise: Some(PromiseMade {
            day: day.to_owned(),
            amount,
            currency: currency.to_owned(),
        }),
        ..finish_input()
    };
    let note = |text: String| FinishInput {
        note: Some(text),
        ..finish_input()
    };
    let inputs = [
        promise("2026-02-30", 1, "CNY"),
        promise("2026-12-10", 0, "CNY"),
        promise("2026-12-10", 1, "yuan"),
        note("x".repeat(crate::NOTE_BYTES_MAX + 1)),
        note(" ".to_owned()),
    ];
    for input in inputs {
        assert_eq!(
            device.visit_finish(visit(1), input).await.unwrap_err().code(),
            "bad-input"
        );
    }
    let lost = FinishInput {
        evidence: vec![scene.dir.path().join("nothing.jpg")],
        ..finish_input()
    };
    assert_eq!(
        device.visit_finish(visit(1), lost).await.unwrap_err().code(),
        "file-unreadable"
    );
    assert_eq!(kinds(device).await, ["visit.arrived"]);
}

#[tokio::test]
async fn a_visit_can_be_closed_after_its_door_was_taken_away() {
    let scene = Scene::with_doors(&[1]).await;
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    scene.clock.advance(73 * HOUR);
    assert_eq!(scene.device.doors().await.unwrap(), []);
    assert_eq!(scene.device.visits_started().await.unwrap(), [visit(1)]);
    scene.device.visit_finish(visit(1), finish_input()).await.unwrap();
    assert!(scene.device.visits_started().await.unwrap().is_empty());
    assert_eq!(kinds(&scene.device).await.len(), 3);
}

#[tokio::test]
async fn a_step_that_is_killed_in_the_middle_is_whole_or_absent() {
    let mut scene = Scene::with_doors(&[1, 2]).await;
    let mut whole = Vec::new();
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    for polls in 0.. {
        let done = killed_after(polls, scene.device.visit_finish(visit(1), finish_input())).await;
        scene.reopened().await;
        let found = kinds(&scene.device).await;
        assert!(found.len() == 1 || found.len() == 3, "half a step: {found:?}");
        whole.push(found.len() == 3);
        if done.is_some() || found.len() == 3 {
            break;
        }
    }
    assert!(whole.len() > 3, "the step was killed at several moments");
    // The chain goes on where it stood.
    scene
        .device
        .visit_start(visit(2), signed_input(&scene.device, 2))
        .await
        .unwrap();
    assert_eq!(verified_chain(&scene.device).await.len(), 4);
}

#[tokio::test]
async fn a_signed_event_never_changes_in_the_database() {
    let scene = Scene::with_doors(&[1]).await;
    scene.device.day_open().await.unwrap();
    for sql in [
        "UPDATE event SET hdr = x'00'",
        "UPDATE event SET dseq = 9",
        "DELETE FROM event",
    ] {
        assert!(sqlx::query(sql).execute(scene.device.db.pool()).await.is_err(), "{sql}");
    }
    assert_eq!(kinds(&scene.device).await, ["day.open"]);
}
