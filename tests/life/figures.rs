//! Every figure of the report, counted a second time from the exported log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::DAYS;
use super::desk::{Desk, date};
use super::months;
use super::people::Town;
use super::recount::{Log, Told, What};

/// Outcomes at which anybody was met, at a door and on the phone.
const MET: [&str; 5] = [
    "MET_BORROWER",
    "MET_RELATED",
    "MET_UNRELATED",
    "ASKED_TO_LEAVE",
    "RESCHEDULED",
];
const SPOKEN: [&str; 5] = ["MET_BORROWER", "MET_RELATED", "MET_UNRELATED", "CONNECTED", "DECLINED"];

/// Numerator and denominator by the name of the figure.
type Figures = BTreeMap<&'static str, (u64, Option<u64>)>;

fn ratio(count: u64, of: u64) -> (u64, Option<u64>) {
    (count, Some(of))
}

/// The figures of some cases.
fn counted(cases: &[&Told]) -> Figures {
    let sum = |of: &dyn Fn(&Told) -> u64| cases.iter().map(|told| of(told)).sum::<u64>();
    let number = |is: &dyn Fn(&Told) -> bool| cases.iter().filter(|told| is(told)).count() as u64;
    let assigned = number(&|told| told.count(|what| *what == What::Opened) > 0);
    let touched = |what: &What| matches!(what, What::Contact { .. } | What::Arrived { .. });
    let visits = sum(&|told| told.visits().len() as u64);
    let ended = |codes: &[&str]| sum(&|told| told.visits().values().filter(|one| codes.contains(one)).count() as u64);
    let called = |codes: &[&str]| {
        sum(&|told| {
            told.count(|what| matches!(what, What::Contact { channel, outcome, .. } if channel == "call" && codes.contains(&outcome.as_str())))
        })
    };
    let calls = sum(&|told| told.count(|what| matches!(what, What::Contact { channel, .. } if channel == "call")));
    let states: Vec<String> = cases.iter().flat_map(|told| judged(told)).collect();
    let became = |state: &str| states.iter().filter(|one| *one == state).count() as u64;
    let withdrawn = sum(&|told| distinct(told, |what| matches!(what, What::Withdrawn(_))));
    let forbidden = sum(&|told| {
        told.count(|what| {
            matches!(
                what,
                What::Contact { forbidden: true, .. } | What::Arrived { forbidden: true, .. }
            )
        })
    });
    let complaints = sum(&|told| told.count(|what| matches!(what, What::Complaint(_))));
    let complained = sum(&|told| distinct(told, |what| matches!(what, What::Complaint(Some(_)))));
    let decided = states.len() as u64;
    BTreeMap::from([
        ("coverage", ratio(number(&|told| told.count(touched) > 0), assigned)),
        ("contact", ratio(ended(&MET), visits)),
        ("right-party", ratio(ended(&["MET_BORROWER"]), visits)),
        ("call-contact", ratio(called(&SPOKEN), calls)),
        ("call-right-party", ratio(called(&["MET_BORROWER"]), calls)),
        ("promised", ratio(sum(&promised), ended(&["MET_BORROWER"]))),
        ("kept", ratio(became("kept"), decided)),
        ("broken", ratio(became("broken"), decided)),
        ("cured", ratio(number(&is_settled), assigned)),
        ("complaints", (complaints, None)),
        ("complained", ratio(complained, visits)),
        ("rule-blocks", (withdrawn + forbidden, None)),
        ("blocks-respected", ratio(withdrawn, withdrawn + forbidden)),
        ("evening", ratio(sum(&in_the_evening), visits)),
    ])
}

/// How many different things of some kind are told.
fn distinct(told: &Told, is: impl Fn(&What) -> bool) -> u64 {
    let found = told.all.iter().map(|(_, what)| what).filter(|what| is(what));
    found.map(|what| format!("{what:?}")).collect::<BTreeSet<_>>().len() as u64
}

/// What each promise and plan became at last, where payments decided about it.
fn judged(told: &Told) -> Vec<String> {
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for (_, what) in &told.all {
        match what {
            What::Judged { agreement, kind, to } if kind != "reward" => {
                last.insert(agreement, to);
            }
            _ => {}
        }
    }
    let decided = last
        .into_values()
        .filter(|to| ["kept", "partial", "broken"].contains(to));
    decided.map(str::to_owned).collect()
}

/// Visits at which the debtor was met and promised something.
fn promised(told: &Told) -> u64 {
    let visits = told.visits();
    let met = |visit: &str| visits.get(visit) == Some(&"MET_BORROWER");
    distinct(told, |what| matches!(what, What::Promised(visit) if met(visit)))
}

/// Whether nothing was owed any more at last.
pub(crate) fn is_settled(told: &Told) -> bool {
    let mut states = told.all.iter().map(|(_, what)| what);
    let last = states.rfind(|what| matches!(what, What::Opened | What::Settled));
    last == Some(&What::Settled)
}

/// Visits from 19:00 to 6:00; clocks in Portugal show UTC until the end of March.
fn in_the_evening(told: &Told) -> u64 {
    let evening = |at: i64| !(6..19).contains(&(at / 3_600_000 % 24));
    let visits = told.all.iter().filter(|(_, what)| matches!(what, What::Arrived { .. }));
    visits.filter(|(at, _)| evening(*at)).count() as u64
}

/// Seconds at doors.
fn at_doors(log: &Log) -> u64 {
    let mut seconds = 0;
    for told in &log.cases {
        for (at, what) in &told.all {
            match what {
                What::Arrived { .. } => seconds -= at / 1_000,
                What::Departed(_) => seconds += at / 1_000,
                _ => {}
            }
        }
    }
    seconds.unsigned_abs()
}

/// Numerator and denominator of a figure.
pub(super) fn parts(figures: &Value, what: &str) -> (u64, Option<u64>) {
    let all = figures.as_array().unwrap();
    let found = all.iter().find(|one| one["what"] == what);
    let figure = found.unwrap_or_else(|| panic!("{what}: {figures}"));
    (figure["count"].as_u64().unwrap(), figure["of"].as_u64())
}

/// The report tells what the log tells, in total and of each portfolio.
pub(crate) async fn are_those_of_the_log(desk: &Desk, town: &Town, log: &Log) {
    let (from, to) = (date(0), date(DAYS - 1));
    let args = ["report", "--from", &from, "--to", &to];
    let report = desk.does("auditor", &args).await;
    let all: Vec<&Told> = log.cases.iter().collect();
    for (what, expected) in counted(&all) {
        assert_eq!(parts(&report["total"], what), expected, "{what}: {report}");
        assert!(expected.0 > 0, "{what} is tried with something to count: {report}");
    }
    months::way_and_time_are_those_of_the_plans(desk, (&report["total"], at_doors(log))).await;
    months::rolled_as_the_log_says(desk, log).await;
    for (name, letters_only) in [("card", false), ("letters", true)] {
        let of = |told: &&Told| {
            let person = town.people.iter().find(|person| person.number == told.number);
            person.is_some_and(|person| person.letters_only == letters_only)
        };
        let cases: Vec<&Told> = log.cases.iter().filter(of).collect();
        let items = report["items"].as_array().unwrap();
        let group = items.iter().find(|one| one["group"] == name).unwrap();
        let counted = counted(&cases);
        for (what, expected) in &counted {
            assert_eq!(parts(&group["figures"], what), *expected, "{what} of {name}: {group}");
        }
        let visits = counted["contact"].1.unwrap_or_default();
        assert_eq!(visits == 0, letters_only, "{name}: {visits} visits");
        assert!(counted["cured"].0 > 0, "{name} closes cases: {counted:?}");
    }
}
