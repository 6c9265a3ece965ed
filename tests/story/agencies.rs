//! Agencies: who is not on the white list, not evaluated in time or past its contract is sent to no door.

use doorstep_app::setup::StaffRequest;
use doorstep_domain::id::{AgencyId, TeamId};
use doorstep_domain::staff::Role;
use serde_json::{Value, json};

use crate::harness::{Client, Deployment, PASSWORD, sample};

stories!(
    an_agency_is_sent_only_while_it_is_listed_and_evaluated,
    a_contract_is_renewed_only_after_an_evaluation,
    what_was_written_of_an_agency_is_sealed_and_the_creditors,
);

const TOMORROW: &str = "2026-11-24";

struct Agency {
    id: String,
    supervisor: Client,
    head_office: Client,
}

impl Agency {
    fn path(&self, what: &str) -> String {
        format!("/v1/agencies/{}{what}", self.id)
    }
}

/// A lender with an agency in Hangzhou that has cases and crews there.
async fn with_agency(site: &Deployment) -> Agency {
    let name = json!({"name": "Helpers"});
    let made = site.administrator.post("/v1/agencies", &name).await.done();
    let id = |name: &str| made[name].as_str().unwrap().parse().unwrap();
    let (agency, team) = (AgencyId(id("id")), TeamId(id("team")));
    for (login, agency, team) in [
        ("agency-supervisor", Some(agency), Some(team)),
        ("head-office", None, None),
    ] {
        let request = StaffRequest {
            login,
            name: login,
            role: Role::Supervisor,
            team,
            agency,
            password: PASSWORD,
        };
        site.app().create_staff(site.made.tenant, &request).await.unwrap();
    }
    let staff = format!("/v1/staff/import?team={team}");
    let staff = site.administrator.upload(&staff, sample("hangzhou-staff-gb18030.csv"));
    assert_eq!(staff.await.done()["added"], json!(12));
    let head_office = site.anonymous.sign_in("head-office", PASSWORD).await;
    let given = head_office.upload("/v1/imports?agency=Helpers", sample("hangzhou-cases-gb18030.csv"));
    given.await.done();
    Agency {
        id: agency.to_string(),
        supervisor: site.anonymous.sign_in("agency-supervisor", PASSWORD).await,
        head_office,
    }
}

async fn plan(agency: &Agency) -> Value {
    let request = json!({"first_day": TOMORROW, "iterations": 100, "without_notice": true});
    agency.supervisor.post("/v1/plans", &request).await.done()
}

/// For how many cases a plan names the rule of agencies.
fn stopped(plan: &Value) -> u64 {
    let reasons = plan["reasons"].as_array().unwrap();
    let of_rule = reasons.iter().find(|one| one["reason"] == "CN-AGY-1");
    of_rule.map_or(0, |one| one["cases"].as_u64().unwrap())
}

async fn publish(agency: &Agency, plan: &Value) -> crate::harness::Answered {
    let path = format!(
        "/v1/plans/{}/publish?without_notice=demonstration",
        plan["id"].as_str().unwrap()
    );
    // Without notice an agency publishes only what the creditor agreed to (tests/story/agency.rs).
    let request = agency.head_office.request(reqwest::Method::POST, &path);
    agency
        .head_office
        .send(request.header("If-Match", format!("\"{}\"", plan["version"])))
        .await
}

async fn an_agency_is_sent_only_while_it_is_listed_and_evaluated(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let ready = plan(&agency).await;
    assert!(
        ready["planned"].as_u64().unwrap() > 0 && stopped(&ready) == 0,
        "{}",
        ready["reasons"]
    );
    // The last evaluation was a year and a day before the visits.
    let old = json!({"result": "pass", "words": "as agreed", "day": "2025-11-23"});
    let shown = site.administrator.post(&agency.path("/evaluations"), &old).await.done();
    assert_eq!(
        (&shown["evaluation_due"], &shown["is_due_soon"]),
        (&json!("2026-11-23"), &json!(true)),
        "{shown}"
    );
    let refused = publish(&agency, &ready).await.problem("plan-outdated");
    assert_eq!(refused["rules"], json!(["CN-AGY-1"]), "{refused}");
    let none = plan(&agency).await;
    assert!(none["planned"] == json!(0) && stopped(&none) > 0, "{}", none["reasons"]);
    let words = none["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["reason"] == "CN-AGY-1")
        .unwrap();
    assert_eq!(words["words"], "The agency's evaluation was due by 2026-11-23.");
    // A day more is enough for the visits.
    let enough = json!({"result": "conditions", "words": "two badges were missing", "day": "2025-11-24"});
    site.administrator
        .post(&agency.path("/evaluations"), &enough)
        .await
        .done();
    let again = plan(&agency).await;
    assert_eq!((again["planned"].as_u64().unwrap() > 0, stopped(&again)), (true, 0));
    publish(&agency, &again).await.done();
    // Who fails leaves the list, and gets no more cases either.
    let fails = json!({"result": "fail", "words": "they shouted"});
    let shown = site
        .administrator
        .post(&agency.path("/evaluations"), &fails)
        .await
        .done();
    assert_eq!(
        (&shown["listed"], &shown["listings"]),
        (&json!(false), &json!([])),
        "{shown}"
    );
    let none = plan(&agency).await;
    assert!(none["planned"] == json!(0) && stopped(&none) > 0, "{}", none["reasons"]);
    let export = site.export().await;
    export.holds();
    assert_eq!(
        (export.count("agency.evaluated"), export.count("agency.listed")),
        (3, 1)
    );
}

async fn a_contract_is_renewed_only_after_an_evaluation(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let portfolios = site.administrator.items("/v1/portfolios").await;
    let portfolio = portfolios[0]["id"].clone();
    let past = json!({"until": "2026-11-22"});
    site.administrator
        .post(&agency.path("/listings"), &past)
        .await
        .problem("bad-request");
    // Only for one portfolio, and only until today: tomorrow the contract is over.
    let off = site
        .administrator
        .request(reqwest::Method::PUT, &agency.path("/listed"));
    let off = site.administrator.send(off.json(&json!({"listed": false}))).await;
    assert_eq!(off.status, 204, "{}", off.text());
    let today = json!({"portfolio": portfolio, "until": "2026-11-23"});
    let shown = site.administrator.post(&agency.path("/listings"), &today).await.done();
    assert_eq!(shown["listings"][0]["until"], "2026-11-23", "{shown}");
    let none = plan(&agency).await;
    assert!(none["planned"] == json!(0) && stopped(&none) > 0, "{}", none["reasons"]);
    let next = json!({"portfolio": portfolio, "until": "2027-11-23"});
    site.administrator
        .post(&agency.path("/listings"), &next)
        .await
        .problem("not-allowed");
    let old = json!({"result": "pass", "words": "as agreed", "day": "2026-08-24"});
    site.administrator.post(&agency.path("/evaluations"), &old).await.done();
    site.administrator
        .post(&agency.path("/listings"), &next)
        .await
        .problem("not-allowed");
    let fresh = json!({"result": "pass", "words": "as agreed", "day": "2026-08-25"});
    site.administrator
        .post(&agency.path("/evaluations"), &fresh)
        .await
        .done();
    let shown = site.administrator.post(&agency.path("/listings"), &next).await.done();
    assert_eq!(shown["listings"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(shown["listings"][0]["portfolio"], portfolios[0]["name"], "{shown}");
    assert!(plan(&agency).await["planned"].as_u64().unwrap() > 0);
}

async fn what_was_written_of_an_agency_is_sealed_and_the_creditors(site: &mut Deployment) {
    let agency = with_agency(site).await;
    let ahead = json!({"result": "pass", "words": "seen", "day": "2026-11-24"});
    site.administrator
        .post(&agency.path("/evaluations"), &ahead)
        .await
        .problem("bad-request");
    let said = json!({"result": "pass", "words": "their clerk Mei was rude"});
    site.administrator
        .post(&agency.path("/evaluations"), &said)
        .await
        .done();
    let read = site.administrator.items(&agency.path("/evaluations")).await;
    assert_eq!(
        (&read[0]["words"], &read[0]["by"]),
        (&said["words"], &json!("admin")),
        "{read:?}"
    );
    agency
        .supervisor
        .get(&agency.path("/evaluations"))
        .await
        .problem("not-allowed");
    agency
        .supervisor
        .post(&agency.path("/evaluations"), &said)
        .await
        .problem("not-allowed");
    agency
        .supervisor
        .post(&agency.path("/listings"), &json!({}))
        .await
        .problem("not-allowed");
    // A row that somebody else wrote lists nobody.
    let forged = "UPDATE agency_listing SET until_day = 99999";
    assert!(site.app().store().tamper(forged).await.unwrap() > 0);
    let answered = site.administrator.get("/v1/agencies").await;
    assert!(answered.status >= 500, "{}", answered.text());
}
