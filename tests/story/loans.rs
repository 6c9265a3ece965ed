//! Loans: from instalments in a file to cases that are opened, aged and settled day by day.

use serde_json::{Value, json};

use crate::harness::{Deployment, sample};

stories!(
    a_loan_waits_becomes_a_case_and_ages,
    the_same_loan_file_twice_changes_nothing,
    rows_that_cannot_be_true_send_the_whole_loan_back,
    days_that_nobody_worked_are_caught_up,
    a_case_by_case_file_alone_ages_too,
);

const DAY_S: i64 = 86_400;
/// The header of the loan files of these stories.
const HEAD: &str =
    "loan_no,portfolio,name,phone,address,lat,lon,due_date,instalment,principal,interest,penalty,fees,currency,as_of";

/// A row of a loan of somebody in Porto.
pub(super) fn row(number: &str, due: &str, instalment: i64, parts: [i64; 4], as_of: &str) -> String {
    let [principal, interest, penalty, fees] = parts;
    format!(
        "{number},card,Rui {number},+35191234{:04},Rua Inventada {number} Porto,41.1579,-8.6291,{due},{instalment},\
         {principal},{interest},{penalty},{fees},EUR,{as_of}",
        number.bytes().map(i64::from).sum::<i64>()
    )
}

pub(super) fn file(rows: &[String]) -> Vec<u8> {
    format!("{HEAD}\n{}\n", rows.join("\n")).into_bytes()
}

pub(super) async fn has_card(site: &Deployment) {
    site.administrator
        .post("/v1/portfolios", &json!({"name": "card"}))
        .await
        .done();
}

pub(super) async fn daily(site: &Deployment) -> Value {
    site.supervisor.post("/v1/daily/latest", &json!({})).await.done()
}

pub(super) async fn land(site: &Deployment, rows: &[String]) -> Value {
    site.supervisor.upload("/v1/loans/import", file(rows)).await.done()
}

async fn found(site: &Deployment, number: &str) -> Option<Value> {
    site.supervisor
        .items(&format!("/v1/cases?case_no={number}"))
        .await
        .pop()
}

async fn a_loan_waits_becomes_a_case_and_ages(site: &mut Deployment) {
    has_card(site).await;
    // Today is 2026-11-23: one falls due in ten days, the other was due ten days ago.
    let rows = [
        row("L-1", "2026-12-03", 1, [100, 10, 0, 1], "2026-11-23"),
        row("L-1", "2027-01-03", 2, [100, 10, 0, 1], "2026-11-23"),
        row("L-2", "2026-11-13", 1, [100, 10, 5, 1], "2026-11-23"),
    ];
    let report = land(site, &rows).await;
    assert_eq!(
        (&report["created"], &report["counts"]),
        (&json!(2), &json!({"accept": 3}))
    );
    let done = daily(site).await;
    assert_eq!(
        done["steps"][0]["counts"],
        json!({"opened": 1, "aged": 0, "settled": 0})
    );
    assert!(found(site, "L-1").await.is_none(), "it is not near yet");
    let late = site.supervisor.case("L-2").await;
    assert_eq!((&late["stage"], &late["days_past_due"]), (&json!("M1"), &json!(10)));
    assert_eq!(late["amount"]["total"], 11_600);

    let again = site.entries().await;
    assert_eq!(
        daily(site).await["steps"][0]["counts"],
        json!({"opened": 0, "aged": 0, "settled": 0})
    );
    assert_eq!(site.entries().await, again, "the same day again leaves no entry");

    site.clock.forward(5 * DAY_S);
    site.sign_everybody_in().await;
    daily(site).await;
    let near = site.supervisor.case("L-1").await;
    assert_eq!(
        (&near["stage"], &near["amount"]["total"]),
        (&json!("M0"), &json!(11_100))
    );
    site.clock.forward(6 * DAY_S);
    site.sign_everybody_in().await;
    daily(site).await;
    let (first, late) = (site.supervisor.case("L-1").await, site.supervisor.case("L-2").await);
    assert_eq!((&first["stage"], &first["days_past_due"]), (&json!("M1"), &json!(1)));
    assert_eq!((&late["stage"], &late["days_past_due"]), (&json!("M1"), &json!(21)));
    site.clock.forward(10 * DAY_S);
    site.sign_everybody_in().await;
    daily(site).await;
    assert_eq!(site.supervisor.case("L-2").await["stage"], "M2");
    let books = site.supervisor.get("/v1/books?day=2026-12-14").await.done();
    assert_eq!(books["balanced"], true, "{books}");
    assert_eq!(books["items"][0]["closing"]["total"], 11_100 + 11_600);
    assert_eq!(
        site.supervisor
            .post("/v1/daily/2026-12-01", &json!({}))
            .await
            .problem("day-over")["place"],
        "day"
    );
    site.supervisor
        .post("/v1/daily/2027-12-01", &json!({}))
        .await
        .problem("bad-request");
}

async fn the_same_loan_file_twice_changes_nothing(site: &mut Deployment) {
    has_card(site).await;
    let rows = [
        row("L-1", "2026-11-03", 1, [100, 10, 0, 1], "2026-11-20"),
        row("L-1", "2026-12-03", 2, [100, 10, 0, 1], "2026-11-20"),
    ];
    land(site, &rows).await;
    daily(site).await;
    let before = (site.rows_of_files().await, site.supervisor.case("L-1").await);
    let report = land(site, &rows).await;
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(0)),
        "{report}"
    );
    assert_eq!(report["counts"], json!({"duplicate": 2}));
    let after: Vec<_> = site
        .rows_of_files()
        .await
        .into_iter()
        .filter(|(table, _)| !table.starts_with("import"))
        .collect();
    let kept: Vec<_> = before
        .0
        .into_iter()
        .filter(|(table, _)| !table.starts_with("import") && *table != "payload")
        .collect();
    assert_eq!(
        after
            .into_iter()
            .filter(|(table, _)| *table != "payload")
            .collect::<Vec<_>>(),
        kept
    );
    assert_eq!(site.supervisor.case("L-1").await, before.1);

    // A newer file states an instalment anew; an older one does not take that back.
    let newer = row("L-1", "2026-11-03", 1, [100, 10, 7, 1], "2026-11-22");
    assert_eq!(land(site, std::slice::from_ref(&newer)).await["updated"], 1);
    let older = row("L-1", "2026-11-03", 1, [100, 10, 3, 1], "2026-11-21");
    let report = land(site, &[older]).await;
    assert_eq!(report["rows"][0]["reasons"], json!(["older-than-known"]));
    daily(site).await;
    assert_eq!(site.supervisor.case("L-1").await["amount"]["total"], 11_800);
    let books = site.supervisor.get("/v1/books").await.done();
    assert_eq!(
        (&books["balanced"], &books["items"][0]["restated"]["penalty"]),
        (&json!(true), &json!(700))
    );
}

async fn rows_that_cannot_be_true_send_the_whole_loan_back(site: &mut Deployment) {
    has_card(site).await;
    let good = |number: &str, due: &str, n: i64| row(number, due, n, [100, 10, 0, 1], "2026-11-20");
    let rows = [
        good("A", "2026-11-03", 1),
        good("A", "2026-12-03", 2).replace("EUR", "USD"),
        good("B", "2026-12-03", 2),
        good("B", "2026-11-03", 1),
        good("C", "2026-11-03", 1),
        good("C", "2027-01-03", 3),
        good("D", "2026-11-03", 1),
        row("D", "2026-11-03", 1, [100, 10, 9, 1], "2026-11-20"),
        row("E", "2026-11-03", 1, [-100, 10, 0, 1], "2026-11-20"),
        good("F", "2026-11-03", 1).replace("card", "nobodys"),
        good("G", "2026-11-03", 1),
    ];
    let report = land(site, &rows).await;
    assert_eq!(report["created"], 1, "{report}");
    let reasons = |line: i64| {
        let rows = report["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["line"] == line);
        row.map(|row| row["reasons"].clone()).unwrap_or_default()
    };
    assert_eq!(reasons(2), json!(["loan-incomplete"]));
    assert_eq!(reasons(3), json!(["currency-other"]));
    assert!(
        report["counts"].get("hold").is_none(),
        "nobody is asked about a loan: {report}"
    );
    assert_eq!(reasons(5), json!(["due-out-of-order"]));
    assert_eq!(reasons(7), json!(["instalment-gap"]));
    assert_eq!(
        (reasons(8), reasons(9)),
        (json!(["number-conflict"]), json!(["number-conflict"]))
    );
    assert_eq!(reasons(10), json!(["amount-negative"]));
    assert_eq!(reasons(11), json!(["unknown-portfolio"]));
    let path = format!("/v1/imports/{}/give-back", report["import"].as_str().unwrap());
    let back = String::from_utf8(site.supervisor.get(&path).await.file()).unwrap();
    assert_eq!(back.lines().count(), 11, "all but the good loan come back: {back}");
    let path = format!("/v1/imports/{}/take-back", report["import"].as_str().unwrap());
    site.supervisor.post(&path, &json!({})).await.problem("import-touched");
}

async fn days_that_nobody_worked_are_caught_up(site: &mut Deployment) {
    has_card(site).await;
    daily(site).await;
    land(site, &[row("L-1", "2026-11-26", 1, [100, 10, 0, 1], "2026-11-23")]).await;
    site.clock.forward(7 * DAY_S);
    site.sign_everybody_in().await;
    let done = daily(site).await;
    assert_eq!((&done["day"], &done["caught_up"]), (&json!("2026-11-30"), &json!(6)));
    assert_eq!(site.supervisor.case("L-1").await["days_past_due"], 4);
    let books = site.supervisor.get("/v1/books?day=2026-11-26").await.done();
    assert_eq!(
        books["items"][0]["due"]["total"], 11_100,
        "booked on its own day: {books}"
    );
}

async fn a_case_by_case_file_alone_ages_too(site: &mut Deployment) {
    site.supervisor.import(sample("porto-cases.csv")).await;
    let before = site.supervisor.items("/v1/cases?sort=days").await;
    let flags: Vec<Value> = before.iter().map(|case| case["flags"].clone()).collect();
    site.clock.forward(40 * DAY_S);
    site.sign_everybody_in().await;
    daily(site).await;
    let after = site.supervisor.items("/v1/cases?sort=days").await;
    assert_eq!(after.len(), before.len());
    let days = |cases: &[Value]| -> i64 { cases.iter().map(|case| case["days_past_due"].as_i64().unwrap()).sum() };
    assert_eq!(days(&after), days(&before) + 40 * before.len() as i64);
    for (case, flags) in before.iter().zip(flags) {
        let aged = after.iter().find(|one| one["id"] == case["id"]).unwrap();
        assert_eq!(
            (&aged["flags"], &aged["amount"]["total"]),
            (&flags, &case["amount"]["total"])
        );
    }
    let books = site.supervisor.get("/v1/books?day=2027-01-02").await.done();
    assert_eq!(books["balanced"], true, "{books}");
}
