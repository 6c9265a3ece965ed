//! The office's screens: what keys, answers and progress change.

use super::super::action::Action;
use super::super::effect::{Effect, Topic};
use super::super::key::Key;
use super::super::layer::{Layer, Purpose};
use super::super::model::{Model, Place};
use super::super::office::OfficeAnswer;

pub(super) fn progress(_model: &mut Model, _topic: Topic, _permille: u16, _text: String) {}
pub(super) fn refresh(_model: &mut Model) -> Vec<Effect> {
    Vec::new()
}
pub(super) fn refusal(_model: &Model, _action: Action) -> Option<(&'static str, &'static str)> {
    None
}
pub(super) fn search_of(_model: &Model) -> String {
    String::new()
}
pub(super) fn perform(_model: &mut Model, _action: Action) -> Vec<Effect> {
    Vec::new()
}
pub(super) fn in_details(_model: &mut Model, _layer: Layer, _key: Key) -> Vec<Effect> {
    Vec::new()
}
pub(super) fn entered(_model: &mut Model, _purpose: Purpose, _text: String) -> Vec<Effect> {
    Vec::new()
}
pub(super) fn publish(_model: &mut Model) -> Vec<Effect> {
    Vec::new()
}
pub(super) fn signed_in(model: &mut Model, role: String) -> Vec<Effect> {
    model.office.role = role;
    model.place = model.tabs().first().copied().unwrap_or(Place::Live);
    Vec::new()
}
pub(super) fn take(_model: &mut Model, _answer: OfficeAnswer) -> Vec<Effect> {
    Vec::new()
}
