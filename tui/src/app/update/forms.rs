//! Forms of several fields: another PIN, a correction.

use zeroize::Zeroizing;

use super::super::effect::{Ask, Effect, Topic};
use super::super::form::Field;
use super::super::key::Key;
use super::super::layer::Layer;
use super::super::model::Model;
use crate::text::pick;

/// A key while the PIN is changed.
pub(super) fn change_pin(model: &mut Model, mut fields: [Field; 3], mut at: usize, key: Key) -> Vec<Effect> {
    let mut trouble = None;
    match key {
        Key::Tab | Key::Down => at = (at + 1) % 3,
        Key::BackTab | Key::Up => at = (at + 2) % 3,
        Key::Enter if at < 2 => at += 1,
        Key::Enter if fields[1].text() != fields[2].text() => {
            trouble = Some(pick(model.lang, "the new PINs differ", "两次输入的新 PIN 不一致").to_owned());
        }
        Key::Enter => {
            let [old, new] = [0, 1].map(|place: usize| Zeroizing::new(fields[place].text().to_owned()));
            return vec![model.ask(Topic::Record, Ask::ChangePin { old, new })];
        }
        key => {
            fields[at].press(key);
        }
    }
    model.layers.push(Layer::ChangePin { fields, at, trouble });
    Vec::new()
}

/// Codes of the fields that can be corrected, in the order of the form.
const CORRECTED: [&str; 3] = ["phone", "address", "language"];

/// A key while contact data is corrected.
pub(super) fn correct(model: &mut Model, mut fields: [Field; 3], mut at: usize, key: Key) -> Vec<Effect> {
    match key {
        Key::Tab | Key::Down => at = (at + 1) % 3,
        Key::BackTab | Key::Up => at = (at + 2) % 3,
        Key::Enter if at < 2 => at += 1,
        Key::Enter => {
            let given = CORRECTED
                .iter()
                .zip(&fields)
                .filter(|(_, field)| !field.text().trim().is_empty());
            let changes: Vec<_> = given
                .map(|(code, field)| ((*code).to_owned(), field.text().trim().to_owned()))
                .collect();
            let visit = model.field.sheet.as_ref().map(|sheet| sheet.stop.visit);
            return match visit {
                Some(visit) if !changes.is_empty() => {
                    vec![model.ask(Topic::Record, Ask::Correct { visit, changes })]
                }
                _ => Vec::new(),
            };
        }
        key => {
            fields[at].press(key);
        }
    }
    model.layers.push(Layer::Correct { fields, at });
    Vec::new()
}
