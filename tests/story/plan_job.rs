//! Plans as long work: watched, stopped, taken over, and made once.

use std::time::Duration;

use doorstep_domain::measure::Micros;
use serde_json::{Value, json};

use crate::harness::{Answered, Deployment, sample};

stories!(
    a_plan_is_made_while_nobody_waits,
    a_plan_that_is_stopped_keeps_what_was_found,
    a_plan_that_is_discarded_leaves_nothing,
    a_plan_whose_process_died_is_made_by_another,
    a_plan_that_cannot_be_made_says_why,
    a_plan_in_the_making_is_its_teams_own,
);

/// More than a search does before somebody stops it.
const ENDLESS: u64 = 1_000_000;

async fn begin(site: &Deployment, iterations: u64) -> String {
    let request = json!({"first_day": "2026-11-23", "iterations": iterations, "seconds": 300, "without_notice": true});
    let answer = site.supervisor.post("/v1/plan-jobs", &request).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.done()["id"].as_str().unwrap().to_owned()
}

async fn look(site: &Deployment, job: &str) -> Value {
    site.supervisor.get(&format!("/v1/plan-jobs/{job}")).await.done()
}

async fn stop(site: &Deployment, job: &str, discard: bool) -> Answered {
    let path = format!("/v1/plan-jobs/{job}/stop");
    site.supervisor.post(&path, &json!({"discard": discard})).await
}

/// Looks until the job is as wanted; it only ever moves forward.
async fn until(site: &Deployment, job: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut before = 0;
    loop {
        let seen = look(site, job).await;
        let done = seen["done_permille"].as_u64().unwrap();
        assert!(before <= done && done <= 1_000, "{before} then {seen}");
        before = done;
        if wanted(&seen) {
            return seen;
        }
        assert_ne!(seen["state"], "failed", "{seen}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn is_over(job: &Value) -> bool {
    job["state"] != "waiting" && job["state"] != "running"
}

async fn a_plan_is_made_while_nobody_waits(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let waited_for = site.proposed_plan().await;
    let entries = site.entries().await;
    let job = begin(site, 300).await;
    let over = until(site, &job, is_over).await;
    assert_eq!((&over["state"], &over["phase"]), (&json!("done"), &json!("storing")));
    assert_eq!(
        (&over["done_permille"], &over["iterations"]),
        (&json!(1000), &json!(300))
    );
    // One entry of the read, one of the plan.
    assert_eq!(site.entries().await - entries, 2);
    let path = format!("/v1/plans/{}", over["plan"].as_str().unwrap());
    let plan = site.supervisor.get(&path).await.done();
    // The same request gives the same plan, waited for or not.
    for name in ["state", "planned", "left_out", "objective", "reasons"] {
        assert_eq!(plan[name], waited_for[name], "{name}");
    }
    assert_eq!(
        (&over["planned"], &over["best_objective"]),
        (&plan["planned"], &plan["objective"])
    );
    assert!(
        stop(site, &job, false).await.done()["state"] == "done",
        "what is over stays as it is"
    );
    site.publish(&plan).await.done();
}

async fn a_plan_that_is_stopped_keeps_what_was_found(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let job = begin(site, ENDLESS).await;
    let seen = until(site, &job, |job| job["iterations"].as_u64().unwrap() > 0).await;
    assert_eq!((&seen["state"], &seen["phase"]), (&json!("running"), &json!("search")));
    assert!(seen["best_objective"].is_i64() && seen["plan"].is_null(), "{seen}");
    stop(site, &job, false).await.done();
    let over = until(site, &job, is_over).await;
    assert_eq!(over["state"], "stopped", "{over}");
    assert!(over["iterations"].as_u64().unwrap() < ENDLESS);
    let path = format!("/v1/plans/{}", over["plan"].as_str().unwrap());
    let plan = site.supervisor.get(&path).await.done();
    assert_eq!((&plan["state"], &plan["findings"]), (&json!("proposed"), &json!([])));
    assert!(plan["objective"].as_i64().unwrap() >= seen["best_objective"].as_i64().unwrap());
    site.publish(&plan).await.done();
    site.export().await.holds();
}

async fn a_plan_that_is_discarded_leaves_nothing(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-cases.csv")).await;
    let job = begin(site, ENDLESS).await;
    until(site, &job, |job| job["phase"] == "search").await;
    stop(site, &job, true).await.done();
    // Who thinks better of it is too late.
    stop(site, &job, false).await.done();
    let over = until(site, &job, is_over).await;
    assert_eq!((&over["state"], &over["plan"]), (&json!("stopped"), &Value::Null));
    assert_eq!(site.rows("plan").await, 0);
}

async fn a_plan_whose_process_died_is_made_by_another(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let job = begin(site, ENDLESS).await;
    until(site, &job, |job| job["iterations"].as_u64().unwrap() > 0).await;
    // The server ends and gives it back; a process that takes it then dies without a word.
    site.stop().await;
    let dead = site.another_process().await;
    let now = dead.now();
    let lease = now + Micros::from_seconds(15);
    let taken = dead.store().job_take("plan", "dead", now, lease).await.unwrap();
    assert_eq!(taken.unwrap().attempts, 2);
    dead.store().close().await;
    site.restart().await;
    site.clock.forward(16);
    until(site, &job, |job| job["state"] == "running" && job["phase"] == "search").await;
    stop(site, &job, false).await.done();
    let over = until(site, &job, is_over).await;
    assert_eq!(over["state"], "stopped");
    assert!(over["plan"].is_string(), "{over}");
    assert_eq!(site.rows("plan").await, 1);
}

async fn a_plan_that_cannot_be_made_says_why(site: &mut Deployment) {
    let request = json!({"first_day": "2026-11-23"});
    let job = site.supervisor.post("/v1/plan-jobs", &request).await.done();
    let path = format!("/v1/plan-jobs/{}", job["id"].as_str().unwrap());
    let over = loop {
        let seen = site.supervisor.get(&path).await.done();
        if is_over(&seen) {
            break seen;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(
        (&over["state"], &over["problem"]["code"]),
        (&json!("failed"), &json!("nothing-to-plan"))
    );
    assert!(
        over["problem"]["detail"]
            .as_str()
            .unwrap()
            .contains("doorstep case import")
    );
    assert_eq!(site.rows("plan").await, 0);
}

async fn a_plan_in_the_making_is_its_teams_own(site: &mut Deployment) {
    site.has_porto_staff().await;
    site.supervisor.import(sample("porto-messy.csv")).await;
    let key = |request: reqwest::RequestBuilder| request.header("Idempotency-Key", "once");
    let body = json!({"first_day": "2026-11-23", "iterations": 50});
    let ask = || key(site.supervisor.request(reqwest::Method::POST, "/v1/plan-jobs")).json(&body);
    let first = site.supervisor.send(ask()).await.done();
    let again = site.supervisor.send(ask()).await.done();
    assert_eq!(first["id"], again["id"]);
    let job = first["id"].as_str().unwrap();
    until(site, job, is_over).await;
    assert_eq!(site.rows("plan").await, 1);
    let path = format!("/v1/plan-jobs/{job}");
    assert_eq!(site.auditor.get(&path).await.done()["state"], "done");
    let stop = site.auditor.post(&format!("{path}/stop"), &json!({})).await;
    stop.problem("not-allowed");
    site.administrator.get(&path).await.problem("not-allowed");
    let made = site
        .administrator
        .post("/v1/agencies", &json!({"name": "Helpers"}))
        .await
        .done();
    let ids = |name: &str| made[name].as_str().unwrap().parse().unwrap();
    let request = doorstep_app::setup::StaffRequest {
        login: "stranger",
        name: "stranger",
        role: doorstep_domain::staff::Role::Supervisor,
        team: Some(doorstep_domain::id::TeamId(ids("team"))),
        agency: Some(doorstep_domain::id::AgencyId(ids("id"))),
        password: crate::harness::PASSWORD,
    };
    site.app().create_staff(site.made.tenant, &request).await.unwrap();
    let stranger = site.anonymous.sign_in("stranger", crate::harness::PASSWORD).await;
    stranger.get(&path).await.problem("not-found");
    stranger
        .post(&format!("{path}/stop"), &json!({}))
        .await
        .problem("not-found");
}
