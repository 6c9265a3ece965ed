//! A day at the office: what fell due, what was paid, who is called or written to, what was agreed. Each morning the work of the
//! day is done, the bank's file comes, and the books and every case are held against what the people of the town know of
//! themselves. Then the work lists leave as files and come back with results.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::calls;
use super::desk::{Desk, date, items, text};
use super::doors;
use super::files::{self, BEFORE, LIMITS, PORTFOLIOS};
use super::people::{Person, Town};

/// The days on which nobody comes to a door: something happened in the town.
pub(crate) const CALM: [i64; 2] = [42, 55];

/// What was done, as those remember it who did it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often something happened, by its name.
    pub(crate) counts: BTreeMap<String, u64>,
    /// What each agreement must have become by the end, by its id.
    pub(crate) agreed: BTreeMap<String, &'static str>,
    /// The stages and states in which each case was seen.
    pub(crate) seen: BTreeMap<String, Vec<String>>,
}

impl Tally {
    /// Something happened once.
    pub(crate) fn count(&mut self, name: &str) {
        self.add(name, 1);
    }

    /// Something happened so often.
    pub(crate) fn add(&mut self, name: &str, times: u64) {
        *self.counts.entry(name.to_owned()).or_default() += times;
    }

    /// How often something happened.
    pub(crate) fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }
}

/// Staff, portfolios with their strategies, and loans come.
pub(crate) async fn begin(desk: &mut Desk, town: &Town) {
    desk.at(0, 300);
    desk.signs_in("admin").await;
    let staff = desk.file("staff.csv", &files::staff());
    let added = desk
        .does("admin", &["staff", "import", &staff, "--team", "Team 1"])
        .await;
    assert_eq!(added["added"], 3, "{added}");
    for (nth, name) in PORTFOLIOS.into_iter().enumerate() {
        desk.does("admin", &["portfolio", "add", name]).await;
        let document = desk.file(&format!("{name}.toml"), &files::strategy(nth));
        desk.does("admin", &["strategy", "set", name, &document]).await;
    }
    desk.has_password("S02").await;
    desk.signs_in("supervisor").await;
    let loans = desk.file("loans.csv", &files::loans(town));
    let landed = desk.does("supervisor", &["loan", "import", &loans]).await;
    let rows: usize = town.people.iter().map(|person| person.instalments.len()).sum();
    assert_eq!(
        (&landed["created"], &landed["counts"]),
        (&json!(50), &json!({"accept": rows})),
        "{landed}"
    );
}

/// Lives a day.
pub(crate) async fn live(desk: &mut Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    desk.at(day, 8 * 60);
    desk.signs_in("supervisor").await;
    the_day_is_worked(desk, tally, day).await;
    money_comes(desk, town, tally, day).await;
    the_books_balance(desk, town, day).await;
    every_case_is_as_old_as_its_debt(desk, town, tally, day).await;
    if day == CALM[0] - 3 {
        the_town_becomes_calm(desk).await;
    }
    desk.at(day, 8 * 60 + 30);
    doors::are_planned(desk, town, tally, day).await;
    calls::are_made(desk, town, tally, day).await;
    doors::are_visited(desk, town, tally, day).await;
}

async fn the_day_is_worked(desk: &Desk, tally: &mut Tally, day: i64) {
    let done = desk.does("supervisor", &["daily"]).await;
    assert_eq!((&done["day"], &done["caught_up"]), (&json!(date(day)), &json!(0)));
    for step in done["steps"].as_array().unwrap() {
        for (name, count) in step["counts"].as_object().unwrap() {
            let name = format!("daily {} {name}", text(step, "step"));
            tally.add(&name, count.as_u64().unwrap());
        }
    }
}

/// Everybody pays what they pay today, and the bank says so; what it takes back it says as well.
async fn money_comes(desk: &Desk, town: &mut Town, tally: &mut Tally, day: i64) {
    let (mut rows, mut lost) = (Vec::new(), Vec::new());
    for person in &mut town.people {
        if let Some(back) = person.bounces(day) {
            rows.push(files::reversal(person, (back, day)));
            tally.count("bounced");
        }
        if let Some(due) = person.pays(day) {
            rows.push(files::payment(person, due));
            lost.extend(person.mistypes().then(|| person.number.clone()));
            tally.count("paid");
        }
    }
    if rows.is_empty() {
        return;
    }
    let file = desk.file("payments.csv", &[files::BANK, &rows.concat()].concat());
    let report = desk.does("supervisor", &["payment", "import", &file]).await;
    let held = report["counts"]["hold"].as_u64().unwrap_or_default() as usize;
    let taken = report["counts"]["accept"].as_u64().unwrap_or_default() as usize;
    assert_eq!((taken, held), (rows.len() - lost.len(), lost.len()), "{report}");
    for number in &lost {
        what_was_lost_is_found(desk, number, day).await;
        tally.count("held and found");
    }
}

/// Money for a loan that nobody has counts nowhere, until somebody finds out whose it is.
async fn what_was_lost_is_found(desk: &Desk, number: &str, day: i64) {
    let books = desk.does("supervisor", &["books", "--day", &date(day)]).await;
    assert_eq!(books["balanced"], true, "{books}");
    assert_eq!(books["held"].as_array().map(Vec::len), Some(1), "{books}");
    let held = desk.does("supervisor", &["payment", "held"]).await;
    let payment = text(&items(&held)[0], "id").to_owned();
    desk.does("supervisor", &["payment", "settle", &payment, "--case", number])
        .await;
}

/// The books balance, and what they close with is what the people know that they owe.
async fn the_books_balance(desk: &Desk, town: &Town, day: i64) {
    let books = desk.does("supervisor", &["books", "--day", &date(day)]).await;
    assert_eq!(
        (&books["balanced"], &books["imbalances"], &books["held"]),
        (&json!(true), &json!([]), &json!([])),
        "day {day}: {books}"
    );
    for name in PORTFOLIOS {
        let of = town.people.iter().filter(|person| files::portfolio(person) == name);
        let owed: i64 = of.map(|person| person.balance(day)).sum();
        let item = books["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name);
        let closing = item.map_or(&Value::Null, |item| &item["closing"]["total"]);
        assert_eq!(closing, owed, "day {day}, {name}: {books}");
    }
}

/// Whom a case must be open for, with its amount, days past due and stage.
fn expected(person: &Person, day: i64) -> Option<(i64, i64, &'static str)> {
    let oldest = person.oldest().filter(|oldest| *oldest <= day + BEFORE)?;
    let limits = LIMITS[usize::from(person.letters_only)];
    let late = day - oldest;
    let nth = limits.iter().take_while(|limit| late > **limit).count();
    let stage = if late <= 0 {
        "M0"
    } else {
        ["M1", "M2", "M3", "M3+"][nth]
    };
    // Nobody pays ahead of an instalment of which the case says nothing yet.
    let amount = person.balance(day + BEFORE);
    Some((amount, late, stage))
}

/// Every case is open as long as something is owed or near, and as old as the oldest of it.
async fn every_case_is_as_old_as_its_debt(desk: &Desk, town: &Town, tally: &mut Tally, day: i64) {
    let cases = desk.does("supervisor", &["case", "list", "--limit", "200"]).await;
    for person in &town.people {
        let case = items(&cases).iter().find(|case| case["case_no"] == person.number);
        let (Some(case), expected) = (case, expected(person, day)) else {
            assert!(expected(person, day).is_none(), "day {day}: no case of {person:?}");
            continue;
        };
        let told = || format!("day {day}: {case} {person:?}");
        let Some((amount, late, stage)) = expected else {
            assert_eq!(case["status"], "settled", "{}", told());
            saw(tally, person, "settled");
            continue;
        };
        assert_eq!(case["status"], "open", "{}", told());
        assert_eq!(case["amount"]["total"], amount, "{}", told());
        assert_eq!(
            (&case["days_past_due"], &case["stage"]),
            (&json!(late), &json!(stage)),
            "{}",
            told()
        );
        saw(tally, person, stage);
    }
}

/// A case was seen in a stage or state; only changes are remembered.
fn saw(tally: &mut Tally, person: &Person, what: &str) {
    let seen = tally.seen.entry(person.number.clone()).or_default();
    if seen.last().is_none_or(|last| last != what) {
        seen.push(what.to_owned());
    }
}

/// A supervisor asks for calm in the portfolio that people are visited for, and another agrees.
async fn the_town_becomes_calm(desk: &mut Desk) {
    let [from, until] = CALM.map(date);
    let name = PORTFOLIOS[0];
    let set = ["calm", "set", "--portfolio", name, "--from", &from, "--until", &until];
    let why = ["--mode", "stop", "--reason", "disaster"];
    let asked = desk.does("supervisor", &[&set[..], &why].concat()).await;
    let approval = text(&items(&asked)[0], "approval").to_owned();
    desk.signs_in("S02").await;
    desk.does("S02", &["approvals", "approve", &approval]).await;
    let listed = desk.does("supervisor", &["calm", "list"]).await;
    assert_eq!(items(&listed)[0]["state"], "on", "{listed}");
}
