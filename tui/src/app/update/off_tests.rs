//! What a visit that is off changes on the screens of field staff.

use doorstep_domain::words::Lang;

use super::super::action::Action;
use super::super::effect::{Answered, Effect, Topic};
use super::super::event::Event;
use super::super::field::{Route, Sheet, Stop, StopState};
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Model, Place};
use super::super::sample_tests::{self as sample, NOW};
use super::{refusal, update};

/// The device's answer comes.
fn route_comes(model: &mut Model, stops: Vec<Stop>) -> Vec<Effect> {
    let request = model.next_request;
    model.next_request += 1;
    model.pending.insert(Topic::Route, (request, NOW));
    let result = Ok(Answered::Route(Box::new(Route { stops }), Box::new(sample::facts())));
    let topic = Topic::Route;
    update(model, Event::Answer { request, topic, result }, NOW)
}

/// A day that has been seen.
fn seen(lang: Lang) -> Model {
    let mut model = sample::opened(lang);
    route_comes(&mut model, sample::stops(lang));
    model
}

#[test]
fn who_is_on_the_route_is_told_at_once_and_only_once() {
    for (lang, words) in [
        (
            Lang::En,
            "Visit 3 (DS-1003) is off: the person does not want this visit [RIGHTS-BANS]",
        ),
        (
            Lang::Zh,
            "第 3 站（DS-1003）已取消：当事人不愿在此时被上门访问 [RIGHTS-BANS]",
        ),
    ] {
        let mut model = seen(lang);
        let effects = route_comes(&mut model, sample::with_off(lang));
        assert!(effects.contains(&Effect::Bell));
        assert_eq!(model.toast.as_ref().unwrap().text, words);
        assert!(model.layers.is_empty(), "whoever looks at another stop goes on");
        let again = route_comes(&mut model, sample::with_off(lang));
        assert!(!again.contains(&Effect::Bell));
    }
}

#[test]
fn what_was_off_when_the_device_was_opened_stands_in_the_route_alone() {
    let mut model = sample::opened(Lang::En);
    let effects = route_comes(&mut model, sample::with_off(Lang::En));
    assert!(model.toast.is_none() && effects.is_empty(), "{effects:?}");
}

#[test]
fn a_visit_that_goes_off_under_the_eyes_takes_its_name_along() {
    let mut model = seen(Lang::En);
    model.place = Place::Visit;
    model.field.sheet = Some(Sheet {
        stop: sample::stop(3),
        ..Sheet::default()
    });
    update(&mut model, Event::Key(Key::Char('i')), NOW);
    assert!(matches!(model.layers.last(), Some(Layer::CheckIn(_))));
    route_comes(&mut model, sample::with_off(Lang::En));
    assert!(model.field.sheet.is_none() && model.place == Place::Today);
    let [Layer::Off(off)] = &model.layers[..] else {
        panic!("{:?}", model.layers)
    };
    assert_eq!((off.number, off.begun), (3, false));
    // Nothing but reading it takes it away.
    update(&mut model, Event::Key(Key::Char('i')), NOW);
    assert_eq!(model.layers.len(), 1);
    update(&mut model, Event::Key(Key::Enter), NOW);
    assert!(model.layers.is_empty());
}

#[test]
fn whoever_is_inside_is_told_to_leave() {
    let mut model = seen(Lang::En);
    model.place = Place::Visit;
    model.field.sheet = Some(sample::begun(3));
    let mut stops = sample::stops(Lang::En);
    stops[2].state = StopState::Begun;
    stops[2].off = Some("RIGHTS-BANS".to_owned());
    stops[2].name.clear();
    let effects = route_comes(&mut model, stops);
    assert!(model.toast.as_ref().unwrap().text.contains("leave now"));
    assert!(matches!(&model.layers[..], [Layer::Off(off)] if off.begun));
    assert_eq!(model.place, Place::Visit, "it is to be ended");
    let asks = |effect: &Effect| {
        matches!(
            effect,
            Effect::Ask {
                topic: Topic::Visit,
                ..
            }
        )
    };
    assert!(effects.iter().any(asks), "the screen is read again, without the name");
}

#[test]
fn nobody_checks_in_where_a_visit_is_off() {
    let mut model = seen(Lang::En);
    route_comes(&mut model, sample::with_off(Lang::En));
    model.field.stops.chosen = 2;
    model.toast = None;
    for key in ['i', 'x', 'l', 'y'] {
        let effects = update(&mut model, Event::Key(Key::Char(key)), NOW);
        let said = model.toast.take().unwrap().text;
        assert!(effects.is_empty() && said.ends_with("[RIGHTS-BANS]"), "{key}: {said}");
    }
    update(&mut model, Event::Key(Key::Enter), NOW);
    assert!(matches!(model.layers.last(), Some(Layer::Why(_))));
    update(&mut model, Event::Key(Key::Char('F')), NOW);
    assert!(model.layers.is_empty() && model.place == Place::Today);
    assert!(refusal(&model, Action::CheckIn).is_some());
}
