//! Tests of the engine with the packs that come with it; shared helpers.

mod boundaries;
mod calendar;
mod counters;
mod coverage;
mod credentials;
mod days;
mod packs;
mod properties;
mod restricting;
mod retention;
mod schema;
mod sentences;

use crate::{
    AddressFacts, Attempt, Effect, Facts, Notice, PackSet, PastContact, StaffFacts, Subject, Verdict, evaluate,
};
use doorstep_domain::address::{AddressState, PlaceKind};
use doorstep_domain::case::CaseStatus;
use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonRole;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The packs under test, read once.
static PACKS: LazyLock<PackSet> = LazyLock::new(PackSet::builtin);

/// Half an hour.
const HALF_HOUR: Micros = Micros::from_seconds(1_800);

/// A notice that left the house long ago.
const ANNOUNCED: Notice = Notice {
    handed_over_at: Micros::ZERO,
};

/// The places that tests use: country, region, zone.
const HANGZHOU: (&str, &str, &str) = ("CN", "CN-ZJ", "Asia/Shanghai");
const PORTO: (&str, &str, &str) = ("PT", "PT-13", "Europe/Lisbon");
const LEEDS: (&str, &str, &str) = ("GB", "GB-ENG", "Europe/London");
const NEW_YORK: (&str, &str, &str) = ("US", "US-NY", "America/New_York");
const BOSTON: (&str, &str, &str) = ("US", "US-MA", "America/New_York");
const HONOLULU: (&str, &str, &str) = ("US", "US-HI", "Pacific/Honolulu");

/// The instant of a local time such as `2026-11-24T08:00`.
fn at(zone: &str, local: &str) -> Micros {
    let zone = PACKS.zone(zone).unwrap();
    let local: jiff::civil::DateTime = local.parse().unwrap();
    Micros(zone.to_zoned(local).unwrap().timestamp().as_microsecond())
}

/// A visit that nothing speaks against, on Tuesday 2026-11-24 at 10:00, half an hour long, by two certified staff.
fn facts(place: (&str, &str, &str)) -> Facts {
    let (country, region, zone) = place;
    let start = at(zone, "2026-11-24T10:00");
    Facts {
        subject: Subject {
            status: CaseStatus::Open,
            flags: BTreeSet::new(),
            party: PersonRole::Debtor,
            portfolio_kind: "card".to_owned(),
            days_past_due: 40,
            amount_stale: false,
            available: Vec::new(),
            bans: Vec::new(),
        },
        address: AddressFacts {
            country: Some(country.to_owned()),
            region: Some(region.to_owned()),
            zone: zone.to_owned(),
            state: AddressState::Current,
            kind: PlaceKind::Home,
        },
        contacts: Vec::new(),
        visits_before: 0,
        consents: Vec::new(),
        notices: vec![ANNOUNCED],
        staff: StaffFacts::counted(2, 2),
        agency: None,
        attempt: Attempt::visit(start, start + HALF_HOUR),
        closing: None,
        as_of: at(zone, "2026-11-23T20:00"),
    }
}

/// The same facts with another attempt, in local times.
fn attempt(mut facts: Facts, start: &str, end: &str) -> Facts {
    facts.attempt = Attempt::visit(at(&facts.address.zone, start), at(&facts.address.zone, end));
    facts
}

/// A visit in the past, by local time.
fn visited(facts: &Facts, local: &str, outcome: ContactOutcome) -> PastContact {
    PastContact::visit(at(&facts.address.zone, local), Some(outcome))
}

/// The rules that forbid the attempt, in alphabetical order.
fn forbidding(verdict: &Verdict) -> Vec<&str> {
    let mut ids: Vec<&str> = verdict
        .findings
        .iter()
        .filter(|finding| finding.effect.forbids())
        .map(|finding| finding.rule.as_str())
        .collect();
    ids.sort_unstable();
    ids
}

/// Asserts which rules forbid the attempt.
#[track_caller]
fn check(facts: &Facts, expected: &[&str]) {
    let verdict = evaluate(&PACKS, facts);
    assert_eq!(forbidding(&verdict), expected, "{verdict:#?}");
    assert_eq!(verdict.effect.forbids(), !expected.is_empty());
    assert!(
        expected
            .iter()
            .all(|id| verdict.checked.iter().any(|checked| checked.as_str() == *id))
    );
    let strictest = verdict.findings.iter().map(|finding| finding.effect).max();
    assert_eq!(verdict.effect, strictest.unwrap_or(Effect::Allow));
}
