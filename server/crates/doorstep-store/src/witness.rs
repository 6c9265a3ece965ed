//! What witnesses said of the logs: who cosigned which size, who found history rewritten, and the newest checkpoint that a
//! quorum cosigned. Decides nothing; which witnesses make a quorum is not known here.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;

use crate::db::{Row, args};
use crate::entry::{Entries, Housekeeping, LogName, ServerEntry};
use crate::error::StoreError;
use crate::step::Step;
use crate::store::Store;

/// A log with its newest checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedLog {
    /// Whose.
    pub tenant: TenantId,
    /// Which one.
    pub name: LogName,
    /// Its name for strangers.
    pub origin: String,
    /// The newest signed checkpoint; empty where the log has no leaf.
    pub note: String,
    /// Leaves under it.
    pub note_size: u64,
    /// The newest checkpoint of it that a quorum cosigned.
    pub cosigned: CosignedHead,
}

/// The newest checkpoint that a quorum cosigned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CosignedHead {
    /// Leaves under it.
    pub size: u64,
    /// The note with the cosignatures; empty before the first.
    pub note: String,
}

impl CosignedHead {
    /// Whether a quorum cosigned a checkpoint of at least so many leaves.
    #[must_use]
    pub fn covers(&self, least: u64) -> bool {
        !self.note.is_empty() && self.size >= least
    }
}

/// What one witness said of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessState {
    /// The witness's public key (vkey).
    pub witness: String,
    /// The size that it cosigned last, as far as is known.
    pub size: u64,
    /// Its signature line for that size; empty where only the size is known.
    pub line: String,
    /// Since when it says that history was rewritten.
    pub refused: Option<WitnessRefused>,
    /// Why it did not cosign when it was asked last, as a code, and since when.
    pub failed: Option<(String, Micros)>,
}

/// A witness's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRefused {
    /// Since when.
    pub at: Micros,
    /// The size that was shown to it.
    pub size: u64,
    /// What it found, as a code.
    pub found: String,
}

impl Store {
    /// The present generation of every log that witnesses may be shown, the operator's meta log among them, each with what
    /// they said of it: those with a signed checkpoint, and those that have no leaf and are not halted.
    pub async fn log_published(&self) -> Result<Vec<(PublishedLog, Vec<WitnessState>)>, StoreError> {
        let sql = "SELECT said.witness, said.size, said.line, said.refused_at, said.refused_size, said.found, \
                   said.failed, said.failed_at, log.tenant_id, log.name, log.origin, log.note, log.note_size, log.cosigned_size, log.cosigned_note \
                   FROM log LEFT JOIN log_witness said ON said.tenant_id = log.tenant_id AND said.name = log.name \
                   WHERE log.note_size > 0 OR (log.size = 0 AND log.halted IS NULL) \
                   ORDER BY log.tenant_id, log.name, said.witness";
        let mut logs: Vec<(PublishedLog, Vec<WitnessState>)> = Vec::new();
        for row in &self.db.fetch(sql, args![]).await? {
            let log = PublishedLog {
                tenant: TenantId(row.id(8)?),
                name: row.code(9)?,
                origin: row.text(10)?,
                note: row.text(11)?,
                note_size: row.int(12)? as u64,
                cosigned: CosignedHead {
                    size: row.int(13)? as u64,
                    note: row.text(14)?,
                },
            };
            let said = row.opt_text(0)?.map(|_| state_of(row)).transpose()?;
            match logs.last_mut() {
                Some((last, states)) if *last == log => states.extend(said),
                _ => logs.push((log, said.into_iter().collect())),
            }
        }
        Ok(logs)
    }

    /// The newest checkpoint of a log that a quorum cosigned.
    pub async fn log_cosigned(&self, tenant: TenantId, name: LogName) -> Result<CosignedHead, StoreError> {
        let sql = "SELECT cosigned_size, cosigned_note FROM log WHERE tenant_id = $1 AND name = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, name.code()]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(CosignedHead {
            size: row.int(0)? as u64,
            note: row.text(1)?,
        })
    }

    /// What witnesses said of a log, by key.
    pub async fn witness_states(&self, tenant: TenantId, name: LogName) -> Result<Vec<WitnessState>, StoreError> {
        let sql = "SELECT witness, size, line, refused_at, refused_size, found, failed, failed_at FROM log_witness \
                   WHERE tenant_id = $1 AND name = $2 ORDER BY witness";
        let rows = self.db.fetch(sql, args![tenant.0, name.code()]).await?;
        rows.iter().map(state_of).collect()
    }

    /// Keeps that a witness cosigned; a refusal of before is over. An empty line says that only its size is known. Nothing is
    /// kept where the log goes on as a new one by now.
    pub async fn witness_cosigned(
        &self,
        log: &PublishedLog,
        witness: &str,
        (size, line): (u64, &str),
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(log.tenant, now).await?;
        tx.exec(
            "INSERT INTO log_witness (tenant_id, name, witness, size, line, refused_at, refused_size, found) \
             SELECT tenant_id, name, $3, $4, $5, NULL, 0, '' FROM log WHERE tenant_id = $1 AND name = $2 AND origin = $6 \
             ON CONFLICT (tenant_id, name, witness) DO UPDATE SET \
             size = excluded.size, line = excluded.line, failed = '', failed_at = NULL, \
             refused_at = CASE WHEN excluded.line = '' THEN log_witness.refused_at ELSE NULL END",
            args![
                log.tenant.0,
                log.name.code(),
                witness,
                size as i64,
                line,
                log.origin.as_str()
            ],
        )
        .await?;
        let done = tx.commit_housekeeping(Housekeeping::Witnesses);
        self.faults.step(Step::Cosign, done).await
    }

    /// Keeps why a witness did not cosign, as a code; the time stays that since which it says so.
    pub async fn witness_failed(
        &self,
        log: &PublishedLog,
        witness: &str,
        failed: &str,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(log.tenant, now).await?;
        tx.exec(
            "INSERT INTO log_witness (tenant_id, name, witness, size, line, refused_size, found, failed, failed_at) \
             SELECT tenant_id, name, $3, 0, '', 0, '', $4, $5 FROM log WHERE tenant_id = $1 AND name = $2 AND origin = $6 \
             ON CONFLICT (tenant_id, name, witness) DO UPDATE SET \
             failed = excluded.failed, failed_at = excluded.failed_at WHERE log_witness.failed <> excluded.failed",
            args![log.tenant.0, log.name.code(), witness, failed, now, log.origin.as_str()],
        )
        .await?;
        tx.commit_housekeeping(Housekeeping::Witnesses).await
    }

    /// Keeps that a witness found history rewritten, with the entry that says so; the operator's own log has no tenant's log
    /// that could hold one. False where it was known already.
    pub async fn witness_refused(
        &self,
        log: &PublishedLog,
        witness: &str,
        refused: &WitnessRefused,
        entry: Option<ServerEntry>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write(log.tenant, refused.at).await?;
        let touched = tx
            .exec(
                "INSERT INTO log_witness (tenant_id, name, witness, size, line, refused_at, refused_size, found) \
                 SELECT $1, $2, $3, 0, '', $4, $5, $6 FROM log WHERE tenant_id = $1 AND name = $2 AND origin = $7 ON CONFLICT (tenant_id, name, witness) DO UPDATE SET \
                 refused_at = excluded.refused_at, refused_size = excluded.refused_size, found = excluded.found \
                 WHERE log_witness.refused_at IS NULL",
                args![
                    log.tenant.0,
                    log.name.code(),
                    witness,
                    refused.at,
                    refused.size as i64,
                    refused.found.as_str(),
                    log.origin.as_str()
                ],
            )
            .await?;
        if touched == 0 {
            return Ok(false);
        }
        match entry {
            Some(entry) => tx.commit(Entries::one(entry)).await?,
            None => tx.commit_housekeeping(Housekeeping::Witnesses).await?,
        }
        Ok(true)
    }

    /// Keeps the newest checkpoint that a quorum cosigned; an older one than is kept changes nothing, nor does one of a log
    /// that goes on as a new one by now.
    pub async fn log_cosigned_set(&self, log: &PublishedLog, note: &str, now: Micros) -> Result<(), StoreError> {
        let mut tx = self.write(log.tenant, now).await?;
        tx.exec(
            "UPDATE log SET cosigned_size = $1, cosigned_note = $2 \
             WHERE tenant_id = $3 AND name = $4 AND origin = $5 AND cosigned_size <= $1",
            args![
                log.note_size as i64,
                note,
                log.tenant.0,
                log.name.code(),
                log.origin.as_str()
            ],
        )
        .await?;
        let done = tx.commit_housekeeping(Housekeeping::Witnesses);
        self.faults.step(Step::Quorum, done).await
    }
}

/// What a witness said, from the first columns of a row.
fn state_of(row: &Row) -> Result<WitnessState, StoreError> {
    let refused = row.opt_int(3)?.map(|at| {
        Ok::<_, StoreError>(WitnessRefused {
            at: Micros(at),
            size: row.int(4)? as u64,
            found: row.text(5)?,
        })
    });
    Ok(WitnessState {
        witness: row.text(0)?,
        size: row.int(1)? as u64,
        line: row.text(2)?,
        refused: refused.transpose()?,
        failed: match row.opt_int(7)? {
            Some(at) => Some((row.text(6)?, Micros(at))),
            None => None,
        },
    })
}
