//! Letting an agreement take effect, and ending one: what it gives up, what it replaces, and who stays away for it.

use doorstep_domain::agreement::{AgreedBy, AgreementEnd, AgreementKind, AgreementState};
use doorstep_domain::id::{EventId, PaymentId, StaffId};
use doorstep_domain::loan::{Instalment, PartOrder, PostingKind, Share, allocate, give_up};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::AmountParts;
use doorstep_domain::restriction::{RestrictionKind, RightSource};
use doorstep_log::hash::Hash;
use doorstep_store::WriteTx;
use doorstep_store::agreement::{Agreement, Ended, Waived};
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entry, EntryKind};
use doorstep_store::keys::SealingKeys;
use doorstep_store::loan::Posting;
use doorstep_strategy::Stages;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::draft::{Draft, Ground, owed};
use super::entry_of;
use crate::error::AppError;
use crate::restriction::{self, Lifting};
use crate::{App, book, day};

/// The terms as they are sealed: what the log commits to, and what was said beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TermsRecord {
    kind: String,
    currency: String,
    /// Day and amount of each instalment.
    dues: Vec<(String, i64)>,
    /// Principal, interest, penalty and fees that are given up.
    off: [i64; 4],
    #[serde(skip_serializing_if = "Option::is_none", default)]
    after: Option<i64>,
    grace_days: i64,
    missed_max: i64,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) words: Option<String>,
}

/// Seals the terms under the person's key, and names the record in the agreement.
pub(super) async fn seal_terms(
    tx: &mut WriteTx,
    one: &mut Agreement,
    (draft, words): (&Draft, Option<String>),
    keys: &SealingKeys,
) -> Result<Hash, AppError> {
    let record = TermsRecord {
        kind: one.kind.code().to_owned(),
        currency: one.currency.clone(),
        dues: draft
            .dues
            .iter()
            .map(|due| (due.day.to_string(), due.amount.get()))
            .collect(),
        off: one.off.numbers(),
        after: one.after,
        grace_days: one.grace_days,
        missed_max: one.missed_max,
        words,
    };
    seal(tx, one, &record, keys).await
}

async fn seal(
    tx: &mut WriteTx,
    one: &mut Agreement,
    record: &impl Serialize,
    keys: &SealingKeys,
) -> Result<Hash, AppError> {
    let plain = serde_json::to_vec(record).map_err(|_| AppError::Fault("terms serialise"))?;
    let id = doorstep_store::fresh_id(tx.now());
    let (sealed, commitment) = keys.get(one.person.0)?.seal(id, &plain);
    tx.payload_insert(vec![(id, one.person.0, sealed)]).await?;
    one.terms = EventId(id);
    Ok(commitment)
}

/// Lets an agreement take effect that stands as agreed.
pub(super) async fn take_effect(
    tx: &mut WriteTx,
    (ground, keys): (&Ground<'_>, &SealingKeys),
    one: &mut Agreement,
    by: By,
) -> Result<Vec<Entry>, AppError> {
    let (app, view) = (ground.app, ground.view);
    let mut entries = Vec::new();
    let was = ground.standing().any(|before| before.kind.stops_visits());
    if one.kind.is_paid() {
        let how = (AgreementEnd::Replaced, one.staff, day::number(ground.today));
        let before: Vec<Agreement> = ground
            .standing()
            .filter(|before| before.id != one.id)
            .cloned()
            .collect();
        for mut before in before {
            entries.extend(mark_ended(tx, (view, &mut before), how, by).await?);
            entries.extend(end_rewards(tx, (view, &before), how, by).await?);
        }
        let guarded = (was, one.kind.stops_visits());
        entries.extend(guard(app, tx, view, guarded, (one.kind.code(), by)).await?);
    }
    match one.kind {
        AgreementKind::Waiver => {
            one.state = AgreementState::Kept;
            tx.agreement_move(one).await?;
            let books = (app, ground.strategy.stages);
            let off = (one.off, day::number(ground.today));
            entries.extend(waive(books, tx, (view, one), off, by).await?);
        }
        AgreementKind::Plan => entries.extend(portfolio_reward(tx, (ground, keys), one, by).await?),
        AgreementKind::Promise | AgreementKind::Settlement | AgreementKind::Reward => {}
    }
    tx.case_touch(view.case.id).await?;
    Ok(entries)
}

/// Promises what the portfolio gives everybody who keeps a plan.
async fn portfolio_reward(
    tx: &mut WriteTx,
    (ground, keys): (&Ground<'_>, &SealingKeys),
    plan: &Agreement,
    by: By,
) -> Result<Option<Entry>, AppError> {
    let rewards = &ground.strategy.rewards;
    let Some(off) = rewards.of(ground.owed) else {
        return Ok(None);
    };
    let mut one = Agreement {
        id: doorstep_domain::id::AgreementId(doorstep_store::fresh_id(tx.now())),
        kind: AgreementKind::Reward,
        state: AgreementState::Promised,
        agreed_by: AgreedBy::Portfolio,
        amount: off.total(),
        last_day: plan.made_day,
        every: None,
        rate_ppm: 0,
        off,
        after: Some(i64::from(rewards.after)),
        plan: Some(plan.id),
        staff: None,
        visit: None,
        event: None,
        approval: None,
        version: 1,
        ended: None,
        ..plan.clone()
    };
    let record = TermsRecord {
        kind: one.kind.code().to_owned(),
        currency: one.currency.clone(),
        dues: Vec::new(),
        off: off.numbers(),
        after: one.after,
        grace_days: one.grace_days,
        missed_max: one.missed_max,
        words: None,
    };
    let commitment = seal(tx, &mut one, &record, keys).await?;
    tx.agreement_insert(&one, &[]).await?;
    let entry = entry_of(EntryKind::AgreementMade, by, (&one, ground.view)).with("plan", plan.id.to_string());
    Ok(Some(entry.payload(one.terms, commitment).into()))
}

/// Ends an agreement without blame; with a plan its rewards end, and nobody stays away for it any more.
pub(super) async fn end_one(
    app: &App,
    tx: &mut WriteTx,
    (view, one): (&CaseView, &mut Agreement),
    (how, by): ((AgreementEnd, Option<StaffId>, i64), By),
) -> Result<Vec<Entry>, AppError> {
    let was = one.state == AgreementState::Promised && one.kind.stops_visits();
    let mut entries = mark_ended(tx, (view, one), how, by).await?;
    entries.extend(end_rewards(tx, (view, one), how, by).await?);
    entries.extend(guard(app, tx, view, (was, false), (how.0.code(), by)).await?);
    tx.case_touch(view.case.id).await?;
    Ok(entries)
}

async fn mark_ended(
    tx: &mut WriteTx,
    (view, one): (&CaseView, &mut Agreement),
    (reason, staff, day): (AgreementEnd, Option<StaffId>, i64),
    by: By,
) -> Result<Vec<Entry>, AppError> {
    one.state = AgreementState::Ended;
    one.state_day = day;
    one.ended = Some(Ended {
        reason,
        by: staff,
        at: tx.now(),
    });
    tx.agreement_move(one).await?;
    let entry = entry_of(EntryKind::AgreementEnded, by, (one, view));
    Ok(vec![entry.reason(reason.code()).into()])
}

/// A reward that was not given ends with its plan.
async fn end_rewards(
    tx: &mut WriteTx,
    (view, plan): (&CaseView, &Agreement),
    how: (AgreementEnd, Option<StaffId>, i64),
    by: By,
) -> Result<Vec<Entry>, AppError> {
    let mut entries = Vec::new();
    let rewards = tx.agreement_list(&[view.case.id.0]).await?.into_iter();
    for mut reward in rewards.filter(|one| one.plan == Some(plan.id) && one.state == AgreementState::Promised) {
        entries.extend(mark_ended(tx, (view, &mut reward), how, by).await?);
    }
    Ok(entries)
}

/// Notes that something is given up now, and books it; what is below zero is taken back. The case follows its book.
pub(super) async fn waive(
    (app, stages): (&App, Stages),
    tx: &mut WriteTx,
    (view, one): (&CaseView, &Agreement),
    (parts, day): (AmountParts, i64),
    by: By,
) -> Result<Vec<Entry>, AppError> {
    let row = doorstep_store::fresh_id(tx.now());
    let mut entries = vec![noted(tx, (view, one), (row, parts, day), by).await?];
    if let Some(mut book) = book::read(tx, &[view.case.id.0]).await?.remove(&view.case.id) {
        let shares = give_up(&book.instalments, parts);
        book.waive(row, &shares, day);
        book.write(tx).await?;
        entries.extend(book.settle(app, tx, (day, stages), by).await?);
    }
    Ok(entries)
}

/// Notes what is given up, or below zero taken back, under an id of its own.
async fn noted(
    tx: &mut WriteTx,
    (view, one): (&CaseView, &Agreement),
    (id, parts, day): (Uuid, AmountParts, i64),
    by: By,
) -> Result<Entry, AppError> {
    let row = Waived {
        id,
        case: view.case.id,
        agreement: one.id,
        day,
        currency: one.currency.clone(),
        parts,
        made_at: tx.now(),
    };
    tx.waived_insert(&row).await?;
    let reason = if parts.total() < Minor::ZERO {
        "taken-back"
    } else {
        "given-up"
    };
    let entry = entry_of(EntryKind::AmountWaived, by, (one, view)).with("waived", id.to_string());
    Ok(entry.reason(reason).into())
}

/// Gives up what a kept settlement leaves. The parts that were agreed go first, as whoever approved it was told; what was paid
/// pays the others. It was counted in the order of payments when it came, so it is counted anew without the parts given up.
pub(super) async fn give_up_rest(
    (app, stages): (&App, Stages),
    tx: &mut WriteTx,
    (view, one): (&CaseView, &Agreement),
    payments: &[PaymentId],
    (order, day, by): (PartOrder, i64, By),
) -> Result<Vec<Entry>, AppError> {
    let mut book = book::read(tx, &[view.case.id.0]).await?.remove(&view.case.id);
    let book = book.as_mut().ok_or(AppError::Fault("a case that owes has a book"))?;
    let mut counted: Vec<(PaymentId, Vec<Share>)> = Vec::new();
    for payment in payments {
        let shares: Vec<Share> = tx.posting_of(payment.0).await?.iter().map(taken_back).collect();
        book.count((PostingKind::Payment, payment.0), &shares, day);
        counted.push((*payment, shares));
    }
    // No more than is left besides what was paid, the parts that were agreed before the rest.
    let left = owed(view).total();
    let open: AmountParts = book.instalments.iter().map(Instalment::open).sum();
    let agreed = one.off.less(one.off.less(open)).given_up(left);
    let row = doorstep_store::fresh_id(tx.now());
    let mut shares = give_up(&book.instalments, agreed);
    book.waive(row, &shares, day);
    for (payment, shares) in &counted {
        let amount: Minor = shares.iter().map(|one| -one.parts.total()).sum();
        let anew = allocate(&book.instalments, amount, order);
        let anew = anew.map_err(|_| AppError::Fault("what paid before still finds something to pay"))?;
        book.count((PostingKind::Payment, payment.0), &anew, day);
    }
    let rest = allocate(&book.instalments, left - agreed.total(), order);
    let rest = rest.map_err(|_| AppError::Fault("what is left is open"))?;
    book.waive(row, &rest, day);
    shares.extend(rest);
    let parts = shares.iter().map(|one| one.parts).sum();
    let mut entries = vec![noted(tx, (view, one), (row, parts, day), by).await?];
    book.write(tx).await?;
    entries.extend(book.settle(app, tx, (day, stages), by).await?);
    Ok(entries)
}

/// The share that takes a posting of a payment back.
fn taken_back(posting: &Posting) -> Share {
    Share {
        due_day: posting.due_day,
        parts: posting.parts,
    }
}

/// Has everybody stay away from a case whose plan began to be kept, and lifts that where none is any more. Visits ahead are
/// withdrawn in the same transaction.
pub(super) async fn guard(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    (was, is): (bool, bool),
    (reason, by): (&str, By),
) -> Result<Vec<Entry>, AppError> {
    let kind = RestrictionKind::PlanPerforming;
    match (was, is) {
        (false, true) => {
            let new = restriction::New::of(kind, RightSource::Office, tx.now());
            Ok(restriction::put_on(app, tx, view, (&new, by)).await?.entries)
        }
        (true, false) => {
            let all = tx.restriction_list(&[view.case.person.0]).await?;
            let ours = |row: &&doorstep_store::restriction::Restriction| {
                row.kind == kind && row.case == view.case.id && row.lifted.is_none()
            };
            let Some(row) = all.iter().find(ours) else {
                return Ok(Vec::new());
            };
            let how = Lifting {
                by,
                staff: None,
                reason: reason.to_owned(),
                note: None,
                approval: None,
            };
            Ok(vec![restriction::lift(tx, (view, row), &how).await?.into()])
        }
        _ => Ok(Vec::new()),
    }
}
