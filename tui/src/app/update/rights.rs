//! Restrictions and consents of the case that is open: one is chosen, words are written, and it is asked once more.

use doorstep_domain::approval::ApprovalReason;
use doorstep_domain::restriction::RestrictionKind;
use doorstep_domain::words::{Lang, word};
use uuid::Uuid;

use super::super::action::Action;
use super::super::desk::Standing;
use super::super::effect::{Ask, Effect, Topic};
use super::super::layer::{Choice, Intent, Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::super::office::{OfficeAsk, Wanted};
use super::super::rights::{LIFTED_FOR, RightStep};
use super::entry::text_layer;
use super::{reads, refuse};
use crate::text::pick;

/// The case that is open over the list.
pub(crate) fn open_case(model: &Model) -> Option<&Standing> {
    let details = |layer: &Layer| matches!(layer, Layer::Details { .. });
    let over = model.place == Place::Cases && model.layers.iter().any(details);
    model.office.open_case.as_deref().filter(|_| over)
}

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let Some(case) = open_case(model) else {
        return Some(("open the case first: Enter", "请先打开案件：按 Enter"));
    };
    if model.office.role != "supervisor" {
        return Some(("a supervisor does it", "须由主管处理"));
    }
    match action {
        Action::Lift if case.in_force().is_empty() => {
            Some(("nothing is in force that could be lifted", "没有可解除的限制"))
        }
        Action::Withdraw if case.given().is_empty() => Some(("no consent holds", "没有有效的同意")),
        _ => refuse::offline(model),
    }
}

/// Asks which.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(case) = open_case(model).map(|open| open.case.item.id) else {
        return Vec::new();
    };
    let choice = match action {
        Action::Restrict => Choice::Restrict(case),
        Action::Lift => Choice::Lift(case),
        _ => Choice::Withdraw(case),
    };
    model.layers.push(choose(choice));
    Vec::new()
}

fn choose(choice: Choice) -> Layer {
    let list = ListState::default();
    Layer::Choose { choice, list }
}

/// How many can be chosen.
pub(super) fn count(model: &Model, choice: &Choice) -> usize {
    match choice {
        Choice::Restrict(_) => RestrictionKind::ALL.len(),
        Choice::Lift(_) => open_case(model).map_or(0, |case| case.in_force().len()),
        Choice::LiftWhy(..) => LIFTED_FOR.len(),
        Choice::Withdraw(_) => open_case(model).map_or(0, |case| case.given().len()),
        _ => 0,
    }
}

/// One was chosen: the reason or words come next.
pub(super) fn chose(model: &mut Model, choice: &Choice, place: usize) {
    let next = match choice {
        Choice::Restrict(case) => RestrictionKind::ALL
            .get(place)
            .map(|kind| words(RightStep::Restrict(*case, *kind))),
        Choice::Lift(case) => lifted(model, *case, place),
        Choice::LiftWhy(case, kind, id) => LIFTED_FOR
            .get(place)
            .map(|why| words(RightStep::Lift(*case, *kind, *id, *why))),
        Choice::Withdraw(_) => {
            let chosen = open_case(model).and_then(|case| case.given().get(place).map(|one| one.id));
            chosen.map(|id| confirm(model, RightStep::Withdraw(id)))
        }
        _ => None,
    };
    model.layers.extend(next);
}

fn words(step: RightStep) -> Layer {
    text_layer(Purpose::RightWords(step), "")
}

/// Which restriction: bans one by one, the others by their kind.
fn lifted(model: &Model, case: Uuid, place: usize) -> Option<Layer> {
    let open = open_case(model)?.in_force();
    let one = open.get(place)?;
    let kind: RestrictionKind = one.kind.parse().ok()?;
    let id = one.id.filter(|_| kind == RestrictionKind::Ban);
    Some(choose(Choice::LiftWhy(case, kind, id)))
}

/// Words were written.
pub(super) fn entered(model: &mut Model, step: RightStep, text: String) {
    if text.is_empty() {
        let reason = pick(model.lang, "say how it is known", "请说明依据");
        model.complain(reason.to_owned());
        model.layers.push(words(step));
        return;
    }
    model.office.right_words = text;
    let layer = confirm(model, step);
    model.layers.push(layer);
}

fn confirm(model: &Model, step: RightStep) -> Layer {
    let said = &model.office.right_words;
    let why = |reason: ApprovalReason| word(model.lang, reason);
    let question = match (step, model.lang) {
        (RightStep::Restrict(_, kind), Lang::En) => format!(
            "Put on “{}”? It counts at once, and visits ahead that it forbids are withdrawn. {said}",
            word(Lang::En, kind)
        ),
        (RightStep::Restrict(_, kind), Lang::Zh) => {
            format!(
                "登记“{}”？立即生效，其禁止的后续外访将撤销。{said}",
                word(Lang::Zh, kind)
            )
        }
        (RightStep::Lift(_, kind, _, reason), Lang::En) => format!(
            "Lift “{}”, because {}? For most kinds a second person must agree first. {said}",
            word(Lang::En, kind),
            why(reason)
        ),
        (RightStep::Lift(_, kind, _, reason), Lang::Zh) => format!(
            "解除“{}”（{}）？多数限制须由第二人先批准。{said}",
            word(Lang::Zh, kind),
            why(reason)
        ),
        (RightStep::Withdraw(_), Lang::En) => {
            "End this consent now? Visits ahead that rested on it are withdrawn.".to_owned()
        }
        (RightStep::Withdraw(_), Lang::Zh) => "立即终止此同意？依其安排的后续外访将撤销。".to_owned(),
    };
    let intent = Intent::Right(step);
    Layer::Confirm { question, intent }
}

/// A yes.
pub(super) fn carry_out(model: &mut Model, step: RightStep) -> Vec<Effect> {
    let words = std::mem::take(&mut model.office.right_words);
    vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::Right(step, words)))]
}

/// It is done: the case is read again.
pub(super) fn done(model: &mut Model) -> Vec<Effect> {
    model.say("Recorded in the log.", "已记入日志。");
    let case = model.office.open_case.as_ref().map(|open| open.case.item.id);
    model.layers.retain(|layer| !matches!(layer, Layer::Details { .. }));
    case.map_or_else(Vec::new, |case| reads::open(model, Wanted::Case(case), None))
}
