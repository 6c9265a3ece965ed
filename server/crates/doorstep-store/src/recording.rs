//! Recordings: when and by which recorder, the hash of the whole, and the names of the sealed pieces. The bytes lie in
//! [`crate::blobs`].
//!
//! Each recording has a key of its own in the key store. A piece is sealed under it and then under the person's, so that
//! destroying either leaves nothing to hear or see, also in copies.

mod due;
mod kept;
mod seal;

use doorstep_domain::id::{ApprovalId, CaseId, PersonId, RecorderId, RecordingId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::recording::{IntervalSource, RecordingState};
use doorstep_log::hash::Hash;
use uuid::Uuid;

use crate::db::{Row, Sql, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::write::WriteTx;

pub use due::Due;
pub use kept::KeptRecording;
pub use seal::{RecordingGrant, RecordingKey};

/// The most recordings of a list.
const LIST_MAX: i64 = 5_000;

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its id, and that of its key.
    pub id: RecordingId,
    /// Which recorder made it.
    pub recorder: RecorderId,
    /// Who carried the recorder.
    pub staff: StaffId,
    /// Who was visited.
    pub person: PersonId,
    /// When it begins, by the server's time as far as the recorder's offset is known.
    pub began: Micros,
    /// When it ends.
    pub ended: Micros,
    /// How many seconds the recorder's clock was said to be ahead.
    pub offset_s: i64,
    /// Where the end comes from.
    pub source: IntervalSource,
    /// The ending of the file's name.
    pub media: String,
    /// How many bytes the whole has.
    pub bytes: i64,
    /// SHA-256 of the whole.
    pub hash: Hash,
    /// Where it stands.
    pub state: RecordingState,
    /// How many pieces came.
    pub parts: i64,
    /// The hash of the pieces so far, laid down.
    pub hashing: Option<Vec<u8>>,
    /// Who sent it.
    pub added_by: StaffId,
    /// When the sending began.
    pub added_at: Micros,
    /// When its key was destroyed.
    pub gone_at: Option<Micros>,
}

fn recording_of(row: &Row) -> Result<Recording, StoreError> {
    Ok(Recording {
        id: RecordingId(row.id(0)?),
        recorder: RecorderId(row.id(1)?),
        staff: StaffId(row.id(2)?),
        person: PersonId(row.id(3)?),
        began: Micros(row.int(4)?),
        ended: Micros(row.int(5)?),
        offset_s: row.int(6)?,
        source: row.code(7)?,
        media: row.text(8)?,
        bytes: row.int(9)?,
        hash: row.hash(10)?,
        state: row.code(11)?,
        parts: row.int(12)?,
        hashing: row.opt_blob(13)?,
        added_by: StaffId(row.id(14)?),
        added_at: Micros(row.int(15)?),
        gone_at: row.opt_int(16)?.map(Micros),
    })
}

macro_rules! recording_sql {
    ($tail:literal) => {
        concat!(
            "SELECT r.recording_id, r.recorder_id, r.staff_id, r.person_id, r.began_at, r.ended_at, r.offset_s, r.source, ",
            "r.media, r.bytes, r.hash, r.state, r.parts, r.hashing, r.added_by, r.added_at, r.gone_at FROM recording r ",
            $tail
        )
    };
}

impl Store {
    /// Recordings that came whole, also those whose key is gone, the newest first; at most 5,000.
    pub async fn recording_list(&self, tenant: TenantId) -> Result<Vec<Recording>, StoreError> {
        let sql = recording_sql!(
            "WHERE r.tenant_id = $1 AND r.state <> 'receiving' ORDER BY r.began_at DESC, r.recording_id LIMIT $2"
        );
        let rows = self.db.fetch(sql, args![tenant.0, LIST_MAX]).await?;
        rows.iter().map(recording_of).collect()
    }

    /// Recordings of some visits that came whole, also those whose key is gone.
    pub async fn recording_of_visits(&self, tenant: TenantId, visits: &[Uuid]) -> Result<Vec<Recording>, StoreError> {
        let sql = recording_sql!(
            "WHERE r.tenant_id = $1 AND r.state <> 'receiving' AND r.recording_id IN (SELECT w.recording_id \
             FROM recording_visit w WHERE w.tenant_id = $1 AND w.visit_id IN ({in})) ORDER BY r.began_at, r.recording_id"
        );
        let rows = self.db.fetch_in(sql, args![tenant.0], visits).await?;
        rows.iter().map(recording_of).collect()
    }

    /// A recording.
    pub async fn recording_get(&self, tenant: TenantId, id: RecordingId) -> Result<Recording, StoreError> {
        let sql = recording_sql!("WHERE r.tenant_id = $1 AND r.recording_id = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, id.0]).await?;
        recording_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// The recording whose whole has this hash.
    pub async fn recording_with(&self, tenant: TenantId, hash: &Hash) -> Result<Option<Recording>, StoreError> {
        let sql = recording_sql!("WHERE r.tenant_id = $1 AND r.hash = $2");
        let row = self.db.fetch_one(sql, args![tenant.0, hash.0.to_vec()]).await?;
        row.as_ref().map(recording_of).transpose()
    }

    /// Every recording of any tenant that is kept, for a look at whether its bytes are there.
    pub async fn recording_kept_all(&self, tenant: TenantId) -> Result<Vec<Recording>, StoreError> {
        let sql = recording_sql!("WHERE r.tenant_id = $1 AND r.state = 'kept' ORDER BY r.recording_id");
        let rows = self.db.fetch(sql, args![tenant.0]).await?;
        rows.iter().map(recording_of).collect()
    }

    /// The visits and cases that some recordings belong to.
    pub async fn recording_visits(
        &self,
        tenant: TenantId,
        recordings: &[Uuid],
    ) -> Result<Vec<(RecordingId, VisitId, CaseId)>, StoreError> {
        let sql = "SELECT recording_id, visit_id, case_id FROM recording_visit WHERE tenant_id = $1 \
                   AND recording_id IN ({in}) ORDER BY recording_id, visit_id";
        let rows = self.db.fetch_in(sql, args![tenant.0], recordings).await?;
        rows.iter()
            .map(|row| Ok((RecordingId(row.id(0)?), VisitId(row.id(1)?), CaseId(row.id(2)?))))
            .collect()
    }

    /// The names of a recording's sealed pieces, in their order.
    pub async fn recording_parts(&self, tenant: TenantId, id: RecordingId) -> Result<Vec<Hash>, StoreError> {
        let sql = "SELECT hash FROM recording_part WHERE tenant_id = $1 AND recording_id = $2 ORDER BY part";
        let rows = self.db.fetch(sql, args![tenant.0, id.0]).await?;
        rows.iter().map(|row| row.hash(0)).collect()
    }

    /// Recordings whose sealed pieces nobody can open or needs any more: their key is gone, or they began to come before
    /// `before` and never came whole.
    pub async fn recording_litter(
        &self,
        before: Micros,
    ) -> Result<Vec<(TenantId, RecordingId, RecordingState)>, StoreError> {
        let sql = "SELECT r.tenant_id, r.recording_id, r.state FROM recording r WHERE r.state = 'receiving' \
                   AND r.added_at < $1 UNION SELECT r.tenant_id, r.recording_id, r.state FROM recording r \
                   WHERE r.state = 'gone' AND EXISTS (SELECT 1 FROM recording_part p WHERE p.tenant_id = r.tenant_id \
                   AND p.recording_id = r.recording_id)";
        let rows = self.db.fetch(sql, args![before]).await?;
        rows.iter()
            .map(|row| Ok((TenantId(row.id(0)?), RecordingId(row.id(1)?), row.code(2)?)))
            .collect()
    }

    /// The recordings of a purge, in the order of their ids.
    pub async fn purge_recordings(
        &self,
        tenant: TenantId,
        approval: ApprovalId,
    ) -> Result<Vec<RecordingId>, StoreError> {
        let sql = "SELECT recording_id FROM purge_recording WHERE tenant_id = $1 AND approval_id = $2 \
                   ORDER BY recording_id";
        let rows = self.db.fetch(sql, args![tenant.0, approval.0]).await?;
        rows.iter().map(|row| Ok(RecordingId(row.id(0)?))).collect()
    }
}

impl WriteTx {
    /// Begins a recording that will come, with its visits; `Changed` where one with the same bytes is there.
    pub async fn recording_insert(&mut self, new: &Recording, visits: &[(VisitId, CaseId)]) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let values = args![
            tenant,
            new.id.0,
            new.recorder.0,
            new.staff.0,
            new.person.0,
            new.began,
            new.ended,
            new.offset_s,
            new.source.code(),
            new.media.as_str(),
            new.bytes,
            new.hash.0.to_vec(),
            new.state.code(),
            new.parts,
            new.hashing.clone(),
            new.added_by.0,
            new.added_at
        ];
        self.exec_one(
            "INSERT INTO recording (tenant_id, recording_id, recorder_id, staff_id, person_id, began_at, ended_at, \
             offset_s, source, media, bytes, hash, state, parts, hashing, added_by, added_at) VALUES ($1, $2, $3, $4, $5, \
             $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING",
            values,
        )
        .await?;
        let rows = visits
            .iter()
            .map(|(visit, case)| args![tenant, new.id.0, visit.0, case.0]);
        let head = "INSERT INTO recording_visit (tenant_id, recording_id, visit_id, case_id)";
        self.insert_many(head, "", rows.collect()).await.map(drop)
    }

    /// A recording as it stands within the transaction; on PostgreSQL nobody changes it until its end.
    pub async fn recording_lock(&mut self, id: RecordingId) -> Result<Recording, StoreError> {
        let sql = Sql {
            lite: recording_sql!("WHERE r.tenant_id = $1 AND r.recording_id = $2"),
            pg: recording_sql!("WHERE r.tenant_id = $1 AND r.recording_id = $2 FOR UPDATE"),
        };
        let values = args![self.tenant(), id.0];
        let row = self.fetch_one(sql, values).await?;
        recording_of(&row.ok_or(StoreError::NotFound)?)
    }

    /// Notes that the next piece came, and what the hash of all so far is; `Changed` where another came in between.
    pub async fn recording_part_add(
        &mut self,
        recording: &Recording,
        sealed: &Hash,
        hashing: Vec<u8>,
    ) -> Result<(), StoreError> {
        let values = args![hashing, self.tenant(), recording.id.0, recording.parts];
        self.exec_one(
            "UPDATE recording SET parts = parts + 1, hashing = $1 WHERE tenant_id = $2 AND recording_id = $3 \
             AND parts = $4 AND state = 'receiving'",
            values,
        )
        .await?;
        let row = args![self.tenant(), recording.id.0, recording.parts, sealed.0.to_vec()];
        let head = "INSERT INTO recording_part (tenant_id, recording_id, part, hash)";
        self.insert_many(head, "", vec![row]).await.map(drop)
    }

    /// A recording came whole; `Changed` where it was before, or is gone.
    pub async fn recording_keep(&mut self, id: RecordingId) -> Result<(), StoreError> {
        let values = args![self.tenant(), id.0];
        let sql = "UPDATE recording SET state = 'kept', hashing = NULL WHERE tenant_id = $1 AND recording_id = $2 \
                   AND state = 'receiving'";
        self.exec_one(sql, values).await
    }

    /// Says that a recording's key goes; `Changed` where it is gone.
    pub async fn recording_go(&mut self, id: RecordingId) -> Result<(), StoreError> {
        let values = args![self.now(), self.tenant(), id.0];
        let sql = "UPDATE recording SET state = 'gone', gone_at = $1 WHERE tenant_id = $2 AND recording_id = $3 \
                   AND state = 'kept'";
        self.exec_one(sql, values).await
    }

    /// Forgets the pieces of a recording whose bytes are deleted, and the recording itself where it never came whole.
    pub async fn recording_forget(&mut self, id: RecordingId) -> Result<(), StoreError> {
        let values = args![self.tenant(), id.0];
        self.exec(
            "DELETE FROM recording_part WHERE tenant_id = $1 AND recording_id = $2",
            values.clone(),
        )
        .await?;
        self.exec(
            "DELETE FROM recording_visit WHERE tenant_id = $1 AND recording_id IN (SELECT recording_id FROM recording \
             WHERE tenant_id = $1 AND recording_id = $2 AND state = 'receiving')",
            values.clone(),
        )
        .await?;
        let sql = "DELETE FROM recording WHERE tenant_id = $1 AND recording_id = $2 AND state = 'receiving'";
        self.exec(sql, values).await.map(drop)
    }

    /// Keeps the recordings of a purge that is asked for.
    pub async fn purge_recordings_insert(
        &mut self,
        approval: ApprovalId,
        recordings: &[RecordingId],
    ) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows = recordings.iter().map(|one| args![tenant, approval.0, one.0]);
        let head = "INSERT INTO purge_recording (tenant_id, approval_id, recording_id)";
        self.insert_many(head, "", rows.collect()).await.map(drop)
    }
}
