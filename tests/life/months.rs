//! What the report tells of each month, counted a second time: how cases rolled from stage to stage by the log, and what the
//! routes of visits took by the plans that were published.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::DAYS;
use super::desk::{Desk, MIDNIGHT, date, items, text};
use super::figures::parts;
use super::recount::{Log, Told};

/// Of fewer cases than so many no ends are told.
const LEAST: u64 = 5;

/// The months that were lived: first and last day of each.
fn months() -> Vec<(i64, i64)> {
    let mut months: Vec<(i64, i64)> = Vec::new();
    for day in 0..DAYS {
        match months.last_mut() {
            Some((first, last)) if date(*first)[..7] == date(day)[..7] => *last = day,
            _ => months.push((day, day)),
        }
    }
    months
}

fn is_live(state: &str) -> bool {
    state.starts_with('M')
}

/// Where a case was at the beginning and the end of some days, where it was anybody's work in them.
fn rolled(told: &Told, (first, last): (i64, i64)) -> Option<(&str, &str)> {
    let [begins, ends] = [first, last + 1].map(|day| MIDNIGHT / 1_000 + day * 86_400_000);
    let before = |instant: i64| told.states.iter().rfind(|(at, _)| *at < instant);
    let began = before(begins)
        .map(|(_, state)| state.as_str())
        .filter(|state| is_live(state));
    let within = |(at, state): &&(i64, String)| (begins..ends).contains(at) && is_live(state);
    let opened = told.states.iter().find(within);
    let (_, ended) = before(ends)?;
    (began.is_some() || opened.is_some()).then(|| (began.unwrap_or("new"), ended.as_str()))
}

/// How cases rolled in each month, and how many were settled in it, is what the log tells.
pub(super) async fn rolled_as_the_log_says(desk: &Desk, log: &Log) {
    let whole = desk
        .does("auditor", &["report", "--from", &date(0), "--to", &date(DAYS - 1)])
        .await;
    let mut expected: BTreeMap<(String, String), BTreeMap<&str, u64>> = BTreeMap::new();
    for (first, last) in months() {
        let rolls = log.cases.iter().filter_map(|told| rolled(told, (first, last)));
        let rolls: Vec<(&str, &str)> = rolls.collect();
        let settled = rolls.iter().filter(|(_, ended)| *ended == "settled").count() as u64;
        let month = desk
            .does("auditor", &["report", "--from", &date(first), "--to", &date(last)])
            .await;
        let assigned = Some(rolls.len() as u64);
        assert_eq!(
            parts(&month["total"], "cured"),
            (settled, assigned),
            "{rolls:?}: {month}"
        );
        assert_eq!(parts(&month["total"], "coverage").1, assigned, "{rolls:?}: {month}");
        for (began, ended) in rolls {
            let of = expected.entry((date(first), began.to_owned())).or_default();
            *of.entry(ended).or_default() += 1;
        }
    }
    let told = whole["roll"].as_array().unwrap();
    assert_eq!(told.len(), expected.len(), "{expected:?}: {whole}");
    let mut ends = BTreeSet::new();
    for roll in told {
        let of = &expected[&(text(roll, "from").to_owned(), text(roll, "began").to_owned())];
        let cases: u64 = of.values().sum();
        assert_eq!(roll["cases"], cases, "{of:?}: {roll}");
        let ended = roll["ended"].as_array().unwrap();
        assert_eq!(ended.is_empty(), cases < LEAST, "{roll}");
        for end in ended {
            assert_eq!(end["cases"], of[text(end, "ended")], "{of:?}: {roll}");
            ends.insert((text(roll, "began"), text(end, "ended")));
        }
    }
    for way in [("M1", "settled"), ("M2", "M3"), ("new", "M1")] {
        assert!(ends.contains(&way), "cases went the way {way:?}: {ends:?}");
    }
}

/// Way and time are those of the routes on which anybody was visited, as they were planned, and of the doors.
pub(super) async fn way_and_time_are_those_of_the_plans(desk: &Desk, (total, at_doors): (&Value, u64)) {
    let finished = desk.does("supervisor", &["visit", "list", "--state", "finished"]).await;
    let begun: BTreeSet<&str> = items(&finished).iter().map(|visit| text(visit, "id")).collect();
    let (mut metres, mut seconds) = (0, at_doors);
    let plans = desk.does("supervisor", &["plan", "list"]).await;
    for plan in items(&plans) {
        let plan = desk.does("supervisor", &["plan", "show", text(plan, "id")]).await;
        for route in plan["routes"].as_array().unwrap() {
            let visits = route["visits"].as_array().unwrap();
            if visits.iter().any(|visit| begun.contains(text(visit, "visit"))) {
                metres += route["metres"].as_u64().unwrap();
                seconds += route["driving"].as_u64().unwrap();
            }
        }
    }
    let visits = Some(begun.len() as u64);
    assert_eq!(parts(total, "way-per-visit"), (metres, visits), "{plans}");
    assert_eq!(parts(total, "time-per-visit"), (seconds, visits), "{plans}");
    assert!(metres > 0 && total != &json!([]));
}
