//! The screen of measures: what keys and answers change.

use doorstep_wire::report::ReportView;

use super::super::action::Action;
use super::super::effect::{Ask, Effect, Topic};
use super::super::layer::Layer;
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::super::office::OfficeAsk;
use super::refuse;

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let measures = &model.office.measures;
    match action {
        Action::Dimension
        | Action::Figure
        | Action::Longer
        | Action::Shorter
        | Action::Sort
        | Action::Find
        | Action::Next
            if measures.shows_odds =>
        {
            Some(("that is of the figures: o shows them", "仅用于指标：按 o 返回指标"))
        }
        Action::Sort if measures.by.names_persons() => {
            Some(("people stand in the order of their names", "人员仅按名称排列"))
        }
        Action::Next if measures.view.is_none() => Some(("no report has come", "尚无报告")),
        Action::Dimension | Action::Longer | Action::Shorter => refuse::offline(model),
        _ => None,
    }
}

/// Asks for what is to be shown. Judging chances takes the server a while, and each look stands in the log: it is not asked
/// for a second time before it came.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    if model.office.measures.shows_odds {
        let idle = model.running(Topic::Odds).is_none();
        return idle.then(|| model.ask(Topic::Odds, Ask::Office(OfficeAsk::Odds)));
    }
    let query = model.office.measures.query(model.now);
    Some(model.ask(Topic::Measures, Ask::Office(OfficeAsk::Report(query))))
}

/// Shows how good the chances are, or the figures again; asks for what has not come yet.
fn turn(model: &mut Model) -> Vec<Effect> {
    let measures = &mut model.office.measures;
    measures.shows_odds = !measures.shows_odds;
    if measures.has_come() {
        return Vec::new();
    }
    ask(model).into_iter().collect()
}

/// Goes from the chances back to the figures; says whether they were shown.
pub(super) fn close_odds(model: &mut Model) -> Option<Vec<Effect>> {
    let shown = model.place == Place::Measures && model.office.measures.shows_odds;
    shown.then(|| turn(model))
}

/// Does what was asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    let is_auditor = model.office.role == "auditor";
    let measures = &mut model.office.measures;
    match action {
        Action::Dimension => measures.turn_by(is_auditor),
        Action::Longer if measures.turn_span(true) => {}
        Action::Shorter if measures.turn_span(false) => {}
        Action::Longer | Action::Shorter => {
            model.say("There is no other span.", "没有其他时段。");
            return Vec::new();
        }
        Action::Odds => return turn(model),
        Action::Figure => {
            measures.turn_figure();
            return Vec::new();
        }
        Action::Sort => {
            measures.by_value = !measures.by_value;
            measures.list = ListState::default();
            return Vec::new();
        }
        Action::Next => {
            model.layers.extend(in_full(model));
            return Vec::new();
        }
        _ => return Vec::new(),
    }
    ask(model).into_iter().collect()
}

/// All figures of the chosen group.
fn in_full(model: &Model) -> Option<Layer> {
    let (title, lines) = crate::screens::measure_lines(model)?;
    Some(Layer::Details {
        title,
        lines,
        list: ListState::default(),
    })
}

/// Takes a report. One that was asked for by something else than is chosen now is not shown.
pub(super) fn take(model: &mut Model, view: ReportView) {
    if view.by == model.office.measures.by.code() {
        model.office.measures.view = Some(view);
        let len = model.office.measures.rows(model.lang).len();
        model.office.measures.list.clamp(len);
    }
}
