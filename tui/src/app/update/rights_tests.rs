//! Restrictions and consents from the open case: one is chosen, words are written, and it is asked once more.

use doorstep_domain::approval::ApprovalReason;
use doorstep_domain::restriction::RestrictionKind;
use doorstep_domain::words::Lang;

use super::super::desk_sample_tests as desk;
use super::super::effect::{Answered, Ask, Effect, Topic};
use super::super::event::Event;
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Model, Place};
use super::super::office::{OfficeAnswer, OfficeAsk};
use super::super::office_sample_tests::supervisor;
use super::super::rights::RightStep;
use super::super::sample_tests::NOW;
use super::update;

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for symbol in keys.chars() {
        let key = if symbol == '\n' { Key::Enter } else { Key::Char(symbol) };
        effects = update(model, Event::Key(key), NOW);
    }
    effects
}

fn comes(model: &mut Model, topic: Topic, answer: OfficeAnswer) -> Vec<Effect> {
    let request = model.pending[&topic].0;
    let result = Ok(Answered::Office(Box::new(answer)));
    update(model, Event::Answer { request, topic, result }, NOW)
}

/// A case that is open, of which nobody has asked to lift anything.
fn open(role: &str) -> Model {
    let mut model = supervisor(Lang::En, Place::Cases);
    role.clone_into(&mut model.office.role);
    let mut standing = desk::standing();
    standing.restrictions[0].approval = None;
    press(&mut model, "\n");
    comes(&mut model, Topic::Case, OfficeAnswer::Case(Box::new(standing)));
    model
}

fn asked(effects: &[Effect]) -> Option<(RightStep, String)> {
    match effects {
        [
            Effect::Ask {
                ask: Ask::Office(OfficeAsk::Right(step, words)),
                ..
            },
        ] => Some((*step, words.clone())),
        _ => None,
    }
}

#[test]
fn a_case_says_what_stands_on_it_and_takes_more() {
    let mut model = open("supervisor");
    let case = desk::standing().case.item.id;
    let Some(Layer::Details { lines, .. }) = model.layers.last() else {
        panic!()
    };
    let lines = lines.join("\n");
    for said in ["says it was paid in May", "waits for a second person", "returned"] {
        assert!(lines.contains(said), "{lines}");
    }
    press(&mut model, "rj\n\n");
    assert!(
        matches!(model.layers.last(), Some(Layer::Text { .. })),
        "not without words"
    );
    let kind = RestrictionKind::ALL[1];
    let said = "said on the phone".to_owned();
    let effects = press(&mut model, "said on the phone\ny");
    assert_eq!(asked(&effects), Some((RightStep::Restrict(case, kind), said)));
    comes(&mut model, Topic::Record, OfficeAnswer::Right);
    assert!(
        model.layers.is_empty() && model.pending.contains_key(&Topic::Case),
        "it is read again"
    );
}

#[test]
fn lifting_says_why_and_a_consent_ends() {
    let mut model = open("supervisor");
    let standing = desk::standing();
    let case = standing.case.item.id;
    let effects = press(&mut model, "l\nj\nanswered\ny");
    let step = RightStep::Lift(case, RestrictionKind::Disputed, None, ApprovalReason::Resolved);
    assert_eq!(asked(&effects), Some((step, "answered".to_owned())));
    let effects = press(&mut model, "x\ny");
    assert_eq!(
        asked(&effects),
        Some((RightStep::Withdraw(standing.consents[0].id), String::new()))
    );
}

#[test]
fn others_and_a_closed_case_are_refused_with_the_reason() {
    let mut model = open("auditor");
    assert!(asked(&press(&mut model, "r")).is_none() && model.toast.is_some());
    let mut model = supervisor(Lang::En, Place::Cases);
    press(&mut model, "r");
    assert!(model.layers.is_empty() && model.toast.as_ref().unwrap().text.contains("Enter"));
}
