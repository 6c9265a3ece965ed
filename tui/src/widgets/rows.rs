//! A list or table of any length: only the rows in view are asked for and drawn, so a frame costs the same for a
//! hundred rows and for a million.

use ratatui_core::layout::Rect;

use super::paint::Painter;
use crate::app::event::Target;
use crate::app::list::ListState;
use crate::theme::Role;

/// One row: cells of text and how the row looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The cells.
    pub(crate) cells: Vec<String>,
    /// What it means.
    pub(crate) role: Role,
}

impl Row {
    /// A row that is nothing special.
    pub(crate) fn new(cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
            role: Role::Plain,
        }
    }

    /// The same with another meaning.
    pub(crate) fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its head.
    pub(crate) head: &'static str,
    /// Cells; 0 takes what is left.
    pub(crate) width: u16,
    /// Against the right edge.
    pub(crate) right: bool,
}

/// A column of some cells.
pub(crate) const fn column(head: &'static str, width: u16) -> Column {
    Column {
        head,
        width,
        right: false,
    }
}

/// A column of numbers.
pub(crate) const fn number(head: &'static str, width: u16) -> Column {
    Column {
        head,
        width,
        right: true,
    }
}

/// Draws a list of `len` rows; `row` is asked for those in view only.
pub(crate) fn rows(
    painter: &mut Painter<'_>,
    area: Rect,
    columns: &[Column],
    (len, list): (usize, ListState),
    row: impl Fn(usize) -> Row,
) {
    let headed = columns.iter().any(|column| !column.head.is_empty());
    let mut body = area;
    if headed && area.height > 1 {
        let dim = painter.style(Role::Dim);
        let heads: Vec<String> = columns.iter().map(|column| column.head.to_owned()).collect();
        cells(
            painter,
            area,
            0,
            columns,
            &Row {
                cells: heads,
                role: Role::Dim,
            },
            dim,
        );
        body = Rect::new(area.x, area.y + 1, area.width, area.height - 1);
    }
    let first = list.window(len, usize::from(body.height));
    for (y, at) in (first..len).take(usize::from(body.height)).enumerate() {
        let row = row(at);
        let style = painter.style(row.role);
        let y = y as u16;
        cells(painter, body, y, columns, &row, style);
        if at == list.chosen {
            let chosen = painter.style(Role::Chosen);
            painter.restyle(body, y, chosen);
        }
        painter.hit(Rect::new(body.x, body.y + y, body.width, 1), Target::Row(at));
    }
}

fn cells(
    painter: &mut Painter<'_>,
    area: Rect,
    y: u16,
    columns: &[Column],
    row: &Row,
    style: ratatui_core::style::Style,
) {
    let fixed: u16 = columns.iter().map(|column| column.width + 1).sum();
    let mut x = 0;
    for (column, text) in columns.iter().zip(&row.cells) {
        let width = if column.width == 0 {
            area.width.saturating_sub(fixed)
        } else {
            column.width
        };
        if x >= area.width {
            break;
        }
        let cell = Rect::new(area.x + x, area.y, width.min(area.width - x), area.height);
        if column.right {
            painter.text_right(cell, y, text, style);
        } else {
            painter.text(cell, 0, y, text, style);
        }
        x += width + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Theme;
    use ratatui_core::buffer::Buffer;
    use std::cell::Cell;

    #[test]
    fn a_million_rows_build_only_what_is_seen() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 20, 5));
        let built = Cell::new(0);
        let area = Rect::new(0, 0, 20, 5);
        let list = ListState {
            chosen: 500_000,
            top: 0,
        };
        let mut painter = Painter::new(&mut buf, Theme::default());
        rows(
            &mut painter,
            area,
            &[column("Case", 10), number("Days", 0)],
            (1_000_000, list),
            |at| {
                built.set(built.get() + 1);
                Row::new([format!("C-{at}"), "7".to_owned()])
            },
        );
        assert_eq!(built.get(), 4);
        assert_eq!(painter.into_hits().len(), 4);
        assert_eq!(buf[(0, 4)].symbol(), "C");
    }
}
