//! What was found about one's own visits: looked at, and appealed against.

use doorstep_domain::words::Lang;
use doorstep_wire::quality::QualityDetail;
use uuid::Uuid;

use super::super::action::Action;
use super::super::checks::is_open_to_appeal;
use super::super::effect::{Ask, ChecksAnswer, Effect, Topic};
use super::super::layer::{Intent, Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::entry::text_layer;
use super::{go, refuse};
use crate::text::pick;

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let chosen = model.field.checks.chosen();
    match (action, chosen) {
        (Action::OwnChecks, _) => refuse::offline(model),
        (_, None) => Some(("nothing is chosen", "未选择事项")),
        (Action::Appeal, Some(item)) if !is_open_to_appeal(item) => {
            Some(("it was appealed against before, or decided", "已申诉或已裁定"))
        }
        (_, Some(_)) => refuse::offline(model),
    }
}

/// Asks for them.
pub(super) fn load(model: &mut Model) -> Vec<Effect> {
    vec![model.ask(Topic::Checks, Ask::OwnChecks)]
}

/// Does what was asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    let chosen = model.field.checks.chosen().map(|item| item.id);
    match (action, chosen) {
        (Action::OwnChecks, _) => go(model, Place::Checks),
        (Action::Next, Some(check)) => vec![model.ask(Topic::Check, Ask::OwnCheck(check))],
        (Action::Appeal, Some(check)) => {
            model.layers.push(text_layer(Purpose::Appeal(check), ""));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The words were written: says what an appeal is, and asks.
pub(super) fn entered(model: &mut Model, check: Uuid, text: String) {
    if text.is_empty() {
        let reason = pick(model.lang, "words are needed", "请填写说明");
        model.complain(reason.to_owned());
        model.layers.push(text_layer(Purpose::Appeal(check), ""));
        return;
    }
    let question = match model.lang {
        Lang::En => {
            format!("Appeal with these words? A third person reads them and decides; you can appeal once. {text}")
        }
        Lang::Zh => format!("以此说明申诉？将由第三人阅读并裁定；只能申诉一次。{text}"),
    };
    model.field.checks.words = text;
    let intent = Intent::Appeal(check);
    model.layers.push(Layer::Confirm { question, intent });
}

/// A yes.
pub(super) fn appeal(model: &mut Model, check: Uuid) -> Vec<Effect> {
    let words = std::mem::take(&mut model.field.checks.words);
    vec![model.ask(Topic::Record, Ask::Appeal(check, words))]
}

/// Takes an answer.
pub(super) fn take(model: &mut Model, answer: ChecksAnswer) -> Vec<Effect> {
    match answer {
        ChecksAnswer::List(items) => model.field.checks.items = Some(items),
        ChecksAnswer::One(detail) => opened(model, &detail),
        ChecksAnswer::Appealed => return appealed(model),
    }
    Vec::new()
}

/// One in full.
fn opened(model: &mut Model, detail: &QualityDetail) {
    if model.place != Place::Checks {
        return;
    }
    model.field.checks.opened = Some(detail.item.id);
    let (title, lines) = crate::screens::check_lines(model, detail);
    let list = ListState::default();
    model.layers.push(Layer::Details { title, lines, list });
}

/// The appeal is with the server.
fn appealed(model: &mut Model) -> Vec<Effect> {
    model.say("Appealed; a third person decides.", "已申诉，将由第三人裁定。");
    model.layers.retain(|layer| !matches!(layer, Layer::Details { .. }));
    load(model)
}
