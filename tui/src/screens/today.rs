//! The day's route: stops in order, the map, the card of the chosen stop. No amounts, no debts.

use doorstep_domain::case::Flag;
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;

use super::maps::{self, Views};
use super::private;
use crate::app::action::Action;
use crate::app::day::DayState;
use crate::app::event::Target;
use crate::app::field::{Stop, StopState};
use crate::app::model::Model;
use crate::sheet::door_words;
use crate::text::{label, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, rows};

/// From this width on the list and the map stand side by side.
const SIDE_BY_SIDE: u16 = 80;
/// Rows of the card.
const CARD: u16 = 8;

/// Draws the screen.
pub(super) fn draw(model: &Model, views: &Views, painter: &mut Painter<'_>, area: Rect) {
    if model.view.big {
        maps::route(model, views, painter, area);
        return;
    }
    if area.width >= SIDE_BY_SIDE {
        let left = (area.width * 9 / 16).clamp(46, 60);
        let (list_area, map_area) = split_x(area, left);
        let (list_area, card_area) = split_y(list_area, list_area.height.saturating_sub(CARD + 2));
        list(model, painter, list_area);
        card(model, painter, card_area);
        maps::route(model, views, painter, map_area);
        return;
    }
    let (list_area, rest) = split_y(area, (area.height / 2).max(5));
    list(model, painter, list_area);
    // On a small screen the map goes before the text does.
    if rest.height > CARD + 6 {
        let (map_area, card_area) = split_y(rest, rest.height - CARD - 2);
        maps::route(model, views, painter, map_area);
        card(model, painter, card_area);
    } else {
        card(model, painter, rest);
    }
}

/// Two areas side by side.
pub(super) fn split_x(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (
        Rect::new(area.x, area.y, left, area.height),
        Rect::new(area.x + left, area.y, area.width - left, area.height),
    )
}

/// Two areas one above the other.
pub(super) fn split_y(area: Rect, top: u16) -> (Rect, Rect) {
    let top = top.min(area.height);
    (
        Rect::new(area.x, area.y, area.width, top),
        Rect::new(area.x, area.y + top, area.width, area.height - top),
    )
}

fn list(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let stops = model.field.route.as_ref().map_or(&[][..], |route| &route.stops);
    let done = stops.iter().filter(|stop| stop.state == StopState::Done).count();
    let off = stops.iter().filter(|stop| stop.state == StopState::Off).count();
    let on = stops.len() - off;
    let title = match (lang, off) {
        (Lang::En, 0) => format!("Route {done} of {on} done"),
        (Lang::En, _) => format!("Route {done} of {on} done, {off} off"),
        (Lang::Zh, 0) => format!("路线 已完成 {done}/{on}"),
        (Lang::Zh, _) => format!("路线 已完成 {done}/{on}，取消 {off}"),
    };
    let filter = if model.field.filter.is_empty() {
        day_words(model, model.day())
    } else {
        format!("/ {}", model.field.filter)
    };
    let mut inner = framed(painter, area, &title, &filter);
    if model.field.route.is_none() {
        let dim = painter.style(Role::Dim);
        painter.text(inner, 1, 0, pick(lang, "reading the route ...", "正在读取路线…"), dim);
        return;
    }
    let shown = model.field.shown();
    if shown.is_empty() {
        empty(model, painter, inner);
        return;
    }
    inner.height -= offer(model, painter, inner);
    let columns = [
        column("", 1),
        column("#", 2),
        column(pick(lang, "Ask for", "访问"), 0),
        column(pick(lang, "At", "时间"), 5),
        column(pick(lang, "State", "状态"), if area.width > 50 { 18 } else { 12 }),
    ];
    rows(painter, inner, &columns, (shown.len(), model.field.stops), |at| {
        shown
            .get(at)
            .and_then(|place| stops.get(*place))
            .map_or_else(|| Row::new([]), |stop| stop_row(model, stop))
    });
}

/// How the day stands, in words.
pub(super) fn day_words(model: &Model, state: DayState) -> String {
    let lang = model.lang;
    let clock = |at: Micros| times::clock(at.get(), &model.zone);
    match (state, lang) {
        (DayState::Unopened, _) => pick(lang, "day not open", "未开始").to_owned(),
        (DayState::Open(since), Lang::En) => format!("day open since {}", clock(since)),
        (DayState::Open(since), Lang::Zh) => format!("{} 开始", clock(since)),
        (DayState::LeftOpen(since), _) => {
            let date = times::date(since.get(), &model.zone).unwrap_or_default();
            match lang {
                Lang::En => format!("open since {}", date.strftime("%d %b")),
                Lang::Zh => format!("自 {}月{}日 未结束", date.month(), date.day()),
            }
        }
        (DayState::Closed(at), Lang::En) => format!("day closed {}", clock(at)),
        (DayState::Closed(at), Lang::Zh) => format!("{} 结束", clock(at)),
    }
}

/// Offers in the last row to open the day, or to close one that was forgotten; returns how many rows that took. Nobody is
/// asked before they can work.
fn offer(model: &Model, painter: &mut Painter<'_>, area: Rect) -> u16 {
    let lang = model.lang;
    let text = match model.day() {
        DayState::Unopened => pick(lang, "The day is not open: D opens it.", "尚未开始一天：按 D 开始。"),
        DayState::LeftOpen(_) => pick(
            lang,
            "An earlier day is still open: D closes it.",
            "之前的一天尚未结束：按 D 结束。",
        ),
        DayState::Open(_) | DayState::Closed(_) => return 0,
    };
    if area.height < 4 {
        return 0;
    }
    let warn = painter.style(Role::Warn);
    painter.text(area, 0, area.height - 1, text, warn);
    let row = Rect::new(area.x, area.bottom() - 1, area.width, 1);
    painter.hit(row, Target::Do(Action::Day));
    1
}

fn empty(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let text = if !model.field.filter.is_empty() {
        pick(
            lang,
            "Nothing fits. Esc shows all.",
            "没有符合的地点。按 Esc 显示全部。",
        )
    } else if model.field.facts.lease_until == 0 {
        pick(
            lang,
            "No cases on this device yet. s fetches them.",
            "本机尚无案件。按 s 获取。",
        )
    } else if model.field.facts.lease_until < model.now.get() {
        let english = "The time for which this device may hold cases has ended, and they are wiped. Unsent events are \
                       kept. s fetches anew.";
        pick(
            lang,
            english,
            "本机可保留案件的期限已到，案件已清除；未发送的记录仍保留。按 s 重新获取。",
        )
    } else {
        pick(lang, "No visits today.", "今日没有外访。")
    };
    let plain = painter.style(Role::Plain);
    painter.paragraph(area, 0, text, plain);
}

/// A sign for a stop: what a colour would say.
fn sign(model: &Model, stop: &Stop) -> (&'static str, Role) {
    match stop.state {
        StopState::Done => ("D", Role::Dim),
        StopState::Skipped => ("-", Role::Dim),
        StopState::Off => ("z", Role::Dim),
        StopState::Begun => (">", Role::Accent),
        StopState::Ahead if !stop.blocked.is_empty() => ("x", Role::Bad),
        StopState::Ahead if too_few(model, stop) || !stop.notes.is_empty() => ("!", Role::Warn),
        StopState::Ahead => (" ", Role::Plain),
    }
}

/// Whether the crew is too small for the stop.
fn too_few(model: &Model, stop: &Stop) -> bool {
    model.field.facts.partners.len() + 1 < usize::from(stop.staff_min)
}

fn stop_row(model: &Model, stop: &Stop) -> Row {
    let lang = model.lang;
    let (sign, role) = sign(model, stop);
    let state = match stop.state {
        StopState::Done => pick(lang, "done", "已完成").to_owned(),
        StopState::Skipped => pick(lang, "left out", "已跳过").to_owned(),
        StopState::Begun => pick(lang, "on site", "进行中").to_owned(),
        StopState::Off => pick(lang, "off", "已取消").to_owned(),
        StopState::Ahead if !stop.blocked.is_empty() => {
            let rule = stop.blocked.first().map_or("", |(rule, _)| rule);
            format!("{} {rule}", pick(lang, "blocked:", "禁止："))
        }
        StopState::Ahead if stop.staff_min > 1 => match lang {
            Lang::En => format!("{} people", stop.staff_min),
            Lang::Zh => format!("须{}人", stop.staff_min),
        },
        StopState::Ahead => stop
            .notes
            .first()
            .map(|note| label::<Flag>(lang, note))
            .unwrap_or_default(),
    };
    let (number, whom) = match stop.state {
        StopState::Off => {
            let rule = stop.off.as_deref().unwrap_or_default();
            ("--".to_owned(), format!("{} {rule}", stop.case_no))
        }
        _ => (format!("{:02}", stop.number), private(model, &stop.name)),
    };
    Row::new([
        sign.to_owned(),
        number,
        whom,
        times::clock(stop.starts, &times::zone(&stop.zone)),
        state,
    ])
    .role(role)
}

/// That it is off, and the rule.
fn off_text(lang: Lang, stop: &Stop) -> String {
    let rule = stop.off.as_deref().unwrap_or_default();
    format!("{} {rule}", pick(lang, "off:", "取消："))
}

/// The card of a visit that is off: nothing of whom it was to.
fn off_card(lang: Lang, stop: &Stop, painter: &mut Painter<'_>, area: Rect) {
    let inner = framed(painter, area, &off_text(lang, stop), &stop.case_no);
    let (plain, dim) = (painter.style(Role::Plain), painter.style(Role::Dim));
    let why = stop.blocked.first().map_or("", |(_, why)| why);
    let text = match lang {
        Lang::En => format!("This visit is off: {why}. Do not go there."),
        Lang::Zh => format!("此次外访已取消：{why}。请勿前往。"),
    };
    let y = painter.paragraph(inner, 0, &text, plain);
    let english = "Name and address are not on this device any more. The office knows more.";
    painter.paragraph(
        inner,
        y,
        pick(lang, english, "姓名和地址已从本机删除。详情请询问内勤。"),
        dim,
    );
}

fn card(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let Some(stop) = model.field.chosen() else {
        framed(painter, area, "", "");
        return;
    };
    let lang = model.lang;
    if stop.state == StopState::Off {
        off_card(lang, stop, painter, area);
        return;
    }
    let title = format!("{:02} {}", stop.number, private(model, &stop.name));
    let inner = framed(painter, area, &title, &stop.case_no);
    let mut y = 0;
    let mut line = |painter: &mut Painter<'_>, text: &str, role: Role| {
        if !text.is_empty() && y < inner.height {
            let style = painter.style(role);
            y += painter.paragraph(inner, y, text, style);
        }
    };
    line(painter, &private(model, &stop.address), Role::Plain);
    let (text, role) = permit_text(lang, stop);
    line(painter, &text, role);
    for (rule, sentence) in stop.blocked.iter().skip(1) {
        line(painter, &format!("{sentence} [{rule}]"), Role::Bad);
    }
    if stop.staff_min > 1 {
        let text = match lang {
            Lang::En => format!("{} staff must be there.", stop.staff_min),
            Lang::Zh => format!("须有 {} 名人员到场。", stop.staff_min),
        };
        let role = if too_few(model, stop) { Role::Bad } else { Role::Plain };
        line(painter, &text, role);
    }
    let notes: Vec<String> = stop.notes.iter().map(|note| label::<Flag>(lang, note)).collect();
    line(painter, &notes.join(pick(lang, ", ", "、")), Role::Warn);
    let forbidden: Vec<&str> = stop.not_said.iter().map(|code| door_words(lang, code)).collect();
    if !forbidden.is_empty() {
        let head = pick(lang, "Never: ", "禁止：");
        line(
            painter,
            &format!("{head}{}", forbidden.join(pick(lang, ", ", "、"))),
            Role::Dim,
        );
    }
}

/// What the permit says of a stop.
pub(super) fn permit_text(lang: Lang, stop: &Stop) -> (String, Role) {
    if let Some((rule, sentence)) = stop.blocked.first() {
        let head = pick(lang, "Do not visit: ", "不得外访：");
        return (format!("{head}{sentence} [{rule}]"), Role::Bad);
    }
    let zone = times::zone(&stop.zone);
    let spans: Vec<String> = stop
        .allowed
        .iter()
        .map(|[from, to]| format!("{}-{}", times::clock(*from, &zone), times::clock(*to, &zone)))
        .collect();
    let head = pick(lang, "Allowed ", "可外访 ");
    (format!("{head}{}", spans.join(", ")), Role::Good)
}
