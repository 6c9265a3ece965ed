//! Rows of an XLSX workbook as the same records that delimited text gives.
//!
//! Cells become text once, here: dates as ISO days, numbers without the noise of binary fractions. The sheet is held in
//! memory, so what a workbook may unpack to is limited before it is opened. Knows nothing of headers.

use super::error::FileError;
use super::options::Limits;
use super::record::Record;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One sheet's rows that are not blank.
pub(super) type Rows = Vec<Record>;

/// The end record of a zip archive is at most this far from its end.
const ZIP_END_BYTES: u64 = 65_557;
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_ENTRY: &[u8] = b"PK\x01\x02";

fn workbook_error(error: &XlsxError) -> FileError {
    match error {
        XlsxError::Password => FileError::PasswordOrOldWorkbook,
        XlsxError::FileNotFound(_) => unreadable("the archive holds no workbook"),
        other => unreadable(&other.to_string()),
    }
}

fn unreadable(cause: &str) -> FileError {
    FileError::Workbook {
        cause: cause.chars().take(120).collect(),
    }
}

/// The sheet for which `score` is highest by its first rows; the first of equals.
pub(super) fn read_best<R: Read + Seek>(
    reader: &mut R,
    limits: &Limits,
    score: impl Fn(&[Record]) -> usize,
) -> Result<Rows, FileError> {
    check_unpacked_size(reader, limits)?;
    reader.rewind()?;
    // Damaged workbooks can make the reader of workbooks panic (an overflowing cell name does, found by a test). The
    // book is dropped with the panic and nothing else was changed, so the file is simply refused.
    let caught = catch_unwind(AssertUnwindSafe(|| best_rows(reader, limits, score)));
    caught.unwrap_or_else(|_| Err(unreadable("it is damaged")))
}

fn best_rows<R: Read + Seek>(
    reader: &mut R,
    limits: &Limits,
    score: impl Fn(&[Record]) -> usize,
) -> Result<Rows, FileError> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(reader)).map_err(|error| workbook_error(&error))?;
    let mut best: Option<(usize, String)> = None;
    for name in book.sheet_names() {
        let head = match rows(&mut book, &name, limits, Some(super::header::SCANNED_ROWS)) {
            Ok(head) => head,
            Err(FileError::Workbook { .. }) => continue,
            Err(error) => return Err(error),
        };
        let found = score(&head);
        if !head.is_empty() && best.as_ref().is_none_or(|(most, _)| found > *most) {
            best = Some((found, name));
        }
    }
    match best {
        Some((_, name)) => rows(&mut book, &name, limits, None),
        None => Err(FileError::Empty),
    }
}

fn rows<R: Read + Seek>(
    book: &mut Xlsx<R>,
    name: &str,
    limits: &Limits,
    first: Option<usize>,
) -> Result<Rows, FileError> {
    let mut cells = book
        .worksheet_cells_reader(name)
        .map_err(|error| workbook_error(&error))?;
    let mut rows: Rows = Vec::new();
    let mut bytes = 0_u64;
    while let Some(cell) = cells.next_cell().map_err(|error| workbook_error(&error))? {
        let (row, column) = cell.get_position();
        let (line, column) = (u64::from(row) + 1, column as usize);
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        bytes += text.len() as u64;
        if bytes > limits.unpacked_bytes_max {
            return Err(FileError::WorkbookTooLarge {
                bytes_max: limits.unpacked_bytes_max,
            });
        }
        if column >= limits.columns_max {
            return Err(FileError::TooManyColumns {
                columns_max: limits.columns_max,
                line,
            });
        }
        if rows.last().is_none_or(|last| last.line != line) {
            drop_blank(&mut rows);
            if first.is_some_and(|first| rows.len() >= first) {
                break;
            }
            rows.push(Record {
                line,
                cells: Vec::new(),
            });
        }
        if let Some(record) = rows.last_mut() {
            if record.cells.len() <= column {
                record.cells.resize(column + 1, String::new());
            }
            record.cells[column] = text;
        }
    }
    drop_blank(&mut rows);
    Ok(rows)
}

fn drop_blank(rows: &mut Rows) {
    if rows.last().is_some_and(Record::is_blank) {
        rows.pop();
    }
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(time) => date_text(*time),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// A number with at most seven decimals (the finest thing in a case file is 1e-7 degrees) and no trailing zeros:
/// `11898.300000000001`, the sum of two cells, was meant as `11898.3`.
fn number_text(number: f64) -> String {
    let fixed = format!("{number:.7}");
    let text = fixed.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn date_text(time: ExcelDateTime) -> String {
    if !time.is_datetime() {
        return number_text(time.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// Adds up what the archive says its entries unpack to, and refuses what is beyond the limit or cut off.
fn check_unpacked_size<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<(), FileError> {
    let cut_off = || unreadable("the archive is cut off");
    let size = reader.seek(SeekFrom::End(0))?;
    let tail_start = size.saturating_sub(ZIP_END_BYTES);
    let tail = read_from(reader, tail_start, size - tail_start)?;
    let end = tail
        .windows(4)
        .rposition(|window| window == ZIP_END)
        .ok_or_else(cut_off)?;
    let directory_bytes = number(&tail, end + 12).ok_or_else(cut_off)?;
    let directory_start = number(&tail, end + 16).ok_or_else(cut_off)?;
    if directory_start + directory_bytes > size {
        return Err(cut_off());
    }
    let directory = read_from(reader, directory_start, directory_bytes)?;
    let (mut at, mut unpacked) = (0, 0_u64);
    while directory.get(at..at + 4) == Some(ZIP_ENTRY) {
        unpacked += number(&directory, at + 24).ok_or_else(cut_off)?;
        let name_and_extra = number(&directory, at + 28).ok_or_else(cut_off)?;
        let comment = number(&directory, at + 32).ok_or_else(cut_off)? & 0xffff;
        at += 46 + (name_and_extra & 0xffff) as usize + (name_and_extra >> 16) as usize + comment as usize;
    }
    if unpacked > limits.unpacked_bytes_max {
        return Err(FileError::WorkbookTooLarge {
            bytes_max: limits.unpacked_bytes_max,
        });
    }
    Ok(())
}

fn read_from<R: Read + Seek>(reader: &mut R, start: u64, bytes: u64) -> Result<Vec<u8>, FileError> {
    reader.seek(SeekFrom::Start(start))?;
    let mut read = Vec::new();
    reader.by_ref().take(bytes).read_to_end(&mut read)?;
    Ok(read)
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u64::from(u32::from_le_bytes(four)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_the_noise_of_binary_fractions() {
        for (number, text) in [
            (11_898.300_000_000_001, "11898.3"),
            (60.0, "60"),
            (13_246_650_073.0, "13246650073"),
            (-8.55842, "-8.55842"),
            (-0.0, "0"),
            (100.0, "100"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn serial_days_become_dates() {
        let kind = calamine::ExcelDateTimeType::DateTime;
        assert_eq!(date_text(ExcelDateTime::new(46_289.0, kind, false)), "2026-09-24");
        assert_eq!(
            date_text(ExcelDateTime::new(46_289.5, kind, false)),
            "2026-09-24 12:00:00"
        );
    }
}
