//! A row of a payment file: money that came in, or went back.

use super::case_row::{currency_of, minor, with_default};
use super::field::{Field, FileKind, normalised};
use super::row::{Draft, FileFacts, RowKind, RowReader};
use doorstep_domain::import::RowReason;
use doorstep_domain::loan::PaymentKind;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_domain::words::{Lang, word};
use jiff::civil::Date;

/// A payment as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// The bank's reference.
    pub reference: String,
    /// The number of the case.
    pub case_no: String,
    /// The portfolio; empty where neither file nor caller names one.
    pub portfolio: String,
    /// The day on which it was paid.
    pub day: Date,
    /// How much, above zero.
    pub amount: Minor,
    /// In which currency.
    pub currency: Currency,
    /// Whether it came in or went back.
    pub kind: PaymentKind,
}

/// Payment files.
#[derive(Debug, Clone, Copy)]
pub struct Payments;

/// Words of a channel that mean that somebody was given cash. Nobody of the staff takes any (docs/refused.md, 17).
const CASH: &[&str] = &[
    "cash",
    "cashtostaff",
    "bargeld",
    "espèces",
    "efectivo",
    "现金",
    "现金交付",
    "外访收现",
];

impl RowKind for Payments {
    type Row = PaymentRow;
    const KIND: FileKind = FileKind::Payments;

    fn read(reader: &mut RowReader<'_>) -> Draft<PaymentRow> {
        let reference = reader.required_text(Field::Reference);
        let case_no = reader.required_text(Field::CaseNo);
        let portfolio = with_default(reader, Field::Portfolio, |o| o.portfolio.clone());
        let day = reader.day(Field::Day);
        if day.is_none() && !reader.noted(RowReason::DateUnreadable) {
            reader.note_at(RowReason::FieldMissing, Field::Day);
        }
        let currency = currency(reader);
        let amount = currency.and_then(|currency| amount(reader, currency));
        let kind = kind(reader);
        let channel = reader.free_text(Field::Channel);
        if CASH.contains(&normalised(&channel).as_str()) {
            reader.note_at(RowReason::CashToStaff, Field::Channel);
        }
        let build = || {
            Some(PaymentRow {
                reference: reference.clone(),
                case_no: case_no.clone(),
                portfolio: portfolio.clone(),
                day: day?,
                amount: amount?,
                currency: currency?,
                kind: kind?,
            })
        };
        Draft {
            row: build(),
            number: case_no.clone(),
            // Rows are told apart by what was counted before, not by each other: two that differ are both kept.
            portfolio: format!("{portfolio}\0{}", reader.line()),
            given: None,
            file_day: None,
            content_hash: [0; 32],
            reasons: Vec::new(),
            at: Vec::new(),
        }
    }

    fn settle(_draft: &mut Draft<PaymentRow>, _facts: &FileFacts) {}
}

fn currency(reader: &mut RowReader<'_>) -> Option<Currency> {
    let found = currency_of(reader);
    if found.is_none() {
        let reason = if reader.text(Field::Currency).is_empty() {
            RowReason::FieldMissing
        } else {
            RowReason::UnknownCurrency
        };
        reader.note_at(reason, Field::Currency);
    }
    found
}

/// A payment is above zero; what went back is a row of its own kind, never a negative one.
fn amount(reader: &mut RowReader<'_>, currency: Currency) -> Option<Minor> {
    let found = minor(reader, Field::Amount, currency);
    match found {
        Some(Minor::ZERO) => reader.note_at(RowReason::AmountZero, Field::Amount),
        None if reader.text(Field::Amount).is_empty() => reader.note_at(RowReason::FieldMissing, Field::Amount),
        _ => {}
    }
    found
}

fn kind(reader: &mut RowReader<'_>) -> Option<PaymentKind> {
    let text = reader.required_text(Field::Kind).to_lowercase();
    let is_word = |kind: &&PaymentKind| Lang::ALL.iter().any(|lang| word(*lang, **kind).to_lowercase() == text);
    let found = text.parse().ok();
    let found = found.or_else(|| PaymentKind::ALL.iter().find(is_word).copied());
    if found.is_none() && !text.is_empty() {
        reader.note_at(RowReason::UnknownPaymentKind, Field::Kind);
    }
    found
}
