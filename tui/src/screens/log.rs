//! The log: its newest entries, and whether all of it holds.

use doorstep_domain::words::Lang;
use doorstep_log::verify::{Report, Verdict};
use doorstep_verify::{facts_text, findings_text};
use ratatui_core::layout::Rect;

use super::layers::key_line;
use super::plan::working;
use super::today::split_y;
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::office::Verified;
use crate::command::verify::language;
use crate::text::{counted, pick};
use crate::theme::Role;
use crate::widgets::frame::framed;
use crate::widgets::paint::{Painter, wrapped};
use crate::widgets::rows::{Row, column, number, rows};

/// Rows above the entries: a line in its frame.
const ABOVE: u16 = 3;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let (top, bottom) = split_y(area, ABOVE);
    match (&model.office.verifying, &model.office.verified) {
        (Some(work), _) => working(
            work,
            pick(lang, "Verifying  x stops", "正在核验  按 x 停止"),
            painter,
            top,
        ),
        (None, Some(verified)) if verified.open => return report(model, verified, painter, area),
        (None, Some(verified)) => {
            let (title, role) = verdict(lang, &verified.report);
            let style = painter.style(role);
            let inner = framed(painter, top, &title, "");
            painter.text(
                inner,
                0,
                0,
                pick(lang, "Enter shows the report.", "按 Enter 查看报告。"),
                style,
            );
        }
        (None, None) => {
            let inner = framed(painter, top, pick(lang, "Verify", "核验"), "");
            let dim = painter.style(Role::Dim);
            let english = "V fetches the whole log and checks every hash, signature and proof on this machine.";
            painter.text(
                inner,
                0,
                0,
                pick(lang, english, "按 V 获取整个日志，在本机核验所有哈希、签名与证明。"),
                dim,
            );
        }
    }
    entries(model, painter, bottom);
}

/// The report in full, over the whole screen.
fn report(model: &Model, verified: &Verified, painter: &mut Painter<'_>, area: Rect) {
    let lines = report_lines(model);
    let (title, _) = verdict(model.lang, &verified.report);
    // The frame, and the line of keys.
    let height = usize::from(area.height.saturating_sub(3));
    let first = verified.list.window(lines.len(), height);
    let last = (first + height).min(lines.len());
    let seen = format!("{}–{last} / {}", first + 1, lines.len());
    let inner = framed(painter, area, &title, &seen);
    key_line(
        painter,
        inner,
        &[(Key::Esc, pick(model.lang, "back", "返回"))],
        model.lang,
    );
    let body = Rect::new(inner.x, inner.y, inner.width, inner.height.saturating_sub(1));
    rows(painter, body, &[column("", 0)], (lines.len(), verified.list), |at| {
        let Some((line, role)) = lines.get(at) else {
            return Row::new([]);
        };
        Row::new([line.clone()]).role(*role)
    });
}

/// The report as lines for the width of the screen: what it comes to, what was found, and what was read.
pub(crate) fn report_lines(model: &Model) -> Vec<(String, Role)> {
    let Some(verified) = &model.office.verified else {
        return Vec::new();
    };
    let (report, lang) = (&verified.report, language(model.lang));
    let (facts, findings) = (facts_text(lang, report), findings_text(lang, report));
    let (said, read) = facts.split_once('\n').unwrap_or((&facts, ""));
    let (_, role) = verdict(model.lang, report);
    let room = model.size.0.saturating_sub(3);
    let fitted = |text: &str, role: Role| -> Vec<(String, Role)> {
        let lines = text.lines().flat_map(|line| indented(line, room));
        lines.map(|line| (line, role)).collect()
    };
    let parts = [(said, role), (&*findings, role), (read, Role::Plain)];
    parts.iter().flat_map(|(text, role)| fitted(text, *role)).collect()
}

/// A line in lines of at most `room` cells, all as far from the edge as it began.
fn indented(line: &str, room: u16) -> Vec<String> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let room = room.saturating_sub(u16::try_from(indent).unwrap_or(room));
    let lines = wrapped(text, room).into_iter();
    lines.map(|line| format!("{}{line}", " ".repeat(indent))).collect()
}

/// What it comes to, in the words of a title.
fn verdict(lang: Lang, report: &Report) -> (String, Role) {
    let errors = report.errors;
    let warnings = (report.findings.len() as u64 + report.findings_left_out).saturating_sub(errors);
    let (english, chinese, role) = match (report.verdict, report.ok) {
        (Verdict::NotVerified, _) => ("DOES NOT HOLD", "核验未通过", Role::Bad),
        (Verdict::Continued, false) => (
            "NOT ALL HOLDS: a log was continued",
            "未全部通过：有日志曾被继续",
            Role::Bad,
        ),
        (Verdict::Verified | Verdict::Continued, _) if warnings > 0 => ("Holds", "核验通过", Role::Warn),
        (Verdict::Verified | Verdict::Continued, _) => ("Everything holds", "核验通过", Role::Good),
    };
    let counts = [
        (errors, "error", "errors", "项错误"),
        (warnings, "warning", "warnings", "项警告"),
    ];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    let counts = counts.map(|(count, one, more, chinese)| match lang {
        Lang::En => format!(", {}", counted(count, one, more)),
        Lang::Zh => format!("，{count} {chinese}"),
    });
    let counts: String = counts.collect();
    (format!("{}{counts}", pick(lang, english, chinese)), role)
}

fn entries(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(log) = &model.office.log else {
        super::waiting(model, painter, area);
        return;
    };
    let title = format!("{} {}", pick(lang, "Entries", "条目"), log.size);
    let covered = format!("{} {}", pick(lang, "signed up to", "已签名至"), log.checkpoint_size);
    let inner = framed(painter, area, &title, &covered);
    let columns = [
        number("#", 7),
        column(pick(lang, "When (UTC)", "时间（UTC）"), 22),
        column(pick(lang, "What", "类型"), 20),
        column(pick(lang, "Who", "操作者"), 12),
        column(pick(lang, "About", "涉及"), 0),
    ];
    rows(
        painter,
        inner,
        &columns,
        (log.entries.len(), model.office.log_list),
        |at| Row::new(log.entries.get(at).cloned().unwrap_or_default()),
    );
}
