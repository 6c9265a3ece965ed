//! Looking at recordings: which there are, and one of them as it was recorded, with an entry for each look.

use std::collections::VecDeque;

use doorstep_domain::id::{PersonId, TenantId};
use doorstep_domain::recording::RecordingState;
use doorstep_log::hash::Hash;
use doorstep_store::StoreError;
use doorstep_store::blobs::BlobKey;
use doorstep_store::recording::RecordingGrant;
use doorstep_wire::Page;
use doorstep_wire::read::Opening;
use doorstep_wire::recording::{RecordingItem, RecordingQuery};
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};
use crate::reads::purpose_of;

/// A recording that is opened piece by piece. Its entry is in the log already.
pub struct RecordingReader {
    app: App,
    tenant: TenantId,
    grant: RecordingGrant,
    parts: VecDeque<Hash>,
    next: i64,
    /// A name for saving it: no person's, and no recorder's.
    pub name: String,
    /// How many bytes it has.
    pub bytes: i64,
}

impl RecordingReader {
    /// The next piece; nothing after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, AppError> {
        let Some(hash) = self.parts.pop_front() else {
            return Ok(None);
        };
        let tenant = self.tenant;
        let sealed = self.app.blobs().get(BlobKey { tenant, hash }).await?;
        let plain = self.grant.open(self.next, &sealed)?;
        self.next += 1;
        Ok(Some(plain))
    }
}

impl App {
    /// Recordings in the caller's scope, the newest first. Opens none of them.
    pub async fn list_recordings(
        &self,
        actor: &Actor,
        query: &RecordingQuery,
    ) -> Result<Page<RecordingItem>, AppError> {
        policy::check(actor, Action::SeeRecordings)?;
        let found = match (query.visit, query.case) {
            (Some(visit), _) => self.store().recording_of_visits(actor.tenant, &[visit]).await?,
            (None, Some(case)) => {
                let visits = self.store().visit_of_cases(actor.tenant, &[case]).await?;
                let ids: Vec<Uuid> = visits.iter().map(|visit| visit.id.0).collect();
                self.store().recording_of_visits(actor.tenant, &ids).await?
            }
            (None, None) => self.store().recording_list(actor.tenant).await?,
        };
        let shown = self.recordings_shown(actor, &found).await?;
        let seen = found.iter().filter(|one| shown.is_all_seen(one.id));
        Ok(Page {
            items: seen.map(|one| shown.item(one)).collect(),
            next: None,
        })
    }

    /// What is known of a recording. Does not open it.
    pub async fn show_recording(&self, actor: &Actor, id: Uuid) -> Result<RecordingItem, AppError> {
        policy::check(actor, Action::SeeRecordings)?;
        let (recording, shown) = self.recording_in_scope(actor, id).await?;
        Ok(shown.item(&recording))
    }

    /// Opens a recording: an entry in the log of reads, each time. Outside the caller's caseload it needs a purpose.
    pub async fn open_recording(
        &self,
        actor: &Actor,
        id: Uuid,
        opening: &Opening,
    ) -> Result<RecordingReader, AppError> {
        policy::check(actor, Action::SeeRecordings)?;
        let (recording, shown) = self.recording_in_scope(actor, id).await?;
        let mine = |view: &&doorstep_store::case::CaseView| !policy::in_caseload(actor, view);
        let view = shown.cases.values().find(mine).or_else(|| shown.cases.values().next());
        let view = view.ok_or(AppError::Fault("a recording that is seen has its case"))?;
        let outside = purpose_of(actor, view, opening)?;
        match recording.state {
            RecordingState::Kept => {}
            RecordingState::Gone => return Err(StoreError::Erased.into()),
            RecordingState::Receiving => return Err(AppError::not_found("recording")),
        }
        let person: PersonId = recording.person;
        let of = (recording.id, person, view.person_alias);
        let now = self.now();
        let parts = self.store().recording_parts(actor.tenant, recording.id).await?;
        let grant = self
            .store()
            .recording_grant(actor.tenant, &actor.reader(), of, (outside, now))
            .await?;
        Ok(RecordingReader {
            app: self.clone(),
            tenant: actor.tenant,
            grant,
            parts: parts.into(),
            next: 0,
            name: format!("{}.{}", recording.id, recording.media),
            bytes: recording.bytes,
        })
    }
}
