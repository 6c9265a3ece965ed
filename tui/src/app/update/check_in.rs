//! Checking in: who is there, who signs that they are, and joining the visit of a partner who checks in.

use uuid::Uuid;

use super::super::action::Action;
use super::super::effect::{Ask, Effect, Topic};
use super::super::form::Field;
use super::super::key::Key;
use super::super::layer::{CheckInForm, Layer};
use super::super::model::{Model, Place};
use super::perform::locate;

/// How a partner signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signs {
    /// Nobody else need sign here.
    Moot,
    /// Signed, on a device of their own.
    Signed,
    /// Signs here with a PIN.
    Here,
    /// Signs on a device of their own, and has not yet.
    Away,
}

/// How somebody of the crew signs at the chosen door.
pub(crate) fn signs(model: &Model, form: &CheckInForm, partner: Uuid) -> Signs {
    let required = model.field.stop_at(model.place).is_some_and(|stop| stop.staff_min > 1);
    match () {
        () if form.signed.contains(&partner) => Signs::Signed,
        () if !required => Signs::Moot,
        () if model.field.facts.keyed.contains(&partner) => Signs::Here,
        () => Signs::Away,
    }
}

/// Who types a PIN in this form: the first who is there and signs here.
pub(crate) fn who_types<'a>(model: &'a Model, form: &CheckInForm) -> Option<&'a (Uuid, String)> {
    let crew = model.field.facts.partners.iter().zip(&form.present);
    let mut here = crew.filter(|((id, _), present)| **present && signs(model, form, *id) == Signs::Here);
    here.next().map(|(one, _)| one)
}

/// Checks in, or joins the visit of a partner who does.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Join {
        join(model)
    } else {
        open(model)
    }
}

/// Opens the form, and asks where the machine is and who signed.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(stop) = model.field.stop_at(model.place) else {
        return Vec::new();
    };
    let (visit, door, several) = (stop.visit, stop.point, stop.staff_min > 1);
    // Who is there is said by who is there: nobody is ticked beforehand.
    let present = vec![false; model.field.facts.partners.len()];
    model.layers.push(Layer::CheckIn(CheckInForm {
        present,
        ..CheckInForm::default()
    }));
    let mut effects = vec![locate(model, door)];
    if several {
        effects.push(model.ask(Topic::Joined, Ask::Joined(visit)));
    }
    if model.place != Place::Visit {
        model.field.sheet = None;
        model.place = Place::Visit;
        effects.push(model.ask(Topic::Visit, Ask::Visit(visit)));
    }
    effects
}

/// A key for the form.
pub(super) fn pressed(model: &mut Model, mut form: CheckInForm, key: Key) -> Vec<Effect> {
    let types = who_types(model, &form).is_some();
    let lines = form.present.len() + 1 + usize::from(types);
    let at_pin = types && form.list.chosen == form.present.len() + 1;
    match key {
        // Whoever signs here still has to type.
        Key::Enter if types && form.pin.is_empty() && !at_pin => form.list.chosen = form.present.len() + 1,
        // Before the visit is read there is no door to check in at; the form stays.
        Key::Enter if model.field.stop_at(model.place).is_some() => return check_in_now(model, &form),
        key if at_pin && form.pin.press(key) => {}
        Key::Char(' ') => match form.present.get_mut(form.list.chosen) {
            Some(present) => *present = !*present,
            None => form.identity_shown = !form.identity_shown,
        },
        key => {
            form.list.press(key, lines);
        }
    }
    // Who was unticked types nothing.
    if who_types(model, &form).is_none() {
        form.pin = Field::default();
        form.list.chosen = form.list.chosen.min(form.present.len());
    }
    form.typing = form.list.chosen == form.present.len() + 1;
    model.layers.push(Layer::CheckIn(form));
    Vec::new()
}

fn check_in_now(model: &mut Model, form: &CheckInForm) -> Vec<Effect> {
    let Some(stop) = model.field.stop_at(model.place) else {
        return Vec::new();
    };
    let crew = model.field.facts.partners.iter().zip(&form.present);
    let typed = who_types(model, form).filter(|_| !form.pin.is_empty());
    let ask = Ask::CheckIn {
        visit: stop.visit,
        position: model.field.position.clone(),
        partners: crew.filter(|(_, present)| **present).map(|((id, _), _)| *id).collect(),
        pin: typed.map(|(id, _)| (*id, form.pin.text().to_owned().into())),
        identity_shown: form.identity_shown,
        anyway: form.anyway,
    };
    vec![model.ask(Topic::Record, ask)]
}

/// Signs on this device that its owner is at the visit of a partner, who checks in.
fn join(model: &mut Model) -> Vec<Effect> {
    let visit = model.field.stop_at(model.place).map(|stop| stop.visit);
    visit.map_or_else(Vec::new, |visit| {
        vec![model.ask(Topic::Record, Ask::ConfirmVisit(visit))]
    })
}

/// Who signed, as the device says; the form may be gone by now, or be another visit's.
pub(super) fn signed(model: &mut Model, visit: Uuid, signed: Vec<Uuid>) {
    let same = model.field.stop_at(model.place).is_some_and(|stop| stop.visit == visit);
    if let Some(Layer::CheckIn(form)) = model.layers.last_mut().filter(|_| same) {
        form.signed = signed;
        for ((id, _), present) in model.field.facts.partners.iter().zip(&mut form.present) {
            *present |= form.signed.contains(id);
        }
    }
}

/// Asks again who signed, while the form is open.
pub(super) fn after_sync(model: &mut Model) -> Option<Effect> {
    let is_open = matches!(model.layers.last(), Some(Layer::CheckIn(_)));
    let stop = model
        .field
        .stop_at(model.place)
        .filter(|stop| is_open && stop.staff_min > 1);
    let visit = stop.map(|stop| stop.visit)?;
    Some(model.ask(Topic::Joined, Ask::Joined(visit)))
}
