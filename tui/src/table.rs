//! Tables of text, aligned by the cells that a terminal gives each character. Knows no noun and no language.

use unicode_width::UnicodeWidthChar;

/// A table with a head.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<String>,
    align_right: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            head: head.into_iter().map(Into::into).collect(),
            align_right: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Sets columns, by place from 0, against their right edge: numbers and amounts.
    pub(crate) fn align_right(mut self, columns: &[usize]) -> Self {
        self.align_right = columns.to_vec();
        self
    }

    /// Adds a row. Control characters are taken out of every cell, so that no text can draw outside its own.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| clean(&cell)).collect());
    }

    /// The lines, each with its end.
    pub(crate) fn render(&self) -> String {
        let columns = self.head.len();
        let all = || std::iter::once(&self.head).chain(&self.rows);
        let widest = |column: usize| all().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
        let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in all() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths.get(column).copied().unwrap_or(0).saturating_sub(width(cell)));
                let parts = if self.align_right.contains(&column) {
                    [pad.as_str(), cell.as_str()]
                } else {
                    [cell.as_str(), pad.as_str()]
                };
                if column > 0 {
                    line.push_str("  ");
                }
                line.extend(parts);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// How many cells of a terminal a text takes: Chinese characters take two, combining marks none.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|symbol| symbol.width().unwrap_or(0)).sum()
}

/// The text on one line, without control characters and without marks that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let shown = |symbol: char| if symbol.is_whitespace() { ' ' } else { symbol };
    text.chars().filter(|symbol| is_harmless(*symbol)).map(shown).collect()
}

/// Whether a character can neither move the cursor nor turn the direction of writing. Blanks of all kinds are harmless
/// because they become plain ones.
pub(crate) fn is_harmless(symbol: char) -> bool {
    let turns = matches!(symbol, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !turns && (symbol.is_whitespace() || !symbol.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_cells_line_up() {
        let mut table = Table::new(["案件", "Name", "Amount"]).align_right(&[2]);
        table.row(["A-1", "王小明", "9.00"].map(str::to_owned));
        table.row(["案件编号二", "Ann", "1200.50"].map(str::to_owned));
        let expected = "\
案件        Name     Amount
A-1         王小明     9.00
案件编号二  Ann     1200.50
";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        for (text, cells) in [
            ("", 0),
            ("abc", 3),
            ("王小明", 6),
            ("e\u{301}", 1),
            ("（甲）", 6),
            ("é", 1),
        ] {
            assert_eq!(width(text), cells, "{text}");
        }
    }

    #[test]
    fn a_cell_cannot_leave_its_place() {
        let mut table = Table::new(["a"]);
        table.row(["\u{1b}[2Jred\r\nnext\u{202e}x\u{7}".to_owned()]);
        assert_eq!(table.render(), "a\n[2Jred  nextx\n");
    }
}
