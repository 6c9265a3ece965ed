//! What visits owe at which a recording was required and is said to have been made: awaited, flagged when it does not come in
//! time, settled when it comes or when somebody who was not there says why there is none.

use std::collections::HashMap;

use doorstep_domain::id::{TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::visit::VisitState;
use doorstep_store::StoreError;
use doorstep_store::entry::{By, Entries, EntryKind, Housekeeping, ServerEntry};
use doorstep_store::recording::Due;
use doorstep_store::visit::Visit;
use doorstep_wire::Page;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::recording::{ExcuseRecording, RecordingDueItem, RecordingStanding};
use doorstep_wire::visit::VisitItem;
use uuid::Uuid;

use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::{App, note};

/// Where a visit's recording stands, as it is shown.
pub(crate) fn standing(due: &Due) -> RecordingStanding {
    RecordingStanding {
        state: due.state.code().to_owned(),
        due_at: due.due_at.get(),
        missing_at: due.missing_at.map(Micros::get),
    }
}

impl App {
    /// What some visits owe.
    pub(crate) async fn owed(&self, tenant: TenantId, visits: &[Uuid]) -> Result<HashMap<VisitId, Due>, AppError> {
        let found = self.store().recording_due_of(tenant, visits).await?;
        Ok(found.into_iter().map(|due| (due.visit, due)).collect())
    }

    /// Says beside visits where their recordings stand.
    pub(crate) async fn with_recordings(
        &self,
        tenant: TenantId,
        mut items: Vec<VisitItem>,
    ) -> Result<Vec<VisitItem>, AppError> {
        let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
        let owed = self.owed(tenant, &ids).await?;
        for item in &mut items {
            item.recording = owed.get(&VisitId(item.id)).map(standing);
        }
        Ok(items)
    }

    /// Visits in the caller's scope whose recording did not come yet, what is due first, first.
    pub async fn list_recordings_due(&self, actor: &Actor) -> Result<Page<RecordingDueItem>, AppError> {
        policy::check(actor, Action::SeeRecordings)?;
        let found = self.store().recording_due_open(actor.tenant).await?;
        let ids: Vec<Uuid> = found.iter().map(|due| due.visit.0).collect();
        let visits = self.store().visit_get_many(actor.tenant, &ids).await?;
        let cases = self
            .cases_in_scope(actor, visits.iter().map(|visit| visit.case))
            .await?;
        let item = |due: &Due| {
            Some(RecordingDueItem {
                visit: due.visit.0,
                case: due.case.0,
                zone: cases.get(&due.case)?.address.zone.clone(),
                standing: standing(due),
            })
        };
        Ok(Page {
            items: found.iter().filter_map(item).collect(),
            next: None,
        })
    }

    /// Says why a visit has no recording, as somebody who was not there.
    pub async fn excuse_recording(
        &self,
        actor: &Actor,
        visit: Uuid,
        request: &ExcuseRecording,
    ) -> Result<RecordingStanding, AppError> {
        policy::check(actor, Action::ExcuseRecording)?;
        let words = note::checked("words", &request.words)?;
        let visit = self.made_visit(actor, visit).await?;
        if self
            .staff_of_visit(actor.tenant, visit.id)
            .await?
            .contains(&actor.staff)
        {
            let detail = "You were at this visit. Somebody who was not must say why there is no recording.";
            return Err(AppError::refuse(ProblemCode::NotAllowed, detail));
        }
        let view = self.store().case_get(actor.tenant, visit.case).await?;
        let person = view.case.person;
        let keys = self.store().sealing_keys(actor.tenant, &[person.0]).await?;
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        if !tx.person_kept(person).await? {
            return Err(StoreError::Erased.into());
        }
        let (record, commitment) = note::keep_for(&mut tx, person.0, &words, &keys).await?;
        tx.recording_excuse(visit.id, actor.staff, record)
            .await
            .map_err(|error| match error {
                StoreError::Changed => {
                    let detail =
                        "This visit owes no recording, or not any more. See `doorstep evidence list --pending`.";
                    AppError::refuse(ProblemCode::Changed, detail)
                }
                other => other.into(),
            })?;
        let entry = ServerEntry::new(EntryKind::RecordingExcused, actor.by())
            .visit(visit.alias)
            .about(view.person_alias)
            .payload(record, commitment);
        tx.commit(Entries::one(entry)).await?;
        self.wake_office();
        let owed = self.owed(actor.tenant, &[visit.id.0]).await?;
        let due = owed
            .get(&visit.id)
            .ok_or(AppError::Fault("what was written is there"))?;
        Ok(standing(due))
    }

    async fn made_visit(&self, actor: &Actor, visit: Uuid) -> Result<Visit, AppError> {
        let found = self.store().visit_get_many(actor.tenant, &[visit]).await?.pop();
        let visit = found.filter(|visit| matches!(visit.state, VisitState::Started | VisitState::Finished));
        let visit = visit.ok_or_else(|| AppError::not_found("visit"))?;
        self.case_in_scope(actor, visit.case.0)
            .await
            .map_err(|error| match error {
                AppError::Refused(_) => AppError::not_found("visit"),
                other => other,
            })?;
        Ok(visit)
    }

    /// Flags every visit whose recording did not come in time. Returns how many.
    pub(super) async fn flag_missing_recordings(&self, now: Micros) -> Result<usize, AppError> {
        let mut flagged = 0;
        for (tenant, id) in self.store().recording_overdue(now).await? {
            let Some(visit) = self.store().visit_get_many(tenant, &[id.0]).await?.pop() else {
                continue;
            };
            let mut tx = self.store().write(tenant, now).await?;
            // It may have come, or been excused, since the scan.
            if !tx.recording_miss(id).await? {
                tx.commit_housekeeping(Housekeeping::Jobs).await?;
                continue;
            }
            let entry = ServerEntry::new(EntryKind::RecordingMissing, By::PROGRAM).visit(visit.alias);
            tx.commit(Entries::one(entry)).await?;
            flagged += 1;
        }
        Ok(flagged)
    }
}
