//! Payments: counted, held for a person, taken back. That books balance whatever comes in is in `sums.rs`.

use serde_json::{Value, json};

use super::loans::{daily, has_card, land, row};
use crate::harness::{Deployment, sample};

stories!(
    full_payment_settles_and_takes_the_visit_out_at_once,
    what_does_not_fit_is_held_and_a_person_decides,
    rows_that_cannot_be_true_go_back,
    a_reversal_takes_back_exactly,
    a_loan_is_shown_before_it_is_a_case,
);

const HEAD: &str = "reference,case_no,portfolio,day,amount,currency,kind,channel";

fn payments(rows: &[&str]) -> Vec<u8> {
    format!("{HEAD}\n{}\n", rows.join("\n")).into_bytes()
}

pub(super) async fn paid(site: &Deployment, rows: &[&str]) -> Value {
    site.supervisor
        .upload("/v1/payments/import", payments(rows))
        .await
        .done()
}

async fn balanced(site: &Deployment) -> Value {
    let books = site.supervisor.get("/v1/books?day=2030-01-01").await.done();
    assert_eq!(
        (&books["balanced"], &books["imbalances"]),
        (&json!(true), &json!([])),
        "{books}"
    );
    books
}

async fn overdue_loan(site: &Deployment) {
    has_card(site).await;
    let rows = [
        row("L-1", "2026-10-13", 1, [100, 10, 5, 1], "2026-11-23"),
        row("L-1", "2026-11-13", 2, [100, 10, 0, 1], "2026-11-23"),
    ];
    land(site, &rows).await;
    daily(site).await;
}

async fn full_payment_settles_and_takes_the_visit_out_at_once(site: &mut Deployment) {
    let day = site.crew_day(sample("porto-cases.csv")).await;
    let visit = &day.visits[0];
    let case = site
        .supervisor
        .get(&format!("/v1/cases/{}", visit["case"].as_str().unwrap()))
        .await
        .done();
    let amount = case["amount"]["total"].as_i64().unwrap();
    let (number, portfolio) = (case["case_no"].as_str().unwrap(), case["portfolio"].as_str().unwrap());
    let all = format!(
        "R-1,{number},{portfolio},2026-11-23,{}.{:02},EUR,payment,",
        amount / 100,
        amount % 100
    );
    let report = paid(site, &[&all]).await;
    assert_eq!(report["counts"], json!({"accept": 1}), "{report}");
    let after = site
        .supervisor
        .get(&format!("/v1/cases/{}", visit["case"].as_str().unwrap()))
        .await
        .done();
    assert_eq!(
        (&after["status"], &after["amount"]["total"]),
        (&json!("settled"), &json!(0))
    );
    let visits = site.supervisor.items("/v1/visits").await;
    let gone = visits.iter().find(|one| one["id"] == visit["visit"]).unwrap();
    assert_eq!(gone["state"], "cancelled", "{gone}");
    daily(site).await;
    balanced(site).await;
    // Nothing opens it again but what is owed again.
    let back = all.replace("payment", "reversal");
    paid(site, &[&back]).await;
    let case = site
        .supervisor
        .get(&format!("/v1/cases/{}", visit["case"].as_str().unwrap()))
        .await
        .done();
    assert_eq!(
        (&case["status"], &case["amount"]["total"]),
        (&json!("open"), &json!(amount))
    );
    balanced(site).await;
}

async fn what_does_not_fit_is_held_and_a_person_decides(site: &mut Deployment) {
    overdue_loan(site).await;
    let rows = [
        "R-1,NOBODY,card,2026-11-22,50.00,EUR,payment,",
        "R-2,L-1,card,2026-11-22,50.00,USD,payment,",
        "R-3,L-1,card,2026-11-22,999.00,EUR,payment,",
        "R-4,L-1,card,2026-11-22,20.00,EUR,payment,",
        "R-4,L-1,card,2026-11-22,30.00,EUR,payment,",
        "R-5,L-1,card,2026-11-22,20.00,EUR,reversal,",
    ];
    let report = paid(site, &rows).await;
    assert_eq!(report["counts"], json!({"accept": 1, "hold": 5}), "{report}");
    let again = paid(site, &rows).await;
    assert_eq!(
        again["counts"],
        json!({"duplicate": 6}),
        "nothing is held twice: {again}"
    );
    let held = site.supervisor.items("/v1/payments/held").await;
    let reasons: Vec<&str> = held.iter().map(|one| one["reason"].as_str().unwrap()).collect();
    let said: Vec<&str> = held
        .iter()
        .map(|one| one["said"]["reference"].as_str().unwrap())
        .collect();
    assert_eq!(held.len(), 5, "{held:?}");
    for reason in [
        "unknown-case",
        "currency-other",
        "overpaid",
        "reference-reused",
        "reversal-unmatched",
    ] {
        assert!(reasons.contains(&reason), "{reason}: {reasons:?}");
    }
    assert!(said.contains(&"R-1"), "{said:?}");
    let books = balanced(site).await;
    assert_eq!(
        (&books["held"][0]["count"], &books["held"][1]["count"]),
        (&json!(4), &json!(1)),
        "{books}"
    );

    is_decided(site, &held).await;
}

/// A supervisor of the creditor decides about held money, once.
async fn is_decided(site: &Deployment, held: &[Value]) {
    let case = site.supervisor.case("L-1").await;
    let of = |reason: &str| {
        let one = held.iter().find(|one| one["reason"] == reason).unwrap();
        format!("/v1/payments/{}/settle", one["id"].as_str().unwrap())
    };
    let to_case = json!({"case": case["id"]});
    site.auditor
        .post(&of("unknown-case"), &to_case)
        .await
        .problem("not-allowed");
    site.supervisor
        .post(&of("overpaid"), &to_case)
        .await
        .problem("payment-unfit");
    site.supervisor
        .post(&of("overpaid"), &json!({}))
        .await
        .problem("bad-request");
    let refused = site
        .supervisor
        .post(&of("overpaid"), &json!({"refuse": "given back to the payer"}))
        .await
        .done();
    assert_eq!(refused["state"], "refused");
    let counted = site.supervisor.post(&of("unknown-case"), &to_case).await.done();
    assert_eq!((&counted["state"], &counted["case"]), (&json!("counted"), &case["id"]));
    site.supervisor
        .post(&of("unknown-case"), &to_case)
        .await
        .problem("payment-unfit");
    assert_eq!(
        site.supervisor.case("L-1").await["amount"]["total"],
        22_700 - 2_000 - 5_000
    );
    // The bank sends the row again, with the number put right: the same money counts once.
    paid(site, &["R-1,L-1,card,2026-11-22,50.00,EUR,payment,"]).await;
    let held = site.supervisor.items("/v1/payments/held").await;
    let twice = held
        .iter()
        .rfind(|one| one["said"]["reference"] == "R-1" && one["said"]["case_no"] == "L-1")
        .unwrap();
    let twice = format!("/v1/payments/{}/settle", twice["id"].as_str().unwrap());
    site.supervisor.post(&twice, &to_case).await.problem("payment-unfit");
    let path = format!("/v1/payments?case={}", case["id"].as_str().unwrap());
    assert_eq!(site.supervisor.items(&path).await.len(), 2);
    balanced(site).await;
}

async fn rows_that_cannot_be_true_go_back(site: &mut Deployment) {
    overdue_loan(site).await;
    let rows = [
        "R-1,L-1,card,2026-11-22,-5.00,EUR,payment,",
        "R-2,L-1,card,2026-11-22,0.00,EUR,payment,",
        "R-3,L-1,card,2026-11-25,5.00,EUR,payment,",
        "R-4,L-1,card,yesterday,5.00,EUR,payment,",
        "R-5,L-1,card,2026-11-22,5.00,EUR,gift,",
        "R-6,L-1,card,2026-11-22,5.00,EUR,payment,cash to staff",
        ",L-1,card,2026-11-22,5.00,EUR,payment,",
    ];
    let report = paid(site, &rows).await;
    assert_eq!(report["counts"], json!({"reject": 7}), "{report}");
    let reasons: Vec<String> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reasons"][0].to_string())
        .collect();
    let right = [
        "amount-negative",
        "amount-zero",
        "date-in-future",
        "date-unreadable",
        "unknown-payment-kind",
        "cash-to-staff",
        "field-missing",
    ];
    assert_eq!(reasons, right.map(|code| format!("\"{code}\"")));
    assert!(report["give_back"].as_bool().unwrap());
    assert_eq!(site.supervisor.case("L-1").await["amount"]["total"], 22_700);
    let preview = site
        .supervisor
        .upload(
            "/v1/payments/import?dry_run=true",
            payments(&["R-7,L-1,card,2026-11-22,5.00,EUR,payment,"]),
        )
        .await
        .done();
    assert_eq!(
        (&preview["state"], &preview["import"]),
        (&json!("preview"), &json!(null))
    );
    assert_eq!(site.supervisor.case("L-1").await["amount"]["total"], 22_700);
}

async fn a_reversal_takes_back_exactly(site: &mut Deployment) {
    overdue_loan(site).await;
    let before = site.supervisor.case("L-1").await["amount"].clone();
    paid(site, &["R-1,L-1,card,2026-11-20,120.00,EUR,payment,"]).await;
    let part = site.supervisor.case("L-1").await["amount"].clone();
    // Fees, penalty, interest and principal of the oldest, then fees and interest of the next.
    assert_eq!(
        (&part["total"], &part["parts"]),
        (&json!(10_700), &json!([10_000, 700, 0, 0])),
        "{part}"
    );
    let wrong = paid(site, &["R-1,L-1,card,2026-11-21,100.00,EUR,reversal,"]).await;
    assert_eq!(wrong["rows"][0]["reasons"], json!(["reversal-differs"]));
    let right = paid(site, &["R-1,L-1,card,2026-11-21,120.00,EUR,reversal,"]).await;
    assert_eq!(
        right["rows"][0]["reasons"],
        json!(["reference-reused"]),
        "one waits already: {right}"
    );
    let held = site.supervisor.items("/v1/payments/held").await;
    for one in &held {
        let path = format!("/v1/payments/{}/settle", one["id"].as_str().unwrap());
        let request = if one["amount"] == 12_000 {
            json!({"case": site.supervisor.case("L-1").await["id"]})
        } else {
            json!({"refuse": "a mistake of the bank"})
        };
        site.supervisor.post(&path, &request).await.done();
    }
    let after = site.supervisor.case("L-1").await["amount"].clone();
    assert_eq!((&after["total"], &after["parts"]), (&before["total"], &before["parts"]));
    balanced(site).await;
}

async fn a_loan_is_shown_before_it_is_a_case(site: &mut Deployment) {
    has_card(site).await;
    let rows = [
        row("L-1", "2027-02-03", 1, [100, 10, 0, 1], "2026-11-23"),
        row("L-1", "2027-03-03", 2, [100, 10, 0, 1], "2026-11-23"),
    ];
    land(site, &rows).await;
    paid(site, &["R-1,L-1,card,2026-11-23,20.00,EUR,payment,"]).await;
    daily(site).await;
    let shown = async |site: &Deployment| site.supervisor.items("/v1/loans?number=L-1").await.remove(0);
    let before = site.entries().await;
    let loan = shown(site).await;
    assert_eq!(site.entries().await, before + 1, "who looked is told");
    assert_eq!(
        (&loan["case"], &loan["days_past_due"], &loan["opens"]),
        (&Value::Null, &json!(0), &json!("2027-01-29")),
        "{loan}"
    );
    assert_eq!(
        (&loan["owed"]["total"], &loan["left"]["total"]),
        (&json!(0), &json!(20_200))
    );
    let first = &loan["instalments"][0];
    assert_eq!(
        (
            &first["due"],
            &first["paid"]["fees"],
            &first["paid"]["interest"],
            &first["left"]["total"]
        ),
        (&json!("2027-02-03"), &json!(100), &json!(1_000), &json!(9_100)),
        "{loan}"
    );
    assert_eq!(loan["payments"][0]["amount"], 2_000, "{loan}");
    assert!(
        !loan.to_string().contains("Rui"),
        "nobody has a reason to know who it is: {loan}"
    );
    site.clock.forward(80 * 86_400);
    site.sign_everybody_in().await;
    daily(site).await;
    let loan = shown(site).await;
    assert_eq!(
        (
            &loan["status"],
            &loan["stage"],
            &loan["days_past_due"],
            &loan["owed"]["total"]
        ),
        (&json!("open"), &json!("M1"), &json!(8), &json!(9_100)),
        "{loan}"
    );
    assert_eq!(loan["case"], site.supervisor.case("L-1").await["id"], "{loan}");
    // Nothing is shown to whom the case would not be.
    let stranger = super::roles::of_another_team(site).await;
    assert!(stranger.items("/v1/loans?number=L-1").await.is_empty());
    assert!(site.supervisor.items("/v1/loans?number=L-2").await.is_empty());
    site.administrator
        .get("/v1/loans?number=L-1")
        .await
        .problem("not-allowed");
    site.export().await.holds();
}
