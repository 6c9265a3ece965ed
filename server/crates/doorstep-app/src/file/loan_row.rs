//! A row of a loan file: one instalment, with the person of the loan as a case file has it.

use super::case_row::{CaseRow, Cases};
use super::field::{Field, FileKind};
use super::row::{Draft, FileFacts, RowKind, RowReader};
use doorstep_domain::import::RowReason;
use doorstep_domain::money::AmountParts;
use jiff::civil::Date;

/// An instalment as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanRow {
    /// The case that the loan would be, with this instalment as its amount.
    pub case: CaseRow,
    /// The day on which it falls due.
    pub due_date: Date,
    /// What falls due, by part.
    pub parts: AmountParts,
    /// The lender's number of it.
    pub number: Option<i64>,
}

/// Loan files.
#[derive(Debug, Clone, Copy)]
pub struct Loans;

impl RowKind for Loans {
    type Row = LoanRow;
    const KIND: FileKind = FileKind::Loans;

    fn read(reader: &mut RowReader<'_>) -> Draft<LoanRow> {
        let number = reader.whole(Field::Instalment);
        if number.is_some_and(|number| number < 1) {
            reader.note_at(RowReason::NumberUnreadable, Field::Instalment);
        }
        let draft = Cases::read(reader);
        let due = draft.row.as_ref().and_then(|case| case.due_date);
        let parts = draft.row.as_ref().and_then(|case| case.amount.parts());
        if draft.row.is_some() {
            // A day that stands there and cannot be read is noted as that.
            if due.is_none() && reader.all_empty(&[Field::DueDate]) {
                reader.note_at(RowReason::FieldMissing, Field::DueDate);
            }
            if parts.is_none() {
                reader.note_at(RowReason::FieldMissing, Field::Principal);
            }
        }
        let row = draft.row.and_then(|case| {
            Some(LoanRow {
                case,
                due_date: due?,
                parts: parts?,
                number,
            })
        });
        Draft {
            number: draft.number,
            // A loan has many instalments: what tells two of them apart is the day.
            portfolio: format!(
                "{}\0{}",
                draft.portfolio,
                due.map(|day| day.to_string()).unwrap_or_default()
            ),
            given: draft.given,
            file_day: None,
            row,
            content_hash: [0; 32],
            reasons: Vec::new(),
            at: Vec::new(),
        }
    }

    fn settle(_draft: &mut Draft<LoanRow>, _facts: &FileFacts) {}
}
