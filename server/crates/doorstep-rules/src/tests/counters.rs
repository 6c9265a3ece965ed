//! Counters and rests: both sides of each boundary.

use super::{BOSTON, HANGZHOU, NEW_YORK, PACKS, PORTO, at, attempt, check, facts, forbidding, visited};
use crate::{Consent, ConsentScope, Lift, PastContact, evaluate};
use doorstep_domain::contact::{Channel, ContactOutcome};

#[test]
fn the_eighth_day_after_a_visit_is_free() {
    let cases: [(&str, &[&str]); 5] = [
        ("2026-11-24T08:00", &["HOUSE-FREQ-ADDRESS", "HOUSE-FREQ-PERSON"]),
        ("2026-11-23T18:00", &["HOUSE-FREQ-PERSON"]),
        ("2026-11-18T00:00", &["HOUSE-FREQ-PERSON"]),
        ("2026-11-17T23:59", &[]),
        ("2026-11-17T10:00", &[]),
    ];
    for (last, expected) in cases {
        let mut facts = facts(PORTO);
        facts.contacts = vec![visited(&facts, last, ContactOutcome::NobodyHome)];
        check(&facts, expected);
    }
}

#[test]
fn a_counter_names_the_day_when_it_is_free_again() {
    let mut facts = facts(PORTO);
    facts.contacts = vec![visited(&facts, "2026-11-20T18:00", ContactOutcome::NobodyHome)];
    let verdict = evaluate(&PACKS, &facts);
    let finding = verdict
        .findings
        .iter()
        .find(|finding| finding.rule.as_str() == "HOUSE-FREQ-PERSON")
        .unwrap();
    assert_eq!(finding.until, Some(at(PORTO.2, "2026-11-27T00:00")));
}

#[test]
fn weeks_are_counted_over_a_change_of_clocks_a_leap_day_and_new_year() {
    // In each pair the second date is the seventh day, the third the eighth.
    let cases = [
        ("2026-10-20", "2026-10-26", "2026-10-27"),
        ("2026-03-24", "2026-03-30", "2026-03-31"),
        ("2028-02-24", "2028-03-01", "2028-03-02"),
        ("2026-12-28", "2027-01-03", "2027-01-04"),
    ];
    for (visit, seventh, eighth) in cases {
        let mut facts = facts(PORTO);
        facts.contacts = vec![visited(&facts, &format!("{visit}T19:00"), ContactOutcome::NobodyHome)];
        facts.contacts[0].date_only = true;
        facts.as_of = facts.contacts[0].at;
        let seventh = attempt(facts.clone(), &format!("{seventh}T19:00"), &format!("{seventh}T19:30"));
        check(&seventh, &["HOUSE-FREQ-PERSON"]);
        check(
            &attempt(facts, &format!("{eighth}T09:00"), &format!("{eighth}T09:30")),
            &[],
        );
    }
}

#[test]
fn the_fourth_visit_of_a_case_waits_for_a_review() {
    let old = ["2026-09-01T10:00", "2026-09-20T10:00", "2026-10-10T10:00"];
    // Visits the file counts, dates it gives, later visits; and whether a further one is refused.
    let cases = [
        (2, 0, 0, false),
        (3, 0, 0, true),
        (2, 1, 0, false),
        (0, 2, 0, false),
        (0, 3, 0, true),
    ];
    let more = [
        (2, 1, 1, true),
        (1, 1, 1, false),
        (0, 0, 3, true),
        (-5, 0, 2, false),
        (i64::MAX, 0, 0, true),
    ];
    for (before, dated, later, refused) in cases.into_iter().chain(more) {
        let mut facts = facts(PORTO);
        facts.visits_before = before;
        for (index, local) in old.iter().take(dated + later).enumerate() {
            let contact = visited(&facts, local, ContactOutcome::NobodyHome);
            facts.contacts.push(PastContact {
                date_only: index < dated,
                ..contact
            });
        }
        check(&facts, if refused { &["HOUSE-FREQ-CASE"] } else { &[] });
    }
}

#[test]
fn a_supervisor_lifts_the_case_counter_for_a_time() {
    let mut facts = facts(PORTO);
    facts.visits_before = 3;
    let approval = |scope, rule: Option<&str>, given, until: &str| Consent {
        scope,
        given,
        rule: rule.map(Into::into),
        from: at(PORTO.2, "2026-11-24T00:00"),
        until: Some(at(PORTO.2, until)),
    };
    let (open, short) = ("2026-11-25T00:00", "2026-11-24T10:29");
    let cases = [
        (
            approval(ConsentScope::Rule, Some("HOUSE-FREQ-CASE"), Lift::Supervisor, open),
            true,
        ),
        (
            approval(ConsentScope::Rule, Some("HOUSE-FREQ-CASE"), Lift::TwoPersons, open),
            true,
        ),
        (
            approval(ConsentScope::Rule, Some("HOUSE-FREQ-CASE"), Lift::Consent, open),
            false,
        ),
        (
            approval(ConsentScope::Rule, Some("HOUSE-HOURS"), Lift::Supervisor, open),
            false,
        ),
        (approval(ConsentScope::Rule, None, Lift::Supervisor, open), false),
        (approval(ConsentScope::Frequency, None, Lift::Supervisor, open), true),
        (approval(ConsentScope::Frequency, None, Lift::Supervisor, short), false),
    ];
    for (consent, lifts) in cases {
        facts.consents = vec![consent];
        check(&facts, if lifts { &[] } else { &["HOUSE-FREQ-CASE"] });
    }
}

#[test]
fn massachusetts_counts_only_visits_that_met_somebody() {
    let cases: [(&str, Option<ContactOutcome>, &[&str]); 5] = [
        (
            "2026-10-26T10:00",
            Some(ContactOutcome::MetBorrower),
            &["US-MA-1-COUNT"],
        ),
        ("2026-10-25T10:00", Some(ContactOutcome::MetBorrower), &[]),
        ("2026-10-26T10:00", Some(ContactOutcome::NobodyHome), &[]),
        ("2026-10-26T10:00", Some(ContactOutcome::BlockedRule), &[]),
        ("2026-10-26T10:00", None, &["US-MA-1-COUNT"]),
    ];
    for (local, outcome, expected) in cases {
        let mut facts = facts(BOSTON);
        facts.contacts = vec![PastContact::visit(at(BOSTON.2, local), outcome)];
        check(&facts, expected);
        (facts.address.region, facts.address.zone) = (Some("US-NY".to_owned()), NEW_YORK.2.to_owned());
        check(&facts, &[]);
    }
}

#[test]
fn calls_are_counted_for_calls() {
    let mut facts = facts(HANGZHOU);
    facts.attempt.channel = Channel::Call;
    let call = |minute: u32, outcome| PastContact {
        channel: Channel::Call,
        ..PastContact::visit(at(HANGZHOU.2, &format!("2026-11-24T08:{minute:02}")), Some(outcome))
    };
    facts.contacts = vec![
        call(1, ContactOutcome::MetBorrower),
        call(2, ContactOutcome::MetBorrower),
    ];
    facts.contacts.push(call(3, ContactOutcome::NobodyHome));
    check(&facts, &[]);
    facts.contacts.push(call(4, ContactOutcome::MetRelated));
    check(&facts, &["CN-FREQ-1"]);
    facts.attempt.channel = Channel::Visit;
    check(&facts, &[]);
}

#[test]
fn the_seventh_call_that_nobody_answers_is_not_made() {
    let mut facts = facts(HANGZHOU);
    facts.attempt.channel = Channel::Call;
    // Calls of the day so far; whether the next is warned of, or refused.
    for (made, warned, refused) in [
        (3, false, false),
        (4, true, false),
        (5, true, false),
        (6, true, true),
        (7, true, true),
    ] {
        let call = |minute: u32| PastContact {
            channel: Channel::Call,
            ..PastContact::visit(
                at(HANGZHOU.2, &format!("2026-11-24T08:{minute:02}")),
                Some(ContactOutcome::NoAnswer),
            )
        };
        facts.contacts = (0..made).map(call).collect();
        check(&facts, if refused { &["CN-FREQ-2"] } else { &[] });
        let verdict = evaluate(&PACKS, &facts);
        let near = verdict.findings.iter().any(|one| one.rule.as_str() == "CN-FREQ-2-NEAR");
        assert_eq!(near, warned, "{made}");
        // Another number has its own six.
        facts.contacts[0].same_number = false;
        check(&facts, if made > 6 { &["CN-FREQ-2"] } else { &[] });
    }
}

#[test]
fn counters_keep_persons_addresses_and_cases_apart() {
    let cases: [(bool, bool, bool, &[&str]); 4] = [
        (true, true, true, &["HOUSE-FREQ-ADDRESS", "HOUSE-FREQ-PERSON"]),
        (true, false, false, &["HOUSE-FREQ-ADDRESS"]),
        (false, true, false, &["HOUSE-FREQ-PERSON"]),
        (false, false, false, &[]),
    ];
    for (same_address, same_person, same_case, expected) in cases {
        let mut facts = facts(PORTO);
        let contact = visited(&facts, "2026-11-24T09:00", ContactOutcome::NobodyHome);
        facts.contacts = vec![PastContact {
            same_address,
            same_person,
            same_case,
            ..contact
        }];
        check(&facts, expected);
    }
}

#[test]
fn planned_visits_count_both_ways_and_later_history_does_not() {
    let mut facts = facts(PORTO);
    facts.contacts = vec![visited(&facts, "2026-11-30T10:00", ContactOutcome::NobodyHome)];
    check(&facts, &["HOUSE-FREQ-PERSON"]);
    facts.contacts[0].at = at(PORTO.2, "2026-12-01T10:00");
    check(&facts, &[]);
    // Looking back from December, a visit made on 30 November does not make the one of 24 November wrong.
    facts.contacts[0].at = at(PORTO.2, "2026-11-30T10:00");
    facts.as_of = at(PORTO.2, "2026-12-24T10:00");
    check(&facts, &[]);
}

#[test]
fn whoever_asked_the_visitors_to_leave_is_left_in_peace() {
    let cases: [(_, &str, &[&str]); 4] = [
        (PORTO, "2026-10-26T10:00", &["HOUSE-REST-ASKED"]),
        (PORTO, "2026-10-25T10:00", &[]),
        (super::LEEDS, "2026-10-25T10:00", &["UK-LEN-1"]),
        (super::LEEDS, "2020-01-01T10:00", &["UK-LEN-1"]),
    ];
    for (place, local, expected) in cases {
        let mut facts = facts(place);
        facts.contacts = vec![visited(&facts, local, ContactOutcome::AskedToLeave)];
        check(&facts, expected);
    }
}

#[test]
fn an_address_found_wrong_is_not_tried_again() {
    for outcome in [
        ContactOutcome::Moved,
        ContactOutcome::UnknownHere,
        ContactOutcome::AddrInvalid,
    ] {
        let mut facts = facts(PORTO);
        facts.contacts = vec![visited(&facts, "2025-01-01T10:00", outcome)];
        check(&facts, &["HOUSE-GONE"]);
        facts.contacts[0].same_address = false;
        check(&facts, &[]);
    }
}

#[test]
fn a_call_that_reached_somebody_warns_of_a_visit_in_the_week_after() {
    let mut facts = facts(NEW_YORK);
    for (local, warns) in [("2026-11-17T10:00", true), ("2026-11-16T10:00", false)] {
        let call = visited(&facts, local, ContactOutcome::MetBorrower);
        facts.contacts = vec![PastContact {
            channel: Channel::Call,
            ..call
        }];
        let verdict = evaluate(&PACKS, &facts);
        assert!(forbidding(&verdict).is_empty());
        assert_eq!(
            verdict.findings.iter().any(|f| f.rule.as_str() == "US-FREQ-1-VISIT"),
            warns,
            "{local}"
        );
    }
}
