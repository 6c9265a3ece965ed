//! What waits to be sent, and conflicts with both their sides.

use doorstep_domain::event::EventKind;
use doorstep_domain::words::Lang;
use ratatui_core::layout::Rect;

use super::today::split_y;
use crate::app::field::Conflict;
use crate::app::list::ListState;
use crate::app::model::Model;
use crate::text::{label, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, rows};

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let field = &model.field;
    let (conflicts, waiting) = (field.conflicts.len(), field.waiting.len());
    let lang = model.lang;
    let chosen = field.conflicts.get(field.outbox.chosen);
    let (top, bottom) = split_y(
        area,
        if chosen.is_some() {
            area.height.saturating_sub(9)
        } else {
            area.height
        },
    );
    let title = match lang {
        Lang::En => format!("Waiting {waiting}   Conflicts {conflicts}"),
        Lang::Zh => format!("待发 {waiting}   冲突 {conflicts}"),
    };
    let inner = framed(painter, top, &title, "");
    if conflicts + waiting == 0 {
        let good = painter.style(Role::Good);
        let text = pick(lang, "Everything is with the server.", "全部内容均已送达服务器。");
        painter.text(inner, 1, 0, text, good);
        return;
    }
    let columns = [
        column("", 1),
        column(pick(lang, "What", "内容"), 18),
        column(pick(lang, "Case", "案件"), 14),
        column(pick(lang, "Made", "时间"), 5),
        column(pick(lang, "State", "状态"), 0),
    ];
    let list = ListState { ..field.outbox };
    rows(
        painter,
        inner,
        &columns,
        (conflicts + waiting, list),
        |at| match field.conflicts.get(at) {
            Some(conflict) => Row::new([
                "!".to_owned(),
                conflict.field.clone(),
                conflict.case_no.clone(),
                String::new(),
                pick(lang, "CONFLICT: two sides", "冲突：两种说法").to_owned(),
            ])
            .role(Role::Bad),
            None => waiting_row(model, at - conflicts),
        },
    );
    if let Some(conflict) = chosen {
        sides(model, conflict, painter, bottom);
    }
}

fn waiting_row(model: &Model, at: usize) -> Row {
    let lang = model.lang;
    let Some(item) = model.field.waiting.get(at) else {
        return Row::new([]);
    };
    let state = match item.state.as_str() {
        "waiting" => pick(lang, "waiting", "待发送").to_owned(),
        "sent" => pick(lang, "with the server, not signed for yet", "已送达，待签收").to_owned(),
        "held" => pick(lang, "held until earlier ones arrive", "等待之前的记录").to_owned(),
        other => format!("{other} {}", or_dash(item.code.as_deref())),
    };
    Row::new([
        String::new(),
        label::<EventKind>(lang, &item.kind),
        or_dash(item.case_no.as_deref()),
        times::clock(item.made_at, &model.zone),
        state,
    ])
}

/// Both sides of a conflict, and which one counts.
fn sides(model: &Model, conflict: &Conflict, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = format!("{} {}", conflict.case_no, conflict.field);
    let inner = framed(painter, area, &title, "");
    let plain = painter.style(Role::Plain);
    let dim = painter.style(Role::Dim);
    let mut y = 0;
    for (number, side, code) in [("1", &conflict.left, "left"), ("2", &conflict.right, "right")] {
        let counts = if conflict.current == code {
            pick(lang, "  counts now", "  目前有效")
        } else {
            ""
        };
        painter.text(inner, 0, y, &format!("{number} {}{counts}", side.0), plain);
        painter.text(inner, 2, y + 1, &side.1, dim);
        y += 2;
    }
    let text = pick(
        lang,
        "a settles it. Both sides stay in the log, and a supervisor sees it.",
        "按 a 处理。双方内容都保留在日志中，主管可以看到。",
    );
    painter.paragraph(inner, y, text, dim);
}
