//! Publishing a plan from its screen: with notices, or without and why.

use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::words::Lang;
use uuid::Uuid;

use super::super::effect::{Ask, Effect, Topic, Trouble};
use super::super::event::Event;
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Model, Place};
use super::super::office::OfficeAsk;
use super::super::office_sample_tests as office;
use super::super::sample_tests::NOW;
use super::update;

fn press(model: &mut Model, keys: &[Key]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        effects = update(model, Event::Key(*key), NOW);
    }
    effects
}

fn asked(effects: &[Effect]) -> Vec<OfficeAsk> {
    let ask = |effect: &Effect| match effect {
        Effect::Ask {
            ask: Ask::Office(ask), ..
        } => Some(ask.clone()),
        _ => None,
    };
    effects.iter().filter_map(ask).collect()
}

#[test]
fn a_plan_is_published_with_notices_or_with_the_reason_why_not() {
    let plan = Uuid::from_u128(0x700);
    let mut model = office::supervisor(Lang::En, Place::Plan);
    let effects = press(&mut model, &[Key::Char('P'), Key::Enter]);
    assert_eq!(asked(&effects), [OfficeAsk::Publish(plan, 3, None)]);
    let mut model = office::supervisor(Lang::En, Place::Plan);
    let chosen = press(&mut model, &[Key::Char('P'), Key::Char('w'), Key::Down, Key::Enter]);
    assert!(asked(&chosen).is_empty());
    let Some(Layer::Confirm { question, .. }) = model.layers.last() else {
        panic!()
    };
    assert!(question.contains("every other rule holds"), "{question}");
    // The key that chose the reason does not say yes to it.
    assert!(asked(&press(&mut model, &[Key::Enter])).is_empty());
    let waived = OfficeAsk::Publish(plan, 3, Some(NoticeWaiver::Unreachable));
    assert_eq!(asked(&press(&mut model, &[Key::Char('y')])), [waived]);
}

#[test]
fn a_plan_without_notice_is_asked_for_by_its_own_key() {
    let mut model = office::supervisor(Lang::En, Place::Plan);
    let bare = press(&mut model, &[Key::Char('O'), Key::Enter]);
    assert_eq!(asked(&bare), [OfficeAsk::Propose("2026-11-24".to_owned(), true)]);
    model.pending.clear();
    let announced = press(&mut model, &[Key::Char('o'), Key::Enter]);
    assert_eq!(asked(&announced), [OfficeAsk::Propose("2026-11-24".to_owned(), false)]);
}

#[test]
fn every_visit_that_holds_a_plan_up_can_be_read() {
    let refused = |visits: usize| Trouble {
        code: "plan-outdated".to_owned(),
        text: "409".to_owned(),
        network: false,
        details: (0..visits)
            .map(|number| format!("DS-{number} [HOUSE-NOTICE]"))
            .collect(),
    };
    let mut model = office::supervisor(Lang::En, Place::Plan);
    for visits in [2, 40] {
        model.layers.clear();
        press(&mut model, &[Key::Char('P'), Key::Enter]);
        let (request, topic) = (model.pending[&Topic::Record].0, Topic::Record);
        let result = Err(refused(visits));
        update(&mut model, Event::Answer { request, topic, result }, NOW);
        match model.layers.last() {
            Some(Layer::Trouble(trouble)) => assert_eq!((visits, trouble.details.len()), (2, 2)),
            Some(Layer::Details { lines, .. }) => assert_eq!((visits, lines.len()), (40, 41)),
            other => panic!("{other:?}"),
        }
    }
}
