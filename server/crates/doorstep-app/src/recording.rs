//! Recordings of body recorders: who carries which, what a file matches, how it comes, who may look, and what visits owe.
//!
//! A recording protects whoever was visited as much as whoever visited. It belongs to visits of one person; a file into which
//! others fall is not taken. Its bytes are sealed before they touch a disk, and each look at it leaves an entry.

mod due;
mod look;
mod matching;
mod recorders;
mod sweep;
mod upload;

use std::collections::HashMap;

use doorstep_domain::id::{CaseId, RecorderId, RecordingId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_store::StoreError;
use doorstep_store::blobs::BlobKey;
use doorstep_store::case::CaseView;
use doorstep_store::recording::Recording;
use doorstep_store::visit::Visit;
use doorstep_wire::recording::{RecordedVisit, RecordingItem};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::complaint::Logins;
use crate::error::AppError;

pub(crate) use due::standing;
pub use look::RecordingReader;

/// What a recording belongs to, as far as the caller may see it.
struct Shown {
    visits: Vec<(RecordingId, Visit)>,
    cases: HashMap<CaseId, CaseView>,
    recorders: HashMap<RecorderId, String>,
    logins: Logins,
}

impl Shown {
    /// Whether every visit of a recording is in the caller's scope.
    fn is_all_seen(&self, id: RecordingId) -> bool {
        let mut of_it = self.visits.iter().filter(|(one, _)| *one == id).peekable();
        of_it.peek().is_some() && of_it.all(|(_, visit)| self.cases.contains_key(&visit.case))
    }

    fn item(&self, one: &Recording) -> RecordingItem {
        let visits = self.visits.iter().filter(|(id, _)| *id == one.id);
        RecordingItem {
            id: one.id.0,
            recorder: self.recorders.get(&one.recorder).cloned().unwrap_or_default(),
            staff: self.logins.of(one.staff),
            from: one.began.get(),
            to: one.ended.get(),
            offset_s: one.offset_s,
            source: one.source.code().to_owned(),
            media: one.media.clone(),
            bytes: one.bytes,
            sha256: one.hash.to_hex(),
            state: one.state.code().to_owned(),
            added_at: one.added_at.get(),
            gone_at: one.gone_at.map(Micros::get),
            visits: visits.map(|(_, visit)| recorded(visit, true)).collect(),
        }
    }
}

/// A visit into which a recording falls; outside the caller's scope only its times.
fn recorded(visit: &Visit, seen: bool) -> RecordedVisit {
    RecordedVisit {
        visit: seen.then_some(visit.id.0),
        case: seen.then_some(visit.case.0),
        started_at: visit.started_at.map(Micros::get),
        finished_at: visit.finished_at.map(Micros::get),
    }
}

impl App {
    /// What some recordings belong to.
    async fn recordings_shown(&self, actor: &Actor, recordings: &[Recording]) -> Result<Shown, AppError> {
        let ids: Vec<Uuid> = recordings.iter().map(|one| one.id.0).collect();
        let links = self.store().recording_visits(actor.tenant, &ids).await?;
        let mut visits: Vec<Uuid> = links.iter().map(|(_, visit, _)| visit.0).collect();
        visits.sort_unstable();
        visits.dedup();
        let found = self.store().visit_get_many(actor.tenant, &visits).await?;
        let found: HashMap<VisitId, Visit> = found.into_iter().map(|visit| (visit.id, visit)).collect();
        let recorders = self.store().recorder_list(actor.tenant).await?;
        Ok(Shown {
            cases: self
                .cases_in_scope(actor, found.values().map(|visit| visit.case))
                .await?,
            visits: links
                .iter()
                .filter_map(|(recording, visit, _)| Some((*recording, found.get(visit)?.clone())))
                .collect(),
            recorders: recorders.into_iter().map(|one| (one.id, one.number)).collect(),
            logins: self.staff_numbers(actor).await?,
        })
    }

    /// A recording all of whose visits are in the caller's scope, with what it belongs to.
    async fn recording_in_scope(&self, actor: &Actor, id: Uuid) -> Result<(Recording, Shown), AppError> {
        let found = self.store().recording_get(actor.tenant, RecordingId(id)).await;
        let recording = found.map_err(|error| match error {
            StoreError::NotFound => AppError::not_found("recording"),
            other => other.into(),
        })?;
        let shown = self.recordings_shown(actor, std::slice::from_ref(&recording)).await?;
        if shown.is_all_seen(recording.id) {
            Ok((recording, shown))
        } else {
            Err(AppError::not_found("recording"))
        }
    }

    /// Deletes the bytes of a recording and forgets its pieces; one that never came whole is forgotten itself.
    pub(crate) async fn recording_drop(
        &self,
        tenant: doorstep_domain::id::TenantId,
        id: RecordingId,
    ) -> Result<(), AppError> {
        for hash in self.store().recording_parts(tenant, id).await? {
            self.blobs().delete(BlobKey { tenant, hash }).await?;
        }
        let mut tx = self.store().write(tenant, self.now()).await?;
        tx.recording_forget(id).await?;
        let kind = doorstep_store::entry::Housekeeping::Recordings;
        Ok(tx.commit_housekeeping(kind).await?)
    }
}
