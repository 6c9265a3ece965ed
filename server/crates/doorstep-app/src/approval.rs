//! Approvals, and what needs one: erasing a person.

mod concern;

use doorstep_domain::approval::{ApprovalError, ApprovalKind, ApprovalReason, ApprovalState, ApprovalTerms, Hands};
use doorstep_domain::code::UnknownCode;
use doorstep_domain::id::{Alias, ApprovalId, PersonId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_store::approval::Approval;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_store::erasure::ErasureCause;
use doorstep_store::{StoreError, WriteTx};
use doorstep_wire::Page;
use doorstep_wire::org::{AnswerApproval, ApprovalItem, AskApproval};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// How long an approval may be answered and used: 7 days.
const LASTS: Micros = Micros::from_seconds(7 * 86_400);
/// For so long somebody who set a colleague's password counts as that colleague where two persons are asked for: 7 days. By
/// then the colleague has noticed that their own password opens nothing.
const HANDS: Micros = Micros::from_seconds(7 * 86_400);

pub(crate) fn approval_item(approval: &Approval) -> ApprovalItem {
    ApprovalItem {
        id: approval.id.0,
        kind: approval.kind.code().to_owned(),
        subject: approval.subject,
        state: approval.terms.state.code().to_owned(),
        asked_by: approval.terms.asked_by.0,
        answered_by: approval.answered_by.map(|staff| staff.0),
        asked_at: approval.asked_at.get(),
        expires: approval.terms.expires.get(),
        reason: approval.reason.clone(),
        asked_by_login: None,
        case: None,
        what: None,
        agreement: None,
    }
}

/// A question to a second person.
pub(crate) fn asked(
    kind: ApprovalKind,
    subject: Uuid,
    asked_by: StaffId,
    (reason, now): (ApprovalReason, Micros),
) -> Approval {
    Approval {
        id: ApprovalId(doorstep_store::fresh_id(now)),
        kind,
        subject,
        terms: ApprovalTerms {
            asked_by,
            state: ApprovalState::Asked,
            expires: now + LASTS,
        },
        answered_by: None,
        asked_at: now,
        reason: reason.code().to_owned(),
    }
}

/// What the log says of it.
pub(crate) fn asked_entry(approval: &Approval, by: By) -> ServerEntry {
    ServerEntry::new(EntryKind::ApprovalAsked, by)
        .with("approval", approval.id.to_string())
        .with("kind", approval.kind.code())
        .reason(approval.reason.as_str())
}

fn erased_before() -> AppError {
    AppError::refuse(ProblemCode::Erased, "The person was erased before.")
}

impl App {
    /// Asks a second person.
    pub async fn ask_approval(&self, actor: &Actor, request: &AskApproval) -> Result<ApprovalItem, AppError> {
        let kind = request.kind.parse::<ApprovalKind>();
        let waives = kind.as_ref().is_ok_and(|kind| *kind == ApprovalKind::NoticeWaive);
        policy::check(actor, if waives { Action::Plan } else { Action::AskApproval })?;
        let unknown = |field: &'static str| {
            move |error: UnknownCode| AppError::at(ProblemCode::BadRequest, field, error.to_string())
        };
        let kind = kind.map_err(unknown("kind"))?;
        let reason: ApprovalReason = request.reason.parse().map_err(unknown("reason"))?;
        match kind {
            ApprovalKind::PersonErase => drop(self.person_to_erase(actor, PersonId(request.subject)).await?),
            ApprovalKind::NoticeWaive => self.notice_to_waive(actor, request.subject, reason).await?,
            _ => {
                let detail = "Only `person.erase` and `notice.waive` are asked for here. Lifting a restriction and overriding a \
                              rule ask by themselves.";
                return Err(AppError::at(ProblemCode::BadRequest, "kind", detail));
            }
        }
        let now = self.now();
        let approval = asked(kind, request.subject, actor.staff, (reason, now));
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.approval_insert(&approval).await?;
        tx.commit(Entries::one(asked_entry(&approval, actor.by()))).await?;
        Ok(approval_item(&approval))
    }

    /// All approvals of the tenant, newest first.
    pub async fn list_approvals(&self, actor: &Actor) -> Result<Page<ApprovalItem>, AppError> {
        policy::check(actor, Action::AnswerApproval)?;
        let approvals = self.store().approval_list(actor.tenant).await?;
        let items = self.with_what_they_concern(actor, &approvals).await?;
        Ok(Page { items, next: None })
    }

    /// Answers as the second person; whoever asked cannot.
    pub async fn answer_approval(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &AnswerApproval,
    ) -> Result<ApprovalItem, AppError> {
        policy::check(actor, Action::AnswerApproval)?;
        let now = self.now();
        let mut approval = self.approval(actor, id).await?;
        let sets = self
            .store()
            .password_sets(actor.tenant, approval.asked_at - HANDS)
            .await?;
        approval.terms.answerable(actor.staff, &Hands { sets }, now)?;
        let to = if request.approve {
            ApprovalState::Approved
        } else {
            ApprovalState::Refused
        };
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.approval_move(&mut approval, to, Some(actor.staff)).await?;
        let entry = ServerEntry::new(EntryKind::ApprovalAnswered, actor.by())
            .with("approval", approval.id.to_string())
            .with("state", to.code());
        let mut entries = Entries::one(entry);
        for entry in self.carry_out(actor, &mut tx, &mut approval).await? {
            entries = entries.and(entry);
        }
        tx.commit(entries).await?;
        self.wake_devices();
        Ok(approval_item(&approval))
    }

    /// Does what was approved, where whoever asked has nothing left to say. An erasure stays to be confirmed by them.
    async fn carry_out(
        &self,
        actor: &Actor,
        tx: &mut WriteTx,
        approval: &mut Approval,
    ) -> Result<Vec<Entry>, AppError> {
        let agreed = approval.terms.state == ApprovalState::Approved;
        let entries = match approval.kind {
            ApprovalKind::RestrictionLift if agreed => vec![self.lift_answered(actor, tx, approval).await?.into()],
            ApprovalKind::RuleOverride | ApprovalKind::ConsentNote => {
                vec![self.override_answered(actor, tx, (approval, agreed)).await?.into()]
            }
            ApprovalKind::AgencyRecall => vec![self.recall_answered(actor, tx, (approval, agreed)).await?.into()],
            ApprovalKind::AgreementMake => self.agreement_answered(actor, tx, (approval, agreed)).await?,
            ApprovalKind::CalmSet => vec![self.calm_answered(actor, tx, (approval, agreed)).await?.into()],
            ApprovalKind::RestrictionLift
            | ApprovalKind::PersonErase
            | ApprovalKind::RetentionPurge
            | ApprovalKind::NoticeWaive
            | ApprovalKind::ImportTakeBack => {
                return Ok(Vec::new());
            }
        };
        if agreed {
            tx.approval_move(approval, ApprovalState::Used, None).await?;
        }
        Ok(entries)
    }

    /// An approval that was asked for here. What somebody wrote into the database allows nothing.
    pub(crate) async fn approval(&self, actor: &Actor, id: Uuid) -> Result<Approval, AppError> {
        match self.store().approval_get(actor.tenant, ApprovalId(id)).await {
            Err(StoreError::Forged(_)) => {
                tracing::error!(approval = %id, "an approval was written or changed by somebody else");
                let detail = "This approval was written or changed past Doorstep, so it allows nothing. Tell whoever runs \
                              the server (`doorstep doctor`), and ask for a new one.";
                Err(AppError::refuse(ProblemCode::ApprovalNeeded, detail))
            }
            found => Ok(found?),
        }
    }

    /// The alias of a person who has a case in the caller's scope and was not erased.
    async fn person_to_erase(&self, actor: &Actor, person: PersonId) -> Result<Alias, AppError> {
        let (alias, erased) = self.store().person_get(actor.tenant, person).await?;
        let scope = policy::scope(actor);
        let mut theirs = self.store().case_scope(actor.tenant, &scope).await?.into_iter();
        if !theirs.any(|view| view.case.person == person) {
            return Err(AppError::not_found("person"));
        }
        if erased {
            // The key may be there still, where its destruction failed: whoever asks again has it destroyed.
            let store = self.store();
            store.person_key_destroy(actor.tenant, person, self.now()).await?;
            return Err(erased_before());
        }
        Ok(alias)
    }

    /// Erases a person: destroys the person's key, so that nothing sealed for them opens any more, here and in every
    /// copy, while all proofs stay valid. Needs an approval by a second person.
    pub async fn erase_person(&self, actor: &Actor, person: Uuid, approval: Uuid) -> Result<(), AppError> {
        policy::check(actor, Action::ErasePerson)?;
        let now = self.now();
        let person = PersonId(person);
        let alias = self.person_to_erase(actor, person).await?;
        let mut approval = self.approval(actor, approval).await?;
        approval.terms.usable(now)?;
        if approval.kind != ApprovalKind::PersonErase || approval.subject != person.0 {
            let detail =
                "The approval was given for something else. Ask for one of kind `person.erase` for this person.";
            return Err(AppError::refuse(ProblemCode::ApprovalNeeded, detail));
        }
        let mut tx = self.store().write(actor.tenant, now).await?;
        // Somebody else may have used the approval, or erased the person with another one, since they were read.
        tx.approval_move(&mut approval, ApprovalState::Used, None)
            .await
            .map_err(|error| match error {
                StoreError::Changed => ApprovalError::NotOpen.into(),
                other => AppError::from(other),
            })?;
        crate::retention::hold::held(&tx.retention_cases(person).await?)?;
        if !tx.person_erase(person).await? {
            return Err(erased_before());
        }
        tx.case_close_of_person(person).await?;
        let entry = ServerEntry::new(EntryKind::SubjectErased, actor.by())
            .about(alias)
            .with("approval", approval.id.to_string())
            .reason(approval.reason.as_str());
        // The key store is told before the database says it: no key goes that it was not told of.
        let cause = ErasureCause::Approved(approval.id);
        let keys = self.store().keys();
        keys.erasure_allow(actor.tenant, &[person], cause, now).await?;
        tx.commit(Entries::one(entry)).await?;
        // What is in memory goes first, whatever becomes of the key.
        self.scopes().forget_all();
        self.wake_devices();
        // A crash right here leaves the key; the next start destroys it, because the entry says so.
        let store = self.store();
        Ok(store.person_key_destroy(actor.tenant, person, now).await?)
    }
}
