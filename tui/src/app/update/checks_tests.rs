//! What was found about one's own visits: asked for, read, appealed against once.

use doorstep_domain::words::Lang;

use super::super::desk::{Opened, Thing};
use super::super::desk_sample_tests as desk;
use super::super::effect::{Answered, Ask, ChecksAnswer, Effect, Topic};
use super::super::event::Event;
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Link, Model, Place};
use super::super::sample_tests::{self as sample, NOW};
use super::update;

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for symbol in keys.chars() {
        let key = match symbol {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Esc,
            symbol => Key::Char(symbol),
        };
        effects = update(model, Event::Key(key), NOW);
    }
    effects
}

fn comes(model: &mut Model, topic: Topic, answered: Answered) -> Vec<Effect> {
    let request = model.pending[&topic].0;
    let result = Ok(answered);
    update(model, Event::Answer { request, topic, result }, NOW)
}

fn asks(effects: &[Effect], wanted: &Ask) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Ask { ask, .. } if ask == wanted))
}

#[test]
fn a_result_is_read_and_appealed_against_with_words() {
    let mut model = sample::with_route(Lang::En);
    model.place = Place::Me;
    assert!(asks(&press(&mut model, "Q"), &Ask::OwnChecks));
    let mut items = desk::fetched().checks;
    items[0].state = "scored".to_owned();
    comes(
        &mut model,
        Topic::Checks,
        Answered::Checks(ChecksAnswer::List(items.clone())),
    );
    let id = items[0].id;
    assert!(asks(&press(&mut model, "\n"), &Ask::OwnCheck(id)));
    let Opened::Check(detail) = desk::opened(&Thing::Check(items[0].clone())) else {
        panic!()
    };
    comes(&mut model, Topic::Check, Answered::Checks(ChecksAnswer::One(detail)));
    assert!(matches!(model.layers.last(), Some(Layer::Details { .. })));
    press(&mut model, "a\n");
    assert!(
        matches!(model.layers.last(), Some(Layer::Text { .. })),
        "not without words"
    );
    let effects = press(&mut model, "they asked for it\ny");
    assert!(asks(&effects, &Ask::Appeal(id, "they asked for it".to_owned())));
    let after = comes(&mut model, Topic::Record, Answered::Checks(ChecksAnswer::Appealed));
    assert!(model.layers.is_empty() && asks(&after, &Ask::OwnChecks));
    // What was appealed against before is read only.
    press(&mut model, "j");
    assert!(press(&mut model, "a").is_empty() && model.layers.is_empty() && model.toast.is_some());
    press(&mut model, "\u{1b}");
    assert_eq!(model.place, Place::Me);
    model.link = Link::Offline { since: NOW };
    press(&mut model, "Q");
    assert_eq!(model.place, Place::Me, "it is kept nowhere, so it needs a network");
}
