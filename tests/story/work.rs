//! Work lists: whom to call or write to, as a list or a file, and what came of it brought back.

use serde_json::{Value, json};

use super::strategy::{SHORT, contact, has_cases, next, set};
use crate::harness::{Deployment, csv_cells};

stories!(
    a_list_leaves_as_a_file_and_comes_back_with_results,
    whom_a_rule_forbids_to_call_is_not_on_the_list,
    results_that_cannot_be_true_go_back,
);

async fn list(site: &Deployment, query: &str) -> Value {
    site.supervisor.get(&format!("/v1/work?{query}")).await.done()
}

fn numbers(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    let mut numbers: Vec<&str> = items.map(|item| item["case_no"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// It is half past ten, when people may be called.
async fn late_morning(site: &mut Deployment) {
    site.clock.forward(4 * 3_600);
    site.sign_everybody_in().await;
}

async fn a_list_leaves_as_a_file_and_comes_back_with_results(site: &mut Deployment) {
    late_morning(site).await;
    has_cases(site).await;
    set(site, SHORT).await.done();
    let calls = list(site, "channel=call").await;
    assert_eq!(numbers(&calls), ["P-1"], "{calls}");
    let item = &calls["items"][0];
    assert_eq!(
        (&item["step"], &item["stage"]),
        (&json!("m1-call"), &json!("M1")),
        "{item}"
    );
    assert!(item["phone"].as_str().unwrap().ends_with("001") && item["phone"].as_str().unwrap().contains('•'));
    assert_eq!(
        numbers(&list(site, "channel=letter&portfolio=card").await),
        ["P-2", "P-3"]
    );
    assert!(numbers(&list(site, "channel=visit").await).is_empty());
    site.supervisor.get("/v1/work?channel=fax").await.problem("bad-request");
    site.supervisor
        .get("/v1/work?channel=call&portfolio=none")
        .await
        .problem("not-found");
    // Without a purpose nobody can be named or called by the file.
    let masked = csv_cells(&site.supervisor.get("/v1/work/export?channel=call").await.file());
    let column = |name: &str| masked[0].iter().position(|one| one == name).unwrap();
    let (phone, name) = (column("phone"), column("name"));
    assert!(masked[1][phone].contains('•') && masked[1][name] == "I•", "{masked:?}");
    let export = "/v1/work/export?channel=call&purpose=contact";
    let full = csv_cells(&site.supervisor.get(export).await.file());
    assert_eq!(full[1][name], "Invented One");
    assert!(full[1][phone].contains("351910000001"), "{full:?}");
    site.supervisor
        .get("/v1/work/export?channel=call&purpose=fun")
        .await
        .problem("bad-request");
    comes_back(site, full).await;
    // The reason is known, and what was promised is waited for.
    assert!(numbers(&list(site, "channel=call").await).is_empty());
    let waits = next(&site.supervisor, "P-1", "2026-11-25").await;
    assert_eq!(waits["action"], "wait", "{waits}");
    site.auditor.get("/v1/work?channel=call").await.problem("not-allowed");
    let log = site.export().await;
    assert!(log.count("export") >= 2, "each file leaves an entry");
    log.holds();
}

/// Somebody called, and brings the file back, once and again.
async fn comes_back(site: &Deployment, mut full: Vec<Vec<String>>) {
    let header = full[0].clone();
    let column = |name: &str| header.iter().position(|one| one == name).unwrap();
    for (field, value) in [
        ("at", "2026-11-23 10:20"),
        ("outcome", "CONNECTED"),
        ("reason", "cash-flow"),
        ("promise_day", "2026-11-27"),
        ("promise_amount", "100.00"),
    ] {
        value.clone_into(&mut full[1][column(field)]);
    }
    let bytes = crate::harness::csv_text(&full);
    let preview = site
        .supervisor
        .upload("/v1/work/import?dry_run=true", bytes.clone())
        .await
        .done();
    assert_eq!(
        (&preview["state"], &preview["recorded"]),
        (&json!("preview"), &json!(1)),
        "{preview}"
    );
    assert_eq!((site.rows("contact").await, site.rows("promise").await), (0, 0));
    let report = site.supervisor.upload("/v1/work/import", bytes.clone()).await.done();
    assert_eq!(
        (&report["recorded"], &report["forbidden"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    assert_eq!(report["refused"], json!([]), "{report}");
    let again = site.supervisor.upload("/v1/work/import", bytes).await.done();
    assert_eq!(
        (&again["recorded"], &again["counts"]),
        (&json!(0), &json!({"duplicate": 1})),
        "{again}"
    );
    assert_eq!((site.rows("contact").await, site.rows("promise").await), (1, 1));
    // What was promised on the phone is an agreement, made once.
    let agreed = site.supervisor.items("/v1/agreements").await;
    let one = &agreed[0];
    assert_eq!(
        (
            agreed.len(),
            &one["agreed_by"],
            &one["state"],
            &one["amount"],
            &one["due"]["day"]
        ),
        (
            1,
            &json!("phone"),
            &json!("promised"),
            &json!(10_000),
            &json!("2026-11-27")
        ),
        "{agreed:?}"
    );
}

async fn whom_a_rule_forbids_to_call_is_not_on_the_list(site: &mut Deployment) {
    let file = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags\n\
                CN-1,card,Invented One,13800000001,1 Invented Road,30.2741,120.1551,420.50,CNY,2026-11-13,\n\
                CN-2,card,Invented Two,13800000002,2 Invented Road,30.2751,120.1561,420.50,CNY,2026-11-13,cease_contact\n";
    site.supervisor.import(file).await;
    let asks = SHORT.replace("times_max = 3\nevery_days = 1\n", "times_max = 9\nevery_days = 1\n");
    set(site, &asks).await.done();
    assert_eq!(numbers(&list(site, "channel=call").await), ["CN-1"]);
    // At night nobody is called: the one whose turn it is waits, and the list says so.
    site.clock.forward(10 * 3_600);
    site.sign_everybody_in().await;
    let night = list(site, "channel=call").await;
    assert_eq!((numbers(&night), &night["held_back"]), (vec![], &json!(1)), "{night}");
}

async fn results_that_cannot_be_true_go_back(site: &mut Deployment) {
    late_morning(site).await;
    has_cases(site).await;
    set(site, SHORT).await.done();
    contact(site, "P-1", ("call", "NO_ANSWER", 1), json!({})).await;
    let file = "case_no,channel,at,outcome,reason,step,promise_day,promise_amount\n\
                P-1,call,2026-11-23 10:00,CONNECTED,forgot,m1-call,2026-11-20,100\n\
                P-1,call,2026-11-23 10:01,CONNECTED,forgot,m1-call,2026-11-27,100000\n\
                P-1,call,2026-11-23 10:02,CONNECTED,forgot,m1-call,2026-11-27,-5\n\
                P-1,call,2026-11-23 10:03,CONNECTED,forgot,m1-call,,100\n\
                P-1,call,2026-11-23 10:04,CONNECTED,lazy,m1-call,,\n\
                P-1,call,2026-11-23 10:05,CONNECTED,forgot,m2-letter,,\n\
                P-1,call,2026-11-23 10:06,CONNECTED,forgot,m1-call,2028-12-01,100\n\
                P-1,call,2026-11-23 10:07,DECLINED,,m1-call,2026-11-27,100\n\
                P-1,call,2026-11-23 10:08,CONNECTED,forgot,m1-call,2026-11-27,100\n";
    let report = site.supervisor.upload("/v1/work/import", file).await.done();
    assert_eq!(report["recorded"], 1, "{report}");
    let rows = report["rows"].as_array().unwrap();
    let why: Vec<(i64, &str)> = rows
        .iter()
        .map(|row| (row["line"].as_i64().unwrap(), row["reasons"][0].as_str().unwrap()))
        .collect();
    let expected = [
        (2, "promise-past"),
        (3, "promise-impossible"),
        (4, "amount-negative"),
        (5, "promise-impossible"),
        (6, "unknown-reason"),
        (7, "unknown-step"),
        (8, "promise-impossible"),
        (9, "promise-impossible"),
    ];
    assert_eq!(why, expected, "{report}");
    assert!(report["give_back"].as_str().unwrap().lines().count() > 6, "{report}");
    assert_eq!(site.rows("promise").await, 1);
    // A dispute that is told of restricts the case at once.
    let file = "case_no,channel,at,outcome,reason\nP-2,call,2026-11-23 10:10,CONNECTED,dispute\n";
    assert_eq!(
        site.supervisor.upload("/v1/work/import", file).await.done()["recorded"],
        1
    );
    let flags = site.supervisor.case("P-2").await["flags"].clone();
    assert!(flags.as_array().unwrap().contains(&json!("disputed")), "{flags}");
}
