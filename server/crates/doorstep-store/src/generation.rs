//! Generations of a log: after a restore that lost entries a log goes on under a new origin, and says so in its first leaf.
//!
//! A head that was signed before is never signed again with less or other leaves, so the old log ends where its last stored
//! note is. The present generation is stored under the log's name, earlier ones under `<name>.<generation>`.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::{Hash, empty_root, leaf_hash};
use doorstep_log::note;
use doorstep_log::proof::Proof;
use doorstep_log::tree::TileEdge;

use crate::db::args;
use crate::entry::{By, EntryKind, Housekeeping, LogName, OPERATOR, ServerEntry};
use crate::error::StoreError;
use crate::log::{LogHead, leaf_bytes};
use crate::mark::Mark;
use crate::sequence::tiles_write;
use crate::sign::{Halt, Stored};
use crate::store::Store;
use crate::write::WriteTx;

/// A halted log, as whoever decides about it must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltedLog {
    /// Its origin.
    pub origin: String,
    /// Why.
    pub halt: Halt,
    /// The newest head that is known to have been signed; of a log that was signed as two histories, the newest of the other
    /// one. `None` where the key store remembers none.
    pub known: Option<Mark>,
    /// The head that is left: the newest of which the database holds a note.
    pub left: Mark,
    /// Under which origin the log would go on.
    pub next: String,
}

/// A generation of a log, as far as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGeneration {
    /// Which, from 1.
    pub generation: u32,
    /// Its origin.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Its last note, with the cosignatures of a quorum where it has them; empty where none was left.
    pub note: String,
    /// The name under which it is stored.
    pub(crate) stored: String,
}

impl LogGeneration {
    /// The present one, whose head this is.
    pub fn present(name: LogName, head: &LogHead) -> Self {
        Self {
            generation: head.generation,
            origin: head.origin.clone(),
            size: head.note_size,
            note: head.note.clone(),
            stored: name.code().to_owned(),
        }
    }
}

/// The name under which a generation that has ended is stored.
pub(crate) fn ended_name(name: LogName, generation: u32) -> String {
    format!("{name}.{generation}")
}

/// The origin of the generation after this one.
fn next_origin(log: &Stored) -> String {
    let own = format!("-{}", log.generation);
    let base = match log.generation {
        1 => log.origin.as_str(),
        _ => log.origin.strip_suffix(&own).unwrap_or(&log.origin),
    };
    format!("{base}-{}", log.generation + 1)
}

/// The head of which the database holds a note.
pub(crate) fn left_of(log: &Stored) -> Result<Mark, StoreError> {
    if log.note_size == 0 {
        return Ok(Mark {
            size: 0,
            root: empty_root(),
        });
    }
    let text = note::text_unverified(log.note.as_bytes()).map_err(|_| StoreError::Altered)?;
    let found = Checkpoint::parse(text).map_err(|_| StoreError::Altered)?;
    Ok(Mark {
        size: found.size,
        root: found.root,
    })
}

impl Store {
    /// What is known of a log that is halted; `None` of one that is not.
    pub async fn log_halted(&self, tenant: TenantId, name: LogName) -> Result<Option<HaltedLog>, StoreError> {
        let log = self.log_stored(tenant, name).await?;
        let Some(halt) = log.halted else { return Ok(None) };
        let left = left_of(&log)?;
        let (mark, rivals) = self.keys.mark_and_rivals(&log.origin).await?;
        let rival = rivals.into_iter().max_by_key(|rival| rival.size);
        Ok(Some(HaltedLog {
            halt,
            known: mark.filter(|mark| mark.size > left.size).or(rival).or(mark),
            left,
            next: next_origin(&log),
            origin: log.origin,
        }))
    }

    /// Ends a halted log where it is and goes on under a new origin, whose first leaf names the old one, the head that was
    /// known of it and the head that is left. Leaves that had places and no note follow it, then what is queued. `left` is
    /// the size that whoever decided was shown; `Changed` where it is another, or the log is not halted any more.
    pub async fn log_continue(
        &self,
        tenant: TenantId,
        name: LogName,
        left: u64,
        by: By,
        now: Micros,
    ) -> Result<String, StoreError> {
        if self.log_guard(tenant, name, now).await?.is_none() {
            return Err(StoreError::Changed);
        }
        let halted = self.log_halted(tenant, name).await?.ok_or(StoreError::Changed)?;
        if halted.left.size != left {
            return Err(StoreError::Changed);
        }
        let generation = self.log_stored(tenant, name).await?.generation;
        let first = leaf_bytes(tenant, now, &continued(&halted, by).into())?;
        let mut tx = self.write(tenant, now).await?;
        let mut leaves = vec![first];
        leaves.extend(end_generation(&mut tx, name, generation, &halted).await?);
        begin_generation(&mut tx, name, generation + 1, &halted.next, leaves).await?;
        tx.commit_housekeeping(Housekeeping::Sequencer).await?;
        self.edges.lock().await.remove(&(tenant.0, name));
        tracing::warn!(tenant.id = %tenant, log.origin = %halted.next, "a log goes on as a new one");
        Ok(halted.next)
    }

    /// Has the operator's meta log go on as a new one where it is halted: it holds nothing that tenants' logs do not hold,
    /// and no tenant's people could decide about it.
    pub async fn meta_continue(&self, now: Micros) -> Result<(), StoreError> {
        match self.log_halted(OPERATOR, LogName::Meta).await {
            // Witnesses may yet say that nothing was lost.
            Ok(Some(meta)) if meta.halt == Halt::Unasked => Ok(()),
            Ok(Some(meta)) => {
                let left = meta.left.size;
                self.log_continue(OPERATOR, LogName::Meta, left, By::PROGRAM, now)
                    .await
                    .map(drop)
            }
            // There is none before the first checkpoint.
            Ok(None) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The generations of a log that have ended, oldest first.
    pub async fn log_ended(&self, tenant: TenantId, name: LogName) -> Result<Vec<LogGeneration>, StoreError> {
        let present = self.log_head(tenant, name).await?.generation;
        let mut ended = Vec::new();
        for generation in 1..present {
            let sql = "SELECT origin, size, CASE WHEN note_size > 0 AND cosigned_size = note_size THEN cosigned_note ELSE note END \
                       FROM log WHERE tenant_id = $1 AND name = $2";
            let stored = ended_name(name, generation);
            let row = self.db.fetch_one(sql, args![tenant.0, stored.as_str()]).await?;
            let row = row.ok_or(StoreError::NotFound)?;
            ended.push(LogGeneration {
                generation,
                origin: row.text(0)?,
                size: row.int(1)? as u64,
                note: row.text(2)?,
                stored,
            });
        }
        Ok(ended)
    }

    /// Every generation of a log, oldest first, as far as each was signed.
    pub async fn log_generations(&self, tenant: TenantId, name: LogName) -> Result<Vec<LogGeneration>, StoreError> {
        let mut all = self.log_ended(tenant, name).await?;
        let head = self.log_head(tenant, name).await?;
        all.push(LogGeneration::present(name, &head));
        Ok(all)
    }

    /// Leaves `from..from + count` of a generation, in order.
    pub async fn generation_leaves(
        &self,
        tenant: TenantId,
        of: &LogGeneration,
        (from, count): (u64, u64),
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        self.leaves_of(tenant, &of.stored, from, count).await
    }

    /// One leaf of a generation with the proof that it stands under its note; `NotFound` where it does not.
    pub async fn generation_proof(
        &self,
        tenant: TenantId,
        of: &LogGeneration,
        index: u64,
    ) -> Result<(Vec<u8>, Proof), StoreError> {
        self.proof_in(tenant, &of.stored, (of.size, &of.note), index).await
    }

    /// The first leaf of every generation but the first, each with its proof under a note of that generation: what a device
    /// needs to follow a log that goes on under a new origin. Generations without a note yet are left out.
    pub async fn log_continuations(&self, tenant: TenantId, name: LogName) -> Result<Vec<Proof>, StoreError> {
        let head = self.log_head(tenant, name).await?;
        let mut proofs = Vec::new();
        for ended in self.log_ended(tenant, name).await? {
            if ended.generation > 1 && ended.size > 0 {
                proofs.push(
                    self.first_leaf(tenant, &ended.stored, (ended.size, &ended.note))
                        .await?,
                );
            }
        }
        if head.generation > 1 && head.note_size > 0 {
            proofs.push(
                self.first_leaf(tenant, name.code(), (head.note_size, &head.note))
                    .await?,
            );
        }
        Ok(proofs)
    }

    async fn first_leaf(&self, tenant: TenantId, stored: &str, note: (u64, &str)) -> Result<Proof, StoreError> {
        let (leaf, proof) = self.proof_in(tenant, stored, note, 0).await?;
        Ok(Proof {
            extra: Some(leaf),
            ..proof
        })
    }
}

fn continued(halted: &HaltedLog, by: By) -> ServerEntry {
    let known = halted.known.unwrap_or(halted.left);
    ServerEntry::new(EntryKind::LogContinued, by)
        .reason(halted.halt.code())
        .with("origin", halted.origin.as_str())
        .with("size", known.size as i64)
        .with("root", known.root.to_string())
        .with("left_size", halted.left.size as i64)
        .with("left_root", halted.left.root.to_string())
}

/// Puts the generation away, as far as it has a note; returns the leaves beyond it.
async fn end_generation(
    tx: &mut WriteTx,
    name: LogName,
    generation: i64,
    halted: &HaltedLog,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let (tenant, left) = (tx.tenant(), halted.left);
    let ended = ended_name(name, u32::try_from(generation).map_err(|_| StoreError::Altered)?);
    tx.exec_one(
        "UPDATE log SET name = $1, size = $2, root = $3, halted = NULL \
         WHERE tenant_id = $4 AND name = $5 AND origin = $6 AND halted IS NOT NULL AND note_size = $2",
        args![
            ended.as_str(),
            left.size as i64,
            left.root.0.to_vec(),
            tenant,
            name.code(),
            halted.origin.as_str()
        ],
    )
    .await?;
    let beyond = "SELECT leaf FROM log_leaf WHERE tenant_id = $1 AND name = $2 AND position >= $3 ORDER BY position";
    let from = args![tenant, name.code(), left.size as i64];
    let rows = tx.fetch(beyond, from.clone()).await?;
    tx.exec(
        "DELETE FROM log_leaf WHERE tenant_id = $1 AND name = $2 AND position >= $3",
        from,
    )
    .await?;
    for sql in [
        "UPDATE log_leaf SET name = $1 WHERE tenant_id = $2 AND name = $3",
        "UPDATE log_tile SET name = $1 WHERE tenant_id = $2 AND name = $3",
        "UPDATE log_stamp SET name = $1 WHERE tenant_id = $2 AND name = $3",
        "UPDATE log_witness SET name = $1 WHERE tenant_id = $2 AND name = $3",
    ] {
        tx.exec(sql, args![ended.as_str(), tenant, name.code()]).await?;
    }
    rows.iter().map(|row| row.blob(0)).collect()
}

async fn begin_generation(
    tx: &mut WriteTx,
    name: LogName,
    generation: i64,
    origin: &str,
    leaves: Vec<Vec<u8>>,
) -> Result<(), StoreError> {
    let tenant = tx.tenant();
    let mut edge = TileEdge::new();
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let tiles = edge.append_batch(&hashes);
    let rows = leaves.into_iter().enumerate();
    let rows = rows
        .map(|(at, leaf)| args![tenant, name.code(), at as i64, leaf])
        .collect();
    tx.insert_many("INSERT INTO log_leaf (tenant_id, name, position, leaf)", "", rows)
        .await?;
    tiles_write(tx.inner(), tenant, name, tiles).await?;
    tx.exec(
        "INSERT INTO log (tenant_id, name, origin, epoch, size, root, note_size, note) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, '')",
        args![
            tenant,
            name.code(),
            origin,
            generation,
            edge.size() as i64,
            edge.root().0.to_vec()
        ],
    )
    .await
    .map(drop)
}
