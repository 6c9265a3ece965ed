//! Conflicts: two devices and an office change one case without knowing of each other. What came last in the log counts,
//! all stories are kept, and a person settles which holds.

use std::sync::Arc;

use doorstep_device::{Device, DeviceError, FinishInput, OpenConflict};
use doorstep_domain::conflict::{ContactField, Side};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_server::folder::{Sources, backup, restore};
use doorstep_store::Engine;
use doorstep_wire::sync::PromiseMade;
use reqwest::Method;
use serde_json::{Value, json};

use super::roles::of_another_team;
use crate::harness::{Answered, Client, CrewDay, Deployment, checked_in, ending, id_of, sample};

stories!(
    whoever_comes_last_in_the_log_counts_and_all_stories_are_kept,
    a_conflict_is_settled_at_the_door_once,
    the_office_settles_once_and_only_in_its_scope,
    an_outcome_is_settled_and_nothing_that_protects_is_lifted,
    money_never_merges_by_itself,
    a_corrected_address_is_unverified_and_outlives_the_next_file,
    an_erased_person_leaves_proofs_and_no_values,
    a_backup_keeps_both_sides,
);

const PHONES: [&str; 3] = ["+351 910 000 001", "+351 910 000 002", "+351 910 000 003"];

/// A crew with its two devices, both with the doors of the day.
pub(super) async fn crew(site: &Deployment) -> (CrewDay, [Device; 2]) {
    let mut day = site.crew_day(sample("porto-cases.csv")).await;
    let devices = [site.device(&day.staff[0]).await, site.device(&day.staff[1]).await];
    for device in &devices {
        device.pull().await.unwrap();
    }
    // Of several persons behind one door a device shows one; which one follows from ids.
    let mut shown = Vec::new();
    for visit in day.visits {
        if devices[0].door(id_of(&visit["visit"])).await.is_ok() {
            shown.push(visit);
        }
    }
    day.visits = shown;
    (day, devices)
}

pub(super) async fn case(client: &Client, visit: &Value) -> Value {
    client
        .get(&format!("/v1/cases/{}", visit["case"].as_str().unwrap()))
        .await
        .done()
}

/// The office corrects fields of a case that it saw at a version.
pub(super) async fn correct(client: &Client, case: &Value, base: i64, changes: &[(&str, &str)]) -> Answered {
    let path = format!("/v1/persons/{}/contact", case["person"].as_str().unwrap());
    let changes: Vec<Value> = changes
        .iter()
        .map(|(field, value)| json!({"field": field, "value": value, "base": base}))
        .collect();
    let body = json!({"case": case["id"], "changes": changes});
    client.send(client.request(Method::PATCH, &path).json(&body)).await
}

async fn settle(client: &Client, conflict: &Value, take: &str) -> Answered {
    let path = format!("/v1/conflicts/{}/settle", conflict["id"].as_str().unwrap());
    client
        .post(&path, &json!({"take": take, "note": "rang and asked"}))
        .await
}

/// The person is met and recognised, as this device records it.
async fn recognised(site: &Deployment, device: &Device, visit: &Value, day: &CrewDay) {
    site.when_it_starts(visit);
    checked_in(device, visit, &day.staff).await;
    device.identity_confirm(id_of(&visit["visit"])).await.unwrap();
}

/// A phone recorded at the door, without a network.
pub(super) async fn phone_at(device: &Device, visit: &Value, value: &str) {
    let changes = [(ContactField::Phone, value.to_owned())];
    device.contact_change(id_of(&visit["visit"]), &changes).await.unwrap();
}

async fn open_of(site: &Deployment, visit: &Value) -> Vec<Value> {
    let mut open = site.supervisor.items("/v1/conflicts?state=open").await;
    open.retain(|conflict| conflict["case"] == visit["case"]);
    // Newest first, and several of one instant in the order of their ids.
    open.sort_by_key(|conflict| conflict["right"]["received_at"].as_i64());
    open
}

/// Orders in which three arrive; 0 and 1 are the devices, 2 is the office.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

async fn whoever_comes_last_in_the_log_counts_and_all_stories_are_kept(site: &mut Deployment) {
    let (day, devices) = crew(site).await;
    let rounds = ORDERS.iter().zip(&day.visits);
    assert!(
        rounds.len() >= 4,
        "the route is long enough for {} orders",
        rounds.len()
    );
    for (order, visit) in rounds.clone() {
        // All three work on what they saw in the morning.
        for (device, phone) in devices.iter().zip(PHONES) {
            phone_at(device, visit, phone).await;
        }
        let language = [(ContactField::Language, "pt".to_owned())];
        devices[0]
            .contact_change(id_of(&visit["visit"]), &language)
            .await
            .unwrap();
        let before = case(&site.supervisor, visit).await;
        for who in order {
            site.clock.forward(1);
            match devices.get(*who) {
                Some(device) => assert!(device.push().await.unwrap().acknowledged > 0),
                None => drop(
                    correct(&site.supervisor, &before, 0, &[("phone", PHONES[2])])
                        .await
                        .done(),
                ),
            }
        }
        let after = case(&site.supervisor, visit).await;
        assert_eq!(after["phone"], PHONES[order[2]], "{order:?}");
        assert!(after["fields"]["language"]["version"].as_i64() > Some(0), "{after}");
        let open = open_of(site, visit).await;
        let sides: Vec<[&Value; 2]> = open
            .iter()
            .map(|one| [&one["left"]["value"], &one["right"]["value"]])
            .collect();
        let [first, second, last] = order.map(|who| json!(PHONES[who]));
        assert_eq!(sides, [[&first, &second], [&second, &last]], "{order:?}");
        for conflict in &open {
            assert_eq!(
                (&conflict["kind"], &conflict["rule"]),
                (&json!("contact"), &json!("last-in-log"))
            );
        }
        assert_eq!(
            (&open[0]["current"], &open[1]["current"]),
            (&Value::Null, &json!("right"))
        );
    }
    let visits = site.supervisor.items("/v1/visits").await;
    let first = visits.iter().find(|one| one["id"] == day.visits[0]["visit"]).unwrap();
    assert_eq!(first["flags"], json!(["conflict", "parallel"]));
    let rounds = rounds.len();
    let export = site.export().await;
    let found = export.holds();
    assert_eq!(found.counts.payloads_missing, 0);
    // Three values of a phone and one of a language each round, and no value in clear.
    assert_eq!(export.count("contact.changed"), 4 * rounds);
    assert_eq!(export.count("conflict.found"), 2 * rounds);
    assert!(!export.log_text().contains("910 000"), "a leaf names nobody");
    both_devices_hear_of_it(site, &day, &devices).await;
}

/// A pull brings the value that counts, and of the conflicts those of the crew's own visits: to be seen when the person is
/// recognised.
async fn both_devices_hear_of_it(site: &Deployment, day: &CrewDay, devices: &[Device; 2]) {
    let visit = &day.visits[0];
    for device in devices {
        device.pull().await.unwrap();
        let door = device.door(id_of(&visit["visit"])).await.unwrap();
        assert_eq!(
            (door.phone.as_str(), door.language.as_str()),
            (PHONES[ORDERS[0][2]], "pt")
        );
        assert!(door.fields.phone.version > 0);
        let of_visit = |open: Vec<OpenConflict>| {
            open.into_iter()
                .filter(|one| one.item.visit == Some(door.visit))
                .count()
        };
        assert_eq!(of_visit(device.conflicts().await.unwrap()), 0, "no phone before that");
        recognised(site, device, visit, day).await;
        assert_eq!(of_visit(device.conflicts().await.unwrap()), 2);
    }
}

async fn a_conflict_is_settled_at_the_door_once(site: &mut Deployment) {
    let (day, [first, second]) = crew(site).await;
    let visit = &day.visits[0];
    for device in [&first, &second] {
        recognised(site, device, visit, &day).await;
    }
    phone_at(&first, visit, PHONES[0]).await;
    phone_at(&second, visit, PHONES[1]).await;
    for device in [&first, &second] {
        device.push().await.unwrap();
        site.clock.forward(1);
    }
    for device in [&first, &second] {
        device.pull().await.unwrap();
    }
    let conflict = first.conflicts().await.unwrap().remove(0).item;
    assert_eq!(
        conflict.left.who.as_deref(),
        day.staff[0]["login"].as_str(),
        "the crew knows its own"
    );
    assert_eq!(conflict.right.value.as_deref(), Some(PHONES[1]));
    // Both settle it without a network, each in favour of their own.
    first.conflict_settle(conflict.id, Side::Left).await.unwrap();
    let again = first.conflict_settle(conflict.id, Side::Right).await.unwrap_err();
    assert_eq!(again.code(), "conflict-settled");
    second.conflict_settle(conflict.id, Side::Right).await.unwrap();
    first.push().await.unwrap();
    second.push().await.unwrap();
    let flagged: Vec<String> = second
        .outbox()
        .await
        .unwrap()
        .into_iter()
        .flat_map(|one| one.flags)
        .collect();
    assert!(flagged.is_empty(), "what was acknowledged waits no more");
    let visits = site.supervisor.items("/v1/visits").await;
    let shown = visits.iter().find(|one| one["id"] == visit["visit"]).unwrap();
    assert!(
        shown["flags"].as_array().unwrap().contains(&json!("not-applied")),
        "{shown}"
    );
    let after = case(&site.supervisor, visit).await;
    assert_eq!(after["phone"], PHONES[0], "who settled first in the log settled");
    let item = json!({"id": conflict.id});
    settle(&site.supervisor, &item, "right")
        .await
        .problem("conflict-settled");
    let path = format!("/v1/conflicts/{}", conflict.id);
    let shown = site.supervisor.get(&path).await.done();
    assert_eq!(
        (&shown["state"], &shown["current"]),
        (&json!("settled"), &json!("left"))
    );
    assert_eq!(shown["settled"]["by"], day.staff[0]["login"]);
    assert_eq!(shown["right"]["value"], PHONES[1], "both stay readable");
    for device in [&first, &second] {
        device.pull().await.unwrap();
        assert_eq!(device.conflicts().await.unwrap(), []);
        assert_eq!(device.door(id_of(&visit["visit"])).await.unwrap().phone, PHONES[0]);
    }
    let gone = second.conflict_settle(conflict.id, Side::Left).await.unwrap_err();
    assert!(matches!(gone, DeviceError::NoSuchConflict { .. }), "{gone}");
    let export = site.export().await;
    export.holds();
    // Two devices said so and signed it; the server says once that it took effect.
    assert_eq!(export.count("conflict.settled"), 3);
}

async fn the_office_settles_once_and_only_in_its_scope(site: &mut Deployment) {
    let (day, [device, _]) = crew(site).await;
    let visit = &day.visits[0];
    phone_at(&device, visit, PHONES[0]).await;
    device.push().await.unwrap();
    let seen = case(&site.supervisor, visit).await;
    assert_eq!(seen["fields"]["phone"]["version"], 1);
    // The same number in other letters is the same number, and who knows the newest contradicts nobody.
    let same = correct(&site.supervisor, &seen, 0, &[("phone", "351910000001")])
        .await
        .done();
    assert_eq!(same["conflicts"], json!([]), "{same}");
    let newer = correct(&site.second_supervisor, &seen, 2, &[("phone", PHONES[1])])
        .await
        .done();
    assert_eq!(newer["conflicts"], json!([]), "{newer}");
    // Who had not seen that does, and another field beside it is only noted.
    let stale = correct(&site.supervisor, &seen, 2, &[("language", "fr"), ("phone", PHONES[2])])
        .await
        .done();
    assert_eq!(
        (&stale["parallel"], stale["conflicts"].as_array().unwrap().len()),
        (&json!(true), 1)
    );
    let conflict = open_of(site, visit).await.remove(0);
    assert_eq!(
        (&conflict["left"]["source"], &conflict["left"]["who"]),
        (&json!("office"), &json!("second"))
    );
    device.pull().await.unwrap();
    assert_eq!(
        device.conflicts().await.unwrap(),
        [],
        "what the office disputes with itself stays there"
    );
    let stranger = of_another_team(site).await;
    assert_eq!(stranger.items("/v1/conflicts").await, Vec::<Value>::new());
    settle(&stranger, &conflict, "left").await.problem("not-found");
    correct(&stranger, &seen, 0, &[("phone", "1")])
        .await
        .problem("not-found");
    settle(&site.auditor, &conflict, "left").await.problem("not-allowed");
    let mut other = case(&site.supervisor, &day.visits[1]).await;
    other["id"] = seen["id"].clone();
    correct(&site.supervisor, &other, 0, &[("phone", "1")])
        .await
        .problem("not-found");
    settle(&site.supervisor, &conflict, "both").await.problem("bad-request");
    let settled = settle(&site.supervisor, &conflict, "left").await.done();
    assert_eq!(settled["settled"]["note"], "rang and asked");
    settle(&site.second_supervisor, &conflict, "right")
        .await
        .problem("conflict-settled");
    let after = case(&site.supervisor, visit).await;
    assert_eq!(after["phone"], PHONES[1]);
    assert_eq!(after["fields"]["phone"]["version"], 6);
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("conflict.settled"), 1);
    assert!(!export.log_text().contains("rang and asked"));
    let reads = site.supervisor.items("/v1/cases?phone=910000002&limit=5").await;
    assert_eq!(reads.len(), 0, "a number is looked up whole");
    assert_eq!(site.supervisor.items("/v1/cases?phone=351910000002").await.len(), 1);
}

/// Checks out with a matter and perhaps a promise.
async fn out(device: &Device, visit: &Value, day: &CrewDay, (matter, promise): (MatterOutcome, Option<i64>)) {
    let started = checked_in(device, visit, &day.staff).await;
    let input = FinishInput {
        matter: Some(matter),
        promise: promise.map(|amount| PromiseMade {
            day: "2026-12-01".to_owned(),
            amount,
            currency: "EUR".to_owned(),
        }),
        anyway: true,
        ..ending(&started, ContactOutcome::MetBorrower)
    };
    device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
}

async fn an_outcome_is_settled_and_nothing_that_protects_is_lifted(site: &mut Deployment) {
    let (day, [first, second]) = crew(site).await;
    let codes = [MatterOutcome::Promise.code(), MatterOutcome::Dispute.code()];
    for (visit, take) in day.visits.iter().zip([1, 0]) {
        site.when_it_starts(visit);
        out(&first, visit, &day, (MatterOutcome::Promise, None)).await;
        out(&second, visit, &day, (MatterOutcome::Dispute, None)).await;
        first.push().await.unwrap();
        second.push().await.unwrap();
        let conflict = open_of(site, visit).await.remove(0);
        let said = [
            &conflict["kind"],
            &conflict["field"],
            &conflict["current"],
            &conflict["rule"],
        ];
        assert_eq!(said, ["outcome", "matter", "left", "first-stands"]);
        assert_eq!([&conflict["left"]["value"], &conflict["right"]["value"]], codes);
        let restricted = case(&site.supervisor, visit).await["flags"].clone();
        assert!(
            restricted.as_array().unwrap().contains(&json!("disputed")),
            "{restricted}"
        );
        let side = ["left", "right"][take];
        let settled = settle(&site.supervisor, &conflict, side).await.done();
        assert_eq!(settled["current"], side);
        let visits = site.supervisor.items("/v1/visits").await;
        let shown = visits.iter().find(|one| one["id"] == visit["visit"]).unwrap();
        assert_eq!(shown["matter"], codes[take]);
        // Also a choice for the other story lifts nothing: the dispute was said.
        assert_eq!(case(&site.supervisor, visit).await["flags"], restricted);
    }
    site.export().await.holds();
}

async fn money_never_merges_by_itself(site: &mut Deployment) {
    let (day, [first, second]) = crew(site).await;
    let visit = &day.visits[0];
    site.when_it_starts(visit);
    out(&first, visit, &day, (MatterOutcome::Promise, Some(10_000))).await;
    out(&second, visit, &day, (MatterOutcome::Promise, Some(25_000))).await;
    first.push().await.unwrap();
    second.push().await.unwrap();
    let conflict = open_of(site, visit).await.remove(0);
    assert_eq!(
        (&conflict["kind"], &conflict["rule"]),
        (&json!("promise"), &json!("both-count"))
    );
    assert_eq!(conflict["current"], Value::Null);
    assert_eq!(conflict["right"]["promise"]["amount"], 25_000);
    assert_eq!(site.rows("promise").await, 2);
    let settled = settle(&site.supervisor, &conflict, "right").await.done();
    assert_eq!(
        (&settled["current"], &settled["left"]["promise"]["amount"]),
        (&json!("right"), &json!(10_000))
    );
    let left = site
        .app()
        .store()
        .number("SELECT max(amount) FROM promise")
        .await
        .unwrap();
    assert_eq!((site.rows("promise").await, left), (1, 25_000));
}

async fn a_corrected_address_is_unverified_and_outlives_the_next_file(site: &mut Deployment) {
    let (day, [device, _]) = crew(site).await;
    let visit = &day.visits[0];
    let before = case(&site.supervisor, visit).await;
    let text = "Rua do Almada 12, 3.º";
    let changes = [(ContactField::Address, text.to_owned())];
    device.contact_change(id_of(&visit["visit"]), &changes).await.unwrap();
    assert_eq!(
        device.door(id_of(&visit["visit"])).await.unwrap().address,
        text,
        "shown before it is sent"
    );
    device.push().await.unwrap();
    let after = case(&site.supervisor, visit).await;
    assert_eq!(
        (&after["address"], &after["address_state"]),
        (&json!(text), &json!("unverified"))
    );
    assert_eq!(after["point"], before["point"], "no text moves a point");
    assert_eq!(after["fields"]["point_unconfirmed"], true);
    // The lender's next file knows nothing of it.
    let mut cells = crate::harness::csv_cells(&sample("porto-cases.csv"));
    let amount = cells[0].iter().position(|name| name == "amount_due").unwrap();
    let row = cells
        .iter_mut()
        .find(|row| row[0] == before["case_no"].as_str().unwrap())
        .unwrap();
    "1.00".clone_into(&mut row[amount]);
    let report = site.supervisor.import(crate::harness::csv_text(&cells)).await;
    assert_eq!(report["updated"], 1, "{report}");
    let again = case(&site.supervisor, visit).await;
    assert_eq!(
        (&again["address"], &again["amount"]["total"]),
        (&json!(text), &json!(100)),
        "{again}"
    );
    assert_eq!(again["fields"]["address"]["version"], 1);
    device.pull().await.unwrap();
    assert!(
        device
            .door(id_of(&visit["visit"]))
            .await
            .unwrap()
            .fields
            .point_unconfirmed
    );
}

async fn an_erased_person_leaves_proofs_and_no_values(site: &mut Deployment) {
    let (day, [device, _]) = crew(site).await;
    let visit = &day.visits[0];
    let seen = case(&site.supervisor, visit).await;
    phone_at(&device, visit, PHONES[0]).await;
    device.push().await.unwrap();
    correct(&site.supervisor, &seen, 0, &[("phone", PHONES[1])])
        .await
        .done();
    let conflict = open_of(site, visit).await.remove(0);
    let request = json!({"kind": "person.erase", "subject": seen["person"], "reason": "person-asked"});
    let approval = site.supervisor.post("/v1/approvals", &request).await.done();
    let id = approval["id"].as_str().unwrap();
    let answer = json!({"approve": true});
    site.second_supervisor
        .post(&format!("/v1/approvals/{id}/answer"), &answer)
        .await
        .done();
    let path = format!("/v1/persons/{}/erase?approval={id}", seen["person"].as_str().unwrap());
    site.supervisor.post(&path, &Value::Null).await.done();
    let path = format!("/v1/conflicts/{}", conflict["id"].as_str().unwrap());
    let shown = site.supervisor.get(&path).await.done();
    assert_eq!((&shown["state"], &shown["case_no"]), (&json!("erased"), &json!("")));
    for side in ["left", "right"] {
        assert_eq!(shown[side].get("value"), None, "{shown}");
    }
    settle(&site.supervisor, &conflict, "left").await.problem("erased");
    correct(&site.supervisor, &seen, 0, &[("phone", "1")])
        .await
        .problem("erased");
    let digests = "SELECT count(*) FROM contact_edit WHERE value_digest IS NOT NULL";
    assert_eq!(site.app().store().number(digests).await.unwrap(), 0);
    // What arrives afterwards is kept as a proof, and changes nothing.
    phone_at(&device, visit, PHONES[2]).await;
    device.push().await.unwrap();
    assert_eq!(site.rows("contact_edit").await, 2);
    let export = site.export().await;
    let found = export.holds();
    assert!(found.counts.payloads_erased >= 2, "{:?}", found.counts);
    assert_eq!(found.counts.payloads_missing, 0);
    assert_eq!(export.count("contact.changed"), 3);
}

async fn a_backup_keeps_both_sides(site: &mut Deployment) {
    let (day, [device, _]) = crew(site).await;
    let visit = &day.visits[0];
    let seen = case(&site.supervisor, visit).await;
    phone_at(&device, visit, PHONES[0]).await;
    device.push().await.unwrap();
    correct(&site.supervisor, &seen, 0, &[("phone", PHONES[1])])
        .await
        .done();
    let conflicts = site.supervisor.items("/v1/conflicts").await;
    let file = site.path("backup");
    let clock = Arc::clone(&site.clock);
    backup(&site.folder(), &file, Arc::<crate::harness::TestClock>::clone(&clock))
        .await
        .unwrap();
    site.stop().await;
    let folder = super::backup::without_database(site, "restored");
    let url = super::backup::other_engine(site, &folder).await;
    restore(&folder, &file, Some(&url), &Sources::default(), clock)
        .await
        .unwrap();
    site.move_to(folder);
    site.restart().await;
    assert_ne!(
        site.app().store().engine() == Engine::Sqlite,
        site.engine == Engine::Sqlite
    );
    assert_eq!(site.supervisor.items("/v1/conflicts").await, conflicts);
    assert_eq!(case(&site.supervisor, visit).await["phone"], PHONES[1]);
    let found = site.supervisor.items("/v1/cases?phone=351910000002").await;
    assert_eq!(found.len(), 1, "a corrected number is found again");
    settle(&site.supervisor, &conflicts[0], "left").await.done();
    assert_eq!(case(&site.supervisor, visit).await["phone"], PHONES[0]);
    site.export().await.holds();
}
