//! Both sides of each boundary of single rules: hours, hard stops, place, staff, notice, consent.

use super::{BOSTON, HANGZHOU, HONOLULU, LEEDS, NEW_YORK, PACKS, PORTO, at, attempt, check, facts, forbidding};
use crate::{
    ClockTime, Consent, ConsentScope, DayHours, Effect, Facts, Forbidden, Lift, Notice, PackSet, Requirement, RuleId,
    StaffFacts, StatedTime, Weekday, evaluate, intervals, parse_stated_times,
};
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonRole;

/// The packs of one country without the house rules, to see the law's own boundaries.
fn only(pack: &str) -> PackSet {
    let text = match pack {
        "cn" => include_str!("../../../../packs/cn.toml"),
        "uk" => include_str!("../../../../packs/uk.toml"),
        _ => include_str!("../../../../packs/us.toml"),
    };
    PackSet::only(&[(pack, text)]).unwrap()
}

#[test]
fn hours_hold_for_start_and_projected_end() {
    let cases: [(&str, _, &str, &str, &[&str]); 13] = [
        ("house", PORTO, "08:59", "09:29", &["HOUSE-HOURS"]),
        ("house", PORTO, "09:00", "09:30", &[]),
        ("house", PORTO, "19:30", "20:00", &[]),
        ("house", PORTO, "19:31", "20:01", &["HOUSE-HOURS"]),
        ("cn", HANGZHOU, "07:59", "08:29", &["CN-TIME-1", "CN-TIME-2"]),
        ("cn", HANGZHOU, "08:00", "08:30", &[]),
        ("cn", HANGZHOU, "21:59", "22:00", &[]),
        ("cn", HANGZHOU, "21:59", "22:01", &["CN-TIME-1", "CN-TIME-2"]),
        ("cn", HANGZHOU, "22:00", "22:30", &["CN-TIME-1", "CN-TIME-2"]),
        ("uk", LEEDS, "20:30", "21:00", &[]),
        ("uk", LEEDS, "20:31", "21:01", &["UK-TIME-1-HOURS"]),
        ("us", NEW_YORK, "07:59", "08:30", &["US-TIME-1"]),
        ("us", NEW_YORK, "08:00", "21:00", &[]),
    ];
    for (pack, place, start, end, expected) in cases {
        let facts = attempt(
            facts(place),
            &format!("2026-11-24T{start}"),
            &format!("2026-11-24T{end}"),
        );
        let packs = if pack == "house" {
            PackSet::builtin()
        } else {
            only(pack)
        };
        assert_eq!(forbidding(&evaluate(&packs, &facts)), expected, "{pack} {start}–{end}");
    }
}

#[test]
fn the_address_decides_the_time_zone() {
    // 10:00 on Kiritimati (UTC+14) is the evening before in Hangzhou, whatever the machine says.
    let line_islands = facts(("KI", "KI-L", "Pacific/Kiritimati"));
    check(&line_islands, &[]);
    let mut moved = line_islands;
    HANGZHOU.2.clone_into(&mut moved.address.zone);
    check(&moved, &["HOUSE-HOURS"]);
}

#[test]
fn an_unknown_zone_and_an_unusable_time_block() {
    for zone in ["", "Mars/Olympus", "Etc/Unknown", "../../etc/localtime"] {
        let mut facts = facts(PORTO);
        zone.clone_into(&mut facts.address.zone);
        let verdict = evaluate(&PACKS, &facts);
        assert_eq!(forbidding(&verdict), ["ENGINE-ZONE"], "{zone}");
        let day = intervals(&PACKS, &facts, jiff::civil::date(2026, 11, 24), super::HALF_HOUR);
        assert!(day.intervals.is_empty());
    }
    check(
        &attempt(facts(PORTO), "2026-11-24T10:30", "2026-11-24T10:00"),
        &["ENGINE-TIME"],
    );
    let mut facts = facts(PORTO);
    (facts.attempt.start, facts.attempt.end) = (Micros(i64::MIN), Micros(i64::MAX));
    check(&facts, &["ENGINE-TIME"]);
}

#[test]
fn every_hard_stop_stops() {
    let flags: [(Flag, &[&str]); 15] = [
        (Flag::Disputed, &["HOUSE-STOP-DISPUTED"]),
        (Flag::Hardship, &["HOUSE-ROUTE-HARDSHIP"]),
        (Flag::Vulnerable, &["HOUSE-STOP-VULNERABLE"]),
        (Flag::Represented, &["HOUSE-STOP-REPRESENTED"]),
        (Flag::CeaseContact, &["HOUSE-STOP-CEASE"]),
        (Flag::PlanPerforming, &["HOUSE-STOP-PLAN"]),
        (Flag::Deceased, &["HOUSE-STOP-DECEASED"]),
        (Flag::Moratorium, &["HOUSE-STOP-MORATORIUM"]),
        (Flag::WrongPerson, &["HOUSE-STOP-WRONG-PERSON"]),
        (Flag::AddressUnverified, &[]),
        (Flag::DogAtGate, &[]),
        (Flag::Suspended, &["HOUSE-STOP-SUSPENDED"]),
        (Flag::Bereaved, &["HOUSE-STOP-BEREAVED"]),
        (Flag::Complained, &["HOUSE-STOP-COMPLAINT"]),
        (Flag::AdviserPlan, &["HOUSE-STOP-ADVISER"]),
    ];
    assert_eq!(flags.len(), Flag::ALL.len());
    for (flag, expected) in flags {
        let mut facts = facts(PORTO);
        facts.subject.flags.insert(flag);
        check(&facts, expected);
        assert_eq!(expected.is_empty(), !flag.restricts(), "{flag}");
    }
    for status in CaseStatus::ALL {
        let mut facts = facts(PORTO);
        facts.subject.status = *status;
        let stops: &[&str] = if *status == CaseStatus::Open {
            &[]
        } else {
            &["HOUSE-STOP-STATUS"]
        };
        check(&facts, stops);
    }
    for state in AddressState::ALL {
        let mut facts = facts(PORTO);
        facts.address.state = *state;
        check(&facts, if state.usable() { &[] } else { &["HOUSE-STOP-ADDRESS"] });
    }
}

#[test]
fn hardship_goes_to_its_desk() {
    let mut facts = facts(PORTO);
    facts.subject.flags.insert(Flag::Hardship);
    assert_eq!(evaluate(&PACKS, &facts).effect, Effect::RouteAway);
    facts.subject.flags.insert(Flag::Deceased);
    assert_eq!(evaluate(&PACKS, &facts).effect, Effect::Block);
}

#[test]
fn the_law_of_a_country_adds_its_own_stops() {
    let cases: [(_, Flag, &[&str]); 5] = [
        (HANGZHOU, Flag::PlanPerforming, &["CN-STOP-1", "HOUSE-STOP-PLAN"]),
        (LEEDS, Flag::Vulnerable, &["HOUSE-STOP-VULNERABLE", "UK-VISIT-1"]),
        (LEEDS, Flag::Moratorium, &["HOUSE-STOP-MORATORIUM", "UK-BS-1"]),
        (NEW_YORK, Flag::Represented, &["HOUSE-STOP-REPRESENTED", "US-ATTY-1"]),
        (NEW_YORK, Flag::CeaseContact, &["HOUSE-STOP-CEASE", "US-CEASE-1"]),
    ];
    for (place, flag, expected) in cases {
        let mut facts = facts(place);
        check(&facts, &[]);
        facts.subject.flags.insert(flag);
        check(&facts, expected);
    }
}

#[test]
fn only_debtor_and_guarantor_are_visited() {
    for (party, expected) in [
        (PersonRole::Debtor, &[] as &[&str]),
        (PersonRole::Guarantor, &[]),
        (PersonRole::Contact, &["CN-WHO-1", "HOUSE-STOP-PARTY"]),
        (PersonRole::Representative, &["HOUSE-STOP-PARTY"]),
    ] {
        let mut facts = facts(HANGZHOU);
        facts.subject.party = party;
        check(&facts, expected);
        let may_state = !evaluate(&PACKS, &facts).forbidden.contains(&Forbidden::StateAmount);
        assert_eq!(may_state, party == PersonRole::Debtor);
    }
}

#[test]
fn staff_and_certificates_are_counted() {
    let cases: [(_, u8, u8, &[&str]); 6] = [
        (PORTO, 1, 1, &[]),
        (PORTO, 0, 0, &["HOUSE-CERTIFICATE"]),
        (PORTO, 2, 1, &["HOUSE-CERTIFICATE"]),
        (HANGZHOU, 2, 2, &[]),
        (HANGZHOU, 1, 1, &["CN-VIS-1"]),
        (HANGZHOU, 2, 1, &["CN-STAFF-1", "HOUSE-CERTIFICATE"]),
    ];
    for (place, count, certified, expected) in cases {
        let mut facts = facts(place);
        facts.staff = StaffFacts::counted(count, certified);
        check(&facts, expected);
    }
    assert_eq!(evaluate(&PACKS, &facts(HANGZHOU)).min_staff, 2);
    assert_eq!(evaluate(&PACKS, &facts(PORTO)).min_staff, 1);
}

#[test]
fn stated_times_are_a_hard_window_everywhere() {
    let evening = parse_stated_times("18:00-20:00").unwrap();
    let cases: [(&str, &str, &[&str]); 4] = [
        ("17:59", "18:29", &["HOUSE-STATED"]),
        ("18:00", "18:30", &[]),
        ("19:30", "20:00", &[]),
        ("10:00", "10:30", &["HOUSE-STATED"]),
    ];
    for (start, end, expected) in cases {
        let mut facts = attempt(
            facts(PORTO),
            &format!("2026-11-24T{start}"),
            &format!("2026-11-24T{end}"),
        );
        facts.subject.available.clone_from(&evening);
        check(&facts, expected);
    }
    let mut facts = facts(PORTO);
    facts.subject.available = parse_stated_times("sat").unwrap();
    check(&facts, &["HOUSE-STATED"]);
    check(&attempt(facts, "2026-11-28T10:00", "2026-11-28T10:30"), &[]);
}

#[test]
fn stated_times_are_read_in_the_shapes_of_files() {
    let stated = |days: &[Weekday], from: &str, to: &str| StatedTime {
        days: days.to_vec(),
        from: ClockTime::parse(from).unwrap(),
        to: ClockTime::parse(to).unwrap(),
    };
    let cases: [(&str, Vec<DayHours>); 6] = [
        ("", vec![]),
        ("18:00-20:00", vec![stated(&[], "18:00", "20:00")]),
        ("sat", vec![stated(&[Weekday::Sat], "00:00", "24:00")]),
        (
            "周六；星期天 10:00-12:00",
            vec![
                stated(&[Weekday::Sat], "00:00", "24:00"),
                stated(&[Weekday::Sun], "10:00", "12:00"),
            ],
        ),
        ("Mon-Wed 9:00-10:00", vec![stated(&Weekday::ALL[..3], "09:00", "10:00")]),
        (
            "sat, sunday",
            vec![
                stated(&[Weekday::Sat], "00:00", "24:00"),
                stated(&[Weekday::Sun], "00:00", "24:00"),
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_stated_times(text).unwrap(), expected, "{text}");
    }
    for bad in [
        "evenings",
        "20:00-18:00",
        "sat sun",
        "18:00-20:00 sat",
        "fri-mon",
        "周八",
        "18:00",
        "周六日",
    ] {
        assert!(parse_stated_times(bad).is_err(), "{bad}");
    }
}

/// A consent for one span of local times.
fn consent(facts: &Facts, scope: ConsentScope, given: Lift, from: &str, until: &str) -> Consent {
    let zone = &facts.address.zone;
    Consent {
        scope,
        given,
        rule: None,
        from: at(zone, from),
        until: Some(at(zone, until)),
    }
}

#[test]
fn a_dated_consent_lifts_the_hours_and_nothing_longer() {
    let late = attempt(facts(HANGZHOU), "2026-11-24T21:45", "2026-11-24T22:15");
    check(&late, &["CN-TIME-1", "CN-TIME-2", "HOUSE-HOURS"]);
    let cases: [(Lift, &str, &str, bool); 5] = [
        (Lift::Consent, "21:30", "22:30", true),
        (Lift::WrittenConsent, "21:30", "22:30", true),
        (Lift::Supervisor, "21:30", "22:30", false),
        (Lift::Consent, "21:30", "22:14", false),
        (Lift::Consent, "21:46", "22:30", false),
    ];
    for (given, from, until, lifts) in cases {
        let mut facts = late.clone();
        let (from, until) = (format!("2026-11-24T{from}"), format!("2026-11-24T{until}"));
        facts.consents = vec![consent(&facts, ConsentScope::Hours, given, &from, &until)];
        assert_eq!(
            evaluate(&PACKS, &facts).effect.forbids(),
            !lifts,
            "{given} {from} {until}"
        );
        facts.consents[0].scope = ConsentScope::Place;
        assert!(
            evaluate(&PACKS, &facts).effect.forbids(),
            "another scope lifts no hours"
        );
    }
}

#[test]
fn nobody_lifts_a_hard_stop() {
    let mut facts = facts(HANGZHOU);
    facts.subject.flags.insert(Flag::Vulnerable);
    for given in Lift::ALL {
        let mut lifted = consent(
            &facts,
            ConsentScope::Rule,
            *given,
            "2026-11-01T00:00",
            "2026-12-31T00:00",
        );
        lifted.rule = Some(RuleId::from("HOUSE-STOP-VULNERABLE"));
        facts.consents = vec![lifted];
        check(&facts, &["HOUSE-STOP-VULNERABLE"]);
    }
}

#[test]
fn workplaces_need_consent_and_hawaii_an_invitation() {
    let cases: [(_, PlaceKind, &[&str]); 7] = [
        (PORTO, PlaceKind::Workplace, &["HOUSE-PLACE"]),
        (PORTO, PlaceKind::Other, &[]),
        (HANGZHOU, PlaceKind::Workplace, &["CN-VIS-3", "HOUSE-PLACE"]),
        (LEEDS, PlaceKind::Other, &["UK-VISIT-1-PLACE"]),
        (BOSTON, PlaceKind::Workplace, &["HOUSE-PLACE", "US-MA-2", "US-WORK-1"]),
        (BOSTON, PlaceKind::Home, &[]),
        (HONOLULU, PlaceKind::Home, &["US-HI-1"]),
    ];
    for (place, kind, expected) in cases {
        let mut facts = facts(place);
        facts.address.kind = kind;
        check(&facts, expected);
        facts.consents = vec![consent(
            &facts,
            ConsentScope::Place,
            Lift::Consent,
            "2026-11-01T00:00",
            "2026-12-01T00:00",
        )];
        check(&facts, &[]);
    }
}

#[test]
fn nobody_comes_before_the_notice_is_a_day_old() {
    let blocked = |facts: &Facts| {
        let verdict = evaluate(&PACKS, facts);
        let found = verdict
            .findings
            .iter()
            .find(|finding| finding.rule.as_str() == "HOUSE-NOTICE");
        assert_eq!(
            found.is_some_and(|finding| finding.effect == Effect::Block),
            verdict.effect.forbids()
        );
        verdict.effect.forbids()
    };
    let mut facts = facts(PORTO);
    facts.notices = Vec::new();
    assert!(blocked(&facts));
    for (handed_over, blocks) in [("2026-11-23T10:00", false), ("2026-11-23T10:01", true)] {
        facts.notices = vec![Notice {
            handed_over_at: at(PORTO.2, handed_over),
        }];
        assert_eq!(blocked(&facts), blocks, "{handed_over}");
    }
}

#[test]
fn where_no_law_is_known_the_verdict_says_so() {
    let says = |facts: &Facts| {
        let verdict = evaluate(&PACKS, facts);
        verdict
            .findings
            .iter()
            .any(|finding| finding.rule.as_str() == "ENGINE-LAW" && !finding.effect.forbids())
    };
    let mut facts = facts(PORTO);
    assert!(says(&facts));
    let names: Vec<String> = evaluate(&PACKS, &facts).packs.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["eu@1", "house@1", "lone-worker@1", "rights@1"]);
    facts.address.country = None;
    assert!(says(&facts));
    facts.address.country = Some("GB".to_owned());
    assert!(!says(&facts));
}

#[test]
fn an_unknown_region_gets_the_rules_of_every_region() {
    let mut facts = facts(NEW_YORK);
    check(&facts, &[]);
    facts.address.region = None;
    check(&facts, &["US-HI-1"]);
}

#[test]
fn requirements_come_from_all_packs_once() {
    let mut facts = facts(HANGZHOU);
    facts.subject.amount_stale = true;
    let verdict = evaluate(&PACKS, &facts);
    assert_eq!(verdict.effect, Effect::Require);
    let required = [
        Requirement::Certificate,
        Requirement::Badge,
        Requirement::Authority,
        Requirement::IdentityCheck,
        Requirement::Recording,
        Requirement::EntryAnswer,
        Requirement::Outcome,
        Requirement::CheckOut,
    ];
    assert_eq!(verdict.required, required);
    for act in [
        Forbidden::StateAmount,
        Forbidden::Enter,
        Forbidden::TakePayment,
        Forbidden::RecogniseFaces,
    ] {
        assert!(verdict.forbidden.contains(&act), "{act}");
    }
}

#[test]
fn the_rules_of_a_matter_follow_its_kind_and_a_debt_stays_one() {
    let packs_of = |kind: &str, days_past_due: i64| {
        let mut facts = facts(LEEDS);
        facts.subject.portfolio_kind = kind.to_owned();
        facts.subject.days_past_due = days_past_due;
        let verdict = evaluate(&PACKS, &facts);
        let names: Vec<String> = verdict.packs.iter().map(ToString::to_string).collect();
        names.join(" ")
    };
    assert_eq!(packs_of("card", 40), "house@1 lone-worker@1 rights@1 uk@1");
    assert_eq!(packs_of("home-care", 0), "home-care@1 lone-worker@1 rights@1");
    // Nobody loses what protects a debtor because the portfolio was given another name.
    assert_eq!(
        packs_of("home-care", 1),
        "home-care@1 house@1 lone-worker@1 rights@1 uk@1"
    );
    assert_eq!(packs_of("", 0), "home-care@1 house@1 lone-worker@1 rights@1 uk@1");
    // Who cares for somebody does not stay away because they are ill.
    let mut ill = facts(LEEDS);
    ill.subject.flags.insert(Flag::Vulnerable);
    check(&ill, &["HOUSE-STOP-VULNERABLE", "UK-VISIT-1"]);
    (ill.subject.portfolio_kind, ill.subject.days_past_due) = ("home-care".to_owned(), 0);
    check(&ill, &[]);
}
