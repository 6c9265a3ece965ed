//! At the door: who is told what, and whether this is the door at all.

use doorstep_device::{Blocked, Device, DeviceError, StartInput};
use doorstep_domain::door::Hearer;
use doorstep_log::hash::sha256;
use doorstep_wire::sync::Position;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{CrewDay, Deployment, checked_in, id_of, sample};

stories!(
    only_the_recognised_person_hears_what_a_visit_is_about,
    a_client_without_packs_gets_the_words_with_the_permit,
    nobody_checks_in_at_a_confirmed_door_from_elsewhere,
);

/// The ids of sentences that a device shows now, of one hearer.
async fn said(device: &Device, visit: Uuid, to: Hearer) -> Vec<String> {
    let sentences = device.visit_view(visit).await.unwrap().sentences;
    let theirs = sentences.into_iter().filter(|one| one.to == to);
    theirs.map(|one| one.id.to_string()).collect()
}

async fn only_the_recognised_person_hears_what_a_visit_is_about(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    // None of this needs a network.
    site.stop().await;
    let visit = id_of(&day.visits[0]["visit"]);
    let before = said(&device, visit, Hearer::Anybody).await;
    for id in ["RIGHTS-SAY-GREETING", "HOUSE-SAY-SURE", "RIGHTS-NEVER-OTHER"] {
        assert!(before.iter().any(|one| one == id), "{id} in {before:?}");
    }
    site.when_it_starts(&day.visits[0]);
    checked_in(&device, &day.visits[0], &day.staff).await;
    assert!(said(&device, visit, Hearer::Identified).await.is_empty());
    device.identity_confirm(visit).await.unwrap();
    let after = said(&device, visit, Hearer::Identified).await;
    assert!(after.iter().any(|one| one == "HOUSE-SAY-HARDSHIP"), "{after:?}");
    assert_eq!(said(&device, visit, Hearer::Anybody).await, before);
}

async fn a_client_without_packs_gets_the_words_with_the_permit(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let wire = site.wire(&day.staff[0], 1).await;
    let pulled = wire.client.get("/v1/sync/pull").await.done();
    let ops = pulled["ops"].as_array().unwrap();
    let body = |noun: &str| {
        let mut of_noun = ops.iter().filter(|op| op["noun"] == noun);
        let op = of_noun.next().unwrap();
        assert!(of_noun.next().is_none(), "one {noun}");
        (op["bucket"].clone(), op["body"].as_str().unwrap().to_owned())
    };
    let (_, permit) = body("permit");
    let (bucket, sentences) = body("sentences");
    assert_eq!(bucket, json!("rule-pack"));
    let permit: Value = serde_json::from_str(permit.lines().next().unwrap()).unwrap();
    assert_eq!(permit["sentences"], json!(sha256(sentences.as_bytes()).to_hex()));
    let sentences: Vec<Value> = serde_json::from_str(&sentences).unwrap();
    for door in permit["doors"].as_array().unwrap() {
        for pack in ["house@1", "rights@1"] {
            assert!(door["packs"].as_array().unwrap().contains(&json!(pack)), "{door}");
            assert!(sentences.iter().any(|one| one["pack"] == pack), "{pack}");
        }
    }
    let moon = |one: &&Value| one["pack"] == "cn@1" || one["pack"] == "home-care@1";
    assert_eq!(sentences.iter().find(moon), None, "only of packs that a door names");
    let told: Vec<&Value> = sentences.iter().filter(|one| one["to"] != "identified").collect();
    assert!(!told.is_empty() && told.iter().all(|one| !one["text"].to_string().contains("account")));
    // The same again is not sent again.
    let cursor = pulled["cursor"].as_str().unwrap();
    let again = wire.client.get(&format!("/v1/sync/pull?cursor={cursor}")).await.done();
    assert_eq!(again["ops"], json!([]));
}

/// A start with the whole crew so many metres north of the first door.
fn north(day: &CrewDay, point: [i64; 2], metres: i64) -> StartInput {
    StartInput {
        position: Some(Position {
            lat_e7: point[0] + metres * 90,
            lon_e7: point[1],
            accuracy_m: 15,
            mock: false,
        }),
        staff: day.staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        anyway: false,
    }
}

async fn nobody_checks_in_at_a_confirmed_door_from_elsewhere(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let visit = id_of(&day.visits[0]["visit"]);
    let place = async |device: &Device| {
        device.pull().await.unwrap();
        let alias = device.door(visit).await.unwrap().visit_alias;
        let permit = device.permit().await.unwrap().unwrap();
        let door = permit.doors.into_iter().find(|one| one.visit == alias).unwrap();
        door.place.unwrap()
    };
    assert_eq!(
        place(&device).await.radius_m,
        None,
        "nobody has confirmed what a file says"
    );
    let sql = "UPDATE address SET state = 'current'";
    assert!(site.app().store().tamper(sql).await.unwrap() > 0);
    let confirmed = place(&device).await;
    assert_eq!((confirmed.kind.as_str(), confirmed.radius_m), ("home", Some(250)));
    let point = [confirmed.lat_e7, confirmed.lon_e7];
    site.when_it_starts(&day.visits[0]);
    let refused = device.visit_start(visit, north(&day, point, 400)).await;
    let Err(DeviceError::Blocked(reasons)) = refused else {
        panic!("{refused:?}")
    };
    let codes: Vec<&str> = reasons.iter().map(Blocked::rule).collect();
    assert_eq!(codes, ["PERMIT-PLACE"]);
    let happened = StartInput {
        anyway: true,
        ..north(&day, point, 400)
    };
    device.visit_start(visit, happened).await.unwrap();
    device.push().await.unwrap();
    let review = site.supervisor.items("/v1/review").await;
    let reasons = review[0]["reasons"].to_string();
    assert!(
        reasons.contains("rule-blocked") && reasons.contains("distance"),
        "{reasons}"
    );
}
