//! Sealing and opening the pieces of a recording, and destroying its key.

use std::collections::HashSet;

use doorstep_domain::id::{Alias, PersonId, RecordingId, TenantId};
use doorstep_domain::measure::Micros;
use doorstep_domain::read::{FieldClass, OutsidePurpose};
use doorstep_log::hash::sha256_parts;
use uuid::Uuid;

use crate::entry::{Entries, EntryKind, LogName};
use crate::erasure::ErasureCause;
use crate::error::StoreError;
use crate::grant::Reader;
use crate::keys::{OpeningKeys, SealingKeys};
use crate::store::Store;

/// The record under whose name a piece is sealed: a piece opens in its own place of its own recording only.
fn record(recording: RecordingId, part: i64) -> Uuid {
    let hash = sha256_parts(&[b"recording.part", recording.0.as_bytes(), &part.to_be_bytes()]);
    let mut short = [0; 16];
    short.copy_from_slice(&hash.0[..16]);
    uuid::Builder::from_custom_bytes(short).into_uuid()
}

/// The keys of a recording and of its person, able to seal only.
#[derive(Debug)]
pub struct RecordingKey {
    recording: RecordingId,
    person: PersonId,
    keys: SealingKeys,
}

impl RecordingKey {
    /// Seals a piece, under the recording's key and then the person's.
    pub fn seal(&self, part: i64, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let record = record(self.recording, part);
        let (inner, _) = self.keys.get(self.recording.0)?.seal(record, bytes);
        let (outer, _) = self.keys.get(self.person.0)?.seal(record, &inner);
        Ok(outer)
    }
}

/// Leave to open one recording. Only the store makes one, together with the entry of the read.
#[derive(Debug)]
pub struct RecordingGrant {
    recording: RecordingId,
    person: PersonId,
    keys: OpeningKeys,
}

impl RecordingGrant {
    /// Opens a sealed piece.
    pub fn open(&self, part: i64, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let record = record(self.recording, part);
        let inner = self.keys.get(self.person.0)?.open(record, sealed)?;
        Ok(self.keys.get(self.recording.0)?.open(record, &inner.payload)?.payload)
    }
}

impl Store {
    /// Makes a recording's own key. It is durable before anything is sealed under it.
    pub async fn recording_key_create(&self, tenant: TenantId, recording: RecordingId) -> Result<(), StoreError> {
        self.keys
            .subjects_create(tenant.0, &[(recording.0, None)])
            .await
            .map(drop)
    }

    /// The keys to seal pieces of a recording with; `Erased` where one of them was destroyed.
    pub async fn recording_key(
        &self,
        tenant: TenantId,
        recording: RecordingId,
        person: PersonId,
    ) -> Result<RecordingKey, StoreError> {
        let keys = self.sealing_keys(tenant, &[recording.0, person.0]).await?;
        keys.get(recording.0)?;
        keys.get(person.0)?;
        Ok(RecordingKey {
            recording,
            person,
            keys,
        })
    }

    /// Leave to open a recording, together with its entry: each look leaves one, also within minutes of another. Where the
    /// entry cannot be queued nothing is opened, and nothing leaves while the log of reads is halted.
    pub async fn recording_grant(
        &self,
        tenant: TenantId,
        reader: &Reader,
        (recording, person, alias): (RecordingId, PersonId, Alias),
        (outside, now): (Option<OutsidePurpose>, Micros),
    ) -> Result<RecordingGrant, StoreError> {
        if let Some(halt) = self.log_guard(tenant, LogName::Access, now).await? {
            return Err(StoreError::Halted(halt));
        }
        let keys = self.keys.subjects_get(tenant.0, &[recording.0, person.0]).await?;
        keys.get(recording.0)?;
        let alias = keys.alias(person.0).unwrap_or(alias);
        keys.get(person.0)?;
        let mut entry = reader
            .entry(EntryKind::Export, &[FieldClass::Recording])
            .about(alias)
            .with("recording", recording.to_string())
            .with("persons", 1);
        if let Some(outside) = outside {
            entry = entry.with("outside", outside.code());
        }
        self.write(tenant, now).await?.commit(Entries::one(entry)).await?;
        Ok(RecordingGrant {
            recording,
            person,
            keys,
        })
    }

    /// Destroys a recording's key, after the transaction that said so was committed; the key store is told first.
    pub async fn recording_key_destroy(
        &self,
        tenant: TenantId,
        recording: RecordingId,
        now: Micros,
    ) -> Result<(), StoreError> {
        self.keys.subject_destroy_allowed(tenant.0, recording.0, now).await
    }

    /// Notes in the key store that recordings go, before the main database says so.
    pub async fn recording_erasure_allow(
        &self,
        tenant: TenantId,
        recording: RecordingId,
        cause: ErasureCause,
        now: Micros,
    ) -> Result<(), StoreError> {
        let subject = PersonId(recording.0);
        self.keys.erasure_allow(tenant, &[subject], cause, now).await
    }

    /// Destroys the keys of recordings that the database calls gone and whose erasure stands in the key store: what a crash
    /// between the two leaves behind. Returns how many.
    pub async fn recording_erasure_finish(&self, now: Micros) -> Result<usize, StoreError> {
        let gone: HashSet<(Uuid, Uuid)> = self
            .keys
            .destroyed()
            .await?
            .into_iter()
            .map(|(tenant, subject, _)| (tenant, subject))
            .collect();
        let sql = "SELECT tenant_id, recording_id FROM recording WHERE state = 'gone'";
        let mut finished = 0;
        for row in self.db.fetch(sql, Vec::new()).await? {
            let (tenant, recording) = (row.id(0)?, row.id(1)?);
            if gone.contains(&(tenant, recording)) {
                continue;
            }
            match self.keys.subject_destroy_allowed(tenant, recording, now).await {
                Ok(()) => finished += 1,
                // Gone with its person, whose key opens nothing any more.
                Err(StoreError::NotAllowed) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(finished)
    }
}
