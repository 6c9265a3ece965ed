//! A row of a case file.

use std::collections::BTreeSet;

use super::amount;
use super::field::{Field, FileKind};
use super::row::{Draft, FileFacts, RowKind, RowReader};
use super::times::{self, StatedTime};
use super::value;
use doorstep_domain::case::{Flag, Stage};
use doorstep_domain::import::RowReason;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::{Amount, AmountParts, Currency};
use doorstep_domain::person::PersonalFields;
use doorstep_domain::place::Point;
use jiff::civil::Date;

/// A case as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The line where the row starts.
    pub line: u64,
    /// The lender's number, unique within the portfolio.
    pub case_no: String,
    /// The creditor's product.
    pub portfolio: String,
    /// The agency that visits, where the file or the caller names one.
    pub agency: Option<String>,
    /// What identifies the person; to be sealed.
    pub personal: PersonalFields,
    /// Where the address is, in WGS-84.
    pub point: Point,
    /// The coarse cell of that point.
    pub cell: i64,
    /// What is owed as of when.
    pub amount: Amount,
    /// First unpaid due date; `None` where the file gives only days past due.
    pub due_date: Option<Date>,
    /// Days past due on the day of the file; never without a due date or a number in the file.
    pub days_past_due: i64,
    /// The stage that follows from the days; the lender's own word stays among the personal columns.
    pub stage: Stage,
    /// Flags, each once, in the order of declaration.
    pub flags: Vec<Flag>,
    /// The stated times as they came.
    pub available_text: String,
    /// The stated times; empty means any lawful time. Empty as well where the row is held because they cannot be read.
    pub available: Vec<StatedTime>,
    /// The day of the last visit before the file.
    pub last_visit: Option<Date>,
    /// Visits before the file, 0 or more.
    pub visits_so_far: i64,
    /// SHA-256 over the normalised content. It covers personal data: store it keyed or sealed, never bare.
    pub content_hash: [u8; 32],
}

/// Case files.
#[derive(Debug, Clone, Copy)]
pub struct Cases;

impl RowKind for Cases {
    type Row = CaseRow;
    const KIND: FileKind = FileKind::Cases;

    fn read(reader: &mut RowReader<'_>) -> Draft<CaseRow> {
        let case_no = reader.required_text(Field::CaseNo);
        let portfolio = with_default(reader, Field::Portfolio, |o| o.portfolio.clone());
        if portfolio.is_empty() {
            reader.note_at(RowReason::FieldMissing, Field::Portfolio);
        }
        let agency = agency_of(reader);
        let mut personal = PersonalFields {
            name: reader.required_text(Field::Name),
            phone: phone(reader),
            address: reader.required_text(Field::Address),
            language: reader.free_text(Field::Language),
            ..PersonalFields::default()
        };
        let place = reader.place(Field::Lat, Field::Lon);
        let amount = amount_of(reader);
        let due_date = reader.day(Field::DueDate);
        let days = reader.whole(Field::DaysPastDue);
        if reader.all_empty(&[Field::DueDate, Field::DaysPastDue]) {
            reader.note_at(RowReason::FieldMissing, Field::DueDate);
        }
        reader.free_text(Field::Stage);
        let flags = flags_of(reader);
        let (available_text, available) = available_of(reader);
        let last_visit = reader.day(Field::LastVisit);
        let visits_so_far = reader.whole(Field::VisitsSoFar).unwrap_or(0);
        if visits_so_far < 0 {
            reader.note_at(RowReason::NumberUnreadable, Field::VisitsSoFar);
        }
        reader.hash_kept();
        personal.columns = reader.recognised();
        let row = place.wgs84().zip(amount).map(|(point, amount)| {
            personal.lat_e7 = point.lat_e7();
            personal.lon_e7 = point.lon_e7();
            personal.datum = place.datum.map_or_else(String::new, |datum| datum.code().to_owned());
            personal.given = place.texts;
            let days_past_due = days.unwrap_or(0);
            CaseRow {
                line: reader.line(),
                case_no: case_no.clone(),
                portfolio: portfolio.clone(),
                agency: (!agency.is_empty()).then_some(agency),
                personal,
                point,
                cell: point.cell(),
                amount,
                due_date,
                days_past_due,
                stage: Stage::of(days_past_due),
                flags,
                available_text,
                available,
                last_visit,
                visits_so_far,
                content_hash: [0; 32],
            }
        });
        Draft {
            number: case_no,
            portfolio,
            given: place.given,
            file_day: due_date
                .zip(days)
                .and_then(|(due, days)| due.checked_add(jiff::Span::new().days(days)).ok()),
            row,
            content_hash: [0; 32],
            reasons: Vec::new(),
            at: Vec::new(),
        }
    }

    fn settle(draft: &mut Draft<CaseRow>, facts: &FileFacts) {
        let days_given = draft.file_day.is_some();
        if days_given && draft.file_day != Some(facts.file_day) {
            draft.reasons.push(RowReason::DaysDisagree);
        }
        let Some(row) = &mut draft.row else { return };
        row.content_hash = draft.content_hash;
        if let (Some(due), false) = (row.due_date, days_given) {
            row.days_past_due = i64::from((facts.file_day - due).get_days());
            row.stage = Stage::of(row.days_past_due);
        }
    }
}

/// A column's text, or what the caller gave for rows that have none.
pub(super) fn with_default(
    reader: &mut RowReader<'_>,
    field: Field,
    default: impl Fn(&super::options::ReadOptions) -> Option<String>,
) -> String {
    let text = reader.free_text(field);
    if text.is_empty() {
        default(reader.options).unwrap_or_default()
    } else {
        text
    }
}

/// The agency's name, empty where there is none. One that no case may be given to is noted.
fn agency_of(reader: &mut RowReader<'_>) -> String {
    let agency = with_default(reader, Field::Agency, |o| o.agency.clone());
    let known = |names: &BTreeSet<String>| agency.is_empty() || names.contains(&agency);
    if !reader.options.agencies.as_ref().is_none_or(known) {
        reader.note_at(RowReason::UnknownAgency, Field::Agency);
    }
    agency
}

fn phone(reader: &mut RowReader<'_>) -> String {
    let phone = reader.free_text(Field::Phone);
    if !phone.is_empty() && !value::is_phone(&phone) {
        reader.note(RowReason::PhoneImplausible);
    }
    phone
}

pub(super) fn currency_of(reader: &mut RowReader<'_>) -> Option<Currency> {
    let text = reader.text(Field::Currency);
    if !text.is_empty() {
        let code = if text == "人民币" || text == "RMB" {
            "CNY".to_owned()
        } else {
            text.to_uppercase()
        };
        return Currency::of(&code);
    }
    let implied = || reader.columns.chinese().then(|| Currency::of("CNY")).flatten();
    reader.options.currency.or_else(implied)
}

pub(super) fn minor(reader: &mut RowReader<'_>, field: Field, currency: Currency) -> Option<Minor> {
    let text = reader.text(field);
    if text.is_empty() {
        return None;
    }
    match amount::parse(&text, currency) {
        Ok(minor) => {
            reader.hashed(field, &minor.to_string());
            Some(minor)
        }
        Err(reason) => {
            reader.note_at(reason, field);
            reader.hashed(field, &text);
            None
        }
    }
}

fn amount_of(reader: &mut RowReader<'_>) -> Option<Amount> {
    let as_of_text = reader.text(Field::AsOf);
    let as_of = if as_of_text.is_empty() {
        Some(reader.options.as_of)
    } else {
        value::instant(&as_of_text)
    };
    if as_of.is_none() {
        reader.note_at(RowReason::DateUnreadable, Field::AsOf);
    }
    // An amount of tomorrow would never grow stale. A day's grace, because days begin at different times.
    if as_of.is_some_and(|as_of| as_of > reader.options.latest_as_of()) {
        reader.note_at(RowReason::DateInFuture, Field::AsOf);
    }
    match (as_of, reader.options.as_of_given) {
        // Who says that the same amounts are right as of a newer day changes the row; the time of an import does not.
        (Some(as_of), true) if as_of_text.is_empty() => reader.hashed(Field::AsOf, &as_of.to_string()),
        _ => reader.hashed(Field::AsOf, &as_of_text),
    }
    let Some(currency) = currency_of(reader) else {
        let text = reader.text(Field::Currency);
        let reason = if text.is_empty() {
            RowReason::FieldMissing
        } else {
            RowReason::UnknownCurrency
        };
        reader.note_at(reason, Field::Currency);
        reader.hashed(Field::Currency, &text);
        return None;
    };
    reader.hashed(Field::Currency, currency.code());
    let unreadable =
        |reader: &RowReader<'_>| reader.noted(RowReason::AmountUnreadable) || reader.noted(RowReason::AmountNegative);
    let total = minor(reader, Field::AmountDue, currency);
    let fields = [Field::Principal, Field::Interest, Field::Penalty, Field::Fees];
    let parts = fields.map(|field| minor(reader, field, currency));
    if unreadable(reader) {
        return None;
    }
    let built = if parts.iter().any(Option::is_some) {
        let [principal, interest, penalty, fees] = parts.map(|part| part.unwrap_or(Minor::ZERO));
        let parts = AmountParts {
            principal,
            interest,
            penalty,
            fees,
        };
        let sum = Minor(principal.get() + interest.get() + penalty.get() + fees.get());
        Amount::of_parts(total.unwrap_or(sum), parts, currency, as_of?)
    } else if let Some(total) = total {
        Amount::of_total(total, currency, as_of?)
    } else {
        reader.note_at(RowReason::FieldMissing, Field::AmountDue);
        return None;
    };
    if built.is_err() {
        // Parts that do not add up to the total: neither of the two is known to be right.
        reader.note(RowReason::AmountUnreadable);
    }
    built.ok()
}

fn flags_of(reader: &mut RowReader<'_>) -> Vec<Flag> {
    let text = reader.text(Field::Flags);
    let (flags, unknown) = value::flags(&text);
    if unknown {
        reader.note(RowReason::UnknownFlag);
        reader.hashed(Field::Flags, &text);
    } else {
        let codes: Vec<&str> = flags.iter().map(|flag| flag.code()).collect();
        reader.hashed(Field::Flags, &codes.join(","));
    }
    flags
}

fn available_of(reader: &mut RowReader<'_>) -> (String, Vec<StatedTime>) {
    let text = reader.free_text(Field::Available);
    let times = times::parse(&text);
    if times.is_none() {
        reader.note(RowReason::AvailableUnreadable);
    }
    (text, times.unwrap_or_default())
}
