//! Who looked, why somebody outside the caseload is opened, and what is found about it.

use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::quality::AppealDecision;
use doorstep_domain::read::{OutsidePurpose, ReadReason};
use doorstep_wire::read::ReadItem;

use super::super::action::Action;
use super::super::effect::{Ask, Effect, Topic, Trouble};
use super::super::key::Key;
use super::super::layer::{Choice, Intent, Layer, Purpose};
use super::super::list::ListState;
use super::super::model::{Model, Place};
use super::super::office::{OfficeAsk, ReadsAnswer, Wanted};
use super::entry::text_layer;
use super::{go, publish, refuse, waits};
use crate::command::reads::settle_question;
use crate::text::pick;
use crate::times;
use jiff::ToSpan as _;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// The problem that asks for a purpose.
const PURPOSE_NEEDED: &str = "purpose-needed";

/// Why an action is not possible now.
pub(super) fn refusal(model: &Model, action: Action) -> Option<(&'static str, &'static str)> {
    let office = &model.office;
    match action {
        Action::WhoLooked if model.place == Place::Cases && office.case_item().is_none() => {
            Some(("no case is chosen", "未选择案件"))
        }
        Action::Finding => match office.read_item() {
            None => Some(("no read is chosen", "未选择查阅记录")),
            Some(item) if item.own => Some(("somebody else looks at your own", "本人的查阅须由他人核查")),
            Some(item) if item.found.is_some() => Some(("somebody said what they found", "已有结论")),
            Some(_) => refuse::offline(model),
        },
        Action::Next if office.read_item().is_none() => Some(("no read is chosen", "未选择查阅记录")),
        Action::WeekAfter if is_newest(model) => Some(("this is the newest week", "已是最新一周")),
        Action::WhoLooked | Action::OpenNumber | Action::WeekBefore | Action::WeekAfter => refuse::offline(model),
        _ => None,
    }
}

/// Does what was asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::WhoLooked if model.place == Place::Cases => match model.office.case_item().map(|case| case.id) {
            Some(case) => vec![model.ask(Topic::Case, Ask::Office(OfficeAsk::CaseReads(case)))],
            None => Vec::new(),
        },
        Action::WhoLooked => vec![model.ask(Topic::Case, Ask::Office(OfficeAsk::OwnReads))],
        Action::OpenNumber => {
            model.layers.push(text_layer(Purpose::CaseNumber, ""));
            Vec::new()
        }
        Action::Finding => {
            let read = model.office.read_item().map(|item| item.read.id);
            model.layers.extend(read.map(|read| choose(Choice::Finding(read))));
            Vec::new()
        }
        Action::WeekBefore => turn(model, -1),
        Action::WeekAfter => turn(model, 1),
        _ => Vec::new(),
    }
}

/// Goes to the week before or after the one that is shown. A week that is over may still hold what nobody looked at.
fn turn(model: &mut Model, weeks: i64) -> Vec<Effect> {
    let this = model.office.reads.as_ref().map(|week| week.week.clone());
    let Some(beside) = this.and_then(|this| week_beside(&this, weeks)) else {
        return Vec::new();
    };
    model.office.reads_week = Some(beside.clone());
    model.office.reads_list = ListState::default();
    vec![model.ask(Topic::Reads, Ask::Office(OfficeAsk::Reads(Some(beside))))]
}

/// Whether the week that is shown is this one.
fn is_newest(model: &Model) -> bool {
    let now = times::date(model.now.get(), &TimeZone::UTC).map(week_name);
    let shown = model.office.reads.as_ref().map(|week| &week.week);
    // Names of weeks sort as weeks do.
    shown >= now.as_ref()
}

fn week_name(day: Date) -> String {
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

fn week_beside(name: &str, weeks: i64) -> Option<String> {
    let (year, week) = name.split_once("-W")?;
    let monday = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    monday.date().checked_add(weeks.weeks()).ok().map(week_name)
}

/// Shows the chosen read in full: nothing is opened for it.
pub(super) fn in_full(model: &mut Model) {
    let Some(item) = model.office.read_item().cloned() else {
        return;
    };
    let lines = crate::screens::review_lines(model, &item);
    let title = pick(model.lang, "Outside a caseload", "范围外查阅").to_owned();
    let list = ListState::default();
    model.layers.push(Layer::Details { title, lines, list });
}

/// Opens a case; where it is outside the caseload, the purpose is asked for.
pub(super) fn open(model: &mut Model, wanted: Wanted, purpose: Option<OutsidePurpose>) -> Vec<Effect> {
    if let Wanted::Thing(thing) = wanted {
        return waits::open(model, *thing, purpose);
    }
    model.office.wanted = Some(wanted.clone());
    vec![model.ask(Topic::Case, Ask::Office(OfficeAsk::Case(wanted, purpose)))]
}

fn choose(choice: Choice) -> Layer {
    Layer::Choose {
        choice,
        list: ListState::default(),
    }
}

/// Takes up a refusal that asks for a purpose; says whether it did.
pub(super) fn asked_why(model: &mut Model, topic: Topic, trouble: &Trouble) -> bool {
    if topic != Topic::Case || trouble.code != PURPOSE_NEEDED {
        return false;
    }
    let wanted = model.office.wanted.take();
    let asks = wanted.is_some();
    model
        .layers
        .extend(wanted.map(|wanted| choose(Choice::Purpose(wanted))));
    asks
}

/// A key while one of several is asked for.
pub(super) fn press(model: &mut Model, choice: Choice, mut list: ListState, key: Key) -> Vec<Effect> {
    let len = match choice {
        Choice::Purpose(_) => OutsidePurpose::ALL.len(),
        Choice::Finding(_) => ReadReason::ALL.len(),
        Choice::Complaint(_) => ComplaintOutcome::ALL.len(),
        Choice::Appeal(_) => AppealDecision::ALL.len(),
        Choice::Waiver(..) => NoticeWaiver::ALL.len(),
    };
    if key != Key::Enter {
        list.press(key, len);
        model.layers.push(Layer::Choose { choice, list });
        return Vec::new();
    }
    match choice {
        Choice::Purpose(wanted) => open(model, wanted, OutsidePurpose::ALL.get(list.chosen).copied()),
        Choice::Finding(read) => {
            if let Some(reason) = ReadReason::ALL.get(list.chosen) {
                ask_whether(model, read, *reason);
            }
            Vec::new()
        }
        Choice::Waiver(plan, version) => {
            publish::chose(model, (plan, version), list.chosen);
            Vec::new()
        }
        choice @ (Choice::Complaint(_) | Choice::Appeal(_)) => {
            waits::chose(model, &choice, list.chosen);
            Vec::new()
        }
    }
}

/// Names the read and what was found about it, and asks whether to keep that. A read that is gone is asked about no more.
fn ask_whether(model: &mut Model, read: Uuid, reason: ReadReason) {
    let item = model.office.read_by(read);
    let question = item.map(|item| settle_question(model.lang, item, reason, &model.zone));
    let intent = Intent::SettleRead(read, reason);
    model
        .layers
        .extend(question.map(|question| Layer::Confirm { question, intent }));
}

/// A yes to it.
pub(super) fn settle(model: &mut Model, read: Uuid, reason: ReadReason) -> Vec<Effect> {
    vec![model.ask(Topic::Record, Ask::Office(OfficeAsk::SettleRead(read, reason)))]
}

/// Takes an answer.
pub(super) fn take(model: &mut Model, answer: ReadsAnswer) -> Vec<Effect> {
    match answer {
        ReadsAnswer::OfCase(items) => shown(model, &items, false),
        ReadsAnswer::Own(items) => shown(model, &items, true),
        ReadsAnswer::Week(week) => {
            model.office.reads_list.clamp(week.items.len());
            // Looked at further, also when the last of its reads waits no more.
            model.office.reads_week = Some(week.week.clone());
            model.office.reads = Some(*week);
        }
        ReadsAnswer::Settled => {
            model.say("Recorded in the log.", "已记入日志。");
            return go(model, Place::Reads);
        }
    }
    Vec::new()
}

/// Shows who looked.
fn shown(model: &mut Model, items: &[ReadItem], own: bool) {
    let lines = crate::screens::read_lines(model, items);
    let title = if own {
        pick(model.lang, "Who looked at you", "谁查阅过您")
    } else {
        pick(model.lang, "Who looked at this case", "谁查阅过此案件")
    };
    model.layers.push(Layer::Details {
        title: title.to_owned(),
        lines,
        list: ListState::default(),
    });
}
