//! What was found about one's own visits. Nothing is added up, nobody is ranked.

use doorstep_domain::quality::{AppealDecision, CheckState, DrawnBecause};
use doorstep_wire::quality::{QualityDetail, QualityItem};
use ratatui_core::layout::Rect;

use super::today::split_y;
use crate::app::checks::is_open_to_appeal;
use crate::app::model::Model;
use crate::command::quality::for_learning;
use crate::text::{label, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::{Painter, wrapped};
use crate::widgets::rows::{Row, column, rows};

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let checks = &model.field.checks;
    let Some(items) = &checks.items else {
        super::waiting(model, painter, area);
        return;
    };
    let (top, bottom) = split_y(area, area.height.saturating_sub(4));
    let title = format!(
        "{} {}",
        pick(lang, "Checks of your visits", "本人外访的质检"),
        items.len()
    );
    let inner = framed(painter, top, &title, "");
    if items.is_empty() {
        let good = painter.style(Role::Good);
        let english = "None of your visits was scored. Some are drawn by lot every week, and every complaint.";
        let text = pick(
            lang,
            english,
            "您的外访尚无评分。每周随机抽取若干次，每件投诉也会质检。",
        );
        painter.paragraph(inner, 0, text, good);
    } else {
        let columns = [
            column(pick(lang, "Week", "周"), 8),
            column(pick(lang, "Visit", "外访"), 16),
            column(pick(lang, "Why", "原因"), 12),
            column(pick(lang, "State", "状态"), 0),
        ];
        rows(painter, inner, &columns, (items.len(), checks.list), |at| {
            items.get(at).map_or_else(|| Row::new([]), |item| row(model, item))
        });
    }
    let inner = framed(painter, bottom, "", "");
    let dim = painter.style(Role::Dim);
    let y = painter.paragraph(inner, 0, for_learning(lang), dim);
    if checks.chosen().is_some_and(is_open_to_appeal) {
        let plain = painter.style(Role::Plain);
        let text = pick(
            lang,
            "Enter reads it, a appeals: once.",
            "按 Enter 查看，按 a 申诉（一次）。",
        );
        painter.paragraph(inner, y, text, plain);
    }
}

fn row(model: &Model, item: &QualityItem) -> Row {
    let lang = model.lang;
    let began = times::maybe(item.started_at, &times::zone(&item.zone));
    let decision = item.decision.as_deref().map(|code| label::<AppealDecision>(lang, code));
    let state = label::<CheckState>(lang, &item.state);
    let state = match decision {
        Some(decision) => format!("{state}{}{decision}", pick(lang, ": ", "：")),
        None => state,
    };
    let row = Row::new([
        item.week.clone(),
        or_dash(Some(&began.chars().take(16).collect::<String>())),
        label::<DrawnBecause>(lang, &item.because),
        state,
    ]);
    if is_open_to_appeal(item) {
        row
    } else {
        row.role(Role::Dim)
    }
}

/// One in full: its title and lines.
pub(crate) fn check_lines(model: &Model, detail: &QualityDetail) -> (String, Vec<String>) {
    let text = super::desk::check(model.lang, detail);
    let room = model.size.0.saturating_sub(6);
    let title = format!("{} {}", pick(model.lang, "Check", "质检"), detail.item.week);
    (title, text.lines().flat_map(|line| wrapped(line, room)).collect())
}
