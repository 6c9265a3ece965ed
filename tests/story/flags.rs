//! Flags on staff: everybody sees what is remarked about their own visits and answers it once; nobody lists anybody else's, and
//! nothing is ordered by who has them.

use std::collections::BTreeSet;

use doorstep_device::FinishInput;
use doorstep_domain::contact::ContactOutcome;
use doorstep_wire::sync::Position;
use serde_json::{Value, json};

use super::erasure;
use super::quality::{another_auditor, findings, next_week, of_the_first, path, week_of_visits};
use crate::harness::{Client, CrewDay, Deployment, checked_in, ending, id_of, sample};

stories!(
    own_flags_are_seen_by_those_who_were_there_and_answered_once,
    a_complaint_is_no_flag_before_it_is_answered_and_held,
    a_failed_check_is_a_flag_until_it_is_struck,
    rates_keep_to_the_order_of_staff_numbers,
);

const OWN: &str = "/v1/staff/me/flags";

/// Makes the first visits of a crew by one device, both being there; each check-out has a position that was made up.
async fn visited(site: &Deployment, visits: usize) -> CrewDay {
    let day = site.crew_day(sample("porto-messy.csv")).await;
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let (lat_e7, lon_e7) = (411_580_000, -86_290_000);
    for visit in day.visits.iter().take(visits) {
        site.when_it_starts(visit);
        let started = checked_in(&device, visit, &day.staff).await;
        site.clock.forward(600);
        let input = FinishInput {
            position: Some(Position {
                lat_e7,
                lon_e7,
                accuracy_m: 12,
                mock: true,
            }),
            ..ending(&started, ContactOutcome::NobodyHome)
        };
        device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
        device.push().await.unwrap();
    }
    day
}

/// What is remarked about the caller of one kind, newest first.
async fn own(client: &Client, code: &str) -> Vec<Value> {
    let mut flags = client.items(OWN).await;
    let times: Vec<i64> = flags.iter().map(|flag| flag["at"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next), "{flags:?}");
    flags.retain(|flag| flag["code"] == code);
    flags
}

fn answer_of(flag: &Value) -> String {
    format!("{OWN}/{}/answer", flag["id"].as_str().unwrap())
}

async fn own_flags_are_seen_by_those_who_were_there_and_answered_once(site: &mut Deployment) {
    let day = visited(site, 2).await;
    let client = site.field_client(&day.staff[0]).await;
    let partner = site.field_client(&day.staff[1]).await;
    let flags = own(&client, "position-doubt").await;
    assert_eq!(flags.len(), 2, "{flags:?}");
    for (flag, visit) in flags.iter().rev().zip(&day.visits) {
        assert_eq!((&flag["visit"], &flag["source"]), (&visit["visit"], &json!("event")));
        assert_eq!((&flag["day"], &flag["answer"]), (&json!("2026-11-23"), &Value::Null));
        assert!(flag["case_no"].as_str().unwrap().starts_with("PO-"), "{flag}");
    }
    // The partner, who carried no device, was there as well; nobody else was.
    assert_eq!(own(&partner, "position-doubt").await, flags);
    for other in [&site.supervisor, &site.auditor] {
        assert_eq!(other.items(OWN).await, Vec::<Value>::new());
    }
    let first = &flags[1];
    let words = json!({"words": "the phone was in its test mode"});
    let said = client.post(&answer_of(first), &words).await.done();
    assert_eq!((&said["answer"], &said["id"]), (&words["words"], &first["id"]));
    client.post(&answer_of(first), &words).await.problem("changed");
    site.supervisor
        .post(&answer_of(first), &words)
        .await
        .problem("not-found");
    let other_code = first["id"]
        .as_str()
        .unwrap()
        .replace("position-doubt", "far-from-door-x");
    client
        .post(&format!("{OWN}/{other_code}/answer"), &words)
        .await
        .problem("not-found");
    client
        .post(&answer_of(&flags[0]), &json!({"words": " "}))
        .await
        .problem("bad-request");
    // An answer is its writer's own: the partner has none and may give theirs.
    assert_eq!(own(&partner, "position-doubt").await[1]["answer"], Value::Null);
    let theirs = json!({"words": "I saw it too"});
    site.clock.forward(30);
    partner.post(&answer_of(first), &theirs).await.done();
    is_seen_by_who_reviews(site, (&day, first), &client).await;
    is_shown_with_an_entry(site, &client).await;
    pages_hold_all_of_them(&client).await;
    outlives_the_person(site, &day, &client).await;
}

/// The answer stands beside the flag, and neither it nor the score of the visit is less for it.
async fn is_seen_by_who_reviews(site: &Deployment, (day, flag): (&CrewDay, &Value), client: &Client) {
    let review = format!("/v1/review/{}", day.visits[0]["visit"].as_str().unwrap());
    let seen = site.supervisor.get(&review).await.done();
    let said: Vec<[&Value; 3]> = seen["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| [&one["by"], &one["words"], &one["flag"]])
        .collect();
    let [first, second] = [&day.staff[0]["login"], &day.staff[1]["login"]];
    let own = [first, &json!("the phone was in its test mode"), &flag["id"]];
    assert_eq!(said, [own, [second, &json!("I saw it too"), &flag["id"]]]);
    let reasons = seen["reasons"].as_array().unwrap();
    assert!(
        reasons.iter().any(|one| one["code"] == "position-doubt"),
        "the flag stays: {seen}"
    );
    client.get(&review).await.problem("not-allowed");
    site.supervisor.post(&review, &json!({"decision": "fine"})).await.done();
    let flags = self::own(client, "position-doubt").await;
    assert_eq!(
        (&flags[1]["decision"], &flags[0]["decision"]),
        (&json!("fine"), &Value::Null)
    );
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("flag.answered"), 2);
    assert!(!export.log_text().contains("test mode"));
}

/// Where the entry cannot be written, no number of a case and no answer is shown.
async fn is_shown_with_an_entry(site: &Deployment, client: &Client) {
    // No read from before is folded with this one.
    site.clock.forward(301);
    let store = site.app().store();
    store.tamper("ALTER TABLE log_queue RENAME TO log_gone").await.unwrap();
    let refused = client.get(OWN).await;
    store.tamper("ALTER TABLE log_gone RENAME TO log_queue").await.unwrap();
    assert!(refused.status >= 500 && refused.body.len() < 600, "{}", refused.text());
}

async fn pages_hold_all_of_them(client: &Client) {
    let all = client.items(OWN).await;
    let paged = client.items(&format!("{OWN}?limit=1")).await;
    assert_eq!(paged, all);
    client
        .get(&format!("{OWN}?cursor=yesterday"))
        .await
        .problem("bad-request");
}

/// Erasing whoever was visited takes the number of the case, and neither flag nor answer.
async fn outlives_the_person(site: &Deployment, day: &CrewDay, client: &Client) {
    let case = format!("/v1/cases/{}", day.visits[0]["case"].as_str().unwrap());
    let person = site.supervisor.get(&case).await.done()["person"].clone();
    let approval = erasure::ask(&site.supervisor, &person).await;
    erasure::answer(&site.second_supervisor, &approval, true).await.done();
    erasure::erase(&site.supervisor, &person, &approval).await.done();
    let flags = own(client, "position-doubt").await;
    assert_eq!(flags[1]["case_no"], Value::Null, "{flags:?}");
    assert_eq!(flags[1]["answer"], "the phone was in its test mode");
    let review = format!("/v1/review/{}", day.visits[0]["visit"].as_str().unwrap());
    let seen = site.supervisor.get(&review).await.done();
    assert_eq!(seen["answers"][0]["words"], "the phone was in its test mode");
    site.export().await.holds();
}

/// A complaint about a visit, which its owner answers.
async fn complained(site: &Deployment, visit: &Value, staff: Option<&Value>, outcome: &str) {
    let mut said = json!({"case": visit["case"], "visit": visit["visit"], "channel": "phone", "words": "they shouted"});
    if let Some(staff) = staff {
        said["staff"] = staff["login"].clone();
    }
    let opened = site.supervisor.post("/v1/complaints", &said).await.done();
    let place = |what: &str| format!("/v1/complaints/{}/{what}", opened["id"].as_str().unwrap());
    if !outcome.is_empty() {
        site.supervisor.post(&place("take"), &Value::Null).await.done();
        let answer = json!({"outcome": outcome, "words": "we looked into it"});
        site.supervisor.post(&place("answer"), &answer).await.done();
    }
}

async fn a_complaint_is_no_flag_before_it_is_answered_and_held(site: &mut Deployment) {
    let day = visited(site, 2).await;
    let [client, partner] = [
        site.field_client(&day.staff[0]).await,
        site.field_client(&day.staff[1]).await,
    ];
    complained(site, &day.visits[0], None, "").await;
    complained(site, &day.visits[0], None, "rejected").await;
    assert_eq!(own(&client, "complaint").await, Vec::<Value>::new());
    site.clock.forward(60);
    complained(site, &day.visits[1], None, "upheld").await;
    site.clock.forward(60);
    complained(site, &day.visits[1], Some(&day.staff[0]), "partly").await;
    let flags = own(&client, "complaint").await;
    let outcomes: Vec<&Value> = flags.iter().map(|flag| &flag["outcome"]).collect();
    assert_eq!(outcomes, ["partly", "upheld"]);
    let shown = serde_json::to_string(&flags).unwrap();
    assert!(!shown.contains("shouted") && !shown.contains("looked into"), "{shown}");
    // What names one of them is nobody else's.
    let theirs = own(&partner, "complaint").await;
    assert_eq!(theirs, flags[1..], "{theirs:?}");
    partner
        .post(&answer_of(&flags[0]), &json!({"words": "no"}))
        .await
        .problem("not-found");
    let words = json!({"words": "the door was loud, I was not"});
    client.post(&answer_of(&flags[0]), &words).await.done();
    let review = format!("/v1/review/{}", day.visits[1]["visit"].as_str().unwrap());
    let seen = site.supervisor.get(&review).await.done();
    assert_eq!(
        (&seen["answers"][0]["code"], &seen["answers"][0]["words"]),
        (&json!("complaint"), &words["words"])
    );
}

async fn a_failed_check_is_a_flag_until_it_is_struck(site: &mut Deployment) {
    let day = week_of_visits(site, &["I waited"]).await;
    next_week(site).await;
    site.supervisor.post("/v1/quality-checks", &json!({})).await.done();
    let check = of_the_first(site, &day).await;
    let client = site.field_client(&day.staff[0]).await;
    assert_eq!(own(&client, "quality-failure").await, Vec::<Value>::new());
    let scored = findings(&site.auditor, &check, &["hours-kept"]).await;
    site.auditor.post(&path(&check, "/score"), &scored).await.done();
    let flags = own(&client, "quality-failure").await;
    assert_eq!(flags.len(), 1, "{flags:?}");
    assert_eq!(flags[0]["items"].as_array().unwrap().len(), 1, "{flags:?}");
    assert_eq!(flags[0]["case_no"], Value::Null, "nobody is sent there any more");
    let partner = site.field_client(&day.staff[1]).await;
    assert_eq!(
        own(&partner, "quality-failure").await,
        Vec::<Value>::new(),
        "a check looks at the part of one"
    );
    client
        .post(&answer_of(&flags[0]), &json!({"words": "it was the church clock"}))
        .await
        .done();
    let appeal = format!("/v1/staff/me/quality-checks/{}/appeal", check["id"].as_str().unwrap());
    client.post(&appeal, &json!({"words": "look again"})).await.done();
    let third = another_auditor(site, "third").await;
    let struck = json!({"decision": "struck", "words": "it was"});
    third.post(&path(&check, "/decide"), &struck).await.done();
    assert_eq!(own(&client, "quality-failure").await, Vec::<Value>::new());
}

async fn rates_keep_to_the_order_of_staff_numbers(site: &mut Deployment) {
    visited(site, 3).await;
    site.sign_everybody_in().await;
    let view = site.supervisor.get("/v1/quality/rates?by=staff").await.done();
    let groups: Vec<&str> = view["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["group"].as_str().unwrap())
        .collect();
    let doubted: BTreeSet<u64> = view["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let counts = one["counts"].as_array().unwrap().iter();
            let doubt = counts.filter(|count| count["what"] == "position-doubt");
            doubt.map(|count| count["count"].as_u64().unwrap()).sum()
        })
        .collect();
    assert!(doubted.len() > 1, "there is something to order by: {view}");
    assert!(groups.is_sorted(), "{groups:?}");
    for order in ["sort=position-doubt", "order=desc", "sort=rate&order=desc"] {
        let asked = site
            .supervisor
            .get(&format!("/v1/quality/rates?by=staff&{order}"))
            .await;
        assert!(
            asked.code().is_some() || asked.done()["items"] == view["items"],
            "{order}"
        );
    }
}

/// What a parameter is called that orders a list, or picks out whoever stands at an end of it.
const ORDERING: &[&str] = &["sort", "order", "rank", "score", "rating", "top", "worst", "best"];
/// Parameters that order something else than persons: cases, clocks of complaints, ends of keeping.
const ORDERED: &[(&str, &str)] = &[
    ("/v1/cases", "sort"),
    ("/v1/cases", "order"),
    ("/v1/complaints", "sort"),
    ("/v1/retention", "sort"),
];
/// What a parameter is called that names a member of staff.
const PERSONAL: &[&str] = &["staff", "login", "who", "crew", "actor", "reporter"];
/// The lists about one person: of the log, for those who audit it, and of the scenarios that somebody has passed, which are like
/// the certificates they lead to. What was not passed is nobody else's to see.
const OF_PERSONS: &[(&str, &str)] = &[("/v1/log/{name}/entries", "actor"), ("/v1/training/results", "staff")];
/// What hangs on a member of staff by id: nothing of what was found about them.
const OF_STAFF: &[&str] = &["/v1/staff/{id}/credentials", "/v1/staff/{id}/password"];
/// Answers that have a score and staff beside each other: of a visit, so that what weighs most is looked at first.
const SCORED: &[&str] = &["ReviewItem"];

fn document() -> Value {
    serde_json::from_str(include_str!("../../server/openapi.json")).unwrap()
}

/// What is against the principle in a description of the interface.
fn against_it(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.contains("flags") && !path.starts_with("/v1/staff/me/") {
            found.push(format!("{path} is about somebody else's flags"));
        }
        if path.starts_with("/v1/staff/{") && !OF_STAFF.contains(&path.as_str()) {
            found.push(format!("{path} says something about one member of staff"));
        }
        for operation in item.as_object().unwrap().values() {
            let given = operation["parameters"].as_array().into_iter().flatten();
            for parameter in given.filter(|one| one["in"] == "query") {
                let name = parameter["name"].as_str().unwrap();
                let (named, about) = ((path.as_str(), name), parameter["description"].to_string());
                let orders = name.split('_').any(|part| ORDERING.contains(&part));
                if orders && (!ORDERED.contains(&named) || about.contains("staff") || about.contains("score")) {
                    found.push(format!("{path} orders by `{name}`"));
                }
                if name.split('_').any(|part| PERSONAL.contains(&part)) && !OF_PERSONS.contains(&named) {
                    found.push(format!("{path} lists by `{name}`"));
                }
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let has = |words: &[&str]| words.iter().any(|word| schema["properties"].get(word).is_some());
        if has(PERSONAL) && has(&ORDERING[2..5]) && !SCORED.contains(&name.as_str()) {
            found.push(format!("{name} has a score of somebody"));
        }
    }
    found
}

#[test]
fn no_operation_orders_or_lists_staff_by_what_was_found_about_them() {
    assert_eq!(against_it(&document()), Vec::<String>::new());
}

#[test]
fn an_operation_that_did_would_be_found() {
    let mut changed = document();
    let sort = json!({"in": "query", "name": "sort", "description": "`rate`"});
    let staff = json!({"in": "query", "name": "staff", "description": "Whose"});
    changed["paths"]["/v1/quality/rates"]["get"]["parameters"] = json!([sort]);
    changed["paths"]["/v1/review"]["get"]["parameters"] = json!([staff]);
    changed["paths"]["/v1/staff/{id}/flags"] = json!({"get": {}});
    changed["components"]["schemas"]["StaffItem"]["properties"]["rank"] = json!({"type": "integer"});
    let found = against_it(&changed).join("\n");
    for what in [
        "orders by `sort`",
        "lists by `staff`",
        "somebody else's flags",
        "StaffItem",
    ] {
        assert!(found.contains(what), "{what}: {found}");
    }
}
