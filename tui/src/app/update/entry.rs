//! The PIN of the device; login and password of the office.

use zeroize::Zeroizing;

use super::super::action::action_of;
use super::super::effect::{Ask, Effect, Topic};
use super::super::form::Field;
use super::super::key::Key;
use super::super::layer::{Layer, Purpose};
use super::super::model::{Model, Place};
use super::perform::perform;

/// A key while the PIN is asked for.
pub(super) fn pressed_pin(model: &mut Model, key: Key) -> Vec<Effect> {
    match key {
        Key::F(_) => return function(model, key),
        // Telephones have no Ctrl: the key that goes back everywhere leaves from here.
        // Whoever is in danger begins with the sign for help; a second one is part of the PIN.
        Key::Char('!' | '！') if model.pin.is_empty() && !model.sos_wanted => model.sos_wanted = true,
        Key::Esc if model.sos_wanted => model.sos_wanted = false,
        Key::Esc if model.pin.is_empty() => return super::quit(model),
        Key::Esc => model.pin = Field::default(),
        Key::Enter if !model.pin.is_empty() && model.running(Topic::Entry).is_none() => {
            model.pin_trouble = None;
            let pin = Zeroizing::new(model.pin.text().to_owned());
            model.pin = Field::default();
            return vec![model.ask(Topic::Entry, Ask::Unlock(pin))];
        }
        key => {
            model.pin.press(key);
        }
    }
    Vec::new()
}

/// A key while login and password are asked for.
pub(super) fn pressed_sign_in(model: &mut Model, key: Key) -> Vec<Effect> {
    if matches!(key, Key::F(_)) {
        return function(model, key);
    }
    let form = &mut model.sign_in;
    let fields = if form.renewed.is_some() { 3 } else { 2 };
    match key {
        Key::Esc => return super::quit(model),
        Key::Tab | Key::Down => form.at = (form.at + 1) % fields,
        Key::BackTab | Key::Up => form.at = (form.at + fields - 1) % fields,
        Key::Enter if form.at + 1 < fields => form.at += 1,
        Key::Enter if !form.busy => {
            form.busy = true;
            form.trouble = None;
            let ask = Ask::SignIn {
                login: form.login.text().to_owned(),
                password: Zeroizing::new(form.password.text().to_owned()),
                renewed: form
                    .renewed
                    .as_ref()
                    .map(|field| Zeroizing::new(field.text().to_owned())),
            };
            return vec![model.ask(Topic::Entry, ask)];
        }
        key => {
            typed_into(model).press(key);
        }
    }
    Vec::new()
}

/// A pasted text goes where typed ones go.
pub(super) fn pasted(model: &mut Model, text: &str) {
    match model.place {
        Place::Unlock => model.pin.insert(text),
        Place::SignIn => typed_into(model).insert(text),
        _ => {}
    }
}

fn typed_into(model: &mut Model) -> &mut Field {
    let form = &mut model.sign_in;
    match (form.at, &mut form.renewed) {
        (0, _) => &mut form.login,
        (2, Some(renewed)) => renewed,
        _ => &mut form.password,
    }
}

/// Letters are text here; what else can be done has a function key, and stands in the last row to be tapped.
fn function(model: &mut Model, key: Key) -> Vec<Effect> {
    action_of(model.place, key).map_or_else(Vec::new, |action| perform(model, action))
}

/// A layer that asks for a line of text.
pub(super) fn text_layer(purpose: Purpose, text: &str) -> Layer {
    Layer::Text {
        purpose,
        field: Field::new(text),
    }
}
