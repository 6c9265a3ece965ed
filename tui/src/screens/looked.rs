//! Who looked at whoever carries this device: when, who, why, what of it. Shown from what was fetched last.

use doorstep_domain::words::Lang;
use doorstep_wire::read::ReadItem;
use ratatui_core::layout::Rect;

use super::reads::short;
use super::today::split_y;
use crate::app::effect::Topic;
use crate::app::looked::LookedSort;
use crate::app::model::{Link, Model};
use crate::command::reads::cells;
use crate::text::pick;
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, rows};

/// From this width on a row says what of it was opened.
const WIDE: u16 = 72;
/// Rows of the card.
const CARD: u16 = 8;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let looked = &model.field.looked;
    let shown = looked.shown(lang, &model.zone);
    let (top, bottom) = split_y(area, area.height.saturating_sub(CARD));
    let inner = framed(painter, top, &title(model, shown.len()), &age(model));
    if shown.is_empty() {
        let plain = painter.style(Role::Plain);
        painter.paragraph(inner, 0, empty(model), plain);
    } else {
        let wide = inner.width >= WIDE;
        let columns = [
            column(pick(lang, "When", "时间"), 16),
            column(pick(lang, "Who", "查阅人"), 10),
            column(pick(lang, "Why", "事由"), if wide { 20 } else { 0 }),
            column(if wide { pick(lang, "What", "内容") } else { "" }, u16::from(!wide)),
        ];
        rows(painter, inner, &columns, (shown.len(), looked.list), |at| {
            let Some(item) = shown.get(at).and_then(|place| looked.items().get(*place)) else {
                return Row::new([]);
            };
            let [when, who, _, why, what, _] = cells(lang, item, &model.zone);
            let what = if wide { what } else { String::new() };
            let role = if item.outside.is_some() {
                Role::Warn
            } else {
                Role::Plain
            };
            Row::new([short(&when), who, why, what]).role(role)
        });
    }
    card(model, looked.chosen(lang, &model.zone), painter, bottom);
}

fn title(model: &Model, shown: usize) -> String {
    let looked = &model.field.looked;
    let all = looked.items().len();
    let more = looked.reads.as_ref().is_some_and(|reads| reads.more);
    let count = match (shown == all, more) {
        (true, false) => format!("{all}"),
        (true, true) => format!("{all}+"),
        (false, _) => format!("{shown}/{all}"),
    };
    let head = pick(model.lang, "Who looked at you", "谁查阅过您");
    if looked.filter.is_empty() {
        format!("{head} {count}")
    } else {
        format!("{head} {count}  / {}", looked.filter)
    }
}

/// How old the list is, in what order, and whether it is being asked for.
fn age(model: &Model) -> String {
    let lang = model.lang;
    let order = match model.field.looked.sort {
        LookedSort::Time => "",
        LookedSort::Who => pick(lang, "by who, ", "按查阅人，"),
        LookedSort::Why => pick(lang, "by why, ", "按事由，"),
    };
    if model.running(Topic::Looking).is_some() {
        return pick(lang, "asking ...", "正在查询…").to_owned();
    }
    let Some(reads) = &model.field.looked.reads else {
        return String::new();
    };
    let minutes = (model.now.get() - reads.fetched_at.get()).max(0) / 60_000_000;
    let ago = match (lang, minutes) {
        (Lang::En, 0..120) => format!("{minutes} min old"),
        (Lang::En, _) => format!("{} h old", minutes / 60),
        (Lang::Zh, 0..120) => format!("{minutes} 分钟前"),
        (Lang::Zh, _) => format!("{} 小时前", minutes / 60),
    };
    format!("{order}{ago}")
}

fn empty(model: &Model) -> &'static str {
    let lang = model.lang;
    let offline = matches!(model.link, Link::Offline { .. });
    match (&model.field.looked.reads, offline) {
        (Some(reads), _) if !reads.items.is_empty() => pick(
            lang,
            "Nothing fits. Esc shows all.",
            "没有符合的记录。按 Esc 显示全部。",
        ),
        (Some(_), _) => pick(
            lang,
            "Nobody has looked at what is kept about you.",
            "没有人查阅过您的资料。",
        ),
        (None, true) => pick(
            lang,
            "It was not fetched yet, and the server cannot be reached. It comes with the next connection.",
            "尚未获取，且无法连接服务器。下次连接时将获取。",
        ),
        (None, false) => pick(lang, "asking the server ...", "正在向服务器查询…"),
    }
}

/// The chosen read in full.
fn card(model: &Model, item: Option<&ReadItem>, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(item) = item else {
        framed(painter, area, "", "");
        return;
    };
    let [when, who, role, why, what, how] = cells(lang, item, &model.zone);
    let inner = framed(painter, area, &format!("{who} ({role})"), &when);
    let (plain, dim) = (painter.style(Role::Plain), painter.style(Role::Dim));
    let facts = [
        (pick(lang, "Why", "事由"), why),
        (pick(lang, "What", "内容"), what),
        (pick(lang, "How", "途径"), format!("{how}{}", with_others(lang, item))),
    ];
    let mut y = 0;
    for (name, text) in facts {
        painter.text(inner, 1, y, name, dim);
        let beside = Rect::new(inner.x + 7, inner.y, inner.width.saturating_sub(7), inner.height);
        y += painter.paragraph(beside, y, &text, plain);
    }
    let told_later = item.at - item.happened_at >= 60_000_000;
    let text = if told_later {
        let told = times::at(item.at, &model.zone);
        match lang {
            Lang::En => format!("It happened on a device and was told {}.", short(&told)),
            Lang::Zh => format!("在设备上发生，{} 告知。", short(&told)),
        }
    } else {
        let english = "Something odd? Ask your supervisor or an auditor; it stands in the log.";
        pick(lang, english, "有疑问？请询问主管或审计员；记录在日志中。").to_owned()
    };
    painter.paragraph(inner, y, &text, dim);
}

/// Of how many persons it was, where they were several.
fn with_others(lang: Lang, item: &ReadItem) -> String {
    match (lang, item.persons) {
        (_, ..=1) => String::new(),
        (Lang::En, persons) => format!(", in a list of {persons}"),
        (Lang::Zh, persons) => format!("，列表共 {persons} 人"),
    }
}
