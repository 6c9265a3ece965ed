//! The PIN of the device; login and password of the office.

use ratatui_core::layout::Rect;

use crate::app::effect::Topic;
use crate::app::form::Field;
use crate::app::model::Model;
use crate::text::pick;
use crate::theme::Role;
use crate::widgets::frame::{centred, framed};
use crate::widgets::paint::Painter;

/// Asks for the PIN.
pub(super) fn pin(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let inner = framed(
        painter,
        centred(area, 56, 9),
        pick(lang, "Unlock this device", "解锁本设备"),
        "",
    );
    let plain = painter.style(Role::Plain);
    if model.running(Topic::Entry).is_some() {
        painter.text(inner, 1, 1, pick(lang, "opening ...", "正在打开…"), plain);
        return;
    }
    painter.text(inner, 1, 1, pick(lang, "PIN", "PIN"), plain);
    secret(painter, inner, 6, 1, &model.pin, true);
    let below = Rect::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), inner.height);
    let (text, role) = match &model.pin_trouble {
        _ if model.sos_wanted => {
            let english = "The call for help goes out as soon as the PIN is right. In danger call the emergency number too. \
                           Esc takes it back.";
            let chinese = "PIN 正确后立即发出求助。遇险请同时拨打报警电话。按 Esc 取消。";
            (pick(lang, english, chinese).to_owned(), Role::Bad)
        }
        Some(trouble) => (trouble.clone(), Role::Bad),
        None => {
            let english = "Enter unlocks; no network is needed. ! and the PIN call for help. Esc leaves.";
            let chinese = "按 Enter 解锁，无需网络。先按 ! 再输入 PIN 可求助。按 Esc 退出。";
            (pick(lang, english, chinese).to_owned(), Role::Dim)
        }
    };
    let style = painter.style(role);
    let used = painter.paragraph(below, 3, &text, style);
    if let Some(hint) = &model.settings.pin_hint {
        let dim = painter.style(Role::Dim);
        painter.text(below, 0, 3 + used, hint, dim);
    }
}

/// Asks for login and password.
pub(super) fn sign_in(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let form = &model.sign_in;
    let inner = framed(painter, centred(area, 60, 12), pick(lang, "Sign in", "登录"), "");
    let plain = painter.style(Role::Plain);
    let names = [
        pick(lang, "Staff number", "工号"),
        pick(lang, "Password", "密码"),
        pick(lang, "New password", "新密码"),
    ];
    let fields = [Some(&form.login), Some(&form.password), form.renewed.as_ref()];
    for (row, (name, field)) in names.iter().zip(fields).enumerate() {
        let Some(field) = field else { continue };
        let y = 1 + row as u16;
        painter.text(inner, 1, y, name, plain);
        if row == 0 {
            line(painter, inner, 16, y, field, form.at == row);
        } else {
            secret(painter, inner, 16, y, field, form.at == row);
        }
    }
    let text = if form.busy {
        pick(lang, "signing in ...", "正在登录…").to_owned()
    } else {
        form.trouble
            .clone()
            .unwrap_or_else(|| pick(lang, "Enter signs in.", "按 Enter 登录。").to_owned())
    };
    let role = if form.trouble.is_some() { Role::Bad } else { Role::Dim };
    let style = painter.style(role);
    painter.paragraph(
        Rect::new(inner.x + 1, inner.y, inner.width - 2, inner.height),
        5,
        &text,
        style,
    );
}

/// A field with its cursor.
pub(super) fn line(painter: &mut Painter<'_>, area: Rect, x: u16, y: u16, field: &Field, typed: bool) {
    let (before, after) = field.halves();
    shown(painter, area, (x, y), [before, after], typed);
}

/// A field whose text is not shown.
pub(super) fn secret(painter: &mut Painter<'_>, area: Rect, x: u16, y: u16, field: &Field, typed: bool) {
    let stars = |text: &str| "*".repeat(text.chars().count());
    let (before, after) = field.halves();
    shown(painter, area, (x, y), [&stars(before), &stars(after)], typed);
}

fn shown(painter: &mut Painter<'_>, area: Rect, (x, y): (u16, u16), parts: [&str; 2], typed: bool) {
    let [before, after] = parts;
    let plain = painter.style(Role::Plain);
    let room = usize::from(area.width.saturating_sub(x + 2));
    // The end of what was typed stays in view.
    let mut tail: String = before.to_owned();
    while unicode_width::UnicodeWidthStr::width(tail.as_str()) > room {
        tail.remove(0);
    }
    let used = painter.text(area, x, y, &tail, plain);
    if typed {
        let chosen = painter.style(Role::Chosen);
        let under = after.chars().next().map_or_else(|| " ".to_owned(), String::from);
        painter.text(area, x + used, y, &under, chosen);
        let rest: String = after.chars().skip(1).collect();
        let cells = unicode_width::UnicodeWidthStr::width(under.as_str()) as u16;
        painter.text(area, x + used + cells, y, &rest, plain);
    } else {
        painter.text(area, x + used, y, after, plain);
    }
}
