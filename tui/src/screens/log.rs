//! The log: its newest entries, and whether all of it holds.

use ratatui_core::layout::Rect;

use super::plan::working;
use super::today::split_y;
use crate::app::model::Model;
use crate::text::pick;
use crate::theme::Role;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, number, rows};

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let above = match (&model.office.verifying, &model.office.verified) {
        (None, Some(verified)) => {
            u16::try_from(verified.lines.len())
                .unwrap_or(u16::MAX)
                .clamp(1, area.height / 2)
                + 2
        }
        _ => 3,
    };
    let (top, bottom) = split_y(area, above);
    match (&model.office.verifying, &model.office.verified) {
        (Some(work), _) => working(
            work,
            pick(lang, "Verifying  x stops", "正在核验  按 x 停止"),
            painter,
            top,
        ),
        (None, Some(verified)) => {
            let (title, role) = if verified.holds {
                (pick(lang, "Everything holds", "核验通过"), Role::Good)
            } else {
                (pick(lang, "DOES NOT HOLD", "核验未通过"), Role::Bad)
            };
            let inner = framed(painter, top, title, "");
            let style = painter.style(role);
            for (y, line) in verified.lines.iter().enumerate() {
                painter.text(inner, 0, y as u16, line, style);
            }
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
