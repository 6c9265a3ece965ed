//! What became of a row: its result, the reasons, and the row itself where it is taken.

use doorstep_domain::import::{RowReason, RowResult};

/// The result of one row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome<Row> {
    /// The line (text) or row (workbook) where it starts; the first is 1.
    pub line: u64,
    /// The case's or staff member's number as text; empty where the row has none.
    pub number: String,
    /// The portfolio in which the number is unique; empty for staff.
    pub portfolio: String,
    /// The result.
    pub result: RowResult,
    /// Why, each reason once; empty for `accept`.
    pub reasons: Vec<RowReason>,
    /// The columns that reasons are about, where they can be named.
    pub at: Vec<(RowReason, &'static str)>,
    /// The row, where the result is accept, warn or hold.
    pub row: Option<Row>,
    /// The other lines with the same number, in order; at most ten are named.
    pub same_number_lines: Vec<u64>,
    /// The fields as they came, for giving the row back.
    pub cells: Vec<String>,
}

/// A reason in the words of the reader, with the columns that it is about.
#[must_use]
pub fn said(reason: RowReason, words: &str, at: &[(RowReason, &str)]) -> String {
    let about = at.iter().filter(|(of, _)| *of == reason);
    let columns: Vec<&str> = about.map(|(_, column)| *column).collect();
    if columns.is_empty() {
        words.to_owned()
    } else {
        format!("{words} ({})", columns.join(", "))
    }
}

impl<Row> RowOutcome<Row> {
    /// The other lines with the same number, separated by commas.
    #[must_use]
    pub fn other_lines(&self) -> String {
        let lines: Vec<String> = self.same_number_lines.iter().map(ToString::to_string).collect();
        lines.join(", ")
    }

    /// Whether the row belongs into the file of rows that go back to the sender.
    #[must_use]
    pub const fn goes_back(&self) -> bool {
        matches!(self.result, RowResult::Hold | RowResult::Reject | RowResult::Conflict)
    }
}

/// The result that a reason leads to on its own.
#[must_use]
pub const fn result_of(reason: RowReason) -> RowResult {
    match reason {
        RowReason::PhoneImplausible
        | RowReason::DaysDisagree
        | RowReason::ControlCharacters
        | RowReason::FormulaText
        | RowReason::CoordinatesFarAway
        | RowReason::RuleForbade => RowResult::Warn,
        RowReason::UnknownFlag
        | RowReason::AvailableUnreadable
        | RowReason::ReferenceReused
        | RowReason::CurrencyOther
        | RowReason::Overpaid
        | RowReason::BeforeBalance
        | RowReason::ReversalUnmatched
        | RowReason::ReversalDiffers => RowResult::Hold,
        RowReason::AlreadyThere => RowResult::Duplicate,
        RowReason::NumberConflict => RowResult::Conflict,
        _ => RowResult::Reject,
    }
}

/// The gravest result of some reasons.
pub(super) fn gravest(reasons: &[RowReason]) -> RowResult {
    let grave = |result: &RowResult| RowResult::ALL.iter().position(|known| known == result);
    reasons
        .iter()
        .map(|reason| result_of(*reason))
        .max_by_key(grave)
        .unwrap_or(RowResult::Accept)
}

/// How many rows have each result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u64; RowResult::ALL.len()]);

impl Counts {
    /// Counts one row.
    pub fn add(&mut self, result: RowResult) {
        self.0[result as usize] += 1;
    }
    /// The rows with this result.
    #[must_use]
    pub const fn of(&self, result: RowResult) -> u64 {
        self.0[result as usize]
    }
    /// All rows.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
