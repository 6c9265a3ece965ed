//! What this device shows of its visits, also offline: `visit route`, `visit show`, and the steps around them. One person
//! at a time behind one door; what is owed only after that person was recognised.

use crate::answer::Answer;
use crate::command::case::amount_text;
use crate::command::device;
use crate::command::staff::pick_all;
use crate::command::visit::find_visit;
use crate::context::Context;
use crate::failure::Failure;
use crate::said::{self, Said};
use crate::table::Table;
use crate::text::{Text, counted, labels, or_dash, pick};
use crate::times;
use doorstep_device::{Blocked, Gate, Stop, VisitState, VisitView, Withdrawn};
use doorstep_domain::case::Flag;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::{Forbidden, Lang, Requirement};
use serde_json::{Value, json};

/// `visit route`.
pub(crate) async fn route(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let route = device.route().await?;
    device.close().await;
    let head = [
        ("No", "序号"),
        ("Case", "案件编号"),
        ("Planned", "计划"),
        ("Name", "姓名"),
        ("Address", "地址"),
        ("Now", "当前"),
        ("Notes", "提示"),
        ("Visit", "外访"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[0]);
    for stop in &route.stops {
        table.row([
            stop.number.to_string(),
            stop.case_no.clone(),
            times::at(stop.starts.get(), &times::zone(&stop.zone)),
            stop.name.clone(),
            stop.address.clone(),
            now_text(context.lang, stop),
            labels::<Flag>(context.lang, &stop.notes),
            stop.visit.to_string(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = route.stops.len();
    text.say(
        &format!("{} today", counted(count, "stop", "stops")),
        &format!("今日 {count} 个外访地点"),
    );
    for off in &route.withdrawn {
        let at = times::at(off.starts.get(), &times::zone(&off.zone));
        let why = off_words(context.lang, &off.rule);
        text.say(
            &format!(
                "Withdrawn: {} {at}, by {}: {why}. Do not go there.",
                off.case_no, off.rule
            ),
            &format!("已撤销：{} {at}，依据 {}：{why}。请勿前往。", off.case_no, off.rule),
        );
    }
    let items: Vec<Value> = route.stops.iter().map(stop_json).collect();
    let off: Vec<Value> = route.withdrawn.iter().map(withdrawn_json).collect();
    let value = json!({ "day": route.day, "items": items, "withdrawn": off });
    Ok(Answer::new(&value, text.finish()))
}

/// Why a visit is off, as far as a device is told: the rule, and nothing that was said by anybody.
pub(crate) fn off_words(lang: Lang, rule: &str) -> &'static str {
    match rule {
        "RIGHTS-BANS" => pick(
            lang,
            "the person does not want this visit",
            "当事人不愿在此时被上门访问",
        ),
        "WISH-ACCEPTED" => pick(
            lang,
            "the office agreed to something else with the person",
            "内勤已与当事人另作约定",
        ),
        _ => pick(lang, "the visit may not be made any more", "此次外访不得再进行"),
    }
}

fn withdrawn_json(off: &Withdrawn) -> Value {
    json!({ "visit": off.visit, "case_no": off.case_no, "planned_start": off.starts.get(), "rule": off.rule })
}

/// `visit show`.
pub(crate) async fn show(given: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let visit = find_visit(&device, given).await?;
    let view = device.visit_view(visit).await?;
    device.close().await;
    let text = view_text(&view, context);
    let mut document = view_json(&view);
    document["sentences"] = json!(said::document(&view.sentences, context.lang, language(&view)));
    Ok(Answer::new(&document, text))
}

/// `visit identify`.
pub(crate) async fn identify(given: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let visit = find_visit(&device, given).await?;
    let event = device.identity_confirm(visit).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Recorded that this is the person who is meant.",
        "已记录：对方确为本人。",
    );
    text.fact("event", "记录", event.to_string());
    Ok(Answer::new(&json!({ "visit": visit, "event": event }), text.finish()))
}

/// `visit skip`.
pub(crate) async fn skip(given: &str, reason: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let visit = find_visit(&device, given).await?;
    let event = device.skip(visit, reason).await?;
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say("Left out; recorded on this device.", "已跳过，已记录在本机。");
    text.fact("event", "记录", event.to_string());
    Ok(Answer::new(&json!({ "visit": visit, "event": event }), text.finish()))
}

fn state_text(lang: Lang, state: VisitState) -> &'static str {
    match state {
        VisitState::Started => pick(lang, "checked in", "已签到"),
        VisitState::Finished => pick(lang, "checked out", "已签退"),
        VisitState::Skipped => pick(lang, "left out", "已跳过"),
    }
}

/// How far it has come; otherwise whether it may begin.
fn now_text(lang: Lang, stop: &Stop) -> String {
    match stop.state {
        Some(state) => state_text(lang, state).to_owned(),
        None if stop.gate.is_open() => pick(lang, "allowed", "可外访").to_owned(),
        None => format!(
            "{} [{}]",
            pick(lang, "not allowed", "不可外访"),
            rules(&stop.gate).join(", ")
        ),
    }
}

fn rules(gate: &Gate) -> Vec<&str> {
    gate.blocked.iter().map(Blocked::rule).collect()
}

fn view_text(view: &VisitView, context: &Context<'_>) -> String {
    let lang = context.lang;
    let mut text = Text::new(lang);
    if let Some(stop) = &view.stop {
        text.fact("case", "案件编号", &stop.case_no);
        text.fact("name", "姓名", &stop.name);
        text.fact("address", "地址", &stop.address);
        text.fact("notes", "提示", or_dash(Some(&labels::<Flag>(lang, &stop.notes))));
        text.fact("now", "当前", now_text(lang, stop));
        for reason in &stop.gate.blocked {
            text.line(&format!("- {} [{}]", reason.sentence(lang), reason.rule()));
        }
    }
    let zone = view
        .stop
        .as_ref()
        .map_or(context.zone.clone(), |stop| times::zone(&stop.zone));
    text.fact(
        "checked in",
        "签到",
        times::maybe(view.started_at.map(Micros::get), &zone),
    );
    text.fact(
        "check-out expected",
        "应签退",
        times::maybe(view.expected_at.map(Micros::get), &zone),
    );
    text.fact(
        "recognised",
        "已核实本人",
        times::maybe(view.confirmed_at.map(Micros::get), &zone),
    );
    for task in &view.required {
        let tick = if task.done { "✓" } else { "·" };
        text.line(&format!(
            "{tick} {}",
            labels::<Requirement>(lang, std::slice::from_ref(&task.code))
        ));
    }
    let said = said_of(view, lang);
    for line in said::lines(&said, lang) {
        text.line(&line);
    }
    let not_said = labels::<Forbidden>(lang, &view.not_said);
    text.fact("not to be said", "不得提及", or_dash(Some(&not_said)));
    match &view.told {
        Some(told) => {
            let amount = told.amount.as_ref().map(|amount| amount_text(lang, amount));
            let may_not = pick(lang, "not to be stated", "不得告知").to_owned();
            text.fact("amount", "金额", amount.unwrap_or(may_not));
            text.fact("phone", "电话", &told.phone);
        }
        None => text.say(
            "Amount and phone are shown when the person is recognised: `doorstep visit identify`.",
            "核实本人身份后才显示金额和电话：`doorstep visit identify`。",
        ),
    }
    text.finish()
}

/// The language of the person, where their door is still here.
fn language(view: &VisitView) -> &str {
    view.stop.as_ref().map_or("", |stop| &stop.language)
}

/// What is said there, as it stands.
fn said_of(view: &VisitView, lang: Lang) -> Vec<Said> {
    let outcome = view.draft.as_ref().and_then(|draft| draft["outcome"].as_str());
    let outcome = outcome.and_then(|code| code.parse().ok());
    let all = view.sentences.iter().map(|one| Said::of(one, lang, language(view)));
    all.filter(|one| one.is_for(outcome)).collect()
}

fn stop_json(stop: &Stop) -> Value {
    json!({
        "number": stop.number,
        "visit": stop.visit,
        "case_no": stop.case_no,
        "name": stop.name,
        "address": stop.address,
        "point": stop.point,
        "zone": stop.zone,
        "starts": stop.starts,
        "ends": stop.ends,
        "state": stop.state.map(VisitState::code),
        "gate": {
            "open": stop.gate.is_open(),
            "blocked_by": rules(&stop.gate),
            "required": stop.gate.required,
            "not_said": stop.gate.not_said,
            "allowed_ms": stop.gate.allowed_ms,
            "staff_min": stop.gate.staff_min,
        },
        "notes": stop.notes,
        "language": stop.language,
    })
}

fn view_json(view: &VisitView) -> Value {
    let required = view.required.iter();
    let told = view.told.as_ref();
    json!({
        "visit": view.visit,
        "stop": view.stop.as_ref().map(stop_json),
        "state": view.state.map(VisitState::code),
        "started_at": view.started_at,
        "expected_at": view.expected_at,
        "required": required.map(|task| json!({ "code": task.code, "done": task.done })).collect::<Vec<_>>(),
        "not_said": view.not_said,
        "identity_shown": view.identity_shown,
        "confirmed_at": view.confirmed_at,
        "draft": view.draft,
        "told": told.map(|told| json!({ "amount": told.amount, "phone": told.phone })),
    })
}
