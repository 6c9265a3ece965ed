//! What lies over a screen, each in its box: a question, a list, a text. The keys that work stand in it and can be tapped.

mod forms;
mod lists;
mod own;
mod visits;

use doorstep_domain::alarm::AlarmKind;
use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use crate::app::event::Target;
use crate::app::key::Key;
use crate::app::layer::{Intent, Layer};
use crate::app::model::Model;
use crate::app::rights::RightStep;
use crate::text::{label, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::{centred, framed};
use crate::widgets::paint::{Painter, wrapped};

/// Draws a layer over the body of a screen.
pub(super) fn draw(model: &Model, layer: &Layer, painter: &mut Painter<'_>, area: Rect) {
    match layer {
        Layer::Help(list) => lists::help(model, *list, painter, area),
        Layer::Palette { field, list } => lists::palette(model, field, *list, painter, area),
        Layer::Files { files, list } => lists::files(model, files.as_deref(), *list, painter, area),
        Layer::Choose { choice, list } => super::reads::choose(model, choice, *list, painter, area),
        Layer::Details { title, lines, list } => lists::details(model, (title, lines), *list, painter, area),
        Layer::Score(form) => super::desk::sheet(model, form, painter, area),
        Layer::CheckIn(form) => visits::check_in(model, form, painter, area),
        Layer::Identify => visits::identify(model, painter, area),
        Layer::CheckOut { open } => visits::check_out(model, open, painter, area),
        Layer::Why(_) => visits::why(model, painter, area),
        Layer::Day(state, shown) => own::day(model, *state, shown, painter, area),
        Layer::Kept(notes) => own::kept(model, notes, painter, area),
        Layer::Colleagues => colleagues(model, painter, area),
        Layer::Off(off) => visits::off(model.lang, off, painter, area),
        Layer::Navigate(app) => visits::navigate(model, *app, painter, area),
        Layer::Receipt(receipt) => visits::receipt(model.lang, receipt, painter, area),
        Layer::Text { purpose, field } => forms::text(model, *purpose, field, painter, area),
        Layer::Promise { fields, at, trouble } => {
            forms::promise(model, (fields, *at), trouble.as_deref(), painter, area);
        }
        Layer::ChangePin { fields, at, trouble } => {
            forms::change_pin(model, (fields, *at), trouble.as_deref(), painter, area);
        }
        Layer::Correct { fields, at } => forms::correct(model, (fields, *at), painter, area),
        Layer::Sos { typed } => sos(model, *typed, painter, area),
        Layer::Confirm { question, intent } => confirm(model, question, *intent, painter, area),
        Layer::Trouble(trouble) => {
            let mut lines = vec![(trouble.text.clone(), Role::Plain)];
            lines.extend(trouble.details.iter().map(|detail| (format!("- {detail}"), Role::Bad)));
            let title = pick(model.lang, "This did not work", "未能完成");
            let keys = [(Key::Esc, pick(model.lang, "back", "返回"))];
            message(painter, area, (title, &trouble.code), &lines, &keys, model.lang);
        }
    }
}

/// A box with lines of text and the keys that work in it.
fn message(
    painter: &mut Painter<'_>,
    area: Rect,
    title: (&str, &str),
    lines: &[(String, Role)],
    keys: &[(Key, &str)],
    lang: Lang,
) {
    let width = area.width.min(66);
    let room = width.saturating_sub(4);
    let needed: usize = lines.iter().map(|(text, _)| wrapped(text, room).len()).sum();
    let height = u16::try_from(needed).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(painter, centred(area, width, height), title.0, title.1);
    let mut y = 0;
    for (text, role) in lines {
        if y + 1 >= inner.height {
            break;
        }
        let style = painter.style(*role);
        y += painter.paragraph(inner, y, text, style);
    }
    key_line(painter, inner, keys, lang);
}

/// An empty box over what was there, with a margin inside.
pub(super) fn boxed(painter: &mut Painter<'_>, area: Rect, left: &str, right: &str) -> Rect {
    painter.clear(area);
    let inner = framed(painter, area, left, right);
    if inner.width > 2 {
        Rect::new(inner.x + 1, inner.y, inner.width - 2, inner.height)
    } else {
        inner
    }
}

/// The keys of a layer in its last row; each can be tapped.
pub(super) fn key_line(painter: &mut Painter<'_>, area: Rect, keys: &[(Key, &str)], lang: Lang) {
    let Some(y) = area.height.checked_sub(1) else { return };
    let mut x = 0;
    for (key, word) in keys {
        let name = key.name(lang);
        let wide = (name.width() + word.width() + 1) as u16;
        if x + wide > area.width {
            break;
        }
        let (accent, plain) = (painter.style(Role::Accent), painter.style(Role::Plain));
        let used = painter.text(area, x, y, &name, accent);
        painter.text(area, x + used + 1, y, word, plain);
        painter.hit(Rect::new(area.x + x, area.y + y, wide, 1), Target::Press(*key));
        x += wide + 3;
    }
}

fn sos(model: &Model, typed: bool, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let english = "Call partner and supervisor for help now? Your last known place goes with it. Without a network it is \
                   kept and goes out first.";
    let chinese = "立即向搭档和主管求助？将附上您最近的位置。没有网络时会保存并最先发出。";
    let back = if typed {
        pick(lang, "back, and write !", "返回并输入 !")
    } else {
        pick(lang, "back", "返回")
    };
    let keys = [(Key::Char('!'), pick(lang, "call for help", "求助")), (Key::Esc, back)];
    let lines = [(pick(lang, english, chinese).to_owned(), Role::Bad)];
    message(painter, area, ("SOS", ""), &lines, &keys, lang);
}

/// Colleagues who call for help, or of whom nothing was heard when they should have checked out.
fn colleagues(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let mut lines: Vec<(String, Role)> = Vec::new();
    for alarm in &model.field.facts.alarms {
        let what = label::<AlarmKind>(lang, &alarm.kind);
        let at = times::clock(alarm.raised_at, &model.zone);
        lines.push((format!("! {}  {what}  {at}", alarm.staff), Role::Bad));
        let me = model.field.position.as_ref().map(|at| [at.lat_e7, at.lon_e7]);
        if let Some((there, me)) = alarm.point.zip(me) {
            let metres = crate::geo::metres(me, there);
            let text = match lang {
                Lang::En => format!("  last known place: {metres} m from you"),
                Lang::Zh => format!("  最近位置：距您 {metres} 米"),
            };
            lines.push((text, Role::Plain));
        }
    }
    let english = "Call them now. If nobody answers, call the office and go there only together.";
    lines.push((
        pick(lang, english, "请立即致电。如无人接听，请联系内勤；不要独自前往。").to_owned(),
        Role::Plain,
    ));
    let keys = [(Key::Enter, pick(lang, "understood", "知道了"))];
    message(
        painter,
        area,
        (pick(lang, "A colleague may need help", "同事可能需要帮助"), ""),
        &lines,
        &keys,
        lang,
    );
}

/// A question with two answers, each by a key of its own.
fn either(
    (title, question): (&str, &str),
    answers: impl Iterator<Item = (char, &'static str)>,
    painter: &mut Painter<'_>,
    area: Rect,
    lang: Lang,
) {
    let mut keys: Vec<(Key, &str)> = answers.map(|(key, word)| (Key::Char(key), word)).collect();
    keys.push((Key::Esc, pick(lang, "back", "返回")));
    let lines = [(question.to_owned(), Role::Plain)];
    message(painter, area, (title, ""), &lines, &keys, lang);
}

fn confirm(model: &Model, question: &str, intent: Intent, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let yes = match intent {
        Intent::Settle(_) => {
            let words = [pick(lang, "first", "前者"), pick(lang, "second", "后者")];
            let title = pick(lang, "Which one holds?", "以哪个为准？");
            return either(
                (title, question),
                ['1', '2'].into_iter().zip(words),
                painter,
                area,
                lang,
            );
        }
        Intent::Leave => {
            let words = [
                pick(lang, "asked to go", "被要求离开"),
                pick(lang, "distress", "情绪异常"),
                pick(lang, "stop code", "停止码"),
            ];
            let title = pick(lang, "Leave now", "立即离开");
            return either(
                (title, question),
                ['a', 'd', 'c'].into_iter().zip(words),
                painter,
                area,
                lang,
            );
        }
        Intent::Quit => (Key::Enter, pick(lang, "leave", "退出")),
        Intent::Publish(_) => {
            let keys = [
                (Key::Enter, pick(lang, "publish", "发布")),
                (Key::Char('w'), pick(lang, "without notice", "不通知")),
                (Key::Esc, pick(lang, "back", "返回")),
            ];
            let lines = [(question.to_owned(), Role::Plain)];
            message(painter, area, ("", ""), &lines, &keys, lang);
            return;
        }
        Intent::PublishBare(..) => (Key::Char('y'), pick(lang, "publish without notice", "不通知并发布")),
        Intent::Right(RightStep::Lift(..)) => (Key::Char('y'), pick(lang, "lift", "解除")),
        Intent::SettleRead(..) | Intent::Right(_) => (Key::Char('y'), pick(lang, "record it", "记入日志")),
        Intent::Appeal(_) => (Key::Char('y'), pick(lang, "appeal", "申诉")),
        Intent::Desk(_, step) => (Key::Char('y'), super::desk::step_word(lang, step)),
    };
    let keys = [yes, (Key::Esc, pick(lang, "back", "返回"))];
    message(
        painter,
        area,
        ("", ""),
        &[(question.to_owned(), Role::Plain)],
        &keys,
        lang,
    );
}
