//! The desk: everything that waits for a person of the office, soonest due first; one of it in full; the sheet of a check.

use doorstep_domain::approval::ApprovalKind;
use doorstep_domain::complaint::{ComplaintChannel, ComplaintState};
use doorstep_domain::notice::NoticeState;
use doorstep_domain::quality::{CheckState, ItemFound};
use doorstep_domain::restriction::RestrictionKind;
use doorstep_domain::wish::WishKind;
use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;
use uuid::Uuid;

use super::layers::{boxed, key_line};
use crate::app::desk::{Desk, DeskSort, Kind, ScoreForm, Step, Thing};
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::update::{desk_possible, desk_shown};
use crate::text::{label, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::{centred, framed};
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, rows};

mod full;

pub(crate) use full::{opened_lines, question};

/// From this width on a row says whom it is about.
const WIDE: u16 = 64;
/// What is due within this time stands out.
const SOON: i64 = 24 * 3_600_000_000;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let desk = &model.office.desk;
    let Some(things) = &desk.things else {
        super::waiting(model, painter, area);
        return;
    };
    let shown = desk_shown(model);
    let inner = framed(painter, area, &title(model, desk, shown.len()), order(lang, desk.sort));
    if shown.is_empty() {
        let good = painter.style(Role::Good);
        painter.paragraph(inner, 0, empty(lang, desk), good);
        return;
    }
    let wide = inner.width >= WIDE;
    let columns = [
        column("", 1),
        column(pick(lang, "Due", "期限"), 11),
        column(pick(lang, "Kind", "类别"), if lang == Lang::Zh { 4 } else { 9 }),
        column(
            if wide { pick(lang, "Whom", "对象") } else { "" },
            if wide { 12 } else { 1 },
        ),
        column(pick(lang, "What", "内容"), 0),
    ];
    rows(painter, inner, &columns, (shown.len(), desk.list), |at| {
        let thing = shown.get(at).and_then(|place| things.get(*place));
        thing.map_or_else(|| Row::new([]), |thing| row(model, thing, wide))
    });
}

fn title(model: &Model, desk: &Desk, shown: usize) -> String {
    let lang = model.lang;
    let all = desk.things.as_ref().map_or(0, Vec::len);
    let count = if shown == all {
        all.to_string()
    } else {
        format!("{shown}/{all}")
    };
    let head = pick(lang, "Waits for a person", "待处理");
    let only = desk.only.map_or("", |kind| kind_word(lang, kind));
    let search = if desk.search.is_empty() {
        String::new()
    } else {
        format!("/ {}", desk.search)
    };
    let parts = [format!("{head} {count}"), only.to_owned(), search];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

fn order(lang: Lang, sort: DeskSort) -> &'static str {
    match sort {
        DeskSort::Due => pick(lang, "soonest due first", "按期限"),
        DeskSort::Since => pick(lang, "longest wait first", "按等待时间"),
        DeskSort::Kind => pick(lang, "by kind", "按类别"),
    }
}

fn empty(lang: Lang, desk: &Desk) -> &'static str {
    if desk.only.is_some() || !desk.search.is_empty() {
        return pick(
            lang,
            "Nothing fits. Esc shows all.",
            "没有符合的事项。按 Esc 显示全部。",
        );
    }
    let english = "Nothing waits. Approvals, wishes from the pages of notices, complaints, quality checks and notices that \
                   hold up a visit come here.";
    pick(
        lang,
        english,
        "没有待处理事项。待批准、当事人在通知页面的请求、投诉、质检以及妨碍外访的通知会出现在这里。",
    )
}

/// The word for a kind.
pub(super) fn kind_word(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Approval => pick(lang, "approval", "批准"),
        Kind::Wish => pick(lang, "wish", "请求"),
        Kind::Complaint => pick(lang, "complaint", "投诉"),
        Kind::Check => pick(lang, "check", "质检"),
        Kind::Notice => pick(lang, "notice", "通知"),
    }
}

fn row(model: &Model, thing: &Thing, wide: bool) -> Row {
    let lang = model.lang;
    let due = thing.due(&model.zone);
    let late = due.is_some_and(|due| due < model.now.get());
    let soon = due.is_some_and(|due| due - model.now.get() < SOON);
    let (sign, role) = match (thing.is_others(), late, soon) {
        (true, ..) => ("-", Role::Dim),
        (false, true, _) => ("!", Role::Bad),
        (false, false, true) => ("!", Role::Warn),
        (false, false, false) => ("", Role::Plain),
    };
    let due = due.map(|due| {
        let text = times::at(due, &model.zone);
        text.chars()
            .skip("2026-".len())
            .take("11-24 09:00".len())
            .collect::<String>()
    });
    let what = what(model, thing);
    let what = match (late, lang) {
        (true, _) if !thing.is_others() => format!("{} {what}", pick(lang, "LATE:", "逾期：")),
        _ => what,
    };
    let whom = if wide { whom(model, thing) } else { String::new() };
    Row::new([
        sign.to_owned(),
        or_dash(due.as_deref()),
        kind_word(lang, thing.kind()).to_owned(),
        whom,
        what,
    ])
    .role(role)
}

/// What a row says, for searching.
pub(crate) fn said(model: &Model, thing: &Thing) -> String {
    let kind = kind_word(model.lang, thing.kind());
    format!("{kind} {} {}", whom(model, thing), what(model, thing))
}

/// Whom it is about: the case where this program knows its number by now, or the member of staff.
fn whom(model: &Model, thing: &Thing) -> String {
    match thing {
        Thing::Complaint(one) => or_dash(Some(&one.case_no)),
        Thing::Check(one) => one.staff.clone(),
        Thing::Wish(one, _) => number(model, one.case, Some(one.visit)),
        Thing::Notice(one) => number(model, one.case, Some(one.visit)),
        Thing::Approval(one, _) => one.case.map_or_else(|| or_dash(None), |case| number(model, case, None)),
    }
}

/// The number of a case, where some screen has seen it: nothing is opened for it.
fn number(model: &Model, case: Uuid, visit: Option<Uuid>) -> String {
    let office = &model.office;
    let listed = office.cases.items.iter().find(|one| one.id == case);
    let in_plan = || {
        let routes = office.plan.as_ref().map(|plan| &plan.detail.routes)?;
        let visits = routes.iter().flat_map(|route| &route.visits);
        visits
            .filter(|one| one.case == case)
            .find_map(|one| one.case_no.clone())
    };
    let live = || {
        let crews = office.live.as_ref().map(|live| &live.crews)?;
        let mut stops = crews.iter().flat_map(|crew| &crew.stops);
        stops
            .find(|stop| Some(stop.visit) == visit)
            .map(|stop| stop.case_no.clone())
    };
    let known = listed.map(|one| one.case_no.clone()).or_else(in_plan).or_else(live);
    known.unwrap_or_else(|| {
        case.to_string()
            .chars()
            .rev()
            .take(8)
            .collect::<Vec<_>>()
            .iter()
            .rev()
            .collect()
    })
}

/// What it is.
fn what(model: &Model, thing: &Thing) -> String {
    let lang = model.lang;
    match thing {
        Thing::Approval(one, own) => {
            let what = one.what.as_deref().map(|what| label::<RestrictionKind>(lang, what));
            let kind = label::<ApprovalKind>(lang, &one.kind);
            let text = match what {
                Some(what) => format!("{kind}{}{what}", pick(lang, ": ", "：")),
                None => kind,
            };
            if *own {
                format!("{} {text}", pick(lang, "asked by you:", "由您提出："))
            } else {
                text
            }
        }
        Thing::Wish(one, _) => label::<WishKind>(lang, &one.kind),
        Thing::Complaint(one) => {
            let state = label::<ComplaintState>(lang, &one.state);
            let owner = one.owner.as_deref().unwrap_or_default();
            format!("{state} {owner} {}", label::<ComplaintChannel>(lang, &one.channel))
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        }
        Thing::Check(one) => format!("{} {}", label::<CheckState>(lang, &one.state), one.week),
        Thing::Notice(one) => format!("{} {}", label::<NoticeState>(lang, &one.state), one.day),
    }
}

/// What a step is called, as a word for its key.
pub(super) fn step_word(lang: Lang, step: Step) -> &'static str {
    match step {
        Step::Approve(true) => pick(lang, "approve", "批准"),
        Step::Approve(false) => pick(lang, "refuse", "驳回"),
        Step::Accept(true) => pick(lang, "accept", "接受"),
        Step::Accept(false) => pick(lang, "decline", "不接受"),
        Step::Take => pick(lang, "take up", "受理"),
        Step::Answer(_) => pick(lang, "answer", "答复"),
        Step::Score => pick(lang, "score", "评分"),
        Step::Decide(_) => pick(lang, "decide", "裁定"),
    }
}

/// The keys that work on what is open in full.
pub(super) fn keys(model: &Model) -> Vec<(Key, &'static str)> {
    let (first, second) = desk_possible(model);
    let steps = [(Key::Char('a'), first), (Key::Char('x'), second)];
    let steps = steps.into_iter().filter_map(|(key, step)| Some((key, step?)));
    steps.map(|(key, step)| (key, step_word(model.lang, step))).collect()
}

/// What was found about a line, short.
fn found_word(lang: Lang, found: ItemFound) -> &'static str {
    match found {
        ItemFound::Pass => pick(lang, "pass", "合格"),
        ItemFound::Fail => pick(lang, "fail", "不合格"),
        ItemFound::NotApplicable => pick(lang, "n/a", "不适用"),
    }
}

/// The sheet of a check.
pub(super) fn sheet(model: &Model, form: &ScoreForm, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let inner = boxed(
        painter,
        centred(area, area.width, area.height),
        &format!("{} {}", pick(lang, "Sheet", "评分表"), form.title),
        crate::command::quality::for_learning(lang),
    );
    let left = inner.height.saturating_sub(3);
    let body = Rect::new(inner.x, inner.y, inner.width, left);
    let columns = [column("", 8), column("", 0)];
    rows(painter, body, &columns, (form.lines.len(), form.list), |at| {
        let Some(line) = form.lines.get(at) else {
            return Row::new([]);
        };
        let found = line.found.map_or("", |found| found_word(lang, found));
        let remark = if line.remark.is_empty() {
            String::new()
        } else {
            format!(" ({})", line.remark)
        };
        let row = Row::new([format!("[{found}]"), format!("{}{remark}", line.text)]);
        match line.found {
            Some(ItemFound::Fail) => row.role(Role::Warn),
            Some(_) => row,
            None => row.role(Role::Strong),
        }
    });
    // The chosen line in full, however narrow the screen is.
    if let Some(line) = form.lines.get(form.list.chosen) {
        let text = form.trouble.as_deref().unwrap_or(&line.text);
        let style = painter.style(if form.trouble.is_some() { Role::Bad } else { Role::Dim });
        let below = Rect::new(inner.x, inner.y + left, inner.width, 2);
        painter.paragraph(below, 0, text, style);
    }
    let keys = [
        (Key::Char('1'), found_word(lang, ItemFound::Pass)),
        (Key::Char('2'), found_word(lang, ItemFound::Fail)),
        (Key::Char('3'), found_word(lang, ItemFound::NotApplicable)),
        (Key::Char('t'), pick(lang, "remark", "备注")),
        (Key::Enter, pick(lang, "done", "完成")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}
