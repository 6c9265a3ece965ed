//! The record of how an agency destroyed what it had of recalled cases: what it owes, what it says, what the creditor answers.

use std::collections::HashMap;

use doorstep_domain::agency::{CopiesKept, DestructionMethod, RecallState};
use doorstep_domain::approval::ApprovalKind;
use doorstep_domain::id::{AgencyId, DeviceId, EventId, StaffId};
use doorstep_domain::measure::Micros;
use doorstep_store::entry::{Entries, EntryKind};
use doorstep_store::grant::Purpose;
use doorstep_store::recall::{Destroyed, Recall, Said};
use doorstep_store::staff::Staff;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::recall::{
    AnswerDestruction, ConfirmDestruction, DestructionDetail, DestructionItem, DestructionQuery,
};
use uuid::Uuid;

use super::entry;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::pull::LEASE;
use crate::restriction::code;
use crate::{App, note};

/// How exactly it is known when a device was heard from last, rounded up: 10 minutes.
const SEEN_WITHIN: Micros = Micros::from_seconds(600);

/// What records are shown with.
struct Around {
    now: Micros,
    names: HashMap<AgencyId, String>,
    staff: HashMap<StaffId, Staff>,
    asked: HashMap<Uuid, Uuid>,
    unwiped: Vec<(AgencyId, DeviceId)>,
}

impl Around {
    fn login(&self, said: Option<Said>) -> Option<String> {
        self.staff.get(&said?.by).map(|one| one.login.clone())
    }

    fn devices(&self, agency: AgencyId) -> usize {
        self.unwiped.iter().filter(|(of, _)| *of == agency).count()
    }

    fn item(&self, one: &Recall) -> DestructionItem {
        let told = one.destroyed.map(|one| one.said);
        let waits = one.state == RecallState::Asked;
        DestructionItem {
            id: one.id,
            agency: one.agency.0,
            agency_name: self.names.get(&one.agency).cloned().unwrap_or_default(),
            every: one.every,
            reason: one.reason.code().to_owned(),
            state: one.state.code().to_owned(),
            asked_by: self.login(Some(one.asked)),
            asked_at: one.asked.at.get(),
            approval: self.asked.get(&one.id).copied().filter(|_| waits),
            cases: one.cases,
            visits: one.visits,
            recalled_at: one.at.map(Micros::get),
            due_at: one.due.map(Micros::get),
            is_overdue: is_overdue(one, self.now),
            devices_unwiped: self.devices(one.agency) as u64,
            method: one.destroyed.map(|one| one.method.code().to_owned()),
            copies_kept: one.destroyed.map(|one| one.copies.code().to_owned()),
            confirmed_by: self.login(told),
            confirmed_at: told.map(|said| said.at.get()),
            answered_by: self.login(one.answered),
            answered_at: one.answered.map(|said| said.at.get()),
        }
    }
}

/// Whether the agency owes its word longer than it may.
fn is_overdue(one: &Recall, now: Micros) -> bool {
    one.state == RecallState::Open && one.due.is_some_and(|due| due < now)
}

/// Refuses where the record does not stand as it must.
fn stands(one: &Recall, wanted: RecallState) -> Result<(), AppError> {
    if one.state == wanted {
        return Ok(());
    }
    let detail = format!(
        "The record is `{}`, and this needs one that is `{wanted}`. See `doorstep agency destructions`.",
        one.state
    );
    Err(AppError::refuse(ProblemCode::Changed, detail))
}

impl App {
    async fn around_recalls(&self, actor: &Actor) -> Result<Around, AppError> {
        let now = self.now();
        let agencies = self.store().agency_list(actor.tenant).await?.into_iter();
        let staff = self.store().staff_list(actor.tenant).await?.into_iter();
        // A device that was silent for longer has wiped its doors by itself.
        let seen = now - LEASE - SEEN_WITHIN;
        Ok(Around {
            now,
            names: agencies.map(|one| (one.id, one.name)).collect(),
            staff: staff.map(|one| (one.id, one)).collect(),
            asked: self.asked_for(actor, ApprovalKind::AgencyRecall).await?,
            unwiped: self.store().devices_unwiped(actor.tenant, seen).await?,
        })
    }

    /// Recalls and what agencies say of what they had, oldest first. An agency's staff see its own, once the cases are back.
    pub async fn list_destructions(
        &self,
        actor: &Actor,
        query: &DestructionQuery,
    ) -> Result<Page<DestructionItem>, AppError> {
        policy::check(actor, Action::SeeDestructions)?;
        let around = self.around_recalls(actor).await?;
        let mut list = self.store().recall_list(actor.tenant).await?;
        list.retain(|one| policy::reaches(actor, Some(one.agency)));
        list.retain(|one| actor.agency.is_none() || one.at.is_some());
        list.retain(|one| query.overdue != Some(true) || is_overdue(one, around.now));
        let items = list.iter().map(|one| around.item(one)).collect();
        Ok(Page { items, next: None })
    }

    /// One record with what was written; an entry in the access log.
    pub async fn show_destruction(&self, actor: &Actor, id: Uuid) -> Result<DestructionDetail, AppError> {
        policy::check(actor, Action::SeeDestructions)?;
        let one = self.recall_done(actor, id).await?;
        let around = self.around_recalls(actor).await?;
        let (told, answered) = (one.destroyed.map(|one| one.said), one.answered);
        let said: Vec<Said> = [Some(one.asked), told, answered].into_iter().flatten().collect();
        let records: Vec<Uuid> = said.iter().map(|said| said.words.0).collect();
        let sealed = self.store().payload_get_many(actor.tenant, &records).await?;
        let writers: Vec<StaffId> = said.iter().map(|said| said.by).collect();
        let grant = self
            .grant_of_staff(actor, Purpose::Staff, &writers, &around.staff)
            .await?;
        let texts: HashMap<EventId, String> = match &grant {
            Some(grant) => note::open(grant, &sealed)?,
            None => HashMap::new(),
        };
        let text = |said: Option<Said>| said.and_then(|said| texts.get(&said.words).cloned());
        Ok(DestructionDetail {
            item: around.item(&one),
            words: text(Some(one.asked)),
            confirmed_words: text(told),
            answered_words: text(answered),
        })
    }

    /// A recall in the caller's reach. An agency hears of one when it has happened.
    async fn recall_done(&self, actor: &Actor, id: Uuid) -> Result<Recall, AppError> {
        let one = self.recall(actor, id).await?;
        if actor.agency.is_some() && one.at.is_none() {
            return Err(AppError::not_found("recall"));
        }
        Ok(one)
    }

    /// Takes the word of an agency's supervisor that what it had is destroyed. Refused while one of its devices may hold a
    /// door in full of a case that is its own no more.
    pub async fn confirm_destruction(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &ConfirmDestruction,
    ) -> Result<DestructionDetail, AppError> {
        policy::check(actor, Action::ConfirmDestruction)?;
        let mut one = self.recall_done(actor, id).await?;
        if actor.agency.is_none() {
            let detail = "Only the agency says what became of what it had; ask its supervisor.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        stands(&one, RecallState::Open)?;
        let method: DestructionMethod = code("method", &request.method)?;
        let copies: CopiesKept = match &request.copies_kept {
            Some(copies) => code("copies_kept", copies)?,
            None => CopiesKept::None,
        };
        let words = note::checked("words", &request.words)?;
        let devices = self.around_recalls(actor).await?.devices(one.agency);
        if devices > 0 {
            let detail = format!(
                "{devices} of your devices may still hold doors of cases that are yours no more. End visits under way \
                 and have each of them sync twice, or wait until it has been silent for three days; then confirm."
            );
            return Err(AppError::refuse(ProblemCode::DoorsHeld, detail));
        }
        let now = self.now();
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        let (record, commitment) = note::keep(&mut tx, actor.staff, &words, &keys).await?;
        one.state = RecallState::Confirmed;
        let said = Said {
            by: actor.staff,
            at: now,
            words: record,
        };
        one.destroyed = Some(Destroyed { method, copies, said });
        tx.recall_write(&one, Some(RecallState::Open)).await?;
        let entry = entry(EntryKind::DestructionConfirmed, actor, &one)
            .with("copies", copies.code())
            .reason(method.code())
            .payload(record, commitment);
        tx.commit(Entries::one(entry)).await?;
        self.show_destruction(actor, id).await
    }

    /// Takes an agency's word, or sends it back: then the record is open again, with the day by which it was due.
    pub async fn answer_destruction(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &AnswerDestruction,
    ) -> Result<DestructionDetail, AppError> {
        policy::check(actor, Action::RecallCases)?;
        let mut one = self.recall(actor, id).await?;
        stands(&one, RecallState::Confirmed)?;
        let words = note::checked("words", &request.words)?;
        let now = self.now();
        let keys = self.store().sealing_keys(actor.tenant, &[actor.staff.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        let (record, commitment) = note::keep(&mut tx, actor.staff, &words, &keys).await?;
        one.state = if request.accept {
            RecallState::Accepted
        } else {
            RecallState::Open
        };
        one.answered = Some(Said {
            by: actor.staff,
            at: now,
            words: record,
        });
        tx.recall_write(&one, Some(RecallState::Confirmed)).await?;
        let entry = entry(EntryKind::DestructionAnswered, actor, &one);
        tx.commit(Entries::one(entry.payload(record, commitment))).await?;
        self.show_destruction(actor, id).await
    }
}
