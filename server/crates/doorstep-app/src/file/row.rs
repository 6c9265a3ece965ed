//! What case and staff rows share: reading a row field by field while collecting reasons, and the content hash.

use super::field::{Field, FileKind};
use super::header::Columns;
use super::options::ReadOptions;
use super::record::Record;
use super::value;
use doorstep_domain::import::RowReason;
use doorstep_domain::place::{Datum, Point};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// A kind of file: how its rows are read.
pub trait RowKind {
    /// A row that may be taken.
    type Row;
    /// Cases, staff or contacts.
    const KIND: FileKind;
    /// Reads one row on its own.
    fn read(reader: &mut RowReader<'_>) -> Draft<Self::Row>;
    /// Completes a row with what only the whole file tells.
    fn settle(draft: &mut Draft<Self::Row>, facts: &FileFacts);
}

/// What only the whole file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// The day on which the file was made.
    pub file_day: Date,
    /// The middle of the coordinates as given (latitude, longitude in 1e-7 degrees); `None` in a file of few rows.
    pub middle: Option<(i64, i64)>,
}

/// A row as far as it can be judged alone.
#[derive(Debug)]
pub struct Draft<Row> {
    /// The number, empty where there is none.
    pub number: String,
    /// The portfolio, empty for staff.
    pub portfolio: String,
    /// Coordinates as given (latitude, longitude in 1e-7 degrees), not yet converted; even those out of range.
    pub given: Option<(i64, i64)>,
    /// Due date plus days past due: the day on which the file was made.
    pub file_day: Option<Date>,
    /// The row, where it could be built.
    pub row: Option<Row>,
    /// SHA-256 over the normalised content of all recognised columns.
    pub content_hash: [u8; 32],
    /// What is wrong or worth a remark.
    pub reasons: Vec<RowReason>,
    /// The columns that reasons are about, where they can be named.
    pub at: Vec<(RowReason, &'static str)>,
}

/// Reads the fields of one record.
pub struct RowReader<'a> {
    pub(super) columns: &'a Columns,
    pub(super) options: &'a ReadOptions,
    record: &'a Record,
    reasons: Vec<RowReason>,
    at: Vec<(RowReason, &'static str)>,
    hash: Sha256,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(columns: &'a Columns, options: &'a ReadOptions, record: &'a Record) -> Self {
        Self {
            columns,
            options,
            record,
            reasons: Vec::new(),
            at: Vec::new(),
            hash: Sha256::new(),
        }
    }

    /// The line of the row.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.record.line
    }

    pub(super) fn note(&mut self, reason: RowReason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Notes a reason and the column that it is about.
    pub(super) fn note_at(&mut self, reason: RowReason, field: Field) {
        self.note(reason);
        if !self.at.contains(&(reason, field.code())) {
            self.at.push((reason, field.code()));
        }
    }

    pub(super) fn noted(&self, reason: RowReason) -> bool {
        self.reasons.contains(&reason)
    }

    /// The field's text without control characters.
    pub(super) fn text(&mut self, field: Field) -> String {
        let (text, removed) = value::cleaned(self.columns.cell(field, self.record));
        if removed {
            self.note_at(RowReason::ControlCharacters, field);
        }
        let chars_max = self.options.limits.field_chars_max;
        if text.len() > chars_max && text.chars().count() > chars_max {
            self.note_at(RowReason::TooLong, field);
        }
        text
    }

    /// Free text: hashed as it stands, with a remark where it looks like a formula.
    pub(super) fn free_text(&mut self, field: Field) -> String {
        let text = self.text(field);
        if value::is_formula(&text) {
            self.note_at(RowReason::FormulaText, field);
        }
        self.hashed(field, &text);
        text
    }

    /// Free text that must not be empty.
    pub(super) fn required_text(&mut self, field: Field) -> String {
        let text = self.free_text(field);
        if text.is_empty() {
            self.note_at(RowReason::FieldMissing, field);
        }
        text
    }

    /// A day, `None` where the field is empty or unreadable (which is noted).
    pub(super) fn day(&mut self, field: Field) -> Option<Date> {
        let text = self.text(field);
        let day = value::day(&text);
        if day.is_none() && !text.is_empty() {
            self.note_at(RowReason::DateUnreadable, field);
        }
        let normal = day.map_or(text, |day| day.to_string());
        self.hashed(field, &normal);
        day
    }

    /// A whole number, `None` where the field is empty or unreadable (which is noted).
    pub(super) fn whole(&mut self, field: Field) -> Option<i64> {
        let text = self.text(field);
        let number = value::whole(&text);
        if number.is_none() && !text.is_empty() {
            self.note_at(RowReason::NumberUnreadable, field);
        }
        let normal = number.map_or(text, |number| number.to_string());
        self.hashed(field, &normal);
        number
    }

    /// Coordinates as given, with their texts and datum; `None` where they cannot be read (which is noted).
    pub(super) fn place(&mut self, lat: Field, lon: Field) -> Place {
        let texts = [self.text(lat), self.text(lon)];
        let given = value::coordinate(&texts[0]).zip(value::coordinate(&texts[1]));
        let datum = self.datum();
        match given {
            _ if texts.iter().all(String::is_empty) => self.note(RowReason::NoCoordinates),
            None if texts.iter().any(String::is_empty) => self.note(RowReason::NoCoordinates),
            None => self.note(RowReason::CoordinateOutOfRange),
            Some((0, 0)) => self.note(RowReason::CoordinatesZero),
            Some(_) => {}
        }
        let given = given.filter(|given| *given != (0, 0));
        let point = given.and_then(|(lat, lon)| Point::new(lat, lon).ok());
        if given.is_some() && point.is_none() {
            self.note(RowReason::CoordinateOutOfRange);
        }
        match given {
            Some((lat, lon)) => self.hashed(Field::Lat, &format!("{lat} {lon}")),
            None => self.hashed(Field::Lat, &texts.join(" ")),
        }
        Place {
            given,
            texts,
            point,
            datum,
        }
    }

    fn datum(&mut self) -> Option<Datum> {
        let text = self.text(Field::Datum);
        let datum = if text.is_empty() {
            let implied = (!self.columns.chinese()).then_some(Datum::Wgs84);
            self.options.datum.or(implied)
        } else {
            value::datum(&text)
        };
        if datum.is_none() {
            self.note(RowReason::UnknownDatum);
        }
        self.hashed(Field::Datum, datum.map_or(&text, |datum| datum.code()));
        datum
    }

    /// Adds a field's normalised content to the hash; empty fields add nothing, so that an added empty column does not
    /// change a row.
    pub(super) fn hashed(&mut self, field: Field, normal: &str) {
        if normal.is_empty() {
            return;
        }
        self.hash.update(field.code().as_bytes());
        self.hash.update([0]);
        self.hash.update((normal.len() as u64).to_le_bytes());
        self.hash.update(normal.as_bytes());
    }

    /// Adds the columns that the user's mapping keeps to the hash.
    pub(super) fn hash_kept(&mut self) {
        let kept: Vec<usize> = (0..self.columns.len())
            .filter(|index| self.columns.keeps(*index))
            .collect();
        for index in kept {
            let text = value::cleaned(self.record.cells.get(index).map_or("", String::as_str)).0;
            self.hashed(Field::Keep, &text);
        }
    }

    /// Every recognised column as it came, without control characters.
    pub(super) fn recognised(&self) -> Vec<(String, String)> {
        let cell = |index: usize| self.record.cells.get(index).map_or("", String::as_str);
        self.columns
            .list()
            .enumerate()
            .filter(|(_, (_, used))| matches!(used, super::header::ColumnUse::Field(_)))
            .map(|(index, (name, _))| (name.to_owned(), value::cleaned(cell(index)).0))
            .collect()
    }

    /// Whether all of these fields are empty.
    pub(super) fn all_empty(&self, fields: &[Field]) -> bool {
        let mut cells = fields.iter().map(|field| self.columns.cell(*field, self.record));
        cells.all(|cell| cell.trim().is_empty())
    }

    /// Completes a draft with the hash and all that was noted.
    pub(super) fn finish<Row>(self, draft: &mut Draft<Row>) {
        draft.content_hash = self.hash.finalize().into();
        draft.reasons = self.reasons;
        draft.at = self.at;
    }
}

/// Coordinates of a row.
pub(super) struct Place {
    pub(super) given: Option<(i64, i64)>,
    pub(super) texts: [String; 2],
    pub(super) point: Option<Point>,
    pub(super) datum: Option<Datum>,
}

impl Place {
    /// The point in WGS-84, where both point and datum are known.
    pub(super) fn wgs84(&self) -> Option<Point> {
        Some(doorstep_domain::datum::to_wgs84(self.point?, self.datum?))
    }
}
