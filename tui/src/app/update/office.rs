//! The office's screens: what keys, answers and progress change.

use doorstep_verify::report_text;
use uuid::Uuid;

use super::super::action::{Action, action_of};
use super::super::effect::{Ask, Effect, Topic};
use super::super::key::Key;
use super::super::layer::{Intent, Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Party, Place};
use super::super::office::{CASE_SORTS, OfficeAsk, PlanView, Wanted, Work};
use super::entry::text_layer;
use super::{go, measures, publish, reads, refuse, rights, waits};
use crate::command::verify::language;
use crate::times;

/// Rows before the end of what was fetched at which the next page is asked for.
const AHEAD: usize = 30;

/// Something long came further.
pub(super) fn progress(model: &mut Model, topic: Topic, permille: u16, text: String) {
    let work = Some(Work { permille, text });
    match topic {
        Topic::Planning if model.running(Topic::Planning).is_some() => model.office.planning = work,
        Topic::Verify if model.running(Topic::Verify).is_some() => model.office.verifying = work,
        _ => {}
    }
}

/// Asks again for what the screen shows.
pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    let mut effects = waits::count_again(model);
    let (topic, ask) = match model.place {
        Place::Live => (Topic::Live, OfficeAsk::Live),
        Place::Plan => (Topic::Plans, OfficeAsk::Plans),
        Place::Cases => {
            effects.push(cases(model, None));
            return effects;
        }
        Place::Desk => return waits::list(model),
        Place::Review => (Topic::Review, OfficeAsk::Review),
        Place::Log => (Topic::Log, OfficeAsk::Log),
        Place::Reads => (Topic::Reads, OfficeAsk::Reads(model.office.reads_week.clone())),
        Place::Measures => {
            effects.extend(measures::ask(model));
            return effects;
        }
        _ => return effects,
    };
    if model.running(topic).is_none() {
        effects.push(model.ask(topic, Ask::Office(ask)));
    }
    effects
}

fn cases(model: &mut Model, cursor: Option<String>) -> Effect {
    let search = model.office.cases.search.clone();
    let sort = CASE_SORTS[model.office.cases.sort % CASE_SORTS.len()];
    model.ask(Topic::Cases, Ask::Office(OfficeAsk::Cases { search, sort, cursor }))
}

/// What follows when another row was chosen: what the rest of the screen shows of it.
pub(super) fn chosen(model: &mut Model) -> Vec<Effect> {
    match model.place {
        Place::Plan => {
            let wanted = model.office.plan_item().map(|plan| plan.id);
            let shown = model.office.plan.as_ref().map(|plan| plan.detail.item.id);
            match wanted.filter(|wanted| Some(*wanted) != shown) {
                Some(id) => vec![model.ask(Topic::Plan, Ask::Office(OfficeAsk::Plan(id)))],
                None => Vec::new(),
            }
        }
        Place::Review => {
            let wanted = model.office.review_item().map(|item| item.visit);
            let shown = model.office.review_one.as_ref().map(|one| one.item.visit);
            match wanted.filter(|wanted| Some(*wanted) != shown) {
                Some(visit) => vec![model.ask(Topic::Case, Ask::Office(OfficeAsk::ReviewOne(visit)))],
                None => Vec::new(),
            }
        }
        Place::Cases => {
            let list = &model.office.cases;
            let near = list.list.chosen + AHEAD >= list.items.len();
            match list
                .next
                .clone()
                .filter(|_| near && model.running(Topic::Cases).is_none())
            {
                Some(next) => vec![cases(model, Some(next))],
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let office = &model.office;
    if model.place == Place::Measures {
        return measures::refusal(model, action);
    }
    match action {
        Action::Publish | Action::Compare | Action::Why if office.plan.is_none() => {
            Some(("no plan is shown", "未显示计划"))
        }
        Action::Publish
            if office
                .plan
                .as_ref()
                .is_some_and(|plan| plan.detail.item.state != "proposed") =>
        {
            Some(("only a proposed plan can be published", "只能发布待发布的计划"))
        }
        Action::Publish
            if office
                .plan
                .as_ref()
                .is_some_and(|plan| !plan.detail.item.findings.is_empty()) =>
        {
            Some((
                "the check found something: make another plan",
                "检查发现问题，请重新生成计划",
            ))
        }
        Action::Publish if office.plan.as_ref().is_some_and(|plan| plan.detail.item.planned == 0) => {
            Some(("the plan has no visits: w says why", "计划没有外访：按 w 查看原因"))
        }
        Action::Propose | Action::ProposeBare if model.running(Topic::Planning).is_some() => {
            Some(("a plan is being made", "正在生成计划"))
        }
        Action::Verify if model.running(Topic::Verify).is_some() => Some(("it is being verified", "正在核验")),
        Action::Stop
            if model
                .running(Topic::Planning)
                .or(model.running(Topic::Verify))
                .is_none() =>
        {
            Some(("nothing runs that could be stopped", "没有可停止的工作"))
        }
        Action::Acknowledge if office.alarm().is_none() => Some(("no alarm is chosen", "未选择警报")),
        Action::Fine | Action::SendBack | Action::Escalate if office.review_item().is_none() => {
            Some(("no visit is chosen", "未选择外访"))
        }
        Action::Publish
        | Action::Propose
        | Action::ProposeBare
        | Action::Acknowledge
        | Action::Fine
        | Action::SendBack
        | Action::Escalate
        | Action::Verify => refuse::offline(model),
        Action::WhoLooked | Action::OpenNumber | Action::Finding | Action::WeekBefore | Action::WeekAfter => {
            reads::refusal(model, action)
        }
        Action::Next if model.place == Place::Reads => reads::refusal(model, action),
        Action::Restrict | Action::Lift | Action::Withdraw => rights::refusal(model, action),
        _ if model.place == Place::Desk => waits::refusal(model, action),
        Action::Next if model.place == Place::Log && office.verified.is_none() => {
            Some(("nothing was verified: V does", "尚未核验：按 V 核验"))
        }
        _ => None,
    }
}

/// What is searched on the screen.
pub(super) fn search_of(model: &Model) -> String {
    match model.place {
        Place::Desk => model.office.desk.search.clone(),
        Place::Measures => model.office.measures.search.clone(),
        _ => model.office.cases.search.clone(),
    }
}

/// Shows all cases again.
pub(super) fn clear_search(model: &mut Model) -> Vec<Effect> {
    model.office.cases.search.clear();
    model.office.cases.list = ListState::default();
    vec![cases(model, None)]
}

/// Does what was asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.place {
        Place::Desk => return waits::perform(model, action),
        Place::Measures => return measures::perform(model, action),
        _ => {}
    }
    match action {
        Action::Next => return next(model),
        Action::Acknowledge => return acknowledge(model),
        Action::Propose | Action::ProposeBare => {
            let ahead = jiff::Span::new().days(model.settings.plan_ahead_days);
            let day = times::date(model.now.get(), &model.zone).and_then(|day| day.checked_add(ahead).ok());
            let day = day.map(|day| day.to_string()).unwrap_or_default();
            let bare = action == Action::ProposeBare;
            model.layers.push(text_layer(Purpose::PlanDay(bare), &day));
        }
        Action::Stop => return stop(model),
        Action::Publish => {
            let question = publish::question(model);
            // The plan that the question speaks of, whatever list comes meanwhile.
            let item = model.office.plan.as_ref().map(|plan| &plan.detail.item);
            let intent = Intent::Publish(item.map(|item| (item.id, item.version)));
            model.layers.push(Layer::Confirm { question, intent });
        }
        Action::Compare => return turn_view(model, PlanView::Diff),
        Action::Why => return turn_view(model, PlanView::LeftOut),
        Action::Sort if model.place == Place::Cases => {
            model.office.cases.sort = (model.office.cases.sort + 1) % CASE_SORTS.len();
            model.office.cases.list = ListState::default();
            return vec![cases(model, None)];
        }
        Action::Sort => model.office.by_name = !model.office.by_name,
        Action::Fine => {
            let visit = model.office.review_item().map(|item| item.visit);
            return visit.map_or_else(Vec::new, |visit| decide(model, visit, "fine", None));
        }
        Action::SendBack => ask_note(model, "back"),
        Action::Escalate => ask_note(model, "escalate"),
        Action::Verify => {
            model.office.verified = None;
            return vec![model.ask(Topic::Verify, Ask::Office(OfficeAsk::Verify))];
        }
        Action::Restrict | Action::Lift | Action::Withdraw => return rights::perform(model, action),
        Action::Copy => return copy(model),
        Action::WhoLooked | Action::OpenNumber | Action::Finding | Action::WeekBefore | Action::WeekAfter => {
            return reads::perform(model, action);
        }
        _ => {}
    }
    Vec::new()
}

/// Enter: opens what is chosen in full.
fn next(model: &mut Model) -> Vec<Effect> {
    match model.place {
        Place::Cases => {
            let chosen = model.office.cases.list.chosen;
            let Some(case) = model.office.cases.items.get(chosen).map(|case| case.id) else {
                return Vec::new();
            };
            reads::open(model, Wanted::Case(case), None)
        }
        Place::Plan => turn_view(model, PlanView::Routes),
        Place::Reads => {
            reads::in_full(model);
            Vec::new()
        }
        Place::Log => {
            if !close_report(model)
                && let Some(verified) = &mut model.office.verified
            {
                verified.open = true;
            }
            Vec::new()
        }
        Place::Live => {
            if let Some((title, lines)) = crate::screens::live_lines(model) {
                let list = ListState::default();
                model.layers.push(Layer::Details { title, lines, list });
            }
            Vec::new()
        }
        _ => chosen(model),
    }
}

/// Shows another part of the plan, or the routes again.
fn turn_view(model: &mut Model, view: PlanView) -> Vec<Effect> {
    let office = &mut model.office;
    office.plan_view = if office.plan_view == view {
        PlanView::Routes
    } else {
        view
    };
    match (office.plan_view, &office.plan) {
        (PlanView::Diff, Some(plan)) => {
            let id = plan.detail.item.id;
            vec![model.ask(Topic::Plan, Ask::Office(OfficeAsk::Diff(id)))]
        }
        _ => Vec::new(),
    }
}

/// An open alarm is taken up; one that was taken up is ended with a note.
fn acknowledge(model: &mut Model) -> Vec<Effect> {
    let Some(alarm) = model.office.alarm() else {
        return Vec::new();
    };
    let (id, open) = (alarm.id, alarm.state == "open");
    model.office.target = Some(id);
    if open {
        return vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::Alarm { id, end: None }))];
    }
    model.layers.push(text_layer(Purpose::AlarmNote, ""));
    Vec::new()
}

/// Puts the report away, the entries before it again; says whether it was open.
pub(super) fn close_report(model: &mut Model) -> bool {
    let report = model.office.report_mut();
    report.map(|report| report.open = false).is_some()
}

fn stop(model: &mut Model) -> Vec<Effect> {
    if model.running(Topic::Planning).is_some() {
        return vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::StopPlanning))];
    }
    model.pending.remove(&Topic::Verify);
    model.office.verifying = None;
    model.say("Stopped; nothing was decided.", "已停止，未得出结论。");
    vec![Effect::Cancel(Topic::Verify)]
}

fn ask_note(model: &mut Model, decision: &'static str) {
    model.office.deciding = model.office.review_item().map(|item| (item.visit, decision));
    model.layers.push(text_layer(Purpose::ReviewNote, ""));
}

fn decide(model: &mut Model, visit: Uuid, decision: &'static str, note: Option<String>) -> Vec<Effect> {
    vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::Decide { visit, decision, note }))]
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let office = &model.office;
    let text = match model.place {
        Place::Cases => office
            .cases
            .items
            .get(office.cases.list.chosen)
            .map(|case| case.case_no.clone()),
        Place::Plan => office.plan_item().map(|plan| plan.id.to_string()),
        Place::Review => office.review_item().map(|item| item.case_no.clone()),
        Place::Log if office.verified.as_ref().is_some_and(|verified| verified.open) => {
            let report = office.verified.as_ref().map(|verified| &verified.report);
            report.map(|report| report_text(language(model.lang), report))
        }
        Place::Log => {
            let entries = office.log.as_ref().map(|log| &log.entries);
            entries
                .and_then(|entries| entries.get(office.log_list.chosen))
                .map(|entry| entry.join("  "))
        }
        _ => None,
    };
    let Some(text) = text else { return Vec::new() };
    model.say("Copied.", "已复制。");
    vec![Effect::Copy(text)]
}

/// A line of text was entered.
pub(super) fn entered(model: &mut Model, purpose: Purpose, text: String) -> Vec<Effect> {
    match purpose {
        Purpose::Words(id, step) => {
            waits::entered(model, (id, step), text);
            Vec::new()
        }
        Purpose::RightWords(step) => {
            rights::entered(model, step, text);
            Vec::new()
        }
        Purpose::Remark => {
            waits::remarked(model, text);
            Vec::new()
        }
        Purpose::Find if model.place == Place::Desk => {
            model.office.desk.search = text;
            model.office.desk.list = ListState::default();
            Vec::new()
        }
        Purpose::Find if model.place == Place::Measures => {
            model.office.measures.search = text;
            model.office.measures.list = ListState::default();
            Vec::new()
        }
        Purpose::Find => {
            model.office.cases.search = text;
            model.office.cases.list = ListState::default();
            if model.place == Place::Cases {
                vec![cases(model, None)]
            } else {
                go(model, Place::Cases)
            }
        }
        Purpose::PlanDay(bare) => {
            if text.parse::<jiff::civil::Date>().is_err() {
                let reason = crate::text::pick(model.lang, "give a day like 2026-12-01", "请输入如 2026-12-01 的日期");
                model.complain(reason.to_owned());
                model.layers.push(text_layer(purpose, &text));
                return Vec::new();
            }
            vec![model.ask(Topic::Planning, Ask::Office(OfficeAsk::Propose(text, bare)))]
        }
        Purpose::CaseNumber if !text.is_empty() => reads::open(model, Wanted::Number(text), None),
        Purpose::ReviewNote => match model.office.deciding.take() {
            Some((visit, decision)) => decide(model, visit, decision, Some(text).filter(|text| !text.is_empty())),
            None => Vec::new(),
        },
        Purpose::AlarmNote if !text.is_empty() => {
            // The alarm that was chosen when the note was begun, whatever came since.
            let Some(id) = model.office.target.take() else {
                return Vec::new();
            };
            vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::Alarm { id, end: Some(text) }))]
        }
        _ => Vec::new(),
    }
}

/// A key in something shown in full that is no movement: what the list below would do about it.
pub(super) fn in_details(model: &mut Model, layer: Layer, key: Key) -> Vec<Effect> {
    let acts = |action: &Action| {
        matches!(
            action,
            Action::Agree | Action::Decline | Action::Appeal | Action::Restrict | Action::Lift | Action::Withdraw
        )
    };
    match action_of(model.place, key).filter(acts) {
        Some(action) => {
            model.layers.push(layer);
            super::perform::perform(model, action)
        }
        None => Vec::new(),
    }
}

/// The session is open.
pub(super) fn signed_in(model: &mut Model, role: String) -> Vec<Effect> {
    model.office.role = role;
    model.sign_in = super::super::model::SignInForm::default();
    model.party = Party::Office;
    let first = model.tabs().first().copied().unwrap_or(Place::Log);
    go(model, first)
}

/// The session has ended: login and password are asked for again, and the screen comes back after.
pub(super) fn signed_out(model: &mut Model, why: String) {
    model.place = Place::SignIn;
    model.layers.clear();
    // Whoever signs in next may see other things.
    model.pending.clear();
    model.office = super::super::office::OfficeModel::default();
    model.sign_in = super::super::model::SignInForm {
        trouble: Some(why),
        ..Default::default()
    };
}

/// Something of the office did not work.
pub(super) fn failed(model: &mut Model, topic: Topic) {
    match topic {
        Topic::Planning => model.office.planning = None,
        Topic::Verify => model.office.verifying = None,
        _ => {}
    }
}
