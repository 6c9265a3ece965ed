//! Leaving at once, and what was heard at one door at the next; and asking for a fresh yes.

use doorstep_domain::measure::Micros;
use doorstep_domain::plan::PermitReason;
use doorstep_wire::sync::PullAnswer;

use super::*;
use crate::{Blocked, DeviceError, Fresh, Leaving, VisitState};

/// A pull with two visits to one person, at two addresses.
fn one_person_twice() -> PullAnswer {
    let mut permit = permit(&[1, 2]);
    permit.doors[1].subj = permit.doors[0].subj;
    let second = Door {
        subject_alias: door(1).subject_alias,
        ..door(2)
    };
    let ops = vec![
        fake::put_door(&door(1)),
        fake::put_door(&second),
        fake::put_permit(&permit),
    ];
    fake::pull(ops, "cursor-1")
}

#[tokio::test]
async fn leaving_waits_for_nothing_and_distress_stops_later_visits_at_once() {
    let scene = Scene::new().await;
    scene.server.offer(one_person_twice());
    let device = &scene.device;
    device.pull().await.unwrap();
    device.visit_start(visit(1), start_input()).await.unwrap();
    let stopped = Blocked::Permit(PermitReason::Stopped);
    let route = device.route().await.unwrap();
    assert!(!route.stops[1].gate.blocked.contains(&stopped), "{route:?}");
    let left = device.visit_leave(visit(1), Leaving::Distress, None).await.unwrap();
    assert_eq!(left.missing, ["identity_check"], "said, and no reason to stay");
    assert_eq!(device.visit_state(visit(1)).await.unwrap(), Some(VisitState::Finished));
    let said = payloads(device).await.join("\n");
    assert!(said.contains("ASKED_TO_LEAVE") && said.contains("VULNERABLE"), "{said}");
    // Nobody was told yet, and the next door of the same person is closed all the same.
    let refused = device.visit_start(visit(2), start_input()).await.unwrap_err();
    let DeviceError::Blocked(reasons) = refused else {
        panic!("{refused}")
    };
    assert_eq!(reasons, std::slice::from_ref(&stopped));
    let route = device.route().await.unwrap();
    let second = route.stops.iter().find(|stop| stop.visit == visit(2)).unwrap();
    assert!(second.gate.blocked.contains(&stopped), "{second:?}");
}

#[tokio::test]
async fn being_asked_to_leave_ends_only_this_visit() {
    let scene = Scene::new().await;
    scene.server.offer(one_person_twice());
    let device = &scene.device;
    device.pull().await.unwrap();
    let early = device.visit_leave(visit(1), Leaving::Asked, None).await.unwrap_err();
    assert_eq!(early.code(), "not-started");
    device.visit_start(visit(1), start_input()).await.unwrap();
    device.visit_leave(visit(1), Leaving::Asked, None).await.unwrap();
    // How long to stay away then is for the rules and the office; only what the person said of themselves sticks here.
    device.visit_start(visit(2), start_input()).await.unwrap();
}

#[tokio::test]
async fn a_fresh_yes_is_asked_for_and_its_absence_is_said() {
    let scene = Scene::with_doors(&[1]).await;
    let lease = scene.device.sync_status().await.unwrap().lease_until;
    let as_of = Some(lease - Micros::from_seconds(doorstep_wire::sync::LEASE_S));
    scene.server.set_fault(fake::Fault::LoseRequest);
    let asked = scene.device.ask_fresh().await.unwrap();
    assert_eq!(
        asked,
        Fresh {
            confirmed: false,
            as_of
        }
    );
    scene.server.offer(fake::pull_of(&[1]));
    let asked = scene.device.ask_fresh().await.unwrap();
    assert!(asked.confirmed, "{asked:?}");
    assert_eq!(scene.device.route().await.unwrap().stops.len(), 1);
}

#[tokio::test]
async fn a_stop_code_ends_the_visit_offline_and_the_next_one_with_it() {
    let scene = Scene::new().await;
    scene.server.offer(one_person_twice());
    let device = &scene.device;
    device.pull().await.unwrap();
    scene.server.set_fault(fake::Fault::LoseRequest);
    let wrong = device.visit_stop(visit(1), "04HM-ASW8").await.unwrap_err();
    assert_eq!(wrong.code(), "stop-code-unknown");
    device.visit_start(visit(1), start_input()).await.unwrap();
    // However it is written, as somebody reads it from paper at a door.
    device.visit_stop(visit(1), " o4hm asw9").await.unwrap();
    assert_eq!(device.visit_state(visit(1)).await.unwrap(), Some(VisitState::Finished));
    assert!(payloads(device).await.join("\n").contains("CEASE_CONTACT"));
    let refused = device.visit_start(visit(2), start_input()).await.unwrap_err();
    assert!(refused.to_string().contains("PERMIT-STOPPED"), "{refused}");
}

#[tokio::test]
async fn a_stop_code_given_before_the_visit_keeps_it_from_beginning() {
    let scene = Scene::new().await;
    scene.server.offer(one_person_twice());
    let device = &scene.device;
    device.pull().await.unwrap();
    device.visit_stop(visit(1), "04HM-ASW9").await.unwrap();
    assert_eq!(kinds(device).await, ["dnc.requested", "stop.skipped"]);
    assert_eq!(device.visit_state(visit(1)).await.unwrap(), Some(VisitState::Skipped));
    let refused = device.visit_start(visit(2), start_input()).await.unwrap_err();
    assert!(refused.to_string().contains("PERMIT-STOPPED"), "{refused}");
    // The code of one visit ends no other.
    let other = device.visit_stop(visit(2), "04HM-ASW8").await.unwrap_err();
    assert_eq!(other.code(), "stop-code-unknown");
}

#[tokio::test]
async fn a_stop_code_given_at_the_very_end_counts_too() {
    let scene = Scene::new().await;
    scene.server.offer(one_person_twice());
    let device = &scene.device;
    device.pull().await.unwrap();
    device.visit_start(visit(1), start_input()).await.unwrap();
    device.visit_leave(visit(1), Leaving::Asked, None).await.unwrap();
    device.visit_stop(visit(1), "04HM-ASW9").await.unwrap();
    assert_eq!(kinds(device).await.last().unwrap(), "dnc.requested");
    let refused = device.visit_start(visit(2), start_input()).await.unwrap_err();
    assert!(refused.to_string().contains("PERMIT-STOPPED"), "{refused}");
    let again = device.visit_stop(visit(1), "04HM-ASW9").await.unwrap_err();
    assert!(matches!(again, DeviceError::AlreadyDone { .. }), "{again}");
}

#[tokio::test]
async fn of_a_withdrawn_visit_no_draft_stays_and_one_that_has_begun_is_ended() {
    let scene = Scene::new().await;
    scene.server.offer(one_person_twice());
    let device = &scene.device;
    device.pull().await.unwrap();
    let typed = serde_json::json!({"note": "ask for the brother"});
    device.draft_put(visit(2), &typed).await.unwrap();
    device.visit_start(visit(1), start_input()).await.unwrap();
    device.draft_put(visit(1), &typed).await.unwrap();
    let off = |number: u128| {
        fake::put_door(&Door {
            name: String::new(),
            address: String::new(),
            facts: String::new(),
            withdrawn: Some("RIGHTS-BANS".to_owned()),
            ..door(number)
        })
    };
    scene.server.offer(fake::pull(vec![off(1), off(2)], "cursor-2"));
    device.pull().await.unwrap();
    assert_eq!(device.draft_get(visit(2)).await.unwrap(), None);
    let route = device.route().await.unwrap();
    let (stops, withdrawn) = (&route.stops, &route.withdrawn);
    assert_eq!((stops.len(), withdrawn.len()), (1, 1), "{route:?}");
    assert_eq!((stops[0].visit, withdrawn[0].visit), (visit(1), visit(2)));
    assert_eq!(stops[0].withdrawn.as_deref(), Some("RIGHTS-BANS"));
    assert_eq!(device.draft_get(visit(1)).await.unwrap(), Some(typed));
    device.visit_leave(visit(1), Leaving::Asked, None).await.unwrap();
    assert_eq!(device.route().await.unwrap().withdrawn.len(), 2);
}
