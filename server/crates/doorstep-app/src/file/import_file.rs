//! A file opened for import: its header, what the whole of it tells, and then its rows one by one.
//!
//! Opening reads the file twice (encoding, then numbers and places), so that every later row can be judged against all
//! others. Memory holds two short hashes a row, never the rows of a CSV. No database, no clock.

use super::encoding::{self, Container, Encoding};
use super::error::FileError;
use super::field::Field;
use super::header::{self, ColumnUse, Columns};
use super::options::ReadOptions;
use super::outcome::{Counts, RowOutcome};
use super::record::{Record, RecordReader};
use super::row::RowKind;
use super::scan::{self, Scan};
use super::sheet;
use std::io::{Read, Seek};
use std::marker::PhantomData;

/// How the file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv {
        /// Its encoding.
        encoding: Encoding,
        /// The delimiter, one of `,` `;` `|` and tab.
        delimiter: u8,
    },
    /// An XLSX workbook.
    Xlsx,
}

/// A file whose rows can be read as often as needed.
pub struct ImportFile<R, K> {
    source: Source<R>,
    format: Format,
    columns: Columns,
    options: ReadOptions,
    scan: Scan,
    kind: PhantomData<K>,
}

enum Source<R> {
    Text(R),
    Sheet(Vec<Record>),
}

/// What a file would do, without doing it.
#[derive(Debug, Clone)]
pub struct Preview<Row> {
    /// How the file was read.
    pub format: Format,
    /// The line of the header.
    pub header_line: u64,
    /// Every column and what becomes of it.
    pub columns: Vec<(String, ColumnUse)>,
    /// The day on which most rows say that the file was made.
    pub file_day: jiff::civil::Date,
    /// The middle of all coordinates as given (latitude, longitude in 1e-7 degrees), so that a person sees where the
    /// file plays; `None` in a file of few rows.
    pub middle: Option<(i64, i64)>,
    /// How many rows have each result.
    pub counts: Counts,
    /// The first rows.
    pub first: Vec<RowOutcome<Row>>,
}

/// What may stand between fields, the usual ones first: the one under which most columns are known is taken. Letters,
/// digits and the signs of names, numbers and quotes can be none.
const DELIMITERS: &[u8] = b",;\t|^~:!#$%&*/=?@\\\x01\x1e\x1f";

impl<R: Read + Seek, K: RowKind> ImportFile<R, K> {
    /// Opens a file: checks encoding and header and reads every row once.
    ///
    /// # Errors
    /// Whatever makes the file unreadable as a whole; nothing of it counts then.
    pub fn open(mut reader: R, options: ReadOptions) -> Result<Self, FileError> {
        let (source, format) = match encoding::sniff(&mut reader, &options.limits)? {
            Container::Zip => {
                let known =
                    |rows: &[Record]| header::find(rows, K::KIND, &options.mapping).map_or(0, |found| found.known);
                (
                    Source::Sheet(sheet::read_best(&mut reader, &options.limits, known)?),
                    Format::Xlsx,
                )
            }
            Container::Text(encoding) => {
                let delimiter = delimiter_of::<R, K>(&mut reader, encoding, &options)?;
                (Source::Text(reader), Format::Csv { encoding, delimiter })
            }
        };
        let mut source = source;
        let head = head_of(&mut source, format, &options)?;
        let found = header::find(&head, K::KIND, &options.mapping).ok_or_else(|| FileError::NoHeader {
            found: head
                .first()
                .map_or_else(String::new, |first| header::shortened(&first.cells)),
        })?;
        let columns = Columns::new(&head[found.index], K::KIND, &options)?;
        let mut records = Records::below(&mut source, format, &columns, &options)?;
        let scan = scan::scan::<K>(&columns, &options, || records.next_record())?;
        Ok(Self {
            source,
            format,
            columns,
            options,
            scan,
            kind: PhantomData,
        })
    }

    /// The header.
    #[must_use]
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }
    /// How the file is read.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The outcome of every row, in the order of the file. May be called again.
    ///
    /// # Errors
    /// Where the file cannot be read any more.
    pub fn rows(&mut self) -> Result<Rows<'_, R, K>, FileError> {
        let records = Records::below(&mut self.source, self.format, &self.columns, &self.options)?;
        Ok(Rows {
            records,
            columns: &self.columns,
            options: &self.options,
            scan: &self.scan,
            kind: PhantomData,
        })
    }

    /// What the file would do, with its first `first` rows.
    ///
    /// # Errors
    /// Where the file cannot be read any more.
    pub fn preview(&mut self, first: usize) -> Result<Preview<K::Row>, FileError> {
        let mut counts = Counts::default();
        let mut shown = Vec::new();
        for outcome in self.rows()? {
            let outcome = outcome?;
            counts.add(outcome.result);
            if shown.len() < first {
                shown.push(outcome);
            }
        }
        Ok(Preview {
            format: self.format,
            header_line: self.columns.line(),
            columns: self
                .columns
                .list()
                .map(|(name, used)| (name.to_owned(), used))
                .collect(),
            file_day: self.scan.facts().file_day,
            middle: self.scan.facts().middle,
            counts,
            first: shown,
        })
    }
}

/// The rows of a file with their outcomes.
pub struct Rows<'a, R, K> {
    records: Records<'a, R>,
    columns: &'a Columns,
    options: &'a ReadOptions,
    scan: &'a Scan,
    kind: PhantomData<K>,
}

impl<R: Read + Seek, K: RowKind> Iterator for Rows<'_, R, K> {
    type Item = Result<RowOutcome<K::Row>, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next_record() {
            Ok(record) => record?,
            Err(error) => return Some(Err(error)),
        };
        Some(Ok(scan::judge::<K>(self.columns, self.options, self.scan, record)))
    }
}

/// Records of either source.
enum Records<'a, R> {
    Text {
        reader: RecordReader<&'a mut R>,
        given_back: bool,
        rows: u64,
        rows_max: u64,
    },
    Sheet {
        rows: std::slice::Iter<'a, Record>,
        columns: usize,
        given_back: bool,
    },
}

impl<'a, R: Read + Seek> Records<'a, R> {
    /// The records below the header.
    fn below(
        source: &'a mut Source<R>,
        format: Format,
        columns: &Columns,
        options: &ReadOptions,
    ) -> Result<Self, FileError> {
        let given_back = columns.given_back();
        match (source, format) {
            (Source::Sheet(rows), _) => {
                let start = rows.partition_point(|row| row.line <= columns.line());
                if rows.len() as u64 - start as u64 > options.limits.rows_max {
                    return Err(FileError::TooManyRows {
                        rows_max: options.limits.rows_max,
                        line: rows[start].line + options.limits.rows_max,
                    });
                }
                Ok(Self::Sheet {
                    rows: rows[start..].iter(),
                    columns: columns.len(),
                    given_back,
                })
            }
            (Source::Text(text), Format::Csv { encoding, delimiter }) => {
                text.rewind()?;
                let mut reader = RecordReader::new(text, encoding, delimiter, &options.limits);
                while let Some(record) = reader.next_record()? {
                    if record.line >= columns.line() {
                        break;
                    }
                }
                Ok(Self::Text {
                    reader,
                    given_back,
                    rows: 0,
                    rows_max: options.limits.rows_max,
                })
            }
            (Source::Text(_), Format::Xlsx) => Err(FileError::Empty),
        }
    }

    fn next_record(&mut self) -> Result<Option<Record>, FileError> {
        let (record, given_back) = match self {
            Self::Text {
                reader,
                given_back,
                rows,
                rows_max,
            } => {
                let record = reader.next_record()?;
                *rows += 1;
                if let Some(record) = record.as_ref().filter(|_| *rows > *rows_max) {
                    return Err(FileError::TooManyRows {
                        rows_max: *rows_max,
                        line: record.line,
                    });
                }
                (record, *given_back)
            }
            Self::Sheet {
                rows,
                columns,
                given_back,
            } => {
                let record = rows.next().cloned().map(|mut record| {
                    // A sheet does not store empty cells at the end of a row.
                    record.cells.resize(record.cells.len().max(*columns), String::new());
                    record
                });
                (record, *given_back)
            }
        };
        Ok(record.map(|mut record| {
            if given_back {
                record.cells.iter_mut().for_each(super::export::undo_apostrophe);
            }
            record
        }))
    }
}

fn head_of<R: Read + Seek>(
    source: &mut Source<R>,
    format: Format,
    options: &ReadOptions,
) -> Result<Vec<Record>, FileError> {
    match (source, format) {
        (Source::Sheet(rows), _) => Ok(rows.iter().take(header::SCANNED_ROWS).cloned().collect()),
        (Source::Text(reader), Format::Csv { encoding, delimiter }) => text_head(reader, encoding, delimiter, options),
        (Source::Text(_), Format::Xlsx) => Err(FileError::Empty),
    }
}

fn text_head<R: Read + Seek>(
    reader: &mut R,
    encoding: Encoding,
    delimiter: u8,
    options: &ReadOptions,
) -> Result<Vec<Record>, FileError> {
    reader.rewind()?;
    let mut records = RecordReader::new(reader, encoding, delimiter, &options.limits);
    let mut head = Vec::new();
    while head.len() < header::SCANNED_ROWS {
        match records.next_record() {
            Ok(Some(record)) => head.push(record),
            // The wrong delimiter may see open quotes where the right one sees none, so only a head without any record
            // is final here; the pass over all rows reports what is really wrong.
            Err(error) if head.is_empty() => return Err(error),
            Ok(None) | Err(_) => break,
        }
    }
    Ok(head)
}

/// The delimiter that gives the header with the most known names, or else the most frequent one of the first line.
fn delimiter_of<R: Read + Seek, K: RowKind>(
    reader: &mut R,
    encoding: Encoding,
    options: &ReadOptions,
) -> Result<u8, FileError> {
    let mut best = (0, 0, b',');
    let mut failed = None;
    for delimiter in DELIMITERS.iter().copied() {
        let head = match text_head(reader, encoding, delimiter, options) {
            Ok(head) => head,
            Err(error) => {
                failed.get_or_insert(error);
                continue;
            }
        };
        let known = header::find(&head, K::KIND, &options.mapping).map_or(0, |found| found.known);
        let fields = head.first().map_or(0, |first| first.cells.len());
        if (known, fields) > (best.0, best.1) {
            best = (known, fields, delimiter);
        }
    }
    match failed {
        Some(error) if best.0 == 0 => Err(error),
        _ => Ok(best.2),
    }
}

/// Whether a row is a sum or a remark under the data: none of these is ever a case.
pub(super) fn is_footer(columns: &Columns, record: &Record) -> bool {
    const SUMS: &[&str] = &[
        "total",
        "totals",
        "sum",
        "subtotal",
        "grandtotal",
        "count",
        "合计",
        "总计",
        "小计",
        "共计",
        "备注",
    ];
    let filled = record.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let first = record
        .cells
        .iter()
        .map(|cell| cell.trim())
        .find(|cell| !cell.is_empty())
        .unwrap_or("");
    let sum = SUMS.contains(&super::field::normalised(first).trim_end_matches(char::is_numeric));
    let numberless = [Field::CaseNo, Field::StaffNo]
        .iter()
        .all(|field| columns.cell(*field, record).trim().is_empty());
    let short = record.cells.len() * 2 <= columns.len();
    sum || short || (numberless && filled * 3 <= columns.len())
}
