//! Reads outside a caseload that wait for somebody to look at them, and lists of who looked.

use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::quality::AppealDecision;
use doorstep_domain::read::{OutsidePurpose, ReadReason};
use doorstep_domain::restriction::RestrictionKind;
use doorstep_domain::words::{Lang, word};
use doorstep_wire::read::{ReadItem, ReadReview, ReadReviewItem};
use ratatui_core::layout::Rect;

use super::layers::{boxed, key_line};
use crate::app::key::Key;
use crate::app::layer::Choice;
use crate::app::list::ListState;
use crate::app::model::Model;
use crate::app::rights::LIFTED_FOR;
use crate::app::update::open_case;
use crate::command::reads::{cases, cells, found, in_short, purpose, waiting_elsewhere};
use crate::command::right::{consented, what};
use crate::text::pick;
use crate::theme::Role;
use crate::widgets::frame::{centred, framed};
use crate::widgets::paint::{Painter, wrapped};
use crate::widgets::rows::{Row, column, rows};

/// From this width on a row has room for what was found.
const WIDE: u16 = 100;
/// Below this width a time has no year.
const NARROW: u16 = 60;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(week) = &model.office.reads else {
        super::waiting(model, painter, area);
        return;
    };
    let title = format!("{} {}", pick(lang, "Outside a caseload", "范围外查阅"), week.week);
    let open = format!("{} {}", pick(lang, "waiting", "待核查"), week.open);
    let mut inner = framed(painter, area, &title, &open);
    let elsewhere = waiting_elsewhere(lang, week);
    if !elsewhere.is_empty() {
        let warn = painter.style(Role::Warn);
        painter.text(inner, 0, 0, &elsewhere.join(pick(lang, "; ", "；")), warn);
        inner = Rect::new(inner.x, inner.y + 1, inner.width, inner.height.saturating_sub(1));
    }
    if week.items.is_empty() {
        let good = painter.style(Role::Good);
        let english =
            "Nobody opened a person outside their caseload that week. - shows the week before, W who looked at you.";
        let text = pick(
            lang,
            english,
            "该周没有范围外查阅。按 - 查看上一周，按 W 查看谁查阅过您。",
        );
        painter.paragraph(inner, 0, text, good);
        return;
    }
    table(model, week, painter, inner);
}

/// Who opened whom, when and why: one a row.
fn table(model: &Model, week: &ReadReview, painter: &mut Painter<'_>, inner: Rect) {
    let lang = model.lang;
    let (wide, narrow) = (inner.width >= WIDE, inner.width < NARROW);
    let [when, cases_wide] = if narrow { [11, 9] } else { [16, 18] };
    let mut columns = vec![
        column("", 1),
        column(pick(lang, "When", "时间"), when),
        column(pick(lang, "Who", "查阅人"), 10),
        column(pick(lang, "Case", "案件"), cases_wide),
        column(pick(lang, "Why", "事由"), if wide { 28 } else { 0 }),
    ];
    columns.extend(wide.then(|| column(pick(lang, "Found", "结论"), 0)));
    rows(
        painter,
        inner,
        &columns,
        (week.items.len(), model.office.reads_list),
        |at| {
            let Some(item) = week.items.get(at) else {
                return Row::new([]);
            };
            let waits = item.found.is_none() && !item.own;
            let [when, who, ..] = cells(lang, &item.read, &model.zone);
            let when = short(&when)
                .chars()
                .skip(if narrow { "2026-".len() } else { 0 })
                .collect();
            let mark = if waits { "!" } else { "" };
            let (cases, why, found) = (cases(lang, item), purpose(lang, item), found(lang, item));
            let row = Row::new([mark.to_owned(), when, who, cases, why, found]);
            row.role(if waits { Role::Warn } else { Role::Dim })
        },
    );
}

/// A time without its zone.
pub(super) fn short(when: &str) -> String {
    when.chars().take(16).collect()
}

/// Reads as lines: of a case, or of the caller.
pub(crate) fn read_lines(model: &Model, items: &[ReadItem]) -> Vec<String> {
    let lang = model.lang;
    if items.is_empty() {
        return vec![pick(lang, "Nobody has looked.", "没有人查阅过。").to_owned()];
    }
    let room = model.size.0.saturating_sub(4);
    let line = |item: &ReadItem| {
        let [when, who, role, why, what, how] = cells(lang, item, &model.zone);
        format!("{}  {who} ({role})  {why}: {what}; {how}", short(&when))
    };
    items.iter().flat_map(|item| wrapped(&line(item), room)).collect()
}

/// A read outside a caseload in full: what of whom, and what was found.
pub(crate) fn review_lines(model: &Model, item: &ReadReviewItem) -> Vec<String> {
    let lang = model.lang;
    let [when, who, role, why, what, how] = cells(lang, &item.read, &model.zone);
    let fact = |english, chinese, text: String| format!("{}: {text}", pick(lang, english, chinese));
    let lines = [
        fact("When", "时间", when),
        fact("Who", "查阅人", format!("{who} ({role})")),
        fact("Why", "事由", why),
        fact("What", "内容", what),
        fact("How", "途径", how),
        fact("Case", "案件", cases(lang, item)),
        fact("Found", "结论", found(lang, item)),
    ];
    let room = model.size.0.saturating_sub(4);
    lines.iter().flat_map(|line| wrapped(line, room)).collect()
}

/// What can be chosen, in words.
pub(crate) fn choices(model: &Model, choice: &Choice) -> Vec<String> {
    let lang = model.lang;
    let words: Vec<&str> = match choice {
        Choice::Purpose(_) => OutsidePurpose::ALL.iter().map(|one| word(lang, *one)).collect(),
        Choice::Finding(_) => ReadReason::ALL.iter().map(|one| word(lang, *one)).collect(),
        Choice::Complaint(_) => ComplaintOutcome::ALL.iter().map(|one| word(lang, *one)).collect(),
        Choice::Appeal(_) => AppealDecision::ALL.iter().map(|one| word(lang, *one)).collect(),
        Choice::Waiver(..) => NoticeWaiver::ALL.iter().map(|one| word(lang, *one)).collect(),
        Choice::Restrict(_) => RestrictionKind::ALL.iter().map(|one| word(lang, *one)).collect(),
        Choice::LiftWhy(..) => LIFTED_FOR.iter().map(|one| word(lang, *one)).collect(),
        Choice::Lift(_) => {
            let open = open_case(model).map(|case| case.in_force()).unwrap_or_default();
            return open.iter().map(|one| what(lang, one)).collect();
        }
        Choice::Withdraw(_) => {
            let given = open_case(model).map(|case| case.given()).unwrap_or_default();
            return given.iter().map(|one| consented(lang, one)).collect();
        }
    };
    words.into_iter().map(str::to_owned).collect()
}

/// What is asked, and what follows from it.
fn asked(lang: Lang, choice: &Choice) -> (&'static str, &'static str) {
    match choice {
        Choice::Complaint(_) => (
            pick(lang, "What came of the complaint?", "投诉处理结果？"),
            pick(lang, "The words of the answer come next.", "接着填写答复内容。"),
        ),
        Choice::Appeal(_) => (
            pick(lang, "The appeal: does the result stand?", "申诉裁定：结果是否维持？"),
            pick(lang, "The reason comes next.", "接着填写理由。"),
        ),
        Choice::Restrict(_) => (
            pick(lang, "Which restriction?", "登记哪种限制？"),
            pick(
                lang,
                "It counts at once, on every channel. Narrower ones: doorstep restriction add.",
                "立即生效，适用于所有渠道。更细的限制请用 doorstep restriction add。",
            ),
        ),
        Choice::Lift(_) => (
            pick(lang, "Which one is lifted?", "解除哪项限制？"),
            pick(lang, "The reason comes next.", "接着选择理由。"),
        ),
        Choice::LiftWhy(..) => (
            pick(lang, "Why is it lifted?", "解除理由？"),
            pick(lang, "The words come next.", "接着填写说明。"),
        ),
        Choice::Withdraw(_) => (
            pick(lang, "Which consent ends?", "终止哪项同意？"),
            pick(lang, "It ends now.", "立即终止。"),
        ),
        Choice::Waiver(..) => (
            pick(lang, "Without notice: why?", "不通知的理由？"),
            pick(
                lang,
                "Nobody is told before. The reason stands in the log; every other rule holds.",
                "事先不通知任何人。理由记入日志，其他规则照常适用。",
            ),
        ),
        Choice::Purpose(_) => (
            pick(lang, "Outside your caseload: why?", "不在您的范围内：事由？"),
            pick(
                lang,
                "It is recorded, and somebody else looks at it this week.",
                "将被记录，并由他人在本周内核查。",
            ),
        ),
        Choice::Finding(_) => (
            pick(lang, "What did you find?", "您的结论？"),
            pick(
                lang,
                "The first three: it looked right. The others: it needs a talk.",
                "前三项：正当。其余：需谈话。",
            ),
        ),
    }
}

/// Asks for one of several.
pub(super) fn choose(model: &Model, choice: &Choice, list: ListState, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let (title, hint) = asked(lang, choice);
    let words = choices(model, choice);
    let read = match choice {
        Choice::Finding(read) => model.office.read_by(*read),
        _ => None,
    };
    let read = read.map(|item| in_short(lang, item, &model.zone));
    let height = words.len() as u16 + if read.is_some() { 8 } else { 6 };
    let inner = boxed(painter, centred(area, 66, height), title, "");
    let (plain, dim) = (painter.style(Role::Plain), painter.style(Role::Dim));
    let mut used = read.map_or(0, |read| painter.paragraph(inner, 0, &read, plain));
    used += painter.paragraph(inner, used, hint, dim) + 1;
    let left = inner.height.saturating_sub(used + 1);
    let body = Rect::new(inner.x, inner.y + used.min(inner.height), inner.width, left);
    rows(painter, body, &[column("", 0)], (words.len(), list), |at| {
        Row::new(words.get(at).cloned())
    });
    let keys = [
        (Key::Enter, pick(lang, "choose", "选择")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}
