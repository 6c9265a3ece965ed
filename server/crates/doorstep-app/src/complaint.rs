//! Complaints: opened by whoever hears them, also by the person without an account; owned and answered by somebody who is
//! not complained of. While one is open, nobody is sent to the person.

mod open;
mod show;

use std::collections::HashSet;

use doorstep_domain::complaint::{ComplaintOutcome, ComplaintState};
use doorstep_domain::id::{ComplaintId, StaffId, TenantId, VisitId};
use doorstep_store::StoreError;
use doorstep_store::case::CaseView;
use doorstep_store::complaint::Complaint;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, ServerEntry};
use doorstep_wire::complaint::{AnswerComplaint, ComplaintDetail};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::read::Opening;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, note};

pub use open::Complaining;
pub(crate) use open::at_door;
pub(crate) use show::Logins;

fn bad_code(field: &'static str) -> impl Fn(doorstep_domain::code::UnknownCode) -> AppError {
    move |error| AppError::at(ProblemCode::BadRequest, field, error.to_string())
}

impl App {
    /// Everybody who was at a visit as far as is known: the crew, and whose devices reported.
    pub(crate) async fn staff_of_visit(&self, tenant: TenantId, visit: VisitId) -> Result<HashSet<StaffId>, AppError> {
        let mut staff = HashSet::new();
        for visit in self.store().visit_get_many(tenant, &[visit.0]).await? {
            let crew = self.store().staff_of_crew(tenant, visit.crew).await?;
            staff.extend(crew.into_iter().map(|one| one.id));
        }
        let reporters = self.store().event_reporters(tenant, &[visit.0]).await?;
        staff.extend(reporters.into_iter().map(|(.., staff)| staff));
        Ok(staff)
    }

    /// Everybody complained of.
    async fn complained_of(&self, tenant: TenantId, complaint: &Complaint) -> Result<HashSet<StaffId>, AppError> {
        let mut staff = match complaint.visit {
            Some(visit) => self.staff_of_visit(tenant, visit).await?,
            None => HashSet::new(),
        };
        staff.extend(complaint.staff);
        Ok(staff)
    }

    async fn complaint_in_reach(&self, actor: &Actor, id: Uuid) -> Result<(Complaint, CaseView), AppError> {
        let found = self.store().complaint_get(actor.tenant, ComplaintId(id)).await;
        let complaint = found.map_err(|error| match error {
            StoreError::NotFound => AppError::not_found("complaint"),
            other => other.into(),
        })?;
        let views = self.store().case_get_many(actor.tenant, &[complaint.case.0]).await?;
        let reach = policy::reach(actor);
        let view = views.into_iter().find(|view| crate::case::in_scope(view, &reach));
        Ok((complaint, view.ok_or_else(|| AppError::not_found("complaint"))?))
    }

    /// A complaint that the caller may own: in their caseload, open, and not about them.
    async fn complaint_to_handle(&self, actor: &Actor, id: Uuid) -> Result<(Complaint, CaseView), AppError> {
        policy::check(actor, Action::AnswerComplaint)?;
        let (complaint, view) = self.complaint_in_reach(actor, id).await?;
        if !policy::in_caseload(actor, &view) {
            return Err(AppError::not_found("complaint"));
        }
        if self
            .complained_of(actor.tenant, &complaint)
            .await?
            .contains(&actor.staff)
        {
            let detail = "The complaint is about you, or about a visit of yours. Somebody else must own and answer it.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        if !complaint.state.is_open() {
            let detail = "The complaint is over. `doorstep complaint show` says what came of it.";
            return Err(AppError::refuse(ProblemCode::Changed, detail));
        }
        Ok((complaint, view))
    }

    /// Takes a complaint up, or over from somebody else: the caller owns it from now on.
    pub async fn take_complaint(&self, actor: &Actor, id: Uuid) -> Result<ComplaintDetail, AppError> {
        let (mut complaint, view) = self.complaint_to_handle(actor, id).await?;
        if complaint.owner != Some(actor.staff) {
            let from = complaint.state;
            complaint.state = ComplaintState::InProgress;
            complaint.owner = Some(actor.staff);
            complaint.taken_at = Some(self.now());
            let mut tx = self.store().write(actor.tenant, self.now()).await?;
            tx.complaint_update(&complaint, from).await?;
            let entry = entry_of(EntryKind::ComplaintTaken, actor.by(), (&complaint, &view));
            tx.commit(Entries::one(entry)).await?;
            self.wake_office();
        }
        self.show_complaint(actor, id, &Opening::default()).await
    }

    /// Answers a complaint, or notes that the person took it back. Where none of the person's is open any more, visits are
    /// paused by it no longer.
    pub async fn answer_complaint(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &AnswerComplaint,
    ) -> Result<ComplaintDetail, AppError> {
        policy::check(actor, Action::AnswerComplaint)?;
        let outcome: ComplaintOutcome = request.outcome.parse().map_err(bad_code("outcome"))?;
        let words = note::checked("words", &request.words)?;
        let (mut complaint, view) = self.complaint_to_handle(actor, id).await?;
        if complaint.owner != Some(actor.staff) {
            let detail = "Only its owner answers a complaint. Take it up or over first: `doorstep complaint take`.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        let (now, person) = (self.now(), complaint.person);
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        tx.ahead_lock(&[person.0], &[]).await?;
        if !tx.complaint_lock(person).await? {
            return Err(StoreError::Erased.into());
        }
        let (record, commitment) = note::keep_for(&mut tx, person.0, &words, &keys).await?;
        complaint.state = outcome.state();
        complaint.outcome = Some(outcome);
        complaint.closed_by = Some(actor.staff);
        complaint.closed_at = Some(now);
        complaint.answer = Some(record);
        tx.complaint_update(&complaint, ComplaintState::InProgress).await?;
        let entry = entry_of(EntryKind::ComplaintAnswered, actor.by(), (&complaint, &view)).reason(outcome.code());
        let mut entries: Vec<Entry> = vec![entry.payload(record, commitment).into()];
        for (_, case) in tx.complaint_free(person).await? {
            let entry = ServerEntry::new(EntryKind::CaseFreed, actor.by()).about(view.person_alias);
            let entry = entry
                .with("case", case.to_string())
                .with("complaint", complaint.id.to_string());
            entries.push(entry.reason(doorstep_domain::case::Flag::Complained.code()).into());
        }
        let entries = Entries::of(entries).ok_or(AppError::Fault("an answer has its entry"))?;
        tx.commit(entries).await?;
        self.wake_devices();
        self.show_complaint(actor, id, &Opening::default()).await
    }
}

/// An entry about a complaint; the words of nobody.
fn entry_of(kind: EntryKind, by: By, (complaint, view): (&Complaint, &CaseView)) -> ServerEntry {
    ServerEntry::new(kind, by)
        .about(view.person_alias)
        .with("case", view.case.alias.to_string())
        .with("complaint", complaint.id.to_string())
        .with("channel", complaint.channel.code())
}
