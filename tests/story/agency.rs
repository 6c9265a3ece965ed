//! What an agency, which lives from visits, cannot do alone: have a consent count that it noted itself, or visit without notice.

use reqwest::Method;
use serde_json::{Value, json};

use super::roles::{Agency, has_staff, with_agency};
use crate::harness::{Answered, Client, Deployment, lines_of, sample};

stories!(
    a_consent_that_an_agency_noted_waits_for_the_creditor,
    an_agency_visits_without_notice_only_where_the_creditor_agreed,
);

async fn answered(client: &Client, approval: &Value, approve: bool) -> Answered {
    let path = format!("/v1/approvals/{}/answer", approval.as_str().unwrap());
    client.post(&path, &json!({"approve": approve})).await
}

/// The agency's first case, of some that it imported.
async fn case_of(agency: &Agency) -> Value {
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 40);
    agency.supervisor.import(file).await;
    agency.supervisor.items("/v1/cases?limit=50").await.remove(0)
}

async fn a_consent_that_an_agency_noted_waits_for_the_creditor(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let case = case_of(&agency).await;
    let path = format!("/v1/cases/{}/consents", case["id"].as_str().unwrap());
    let says = |given: &str, scope: &str| json!({"scope": scope, "given": given, "words": "said so at the door"});
    for scope in ["hours", "frequency", "place", "notice"] {
        site.clock.forward(1);
        let page = agency
            .supervisor
            .post(&path, &says("written_consent", scope))
            .await
            .done();
        let noted = page["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&noted["state"], &noted["scope"]), (&json!("asked"), &json!(scope)));
        assert!(noted["approval"].is_string(), "{noted}");
    }
    // Neither the agency answers for itself, nor may it say that a court or the office allowed it.
    let asked = agency.supervisor.items(&path).await;
    answered(&agency.supervisor, &asked[0]["approval"], true)
        .await
        .problem("not-allowed");
    for given in ["court", "two_persons"] {
        let request = json!({"scope": "rule", "rule": "HOUSE-FREQ-CASE", "given": given, "words": "so they say",
                             "reason": "ordered", "until": site.app().now().get() + 86_400_000_000_i64});
        agency.supervisor.post(&path, &request).await.problem("not-allowed");
    }
    site.clock.forward(60);
    answered(&agency.head_office, &asked[0]["approval"], true).await.done();
    answered(&agency.head_office, &asked[1]["approval"], false).await.done();
    let now = agency.supervisor.items(&path).await;
    let states: Vec<&str> = now.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["given", "refused", "asked", "asked"]);
    assert_eq!(
        now[0]["from"].as_i64().unwrap(),
        site.app().now().get(),
        "it lifts nothing from before the second person agreed"
    );
    // The creditor's own needs nobody else.
    let own = site.supervisor.clone();
    own.import(lines_of(&sample("porto-cases.csv"), |line| (40..50).contains(&line)))
        .await;
    let case = own.items("/v1/cases?limit=50").await.remove(0);
    let path = format!("/v1/cases/{}/consents", case["id"].as_str().unwrap());
    let page = own.post(&path, &says("consent", "hours")).await.done();
    assert_eq!(
        (&page["items"][0]["state"], &page["items"][0]["approval"]),
        (&json!("given"), &Value::Null)
    );
    let export = site.export().await;
    assert_eq!(export.count("consent.noted"), 4 + 1 + 1);
    assert_eq!(export.count("consent.withdrawn"), 1);
    export.holds();
}

async fn publish(client: &Client, plan: &Value, query: &str) -> Answered {
    let path = format!("/v1/plans/{}/publish{query}", plan["id"].as_str().unwrap());
    let request = client.request(Method::POST, &path);
    client
        .send(request.header("If-Match", format!("\"{}\"", plan["version"])))
        .await
}

async fn an_agency_visits_without_notice_only_where_the_creditor_agreed(site: &mut Deployment) {
    let agency = with_agency(site).await;
    has_staff(site, &agency).await;
    let file = lines_of(&sample("porto-cases.csv"), |line| line < 40);
    agency.supervisor.import(file).await;
    let request = json!({"first_day": "2026-11-23", "iterations": 200, "without_notice": true});
    let plan = agency.supervisor.post("/v1/plans", &request).await.done();
    assert!(plan["planned"].as_u64().unwrap() > 0, "{plan}");
    let refused = publish(&agency.supervisor, &plan, "?without_notice=unreachable").await;
    assert!(
        refused.problem("approval-needed")["detail"]
            .as_str()
            .unwrap()
            .contains("notice.waive")
    );
    let ask = |reason: &str, subject: &Value| json!({"kind": "notice.waive", "subject": subject, "reason": reason});
    let asks = async |reason: &str| agency.supervisor.post("/v1/approvals", &ask(reason, &plan["id"])).await;
    asks("retention-over").await.problem("bad-request");
    let elsewhere = ask("unreachable", &json!(agency.id));
    agency
        .supervisor
        .post("/v1/approvals", &elsewhere)
        .await
        .problem("not-found");
    // Erasing is still asked for by the creditor alone.
    let erase = json!({"kind": "person.erase", "subject": plan["id"], "reason": "person-asked"});
    agency
        .supervisor
        .post("/v1/approvals", &erase)
        .await
        .problem("not-allowed");
    let asked = asks("unreachable").await.done();
    let query = |reason: &str| format!("?without_notice={reason}&approval={}", asked["id"].as_str().unwrap());
    let early = publish(&agency.supervisor, &plan, &query("unreachable")).await;
    early.problem("approval-needed");
    answered(&agency.supervisor, &asked["id"], true)
        .await
        .problem("not-allowed");
    answered(&agency.head_office, &asked["id"], true).await.done();
    // For the reason that was agreed to, and no other.
    let other = publish(&agency.supervisor, &plan, &query("person-asked")).await;
    other.problem("approval-needed");
    let done = publish(&agency.supervisor, &plan, &query("unreachable")).await.done();
    assert_eq!(done["planned"], plan["planned"]);
    // It served once.
    let again = agency.supervisor.post("/v1/plans", &request).await.done();
    let used = publish(&agency.supervisor, &again, &query("unreachable")).await;
    used.problem("approval-needed");
    let export = site.export().await;
    assert_eq!(export.count("plan.published"), 1);
    assert!(export.log_text().contains(asked["id"].as_str().unwrap()));
    export.holds();
}
