//! Layers that take text.

use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;

use super::super::unlock::{line, secret};
use super::{boxed, key_line};
use crate::app::form::Field;
use crate::app::key::Key;
use crate::app::layer::Purpose;
use crate::app::model::Model;
use crate::text::pick;
use crate::theme::Role;
use crate::widgets::frame::centred;
use crate::widgets::paint::Painter;

/// What a line of text is for: its title, and what to write.
fn words(lang: Lang, purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::Note => (
            pick(lang, "Note", "备注"),
            pick(
                lang,
                "Facts only, nothing about other people.",
                "只写事实，不涉及他人。",
            ),
        ),
        Purpose::SkipReason(_) => (
            pick(lang, "Leave this stop out: why?", "跳过此处：原因？"),
            pick(lang, "It is recorded and the office sees it.", "将被记录，内勤可见。"),
        ),
        Purpose::StopCode(_) => (
            pick(lang, "Stop code of the notice", "通知上的停止码"),
            pick(
                lang,
                "It ends this visit, and nobody comes any more.",
                "将结束本次外访，此后不再上门。",
            ),
        ),
        Purpose::Find => (
            pick(lang, "Find", "查找"),
            pick(
                lang,
                "Name, case number or part of the address.",
                "姓名、案件编号或部分地址。",
            ),
        ),
        Purpose::EvidencePath => (
            pick(lang, "File", "文件"),
            pick(lang, "The path of the file.", "文件的路径。"),
        ),
        Purpose::Appeal(_) => (
            pick(lang, "Appeal: why?", "申诉理由？"),
            pick(lang, "A third person reads it and decides.", "由第三人阅读并裁定。"),
        ),
        other => office_words(lang, other),
    }
}

/// The same of what the office writes.
fn office_words(lang: Lang, purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::Words(..) => (
            pick(lang, "Words", "说明"),
            pick(
                lang,
                "What was answered, and why. It is kept sealed.",
                "答复内容与理由。将加密保存。",
            ),
        ),
        Purpose::RightWords(_) => (
            pick(lang, "What was said, and how is it known?", "内容与依据？"),
            pick(
                lang,
                "It is kept sealed with the person.",
                "将与当事人资料一同加密保存。",
            ),
        ),
        Purpose::Remark => (
            pick(lang, "Remark", "备注"),
            pick(
                lang,
                "What shows it. Whose visit it was reads it.",
                "依据。当事员工可以看到。",
            ),
        ),
        Purpose::ReviewNote => (
            pick(lang, "Note to the decision", "决定说明"),
            pick(lang, "The field staff read it.", "外访员可以看到。"),
        ),
        Purpose::PlanDay(true) => (
            pick(lang, "Plan without notice: which day?", "哪一天的不通知计划？"),
            pick(
                lang,
                "A day like 2026-12-01. Publishing it needs a reason.",
                "日期如 2026-12-01。发布时须说明理由。",
            ),
        ),
        Purpose::PlanDay(false) => (
            pick(lang, "Make a plan for which day?", "生成哪一天的计划？"),
            pick(lang, "A day like 2026-12-01.", "日期如 2026-12-01。"),
        ),
        Purpose::CaseNumber => (
            pick(lang, "Open which case?", "打开哪个案件？"),
            pick(lang, "The lender's number of the case.", "案件编号。"),
        ),
        Purpose::AlarmNote => (
            pick(lang, "What happened?", "发生了什么？"),
            pick(
                lang,
                "It ends the alarm and stays in the log.",
                "将结束警报并保留在日志中。",
            ),
        ),
        _ => ("", ""),
    }
}

/// A line of text.
pub(super) fn text(model: &Model, purpose: Purpose, field: &Field, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let (title, hint) = words(lang, purpose);
    let place = if purpose == Purpose::Find {
        // The list that follows what is typed stays in view.
        Rect::new(area.x, area.bottom().saturating_sub(6), area.width, area.height.min(6))
    } else {
        centred(area, 70, 6)
    };
    let inner = boxed(painter, place, title, "");
    line(painter, inner, 0, 0, field, true);
    let dim = painter.style(Role::Dim);
    painter.paragraph(inner, 2, hint, dim);
    done_or_back(painter, inner, lang);
}

fn done_or_back(painter: &mut Painter<'_>, inner: Rect, lang: Lang) {
    let keys = [
        (Key::Enter, pick(lang, "done", "完成")),
        (Key::Esc, pick(lang, "back", "返回")),
    ];
    key_line(painter, inner, &keys, lang);
}

/// Fields below each other.
fn fields(painter: &mut Painter<'_>, inner: Rect, names: &[&str], (fields, at): (&[Field], usize), hidden: bool) {
    let plain = painter.style(Role::Plain);
    for (y, (name, field)) in names.iter().zip(fields).enumerate() {
        let row = y as u16;
        painter.text(inner, 0, row, name, plain);
        if hidden {
            secret(painter, inner, 18, row, field, y == at);
        } else {
            line(painter, inner, 18, row, field, y == at);
        }
    }
}

/// Amount and day of a promise.
pub(super) fn promise(
    model: &Model,
    (given, at): (&[Field; 2], usize),
    trouble: Option<&str>,
    painter: &mut Painter<'_>,
    area: Rect,
) {
    let lang = model.lang;
    let inner = boxed(painter, centred(area, 66, 9), pick(lang, "Promise", "承诺还款"), "");
    let currency = model.field.sheet.as_ref().and_then(|sheet| sheet.currency.clone());
    let amount = format!("{} {}", pick(lang, "Amount", "金额"), currency.unwrap_or_default());
    fields(
        painter,
        inner,
        &[amount.trim(), pick(lang, "Until", "日期")],
        (given, at),
        false,
    );
    let dim = painter.style(Role::Dim);
    let english = "A day like 2026-12-01, or the next m t w h f s u (Monday to Sunday). Only what they offer \
                   themselves and can keep.";
    let chinese = "日期如 2026-12-01，或按 m t w h f s u 取下一个周一至周日。只登记对方自愿且能做到的承诺。";
    painter.paragraph(inner, 3, pick(lang, english, chinese), dim);
    if let Some(trouble) = trouble {
        let bad = painter.style(Role::Bad);
        painter.text(inner, 0, 2, trouble, bad);
    }
    done_or_back(painter, inner, lang);
}

/// Old PIN, new PIN twice.
pub(super) fn change_pin(
    model: &Model,
    (given, at): (&[Field; 3], usize),
    trouble: Option<&str>,
    painter: &mut Painter<'_>,
    area: Rect,
) {
    let lang = model.lang;
    let inner = boxed(painter, centred(area, 60, 8), pick(lang, "Change PIN", "修改 PIN"), "");
    let names = [
        pick(lang, "PIN of now", "当前 PIN"),
        pick(lang, "New PIN", "新 PIN"),
        pick(lang, "Once more", "再输一次"),
    ];
    fields(painter, inner, &names, (given, at), true);
    let (text, role) = match trouble {
        Some(trouble) => (trouble, Role::Bad),
        None => (pick(lang, "At least 6 characters.", "至少 6 个字符。"), Role::Dim),
    };
    let style = painter.style(role);
    painter.text(inner, 0, 4, text, style);
    done_or_back(painter, inner, lang);
}

/// Phone, address, language.
pub(super) fn correct(model: &Model, (given, at): (&[Field; 3], usize), painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let inner = boxed(painter, centred(area, 66, 9), pick(lang, "Correct", "更正"), "");
    let names = [
        pick(lang, "Phone", "电话"),
        pick(lang, "Address", "地址"),
        pick(lang, "Language", "语言"),
    ];
    fields(painter, inner, &names, (given, at), false);
    let dim = painter.style(Role::Dim);
    let english = "Empty stays as it is. If the office changed the same, both are kept until somebody settles it.";
    painter.paragraph(
        inner,
        4,
        pick(lang, english, "留空则不变。若内勤同时修改，两者都会保留，待处理。"),
        dim,
    );
    done_or_back(painter, inner, lang);
}
