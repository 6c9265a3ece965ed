//! Writes CSV that no spreadsheet takes for formulas, and the file of rows that go back to the sender.
//!
//! Every cell that a spreadsheet would compute gets an apostrophe before it; plain numbers stay. A file that was given
//! back is recognised by its reason column, and the apostrophes are undone when it is read again.

use super::error::FileError;
use super::field::REASON_COLUMN;
use super::header::{ColumnUse, Columns};
use super::import_file::Format;
use super::outcome::{RowOutcome, said};
use super::value;
use doorstep_domain::import::RowReason;
use std::borrow::Cow;
use std::io::Write;

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvStyle {
    /// The delimiter, an ASCII character.
    pub delimiter: u8,
    /// Whether a byte order mark stands first: spreadsheet programs then read the file as UTF-8.
    pub byte_order_mark: bool,
}

impl Default for CsvStyle {
    fn default() -> Self {
        Self {
            delimiter: b',',
            byte_order_mark: true,
        }
    }
}

/// Writes records in UTF-8 with formulas neutralised, lines ending in CR LF (RFC 4180).
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// A writer into `target`.
    ///
    /// # Errors
    /// [`FileError::Write`] where the byte order mark cannot be written.
    pub fn new(mut target: W, style: CsvStyle) -> Result<Self, FileError> {
        if style.byte_order_mark {
            target.write_all("\u{feff}".as_bytes()).map_err(FileError::Write)?;
        }
        let writer = csv::WriterBuilder::new()
            .delimiter(style.delimiter)
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(target);
        Ok(Self { writer })
    }

    /// Writes one record.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn record<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<(), FileError> {
        for cell in cells {
            self.writer
                .write_field(neutralised(cell.as_ref()).as_bytes())
                .map_err(csv_error)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(csv_error)
    }

    /// Writes everything out and returns the target.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn finish(self) -> Result<W, FileError> {
        self.writer
            .into_inner()
            .map_err(|error| FileError::Write(error.into_error()))
    }
}

fn csv_error(error: csv::Error) -> FileError {
    FileError::Write(std::io::Error::from(error))
}

/// The text as it may stand in a spreadsheet: what looks like a formula gets an apostrophe first.
///
/// ```
/// use doorstep_app::file::neutralised;
/// assert_eq!(neutralised("=1+1"), "'=1+1");
/// assert_eq!(neutralised("-8.55"), "-8.55");
/// assert_eq!(neutralised("＝1+1"), "'＝1+1");
/// ```
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    if value::is_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes back what [`neutralised`] did.
pub(super) fn undo_apostrophe(text: &mut String) {
    if text.starts_with('\'') && value::is_formula(text.trim_start_matches('\'')) {
        text.remove(0);
    }
}

/// Writes rows that go back to the sender: the columns of the file in their order, and the reasons in a last column.
///
/// Unknown columns come back as they came, so that nothing of the sender's is lost. Refused columns come back empty. A row with
/// another number of fields than the header comes back with that number, so that it is refused again until somebody mends it.
pub struct GiveBack<W: Write> {
    writer: CsvWriter<W>,
    uses: Vec<ColumnUse>,
}

impl<W: Write> GiveBack<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn new(target: W, columns: &Columns, format: Format) -> Result<Self, FileError> {
        let delimiter = match format {
            Format::Csv { delimiter, .. } => delimiter,
            Format::Xlsx => b',',
        };
        let style = CsvStyle {
            delimiter,
            byte_order_mark: true,
        };
        let mut writer = CsvWriter::new(target, style)?;
        let names = columns
            .list()
            .filter(|(_, used)| *used != ColumnUse::Reason)
            .map(|(name, _)| name);
        writer.record(names.chain([REASON_COLUMN]))?;
        Ok(Self {
            writer,
            uses: columns.list().map(|(_, used)| used).collect(),
        })
    }

    /// Writes one row; `words` says a reason in the reader's language. The codes stand first, so that programs can read
    /// them, and the columns last: `field-missing: … (address)`.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn row<Row>(
        &mut self,
        outcome: &RowOutcome<Row>,
        words: impl Fn(RowReason) -> String,
    ) -> Result<(), FileError> {
        let mut reasons: Vec<String> = outcome
            .reasons
            .iter()
            .map(|reason| format!("{}: {}", reason.code(), said(*reason, &words(*reason), &outcome.at)))
            .collect();
        if !outcome.same_number_lines.is_empty() {
            reasons.push(format!("= {}", outcome.other_lines()));
        }
        let reason = reasons.join("; ");
        let mut beyond = outcome.cells.iter().skip(self.uses.len());
        if outcome.cells.len() < self.uses.len() || beyond.any(|text| !text.trim().is_empty()) {
            let cells = self.unfitting(&outcome.cells).iter().map(String::as_str);
            return self.writer.record(cells.chain([reason.as_str()]));
        }
        let cell = |index: usize| outcome.cells.get(index).map_or("", String::as_str);
        let kept = self
            .uses
            .iter()
            .enumerate()
            .filter(|(_, used)| **used != ColumnUse::Reason);
        let cells = kept.map(|(index, used)| {
            if matches!(used, ColumnUse::Refused(_)) {
                ""
            } else {
                cell(index)
            }
        });
        self.writer.record(cells.chain([reason.as_str()]))
    }

    /// The fields of a row that does not fit the header, without the reason that it was given back with before. Where a column
    /// is refused, those up to where its content could stand: which field holds it cannot be told.
    fn unfitting<'a>(&self, cells: &'a [String]) -> &'a [String] {
        let is_reason = |text: &String| {
            let code = text.split(':').next().unwrap_or_default();
            text.len() > code.len() && RowReason::ALL.iter().any(|reason| reason.code() == code)
        };
        let given_back = self.uses.contains(&ColumnUse::Reason);
        let kept = match cells.split_last() {
            Some((last, rest)) if given_back && is_reason(last) => rest,
            _ => cells,
        };
        let refused = |used: &ColumnUse| matches!(used, ColumnUse::Refused(_));
        match self.uses.iter().position(refused) {
            Some(first) => {
                let missing = self.uses.len().saturating_sub(cells.len());
                &kept[..kept.len().min(first.saturating_sub(missing))]
            }
            None => kept,
        }
    }

    /// Writes everything out and returns the target.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn finish(self) -> Result<W, FileError> {
        self.writer.finish()
    }
}
