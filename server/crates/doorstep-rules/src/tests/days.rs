//! Whole days: intervals for planning, nights of a clock change, and the speed that planning needs.

use super::{HALF_HOUR, HANGZHOU, NEW_YORK, PACKS, PORTO, at, facts, forbidding, visited};
use crate::{Consent, ConsentScope, Effect, Facts, Lift, PackSet, RuleId, intervals, parse_stated_times};
use doorstep_domain::case::Flag;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Micros;
use jiff::civil::{Date, date};

const TUESDAY: Date = date(2026, 11, 24);

/// A house pack with other hours, for the middle of the night.
fn nightly(from: &str, to: &str) -> PackSet {
    let text = format!(
        r#"format = 1
id = "night"
version = 1
title = {{ en = "Night", zh = "夜间" }}
status = "house"
[[rule]]
id = "NIGHT"
kind.time_window = {{ hours = [{{ from = "{from}", to = "{to}" }}] }}
effect = "block"
status = "house"
citation = "house rule"
confidence = "M"
"#
    );
    PackSet::only(&[("night.toml", &text)]).unwrap()
}

/// The intervals of a day in hours and minutes UTC.
fn utc(packs: &PackSet, facts: &Facts, day: Date) -> Vec<(String, String)> {
    let text = |at: Micros| {
        jiff::Timestamp::from_microsecond(at.get())
            .unwrap()
            .strftime("%d %H:%M")
            .to_string()
    };
    let found = intervals(packs, facts, day, HALF_HOUR).intervals;
    found.into_iter().map(|(start, end)| (text(start), text(end))).collect()
}

#[test]
fn a_day_is_the_common_part_of_all_hours() {
    let open = |place: (&str, &str, &str), stated: &str| {
        let mut facts = facts(place);
        facts.subject.available = parse_stated_times(stated).unwrap();
        intervals(&PACKS, &facts, TUESDAY, HALF_HOUR).intervals
    };
    let span = |zone: &str, from: &str, to: &str| {
        (
            at(zone, &format!("2026-11-24T{from}")),
            at(zone, &format!("2026-11-24T{to}")),
        )
    };
    assert_eq!(open(PORTO, ""), [span(PORTO.2, "09:00", "20:00")]);
    assert_eq!(open(HANGZHOU, "18:00-22:00"), [span(HANGZHOU.2, "18:00", "20:00")]);
    let two = [span(PORTO.2, "09:00", "10:00"), span(PORTO.2, "12:00", "13:00")];
    assert_eq!(open(PORTO, "07:00-10:00;12:00-13:00;19:40-23:00"), two);
    assert_eq!(open(PORTO, "sat"), []);
}

#[test]
fn a_day_without_room_names_the_rules() {
    let mut facts = facts(PORTO);
    facts.subject.available = parse_stated_times("19:45-21:00").unwrap();
    let day = intervals(&PACKS, &facts, TUESDAY, HALF_HOUR);
    assert!(day.intervals.is_empty());
    assert_eq!(forbidding(&day.verdict), ["HOUSE-HOURS", "HOUSE-STATED"]);
    facts.subject.available.clear();
    facts.subject.flags.insert(Flag::Deceased);
    let day = intervals(&PACKS, &facts, TUESDAY, HALF_HOUR);
    assert_eq!(
        (day.intervals.len(), forbidding(&day.verdict)),
        (0, vec!["HOUSE-STOP-DECEASED"])
    );
}

#[test]
fn planning_learns_how_many_staff_it_needs() {
    let mut facts = facts(HANGZHOU);
    facts.staff = crate::StaffFacts::default();
    let day = intervals(&PACKS, &facts, TUESDAY, HALF_HOUR);
    assert_eq!(day.intervals.len(), 1);
    assert_eq!((day.verdict.min_staff, day.verdict.effect), (2, Effect::Require));
    assert!(day.verdict.required.contains(&crate::Requirement::Certificate));
}

#[test]
fn counters_close_days_and_open_them_again() {
    let mut facts = facts(PORTO);
    facts.contacts = vec![visited(&facts, "2026-11-20T12:00", ContactOutcome::NobodyHome)];
    let open: Vec<i8> = (20..=30)
        .filter(|day| {
            !intervals(&PACKS, &facts, date(2026, 11, *day), HALF_HOUR)
                .intervals
                .is_empty()
        })
        .collect();
    assert_eq!(open, [27, 28, 29, 30]);
}

#[test]
fn an_approval_opens_only_its_own_hours() {
    let mut facts = facts(PORTO);
    facts.visits_before = 3;
    facts.consents = vec![Consent {
        scope: ConsentScope::Rule,
        given: Lift::Supervisor,
        rule: Some(RuleId::from("HOUSE-FREQ-CASE")),
        from: at(PORTO.2, "2026-11-24T12:00"),
        until: Some(at(PORTO.2, "2026-11-24T14:00")),
    }];
    let day = intervals(&PACKS, &facts, TUESDAY, HALF_HOUR);
    assert_eq!(
        day.intervals,
        [(at(PORTO.2, "2026-11-24T12:00"), at(PORTO.2, "2026-11-24T14:00"))]
    );
    assert!(!day.verdict.effect.forbids());
}

#[test]
fn clock_changes_move_the_hours_in_utc() {
    let pair = |from: &str, to: &str| vec![(from.to_owned(), to.to_owned())];
    let (lisbon, new_york) = (facts(PORTO), facts(NEW_YORK));
    // Summer time ends on 2026-10-25 in Lisbon and on 2026-11-01 in New York.
    assert_eq!(utc(&PACKS, &lisbon, date(2026, 10, 24)), pair("24 08:00", "24 19:00"));
    assert_eq!(utc(&PACKS, &lisbon, date(2026, 10, 25)), pair("25 09:00", "25 20:00"));
    assert_eq!(utc(&PACKS, &new_york, date(2026, 10, 31)), pair("31 13:00", "01 00:00"));
    assert_eq!(utc(&PACKS, &new_york, date(2026, 11, 1)), pair("01 14:00", "02 01:00"));
    // It begins on 2026-03-29 in Lisbon and on 2026-03-08 in New York.
    assert_eq!(utc(&PACKS, &lisbon, date(2026, 3, 29)), pair("29 08:00", "29 19:00"));
    assert_eq!(utc(&PACKS, &new_york, date(2026, 3, 8)), pair("08 13:00", "09 00:00"));
}

#[test]
fn a_doubtful_hour_of_the_night_makes_the_hours_shorter() {
    let pair = |from: &str, to: &str| vec![(from.to_owned(), to.to_owned())];
    let (lisbon, new_york) = (facts(PORTO), facts(NEW_YORK));
    // 01:30 happens twice in Lisbon on 2026-10-25: opening takes the second, closing the first.
    assert_eq!(
        utc(&nightly("01:30", "05:00"), &lisbon, date(2026, 10, 25)),
        pair("25 01:30", "25 05:00")
    );
    assert_eq!(
        utc(&nightly("00:00", "01:30"), &lisbon, date(2026, 10, 25)),
        pair("24 23:00", "25 00:30")
    );
    // 02:30 does not happen in New York on 2026-03-08.
    assert_eq!(
        utc(&nightly("02:30", "06:00"), &new_york, date(2026, 3, 8)),
        pair("08 07:30", "08 10:00")
    );
    assert_eq!(
        utc(&nightly("00:00", "02:30"), &new_york, date(2026, 3, 8)),
        pair("08 05:00", "08 06:30")
    );
    // A whole day is an hour longer or shorter.
    let length = |day| {
        let open = intervals(&nightly("00:00", "24:00"), &lisbon, day, HALF_HOUR).intervals;
        (open[0].1 - open[0].0).seconds() / 3600
    };
    assert_eq!(
        (length(date(2026, 10, 25)), length(date(2026, 3, 29)), length(TUESDAY)),
        (25, 23, 24)
    );
}

#[test]
fn days_at_the_edge_of_the_calendar_are_refused_not_misjudged() {
    for day in [Date::MIN, Date::MAX] {
        let found = intervals(&PACKS, &facts(PORTO), day, HALF_HOUR);
        assert!(found.intervals.is_empty());
        assert!(found.verdict.effect.forbids());
    }
}
