//! What is entered during a visit and recorded at its end.

use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::money::Currency;
use doorstep_domain::words::{Lang, Requirement};
use doorstep_wire::sync::PromiseMade;

use super::super::effect::{Ask, CheckOut, Effect, Topic};
use super::super::field::{Draft, Sheet, Step, StopState};
use super::super::form::Field;
use super::super::layer::{Intent, Layer};
use super::super::model::Model;
use super::super::visit::{self, Choice, step_of};
use super::perform::show;
use crate::input;
use crate::text::pick;

/// Keeps the draft of the open visit on the device. One is under way at most; the newest of each visit follows.
pub(super) fn keep(model: &mut Model) -> Vec<Effect> {
    if let Some(sheet) = &model.field.sheet {
        model.field.unkept.insert(sheet.stop.visit, sheet.draft.clone());
    }
    keep_next(model)
}

/// Keeps the next draft that waits, whichever screen is shown by now.
pub(super) fn keep_next(model: &mut Model) -> Vec<Effect> {
    if model.running(Topic::Draft).is_some() {
        return Vec::new();
    }
    let Some((visit, draft)) = model.field.unkept.pop_first() else {
        return Vec::new();
    };
    model.field.keeping = Some((visit, draft.clone()));
    let draft = Box::new(draft);
    vec![model.ask(Topic::Draft, Ask::KeepDraft { visit, draft })]
}

/// Changes what was entered, and keeps it.
pub(super) fn enter(model: &mut Model, change: impl FnOnce(&mut Draft)) -> Vec<Effect> {
    if let Some(sheet) = &mut model.field.sheet {
        change(&mut sheet.draft);
    }
    keep(model)
}

/// A digit chooses the option with that number; 0 is the tenth.
pub(super) fn choose_number(model: &mut Model, digit: char) -> Vec<Effect> {
    let number = digit.to_digit(10).map_or(0, |digit| (digit as usize + 9) % 10);
    if number >= visit::options(&model.field).len() {
        return Vec::new();
    }
    model.field.options.chosen = number;
    Vec::new()
}

/// Takes the chosen option and goes on to the next step.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    let options = visit::options(&model.field);
    let Some(choice) = options.get(model.field.options.chosen).cloned() else {
        let next = model.field.sheet.as_ref().map_or(Step::Permit, step_of);
        show(model, next);
        return Vec::new();
    };
    let effects = enter(model, |draft| visit::choose(draft, &choice));
    let Some(sheet) = &model.field.sheet else {
        return effects;
    };
    let identify = choice == Choice::Outcome(ContactOutcome::MetBorrower) && !sheet.identified;
    let promise = choice == Choice::Matter(MatterOutcome::Promise);
    match choice {
        Choice::Item(_) if !sheet.open_items(&sheet.draft).is_empty() => show(model, Step::Proof),
        _ => {
            let next = step_of(sheet);
            show(model, next);
        }
    }
    if identify {
        show(model, Step::Who);
        model.layers.push(Layer::Identify);
    } else if promise {
        return [effects, promise_layer(model)].concat();
    }
    effects
}

/// Ticks the chosen item, or the first that is open.
pub(super) fn tick(model: &mut Model) -> Vec<Effect> {
    if model.field.step != Step::Proof {
        show(model, Step::Proof);
        return Vec::new();
    }
    let options = visit::options(&model.field);
    match options.get(model.field.options.chosen).cloned() {
        Some(choice) => enter(model, |draft| visit::choose(draft, &choice)),
        None => Vec::new(),
    }
}

/// Asks for a promise.
pub(super) fn promise_layer(model: &mut Model) -> Vec<Effect> {
    if let Some(reason) = super::refusal(model, super::super::action::Action::Promise) {
        model.complain(reason);
        return Vec::new();
    }
    let draft = model.field.sheet.as_ref().map(|sheet| &sheet.draft);
    let (amount, day) = draft.map_or(("", ""), |draft| (&draft.promise_amount, &draft.promise_day));
    model.layers.push(Layer::Promise {
        fields: [Field::new(amount), Field::new(day)],
        at: 0,
        trouble: None,
    });
    Vec::new()
}

/// The promise of a draft, if it is one.
pub(super) fn promise_of(draft: &Draft, currency: Option<&str>) -> Option<PromiseMade> {
    input::promise(&format!("{}:{}", draft.promise_day, draft.promise_amount), currency)
}

/// What is wrong with a promise; nothing where it is whole.
pub(super) fn promise_trouble(lang: Lang, amount: &str, day: &str, currency: Option<&str>) -> Option<String> {
    let fits = input::promise(&format!("{day}:{amount}"), currency).is_some();
    let currency = currency.and_then(Currency::of);
    let decimals = currency.map_or(2, Currency::exponent);
    (!fits).then(|| match lang {
        Lang::En => format!("an amount above zero with at most {decimals} decimals, and a day like 2026-12-01"),
        Lang::Zh => format!("请输入大于零、最多 {decimals} 位小数的金额，以及如 2026-12-01 的日期"),
    })
}

/// Check-out: lists what is open first; records where nothing is.
pub(super) fn check_out(model: &mut Model) -> Vec<Effect> {
    let Some(sheet) = &model.field.sheet else {
        return Vec::new();
    };
    let open: Vec<String> = sheet.open_items(&sheet.draft).into_iter().map(str::to_owned).collect();
    let door = sheet.stop.point;
    model.layers.push(Layer::CheckOut { open });
    vec![super::perform::locate(model, door)]
}

/// The check-out as it is recorded.
pub(super) fn check_out_now(model: &mut Model, anyway: bool) -> Vec<Effect> {
    let Some(sheet) = &model.field.sheet else {
        return Vec::new();
    };
    let Some(outcome) = sheet.draft.outcome else {
        return Vec::new();
    };
    let draft = &sheet.draft;
    let check_out = CheckOut {
        visit: sheet.stop.visit,
        position: model.field.position.clone(),
        outcome,
        matter: draft
            .matter
            .filter(|matter| *matter != MatterOutcome::None || outcome.contacted()),
        promise: promise_of(draft, sheet.currency.as_deref()),
        note: Some(draft.note.trim().to_owned()).filter(|note| !note.is_empty()),
        done: done_of(sheet),
        evidence: draft.evidence.clone(),
        anyway,
    };
    vec![model.ask(Topic::Record, Ask::CheckOut(Box::new(check_out)))]
}

/// Asks why the crew leaves; one key then ends the visit.
pub(super) fn leave_layer(model: &mut Model) {
    let begun = model
        .field
        .sheet
        .as_ref()
        .is_some_and(|sheet| sheet.stop.state == StopState::Begun);
    if !begun {
        model.complain(pick(model.lang, "The visit has not begun.", "外访尚未开始。").to_owned());
        return;
    }
    let question = pick(
        model.lang,
        "Leave now. Were you asked to go, or is somebody in distress? Nothing else has to be filled in.",
        "立即离开。是被要求离开，还是对方情绪异常？无需填写其他内容。",
    );
    model.layers.push(Layer::Confirm {
        question: question.to_owned(),
        intent: Intent::Leave,
    });
}

/// Ends the visit at once.
pub(super) fn leave(model: &mut Model, distress: bool) -> Vec<Effect> {
    let Some(visit) = model.field.sheet.as_ref().map(|sheet| sheet.stop.visit) else {
        return Vec::new();
    };
    vec![model.ask(Topic::Record, Ask::Leave { visit, distress })]
}

/// What was required and is done: what was ticked, and what the course of the visit itself shows.
fn done_of(sheet: &Sheet) -> Vec<String> {
    let mut done = sheet.draft.done.clone();
    let identity = Requirement::IdentityCheck.code().to_owned();
    if sheet.identified && !done.contains(&identity) {
        done.push(identity);
    }
    done
}

/// Asks which side of the chosen conflict holds.
pub(super) fn settle(model: &mut Model) -> Vec<Effect> {
    let Some(conflict) = model.field.conflicts.get(model.field.outbox.chosen) else {
        return Vec::new();
    };
    let question = match model.lang {
        Lang::En => format!(
            "{}: 1 takes “{}”, 2 takes “{}”",
            conflict.field, conflict.left.0, conflict.right.0
        ),
        Lang::Zh => format!(
            "{}：1 取“{}”，2 取“{}”",
            conflict.field, conflict.left.0, conflict.right.0
        ),
    };
    model.layers.push(Layer::Confirm {
        question,
        intent: Intent::Settle(conflict.id),
    });
    Vec::new()
}

/// What a photograph or recording as evidence must not show.
pub(crate) fn evidence_advice(lang: Lang) -> &'static str {
    pick(
        lang,
        "Outside only: no faces, no inside of a home, nothing of other people.",
        "仅限室外：不拍人脸、不拍室内、不涉及他人。",
    )
}
