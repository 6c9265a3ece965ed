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
        due_on: DAY - 30,
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
    let keeps_away = |one: &DefaultReason| one.is_hardship() || *one == DefaultReason::Dispute;
    let reasons: Vec<DefaultReason> = DefaultReason::ALL.iter().copied().filter(keeps_away).collect();
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

/// What may never bring one visit more: from a day on it is known, or on it happened.
#[derive(Debug, Clone)]
enum Mark {
    /// Hardship, vulnerability, a dispute or a complaint.
    Known(&'static str),
    /// Hardship or a dispute, told as the reason for default.
    Told(DefaultReason),
    /// A refusal, on any channel.
    Refused(StepChannel),
    /// A payment of so much, which leaves so many days less past due, and something of what was due at the last visit.
    Paid { amount: i64, days: i64 },
}

fn a_mark() -> impl Values<Value = Mark> {
    prop_oneof![
        prop::sample::select(vec!["hardship", "vulnerable", "disputed", "complained"]).prop_map(Mark::Known),
        prop::sample::select(vec![
            DefaultReason::LostJob,
            DefaultReason::Illness,
            DefaultReason::Dispute
        ])
        .prop_map(Mark::Told),
        prop::sample::select(StepChannel::ALL.to_vec()).prop_map(Mark::Refused),
        (1..100_000_i64, 0..90_i64).prop_map(|(amount, days)| Mark::Paid { amount, days }),
    ]
}

/// A case that is lived day by day: whatever comes next is done on its day, and each channel ends as it always does.
#[derive(Debug, Clone)]
struct Life {
    facts: CaseFacts,
    history: Vec<Past>,
    /// How many days past due it is on the first day.
    late: i64,
    visit_ends: ContactOutcome,
    call_ends: ContactOutcome,
}

fn a_life() -> impl Values<Value = Life> {
    use ContactOutcome::{
        AccessDenied, Connected, DoorNotOpened, MetBorrower, MetRelated, Moved, NoAnswer, NobodyHome,
    };
    let visits = prop::sample::select(vec![
        NobodyHome,
        MetBorrower,
        MetRelated,
        DoorNotOpened,
        AccessDenied,
        Moved,
    ]);
    let calls = prop::sample::select(vec![NoAnswer, NoAnswer, Connected]);
    let history = prop::collection::vec(a_past(), 0..6);
    (some_facts(), history, -5..80_i64, visits, calls).prop_map(|(facts, history, late, visit_ends, call_ends)| Life {
        facts,
        history: history.into_iter().filter(|one| one.day < DAY).collect(),
        late,
        visit_ends,
        call_ends,
    })
}

/// The days on which somebody comes to the door, where a mark is made on a day or not at all.
fn visits(strategy: &Strategy, life: &Life, mark: Option<(i64, &Mark)>) -> Vec<i64> {
    let (mut facts, mut history, mut late) = (life.facts.clone(), life.history.clone(), life.late);
    let mut made = Vec::new();
    for day in DAY..DAY + 150 {
        if let Some((_, mark)) = mark.filter(|(on, _)| *on == day) {
            match mark {
                Mark::Known(code) => facts.protected = Some((*code).to_owned()),
                Mark::Told(reason) => facts.reason = Some(*reason),
                Mark::Refused(channel) => history.push(Past {
                    refused: true,
                    ..past(day, *channel, ContactOutcome::Declined)
                }),
                Mark::Paid { amount, days } => {
                    facts.paid_on = Some(day);
                    facts.amount -= amount;
                    let visited = made.last().copied().unwrap_or(day);
                    late -= days.min(&(late - (day - visited)).max(0));
                }
            }
        }
        let stages = strategy.stages;
        facts.stage = stages.of(late);
        facts.due_on = day - late;
        let older = (1..=late + 10)
            .take_while(|ago| stages.of(late - ago) == facts.stage)
            .count();
        facts.stage_since = day - older as i64;
        let next = next(strategy, &history, &facts, day).next;
        let channel = StepChannel::ALL
            .iter()
            .find(|channel| NextAction::from(**channel) == next.action);
        if let Some(channel) = channel.filter(|_| next.why == NextWhy::Due) {
            let ends = match channel {
                StepChannel::Visit => life.visit_ends,
                StepChannel::Call => life.call_ends,
                _ => ContactOutcome::Delivered,
            };
            made.extend((*channel == StepChannel::Visit).then_some(day));
            history.push(Past {
                step: next.step,
                ..past(day, *channel, ends)
            });
        }
        late += 1;
    }
    made
}

/// A strategy that goes to the door in three stages, and not only where nobody was reached.
static EAGER: LazyLock<Strategy> = LazyLock::new(|| {
    let step = |id: &str, stage: &str, channel: &str, more: &str| {
        format!("[[step]]\nid = \"{id}\"\nstage = \"{stage}\"\nchannel = \"{channel}\"\nwho = \"field\"\n{more}\n")
    };
    let visit = "times_max = 2\nevery_days = 5";
    let steps = [
        step("m1-visit", "M1", "visit", visit),
        step("m2-visit", "M2", "visit", visit),
        step("m3-visit", "M3", "visit", visit),
    ];
    Strategy::read("eager.toml", &format!("format = 1\n{}", steps.concat())).unwrap()
});

#[test]
fn whoever_paid_after_a_visit_is_not_visited_again_before_a_person_decides() {
    let life = Life {
        facts: facts(Stage::M3),
        history: Vec::new(),
        late: 61,
        visit_ends: ContactOutcome::NobodyHome,
        call_ends: ContactOutcome::NoAnswer,
    };
    let before = visits(&EAGER, &life, None);
    assert_eq!(before.iter().map(|day| day - DAY).collect::<Vec<_>>(), [0, 5]);
    // Half of it is paid, and the case is as young as one that was never visited.
    let paid = Mark::Paid {
        amount: 50_000,
        days: 40,
    };
    assert_eq!(visits(&EAGER, &life, Some((DAY + 6, &paid))), before);
    let facts = CaseFacts {
        paid_on: Some(DAY + 6),
        ..facts(Stage::M1)
    };
    let history = [past(DAY + 5, StepChannel::Visit, ContactOutcome::NobodyHome)];
    let next_of = |facts: &CaseFacts| next(&EAGER, &history, facts, DAY + 40).next;
    let review = next_of(&facts);
    let because = (review.action, review.why, review.because.as_deref());
    assert_eq!(because, (NextAction::Review, NextWhy::PersonDecides, Some("paid")));
    let decided = CaseFacts {
        decided_on: Some(DAY + 30),
        ..facts.clone()
    };
    assert_eq!(next_of(&decided).action, NextAction::Visit);
    // All that was due at the visit is paid, and something else is late now.
    let another = CaseFacts {
        due_on: DAY + 20,
        ..facts
    };
    assert_eq!(next_of(&another).action, NextAction::Visit);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Hardship, vulnerability, a dispute, a refusal, a complaint, or having paid after a visit: whoever has one of them is
    /// visited no more often than without it, over all the days that follow.
    #[test]
    fn no_right_and_no_payment_ever_brings_one_visit_more(
        life in a_life(), mark in a_mark(), on in 0..120_i64, eager in any::<bool>(),
    ) {
        let strategy = if eager { &*EAGER } else { &*DEFAULT };
        let before = visits(strategy, &life, None);
        let on = match (&mark, before.first()) {
            // What counts of a payment is that it comes after a visit.
            (Mark::Paid { .. }, first) => first.map_or(DAY + 200, |first| first + 1 + on / 3),
            _ => DAY + on,
        };
        let after = visits(strategy, &life, Some((on, &mark)));
        prop_assert!(after.len() <= before.len(), "{:?} and then {:?}", before, after);
        let until = |days: &[i64]| days.iter().filter(|day| **day < on).count();
        prop_assert_eq!(until(&before), until(&after), "nothing changes what was before");
    }
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
