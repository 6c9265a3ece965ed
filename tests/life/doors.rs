//! A day of the crew: doors come to the device, each is visited when it is planned, and what was said goes to the office.

use serde_json::{Value, json};

use super::days::Tally;
use super::desk::{Desk, date, items, text};
use super::files;
use super::people::{Person, Says, Town};

/// What the crew's device is called by those who type.
const CREW: &str = "F01";
const PARTNER: &str = "F02";

async fn has_a_device(desk: &Desk, tally: &mut Tally) {
    if !tally.devices.is_empty() {
        return;
    }
    desk.signs_in("admin").await;
    let code = desk.does("admin", &["device", "code", CREW]).await;
    let enrol = ["device", "enrol", text(&code, "code"), "--tenant", &desk.tenant];
    let enrolled = desk.does(CREW, &enrol).await;
    assert_eq!(enrolled["me"]["role"], "field", "{enrolled}");
    tally.devices.push(CREW.to_owned());
}

/// The crew goes where the published plan sends it.
pub(crate) async fn are_visited(desk: &Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    desk.at(day, 8 * 60);
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
    let starts = |visit: &str| {
        let found = items(&listed).iter().find(|one| one["id"] == visit);
        found.and_then(|one| one["planned_start"].as_i64())
    };
    for (visit, number) in stops {
        let Some(start) = starts(&visit) else { continue };
        desk.at_instant(start);
        is_visited(desk, town.of(&number), tally, (&visit, day)).await;
    }
    let synced = desk.does(CREW, &["sync"]).await;
    assert_eq!(synced["unacknowledged"], 0, "{synced}");
    for person in &town.people {
        if person.visits.last() == Some(&day) {
            afterwards(desk, person, tally).await;
        }
    }
}

/// One door, from the check-in to the check-out.
async fn is_visited(desk: &Desk, person: &mut Person, tally: &mut Tally, (visit, day): (&str, i64)) {
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
        Says::Promise(after) => Some(format!("{}:{}", date(day + after), files::amount(owed))),
        _ => None,
    };
    let (outcome, matter) = match says {
        Says::Nothing => ("NOBODY_HOME", None),
        Says::NotHere => ("MOVED", None),
        Says::No => ("ASKED_TO_LEAVE", None),
        Says::Wrong => ("MET_BORROWER", Some("DISPUTE")),
        Says::Cannot => ("MET_BORROWER", Some("HARDSHIP")),
        Says::Promise(_) => ("MET_BORROWER", Some("PTP")),
        Says::Yes | Says::Instalments(..) => ("MET_BORROWER", None),
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
    tally.count(match says {
        Says::Nothing => "nobody home",
        Says::NotHere => "moved",
        Says::No => "sent away",
        Says::Promise(_) => "promised at the door",
        Says::Instalments(..) => "agreed to instalments",
        _ => "met",
    });
}

/// What follows at the office.
async fn afterwards(desk: &Desk, person: &Person, tally: &mut Tally) {
    if person.nature == super::people::Nature::Complains && person.visits.len() == 1 {
        let open = [
            "complaint",
            "open",
            &person.number,
            "--channel",
            "phone",
            "--words",
            "too early",
        ];
        let opened = desk.does("supervisor", &open).await;
        let id = text(&opened, "id").to_owned();
        desk.does("supervisor", &["complaint", "take", &id]).await;
        let answer = ["complaint", "answer", &id, "upheld", "--words", "we are sorry"];
        desk.does("supervisor", &answer).await;
        tally.count("complained");
    }
}
