//! The book of a case within a transaction: its loan, its instalments and the case as they make it.
//!
//! Money changes here and nowhere else: each change of an instalment has its row in the ledger, and the case follows from the
//! instalments. A case that came by a case file alone has a book too, with what the file states as its only instalment.

#[cfg(test)]
#[path = "book/book_tests.rs"]
mod tests;

use std::collections::HashMap;

use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::{AddressId, CaseId};
use doorstep_domain::loan::{Instalment, LoanSource, PostingKind, Share, oldest_open, open_until, pay, waive};
use doorstep_domain::measure::Micros;
use doorstep_domain::money::AmountParts;
use doorstep_store::WriteTx;
use doorstep_store::blind::BLIND_CASE;
use doorstep_store::case::{Case, CaseView};
use doorstep_store::entry::{By, Entry, EntryKind, ServerEntry};
use doorstep_store::loan::{Loan, Posting};
use doorstep_strategy::Stages;
use uuid::Uuid;

use crate::App;
use crate::day;
use crate::error::AppError;

/// The book of a case.
pub(crate) struct Book {
    pub(crate) loan: Loan,
    pub(crate) instalments: Vec<Instalment>,
    /// The case; `None` while the loan waits.
    pub(crate) view: Option<CaseView>,
    /// The time zone of the address.
    pub(crate) zone: String,
    /// Rows of the ledger to be added.
    pub(crate) postings: Vec<Posting>,
    /// Whether loan or instalments are to be written.
    pub(crate) changed: bool,
}

/// The books of some cases, whether they have one stored or not; waiting loans too. The caller has locked their persons.
pub(crate) async fn read(tx: &mut WriteTx, cases: &[Uuid]) -> Result<HashMap<CaseId, Book>, AppError> {
    let mut views: HashMap<CaseId, CaseView> = HashMap::new();
    for view in tx.case_read(cases).await? {
        views.insert(view.case.id, view);
    }
    let mut instalments: HashMap<CaseId, Vec<Instalment>> = HashMap::new();
    for (case, one) in tx.instalment_list(cases).await? {
        instalments.entry(case).or_default().push(one);
    }
    let mut books = HashMap::new();
    let loans = tx.loan_read(cases).await?;
    let addresses: Vec<Uuid> = loans.iter().map(|loan| loan.address.0).collect();
    let zones: HashMap<AddressId, String> = tx.address_zone(&addresses).await?.into_iter().collect();
    for loan in loans {
        let case = loan.case;
        let zone = zones.get(&loan.address).cloned().unwrap_or_default();
        let view: Option<CaseView> = views.remove(&case);
        let mut book = Book {
            zone: view.as_ref().map_or(zone, |view| view.address.zone.clone()),
            loan,
            instalments: instalments.remove(&case).unwrap_or_default(),
            view,
            postings: Vec::new(),
            changed: false,
        };
        book.follow_case_file(tx);
        books.insert(case, book);
    }
    for (case, view) in views {
        books.insert(case, Book::of_case(view));
    }
    Ok(books)
}

/// What a case file states of a case, as the parts of one instalment, and the day on which it fell due.
fn stated(case: &Case) -> (i64, AmountParts) {
    let parts = AmountParts::of(case.parts.unwrap_or([case.amount, 0, 0, 0]));
    let as_of = day::number(day::local(case.amount_as_of, &jiff::tz::TimeZone::UTC));
    (case.due_day.unwrap_or(as_of - case.days_past_due), parts)
}

impl Book {
    /// The book of a case that came by a case file and has none yet.
    fn of_case(view: CaseView) -> Self {
        let case = &view.case;
        let (due_day, due) = stated(case);
        let loan = Loan {
            case: case.id,
            portfolio: case.portfolio,
            agency: case.agency,
            team: case.team,
            person: case.person,
            address: case.address,
            source: LoanSource::Case,
            currency: case.currency.clone(),
            as_of: case.amount_as_of,
            number: None,
            content_hash: case.content_hash.clone(),
            payload: case.payload,
            flags: case.flags,
            last_visit_day: case.last_visit_day,
            visits_before: case.visits_before,
            import: case.import,
            version: 1,
            updated_at: case.updated_at,
        };
        Self {
            loan,
            instalments: vec![Instalment::new(due_day, None, due)],
            zone: view.address.zone.clone(),
            view: Some(view),
            postings: Vec::new(),
            changed: true,
        }
    }

    /// Takes over what a newer case file states of a case without a loan file: so much is left, whatever was paid.
    fn follow_case_file(&mut self, tx: &WriteTx) {
        let Some(view) = &self.view else { return };
        let case = &view.case;
        if self.loan.source != LoanSource::Case || self.loan.content_hash == case.content_hash {
            return;
        }
        let (due_day, left) = stated(case);
        let today = day::number(day::local(tx.now(), &day::zone(&self.zone)));
        self.loan.content_hash.clone_from(&case.content_hash);
        self.loan.as_of = case.amount_as_of;
        self.loan.currency.clone_from(&case.currency);
        self.loan.agency = case.agency;
        if self.instalments.iter().all(|one| one.due_day != due_day) {
            self.instalments.push(Instalment::new(due_day, None, AmountParts::ZERO));
        }
        for at in 0..self.instalments.len() {
            let one = self.instalments[at];
            let left = if one.due_day == due_day {
                left
            } else {
                AmountParts::ZERO
            };
            self.restate((one.due_day, None), one.paid + one.waived + left, today);
        }
        self.changed = true;
    }

    /// Says anew what falls due on a day: adds the instalment, or changes it with its row in the ledger.
    pub(crate) fn restate(&mut self, (due_day, number): (i64, Option<i64>), due: AmountParts, today: i64) {
        self.changed = true;
        let Some(one) = self.instalments.iter_mut().find(|one| one.due_day == due_day) else {
            self.instalments.push(Instalment::new(due_day, number, due));
            self.instalments.sort_unstable_by_key(|one| one.due_day);
            return;
        };
        let change = due - one.due;
        one.due = due;
        one.number = number.or(one.number);
        if one.booked.is_some() && change != AmountParts::ZERO {
            self.post((due_day, PostingKind::Restated, None), change, today);
        }
    }

    fn post(&mut self, (due_day, kind, source): (i64, PostingKind, Option<Uuid>), parts: AmountParts, booked: i64) {
        self.postings.push(Posting {
            id: Uuid::nil(),
            case: self.loan.case,
            due_day,
            kind,
            source,
            booked,
            parts,
        });
    }

    /// Books what fell due until a day. What fell due after the last day that was worked is booked on its own day, so that
    /// days nobody ran are in the books as if somebody had; what was known too late is booked on the day itself.
    pub(crate) fn book_due(&mut self, today: i64, worked: Option<i64>) {
        for at in 0..self.instalments.len() {
            let one = &mut self.instalments[at];
            if one.booked.is_some() || one.due_day > today {
                continue;
            }
            let late = worked.is_none_or(|worked| one.due_day <= worked);
            let booked = if late { today } else { one.due_day };
            one.booked = Some(booked);
            let (due_day, due) = (one.due_day, one.due);
            self.changed = true;
            self.post((due_day, PostingKind::Due, None), due, booked);
        }
    }

    /// Counts shares of a payment, or takes them back: shares of a reversal are below zero.
    pub(crate) fn count(&mut self, (kind, source): (PostingKind, Uuid), shares: &[Share], today: i64) {
        pay(&mut self.instalments, shares);
        for share in shares {
            self.post((share.due_day, kind, Some(source)), -share.parts, today);
        }
        self.changed = true;
    }

    /// What was waived of the instalments, in the books from `today` on; `source` is the waiver.
    pub(crate) fn waive(&mut self, source: Uuid, shares: &[Share], today: i64) {
        waive(&mut self.instalments, shares);
        for share in shares {
            self.post((share.due_day, PostingKind::Waiver, Some(source)), -share.parts, today);
        }
        self.changed = true;
    }

    /// How far ahead of a day instalments count as owed: what a case file states is owed as a whole.
    fn horizon(&self, today: i64, stages: Stages) -> i64 {
        match self.loan.source {
            LoanSource::Case => i64::MAX,
            LoanSource::File => today + i64::from(stages.m0_days_before),
        }
    }

    /// The case as the instalments make it at a day; `None` where it is no different, or not to be opened.
    fn case_at(&self, today: i64, stages: Stages) -> Option<Case> {
        let horizon = self.horizon(today, stages);
        let near: Vec<Instalment> = self
            .instalments
            .iter()
            .copied()
            .filter(|one| one.due_day <= horizon)
            .collect();
        let owed = open_until(&near, horizon);
        let old = self.view.as_ref().map(|view| &view.case);
        let mut case = match old {
            Some(old) => old.clone(),
            None if owed == AmountParts::ZERO => return None,
            None => self.new_case(),
        };
        match (case.status, owed.total().get()) {
            // What was taken back or ended otherwise stays so; a person decides.
            // Somebody said at the door that it is settled; money that the books miss does not send anybody there again.
            (CaseStatus::Recalled | CaseStatus::Closed, _) | (CaseStatus::Settled, 0) => return None,
            (CaseStatus::Settled, _) if case.amount > 0 => return None,
            (CaseStatus::Settled, _) => case.status = CaseStatus::Open,
            (CaseStatus::Open | CaseStatus::Held, 0) => case.status = CaseStatus::Settled,
            (CaseStatus::Open | CaseStatus::Held, _) => {}
        }
        case.amount = owed.total().get();
        if self.loan.source == LoanSource::File || case.parts.is_some() {
            case.parts = Some(owed.numbers());
        }
        if self.loan.source == LoanSource::File {
            case.amount_as_of = case.amount_as_of.max(self.loan.as_of);
            case.currency.clone_from(&self.loan.currency);
        }
        if let Some(due_day) = oldest_open(&near) {
            case.due_day = Some(due_day);
            case.days_past_due = today - due_day;
            case.stage = stages.of(case.days_past_due);
        }
        (old != Some(&case)).then_some(case)
    }

    fn new_case(&self) -> Case {
        let loan = &self.loan;
        Case {
            id: loan.case,
            alias: doorstep_store::fresh_alias(),
            portfolio: loan.portfolio,
            agency: loan.agency,
            team: loan.team,
            person: loan.person,
            address: loan.address,
            status: CaseStatus::Open,
            flags: loan.flags,
            stage: doorstep_domain::case::Stage::M0,
            days_past_due: 0,
            due_day: None,
            amount: 0,
            parts: None,
            currency: loan.currency.clone(),
            amount_as_of: loan.as_of,
            last_visit_day: loan.last_visit_day,
            visits_before: loan.visits_before,
            content_hash: loan.content_hash.clone(),
            payload: loan.payload,
            import: loan.import,
            version: 0,
            updated_at: loan.updated_at,
        }
    }

    /// Writes loan, instalments and ledger.
    pub(crate) async fn write(&mut self, tx: &mut WriteTx) -> Result<(), AppError> {
        write(tx, &mut [self]).await
    }

    /// Has the case follow the book at a day.
    pub(crate) async fn settle(
        &mut self,
        app: &App,
        tx: &mut WriteTx,
        at: (i64, Stages),
        by: By,
    ) -> Result<Vec<Entry>, AppError> {
        settle(app, tx, &mut followers(vec![self], |_| at), by).await
    }

    /// The row of the log that says what became of the case, as it now stands.
    fn followed_entry(&self, followed: Followed, (today, by): (i64, By)) -> Option<Entry> {
        let view = self.view.as_ref()?;
        let entry = ServerEntry::new(followed.entry(), by).about(view.person_alias);
        let entry = entry
            .with("case", view.case.alias.to_string())
            .with("stage", view.case.stage.code())
            .with("days", view.case.days_past_due)
            .with("day", day::text(today));
        Some(entry.into())
    }

    /// The case as it is to be written at a day, with what becomes of it; `None` where it stays as it is.
    fn following(&self, (today, stages): (i64, Stages), now: Micros) -> Option<(Followed, Case)> {
        let mut case = self.case_at(today, stages)?;
        // A day more is nothing that an edit or the taking back of a file could collide with.
        let days = (case.days_past_due, case.stage);
        let of_days = |view: &CaseView| {
            let mut aged = view.case.clone();
            (aged.days_past_due, aged.stage) = days;
            aged == case
        };
        if !self.view.as_ref().is_some_and(of_days) {
            case.version += 1;
            case.updated_at = now;
        }
        let before = self.view.as_ref().map(|view| view.case.status);
        let followed = match (before, case.status) {
            (_, CaseStatus::Settled) => Followed::Settled,
            (None, _) => Followed::Opened,
            (Some(CaseStatus::Settled), _) => Followed::OpenedAgain,
            _ => Followed::Aged,
        };
        Some((followed, case))
    }
}

/// Writes loan, instalments and ledger of every book that changed.
pub(crate) async fn write(tx: &mut WriteTx, books: &mut [&mut Book]) -> Result<(), AppError> {
    let mut loans = Vec::new();
    let mut instalments: Vec<(CaseId, Instalment)> = Vec::new();
    let mut postings: Vec<Posting> = Vec::new();
    for book in books.iter_mut().filter(|book| book.changed) {
        loans.push(book.loan.clone());
        instalments.extend(book.instalments.iter().map(|one| (book.loan.case, *one)));
        postings.append(&mut book.postings);
        book.changed = false;
    }
    for one in &mut postings {
        one.id = doorstep_store::fresh_id(tx.now());
    }
    tx.loan_write(&loans).await?;
    tx.instalment_write(&instalments).await?;
    tx.posting_insert(&postings).await?;
    Ok(())
}

/// A book whose case is to follow it, at a day, by stages; and what became of it.
pub(crate) struct Follower<'a> {
    pub(crate) book: &'a mut Book,
    pub(crate) today: i64,
    pub(crate) stages: Stages,
    /// `None` where the case stays as it is.
    pub(crate) followed: Option<Followed>,
}

/// Books whose cases are to follow them, each at its day and by its stages.
pub(crate) fn followers<'a>(books: Vec<&'a mut Book>, at: impl Fn(&Book) -> (i64, Stages)) -> Vec<Follower<'a>> {
    let follower = |book: &'a mut Book| {
        let (today, stages) = at(book);
        Follower {
            book,
            today,
            stages,
            followed: None,
        }
    };
    books.into_iter().map(follower).collect()
}

/// Has cases follow their books: opens, changes, settles or opens them again, with their entries. A case that owes nothing
/// any more loses its visits ahead in the same transaction.
pub(crate) async fn settle(
    app: &App,
    tx: &mut WriteTx,
    followers: &mut [Follower<'_>],
    by: By,
) -> Result<Vec<Entry>, AppError> {
    let mut cases: Vec<Case> = Vec::new();
    let mut numbers = Vec::new();
    for one in followers.iter_mut() {
        let Some((followed, case)) = one.book.following((one.today, one.stages), tx.now()) else {
            continue;
        };
        one.followed = Some(followed);
        if let (Followed::Opened, Some(number)) = (followed, one.book.loan.number) {
            numbers.push((BLIND_CASE, number, case.id.0));
        }
        cases.push(case);
    }
    tx.case_write(&cases).await?;
    tx.blind_insert(&numbers).await?;
    let ids: Vec<Uuid> = cases.iter().map(|case| case.id.0).collect();
    let written = tx.case_read(&ids).await?;
    let mut written: HashMap<CaseId, CaseView> = written.into_iter().map(|view| (view.case.id, view)).collect();
    let mut entries = Vec::new();
    for one in followers.iter_mut() {
        let Some(followed) = one.followed else { continue };
        let view = written.remove(&one.book.loan.case);
        let view = view.ok_or(AppError::Fault("a case that was written is there"))?;
        let view = one.book.view.insert(view);
        let withdrawn = if followed == Followed::Settled {
            crate::restriction::withdraw(app, tx, view, by).await?.entries
        } else {
            Vec::new()
        };
        entries.extend(one.book.followed_entry(followed, (one.today, by)));
        entries.extend(withdrawn);
    }
    Ok(entries)
}

/// What became of a case that follows its book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Followed {
    /// It was opened.
    Opened,
    /// It was settled, and is open again.
    OpenedAgain,
    /// Its amount, age or stage changed.
    Aged,
    /// It owes nothing any more.
    Settled,
}

impl Followed {
    const fn entry(self) -> EntryKind {
        match self {
            Self::Opened | Self::OpenedAgain => EntryKind::CaseOpened,
            Self::Aged => EntryKind::CaseAged,
            Self::Settled => EntryKind::CaseSettled,
        }
    }
}
