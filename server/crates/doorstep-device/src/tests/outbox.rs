//! Pushing, acknowledgements and the outbox.

use super::*;
use crate::EventState;
use fake::{Fault, Forgery};

async fn states(device: &Device) -> Vec<EventState> {
    device.outbox().await.unwrap().iter().map(|item| item.state).collect()
}

#[tokio::test]
async fn everything_goes_up_in_batches_and_is_acknowledged() {
    let scene = Scene::with_doors(&[1, 2]).await;
    let device = &scene.device;
    for number in [1, 2] {
        device
            .visit_start(visit(number), signed_input(device, number))
            .await
            .unwrap();
        device.visit_finish(visit(number), finish_input()).await.unwrap();
    }
    device.day_close().await.unwrap();
    let report = device.push().await.unwrap();
    assert_eq!((report.sent, report.acknowledged, report.alarm), (7, 7, false));
    assert_eq!(scene.server.pushes(), [3, 3, 1]);
    assert_eq!(scene.server.kinds(), kinds(device).await);
    assert_eq!(device.outbox().await.unwrap(), []);
    assert_eq!(device.sync_status().await.unwrap().upto_dseq, 7);
    assert_eq!(device.push().await.unwrap().sent, 0);
    assert_eq!(scene.server.pushes().len(), 3);
}

#[tokio::test]
async fn batches_stay_within_the_bytes_of_a_push() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    let note = "\"".repeat(crate::NOTE_BYTES_MAX);
    let input = FinishInput {
        note: Some(note),
        ..finish_input()
    };
    device.visit_finish(visit(1), input).await.unwrap();
    sqlx::query("UPDATE sync_state SET max_events = 256, max_bytes = 4000")
        .execute(device.db.pool())
        .await
        .unwrap();
    device.push().await.unwrap();
    assert_eq!(scene.server.pushes()[0], 2);
    assert_eq!(scene.server.kinds(), kinds(device).await);
}

#[tokio::test]
async fn a_forged_acknowledgement_is_not_accepted() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    for forgery in [Forgery::OtherKey, Forgery::OtherDevice, Forgery::OtherHead] {
        scene.server.forge(forgery);
        assert_eq!(device.push().await.unwrap_err().code(), "bad-signature", "{forgery:?}");
        let waiting = states(device).await;
        assert!(waiting.iter().all(|state| *state == EventState::Waiting), "{waiting:?}");
    }
    assert_eq!(device.suspect_notes().await.unwrap().len(), 3);
    scene.server.forge(Forgery::None);
    device.push().await.unwrap();
    assert_eq!(device.outbox().await.unwrap(), []);
    assert_eq!(
        scene.server.kinds(),
        ["visit.arrived", "log.alarm", "log.alarm", "log.alarm"]
    );
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_bytes() {
    let mut scene = Scene::with_doors(&[1]).await;
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    for fault in [Fault::LoseRequest, Fault::LoseAnswer, Fault::LoseAnswer] {
        scene.server.set_fault(fault);
        assert_eq!(scene.device.push().await.unwrap_err().code(), "network");
        scene.reopened().await;
        assert_eq!(states(&scene.device).await, [EventState::Waiting]);
    }
    assert_eq!(scene.device.push().await.unwrap().acknowledged, 1);
    assert_eq!(scene.server.kinds(), ["visit.arrived"]);
}

#[tokio::test]
async fn what_the_server_puts_aside_is_kept_shown_and_not_sent_again() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.day_open().await.unwrap();
    device.day_close().await.unwrap();
    scene.server.quarantine(1);
    let report = device.push().await.unwrap();
    assert_eq!((report.quarantined, report.acknowledged), (1, 1));
    let items = device.outbox().await.unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].dseq, items[0].state), (1, EventState::Quarantined));
    assert_eq!(items[0].code.as_deref(), Some("payload-unreadable"));
    assert_eq!(items[0].flags, ["not-planned"]);
    assert_eq!(device.push().await.unwrap().sent, 0);
}

#[tokio::test]
async fn a_server_that_lost_events_gets_them_again_and_is_reported() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    scene.server.quarantine(3);
    device.push().await.unwrap();
    scene.server.lose_after(1);
    device.day_close().await.unwrap();
    let report = device.push().await.unwrap();
    assert!(report.alarm && report.held > 0);
    let expected = [
        "visit.arrived",
        "visit.outcome",
        "visit.departed",
        "day.close",
        "log.alarm",
    ];
    assert_eq!(kinds(device).await, expected);
    assert_eq!(scene.server.kinds(), expected);
    assert_eq!(states(device).await, [EventState::Quarantined]);
    let suspects = device.suspect_notes().await.unwrap();
    assert!(suspects[0].known.is_some(), "both acknowledgements are kept");
}

#[tokio::test]
async fn an_ended_session_is_renewed_with_the_devices_key() {
    let mut scene = Scene::with_doors(&[1]).await;
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    scene.server.end_session();
    let report = scene.device.push().await.unwrap();
    assert_eq!((report.sent, report.acknowledged), (1, 1));
    assert_eq!(scene.server.kinds(), ["visit.arrived"]);
    // The new session is kept: opened again, the device needs no renewal and no new code.
    scene.reopened().await;
    assert_eq!(scene.device.push().await.unwrap().sent, 0);
    scene.device.pull().await.unwrap();
}
