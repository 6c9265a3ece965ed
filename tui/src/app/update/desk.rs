//! What the server's answers change on the office's screens.

use super::super::effect::{Ask, Effect, Topic};
use super::super::layer::Layer;
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::super::office::{OfficeAnswer, OfficeAsk, PlanShown, PlanView, Verified};
use super::go;
use super::office::chosen;
use super::{measures, reads, rights, waits};
use doorstep_wire::alarm::AlarmItem;
use doorstep_wire::live::LiveView;

/// Takes an answer.
pub(super) fn take(model: &mut Model, answer: OfficeAnswer) -> Vec<Effect> {
    model.reached(true);
    let office = &mut model.office;
    match answer {
        OfficeAnswer::Live(live, alarms) => return live_seen(model, *live, alarms),
        OfficeAnswer::AlarmAnswered => {
            model.say("Recorded in the log.", "已记入日志。");
            return go(model, Place::Live);
        }
        OfficeAnswer::Plans(plans) => {
            office.plans = Some(plans);
            return chosen(model);
        }
        OfficeAnswer::Plan(plan) => return plan_seen(model, *plan),
        OfficeAnswer::Proposed => return proposed(model),
        OfficeAnswer::NothingPlanned => {
            office.planning = None;
            model.say("Stopped before a plan was found.", "已停止，尚未得到计划。");
        }
        OfficeAnswer::Published => {
            office.plan = None;
            model.say("Published: devices fetch it now.", "已发布，设备正在获取。");
            return go(model, Place::Plan);
        }
        OfficeAnswer::Diff(diff) => office.diff = Some(*diff),
        OfficeAnswer::Cases { items, next, more } => {
            office.cases.known = true;
            office.cases.next = next;
            if more {
                office.cases.items.extend(items);
            } else {
                office.cases.items = items;
            }
        }
        OfficeAnswer::Case(case) => {
            model.office.wanted = None;
            let (title, lines) = crate::screens::case_lines(model, &case);
            let list = ListState::default();
            model.office.open_case = Some(case);
            model.layers.push(Layer::Details { title, lines, list });
        }
        OfficeAnswer::Right => return rights::done(model),
        OfficeAnswer::Reads(answer) => return reads::take(model, answer),
        OfficeAnswer::Desk(answer) => return waits::take(model, answer),
        OfficeAnswer::Review(items) => {
            office.review = Some(items);
            return chosen(model);
        }
        OfficeAnswer::ReviewOne(one) => office.review_one = Some(*one),
        OfficeAnswer::Decided => {
            office.review_one = None;
            let (english, chinese) = (
                "Decided; a later decision can change it.",
                "已决定；之后的决定可以更改。",
            );
            model.say(english, chinese);
            return go(model, Place::Review);
        }
        OfficeAnswer::Report(view) => measures::take(model, *view),
        OfficeAnswer::Odds(report) => office.measures.take_odds(*report),
        OfficeAnswer::Log(log) => office.log = Some(*log),
        OfficeAnswer::Verified(report) => {
            office.verifying = None;
            office.verified = Some(Verified::seen(report));
        }
    }
    Vec::new()
}

/// The day as it goes; an alarm that is new rings.
fn live_seen(model: &mut Model, live: LiveView, alarms: Vec<AlarmItem>) -> Vec<Effect> {
    let known = |alarm: &AlarmItem| model.office.alarms.iter().any(|old| old.id == alarm.id);
    let fresh = alarms.iter().any(|alarm| alarm.state == "open" && !known(alarm));
    model.office.live = Some(live);
    model.office.alarms = alarms;
    if fresh { vec![Effect::Bell] } else { Vec::new() }
}

/// A plan; its differences are asked for again where they are on screen.
fn plan_seen(model: &mut Model, plan: PlanShown) -> Vec<Effect> {
    let id = plan.detail.item.id;
    model.office.diff = None;
    model.office.plan = Some(plan);
    if model.office.plan_view == PlanView::Diff {
        return vec![model.ask(Topic::Plan, Ask::Office(OfficeAsk::Diff(id)))];
    }
    Vec::new()
}

/// A plan was made: it is the newest of the list.
fn proposed(model: &mut Model) -> Vec<Effect> {
    model.office.planning = None;
    model.office.plan_list = ListState::default();
    model.office.plan = None;
    let (english, chinese) = (
        "The plan is made: d shows what it changes.",
        "计划已生成：按 d 查看变化。",
    );
    model.say(english, chinese);
    go(model, Place::Plan)
}
