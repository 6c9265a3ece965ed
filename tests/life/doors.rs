//! Visits: on Mondays and Wednesdays a plan for the day after tomorrow is made where somebody is to be visited, its notices leave,
//! and the crew goes there with its device. What was said goes to the office the same evening.

use serde_json::{Value, json};

use super::calls;
use super::days::{CALM, Tally};
use super::desk::{Desk, date, items, text};
use super::files;
use super::people::{Nature, Person, Says, Town};

/// What the crew's device is called by those who type.
const CREW: &str = "F01";
const PARTNER: &str = "F02";

/// Whether a plan is made on a day.
const fn plans(day: i64) -> bool {
    matches!(day % 7, 0 | 2)
}

/// A plan for the day after tomorrow, where anybody is to be visited by then; its notices leave at once.
pub(crate) async fn are_planned(desk: &Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    if !plans(day) {
        return;
    }
    let on = date(day + 2);
    let calm = (CALM[0]..=CALM[1]).contains(&(day + 2));
    let list = ["work", "list", "--channel", "visit", "--day", &on];
    let due = desk.does("supervisor", &list).await;
    if calm {
        assert_eq!(due["items"], json!([]), "nobody is visited in a time of calm");
    }
    // Once in the time of calm a plan is made all the same.
    if due["items"] == json!([]) && (!calm || tally.of("calm kept") > 0) {
        return;
    }
    let propose = ["plan", "propose", "--day", &on, "--iterations", "100"];
    let plan = desk.does("supervisor", &propose).await;
    assert_eq!(plan["findings"], json!([]), "{plan}");
    if calm {
        assert_eq!(plan["planned"], 0, "{plan}");
        let left_out = ["plan", "left-out", text(&plan, "id"), "--reason", "calm"];
        let left_out = desk.does("supervisor", &left_out).await;
        tally.add("calm kept", items(&left_out).len() as u64);
        return;
    }
    if plan["planned"] == 0 {
        return;
    }
    is_published(desk, town, tally, (&plan, day)).await;
}

async fn is_published(desk: &Desk, town: &mut Town, tally: &mut Tally, (plan, day): (&Value, i64)) {
    for visit in visits_of(plan) {
        let person = town.of(text(visit, "case_no"));
        assert!(
            person.owes(day) > 0 && !person.letters_only,
            "nobody is visited who owes nothing, or is of the other portfolio: {visit} {person:?}"
        );
    }
    desk.does("supervisor", &["plan", "publish", text(plan, "id"), "--yes"])
        .await;
    tally.count("published");
    let letters = desk.path(&format!("letters-{day}"));
    let handed = desk.does("supervisor", &["notice", "dispatch", "--to", &letters]).await;
    let announced = handed["notices"].as_array().unwrap().len() as u64;
    assert_eq!(plan["planned"], announced, "everybody is told: {handed}");
    tally.add("planned", announced);
    for visit in visits_of(plan) {
        town.of(text(visit, "case_no")).is_told(day);
    }
}

/// The visits of a plan.
fn visits_of(plan: &Value) -> Vec<&Value> {
    let routes = plan["routes"].as_array().unwrap().iter();
    routes.flat_map(|route| route["visits"].as_array().unwrap()).collect()
}

async fn has_a_device(desk: &mut Desk, tally: &mut Tally) {
    if tally.of("device") > 0 {
        return;
    }
    desk.signs_in("admin").await;
    let code = desk.does("admin", &["device", "code", CREW]).await;
    let enrol = ["device", "enrol", text(&code, "code"), "--tenant", &desk.tenant.clone()];
    let enrolled = desk.does(CREW, &enrol).await;
    assert_eq!(enrolled["me"]["role"], "field", "{enrolled}");
    tally.count("device");
}

/// The crew goes where the published plan sends it.
pub(crate) async fn are_visited(desk: &mut Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    if !matches!(day % 7, 2 | 4) {
        return;
    }
    let on = date(day);
    let listed = desk
        .does("supervisor", &["visit", "list", "--day", &on, "--state", "planned"])
        .await;
    if items(&listed).is_empty() {
        return;
    }
    has_a_device(desk, tally).await;
    desk.does(CREW, &["sync"]).await;
    let route = desk.does(CREW, &["visit", "route"]).await;
    let stops: Vec<(String, String)> = items(&route)
        .iter()
        .map(|stop| (text(stop, "visit").to_owned(), text(stop, "case_no").to_owned()))
        .collect();
    assert_eq!(stops.len(), items(&listed).len(), "{route} {listed}");
    let mut heard: Vec<(String, String, Says)> = Vec::new();
    for (visit, number) in stops {
        let found = items(&listed).iter().find(|one| one["id"] == visit);
        let start = found.and_then(|one| one["planned_start"].as_i64()).unwrap();
        desk.at_instant(start);
        let says = is_visited(desk, town.of(&number), tally, (&visit, day)).await;
        heard.push((number, visit, says));
    }
    let synced = desk.does(CREW, &["sync"]).await;
    assert_eq!(synced["unacknowledged"], 0, "{synced}");
    for (number, visit, says) in heard {
        afterwards(desk, town.of(&number), tally, (&visit, says, day)).await;
    }
}

/// One door, from the check-in to the check-out.
async fn is_visited(desk: &Desk, person: &mut Person, tally: &mut Tally, (visit, day): (&str, i64)) -> Says {
    let start = ["visit", "start", visit, "--staff", PARTNER, "--identity-shown"];
    let started = desk.does(CREW, &start).await;
    assert_eq!(
        started["blocked_by"],
        json!([]),
        "no visit is made against a rule: {started}"
    );
    let required: Vec<&str> = started["required"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    desk.at_instant(desk.now() + 8 * 60_000_000);
    let owed = person.owes(day);
    let says = person.opens(day);
    let promise = match says {
        Says::Promise(after, _) => Some(format!("{}:{}:EUR", date(day + after), files::amount(owed))),
        _ => None,
    };
    let (outcome, matter) = match says {
        Says::Nothing => ("NOBODY_HOME", None),
        Says::NotHere => ("MOVED", None),
        Says::No => ("ASKED_TO_LEAVE", None),
        Says::Died => ("MET_RELATED", None),
        Says::Wrong => ("MET_BORROWER", Some("DISPUTE")),
        Says::Cannot => ("MET_BORROWER", Some("HARDSHIP")),
        Says::Promise(..) => ("MET_BORROWER", Some("PTP")),
        Says::Yes(_) | Says::Instalments(..) => ("MET_BORROWER", None),
    };
    let done = required.join(",");
    let mut finish = vec!["visit", "finish", visit, "--outcome", outcome, "--done", &done];
    if outcome == "MET_BORROWER" {
        desk.does(CREW, &["visit", "identify", visit]).await;
    }
    finish.extend(matter.iter().flat_map(|matter| ["--matter", matter]));
    finish.extend(promise.iter().flat_map(|promise| ["--promise", promise.as_str()]));
    let finished = desk.does(CREW, &finish).await;
    assert_eq!(finished["missing"], json!([]), "{finished}");
    tally.count("visited");
    tally.count(&format!("door {outcome} {}", matter.unwrap_or_default()));
    says
}

/// What follows at the office.
async fn afterwards(desk: &Desk, person: &mut Person, tally: &mut Tally, (visit, says, day): (&str, Says, i64)) {
    match says {
        // The device has told of these already.
        Says::Wrong => tally.count("disputed"),
        Says::Cannot => tally.count("hardship"),
        Says::Promise(after, percent) => {
            calls::stands(desk, person, tally, (percent, day + after)).await;
            tally.count("promise at the door");
        }
        _ => calls::is_noted(desk, person, tally, (says, day, "door")).await,
    }
    if person.nature == Nature::Complains && person.visits.len() == 1 {
        complains(desk, person, tally, visit).await;
    }
}

/// Somebody complains of a visit, and is answered.
async fn complains(desk: &Desk, person: &Person, tally: &mut Tally, visit: &str) {
    let case = desk.does("supervisor", &["case", "show", &person.number]).await;
    let open = ["complaint", "open", text(&case, "id"), "--visit", visit];
    let said = ["--channel", "phone", "--words", "too early"];
    let opened = desk.does("supervisor", &[&open[..], &said].concat()).await;
    let id = text(&opened, "id").to_owned();
    desk.does("supervisor", &["complaint", "take", &id]).await;
    let answer = ["complaint", "answer", &id, "upheld", "--words", "we are sorry"];
    desk.does("supervisor", &answer).await;
    tally.count("complained");
}
