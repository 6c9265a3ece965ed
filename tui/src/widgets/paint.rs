//! Writing into cells: clipped by what a reader sees as one sign, measured in cells, never outside the area.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::app::event::Target;
use crate::table::clean;
use crate::theme::{Role, Theme};

/// Where a frame is drawn, and what of it can be tapped.
pub(crate) struct Painter<'a> {
    buf: &'a mut Buffer,
    theme: Theme,
    hits: Vec<(Rect, Target)>,
}

impl<'a> Painter<'a> {
    /// A painter of a buffer.
    pub(crate) fn new(buf: &'a mut Buffer, theme: Theme) -> Self {
        let hits = Vec::new();
        Self { buf, theme, hits }
    }

    /// What can be tapped; of several at one place the last one counts.
    pub(crate) fn into_hits(self) -> Vec<(Rect, Target)> {
        self.hits
    }

    /// The whole area.
    pub(crate) fn area(&self) -> Rect {
        *self.buf.area()
    }

    /// The cells, for what draws by itself.
    pub(crate) fn buffer(&mut self) -> &mut Buffer {
        self.buf
    }

    /// The theme.
    pub(crate) fn theme(&self) -> Theme {
        self.theme
    }

    /// How something looks.
    pub(crate) fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Says that an area can be tapped.
    pub(crate) fn hit(&mut self, area: Rect, target: Target) {
        self.hits.push((area, target));
    }

    /// Writes a text into one row of an area, from `x` cells after its left edge. Returns the cells used. A text that
    /// does not fit ends in `..`.
    pub(crate) fn text(&mut self, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let area = area.intersection(*self.buf.area());
        if y >= area.height || x >= area.width {
            return 0;
        }
        let room = area.width - x;
        let text = clean(text);
        let (text, cells) = cut(&text, room);
        let (left, row) = (area.x + x, area.y + y);
        let mut at = left;
        for sign in text.graphemes(true) {
            let wide = sign.width() as u16;
            if wide == 0 || at + wide > left + room {
                continue;
            }
            if let Some(cell) = self.buf.cell_mut((at, row)) {
                cell.set_symbol(sign).set_style(style);
            }
            for rest in 1..wide {
                if let Some(cell) = self.buf.cell_mut((at + rest, row)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
            at += wide;
        }
        cells
    }

    /// Writes a text against the right edge of a row. Returns the cells used.
    pub(crate) fn text_right(&mut self, area: Rect, y: u16, text: &str, style: Style) -> u16 {
        let cells = (text.width() as u16).min(area.width);
        self.text(area, area.width.saturating_sub(cells), y, text, style);
        cells
    }

    /// Writes a text over several rows, broken between words (and between Chinese signs). Returns the rows used.
    pub(crate) fn paragraph(&mut self, area: Rect, y: u16, text: &str, style: Style) -> u16 {
        let mut row = y;
        for line in wrapped(text, area.width) {
            if row >= area.height {
                break;
            }
            self.text(area, 0, row, &line, style);
            row += 1;
        }
        row.saturating_sub(y).max(1)
    }

    /// Gives a row of an area a style without changing what is written there.
    pub(crate) fn restyle(&mut self, area: Rect, y: u16, style: Style) {
        if y < area.height {
            let row = Rect::new(area.x, area.y + y, area.width, 1);
            self.buf.set_style(row.intersection(*self.buf.area()), style);
        }
    }

    /// Empties an area.
    pub(crate) fn clear(&mut self, area: Rect) {
        let area = area.intersection(*self.buf.area());
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.reset();
                }
            }
            // A wide sign that begins left of the area would reach into it.
            if let Some(cell) = area.left().checked_sub(1).and_then(|x| self.buf.cell_mut((x, y)))
                && cell.symbol().width() > 1
            {
                cell.reset();
            }
        }
    }
}

/// As much of a text as fits into `room` cells, with its width.
fn cut(text: &str, room: u16) -> (String, u16) {
    let width = text.width();
    if width <= usize::from(room) {
        return (text.to_owned(), width as u16);
    }
    let sign = if room >= 4 { ".." } else { "" };
    let mut kept = String::new();
    let mut cells = 0;
    for part in text.graphemes(true) {
        let wide = part.width();
        if cells + wide + sign.len() > usize::from(room) {
            break;
        }
        kept.push_str(part);
        cells += wide;
    }
    kept.push_str(sign);
    (kept, (cells + sign.len()) as u16)
}

/// Words with the signs that end them, so that no line begins with a comma.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in text.split_word_bounds() {
        let ends = part.chars().all(|sign| "，。、；：！？）」”,.;:!?)".contains(sign)) && !part.is_empty();
        match words.last_mut() {
            Some(word) if ends && !word.trim().is_empty() => word.push_str(part),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// A text in lines of at most `room` cells.
pub(crate) fn wrapped(text: &str, room: u16) -> Vec<String> {
    let room = usize::from(room.max(1));
    let mut lines = vec![String::new()];
    let mut cells = 0;
    for word in words(text) {
        let wide = word.width();
        if cells + wide > room && cells > 0 {
            lines.push(String::new());
            cells = 0;
        }
        if word == "\n" {
            lines.push(String::new());
            cells = 0;
            continue;
        }
        if cells == 0 && word.trim().is_empty() {
            continue;
        }
        if wide > room {
            // Longer than a line, as a link is: broken where it must be.
            for sign in word.graphemes(true) {
                if cells + sign.width() > room && cells > 0 {
                    lines.push(String::new());
                    cells = 0;
                }
                if let Some(line) = lines.last_mut() {
                    line.push_str(sign);
                }
                cells += sign.width();
            }
            continue;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&word);
        }
        cells += wide;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_texts_end_in_dots_and_wide_signs_are_not_halved() {
        assert_eq!(cut("Harbour Row", 8), ("Harbou..".to_owned(), 8));
        assert_eq!(cut("王小明路十二号", 7), ("王小..".to_owned(), 6));
        assert_eq!(cut("ab", 2), ("ab".to_owned(), 2));
        assert_eq!(wrapped("speak quietly and go", 9), ["speak ", "quietly ", "and go"]);
        assert_eq!(wrapped("请先核实是否本人", 6), ["请先核", "实是否", "本人"]);
        assert_eq!(wrapped("taking, entering", 7), ["taking,", "enterin", "g"]);
    }

    proptest! {
        #[test]
        fn nothing_is_written_outside(text in ".{0,40}", x in 0_u16..12, y in 0_u16..4, w in 0_u16..12, h in 0_u16..4) {
            let mut buf = Buffer::empty(Rect::new(0, 0, 10, 3));
            for cell in &mut buf.content { cell.set_symbol("#"); }
            let area = Rect::new(2, 1, w.min(8), h.min(2));
            let mut painter = Painter::new(&mut buf, Theme::default());
            painter.text(area, x, y, &text, Style::new());
            for row in 0..3_u16 {
                for column in 0..10_u16 {
                    let inside = area.contains((column, row).into());
                    if !inside {
                        prop_assert_eq!(buf[(column, row)].symbol(), "#");
                    }
                }
            }
        }
    }
}
