//! A line of text that is being typed: by graphemes, with a limit in bytes. Pure.

use crate::table::is_harmless;
use unicode_segmentation::UnicodeSegmentation as _;
use zeroize::Zeroizing;

use super::key::Key;

/// A line of text with a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Field {
    text: Zeroizing<String>,
    /// Place of the cursor in bytes, at a border of graphemes.
    at: usize,
}

/// The most bytes of a field, as long as the longest note.
const BYTES_MAX: usize = 16 * 1024;

impl Field {
    /// A field with a text, the cursor behind it.
    pub(crate) fn new(text: &str) -> Self {
        let mut field = Self::default();
        field.insert(text);
        field
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Text before the cursor and after it.
    pub(crate) fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.at)
    }

    /// Puts a text at the cursor; what would draw outside its cell is left out, and line ends become spaces.
    pub(crate) fn insert(&mut self, text: &str) {
        for symbol in text.chars() {
            let symbol = if symbol == '\n' || symbol == '\t' { ' ' } else { symbol };
            if is_harmless(symbol) && self.text.len() + symbol.len_utf8() <= BYTES_MAX {
                self.text.insert(self.at, symbol);
                self.at += symbol.len_utf8();
            }
        }
    }

    /// Takes a key; says whether it meant something here.
    pub(crate) fn press(&mut self, key: Key) -> bool {
        match key {
            Key::Char(symbol) => self.insert(symbol.encode_utf8(&mut [0; 4])),
            Key::Backspace => {
                let start = self.before();
                self.text.replace_range(start..self.at, "");
                self.at = start;
            }
            Key::Delete => {
                let end = self.after();
                self.text.replace_range(self.at..end, "");
            }
            Key::Left => self.at = self.before(),
            Key::Right => self.at = self.after(),
            Key::Home => self.at = 0,
            Key::End => self.at = self.text.len(),
            Key::Ctrl('u') => *self = Self::default(),
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        let last = self.text[..self.at].grapheme_indices(true).next_back();
        last.map_or(0, |(start, _)| start)
    }

    fn after(&self) -> usize {
        let next = self.text[self.at..].graphemes(true).next();
        self.at + next.map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_edited_by_what_people_see_as_one_sign() {
        let mut field = Field::new("王e\u{301}");
        assert!(field.press(Key::Backspace));
        assert_eq!(field.text(), "王");
        field.press(Key::Left);
        field.insert("a\n\u{1b}[1m");
        assert_eq!(field.halves(), ("a [1m", "王"));
        field.press(Key::Delete);
        assert_eq!(field.text(), "a [1m");
        assert!(!field.press(Key::Enter));
    }
}
