//! Breaks a text into lines, where Unicode says that lines may be broken: no closing sign begins a line in Chinese, no word is cut in
//! English. What has no such place and is too wide, as a hash is, is cut where it must be.

use std::borrow::Cow;

use unicode_linebreak::linebreaks;

use crate::error::PaperError;
use crate::font::{Faces, Glyph};
use crate::measure::Length;

/// A line of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pub(crate) glyphs: Vec<Glyph>,
}

impl Line {
    pub(crate) fn width(&self, size: Length) -> Length {
        width(&self.glyphs, size)
    }
}

fn width(glyphs: &[Glyph], size: Length) -> Length {
    glyphs.iter().map(|glyph| glyph.advance(size)).sum()
}

/// Without the spaces at the end, which hang over the margin.
fn trimmed(glyphs: &[Glyph]) -> &[Glyph] {
    let end = glyphs.iter().rposition(|glyph| glyph.character != ' ');
    &glyphs[..end.map_or(0, |last| last + 1)]
}

/// The lines of a text of a size of type that are no wider than `room`.
pub(crate) fn lines(faces: &Faces<'_>, text: &str, size: Length, room: Length) -> Result<Vec<Line>, PaperError> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line: Vec<Glyph> = Vec::new();
        let mut from = 0;
        for (to, _) in linebreaks(&marked(faces, paragraph)) {
            let piece = glyphs(faces, &paragraph[from..to])?;
            from = to;
            fit(&mut lines, &mut line, piece, (size, room));
        }
        lines.push(Line {
            glyphs: trimmed(&line).to_vec(),
        });
    }
    Ok(lines)
}

/// The text with quotes that open and close, as Chinese has them: Unicode leaves open which one a curly quote is, and breaks beside
/// none. Each takes as many bytes as the quote that stands there.
fn marked<'a>(faces: &Faces<'_>, text: &'a str) -> Cow<'a, str> {
    if !faces.chinese_text {
        return Cow::Borrowed(text);
    }
    let quote = |c| match c {
        '“' => '「',
        '”' => '」',
        '‘' => '『',
        '’' => '』',
        other => other,
    };
    Cow::Owned(text.chars().map(quote).collect())
}

fn glyphs(faces: &Faces<'_>, text: &str) -> Result<Vec<Glyph>, PaperError> {
    let printed = text.chars().map(|c| if c == '\t' { ' ' } else { c });
    let printed = printed.filter(|c| !matches!(c, '\r' | '\u{ad}'));
    printed.map(|character| faces.glyph(character)).collect()
}

/// Adds a piece to the line, or begins another with it.
fn fit(lines: &mut Vec<Line>, line: &mut Vec<Glyph>, piece: Vec<Glyph>, (size, room): (Length, Length)) {
    let needed = width(trimmed(&piece), size);
    if !line.is_empty() && width(line, size) + needed > room {
        lines.push(Line {
            glyphs: trimmed(line).to_vec(),
        });
        line.clear();
    }
    if needed <= room {
        line.extend(piece);
        return;
    }
    for glyph in piece {
        if !line.is_empty() && width(line, size) + glyph.advance(size) > room {
            lines.push(Line {
                glyphs: std::mem::take(line),
            });
        }
        line.push(glyph);
    }
}
