//! A frame as something to keep: text, text with its looks (for tests), or a picture (SVG). Pure.

use std::fmt::Write as _;

use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// The form of a kept frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Form {
    /// Text.
    #[default]
    Text,
    /// Text, and under each row a letter for how each cell looks.
    Styled,
    /// A picture.
    Svg,
}

/// A frame in a form.
pub(crate) fn picture(buf: &Buffer, form: Form) -> String {
    match form {
        Form::Text => text(buf, false),
        Form::Styled => text(buf, true),
        Form::Svg => svg(buf),
    }
}

fn text(buf: &Buffer, styled: bool) -> String {
    let area = buf.area();
    let mut lines = String::new();
    for y in area.top()..area.bottom() {
        let (mut line, mut looks) = (String::new(), String::new());
        let mut x = area.left();
        while x < area.right() {
            let cell = &buf[(x, y)];
            let wide = (cell.symbol().width() as u16).max(1);
            line.push_str(cell.symbol());
            looks.push_str(&look(cell.fg, cell.modifier).to_string().repeat(usize::from(wide)));
            x += wide;
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
        if styled && !looks.trim().is_empty() {
            lines.push('~');
            lines.push_str(looks.trim_end());
            lines.push('\n');
        }
    }
    lines
}

/// One letter for how a cell looks: capital where it is bold, `R` reversed, `.` dim.
fn look(colour: Color, modifier: Modifier) -> char {
    if modifier.contains(Modifier::REVERSED) {
        return 'R';
    }
    let letter = match colour {
        Color::Cyan => 'c',
        Color::Green => 'g',
        Color::Yellow => 'y',
        Color::Red => 'r',
        Color::Reset if modifier.contains(Modifier::DIM) => '.',
        Color::Reset if modifier.contains(Modifier::BOLD) => 'B',
        Color::Reset => ' ',
        _ => '?',
    };
    if modifier.contains(Modifier::BOLD) {
        letter.to_ascii_uppercase()
    } else {
        letter
    }
}

const CELL: (f64, f64) = (8.4, 17.0);

fn svg(buf: &Buffer) -> String {
    let area = buf.area();
    let (width, height) = (f64::from(area.width) * CELL.0, f64::from(area.height) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" width=\"{:.0}\" \
         font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#12161c\"/>\n",
        width + 16.0,
        height + 16.0,
        width + 16.0
    );
    for y in area.top()..area.bottom() {
        for run in runs(buf, y) {
            run_svg(&mut out, &run, y);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Cells beside each other that look the same.
struct Run {
    x: u16,
    wide: u16,
    text: String,
    look: (Color, Modifier),
}

fn runs(buf: &Buffer, y: u16) -> Vec<Run> {
    let area = buf.area();
    let mut runs: Vec<Run> = Vec::new();
    let mut x = area.left();
    while x < area.right() {
        let cell = &buf[(x, y)];
        let wide = (cell.symbol().width() as u16).max(1);
        let look = (cell.fg, cell.modifier);
        match runs.last_mut() {
            // Signs of two cells stand alone, so that each keeps its place whatever the font.
            Some(run) if run.look == look && wide == 1 && run.wide == run.text.chars().count() as u16 => {
                run.text.push_str(cell.symbol());
                run.wide += 1;
            }
            _ => runs.push(Run {
                x,
                wide,
                text: cell.symbol().to_owned(),
                look,
            }),
        }
        x += wide;
    }
    runs
}

fn run_svg(out: &mut String, run: &Run, y: u16) {
    let (colour, modifier) = run.look;
    let (left, top) = (f64::from(run.x) * CELL.0 + 8.0, f64::from(y) * CELL.1 + 8.0);
    let span = f64::from(run.wide) * CELL.0;
    let reversed = modifier.contains(Modifier::REVERSED);
    let ink = hex(colour, modifier);
    if reversed {
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{span:.1}\" height=\"{:.1}\" fill=\"{ink}\"/>",
            CELL.1
        );
    }
    if run.text.trim().is_empty() {
        return;
    }
    let ink = if reversed { "#12161c" } else { ink };
    let bold = if modifier.contains(Modifier::BOLD) {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let base = top + 13.0;
    let escaped = run.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" textLength=\"{span:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\" fill=\"{ink}\"{bold}>{escaped}</text>"
    );
}

fn hex(colour: Color, modifier: Modifier) -> &'static str {
    match colour {
        Color::Cyan => "#56b6c2",
        Color::Green => "#7fbf7f",
        Color::Yellow => "#e5c07b",
        Color::Red => "#f07178",
        Color::Blue => "#6ea8fe",
        Color::Magenta => "#c678dd",
        Color::DarkGray => "#6b7480",
        Color::Gray => "#9aa4b0",
        _ if modifier.contains(Modifier::DIM) => "#7d8794",
        _ => "#d7dde5",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui_core::layout::Rect;
    use ratatui_core::style::Style;

    #[test]
    fn frames_become_text_looks_and_pictures() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        buf.set_string(0, 0, "王 <a", Style::new().fg(Color::Red));
        assert_eq!(picture(&buf, Form::Text), "王 <a\n");
        assert_eq!(picture(&buf, Form::Styled), "王 <a\n~rrrrr\n");
        let svg = picture(&buf, Form::Svg);
        assert!(svg.contains("&lt;") && svg.contains('王') && svg.ends_with("</svg>\n"));
    }
}
