//! What must hold for all facts: plan and door agree, restrictions only restrict, verdicts survive JSON.

use super::{BOSTON, HANGZHOU, LEEDS, NEW_YORK, PACKS, PORTO, at, facts};
use crate::{
    Attempt, Consent, ConsentScope, DayHours, Facts, Lift, Notice, PackSet, PastContact, Verdict, evaluate, intervals,
    parse_stated_times,
};
use doorstep_domain::address::PlaceKind;
use doorstep_domain::case::Flag;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::measure::Micros;
use jiff::civil::Date;
use proptest::prelude::*;
use std::sync::LazyLock;

pub(super) const MINUTE: i64 = 60_000_000;

/// A strict pack for every country that tests use, to be added.
pub(super) static MORE: LazyLock<PackSet> = LazyLock::new(|| {
    let text = r#"format = 1
id = "more"
version = 1
title = { en = "More", zh = "更多" }
countries = ["PT", "CN", "GB", "US"]
status = "house"
[[rule]]
id = "M-1"
kind.time_window = { hours = [{ days = ["mon", "tue", "sat"], from = "10:00", to = "19:00" }] }
effect = "block"
status = "house"
citation = "house rule"
confidence = "M"
[[rule]]
id = "M-2"
kind.counter = { count = "attempt", channels = ["visit", "call"], per = "person", window = { rolling_days = 9 }, max = 2 }
effect = "route"
status = "house"
citation = "house rule"
confidence = "M"
[[rule]]
id = "M-3"
kind.notice = { hours = 30 }
effect = "block"
lifted_by = ["consent"]
status = "house"
citation = "house rule"
confidence = "M"
"#;
    PackSet::with(&[("more.toml", text)]).unwrap()
});

fn places() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    prop::sample::select(vec![HANGZHOU, PORTO, LEEDS, NEW_YORK, BOSTON])
}

pub(super) fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

pub(super) fn contact() -> impl Strategy<Value = PastContact> {
    let outcome = prop::option::of(any_of(ContactOutcome::ALL));
    (
        -40_i64 * 24 * 60..6 * 24 * 60,
        any_of(Channel::ALL),
        outcome,
        any::<[bool; 3]>(),
    )
        .prop_map(
            |(minutes, channel, outcome, [same_address, same_person, date_only])| PastContact {
                channel,
                same_address,
                same_person,
                date_only,
                ..PastContact::visit(at(PORTO.2, "2026-10-25T12:00") + Micros(minutes * MINUTE), outcome)
            },
        )
}

pub(super) fn consent() -> impl Strategy<Value = Consent> {
    let rules = prop::sample::select(vec![None, Some("HOUSE-FREQ-CASE"), Some("M-3"), Some("HOUSE-GONE")]);
    (
        any_of(ConsentScope::ALL),
        any_of(Lift::ALL),
        rules,
        -3_000_i64..3_000,
        0_i64..3_000,
    )
        .prop_map(|(scope, given, rule, from, length)| {
            let from = at(PORTO.2, "2026-10-25T12:00") + Micros(from * MINUTE);
            Consent {
                scope,
                given,
                rule: rule.map(Into::into),
                from,
                until: Some(from + Micros(length * MINUTE)),
            }
        })
}

pub(super) fn stated() -> impl Strategy<Value = Vec<DayHours>> {
    let texts = [
        "",
        "",
        "",
        "18:00-20:00",
        "sat",
        "sun 01:15-23:00",
        "10:00-11:00;18:00-20:30",
    ];
    prop::sample::select(texts.to_vec()).prop_map(|text| parse_stated_times(text).unwrap())
}

/// Facts around the weekend on which summer time ends in Europe.
pub(super) fn any_facts() -> impl Strategy<Value = Facts> {
    let flag = prop::option::weighted(0.2, any_of(Flag::ALL));
    let kind = prop_oneof![4 => Just(PlaceKind::Home), 1 => any_of(PlaceKind::ALL)];
    let lists = (
        prop::collection::vec(contact(), 0..3),
        prop::collection::vec(consent(), 0..3),
    );
    let rest = (stated(), 0_i64..4, prop::option::of(-4_000_i64..2_000), any::<bool>());
    (places(), flag, kind, lists, rest).prop_map(|(place, flag, kind, (contacts, consents), rest)| {
        let (available, visits_before, notice, stale) = rest;
        let mut facts = facts(place);
        facts.subject.flags.extend(flag);
        facts.subject.available = available;
        facts.subject.amount_stale = stale;
        facts.address.kind = kind;
        (facts.contacts, facts.consents, facts.visits_before) = (contacts, consents, visits_before);
        let base = at(PORTO.2, "2026-10-25T12:00");
        facts.notices = notice
            .map(|m| Notice {
                handed_over_at: base + Micros(m * MINUTE),
            })
            .into_iter()
            .collect();
        facts.as_of = base;
        facts
    })
}

pub(super) fn day(offset: i64) -> Date {
    jiff::civil::date(2026, 10, 23)
        .checked_add(jiff::Span::new().days(offset))
        .unwrap()
}

fn forbids(packs: &PackSet, facts: &Facts, attempt: Attempt) -> bool {
    let facts = Facts {
        attempt,
        ..facts.clone()
    };
    evaluate(packs, &facts).effect.forbids()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(17), ..ProptestConfig::default() })]

    #[test]
    fn plan_and_door_agree(facts in any_facts(), offset in 0_i64..5, service in 1_i64..120, more in any::<bool>()) {
        let packs: &PackSet = if more { &MORE } else { &PACKS };
        let (day, service) = (day(offset), Micros(service * MINUTE));
        let found = intervals(packs, &facts, day, service);
        prop_assert_eq!(found.intervals.is_empty(), found.verdict.effect.forbids());
        let zone = packs.zone(&facts.address.zone).unwrap();
        let first = day.to_zoned(zone.clone()).unwrap().timestamp().as_microsecond();
        // Every seven minutes, and the very edges of the intervals.
        let steps = (0..25 * 60 / 7).map(|step| Micros(first + step * 7 * MINUTE));
        let edges = found.intervals.iter().flat_map(|(start, end)| {
            [*start - Micros(1), *start, *end - service, *end - service + Micros(1)]
        });
        for start in steps.chain(edges) {
            let local = jiff::Timestamp::from_microsecond(start.get()).unwrap().to_zoned(zone.clone()).date();
            if local != day {
                continue;
            }
            let end = start + service;
            let inside = found.intervals.iter().any(|(from, to)| *from <= start && end <= *to);
            let forbidden = forbids(packs, &facts, Attempt::visit(start, end));
            prop_assert_eq!(inside, !forbidden, "{:?} at {:?}", &found, start);
        }
    }

    #[test]
    fn adding_a_pack_never_allows_more(facts in any_facts(), offset in 0_i64..5, minute in 0_i64..1_440) {
        let day = day(offset);
        let wide = intervals(&PACKS, &facts, day, Micros(MINUTE)).intervals;
        for (start, end) in intervals(&MORE, &facts, day, Micros(MINUTE)).intervals {
            prop_assert!(wide.iter().any(|span| span.0 <= start && end <= span.1));
        }
        let start = at(&facts.address.zone, "2026-10-25T00:00") + Micros(minute * MINUTE);
        let attempt = Attempt::visit(start, start + Micros(20 * MINUTE));
        prop_assert!(!forbids(&PACKS, &facts, attempt) || forbids(&MORE, &facts, attempt));
    }

    #[test]
    fn a_restricting_fact_never_allows_more(facts in any_facts(), minute in 0_i64..1_440, more in contact(), flag in any_of(Flag::ALL)) {
        let start = at(&facts.address.zone, "2026-10-26T00:00") + Micros(minute * MINUTE);
        let attempt = Attempt::visit(start, start + Micros(20 * MINUTE));
        let before = evaluate(&PACKS, &Facts { attempt, ..facts.clone() });
        let mut flagged = Facts { attempt, ..facts.clone() };
        flagged.subject.flags.insert(flag);
        let mut contacted = Facts { attempt, ..facts.clone() };
        contacted.contacts.push(more);
        let mut withdrawn = Facts { attempt, ..facts };
        withdrawn.consents.clear();
        for stricter in [flagged, contacted, withdrawn] {
            let after = evaluate(&PACKS, &stricter);
            prop_assert!(!before.effect.forbids() || after.effect.forbids());
            prop_assert!(before.required.iter().all(|item| after.required.contains(item)));
        }
    }

    #[test]
    fn facts_and_verdicts_survive_json(facts in any_facts()) {
        let read: Facts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        prop_assert_eq!(&read, &facts);
        let verdict = evaluate(&PACKS, &facts);
        let back: Verdict = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
        prop_assert_eq!(&back, &verdict);
        prop_assert_eq!(evaluate(&PackSet::builtin(), &read), verdict);
    }
}
