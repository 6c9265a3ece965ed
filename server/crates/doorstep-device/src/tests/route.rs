//! The route, one person at a time behind one door, and the file of one visit.

use doorstep_domain::contact::MatterOutcome;
use doorstep_wire::case::AmountItem;
use serde_json::json;

use super::*;
use crate::{Blocked, PermitReason, Stop, VisitState};

/// Doors 1 and 3 are one: 3 has the address of 1 in another writing. 2 is elsewhere, between them in the route, and 4
/// is ten metres from 2, later.
fn neighbours() -> Vec<Door> {
    let mut doors: Vec<Door> = (1..=4).map(door).collect();
    for (index, door) in doors.iter_mut().enumerate() {
        door.name = format!("person {}", index + 1);
        door.starts += i64::try_from(index).unwrap() * HOUR / 2;
        door.ends += i64::try_from(index).unwrap() * HOUR / 2;
        door.amount = Some(amount());
    }
    doors[2].address = "１ example-road".to_owned();
    doors[3].point = doors[1].point;
    doors[3].point[0] += 900;
    doors
}

fn amount() -> AmountItem {
    AmountItem {
        total: 42_050,
        parts: None,
        currency: "CNY".to_owned(),
        text: "420.50".to_owned(),
        as_of: NOON,
        stale: false,
        fresh_until: Some(NOON + 40 * HOUR),
    }
}

async fn with(doors: &[Door]) -> Scene {
    let scene = Scene::new().await;
    let numbers: Vec<u128> = (1..=doors.len() as u128).collect();
    let mut permit = permit(&numbers);
    permit.doors.iter_mut().for_each(|door| door.staff_min = 1);
    let mut ops: Vec<_> = doors.iter().map(fake::put_door).collect();
    ops.push(fake::put_permit(&permit));
    scene.server.offer(fake::pull(ops, "c"));
    scene.device.pull().await.unwrap();
    scene
}

async fn stops(device: &Device) -> Vec<Stop> {
    device.route().await.unwrap().stops
}

/// Number and name of each stop.
async fn shown(device: &Device) -> Vec<(usize, String)> {
    stops(device)
        .await
        .into_iter()
        .map(|stop| (stop.number, stop.name))
        .collect()
}

fn names(names: &[&str]) -> Vec<(usize, String)> {
    let numbered = names.iter().enumerate();
    numbered.map(|(index, name)| (index + 1, (*name).to_owned())).collect()
}

async fn carried_out(device: &Device, number: u128) {
    device
        .visit_start(visit(number), signed_input(device, number))
        .await
        .unwrap();
    device.visit_finish(visit(number), finish_input()).await.unwrap();
}

#[tokio::test]
async fn one_door_shows_one_person_after_the_other() {
    let scene = with(&neighbours()).await;
    let device = &scene.device;
    assert_eq!(shown(device).await, names(&["person 1", "person 2"]));
    assert_eq!(device.stops_held().await.unwrap(), 2);
    // Nothing answers for who is behind the door besides.
    for hidden in [3, 4] {
        assert_eq!(device.visit_view(visit(hidden)).await.unwrap_err().code(), "not-found");
        let started = device.visit_start(visit(hidden), signed_input(device, hidden)).await;
        assert_eq!(started.unwrap_err().code(), "not-found");
        assert_eq!(device.skip(visit(hidden), "x").await.unwrap_err().code(), "not-found");
        let drafted = device.draft_put(visit(hidden), &json!({})).await;
        assert_eq!(drafted.unwrap_err().code(), "not-found");
    }
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    assert_eq!(shown(device).await, names(&["person 1", "person 2"]));
    device.visit_finish(visit(1), finish_input()).await.unwrap();
    assert_eq!(shown(device).await, names(&["person 2", "person 3"]));
    device.skip(visit(2), "nobody").await.unwrap();
    assert_eq!(shown(device).await, names(&["person 3", "person 4"]));
    assert_eq!(device.stops_held().await.unwrap(), 2);
    // The file of the former is closed while the next one is shown.
    assert_eq!(device.visit_view(visit(1)).await.unwrap().stop, None);
    carried_out(device, 3).await;
    scene.clock.advance(1);
    // Who was left out can be visited after all, but not while somebody else behind that door is.
    device.visit_start(visit(4), signed_input(device, 4)).await.unwrap();
    assert_eq!(
        device
            .visit_start(visit(2), signed_input(device, 2))
            .await
            .unwrap_err()
            .code(),
        "not-found"
    );
    device.visit_finish(visit(4), finish_input()).await.unwrap();
    // When all are done the last one stays.
    assert_eq!(shown(device).await, names(&["person 3", "person 4"]));
    scene.clock.advance(1);
    device.visit_start(visit(2), signed_input(device, 2)).await.unwrap();
    assert_eq!(shown(device).await, names(&["person 2", "person 3"]));
}

#[tokio::test]
async fn a_route_with_a_hidden_person_is_the_route_without() {
    let doors = neighbours();
    let alone = with(&doors[..2]).await;
    let shared = with(&doors).await;
    assert_eq!(
        alone.device.route().await.unwrap(),
        shared.device.route().await.unwrap()
    );
    let (one, other) = (
        alone.device.visit_view(visit(1)).await.unwrap(),
        shared.device.visit_view(visit(1)).await.unwrap(),
    );
    assert_eq!(one, other);
}

#[tokio::test]
async fn the_route_is_of_today_and_says_what_is_allowed() {
    let mut doors = neighbours();
    doors[1].starts += 24 * HOUR;
    // Somebody behind the same door on another day is another matter.
    doors[2].starts += 24 * HOUR;
    let mut scene = with(&doors).await;
    let route = scene.device.route().await.unwrap();
    assert_eq!(route.day.as_deref(), Some("2026-12-01"));
    assert_eq!(shown(&scene.device).await, names(&["person 1", "person 4"]));
    let gate = &route.stops[0].gate;
    assert!(gate.is_open());
    assert_eq!((gate.staff_min, gate.allowed_ms.len()), (1, 1));
    assert_eq!(gate.not_said, ["amount"]);
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    scene.clock.advance(24 * HOUR);
    scene.reopened().await;
    // What was not closed yesterday stays in sight, and holds its door: whoever is behind it today comes after.
    assert_eq!(shown(&scene.device).await, names(&["person 1", "person 2"]));
    let found = stops(&scene.device).await;
    assert_eq!(found[0].state, Some(VisitState::Started));
    for stop in &found {
        let view = scene.device.visit_view(stop.visit).await.unwrap();
        assert_eq!(view.stop.as_ref(), Some(stop), "list and file say the same");
    }
    assert!(found[1].gate.blocked.contains(&Blocked::Permit(PermitReason::Expired)));
}

#[tokio::test]
async fn an_amount_that_grows_old_on_the_device_is_told_no_more() {
    let mut doors = neighbours();
    doors[0].amount = Some(AmountItem {
        fresh_until: Some(NOON + HOUR),
        ..amount()
    });
    let scene = with(&doors).await;
    let device = &scene.device;
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    device.identity_confirm(visit(1)).await.unwrap();
    let told = async || device.visit_view(visit(1)).await.unwrap().told.unwrap();
    assert!(told().await.amount.is_some());
    scene.clock.advance(2 * HOUR);
    let told = told().await;
    assert_eq!((told.amount, told.phone.as_str()), (None, "13800000000"));
}

#[tokio::test]
async fn what_is_owed_is_shown_after_the_person_was_recognised() {
    let mut doors = neighbours();
    doors[1].amount = Some(AmountItem {
        stale: true,
        ..amount()
    });
    let scene = with(&doors).await;
    let device = &scene.device;
    assert_eq!(
        device.identity_confirm(visit(1)).await.unwrap_err().code(),
        "not-started"
    );
    let view = device.visit_view(visit(1)).await.unwrap();
    assert_eq!((view.state, view.told, view.confirmed_at), (None, None, None));
    device.visit_start(visit(1), signed_input(device, 1)).await.unwrap();
    let view = device.visit_view(visit(1)).await.unwrap();
    assert_eq!((view.state, &view.told), (Some(VisitState::Started), &None));
    assert_eq!(view.started_at, Some(Micros(NOON)));
    assert_eq!(view.expected_at, Some(Micros(NOON + HOUR / 2)));
    let is_done =
        |view: &crate::VisitView, code: &str| view.required.iter().find(|task| task.code == code).unwrap().done;
    assert!(!is_done(&view, "identity_check") && is_done(&view, "check_out"));
    device.identity_confirm(visit(1)).await.unwrap();
    assert_eq!(
        device.identity_confirm(visit(1)).await.unwrap_err().code(),
        "already-done"
    );
    let view = device.visit_view(visit(1)).await.unwrap();
    assert!(is_done(&view, "identity_check"));
    let told = view.told.unwrap();
    assert_eq!((told.amount, told.phone.as_str()), (Some(amount()), "13800000000"));
    // Nothing is asked twice: what was recognised counts at check-out, here and for the office.
    let nothing_ticked = FinishInput {
        done: Vec::new(),
        ..finish_input()
    };
    device.visit_finish(visit(1), nothing_ticked).await.unwrap();
    assert!(
        payloads(device)
            .await
            .pop()
            .unwrap()
            .contains("\"done\":[\"identity_check\"]")
    );
    // A stale amount is not stated.
    device.visit_start(visit(2), signed_input(device, 2)).await.unwrap();
    device.identity_confirm(visit(2)).await.unwrap();
    assert_eq!(device.visit_view(visit(2)).await.unwrap().told.unwrap().amount, None);
    let chain = verified_chain(device).await;
    let confirmed = chain.iter().find(|header| header.kind == "identity.confirmed").unwrap();
    assert_eq!(confirmed.visit, Some(alias(1).to_string()));
    device.push().await.unwrap();
    assert_eq!(scene.server.kinds(), kinds(device).await);
}

#[tokio::test]
async fn looking_at_a_file_is_one_read_in_five_minutes() {
    let mut scene = with(&neighbours()).await;
    let minute = HOUR / 60;
    let reads = async |scene: &Scene| kinds(&scene.device).await.len();
    scene.device.visit_view(visit(1)).await.unwrap();
    assert_eq!(kinds(&scene.device).await, ["read"]);
    assert_eq!(verified_chain(&scene.device).await[0].visit, Some(alias(1).to_string()));
    for _ in 0..4 {
        scene.clock.advance(4 * minute);
        scene.reopened().await;
        scene.device.visit_view(visit(1)).await.unwrap();
    }
    assert_eq!(reads(&scene).await, 1, "who goes on looking reads once");
    scene.clock.advance(5 * minute);
    scene.device.visit_view(visit(1)).await.unwrap();
    assert_eq!(reads(&scene).await, 2);
    scene.device.visit_view(visit(2)).await.unwrap();
    assert_eq!(reads(&scene).await, 3, "another file is another read");
    scene.clock.advance(-minute);
    scene.device.visit_view(visit(2)).await.unwrap();
    assert_eq!(reads(&scene).await, 4, "a clock that was set back hides no read");
    // The list of the day is no file.
    scene.device.route().await.unwrap();
    assert_eq!(reads(&scene).await, 4);
}

#[tokio::test]
async fn drafts_survive_and_go_with_the_check_out() {
    let mut scene = with(&neighbours()).await;
    let draft = json!({"note": "typed so far", "done": ["identity_check"], "matter": MatterOutcome::Promise.code()});
    scene
        .device
        .visit_start(visit(1), signed_input(&scene.device, 1))
        .await
        .unwrap();
    assert_eq!(scene.device.draft_get(visit(1)).await.unwrap(), None);
    scene
        .device
        .draft_put(visit(1), &json!({"note": "older"}))
        .await
        .unwrap();
    scene.device.draft_put(visit(1), &draft).await.unwrap();
    scene.device.draft_put(visit(2), &json!(1)).await.unwrap();
    scene.reopened().await;
    assert_eq!(scene.device.draft_get(visit(1)).await.unwrap(), Some(draft.clone()));
    let view = scene.device.visit_view(visit(1)).await.unwrap();
    assert!(view.required.iter().all(|task| task.done), "{view:?}");
    assert_eq!(view.draft, Some(draft.clone()));
    // Nor does the end of the lease take what was typed.
    scene.clock.advance(73 * HOUR);
    assert_eq!(stops(&scene.device).await, []);
    assert_eq!(scene.device.draft_get(visit(1)).await.unwrap(), Some(draft.clone()));
    scene.device.visit_finish(visit(1), finish_input()).await.unwrap();
    assert_eq!(scene.device.draft_get(visit(1)).await.unwrap(), None);
    let late = scene.device.draft_put(visit(1), &draft).await;
    assert_eq!(late.unwrap_err().code(), "already-done");
    scene.device.draft_delete(visit(2)).await.unwrap();
    assert_eq!(scene.device.draft_get(visit(2)).await.unwrap(), None);
    let long = json!("x".repeat(crate::DRAFT_BYTES_MAX));
    let unknown = scene.device.draft_put(visit(2), &long).await;
    assert_eq!(unknown.unwrap_err().code(), "bad-input");
}
