//! Times of calm: after a disaster visits of a region or portfolio stop or thin out, once two persons agreed.

use serde_json::{Value, json};

use super::roles::with_agency;
use super::strategy::{SHORT, contact, has_cases, next, set};
use crate::harness::{Answered, Deployment};

stories!(
    visits_stop_where_a_disaster_was,
    in_a_downturn_visits_thin_out,
    a_time_of_calm_that_cannot_be_meant_is_refused,
);

fn calm(region: &str, mode: &str) -> Value {
    json!({"region": region, "from": "2026-11-20", "until": "2026-12-20", "mode": mode, "reason": "disaster"})
}

async fn approve(site: &Deployment, calm: &Value, approve: bool) -> Answered {
    let path = format!("/v1/approvals/{}/answer", calm["approval"].as_str().unwrap());
    site.administrator.post(&path, &json!({"approve": approve})).await
}

/// What the one time of calm says now.
async fn only(site: &Deployment) -> Value {
    let all = site.auditor.items("/v1/calm").await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

async fn planned_visits(site: &Deployment) -> usize {
    site.supervisor.items("/v1/visits?state=planned").await.len()
}

async fn visits_stop_where_a_disaster_was(site: &mut Deployment) {
    site.has_porto_staff().await;
    has_cases(site).await;
    set(site, SHORT).await.done();
    contact(site, "P-2", ("letter", "DELIVERED", 5), json!({})).await;
    let plan = site.published_plan().await;
    assert_eq!((&plan["planned"], planned_visits(site).await), (&json!(1), 1), "{plan}");
    let elsewhere = site.supervisor.post("/v1/calm", &calm("CN-33", "stop")).await.done();
    assert_eq!(elsewhere["items"][0]["region"], "CN-ZJ", "{elsewhere}");
    approve(site, &elsewhere["items"][0], false).await.done();
    assert_eq!(only(site).await["state"], "refused");
    site.clock.forward(1);
    let asked = site.supervisor.post("/v1/calm", &calm("PT", "stop")).await.done();
    let asked = asked["items"][0].clone();
    assert_eq!(
        (&asked["state"], &asked["asked_by"]),
        (&json!("asked"), &json!("supervisor"))
    );
    assert_eq!(planned_visits(site).await, 1, "nothing before a second person agreed");
    let own = format!("/v1/approvals/{}/answer", asked["approval"].as_str().unwrap());
    site.supervisor
        .post(&own, &json!({"approve": true}))
        .await
        .problem("approval-needed");
    let shown = site.administrator.items("/v1/approvals").await;
    let shown = shown.iter().find(|one| one["id"] == asked["approval"]).unwrap();
    assert!(shown["what"].as_str().unwrap().contains("PT; 2026-11-20"), "{shown}");
    approve(site, &asked, true).await.done();
    assert_eq!(planned_visits(site).await, 0);
    let on = site.auditor.items("/v1/calm").await[0].clone();
    assert_eq!(
        (&on["state"], &on["visits"], &on["answered_by"]),
        (&json!("on"), &json!(1), &json!("admin"))
    );
    let spared = next(&site.supervisor, "P-2", "2026-11-23").await;
    assert_eq!(
        (&spared["why"], &spared["lenient"]),
        (&json!("calm"), &json!(true)),
        "{spared}"
    );
    let plan = site.proposed_plan().await;
    assert_eq!(plan["planned"], 0);
    assert!(
        !plan.to_string().contains("HOUSE-NOTICE"),
        "no notice would help: {plan}"
    );
    assert!(
        plan["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["reason"] == "calm"),
        "{plan}"
    );
    let after = next(&site.supervisor, "P-2", "2026-12-21").await;
    assert_ne!(after["why"], "calm", "{after}");
    // Somebody ends it; a new plan has the visit again, the old one stays withdrawn.
    let end = format!("/v1/calm/{}/end", on["id"].as_str().unwrap());
    site.auditor.post(&end, &json!({})).await.problem("not-allowed");
    site.supervisor.post(&end, &json!({})).await.done();
    site.supervisor.post(&end, &json!({})).await.problem("changed");
    assert_eq!(planned_visits(site).await, 0);
    assert_eq!(site.proposed_plan().await["planned"], 1);
    let export = site.export().await;
    assert_eq!((export.count("calm.changed"), export.count("visit.withdrawn")), (5, 1));
    export.holds();
}

async fn in_a_downturn_visits_thin_out(site: &mut Deployment) {
    site.has_porto_staff().await;
    has_cases(site).await;
    set(site, SHORT).await.done();
    for number in ["P-2", "P-3"] {
        contact(site, number, ("letter", "DELIVERED", 5), json!({})).await;
    }
    let plan = site.proposed_plan().await;
    assert_eq!(plan["planned"], 2, "{plan}");
    let body = json!({"portfolio": portfolio(site).await, "from": "2026-11-01", "until": "2026-12-31", "mode": "thin",
                      "reason": "downturn"});
    let asked = site.supervisor.post("/v1/calm", &body).await.done();
    approve(site, &asked["items"][0], true).await.done();
    // Nobody was there lately, so one visit may be: the plan holds, and what was published is kept.
    let published = site.publish(&plan).await.done();
    assert_eq!(published["planned"], 2);
    assert_eq!(planned_visits(site).await, 2);
    site.clock.forward(1);
    let again = site.supervisor.post("/v1/calm", &body).await.done();
    approve(site, &again["items"][0], true).await.done();
    assert_eq!(planned_visits(site).await, 2, "one in thirty days is left");
}

async fn portfolio(site: &Deployment) -> Value {
    let portfolios = site.administrator.items("/v1/portfolios").await;
    portfolios.iter().find(|one| one["name"] == "card").unwrap()["id"].clone()
}

async fn a_time_of_calm_that_cannot_be_meant_is_refused(site: &mut Deployment) {
    let good = calm("CN-33", "stop");
    for (field, value, place) in [
        ("region", json!("CN-99"), "region"),
        ("region", Value::Null, "portfolio"),
        ("from", json!("2026-12-21"), "until"),
        ("until", json!("2028-01-01"), "until"),
        ("until", json!("soon"), "until"),
        ("mode", json!("rest"), "mode"),
        ("reason", json!("convenience"), "reason"),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let problem = site.supervisor.post("/v1/calm", &wrong).await.problem("bad-request");
        assert_eq!(problem["place"], place, "{problem}");
    }
    let agency = with_agency(site).await;
    agency.supervisor.post("/v1/calm", &good).await.problem("not-allowed");
    assert_eq!(site.rows("calm").await, 0);
}
