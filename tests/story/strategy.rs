//! Strategies: what comes next with a case and why nothing else does; plans take only whom a visit comes next for, or whom a
//! supervisor asked for by name.

use reqwest::Method;
use serde_json::{Value, json};

use super::loans::{daily, has_card, land, row};
use super::payments::paid;
use crate::harness::{Answered, Client, Deployment, sample};

stories!(
    a_case_goes_from_light_to_heavy_and_says_why,
    what_is_said_of_hardship_keeps_the_door_away,
    what_is_told_after_the_plan_was_made_counts_at_once,
    a_hardship_that_is_told_calls_off_the_visit_ahead,
    a_case_that_falls_behind_again_has_another_reason,
    a_strategy_that_cannot_be_meant_is_refused_with_its_line,
    plans_take_only_whom_a_visit_comes_next_for,
    without_visits_everything_else_works,
);

const HEADER: &str = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n";

/// A strategy of three steps.
pub(super) const SHORT: &str = "format = 1\n\
    [[step]]\nid = \"m1-call\"\nstage = \"M1\"\nchannel = \"call\"\nwho = \"office\"\nreason = \"unknown\"\n\
    times_max = 3\nevery_days = 1\n\
    [[step]]\nid = \"m2-letter\"\nstage = \"M2\"\nchannel = \"letter\"\nwho = \"office\"\n\
    [[step]]\nid = \"m2-visit\"\nstage = \"M2\"\nchannel = \"visit\"\nwho = \"field\"\nafter = \"step\"\nwait_days = 3\n\
    times_max = 2\nevery_days = 7\n";

/// Cases in Porto: the first in M1, two in M2, one in M3+. It is the 23rd of November.
pub(super) async fn has_cases(site: &Deployment) {
    let file = [
        HEADER,
        "P-1,card,Invented One,+351910000001,Rua Um 1,41.1579,-8.6291,420.50,EUR,2026-11-13,\n",
        "P-2,card,Invented Two,+351910000002,Rua Dois 2,41.1589,-8.6281,420.50,EUR,2026-10-10,\n",
        "P-3,card,Invented Three,+351910000003,Rua Tres 3,41.1569,-8.6301,420.50,EUR,2026-10-11,\n",
        "P-4,card,Invented Four,+351910000004,Rua Quatro 4,41.1559,-8.6311,420.50,EUR,2026-08-01,\n",
    ];
    let report = site.supervisor.import(file.concat()).await;
    assert_eq!(report["created"], 4, "{report}");
}

pub(super) async fn set(site: &Deployment, document: &str) -> Answered {
    let portfolios = site.administrator.items("/v1/portfolios").await;
    let card = portfolios.iter().find(|one| one["name"] == "card").unwrap();
    let path = format!("/v1/portfolios/{}/strategy", card["id"].as_str().unwrap());
    let before = site.administrator.get(&path).await.done();
    let request = site.administrator.request(Method::PUT, &path);
    let request = request.header("If-Match", format!("\"{}\"", before["version"]));
    let body = json!({"file": "own.toml", "document": document});
    site.administrator.send(request.json(&body)).await
}

pub(super) async fn path_of(client: &Client, number: &str, noun: &str) -> String {
    let case = client.case(number).await;
    format!("/v1/cases/{}/{noun}", case["id"].as_str().unwrap())
}

pub(super) async fn next(client: &Client, number: &str, day: &str) -> Value {
    let path = path_of(client, number, "next").await;
    client.get(&format!("{path}?day={day}")).await.done()
}

fn told(next: &Value) -> [&str; 3] {
    ["action", "step", "why"].map(|field| next[field].as_str().unwrap_or("-"))
}

/// Records a contact some days ago, at noon.
pub(super) async fn contact(
    site: &Deployment,
    number: &str,
    (channel, outcome, days_ago): (&str, &str, i64),
    more: Value,
) {
    let case = site.supervisor.case(number).await;
    let at = site.app().now().get() - days_ago * 86_400_000_000;
    let mut body = json!({"case": case["id"], "channel": channel, "outcome": outcome, "at": at});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    site.supervisor.post("/v1/contacts", &body).await.done();
}

async fn a_case_goes_from_light_to_heavy_and_says_why(site: &mut Deployment) {
    has_cases(site).await;
    // By the strategy that comes along, which no plan goes by until somebody sets one.
    let first = next(&site.supervisor, "P-1", "2026-11-23").await;
    assert_eq!(told(&first), ["message", "m1-message", "due"], "{first}");
    assert_eq!(
        (&first["stage"], &first["own"], &first["who"]),
        (&json!("M1"), &json!(false), &json!("office"))
    );
    assert_eq!(first["stage_since"], "2026-11-14");
    let others = first["others"].as_array().unwrap();
    let why = |step: &str| others.iter().find(|one| one["step"] == step).unwrap()["why"].clone();
    assert_eq!(
        (why("m2-visit"), why("m1-call")),
        (json!("other-stage"), json!("later"))
    );
    contact(site, "P-1", ("message", "DELIVERED", 0), json!({"step": "m1-message"})).await;
    let second = next(&site.supervisor, "P-1", "2026-11-23").await;
    assert_eq!(told(&second), ["call", "m1-call", "due"], "{second}");
    contact(site, "P-1", ("call", "CONNECTED", 0), json!({"reason": "forgot"})).await;
    let known = next(&site.supervisor, "P-1", "2026-11-24").await;
    assert_eq!(
        told(&known),
        ["wait", "-", "nothing-left"],
        "nobody asks twice: {known}"
    );
    // A legal bundle comes after the notice, in its time, and is noted only when it is next.
    let steps = path_of(&site.supervisor, "P-4", "steps").await;
    let early = site.supervisor.post(&steps, &json!({"step": "m3plus-bundle"})).await;
    early.problem("rule-blocked");
    site.supervisor
        .post(&steps, &json!({"step": "m3plus-notice"}))
        .await
        .problem("bad-request");
    site.supervisor
        .post(&steps, &json!({"step": "nothing"}))
        .await
        .problem("not-found");
    contact(
        site,
        "P-4",
        ("letter", "DELIVERED", 15),
        json!({"step": "m3plus-notice"}),
    )
    .await;
    let bundle = next(&site.supervisor, "P-4", "2026-11-23").await;
    assert_eq!(told(&bundle), ["bundle", "m3plus-bundle", "due"], "{bundle}");
    let done = site
        .supervisor
        .post(&steps, &json!({"step": "m3plus-bundle"}))
        .await
        .done();
    assert_eq!(told(&done), ["wait", "m3plus-bureau", "notice-missing"], "{done}");
    assert_eq!(done["when"], "2026-11-29");
    // The notice is old enough then, and the case so long in its stage a day later.
    let bureau = next(&site.supervisor, "P-4", "2026-11-30").await;
    assert_eq!(told(&bureau), ["bureau", "m3plus-bureau", "due"], "{bureau}");
    let export = site.export().await;
    assert_eq!(export.count("step.done"), 1);
    export.holds();
}

async fn what_is_said_of_hardship_keeps_the_door_away(site: &mut Deployment) {
    has_cases(site).await;
    set(site, SHORT).await.done();
    contact(site, "P-2", ("letter", "DELIVERED", 5), json!({})).await;
    let visit = next(&site.supervisor, "P-2", "2026-11-23").await;
    assert_eq!(
        (told(&visit), &visit["own"]),
        (["visit", "m2-visit", "due"], &json!(true)),
        "{visit}"
    );
    contact(site, "P-2", ("call", "CONNECTED", 0), json!({"reason": "illness"})).await;
    let ill = next(&site.supervisor, "P-2", "2026-11-23").await;
    assert_eq!(told(&ill), ["review", "m2-visit", "protected"], "{ill}");
    assert_eq!((&ill["because"], &ill["lenient"]), (&json!("illness"), &json!(true)));
    let wrong = json!({"case": site.supervisor.case("P-2").await["id"], "channel": "call", "reason": "laziness"});
    let problem = site
        .supervisor
        .post("/v1/contacts", &wrong)
        .await
        .problem("bad-request");
    assert_eq!(problem["place"], "reason", "{problem}");
    // What is known of the person stops everything, and a rule that forbids is named.
    let restrictions = path_of(&site.supervisor, "P-3", "restrictions").await;
    site.supervisor
        .post(&restrictions, &json!({"kind": "moratorium"}))
        .await
        .done();
    let stopped = next(&site.supervisor, "P-3", "2026-11-23").await;
    assert_eq!(told(&stopped), ["none", "-", "stopped"], "{stopped}");
    assert_eq!(stopped["because"], "moratorium");
    let stranger = super::roles::of_another_team(site).await;
    let path = path_of(&site.supervisor, "P-3", "next").await;
    stranger.get(&path).await.problem("purpose-needed");
    site.auditor.get(&format!("{path}?purpose=inspection")).await.done();
}

/// A call in which somebody gave a reason.
fn called(reason: &str, case: &Value) -> Value {
    json!({"case": case, "channel": "call", "outcome": "CONNECTED", "reason": reason})
}

/// A visit of a crew's day as it is now.
async fn as_planned(site: &Deployment, visit: &Value) -> Value {
    let visits = site.supervisor.items("/v1/visits").await;
    visits.into_iter().find(|one| one["id"] == visit["visit"]).unwrap()
}

async fn what_is_told_after_the_plan_was_made_counts_at_once(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    let path = format!("/v1/cases/{}", visit["case"].as_str().unwrap());
    site.supervisor
        .post("/v1/contacts", &called("forgot", &visit["case"]))
        .await
        .done();
    assert_eq!(
        as_planned(site, visit).await["state"],
        "planned",
        "what was forgotten is no reason to stay away"
    );
    // Whoever says on the phone that they owe nothing disputes the debt, whatever field it is written into.
    site.supervisor
        .post("/v1/contacts", &called("dispute", &visit["case"]))
        .await
        .done();
    let off = as_planned(site, visit).await;
    assert_eq!(off["state"], "cancelled", "{off}");
    let case = site.supervisor.get(&path).await.done();
    assert!(case["flags"].as_array().unwrap().contains(&json!("disputed")), "{case}");
    let kept = site.supervisor.items(&format!("{path}/restrictions")).await;
    assert!(
        kept.iter()
            .any(|one| one["kind"] == "disputed" && one["source"] == "office"),
        "{kept:?}"
    );
    // Another reason that is told later takes nothing off: that takes two.
    site.supervisor
        .post("/v1/contacts", &called("forgot", &visit["case"]))
        .await
        .done();
    let case = site.supervisor.get(&path).await.done();
    assert!(case["flags"].as_array().unwrap().contains(&json!("disputed")), "{case}");
    // A plan that was made before somebody told of an illness is not published any more.
    site.clock.forward(86_400);
    site.sign_everybody_in().await;
    let plan = site.proposed_plan_for("2026-11-25").await;
    let shown = site
        .supervisor
        .get(&format!("/v1/plans/{}", plan["id"].as_str().unwrap()))
        .await
        .done();
    let ill = shown["routes"][0]["visits"][0]["case"].clone();
    site.supervisor
        .post("/v1/contacts", &called("illness", &ill))
        .await
        .done();
    let refused = site.publish(&plan).await.problem("plan-outdated");
    assert_eq!(refused["rules"], json!(["STRATEGY-PROTECTED"]), "{refused}");
    let export = site.export().await;
    assert_eq!(export.count("visit.withdrawn"), 1);
    export.holds();
}

async fn a_hardship_that_is_told_calls_off_the_visit_ahead(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let [told, written, other] = [0, 1, 2].map(|place| &day.visits[place]);
    let tell = async |reason: &str, visit: &Value| {
        let told = called(reason, &visit["case"]);
        site.supervisor.post("/v1/contacts", &told).await.done();
    };
    tell("illness", told).await;
    assert_eq!(as_planned(site, told).await["state"], "cancelled");
    // A later word of something else does not bring the visit back.
    tell("forgot", told).await;
    assert_eq!(as_planned(site, told).await["state"], "cancelled");
    let path = format!("/v1/cases/{}", written["case"].as_str().unwrap());
    let case = site.supervisor.get(&path).await.done();
    let row = |reason: &str, minute: u8| {
        let number = case["case_no"].as_str().unwrap();
        format!("case_no,channel,at,outcome,reason\n{number},call,2026-11-23 05:{minute:02},CONNECTED,{reason}\n")
    };
    for (reason, minute, state) in [("cash-flow", 0, "planned"), ("lost-job", 1, "cancelled")] {
        let file = row(reason, minute);
        let report = site.supervisor.upload("/v1/contacts/import", file).await.done();
        assert_eq!(report["recorded"], 1, "{report}");
        assert_eq!(as_planned(site, written).await["state"], state);
    }
    assert_eq!(
        as_planned(site, other).await["state"],
        "planned",
        "nobody told of a hardship"
    );
    let export = site.export().await;
    assert_eq!(export.count("visit.withdrawn"), 2);
    export.holds();
}

async fn a_case_that_falls_behind_again_has_another_reason(site: &mut Deployment) {
    has_card(site).await;
    let rows = [
        row("L-1", "2026-11-13", 1, [100, 10, 0, 1], "2026-11-23"),
        row("L-1", "2027-01-03", 2, [100, 10, 0, 1], "2026-11-23"),
    ];
    land(site, &rows).await;
    daily(site).await;
    contact(site, "L-1", ("call", "CONNECTED", 0), json!({"reason": "illness"})).await;
    let lenient = async |site: &Deployment, day: &str| next(&site.supervisor, "L-1", day).await["lenient"].clone();
    assert_eq!(lenient(site, "2026-11-23").await, true);
    let all = "R-1,L-1,card,2026-11-23,111.00,EUR,payment,";
    paid(site, &[all]).await;
    assert_eq!(site.supervisor.case("L-1").await["status"], "settled");
    // A debit that bounces is no other life: the illness stays.
    paid(site, &[&all.replace("payment", "reversal")]).await;
    daily(site).await;
    assert_eq!(site.supervisor.case("L-1").await["status"], "open");
    assert_eq!(lenient(site, "2026-11-23").await, true);
    paid(site, &[&all.replace("R-1", "R-2")]).await;
    site.clock.forward(40 * 86_400);
    site.sign_everybody_in().await;
    daily(site).await;
    assert_eq!(
        site.supervisor.case("L-1").await["status"],
        "open",
        "the next instalment is near"
    );
    let again = next(&site.supervisor, "L-1", "2027-01-10").await;
    assert_eq!(again["lenient"], false, "{again}");
    let others = again["others"].as_array().unwrap();
    assert!(
        others.iter().all(|one| one["why"] != "reason-known"),
        "somebody asks again: {again}"
    );
    let export = site.export().await;
    assert_eq!(export.count("case.updated"), 1, "and the log says so");
    export.holds();
}

async fn a_strategy_that_cannot_be_meant_is_refused_with_its_line(site: &mut Deployment) {
    has_cases(site).await;
    let visit_first =
        SHORT
            .replacen("channel = \"call\"", "channel = \"visit\"", 1)
            .replacen("\"office\"", "\"field\"", 1);
    for (document, part) in [
        (SHORT.replace("wait_days = 3", "wait_days = -3"), "own.toml:21"),
        (visit_first, "the lighter comes first"),
        (format!("{SHORT}colour = 1\n"), "unknown field `colour`"),
        (
            SHORT.replace("format = 1", "format = 1\nvisits = false"),
            "own.toml:19: `visits = false` forbids visits",
        ),
    ] {
        let problem = set(site, &document).await.problem("bad-request");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains(part) && detail.contains("own.toml:"),
            "{part}: {detail}"
        );
    }
    set(site, SHORT).await.done();
}

fn planned(plan: &Value) -> u64 {
    plan["planned"].as_u64().unwrap()
}

async fn why(site: &Deployment, plan: &Value, number: &str) -> Value {
    let case = site.supervisor.case(number).await;
    let path = format!(
        "/v1/plans/{}/why/{}",
        plan["id"].as_str().unwrap(),
        case["id"].as_str().unwrap()
    );
    site.supervisor.get(&path).await.done()
}

async fn plans_take_only_whom_a_visit_comes_next_for(site: &mut Deployment) {
    site.has_porto_staff().await;
    has_cases(site).await;
    let free = site.proposed_plan().await;
    assert_eq!(
        planned(&free),
        4,
        "without a strategy of its own only the rules count: {free}"
    );
    set(site, SHORT).await.done();
    contact(site, "P-2", ("letter", "DELIVERED", 5), json!({})).await;
    let plan = site.proposed_plan().await;
    assert_eq!(planned(&plan), 1, "{plan}");
    assert!(why(site, &plan, "P-2").await["planned"].is_object());
    let letter = why(site, &plan, "P-3").await;
    assert_eq!(letter["reason"], "strategy-not-next", "{letter}");
    assert!(
        letter["sentence"].as_str().unwrap().contains("write a letter"),
        "{letter}"
    );
    // Somebody who looked at the file asks for it by name, which is an entry; what protects is not asked away.
    let asks = path_of(&site.supervisor, "P-3", "visit-asks").await;
    site.auditor
        .post(&asks, &json!({"reason": "reviewed"}))
        .await
        .problem("not-allowed");
    site.supervisor
        .post(&asks, &json!({"reason": "because"}))
        .await
        .problem("bad-request");
    site.supervisor.post(&asks, &json!({"reason": "reviewed"})).await.done();
    contact(site, "P-1", ("call", "CONNECTED", 0), json!({"reason": "lost-job"})).await;
    let asks = path_of(&site.supervisor, "P-1", "visit-asks").await;
    site.supervisor.post(&asks, &json!({"reason": "reviewed"})).await.done();
    let plan = site.proposed_plan().await;
    assert!(why(site, &plan, "P-3").await["planned"].is_object(), "{plan}");
    assert_eq!(planned(&plan), 2, "{plan}");
    assert_eq!(
        why(site, &plan, "P-1").await["reason"],
        "strategy-not-next",
        "nobody comes to the door of whoever lost their work"
    );
    site.clock.forward(15 * 86_400);
    site.sign_everybody_in().await;
    let later = site.proposed_plan_for("2026-12-09").await;
    assert_eq!(
        why(site, &later, "P-3").await["reason"],
        "strategy-not-next",
        "what was asked for is over"
    );
    let export = site.export().await;
    assert_eq!(export.count("visit.asked"), 2);
    export.holds();
}

async fn without_visits_everything_else_works(site: &mut Deployment) {
    site.has_porto_staff().await;
    has_cases(site).await;
    contact(site, "P-2", ("letter", "DELIVERED", 5), json!({})).await;
    let before = site.proposed_plan().await;
    assert!(planned(&before) > 0, "{before}");
    set(site, "format = 1\nvisits = false\n").await.done();
    let refused = site.publish(&before).await.problem("plan-outdated");
    assert_eq!(refused["rules"], json!(["STRATEGY-NO-VISITS"]), "{refused}");
    let plan = site.proposed_plan().await;
    assert_eq!(planned(&plan), 0, "{plan}");
    let reason = why(site, &plan, "P-2").await;
    assert_eq!(reason["reason"], "strategy-no-visits", "{reason}");
    assert!(
        reason["sentence"].as_str().unwrap().contains("visits = false"),
        "{reason}"
    );
    let asks = path_of(&site.supervisor, "P-2", "visit-asks").await;
    site.supervisor
        .post(&asks, &json!({"reason": "reviewed"}))
        .await
        .problem("rule-blocked");
    let call = next(&site.supervisor, "P-1", "2026-11-23").await;
    assert_eq!(told(&call), ["message", "m1-message", "due"], "{call}");
    let letter = next(&site.supervisor, "P-3", "2026-11-23").await;
    assert_eq!(told(&letter), ["letter", "m2-letter", "due"], "{letter}");
}
