//! What was promised at a door or on another channel. What was recorded stays as it came; the agreement is made of it.

use doorstep_domain::agreement::schedule::Every;
use doorstep_domain::agreement::{AgreedBy, AgreementEnd, AgreementKind, AgreementState};
use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::conflict::ConflictKind;
use doorstep_domain::id::{StaffId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::staff::Role;
use doorstep_store::case::CaseView;
use doorstep_store::conflict::Conflict;
use doorstep_store::entry::{By, Entry, EntryKind};
use doorstep_store::keys::SealingKeys;
use doorstep_store::visit::Promise;
use doorstep_store::{StoreError, WriteTx};
use doorstep_strategy::{Reach, Strategy};

use super::draft::{Draft, Ground, Said};
use super::{entry_of, make};
use crate::actor::Actor;
use crate::error::AppError;
use crate::{App, day};

impl App {
    /// Somebody settled what a visit came to: of two promises the one that holds is agreed, and the other's agreement ends.
    /// Where another thing was settled, nothing changes.
    pub(crate) async fn promise_settled(
        &self,
        tx: &mut WriteTx,
        (conflict, view): (&Conflict, &CaseView),
        (actor, at): (&Actor, Micros),
    ) -> Result<Vec<Entry>, AppError> {
        let (ConflictKind::Promise, Some(visit)) = (ConflictKind::of_field(&conflict.field), conflict.visit) else {
            return Ok(Vec::new());
        };
        let kept = tx.promise_of_visit(visit).await?;
        let [(_, promise)] = kept.as_slice() else {
            return Ok(Vec::new());
        };
        let Some((strategy, keys)) = self.to_agree(actor, view).await? else {
            return Ok(Vec::new());
        };
        let heard = Heard {
            agreed_by: AgreedBy::Door,
            role: Role::Field,
            staff: actor.staff,
            noted_by: Some(actor.staff),
            visit: Some(visit),
            at,
            by: actor.by(),
            strategy: &strategy,
            keys: &keys,
        };
        settled(self, tx, view, (promise, &heard)).await
    }

    /// What an agreement with a person is made with; `None` where they were erased, and have agreed to nothing any more.
    pub(crate) async fn to_agree(
        &self,
        actor: &Actor,
        view: &CaseView,
    ) -> Result<Option<(Strategy, SealingKeys)>, AppError> {
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[view.case.person.0]).await?;
        match keys.get(view.case.person.0) {
            Ok(_) => Ok(Some((strategy, keys))),
            Err(StoreError::Erased) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Who reported a promise, and where it was made.
pub(crate) struct Heard<'a> {
    pub(crate) agreed_by: AgreedBy,
    /// Whose authority it is within.
    pub(crate) role: Role,
    /// Who asks a second person, where it goes beyond that authority.
    pub(crate) staff: StaffId,
    /// Who of the staff heard it, where that is known.
    pub(crate) noted_by: Option<StaffId>,
    /// The visit at which it was made, if it was one.
    pub(crate) visit: Option<VisitId>,
    /// When it was said, by the server's time.
    pub(crate) at: Micros,
    pub(crate) by: By,
    pub(crate) strategy: &'a Strategy,
    pub(crate) keys: &'a SealingKeys,
}

/// Makes an agreement of a promise that was reported. What cannot be agreed so stays a word alone: the person lost nothing by
/// saying it. What goes beyond the authority of who heard it waits for a second person.
pub(crate) async fn promised(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    (promise, heard): (&Promise, &Heard<'_>),
) -> Result<Vec<Entry>, AppError> {
    let standing = tx.agreement_list(&[view.case.id.0]).await?;
    if standing.iter().any(|one| one.event == Some(promise.event)) {
        return Ok(Vec::new());
    }
    let waived = tx.waived_list(&[view.case.id.0]).await?;
    let Ok(ground) = Ground::new(app, heard.strategy, view, (&standing, &waived)) else {
        return Ok(Vec::new());
    };
    let said = Said {
        kind: AgreementKind::Promise,
        agreed_by: heard.agreed_by,
        currency: promise.currency.clone(),
        amount: Some(promise.amount),
        first: Some(day::of_number(promise.day)),
        count: 1,
        every: Every::Month,
        off: None,
        after: None,
    };
    // A promise beside a plan changes nothing of the plan.
    let drawn = ground
        .free_for(said.kind, false)
        .and_then(|()| Draft::of(&ground, &said));
    let Ok(draft) = drawn else {
        return Ok(Vec::new());
    };
    let mut new = draft.agreement(&ground, heard.agreed_by, heard.noted_by);
    new.event = Some(promise.event);
    new.visit = heard.visit;
    new.made_day = new
        .made_day
        .min(day::number(day::local(heard.at, &day::zone(&view.address.zone))));
    let dues = draft.rows(new.id);
    let commitment = make::seal_terms(tx, &mut new, (&draft, None), heard.keys).await?;
    if ground.reach_of(heard.role, &draft) == Reach::Alone {
        tx.agreement_insert(&new, &dues).await?;
        let entry = entry_of(EntryKind::AgreementMade, heard.by, (&new, view));
        let mut entries: Vec<Entry> = vec![entry.payload(new.terms, commitment).into()];
        entries.extend(make::take_effect(tx, (&ground, heard.keys), &mut new, heard.by).await?);
        return Ok(entries);
    }
    let reason = (ApprovalReason::BeyondAuthority, tx.now());
    let asked = crate::approval::asked(ApprovalKind::AgreementMake, new.id.0, heard.staff, reason);
    new.state = AgreementState::Proposed;
    new.approval = Some(asked.id);
    tx.approval_insert(&asked).await?;
    tx.agreement_insert(&new, &dues).await?;
    let entry = entry_of(EntryKind::AgreementProposed, heard.by, (&new, view)).payload(new.terms, commitment);
    Ok(vec![
        crate::approval::asked_entry(&asked, heard.by)
            .about(view.person_alias)
            .into(),
        entry.into(),
    ])
}

/// Somebody settled which of two promises of a visit was made: the other's agreement ends, and the one that holds is made where
/// it was not.
async fn settled(
    app: &App,
    tx: &mut WriteTx,
    view: &CaseView,
    (promise, heard): (&Promise, &Heard<'_>),
) -> Result<Vec<Entry>, AppError> {
    let others = tx.agreement_list(&[view.case.id.0]).await?.into_iter().filter(|one| {
        heard.visit.is_some()
            && one.visit == heard.visit
            && one.event != Some(promise.event)
            && matches!(one.state, AgreementState::Promised | AgreementState::Proposed)
    });
    let mut entries = Vec::new();
    for mut other in others {
        let how = (AgreementEnd::Mistake, Some(heard.staff), app.local_day(view));
        entries.extend(make::end_one(app, tx, (view, &mut other), (how, heard.by)).await?);
    }
    entries.extend(promised(app, tx, view, (promise, heard)).await?);
    Ok(entries)
}
