//! What comes between a question on screen and its key: the key means what was read, or nothing.

use doorstep_domain::measure::Micros;
use doorstep_domain::read::{OutsidePurpose, ReadReason};
use doorstep_domain::words::Lang;
use uuid::Uuid;

use super::super::effect::{Answered, Ask, Effect, Topic, Trouble};
use super::super::event::Event;
use super::super::field::{DeviceFacts, Route, TeamAlarm};
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::{Model, Place};
use super::super::office::{OfficeAnswer, OfficeAsk, Wanted};
use super::super::office_sample_tests as office;
use super::super::sample_tests::{self as sample, MINUTE, NOW};
use super::update;

pub(super) fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let key = |sign| match sign {
        '\n' => Key::Enter,
        sign => Key::Char(sign),
    };
    let keys = keys.chars().map(key);
    keys.flat_map(|key| update(model, Event::Key(key), NOW)).collect()
}

/// An answer to the newest question of a topic.
pub(super) fn answer(model: &mut Model, topic: Topic, result: Result<Answered, Trouble>) -> Vec<Effect> {
    let request = model.next_request;
    model.pending.insert(topic, (request, NOW));
    update(model, Event::Answer { request, topic, result }, NOW)
}

pub(super) fn route(model: &mut Model, stops: Vec<super::super::field::Stop>, facts: DeviceFacts) -> Vec<Effect> {
    let answered = Answered::Route(Box::new(Route { stops }), Box::new(facts));
    answer(model, Topic::Route, Ok(answered))
}

pub(super) fn asks(effects: &[Effect]) -> Vec<&Ask> {
    let ask = |effect: &'_ Effect| matches!(effect, Effect::Ask { .. });
    let asked = effects.iter().filter(|effect| ask(effect));
    asked
        .filter_map(|effect| match effect {
            Effect::Ask { ask, .. } => Some(ask),
            _ => None,
        })
        .collect()
}

pub(super) fn refused(code: &str) -> Trouble {
    Trouble {
        code: code.to_owned(),
        text: code.to_owned(),
        network: false,
        details: Vec::new(),
    }
}

#[test]
fn a_reason_skips_the_stop_that_it_was_written_for() {
    let mut model = sample::with_route(Lang::En);
    press(&mut model, "Gx");
    press(&mut model, "moved");
    // The office took that stop away while the reason was written.
    let left = sample::stops(Lang::En).into_iter().take(4).collect();
    route(&mut model, left, sample::facts());
    let effects = press(&mut model, "\n");
    let skipped = asks(&effects).into_iter().find_map(|ask| match ask {
        Ask::Skip { visit, .. } => Some(*visit),
        _ => None,
    });
    assert_eq!(skipped, Some(sample::visit(5)));
}

#[test]
fn a_note_ends_the_alarm_that_it_was_written_for() {
    let mut model = office::supervisor(Lang::En, Place::Live);
    model.office.alarms[0].state = "acknowledged".to_owned();
    let meant = model.office.alarms[0].id;
    press(&mut model, "a");
    press(&mut model, "reached them");
    // A call for help comes first in the list now.
    let mut alarms = model.office.alarms.clone();
    let mut sos = alarms[0].clone();
    sos.id = Uuid::from_u128(9);
    sos.state = "open".to_owned();
    alarms.insert(0, sos);
    let live = Box::new(model.office.live.clone().unwrap());
    let answered = Answered::Office(Box::new(OfficeAnswer::Live(live, alarms)));
    answer(&mut model, Topic::Live, Ok(answered));
    let effects = press(&mut model, "\n");
    let ended = asks(&effects).into_iter().find_map(|ask| match ask {
        Ask::Office(OfficeAsk::Alarm { id, end: Some(_) }) => Some(*id),
        _ => None,
    });
    assert_eq!(ended, Some(meant));
}

#[test]
fn nothing_comes_between_the_call_for_help_and_its_key() {
    let mut model = sample::with_route(Lang::En);
    press(&mut model, "!");
    answer(&mut model, Topic::Visit, Err(refused("not-found")));
    let alarm = TeamAlarm {
        id: Uuid::from_u128(7),
        kind: "sos".to_owned(),
        staff: "F02".to_owned(),
        raised_at: NOW.get(),
        point: None,
    };
    let facts = DeviceFacts {
        alarms: vec![alarm],
        ..sample::facts()
    };
    route(&mut model, sample::stops(Lang::En), facts);
    assert!(matches!(model.layers.last(), Some(Layer::Sos { .. })));
    let effects = press(&mut model, "!");
    assert!(asks(&effects).iter().any(|ask| matches!(ask, Ask::Sos(_))));
    assert!(!model.layers.iter().any(|layer| matches!(layer, Layer::Sos { .. })));
    assert!(
        model.layers.contains(&Layer::Colleagues),
        "what came meanwhile is read after"
    );
}

#[test]
fn a_note_with_an_exclamation_mark_calls_nobody() {
    let mut model = sample::with_route(Lang::En);
    model.field.sheet = Some(sample::begun(4));
    model.place = Place::Visit;
    let effects = press(&mut model, "tNo! Will pay");
    assert!(!asks(&effects).iter().any(|ask| matches!(ask, Ask::Sos(_))));
    let text = match model.layers.last() {
        Some(Layer::Text { field, .. }) => field.text(),
        _ => "",
    };
    assert_eq!(text, "No! Will pay");
}

#[test]
fn a_server_that_answers_errors_is_spoken_of_once() {
    let mut model = sample::with_route(Lang::En);
    for _ in 0..50 {
        answer(&mut model, Topic::Sync, Err(refused("internal")));
    }
    assert_eq!(model.layers.len(), 1);
}

#[test]
fn what_the_lease_takes_goes_from_the_screen() {
    let mut model = sample::with_route(Lang::En);
    model.field.sheet = Some(sample::begun(4));
    model.place = Place::Visit;
    let facts = DeviceFacts {
        lease_until: NOW.get() - MINUTE,
        ..sample::facts()
    };
    route(&mut model, Vec::new(), facts);
    assert!(model.field.sheet.is_none() && model.place == Place::Today);
}

#[test]
fn a_position_of_another_door_is_not_signed() {
    let mut model = sample::with_route(Lang::En);
    model.field.position = Some(doorstep_wire::sync::Position {
        lat_e7: 1,
        lon_e7: 2,
        accuracy_m: 3,
        mock: false,
    });
    model.field.positioned = Micros(NOW.get() - 60 * MINUTE);
    let effects = press(&mut model, "!!");
    assert!(asks(&effects).contains(&&Ask::Sos(None)), "an hour old");
    press(&mut model, "Gi");
    assert_eq!(model.field.position, None, "it is asked for anew");
}

#[test]
fn a_person_outside_the_caseload_is_asked_for_again_with_the_purpose_that_was_chosen() {
    let mut model = office::supervisor(Lang::En, Place::Cases);
    let case = model.office.case_item().unwrap().id;
    let effects = press(&mut model, "\n");
    let wanted = Wanted::Case(case);
    assert_eq!(asks(&effects), [&Ask::Office(OfficeAsk::Case(wanted.clone(), None))]);
    answer(&mut model, Topic::Case, Err(refused("purpose-needed")));
    assert!(
        matches!(&model.layers[..], [Layer::Choose { .. }]),
        "{:?}",
        model.layers
    );
    // Esc takes the question away, and nobody was opened.
    update(&mut model, Event::Key(Key::Esc), NOW);
    assert!(model.layers.is_empty());
    press(&mut model, "\n");
    answer(&mut model, Topic::Case, Err(refused("purpose-needed")));
    let effects = press(&mut model, "j\n");
    let asked = OfficeAsk::Case(wanted, Some(OutsidePurpose::Hardship));
    assert_eq!(asks(&effects), [&Ask::Office(asked)]);
    // Another refusal is shown as it is.
    answer(&mut model, Topic::Case, Err(refused("not-found")));
    assert!(matches!(&model.layers[..], [Layer::Trouble(_)]), "{:?}", model.layers);
}

#[test]
fn a_number_is_opened_and_a_read_is_settled_by_its_reason() {
    let mut model = office::supervisor(Lang::En, Place::Cases);
    let effects = press(&mut model, "oDS-9001\n");
    let wanted = Wanted::Number("DS-9001".to_owned());
    assert_eq!(asks(&effects), [&Ask::Office(OfficeAsk::Case(wanted, None))]);
    let mut model = office::supervisor(Lang::En, Place::Reads);
    let read = model.office.read_item().unwrap().read.id;
    assert!(asks(&press(&mut model, "ajjj\n")).is_empty(), "asked before");
    assert!(
        matches!(&model.layers[..], [Layer::Confirm { .. }]),
        "{:?}",
        model.layers
    );
    let question = format!("{:?}", model.layers);
    for named in ["F09", "DS-2001", "2026-11-2", "complaint", "nothing shows"] {
        assert!(question.contains(named), "{named}: {question}");
    }
    // The key that chose, held a moment too long, keeps nothing.
    assert!(asks(&press(&mut model, "\n\n\n")).is_empty());
    let asked = OfficeAsk::SettleRead(read, ReadReason::NothingShows);
    assert_eq!(asks(&press(&mut model, "y")), [&Ask::Office(asked)]);
    press(&mut model, "ajjj\n");
    assert!(
        asks(&press(&mut model, "q")).is_empty() && model.layers.is_empty(),
        "back"
    );
    // Neither one that is settled nor one's own.
    for _ in 0..2 {
        model.layers.clear();
        model.pending.clear();
        press(&mut model, "j");
        assert!(asks(&press(&mut model, "a")).is_empty());
        assert!(model.layers.is_empty(), "{:?}", model.layers);
    }
    let effects = press(&mut model, "W");
    assert_eq!(asks(&effects), [&Ask::Office(OfficeAsk::OwnReads)]);
}
