//! The contact log: who asks before a call is told no in time, what was made all the same is taken and flagged, files of
//! contacts land row by row, and of a number nothing stays that could be read.

use reqwest::Method;
use serde_json::{Value, json};

use super::roles::of_another_team;
use crate::harness::{Client, Deployment, csv_cells};

stories!(
    the_fourth_connected_call_is_refused_before_it_is_made,
    what_was_forbidden_is_taken_and_flagged,
    unanswered_calls_count_by_number,
    calls_count_where_a_visit_is_judged,
    nobody_is_called_who_asked_for_it_or_at_night,
    a_file_of_contacts_lands_row_by_row,
    a_call_of_a_file_counts_for_whoever_made_it,
    an_outcome_that_comes_later_is_added,
    a_refusal_that_is_ignored_raises_the_pressure,
    what_is_sealed_of_contacts_goes_with_the_person,
);

const HEADER: &str = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n";
const CONTACTS: &str = "case_no,channel,at,outcome,number\n";
const NUMBER: &str = "138 0000 0001";

/// Cases in Hangzhou, where it is half past two in the afternoon, and one in Boston.
async fn has_cases(site: &Deployment) {
    let file = [
        HEADER,
        "CN-1,card,Invented One,13800000001,1 Invented Road,30.2741,120.1551,420.50,CNY,2026-09-14,\n",
        "CN-2,card,Invented Two,13800000002,2 Invented Road,30.2751,120.1561,420.50,CNY,2026-09-14,\n",
        "CN-3,card,Invented Three,13800000003,3 Invented Road,30.2761,120.1571,420.50,CNY,2026-09-14,cease_contact\n",
        "US-1,card,Invented Four,6175550104,4 Invented Road,42.3601,-71.0589,420.50,USD,2026-09-14,\n",
    ];
    let report = site.supervisor.import(file.concat()).await;
    assert_eq!(report["created"], 4, "{report}");
}

async fn id_of(client: &Client, number: &str) -> Value {
    client.case(number).await["id"].clone()
}

async fn detail(client: &Client, case: &Value) -> Value {
    client
        .get(&format!("/v1/cases/{}", case.as_str().unwrap()))
        .await
        .done()
}

async fn check(client: &Client, case: &Value, channel: &str) -> Value {
    let body = json!({"case": case, "channel": channel});
    client.post("/v1/contacts/check", &body).await.done()
}

async fn call(client: &Client, case: &Value, outcome: &str) -> Value {
    let body = json!({"case": case, "channel": "call", "outcome": outcome, "number": NUMBER});
    client.post("/v1/contacts", &body).await.done()
}

/// The rules of a verdict that have an effect.
fn rules_with(verdict: &Value, effect: &str) -> Vec<String> {
    let findings = verdict["findings"].as_array().unwrap().iter();
    let found = findings.filter(|finding| finding["effect"] == effect);
    found
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

async fn the_fourth_connected_call_is_refused_before_it_is_made(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "CN-1").await;
    for _ in 0..3 {
        let asked = check(&site.supervisor, &case, "call").await;
        assert_eq!(
            (&asked["allowed"], &asked["zone"]),
            (&json!(true), &json!("Asia/Shanghai")),
            "{asked}"
        );
        let made = call(&site.supervisor, &case, "CONNECTED").await;
        assert_eq!(made["rules"], json!([]), "{made}");
        site.clock.forward(60);
    }
    let asked = check(&site.supervisor, &case, "call").await;
    assert_eq!(
        (&asked["allowed"], &asked["verdict"]["effect"]),
        (&json!(false), &json!("block")),
        "{asked}"
    );
    assert_eq!(rules_with(&asked["verdict"], "block"), ["CN-FREQ-1"], "{asked}");
    let said = asked["verdict"]["findings"][0]["sentence"].as_str().unwrap();
    assert_eq!(said, "Call: 3 on this day, at most 3.");
    // Another channel and another person are not barred by it; the next day nobody is.
    assert_eq!(check(&site.supervisor, &case, "message").await["allowed"], true);
    let other = id_of(&site.supervisor, "CN-2").await;
    assert_eq!(check(&site.supervisor, &other, "call").await["allowed"], true);
    site.clock.forward(86_400);
    site.sign_everybody_in().await;
    assert_eq!(check(&site.supervisor, &case, "call").await["allowed"], true);
}

async fn what_was_forbidden_is_taken_and_flagged(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "CN-1").await;
    for _ in 0..3 {
        call(&site.supervisor, &case, "MET_BORROWER").await;
    }
    let body = json!({"case": case, "channel": "call", "outcome": "CONNECTED"});
    let keyed = || {
        let request = site.supervisor.request(Method::POST, "/v1/contacts");
        site.supervisor
            .send(request.header("Idempotency-Key", "the-fourth").json(&body))
    };
    let made = keyed().await.done();
    assert_eq!(made["rules"], json!(["CN-FREQ-1"]), "{made}");
    assert_eq!(keyed().await.done(), made, "a repeated request records nothing more");
    assert_eq!(site.rows("contact").await, 4);
    let flagged = site.auditor.items("/v1/contacts/forbidden").await;
    assert_eq!(flagged.len(), 1, "{flagged:?}");
    assert_eq!(
        (&flagged[0]["id"], &flagged[0]["staff"]),
        (&made["id"], &json!("supervisor"))
    );
    let shown = detail(&site.supervisor, &case).await;
    let contacts = shown["contacts"].as_array().unwrap();
    assert_eq!(contacts.len(), 4, "{shown}");
    assert_eq!(
        contacts
            .iter()
            .filter(|one| one["rules"] == json!(["CN-FREQ-1"]))
            .count(),
        1,
        "{shown}"
    );
    assert_eq!(
        (&shown["pressure"]["week"], &shown["pressure"]["band"]),
        (&json!(4), &json!("raised")),
        "{shown}"
    );
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("contact.recorded"), 4);
    assert!(export.log_text().contains("CN-FREQ-1"), "the log names the rule");
    who_may_not_is_refused(site, &case).await;
}

/// Auditors look and change nothing, another team does not see the case, and a request that says nothing is refused.
async fn who_may_not_is_refused(site: &Deployment, case: &Value) {
    let body = json!({"case": case, "channel": "call"});
    let stranger = of_another_team(site).await;
    for path in ["/v1/contacts", "/v1/contacts/check"] {
        site.auditor.post(path, &body).await.problem("not-allowed");
        stranger.post(path, &body).await.problem("not-found");
    }
    assert!(
        stranger.items("/v1/contacts/forbidden").await.is_empty(),
        "another team's"
    );
    let wrong = [
        ("channel", json!({"case": case, "channel": "visit"})),
        (
            "outcome",
            json!({"case": case, "channel": "call", "outcome": "DELIVERED"}),
        ),
        ("at", json!({"case": case, "channel": "call", "at": i64::MAX})),
        ("number", json!({"case": case, "channel": "call", "number": "12"})),
    ];
    for (place, body) in wrong {
        let problem = site.supervisor.post("/v1/contacts", &body).await.problem("bad-request");
        assert_eq!(problem["place"], place, "{problem}");
    }
}

async fn unanswered_calls_count_by_number(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "CN-1").await;
    for _ in 0..5 {
        call(&site.supervisor, &case, "NO_ANSWER").await;
    }
    let asked = |number: Option<&'static str>| {
        let (client, body) = (
            &site.supervisor,
            json!({"case": case, "channel": "call", "number": number}),
        );
        async move { client.post("/v1/contacts/check", &body).await.done() }
    };
    let warned = asked(None).await;
    assert_eq!(rules_with(&warned["verdict"], "warn"), ["CN-FREQ-2-NEAR"], "{warned}");
    // Where nobody noted the number, it counts for each.
    let unknown = json!({"case": case, "channel": "call", "outcome": "NO_ANSWER"});
    site.supervisor.post("/v1/contacts", &unknown).await.done();
    // The number on file, however it is written and with its prefix or without.
    for number in [None, Some("13800000001"), Some("+86 138-0000-0001")] {
        let refused = asked(number).await;
        assert_eq!(rules_with(&refused["verdict"], "block"), ["CN-FREQ-2"], "{refused}");
    }
    assert_eq!(asked(Some("0571 8888 0000")).await["allowed"], true);
}

async fn calls_count_where_a_visit_is_judged(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "US-1").await;
    let judged = |shown: &Value| rules_with(&shown["verdict"], "warn").contains(&"US-FREQ-1-VISIT".to_owned());
    assert!(!judged(&detail(&site.supervisor, &case).await));
    call(&site.supervisor, &case, "MET_BORROWER").await;
    assert!(judged(&detail(&site.supervisor, &case).await));
    let asked = check(&site.supervisor, &case, "call").await;
    assert!(
        rules_with(&asked["verdict"], "block").contains(&"US-FREQ-1-TALK".to_owned()),
        "{asked}"
    );
}

async fn nobody_is_called_who_asked_for_it_or_at_night(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "CN-3").await;
    for channel in ["call", "message"] {
        let asked = check(&site.supervisor, &case, channel).await;
        assert_eq!(rules_with(&asked["verdict"], "block"), ["HOUSE-STOP-CEASE"], "{asked}");
        let said = &asked["verdict"]["findings"][0]["sentence"];
        assert_eq!(said, "Asked for contact to stop: no contact.");
    }
    // 14:30 in Hangzhou is half past one at night in Boston.
    let case = id_of(&site.supervisor, "US-1").await;
    let asked = check(&site.supervisor, &case, "call").await;
    let mut rules = rules_with(&asked["verdict"], "block");
    rules.sort();
    assert_eq!(rules, ["HOUSE-HOURS", "US-TIME-1"], "{asked}");
}

/// A file with what can be wrong in one: four calls of a morning, of which the last is one too many, a letter, and five rows
/// that cannot be taken.
fn file() -> String {
    let rows = [
        "CN-1,call,2026-11-23 09:30,CONNECTED,13800000001\n",
        "CN-1,call,2026-11-23 09:00,CONNECTED,13800000001\n",
        "CN-1,电话,2026/11/23 9:10,已接通,13800000001\n",
        "CN-1,call,2026-11-23T01:20:00Z,connected,13800000001\n",
        "CN-1,letter,2026-11-10 09:00,,\n",
        "NO-1,call,2026-11-23 09:00,NO_ANSWER,13800000002\n",
        "CN-1,visit,2026-11-23 09:00,,\n",
        "CN-1,call,2026-11-23,NO_ANSWER,\n",
        "CN-1,letter,2026-11-20 09:00,CONNECTED,\n",
        "CN-1,call,2026-12-24 09:00,,\n",
    ];
    [CONTACTS, &rows.concat()].concat()
}

async fn a_file_of_contacts_lands_row_by_row(site: &mut Deployment) {
    has_cases(site).await;
    let path = "/v1/contacts/import";
    site.auditor.upload(path, file()).await.problem("not-allowed");
    let preview = site
        .supervisor
        .upload("/v1/contacts/import?dry_run=true", file())
        .await
        .done();
    assert_eq!((&preview["state"], site.rows("contact").await), (&json!("preview"), 0));
    let report = site.supervisor.upload(path, file()).await.done();
    assert_eq!(
        report["counts"],
        json!({"accept": 4, "warn": 1, "reject": 5}),
        "{report}"
    );
    assert_eq!(
        (&report["recorded"], &report["forbidden"]),
        (&json!(5), &json!(1)),
        "{report}"
    );
    assert_eq!(
        preview["counts"], report["counts"],
        "a preview says what the file then does"
    );
    let reasons: Vec<(i64, String)> = report["rows"].as_array().unwrap().iter().map(reason_of).collect();
    let right = [
        (2, "rule-forbade"),
        (7, "unknown-case"),
        (8, "unknown-channel"),
        (9, "date-unreadable"),
        (10, "unknown-outcome"),
        (11, "date-in-future"),
    ];
    assert_eq!(
        reasons,
        right.map(|(line, reason)| (line, reason.to_owned())),
        "{report}"
    );
    // Judged in the order of time: the call of half past nine is the fourth, wherever it stands in the file.
    let flagged = site.supervisor.items("/v1/contacts/forbidden").await;
    assert_eq!(flagged.len(), 1, "{flagged:?}");
    assert_eq!(flagged[0]["rules"], json!(["CN-FREQ-1"]));
    let entries = site.entries().await;
    let again = site.supervisor.upload(path, file()).await.done();
    assert_eq!(again["counts"], json!({"duplicate": 5, "reject": 5}), "{again}");
    assert_eq!((site.rows("contact").await, &again["recorded"]), (5, &json!(0)));
    assert_eq!(
        site.entries().await - entries,
        0,
        "the same readers within five minutes, and no change"
    );

    let back = report["give_back"].as_str().unwrap();
    let cells = csv_cells(back.as_bytes());
    assert_eq!(cells.len(), 6, "only what was refused comes back: {back}");
    assert_eq!(cells[0].last().unwrap(), "doorstep_reason");
    assert!(cells[1][5].starts_with("unknown-case: "), "{back}");
    let corrected = back.replace("NO-1", "CN-2");
    let report = site.supervisor.upload(path, corrected).await.done();
    assert_eq!(report["counts"], json!({"accept": 1, "reject": 4}), "{report}");
    let export = site.export().await;
    export.holds();
    assert_eq!(export.count("contact.recorded"), 6);
    assert!(!export.log_text().contains("13800000001"), "no number is in the log");
}

fn reason_of(row: &Value) -> (i64, String) {
    (
        row["line"].as_i64().unwrap(),
        row["reasons"][0].as_str().unwrap().to_owned(),
    )
}

/// The caller of a file is named in it, or nobody: whoever brings it made none of its calls.
async fn a_call_of_a_file_counts_for_whoever_made_it(site: &mut Deployment) {
    has_cases(site).await;
    let file = "case_no,channel,at,outcome,staff_no\n\
                CN-1,call,2026-11-23 02:00,NO_ANSWER,second\n\
                CN-1,call,2026-11-23 02:10,NO_ANSWER,\n\
                CN-1,call,2026-11-23 02:20,NO_ANSWER,nobody\n";
    let report = site.supervisor.upload("/v1/contacts/import", file).await.done();
    assert_eq!(report["counts"], json!({"warn": 2, "reject": 1}), "{report}");
    let of_last = report["rows"].as_array().unwrap().iter().find(|row| row["line"] == 4);
    assert_eq!(reason_of(of_last.unwrap()).1, "unknown-staff", "{report}");
    let flagged = site.supervisor.items("/v1/contacts/forbidden").await;
    let made_by: Vec<&Value> = flagged.iter().map(|one| &one["staff"]).collect();
    assert_eq!(made_by, [&Value::Null, &json!("second")], "newest first: {flagged:?}");
    site.export().await.holds();
}

async fn an_outcome_that_comes_later_is_added(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "CN-1").await;
    let file = |outcome: &str| format!("{CONTACTS}CN-1,letter,2026-11-10 09:00,{outcome},\n");
    let path = "/v1/contacts/import";
    let ends = [
        ("", "accept"),
        ("DELIVERED", "accept"),
        ("", "duplicate"),
        ("RETURNED", "conflict"),
    ];
    for (outcome, result) in ends {
        let report = site.supervisor.upload(path, file(outcome)).await.done();
        assert_eq!(report["counts"], json!({result: 1}), "{outcome}: {report}");
    }
    let shown = detail(&site.supervisor, &case).await;
    assert_eq!(shown["contacts"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(
        shown["contacts"][0]["outcome"], "DELIVERED",
        "what was known is not taken back"
    );
}

async fn a_refusal_that_is_ignored_raises_the_pressure(site: &mut Deployment) {
    has_cases(site).await;
    let case = id_of(&site.supervisor, "CN-1").await;
    assert_eq!(detail(&site.supervisor, &case).await["pressure"]["band"], "calm");
    call(&site.supervisor, &case, "DECLINED").await;
    assert_eq!(detail(&site.supervisor, &case).await["pressure"]["ignored"], 0);
    let asked = check(&site.supervisor, &case, "call").await;
    assert_eq!(
        rules_with(&asked["verdict"], "block"),
        ["HOUSE-REST-DECLINED"],
        "{asked}"
    );
    for (ignored, band) in [(1, "raised"), (2, "high")] {
        site.clock.forward(3_600 * 2);
        call(&site.supervisor, &case, "NO_ANSWER").await;
        let shown = detail(&site.supervisor, &case).await;
        let pressure = &shown["pressure"];
        assert_eq!(
            (&pressure["ignored"], &pressure["band"]),
            (&json!(ignored), &json!(band)),
            "{pressure}"
        );
    }
    // 18:30 in Hangzhou: one of three.
    assert_eq!(
        detail(&site.supervisor, &case).await["pressure"]["evening_permille"],
        333
    );
}

async fn what_is_sealed_of_contacts_goes_with_the_person(site: &mut Deployment) {
    has_cases(site).await;
    let (case, other) = (
        id_of(&site.supervisor, "CN-1").await,
        id_of(&site.supervisor, "CN-2").await,
    );
    call(&site.supervisor, &case, "CONNECTED").await;
    call(&site.supervisor, &other, "CONNECTED").await;
    assert_eq!(site.rows("contact with a number").await, 2);
    site.erase_person_of(case.as_str().unwrap()).await;
    assert_eq!(
        (site.rows("contact").await, site.rows("contact with a number").await),
        (2, 1)
    );
    let body = json!({"case": case, "channel": "call", "number": NUMBER});
    for path in ["/v1/contacts", "/v1/contacts/check"] {
        site.supervisor.post(path, &body).await.problem("erased");
    }
    let row = format!("{CONTACTS}CN-1,call,2026-11-23 09:00,CONNECTED,13800000001\n");
    let report = site.supervisor.upload("/v1/contacts/import", row).await.done();
    assert_eq!(reason_of(&report["rows"][0]).1, "erased", "{report}");
    site.export().await.holds();
}
