//! What the caller decides about reading a file: limits, mapping, and what the file itself does not say.

use std::collections::BTreeSet;

use super::error::FileError;
use super::field::{self, Field, FileKind};
use doorstep_domain::measure::Micros;
use doorstep_domain::money::Currency;
use doorstep_domain::place::Datum;
use jiff::civil::Date;

/// The most that a file may have of anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub bytes_max: u64,
    /// Size of an unpacked workbook in bytes.
    pub unpacked_bytes_max: u64,
    /// Rows below the header.
    pub rows_max: u64,
    /// Fields of a row.
    pub columns_max: usize,
    /// Bytes of a row.
    pub row_bytes_max: usize,
    /// Characters of a field; a longer one is given back with its row.
    pub field_chars_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 64 * 1024 * 1024,
            unpacked_bytes_max: 512 * 1024 * 1024,
            rows_max: 1_000_000,
            columns_max: 500,
            row_bytes_max: 1024 * 1024,
            field_chars_max: 2_000,
        }
    }
}

/// Which column means which field, as the user says; it wins over the known names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping(pub Vec<(String, Field)>);

impl Mapping {
    /// Reads texts such as `Kundennr=case_no`. The field `keep` keeps a column as it came.
    ///
    /// # Errors
    /// [`FileError::BadMapping`] names the text and the fields of this kind of file.
    pub fn parse<T: AsRef<str>>(texts: &[T], kind: FileKind) -> Result<Self, FileError> {
        let allowed = field::mappable(kind);
        let read = |text: &str| {
            let (column, code) = text.rsplit_once('=')?;
            let field: Field = code.trim().parse().ok()?;
            let column = column.trim();
            (!column.is_empty() && allowed.contains(&field)).then(|| (column.to_owned(), field))
        };
        let mapped = texts.iter().map(|text| {
            read(text.as_ref()).ok_or_else(|| FileError::BadMapping {
                text: text.as_ref().chars().take(80).collect(),
                fields: field::list(&allowed),
            })
        });
        mapped.collect::<Result<Vec<_>, _>>().map(Self)
    }
}

/// How to read a file.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The limits.
    pub limits: Limits,
    /// The user's mapping.
    pub mapping: Mapping,
    /// The present.
    pub now: Micros,
    /// The time as of which amounts are right where the file has no such column.
    pub as_of: Micros,
    /// Whether somebody said so, instead of the time of the import.
    pub as_of_given: bool,
    /// The day the file was made, against which days past due are checked. `None`: the day that most rows agree on.
    pub file_day: Option<Date>,
    /// Currency of rows that name none. `None`: CNY under Chinese headers, otherwise the column is required.
    pub currency: Option<Currency>,
    /// Datum of rows that name none. `None`: WGS-84, but under Chinese headers it must be stated.
    pub datum: Option<Datum>,
    /// Portfolio of rows that name none. `None`: the column is required.
    pub portfolio: Option<String>,
    /// Agency of rows that name none.
    pub agency: Option<String>,
    /// The agencies that a row may name. `None`: the column does not count.
    pub agencies: Option<BTreeSet<String>>,
}

impl ReadOptions {
    /// Default options at an instant, with amounts as of then.
    #[must_use]
    pub fn at(now: Micros) -> Self {
        Self {
            limits: Limits::default(),
            mapping: Mapping::default(),
            now,
            as_of: now,
            as_of_given: false,
            file_day: None,
            currency: None,
            datum: None,
            portfolio: None,
            agency: None,
            agencies: None,
        }
    }

    /// The latest instant that an amount may be dated: where the day has begun already it is tomorrow here.
    #[must_use]
    pub fn latest_as_of(&self) -> Micros {
        self.now + Micros::from_seconds(86_400)
    }
}
