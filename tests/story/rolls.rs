//! Reports of past spans: they tell what cases were then, whatever became of them later, and never of one person alone.

use serde_json::{Value, json};

use super::loans::{daily, has_card, land, row};
use super::payments::paid;
use crate::harness::Deployment;

stories!(a_past_month_is_told_as_it_was, no_figure_points_at_one_person,);

const DAY_S: i64 = 86_400;

async fn report(site: &Deployment, query: &str) -> Value {
    site.supervisor.get(&format!("/v1/reports?{query}")).await.done()
}

/// Numerator and denominator of a figure.
fn parts(figures: &Value, what: &str) -> (u64, u64) {
    let mut all = figures.as_array().unwrap().iter();
    let figure = all.find(|one| one["what"] == what).unwrap();
    (figure["count"].as_u64().unwrap(), figure["of"].as_u64().unwrap())
}

/// Some days later the work of the day is done.
async fn days_later(site: &mut Deployment, days: i64) {
    site.clock.forward(days * DAY_S);
    site.sign_everybody_in().await;
    daily(site).await;
}

/// Six loans were due ten days ago, and six fall due in January. Two of the first are paid in December; one of those owes
/// something again in February.
async fn a_winter(site: &mut Deployment) {
    has_card(site).await;
    let mut rows = Vec::new();
    for nth in 1..=6 {
        rows.push(row(&format!("L-{nth}"), "2026-11-13", 1, [100, 10, 5, 1], "2026-11-23"));
        if nth == 1 {
            rows.push(row("L-1", "2027-02-05", 2, [100, 10, 5, 1], "2026-11-23"));
        }
    }
    for nth in 1..=6 {
        rows.push(row(&format!("W-{nth}"), "2027-01-10", 1, [100, 10, 5, 1], "2026-11-23"));
    }
    land(site, &rows).await;
    daily(site).await;
    days_later(site, 21).await;
    days_later(site, 6).await;
    let rows = [
        "R-1,L-1,card,2026-12-20,116.00,EUR,payment,",
        "R-2,L-2,card,2026-12-20,116.00,EUR,payment,",
    ];
    paid(site, &rows).await;
    days_later(site, 23).await;
}

async fn a_past_month_is_told_as_it_was(site: &mut Deployment) {
    a_winter(site).await;
    let months = [
        "from=2026-11-01&to=2026-11-30",
        "from=2026-12-01&to=2026-12-31",
        "from=2027-01-01&to=2027-01-12",
    ];
    let mut before = Vec::new();
    // The loans that wait until January are of no month before it, and the ones that were paid of none after December.
    for (month, cured) in months.iter().zip([(0, 6), (2, 6), (0, 10)]) {
        let view = report(site, month).await;
        assert_eq!(parts(&view["total"], "cured"), cured, "{month}: {view}");
        assert_eq!(parts(&view["total"], "coverage"), (0, cured.1), "{month}: {view}");
        before.push(view);
    }
    let december = ["2026-12-01", "2026-12-31"];
    assert_eq!(
        before[1]["roll"],
        json!([{"from": december[0], "to": december[1], "began": "M1", "cases": 6,
            "ended": [{"ended": "M2", "cases": 4}, {"ended": "settled", "cases": 2}]}])
    );
    // Four are too few to tell where they ended.
    let january = ["2027-01-01", "2027-01-12"];
    assert_eq!(
        before[2]["roll"],
        json!([
            {"from": january[0], "to": january[1], "began": "new", "cases": 6, "ended": [{"ended": "M1", "cases": 6}]},
            {"from": january[0], "to": january[1], "began": "M2", "cases": 4, "ended": []}
        ])
    );
    let by_stage = report(site, &format!("{}&by=stage", months[1])).await;
    let groups = by_stage["items"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[0]["group"]), (1, &json!("M1")), "{by_stage}");
    assert_eq!(
        parts(&groups[0]["figures"], "cured"),
        (2, 6),
        "by the stage of then: {by_stage}"
    );

    days_later(site, 22).await;
    assert_eq!(site.supervisor.case("L-1").await["status"], "open", "it owes again");
    for (month, before) in months.iter().zip(before) {
        assert_eq!(report(site, month).await, before, "nothing of {month} changes later");
    }
    let whole = report(site, "from=2026-11-01&to=2027-02-28").await;
    assert_eq!(
        parts(&whole["total"], "cured"),
        (1, 12),
        "who owes again is not cured: {whole}"
    );
    assert_eq!(whole["roll"][0]["from"], "2026-11-01", "a roll for each month: {whole}");
    assert_eq!(whole["roll"].as_array().unwrap().last().unwrap()["to"], "2027-02-28");
}

async fn no_figure_points_at_one_person(site: &mut Deployment) {
    let head = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,days_past_due,language";
    let case = |nth: usize, portfolio: &str| {
        format!(
            "NP-{nth},{portfolio},Ana {nth},+3519100003{nth:02},\"Rua Inventada, {nth}\",41.{nth}50000,-8.610000,500.00,EUR,\
             2026-10-01,53,pt"
        )
    };
    let mut rows: Vec<String> = (1..=6).map(|nth| case(nth, "card")).collect();
    rows.extend((7..=8).map(|nth| case(nth, "loan")));
    let file = format!("{head}\n{}\n", rows.join("\n"));
    site.supervisor.import(file.into_bytes()).await;
    let view = report(site, "by=portfolio").await;
    let groups = view["items"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "two cases stand with others: {view}");
    assert_eq!(
        (&groups[0]["group"], &groups[0]["with"]),
        (&json!("card"), &json!(["loan"])),
        "{view}"
    );
    assert_eq!(parts(&groups[0]["figures"], "coverage"), (0, 8));
    assert_eq!(view["cases_least"], 5);
    let few = report(site, "portfolio=loan&by=stage").await;
    for part in ["total", "items", "weeks", "roll"] {
        assert_eq!(few[part], json!([]), "of two cases nothing is told: {few}");
    }
    let enough = report(site, "portfolio=card").await;
    assert_eq!(parts(&enough["total"], "coverage"), (0, 6));
}
