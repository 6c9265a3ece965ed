//! Turns an uploaded file of cases, loans, payments, staff or contacts into rows with a result each, and writes files that go back.
//!
//! Pure over readers: no database, no clock, no configuration; times are arguments. Start with [`ImportFile::open`]; the
//! columns are in `field`, one row in `case_row`,
//! `staff_row` and `contact_row`, the judgement against all other rows in `scan`.

mod amount;
mod case_row;
mod contact_row;
mod encoding;
mod error;
mod export;
mod field;
mod header;
mod import_file;
mod loan_row;
mod names;
mod options;
mod outcome;
mod payment_row;
mod record;
mod row;
mod scan;
mod sheet;
mod staff_row;
mod times;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use amount::parse as amount_of;
pub use case_row::{CaseRow, Cases};
pub use contact_row::{ContactRow, Contacts};
pub use encoding::Encoding;
pub use error::FileError;
pub use export::{CsvStyle, CsvWriter, GiveBack, neutralised};
pub use field::{Field, FileKind, REASON_COLUMN, RefusedColumn};
pub use header::{ColumnUse, Columns};
pub use import_file::{Format, ImportFile, Preview, Rows};
pub use loan_row::{LoanRow, Loans};
pub use options::{Limits, Mapping, ReadOptions};
pub use outcome::{Counts, RowOutcome, result_of, said};
pub use payment_row::{PaymentRow, Payments};
pub use row::{Draft, FileFacts, RowKind, RowReader};
pub use staff_row::{RosterPart, Staff, StaffRow};
pub use times::{StatedTime, Weekdays};
pub use value::Moment;
