//! What visitors hold and the agency that sends them, on both sides of each day; and facts of a program that knows neither.

use super::{HANGZHOU, PACKS, PORTO, attempt, check, facts};
use crate::{AgencyFacts, Facts, Held, Member, SentenceKey, evaluate, fitness, intervals};
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::words::Lang;
use jiff::civil::Date;

fn held(kind: CredentialKind, issued: Option<&str>, until: Option<&str>) -> Held {
    let date = |text: &str| text.parse::<Date>().unwrap();
    Held {
        kind,
        issued: issued.map(date),
        until: until.map(date),
    }
}

/// Two visitors of whom the second holds these.
fn with(mut facts: Facts, second: Vec<Held>) -> Facts {
    let member = |staff: &str, held| Member {
        staff: staff.to_owned(),
        held,
    };
    facts.staff.members = vec![member("S001", Vec::new()), member("S002", second)];
    facts
}

#[test]
fn whatever_ran_out_stops_everywhere_from_the_day_after() {
    for kind in CredentialKind::ALL
        .iter()
        .copied()
        .filter(|kind| *kind != CredentialKind::Certificate)
    {
        for (until, expected) in [("2026-11-24", &[] as &[&str]), ("2026-11-23", &["HOUSE-CREDENTIALS"])] {
            check(&with(facts(PORTO), vec![held(kind, None, Some(until))]), expected);
        }
    }
    // What came after it counts, in whatever order they stand.
    let (old, new) = (Some("2026-11-23"), Some("2027-01-31"));
    let both = [old, new].map(|until| held(CredentialKind::Badge, None, until));
    check(&with(facts(PORTO), both.to_vec()), &[]);
    check(&with(facts(PORTO), vec![both[1], both[0]]), &[]);
}

#[test]
fn training_and_examination_hold_for_twelve_months_in_china() {
    let year = &["CN-STAFF-1-YEAR"] as &[&str];
    for (issued, day, expected) in [
        ("2025-11-24", "2026-11-24", &[] as &[&str]),
        ("2025-11-23", "2026-11-24", year),
        ("2024-02-29", "2025-02-28", &[]),
        ("2024-02-29", "2025-03-03", year),
        ("2023-02-28", "2024-02-28", &[]),
        ("2023-02-28", "2024-02-29", year),
    ] {
        for kind in [CredentialKind::Training, CredentialKind::Exam] {
            let facts = with(facts(HANGZHOU), vec![held(kind, Some(issued), None)]);
            let facts = attempt(facts, &format!("{day}T10:00"), &format!("{day}T10:30"));
            check(&facts, expected);
        }
    }
    // Elsewhere no law that is known says so.
    check(
        &with(facts(PORTO), vec![held(CredentialKind::Exam, Some("2020-01-01"), None)]),
        &[],
    );
    // One that is yet to come is none.
    let coming = held(CredentialKind::Training, Some("2026-11-25"), None);
    let past = held(CredentialKind::Training, Some("2025-11-23"), None);
    check(&with(facts(HANGZHOU), vec![past, coming]), year);
}

#[test]
fn the_sentence_names_who_what_and_since_when() {
    let mut facts = with(
        facts(PORTO),
        vec![held(CredentialKind::Certificate, None, Some("2026-11-03"))],
    );
    facts.staff.certified = 1;
    let verdict = evaluate(&PACKS, &facts);
    let finding = verdict
        .findings
        .iter()
        .find(|one| one.rule.as_str() == "HOUSE-CERTIFICATE")
        .unwrap();
    let said = finding.sentence.render(Lang::En);
    assert_eq!(said, "S002: certificate held until 2026-11-03, not after.");
    assert_eq!(
        finding.sentence.render(Lang::Zh),
        "S002：上岗证书有效期至2026-11-03，已失效。"
    );
}

#[test]
fn what_was_never_recorded_is_warned_of_and_stops_nobody() {
    let verdict = evaluate(&PACKS, &with(facts(HANGZHOU), Vec::new()));
    assert!(!verdict.effect.forbids());
    let missing = verdict
        .findings
        .iter()
        .filter(|one| one.sentence.key == SentenceKey::CredentialMissing);
    assert_eq!(missing.count(), 8, "four kinds of two visitors");
}

#[test]
fn facts_that_only_count_are_judged_as_before() {
    let old = r#"{"subject": {"status": "open", "party": "debtor", "portfolio_kind": "card"},
        "address": {"country": "CN", "zone": "Asia/Shanghai", "state": "current", "kind": "home"},
        "staff": {"count": 2, "certified": 2}, "notices": [{"handed_over_at": 0}],
        "attempt": {"start": 1795485600000000, "end": 1795487400000000}, "as_of": 1795449600000000}"#;
    let old: Facts = serde_json::from_str(old).unwrap();
    assert!(old.staff.members.is_empty() && old.agency.is_none());
    let verdict = evaluate(&PACKS, &old);
    let of_staff =
        |rule: &str| rule.starts_with("CN-STAFF") || rule.starts_with("CN-AGY") || rule.contains("CREDENTIAL");
    assert!(
        !verdict.findings.iter().any(|one| of_staff(one.rule.as_str())),
        "{verdict:#?}"
    );
    // And what is written for a newer program is read by the names that it has.
    let text = serde_json::to_string(&with(old, vec![held(CredentialKind::Exam, Some("2026-01-31"), None)])).unwrap();
    assert!(
        text.contains(r#"{"staff":"S002","held":[{"kind":"exam","issued":"2026-01-31"}]}"#),
        "{text}"
    );
}

#[test]
fn an_agency_is_listed_evaluated_and_within_its_contract() {
    let agency = |listed, evaluated: Option<&str>, contract: Option<&str>| AgencyFacts {
        listed,
        evaluated_on: evaluated.map(|text| text.parse().unwrap()),
        contract_until: contract.map(|text| text.parse().unwrap()),
    };
    let rule = &["CN-AGY-1"] as &[&str];
    for (agency, expected) in [
        (agency(true, Some("2025-11-24"), None), &[] as &[&str]),
        (agency(true, Some("2025-11-23"), None), rule),
        (agency(true, None, None), rule),
        (agency(false, Some("2026-11-23"), None), rule),
        (agency(true, Some("2026-11-23"), Some("2026-11-24")), &[]),
        (agency(true, Some("2026-11-23"), Some("2026-11-23")), rule),
    ] {
        let mut facts = facts(HANGZHOU);
        facts.agency = Some(agency);
        check(&facts, expected);
        let day = intervals(&PACKS, &facts, "2026-11-24".parse().unwrap(), super::HALF_HOUR);
        assert_eq!(
            day.intervals.is_empty(),
            !expected.is_empty(),
            "planned and published alike"
        );
        facts.address.country = Some("PT".to_owned());
        check(&facts, &[]);
    }
}

#[test]
fn fitness_judges_nothing_but_who_comes() {
    let mut facts = with(
        facts(HANGZHOU),
        vec![held(CredentialKind::Badge, None, Some("2026-11-23"))],
    );
    facts.staff.count = 1;
    facts.subject.status = doorstep_domain::case::CaseStatus::Settled;
    let day = |text: &str| fitness(&PACKS, &facts, text.parse().unwrap());
    let rules: Vec<String> = day("2026-11-24")
        .findings
        .iter()
        .map(|one| one.rule.to_string())
        .collect();
    assert!(rules.contains(&"HOUSE-CREDENTIALS".to_owned()), "{rules:?}");
    assert!(
        !day("2026-11-23").effect.forbids(),
        "neither the case's status nor the number is asked"
    );
}
