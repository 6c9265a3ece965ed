//! The review queue: why a visit stands in it, who decides, and what is kept of it.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Clock as _;
use doorstep_wire::sync::Payload;
use serde_json::{Value, json};

use super::safety::{alias_of_first, here};
use crate::harness::{Client, Deployment, checked_in, checked_out, csv_cells, csv_text, sample};

stories!(
    a_visit_with_remarks_waits_for_a_decision,
    nobody_decides_about_a_visit_of_their_own,
);

async fn queue(client: &Client, more: &str) -> Vec<Value> {
    client.items(&format!("/v1/review?day=2026-11-23{more}")).await
}

async fn a_visit_with_remarks_waits_for_a_decision(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    // The first visit as it should be, the second over within a moment.
    let second = day.visits.get(1).unwrap();
    for (visit, seconds) in [(&day.visits[0], 600), (second, 20)] {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(seconds);
        checked_out(&device, visit, &started, ContactOutcome::NobodyHome).await;
        device.push().await.unwrap();
    }
    let waiting = queue(&site.supervisor, "").await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let one = &waiting[0];
    assert_eq!((&one["visit"], &one["score"]), (&second["visit"], &json!(200)));
    assert_eq!(one["reasons"], json!([{"code": "short", "weight": 200}]));
    assert_eq!(one["staff"], json!([day.staff[0]["login"]]));
    assert_eq!(
        (&one["outcome"], &one["decision"]),
        (&json!("NOBODY_HOME"), &Value::Null)
    );
    assert!(one["case_no"].as_str().unwrap().starts_with("PO-"), "{one}");
    assert!(
        !one.to_string().contains("the gate is green"),
        "notes are opened one by one"
    );
    let path = format!("/v1/review/{}", second["visit"].as_str().unwrap());
    let full = site.auditor.get(&format!("{path}?purpose=inspection")).await.done();
    assert_eq!(full["notes"], json!(["the gate is green"]));
    let kinds: Vec<&Value> = full["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["kind"])
        .collect();
    assert!(
        kinds.contains(&&json!("visit.arrived")) && kinds.contains(&&json!("visit.departed")),
        "{kinds:?}"
    );
    decisions_replace_each_other(site, &path).await;
}

async fn decisions_replace_each_other(site: &Deployment, path: &str) {
    site.auditor
        .post(path, &json!({"decision": "fine"}))
        .await
        .problem("not-allowed");
    site.supervisor
        .post(path, &json!({"decision": "good"}))
        .await
        .problem("bad-request");
    let body = json!({"decision": "back", "note": "why so short, Rua da Alegria?"});
    let decided = site.supervisor.post(path, &body).await.done();
    assert_eq!(decided["decisions"][0]["by"], "supervisor");
    assert_eq!(decided["decisions"][0]["note"], "why so short, Rua da Alegria?");
    assert_eq!(
        queue(&site.supervisor, "").await,
        Vec::<Value>::new(),
        "what was decided leaves the queue"
    );
    // A later decision replaces it; both are kept.
    site.clock.forward(1);
    site.second_supervisor
        .post(path, &json!({"decision": "fine"}))
        .await
        .done();
    let all = queue(&site.supervisor, "&all=true").await;
    assert_eq!((all.len(), &all[0]["decision"]), (1, &json!("fine")));
    assert_eq!(
        site.supervisor.get(path).await.done()["decisions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("review.decided"), 2);
    assert!(!export.log_text().contains("Alegria"));
}

async fn nobody_decides_about_a_visit_of_their_own(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let mut wire = site.wire(&day.staff[0], 1).await;
    let alias = alias_of_first(&wire, &day).await;
    site.when_it_starts(&day.visits[0]);
    // Far away from the door, with a made-up position, and gone at once.
    let now = site.clock.now().millis();
    let mut payload = here([400_000_000, -86_290_000]);
    payload.position.as_mut().unwrap().mock = true;
    let arrived = wire.event_at_door("visit.arrived", &payload, alias, now);
    let departed = wire.event_at_door("visit.departed", &Payload::default(), alias, now);
    wire.push(&[&arrived, &departed]).await.done();
    let waiting = queue(&site.supervisor, "").await.remove(0);
    let codes: Vec<&str> = waiting["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    for code in ["distance", "position-doubt", "short"] {
        assert!(codes.contains(&code), "{waiting}");
    }
    let sum: i64 = waiting["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["weight"].as_i64().unwrap())
        .sum();
    assert_eq!(waiting["score"], sum.min(1_000));
    // Who was there became a supervisor.
    let own = &day.staff[0];
    let mut rows = csv_cells(&sample("porto-staff.csv"));
    rows.retain(|row| row[0] == "staff_no" || own["login"] == row[0].as_str());
    "supervisor".clone_into(&mut rows[1][2]);
    let path = format!("/v1/staff/import?team={}", site.made.team);
    site.administrator.upload(&path, csv_text(&rows)).await.done();
    let client = site.field_client(own).await;
    let path = format!("/v1/review/{}", day.visits[0]["visit"].as_str().unwrap());
    client
        .post(&path, &json!({"decision": "fine"}))
        .await
        .problem("not-allowed");
    site.supervisor.post(&path, &json!({"decision": "fine"})).await.done();
}
