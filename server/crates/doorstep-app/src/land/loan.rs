//! Landing a loan file: its rows are judged loan by loan, and a loan lands whole or not at all, because half of one would
//! make a balance that is not true.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::case::Flag;
use doorstep_domain::id::EventId;
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::loan::{Instalment, LoanSource};
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::entry::{EntryKind, ServerEntry};
use doorstep_store::import::{ImportKind, ImportRow, RowAction};
use doorstep_store::loan::Loan;
use doorstep_store::seal::BlindKey;
use doorstep_wire::import::ImportReport;
use uuid::Uuid;

use super::people::{Candidate, People};
use super::row::{Batch, seal_personal};
use super::{Landing, reason_codes};
use crate::book::{self, Book};
use crate::day;
use crate::error::AppError;
use crate::file::{CaseRow, LoanRow, RowOutcome};
use crate::import::{REPORT_ROWS_MAX, WholeFile, columns_stored, row_item, turn};

/// The most instalments of a loan: fifty years of months.
const INSTALMENTS_MAX: usize = 600;
/// Loans whose rows are landed at once.
const SLICE: usize = 500;

/// What became of rows: the case, and what landing did to it, by the place of a row in the file.
type Done = BTreeMap<usize, (Uuid, RowAction)>;

/// The rows of one loan, by their places in the file.
struct Group {
    rows: Vec<usize>,
}

impl Landing<'_> {
    /// Lands a loan file that was read whole.
    pub(crate) async fn run_loans(
        mut self,
        mut file: WholeFile<LoanRow>,
        keep: Option<(String, Vec<u8>)>,
    ) -> Result<ImportReport, AppError> {
        let (blind_key, own) = self.prepare().await?;
        let groups = self.groups(&mut file.rows);
        let (app, actor) = (self.input.app, self.input.actor);
        let mut tx = app.store().write_long(actor.tenant, self.now).await?;
        self.insert_import(&mut tx, ImportKind::Loans).await?;
        let mut done = Done::new();
        for slice in groups.chunks(SLICE) {
            self.loans(&mut tx, &blind_key, (slice, &mut file.rows, &mut done))
                .await?;
        }
        let rows: Vec<ImportRow> = file
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| written(row, done.get(&at)))
            .collect();
        for (row, outcome) in rows.iter().zip(&file.rows) {
            *self.counts.entry(row.result).or_default() += 1;
            if row.result != RowResult::Accept && self.report.rows.len() < REPORT_ROWS_MAX {
                let mut item = row_item(row, self.input.lang);
                item.case_no = Some(outcome.number.clone()).filter(|number| !number.is_empty());
                self.report.rows.push(item);
            }
        }
        let give_back = file.give_back(self.input.lang)?;
        self.finish_report(Some(file.head), give_back.is_some());
        let Some(own) = own else { return Ok(self.report) };
        tx.import_rows_insert(self.id, rows).await?;
        let key = own.get(self.id.0)?;
        self.commit(tx, key, give_back, keep).await
    }

    /// Puts the rows of each loan together and judges what the file alone tells of them.
    fn groups(&self, rows: &mut [RowOutcome<LoanRow>]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut place: HashMap<(String, String), usize> = HashMap::new();
        for (at, outcome) in rows.iter_mut().enumerate() {
            // The portfolio of a draft has the due day behind it, which tells instalments apart.
            let name = outcome.portfolio.split('\0').next().unwrap_or_default().to_owned();
            if outcome.row.is_some() && !self.portfolios.contains_key(&name) {
                outcome.at.push((RowReason::UnknownPortfolio, "portfolio"));
                turn(outcome, RowReason::UnknownPortfolio);
            }
            never_held(outcome);
            if outcome.number.is_empty() {
                continue;
            }
            let number = outcome.number.trim().to_uppercase();
            let group = *place.entry((name, number)).or_insert_with(|| {
                groups.push(Group { rows: Vec::new() });
                groups.len() - 1
            });
            groups[group].rows.push(at);
        }
        for group in &groups {
            together(rows, &group.rows);
        }
        groups
    }

    /// Lands some loans.
    async fn loans(
        &mut self,
        tx: &mut WriteTx,
        blind_key: &BlindKey,
        (groups, rows, done): (&[Group], &mut [RowOutcome<LoanRow>], &mut Done),
    ) -> Result<(), AppError> {
        let whole = groups
            .iter()
            .filter(|group| group.rows.iter().any(|at| rows[*at].row.is_some()));
        let whole: Vec<&Group> = whole.collect();
        let heads = whole.iter().map(|group| head(rows, &group.rows)).collect();
        let candidates = self.look_up(tx, blind_key, heads).await?;
        let people = self.people(tx, blind_key, &candidates).await?;
        let mut batch = Batch::new(self.places(tx, blind_key, &candidates, &people).await?);
        let known: Vec<Uuid> = candidates.iter().map(|one| one.case_id(self.now).0).collect();
        let mut books = book::read(tx, &known).await?;
        let mut ready: Vec<Book> = Vec::new();
        for ((index, candidate), group) in candidates.iter().enumerate().zip(&whole) {
            let existing = candidate.existing.as_ref().map(|view| view.case.id);
            let existing = existing.or_else(|| candidate.loan.as_ref().map(|loan| loan.case));
            let before = existing.and_then(|case| books.remove(&case));
            if !self.fits(candidate, before.as_ref(), (rows, &group.rows)) {
                continue;
            }
            let Some(row) = candidate.outcome.row.as_ref() else {
                continue;
            };
            let changes = changes(before.as_ref(), rows, &group.rows);
            if changes.is_empty() && before.as_ref().is_some_and(|book| knows(book, blind_key, row)) {
                continue;
            }
            let action = self.acts(before.is_some());
            let at = changes.first().map_or(group.rows[0], |(at, ..)| *at);
            done.insert(at, (candidate.case_id(self.now).0, action));
            if self.input.options.dry_run {
                continue;
            }
            let book = self.loan(((index, candidate, row), before), (blind_key, &people), &mut batch)?;
            ready.push(self.stated(book, &changes));
        }
        if self.input.options.dry_run {
            return Ok(());
        }
        tx.person_insert(&people.new).await?;
        tx.address_insert(&batch.places.new).await?;
        tx.payload_insert(std::mem::take(&mut batch.payloads)).await?;
        let of_people = people.blind.iter();
        let of_people = of_people.map(|(digest, person)| (doorstep_store::blind::BLIND_PERSON, *digest, *person));
        batch.blind.extend(of_people);
        tx.blind_insert(&batch.blind).await?;
        book::write(tx, &mut ready.iter_mut().collect::<Vec<_>>()).await?;
        tx.entries_add(std::mem::take(&mut batch.entries)).await?;
        Ok(())
    }

    /// What a loan that lands does, counted.
    fn acts(&mut self, known: bool) -> RowAction {
        if known {
            self.report.updated += 1;
            RowAction::Updated
        } else {
            self.report.created += 1;
            RowAction::Created
        }
    }

    /// Whether the rows of a loan fit what is there; where they do not, all of them go back.
    fn fits(
        &self,
        candidate: &Candidate,
        before: Option<&Book>,
        (rows, group): (&mut [RowOutcome<LoanRow>], &[usize]),
    ) -> bool {
        let refused = if candidate.erased {
            Some(RowReason::Erased)
        } else if self.is_anothers(candidate) {
            Some(RowReason::NotYours)
        } else {
            None
        };
        for at in group {
            let outcome = &mut rows[*at];
            let Some(row) = &outcome.row else { continue };
            let reason = refused.or_else(|| before.and_then(|book| unfit(book, row)));
            match reason {
                Some(reason) => turn(outcome, reason),
                // The same instalment with the same parts is there already; it lands no second time.
                None if before.is_some_and(|book| same(book, row)) => {
                    outcome.reasons.push(RowReason::AlreadyThere);
                    outcome.result = RowResult::Duplicate;
                }
                None => {}
            }
        }
        let gap = refused.is_none().then(|| gap(before, rows, group)).flatten();
        if let Some(at) = gap {
            turn(&mut rows[at], RowReason::InstalmentGap);
        }
        whole_or_none(rows, group)
    }

    /// The book of a loan as the file makes or changes it, without its instalments.
    fn loan(
        &self,
        ((index, candidate, row), before): ((usize, &Candidate, &CaseRow), Option<Book>),
        (blind_key, people): (&BlindKey, &People),
        batch: &mut Batch,
    ) -> Result<Book, AppError> {
        let person = candidate.person(index, people);
        let person = person.ok_or(AppError::Fault("every loan that lands has a person"))?;
        let event = EventId(doorstep_store::fresh_id(self.now));
        let commitment = seal_personal(row, people.keys.get(person.0)?, (person, event), batch)?;
        let named = self.address(row, person, blind_key);
        let zone = named.zone.clone();
        let address = batch.places.of(candidate.existing.as_ref(), named);
        let old = before.as_ref().map(|book| &book.loan);
        let existing = candidate.existing.as_ref().map(|view| &view.case);
        let loan = Loan {
            case: candidate.case_id(self.now),
            portfolio: candidate
                .portfolio
                .ok_or(AppError::Fault("a loan that lands has a portfolio"))?,
            agency: candidate.agency,
            team: self.team_of(candidate.agency, existing),
            person,
            address,
            source: LoanSource::File,
            currency: row.amount.currency().code().to_owned(),
            as_of: old.map_or(Micros(i64::MIN), |old| old.as_of).max(row.amount.as_of()),
            number: candidate.digest,
            content_hash: told(blind_key, row),
            payload: event,
            // A file never lifts a restriction.
            flags: old.map_or(0, |old| old.flags) | Flag::mask(&row.flags),
            last_visit_day: row
                .last_visit
                .map(day::number)
                .max(old.and_then(|old| old.last_visit_day)),
            visits_before: old.map_or(0, |old| old.visits_before).max(row.visits_so_far),
            import: self.id,
            version: old.map_or(1, |old| old.version + 1),
            updated_at: self.now,
        };
        if let Some(digest) = doorstep_store::blind::blind_phone(blind_key, &row.personal.phone) {
            batch.blind.push((doorstep_store::blind::BLIND_PHONE, digest, person.0));
        }
        let alias = people.aliases.get(&person);
        let alias = alias.ok_or(AppError::Fault("every person has an alias"))?;
        let entry = ServerEntry::new(EntryKind::LoanLanded, self.input.actor.by()).about(*alias);
        let entry = entry.payload(event, commitment).with("import", self.id.to_string());
        batch.entries.push(entry.into());
        Ok(match before {
            Some(book) => Book { loan, ..book },
            None => Book {
                loan,
                instalments: Vec::new(),
                zone,
                view: None,
                postings: Vec::new(),
                changed: true,
            },
        })
    }

    /// The same book with what the file states of its instalments.
    fn stated(&self, mut book: Book, changes: &[(usize, Instalment)]) -> Book {
        let today = day::number(day::local(self.now, &day::zone(&book.zone)));
        book.changed = true;
        for (_, one) in changes {
            book.restate((one.due_day, one.number), one.due, today);
        }
        book
    }
}

/// Judges what the rows of one loan tell together.
fn together(rows: &mut [RowOutcome<LoanRow>], group: &[usize]) {
    let mut first: Option<LoanRow> = None;
    let mut last = i64::MIN;
    for at in group {
        let outcome = &mut rows[*at];
        let Some(row) = outcome.row.clone() else { continue };
        let due = day::number(row.due_date);
        let head = first.get_or_insert_with(|| row.clone());
        if row.case.amount.currency() != head.case.amount.currency() {
            turn(outcome, RowReason::CurrencyOther);
        } else if person_of(&row.case) != person_of(&head.case) {
            turn(outcome, RowReason::PersonDiffers);
        } else if due < last {
            turn(outcome, RowReason::DueOutOfOrder);
        }
        last = last.max(due);
    }
    if group.len() > INSTALMENTS_MAX {
        for at in &group[INSTALMENTS_MAX..] {
            turn(&mut rows[*at], RowReason::TooLong);
        }
    }
    if let Some(at) = gap(None, rows, group) {
        turn(&mut rows[at], RowReason::InstalmentGap);
    }
    whole_or_none(rows, group);
}

/// Nothing of a loan is held for a decision: nobody is asked, so what would be held of another file goes back. What cannot be
/// read of a person may hide a restriction, and a loan is not made without it.
fn never_held(outcome: &mut RowOutcome<LoanRow>) {
    if outcome.result == RowResult::Hold {
        outcome.result = RowResult::Reject;
        outcome.row = None;
    }
}

/// Sends all rows of a loan back where one of them goes back. Returns whether they are whole.
fn whole_or_none(rows: &mut [RowOutcome<LoanRow>], group: &[usize]) -> bool {
    for at in group {
        never_held(&mut rows[*at]);
    }
    if !group.iter().any(|at| rows[*at].goes_back()) {
        return true;
    }
    for at in group {
        if !rows[*at].goes_back() {
            turn(&mut rows[*at], RowReason::LoanIncomplete);
        }
    }
    false
}

/// The first taken row of a loan as a row of a case file.
fn head(rows: &[RowOutcome<LoanRow>], group: &[usize]) -> RowOutcome<CaseRow> {
    let at = group.iter().find(|at| rows[**at].row.is_some()).unwrap_or(&group[0]);
    let outcome = &rows[*at];
    RowOutcome {
        line: outcome.line,
        number: outcome.number.clone(),
        portfolio: outcome
            .row
            .as_ref()
            .map_or_else(String::new, |row| row.case.portfolio.clone()),
        result: outcome.result,
        reasons: Vec::new(),
        at: Vec::new(),
        row: outcome.row.as_ref().map(|row| row.case.clone()),
        same_number_lines: Vec::new(),
        cells: Vec::new(),
    }
}

/// What a row says of the person and the place: the same in all rows of a loan.
fn person_of(row: &CaseRow) -> String {
    let fields = &row.personal;
    let flags: Vec<&str> = row.flags.iter().map(|flag| flag.code()).collect();
    let agency = row.agency.as_deref().unwrap_or_default();
    let told = [
        &fields.name,
        &fields.phone,
        &fields.address,
        &fields.language,
        &row.available_text,
    ];
    let told: Vec<&str> = told.iter().map(|text| text.as_str()).collect();
    format!(
        "{}\0{}\0{}\0{}\0{agency}",
        told.join("\0"),
        fields.lat_e7,
        fields.lon_e7,
        flags.join(",")
    )
}

/// The keyed hash of that, as it is stored.
fn told(blind_key: &BlindKey, row: &CaseRow) -> Vec<u8> {
    blind_key.blind("loan", &person_of(row)).as_bytes().to_vec()
}

/// Whether the book says the same of the person already.
fn knows(book: &Book, blind_key: &BlindKey, row: &CaseRow) -> bool {
    book.loan.source == LoanSource::File && book.loan.content_hash == told(blind_key, row)
}

fn instalment<'a>(book: &'a Book, row: &LoanRow) -> Option<&'a Instalment> {
    let due = day::number(row.due_date);
    book.instalments.iter().find(|one| one.due_day == due)
}

fn same(book: &Book, row: &LoanRow) -> bool {
    book.loan.source == LoanSource::File && instalment(book, row).is_some_and(|one| one.due == row.parts)
}

/// Why a row does not fit the book.
fn unfit(book: &Book, row: &LoanRow) -> Option<RowReason> {
    if book.loan.currency != row.case.amount.currency().code() {
        return Some(RowReason::CurrencyOther);
    }
    let one = instalment(book, row)?;
    if same(book, row) {
        None
    } else if book.loan.source == LoanSource::File && row.case.amount.as_of() < book.loan.as_of {
        Some(RowReason::OlderThanKnown)
    } else if (row.parts - one.paid - one.waived).any_negative() {
        Some(RowReason::LessThanPaid)
    } else {
        None
    }
}

/// The row before which an instalment is missing, where all instalments of the loan have numbers.
fn gap(before: Option<&Book>, rows: &[RowOutcome<LoanRow>], group: &[usize]) -> Option<usize> {
    let mut all: BTreeMap<i64, (Option<i64>, Option<usize>)> = BTreeMap::new();
    for one in before.iter().flat_map(|book| &book.instalments) {
        all.insert(one.due_day, (one.number, None));
    }
    for at in group {
        if let Some(row) = &rows[*at].row {
            all.insert(day::number(row.due_date), (row.number, Some(*at)));
        }
    }
    let all: Vec<(Option<i64>, Option<usize>)> = all.into_values().collect();
    let pairs = all.windows(2).find(|pair| match (pair[0].0, pair[1].0) {
        (Some(one), Some(next)) => next != one + 1,
        _ => false,
    });
    pairs.and_then(|pair| pair[1].1.or(pair[0].1))
}

/// The instalments that are new or other than in the book, with the places of their rows. Taking over a case that came by a
/// case file, whose one sum the instalments stand for now, leaves of it what was paid.
fn changes(before: Option<&Book>, rows: &[RowOutcome<LoanRow>], group: &[usize]) -> Vec<(usize, Instalment)> {
    let mut found = Vec::new();
    for at in group {
        let outcome = &rows[*at];
        if let (Some(row), true) = (&outcome.row, outcome.result != RowResult::Duplicate) {
            found.push((*at, Instalment::new(day::number(row.due_date), row.number, row.parts)));
        }
    }
    let of_case = before.filter(|book| book.loan.source == LoanSource::Case);
    for one in of_case.iter().flat_map(|book| &book.instalments) {
        if !found.iter().any(|(_, other)| other.due_day == one.due_day) {
            let rest = Instalment {
                due: one.paid + one.waived,
                ..*one
            };
            found.push((group[0], rest));
        }
    }
    found
}

/// A row as it is kept with the import.
fn written(outcome: &RowOutcome<LoanRow>, done: Option<&(Uuid, RowAction)>) -> ImportRow {
    ImportRow {
        line: outcome.line as i64,
        result: outcome.result,
        reasons: reason_codes(&outcome.reasons),
        case: done.map(|(case, _)| doorstep_domain::id::CaseId(*case)),
        action: done.map_or(RowAction::None, |(_, action)| *action),
        version: None,
        before: None,
        columns_at: columns_stored(&outcome.at),
        other_lines: outcome.other_lines(),
    }
}
