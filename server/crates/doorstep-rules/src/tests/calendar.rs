//! Where the calendar is treacherous: nights of a clock change, midnight, new year, a leap day, and zones a day away.

use super::{BOSTON, HALF_HOUR, HANGZHOU, NEW_YORK, PACKS, PORTO, at, attempt, check, facts, forbidding, visited};
use crate::{Attempt, Ban, Facts, Notice, PackSet, PastContact, evaluate, intervals, parse_stated_times};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;

/// A day ahead of UTC, and one behind it.
const KIRITIMATI: (&str, &str, &str) = ("KI", "KI-L", "Pacific/Kiritimati");
const NIUE: (&str, &str, &str) = ("NU", "NU", "Pacific/Niue");

/// A ban of every channel and place, from `from`.
fn ban(from: Micros, until: Option<Micros>, hours: &str) -> Ban {
    Ban {
        channels: Vec::new(),
        places: Vec::new(),
        hours: parse_stated_times(hours).unwrap(),
        from,
        until,
    }
}

/// Whether the person's bans bar the attempt. Only the pack of rights is asked: its answer must not lean on other hours.
#[track_caller]
fn barred(facts: &Facts) -> bool {
    let text = include_str!("../../../../packs/rights.toml");
    let rights = PackSet::only(&[("rights.toml", text)]).unwrap();
    let verdict = evaluate(&rights, facts);
    assert!(forbidding(&verdict).iter().all(|rule| *rule == "RIGHTS-BANS"));
    verdict.effect.forbids()
}

#[test]
fn a_ban_holds_on_both_sides_of_midnight() {
    let night = || {
        ban(
            at(PORTO.2, "2026-11-24T22:00"),
            Some(at(PORTO.2, "2026-11-25T06:00")),
            "",
        )
    };
    let since = at(PORTO.2, "2026-11-01T00:00");
    // The attempt from and to; whether it is barred. 2026-11-25 is a Wednesday.
    let cases = [
        (night(), "24T21:30", "24T22:00", false),
        (night(), "24T21:30", "24T22:01", true),
        (night(), "24T23:45", "25T00:15", true),
        (night(), "25T05:59", "25T06:29", true),
        (night(), "25T06:00", "25T06:30", false),
        (
            ban(since, None, "22:00-24:00; 00:00-06:00"),
            "24T23:45",
            "25T00:15",
            true,
        ),
        (
            ban(since, None, "22:00-24:00; 00:00-06:00"),
            "25T00:00",
            "25T00:30",
            true,
        ),
        (
            ban(since, None, "22:00-24:00; 00:00-06:00"),
            "25T06:00",
            "25T06:30",
            false,
        ),
        // A ban that begins at midnight, and an attempt that runs into it.
        (
            ban(at(PORTO.2, "2026-11-25T00:00"), None, ""),
            "24T23:30",
            "25T00:00",
            false,
        ),
        (
            ban(at(PORTO.2, "2026-11-25T00:00"), None, ""),
            "24T23:45",
            "25T00:15",
            true,
        ),
        (ban(since, None, "wed 00:00-06:00"), "24T23:30", "25T00:00", false),
        (ban(since, None, "wed 00:00-06:00"), "24T23:45", "25T00:15", true),
        (ban(since, None, "tue 00:00-06:00"), "24T23:45", "25T00:15", false),
        (ban(since, None, "09:00-10:00"), "24T23:45", "25T00:15", false),
    ];
    for (ban, start, end, expected) in cases {
        let (start, end) = (format!("2026-11-{start}"), format!("2026-11-{end}"));
        let mut facts = attempt(facts(PORTO), &start, &end);
        facts.subject.bans = vec![ban.clone()];
        assert_eq!(barred(&facts), expected, "{start}–{end} {ban:?}");
    }
}

#[test]
fn hours_of_a_ban_last_the_longer_on_the_night_of_a_clock_change() {
    // Half past one comes twice in Lisbon on 2026-10-25, at 00:30 and 01:30 UTC; half past two not at all in New York on
    // 2026-03-08, where 07:00 UTC is three o'clock. The attempts are in UTC; whether they are barred.
    let cases = [
        (PORTO, "01:30-03:00", "2026-10-25T00:20", 10, false),
        (PORTO, "01:30-03:00", "2026-10-25T00:20", 11, true),
        (PORTO, "01:30-03:00", "2026-10-25T00:30", 10, true),
        (PORTO, "01:30-03:00", "2026-10-25T01:05", 10, true),
        (PORTO, "01:30-03:00", "2026-10-25T02:59", 10, true),
        (PORTO, "01:30-03:00", "2026-10-25T03:00", 10, false),
        (PORTO, "00:00-01:30", "2026-10-25T01:29", 10, true),
        (PORTO, "00:00-01:30", "2026-10-25T01:30", 10, false),
        (NEW_YORK, "02:30-04:00", "2026-03-08T06:20", 10, false),
        (NEW_YORK, "02:30-04:00", "2026-03-08T06:20", 11, true),
        (NEW_YORK, "02:30-04:00", "2026-03-08T07:00", 10, true),
        (NEW_YORK, "02:30-04:00", "2026-03-08T08:00", 10, false),
        (NEW_YORK, "01:00-02:30", "2026-03-08T05:50", 10, false),
        (NEW_YORK, "01:00-02:30", "2026-03-08T07:29", 10, true),
        (NEW_YORK, "01:00-02:30", "2026-03-08T07:30", 10, false),
    ];
    for (place, hours, start, minutes, expected) in cases {
        let mut facts = facts(place);
        let start = at("UTC", start);
        facts.attempt = Attempt::visit(start, start + Micros::from_seconds(minutes * 60));
        facts.subject.bans = vec![ban(start - Micros::from_seconds(86_400), None, hours)];
        assert_eq!(barred(&facts), expected, "{hours} {start:?} {minutes}");
    }
}

#[test]
fn a_ban_of_tomorrow_narrows_nothing_today() {
    let mut facts = facts(PORTO);
    facts.subject.bans = vec![ban(at(PORTO.2, "2026-11-25T00:00"), None, "")];
    let open = |facts: &Facts, day: i8| intervals(&PACKS, facts, jiff::civil::date(2026, 11, day), HALF_HOUR);
    assert_eq!(
        open(&facts, 24).intervals,
        [(at(PORTO.2, "2026-11-24T09:00"), at(PORTO.2, "2026-11-24T20:00"))]
    );
    assert_eq!(forbidding(&open(&facts, 25).verdict), ["RIGHTS-BANS"]);
    // Where other hours leave nothing of today, it is not named.
    facts.subject.available = parse_stated_times("19:45-21:00").unwrap();
    assert_eq!(forbidding(&open(&facts, 24).verdict), ["HOUSE-HOURS", "HOUSE-STATED"]);
}

#[test]
fn a_calendar_day_ends_at_midnight_of_the_address_whatever_the_calendar() {
    // A visit to somebody else at this address, the next one and whether it is a second one of that day.
    let cases = [
        (PORTO, "2026-12-31T09:30", "2026-12-31T19:00", true),
        (PORTO, "2026-12-31T23:59", "2027-01-01T09:00", false),
        (PORTO, "2028-02-28T23:59", "2028-02-29T09:00", false),
        (PORTO, "2028-02-29T00:00", "2028-02-29T19:30", true),
        (PORTO, "2028-02-29T23:59", "2028-03-01T09:00", false),
        // A day of 25 hours and one of 23.
        (PORTO, "2026-10-25T00:30", "2026-10-25T19:30", true),
        (PORTO, "2026-10-24T23:59", "2026-10-25T09:00", false),
        (PORTO, "2026-03-29T00:30", "2026-03-29T19:30", true),
        (PORTO, "2026-03-28T23:59", "2026-03-29T09:00", false),
        // One day at the address and two in UTC, and the other way round.
        (KIRITIMATI, "2026-11-24T09:00", "2026-11-24T15:00", true),
        (KIRITIMATI, "2026-11-23T15:00", "2026-11-24T09:00", false),
        (NIUE, "2026-11-24T09:00", "2026-11-24T15:00", true),
        (NIUE, "2026-11-23T15:00", "2026-11-24T09:00", false),
    ];
    for (place, last, next, refused) in cases {
        let mut facts = facts(place);
        facts.as_of = at(place.2, next);
        facts.attempt = Attempt::visit(facts.as_of, facts.as_of + HALF_HOUR);
        let contact = visited(&facts, last, ContactOutcome::NobodyHome);
        facts.contacts = vec![PastContact {
            same_person: false,
            same_case: false,
            ..contact
        }];
        check(&facts, if refused { &["HOUSE-FREQ-ADDRESS"] } else { &[] });
    }
}

#[test]
fn connected_calls_of_new_years_eve_are_not_those_of_new_year() {
    let mut facts = facts(HANGZHOU);
    let call = |minute: u8| PastContact {
        channel: Channel::Call,
        ..PastContact::visit(
            at(HANGZHOU.2, &format!("2026-12-31T19:{minute:02}")),
            Some(ContactOutcome::Connected),
        )
    };
    facts.contacts = (0..3).map(call).collect();
    for (start, expected) in [
        ("2026-12-31T19:30", &["CN-FREQ-1"] as &[&str]),
        ("2027-01-01T09:00", &[]),
    ] {
        let start = at(HANGZHOU.2, start);
        facts.attempt = Attempt {
            channel: Channel::Call,
            ..Attempt::visit(start, start)
        };
        facts.as_of = start;
        check(&facts, expected);
    }
}

#[test]
fn a_week_is_counted_in_days_of_the_address() {
    // The seventh day and the eighth; in UTC the second pair lies six days apart and the first seven.
    for (last, next, expected) in [
        (
            "2026-11-18T00:30",
            "2026-11-24T19:00",
            &["HOUSE-FREQ-PERSON"] as &[&str],
        ),
        ("2026-11-17T23:30", "2026-11-24T09:00", &[]),
    ] {
        let mut facts = facts(KIRITIMATI);
        facts.as_of = at(KIRITIMATI.2, next);
        facts.attempt = Attempt::visit(facts.as_of, facts.as_of + HALF_HOUR);
        facts.contacts = vec![visited(&facts, last, ContactOutcome::NobodyHome)];
        check(&facts, expected);
    }
    let found = intervals(&PACKS, &facts(KIRITIMATI), jiff::civil::date(2026, 11, 24), HALF_HOUR);
    assert_eq!(
        found.intervals,
        [(at("UTC", "2026-11-23T19:00"), at("UTC", "2026-11-24T06:00"))]
    );
}

#[test]
fn thirty_days_are_counted_over_a_leap_day_new_year_and_a_change_of_clocks() {
    // In each the second date is the thirtieth day and the third the thirty-first.
    let cases = [
        ("2028-02-01", "2028-03-01", "2028-03-02"),
        ("2028-02-29", "2028-03-29", "2028-03-30"),
        ("2027-02-01", "2027-03-02", "2027-03-03"),
        ("2026-12-10", "2027-01-08", "2027-01-09"),
        ("2026-02-20", "2026-03-21", "2026-03-22"),
        ("2026-10-20", "2026-11-18", "2026-11-19"),
    ];
    for (visit, thirtieth, next) in cases {
        let mut facts = facts(BOSTON);
        facts.contacts = vec![visited(&facts, &format!("{visit}T19:59"), ContactOutcome::AskedToLeave)];
        facts.as_of = facts.contacts[0].at;
        let late = attempt(
            facts.clone(),
            &format!("{thirtieth}T19:30"),
            &format!("{thirtieth}T20:00"),
        );
        check(&late, &["HOUSE-REST-ASKED", "US-MA-1-COUNT"]);
        check(&attempt(facts, &format!("{next}T09:00"), &format!("{next}T09:30")), &[]);
    }
}

#[test]
fn a_notice_is_a_day_old_after_twenty_four_hours() {
    // When it was handed over, the last minute that is too early, the first that is not.
    let cases = [
        (PORTO, "2026-12-31T10:00", "2027-01-01T09:59", "2027-01-01T10:00"),
        (PORTO, "2028-02-28T10:00", "2028-02-29T09:59", "2028-02-29T10:00"),
        (PORTO, "2028-02-29T10:00", "2028-03-01T09:59", "2028-03-01T10:00"),
        (PORTO, "2026-10-24T10:30", "2026-10-25T09:29", "2026-10-25T09:30"),
        (PORTO, "2026-03-28T10:00", "2026-03-29T10:59", "2026-03-29T11:00"),
        (KIRITIMATI, "2026-11-23T10:00", "2026-11-24T09:59", "2026-11-24T10:00"),
    ];
    for (place, handed_over, early, ripe) in cases {
        let mut facts = facts(place);
        facts.notices = vec![Notice {
            handed_over_at: at(place.2, handed_over),
        }];
        for (start, expected) in [(early, &["HOUSE-NOTICE"] as &[&str]), (ripe, &[])] {
            let start = at(place.2, start);
            facts.attempt = Attempt::visit(start, start + HALF_HOUR);
            check(&facts, expected);
        }
    }
}
