//! The step that ages loans: what fell due is booked, cases are opened, changed and settled as their books say. Restrictions
//! are none of its business.

use std::collections::BTreeMap;

use doorstep_domain::case::CaseStatus;
use doorstep_store::WriteTx;
use doorstep_store::case::CaseScope;
use doorstep_store::entry::{Entries, Entry, EntryKind, ServerEntry};
use doorstep_wire::daily::StepDone;
use uuid::Uuid;

use super::Work;
use crate::book::{self, Book, Followed};
use crate::error::AppError;
use crate::strategy::Strategies;
use crate::{App, day};

/// Cases of one transaction: a person waits no longer than these take.
const AT_ONCE: usize = 200;

impl App {
    /// Ages every loan and every live case of a tenant.
    pub(crate) async fn age_loans(&self, work: &Work) -> Result<StepDone, AppError> {
        let mut cases: BTreeMap<Uuid, Uuid> = BTreeMap::new();
        for loan in self.store().loan_list(work.tenant).await? {
            cases.insert(loan.case.0, loan.person.0);
        }
        for status in [CaseStatus::Open, CaseStatus::Held] {
            let scope = CaseScope {
                status: Some(status),
                ..CaseScope::default()
            };
            for view in self.store().case_scope(work.tenant, &scope).await? {
                cases.insert(view.case.id.0, view.case.person.0);
            }
        }
        let strategies = self.strategies(work.tenant).await?;
        let cases: Vec<(Uuid, Uuid)> = cases.into_iter().collect();
        let mut counts = [0_i64; 3];
        for chunk in cases.chunks(AT_ONCE) {
            let found = self.age_some(chunk, (work, &strategies)).await?;
            for (count, more) in counts.iter_mut().zip(found) {
                *count += more;
            }
        }
        if counts.iter().any(|count| *count > 0) {
            self.wake_devices();
        }
        let [opened, aged, settled] = counts;
        Ok(StepDone::of(
            "age",
            [("opened", opened), ("aged", aged), ("settled", settled)],
        ))
    }

    /// Ages some cases, each with its person, in one transaction. Returns how many were opened, changed and settled.
    async fn age_some(
        &self,
        cases: &[(Uuid, Uuid)],
        (work, strategies): (&Work, &Strategies),
    ) -> Result<[i64; 3], AppError> {
        let (ids, persons): (Vec<Uuid>, Vec<Uuid>) = cases.iter().copied().unzip();
        let mut tx = self.store().write_long(work.tenant, self.now()).await?;
        tx.ahead_lock(&persons, &[]).await?;
        let kept = tx.persons_kept(&persons).await?;
        let mut books = book::read(&mut tx, &ids).await?;
        let mut due: Vec<&mut Book> = books.values_mut().collect();
        due.retain(|book| kept.contains(&book.loan.person));
        due.sort_unstable_by_key(|book| book.loan.case);
        let mut booked = 0;
        for book in &mut due {
            book.book_due(work.local(tx.now(), &book.zone), work.worked);
            booked += i64::from(book.changed);
        }
        book::write(&mut tx, &mut due).await?;
        let now = tx.now();
        let at = |book: &Book| (work.local(now, &book.zone), strategies.of(book.loan.portfolio).stages);
        let mut followers = book::followers(due, at);
        let mut entries = book::settle(self, &mut tx, &mut followers, work.by).await?;
        let mut counts = [0; 3];
        for one in &followers {
            let Some(followed) = one.followed else { continue };
            counts[counted_as(followed)] += 1;
            if followed == Followed::OpenedAgain {
                entries.extend(begins_anew(&mut tx, one.book, work).await?);
            }
        }
        if entries.is_empty() && booked > 0 {
            let entry = ServerEntry::new(EntryKind::LoanBooked, work.by);
            entries.push(entry.with("loans", booked).with("day", day::text(work.day)).into());
        }
        if let Some(entries) = Entries::of(entries) {
            tx.commit(entries).await?;
        }
        Ok(counts)
    }
}

/// Its place among how many were opened, changed and settled.
const fn counted_as(followed: Followed) -> usize {
    match followed {
        Followed::Opened | Followed::OpenedAgain => 0,
        Followed::Aged => 1,
        Followed::Settled => 2,
    }
}

/// A case that was settled and falls behind again has another reason: what was told of the old one is forgotten, so that
/// somebody asks. Where a payment only went back the case goes on, with its reason. Restrictions stay either way.
async fn begins_anew(tx: &mut WriteTx, book: &Book, work: &Work) -> Result<Option<Entry>, AppError> {
    let forgotten = tx.contact_reasons_forget(book.loan.case).await?;
    let Some(view) = book.view.as_ref().filter(|_| forgotten > 0) else {
        return Ok(None);
    };
    let entry = ServerEntry::new(EntryKind::CaseUpdated, work.by).about(view.person_alias);
    let entry = entry.with("case", view.case.alias.to_string());
    Ok(Some(entry.reason("reason-forgotten").into()))
}
