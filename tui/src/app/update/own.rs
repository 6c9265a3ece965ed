//! What is the own of field staff: their day, who looked at them, and what their device keeps as evidence.

use super::super::action::Action;
use super::super::day::{DayShown, DayState};
use super::super::effect::{Ask, Effect, Topic};
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::list::ListState;
use super::super::model::{Link, Model, Place};
use super::go;

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    match action {
        Action::Kept if model.field.facts.evidence == 0 => Some(("nothing is kept as evidence", "没有留存证据")),
        Action::Find | Action::Sort if model.place == Place::Looked && model.field.looked.items().is_empty() => {
            Some(("the list is empty", "列表为空"))
        }
        _ => None,
    }
}

/// Does what was asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Day => vec![model.ask(Topic::Day, Ask::DayCounts)],
        Action::WhoLooked => go(model, Place::Looked),
        Action::Kept => vec![model.ask(Topic::Kept, Ask::Kept)],
        Action::Sort => {
            let looked = &mut model.field.looked;
            looked.sort = looked.sort.next();
            looked.list = ListState::default();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Asks for who looked: what is kept at once, and the server where it can be reached.
pub(super) fn load(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![model.ask(Topic::Looked, Ask::OwnReads)];
    if !matches!(model.link, Link::Offline { .. }) {
        effects.push(model.ask(Topic::Looking, Ask::FetchOwnReads));
    }
    effects
}

/// The server was there: who looked is asked for again where that is on the screen, or was asked long ago.
pub(super) fn after_sync(model: &mut Model) -> Option<Effect> {
    let wanted = model.place == Place::Looked || model.field.looked.is_old(model.now);
    let asks = wanted && model.running(Topic::Looking).is_none() && !model.field.facts.revoked;
    asks.then(|| model.ask(Topic::Looking, Ask::FetchOwnReads))
}

/// Tells of evidence that was not there before; what was there when the device was opened stands in the first line.
pub(super) fn evidence_grew(model: &mut Model) -> Vec<Effect> {
    let kept = model.field.facts.evidence;
    let before = model.field.evidence_told.replace(kept);
    if before.is_none_or(|before| kept <= before) {
        return Vec::new();
    }
    vec![Effect::Bell, model.ask(Topic::Kept, Ask::Kept)]
}

/// A key while the day is about to be opened or closed. A visit that has begun is looked at first.
pub(super) fn press_day(model: &mut Model, state: DayState, shown: DayShown, key: Key) -> Vec<Effect> {
    match (key.plain(), shown.begun) {
        (Key::Enter | Key::Char('D'), _) if !state.is_open() => vec![model.ask(Topic::Record, Ask::DayOpen)],
        (Key::Enter | Key::Char('D'), None) | (Key::Char('F'), Some(_)) if state.is_open() => {
            vec![model.ask(Topic::Record, Ask::DayClose)]
        }
        (Key::Enter, Some(visit)) => {
            model.field.sheet = None;
            model.place = Place::Visit;
            vec![model.ask(Topic::Visit, Ask::Visit(visit))]
        }
        _ => {
            model.layers.push(Layer::Day(state, shown));
            Vec::new()
        }
    }
}
