//! What an action does.

use super::super::action::Action;
use super::super::effect::{Ask, DemoAsk, Effect, Topic};
use super::super::field::{Step, StopState};
use super::super::form::Field;
use super::super::key::Key;
use super::super::layer::{Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Party, Place};
use super::super::visit::step_of;
use super::entry::text_layer;
use super::{check_in, checks, go, measures, office, own, quit, record, refusal, waits};
use crate::said::{self, Said};
use crate::text::pick;
use crate::widgets::paint::wrapped;
use doorstep_domain::words::Lang;

/// Does what was asked for, or says why not.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Some(reason) = refusal(model, action) {
        model.complain(reason);
        return Vec::new();
    }
    match action {
        Action::Help => model.layers.push(Layer::Help(ListState::default())),
        Action::Palette => model.layers.push(Layer::Palette {
            field: Field::default(),
            list: ListState::default(),
        }),
        Action::Sos => model.layers.push(Layer::Sos { typed: false }),
        Action::Back => return back(model),
        Action::Quit => return quit(model),
        Action::NextTab => return turn(model, 1),
        Action::LastTab => return turn(model, model.tabs().len().saturating_sub(1)),
        Action::Privacy => model.settings.privacy = !model.settings.privacy,
        Action::Language => {
            model.lang = match model.lang {
                Lang::En => Lang::Zh,
                Lang::Zh => Lang::En,
            };
        }
        Action::Find => {
            let before = match model.party {
                Party::Field if model.place == Place::Looked => model.field.looked.filter.clone(),
                Party::Field => model.field.filter.clone(),
                Party::Office => office::search_of(model),
            };
            model.layers.push(text_layer(Purpose::Find, &before));
        }
        Action::ZoomIn => zoom(model, -1),
        Action::ZoomOut => zoom(model, 1),
        Action::Fit => {
            model.view = super::super::model::MapView {
                big: model.view.big,
                ..Default::default()
            }
        }
        Action::BigMap => model.view.big = !model.view.big,
        Action::GoOffline => return vec![model.ask(Topic::Demo, Ask::Demo(DemoAsk::Offline))],
        Action::GoOnline => return vec![model.ask(Topic::Demo, Ask::Demo(DemoAsk::Online))],
        Action::Tamper => return vec![model.ask(Topic::Demo, Ask::Demo(DemoAsk::Tamper))],
        Action::ChangeRole => return change_role(model),
        action => {
            return match model.party {
                Party::Field => of_field(model, action),
                Party::Office => office::perform(model, action),
            };
        }
    }
    Vec::new()
}

/// What is said at the door that is open, in lines that fit.
fn words_layer(model: &Model) -> Option<Layer> {
    let sheet = model.field.sheet.as_ref()?;
    let shown: Vec<Said> = sheet.words().cloned().collect();
    let room = model.size.0.saturating_sub(6);
    let lines = said::lines(&shown, model.lang).into_iter();
    Some(Layer::Details {
        title: pick(model.lang, "At the door", "现场用语").to_owned(),
        lines: lines.flat_map(|line| indented(&line, room)).collect(),
        list: ListState::default(),
    })
}

/// A line broken where it must be, with its indent on every part.
fn indented(line: &str, room: u16) -> Vec<String> {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let parts = wrapped(text, room.saturating_sub(indent.len() as u16));
    parts.iter().map(|part| format!("{indent}{part}")).collect()
}

fn of_field(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Next => return next(model),
        Action::CheckIn | Action::Join => return check_in::perform(model, action),
        Action::Outcome => show(model, Step::Who),
        Action::Matter => show(model, Step::Matter),
        Action::Tick => return record::tick(model),
        Action::Promise => return record::promise_layer(model),
        Action::Note => note(model),
        Action::Evidence => {
            let list = ListState::default();
            model.layers.push(Layer::Files { files: None, list });
            return vec![model.ask(Topic::Files, Ask::Files)];
        }
        Action::CheckOut => return record::check_out(model),
        Action::Leave => record::leave_layer(model),
        Action::Skip => {
            if let Some(visit) = model.field.stop_at(model.place).map(|stop| stop.visit) {
                model.layers.push(text_layer(Purpose::SkipReason(visit), ""));
            }
        }
        Action::Navigate => model.layers.push(Layer::Navigate(0)),
        Action::Correct => model.layers.push(Layer::Correct {
            fields: Default::default(),
            at: 0,
        }),
        Action::Why => {
            if let Some(visit) = model.field.stop_at(model.place).map(|stop| stop.visit) {
                model.layers.push(Layer::Why(visit));
            }
        }
        Action::Words => model.layers.extend(words_layer(model)),
        Action::Receipt => {
            if let Some(visit) = model.field.stop_at(model.place).map(|stop| stop.visit) {
                return vec![model.ask(Topic::Record, Ask::Receipt(visit))];
            }
        }
        Action::Sheet => return vec![model.ask(Topic::Record, Ask::Sheet)],
        Action::Send => return send(model),
        Action::Settle => return record::settle(model),
        Action::ChangePin => model.layers.push(Layer::ChangePin {
            fields: Default::default(),
            at: 0,
            trouble: None,
        }),
        Action::Lock => {
            let fresh = Model {
                link: model.link,
                settings: model.settings.clone(),
                size: model.size,
                next_request: model.next_request,
                ..Model::new(model.lang, model.zone.clone(), model.now, Place::Unlock)
            };
            *model = fresh;
            return vec![model.ask(Topic::Entry, Ask::Lock)];
        }
        Action::Copy => return copy(model),
        Action::OwnChecks | Action::Appeal => return checks::perform(model, action),
        Action::Day | Action::WhoLooked | Action::Kept | Action::Sort => return own::perform(model, action),
        _ => {}
    }
    Vec::new()
}

/// The note of the visit, as it was written so far.
fn note(model: &mut Model) {
    let note = model
        .field
        .sheet
        .as_ref()
        .map_or("", |sheet| &sheet.draft.note)
        .to_owned();
    model.layers.push(text_layer(Purpose::Note, &note));
}

/// Enter: opens what is chosen; on a visit takes its next step.
fn next(model: &mut Model) -> Vec<Effect> {
    match model.place {
        Place::Today => {
            let Some((visit, state)) = model.field.chosen().map(|stop| (stop.visit, stop.state)) else {
                return Vec::new();
            };
            if state == StopState::Off {
                model.layers.push(Layer::Why(visit));
                return Vec::new();
            }
            model.field.sheet = None;
            model.place = Place::Visit;
            vec![model.ask(Topic::Visit, Ask::Visit(visit))]
        }
        Place::Outbox => record::settle(model),
        Place::Checks => checks::perform(model, Action::Next),
        Place::Visit => {
            let Some(sheet) = &model.field.sheet else {
                return Vec::new();
            };
            match (model.field.step, sheet.stop.state) {
                (_, StopState::Done | StopState::Skipped | StopState::Off) => back(model),
                (Step::Permit, StopState::Ahead) => check_in::open(model),
                (Step::Permit, StopState::Begun) => {
                    let step = step_of(sheet);
                    show(model, step);
                    Vec::new()
                }
                (Step::Out, _) => record::check_out(model),
                (Step::Who | Step::Matter | Step::Proof, _) => record::choose(model),
            }
        }
        _ => Vec::new(),
    }
}

/// Asks where the machine is. What was known before is another place's: nobody signs it for this one.
pub(super) fn locate(model: &mut Model, door: [i64; 2]) -> Effect {
    model.field.position = None;
    model.ask(Topic::Position, Ask::Position(door))
}

/// Shows a step of the visit, with the choice that was made.
pub(super) fn show(model: &mut Model, step: Step) {
    model.field.step = step;
    let draft = model
        .field
        .sheet
        .as_ref()
        .map(|sheet| sheet.draft.clone())
        .unwrap_or_default();
    let chosen = super::super::visit::options(&model.field)
        .iter()
        .position(|choice| match choice {
            super::super::visit::Choice::Outcome(outcome) => draft.outcome == Some(*outcome),
            super::super::visit::Choice::Matter(matter) => draft.matter == Some(*matter),
            super::super::visit::Choice::Item(code) => !draft.done.contains(code),
        });
    model.field.options = ListState {
        chosen: chosen.unwrap_or(0),
        top: 0,
    };
}

/// In a demo one person is field staff and supervisor in turn.
fn change_role(model: &mut Model) -> Vec<Effect> {
    let (party, place) = match model.party {
        Party::Field => (Party::Office, Place::Live),
        Party::Office => (Party::Field, Place::Today),
    };
    model.party = party;
    model.layers.clear();
    go(model, place)
}

/// Back: closes the big map, the visit, or the program where there is nothing before.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.view.big {
        model.view.big = false;
        return Vec::new();
    }
    if model.place == Place::Visit {
        model.field.sheet = None;
        return go(model, Place::Today);
    }
    if model.place == Place::Checks {
        return go(model, Place::Me);
    }
    if model.place == Place::Looked {
        if model.field.looked.filter.is_empty() {
            return go(model, Place::Me);
        }
        model.field.looked.filter.clear();
        return Vec::new();
    }
    if model.party == Party::Field && !model.field.filter.is_empty() && model.place == Place::Today {
        model.field.filter.clear();
        return Vec::new();
    }
    if model.place == Place::Cases && !office::search_of(model).is_empty() {
        return office::clear_search(model);
    }
    if model.place == Place::Desk && waits::clear(&mut model.office.desk) {
        return Vec::new();
    }
    if model.place == Place::Log && office::close_report(model) {
        return Vec::new();
    }
    if let Some(effects) = measures::close_odds(model) {
        return effects;
    }
    let first = model.tabs().first().copied();
    match first {
        Some(first) if model.place != first => go(model, first),
        _ => quit(model),
    }
}

/// Whether there is nothing to go back to.
pub(super) fn is_first(model: &Model) -> bool {
    let reading = model.office.verified.as_ref().is_some_and(|verified| verified.open);
    let first = model.tabs().first() == Some(&model.place) && !(reading && model.place == Place::Log);
    let filtered = model.place == Place::Today && !model.field.filter.is_empty();
    first && !model.view.big && !filtered
}

fn turn(model: &mut Model, by: usize) -> Vec<Effect> {
    let tabs = model.tabs();
    let here = tabs.iter().position(|tab| *tab == model.place).unwrap_or(0);
    match tabs.get((here + by) % tabs.len().max(1)) {
        Some(tab) => go(model, *tab),
        None => Vec::new(),
    }
}

fn zoom(model: &mut Model, by: i8) {
    const FARTHEST: u8 = 6;
    let now = model.view.zoom.unwrap_or(2);
    model.view.zoom = Some(now.saturating_add_signed(by).min(FARTHEST));
    model.view.moved = (0, 0);
}

fn send(model: &mut Model) -> Vec<Effect> {
    model.say("Sending…", "正在发送…");
    fetch(model)
}

/// Sends and fetches, unless that runs already.
pub(super) fn fetch(model: &mut Model) -> Vec<Effect> {
    if !model.is_in() {
        return Vec::new();
    }
    match model.party {
        Party::Field if model.running(Topic::Sync).is_none() => vec![model.ask(Topic::Sync, Ask::Sync)],
        Party::Field => {
            // What changed may have come after the exchange that runs had asked.
            model.field.woken = true;
            Vec::new()
        }
        Party::Office => office::refresh(model),
    }
}

/// Asks for what the screen shows.
pub(super) fn load(model: &mut Model) -> Vec<Effect> {
    match model.place {
        Place::Today | Place::Me => vec![model.ask(Topic::Route, Ask::Route)],
        Place::Outbox => vec![
            model.ask(Topic::Route, Ask::Route),
            model.ask(Topic::Outbox, Ask::Outbox),
        ],
        Place::Looked => own::load(model),
        Place::Checks => checks::load(model),
        Place::Unlock | Place::SignIn | Place::Visit | Place::Demo => Vec::new(),
        _ => office::refresh(model),
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match model.place {
        Place::Today | Place::Visit => model.field.stop_at(model.place).map(|stop| stop.address.clone()),
        Place::Outbox => model.field.case_in_outbox(),
        _ => None,
    };
    let Some(text) = text else { return Vec::new() };
    model.say("Copied.", "已复制。");
    vec![Effect::Copy(text)]
}

/// A key that stands for an action of a list, where a layer lies over the screen.
pub(super) fn is_confirm(key: Key) -> bool {
    matches!(key.plain(), Key::Enter | Key::Char('y'))
}
