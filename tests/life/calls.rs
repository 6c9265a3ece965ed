//! Work lists leave as files; somebody calls and writes, and brings back what came of it. What was said becomes an agreement or
//! a restriction the same day, by a command.

use std::path::Path;

use serde_json::{Value, json};

use super::days::Tally;
use super::desk::{Desk, date, items, number, text};
use super::files::{self, amount};
use super::people::{Due, Nature, Person, Says, Town};
use crate::harness::{csv_cells, csv_text};

/// The lists that leave on working days; at the weekend the last alone.
const CHANNELS: [&str; 3] = ["message", "letter", "call"];
/// When the office begins to call, in minutes after midnight.
const MORNING: i64 = 9 * 60;

/// A work list as a file, with its header.
struct List {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl List {
    fn at(&self, column: &str) -> usize {
        self.head.iter().position(|one| one == column).unwrap()
    }

    fn put(&mut self, row: usize, cells: &[(&str, String)]) {
        for (column, value) in cells {
            let at = self.at(column);
            self.rows[row][at].clone_from(value);
        }
    }
}

/// The lists leave; on working days they come back with results.
pub(crate) async fn are_made(desk: &Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    desk.at(day, MORNING);
    let mut lists: Vec<(&'static str, List)> = Vec::new();
    let works = day % 7 < 5;
    for channel in &CHANNELS[if works { 0 } else { 2 }..] {
        lists.push((channel, exported(desk, channel).await));
    }
    if !works {
        return;
    }
    steps_are_noted(desk, tally, day).await;
    let mut minute = MORNING;
    let mut heard: Vec<(String, Says)> = Vec::new();
    for (channel, mut list) in lists {
        for row in 0..list.rows.len() {
            minute += 1;
            let number = list.rows[row][list.at("case_no")].clone();
            let person = town.of(&number);
            let at = format!("{} {:02}:{:02}", date(day), minute / 60, minute % 60);
            let mut cells = vec![("at", at)];
            if channel == "call" {
                assert_eq!(list.rows[row][list.at("phone")], files::phone(person), "{number}");
                let says = person.answers(day);
                cells.extend(result(person, says, day));
                heard.push((number, says));
            } else {
                cells.push(("outcome", "DELIVERED".to_owned()));
            }
            list.put(row, &cells);
            tally.count(channel);
        }
        come_back(desk, &list, (day, minute + 1)).await;
    }
    for (number, says) in heard {
        is_noted(desk, town.of(&number), tally, (says, day, "phone")).await;
    }
    for person in town
        .people
        .iter_mut()
        .filter(|person| person.asks_for_another_plan(day))
    {
        asks_for_another_plan(desk, person, tally, day).await;
    }
}

/// Somebody who pays in instalments asks for smaller ones: the new plan takes the place of the old, and nothing was missed.
async fn asks_for_another_plan(desk: &Desk, person: &mut Person, tally: &mut Tally, day: i64) {
    let (old, _) = person.plan.clone().unwrap();
    tally.agreed.insert(old, "ended");
    person.means_to.retain(|due| due.day <= day);
    person.times_said += 1;
    agrees_to_instalments(desk, person, tally, (5, 5, day)).await;
    tally.count("plan replaced");
}

async fn exported(desk: &Desk, channel: &str) -> List {
    let out = desk.path("work.csv");
    let args = [
        "work",
        "export",
        &out,
        "--force",
        "--channel",
        channel,
        "--purpose",
        "contact",
    ];
    desk.does("supervisor", &args).await;
    let mut rows = csv_cells(&std::fs::read(Path::new(&out)).unwrap());
    let head = rows.remove(0);
    List { head, rows }
}

async fn come_back(desk: &Desk, list: &List, (day, minute): (i64, i64)) {
    if list.rows.is_empty() {
        return;
    }
    desk.at(day, minute);
    let all: Vec<Vec<String>> = std::iter::once(&list.head).chain(&list.rows).cloned().collect();
    let file = desk.file("results.csv", &String::from_utf8(csv_text(&all)).unwrap());
    let report = desk.does("supervisor", &["work", "import", &file]).await;
    assert_eq!(
        (&report["recorded"], &report["forbidden"], &report["counts"]),
        (&json!(list.rows.len()), &json!(0), &json!({"accept": list.rows.len()})),
        "{report} {all:?}"
    );
}

/// What the file says of a call.
fn result(person: &Person, says: Says, day: i64) -> Vec<(&'static str, String)> {
    let outcome = match says {
        Says::Nothing => "NO_ANSWER",
        Says::NotHere => "NUMBER_INVALID",
        Says::No => "DECLINED",
        Says::Died => "MET_RELATED",
        _ => "MET_BORROWER",
    };
    let mut cells = vec![("outcome", outcome.to_owned())];
    let reason = match says {
        Says::Yes(_) => Some("forgot"),
        Says::Wrong => Some("dispute"),
        Says::Cannot => Some("lost-job"),
        Says::Promise(..) | Says::Instalments(..) => Some("cash-flow"),
        _ => None,
    };
    cells.extend(reason.map(|reason| ("reason", reason.to_owned())));
    if let Says::Promise(after, _) = says {
        cells.push(("promise_day", date(day + after)));
        cells.push(("promise_amount", amount(person.owes(day))));
    }
    cells
}

/// What contacts nobody is noted when its turn has come: the legal bundle, the credit bureau.
async fn steps_are_noted(desk: &Desk, tally: &mut Tally, day: i64) {
    if day % 7 != 1 {
        return;
    }
    for channel in ["bundle", "bureau"] {
        let list = desk.does("supervisor", &["work", "list", "--channel", channel]).await;
        for item in list["items"].as_array().unwrap() {
            let done = ["work", "done", text(item, "case_no"), "--step", text(item, "step")];
            desk.does("supervisor", &done).await;
            tally.count(channel);
        }
    }
}

/// What somebody said changes what may be done, or becomes an agreement; and they mean it or not.
pub(crate) async fn is_noted(
    desk: &Desk,
    person: &mut Person,
    tally: &mut Tally,
    (says, day, by): (Says, i64, &'static str),
) {
    let number = person.number.clone();
    let restriction = match says {
        Says::Wrong => Some("disputed"),
        Says::Cannot => Some("hardship"),
        Says::No => Some("cease_contact"),
        Says::Died => Some("deceased"),
        _ => None,
    };
    if let Some(kind) = restriction {
        // Whoever says it again is heard, and nothing changes.
        if person.times_said > 1 {
            return;
        }
        let add = ["restriction", "add", &number, kind, "--words", "said so"];
        desk.does("supervisor", &add).await;
        tally.count(kind);
        return;
    }
    match says {
        Says::Yes(after) => {
            let cents = person.owes(day + after);
            person.means_to.push(Due {
                day: day + after,
                cents,
            });
        }
        Says::Promise(after, percent) if by == "phone" => {
            stands(desk, person, tally, (percent, day + after)).await;
        }
        Says::Instalments(count, kept) => agrees_to_instalments(desk, person, tally, (count, kept, day)).await,
        _ => {}
    }
    if person.nature == Nature::NewNumber && by == "door" && !person.corrected {
        person.corrected = true;
        let phone = files::phone(person);
        desk.does("supervisor", &["person", "edit", &number, "--phone", &phone])
            .await;
        tally.count("number corrected");
    }
}

/// A promise that was told of stands as an agreement.
pub(crate) async fn stands(desk: &Desk, person: &mut Person, tally: &mut Tally, (percent, on): (i64, i64)) {
    let list = ["agreement", "list", "--case", &person.number, "--state", "promised"];
    let list = desk.does("supervisor", &list).await;
    assert_eq!(items(&list).len(), 1, "what was told of is an agreement: {list}");
    promised(person, tally, (&items(&list)[0], percent, on));
}

/// What comes of a promise follows from how much of it will be paid.
fn promised(person: &mut Person, tally: &mut Tally, (made, percent, on): (&Value, i64, i64)) {
    assert_eq!(made["state"], "promised", "{made}");
    let cents = made["amount"].as_i64().unwrap() * percent / 100;
    person.means_to.push(Due { day: on, cents });
    let becomes = match percent {
        100 => "kept",
        0 => "broken",
        _ => "partial",
    };
    tally.agreed.insert(text(made, "id").to_owned(), becomes);
    tally.count("promise");
}

async fn agrees_to_instalments(
    desk: &Desk,
    person: &mut Person,
    tally: &mut Tally,
    (count, kept, day): (u16, usize, i64),
) {
    let (first, times) = (date(day + 4), count.to_string());
    let terms = [
        "--kind", "plan", "--first", &first, "--count", &times, "--every", "week",
    ];
    let propose = ["agreement", "propose", "--case", &person.number];
    let replaces: &[&str] = if person.nature == Nature::ChangesPlan && person.times_said == 2 {
        &["--replace"]
    } else {
        &[]
    };
    let made = desk
        .does("supervisor", &[&propose[..], &terms, replaces].concat())
        .await;
    assert_eq!(made["state"], "promised", "{made}");
    let dues = made["instalments"].as_array().unwrap();
    assert_eq!(dues.len(), usize::from(count), "{made}");
    for due in dues.iter().take(kept) {
        person.means_to.push(Due {
            day: number(text(due, "day")),
            cents: due["amount"].as_i64().unwrap(),
        });
    }
    let becomes = if kept == dues.len() { "kept" } else { "broken" };
    tally.agreed.insert(text(&made, "id").to_owned(), becomes);
    person.plan = Some((text(&made, "id").to_owned(), day));
    tally.count("plan");
    if person.times_said > 1 && person.nature == Nature::BreaksPlan {
        tally.count("planned anew");
    }
}
