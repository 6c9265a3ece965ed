//! Publishing a plan: with notices, or without and why. Nothing here goes past a rule.

use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::words::{Lang, word};
use uuid::Uuid;

use super::super::effect::{Ask, Effect, Topic};
use super::super::layer::{Choice, Intent, Layer};
use super::super::list::ListState;
use super::super::model::Model;
use super::super::office::OfficeAsk;

/// What is asked before the plan is published.
pub(super) fn question(model: &Model) -> String {
    let Some(plan) = &model.office.plan else {
        return String::new();
    };
    let (item, crews) = (&plan.detail.item, plan.detail.routes.len());
    match model.lang {
        Lang::En => format!(
            "Publish the plan of {} with {} visits in {crews} routes? Devices fetch it at once; a published plan of the same day is replaced.",
            item.first_day, item.planned
        ),
        Lang::Zh => format!(
            "发布 {} 的计划（{} 次外访、{crews} 条路线）？设备将立即获取；同一天已发布的计划将被取代。",
            item.first_day, item.planned
        ),
    }
}

/// A yes to publishing.
pub(super) fn publish(model: &mut Model, asked: Option<(Uuid, i64)>, waiver: Option<NoticeWaiver>) -> Vec<Effect> {
    match asked {
        Some((id, version)) => {
            let ask = OfficeAsk::Publish(id, version, waiver);
            vec![model.ask(Topic::Record, Ask::Office(ask))]
        }
        None => Vec::new(),
    }
}

/// Its visits shall not be announced: why?
pub(super) fn ask_why(model: &mut Model, asked: Option<(Uuid, i64)>) {
    let choice = asked.map(|(id, version)| Choice::Waiver(id, version));
    let list = ListState::default();
    model.layers.extend(choice.map(|choice| Layer::Choose { choice, list }));
}

/// The reason was chosen: says what that means, and asks.
pub(super) fn chose(model: &mut Model, (id, version): (Uuid, i64), place: usize) {
    let Some(reason) = NoticeWaiver::ALL.get(place).copied() else {
        return;
    };
    let why = word(model.lang, reason);
    let question = match model.lang {
        Lang::En => format!(
            "{} Nobody is told before: {why}. The reason stands in the log, and every other rule holds.",
            question(model)
        ),
        Lang::Zh => format!(
            "{}事先不通知任何人：{why}。理由记入日志，其他规则照常适用。",
            question(model)
        ),
    };
    let intent = Intent::PublishBare(id, version, reason);
    model.layers.push(Layer::Confirm { question, intent });
}
