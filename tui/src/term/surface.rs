//! Cells to bytes: only what differs from what the terminal shows is written, in one write a frame.

use std::io::{self, Write};

use base64::Engine as _;
use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::{Attribute, Color as TermColor, Print, SetAttribute, SetForegroundColor};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier};

/// The longest text that goes to the clipboard; terminals refuse longer ones.
const CLIPBOARD_BYTES_MAX: usize = 74_994;

/// What the terminal shows, and the way to change it.
#[derive(Debug)]
pub(crate) struct Surface<W> {
    out: W,
    shown: Buffer,
    next: Buffer,
    /// Whether what the terminal shows is unknown.
    stale: bool,
}

impl<W: Write> Surface<W> {
    /// A surface of which nothing is known yet.
    pub(crate) fn new(out: W, columns: u16, rows: u16) -> Self {
        let area = Rect::new(0, 0, columns, rows);
        Self {
            out,
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            stale: true,
        }
    }

    /// The terminal has another size: everything is drawn anew.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let area = Rect::new(0, 0, columns, rows);
        if *self.next.area() != area {
            self.next.resize(area);
            self.shown.resize(area);
            self.forget();
        }
    }

    /// What the terminal shows is unknown: everything is drawn anew.
    pub(crate) fn forget(&mut self) {
        self.shown.reset();
        self.stale = true;
    }

    /// Draws a frame. Returns what drawing says, and how many bytes were written: none where nothing changed.
    pub(crate) fn draw<T>(&mut self, paint: impl FnOnce(&mut Buffer) -> T) -> io::Result<(T, usize)> {
        self.next.reset();
        let said = paint(&mut self.next);
        let mut bytes = Vec::new();
        let changes = self.shown.diff(&self.next);
        if self.stale || !changes.is_empty() {
            queue!(bytes, BeginSynchronizedUpdate)?;
            if self.stale {
                queue!(bytes, SetAttribute(Attribute::Reset), Clear(ClearType::All))?;
            }
            write_cells(&mut bytes, &changes)?;
            queue!(bytes, SetAttribute(Attribute::Reset), EndSynchronizedUpdate)?;
            self.out.write_all(&bytes)?;
            self.out.flush()?;
        }
        self.stale = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok((said, bytes.len()))
    }

    /// Puts a text on the clipboard of whoever sits at the terminal, also over SSH (OSC 52).
    pub(crate) fn copy(&mut self, text: &str) -> io::Result<()> {
        if text.len() <= CLIPBOARD_BYTES_MAX {
            let encoded = base64::engine::general_purpose::STANDARD.encode(text);
            write!(self.out, "\x1b]52;c;{encoded}\x07")?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// Rings the bell.
    pub(crate) fn bell(&mut self) -> io::Result<()> {
        self.out.write_all(b"\x07")?;
        self.out.flush()
    }
}

fn write_cells(bytes: &mut Vec<u8>, changes: &[(u16, u16, &Cell)]) -> io::Result<()> {
    let mut last: Option<(u16, u16)> = None;
    let mut look = (Color::Reset, Modifier::empty());
    for (x, y, cell) in changes {
        if last != Some((*x, *y)) {
            queue!(bytes, MoveTo(*x, *y))?;
        }
        let wanted = (cell.fg, cell.modifier);
        if wanted != look {
            write_look(bytes, look, wanted)?;
            look = wanted;
        }
        queue!(bytes, Print(cell.symbol()))?;
        let wide = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1) as u16;
        last = Some((x + wide, *y));
    }
    Ok(())
}

fn write_look(bytes: &mut Vec<u8>, before: (Color, Modifier), wanted: (Color, Modifier)) -> io::Result<()> {
    let mut colour = before.0;
    if before.1 != wanted.1 {
        queue!(bytes, SetAttribute(Attribute::Reset))?;
        colour = Color::Reset;
        let attributes = [
            (Modifier::BOLD, Attribute::Bold),
            (Modifier::DIM, Attribute::Dim),
            (Modifier::UNDERLINED, Attribute::Underlined),
            (Modifier::REVERSED, Attribute::Reverse),
        ];
        for (modifier, attribute) in attributes {
            if wanted.1.contains(modifier) {
                queue!(bytes, SetAttribute(attribute))?;
            }
        }
    }
    if colour != wanted.0 {
        queue!(bytes, SetForegroundColor(term_colour(wanted.0)))?;
    }
    Ok(())
}

/// The colours that themes use; others are the terminal's own.
fn term_colour(colour: Color) -> TermColor {
    match colour {
        Color::Red => TermColor::DarkRed,
        Color::Green => TermColor::DarkGreen,
        Color::Yellow => TermColor::DarkYellow,
        Color::Blue => TermColor::DarkBlue,
        Color::Magenta => TermColor::DarkMagenta,
        Color::Cyan => TermColor::DarkCyan,
        Color::Gray => TermColor::Grey,
        Color::DarkGray => TermColor::DarkGrey,
        Color::White => TermColor::White,
        Color::Indexed(number) => TermColor::AnsiValue(number),
        Color::Rgb(r, g, b) => TermColor::Rgb { r, g, b },
        _ => TermColor::Reset,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use ratatui_core::style::Style;

    #[test]
    fn only_what_changed_is_written() {
        let mut out = Vec::new();
        let mut surface = Surface::new(&mut out, 20, 2);
        let draw = |surface: &mut Surface<&mut Vec<u8>>, text: &str| {
            let paint = |buf: &mut Buffer| {
                buf.set_string(0, 0, text, Style::new());
            };
            surface.draw(paint).unwrap().1
        };
        assert!(draw(&mut surface, "10:52 王小明") > 0);
        assert_eq!(
            draw(&mut surface, "10:52 王小明"),
            0,
            "an unchanged frame writes nothing"
        );
        let clock = draw(&mut surface, "10:53 王小明");
        assert!((1..60).contains(&clock), "{clock} bytes for one minute");
        surface.forget();
        assert!(draw(&mut surface, "10:53 王小明") > clock);
    }
}
