//! The operator's meta log: its leaves are the checkpoints of all tenants' logs, so that a witness may follow one log only.
//!
//! A leaf names tenant, origin, size and root, and nothing else. It is queued in the transaction that notes that it was; the
//! meta log is placed, marked and signed like any other.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::canonical::Value as Json;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::empty_root;
use doorstep_log::leaf::Leaf;
use doorstep_log::note;
use doorstep_log::proof::Proof;

use crate::db::{Row, args};
use crate::entry::{By, EntryKind, Housekeeping, LogName, OPERATOR, ServerEntry};
use crate::error::StoreError;
use crate::generation::LogGeneration;
use crate::log::{LOG_KEY, LogRows, leaf_bytes};
use crate::queue::QUEUE_INSERT;
use crate::receipt::DISORDER_MS;
use crate::step::Step;
use crate::store::Store;
use crate::write::WriteTx;

/// The least time between two checkpoints of one log in the meta log.
pub const META_EVERY: Micros = Micros::from_seconds(1);

/// A checkpoint that is not in the meta log yet.
struct Due {
    tenant: TenantId,
    name: String,
    origin: String,
    note: String,
    meta_size: i64,
}

fn due_of(row: &Row) -> Result<Due, StoreError> {
    Ok(Due {
        tenant: TenantId(row.id(0)?),
        name: row.text(1)?,
        origin: row.text(2)?,
        note: row.text(3)?,
        meta_size: row.int(4)?,
    })
}

impl Store {
    /// Enters newly published checkpoints in the meta log and signs it, each log at most once in [`META_EVERY`].
    pub(crate) async fn meta_round(&self, now: Micros) -> Result<(), StoreError> {
        let sql = "SELECT tenant_id, name, origin, note, meta_size FROM log WHERE name <> 'meta' \
                   AND meta_size < note_size AND (meta_at <= $1 OR meta_at > $2)";
        self.announce(sql, now - META_EVERY, now).await
    }

    /// The same at once, for an export that is to be proven against the meta log.
    pub async fn meta_round_now(&self, now: Micros) -> Result<(), StoreError> {
        let sql = "SELECT tenant_id, name, origin, note, meta_size FROM log WHERE name <> 'meta' \
                   AND meta_size < note_size AND $1 < $2";
        self.announce(sql, now - META_EVERY, now).await
    }

    async fn announce(&self, sql: &'static str, before: Micros, now: Micros) -> Result<(), StoreError> {
        let rows = self.db.fetch(sql, args![before, now]).await?;
        let due: Vec<Due> = rows.iter().map(due_of).collect::<Result<_, _>>()?;
        let Some(first) = due.first() else { return Ok(()) };
        self.meta_create(first, now).await?;
        let mut tx = self.write(OPERATOR, now).await?;
        for log in &due {
            let text = note::text_unverified(log.note.as_bytes()).map_err(|_| StoreError::Altered)?;
            let published = Checkpoint::parse(text).map_err(|_| StoreError::Altered)?;
            let sql = "UPDATE log SET meta_size = $1, meta_at = $2 \
                       WHERE tenant_id = $3 AND name = $4 AND origin = $5 AND meta_size = $6";
            let size = published.size as i64;
            let at = args![
                size,
                now,
                log.tenant.0,
                log.name.as_str(),
                log.origin.as_str(),
                log.meta_size
            ];
            // Another process may have entered it meanwhile.
            if tx.exec(sql, at).await? == 1 {
                queue(&mut tx, log.tenant, published, now).await?;
            }
        }
        let done = tx.commit_housekeeping(Housekeeping::Sequencer);
        self.faults.step(Step::Announce, done).await?;
        self.log_round(OPERATOR, LogName::Meta, now).await.map(drop)
    }

    /// Makes the meta log with its keys where there is none. A crash between leaves keys that nothing uses yet.
    async fn meta_create(&self, of: &Due, now: Micros) -> Result<(), StoreError> {
        match self.log_stored(OPERATOR, LogName::Meta).await {
            Err(StoreError::NotFound) => {}
            found => return found.map(drop),
        }
        let tenant = format!("/{}/", of.tenant);
        let deployment = of.origin.split(&tenant).next().ok_or(StoreError::Altered)?;
        self.keys.signing_create(OPERATOR.0, LOG_KEY).await?;
        let origin = format!("{deployment}/{}", LogName::Meta);
        let rows = LogRows {
            tenant: OPERATOR,
            name: LogName::Meta,
            generation: 1,
        };
        self.keys.origin_raise(rows, &origin).await?;
        let mut tx = self.write(OPERATOR, now).await?;
        tx.exec(
            "INSERT INTO log (tenant_id, name, origin, generation, size, root, note_size, note) \
             VALUES ($1, $2, $3, 1, 0, $4, 0, '') ON CONFLICT DO NOTHING",
            args![OPERATOR.0, LogName::Meta.code(), origin, empty_root().0.to_vec()],
        )
        .await?;
        tx.commit_housekeeping(Housekeeping::Sequencer).await
    }

    /// Enters a checkpoint that the meta log passed over: it names at most one a second, and witnesses may have cosigned
    /// another. `false` where the meta log may still come to it.
    pub async fn meta_enter(
        &self,
        (tenant, name): (TenantId, LogName),
        published: Checkpoint,
        now: Micros,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM log WHERE tenant_id = $1 AND name = $2 AND origin = $3 AND meta_size > $4";
        let at = args![tenant.0, name.code(), published.origin.as_str(), published.size as i64];
        let row = self.db.fetch_one(sql, at).await?.ok_or(StoreError::NotFound)?;
        if row.int(0)? == 0 {
            return Ok(false);
        }
        let mut tx = self.write(OPERATOR, now).await?;
        queue(&mut tx, tenant, published, now).await?;
        tx.commit_housekeeping(Housekeeping::Sequencer).await?;
        self.log_round(OPERATOR, LogName::Meta, now).await?;
        Ok(true)
    }

    /// The leaf of the meta log that names a checkpoint, with its proof and the leaf in `extra`; `None` where it is not
    /// there (yet). It stands under the newest note that a quorum of witnesses cosigned, or, where that does not hold the
    /// leaf (yet), under the meta log's newest.
    pub async fn meta_proof(&self, search: &mut MetaSearch) -> Result<Option<MetaProof>, StoreError> {
        let head = match self.log_head(OPERATOR, LogName::Meta).await {
            Err(StoreError::NotFound) => return Ok(None),
            head => head?,
        };
        let Some((since_ms, until_ms)) = self.meta_times(search).await? else {
            return Ok(None);
        };
        let meta = LogGeneration::present(OPERATOR, LogName::Meta, &head);
        let from = match search.from {
            Some((generation, from)) if generation == meta.generation => from,
            _ => self.log_since(&meta, since_ms).await?,
        };
        let found = self
            .find_between(&meta, (from, until_ms), |leaf| search.is_for(leaf))
            .await?;
        // Whatever is queued by now is placed behind all leaves that are there.
        let at = found.map_or(meta.size, |(index, _)| index);
        search.from = Some((meta.generation, at));
        if at == meta.size {
            return Ok(None);
        }
        let cosigned = self.log_cosigned(OPERATOR, LogName::Meta).await?;
        let is_cosigned = cosigned.size > at;
        let note = if is_cosigned {
            (cosigned.size, cosigned.note.as_str())
        } else {
            (meta.size, meta.note.as_str())
        };
        let (leaf, proof) = self.proof_in(meta.rows, note, at).await?;
        let proof = Proof {
            extra: Some(leaf),
            ..proof
        };
        Ok(Some(MetaProof { proof, is_cosigned }))
    }

    /// Since when and until when the leaf for a checkpoint was made; `None` where none was made yet. The last one of a log
    /// was made when that is noted, each other one after the newest leaf under its checkpoint.
    async fn meta_times(&self, search: &MetaSearch) -> Result<Option<(i64, Option<i64>)>, StoreError> {
        let sql = "SELECT name, generation, meta_size, meta_at FROM log WHERE tenant_id = $1 AND origin = $2";
        let of = args![search.tenant.0, search.published.origin.as_str()];
        let Some(row) = self.db.fetch_one(sql, of).await? else {
            return Ok(None);
        };
        let (size, entered) = (search.published.size, row.int(2)? as u64);
        if size > entered {
            return Ok(None);
        }
        if size == entered {
            let at = Micros(row.int(3)?).millis();
            return Ok(Some((at - DISORDER_MS, Some(at + DISORDER_MS))));
        }
        let rows = LogRows {
            tenant: search.tenant,
            name: row.code(0)?,
            generation: u32::try_from(row.int(1)?).map_err(|_| StoreError::Altered)?,
        };
        let newest = self.leaves_of(rows, size.saturating_sub(1), 1).await?.pop();
        let newest = newest.and_then(|leaf| Leaf::decode(&leaf).ok());
        let made = newest.map_or(i64::MIN, |leaf| leaf.made_ms());
        Ok(Some((made.saturating_sub(DISORDER_MS), None)))
    }
}

/// A search for the leaf of the meta log that names a checkpoint. It begins where the time of the checkpoint says, and goes on
/// where it ended when it is made again: however long that log is, little of it is read, and none of it twice.
#[derive(Debug, Clone)]
pub struct MetaSearch {
    tenant: TenantId,
    published: Checkpoint,
    /// From where on the leaf may stand: a generation of the meta log and a place in it; `None` before the first look.
    from: Option<(u32, u64)>,
}

impl MetaSearch {
    /// For a checkpoint of a tenant's log.
    pub fn new(tenant: TenantId, published: Checkpoint) -> Self {
        Self {
            tenant,
            published,
            from: None,
        }
    }

    /// What is searched for.
    pub fn published(&self) -> &Checkpoint {
        &self.published
    }

    fn is_for(&self, leaf: &Leaf) -> bool {
        let Leaf::Server(entry) = leaf else { return false };
        let text = |name: &str| entry.detail.get(name).and_then(Json::as_text);
        entry.ten == self.tenant.to_string()
            && text("origin") == Some(&self.published.origin)
            && text("root") == Some(&self.published.root.to_string())
    }
}

/// Where a checkpoint stands in the meta log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaProof {
    /// The proof, with the leaf.
    pub proof: Proof,
    /// Whether it leads to a checkpoint that a quorum of witnesses cosigned.
    pub is_cosigned: bool,
}

/// Queues the leaf that names a checkpoint.
async fn queue(tx: &mut WriteTx, tenant: TenantId, published: Checkpoint, now: Micros) -> Result<(), StoreError> {
    let entry = ServerEntry::new(EntryKind::LogCheckpoint, By::PROGRAM)
        .with("origin", published.origin)
        .with("size", published.size as i64)
        .with("root", published.root.to_string());
    let leaf = leaf_bytes(tenant, now, &entry.into())?;
    let row = tx.keys().log_key(OPERATOR).await?.row(LogName::Meta, leaf);
    tx.insert_many(QUEUE_INSERT, "", vec![row]).await.map(drop)
}
