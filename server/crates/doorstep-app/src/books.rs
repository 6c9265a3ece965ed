//! The books: what was owed, fell due, was paid, went back and was waived, by portfolio, currency and part; and whether every
//! case balances.
//!
//! Two things are held against each other that are written apart: the ledger, which is only added to, and the instalments,
//! which say how each case stands. Money that is held stands beside them and in no balance.

use std::collections::{BTreeMap, HashMap};

use doorstep_domain::id::{CaseId, PortfolioId};
use doorstep_domain::loan::{PaymentKind, PaymentState, PostingKind};
use doorstep_domain::money::AmountParts;
use doorstep_store::loan::Posting;
use doorstep_store::payment::Payment;
use doorstep_wire::payment::{BookItem, BooksQuery, BooksReport, HeldSum, Imbalance, Parts};

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, day};

pub(crate) fn parts(amount: AmountParts) -> Parts {
    let [principal, interest, penalty, fees] = amount.numbers();
    Parts {
        total: amount.total().get(),
        principal,
        interest,
        penalty,
        fees,
    }
}

/// The movements of one portfolio and currency.
#[derive(Default)]
struct Sums {
    opening: AmountParts,
    moved: BTreeMap<PostingKind, AmountParts>,
    cases: HashMap<CaseId, AmountParts>,
}

impl Sums {
    fn add(&mut self, posting: &Posting, today: i64) {
        if posting.booked < today {
            self.opening += posting.parts;
        } else {
            *self.moved.entry(posting.kind).or_default() += posting.parts;
        }
        *self.cases.entry(posting.case).or_default() += posting.parts;
    }

    fn item(&self, (portfolio, name): (PortfolioId, String), currency: String) -> BookItem {
        let moved = |kind: PostingKind| self.moved.get(&kind).copied().unwrap_or_default();
        let closing = self.opening + self.moved.values().copied().sum();
        BookItem {
            portfolio: portfolio.0,
            name,
            currency,
            opening: parts(self.opening),
            due: parts(moved(PostingKind::Due)),
            restated: parts(moved(PostingKind::Restated)),
            // What lowers a balance is shown as what it is: so much was paid.
            payments: parts(-moved(PostingKind::Payment)),
            reversals: parts(moved(PostingKind::Reversal)),
            waivers: parts(-moved(PostingKind::Waiver)),
            closing: parts(closing),
            cases: self.cases.values().filter(|sum| **sum != AmountParts::ZERO).count() as u64,
        }
    }
}

impl App {
    /// The books of a day, of the caller's side.
    pub async fn show_books(&self, actor: &Actor, query: &BooksQuery) -> Result<BooksReport, AppError> {
        policy::check(actor, Action::SeeBooks)?;
        let today = match &query.day {
            Some(text) => day::number(day::parse("day", text)?),
            None => day::number(day::local(self.now(), &jiff::tz::TimeZone::UTC)),
        };
        let store = self.store();
        let names: HashMap<PortfolioId, String> = store
            .portfolio_list(actor.tenant)
            .await?
            .into_iter()
            .map(|one| (one.id, one.name))
            .collect();
        let wanted = query.portfolio.map(PortfolioId);
        let loans = store.loan_list(actor.tenant).await?.into_iter();
        let loans =
            loans.filter(|loan| policy::reaches(actor, loan.agency) && wanted.is_none_or(|id| id == loan.portfolio));
        let of: HashMap<CaseId, (PortfolioId, String)> =
            loans.map(|loan| (loan.case, (loan.portfolio, loan.currency))).collect();
        let postings = store.posting_list(actor.tenant, i64::MAX).await?;
        let mut sums: BTreeMap<(PortfolioId, String), Sums> = BTreeMap::new();
        for posting in postings.iter().filter(|one| one.booked <= today) {
            if let Some(key) = of.get(&posting.case) {
                sums.entry(key.clone()).or_default().add(posting, today);
            }
        }
        let imbalances = self.imbalances(actor, (&of, &postings)).await?;
        let held = store.payment_in_state(actor.tenant, PaymentState::Held).await?;
        let held = held.iter().filter(|one| policy::reaches(actor, one.agency));
        let held = held.filter(|one| wanted.is_none() || one.portfolio.is_none() || one.portfolio == wanted);
        Ok(BooksReport {
            day: day::text(today),
            balanced: imbalances.is_empty(),
            items: sums
                .into_iter()
                .map(|((portfolio, currency), sums)| {
                    let name = names.get(&portfolio).cloned().unwrap_or_default();
                    sums.item((portfolio, name), currency)
                })
                .collect(),
            held: held_sums(held),
            imbalances,
        })
    }

    /// Cases whose ledger says something else than their instalments, or than the payments that were counted.
    async fn imbalances(
        &self,
        actor: &Actor,
        (of, postings): (&HashMap<CaseId, (PortfolioId, String)>, &[Posting]),
    ) -> Result<Vec<Imbalance>, AppError> {
        let mut ledger: BTreeMap<CaseId, AmountParts> = BTreeMap::new();
        let mut paid: BTreeMap<CaseId, i64> = BTreeMap::new();
        for posting in postings.iter().filter(|one| of.contains_key(&one.case)) {
            *ledger.entry(posting.case).or_default() += posting.parts;
            if matches!(posting.kind, PostingKind::Payment | PostingKind::Reversal) {
                *paid.entry(posting.case).or_default() -= posting.parts.total().get();
            }
        }
        let mut stand: BTreeMap<CaseId, AmountParts> = BTreeMap::new();
        for (case, one) in self.store().instalment_all(actor.tenant).await? {
            if of.contains_key(&case) {
                let due = one.booked.map_or(AmountParts::ZERO, |_| one.due);
                *stand.entry(case).or_default() += due - one.paid - one.waived;
            }
        }
        let mut counted: BTreeMap<CaseId, i64> = BTreeMap::new();
        for payment in self
            .store()
            .payment_in_state(actor.tenant, PaymentState::Counted)
            .await?
        {
            if let Some(case) = payment.case.filter(|case| of.contains_key(case)) {
                *counted.entry(case).or_default() += signed(&payment);
            }
        }
        let mut found = Vec::new();
        for case in of.keys() {
            let parts = |sums: &BTreeMap<CaseId, AmountParts>| sums.get(case).copied().unwrap_or_default();
            let differs = parts(&ledger) - parts(&stand);
            if differs != AmountParts::ZERO {
                found.push(imbalance(*case, "ledger", differs.total().get()));
            }
            let number = |sums: &BTreeMap<CaseId, i64>| sums.get(case).copied().unwrap_or_default();
            if number(&paid) != number(&counted) {
                found.push(imbalance(*case, "payments", number(&paid) - number(&counted)));
            }
        }
        found.sort_unstable_by(|a, b| (a.case, &a.what).cmp(&(b.case, &b.what)));
        Ok(found)
    }
}

fn imbalance(case: CaseId, what: &str, by: i64) -> Imbalance {
    Imbalance {
        case: case.0,
        what: what.to_owned(),
        by,
    }
}

/// A payment as it moves what was paid: up, or back.
fn signed(payment: &Payment) -> i64 {
    match payment.kind {
        PaymentKind::Payment => payment.amount,
        PaymentKind::Reversal => -payment.amount,
    }
}

fn held_sums<'a>(held: impl Iterator<Item = &'a Payment>) -> Vec<HeldSum> {
    let mut sums: BTreeMap<&str, HeldSum> = BTreeMap::new();
    for one in held {
        let sum = sums.entry(one.currency.as_str()).or_insert_with(|| HeldSum {
            currency: one.currency.clone(),
            count: 0,
            payments: 0,
            reversals: 0,
        });
        sum.count += 1;
        match one.kind {
            PaymentKind::Payment => sum.payments += one.amount,
            PaymentKind::Reversal => sum.reversals += one.amount,
        }
    }
    sums.into_values().collect()
}
