//! Finds the header among the first rows and says what each column is.
//!
//! Unknown columns are named and not stored (Doorstep keeps what it needs, no more); refused ones are dropped by name.
//! Knows nothing of values.

use super::error::FileError;
use super::field::{self, Field, FileKind, REASON_COLUMN, RefusedColumn};
use super::options::{Mapping, ReadOptions};
use super::record::Record;
use super::staff_row::ROSTER;

/// A title may stand above the header; this many rows are looked at.
pub(super) const SCANNED_ROWS: usize = 10;
/// A row with fewer known names is no header.
const KNOWN_MIN: usize = 2;

/// What Doorstep does with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnUse {
    /// Read as this field.
    Field(Field),
    /// Not known and not stored; map it to keep it.
    Unknown,
    /// Dropped: Doorstep does not take this kind of data.
    Refused(RefusedColumn),
    /// The reasons of rows that were given back; ignored.
    Reason,
}

/// The header of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    line: u64,
    names: Vec<String>,
    uses: Vec<ColumnUse>,
    place: Vec<Option<usize>>,
    chinese: bool,
}

/// Where the header is and how many known names it has.
pub(super) struct Found {
    pub(super) index: usize,
    pub(super) known: usize,
}

fn field_of(name: &str, kind: FileKind, mapping: &Mapping) -> Option<Field> {
    let mapped = mapping.0.iter().find(|(column, _)| column == name.trim());
    mapped.map(|(_, field)| *field).or_else(|| field::known(name, kind))
}

/// The row among the first ones with the most known names; the first of equals.
pub(super) fn find(rows: &[Record], kind: FileKind, mapping: &Mapping) -> Option<Found> {
    let mut best: Option<Found> = None;
    for (index, row) in rows.iter().take(SCANNED_ROWS).enumerate() {
        let known = row
            .cells
            .iter()
            .filter(|name| field_of(name, kind, mapping).is_some())
            .count();
        if known >= KNOWN_MIN && best.as_ref().is_none_or(|found| known > found.known) {
            best = Some(Found { index, known });
        }
    }
    best
}

impl Columns {
    /// Reads a header and checks that every row could be read with it.
    pub(super) fn new(header: &Record, kind: FileKind, options: &ReadOptions) -> Result<Self, FileError> {
        let names: Vec<String> = header.cells.iter().map(|name| name.trim().to_owned()).collect();
        check_mapping(&names, &options.mapping)?;
        let uses: Vec<ColumnUse> = names.iter().map(|name| use_of(name, kind, &options.mapping)).collect();
        let mut columns = Self {
            line: header.line,
            chinese: names.iter().zip(&uses).any(|(name, used)| {
                matches!(used, ColumnUse::Field(_)) && field::is_chinese(name) && field::known(name, kind).is_some()
            }),
            place: vec![None; Field::ALL.len()],
            names,
            uses,
        };
        columns.place_fields(&options.mapping)?;
        columns.check_complete(kind, options)?;
        Ok(columns)
    }

    fn place_fields(&mut self, mapping: &Mapping) -> Result<(), FileError> {
        for index in 0..self.uses.len() {
            let ColumnUse::Field(field) = self.uses[index] else {
                continue;
            };
            if field == Field::Keep {
                continue;
            }
            let Some(before) = self.place[field as usize] else {
                self.place[field as usize] = Some(index);
                continue;
            };
            let mapped = |at: usize| mapping.0.iter().any(|(column, _)| *column == self.names[at]);
            match (mapped(before), mapped(index)) {
                (true, false) => self.uses[index] = ColumnUse::Unknown,
                (false, true) => {
                    self.uses[before] = ColumnUse::Unknown;
                    self.place[field as usize] = Some(index);
                }
                _ => {
                    return Err(FileError::TwoColumns {
                        field,
                        first: self.names[before].clone(),
                        second: self.names[index].clone(),
                    });
                }
            }
        }
        Ok(())
    }

    fn check_complete(&self, kind: FileKind, options: &ReadOptions) -> Result<(), FileError> {
        let mut required = match kind {
            FileKind::Cases => vec![Field::CaseNo, Field::Name, Field::Address, Field::Lat, Field::Lon],
            FileKind::Staff => vec![Field::StaffNo, Field::Name],
            FileKind::Contacts => vec![Field::CaseNo, Field::Channel, Field::At],
            FileKind::Loans => vec![
                Field::CaseNo,
                Field::Name,
                Field::Address,
                Field::Lat,
                Field::Lon,
                Field::DueDate,
                Field::Principal,
            ],
            FileKind::Payments => vec![Field::Reference, Field::CaseNo, Field::Day, Field::Amount, Field::Kind],
        };
        // A file of the office alone needs no roster. Without a role everybody goes out, and half a roster is none.
        if kind == FileKind::Staff && (!self.has(Field::Role) || ROSTER.iter().any(|field| self.has(*field))) {
            required.extend(ROSTER);
        }
        if kind == FileKind::Cases {
            if !self.has(Field::Principal) {
                required.push(Field::AmountDue);
            }
            if !self.has(Field::DaysPastDue) {
                required.push(Field::DueDate);
            }
        }
        if matches!(kind, FileKind::Cases | FileKind::Loans | FileKind::Payments) {
            if options.portfolio.is_none() {
                required.push(Field::Portfolio);
            }
            if options.currency.is_none() && !self.chinese {
                required.push(Field::Currency);
            }
        }
        required.retain(|field| !self.has(*field));
        if let Some(example) = required.first() {
            return Err(FileError::MissingColumns {
                missing: field::list(&required),
                found: shortened(&self.names),
                example: *example,
            });
        }
        let placed = !matches!(kind, FileKind::Contacts | FileKind::Payments);
        if placed && self.chinese && options.datum.is_none() && !self.has(Field::Datum) {
            return Err(FileError::DatumNotStated);
        }
        Ok(())
    }

    /// The line of the header.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }
    /// Every column in the order of the file: its name and what becomes of it.
    pub fn list(&self) -> impl Iterator<Item = (&str, ColumnUse)> {
        self.names.iter().map(String::as_str).zip(self.uses.iter().copied())
    }
    /// Whether a column holds this field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.place[field as usize].is_some()
    }
    /// Whether known names of it are Chinese.
    #[must_use]
    pub const fn chinese(&self) -> bool {
        self.chinese
    }
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
    /// The text of a field, empty where there is no such column.
    pub(super) fn cell<'a>(&self, field: Field, record: &'a Record) -> &'a str {
        let index = self.place[field as usize];
        index
            .and_then(|index| record.cells.get(index))
            .map_or("", String::as_str)
    }
    pub(super) fn keeps(&self, index: usize) -> bool {
        self.uses.get(index) == Some(&ColumnUse::Field(Field::Keep))
    }
    /// Whether the rows were given back by Doorstep before: their apostrophes are then undone.
    pub(super) fn given_back(&self) -> bool {
        self.uses.contains(&ColumnUse::Reason)
    }
}

fn use_of(name: &str, kind: FileKind, mapping: &Mapping) -> ColumnUse {
    if name == REASON_COLUMN {
        return ColumnUse::Reason;
    }
    if let Some(field) = field_of(name, kind, mapping) {
        return ColumnUse::Field(field);
    }
    field::refused(name).map_or(ColumnUse::Unknown, ColumnUse::Refused)
}

fn check_mapping(names: &[String], mapping: &Mapping) -> Result<(), FileError> {
    for (column, _) in &mapping.0 {
        if !names.contains(column) {
            return Err(FileError::MappedColumnMissing {
                column: column.clone(),
                found: shortened(names),
            });
        }
        if let Some(refused) = field::refused(column) {
            return Err(FileError::MappedColumnRefused {
                column: column.clone(),
                refused,
            });
        }
    }
    Ok(())
}

/// Column names for an error: enough to recognise the file, never a whole row of it.
pub(super) fn shortened(names: &[String]) -> String {
    let short = names
        .iter()
        .take(40)
        .map(|name| name.chars().take(40).collect::<String>());
    short.collect::<Vec<_>>().join(", ")
}
