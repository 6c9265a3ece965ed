//! How a recording comes: announced with its hash, then piece by piece, each sealed before it touches a disk. What broke off
//! goes on where it stopped; the same file a second time changes nothing.

use doorstep_domain::id::{RecordingId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::recording::{
    IntervalSource, OFFSET_S_MAX, RECORDING_S_MAX, RecordingMatch, RecordingState, is_media, is_recorder_number,
};
use doorstep_log::hash::{Hash, sha256};
use doorstep_log::hashing::Hashing;
use doorstep_store::StoreError;
use doorstep_store::blobs::BlobKey;
use doorstep_store::entry::{Entries, Entry, EntryKind, Housekeeping, ServerEntry};
use doorstep_store::recording::{Recording, RecordingKey};
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::recording::{
    BeginRecording, RECORDING_BYTES_MAX, RECORDING_PART_BYTES, RecordingBegun, RecordingProgress,
};
use uuid::Uuid;

use super::matching::Matched;
use super::{Shown, recorded};
use crate::App;
use crate::actor::Actor;
use crate::case::bad_code;
use crate::error::AppError;
use crate::policy::{self, Action};

/// A piece, as a number of bytes.
const PART: i64 = RECORDING_PART_BYTES as i64;

/// What somebody announced, checked.
struct Announced {
    from: Micros,
    to: Micros,
    source: IntervalSource,
    hash: Hash,
}

fn wrong(place: &str, detail: &str) -> AppError {
    AppError::at(ProblemCode::BadRequest, place, detail)
}

fn announced(request: &BeginRecording) -> Result<Announced, AppError> {
    let (from, to) = (Micros(request.from), Micros(request.to));
    if !is_recorder_number(&request.recorder) {
        return Err(wrong(
            "recorder",
            "A recorder's number has 1 to 32 letters, digits and hyphens.",
        ));
    }
    if to <= from || (to.saturating_sub(from)).seconds() > RECORDING_S_MAX {
        return Err(wrong(
            "to",
            "A recording ends after it begins, and within 24 hours; cut it or state its times.",
        ));
    }
    if request.offset_s.abs() > OFFSET_S_MAX {
        return Err(wrong("offset_s", "A recorder's clock may be off by at most 12 hours."));
    }
    if !(1..=RECORDING_BYTES_MAX).contains(&request.bytes) {
        return Err(wrong("bytes", "A recording has 1 byte to 64 GiB; cut it."));
    }
    if !is_media(&request.media) {
        return Err(wrong(
            "media",
            "The ending of the name has 1 to 8 small letters and digits, such as `mp4`.",
        ));
    }
    Ok(Announced {
        from,
        to,
        source: request.source.parse().map_err(bad_code("source"))?,
        hash: Hash::from_hex(&request.sha256)
            .ok_or_else(|| wrong("sha256", "The SHA-256 of the file has 64 small hexadecimal digits."))?,
    })
}

/// How many bytes the next piece must have.
fn next_bytes(recording: &Recording) -> i64 {
    (recording.bytes - recording.parts * PART).min(PART)
}

fn begun(result: RecordingMatch) -> RecordingBegun {
    RecordingBegun {
        result: result.code().to_owned(),
        id: None,
        parts: 0,
        part_bytes: PART,
        staff: None,
        visits: Vec::new(),
    }
}

fn progress(recording: &Recording) -> RecordingProgress {
    RecordingProgress {
        parts: recording.parts,
        state: recording.state.code().to_owned(),
    }
}

impl App {
    /// Says what a recording matches, and begins to take it where it matches visits of one person.
    pub async fn begin_recording(&self, actor: &Actor, request: &BeginRecording) -> Result<RecordingBegun, AppError> {
        policy::check(actor, Action::ImportRecordings)?;
        let announced = announced(request)?;
        let before = self.store().recording_with(actor.tenant, &announced.hash).await?;
        if let Some(known) = before.as_ref().filter(|one| one.state != RecordingState::Receiving) {
            return self.known_recording(actor, known).await;
        }
        let interval = (announced.from, announced.to);
        let matched = self.recording_match(actor, &request.recorder, interval).await?;
        let mut answer = begun(matched.result);
        answer.visits = matched
            .visits
            .iter()
            .map(|(visit, seen)| recorded(visit, *seen))
            .collect();
        let Some((_, staff, person)) = matched.found.as_ref() else {
            return Ok(answer);
        };
        answer.staff = self.login_of(actor, *staff).await?;
        if request.dry_run {
            return Ok(answer);
        }
        let goes_on = before.filter(|one| {
            (one.began, one.ended, one.person, one.staff) == (announced.from, announced.to, *person, *staff)
                && one.bytes == request.bytes
        });
        let recording = match goes_on {
            Some(recording) => recording,
            None => self.recording_anew(actor, (request, &announced), &matched).await?,
        };
        answer.id = Some(recording.id.0);
        answer.parts = recording.parts;
        Ok(answer)
    }

    async fn known_recording(&self, actor: &Actor, known: &Recording) -> Result<RecordingBegun, AppError> {
        let gone = known.state == RecordingState::Gone;
        let mut answer = begun(if gone {
            RecordingMatch::Gone
        } else {
            RecordingMatch::Known
        });
        let shown = self.recordings_shown(actor, std::slice::from_ref(known)).await?;
        if shown.is_all_seen(known.id) {
            answer.id = Some(known.id.0);
            answer.parts = known.parts;
            answer.visits = shown.item(known).visits;
            answer.staff = shown.logins.of(known.staff);
        }
        Ok(answer)
    }

    /// A new row and key; what came of the same file under other times is dropped.
    async fn recording_anew(
        &self,
        actor: &Actor,
        (request, announced): (&BeginRecording, &Announced),
        matched: &Matched,
    ) -> Result<Recording, AppError> {
        let (recorder, staff, person) = matched
            .found
            .as_ref()
            .ok_or(AppError::Fault("only what matches is taken"))?;
        if let Some(stale) = self.store().recording_with(actor.tenant, &announced.hash).await? {
            self.recording_drop(actor.tenant, stale.id).await?;
        }
        let now = self.now();
        let recording = Recording {
            id: RecordingId(doorstep_store::fresh_id(now)),
            recorder: recorder.id,
            staff: *staff,
            person: *person,
            began: announced.from,
            ended: announced.to,
            offset_s: request.offset_s,
            source: announced.source,
            media: request.media.clone(),
            bytes: request.bytes,
            hash: announced.hash,
            state: RecordingState::Receiving,
            parts: 0,
            hashing: Some(Hashing::default().laid_down()),
            added_by: actor.staff,
            added_at: now,
            gone_at: None,
        };
        self.store().recording_key_create(actor.tenant, recording.id).await?;
        let mut tx = self.store().write(actor.tenant, now).await?;
        if !tx.person_kept(*person).await? {
            return Err(StoreError::Erased.into());
        }
        let visits: Vec<_> = matched.visits.iter().map(|(visit, _)| (visit.id, visit.case)).collect();
        tx.recording_insert(&recording, &visits).await?;
        tx.commit_housekeeping(Housekeeping::Recordings).await?;
        Ok(recording)
    }

    /// Takes the next piece of a recording. One that came before is taken as it is; with the last the whole is compared with
    /// the hash that was announced, and kept only where it is the same.
    pub async fn put_recording_part(
        &self,
        actor: &Actor,
        (id, part): (Uuid, i64),
        bytes: Vec<u8>,
    ) -> Result<RecordingProgress, AppError> {
        policy::check(actor, Action::ImportRecordings)?;
        let (mut recording, shown) = self.recording_in_scope(actor, id).await?;
        match recording.state {
            RecordingState::Gone => return Err(StoreError::Erased.into()),
            RecordingState::Kept => return Ok(progress(&recording)),
            RecordingState::Receiving if part < recording.parts => return Ok(progress(&recording)),
            RecordingState::Receiving => {}
        }
        if part != recording.parts || bytes.len() as i64 != next_bytes(&recording) {
            let detail = format!(
                "The next piece is number {} and has {} bytes.",
                recording.parts,
                next_bytes(&recording)
            );
            return Err(wrong("part", &detail));
        }
        let last = part * PART + bytes.len() as i64 == recording.bytes;
        let key = self
            .store()
            .recording_key(actor.tenant, recording.id, recording.person)
            .await?;
        let state = recording.hashing.take().unwrap_or_default();
        let (hashing, sealed) = sealed(key, state, (part, bytes)).await?;
        if last && hashing.clone().finish() != recording.hash {
            self.recording_drop(actor.tenant, recording.id).await?;
            let detail = "The bytes are not those whose hash was announced; nothing of them is kept. Copy the file from the \
                          recorder once more and send it again.";
            return Err(wrong("sha256", detail));
        }
        let hash = sha256(&sealed);
        let tenant = actor.tenant;
        self.blobs().put(BlobKey { tenant, hash }, sealed).await?;
        let came = self
            .recording_part_came(actor, (&recording, &shown), (&hash, hashing, last))
            .await;
        if matches!(came, Err(AppError::Store(StoreError::Changed))) {
            // Another caller's piece was noted; nothing names these bytes.
            self.blobs().delete(BlobKey { tenant, hash }).await?;
        }
        came?;
        recording.parts += 1;
        if last {
            recording.state = RecordingState::Kept;
            self.wake_office();
        }
        Ok(progress(&recording))
    }

    async fn recording_part_came(
        &self,
        actor: &Actor,
        (recording, shown): (&Recording, &Shown),
        (hash, hashing, last): (&Hash, Hashing, bool),
    ) -> Result<(), AppError> {
        let mut tx = self.store().write(actor.tenant, self.now()).await?;
        // Nobody erases the person in between: what is sealed here must go with them.
        if !tx.person_kept(recording.person).await? {
            return Err(StoreError::Erased.into());
        }
        if !last {
            tx.recording_part_add(recording, hash, hashing.laid_down()).await?;
            return Ok(tx.commit_housekeeping(Housekeeping::Recordings).await?);
        }
        tx.recording_part_add(recording, hash, Vec::new()).await?;
        tx.recording_keep(recording.id).await?;
        let visits: Vec<VisitId> = shown.visits.iter().map(|(_, visit)| visit.id).collect();
        tx.recording_found(&visits).await?;
        let entries = added(actor, recording, shown);
        let entries = Entries::of(entries).ok_or(AppError::Fault("a recording has a visit"))?;
        Ok(tx.commit(entries).await?)
    }
}

/// One entry for each visit that the recording shows.
fn added(actor: &Actor, recording: &Recording, shown: &Shown) -> Vec<Entry> {
    let entry = |(_, visit): &(RecordingId, doorstep_store::visit::Visit)| {
        let view = shown.cases.get(&visit.case)?;
        let entry = ServerEntry::new(EntryKind::RecordingAdded, actor.by())
            .visit(visit.alias)
            .about(view.person_alias)
            .with("recording", recording.id.to_string())
            .with("recorder", recording.recorder.to_string())
            .with("sha256", recording.hash.to_hex())
            .with("bytes", recording.bytes)
            .with("from_ms", recording.began.millis())
            .with("to_ms", recording.ended.millis())
            .with("offset_s", recording.offset_s)
            .reason(recording.source.code());
        Some(entry.into())
    };
    shown.visits.iter().filter_map(entry).collect()
}

/// Seals a piece and goes on with the hash, beside the threads that answer requests.
async fn sealed(
    key: RecordingKey,
    state: Vec<u8>,
    (part, bytes): (i64, Vec<u8>),
) -> Result<(Hashing, Vec<u8>), AppError> {
    let work = move || {
        let mut hashing = Hashing::taken_up(&state).ok_or(AppError::Fault("what was laid down is a hash"))?;
        hashing.update(&bytes);
        Ok((hashing, key.seal(part, &bytes)?))
    };
    let ended = AppError::Fault("work on a piece ends by itself");
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(ended))
}
