//! The screen of measures: what keys and answers change.

use doorstep_wire::report::ReportView;

use super::super::action::Action;
use super::super::effect::{Ask, Effect, Topic};
use super::super::layer::Layer;
use super::super::list::ListState;
use super::super::model::Model;
use super::super::office::OfficeAsk;
use super::refuse;

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let measures = &model.office.measures;
    match action {
        Action::Sort if measures.by.names_persons() => {
            Some(("people stand in the order of their names", "人员仅按名称排列"))
        }
        Action::Next if measures.view.is_none() => Some(("no report has come", "尚无报告")),
        Action::Dimension | Action::Longer | Action::Shorter => refuse::offline(model),
        _ => None,
    }
}

/// Asks for the report.
pub(super) fn ask(model: &mut Model) -> Effect {
    let query = model.office.measures.query(model.now);
    model.ask(Topic::Measures, Ask::Office(OfficeAsk::Report(query)))
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
    vec![ask(model)]
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
