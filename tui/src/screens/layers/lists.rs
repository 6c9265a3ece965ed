//! Layers that are lists: keys, commands, files, something in full.

use std::path::PathBuf;

use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;

use super::super::desk;
use super::super::unlock::line;
use super::{boxed, key_line};
use crate::app::form::Field;
use crate::app::key::Key;
use crate::app::list::ListState;
use crate::app::model::{Model, Place};
use crate::app::update::{evidence_advice, evidence_choices, help_specs, palette_specs, refusal};
use crate::text::pick;
use crate::theme::Role;
use crate::widgets::frame::centred;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, rows};

/// The keys of the screen, each with a sentence.
pub(super) fn help(model: &Model, list: ListState, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let specs: Vec<_> = help_specs(model).collect();
    let height = u16::try_from(specs.len()).unwrap_or(u16::MAX).saturating_add(4);
    let title = pick(lang, "Keys of this screen", "本屏幕的按键");
    let inner = boxed(painter, centred(area, 76, height), title, "");
    let body = Rect::new(inner.x, inner.y, inner.width, inner.height.saturating_sub(1));
    let columns = [column("", 9), column("", 12), column("", 0)];
    rows(painter, body, &columns, (specs.len(), list), |at| {
        let Some(spec) = specs.get(at) else { return Row::new([]) };
        let keys: Vec<String> = spec.keys.iter().map(|key| key.name(lang)).collect();
        let row = Row::new([
            keys.join(" "),
            spec.word(lang).to_owned(),
            refusal(model, spec.action).unwrap_or_else(|| spec.sentence(lang).to_owned()),
        ]);
        if refusal(model, spec.action).is_some() {
            row.role(Role::Dim)
        } else {
            row
        }
    });
    key_line(painter, inner, &[(Key::Esc, pick(lang, "back", "返回"))], lang);
}

/// Every command by name, with its key and what it is on the command line.
pub(super) fn palette(model: &Model, field: &Field, list: ListState, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let found = palette_specs(model, field.text());
    let title = pick(lang, "Command", "命令");
    let inner = boxed(painter, centred(area, 76, 16), title, "");
    let accent = painter.style(Role::Accent);
    painter.text(inner, 0, 0, ":", accent);
    line(painter, inner, 2, 0, field, true);
    let body = Rect::new(inner.x, inner.y + 1, inner.width, inner.height.saturating_sub(2));
    if found.is_empty() {
        let dim = painter.style(Role::Dim);
        painter.text(body, 0, 0, pick(lang, "nothing found", "没有找到"), dim);
    }
    let columns = [column("", 16), column("", 5), column("", 0)];
    rows(painter, body, &columns, (found.len(), list), |at| {
        let Some(spec) = found.get(at) else { return Row::new([]) };
        let key = spec.keys.first().map(|key| key.name(lang)).unwrap_or_default();
        let refused = refusal(model, spec.action);
        let text = refused.clone().unwrap_or_else(|| match spec.twin {
            "" => spec.sentence(lang).to_owned(),
            twin => twin.to_owned(),
        });
        let word = match lang {
            Lang::En => spec.name,
            Lang::Zh => spec.word(lang),
        };
        let row = Row::new([word.to_owned(), key, text]);
        if refused.is_some() { row.role(Role::Dim) } else { row }
    });
    let keys = [
        (Key::Enter, pick(lang, "do it", "执行")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}

/// Files that may be evidence, newest first.
pub(super) fn files(model: &Model, files: Option<&[PathBuf]>, list: ListState, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = pick(lang, "Evidence: newest first", "证据：最新在前");
    let inner = boxed(painter, centred(area, 70, 14), title, "");
    let dim = painter.style(Role::Dim);
    let advice = painter.paragraph(inner, 0, evidence_advice(lang), dim);
    let height = inner.height.saturating_sub(1 + advice);
    let body = Rect::new(inner.x, inner.y + advice, inner.width, height);
    let draft = model
        .field
        .sheet
        .as_ref()
        .map(|sheet| sheet.draft.clone())
        .unwrap_or_default();
    let known = evidence_choices(&draft, files.unwrap_or_default());
    if known.is_empty() {
        let text = if files.is_none() {
            pick(lang, "looking ...", "正在查找…")
        } else {
            let english = "No file was found where photos are kept. / takes the path of a file.";
            pick(lang, english, "在照片文件夹中没有找到文件。按 / 输入文件路径。")
        };
        painter.paragraph(body, 0, text, dim);
    }
    rows(
        painter,
        body,
        &[column("", 3), column("", 0)],
        (known.len(), list),
        |at| {
            let Some(path) = known.get(at) else { return Row::new([]) };
            let mark = if draft.evidence.contains(path) { "[x]" } else { "[ ]" };
            Row::new([mark.to_owned(), path.display().to_string()])
        },
    );
    let keys = [
        (Key::Enter, pick(lang, "add, remove", "添加/移除")),
        (Key::Char('/'), pick(lang, "path", "路径")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}

/// Something in full.
pub(super) fn details(
    model: &Model,
    (title, lines): (&str, &[String]),
    list: ListState,
    painter: &mut Painter<'_>,
    area: Rect,
) {
    let inner = boxed(painter, centred(area, area.width, area.height), title, "");
    let body = Rect::new(inner.x, inner.y, inner.width, inner.height.saturating_sub(1));
    let mut keys = match model.place {
        Place::Desk => desk::keys(model),
        _ => Vec::new(),
    };
    keys.push((Key::Esc, pick(model.lang, "back", "返回")));
    key_line(painter, inner, &keys, model.lang);
    rows(painter, body, &[column("", 0)], (lines.len(), list), |at| {
        Row::new(lines.get(at).cloned())
    });
}
