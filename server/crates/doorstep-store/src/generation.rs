//! Generations of a log: after a restore that lost entries a log goes on under a new origin, and says so in its first leaf.
//!
//! A head that was signed before is never signed again with less or other leaves, so the old log ends where its last stored
//! note is. Each generation has rows of its own, so those of the old one stay where they are, however many there are.

use std::collections::BTreeSet;

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::{Hash, empty_root, leaf_hash};
use doorstep_log::note;
use doorstep_log::proof::Proof;
use doorstep_log::tree::{Prover, TileEdge, tiles_for_inclusion};

use crate::db::{Row, args};
use crate::entry::{By, EntryKind, Housekeeping, LogName, OPERATOR, ServerEntry};
use crate::error::StoreError;
use crate::log::{LogHead, LogRows, leaf_bytes};
use crate::mark::Mark;
use crate::queue::{LogKey, leads, queue_refuse, queue_take_forged};
use crate::sequence::tiles_write;
use crate::sign::{Halt, Stored};
use crate::step::Step;
use crate::store::Store;
use crate::write::WriteTx;

/// How often the meta log may go on as a new one at once: one backup may be restored that often.
const META_GENERATIONS_MAX: usize = 1_000;

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
    pub(crate) rows: LogRows,
}

impl LogGeneration {
    /// The present one, whose head this is.
    pub fn present(tenant: TenantId, name: LogName, head: &LogHead) -> Self {
        Self {
            generation: head.generation,
            origin: head.origin.clone(),
            size: head.note_size,
            note: head.note.clone(),
            rows: LogRows {
                tenant,
                name,
                generation: head.generation,
            },
        }
    }

    /// Whether anything of it can be proven.
    pub fn is_signed(&self) -> bool {
        !self.note.is_empty()
    }
}

/// The origin of the generation after this one.
pub(crate) fn next_origin(log: &Stored) -> String {
    let generation = log.rows.generation;
    let own = format!("-{generation}");
    let base = match generation {
        1 => log.origin.as_str(),
        _ => log.origin.strip_suffix(&own).unwrap_or(&log.origin),
    };
    format!("{base}-{}", generation + 1)
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
        let log = self.log_stored(tenant, name).await?;
        let old = log.rows;
        let tiles = self.log_tiles(old, TileEdge::tiles_needed(left)).await?;
        let new = LogRows {
            generation: old.generation + 1,
            ..old
        };
        // A crash after this leaves a log that is halted, as it was, and can be continued under the same name.
        self.keys.origin_raise(new, &halted.next).await?;
        let first = leaf_bytes(tenant, now, &continued(&halted, by).into())?;
        let key = self.keys.log_key(tenant).await?;
        let mut tx = self.write(tenant, now).await?;
        tx.lead().await?;
        let mut leaves = vec![first];
        let mut refused = queue_take_forged(&mut tx, &key, name).await?;
        let beyond = end_generation(&mut tx, old, &halted).await?;
        // They were placed by this program only if they lead to a head that it made.
        let ours = leads(&tiles, left, &beyond, log.head) && key.made(&log.origin, log.head, &log.mac);
        if ours { &mut leaves } else { &mut refused }.extend(beyond);
        queue_refuse(&mut tx, name, refused).await?;
        begin_generation(&mut tx, &key, new, (&halted.next, leaves)).await?;
        let done = tx.commit_housekeeping(Housekeeping::Sequencer);
        self.faults.step(Step::Continue, done).await?;
        self.edges.lock().await.remove(&(tenant.0, name));
        tracing::warn!(tenant.id = %tenant, log.origin = %halted.next, "a log goes on as a new one");
        Ok(halted.next)
    }

    /// Has the operator's meta log go on as a new one where it is halted: it holds nothing that tenants' logs do not hold,
    /// and no tenant's people could decide about it. A name under which more was signed before is passed over.
    pub async fn meta_continue(&self, now: Micros) -> Result<(), StoreError> {
        for _ in 0..META_GENERATIONS_MAX {
            let meta = match self.log_guard(OPERATOR, LogName::Meta, now).await {
                // Witnesses may yet say that nothing was lost. There is none before the first checkpoint.
                Ok(Some(Halt::Unasked) | None) | Err(StoreError::NotFound) => return Ok(()),
                Ok(Some(_)) => self.log_halted(OPERATOR, LogName::Meta).await?,
                Err(error) => return Err(error),
            };
            let Some(meta) = meta else { return Ok(()) };
            self.log_continue(OPERATOR, LogName::Meta, meta.left.size, By::PROGRAM, now)
                .await?;
        }
        Err(StoreError::Changed)
    }

    /// The generations of a log that have ended, oldest first.
    pub async fn log_ended(&self, tenant: TenantId, name: LogName) -> Result<Vec<LogGeneration>, StoreError> {
        let sql = "SELECT generation, origin, size, note FROM log_ended WHERE tenant_id = $1 AND name = $2 \
                   ORDER BY generation";
        let rows = self.db.fetch(sql, args![tenant.0, name.code()]).await?;
        let ended = |row: &Row| {
            let generation = u32::try_from(row.int(0)?).map_err(|_| StoreError::Altered)?;
            Ok(LogGeneration {
                generation,
                origin: row.text(1)?,
                size: row.int(2)? as u64,
                note: row.text(3)?,
                rows: LogRows {
                    tenant,
                    name,
                    generation,
                },
            })
        };
        rows.iter().map(ended).collect()
    }

    /// Every generation of a log, oldest first, as far as each was signed.
    pub async fn log_generations(&self, tenant: TenantId, name: LogName) -> Result<Vec<LogGeneration>, StoreError> {
        let mut all = self.log_ended(tenant, name).await?;
        let head = self.log_head(tenant, name).await?;
        all.retain(|ended| ended.generation < head.generation);
        all.push(LogGeneration::present(tenant, name, &head));
        Ok(all)
    }

    /// Leaves `from..from + count` of a generation, in order.
    pub async fn generation_leaves(
        &self,
        of: &LogGeneration,
        (from, count): (u64, u64),
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        self.leaves_of(of.rows, from, count).await
    }

    /// One leaf of a generation with the proof that it stands under its note; `NotFound` where it does not.
    pub async fn generation_proof(&self, of: &LogGeneration, index: u64) -> Result<(Vec<u8>, Proof), StoreError> {
        self.generation_proof_under(of, (of.size, &of.note), index).await
    }

    /// The same under an earlier note of so many leaves.
    pub async fn generation_proof_under(
        &self,
        of: &LogGeneration,
        head: (u64, &str),
        index: u64,
    ) -> Result<(Vec<u8>, Proof), StoreError> {
        self.proof_in(of.rows, head, index).await
    }

    /// Proofs that leaves of a generation stand under its note, in the order asked; `None` for those to which the stored tree
    /// does not lead. Their tiles are read together and held until all are made, so ask for some hundred at once.
    pub async fn generation_proofs(
        &self,
        of: &LogGeneration,
        indices: &[u64],
    ) -> Result<Vec<Option<Proof>>, StoreError> {
        let mut needed = BTreeSet::new();
        for index in indices {
            needed.extend(tiles_for_inclusion(*index, of.size).unwrap_or_default());
        }
        let tiles = self.log_tiles(of.rows, needed).await?;
        let mut prover = Prover::new(&tiles, of.size);
        let mut proof = |index: &u64| {
            Some(Proof {
                extra: None,
                index: *index,
                hashes: prover.inclusion(*index).ok()?,
                checkpoint: of.note.as_bytes().to_vec(),
            })
        };
        Ok(indices.iter().map(&mut proof).collect())
    }

    /// What says that each generation but the first continues the one before, with its proof under a note: what a device
    /// needs to follow a log that goes on under a new origin. It is the first leaf of the generation, or stands behind that of
    /// a later one where the generation ended before it was signed. Generations without a note yet are left out.
    pub async fn log_continuations(&self, tenant: TenantId, name: LogName) -> Result<Vec<Proof>, StoreError> {
        let (mut proofs, mut unsigned) = (Vec::new(), 0);
        for of in self.log_generations(tenant, name).await? {
            if of.generation == 1 {
                continue;
            }
            if !of.is_signed() {
                unsigned += 1;
                continue;
            }
            for index in (0..=unsigned).rev() {
                let (leaf, proof) = self.generation_proof(&of, index).await?;
                proofs.push(Proof {
                    extra: Some(leaf),
                    ..proof
                });
            }
            unsigned = 0;
        }
        Ok(proofs)
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
async fn end_generation(tx: &mut WriteTx, old: LogRows, halted: &HaltedLog) -> Result<Vec<Vec<u8>>, StoreError> {
    let (tenant, name, generation) = (old.tenant.0, old.name.code(), i64::from(old.generation));
    let left = halted.left.size as i64;
    tx.exec_one(
        "INSERT INTO log_ended (tenant_id, name, generation, origin, size, root, note) \
         SELECT tenant_id, name, generation, origin, note_size, $1, \
         CASE WHEN note_size > 0 AND cosigned_size = note_size THEN cosigned_note ELSE note END FROM log \
         WHERE tenant_id = $2 AND name = $3 AND generation = $4 AND origin = $5 AND note_size = $6 AND halted IS NOT NULL",
        args![
            halted.left.root.0.to_vec(),
            tenant,
            name,
            generation,
            halted.origin.as_str(),
            left
        ],
    )
    .await?;
    let witnesses = "DELETE FROM log_witness WHERE tenant_id = $1 AND name = $2";
    tx.exec(witnesses, args![tenant, name]).await?;
    tx.exec(
        "DELETE FROM log WHERE tenant_id = $1 AND name = $2",
        args![tenant, name],
    )
    .await?;
    let beyond = "SELECT leaf FROM log_leaf WHERE tenant_id = $1 AND name = $2 AND generation = $3 AND position >= $4 \
                  ORDER BY position";
    let from = args![tenant, name, generation, left];
    let rows = tx.fetch(beyond, from.clone()).await?;
    let delete = "DELETE FROM log_leaf WHERE tenant_id = $1 AND name = $2 AND generation = $3 AND position >= $4";
    tx.exec(delete, from).await?;
    if old.name == LogName::Meta {
        // What stood in the one that ended is not in the next, which is to name every head that there is.
        let sql = "UPDATE log SET meta_size = 0, meta_at = 0 WHERE name <> 'meta'";
        tx.exec(sql, args![]).await?;
    }
    rows.iter().map(|row| row.blob(0)).collect()
}

async fn begin_generation(
    tx: &mut WriteTx,
    key: &LogKey,
    new: LogRows,
    (origin, leaves): (&str, Vec<Vec<u8>>),
) -> Result<(), StoreError> {
    let (tenant, name, generation) = (new.tenant.0, new.name.code(), i64::from(new.generation));
    let mut edge = TileEdge::new();
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let tiles = edge.append_batch(&hashes);
    let rows = leaves.into_iter().enumerate();
    let rows = rows
        .map(|(at, leaf)| args![tenant, name, generation, at as i64, leaf])
        .collect();
    let sql = "INSERT INTO log_leaf (tenant_id, name, generation, position, leaf)";
    tx.insert_many(sql, "", rows).await?;
    tiles_write(tx.inner(), new, tiles).await?;
    let head = Mark {
        size: edge.size(),
        root: edge.root(),
    };
    tx.exec(
        "INSERT INTO log (tenant_id, name, origin, generation, size, root, mac, note_size, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '')",
        args![
            tenant,
            name,
            origin,
            generation,
            edge.size() as i64,
            edge.root().0.to_vec(),
            key.head_mac(origin, head)
        ],
    )
    .await
    .map(drop)
}
