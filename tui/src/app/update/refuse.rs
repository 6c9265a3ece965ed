//! Why an action is not possible now, in words: shown where it is greyed, and when it is asked for all the same.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::words::Lang;

use super::super::action::Action;
use super::super::field::StopState;
use super::super::model::{Link, Model, Party, Place};
use super::{office, own};
use crate::text::pick;

/// Why the action is not possible now; nothing where it is.
pub(crate) fn refusal(model: &Model, action: Action) -> Option<String> {
    let reason = match model.party {
        Party::Field if off_refuses(model, action) => return Some(off(model)),
        Party::Field => of_field(model, action),
        Party::Office => office::refusal(model, action),
    }?;
    Some(pick(model.lang, reason.0, reason.1).to_owned())
}

/// Nobody goes where a visit is off; why it is can be asked.
fn off_refuses(model: &Model, action: Action) -> bool {
    let stop = model.field.stop_at(model.place);
    matches!(action, Action::CheckIn | Action::Skip | Action::Navigate | Action::Copy)
        && matches!(model.place, Place::Today | Place::Visit)
        && stop.is_some_and(|stop| stop.state == StopState::Off)
}

fn off(model: &Model) -> String {
    let blocked = model.field.stop_at(model.place).and_then(|stop| stop.blocked.first());
    let (rule, why) = blocked.map_or(("", ""), |(rule, why)| (rule, why));
    match model.lang {
        Lang::En => format!("it is off: {why} [{rule}]"),
        Lang::Zh => format!("已取消：{why} [{rule}]"),
    }
}

type Reason = (&'static str, &'static str);

fn of_field(model: &Model, action: Action) -> Option<Reason> {
    let stop = model.field.stop_at(model.place);
    let state = stop.map(|stop| stop.state);
    let begun = ("check in first", "请先签到");
    let need_stop = matches!(
        action,
        Action::CheckIn | Action::Skip | Action::Navigate | Action::Copy | Action::Why | Action::Next
    );
    if need_stop && stop.is_none() && matches!(model.place, Place::Today | Place::Visit) {
        return Some(("no stop is chosen", "未选择地点"));
    }
    match action {
        Action::CheckIn | Action::Skip => match state? {
            StopState::Ahead => other_begun(model),
            StopState::Begun => Some(("it has begun: check out with d", "已签到：请按 d 签退")),
            StopState::Done => Some(("it is done", "已完成")),
            StopState::Skipped => Some(("it was left out", "已跳过")),
            StopState::Off => Some(("it is off", "已取消")),
        },
        Action::Outcome | Action::Note | Action::Evidence | Action::Tick | Action::CheckOut
            if state != Some(StopState::Begun) =>
        {
            Some(begun)
        }
        Action::Words if model.field.sheet.as_ref().is_none_or(|sheet| sheet.said.is_empty()) => {
            Some(("no sentences are here", "没有现场用语"))
        }
        Action::Receipt if !matches!(state, Some(StopState::Begun | StopState::Done)) => Some(begun),
        Action::Copy if model.place == Place::Outbox && model.field.case_in_outbox().is_none() => {
            Some(("no case is chosen", "未选择案件"))
        }
        Action::CheckOut => outcome_missing(model),
        Action::Kept | Action::Find | Action::Sort => own::refusal(model, action),
        Action::Matter if outcome_of(model).is_none_or(|outcome| !outcome.contacted()) => {
            Some(("say first who was met", "请先登记见到了谁"))
        }
        Action::Promise => promise(model),
        Action::Correct if !identified(model) => Some(("identify the person first", "请先核实本人身份")),
        // The key that seals a draft goes with the lock.
        Action::Lock if model.is_recording() || !model.field.unkept.is_empty() => {
            Some(("what was entered is being saved", "正在保存已填写的内容"))
        }
        Action::Settle | Action::Next
            if model.place == Place::Outbox && model.field.outbox.chosen >= model.field.conflicts.len() =>
        {
            Some(("no conflict is chosen", "未选择冲突"))
        }
        _ => None,
    }
}

/// One visit at a time: the next door opens when this one is closed.
fn other_begun(model: &Model) -> Option<Reason> {
    let stop = model.field.stop_at(model.place)?;
    let (begun, _) = model.field.facts.begun?;
    (begun != stop.visit).then_some(("check out of the visit that has begun first", "请先从进行中的外访签退"))
}

fn promise(model: &Model) -> Option<Reason> {
    if outcome_of(model) != Some(ContactOutcome::MetBorrower) {
        return Some((
            "only the person can promise: say first that they were met",
            "只有本人可以承诺，请先登记见到本人",
        ));
    }
    (!identified(model)).then_some(("identify the person first", "请先核实本人身份"))
}

fn outcome_missing(model: &Model) -> Option<Reason> {
    outcome_of(model)
        .is_none()
        .then_some(("say first who was met: o", "请先登记结果：按 o"))
}

fn outcome_of(model: &Model) -> Option<ContactOutcome> {
    model.field.sheet.as_ref()?.draft.outcome
}

fn identified(model: &Model) -> bool {
    model.field.sheet.as_ref().is_some_and(|sheet| sheet.identified)
}

/// Whether the server must be there for something, and is not.
pub(super) fn offline(model: &Model) -> Option<Reason> {
    matches!(model.link, Link::Offline { .. }).then_some(("the server cannot be reached now", "目前无法连接服务器"))
}
