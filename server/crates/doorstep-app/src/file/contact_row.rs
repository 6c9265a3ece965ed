//! A row of a file of contacts: calls, messages and letters, one a row.

use super::field::{Field, FileKind};
use super::row::{Draft, FileFacts, RowKind, RowReader};
use super::value::{self, Moment};
use crate::say::MASK;
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::import::RowReason;
use doorstep_domain::step::DefaultReason;
use doorstep_domain::words::{Lang, Words, word};
use jiff::civil::Date;

/// A call, message or letter as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// The lender's number of the case.
    pub case_no: String,
    /// The portfolio; empty where neither file nor caller names one.
    pub portfolio: String,
    /// How.
    pub channel: Channel,
    /// When, as far as the file alone says.
    pub at: Moment,
    /// What came of it; `None` where the file does not say.
    pub outcome: Option<ContactOutcome>,
    /// The number that was called or written to; empty where the file names none.
    pub number: String,
    /// The number of whoever of the staff made it; empty where the file names nobody.
    pub staff_no: String,
    /// Why the loan fell behind, where the person was asked.
    pub reason: Option<DefaultReason>,
    /// The step of the strategy that it carried out; empty where the file names none.
    pub step: String,
    /// Up to which day something was promised.
    pub promise_day: Option<Date>,
    /// How much, as it is written; the case has the currency. Empty where nothing was promised.
    pub promise_amount: String,
}

/// Files of contacts.
#[derive(Debug, Clone, Copy)]
pub struct Contacts;

impl RowKind for Contacts {
    type Row = ContactRow;
    const KIND: FileKind = FileKind::Contacts;

    fn read(reader: &mut RowReader<'_>) -> Draft<ContactRow> {
        let case_no = reader.required_text(Field::CaseNo);
        let mut portfolio = reader.free_text(Field::Portfolio);
        if portfolio.is_empty() {
            portfolio = reader.options.portfolio.clone().unwrap_or_default();
        }
        let channel = channel(reader);
        let at = moment(reader);
        let outcome = channel.and_then(|channel| outcome(reader, channel));
        let number = number(reader);
        let staff_no = reader.free_text(Field::StaffNo);
        let reason = reason(reader);
        let step = step(reader);
        let promise_day = reader.day(Field::PromiseDay);
        let promise_amount = reader.free_text(Field::PromiseAmount);
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let what = channel.map_or("", Channel::code);
        let when = at.map(|at| at.to_string()).unwrap_or_default();
        let build = || {
            Some(ContactRow {
                case_no: case_no.clone(),
                portfolio: portfolio.clone(),
                channel: channel?,
                at: at?,
                outcome,
                number: number.clone(),
                staff_no: staff_no.clone(),
                reason,
                step: step.clone(),
                promise_day,
                promise_amount: promise_amount.clone(),
            })
        };
        Draft {
            row: build(),
            number: case_no.clone(),
            // A case has many contacts: what tells two of them apart is the channel, the time and the number.
            portfolio: format!("{portfolio}\0{what}\0{when}\0{digits}"),
            given: None,
            file_day: None,
            content_hash: [0; 32],
            reasons: Vec::new(),
            at: Vec::new(),
        }
    }

    fn settle(_draft: &mut Draft<ContactRow>, _facts: &FileFacts) {}
}

/// A code or a word for it, in any case and language.
fn coded<T: Words + std::str::FromStr>(text: &str, all: impl IntoIterator<Item = T>) -> Option<T> {
    let lower = text.to_lowercase();
    let is_word = |one: &T| Lang::ALL.iter().any(|lang| word(*lang, *one).to_lowercase() == lower);
    let code = |text: &str| text.replace([' ', '-'], "_").parse().ok();
    code(&lower)
        .or_else(|| code(&text.to_uppercase()))
        .or_else(|| all.into_iter().find(is_word))
}

/// Visits are reported by whoever made them, so a file names none.
fn channel(reader: &mut RowReader<'_>) -> Option<Channel> {
    let text = reader.required_text(Field::Channel);
    let found = coded(&text, Channel::ALL.iter().copied()).filter(|channel| *channel != Channel::Visit);
    if found.is_none() && !text.is_empty() {
        reader.note_at(RowReason::UnknownChannel, Field::Channel);
    }
    found
}

fn moment(reader: &mut RowReader<'_>) -> Option<Moment> {
    let text = reader.required_text(Field::At);
    let found = value::moment(&text);
    if found.is_none() && !text.is_empty() {
        reader.note_at(RowReason::DateUnreadable, Field::At);
    }
    found
}

/// The outcome, where one is named; a row with one that its channel cannot have goes back.
fn outcome(reader: &mut RowReader<'_>, channel: Channel) -> Option<ContactOutcome> {
    let text = reader.free_text(Field::Outcome);
    let found = coded(&text, ContactOutcome::ALL.iter().copied()).filter(|outcome| outcome.fits(channel));
    if found.is_none() && !text.is_empty() {
        reader.note_at(RowReason::UnknownOutcome, Field::Outcome);
    }
    found
}

/// The reason for default, where one is named. The list is closed: free words could tell more than anybody asked.
fn reason(reader: &mut RowReader<'_>) -> Option<DefaultReason> {
    let text = reader.free_text(Field::Reason);
    let lower = text.to_lowercase();
    let is_word = |one: &&DefaultReason| Lang::ALL.iter().any(|lang| word(*lang, **one).to_lowercase() == lower);
    let found = lower.replace([' ', '_'], "-").parse().ok();
    let found = found.or_else(|| DefaultReason::ALL.iter().find(is_word).copied());
    if found.is_none() && !text.is_empty() {
        reader.note_at(RowReason::UnknownReason, Field::Reason);
    }
    found
}

/// The longest name that a step has.
const STEP_MAX: usize = 32;

fn step(reader: &mut RowReader<'_>) -> String {
    let text = reader.free_text(Field::Step);
    if text.chars().count() > STEP_MAX {
        reader.note_at(RowReason::TooLong, Field::Step);
    }
    text
}

fn number(reader: &mut RowReader<'_>) -> String {
    let text = reader.free_text(Field::Phone);
    // A work list that comes back has the number in full only where its channel needed it; a masked one says nothing.
    if text.contains(MASK) {
        return String::new();
    }
    if !text.is_empty() && !value::is_phone(&text) {
        reader.note_at(RowReason::PhoneImplausible, Field::Phone);
    }
    text
}
