//! A day at the office: what fell due, what was paid, who is called, who is visited, what was agreed.
//!
//! In the morning the lender's files come. On Mondays a plan for Wednesday is made and its notices leave; on Wednesdays the crew
//! goes. Each working day the dialler asks whom it may call, calls, and sends what came of it.

use std::collections::BTreeMap;

use doorstep::Exit;
use serde_json::{Value, json};

use super::desk::{Desk, date, text};
use super::people::{Person, Says, Town};
use super::{doors, files};

/// What was done, as those remember it who did it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often something happened, by its name.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// What was refused by a rule before it was done, by rule.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Devices by their owners.
    pub(crate) devices: Vec<String>,
}

impl Tally {
    /// Something happened once.
    pub(crate) fn count(&mut self, name: &'static str) {
        *self.counts.entry(name).or_default() += 1;
    }

    /// How often something happened.
    pub(crate) fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }
}

/// Staff come, and one portfolio is closed to visits.
pub(crate) async fn begin(desk: &mut Desk) {
    desk.at(0, 300);
    desk.signs_in("admin").await;
    let staff = desk.file("staff.csv", &files::staff());
    let added = desk
        .does("admin", &["staff", "import", &staff, "--team", "Team 1"])
        .await;
    assert_eq!(added["added"], 2, "{added}");
}

/// Lives a day.
pub(crate) async fn live(desk: &mut Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    desk.at(day, 6 * 60 + 30);
    desk.signs_in("supervisor").await;
    money_comes(town, tally, day);
    the_lenders_files_come(desk, town, tally, day).await;
    match day % 7 {
        0 => a_plan_is_made(desk, town, tally, day).await,
        2 => doors::are_visited(desk, town, tally, day).await,
        _ => {}
    }
    if day % 7 < 5 {
        people_are_called(desk, town, tally, day).await;
    }
}

/// Everybody pays what they pay today.
fn money_comes(town: &mut Town, tally: &mut Tally, day: i64) {
    for person in &mut town.people {
        let late = person.late(day) > 0;
        if person.pays(day).is_some() {
            tally.count("paid");
            if late && person.owes(day) == 0 {
                tally.count("cured");
            }
        }
    }
}

/// What is overdue, portfolio by portfolio; who is not in the file any more owes nothing.
async fn the_lenders_files_come(desk: &Desk, town: &Town, tally: &mut Tally, day: i64) {
    for of in files::PORTFOLIOS {
        let Some(file) = files::overdue(town, day, of) else {
            continue;
        };
        let file = desk.file("overdue.csv", &file);
        let args = ["case", "import", &file, "--complete", "--yes", "--portfolio", of];
        let report = desk.does("supervisor", &args).await;
        for count in ["reject", "hold", "conflict"] {
            assert_eq!(report["counts"][count], 0, "{report}");
        }
        let created = report["created"].as_u64().unwrap();
        *tally.counts.entry("opened").or_default() += created;
    }
}

/// The plan of the day after tomorrow, chosen on simulated days; its notices leave at once.
async fn a_plan_is_made(desk: &Desk, town: &Town, tally: &mut Tally, day: i64) {
    desk.at(day, 8 * 60);
    let on = date(day + 2);
    let propose = ["plan", "propose", "--day", &on, "--iterations", "500", "--compare", "2"];
    let plan = desk.does("supervisor", &propose).await;
    assert_eq!(plan["findings"], json!([]), "{plan}");
    if plan["planned"] == 0 {
        return;
    }
    let days = ["plan", "simulate", text(&plan, "id"), "--runs", "50"];
    let days = desk.does("supervisor", &days).await;
    assert_eq!(days["stopped"], json!([]), "{days}");
    for visit in visits_of(&plan) {
        let person = town.people.iter().find(|person| visit["case_no"] == *person.number);
        let person = person.unwrap_or_else(|| panic!("{visit}"));
        assert!(
            person.owes(day) > 0,
            "nobody is visited who owes nothing: {visit} {person:?}"
        );
    }
    desk.does("supervisor", &["plan", "publish", text(&plan, "id"), "--yes"])
        .await;
    tally.count("published");
    let letters = desk.path(&format!("letters-{day}"));
    let handed = desk.does("supervisor", &["notice", "dispatch", "--to", &letters]).await;
    let announced = handed["notices"].as_array().unwrap().len() as u64;
    assert_eq!(plan["planned"], announced, "everybody is told: {handed}");
}

/// The visits of a plan.
pub(crate) fn visits_of(plan: &Value) -> Vec<&Value> {
    let routes = plan["routes"].as_array().unwrap().iter();
    routes.flat_map(|route| route["visits"].as_array().unwrap()).collect()
}

/// Whether the dialler wants to call somebody: they are late, and were not called this week.
fn is_due(person: &Person, day: i64) -> bool {
    person.late(day) >= 3 && person.calls.last().is_none_or(|last| day - last >= 6)
}

/// The dialler asks before each call and says afterwards what came of it.
async fn people_are_called(desk: &Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    let mut calls: Vec<(String, i64, &str, String)> = Vec::new();
    let mut heard: Vec<(String, Says)> = Vec::new();
    let due: Vec<String> = town
        .people
        .iter()
        .filter(|person| is_due(person, day))
        .map(|person| person.number.clone())
        .collect();
    for (at, number) in (0..).zip(&due) {
        let minute = 14 * 60 + 4 * at;
        desk.at(day, minute);
        if !may_be_called(desk, tally, number).await {
            continue;
        }
        let person = town.of(number);
        let says = person.answers(day);
        let outcome = match says {
            Says::Nothing => "NO_ANSWER",
            Says::NotHere => "NUMBER_INVALID",
            Says::No => "DECLINED",
            _ => "CONNECTED",
        };
        calls.push((number.clone(), minute, outcome, files::phone(person)));
        heard.push((number.clone(), says));
        tally.count("called");
    }
    if calls.is_empty() {
        return;
    }
    desk.at(day, 18 * 60 + 30);
    let file = desk.file("results.csv", &files::results(day, &calls));
    let report = desk.does("supervisor", &["contact", "import", &file]).await;
    assert_eq!(report["counts"]["accept"], calls.len(), "{report}");
    for (number, says) in heard {
        is_noted(desk, tally, &number, says).await;
    }
}

/// Whether the rules let somebody be called now.
async fn may_be_called(desk: &Desk, tally: &mut Tally, number: &str) -> bool {
    let check = ["contact", "check", "--case", number, "--channel", "call", "--json"];
    let asked = desk.types("supervisor", &check, "").await;
    let verdict: Value = serde_json::from_str(&asked.data).unwrap_or_else(|_| panic!("{}{}", asked.data, asked.talk));
    assert_eq!(verdict["allowed"] == true, asked.exit == Exit::Done, "{verdict}");
    if verdict["allowed"] == true {
        return true;
    }
    for finding in verdict["verdict"]["findings"].as_array().unwrap() {
        *tally.refused.entry(text(finding, "rule").to_owned()).or_default() += 1;
    }
    false
}

/// What somebody said changes what may be done.
pub(crate) async fn is_noted(desk: &Desk, tally: &mut Tally, number: &str, says: Says) {
    let (kind, name) = match says {
        Says::Wrong => ("disputed", "disputed"),
        Says::Cannot => ("hardship", "in hardship"),
        Says::No => ("cease_contact", "left in peace"),
        Says::Promise(_) => {
            tally.count("promised on the phone");
            return;
        }
        _ => return,
    };
    let add = ["restriction", "add", number, kind, "--words", "said so"];
    desk.does("supervisor", &add).await;
    tally.count(name);
}
