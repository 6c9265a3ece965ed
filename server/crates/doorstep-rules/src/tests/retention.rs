//! How long records are kept: what several rules make together, and what must hold whatever the facts are.

use super::PACKS;
use crate::{PackSet, Retention, RetentionFacts, RetentionOf, Subject, retention};
use doorstep_domain::case::CaseStatus;
use doorstep_domain::person::PersonRole;
use doorstep_domain::retention::RetentionState;
use jiff::civil::Date;
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A case in China whose last contact was long before it ended.
fn facts(country: Option<&str>, today: &str) -> RetentionFacts {
    RetentionFacts {
        subject: Subject {
            status: CaseStatus::Settled,
            flags: std::collections::BTreeSet::new(),
            party: PersonRole::Debtor,
            portfolio_kind: "card".to_owned(),
            days_past_due: 40,
            amount_stale: false,
            available: Vec::new(),
            bans: Vec::new(),
        },
        country: country.map(str::to_owned),
        region: None,
        of: RetentionOf::ContactRecord,
        made: day("2020-03-01"),
        last_activity: day("2020-06-01"),
        ended: Some(day("2020-06-01")),
        settled: Some(day("2020-06-01")),
        held: false,
        today: day(today),
    }
}

fn asked(facts: &RetentionFacts) -> Retention {
    retention(&PACKS, facts)
}

/// The house's packs with one more rule.
fn with(rule: &str) -> PackSet {
    let text = format!(
        "format = 1\nid = \"more\"\nversion = 1\ntitle = {{ en = \"More\", zh = \"更多\" }}\ncountries = []\n\
         status = \"house\"\n[[rule]]\nid = \"M-RET\"\nkind.retention = {{ of = \"contact_record\", {rule} }}\n\
         effect = \"require\"\nstatus = \"house\"\ncitation = \"house rule\"\nconfidence = \"Q\"\n"
    );
    PackSet::with(&[("more.toml", &text)]).unwrap()
}

#[test]
fn the_longest_minimum_counts_and_the_margin_follows_it() {
    // Five years from when it was made, as Chinese law asks, are longer than the house's year after the last contact.
    let found = asked(&facts(Some("CN"), "2025-03-02"));
    let (keep, may) = (found.keep_until.unwrap(), found.may_until.unwrap());
    assert_eq!((keep.rule.as_str(), keep.until), ("CN-RET-3", day("2025-03-02")));
    assert_eq!((may.rule.as_str(), may.until), ("HOUSE-RET-MAX", day("2025-06-02")));
    assert_eq!(found.state, RetentionState::Minimum);
    for (today, state) in [
        ("2025-03-03", RetentionState::Margin),
        ("2025-06-02", RetentionState::Margin),
        ("2025-06-03", RetentionState::Over),
    ] {
        assert_eq!(asked(&facts(Some("CN"), today)).state, state, "{today}");
    }
}

#[test]
fn a_minimum_wins_over_a_shorter_maximum_and_says_which_gave_way() {
    let short = with("at_most = 30, from = \"last_activity\"");
    let found = retention(&short, &facts(Some("CN"), "2025-03-02"));
    assert_eq!(found.may_until.unwrap().until, day("2025-03-02"));
    assert_eq!(found.overruled.unwrap().as_str(), "M-RET");
    assert_eq!(found.state, RetentionState::Minimum);
    assert_eq!(
        retention(&short, &facts(Some("CN"), "2025-03-03")).state,
        RetentionState::Over
    );
}

#[test]
fn where_a_place_is_unknown_every_law_counts() {
    let known = asked(&facts(Some("PT"), "2022-01-01"));
    assert_eq!(known.state, RetentionState::Over);
    assert_eq!(asked(&facts(None, "2022-01-01")).state, RetentionState::Minimum);
}

#[test]
fn an_unsettled_debt_has_no_end_yet_and_a_portfolio_without_rules_none_at_all() {
    let until_settled = with("from = \"settlement\"");
    let mut unsettled = facts(Some("PT"), "2099-01-01");
    unsettled.settled = None;
    let found = retention(&until_settled, &unsettled);
    assert_eq!(
        (found.state, found.keep_until.unwrap().until),
        (RetentionState::Minimum, Date::MAX)
    );
    unsettled.settled = Some(day("2020-06-01"));
    assert_eq!(retention(&until_settled, &unsettled).state, RetentionState::Over);
    let mut care = facts(Some("PT"), "2099-01-01");
    care.subject.portfolio_kind = "home-care".to_owned();
    care.subject.days_past_due = 0;
    assert_eq!(asked(&care).state, RetentionState::NoEnd);
}

#[test]
fn a_rule_has_one_bound() {
    for wrong in [
        "from = \"creation\"",
        "days = 1, at_most = 2, from = \"creation\"",
        "days = 1, from = \"minimum_end\"",
        "days = 0, from = \"creation\"",
        "at_most = 0, from = \"creation\"",
    ] {
        let text = format!(
            "format = 1\nid = \"more\"\nversion = 1\ntitle = {{ en = \"M\", zh = \"更\" }}\nstatus = \"house\"\n[[rule]]\n\
             id = \"M-RET\"\nkind.retention = {{ of = \"recording\", {wrong} }}\neffect = \"require\"\nstatus = \"house\"\n\
             citation = \"house rule\"\nconfidence = \"Q\"\n"
        );
        assert!(PackSet::with(&[("more.toml", &text)]).is_err(), "{wrong}");
    }
}

fn any_facts() -> impl Strategy<Value = RetentionFacts> {
    let country = prop::sample::select(vec![None, Some("CN"), Some("US"), Some("PT"), Some("GB")]);
    let days = (0..4_000_i64, 0..1_000_i64, 0..1_000_i64, -100..9_000_i64);
    (country, days, any::<[bool; 2]>()).prop_map(|(country, (made, active, ended, today), [is_settled, is_ended])| {
        let on = |days: i64| day("2015-01-01").saturating_add(jiff::Span::new().days(days));
        let end = on(made + active + ended);
        RetentionFacts {
            made: on(made),
            last_activity: on(made + active),
            ended: is_ended.then_some(end),
            settled: (is_ended && is_settled).then_some(end),
            today: on(made + active + ended + today),
            ..facts(country, "2020-01-01")
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(23), ..ProptestConfig::default() })]

    /// Whatever rule is added with a minimum, nothing goes that would not have gone without it.
    #[test]
    fn a_longer_minimum_never_purges_earlier(facts in any_facts(), days in 1..3_000_u32, from in 0..3_usize) {
        let from = ["creation", "last_activity", "settlement"][from];
        let more = retention(&with(&format!("days = {days}, from = \"{from}\"")), &facts);
        let before = asked(&facts);
        prop_assert!(more.state != RetentionState::Over || before.state == RetentionState::Over);
        prop_assert!(more.may_until.map(|one| one.until) >= before.may_until.map(|one| one.until));
    }

    #[test]
    fn a_hold_and_a_running_case_always_keep(facts in any_facts()) {
        let held = RetentionFacts { held: true, ..facts.clone() };
        prop_assert_eq!(asked(&held).state, RetentionState::Held);
        let running = RetentionFacts { ended: None, ..facts };
        prop_assert_eq!(asked(&running).state, RetentionState::Running);
    }

    /// What goes today goes tomorrow; and nothing goes within a minimum.
    #[test]
    fn time_only_lets_go(facts in any_facts()) {
        let today = asked(&facts);
        let next = RetentionFacts { today: facts.today.tomorrow().unwrap(), ..facts.clone() };
        prop_assert!(today.state != RetentionState::Over || asked(&next).state == RetentionState::Over);
        let kept = today.keep_until.is_some_and(|bound| facts.today <= bound.until);
        prop_assert!(!(kept && today.state == RetentionState::Over));
    }
}
