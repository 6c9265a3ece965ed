//! What becomes of each row of a payment file: counted, held, a duplicate, or given back.

use std::collections::{HashMap, HashSet};

use doorstep_domain::id::{CaseId, EventId, ImportId, PaymentId, PersonId};
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::loan::{PaymentKind, PaymentState, Share};
use doorstep_domain::measure::Micros;
use doorstep_store::WriteTx;
use doorstep_store::entry::{Entry, EntryKind, ServerEntry};
use doorstep_store::import::{ImportRow, RowAction};
use doorstep_store::payment::Payment;
use doorstep_store::seal::{BlindKey, SealingKey};
use uuid::Uuid;

use super::{Sealed, before_balance, count, counted_entry, shares, taken_back};
use crate::App;
use crate::actor::Actor;
use crate::book::{self, Book};
use crate::day;
use crate::error::AppError;
use crate::file::{PaymentRow, RowOutcome};
use crate::import::{columns_stored, turn};
use crate::strategy::Strategies;

/// Whom a row is about.
pub(super) enum Named {
    /// A case, which may wait to be opened.
    Case(CaseId),
    /// Nobody that can be told, and why.
    Nobody(RowReason),
}

/// A payment of the file with what it said.
struct Taken {
    payment: Payment,
    said: Sealed,
}

/// A file being judged.
pub(super) struct Judge<'a> {
    app: &'a App,
    actor: &'a Actor,
    key: &'a BlindKey,
    id: ImportId,
    now: Micros,
    named: Vec<Named>,
    books: HashMap<CaseId, Book>,
    strategies: Strategies,
    /// What is known under each reference, this file's rows included.
    known: HashMap<Uuid, Vec<Payment>>,
    /// What counted payments of this file paid, which a reversal in it may take back.
    paid: HashMap<PaymentId, Vec<Share>>,
    taken: Vec<Taken>,
    cases: HashMap<usize, CaseId>,
}

impl<'a> Judge<'a> {
    /// Locks the persons of the file's cases and reads their books.
    pub(super) async fn new(
        (app, actor): (&'a App, &'a Actor),
        tx: &mut WriteTx,
        (id, key): (ImportId, &'a BlindKey),
        named: Vec<Named>,
    ) -> Result<Self, AppError> {
        let cases = named.iter().filter_map(|one| match one {
            Named::Case(case) => Some(case.0),
            Named::Nobody(_) => None,
        });
        let mut cases: Vec<Uuid> = cases.collect();
        cases.sort_unstable();
        cases.dedup();
        let mut persons: Vec<Uuid> = tx
            .case_read(&cases)
            .await?
            .iter()
            .map(|view| view.case.person.0)
            .collect();
        persons.extend(tx.loan_read(&cases).await?.iter().map(|loan| loan.person.0));
        persons.sort_unstable();
        persons.dedup();
        tx.ahead_lock(&persons, &[]).await?;
        let kept = tx.persons_kept(&persons).await?;
        let mut books = book::read(tx, &cases).await?;
        books.retain(|_, book| kept.contains(&book.loan.person));
        Ok(Self {
            app,
            actor,
            key,
            id,
            now: tx.now(),
            named,
            books,
            strategies: app.strategies(actor.tenant).await?,
            known: HashMap::new(),
            paid: HashMap::new(),
            taken: Vec::new(),
            cases: HashMap::new(),
        })
    }

    /// How many rows count.
    pub(super) fn counted(&self) -> u64 {
        let counted = self
            .taken
            .iter()
            .filter(|one| one.payment.state == PaymentState::Counted);
        counted.count() as u64
    }

    /// Judges all rows in the order of their days, payments before reversals: a file may list them in any.
    pub(super) async fn rows(&mut self, tx: &mut WriteTx, rows: &mut [RowOutcome<PaymentRow>]) -> Result<(), AppError> {
        let mut order: Vec<(i64, PaymentKind, usize)> = Vec::new();
        let mut references: Vec<Uuid> = Vec::new();
        for (at, outcome) in rows.iter().enumerate() {
            if let Some(row) = &outcome.row {
                order.push((day::number(row.day), row.kind, at));
                references.push(self.reference(row));
            }
        }
        order.sort_unstable();
        references.sort_unstable();
        references.dedup();
        for one in tx.payment_by_reference(&references).await? {
            self.known.entry(one.reference).or_default().push(one);
        }
        for (_, _, at) in order {
            self.row(tx, (at, &mut rows[at])).await?;
        }
        Ok(())
    }

    fn reference(&self, row: &PaymentRow) -> Uuid {
        let text = format!("{}\0{}", row.portfolio, row.reference.trim().to_uppercase());
        self.key.blind("payment-reference", &text)
    }

    fn content(&self, row: &PaymentRow) -> Uuid {
        let number = row.case_no.trim().to_uppercase();
        let (amount, currency) = (row.amount, row.currency.code());
        let text = format!(
            "{}\0{}\0{number}\0{amount}\0{currency}\0{}\0{}",
            row.portfolio,
            row.reference.trim().to_uppercase(),
            row.kind,
            row.day
        );
        self.key.blind("payment", &text)
    }

    fn payment(&self, row: &PaymentRow, line: u64) -> Payment {
        Payment {
            id: PaymentId(doorstep_store::fresh_id(self.now)),
            case: None,
            portfolio: None,
            agency: self.actor.agency,
            paid_on: day::number(row.day),
            amount: row.amount.get(),
            currency: row.currency.code().to_owned(),
            reference: self.reference(row),
            content: self.content(row),
            kind: row.kind,
            state: PaymentState::Held,
            reason: None,
            received_at: self.now,
            booked: None,
            file: self.id,
            line: line as i64,
            payload: EventId(doorstep_store::fresh_id(self.now)),
            decision: None,
            version: 1,
        }
    }

    async fn row(
        &mut self,
        tx: &mut WriteTx,
        (at, outcome): (usize, &mut RowOutcome<PaymentRow>),
    ) -> Result<(), AppError> {
        let Some(row) = outcome.row.clone() else { return Ok(()) };
        let case = match &self.named[at] {
            Named::Case(case) => Ok(*case),
            Named::Nobody(reason) => Err(*reason),
        };
        let book = case.ok().and_then(|case| self.books.get(&case));
        let zone = book.map_or("Pacific/Kiritimati", |book| book.zone.as_str());
        let today = day::number(day::local(self.now, &day::zone(zone)));
        if day::number(row.day) > today {
            outcome.at.push((RowReason::DateInFuture, "day"));
            turn(outcome, RowReason::DateInFuture);
            return Ok(());
        }
        let mut payment = self.payment(&row, outcome.line);
        let known = self.known.get(&payment.reference).map_or(&[][..], Vec::as_slice);
        if known.iter().any(|one| one.content == payment.content) {
            turn(outcome, RowReason::AlreadyThere);
            return Ok(());
        }
        if let Some(book) = book {
            payment.case = Some(book.loan.case);
            payment.portfolio = Some(book.loan.portfolio);
            self.cases.insert(at, book.loan.case);
        }
        match self.shares(tx, &payment, case).await? {
            Ok(shares) => {
                if let Some(book) = payment.case.and_then(|case| self.books.get_mut(&case)) {
                    count(&mut payment, book, &shares, today);
                }
                self.paid.insert(payment.id, shares);
            }
            Err(reason) => {
                outcome.reasons.push(reason);
                outcome.result = RowResult::Hold;
                payment.reason = Some(reason.code().to_owned());
            }
        }
        self.known.entry(payment.reference).or_default().push(payment.clone());
        let said = Sealed {
            reference: row.reference,
            case_no: row.case_no,
            portfolio: row.portfolio,
        };
        self.taken.push(Taken { payment, said });
        Ok(())
    }

    /// What a payment pays, or a reversal takes back; or why a person must decide.
    async fn shares(
        &self,
        tx: &mut WriteTx,
        payment: &Payment,
        case: Result<CaseId, RowReason>,
    ) -> Result<Result<Vec<Share>, RowReason>, AppError> {
        let known = self.known.get(&payment.reference).map_or(&[][..], Vec::as_slice);
        if known
            .iter()
            .any(|one| one.kind == payment.kind && one.state != PaymentState::Refused)
        {
            return Ok(Err(RowReason::ReferenceReused));
        }
        let case = match case {
            Ok(case) => case,
            Err(reason) => return Ok(Err(reason)),
        };
        // Between the look-up and the lock somebody was erased.
        let Some(book) = self.books.get(&case) else {
            return Ok(Err(RowReason::Erased));
        };
        if payment.kind == PaymentKind::Payment {
            if before_balance(payment, book) {
                return Ok(Err(RowReason::BeforeBalance));
            }
            return Ok(shares(payment, book, self.strategies.of(book.loan.portfolio)));
        }
        let paid = known
            .iter()
            .find(|one| one.kind == PaymentKind::Payment && one.state == PaymentState::Counted);
        let Some(paid) = paid else {
            return Ok(Err(RowReason::ReversalUnmatched));
        };
        if (paid.case, paid.amount, &paid.currency) != (Some(case), payment.amount, &payment.currency) {
            return Ok(Err(RowReason::ReversalDiffers));
        }
        let back = match self.paid.get(&paid.id) {
            Some(shares) => shares
                .iter()
                .map(|share| Share {
                    parts: -share.parts,
                    ..*share
                })
                .collect(),
            None => taken_back(tx, paid.id).await?,
        };
        Ok(Ok(back))
    }

    /// Writes payments and books, and has the cases follow: who owes nothing any more is visited no more. `own` is the key of
    /// the file, for what no person's key can seal.
    pub(super) async fn write(&mut self, tx: &mut WriteTx, own: &SealingKey) -> Result<Vec<Entry>, AppError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut payloads = Vec::new();
        let mut persons: Vec<Uuid> = self.books.values().map(|book| book.loan.person.0).collect();
        persons.sort_unstable();
        persons.dedup();
        let keys = self.app.store().sealing_keys(self.actor.tenant, &persons).await?;
        let mut touched: HashSet<CaseId> = HashSet::new();
        for Taken { payment, said } in &self.taken {
            let plain = serde_json::to_vec(said).map_err(|_| AppError::Fault("what a file said serialises"))?;
            let book = payment.case.and_then(|case| self.books.get(&case));
            let counted = book.filter(|_| payment.state == PaymentState::Counted);
            let (subject, key) = match counted {
                Some(book) => (book.loan.person, keys.get(book.loan.person.0)?),
                None => (PersonId(self.id.0), own),
            };
            let (sealed, commitment) = key.seal(payment.payload.0, &plain);
            payloads.push((payment.payload.0, subject.0, sealed));
            let entry = match counted {
                Some(book) => {
                    touched.insert(book.loan.case);
                    counted_entry(payment, book, self.actor.by())
                }
                None => ServerEntry::new(EntryKind::PaymentHeld, self.actor.by())
                    .with("payment", payment.id.to_string())
                    .with("kind", payment.kind.code())
                    .reason(payment.reason.clone().unwrap_or_default()),
            };
            let entry = entry.with("import", self.id.to_string());
            entries.push(entry.payload(payment.payload, commitment).into());
        }
        tx.payload_insert(payloads).await?;
        let payments: Vec<Payment> = self.taken.iter().map(|one| one.payment.clone()).collect();
        tx.payment_insert(&payments).await?;
        let mut books: Vec<&mut Book> = self.books.values_mut().collect();
        books.retain(|book| touched.contains(&book.loan.case));
        books.sort_unstable_by_key(|book| book.loan.case);
        book::write(tx, &mut books).await?;
        let now = tx.now();
        let at = |book: &Book| {
            let today = day::number(day::local(now, &day::zone(&book.zone)));
            (today, self.strategies.of(book.loan.portfolio).stages)
        };
        let mut followers = book::followers(books, at);
        entries.extend(book::settle(self.app, tx, &mut followers, self.actor.by()).await?);
        Ok(entries)
    }

    /// A row as it is kept with the import.
    pub(super) fn written(&self, at: usize, outcome: &RowOutcome<PaymentRow>) -> ImportRow {
        let case = self.cases.get(&at).copied();
        let counted = case.is_some() && outcome.result == RowResult::Accept;
        ImportRow {
            line: outcome.line as i64,
            result: outcome.result,
            reasons: crate::land::reason_codes(&outcome.reasons),
            case,
            action: if counted { RowAction::Updated } else { RowAction::None },
            version: None,
            before: None,
            columns_at: columns_stored(&outcome.at),
            other_lines: outcome.other_lines(),
        }
    }
}
