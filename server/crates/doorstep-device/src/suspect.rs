//! Notes of the server that do not hold: kept beside the one they contradict, and reported in the chain.
//!
//! The same note is kept and reported once, and their number is bounded, so that a hostile server cannot fill the disk. Each
//! kind of contradiction has places of its own, so that claims keep no proof out; what finds none is reported all the same.

use std::collections::BTreeMap;

use doorstep_domain::event::EventKind;
use doorstep_domain::measure::Micros;
use doorstep_log::evidence::{EvidenceItem, evidence_files};
use doorstep_log::hash::{Hash, sha256};
use doorstep_wire::sync::Payload;
use sqlx::Row as _;

use crate::db::Tx;
use crate::device::Device;
use crate::error::DeviceError;
use crate::event::Draft;
use crate::seal::Place;
use crate::trust::Doubt;

/// The most notes that are kept of one code.
const NOTES_MAX: i64 = 20;
/// Notes of one code that find no place are reported this often: each report makes the log grow, which may bring the next.
const TOLD_EVERY: Micros = Micros::from_seconds(3_600);
/// The longest note that is kept whole.
const NOTE_BYTES_KEPT_MAX: usize = 64 * 1024;

/// The noun of checkpoints.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The note that came; it may be a permit.
const NOTE: &str = "suspect_note.note";
/// The note that it contradicts.
const KNOWN: &str = "suspect_note.known";

/// A note of the server that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectNote {
    /// `checkpoint`, `permit` or `acknowledgement`.
    pub noun: String,
    /// What is wrong with it, as a stable code; empty where an older program kept it.
    pub code: String,
    /// The same in words.
    pub reason: String,
    /// The note as received.
    pub note: String,
    /// The note that it contradicts, where there is one.
    pub known: Option<String>,
    /// What came as proof: that the log only grew, base64 hashes, one a line; or the first leaves of the logs that go on, each as
    /// a proof file.
    pub proof: Option<String>,
    /// When it came.
    pub seen_at: Micros,
}

/// The same without its content: enough to say what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// `checkpoint`, `permit` or `acknowledgement`.
    pub noun: String,
    /// What is wrong with it, as a stable code; empty where an older program kept it.
    pub code: String,
    /// When it came.
    pub seen_at: Micros,
}

/// What should have led from one to the other.
const PROOF: &str = "suspect_note.proof";

/// A note to keep.
pub(crate) struct Suspicion<'a> {
    pub(crate) noun: &'static str,
    pub(crate) doubt: &'a Doubt,
    pub(crate) note: &'a str,
    pub(crate) known: Option<&'a str>,
    pub(crate) proof: Option<String>,
}

impl Device {
    /// The notes of the server that did not hold, oldest first: evidence for an auditor.
    pub async fn suspect_notes(&self) -> Result<Vec<SuspectNote>, DeviceError> {
        let sql =
            "SELECT noun, reason, note, known, seen_at, hash, code, proof FROM suspect_note ORDER BY seen_at, hash";
        let rows = sqlx::query(sql).fetch_all(self.db.pool()).await?;
        rows.iter()
            .map(|row| {
                let hash: &[u8] = row.try_get(5)?;
                let opened = |column, sealed: &[u8]| {
                    let text = self.key.open_text(Place::new(column, hash), sealed)?;
                    Ok::<_, DeviceError>(text.to_string())
                };
                let known: Option<&[u8]> = row.try_get(3)?;
                let proof: Option<&[u8]> = row.try_get(7)?;
                Ok(SuspectNote {
                    noun: row.try_get(0)?,
                    code: row.try_get(6)?,
                    reason: row.try_get(1)?,
                    note: opened(NOTE, row.try_get(2)?)?,
                    known: known.map(|sealed| opened(KNOWN, sealed)).transpose()?,
                    proof: proof.map(|sealed| opened(PROOF, sealed)).transpose()?,
                    seen_at: Micros(row.try_get(4)?),
                })
            })
            .collect()
    }

    /// What is kept, as files for `doorstep verify`: the notes, and the keys that this device was given.
    pub async fn evidence_files(&self) -> Result<BTreeMap<String, Vec<u8>>, DeviceError> {
        let notes = self.suspect_notes().await?.into_iter();
        let items: Vec<EvidenceItem> = notes
            .map(|note| EvidenceItem {
                noun: note.noun,
                code: note.code,
                seen_ms: note.seen_at.millis(),
                found: note.note.into_bytes(),
                known: note.known.map(String::into_bytes),
                proof: note.proof.map(String::into_bytes),
            })
            .collect();
        let keys = [self.identity.log_key.clone(), self.identity.permit_key.clone()];
        Ok(evidence_files(&self.identity.device.to_string(), &keys, &items))
    }

    /// What is kept, newest first, without opening it.
    pub async fn suspects(&self) -> Result<Vec<Suspect>, DeviceError> {
        let sql = "SELECT noun, code, seen_at FROM suspect_note ORDER BY seen_at DESC, hash";
        let rows = sqlx::query(sql).fetch_all(self.db.pool()).await?;
        rows.iter()
            .map(|row| {
                Ok(Suspect {
                    noun: row.try_get(0)?,
                    code: row.try_get(1)?,
                    seen_at: Micros(row.try_get(2)?),
                })
            })
            .collect()
    }

    /// How many notes are kept.
    pub async fn suspect_count(&self) -> Result<i64, DeviceError> {
        let sql = "SELECT count(*) FROM suspect_note";
        Ok(sqlx::query_scalar(sql).fetch_one(self.db.pool()).await?)
    }

    /// Keeps a note as evidence and records `log.inconsistent` of a checkpoint, `log.alarm` of another or of a log that was
    /// continued; the same note a second time does nothing. Says whether it was new.
    pub(crate) async fn suspect(&self, tx: &mut Tx, suspicion: Suspicion<'_>) -> Result<bool, DeviceError> {
        let hash = sha256(suspicion.note.as_bytes());
        let known = sqlx::query("SELECT 1 FROM suspect_note WHERE hash = $1").bind(hash.0.as_slice());
        if known.fetch_optional(&mut **tx).await?.is_some() {
            return Ok(false);
        }
        if !self.keep(tx, &suspicion, &hash).await? && !self.may_tell(tx, suspicion.doubt.code()).await? {
            return Ok(false);
        }
        tracing::warn!(note.noun = suspicion.noun, "a signed note of the server does not hold");
        let payload = Payload {
            reason: Some(format!("{}: {} ({hash})", suspicion.noun, suspicion.doubt)),
            ..Payload::default()
        };
        let kind = match (suspicion.noun, suspicion.doubt) {
            // It says openly what was lost.
            (CHECKPOINT, Doubt::Continued { .. }) => EventKind::LogAlarm,
            (CHECKPOINT, _) => EventKind::LogInconsistent,
            _ => EventKind::LogAlarm,
        };
        self.record(tx, Draft::new(kind).payload(payload)).await?;
        Ok(true)
    }

    /// Keeps a note, where there is a place for its code.
    async fn keep(&self, tx: &mut Tx, suspicion: &Suspicion<'_>, hash: &Hash) -> Result<bool, DeviceError> {
        let kept: String = suspicion.note.chars().take(NOTE_BYTES_KEPT_MAX / 4).collect();
        let known = suspicion.known.map(|known| {
            let place = Place::new(KNOWN, &hash.0);
            self.key.seal(place, known.as_bytes())
        });
        let proof = suspicion.proof.as_ref().map(|proof| {
            let place = Place::new(PROOF, &hash.0);
            self.key.seal(place, proof.as_bytes())
        });
        let done = sqlx::query(
            "INSERT INTO suspect_note (hash, noun, reason, note, known, seen_at, code, proof) \
             SELECT $1, $2, $3, $4, $5, $6, $8, $9 \
             WHERE (SELECT count(*) FROM suspect_note WHERE code = $8) < $7",
        )
        .bind(hash.0.as_slice())
        .bind(suspicion.noun)
        .bind(suspicion.doubt.to_string())
        .bind(self.key.seal(Place::new(NOTE, &hash.0), kept.as_bytes())?)
        .bind(known.transpose()?)
        .bind(self.clock.now().get())
        .bind(NOTES_MAX)
        .bind(suspicion.doubt.code())
        .bind(proof.transpose()?)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Whether a note of this code that found no place is reported now.
    async fn may_tell(&self, tx: &mut Tx, code: &str) -> Result<bool, DeviceError> {
        let now = self.clock.now();
        let done = sqlx::query(
            "INSERT INTO suspect_more (code, told_at) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET \
             told_at = excluded.told_at WHERE told_at <= $3 OR told_at > $2",
        )
        .bind(code)
        .bind(now.get())
        .bind((now - TOLD_EVERY).get())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
