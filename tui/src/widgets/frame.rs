//! Frames around parts of a screen, with a title on each side.

use ratatui_core::layout::Rect;

use super::paint::Painter;
use crate::theme::Role;

/// Draws a frame and returns what is inside. Too small an area stays as it is.
pub(crate) fn framed(painter: &mut Painter<'_>, area: Rect, left: &str, right: &str) -> Rect {
    if area.width < 2 || area.height < 2 {
        return area;
    }
    let style = painter.style(Role::Frame);
    let signs = if painter.theme().ascii {
        ["+", "+", "+", "+", "-", "|"]
    } else {
        ["┌", "┐", "└", "┘", "─", "│"]
    };
    let [top_left, top_right, bottom_left, bottom_right, flat, upright] = signs;
    let line = flat.repeat(usize::from(area.width) - 2);
    painter.text(area, 0, 0, &format!("{top_left}{line}{top_right}"), style);
    painter.text(
        area,
        0,
        area.height - 1,
        &format!("{bottom_left}{line}{bottom_right}"),
        style,
    );
    for y in 1..area.height - 1 {
        painter.text(area, 0, y, upright, style);
        painter.text(area, area.width - 1, y, upright, style);
    }
    let head = Rect::new(area.x + 2, area.y, area.width.saturating_sub(4), 1);
    let title = painter.style(Role::Strong);
    let used = if left.is_empty() {
        0
    } else {
        painter.text(head, 0, 0, &format!(" {left} "), title)
    };
    let wide = unicode_width::UnicodeWidthStr::width(right) as u16 + 2;
    if !right.is_empty() && used + wide < head.width {
        let dim = painter.style(Role::Dim);
        painter.text_right(head, 0, &format!(" {right} "), dim);
    }
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// An area in the middle of another, at most this large.
pub(crate) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}
