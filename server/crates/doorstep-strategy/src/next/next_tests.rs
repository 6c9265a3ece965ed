//! Tests of what comes next for a case.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::LazyLock;

use proptest::prelude::{Just, ProptestConfig, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as Values;

use super::*;

const DAY: i64 = 20_000;

fn facts(stage: Stage) -> CaseFacts {
    CaseFacts {
        stage,
        stage_since: DAY,
        amount: 100_000,
        stopped: None,
        protected: None,
        reason: None,
        promised_until: None,
        broken: false,
        paid_on: None,
        calm: None,
        place: Place {
            usable: true,
            since: DAY - 10,
            verified_on: None,
            number_since: DAY - 10,
        },
        decided_on: None,
        forbidden: Vec::new(),
    }
}

fn past(day: i64, channel: StepChannel, outcome: ContactOutcome) -> Past {
    Past {
        day,
        at: day,
        channel,
        outcome: Some(outcome),
        refused: false,
        step: None,
    }
}

static DEFAULT: LazyLock<Strategy> = LazyLock::new(Strategy::default_one);

fn of(history: &[Past], facts: &CaseFacts, day: i64) -> Next {
    next(&DEFAULT, history, facts, day).next
}

/// The action, its step and day, and why.
fn told(next: &Next) -> (NextAction, Option<&str>, Option<i64>, NextWhy) {
    (
        next.action,
        next.step.as_deref(),
        next.when.map(|day| day - DAY),
        next.why,
    )
}

#[test]
fn a_case_goes_from_light_to_heavy_within_its_stages() {
    use StepChannel::{Call, Letter, Visit};
    let m1 = facts(Stage::M1);
    let today = of(&[], &m1, DAY);
    assert_eq!(
        told(&today),
        (NextAction::Wait, Some("m1-message"), Some(1), NextWhy::Waiting)
    );
    let tomorrow = of(&[], &m1, DAY + 1);
    assert_eq!(
        told(&tomorrow),
        (NextAction::Message, Some("m1-message"), Some(1), NextWhy::Due)
    );
    let called = [past(DAY + 1, StepChannel::Message, ContactOutcome::Delivered)];
    assert_eq!(of(&called, &m1, DAY + 3).action, NextAction::Call);
    let known = CaseFacts {
        reason: Some(DefaultReason::Forgot),
        ..m1
    };
    let quiet = of(&called, &known, DAY + 9);
    assert_eq!(told(&quiet), (NextAction::Wait, None, None, NextWhy::NothingLeft));
    let m2 = facts(Stage::M2);
    assert_eq!(of(&[], &m2, DAY).action, NextAction::Letter);
    let mut history = vec![past(DAY, Letter, ContactOutcome::Delivered)];
    let reached = of(&history, &m2, DAY + 7);
    assert_eq!(
        told(&reached),
        (NextAction::Wait, Some("m2-visit"), None, NextWhy::Reached)
    );
    history.extend([3, 6].map(|day| past(DAY - day, Call, ContactOutcome::NoAnswer)));
    assert_eq!(of(&history, &m2, DAY + 6).when, Some(DAY + 7));
    assert_eq!(of(&history, &m2, DAY + 7).action, NextAction::Visit);
    history.push(past(DAY + 7, Visit, ContactOutcome::NobodyHome));
    let again = of(&history, &m2, DAY + 8);
    assert_eq!(
        told(&again),
        (NextAction::Wait, Some("m2-visit"), Some(21), NextWhy::Waiting)
    );
    history.push(past(DAY + 21, Visit, ContactOutcome::NobodyHome));
    let enough = of(&history, &m2, DAY + 60);
    assert_eq!(told(&enough), (NextAction::Review, None, None, NextWhy::NothingLeft));
}

#[test]
fn nobody_is_reported_who_was_not_told() {
    let facts = facts(Stage::M3Plus);
    let letter = |step: Option<&str>, outcome| Past {
        step: step.map(str::to_owned),
        ..past(DAY, StepChannel::Letter, outcome)
    };
    let bundle = past(DAY + 14, StepChannel::Bundle, ContactOutcome::Delivered);
    let why = |letter: Past, day: i64| {
        let answer = next(&DEFAULT, &[letter, bundle.clone()], &facts, day);
        let other = answer
            .others
            .iter()
            .find(|one| one.step == "m3plus-bureau")
            .map(|one| one.why);
        other.unwrap_or(answer.next.why)
    };
    let told = letter(Some("m3plus-notice"), ContactOutcome::Delivered);
    assert_eq!(why(told.clone(), DAY + 30), NextWhy::Due);
    assert_eq!(why(told, DAY + 20), NextWhy::NoticeMissing);
    let back = letter(Some("m3plus-notice"), ContactOutcome::Returned);
    assert_eq!(why(back, DAY + 90), NextWhy::NoticeMissing);
    // A letter that gives no notice is none, and takes no try of the one that does.
    for step in [None, Some(ASIDE)] {
        let another = letter(step, ContactOutcome::Delivered);
        let next = of(&[another], &facts, DAY + 90);
        assert_eq!(
            (next.action, next.step.as_deref()),
            (NextAction::Letter, Some("m3plus-notice"))
        );
    }
}

#[test]
fn what_protects_takes_the_door_away_and_a_person_decides() {
    let letter = [past(DAY, StepChannel::Letter, ContactOutcome::Delivered)];
    let m3 = facts(Stage::M3);
    assert_eq!(of(&letter, &m3, DAY + 7).action, NextAction::Visit);
    let with = |change: &dyn Fn(&mut CaseFacts)| {
        let mut facts = m3.clone();
        change(&mut facts);
        of(&letter, &facts, DAY + 7)
    };
    for code in ["hardship", "vulnerable", "disputed", "complained"] {
        let next = with(&|facts| facts.protected = Some(code.to_owned()));
        assert_eq!((next.action, next.because.as_deref()), (NextAction::Review, Some(code)));
        assert_eq!(next.lenient, code == "hardship");
    }
    let ill = with(&|facts| facts.reason = Some(DefaultReason::Illness));
    assert_eq!((ill.action, ill.lenient), (NextAction::Review, true));
    let calm = with(&|facts| facts.calm = Some(CalmMode::Stop));
    assert_eq!(
        (calm.action, calm.why, calm.lenient),
        (NextAction::Wait, NextWhy::Calm, true)
    );
    let stopped = with(&|facts| facts.stopped = Some("deceased".to_owned()));
    assert_eq!((stopped.action, stopped.why), (NextAction::None, NextWhy::Stopped));
    let rule = |until| Forbidden {
        channel: StepChannel::Visit,
        rule: "HOUSE-FREQ".to_owned(),
        until,
    };
    let later = with(&|facts| facts.forbidden = vec![rule(Some(DAY + 9))]);
    assert_eq!(
        told(&later),
        (NextAction::Wait, Some("m3-visit"), Some(9), NextWhy::Rule)
    );
    let never = with(&|facts| facts.forbidden = vec![rule(None)]);
    assert_eq!(
        (never.action, never.because.as_deref()),
        (NextAction::Review, Some("HOUSE-FREQ"))
    );
    let paid = with(&|facts| facts.paid_on = Some(DAY + 1));
    assert_eq!(
        told(&paid),
        (NextAction::Wait, Some("m3-visit"), Some(15), NextWhy::Paid)
    );
    let promised = with(&|facts| facts.promised_until = Some(DAY + 20));
    assert_eq!(promised.when, Some(DAY + 21));
}

#[test]
fn whoever_was_not_found_is_not_sought_there_again_unconfirmed() {
    use ContactOutcome::{AccessDenied, Moved, NobodyHome, NumberInvalid};
    let m3 = facts(Stage::M3);
    let history = |outcome| {
        [
            past(DAY - 30, StepChannel::Visit, outcome),
            past(DAY, StepChannel::Letter, ContactOutcome::Delivered),
        ]
    };
    let moved = of(&history(Moved), &m3, DAY + 7);
    assert_eq!(
        (moved.action, moved.because.as_deref()),
        (NextAction::VerifyAddress, Some("MOVED"))
    );
    let mut confirmed = m3.clone();
    confirmed.place.verified_on = Some(DAY);
    assert_eq!(of(&history(Moved), &confirmed, DAY + 7).action, NextAction::Visit);
    let mut old = m3.clone();
    old.place.since = DAY - 200;
    assert_eq!(
        of(&history(NobodyHome), &old, DAY + 7).action,
        NextAction::VerifyAddress
    );
    old.place.verified_on = Some(DAY - 1);
    assert_eq!(of(&history(NobodyHome), &old, DAY + 7).action, NextAction::Visit);
    // The letter that went meanwhile is the one that a closed gate asks for.
    assert_eq!(of(&history(AccessDenied), &m3, DAY + 7).action, NextAction::Visit);
    let late = [
        past(DAY, StepChannel::Letter, ContactOutcome::Delivered),
        past(DAY + 7, StepChannel::Visit, AccessDenied),
    ];
    let first = of(&late, &m3, DAY + 21);
    assert_eq!((first.action, first.why), (NextAction::Letter, NextWhy::LetterFirst));
    let m1 = facts(Stage::M1);
    let number = [
        past(DAY + 1, StepChannel::Message, ContactOutcome::Delivered),
        past(DAY + 3, StepChannel::Call, NumberInvalid),
    ];
    assert_eq!(of(&number, &m1, DAY + 6).action, NextAction::VerifyNumber);
    let mut corrected = m1;
    corrected.place.number_since = DAY + 4;
    assert_eq!(of(&number, &corrected, DAY + 6).action, NextAction::Call);
}

/// What burdens or protects a person, or is to their credit.
#[derive(Debug, Clone)]
enum Burden {
    Protected(&'static str),
    Stopped,
    Calm(CalmMode),
    Paid(i64),
    Promised(i64),
    Reason(DefaultReason),
    Refused(Past),
    Rule(StepChannel, Option<i64>),
}

fn a_past() -> impl Values<Value = Past> {
    let outcomes = prop::sample::select(ContactOutcome::ALL.to_vec());
    let channels = prop::sample::select(StepChannel::ALL.to_vec());
    let steps = prop::sample::select(vec![None, Some("m3plus-notice"), Some("m2-visit")]);
    (-40..60_i64, channels, prop::option::of(outcomes), steps).prop_map(|(day, channel, outcome, step)| Past {
        day: DAY + day,
        at: (DAY + day) * 10,
        channel,
        outcome,
        refused: false,
        step: step.map(str::to_owned),
    })
}

fn some_facts() -> impl Values<Value = CaseFacts> {
    let stages = prop::sample::select(Stage::ALL.to_vec());
    (stages, any::<bool>(), prop::option::of(-60..40_i64), -300..20_i64).prop_map(|(stage, broken, verified, since)| {
        let mut facts = facts(stage);
        facts.broken = broken;
        facts.place.since = DAY + since;
        facts.place.verified_on = verified.map(|day| DAY + day);
        facts
    })
}

fn a_burden() -> impl Values<Value = Burden> {
    let reasons: Vec<DefaultReason> = DefaultReason::ALL
        .iter()
        .copied()
        .filter(|one| one.is_hardship())
        .collect();
    prop_oneof![
        prop::sample::select(vec!["hardship", "vulnerable", "disputed", "complained"]).prop_map(Burden::Protected),
        Just(Burden::Stopped),
        prop::sample::select(CalmMode::ALL.to_vec()).prop_map(Burden::Calm),
        (-40..40_i64).prop_map(|day| Burden::Paid(DAY + day)),
        (-40..40_i64).prop_map(|day| Burden::Promised(DAY + day)),
        a_past().prop_map(|one| Burden::Refused(Past { refused: true, ..one })),
        (
            prop::sample::select(StepChannel::ALL.to_vec()),
            prop::option::of(0..40_i64)
        )
            .prop_map(|(channel, until)| Burden::Rule(channel, until.map(|day| DAY + day))),
        prop::sample::select(reasons).prop_map(Burden::Reason),
    ]
}

fn weighed(facts: &CaseFacts, history: &[Past], burden: &Burden) -> (CaseFacts, Vec<Past>) {
    let (mut facts, mut history) = (facts.clone(), history.to_vec());
    match burden {
        Burden::Protected(code) => facts.protected = Some((*code).to_owned()),
        Burden::Stopped => facts.stopped = Some("deceased".to_owned()),
        Burden::Calm(mode) => facts.calm = Some(*mode),
        Burden::Paid(day) => facts.paid_on = Some(*day),
        Burden::Promised(day) => facts.promised_until = Some(*day),
        Burden::Reason(reason) => facts.reason = Some(*reason),
        Burden::Refused(one) => history.push(one.clone()),
        Burden::Rule(channel, until) => facts.forbidden.push(Forbidden {
            channel: *channel,
            rule: "R".to_owned(),
            until: *until,
        }),
    }
    (facts, history)
}

/// How heavy the next action is; what only the office does weighs nothing, a letter that verifies neither.
fn weight(next: &Next) -> u8 {
    let channel = StepChannel::ALL
        .iter()
        .find(|channel| NextAction::from(**channel) == next.action);
    channel
        .filter(|_| next.why == NextWhy::Due)
        .map_or(0, |channel| channel.weight())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_order_in_which_a_history_is_told_does_not_matter(
        history in prop::collection::vec(a_past(), 0..10),
        facts in some_facts(),
        day in 0..60_i64,
    ) {
        let mut other = history.clone();
        other.reverse();
        prop_assert_eq!(next(&DEFAULT, &history, &facts, DAY + day), next(&DEFAULT, &other, &facts, DAY + day));
    }

    #[test]
    fn what_burdens_or_protects_never_brings_a_heavier_or_earlier_step(
        history in prop::collection::vec(a_past(), 0..8),
        facts in some_facts(),
        burden in a_burden(),
    ) {
        let (with, told) = weighed(&facts, &history, &burden);
        // Day by day: whatever is next with the burden was open to be next, by then, without it.
        let mut most = 0;
        for day in 0..70 {
            most = most.max(weight(&of(&history, &facts, DAY + day)));
            let now = weight(&of(&told, &with, DAY + day));
            if !matches!(burden, Burden::Reason(_)) || now > 1 {
                prop_assert!(now <= most, "day {}: {} > {}", day, now, most);
            }
        }
    }

    #[test]
    fn a_stop_stops(history in prop::collection::vec(a_past(), 0..8), facts in some_facts(), day in 0..60_i64) {
        let stopped = CaseFacts { stopped: Some("moratorium".to_owned()), ..facts };
        let answer = next(&DEFAULT, &history, &stopped, DAY + day);
        prop_assert_eq!(answer.next.action, NextAction::None);
        prop_assert!(answer.others.iter().all(|one| one.why == NextWhy::Stopped));
    }

    #[test]
    fn no_door_is_opened_where_the_strategy_has_none(
        history in prop::collection::vec(a_past(), 0..8),
        facts in some_facts(),
        day in 0..60_i64,
    ) {
        let strategy = Strategy::read("own.toml", "format = 1\nvisits = false\n").unwrap();
        let answer = next(&strategy, &history, &facts, DAY + day);
        prop_assert!(answer.next.action != NextAction::Visit);
        prop_assert!(answer.others.iter().all(|one| one.channel != StepChannel::Visit));
    }
}
