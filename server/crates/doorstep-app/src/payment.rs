//! Payments: files of them, and the money that waits for a person. No money is ever guessed to a case, and none is lost: what
//! does not fit is held until somebody of the creditor decides.

mod import;
mod judge;

use doorstep_domain::id::{CaseId, EventId, ImportId, PaymentId};
use doorstep_domain::import::RowReason;
use doorstep_domain::loan::{LoanSource, PaymentKind, PaymentState, PostingKind, Share, allocate};
use doorstep_domain::measure::Minor;
use doorstep_store::WriteTx;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::payment::{Decision, Payment};
use doorstep_strategy::Strategy;
use doorstep_wire::Page;
use doorstep_wire::payment::{PaymentItem, PaymentSaid, SettlePayment};
use doorstep_wire::problem::ProblemCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::agreement::judge_cases;
use crate::book::{self, Book};
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day, note};

/// The most held payments that are listed; the oldest come first.
const HELD_MAX: i64 = 500;

/// What is sealed of a payment: what the file said.
#[derive(Serialize, Deserialize)]
struct Sealed {
    reference: String,
    case_no: String,
    portfolio: String,
}

pub(crate) fn item(one: &Payment, said: Option<PaymentSaid>) -> PaymentItem {
    PaymentItem {
        id: one.id.0,
        case: one.case.map(|id| id.0),
        day: day::text(one.paid_on),
        amount: one.amount,
        currency: one.currency.clone(),
        kind: one.kind.code().to_owned(),
        state: one.state.code().to_owned(),
        reason: one.reason.clone(),
        received_at: one.received_at.get(),
        import: one.file.0,
        line: one.line,
        said,
    }
}

/// Where a payment would go, or why a person must decide.
fn shares(one: &Payment, book: &Book, strategy: &Strategy) -> Result<Vec<Share>, RowReason> {
    if one.currency != book.loan.currency {
        return Err(RowReason::CurrencyOther);
    }
    let order = strategy.books.part_order();
    allocate(&book.instalments, Minor(one.amount), order).map_err(|_| RowReason::Overpaid)
}

/// Whether a payment lies before the day as of which a case file stated what is left: it may be in that balance already.
fn before_balance(one: &Payment, book: &Book) -> bool {
    let as_of = day::number(day::local(book.loan.as_of, &day::zone(&book.zone)));
    book.loan.source == LoanSource::Case && one.paid_on < as_of
}

/// What of a payment a reversal takes back: exactly what it paid.
async fn taken_back(tx: &mut WriteTx, payment: PaymentId) -> Result<Vec<Share>, AppError> {
    let postings = tx.posting_of(payment.0).await?;
    let shares = postings.iter().map(|one| Share {
        due_day: one.due_day,
        parts: one.parts,
    });
    Ok(shares.collect())
}

/// Counts a payment or reversal in the book of its case.
fn count(one: &mut Payment, book: &mut Book, shares: &[Share], today: i64) {
    let kind = match one.kind {
        PaymentKind::Payment => PostingKind::Payment,
        PaymentKind::Reversal => PostingKind::Reversal,
    };
    one.state = PaymentState::Counted;
    one.booked = Some(today);
    one.case = Some(book.loan.case);
    one.portfolio = Some(book.loan.portfolio);
    book.count((kind, one.id.0), shares, today);
}

/// Whether another row is about the same money and counts already.
fn is_same_money(other: &Payment, one: &Payment) -> bool {
    let of = |row: &Payment| (row.kind, row.reference, row.paid_on, row.amount, row.currency.clone());
    other.id != one.id && other.state == PaymentState::Counted && of(other) == of(one)
}

fn counted_entry(one: &Payment, book: &Book, by: By) -> ServerEntry {
    let mut entry = ServerEntry::new(EntryKind::PaymentCounted, by)
        .with("payment", one.id.to_string())
        .with("kind", one.kind.code())
        .with("day", day::text(one.paid_on));
    if let Some(view) = &book.view {
        entry = entry.about(view.person_alias).with("case", view.case.alias.to_string());
    }
    entry
}

impl App {
    /// The counted payments and reversals of a case, in their order.
    pub async fn list_payments(&self, actor: &Actor, case: Uuid) -> Result<Page<PaymentItem>, AppError> {
        policy::check(actor, Action::SeeBooks)?;
        let view = self.case_in_scope(actor, case).await?;
        let found = self.store().payment_list(actor.tenant, &[view.case.id]).await?;
        Ok(Page {
            items: found.iter().map(|one| item(one, None)).collect(),
            next: None,
        })
    }

    /// Money that waits for a person, oldest first, with what the files said of it: a read of each file.
    pub async fn list_held_payments(&self, actor: &Actor) -> Result<Page<PaymentItem>, AppError> {
        policy::check(actor, Action::SeeBooks)?;
        let held = self.store().payment_held(actor.tenant, actor.agency, HELD_MAX).await?;
        let mut files: Vec<ImportId> = held.iter().map(|one| one.file).collect();
        files.sort_unstable();
        files.dedup();
        let mut said: Vec<(EventId, PaymentSaid)> = Vec::new();
        for file in files {
            let reader = actor.reader();
            let grant = self.store().grant_file(actor.tenant, &reader, file, self.now()).await?;
            let of_file = held.iter().filter(|one| one.file == file);
            let payloads: Vec<Uuid> = of_file.map(|one| one.payload.0).collect();
            for (event, subject, sealed) in self.store().payload_get_many(actor.tenant, &payloads).await? {
                said.push((event, opened(&grant.open(subject, event, &sealed)?.payload)?));
            }
        }
        let words = |one: &Payment| said.iter().find(|(event, _)| *event == one.payload);
        let items = held
            .iter()
            .map(|one| item(one, words(one).map(|(_, said)| said.clone())));
        Ok(Page {
            items: items.collect(),
            next: None,
        })
    }

    /// Decides about held money: counts it for a case, or refuses it with a reason.
    pub async fn settle_payment(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &SettlePayment,
    ) -> Result<PaymentItem, AppError> {
        policy::check(actor, Action::SettlePayments)?;
        let mut payment = self.store().payment_get(actor.tenant, PaymentId(id)).await?;
        if payment.state != PaymentState::Held {
            let detail = "Somebody has decided about it. `doorstep payment held` lists what still waits.";
            return Err(AppError::refuse(ProblemCode::PaymentUnfit, detail));
        }
        match (request.case, &request.refuse) {
            (Some(case), None) => self.count_held(actor, &mut payment, case).await?,
            (None, Some(words)) => self.refuse_held(actor, &mut payment, words).await?,
            _ => {
                let detail = "Name the case that it counts for, or say why it counts nowhere; one of the two.";
                return Err(AppError::at(ProblemCode::BadRequest, "case", detail));
            }
        }
        Ok(item(&payment, None))
    }

    async fn refuse_held(&self, actor: &Actor, payment: &mut Payment, words: &str) -> Result<(), AppError> {
        let words = note::checked("refuse", words)?;
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        let (record, commitment) = note::keep(&mut tx, actor.staff, &words, &keys).await?;
        payment.state = PaymentState::Refused;
        payment.decision = Some(Decision {
            by: actor.staff,
            at: tx.now(),
            words: Some(record),
        });
        tx.payment_decide(payment).await?;
        let entry = ServerEntry::new(EntryKind::PaymentRefused, actor.by())
            .with("payment", payment.id.to_string())
            .payload(record, commitment);
        Ok(tx.commit(Entries::one(entry)).await?)
    }

    async fn count_held(&self, actor: &Actor, payment: &mut Payment, case: Uuid) -> Result<(), AppError> {
        let view = self.case_in_scope(actor, case).await?;
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.ahead_lock(&[view.case.person.0], &[]).await?;
        let mut books = book::read(&mut tx, &[case]).await?;
        let mut book = books.remove(&view.case.id).ok_or(AppError::not_found("case"))?;
        let same = tx.payment_by_reference(&[payment.reference]).await?;
        if same.iter().any(|one| is_same_money(one, payment)) {
            let detail = "Money with this reference, day and amount was counted already, so this row is most likely the same money \
                          sent again. Refuse it (`doorstep payment refuse`); where it really came twice, bring it in under a \
                          reference of its own.";
            return Err(AppError::refuse(ProblemCode::PaymentUnfit, detail));
        }
        let shares = match payment.kind {
            PaymentKind::Payment => shares(payment, &book, &strategy),
            PaymentKind::Reversal => self.reversed(&mut tx, payment, view.case.id).await?,
        };
        let shares = shares.map_err(|reason| unfit(reason, &book))?;
        let today = day::number(day::local(tx.now(), &day::zone(&book.zone)));
        count(payment, &mut book, &shares, today);
        payment.decision = Some(Decision {
            by: actor.staff,
            at: tx.now(),
            words: None,
        });
        tx.payment_decide(payment).await?;
        book.write(&mut tx).await?;
        let mut entries = book.settle(self, &mut tx, (today, strategy.stages), actor.by()).await?;
        entries.push(counted_entry(payment, &book, actor.by()).into());
        let cases = [case];
        let judged = judge_cases(self, &mut tx, (actor.tenant, &cases), (None, actor.by()));
        entries.extend(judged.await?);
        commit(tx, entries).await?;
        self.wake_devices();
        Ok(())
    }

    /// What a held reversal takes back: the payment of the case with its reference, if nothing took it back before.
    async fn reversed(
        &self,
        tx: &mut WriteTx,
        reversal: &Payment,
        case: CaseId,
    ) -> Result<Result<Vec<Share>, RowReason>, AppError> {
        let same = tx.payment_by_reference(&[reversal.reference]).await?;
        let counted = |kind: PaymentKind| {
            same.iter()
                .find(|one| one.kind == kind && one.state == PaymentState::Counted)
        };
        let (Some(payment), None) = (counted(PaymentKind::Payment), counted(PaymentKind::Reversal)) else {
            return Ok(Err(RowReason::ReversalUnmatched));
        };
        if payment.case != Some(case) || (payment.amount, &payment.currency) != (reversal.amount, &reversal.currency) {
            return Ok(Err(RowReason::ReversalDiffers));
        }
        Ok(Ok(taken_back(tx, payment.id).await?))
    }
}

async fn commit(tx: WriteTx, entries: Vec<Entry>) -> Result<(), AppError> {
    let entries = Entries::of(entries).ok_or(AppError::Fault("what was decided leaves an entry"))?;
    Ok(tx.commit(entries).await?)
}

/// Why held money cannot count where somebody wants it to.
fn unfit(reason: RowReason, book: &Book) -> AppError {
    let detail = match reason {
        RowReason::CurrencyOther => format!(
            "The case is in {}; name another case, or refuse it.",
            book.loan.currency
        ),
        RowReason::Overpaid => {
            "It is more than the case owes. Name another case, or give it back to the payer and refuse it \
                                with that reason."
                .to_owned()
        }
        RowReason::ReversalDiffers => {
            "The payment with this reference has another amount, case or currency. Name its case, or refuse it."
                .to_owned()
        }
        _ => "No counted payment has this reference, or it went back before. Import the payment first, or refuse it."
            .to_owned(),
    };
    AppError::at(ProblemCode::PaymentUnfit, "case", detail)
}

fn opened(payload: &[u8]) -> Result<PaymentSaid, AppError> {
    let sealed: Sealed =
        serde_json::from_slice(payload).map_err(|_| AppError::Fault("what is sealed of a payment is ours"))?;
    Ok(PaymentSaid {
        reference: sealed.reference,
        case_no: sealed.case_no,
        portfolio: sealed.portfolio,
    })
}
