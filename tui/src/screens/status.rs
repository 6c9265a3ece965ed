//! The first line (where one is, the network, what waits, the next deadline) and the last two (keys and tabs).

use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::desk::step_word;
use crate::app::action::{Action, Spec, specs_at};
use crate::app::day::DayState;
use crate::app::effect::Topic;
use crate::app::event::Target;
use crate::app::field::{Step, StopState};
use crate::app::model::{Link, Model, Party, Place};
use crate::app::update::{desk_possible, refusal};
use crate::text::pick;
use crate::theme::Role;
use crate::times;
use crate::widgets::paint::Painter;

/// The name of a screen.
pub(crate) fn place_name(lang: Lang, place: Place) -> &'static str {
    let (english, chinese) = match place {
        Place::Unlock => ("Unlock", "解锁"),
        Place::SignIn => ("Sign in", "登录"),
        Place::Today => ("Today", "今日"),
        Place::Visit => ("Visit", "外访"),
        Place::Outbox => ("Outbox", "待发送"),
        Place::Me => ("Me", "我的"),
        Place::Looked => ("Who looked", "谁查阅"),
        Place::Checks => ("Checks", "质检"),
        Place::Live => ("Live", "实况"),
        Place::Plan => ("Plan", "计划"),
        Place::Cases => ("Cases", "案件"),
        Place::Review => ("Review", "复核"),
        Place::Log => ("Log", "日志"),
        Place::Reads => ("Reads", "查阅"),
        Place::Desk => ("Desk", "待办"),
        Place::Measures => ("Measures", "指标"),
        Place::Demo => ("Demo", "演示"),
    };
    pick(lang, english, chinese)
}

/// The first line. What matters most survives a narrow screen: the network, what is unsent, the deadline.
pub(super) fn head(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let mut right: Vec<(String, Role)> = Vec::new();
    if model.party == Party::Field && !model.field.facts.alarms.is_empty() {
        right.push((pick(model.lang, "ALARM", "警报").to_owned(), Role::Bad));
    }
    if let Some((at, sent)) = model.field.sos {
        let at = times::clock(at.get(), &model.zone);
        let word = if sent {
            pick(model.lang, "SOS sent", "求助已发")
        } else {
            pick(model.lang, "SOS kept", "求助待发")
        };
        right.push((format!("{word} {at}"), Role::Bad));
    }
    let (word, role) = link_word(model);
    right.push((word, role));
    if model.party == Party::Field && model.is_in() {
        let waiting = model.field.facts.waiting;
        let role = if waiting > 0 { Role::Warn } else { Role::Plain };
        right.push((format!("{} {waiting}", pick(model.lang, "Out", "待发")), role));
        right.extend(deadline_word(model));
        if model.field.facts.evidence > 0 {
            right.push((pick(model.lang, "EVIDENCE", "有证据").to_owned(), Role::Bad));
        }
    }
    let wide = |parts: &[(String, Role)]| parts.iter().map(|(text, _)| text.width() as u16 + 2).sum::<u16>();
    while right.len() > 1 && wide(&right) > area.width {
        right.pop();
    }
    let mut x = area.width.saturating_sub(wide(&right));
    let left = Rect::new(area.x, area.y, x.saturating_sub(1), 1);
    let strong = painter.style(Role::Strong);
    let used = painter.text(left, 0, 0, "Doorstep", strong);
    let place = place_name(model.lang, model.place);
    let title = match times::date(model.now.get(), &model.zone) {
        Some(date) if model.is_in() => format!("{place} {}", day_text(model.lang, date)),
        _ => place.to_owned(),
    };
    let plain = painter.style(Role::Plain);
    painter.text(left, used + 2, 0, &title, plain);
    for (text, role) in right {
        let style = painter.style(role);
        x += 2;
        x += painter.text(area, x, 0, &text, style);
    }
}

/// A day as people write it, short.
pub(super) fn day_text(lang: Lang, date: jiff::civil::Date) -> String {
    match lang {
        Lang::En => date.strftime("%a %d %b").to_string(),
        Lang::Zh => {
            let days = ["一", "二", "三", "四", "五", "六", "日"];
            let day = date.weekday().to_monday_zero_offset();
            let day = days.get(usize::try_from(day).unwrap_or(0)).copied().unwrap_or_default();
            format!("{}月{}日 周{day}", date.month(), date.day())
        }
    }
}

fn link_word(model: &Model) -> (String, Role) {
    let lang = model.lang;
    if model.running(Topic::Sync).is_some() {
        return (pick(lang, "sending", "发送中").to_owned(), Role::Accent);
    }
    match model.link {
        Link::Unknown => (String::new(), Role::Dim),
        Link::Online => (pick(lang, "Online", "在线").to_owned(), Role::Good),
        Link::Offline { since } => {
            let minutes = (model.now.get() - since.get()).max(0) / 60_000_000;
            let text = match lang {
                Lang::En => format!("OFFLINE {minutes} min"),
                Lang::Zh => format!("离线 {minutes} 分"),
            };
            (text, Role::Bad)
        }
    }
}

fn deadline_word(model: &Model) -> Option<(String, Role)> {
    let (_, due) = model.field.facts.begun?;
    let left = (due - model.now.get()) / 1_000_000;
    let zone = model
        .field
        .sheet
        .as_ref()
        .map_or_else(|| model.zone.clone(), |sheet| times::zone(&sheet.stop.zone));
    let at = times::clock(due, &zone);
    let lang = model.lang;
    Some(if left < 0 {
        let late = -left;
        let text = format!("{} +{}:{:02}", pick(lang, "CHECK OUT", "请签退"), late / 60, late % 60);
        (text, Role::Bad)
    } else if left < 600 {
        let text = format!(
            "{} {}:{:02}",
            pick(lang, "check-out in", "签退剩余"),
            left / 60,
            left % 60
        );
        (text, Role::Warn)
    } else {
        (format!("{} {at}", pick(lang, "check-out", "签退")), Role::Plain)
    })
}

/// The last two lines: a message or the keys, and the tabs.
pub(super) fn foot(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let keys = Rect::new(area.x, area.bottom() - 2, area.width, 1);
    let last = Rect::new(area.x, area.bottom() - 1, area.width, 1);
    match &model.toast {
        Some(toast) => {
            let (sign, role) = if toast.bad {
                ("! ", Role::Bad)
            } else {
                ("* ", Role::Good)
            };
            let style = painter.style(role);
            painter.text(keys, 0, 0, &format!("{sign}{}", toast.text), style);
        }
        None => hints(model, painter, keys),
    }
    let used = tabs(model, painter, last);
    let left = Rect::new(last.x, last.y, last.width.saturating_sub(used + 1), 1);
    fixed_hints(model, painter, left);
}

/// Keys that work everywhere, on the last line.
fn fixed_hints(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let mut x = 0;
    for action in [Action::Sos, Action::Help, Action::Palette, Action::Send] {
        let spec = specs_at(model.place).find(|spec| spec.action == action);
        let Some(spec) = spec else { continue };
        let Some(key) = spec.key_at(model.place) else { continue };
        let text = format!("{} {}", key.name(model.lang), spec.word(model.lang));
        let wide = text.width() as u16;
        if x + wide > area.width {
            break;
        }
        let style = painter.style(if action == Action::Sos { Role::Bad } else { Role::Dim });
        painter.text(area, x, 0, &text, style);
        painter.hit(Rect::new(area.x + x, area.y, wide, 1), Target::Do(action));
        x += wide + 3;
    }
}

/// The keys of this screen, as many as fit; those that do not work now are dim.
fn hints(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let elsewhere = [
        Action::Sos,
        Action::Help,
        Action::Palette,
        Action::Send,
        Action::NextTab,
        Action::LastTab,
        Action::Quit,
        Action::Back,
    ];
    let mut x = 0;
    // What works now comes first; on a narrow line the rest is left to the help.
    let here = || specs_at(model.place).filter(|spec| !elsewhere.contains(&spec.action));
    let works = |spec: &&Spec| refusal(model, spec.action).is_none();
    let ordered = here().filter(works).chain(here().filter(|spec| !works(spec)));
    for spec in ordered {
        let Some(key) = spec.key_at(model.place) else { continue };
        let key = key.name(model.lang);
        let word = next_word(model, spec);
        let wide = (key.width() + word.width() + 1) as u16;
        if x + wide > area.width {
            break;
        }
        let possible = refusal(model, spec.action).is_none();
        let (key_role, word_role) = if possible {
            (Role::Accent, Role::Plain)
        } else {
            (Role::Dim, Role::Dim)
        };
        let (key_style, word_style) = (painter.style(key_role), painter.style(word_role));
        let used = painter.text(area, x, 0, &key, key_style);
        painter.text(area, x + used + 1, 0, word, word_style);
        painter.hit(Rect::new(area.x + x, area.y, wide, 1), Target::Do(spec.action));
        x += wide + 2;
    }
}

/// The word of an action; those of the next step and of the day say which one it is.
fn next_word(model: &Model, spec: &Spec) -> &'static str {
    let lang = model.lang;
    if spec.action == Action::Day {
        return match model.day() {
            DayState::Unopened => pick(lang, "open the day", "开始一天"),
            DayState::Open(_) | DayState::LeftOpen(_) => pick(lang, "close the day", "结束一天"),
            DayState::Closed(_) => pick(lang, "open again", "重新开始"),
        };
    }
    if model.place == Place::Desk {
        let (first, second) = desk_possible(model);
        return match (spec.action, first, second) {
            (Action::Agree, Some(step), _) | (Action::Decline, _, Some(step)) => step_word(lang, step),
            _ => spec.word(lang),
        };
    }
    let Some(sheet) = model
        .field
        .sheet
        .as_ref()
        .filter(|_| spec.action == Action::Next && model.place == Place::Visit)
    else {
        return spec.word(lang);
    };
    match (model.field.step, sheet.stop.state) {
        (_, StopState::Done | StopState::Skipped | StopState::Off) => pick(lang, "back", "返回"),
        (Step::Permit, _) => pick(lang, "check in", "签到"),
        (Step::Out, _) => pick(lang, "check out", "签退"),
        (Step::Proof, _) => pick(lang, "tick", "勾选"),
        _ => pick(lang, "choose", "确认"),
    }
}

/// The name of a tab; that of the desk says how much waits there.
fn tab_name(model: &Model, tab: Place) -> String {
    let name = place_name(model.lang, tab);
    match model.office.desk.count() {
        waiting @ 1.. if tab == Place::Desk => format!("{name} {waiting}"),
        _ => name.to_owned(),
    }
}

fn tabs(model: &Model, painter: &mut Painter<'_>, area: Rect) -> u16 {
    if !model.is_in() {
        return 0;
    }
    let here = match model.place {
        Place::Visit => Place::Today,
        Place::Looked | Place::Checks => Place::Me,
        place => place,
    };
    let names: Vec<(Place, String)> = model
        .tabs()
        .iter()
        .map(|tab| {
            let name = tab_name(model, *tab);
            let name = if *tab == here {
                format!("[{name}]")
            } else {
                format!(" {name} ")
            };
            (*tab, name)
        })
        .collect();
    let wide = |names: &[(Place, String)]| names.iter().map(|(_, name)| name.width() as u16).sum::<u16>();
    let mut names = names;
    // On a narrow line the screen where one is stays in view, with those after it.
    while wide(&names) > area.width && names.first().is_some_and(|(tab, _)| *tab != here) {
        names.remove(0);
    }
    let wide = wide(&names);
    let mut x = area.width.saturating_sub(wide);
    for (tab, name) in names {
        let style = painter.style(if tab == here { Role::Strong } else { Role::Dim });
        let cells = painter.text(area, x, 0, &name, style);
        painter.hit(Rect::new(area.x + x, area.y, cells, 1), Target::Tab(tab));
        x += cells;
    }
    wide.min(area.width)
}
