//! Layers of a visit: check-in, identity, check-out, why not, the way there.

use doorstep_device::Receipt;
use doorstep_domain::words::{Lang, Requirement};
use ratatui_core::layout::Rect;

use super::super::maps::point;
use super::super::private;
use super::{boxed, key_line, message};
use crate::app::field::StopState;
use crate::app::key::Key;
use crate::app::layer::{CheckInForm, Off};
use crate::app::model::Model;
use crate::app::update::{Signs, off_sentence, signs, who_types};
use crate::navigate::links;
use crate::qr::{QrCode, QrStyle};
use crate::receipt::{facts, link};
use crate::screens::unlock::secret;
use crate::text::{label, pick};
use crate::theme::Role;
use crate::widgets::frame::centred;
use crate::widgets::paint::{Painter, wrapped};

/// Who is there, what was shown, where.
pub(super) fn check_in(model: &Model, form: &CheckInForm, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(stop) = model.field.stop_at(model.place) else {
        return;
    };
    let partners = &model.field.facts.partners;
    let types = who_types(model, form);
    let height = u16::try_from(partners.len()).unwrap_or(0) + if stop.staff_min > 1 { 12 } else { 9 };
    let title = format!(
        "{} {:02} {}",
        pick(lang, "Check in", "签到"),
        stop.number,
        private(model, &stop.name)
    );
    let inner = boxed(painter, centred(area, 62, height), &title, "");
    let plain = painter.style(Role::Plain);
    let mut y = 0;
    let mut line = |painter: &mut Painter<'_>, text: &str, chosen: bool| {
        painter.text(inner, 0, y, text, plain);
        if chosen {
            let style = painter.style(Role::Chosen);
            painter.restyle(inner, y, style);
        }
        y += 1;
    };
    let tick = |on: bool| if on { "[x]" } else { "[ ]" };
    for (at, ((id, login), present)) in partners.iter().zip(&form.present).enumerate() {
        let how = signing_text(lang, signs(model, form, *id));
        let text = format!("{} {} {login}{how}", tick(*present), pick(lang, "with", "同行"));
        line(painter, &text, form.list.chosen == at);
    }
    let shown = pick(lang, "identity and authority shown", "已出示证件和授权");
    let text = format!("{} {shown}", tick(form.identity_shown));
    line(painter, &text, form.list.chosen == form.present.len());
    if let Some((_, login)) = types {
        line(painter, "", false);
        pin_row((lang, login), form, painter, inner);
    }
    if form.anyway {
        let bad = painter.style(Role::Bad);
        let english = "Forbidden: recorded only because it has happened, and flagged.";
        painter.paragraph(
            inner,
            y,
            pick(lang, english, "此次外访被禁止：仅因已发生而记录，并标记待复核。"),
            bad,
        );
    }
    y += 1;
    let (text, role) = place_text(model);
    let style = painter.style(role);
    y += painter.paragraph(inner, y, &text, style);
    missing((model, form), stop.staff_min, painter, (inner, y));
    let keys = [
        (Key::Enter, pick(lang, "check in", "签到")),
        (Key::Char(' '), pick(lang, "tick", "勾选")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}

/// Who is still missing below the form, or what the demo's partner types.
fn missing((model, form): (&Model, &CheckInForm), staff_min: u8, painter: &mut Painter<'_>, (inner, y): (Rect, u16)) {
    let lang = model.lang;
    let there = form.present.iter().filter(|present| **present).count() + 1;
    let (text, role) = if staff_min > 1 && there < usize::from(staff_min) {
        let text = match lang {
            Lang::En => format!("{staff_min} staff must be there."),
            Lang::Zh => format!("须有 {staff_min} 名人员到场。"),
        };
        (text, Role::Bad)
    } else if let Some(text) = unsigned_text(model, form) {
        (text, Role::Warn)
    } else if let (Some(_), Some(hint)) = (who_types(model, form), &model.settings.pin_hint) {
        (hint.clone(), Role::Dim)
    } else {
        return;
    };
    let style = painter.style(role);
    painter.paragraph(inner, y, &text, style);
}

/// What a partner types who signs here, below the other lines of the form.
fn pin_row((lang, login): (Lang, &str), form: &CheckInForm, painter: &mut Painter<'_>, inner: Rect) {
    let label = format!("{} {login}:", pick(lang, "PIN of", "PIN 码，人员"));
    let (y, plain) = (form.present.len() as u16 + 1, painter.style(Role::Plain));
    painter.text(inner, 0, y, &label, plain);
    let x = unicode_width::UnicodeWidthStr::width(label.as_str()) as u16 + 1;
    secret(painter, inner, x, y, &form.pin, form.typing);
}

/// How a partner signs, behind their number.
fn signing_text(lang: Lang, signs: Signs) -> &'static str {
    match signs {
        Signs::Moot => "",
        Signs::Signed => pick(lang, ": signed", "：已签名"),
        Signs::Here => pick(lang, ": signs here with a PIN", "：在此用 PIN 码签名"),
        Signs::Away => pick(lang, ": signs on their own device (J)", "：在其设备上签名（J）"),
    }
}

/// Who has to sign before the visit begins, where somebody is missing.
fn unsigned_text(model: &Model, form: &CheckInForm) -> Option<String> {
    let crew = model.field.facts.partners.iter().zip(&form.present);
    let mut waits = crew.filter(|((id, _), present)| **present && signs(model, form, *id) == Signs::Away);
    let ((_, login), _) = waits.next()?;
    Some(match model.lang {
        Lang::En => format!("Waits for {login}: there J signs for this visit; here, a PIN once a key is made."),
        Lang::Zh => format!("等待 {login}：请在其设备上按 J 签名；本机建立密钥后也可用 PIN 码。"),
    })
}

/// The position in words: how exact, how far from the door.
fn place_text(model: &Model) -> (String, Role) {
    let lang = model.lang;
    let Some(position) = &model.field.position else {
        let english = "No position known: it is recorded without one, and the office sees that.";
        return (
            pick(lang, english, "位置未知：将不带位置记录，内勤可见。").to_owned(),
            Role::Warn,
        );
    };
    let accuracy = position.accuracy_m;
    let away = model
        .field
        .stop_at(model.place)
        .map(|stop| crate::geo::metres([position.lat_e7, position.lon_e7], stop.point));
    let away = away.map(|metres| match lang {
        Lang::En => format!(", {metres} m from the door"),
        Lang::Zh => format!("，距门口 {metres} 米"),
    });
    let text = match lang {
        Lang::En => format!("Position ±{accuracy} m{}", away.unwrap_or_default()),
        Lang::Zh => format!("位置 ±{accuracy} 米{}", away.unwrap_or_default()),
    };
    let role = if accuracy > 100 { Role::Warn } else { Role::Good };
    (text, role)
}

/// Is this the person? Asked without naming the debt.
pub(super) fn identify(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let name = model
        .field
        .stop_at(model.place)
        .map(|stop| private(model, &stop.name))
        .unwrap_or_default();
    let text = match lang {
        Lang::En => format!(
            "Is this {name}? Let them say their name or show a document; do not read it out to others. Nothing of the \
             matter is said or shown before this."
        ),
        Lang::Zh => {
            format!("对方是 {name} 本人吗？请对方自报姓名或出示证件，不要当众念出。核实前不得提及或展示任何事项。")
        }
    };
    let keys = [
        (Key::Enter, pick(lang, "it is this person", "确认是本人")),
        (Key::Esc, pick(lang, "not sure", "不确定")),
    ];
    let title = pick(lang, "Identity", "核实身份");
    message(painter, area, (title, ""), &[(text, Role::Plain)], &keys, lang);
}

/// What is still required, or the last word before check-out.
pub(super) fn check_out(model: &Model, open: &[String], painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = pick(lang, "Check out", "签退");
    let back = (Key::Esc, pick(lang, "back", "返回"));
    if open.is_empty() {
        let (text, role) = place_text(model);
        let keys = [(Key::Enter, pick(lang, "check out", "签退")), back];
        message(painter, area, (title, ""), &[(text, role)], &keys, lang);
        return;
    }
    let mut lines = vec![(
        pick(lang, "Required and not done:", "必须完成但尚未完成：").to_owned(),
        Role::Plain,
    )];
    lines.extend(
        open.iter()
            .map(|code| (format!("[ ] {}", label::<Requirement>(lang, code)), Role::Bad)),
    );
    let english = "F checks out all the same; the visit is flagged for review.";
    lines.push((
        pick(lang, english, "按 F 仍然签退，此次外访将标记待复核。").to_owned(),
        Role::Dim,
    ));
    let keys = [
        (Key::Enter, pick(lang, "finish these", "去完成")),
        (Key::Char('F'), pick(lang, "all the same", "仍然签退")),
        back,
    ];
    message(painter, area, (title, ""), &lines, &keys, lang);
}

/// That the visit on the screen is off.
pub(super) fn off(lang: Lang, off: &Off, painter: &mut Painter<'_>, area: Rect) {
    let english = if off.begun {
        "Say goodbye, go, and check out with L. Say nothing of why; the office tells the person."
    } else {
        "Do not go there, and do not call. The office knows more."
    };
    let chinese = if off.begun {
        "请告辞离开，按 L 签退。不要解释原因，由内勤告知当事人。"
    } else {
        "请勿前往，也不要致电。详情请询问内勤。"
    };
    let lines = [
        (off_sentence(lang, off), Role::Bad),
        (pick(lang, english, chinese).to_owned(), Role::Plain),
    ];
    let keys = [(Key::Enter, pick(lang, "understood", "知道了"))];
    let title = pick(lang, "This visit is off", "此次外访已取消");
    message(painter, area, (title, ""), &lines, &keys, lang);
}

/// Why a stop is blocked, and what to do.
pub(super) fn why(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(stop) = model.field.stop_at(model.place) else {
        return;
    };
    let mut lines: Vec<(String, Role)> = stop
        .blocked
        .iter()
        .map(|(rule, sentence)| (format!("{sentence} [{rule}]"), Role::Bad))
        .collect();
    let mut keys = vec![(Key::Esc, pick(lang, "back", "返回"))];
    if stop.staff_min > 1 {
        let partners: Vec<&str> = model
            .field
            .facts
            .partners
            .iter()
            .map(|(_, login)| login.as_str())
            .collect();
        let text = match lang {
            Lang::En => format!(
                "{} staff must be there. With you: {}",
                stop.staff_min,
                partners.join(", ")
            ),
            Lang::Zh => format!("须有 {} 名人员到场。同组：{}", stop.staff_min, partners.join("、")),
        };
        lines.push((text, Role::Plain));
    }
    if stop.state == StopState::Off {
        let english = "It is off: do not go there. If somebody was there all the same, tell the office.";
        lines.push((
            pick(lang, english, "已取消：请勿前往。若已有人上门，请告知内勤。").to_owned(),
            Role::Plain,
        ));
    } else if stop.blocked.is_empty() {
        let (text, role) = super::super::today::permit_text(lang, stop);
        lines.push((text, role));
    } else {
        let english = "Do not visit. If it has happened already, F records it as it was; it is flagged for review.";
        let chinese = "不得外访。如已发生，按 F 如实记录，并标记待复核。";
        lines.push((pick(lang, english, chinese).to_owned(), Role::Plain));
        keys.insert(0, (Key::Char('F'), pick(lang, "it has happened", "已经发生")));
    }
    message(
        painter,
        area,
        (pick(lang, "Why", "原因"), &stop.case_no),
        &lines,
        &keys,
        lang,
    );
}

/// Links to navigation programs, and a code that a telephone scans. No name and no case stands in any of them.
pub(super) fn navigate(model: &Model, app: usize, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(stop) = model.field.stop_at(model.place) else {
        return;
    };
    let links = point(stop.point).map_or_else(Vec::new, |place| links(place, &stop.zone));
    let chosen = app.checked_rem(links.len()).unwrap_or(0);
    // No frame: the code needs every row of a small terminal.
    painter.clear(area);
    let inner = area;
    let (plain, dim) = (painter.style(Role::Plain), painter.style(Role::Dim));
    let mut y = 0;
    for (row, link) in links.iter().enumerate() {
        let (english, chinese) = link.app.names();
        let mark = if row == chosen { ">" } else { " " };
        let name = format!("{mark} {}", pick(lang, english, chinese));
        painter.text(inner, 0, y, &name, if row == chosen { plain } else { dim });
        y += 1;
    }
    if let Some(link) = links.get(chosen) {
        let (under, fits) = code_beside(&link.url, painter, inner);
        y += 1 + painter.paragraph(under, y + 1, &link.url, plain);
        if !fits {
            painter.paragraph(under, y + 1, too_small(lang), dim);
        }
    }
    let keys = [
        (Key::Tab, pick(lang, "next", "下一个")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}

/// The receipt that the person gets: a code for their phone, and what it says.
pub(super) fn receipt(lang: Lang, receipt: &Receipt, painter: &mut Painter<'_>, area: Rect) {
    painter.clear(area);
    let (plain, dim, strong) = (
        painter.style(Role::Plain),
        painter.style(Role::Dim),
        painter.style(Role::Strong),
    );
    let (under, fits) = code_beside(&link(receipt), painter, area);
    painter.text(under, 0, 0, pick(lang, "Receipt of a visit", "到访回执"), strong);
    let mut y = 1;
    // The last row has the keys; what does not fit above it, the code and the paper have.
    let room = under.height.saturating_sub(1);
    for (label, value) in facts(receipt, lang) {
        let rows = u16::try_from(wrapped(&value, under.width).len()).unwrap_or(u16::MAX);
        if rows.saturating_add(y + 1) > room {
            break;
        }
        painter.text(under, 0, y, label, dim);
        y += 1 + painter.paragraph(under, y + 1, &value, plain);
    }
    if !fits {
        painter.paragraph(under, y, too_small(lang), dim);
    }
    key_line(painter, area, &[(Key::Esc, pick(lang, "back", "返回"))], lang);
}

/// Draws a link as a code at the right, where there is room for it. Gives back what is left, and whether there was.
fn code_beside(url: &str, painter: &mut Painter<'_>, area: Rect) -> (Rect, bool) {
    let style = if painter.theme().ascii {
        QrStyle::Ascii
    } else {
        QrStyle::OnDark
    };
    let lines = QrCode::new(url).map_or_else(|_| Vec::new(), |code| code.lines(style));
    let wide = lines
        .first()
        .map_or(0, |line| unicode_width::UnicodeWidthStr::width(line.as_str())) as u16;
    let x = area.width.saturating_sub(wide);
    let fits = lines.len() <= usize::from(area.height) && wide + 16 < area.width && !lines.is_empty();
    if fits {
        let plain = painter.style(Role::Plain);
        for (row, line) in lines.iter().enumerate() {
            painter.text(area, x, row as u16, line, plain);
        }
    }
    let width = if fits { x.saturating_sub(2) } else { area.width };
    (Rect::new(area.x, area.y, width, area.height), fits)
}

fn too_small(lang: Lang) -> &'static str {
    pick(
        lang,
        "The window is too small for the code.",
        "窗口太小，无法显示二维码。",
    )
}
