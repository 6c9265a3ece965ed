//! Calls for help and the alarms of partners.

use doorstep_wire::sync::PullOp;
use serde_json::json;

use super::*;
use fake::Fault;

#[tokio::test]
async fn a_call_for_help_goes_before_everything_else() {
    let mut scene = Scene::with_doors(&[1, 2]).await;
    scene.server.set_fault(Fault::LoseRequest);
    for _ in 0..4 {
        scene.device.day_open().await.unwrap();
    }
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    scene.device.sos(start_input().position).await.unwrap();
    let lost = scene.device.push_urgent().await;
    assert_eq!(lost.unwrap_err().code(), "network");
    scene.reopened().await;
    assert_eq!(scene.device.outbox().await.unwrap().len(), 6, "it is kept");
    let sent = scene.device.push_urgent().await.unwrap();
    assert_eq!((sent.sent, sent.held), (1, 1));
    assert_eq!(scene.server.heard(), ["incident"], "alone, and before its turn");
    // Sent once is sent; the chain follows, and the call with it in its place.
    assert_eq!(scene.device.push_urgent().await.unwrap().sent, 0);
    let pushed = scene.device.push().await.unwrap();
    assert_eq!((pushed.sent, pushed.held, pushed.acknowledged), (6, 0, 6));
    assert_eq!(scene.server.pushes(), [1, 3, 3]);
    assert_eq!(scene.server.kinds(), kinds(&scene.device).await);
    let called = verified_chain(&scene.device).await.pop().unwrap();
    assert_eq!(
        (called.kind.as_str(), called.visit),
        ("incident", Some(alias(1).to_string()))
    );
    let payload = payloads(&scene.device).await.pop().unwrap();
    assert!(
        payload.contains("\"reason\":\"sos\"") && payload.contains("lat_e7"),
        "{payload}"
    );
}

#[tokio::test]
async fn a_push_sends_the_call_first_and_in_its_turn_once() {
    let scene = Scene::with_doors(&[1]).await;
    scene.device.sos(None).await.unwrap();
    let pushed = scene.device.push().await.unwrap();
    assert_eq!(
        (pushed.sent, pushed.acknowledged),
        (1, 1),
        "with nothing before it, once is enough"
    );
    scene.device.day_open().await.unwrap();
    scene.device.sos(None).await.unwrap();
    scene.device.push().await.unwrap();
    assert_eq!(scene.server.heard(), ["incident", "incident", "day.open", "incident"]);
    assert_eq!(scene.server.kinds(), ["incident", "day.open", "incident"]);
    assert_eq!(scene.device.outbox().await.unwrap(), []);
}

#[tokio::test]
async fn a_call_for_help_needs_no_lease_and_no_permit() {
    let scene = Scene::with_doors(&[1]).await;
    scene.clock.advance(100 * HOUR);
    scene.device.sos(None).await.unwrap();
    scene.device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), ["incident"]);
}

fn alarm(id: u128, state: &str, raised_at: i64) -> PullOp {
    let id = Uuid::from_u128(id);
    let body = json!({
        "id": id, "kind": "sos", "state": state, "raised_at": raised_at, "staff": "F07",
        "lat_e7": 312_000_000, "lon_e7": 1_214_000_000, "of_a_newer_server": true,
    });
    PullOp {
        op: "put".to_owned(),
        bucket: "assignee".to_owned(),
        noun: "alarm".to_owned(),
        id,
        body: Some(body.to_string()),
    }
}

#[tokio::test]
async fn alarms_of_partners_are_listed_until_they_end() {
    let mut scene = Scene::with_doors(&[1]).await;
    let ops = vec![
        alarm(1, "open", NOON),
        alarm(2, "open", NOON + 1),
        alarm(3, "ended", NOON),
    ];
    scene.server.offer(fake::pull(ops, "c2"));
    assert_eq!(scene.device.pull().await.unwrap().alarms, 3);
    scene.reopened().await;
    let ids = async |scene: &Scene| -> Vec<u128> {
        let alarms = scene.device.alarms().await.unwrap();
        alarms.iter().map(|alarm| alarm.id.as_u128()).collect()
    };
    assert_eq!(ids(&scene).await, [2, 1]);
    assert_eq!(scene.device.alarms().await.unwrap()[0].staff.as_deref(), Some("F07"));
    let gone = PullOp {
        op: "remove".to_owned(),
        body: None,
        ..alarm(2, "", 0)
    };
    scene.server.offer(fake::pull(vec![gone], "c3"));
    scene.device.pull().await.unwrap();
    assert_eq!(ids(&scene).await, [1]);
    let renamed = PullOp {
        id: Uuid::from_u128(9),
        ..alarm(1, "open", NOON)
    };
    scene.server.offer(fake::pull(vec![renamed], "c4"));
    assert_eq!(scene.device.pull().await.unwrap_err().code(), "answer-unreadable");
    scene.clock.advance(73 * HOUR);
    assert_eq!(ids(&scene).await, [0; 0]);
}
