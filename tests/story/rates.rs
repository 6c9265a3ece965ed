//! Rates: of how many visits something is known. Never for pay or a ranking; whoever is counted sees their own.

use std::collections::BTreeMap;

use doorstep_domain::contact::ContactOutcome;
use serde_json::{Value, json};

use super::roles::with_agency;
use crate::harness::{Client, CrewDay, Deployment, checked_in, ending, id_of, sample};

stories!(
    rates_are_of_visits_that_were_made_and_ranked_by_nobody,
    what_an_appeal_struck_counts_nowhere,
    rules_are_counted_by_what_they_stopped_and_what_happened_all_the_same,
);

/// Makes the first visits of a crew by one device, of both who are there; each ends with an outcome.
async fn visited(site: &mut Deployment, outcomes: &[ContactOutcome]) -> CrewDay {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    for (visit, outcome) in day.visits.iter().zip(outcomes) {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(600);
        let input = ending(&started, *outcome);
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
        device.push().await.unwrap();
    }
    site.sign_everybody_in().await;
    day
}

async fn rates(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/quality/rates{query}")).await.done()
}

/// The counts of a group that are not zero, with its visits.
fn of(view: &Value, group: &Value) -> BTreeMap<String, u64> {
    let items = view["items"].as_array().unwrap();
    let group = items.iter().find(|one| one["group"] == *group).unwrap();
    let counts = group["counts"].as_array().unwrap().iter();
    let counted = counts.map(|one| (one["what"].as_str().unwrap().to_owned(), one["count"].as_u64().unwrap()));
    let visits = group["visits"].as_u64().map(|visits| ("visits".to_owned(), visits));
    counted.filter(|(_, count)| *count > 0).chain(visits).collect()
}

fn are(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts
        .iter()
        .map(|(what, count)| ((*what).to_owned(), *count))
        .collect()
}

async fn rates_are_of_visits_that_were_made_and_ranked_by_nobody(site: &mut Deployment) {
    let outcomes = [
        ContactOutcome::NobodyHome,
        ContactOutcome::AskedToLeave,
        ContactOutcome::NobodyHome,
    ];
    let day = visited(site, &outcomes).await;
    let complained = json!({"case": day.visits[0]["case"], "visit": day.visits[0]["visit"], "channel": "phone",
                            "words": "too loud"});
    site.supervisor.post("/v1/complaints", &complained).await.done();
    let before = site.export().await.count("quality.rates");
    let view = rates(&site.supervisor, "").await;
    assert_eq!((&view["by"], &view["least"]), (&json!("staff"), &json!(20)));
    for staff in &day.staff {
        let found = of(&view, &staff["login"]);
        let counts = ["visits", "complaint", "refused"].map(|what| found.get(what).copied().unwrap_or(0));
        assert_eq!(counts, [3, 1, 1], "both were there: {view}");
    }
    // Of three visits no rate is told.
    let all = view.to_string();
    assert!(!all.contains("\"rate\""), "{all}");
    let groups: Vec<&str> = view["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["group"].as_str().unwrap())
        .collect();
    assert!(groups.is_sorted(), "by name and nothing else: {groups:?}");
    for by in ["crew", "portfolio"] {
        let view = rates(&site.auditor, &format!("?by={by}")).await;
        let visits: u64 = view["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["visits"].as_u64().unwrap())
            .sum();
        assert_eq!(visits, 3, "{view}");
    }
    assert_eq!(
        site.export().await.count("quality.rates"),
        before + 3,
        "who looked stands in the log"
    );
    // Everybody sees their own and nobody else's; field staff no other.
    for staff in &day.staff {
        let client = site.field_client(staff).await;
        let own = client.get("/v1/staff/me/rates").await.done();
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "{own}");
        assert_eq!(of(&own, &staff["login"])["visits"], 3);
        client.get("/v1/quality/rates").await.problem("not-allowed");
    }
    let agency = with_agency(site).await;
    for by in ["staff", "crew", "portfolio", "rule"] {
        let view = rates(&agency.supervisor, &format!("?by={by}")).await;
        assert_eq!(view["items"], json!([]), "an agency sees its own visits alone: {view}");
    }
    // Days are counted in UTC.
    let none = rates(&site.supervisor, "?from=2026-11-01&to=2026-11-22").await;
    assert_eq!(none["items"], json!([]));
    for wrong in [
        "?by=name",
        "?from=2026-11-23&to=2026-11-22",
        "?from=2020-01-01",
        "?from=soon",
    ] {
        let path = format!("/v1/quality/rates{wrong}");
        site.supervisor.get(&path).await.problem("bad-request");
    }
}

async fn what_an_appeal_struck_counts_nowhere(site: &mut Deployment) {
    let day = visited(site, &[ContactOutcome::NobodyHome]).await;
    let own = site.field_client(&day.staff[0]).await;
    site.clock.forward(7 * 86_400);
    site.sign_everybody_in().await;
    let named = json!({"name": "Somebody else"});
    site.administrator.post("/v1/agencies", &named).await.done();
    site.export().await.holds();
    site.supervisor.post("/v1/quality-checks", &json!({})).await.done();
    let login = &day.staff[0]["login"];
    let checks = site.auditor.items("/v1/quality-checks").await;
    let check = checks.iter().find(|one| one["staff"] == *login).unwrap();
    let path = |what: &str| format!("/v1/quality-checks/{}{what}", check["id"].as_str().unwrap());
    let sheet = site.auditor.get(&path("")).await.done()["sheet"].clone();
    let fails = |item: &Value| json!({"id": item["id"], "found": "fail", "remark": "seen"});
    let items: Vec<Value> = sheet.as_array().unwrap().iter().map(fails).collect();
    site.auditor
        .post(&path("/score"), &json!({"items": items}))
        .await
        .done();
    let failures = async |site: &Deployment| {
        let view = rates(&site.supervisor, "").await;
        let items = view["items"].as_array().unwrap();
        let theirs = items.iter().find(|one| one["group"] == *login).unwrap();
        let counts = theirs["counts"].as_array().unwrap();
        let quality = counts
            .iter()
            .find(|one| one["what"] == "quality-failure")
            .unwrap()
            .clone();
        (quality["count"].as_u64().unwrap(), quality["of"].as_u64().unwrap())
    };
    assert_eq!(failures(site).await, (1, 1));
    let appeal = format!("/v1/staff/me/quality-checks/{}/appeal", check["id"].as_str().unwrap());
    let own = own.sign_in(login.as_str().unwrap(), crate::harness::PASSWORD).await;
    own.post(&appeal, &json!({"words": "not so"})).await.done();
    assert_eq!(failures(site).await, (0, 0), "what is being appealed is open");
    // A third person, outside the line.
    let decision = json!({"decision": "struck", "words": "it was not so"});
    let agency = with_agency(site).await;
    agency.head_office.post(&path("/decide"), &decision).await.done();
    assert_eq!(failures(site).await, (0, 0));
}

async fn rules_are_counted_by_what_they_stopped_and_what_happened_all_the_same(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    // One person asks for no more, another is called upon before the device knows that they did.
    let stop = async |visit: &Value| {
        let path = format!("/v1/cases/{}/restrictions", visit["case"].as_str().unwrap());
        let body = json!({"kind": "cease_contact", "words": "no more, please"});
        site.supervisor.post(&path, &body).await.done();
    };
    stop(&day.visits[1]).await;
    site.when_it_starts(&day.visits[0]);
    checked_in(&device, &day.visits[0], &day.staff).await;
    stop(&day.visits[0]).await;
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let path = format!("/v1/cases/{}/consents", day.visits[2]["case"].as_str().unwrap());
    let until = site.app().now().get() + 86_400_000_000;
    let twice = json!({"scope": "rule", "rule": "HOUSE-FREQ-CASE", "given": "two_persons", "until": until,
                       "reason": "person-asked", "words": "asked us to come once more"});
    let asked = site.supervisor.post(&path, &twice).await.done()["items"][0]["approval"].clone();
    let answer = format!("/v1/approvals/{}/answer", asked.as_str().unwrap());
    site.administrator.post(&answer, &json!({"approve": true})).await.done();
    let view = rates(&site.supervisor, "?by=rule").await;
    assert_eq!(
        of(&view, &json!("HOUSE-STOP-CEASE")),
        are(&[("withdrawn", 2), ("forbidden", 1)]),
        "{view}"
    );
    assert_eq!(
        of(&view, &json!("HOUSE-FREQ-CASE")),
        are(&[("overridden", 1)]),
        "{view}"
    );
    let items = view["items"].as_array().unwrap();
    assert!(items.iter().all(|one| one["visits"] == Value::Null), "{view}");
}
