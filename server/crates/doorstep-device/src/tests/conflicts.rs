//! Correcting contact fields and settling conflicts without a network.

use doorstep_domain::conflict::{ContactField, Side};
use doorstep_wire::conflict::{ConflictItem, ConflictSide};
use doorstep_wire::sync::{FieldVersion, Payload, PullOp};

use super::*;
use crate::DeviceError;
use fake::{pull, put_door};

const CONFLICT: Uuid = Uuid::from_u128(0x6000);

fn side(number: u128, value: &str) -> ConflictSide {
    ConflictSide {
        id: Uuid::from_u128(number),
        source: "device".to_owned(),
        who: Some("F01".to_owned()),
        device: Some(Uuid::from_u128(9)),
        made_at: NOON,
        received_at: NOON,
        value: Some(value.to_owned()),
        promise: None,
    }
}

fn conflict() -> ConflictItem {
    ConflictItem {
        id: CONFLICT,
        kind: "contact".to_owned(),
        field: "phone".to_owned(),
        case: Uuid::from_u128(1),
        case_no: "C-1".to_owned(),
        visit: Some(visit(1)),
        left: side(2, "13800000001"),
        right: side(3, "13800000002"),
        current: Some("right".to_owned()),
        rule: "last-in-log".to_owned(),
        state: "open".to_owned(),
        found_at: NOON,
        settled: None,
        zone: "Asia/Shanghai".to_owned(),
    }
}

fn op(kind: &str, body: Option<String>) -> PullOp {
    PullOp {
        op: kind.to_owned(),
        bucket: "assignee".to_owned(),
        noun: "conflict".to_owned(),
        id: CONFLICT,
        body,
    }
}

async fn pulled(scene: &Scene, ops: Vec<PullOp>, cursor: &str) {
    scene.server.offer(pull(ops, cursor));
    scene.device.pull().await.unwrap();
}

/// What waits, as it will be read by the server.
async fn said(device: &Device) -> Vec<Payload> {
    let texts = payloads(device).await;
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// The person of a visit is met and recognised.
async fn recognised(device: &Device, number: u128) {
    device
        .visit_start(visit(number), signed_input(device, number))
        .await
        .unwrap();
    device.identity_confirm(visit(number)).await.unwrap();
}

#[tokio::test]
async fn a_correction_is_signed_with_what_was_seen_and_shown_at_once() {
    let mut scene = Scene::with_doors(&[1]).await;
    let mut seen = door(1);
    seen.fields.language = FieldVersion { version: 4 };
    pulled(&scene, vec![put_door(&seen)], "cursor-2").await;
    let changes = [
        (ContactField::Phone, " 139 ".to_owned()),
        (ContactField::Address, "2 Example Road".to_owned()),
    ];
    let events = scene.device.contact_change(visit(1), &changes).await.unwrap();
    assert_eq!(events.len(), 2);
    let said: Vec<_> = said(&scene.device)
        .await
        .into_iter()
        .filter_map(|one| one.contact)
        .collect();
    assert_eq!(said[0].value, "139");
    assert!(said.iter().all(|change| change.base == 4), "{said:?}");
    scene.reopened().await;
    let shown = scene.device.door(visit(1)).await.unwrap();
    assert_eq!(
        (shown.phone.as_str(), shown.address.as_str()),
        ("139", "2 Example Road")
    );
    assert_eq!(shown.fields, seen.fields, "only the server counts versions");
    let outbox = scene.device.outbox().await.unwrap();
    assert!(
        outbox
            .iter()
            .all(|item| item.kind == "contact.changed" && item.bytes > 300)
    );
    assert_eq!(scene.device.push().await.unwrap().acknowledged, 2);
    assert_eq!(kinds(&scene.device).await, ["contact.changed"; 2]);
}

#[tokio::test]
async fn what_cannot_be_a_value_is_not_recorded() {
    let scene = Scene::with_doors(&[1]).await;
    let phone = |value: &str| (ContactField::Phone, value.to_owned());
    let wrong = [
        vec![],
        vec![phone("1\n2")],
        vec![phone("1"), phone("2")],
        vec![(ContactField::Address, String::new())],
        vec![(ContactField::Language, "<zh>".to_owned())],
    ];
    for changes in wrong {
        let error = scene.device.contact_change(visit(1), &changes).await.unwrap_err();
        assert_eq!(error.code(), "bad-input", "{changes:?}");
    }
    let nowhere = scene.device.contact_change(visit(7), &[phone("1")]).await.unwrap_err();
    assert_eq!(nowhere.code(), "not-found");
    assert_eq!(scene.device.outbox().await.unwrap(), []);
}

#[tokio::test]
async fn a_conflict_is_settled_once_and_goes_when_the_server_says_so() {
    let mut scene = Scene::with_doors(&[1]).await;
    let body = serde_json::to_string(&conflict()).unwrap();
    pulled(&scene, vec![op("put", Some(body.clone()))], "cursor-2").await;
    recognised(&scene.device, 1).await;
    assert_eq!(scene.device.conflicts().await.unwrap()[0].item, conflict());
    scene.device.conflict_settle(CONFLICT, Side::Left).await.unwrap();
    scene.reopened().await;
    let again = scene.device.conflict_settle(CONFLICT, Side::Right).await.unwrap_err();
    assert!(matches!(again, DeviceError::ConflictSettled { .. }), "{again}");
    let said = said(&scene.device).await.pop().unwrap().settle.unwrap();
    assert_eq!((said.conflict, said.take.as_str()), (CONFLICT, "left"));
    // The server may tell it again before it has heard; what was chosen here stays chosen.
    pulled(&scene, vec![op("put", Some(body))], "cursor-3").await;
    assert_eq!(scene.device.conflicts().await.unwrap()[0].taken, Some(Side::Left));
    pulled(&scene, vec![op("remove", None)], "cursor-4").await;
    assert_eq!(scene.device.conflicts().await.unwrap(), []);
    let gone = scene.device.conflict_settle(CONFLICT, Side::Left).await.unwrap_err();
    assert_eq!(gone.code(), "not-found");
    let kinds = kinds(&scene.device).await;
    assert_eq!(kinds, ["visit.arrived", "identity.confirmed", "conflict.settled"]);
}

#[tokio::test]
async fn conflicts_lie_sealed_and_go_with_the_lease() {
    let scene = Scene::with_doors(&[1]).await;
    let body = serde_json::to_string(&conflict()).unwrap();
    pulled(&scene, vec![op("put", Some(body))], "cursor-2").await;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT body FROM conflict")
        .fetch_one(scene.device.db.pool())
        .await
        .unwrap();
    for secret in ["13800000001", "C-1", "phone"] {
        assert!(
            !sealed.windows(secret.len()).any(|window| window == secret.as_bytes()),
            "{secret} lies open"
        );
    }
    scene.clock.advance(100 * HOUR);
    assert_eq!(scene.device.conflicts().await.unwrap(), []);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM conflict")
        .fetch_one(scene.device.db.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn what_is_disputed_is_told_of_one_person_at_a_time_and_a_phone_when_that_one_is_recognised() {
    // The visits 1 and 2 are behind one door; 1 comes first.
    let scene = Scene::with_doors(&[1, 2]).await;
    let neighbour = Door {
        point: door(1).point,
        position: 2,
        ..door(2)
    };
    let of = |number: u128, field: &str| ConflictItem {
        id: Uuid::from_u128(0x6000 + number),
        visit: Some(visit(number)),
        field: field.to_owned(),
        ..conflict()
    };
    let put = |item: &ConflictItem| PullOp {
        id: item.id,
        ..op("put", Some(serde_json::to_string(item).unwrap()))
    };
    let (phone, hidden) = (of(1, "phone"), of(2, "address"));
    let ops = vec![put_door(&neighbour), put(&phone), put(&hidden)];
    pulled(&scene, ops, "cursor-2").await;
    let device = &scene.device;
    assert_eq!(device.conflicts().await.unwrap(), []);
    for unseen in [&phone, &hidden] {
        let refused = device.conflict_settle(unseen.id, Side::Left).await.unwrap_err();
        assert_eq!(refused.code(), "not-found");
    }
    let address = [(ContactField::Address, "2 Example Road".to_owned())];
    let refused = device.contact_change(visit(2), &address).await.unwrap_err();
    assert_eq!(refused.code(), "not-found", "nobody says that there is another");
    recognised(device, 1).await;
    let shown = |open: Vec<crate::OpenConflict>| open.into_iter().map(|one| one.item.id).collect::<Vec<_>>();
    assert_eq!(shown(device.conflicts().await.unwrap()), [phone.id]);
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    // The next one's turn: an address needs nobody to be recognised, and the former may be looked at until it begins.
    assert_eq!(shown(device.conflicts().await.unwrap()), [phone.id, hidden.id]);
    device.contact_change(visit(2), &address).await.unwrap();
    device.visit_start(visit(2), signed_input(device, 2)).await.unwrap();
    assert_eq!(shown(device.conflicts().await.unwrap()), [hidden.id]);
}

#[tokio::test]
async fn route_and_visit_show_what_was_corrected_and_the_phone_after_identification() {
    let scene = Scene::with_doors(&[1]).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    let changes = [
        (ContactField::Phone, "139".to_owned()),
        (ContactField::Address, "2 Example Road".to_owned()),
        (ContactField::Language, "pt".to_owned()),
    ];
    device.contact_change(visit(1), &changes).await.unwrap();
    let stop = device.route().await.unwrap().stops.remove(0);
    assert_eq!(
        (stop.address.as_str(), stop.language.as_str()),
        ("2 Example Road", "pt")
    );
    let view = device.visit_view(visit(1)).await.unwrap();
    assert_eq!(view.stop.map(|stop| stop.address), Some(stop.address));
    assert_eq!(view.told, None);
    device.identity_confirm(visit(1)).await.unwrap();
    let told = device.visit_view(visit(1)).await.unwrap().told;
    assert_eq!(told.map(|told| told.phone).as_deref(), Some("139"));
}
