//! The desk: what keys and answers change of what waits for a person.

use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::quality::{AppealDecision, ItemFound};
use doorstep_domain::read::OutsidePurpose;
use uuid::Uuid;

use super::super::action::Action;
use super::super::desk::{Desk, Kind, Opened, ScoreForm, Step, Thing, steps};
use super::super::effect::{Ask, Effect, Topic};
use super::super::key::Key;
use super::super::layer::{Choice, Intent, Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::super::office::{DeskAct, DeskAnswer, DeskAsk, OfficeAsk, Wanted};
use super::entry::text_layer;
use super::refuse;
use crate::screens::{desk_question, opened_lines};
use crate::text::pick;
use crate::times;

/// Asks for what waits.
pub(super) fn list(model: &mut Model) -> Vec<Effect> {
    if model.running(Topic::Desk).is_some() {
        return Vec::new();
    }
    vec![model.ask(Topic::Desk, Ask::Office(OfficeAsk::Desk(DeskAsk::List)))]
}

/// Counts what waits again where that was long ago, whatever screen is shown.
pub(super) fn count_again(model: &mut Model) -> Vec<Effect> {
    if model.place != Place::Desk && model.office.desk.is_old(model.now) {
        list(model)
    } else {
        Vec::new()
    }
}

/// The thing that keys are about: the one that is open over the list, otherwise the chosen one.
pub(crate) fn current(model: &Model) -> Option<&Thing> {
    let desk = &model.office.desk;
    if let Some(open) = desk.opened.filter(|_| is_open(model)) {
        return desk.thing(open);
    }
    let place = *shown(model).get(desk.list.chosen)?;
    desk.things.as_deref()?.get(place)
}

fn is_open(model: &Model) -> bool {
    let details = |layer: &Layer| matches!(layer, Layer::Details { .. });
    model.place == Place::Desk && model.layers.iter().any(details)
}

/// What the filters leave, in order, by place.
pub(crate) fn shown(model: &Model) -> Vec<usize> {
    let said = |thing: &Thing| crate::screens::desk_said(model, thing);
    model.office.desk.shown(&model.zone, said)
}

/// What may be done about it: with the first key, and with the second.
pub(crate) fn possible(model: &Model) -> (Option<Step>, Option<Step>) {
    current(model).map_or((None, None), |thing| steps(&model.office.role, thing))
}

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let thing = match (action, current(model)) {
        (Action::Next | Action::Agree | Action::Decline, None) => return Some(("nothing is chosen", "未选择事项")),
        (_, thing) => thing,
    };
    let possible = possible(model);
    match action {
        Action::Agree | Action::Decline if thing.is_some_and(Thing::is_others) => {
            Some(("you asked for it: a second person answers", "由您提出，须由另一人答复"))
        }
        Action::Agree if possible.0.is_none() => Some(match thing.map(Thing::kind) {
            Some(Kind::Notice) => (
                "letters leave with `doorstep notice dispatch`",
                "信件用 doorstep notice dispatch 发出",
            ),
            _ => ("a supervisor answers it", "须由主管答复"),
        }),
        Action::Decline if possible.1.is_none() => Some(("it cannot be declined", "不能拒绝")),
        Action::Next | Action::Agree | Action::Decline => refuse::offline(model),
        _ => None,
    }
}

/// Does what was asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Next => {
            let thing = current(model).cloned();
            thing.map_or_else(Vec::new, |thing| open(model, thing, None))
        }
        Action::Agree => act(model, possible(model).0),
        Action::Decline => act(model, possible(model).1),
        Action::Kinds => {
            let desk = &mut model.office.desk;
            let next = match desk.only {
                None => Kind::ALL.first(),
                Some(kind) => Kind::ALL.iter().skip_while(|one| **one != kind).nth(1),
            };
            desk.only = next.copied();
            desk.list = ListState::default();
            Vec::new()
        }
        Action::Sort => {
            let desk = &mut model.office.desk;
            desk.sort = desk.sort.next();
            desk.list = ListState::default();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Opens a thing in full.
pub(super) fn open(model: &mut Model, thing: Thing, purpose: Option<OutsidePurpose>) -> Vec<Effect> {
    model.office.wanted = Some(Wanted::Thing(Box::new(thing.clone())));
    let ask = OfficeAsk::Desk(DeskAsk::Open(Box::new(thing), purpose));
    vec![model.ask(Topic::Case, Ask::Office(ask))]
}

/// Begins what is done about the current thing: what needs words asks for them, what needs a sheet opens it, the rest asks
/// whether it is meant.
fn act(model: &mut Model, step: Option<Step>) -> Vec<Effect> {
    let Some((thing, step)) = current(model).cloned().zip(step) else {
        return Vec::new();
    };
    let id = thing.id();
    let list = ListState::default();
    match step {
        Step::Answer(_) => model.layers.push(Layer::Choose {
            choice: Choice::Complaint(id),
            list,
        }),
        Step::Decide(_) => model.layers.push(Layer::Choose {
            choice: Choice::Appeal(id),
            list,
        }),
        Step::Score => {
            let sheet = match &model.office.desk.detail {
                Some(Opened::Check(detail)) if detail.item.id == id => Some(ScoreForm::of(detail)),
                _ => None,
            };
            if let Some(sheet) = sheet {
                model.layers.push(Layer::Score(sheet));
            } else {
                model.office.desk.wants_sheet = true;
                return open(model, thing, None);
            }
        }
        step => ask_whether(model, id, step),
    }
    Vec::new()
}

fn ask_whether(model: &mut Model, id: Uuid, step: Step) {
    let question = model
        .office
        .desk
        .thing(id)
        .map(|thing| desk_question(model, thing, step));
    let intent = Intent::Desk(id, step);
    model
        .layers
        .extend(question.map(|question| Layer::Confirm { question, intent }));
}

/// One of several was chosen: words come next.
pub(super) fn chose(model: &mut Model, choice: &Choice, place: usize) {
    let next = match choice {
        Choice::Complaint(id) => ComplaintOutcome::ALL.get(place).map(|one| (*id, Step::Answer(*one))),
        Choice::Appeal(id) => AppealDecision::ALL.get(place).map(|one| (*id, Step::Decide(*one))),
        Choice::Purpose(_) | Choice::Finding(_) | Choice::Waiver(..) => None,
    };
    model
        .layers
        .extend(next.map(|(id, step)| text_layer(Purpose::Words(id, step), "")));
}

/// Words were written.
pub(super) fn entered(model: &mut Model, (id, step): (Uuid, Step), text: String) {
    if text.is_empty() {
        let reason = pick(model.lang, "words are needed", "请填写说明");
        model.complain(reason.to_owned());
        model.layers.push(text_layer(Purpose::Words(id, step), ""));
        return;
    }
    model.office.desk.words = text;
    ask_whether(model, id, step);
}

/// A remark to the chosen line of the sheet below.
pub(super) fn remarked(model: &mut Model, text: String) {
    if let Some(Layer::Score(form)) = model.layers.last_mut()
        && let Some(line) = form.lines.get_mut(form.list.chosen)
    {
        line.remark = text;
    }
}

/// A key while a sheet is filled in.
pub(super) fn press_sheet(model: &mut Model, mut form: ScoreForm, key: Key) -> Vec<Effect> {
    form.trouble = None;
    let chosen = form.list.chosen;
    let found = match key.plain() {
        Key::Char('1') => Some(ItemFound::Pass),
        Key::Char('2') => Some(ItemFound::Fail),
        Key::Char('3') => Some(ItemFound::NotApplicable),
        _ => None,
    };
    match (found, key.plain()) {
        (Some(found), _) => {
            if let Some(line) = form.lines.get_mut(chosen) {
                line.found = Some(found);
            }
            form.list.press(Key::Down, form.lines.len());
        }
        (None, Key::Char('t')) => {
            let before = form.lines.get(chosen).map_or("", |line| &line.remark).to_owned();
            model.layers.push(Layer::Score(form));
            model.layers.push(text_layer(Purpose::Remark, &before));
            return Vec::new();
        }
        (None, Key::Enter) => {
            let open = form.lines.iter().position(|line| line.found.is_none());
            if let Some(open) = open {
                form.list.chosen = open;
                let text = pick(model.lang, "say something about every line", "请逐项填写");
                form.trouble = Some(text.to_owned());
            } else {
                let check = form.check;
                model.office.desk.scored = Some(form.clone());
                model.layers.push(Layer::Score(form));
                ask_whether(model, check, Step::Score);
                return Vec::new();
            }
        }
        (None, key) => {
            form.list.press(key, form.lines.len());
        }
    }
    model.layers.push(Layer::Score(form));
    Vec::new()
}

/// A yes.
pub(super) fn carry_out(model: &mut Model, id: Uuid, step: Step) -> Vec<Effect> {
    let words = std::mem::take(&mut model.office.desk.words);
    let act = match step {
        Step::Approve(agrees) => DeskAct::Approve(agrees),
        Step::Accept(agrees) => DeskAct::Accept(agrees),
        Step::Take => DeskAct::Take,
        Step::Answer(outcome) => DeskAct::Answer(outcome, words),
        Step::Decide(decision) => DeskAct::Decide(decision, words),
        Step::Score => {
            let items = model.office.desk.scored.take().and_then(|form| form.items());
            let Some(items) = items else { return Vec::new() };
            DeskAct::Score(items)
        }
    };
    vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::Desk(DeskAsk::Act(id, act))))]
}

/// Takes an answer.
pub(super) fn take(model: &mut Model, answer: DeskAnswer) -> Vec<Effect> {
    match answer {
        DeskAnswer::List(fetched) => {
            let today = times::date(model.now.get(), &model.zone).map(|day| day.to_string());
            let chosen = current(model).map(Thing::id);
            let desk = &mut model.office.desk;
            desk.things = Some(fetched.things(&today.unwrap_or_default()));
            desk.fetched_at = model.now;
            // The choice stays with its thing.
            let things = shown(model);
            let place = things.iter().position(|place| {
                let thing = model.office.desk.things.as_deref().and_then(|all| all.get(*place));
                thing.map(Thing::id) == chosen && chosen.is_some()
            });
            let list = &mut model.office.desk.list;
            list.chosen = place.unwrap_or(list.chosen);
            list.clamp(things.len());
            Vec::new()
        }
        DeskAnswer::Opened(opened) => {
            model.office.wanted = None;
            let wants_sheet = std::mem::take(&mut model.office.desk.wants_sheet);
            if model.place == Place::Desk {
                lay_open(model, *opened, wants_sheet);
            }
            Vec::new()
        }
        DeskAnswer::Done => {
            model.say("Recorded in the log.", "已记入日志。");
            model
                .layers
                .retain(|layer| !matches!(layer, Layer::Details { .. } | Layer::Score(_)));
            let desk = &mut model.office.desk;
            (desk.opened, desk.detail) = (None, None);
            list(model)
        }
    }
}

fn lay_open(model: &mut Model, opened: Opened, wants_sheet: bool) {
    let (title, lines) = opened_lines(model, &opened);
    let sheet = match &opened {
        Opened::Check(detail) if wants_sheet => Some(ScoreForm::of(detail)),
        _ => None,
    };
    model.office.desk.opened = Some(opened.id());
    model.office.desk.detail = Some(opened);
    let list = ListState::default();
    model.layers.push(Layer::Details { title, lines, list });
    model.layers.extend(sheet.map(Layer::Score));
}

/// What was searched or filtered is shown no more; says whether there was any.
pub(super) fn clear(desk: &mut Desk) -> bool {
    let filtered = desk.only.take().is_some() | !std::mem::take(&mut desk.search).is_empty();
    if filtered {
        desk.list = ListState::default();
    }
    filtered
}
