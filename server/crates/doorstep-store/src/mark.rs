//! The high-water mark of each log, in the key store: the newest head that was signed or was about to be.
//!
//! No backup of the main database holds it, so a database that was rolled back, or that runs twice, meets a mark that its
//! own tree does not reach. It only ever rises, by compare-and-swap. Beside it stand the log's *rivals*: signed heads from
//! outside that contradict the tree without being larger than the mark.

use std::collections::BTreeMap;

use doorstep_log::hash::Hash;

use crate::db::{Row, args};
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::log::LogRows;

/// A head of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree with that many leaves.
    pub root: Hash,
}

impl KeyStore {
    /// The mark of a log, by its origin; `None` where nothing was signed yet.
    pub async fn mark_get(&self, origin: &str) -> Result<Option<Mark>, StoreError> {
        let sql = "SELECT size, root FROM mark WHERE origin = $1";
        let row = self.db.fetch_one(sql, args![origin]).await?;
        let mark = |row: Row| {
            Ok(Mark {
                size: row.int(0)? as u64,
                root: row.hash(1)?,
            })
        };
        row.map(mark).transpose()
    }

    /// The note that is kept of a log's mark; `None` where the mark came from no outside.
    pub(crate) async fn mark_note(&self, origin: &str) -> Result<Option<(Mark, String)>, StoreError> {
        let sql = "SELECT size, root, note FROM mark WHERE origin = $1 AND note <> ''";
        let row = self.db.fetch_one(sql, args![origin]).await?;
        let found = |row: Row| {
            let (size, root) = (row.int(0)? as u64, row.hash(1)?);
            Ok((Mark { size, root }, row.text(2)?))
        };
        row.map(found).transpose()
    }

    /// Keeps the note of a mark, unless that was raised meanwhile.
    pub(crate) async fn mark_note_set(&self, origin: &str, mark: Mark, note: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE mark SET note = $1 WHERE origin = $2 AND size = $3 AND root = $4";
        let at = args![note, origin, mark.size as i64, mark.root.0.to_vec()];
        tx.exec(sql, at).await?;
        tx.commit().await
    }

    /// The present generation and origin of a log, as the key store knows them; what the main database says where the key
    /// store knows none yet, as of a version before.
    pub(crate) async fn origin_get(&self, log: LogRows, told: &str) -> Result<(i64, String), StoreError> {
        let sql = "SELECT generation, origin FROM origin WHERE tenant_id = $1 AND name = $2";
        let at = args![log.tenant.0, log.name.code()];
        if let Some(row) = self.db.fetch_one(sql, at.clone()).await? {
            return Ok((row.int(0)?, row.text(1)?));
        }
        self.origin_raise(log, told).await?;
        let row = self.db.fetch_one(sql, at).await?.ok_or(StoreError::NotFound)?;
        Ok((row.int(0)?, row.text(1)?))
    }

    /// Makes an origin the present one of its log, unless a later generation is known.
    pub(crate) async fn origin_raise(&self, log: LogRows, origin: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO origin (tenant_id, name, generation, origin) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (tenant_id, name) DO UPDATE SET generation = excluded.generation, origin = excluded.origin \
                   WHERE origin.generation < excluded.generation";
        let generation = i64::from(log.generation);
        tx.exec(sql, args![log.tenant.0, log.name.code(), generation, origin])
            .await?;
        tx.commit().await
    }

    /// The mark of every log.
    pub(crate) async fn marks(&self) -> Result<BTreeMap<String, Mark>, StoreError> {
        let rows = self.db.fetch("SELECT origin, size, root FROM mark", args![]).await?;
        let mark = |row: &Row| {
            let (size, root) = (row.int(1)? as u64, row.hash(2)?);
            Ok((row.text(0)?, Mark { size, root }))
        };
        rows.iter().map(mark).collect()
    }

    /// Forgets the mark of a log: what was signed last is not known any more, and nothing is until somebody vouches for it.
    pub(crate) async fn mark_forget(&self, origin: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.exec("DELETE FROM mark WHERE origin = $1", args![origin]).await?;
        tx.commit().await
    }

    /// The mark of a log, and its rivals.
    pub(crate) async fn mark_and_rivals(&self, origin: &str) -> Result<(Option<Mark>, Vec<Mark>), StoreError> {
        let sql = "SELECT 0 AS rival, size, root FROM mark WHERE origin = $1 \
                   UNION ALL SELECT 1, size, root FROM rival WHERE origin = $1";
        let (mut mark, mut rivals) = (None, Vec::new());
        for row in self.db.fetch(sql, args![origin]).await? {
            let head = Mark {
                size: row.int(1)? as u64,
                root: row.hash(2)?,
            };
            match row.int(0)? {
                0 => mark = Some(head),
                _ => rivals.push(head),
            }
        }
        Ok((mark, rivals))
    }

    /// Keeps a rival.
    pub(crate) async fn rival_add(&self, origin: &str, head: Mark) -> Result<(), StoreError> {
        let sql = "INSERT INTO rival (origin, size, root) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let mut tx = self.db.begin().await?;
        tx.exec(sql, args![origin, head.size as i64, head.root.0.to_vec()])
            .await?;
        tx.commit().await
    }

    /// Raises the mark from `old` to `new`. False where it is not `old` any more; then nothing was changed.
    pub(crate) async fn mark_raise(&self, origin: &str, old: Option<Mark>, new: Mark) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let (size, root) = (new.size as i64, new.root.0.to_vec());
        let touched = match old {
            None => {
                let sql = "INSERT INTO mark (origin, size, root) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                tx.exec(sql, args![origin, size, root]).await?
            }
            Some(old) => {
                let sql =
                    "UPDATE mark SET size = $1, root = $2, note = '' WHERE origin = $3 AND size = $4 AND root = $5";
                let old = (old.size as i64, old.root.0.to_vec());
                tx.exec(sql, args![size, root, origin, old.0, old.1]).await?
            }
        };
        tx.commit().await?;
        Ok(touched == 1)
    }
}
