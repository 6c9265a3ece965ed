//! Rule packs: which are in force is never a guess, and which hold is a matter of the place and of the amount's age.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use doorstep_device::Device;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Deployment, csv_cells, csv_text, sample};

stories!(
    other_packs_leave_an_entry_and_the_same_none,
    an_amount_that_grew_stale_is_said_to_nobody,
    each_place_has_the_rules_of_its_country,
);

async fn other_packs_leave_an_entry_and_the_same_none(site: &mut Deployment) {
    assert_eq!(site.export().await.count("rules.activated"), 1, "with the tenant");
    site.stop().await;
    site.restart().await;
    assert_eq!(site.export().await.count("rules.activated"), 1, "the same packs again");
    // As if an older program with other packs had run here before.
    let sql = "UPDATE rule_pack SET body = 'house@0 0000'";
    assert_eq!(site.app().store().tamper(sql).await.unwrap(), 1);
    site.stop().await;
    site.restart().await;
    let export = site.export().await;
    assert_eq!(export.count("rules.activated"), 2);
    export.holds();
}

/// The first rows of the sample, all in one portfolio.
fn one_portfolio() -> Vec<u8> {
    let mut cells = csv_cells(&sample("porto-messy.csv"));
    let portfolio = cells[0].iter().position(|name| name == "portfolio").unwrap();
    for row in cells.iter_mut().skip(1).filter(|row| row.len() > portfolio) {
        "card".clone_into(&mut row[portfolio]);
    }
    csv_text(&cells)
}

/// Sets after how many days an amount of the only portfolio is stale.
async fn stale_after(site: &Deployment, days: i64) {
    let portfolios = site.supervisor.items("/v1/portfolios").await;
    assert_eq!(portfolios.len(), 1, "{portfolios:?}");
    let path = format!("/v1/portfolios/{}", portfolios[0]["id"].as_str().unwrap());
    let request = site.administrator.request(Method::PUT, &path);
    let body = json!({"kind": portfolios[0]["kind"], "amount_age_days": days});
    site.administrator.send(request.json(&body)).await.done();
}

/// At how many doors the device may say what is owed, and at how many not; door and permit must agree.
async fn said_and_not(device: &Device) -> (usize, usize) {
    device.pull().await.unwrap();
    let permit = device.permit().await.unwrap().unwrap();
    let doors = device.doors().await.unwrap();
    let (mut said, mut not_said) = (0, 0);
    for door in &doors {
        let allowed = permit.doors.iter().find(|one| one.visit == door.visit_alias).unwrap();
        let forbidden = allowed.not_said.iter().any(|code| code == "amount");
        assert_eq!(door.amount.is_none(), forbidden, "{door:?} {allowed:?}");
        *(if forbidden { &mut not_said } else { &mut said }) += 1;
    }
    (said, not_said)
}

async fn an_amount_that_grew_stale_is_said_to_nobody(site: &mut Deployment) {
    let query = "/v1/imports?as_of=2026-11-21";
    site.supervisor.upload(query, one_portfolio()).await.done();
    let day = site.crew_day_as_imported().await;
    let path = format!("/v1/cases/{}", day.visits[0]["case"].as_str().unwrap());
    let amount = async |site: &Deployment| site.supervisor.get(&path).await.done()["amount"].clone();
    let first = amount(site).await;
    assert_eq!(first["stale"], false, "{first}");
    assert!(first["total"].as_i64().unwrap() > 0, "{first}");
    let device = site.device(&day.staff[0]).await;
    let doors = day.all.len();
    assert_eq!(said_and_not(&device).await, (doors, 0));
    // Two and a quarter days old: the lender now wants them younger. The plan stays, only the amount is not said.
    stale_after(site, 2).await;
    assert_eq!(amount(site).await["stale"], true);
    assert_eq!(said_and_not(&device).await, (0, doors));
    stale_after(site, 3).await;
    assert_eq!(said_and_not(&device).await, (doors, 0));
    // To the second at which the third day is over.
    site.clock.forward(17 * 3_600 + 1_800);
    site.sign_everybody_in().await;
    assert_eq!(amount(site).await, first);
    site.clock.forward(1);
    let grown = amount(site).await;
    assert_eq!((&grown["stale"], &grown["total"]), (&json!(true), &first["total"]));
    // The lender says that the same amounts are right as of today; saying it twice changes nothing.
    let again = site
        .supervisor
        .upload("/v1/imports?as_of=2026-11-24", one_portfolio())
        .await;
    assert!(again.done()["updated"].as_i64().unwrap() > 0);
    assert_eq!(amount(site).await["stale"], false);
    let twice = site
        .supervisor
        .upload("/v1/imports?as_of=2026-11-24", one_portfolio())
        .await;
    assert_eq!(twice.done()["updated"], 0);
    site.export().await.holds();
}

/// A place with the flag that a rule of its country forbids a visit for.
struct Place {
    name: &'static str,
    point: [&'static str; 2],
    currency: &'static str,
    country: &'static str,
    /// The pack that covers it, and what the ids of its rules begin with.
    pack: (&'static str, &'static str),
    /// Whether that pack is the law of the country, or only adds to one that nobody knows.
    law_known: bool,
    flag: &'static str,
    stop: &'static str,
}

const PLACES: [Place; 4] = [
    Place {
        name: "London",
        point: ["51.515000", "-0.120000"],
        currency: "GBP",
        country: "GB",
        pack: ("uk@1", "UK-"),
        law_known: true,
        flag: "disputed",
        stop: "UK-VISIT-1",
    },
    Place {
        name: "Boston",
        point: ["42.360000", "-71.060000"],
        currency: "USD",
        country: "US",
        pack: ("us@1", "US-"),
        law_known: true,
        flag: "cease_contact",
        stop: "US-CEASE-1",
    },
    Place {
        name: "Hangzhou",
        point: ["30.250000", "120.150000"],
        currency: "CNY",
        country: "CN",
        pack: ("cn@1", "CN-"),
        law_known: true,
        flag: "plan_performing",
        stop: "CN-STOP-1",
    },
    Place {
        name: "Lisbon",
        point: ["38.720000", "-9.140000"],
        currency: "EUR",
        country: "PT",
        pack: ("eu@1", "EU-"),
        law_known: false,
        flag: "disputed",
        stop: "HOUSE-STOP-DISPUTED",
    },
];

/// Two cases at each place: one that nothing stops, and one with the flag.
fn file_of_places() -> Vec<u8> {
    let header = "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,flags";
    let mut text = format!("{header}\n");
    for (index, place) in PLACES.iter().enumerate() {
        let ([lat, lon], currency) = (place.point, place.currency);
        for (half, flag) in ["", place.flag].iter().enumerate() {
            let (number, house) = (format!("{}-{half}", place.name), half + 7);
            let phone = format!("+35191000{index}{half}00");
            let row = format!(
                "{number},card,Person {number},{phone},\"{house} High Street, {}\"",
                place.name
            );
            let _ = writeln!(text, "{row},{lat},{lon},950.00,{currency},2026-09-01,{flag}");
        }
    }
    text.into_bytes()
}

/// Every rule that was asked is the house's or the country's own, and what the law does not know is said.
fn only_its_own_rules(place: &Place, verdict: &Value) {
    let checked: Vec<&str> = verdict["checked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule.as_str().unwrap())
        .collect();
    assert!(checked.contains(&"HOUSE-HOURS"), "{}: {verdict}", place.name);
    // The engine itself says that it knows no law.
    let everywhere = ["HOUSE-", "LONE-WORKER-", "RIGHTS-"];
    let own = |rule: &&&str| everywhere.iter().any(|prefix| rule.starts_with(prefix)) || **rule == "ENGINE-LAW";
    let lawful: Vec<&&str> = checked.iter().filter(|rule| !own(rule)).collect();
    let (pack, prefix) = place.pack;
    let packs = BTreeSet::from(["house@1", "lone-worker@1", "rights@1", pack]);
    // In the order of their names.
    assert_eq!(verdict["packs"], json!(packs), "{}", place.name);
    assert!(!lawful.is_empty(), "{}: {verdict}", place.name);
    assert!(
        lawful.iter().all(|rule| rule.starts_with(prefix)),
        "{}: {lawful:?}",
        place.name
    );
    let unknown = verdict.to_string().contains("No law is known");
    assert_eq!(unknown, !place.law_known, "{}: {verdict}", place.name);
    let of_state = lawful.iter().any(|rule| rule.starts_with("US-MA-"));
    assert_eq!(of_state, place.name == "Boston", "{}: {lawful:?}", place.name);
}

async fn each_place_has_the_rules_of_its_country(site: &mut Deployment) {
    site.has_porto_staff().await;
    let query = "/v1/imports?datum=WGS-84";
    let report = site.supervisor.upload(query, file_of_places()).await.done();
    assert_eq!(report["created"], 2 * PLACES.len(), "{report}");
    let plan = site.proposed_plan().await;
    for place in &PLACES {
        for (half, flagged) in [false, true].into_iter().enumerate() {
            let found = site.supervisor.case(&format!("{}-{half}", place.name)).await;
            let id = found["id"].as_str().unwrap();
            let case = site.supervisor.get(&format!("/v1/cases/{id}")).await.done();
            assert_eq!(case["country"], place.country, "{case}");
            let path = format!("/v1/plans/{}/why/{id}", plan["id"].as_str().unwrap());
            let why = site.supervisor.get(&path).await.done();
            // Who is only too far away is left out by no rule, and has no verdict there.
            assert_eq!(why["verdict"].is_object(), flagged, "{why}");
            for verdict in [&case["verdict"], &why["verdict"]].into_iter().take(1 + half) {
                only_its_own_rules(place, verdict);
                let findings = verdict["findings"].as_array().unwrap();
                let stop = findings.iter().find(|finding| finding["rule"] == place.stop);
                assert_eq!(stop.is_some(), flagged, "{}: {verdict}", place.name);
                if let Some(stop) = stop {
                    assert_eq!(
                        (&stop["effect"], &verdict["effect"]),
                        (&json!("block"), &json!("block"))
                    );
                    assert!(stop["citation"].as_str().unwrap().len() > 5, "{stop}");
                }
            }
            assert!(why["planned"].is_null(), "nobody drives there from Porto: {why}");
        }
    }
}
