//! No published plan holds a visit that the rules block, whatever was said of people before, between and after: made-up rounds
//! of restrictions, bans, consents and contacts, each followed by a plan, and every visit of it asked of the rules.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::harness::{Deployment, csv_cells, csv_text, sample};

stories!(no_published_plan_holds_a_visit_that_the_rules_block);

/// Rounds, each with a plan of its own.
const ROUNDS: u64 = 8;
/// Cases of the file that is imported.
const CASES: usize = 48;
const HOUR: i64 = 3_600_000_000;
/// Restrictions after which nobody of a debt is visited.
const STOPS: [&str; 12] = [
    "cease_contact",
    "disputed",
    "hardship",
    "vulnerable",
    "represented",
    "moratorium",
    "bereaved",
    "deceased",
    "wrong_person",
    "plan_performing",
    "suspended",
    "adviser_plan",
];

/// Numbers that look thrown and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn hours(&mut self, from: i64, to: i64) -> i64 {
        (from + self.below((to - from) as usize) as i64) * HOUR
    }
}

/// What the rounds found.
#[derive(Debug, Default)]
struct Found {
    /// Visits that were published and that the rules allow.
    allowed: usize,
    /// Plans that were not published because something had been said since.
    outdated: usize,
    /// Visits that what was said later took off again.
    withdrawn: usize,
}

async fn no_published_plan_holds_a_visit_that_the_rules_block(site: &mut Deployment) {
    site.has_porto_staff().await;
    let mut dice = Dice(5);
    let mut cells = csv_cells(&sample("porto-cases.csv"));
    cells.truncate(CASES + 1);
    let flags = cells[0].iter().position(|name| name == "flags").unwrap();
    for row in cells.iter_mut().skip(1).step_by(6) {
        dice.of(&STOPS).clone_into(&mut row[flags]);
    }
    site.supervisor.import(csv_text(&cells)).await;
    let mut listed = site.supervisor.items("/v1/cases?limit=500").await;
    // By number: ids are other ones in every run.
    listed.sort_by_key(|case| case["case_no"].as_str().unwrap().to_owned());
    let cases = ids_in(&listed, "id");
    assert_eq!(cases.len(), CASES);
    let mut found = Found::default();
    for round in 0..ROUNDS {
        something_is_said(site, &mut dice, &cases, 4).await;
        a_round(site, (&mut dice, &cases), round, &mut found).await;
    }
    assert!(
        found.allowed > 60 && found.outdated > 0 && found.withdrawn > 0,
        "{found:?}"
    );
}

/// Proposes a plan, lets something be said of some who are in it, publishes one that holds, and lets something be said
/// again. The rules are asked about all visits after either.
async fn a_round(site: &Deployment, (dice, cases): (&mut Dice, &[String]), round: u64, found: &mut Found) {
    let among =
        |planned: &[String]| -> Vec<String> { cases.iter().filter(|id| planned.contains(id)).cloned().collect() };
    let day = format!("2026-11-{}", 23 + round % 3);
    let plan = site.proposed_plan_for(&day).await;
    let routes = plan["routes"].as_array().unwrap().iter();
    let planned: Vec<String> = routes
        .flat_map(|route| ids_in(route["visits"].as_array().unwrap(), "case"))
        .collect();
    something_is_said(site, dice, &among(&planned), 3).await;
    let published = site.publish(&plan).await;
    if published.status != 200 {
        published.problem("plan-outdated");
        found.outdated += 1;
        let plan = site.proposed_plan_for(&day).await;
        site.publish(&plan).await.done();
    }
    let planned = all_are_allowed(site).await;
    found.allowed += planned.len();
    something_is_said(site, dice, &among(&planned), 3).await;
    found.withdrawn += planned.len() - all_are_allowed(site).await.len();
}

fn ids_in(list: &[Value], name: &str) -> Vec<String> {
    list.iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

/// Asks the rules about every visit that is planned, at its start: none is forbidden, and none is to somebody who is to be
/// left alone. Returns their cases.
async fn all_are_allowed(site: &Deployment) -> Vec<String> {
    let planned = site.supervisor.items("/v1/visits?state=planned").await;
    let cases = site.supervisor.items("/v1/cases?limit=500").await;
    let is_stopped = |case: &&Value| {
        STOPS
            .iter()
            .any(|stop| case["flags"].as_array().unwrap().contains(&json!(stop)))
    };
    let stopped: BTreeSet<&str> = cases
        .iter()
        .filter(is_stopped)
        .map(|case| case["id"].as_str().unwrap())
        .collect();
    assert!(!stopped.is_empty());
    for visit in &planned {
        let case = visit["case"].as_str().unwrap();
        assert!(!stopped.contains(case), "{visit}");
        let start = jiff::Timestamp::from_microsecond(visit["planned_start"].as_i64().unwrap()).unwrap();
        let path = format!("/v1/cases/{case}/verdict?at={start}");
        let answer = site.supervisor.get(&path).await.done();
        let effect = answer["verdict"]["effect"].as_str().unwrap();
        assert!(!matches!(effect, "block" | "route"), "{visit} {answer}");
        assert_eq!(answer["at"], visit["planned_start"]);
        assert!(
            answer["until"].as_i64() >= visit["planned_end"].as_i64(),
            "{visit} {answer}"
        );
    }
    ids_in(&planned, "case")
}

/// Some say something of themselves, agree to something or are called: some of it narrows, some widens.
async fn something_is_said(site: &Deployment, dice: &mut Dice, cases: &[String], times: usize) {
    for _ in 0..times.min(cases.len()) {
        let case = &cases[dice.below(cases.len())];
        one_says_something(site, dice, case).await;
    }
}

async fn one_says_something(site: &Deployment, dice: &mut Dice, case: &str) {
    let path = |noun: &str| format!("/v1/cases/{case}/{noun}");
    let now = site.app().now().get();
    match dice.below(8) {
        0 | 1 => {
            let body = json!({"kind": dice.of(&STOPS)});
            site.supervisor.post(&path("restrictions"), &body).await.done();
        }
        2..=4 => {
            let from = now + dice.hours(0, 60);
            let channels: &[&str] = dice.of(&[&[], &["visit"], &["call", "message"]]);
            let body = json!({"kind": "ban", "channels": channels, "places": dice.of(&[&[] as &[&str], &["home"]]),
                "hours": dice.of(&["", "09:00-13:00", "13:00-20:00", "mon-tue 00:00-24:00", "wed 11:00-12:00"]),
                "from": from, "until": from + dice.hours(1, 90)});
            site.supervisor.post(&path("restrictions"), &body).await.done();
        }
        5 => {
            let body = json!({"scope": dice.of(&["hours", "frequency", "place"]), "given": "consent",
                "until": now + dice.hours(1, 90), "words": "said so on the phone"});
            let page = site.supervisor.post(&path("consents"), &body).await.done();
            if dice.below(2) == 0 {
                let last = page["items"].as_array().unwrap().last().unwrap();
                let withdraw = format!("/v1/consents/{}/withdraw", last["id"].as_str().unwrap());
                site.supervisor.post(&withdraw, &Value::Null).await.done();
            }
        }
        6 => {
            let body = json!({"kind": "moved"});
            site.supervisor.post(&path("restrictions"), &body).await.done();
        }
        _ => {
            let body = json!({"case": case, "channel": "call",
                "outcome": dice.of(&["DECLINED", "NO_ANSWER", "CONNECTED"])});
            site.supervisor.post("/v1/contacts", &body).await.done();
        }
    }
}
