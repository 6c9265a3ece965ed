//! Signing: the only place where a head becomes a checkpoint, and never against the log's mark.
//!
//! The order is: the head is committed; the mark in the key store is raised to it; the note is made; the note is stored and
//! with that published. A crash after any of them leaves what the next round finds and finishes, for all of it starts from
//! what is stored. A head that is smaller than the mark, or that does not extend it, is not signed: the log is *halted*. Its
//! entries stay queued, and it goes on by itself as soon as its tree is shown to extend the mark.

use doorstep_domain::codes;
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::note::SigningKey;
use doorstep_log::tree::{TileEdge, root_at, tiles_for_root};

use crate::db::args;
use crate::entry::{Housekeeping, LogName};
use crate::error::StoreError;
use crate::generation::{left_of, next_origin};
use crate::log::{LOG_KEY, LogRows};
use crate::mark::Mark;
use crate::sequence::BATCH_MAX;
use crate::step::Step;
use crate::store::Store;

/// How often a head is read anew because another process raised the mark meanwhile.
pub(crate) const TRIES_MAX: usize = 8;

codes!(
    /// Why a log is halted.
    Halt, "reason why a log is halted" {
        /// The data was restored, and nothing tells yet which head was the last that was signed.
        Restored = "restored",
        /// The data was restored, and not enough witnesses have said yet which head they cosigned last.
        Unasked = "unasked",
        /// A larger tree was signed before than the database holds now.
        RolledBack = "rolled-back",
        /// The tree is not one that was signed before with more leaves: its history is another.
        Forked = "forked",
        /// What is stored of the tree cannot be read, or does not give the root of the head.
        Damaged = "damaged",
        /// A leaf that waits, or the head, was not written by this program.
        Forged = "forged",
    }
);

/// What the database holds of a log.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) rows: LogRows,
    pub(crate) origin: String,
    pub(crate) head: Mark,
    pub(crate) note: String,
    pub(crate) note_size: u64,
    pub(crate) halted: Option<Halt>,
    /// What vouches for the head.
    pub(crate) mac: Vec<u8>,
}

/// A log held against its mark.
struct Judged {
    log: Stored,
    mark: Option<Mark>,
    halt: Option<Halt>,
}

impl Store {
    pub(crate) async fn log_stored(&self, tenant: TenantId, name: LogName) -> Result<Stored, StoreError> {
        let sql = "SELECT origin, generation, size, root, note, note_size, halted, mac FROM log WHERE tenant_id = $1 AND name = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, name.code()]).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let halted = row.opt_text(6)?.map(|code| code.parse());
        Ok(Stored {
            rows: LogRows {
                tenant,
                name,
                generation: u32::try_from(row.int(1)?).map_err(|_| StoreError::Altered)?,
            },
            origin: row.text(0)?,
            head: Mark {
                size: row.int(2)? as u64,
                root: row.hash(3)?,
            },
            note: row.text(4)?,
            note_size: row.int(5)? as u64,
            halted: halted.transpose().map_err(|_| StoreError::Altered)?,
            mac: row.blob(7)?,
        })
    }

    /// Holds a log against its mark, and halts it or lets it go on as that demands. Returns why it is halted, if it is.
    pub async fn log_guard(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<Option<Halt>, StoreError> {
        Ok(self.judge(tenant, name, now).await?.halt)
    }

    /// Holds every log against its mark; returns those that are halted, by origin.
    pub async fn log_guard_all(&self, now: Micros) -> Result<Vec<(String, Halt)>, StoreError> {
        let sql = "SELECT tenant_id, name FROM log ORDER BY tenant_id, name";
        let mut halted = Vec::new();
        for row in self.db.fetch(sql, args![]).await? {
            let judged = self.judge(TenantId(row.id(0)?), row.code(1)?, now).await?;
            halted.extend(judged.halt.map(|halt| (judged.log.origin, halt)));
        }
        Ok(halted)
    }

    /// How many logs are halted.
    pub async fn log_halted_count(&self) -> Result<i64, StoreError> {
        let row = self
            .db
            .fetch_one("SELECT count(*) FROM log WHERE halted IS NOT NULL", args![]);
        row.await?.ok_or(StoreError::NotFound)?.int(0)
    }

    /// Signs the stored head and publishes the note, unless that was done already. Never signs what is not committed, nor
    /// what contradicts the mark: that halts the log.
    pub async fn log_sign(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let Judged { log, mark, halt } = self.judge(tenant, name, now).await?;
            if let Some(halt) = halt {
                return Err(StoreError::Halted(halt));
            }
            let reaches = mark.is_none_or(|mark| mark.size <= log.head.size);
            if log.note_size >= log.head.size || !reaches {
                return Ok(());
            }
            // A crash after the mark was raised leaves it at this head, which is then signed: there is one note of a head.
            let marked = mark == Some(log.head)
                || self
                    .faults
                    .step(Step::Mark, self.keys.mark_raise(&log.origin, mark, log.head))
                    .await?;
            if marked {
                return self.publish(tenant, name, &log, now).await;
            }
        }
        Err(StoreError::Changed)
    }

    /// The mark is read before the head. A mark is a head that was committed here, or one from outside, so with one database
    /// that nobody set back the head that is read after it can only have grown since.
    async fn judge(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<Judged, StoreError> {
        let origin = self.log_stored(tenant, name).await?.origin;
        let (mark, rivals) = self.keys.mark_and_rivals(&origin).await?;
        let log = self.log_stored(tenant, name).await?;
        if log.origin != origin {
            return Err(StoreError::Changed);
        }
        let mut halt = match (log.halted, mark) {
            // None is ended by the mark alone: without one nothing is known, an old one may have come back too, and what
            // somebody else wrote stays theirs.
            (Some(halt @ (Halt::Restored | Halt::RolledBack | Halt::Forked)), None)
            | (Some(halt @ (Halt::Unasked | Halt::Forged)), _) => Some(halt),
            (Some(Halt::Damaged), _) if self.edge_stored(&log).await?.is_none() => Some(Halt::Damaged),
            _ if !self.keys.log_key(tenant).await?.made(&origin, log.head, &log.mac) => Some(Halt::Forged),
            _ => None,
        };
        halt = self.origin_contradiction(&log).await?.or(halt);
        // Where the key store remembers none, the newest note is at least one that was signed.
        let newest = match mark {
            None if log.note_size > 0 => Some(left_of(&log)?),
            mark => mark,
        };
        for signed in rivals.into_iter().chain(newest) {
            halt = self.contradiction(log.rows, log.head, signed).await?.or(halt);
        }
        // A log that went on as a new one ended there; a database that does not know it is older.
        let went_on = self.keys.mark_get(&next_origin(&log)).await?.is_some();
        halt = halt.or(went_on.then_some(Halt::RolledBack));
        if halt != log.halted {
            self.halt_note(&log, halt, now).await?;
        }
        Ok(Judged { log, mark, halt })
    }

    /// Why a log may not bear the name that the main database gives it. A name that the key store does not know has no
    /// mark, and whoever holds the main database alone could begin another history under it.
    async fn origin_contradiction(&self, log: &Stored) -> Result<Option<Halt>, StoreError> {
        let generation = i64::from(log.rows.generation);
        let (known, origin) = self.keys.origin_get(log.rows, &log.origin).await?;
        Ok(match generation.cmp(&known) {
            std::cmp::Ordering::Less => Some(Halt::RolledBack),
            std::cmp::Ordering::Equal if origin == log.origin => None,
            _ => Some(Halt::Forked),
        })
    }

    /// The edge of the stored tree; `None` where it cannot be read or does not give the root of the head.
    async fn edge_stored(&self, log: &Stored) -> Result<Option<TileEdge>, StoreError> {
        let tiles = self.log_tiles(log.rows, TileEdge::tiles_needed(log.head.size)).await?;
        let edge = TileEdge::from_tiles(log.head.size, &tiles).ok();
        Ok(edge.filter(|edge| edge.root() == log.head.root))
    }

    /// Why a head may not follow a mark; `None` where it extends it.
    pub(crate) async fn contradiction(&self, of: LogRows, head: Mark, mark: Mark) -> Result<Option<Halt>, StoreError> {
        if head == mark {
            return Ok(None);
        }
        if head.size < mark.size {
            let reached = self.queue_reaches(of, head, mark).await?;
            return Ok((!reached).then_some(Halt::RolledBack));
        }
        let needed = tiles_for_root(mark.size).into_iter().chain(tiles_for_root(head.size));
        // A tile that is missing or cannot be read proves nothing either.
        let tiles = self.log_tiles(of, needed).await?;
        let is = |at: Mark| root_at(&tiles, at.size).is_ok_and(|root: Hash| root == at.root);
        Ok((!(is(mark) && is(head))).then_some(Halt::Forked))
    }

    /// Whether the leaves that wait are the very ones that were placed when the mark was made: what a backup holds that was
    /// taken between an entry and its place. They get the same places again.
    async fn queue_reaches(&self, of: LogRows, head: Mark, mark: Mark) -> Result<bool, StoreError> {
        let missing = mark.size - head.size;
        if missing > BATCH_MAX as u64 {
            return Ok(false);
        }
        let sql = "SELECT leaf FROM log_queue WHERE tenant_id = $1 AND name = $2 ORDER BY queue_id LIMIT $3";
        let at = args![of.tenant.0, of.name.code(), missing as i64];
        let rows = self.db.fetch(sql, at).await?;
        let tiles = self.log_tiles(of, TileEdge::tiles_needed(head.size)).await?;
        let Ok(mut edge) = TileEdge::from_tiles(head.size, &tiles) else {
            return Ok(false);
        };
        for row in &rows {
            edge.append_batch(&[leaf_hash(&row.blob(0)?)]);
        }
        Ok((edge.size(), edge.root()) == (mark.size, mark.root))
    }

    async fn halt_note(&self, log: &Stored, halt: Option<Halt>, now: Micros) -> Result<(), StoreError> {
        let LogRows { tenant, name, .. } = log.rows;
        let mut tx = self.write(tenant, now).await?;
        let sql = "UPDATE log SET halted = $1 WHERE tenant_id = $2 AND name = $3 AND origin = $4";
        let at = args![halt.map(Halt::code), tenant.0, name.code(), log.origin.as_str()];
        tx.exec(sql, at).await?;
        tx.commit_housekeeping(Housekeeping::Sequencer).await?;
        if let Some(halt) = halt {
            tracing::error!(tenant.id = %tenant, log.name = %name, log.halted = %halt, "a log is halted");
        } else {
            tracing::info!(tenant.id = %tenant, log.name = %name, "a halted log goes on");
        }
        Ok(())
    }

    /// Halts a log of which the tree cannot be read or does not give its root.
    pub(crate) async fn halt_damaged(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<(), StoreError> {
        let log = self.log_stored(tenant, name).await?;
        match self.edge_stored(&log).await? {
            None => self.halt_note(&log, Some(Halt::Damaged), now).await,
            Some(_) => Ok(()),
        }
    }

    /// Halts a log in which somebody else queued a leaf, or made the head.
    pub(crate) async fn halt_forged(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<(), StoreError> {
        let log = self.log_stored(tenant, name).await?;
        self.halt_note(&log, Some(Halt::Forged), now).await
    }

    /// A crash before this leaves a head without its note, and the next round makes the same note again.
    async fn publish(&self, tenant: TenantId, name: LogName, log: &Stored, now: Micros) -> Result<(), StoreError> {
        let seed = self.keys.signing_seed(tenant.0, LOG_KEY).await?;
        let key = SigningKey::from_seed(&log.origin, &seed).map_err(|_| StoreError::Altered)?;
        let checkpoint = Checkpoint {
            origin: log.origin.clone(),
            size: log.head.size,
            root: log.head.root,
        };
        let note = checkpoint.sign(&[&key]).map_err(|_| StoreError::Altered)?;
        let note = String::from_utf8(note).map_err(|_| StoreError::Altered)?;
        let mut tx = self.write(tenant, now).await?;
        tx.exec(
            "UPDATE log SET note = $1, note_size = $2 WHERE tenant_id = $3 AND name = $4 AND origin = $5 \
             AND note_size < $2",
            args![note, log.head.size as i64, tenant.0, name.code(), log.origin.as_str()],
        )
        .await?;
        let done = tx.commit_housekeeping(Housekeeping::Sequencer);
        self.faults.step(Step::Publish, done).await
    }
}
