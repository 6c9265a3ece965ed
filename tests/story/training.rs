//! Training: what was chosen is judged by the rules, a pass of all renews the certificate, and after an incident a talk is due.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::training::choice_of;
use crate::harness::{Client, Deployment, PASSWORD};

stories!(
    a_run_is_judged_by_the_rules_and_a_wrong_choice_names_them,
    a_pass_of_all_renews_the_certificate_and_only_its_owner_sees_answers,
    the_right_choice_has_no_place_of_its_own,
);

const SCENARIOS: [&str; 6] = [
    "refused-door",
    "child-opens",
    "wrong-person",
    "threat",
    "hardship",
    "asked-to-leave",
];

async fn begin(client: &Client, scenario: &str) -> Value {
    client
        .post("/v1/training/runs", &json!({"scenario": scenario}))
        .await
        .done()
}

async fn answer(client: &Client, run: &Value, choice: usize) -> Value {
    let path = format!("/v1/training/runs/{}/answers", run["id"].as_str().unwrap());
    let after = run["judged"].as_array().unwrap().len();
    client
        .post(&path, &json!({"after": after, "choice": choice}))
        .await
        .done()
}

/// Goes through a scenario by what is right in every situation.
async fn passes(client: &Client, scenario: &str) -> Value {
    let mut run = begin(client, scenario).await;
    while !run["situation"].is_null() {
        run = answer(client, &run, choice_of(&run, "right")).await;
    }
    assert_eq!(run["state"], "passed", "{run}");
    run
}

async fn a_run_is_judged_by_the_rules_and_a_wrong_choice_names_them(site: &mut Deployment) {
    let client = &site.supervisor;
    let listed = client.items("/v1/training").await;
    assert_eq!(listed.len(), SCENARIOS.len());
    client
        .post("/v1/training/runs", &json!({"scenario": "none"}))
        .await
        .problem("not-found");
    let run = begin(client, "child-opens").await;
    let path = format!("/v1/training/runs/{}/answers", run["id"].as_str().unwrap());
    client
        .post(&path, &json!({"after": 0, "choice": 9}))
        .await
        .problem("bad-request");
    let again = client.get(path.strip_suffix("/answers").unwrap()).await.done();
    assert_eq!(again["situation"], run["situation"], "the order of a run stays");
    let wrong = choice_of(&run, "wrong");
    let chosen = run["situation"]["choices"][wrong - 1].clone();
    let run = answer(client, &run, wrong).await;
    let judged = &run["judged"][0];
    assert_eq!(
        (&judged["grade"], &judged["choice"]),
        (&json!("wrong"), &chosen),
        "{run}"
    );
    assert!(judged["rule"].as_str().unwrap().starts_with("HOUSE-"), "{run}");
    client
        .post(&path, &json!({"after": 0, "choice": 1}))
        .await
        .problem("changed");
    assert_eq!(
        begin(client, "child-opens").await["id"],
        run["id"],
        "an open run goes on"
    );
    let run = answer(client, &run, choice_of(&run, "right")).await;
    assert_eq!((&run["state"], &run["situation"]), (&json!("failed"), &json!(null)));
    site.clock.forward(60);
    assert_ne!(passes(client, "child-opens").await["id"], run["id"]);
    let results = client.items("/v1/training/results").await;
    let passed: Vec<&Value> = results.iter().map(|one| &one["passed"]).collect();
    assert_eq!(passed, [&json!(false), &json!(true)]);
    let export = site.export().await;
    assert_eq!(
        (export.count("training.started"), export.count("training.ended")),
        (2, 2)
    );
}

async fn a_pass_of_all_renews_the_certificate_and_only_its_owner_sees_answers(site: &mut Deployment) {
    let staff = site.has_porto_staff().await;
    let one = &staff[0];
    let login = one["login"].as_str().unwrap().to_owned();
    let path = format!("/v1/staff/{}/password", one["id"].as_str().unwrap());
    let put = site
        .administrator
        .request(Method::PUT, &path)
        .json(&json!({"password": "first-password"}));
    site.administrator.send(put).await.done();
    let field = site.anonymous.first_sign_in(&login, "first-password", PASSWORD).await;
    let credentials = format!("/v1/staff/{}/credentials", one["id"].as_str().unwrap());
    let note = json!({"kind": "certificate", "until": "2026-12-24"});
    site.administrator.post(&credentials, &note).await.done();
    let run = begin(&field, "child-opens").await;
    let run = answer(&field, &run, choice_of(&run, "wrong")).await;
    let ended = answer(&field, &run, choice_of(&run, "right")).await;
    assert_eq!(ended["state"], "failed");
    site.clock.forward(60);
    let mut last = Value::Null;
    for scenario in SCENARIOS {
        last = passes(&field, scenario).await;
    }
    assert_eq!(
        (&last["left"], &last["certificate_until"]),
        (&json!([]), &json!("2027-11-23")),
        "{last}"
    );
    let held = site.supervisor.items(&credentials).await;
    let current = |kind: &str| {
        held.iter()
            .find(|one| one["kind"] == kind && one["ended_at"].is_null())
            .cloned()
    };
    assert_eq!(current("certificate").unwrap()["until"], "2027-11-23", "{held:?}");
    assert!(current("training").is_some(), "{held:?}");
    let results = site
        .supervisor
        .items(&format!("/v1/training/results?staff={login}"))
        .await;
    assert_eq!(
        results.len(),
        SCENARIOS.len(),
        "what was not passed is nobody else's to see"
    );
    assert_eq!(field.items("/v1/training/results").await.len(), SCENARIOS.len() + 1);
    assert!(
        results
            .iter()
            .all(|one| one["passed"] == json!(true) && one.get("judged").is_none())
    );
    let run = format!("/v1/training/runs/{}", last["id"].as_str().unwrap());
    site.supervisor.get(&run).await.problem("not-found");
    field
        .get("/v1/training/results?staff=supervisor")
        .await
        .problem("not-allowed");
}

async fn the_right_choice_has_no_place_of_its_own(site: &mut Deployment) {
    let mut places = std::collections::BTreeSet::new();
    for scenario in SCENARIOS.iter().cycle().take(4 * SCENARIOS.len()) {
        let mut run = begin(&site.supervisor, scenario).await;
        while !run["situation"].is_null() {
            let right = choice_of(&run, "right");
            places.insert(right);
            run = answer(&site.supervisor, &run, right).await;
        }
    }
    assert!(places.len() > 1, "the right choice is always {places:?}");
}
