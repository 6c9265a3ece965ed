//! Agreements about paying: proposed by the office or at a door, agreed within an authority or by two, judged by payments.
//!
//! The terms go by the debt and the portfolio's strategy alone: nothing that is known of the person makes them worse. While a
//! plan or settlement is kept, nobody visits. `draft` draws terms up, `make` lets them take effect, `judge` says what became
//! of them, `means` is what a person says of their month, `pay` how they pay, `show` what the office sees, `print` the paper.

mod door;
mod draft;
mod judge;
mod make;
mod means;
mod pay;
mod payments;
mod print;
mod show;

use doorstep_domain::agreement::{AgreementEnd, AgreementState};
use doorstep_domain::approval::{ApprovalKind, ApprovalReason};
use doorstep_domain::id::AgreementId;
use doorstep_store::agreement::Agreement;
use doorstep_store::approval::Approval;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::{StoreError, WriteTx};
use doorstep_strategy::Reach;
use doorstep_wire::agreement::{AgreementDetail, EndAgreement, ProposeAgreement, ScheduleDetail};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::restriction::code;
use crate::{App, day, note};

use draft::{Draft, Ground, Said};

pub(crate) use door::{Heard, promised};
pub(crate) use judge::judge_cases;
pub(crate) use pay::pay_at_door;

/// An entry about an agreement; the words and amounts of nobody.
fn entry_of(kind: EntryKind, by: By, (one, view): (&Agreement, &CaseView)) -> ServerEntry {
    ServerEntry::new(kind, by)
        .about(view.person_alias)
        .with("case", view.case.alias.to_string())
        .with("agreement", one.id.to_string())
        .with("kind", one.kind.code())
}

/// What a role may not agree to, not even with a second person.
fn beyond(reach: Reach) -> Result<(), AppError> {
    match reach {
        Reach::Alone | Reach::ByTwo(_) => Ok(()),
        Reach::Beyond(limit) => {
            let detail = format!(
                "Not even with a second person may you agree to this: the portfolio's strategy allows {limit}. Offer less, \
                 or have the strategy changed (`doorstep strategy show`)."
            );
            Err(AppError::refuse(ProblemCode::AboveAuthority, detail))
        }
    }
}

impl App {
    /// What something would come to, whether the caller may agree to it, and what speaks against it. Changes nothing.
    pub async fn schedule_agreement(
        &self,
        actor: &Actor,
        request: &ProposeAgreement,
    ) -> Result<ScheduleDetail, AppError> {
        policy::check(actor, Action::Agree)?;
        let view = self.case_in_scope(actor, request.case).await?;
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let cases = [view.case.id.0];
        let standing = self.store().agreement_list(actor.tenant, &cases).await?;
        let waived = self.store().waived_list(actor.tenant, &cases).await?;
        let ground = Ground::new(self, &strategy, &view, (&standing, &waived))?;
        let draft = Draft::of(&ground, &Said::of(request)?)?;
        let weighed = self.weigh(actor, &view, (&draft, &strategy)).await?;
        Ok(draft.detail(&ground, ground.reach(actor, &draft), weighed.as_ref()))
    }

    /// Agrees with a person within the caller's authority, or proposes it to a second person.
    pub async fn propose_agreement(
        &self,
        actor: &Actor,
        request: &ProposeAgreement,
    ) -> Result<AgreementDetail, AppError> {
        policy::check(actor, Action::Agree)?;
        let said = Said::of(request)?;
        let words = request.words.as_deref();
        let words = words.map(|text| note::checked("words", text)).transpose()?;
        let seen = self.case_in_scope(actor, request.case).await?;
        let strategy = self.strategy_of(actor.tenant, seen.case.portfolio).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[seen.case.person.0]).await?;
        let now = self.now();
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.ahead_lock(&[seen.case.person.0], &[]).await?;
        let view = tx.case_read(&[request.case]).await?.pop();
        let view = view.ok_or_else(|| AppError::not_found("case"))?;
        let standing = tx.agreement_list(&[request.case]).await?;
        let waived = tx.waived_list(&[request.case]).await?;
        let ground = Ground::new(self, &strategy, &view, (&standing, &waived))?;
        ground.free_for(said.kind, request.replace)?;
        let draft = Draft::of(&ground, &said)?;
        let reach = ground.reach(actor, &draft);
        beyond(reach)?;
        let mut new = draft.agreement(&ground, said.agreed_by, Some(actor.staff));
        let dues = draft.rows(new.id);
        let commitment = make::seal_terms(&mut tx, &mut new, (&draft, words), &keys).await?;
        let mut entries: Vec<Entry> = Vec::new();
        if let Reach::ByTwo(_) = reach {
            let reason = (ApprovalReason::BeyondAuthority, now);
            let asked = crate::approval::asked(ApprovalKind::AgreementMake, new.id.0, actor.staff, reason);
            new.state = AgreementState::Proposed;
            new.approval = Some(asked.id);
            tx.approval_insert(&asked).await?;
            tx.agreement_insert(&new, &dues).await?;
            entries.push(
                crate::approval::asked_entry(&asked, actor.by())
                    .about(view.person_alias)
                    .into(),
            );
            let entry = entry_of(EntryKind::AgreementProposed, actor.by(), (&new, &view));
            entries.push(entry.payload(new.terms, commitment).into());
        } else {
            tx.agreement_insert(&new, &dues).await?;
            let entry = entry_of(EntryKind::AgreementMade, actor.by(), (&new, &view));
            entries.push(entry.payload(new.terms, commitment).into());
            let done = make::take_effect(&mut tx, (&ground, &keys), &mut new, actor.by()).await?;
            entries.extend(done);
        }
        let entries = Entries::of(entries).ok_or(AppError::Fault("an agreement has its entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        let mut detail = self.show_agreement(actor, new.id.0, &Opening::default()).await?;
        let weighed = self.weigh(actor, &view, (&draft, &strategy)).await?;
        detail.warnings = weighed.map_or_else(Vec::new, |weighed| means::codes(&weighed));
        Ok(detail)
    }

    /// What a second person answered about an agreement; on yes it takes effect.
    pub(crate) async fn agreement_answered(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        (approval, agreed): (&Approval, bool),
    ) -> Result<Vec<Entry>, AppError> {
        let found = self
            .store()
            .agreement_get(actor.tenant, AgreementId(approval.subject))
            .await?;
        tx.ahead_lock(&[found.person.0], &[]).await?;
        let keys = self.store().sealing_keys(actor.tenant, &[found.person.0]).await?;
        let mut one = tx.agreement_read(found.id).await?;
        let view = tx.case_read(&[one.case.0]).await?.pop();
        let view = view.ok_or_else(|| AppError::not_found("case"))?;
        if one.state != AgreementState::Proposed {
            let detail = "The agreement does not wait for an answer any more. `doorstep agreement show` says why.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        if !agreed {
            one.state = AgreementState::Refused;
            one.state_day = self.local_day(&view);
            tx.agreement_move(&mut one).await?;
            let entry = entry_of(EntryKind::AgreementRefused, actor.by(), (&one, &view));
            return Ok(vec![entry.with("approval", approval.id.to_string()).into()]);
        }
        let strategy = self.strategy_of(actor.tenant, view.case.portfolio).await?;
        let standing = tx.agreement_list(&[one.case.0]).await?;
        let waived = tx.waived_list(&[one.case.0]).await?;
        let ground = Ground::new(self, &strategy, &view, (&standing, &waived))?;
        let dues = tx.agreement_dues(&[one.id.0]).await?;
        ground.still_holds(&one, &dues)?;
        one.state = AgreementState::Promised;
        one.state_day = day::number(ground.today);
        tx.agreement_move(&mut one).await?;
        let entry = entry_of(EntryKind::AgreementMade, actor.by(), (&one, &view));
        let mut entries: Vec<Entry> = vec![entry.with("approval", approval.id.to_string()).into()];
        entries.extend(make::take_effect(tx, (&ground, &keys), &mut one, actor.by()).await?);
        Ok(entries)
    }

    /// Ends an agreement without blame: the person asked for it, what it was about is gone, or it was noted by mistake.
    pub async fn end_agreement(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &EndAgreement,
    ) -> Result<AgreementDetail, AppError> {
        policy::check(actor, Action::Agree)?;
        let reason: AgreementEnd = code("reason", &request.reason)?;
        if reason == AgreementEnd::Replaced {
            let detail = "What replaces another ends it by itself: propose it with `replace`.";
            return Err(AppError::at(ProblemCode::BadRequest, "reason", detail));
        }
        let (seen, _) = self.agreement_in_reach(actor, id).await?;
        let view = self.case_in_scope(actor, seen.case.0).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        tx.ahead_lock(&[seen.person.0], &[]).await?;
        let mut one = tx.agreement_read(seen.id).await?;
        if !matches!(one.state, AgreementState::Proposed | AgreementState::Promised) {
            let detail = "The agreement is over. `doorstep agreement show` says what came of it.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        let day = self.local_day(&view);
        let how = (reason, Some(actor.staff), day);
        let entries = make::end_one(self, &mut tx, (&view, &mut one), (how, actor.by())).await?;
        let entries = Entries::of(entries).ok_or(AppError::Fault("an end has its entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        self.show_agreement(actor, id, &Opening::default()).await
    }

    /// The day at a case's address, in days since 1970-01-01.
    pub(crate) fn local_day(&self, view: &CaseView) -> i64 {
        day::number(day::local(self.now(), &day::zone(&view.address.zone)))
    }

    async fn agreement_in_reach(&self, actor: &Actor, id: Uuid) -> Result<(Agreement, CaseView), AppError> {
        let found = self.store().agreement_get(actor.tenant, AgreementId(id)).await;
        let one = found.map_err(|error| match error {
            StoreError::NotFound => AppError::not_found("agreement"),
            other => other.into(),
        })?;
        let views = self.store().case_get_many(actor.tenant, &[one.case.0]).await?;
        let reach = policy::reach(actor);
        let view = views.into_iter().find(|view| crate::case::in_scope(view, &reach));
        Ok((one, view.ok_or_else(|| AppError::not_found("agreement"))?))
    }
}
