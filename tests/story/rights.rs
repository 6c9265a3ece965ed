//! Rights of the visited: what they say counts at once and sticks, one of the office alone takes nothing of it away, and
//! what they agreed to ends when they say so.

use doorstep_device::{DeviceError, FinishInput, StartInput};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use serde_json::{Value, json};

use crate::harness::{Client, CrewDay, Deployment, checked_in, ending, id_of, sample};

stories!(
    a_restriction_withdraws_the_visit_and_takes_two_to_lift,
    a_ban_bars_the_hours_it_names_and_nothing_else,
    what_a_crew_hears_protects_the_person_in_all_their_cases,
    the_lenders_flags_are_lifted_with_who_and_why,
    an_override_takes_two_and_what_nobody_lifts_stays,
    a_withdrawn_consent_counts_at_once,
    a_visit_that_rested_on_a_consent_goes_with_it,
    what_is_said_again_is_not_lifted_by_an_older_answer,
);

fn case_path(visit: &Value, noun: &str) -> String {
    format!("/v1/cases/{}/{noun}", visit["case"].as_str().unwrap())
}

async fn restrict(client: &Client, visit: &Value, body: Value) -> Vec<Value> {
    let page = client.post(&case_path(visit, "restrictions"), &body).await.done();
    page["items"].as_array().unwrap().clone()
}

async fn lift(client: &Client, visit: &Value, body: Value) -> Value {
    let page = client.post(&case_path(visit, "restrictions/lift"), &body).await.done();
    page["items"].as_array().unwrap().last().unwrap().clone()
}

async fn answer(site: &Deployment, approval: &Value, approve: bool) {
    let path = format!("/v1/approvals/{}/answer", approval.as_str().unwrap());
    site.administrator
        .post(&path, &json!({"approve": approve}))
        .await
        .done();
}

async fn state_of(site: &Deployment, visit: &Value) -> Value {
    let visits = site.supervisor.items("/v1/visits").await;
    visits.iter().find(|one| one["id"] == visit["visit"]).unwrap()["state"].clone()
}

async fn flags_of(site: &Deployment, visit: &Value) -> Value {
    let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
    site.supervisor.get(&path).await.done()["flags"].clone()
}

async fn is_flagged(site: &Deployment, visit: &Value, flag: &str) -> bool {
    flags_of(site, visit).await.as_array().unwrap().contains(&json!(flag))
}

fn both(day: &CrewDay) -> StartInput {
    StartInput {
        staff: day.staff.iter().map(|one| id_of(&one["id"])).collect(),
        identity_shown: true,
        ..StartInput::default()
    }
}

async fn a_restriction_withdraws_the_visit_and_takes_two_to_lift(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let (visit, other) = (&day.visits[0], &day.visits[1]);
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    let stops = device.route().await.unwrap().stops.len();
    let items = restrict(
        &site.supervisor,
        visit,
        json!({"kind": "hardship", "words": "lost the job in October, letter of the employer"}),
    )
    .await;
    let put_on = items.last().unwrap();
    assert_eq!(
        (&put_on["kind"], &put_on["source"]),
        (&json!("hardship"), &json!("office"))
    );
    assert_eq!(put_on["words"], "lost the job in October, letter of the employer");
    assert_eq!(state_of(site, visit).await, "cancelled");
    assert_eq!(state_of(site, other).await, "planned", "nobody else's is touched");
    // The crew learns that the visit is off and why, and not any more whom it was to.
    device.pull().await.unwrap();
    let route = device.route().await.unwrap();
    assert_eq!(route.stops.len(), stops - 1);
    assert!(route.stops.iter().all(|stop| stop.visit != id_of(&visit["visit"])));
    assert_eq!(route.withdrawn.len(), 1, "{route:?}");
    assert_eq!(route.withdrawn[0].rule, "HOUSE-ROUTE-HARDSHIP");
    let doors = device.doors().await.unwrap();
    let door = doors.iter().find(|door| door.visit == id_of(&visit["visit"])).unwrap();
    let said = [&door.name, &door.phone, &door.address, &door.facts];
    assert!(said.iter().all(|text| text.is_empty()), "{door:?}");
    site.when_it_starts(visit);
    site.sign_everybody_in().await;
    let refused = device
        .visit_start(id_of(&visit["visit"]), both(&day))
        .await
        .unwrap_err();
    let DeviceError::Blocked(reasons) = &refused else {
        panic!("{refused}")
    };
    assert!(
        reasons.iter().any(|one| one.rule() == "HOUSE-ROUTE-HARDSHIP"),
        "{reasons:?}"
    );
    takes_two_to_lift(site, visit).await;
}

/// One alone lifts nothing, and cannot be both.
async fn takes_two_to_lift(site: &Deployment, visit: &Value) {
    let why = json!({"kind": "hardship", "reason": "resolved", "words": "new contract seen"});
    let asked = lift(&site.supervisor, visit, why).await;
    assert_eq!(asked["lifted_at"], Value::Null, "{asked}");
    assert!(is_flagged(site, visit, "hardship").await);
    let path = format!("/v1/approvals/{}/answer", asked["approval"].as_str().unwrap());
    let own = site.supervisor.post(&path, &json!({"approve": true})).await;
    own.problem("approval-needed");
    // Whoever is to agree sees to what; who opens no cases is not told which one.
    let waits = |items: Vec<Value>| items.into_iter().find(|one| one["id"] == asked["approval"]).unwrap();
    let seen = waits(site.supervisor.items("/v1/approvals").await);
    assert_eq!((&seen["case"], &seen["what"]), (&visit["case"], &json!("hardship")));
    assert!(seen["asked_by_login"].is_string(), "{seen}");
    let by_other = waits(site.administrator.items("/v1/approvals").await);
    assert_eq!((&by_other["case"], &by_other["what"]), (&Value::Null, &Value::Null));
    answer(site, &asked["approval"], true).await;
    let listed = site.supervisor.items(&case_path(visit, "restrictions")).await;
    let lifted = listed.last().unwrap();
    assert_eq!(
        (&lifted["lifted_why"], &lifted["approval"]),
        (&json!("resolved"), &Value::Null)
    );
    assert!(!is_flagged(site, visit, "hardship").await);
    assert_eq!(
        state_of(site, visit).await,
        "cancelled",
        "a withdrawn visit is planned anew, or not at all"
    );
    let export = site.export().await;
    for kind in [
        "case.restricted",
        "visit.withdrawn",
        "restriction.lifted",
        "approval.asked",
        "approval.answered",
    ] {
        assert_eq!(export.count(kind), 1, "{kind}");
    }
    let log = export.log_text();
    assert!(!log.contains("employer") && !log.contains("contract seen"));
    export.holds();
}

async fn a_ban_bars_the_hours_it_names_and_nothing_else(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    for (body, place) in [
        (json!({"kind": "ban", "hours": "late"}), "hours"),
        (json!({"kind": "ban", "channels": ["pigeon"]}), "channels"),
        (json!({"kind": "ban", "until": 1}), "until"),
        (json!({"kind": "hardship", "hours": "09:00-10:00"}), "kind"),
        (json!({"kind": "sad"}), "kind"),
    ] {
        let refused = site.supervisor.post(&case_path(visit, "restrictions"), &body).await;
        assert_eq!(refused.problem("bad-request")["place"], place, "{body}");
    }
    let calls = json!({"kind": "ban", "channels": ["call"]});
    restrict(&site.supervisor, visit, calls).await;
    assert_eq!(state_of(site, visit).await, "planned", "only calls are barred");
    let evening = json!({"kind": "ban", "channels": ["visit"], "hours": "19:30-20:00"});
    restrict(&site.supervisor, visit, evening).await;
    assert_eq!(state_of(site, visit).await, "planned", "the visit is at another hour");
    let today = json!({"kind": "ban", "until": visit["ends"].as_i64().unwrap() + 1});
    let items = restrict(&site.supervisor, visit, today).await;
    assert_eq!(state_of(site, visit).await, "cancelled");
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    assert_eq!(device.route().await.unwrap().withdrawn[0].rule, "RIGHTS-BANS");
    // One ban is lifted by its id, the others stand.
    let why = json!({"kind": "ban", "reason": "person-asked", "words": "called back"});
    let path = case_path(visit, "restrictions/lift");
    let without = site.supervisor.post(&path, &why).await;
    assert_eq!(without.problem("bad-request")["place"], "id");
    let mut why = why;
    why["id"] = items[0]["id"].clone();
    site.supervisor.post(&path, &why).await.done();
    let listed = site.supervisor.items(&case_path(visit, "restrictions")).await;
    answer(site, &listed[0]["approval"], true).await;
    let listed = site.supervisor.items(&case_path(visit, "restrictions")).await;
    let lifted: Vec<bool> = listed.iter().map(|one| !one["lifted_at"].is_null()).collect();
    assert_eq!(lifted, [true, false, false]);
}

async fn what_a_crew_hears_protects_the_person_in_all_their_cases(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    let device = site.device(&day.staff[0]).await;
    device.pull().await.unwrap();
    site.when_it_starts(visit);
    let started = checked_in(&device, visit, &day.staff).await;
    site.clock.forward(600);
    let input = FinishInput {
        matter: Some(MatterOutcome::Vulnerable),
        ..ending(&started, ContactOutcome::MetBorrower)
    };
    device.visit_finish(id_of(&visit["visit"]), input).await.unwrap();
    device.push().await.unwrap();
    site.sign_everybody_in().await;
    let listed = site.supervisor.items(&case_path(visit, "restrictions")).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    let said = &listed[0];
    assert_eq!((&said["kind"], &said["source"]), (&json!("vulnerable"), &json!("door")));
    assert_eq!((&said["visit"], &said["by"]), (&visit["visit"], &day.staff[0]["login"]));
    assert_eq!(said["lifted_by_two"], true);
    assert_eq!(site.export().await.count("case.restricted"), 1);
    // The same said again is one restriction.
    device.push().await.unwrap();
    assert_eq!(site.supervisor.items(&case_path(visit, "restrictions")).await.len(), 1);
}

async fn the_lenders_flags_are_lifted_with_who_and_why(site: &mut Deployment) {
    site.supervisor.import(sample("porto-messy.csv")).await;
    let cases = site.supervisor.items("/v1/cases?limit=100").await;
    let is_flagged = |case: &&Value| case["flags"].as_array().unwrap().contains(&json!("disputed"));
    let case = cases.iter().find(is_flagged).unwrap();
    let visit = json!({"case": case["id"]});
    let listed = site.supervisor.items(&case_path(&visit, "restrictions")).await;
    let disputed = listed.iter().find(|one| one["kind"] == "disputed").unwrap();
    assert_eq!((&disputed["source"], &disputed["id"]), (&json!("file"), &Value::Null));
    let why = json!({"kind": "disputed", "reason": "resolved", "words": "answered in writing"});
    let asked = lift(&site.supervisor, &visit, why).await;
    assert_eq!(asked["source"], "file", "{asked}");
    // A second person who refuses leaves it where it is.
    answer(site, &asked["approval"], false).await;
    assert_eq!(flags_of(site, &visit).await, case["flags"]);
    let nothing = json!({"kind": "bereaved", "reason": "over", "words": "it never was"});
    let path = case_path(&visit, "restrictions/lift");
    site.supervisor.post(&path, &nothing).await.problem("not-found");
}

/// The rules that forbid a visit to a case now.
async fn forbidding(site: &Deployment, visit: &Value) -> Vec<String> {
    let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
    let case = site.supervisor.get(&path).await.done();
    let findings = case["verdict"]["findings"].as_array().unwrap();
    let forbids = findings
        .iter()
        .filter(|one| one["effect"] == "block" || one["effect"] == "route");
    forbids.map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

async fn an_override_takes_two_and_what_nobody_lifts_stays(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    let path = case_path(visit, "consents");
    let until = site.app().now().get() + 20 * 86_400_000_000;
    let body = |rule: &str, given: &str| {
        json!({"scope": "rule", "rule": rule, "given": given, "until": until, "reason": "person-asked",
               "words": "the person asked us to come once more"})
    };
    let refused = site
        .supervisor
        .post(&path, &body("HOUSE-STOP-CEASE", "two_persons"))
        .await;
    assert_eq!(refused.problem("rule-blocked")["rules"], json!(["HOUSE-STOP-CEASE"]));
    let alone = site
        .supervisor
        .post(&path, &body("HOUSE-FREQ-CASE", "supervisor"))
        .await;
    assert_eq!(alone.problem("bad-request")["place"], "given");
    let mut endless = body("HOUSE-FREQ-CASE", "two_persons");
    endless["until"] = json!(until + 11 * 86_400_000_000_i64);
    assert_eq!(
        site.supervisor.post(&path, &endless).await.problem("bad-request")["place"],
        "until"
    );
    let page = site
        .supervisor
        .post(&path, &body("HOUSE-FREQ-CASE", "two_persons"))
        .await
        .done();
    let asked = &page["items"][0];
    assert_eq!(asked["state"], "asked");
    answer(site, &asked["approval"], true).await;
    let consent = site.supervisor.items(&path).await.remove(0);
    assert_eq!(
        (&consent["state"], &consent["approval"]),
        (&json!("given"), &Value::Null)
    );
    let export = site.export().await;
    assert_eq!(export.count("rule.overridden"), 1);
    assert!(export.log_text().contains("person-asked"));
    export.holds();
    // One that is taken back before the second person agreed was never given, and cannot be agreed to any more.
    site.clock.forward(60);
    let again = body("HOUSE-FREQ-CASE", "two_persons");
    let page = site.supervisor.post(&path, &again).await.done();
    let asked = &page["items"][1];
    let withdraw = format!("/v1/consents/{}/withdraw", asked["id"].as_str().unwrap());
    let page = site.supervisor.post(&withdraw, &Value::Null).await.done();
    assert_eq!(page["items"][1]["state"], "refused");
    let late = format!("/v1/approvals/{}/answer", asked["approval"].as_str().unwrap());
    let late = site.administrator.post(&late, &json!({"approve": true})).await;
    late.problem("changed");
}

async fn what_is_said_again_is_not_lifted_by_an_older_answer(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    restrict(&site.supervisor, visit, json!({"kind": "hardship"})).await;
    let why = json!({"kind": "hardship", "reason": "resolved", "words": "new contract seen"});
    let asked = lift(&site.supervisor, visit, why.clone()).await;
    site.clock.forward(60);
    restrict(
        &site.supervisor,
        visit,
        json!({"kind": "hardship", "words": "lost it again"}),
    )
    .await;
    let path = format!("/v1/approvals/{}/answer", asked["approval"].as_str().unwrap());
    let late = site.administrator.post(&path, &json!({"approve": true})).await;
    late.problem("changed");
    assert!(
        flags_of(site, visit)
            .await
            .as_array()
            .unwrap()
            .contains(&json!("hardship"))
    );
    answer(site, &asked["approval"], false).await;
    // Whoever asks now knows of both.
    site.clock.forward(60);
    lift(&site.supervisor, visit, why).await;
    let listed = site.supervisor.items(&case_path(visit, "restrictions")).await;
    answer(site, &listed[0]["approval"], true).await;
    assert!(
        !flags_of(site, visit)
            .await
            .as_array()
            .unwrap()
            .contains(&json!("hardship"))
    );
}

async fn a_withdrawn_consent_counts_at_once(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    // Late in the evening, when nobody is to ring.
    site.clock.forward(86_400);
    site.sign_everybody_in().await;
    let now = site.app().now().get();
    let to_night = (21 * 3_600 - (now / 1_000_000).rem_euclid(86_400)).rem_euclid(86_400);
    site.clock.forward(to_night);
    site.sign_everybody_in().await;
    assert!(forbidding(site, visit).await.contains(&"HOUSE-HOURS".to_owned()));
    let path = case_path(visit, "consents");
    let body = json!({"scope": "hours", "given": "consent", "words": "works by day, asked for nine in the evening"});
    let page = site.supervisor.post(&path, &body).await.done();
    assert!(!forbidding(site, visit).await.contains(&"HOUSE-HOURS".to_owned()));
    let withdraw = format!("/v1/consents/{}/withdraw", page["items"][0]["id"].as_str().unwrap());
    for _ in 0..2 {
        let page = site.supervisor.post(&withdraw, &Value::Null).await.done();
        assert_eq!(page["items"][0]["state"], "withdrawn");
    }
    assert!(forbidding(site, visit).await.contains(&"HOUSE-HOURS".to_owned()));
    let export = site.export().await;
    assert_eq!(
        (export.count("consent.noted"), export.count("consent.withdrawn")),
        (1, 1)
    );
}

/// Publishes a visit at nine in the evening, which the person asked for, and takes that back.
async fn a_visit_that_rested_on_a_consent_goes_with_it(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    let path = case_path(visit, "consents");
    let body = json!({"scope": "hours", "given": "consent", "words": "works by day, asked for nine in the evening"});
    let page = site.supervisor.post(&path, &body).await.done();
    // The office moves it to the evening, as a plan made for that hour would.
    let evening = visit["starts"].as_i64().unwrap() / 86_400_000_000 * 86_400_000_000 + 75_600_000_000;
    let sql = format!(
        "UPDATE visit SET planned_start = {evening}, planned_end = {} WHERE state = 'planned'",
        evening + 1_200_000_000
    );
    assert!(site.app().store().tamper(String::leak(sql)).await.unwrap() > 1);
    let withdraw = format!("/v1/consents/{}/withdraw", page["items"][0]["id"].as_str().unwrap());
    site.supervisor.post(&withdraw, &Value::Null).await.done();
    assert_eq!(state_of(site, visit).await, "cancelled");
    // Nobody else's went: the others never rested on it.
    let visits = site.supervisor.items("/v1/visits?state=cancelled").await;
    assert_eq!(visits.len(), 1, "{visits:?}");
    let export = site.export().await;
    assert_eq!(export.count("visit.withdrawn"), 1);
    export.holds();
}
