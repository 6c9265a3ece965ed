//! Records of delimited text: fields, quotes, and the line where each record starts (RFC 4180, read generously).
//!
//! Knows nothing of headers. Blank lines are skipped; a quote that is never closed is an error, because the rest of the
//! file would silently become one field.

use super::encoding::{Encoding, TextReader};
use super::error::FileError;
use super::options::Limits;
use std::io::{BufRead, BufReader, Read};

/// The fields of one row as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line (text) or row (workbook) where it starts; the first is 1.
    pub(super) line: u64,
    /// The fields.
    pub(super) cells: Vec<String>,
}

impl Record {
    /// Whether nothing but spaces stands in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Where the reader stands within a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Plain,
    Quoted,
    QuoteInQuoted,
}

/// Reads records one by one.
pub(super) struct RecordReader<R> {
    text: BufReader<TextReader<R>>,
    delimiter: u8,
    columns_max: usize,
    row_bytes_max: usize,
    line: u64,
    after_return: bool,
}

/// A record under construction.
struct Draft {
    start: u64,
    cells: Vec<String>,
    field: Vec<u8>,
    bytes: usize,
    place: Place,
    any: bool,
}

impl Draft {
    fn end_field(&mut self) {
        // The text is valid UTF-8 and is cut at ASCII bytes only, so nothing is lost here.
        self.cells.push(String::from_utf8_lossy(&self.field).into_owned());
        self.field.clear();
        self.place = Place::Start;
    }
}

impl<R: Read> RecordReader<R> {
    /// Records of `inner`, which stands at its start.
    pub(super) fn new(inner: R, encoding: Encoding, delimiter: u8, limits: &Limits) -> Self {
        Self {
            text: BufReader::with_capacity(64 * 1024, TextReader::new(inner, encoding)),
            delimiter,
            columns_max: limits.columns_max,
            row_bytes_max: limits.row_bytes_max,
            line: 1,
            after_return: false,
        }
    }

    /// The next record that is no blank line.
    pub(super) fn next_record(&mut self) -> Result<Option<Record>, FileError> {
        loop {
            match self.read_one()? {
                Some(record) if record.is_blank() => {}
                other => return Ok(other),
            }
        }
    }

    fn read_one(&mut self) -> Result<Option<Record>, FileError> {
        let mut draft = Draft {
            start: self.line,
            cells: Vec::new(),
            field: Vec::new(),
            bytes: 0,
            place: Place::Start,
            any: false,
        };
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Self::at_end(draft);
            }
            let mut used = 0;
            let mut done = false;
            for byte in buffer {
                used += 1;
                if self.after_return && *byte == b'\n' && draft.place != Place::Quoted {
                    self.after_return = false;
                    draft.start = self.line;
                    continue;
                }
                let new_line = *byte == b'\r' || (*byte == b'\n' && !self.after_return);
                self.line += u64::from(new_line);
                self.after_return = *byte == b'\r';
                done = step(&mut draft, *byte, self.delimiter);
                if done {
                    break;
                }
            }
            self.text.consume(used);
            draft.bytes += used;
            self.within_limits(&draft)?;
            if done {
                draft.end_field();
                return Ok(Some(Record {
                    line: draft.start,
                    cells: draft.cells,
                }));
            }
        }
    }

    fn within_limits(&self, draft: &Draft) -> Result<(), FileError> {
        if draft.bytes > self.row_bytes_max {
            return Err(FileError::RowTooLong {
                bytes_max: self.row_bytes_max,
                line: draft.start,
            });
        }
        if draft.cells.len() >= self.columns_max {
            return Err(FileError::TooManyColumns {
                columns_max: self.columns_max,
                line: draft.start,
            });
        }
        Ok(())
    }

    fn at_end(mut draft: Draft) -> Result<Option<Record>, FileError> {
        if draft.place == Place::Quoted {
            return Err(FileError::Truncated { line: draft.start });
        }
        if !draft.any {
            return Ok(None);
        }
        draft.end_field();
        Ok(Some(Record {
            line: draft.start,
            cells: draft.cells,
        }))
    }
}

/// Takes one byte; true where it ends the record.
fn step(draft: &mut Draft, byte: u8, delimiter: u8) -> bool {
    draft.any = true;
    match (draft.place, byte) {
        (Place::Start, b'"') => draft.place = Place::Quoted,
        (Place::Quoted, b'"') => draft.place = Place::QuoteInQuoted,
        (Place::QuoteInQuoted, b'"') => {
            draft.field.push(b'"');
            draft.place = Place::Quoted;
        }
        (Place::Quoted, _) => draft.field.push(byte),
        (_, b'\r' | b'\n') => return true,
        (_, _) if byte == delimiter => draft.end_field(),
        (_, _) => {
            draft.field.push(byte);
            draft.place = Place::Plain;
        }
    }
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str, delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, FileError> {
        let mut reader = RecordReader::new(text.as_bytes(), Encoding::Utf8, delimiter, &Limits::default());
        let mut records = Vec::new();
        while let Some(record) = reader.next_record()? {
            records.push((record.line, record.cells));
        }
        Ok(records)
    }

    #[test]
    fn lines_are_those_of_the_file() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = format!("a,b{ending}1,\"x{ending}y\"{ending}{ending}2,\"q\"\"r\"{ending}3,");
            let records = all(&text, b',').unwrap();
            let lines: Vec<u64> = records.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [1, 2, 5, 6], "{ending:?}");
            assert_eq!(records[1].1, ["1".to_owned(), format!("x{ending}y")]);
            assert_eq!(records[2].1, ["2", "q\"r"]);
            assert_eq!(records[3].1, ["3", ""]);
        }
    }

    #[test]
    fn an_open_quote_names_its_line() {
        let error = all("a,b\n1,2\n3,\"x\ny\nz", b',').unwrap_err();
        assert!(matches!(error, FileError::Truncated { line: 3 }), "{error}");
    }

    proptest! {
        #[test]
        fn what_a_known_writer_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-z\",;\n\r é案]{0,8}", 1..5), 1..8),
            delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = all(&text, delimiter).unwrap().into_iter().map(|(_, cells)| cells).collect();
            let not_blank = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
            let expected: Vec<Vec<String>> = rows.iter().filter(not_blank).cloned().collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn any_text_ends(text in "\\PC{0,200}[\",\n]{0,20}") {
            let _ended = all(&text, b',');
        }
    }
}
