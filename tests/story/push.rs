//! Pushes whose events depend on each other: what comes later in a push sees what came before it in the same push.

use doorstep_domain::measure::Clock as _;
use doorstep_wire::sync::{Payload, PushEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Deployment, Wire, id_of, sample};

stories!(one_push_may_repeat_and_contradict_itself, one_push_may_split_the_chain,);

/// The first door that a device was given: visit and what stands for it in the log.
async fn first_door(wire: &Wire) -> (Value, Uuid) {
    let pulled = wire.client.get("/v1/sync/pull").await.done();
    let ops = pulled["ops"].as_array().unwrap();
    let op = ops.iter().find(|op| op["noun"] == "door").unwrap();
    let door: Value = serde_json::from_str(op["body"].as_str().unwrap()).unwrap();
    (door["visit"].clone(), id_of(&door["visit_alias"]))
}

fn id_in(event: &PushEvent) -> String {
    let hdr = doorstep_log::hash::base64url_decode(&event.hdr).unwrap();
    doorstep_log::leaf::Header::decode(&hdr).unwrap().eid
}

async fn one_push_may_repeat_and_contradict_itself(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let (visit, alias) = first_door(&wire).await;
    site.when_it_starts(&day.visits[0]);
    let now = site.clock.now().millis();
    let outcome = |code: &str| Payload {
        outcome: Some(code.to_owned()),
        ..Payload::default()
    };
    let arrived = wire.event_at_door("visit.arrived", &Payload::default(), alias, now);
    let first = wire.event_at_door("visit.outcome", &outcome("NOBODY_HOME"), alias, now);
    let second = wire.event_at_door("visit.outcome", &outcome("MET_BORROWER"), alias, now);
    let departed = wire.event_at_door("visit.departed", &Payload::default(), alias, now);
    let statuses = wire
        .statuses(&[&arrived, &arrived, &first, &second, &first, &departed])
        .await;
    assert_eq!(
        statuses,
        ["accepted", "duplicate", "accepted", "accepted", "duplicate", "accepted"]
    );
    let conflicts = site.supervisor.items("/v1/conflicts").await;
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!(
        (&conflicts[0]["left"]["id"], &conflicts[0]["right"]["id"]),
        (&json!(id_in(&first)), &json!(id_in(&second)))
    );
    let finished = site.supervisor.items("/v1/visits?state=finished").await;
    assert_eq!(finished.len(), 1, "{finished:?}");
    assert_eq!(finished[0]["id"], visit);
    assert_eq!(site.rows("event").await, 4);
    assert_eq!(site.export().await.holds().counts.events, 4);
}

async fn one_push_may_split_the_chain(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let mut wire = site.wire(&staff[0], 1).await;
    let copy = wire.signed("day.close", None);
    let first = wire.event("day.open", None);
    wire.push(&[&first, &copy]).await.problem("device-fork");
    let devices = site.administrator.items("/v1/devices").await;
    assert_eq!(devices[0]["state"], "suspended", "{devices:?}");
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("device.fork"), 1);
}
