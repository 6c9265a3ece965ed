//! The operator's meta log: its leaves are the checkpoints of all tenants' logs, so that a witness may follow one log only.
//!
//! A leaf names tenant, origin, size and root, and nothing else. It is queued in the transaction that notes that it was; the
//! meta log is placed, marked and signed like any other.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::empty_root;
use doorstep_log::note;
use doorstep_log::proof::Proof;

use crate::db::{Row, args};
use crate::entry::{By, EntryKind, Housekeeping, LogName, OPERATOR, ServerEntry};
use crate::error::StoreError;
use crate::log::{LOG_KEY, LogRows, leaf_bytes};
use crate::queue::QUEUE_INSERT;
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

    /// The leaf of the meta log that names this checkpoint, with its proof and the leaf in `extra`; `None` where it is not
    /// there (yet). It stands under the newest note that a quorum of witnesses cosigned, or, where that does not hold the
    /// leaf (yet), under the meta log's newest.
    pub async fn meta_proof(&self, tenant: TenantId, published: &Checkpoint) -> Result<Option<MetaProof>, StoreError> {
        let head = match self.log_head(OPERATOR, LogName::Meta).await {
            Err(StoreError::NotFound) => return Ok(None),
            head => head?,
        };
        let root = published.root.to_string();
        let mut upto = head.note_size;
        while upto > 0 {
            let from = upto.saturating_sub(LOOK_BACK);
            let leaves = self.log_leaves(OPERATOR, LogName::Meta, from, upto - from).await?;
            let found = leaves.iter().rposition(|leaf| names(leaf, tenant, published, &root));
            if let Some(at) = found {
                let index = from + at as u64;
                let cosigned = self.log_cosigned(OPERATOR, LogName::Meta).await?;
                let is_cosigned = cosigned.size > index;
                let note = if is_cosigned {
                    (cosigned.size, cosigned.note.as_str())
                } else {
                    (head.note_size, head.note.as_str())
                };
                let rows = LogRows {
                    tenant: OPERATOR,
                    name: LogName::Meta,
                    generation: head.generation,
                };
                let (leaf, proof) = self.proof_in(rows, note, index).await?;
                let proof = Proof {
                    extra: Some(leaf),
                    ..proof
                };
                return Ok(Some(MetaProof { proof, is_cosigned }));
            }
            upto = from;
        }
        Ok(None)
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

/// Leaves of the meta log that are looked at together, from the newest back.
const LOOK_BACK: u64 = 1_024;

fn names(leaf: &[u8], tenant: TenantId, published: &Checkpoint, root: &str) -> bool {
    let Ok(doorstep_log::leaf::Leaf::Server(entry)) = doorstep_log::leaf::Leaf::decode(leaf) else {
        return false;
    };
    let text = |name: &str| entry.detail.get(name).and_then(doorstep_log::canonical::Value::as_text);
    entry.ten == tenant.to_string() && text("origin") == Some(&published.origin) && text("root") == Some(root)
}
