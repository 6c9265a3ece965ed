//! Texts on the map that never cover each other: a bitmap of used cells, and places tried in order. Knows no street.

use super::camera::Size;
use super::style::Part;
use crate::table::width;
use unicode_segmentation::UnicodeSegmentation;

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// Its first cell.
    pub(super) cell: [u16; 2],
    /// What it says; every grapheme is one or two cells wide.
    pub(super) text: String,
    /// What it is.
    pub(super) part: Part,
}

/// The labels of a picture.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    size: Size,
    used: Vec<bool>,
    placed: Vec<Label>,
}

impl Labels {
    /// No label yet.
    pub(super) fn new(size: Size) -> Self {
        Self {
            size,
            used: vec![false; usize::from(size.cols) * usize::from(size.rows)],
            placed: Vec::new(),
        }
    }

    /// The labels, in the order in which they were placed.
    pub(super) fn placed(&self) -> &[Label] {
        &self.placed
    }

    /// Whether a text of so many cells fits at a place, with a free cell on both sides if `apart`.
    pub(super) fn fits(&self, col: i32, row: i32, cells: usize, apart: bool) -> bool {
        let (cols, rows) = (i32::from(self.size.cols), i32::from(self.size.rows));
        let end = col + cells as i32;
        if cells == 0 || col < 0 || row < 0 || row >= rows || end > cols {
            return false;
        }
        let margin = i32::from(apart);
        let (from, to) = ((col - margin).max(0), (end + margin).min(cols));
        let first = (row * cols) as usize;
        self.used[first + from as usize..first + to as usize]
            .iter()
            .all(|used| !used)
    }

    /// Puts a text at the first of the places, as offset of its first cell, where it fits. Says which one it was.
    pub(super) fn put(
        &mut self,
        at: [u16; 2],
        offsets: &[[i32; 2]],
        text: &str,
        part: Part,
        apart: bool,
    ) -> Option<usize> {
        let cells = width(text);
        let (col, row) = (i32::from(at[0]), i32::from(at[1]));
        let place = offsets
            .iter()
            .position(|[right, down]| self.fits(col + right, row + down, cells, apart))?;
        let [right, down] = offsets[place];
        let cell = [(col + right) as u16, (row + down) as u16];
        let first = usize::from(cell[1]) * usize::from(self.size.cols) + usize::from(cell[0]);
        self.used[first..first + cells].fill(true);
        self.placed.push(Label {
            cell,
            text: text.to_owned(),
            part,
        });
        Some(place)
    }
}

/// Places round a cell for a text of so many cells: on it to the right, to the left, above, below.
pub(super) fn around(cells: usize) -> [[i32; 2]; 4] {
    let cells = cells as i32;
    [[0, 0], [1 - cells, 0], [-(cells / 2), -1], [-(cells / 2), 1]]
}

/// The beginning of a text that takes at most so many cells, cut between graphemes; a cut one ends in a full stop.
pub(super) fn shortened(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut short = String::new();
    for grapheme in text.graphemes(true) {
        if width(&short) + width(grapheme) + 1 > cells {
            break;
        }
        short.push_str(grapheme);
    }
    if short.is_empty() {
        short
    } else {
        short.trim_end().to_owned() + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_graphemes() {
        assert_eq!(shortened("Harbour Road", 8), "Harbour.");
        assert_eq!(shortened("码头路东段", 6), "码头.");
        assert_eq!(shortened("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}.");
        assert_eq!(shortened("码", 1), "");
        assert_eq!(shortened("Row", 3), "Row");
    }

    #[test]
    fn a_used_cell_is_not_used_again() {
        let mut labels = Labels::new(Size { cols: 10, rows: 3 });
        assert_eq!(labels.put([2, 1], &around(4), "Berg", Part::Team, false), Some(0));
        assert_eq!(labels.put([2, 1], &around(2), "周", Part::Team, false), Some(2));
        assert_eq!(labels.put([6, 1], &[[0, 0]], "x", Part::Team, true), None);
        assert_eq!(labels.put([6, 1], &[[0, 0]], "x", Part::Team, false), Some(0));
        assert_eq!(labels.put([9, 2], &around(3), "Ito", Part::Team, false), Some(1));
        assert_eq!(labels.placed()[1].cell, [1, 0]);
        assert!(!labels.fits(0, 0, 0, false));
    }
}
