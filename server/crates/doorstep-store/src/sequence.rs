//! The sequencer's storage: the only place where order is made.
//!
//! Queued leaves get their places in one transaction that compares and swaps the head, so that of two leaders one fails
//! and nothing is lost: its leaves stay queued. A crash before the commit leaves the queue as it was, one after it a head
//! without its note, which the next round signs ([`crate::sign`]). Nothing is placed in a log that is halted: its tree may
//! not be the one that was signed.

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::tile::{TileId, decode_tile, encode_tile};
use doorstep_log::tree::{TileEdge, TileMap};
use uuid::Uuid;

use crate::db::{Engine, Tx, args};
use crate::entry::{Housekeeping, LogName};
use crate::error::StoreError;
use crate::mark::Mark;
use crate::spent::{Part, Spent};
use crate::step::Step;
use crate::store::Store;

/// The most leaves that one transaction places.
pub const BATCH_MAX: i64 = 8_192;
/// The advisory lock of PostgreSQL under which one leader works ("door" in ASCII).
const LEADER_LOCK: i64 = 0x646f_6f72;

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequenced {
    /// How many leaves got their places.
    pub leaves: usize,
    /// Whether more are waiting.
    pub more: bool,
}

impl Store {
    /// Logs that have queued leaves or an unsigned head, or are halted and may by now go on.
    pub async fn log_waiting(&self) -> Result<Vec<(TenantId, LogName)>, StoreError> {
        let sql = "SELECT DISTINCT tenant_id, name FROM log_queue \
                   UNION SELECT tenant_id, name FROM log WHERE note_size < size OR halted IS NOT NULL";
        let rows = self.db.fetch(sql, args![]).await?;
        rows.iter()
            .map(|row| Ok((TenantId(row.id(0)?), row.code(1)?)))
            .collect()
    }

    /// The newest leaf that waits in a log, for [`Store::log_placed`]; 0 where none waits.
    pub async fn log_newest_waiting(&self, tenant: TenantId, name: LogName) -> Result<i64, StoreError> {
        let sql = "SELECT COALESCE(max(queue_id), 0) FROM log_queue WHERE tenant_id = $1 AND name = $2";
        let row = self.db.fetch_one(sql, args![tenant.0, name.code()]).await?;
        row.ok_or(StoreError::NotFound)?.int(0)
    }

    /// The size of a log once all leaves up to `newest` have their places; `None` before that.
    pub async fn log_placed(&self, tenant: TenantId, name: LogName, newest: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT size FROM log WHERE tenant_id = $1 AND name = $2 AND NOT EXISTS (SELECT 1 FROM log_queue q \
                   WHERE q.tenant_id = log.tenant_id AND q.name = log.name AND q.queue_id <= $3)";
        let row = self.db.fetch_one(sql, args![tenant.0, name.code(), newest]).await?;
        row.map(|row| row.int(0)).transpose()
    }

    /// Gives places to the leaves that wait in every log, and signs every head; what was published is entered in the meta
    /// log. Returns how many leaves of tenants were placed.
    pub async fn log_sequence_all(&self, now: Micros) -> Result<usize, StoreError> {
        let mut placed = 0;
        for (tenant, name) in self.log_waiting().await? {
            let leaves = self.log_round(tenant, name, now).await?;
            placed += if name == LogName::Meta { 0 } else { leaves };
        }
        self.meta_round(now).await?;
        Ok(placed)
    }

    /// Places what waits in one log and signs its head; does nothing in a log that is halted.
    pub(crate) async fn log_round(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<usize, StoreError> {
        let mut placed = 0;
        if self.log_guard(tenant, name, now).await?.is_some() {
            return Ok(placed);
        }
        loop {
            let round = self.log_sequence(tenant, name, now).await?;
            placed += round.leaves;
            // After every batch, so that a long queue does not keep the first of it waiting.
            match self.log_sign(tenant, name, now).await {
                Ok(()) if round.more => {}
                Ok(()) | Err(StoreError::Halted(_)) => return Ok(placed),
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives places to the leaves that wait in one log, up to [`BATCH_MAX`].
    pub async fn log_sequence(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<Sequenced, StoreError> {
        let mut tx = self.db.begin().await?;
        if tx.engine() == Engine::Postgres {
            let sql = "SELECT CASE WHEN pg_try_advisory_xact_lock($1) THEN 1::BIGINT ELSE 0 END";
            let row = tx
                .fetch_one(sql, args![LEADER_LOCK])
                .await?
                .ok_or(StoreError::NotFound)?;
            if row.int(0)? == 0 {
                return Ok(Sequenced { leaves: 0, more: false });
            }
        }
        let queue = tx
            .fetch(
                "SELECT queue_id, leaf FROM log_queue WHERE tenant_id = $1 AND name = $2 ORDER BY queue_id LIMIT $3",
                args![tenant.0, name.code(), BATCH_MAX],
            )
            .await?;
        if queue.is_empty() {
            return Ok(Sequenced { leaves: 0, more: false });
        }
        let mut edges = self.edges.lock().await;
        let head = head_of(&mut tx, tenant.0, name).await?;
        let size = head.size;
        // The edge is taken out, so that a failure below makes the next round read it from the tables again. One of the same
        // size may be of another tree: another process had the log go on as a new one, or the database was set back.
        let mut edge = match edges.remove(&(tenant.0, name)) {
            Some(edge) if (edge.size(), edge.root()) == (head.size, head.root) => edge,
            _ => edge_load(&mut tx, tenant.0, name, size).await?,
        };
        let mut hashes = Vec::with_capacity(queue.len());
        let mut ids = Vec::with_capacity(queue.len());
        let hashing = Spent::now();
        for row in &queue {
            hashes.push(leaf_hash(row.bytes(1)?));
            ids.push(row.int(0)?);
        }
        let tiles = edge.append_batch(&hashes);
        self.spent.add(Part::Hash, hashing);
        let count = ids.len();
        leaves_place(&mut tx, (tenant.0, name), size, &ids).await?;
        tiles_write(&mut tx, tenant.0, name, tiles).await?;
        queue_delete(&mut tx, (tenant.0, name), &ids).await?;
        head_swap(&mut tx, (tenant.0, name), head, &edge).await?;
        let placed = self.of_tx(tx, tenant, now).commit_housekeeping(Housekeeping::Sequencer);
        self.faults.step(Step::Place, placed).await?;
        edges.insert((tenant.0, name), edge);
        Ok(Sequenced {
            leaves: count,
            more: count as i64 == BATCH_MAX,
        })
    }
}

async fn head_of(tx: &mut Tx, tenant: Uuid, name: LogName) -> Result<Mark, StoreError> {
    let sql = "SELECT size, root FROM log WHERE tenant_id = $1 AND name = $2";
    let row = tx
        .fetch_one(sql, args![tenant, name.code()])
        .await?
        .ok_or(StoreError::NotFound)?;
    Ok(Mark {
        size: u64::try_from(row.int(0)?).map_err(|_| StoreError::Altered)?,
        root: row.hash(1)?,
    })
}

async fn edge_load(tx: &mut Tx, tenant: Uuid, name: LogName, size: u64) -> Result<TileEdge, StoreError> {
    let mut tiles = TileMap::default();
    for id in TileEdge::tiles_needed(size) {
        let sql = "SELECT hashes FROM log_tile WHERE tenant_id = $1 AND name = $2 AND level = $3 AND position = $4";
        let at = args![tenant, name.code(), i64::from(id.level), id.index as i64];
        let row = tx.fetch_one(sql, at).await?.ok_or(StoreError::Altered)?;
        tiles.insert(
            id.level,
            id.index,
            decode_tile(&row.blob(0)?).map_err(|_| StoreError::Altered)?,
        );
    }
    TileEdge::from_tiles(size, &tiles).map_err(|_| StoreError::Altered)
}

pub(crate) async fn tiles_write(
    tx: &mut Tx,
    tenant: Uuid,
    name: LogName,
    tiles: Vec<(TileId, Vec<Hash>)>,
) -> Result<(), StoreError> {
    let rows = tiles
        .into_iter()
        .map(|(id, hashes)| {
            args![
                tenant,
                name.code(),
                i64::from(id.level),
                id.index as i64,
                encode_tile(&hashes)
            ]
        })
        .collect();
    tx.insert_many(
        "INSERT INTO log_tile (tenant_id, name, level, position, hashes)",
        "ON CONFLICT (tenant_id, name, level, position) DO UPDATE SET hashes = excluded.hashes",
        rows,
    )
    .await?;
    Ok(())
}

/// The ids of rows of the queue, as PostgreSQL takes many in one value.
fn id_list(ids: &[i64]) -> String {
    let list: Vec<String> = ids.iter().map(i64::to_string).collect();
    list.join(",")
}

/// Copies the leaves from the queue to their places, without sending their bytes a second time. On PostgreSQL a
/// transaction that took its numbers earlier may commit later, so a span of numbers may by now hold rows that were not
/// read; only the rows that were read are placed, and only those go from the queue.
async fn leaves_place(tx: &mut Tx, (tenant, name): (Uuid, LogName), size: u64, ids: &[i64]) -> Result<(), StoreError> {
    let (first, last) = (ids[0], ids[ids.len() - 1]);
    let sql = crate::db::Sql {
        lite: "INSERT INTO log_leaf (tenant_id, name, position, leaf) \
               SELECT tenant_id, name, $1 + row_number() OVER (ORDER BY queue_id) - 1, leaf FROM log_queue \
               WHERE tenant_id = $2 AND name = $3 AND queue_id BETWEEN $4 AND $5",
        pg: "INSERT INTO log_leaf (tenant_id, name, position, leaf) \
             SELECT q.tenant_id, q.name, $1 + p.number - 1, q.leaf FROM log_queue q \
             JOIN unnest(string_to_array($4, ',')::BIGINT[]) WITH ORDINALITY AS p (queue_id, number) \
             ON p.queue_id = q.queue_id WHERE q.tenant_id = $2 AND q.name = $3",
    };
    let values = match tx.engine() {
        Engine::Sqlite => args![size as i64, tenant, name.code(), first, last],
        Engine::Postgres => args![size as i64, tenant, name.code(), id_list(ids)],
    };
    let placed = tx.exec(sql, values).await?;
    if placed == ids.len() as u64 {
        Ok(())
    } else {
        Err(StoreError::Changed)
    }
}

/// Deletes the placed rows.
async fn queue_delete(tx: &mut Tx, (tenant, name): (Uuid, LogName), ids: &[i64]) -> Result<(), StoreError> {
    let (first, last) = (ids[0], ids[ids.len() - 1]);
    let sql = crate::db::Sql {
        lite: "DELETE FROM log_queue WHERE tenant_id = $1 AND name = $2 AND queue_id BETWEEN $3 AND $4",
        pg: "DELETE FROM log_queue WHERE tenant_id = $1 AND name = $2 \
             AND queue_id = ANY (string_to_array($3, ',')::BIGINT[])",
    };
    let values = match tx.engine() {
        Engine::Sqlite => args![tenant, name.code(), first, last],
        Engine::Postgres => args![tenant, name.code(), id_list(ids)],
    };
    tx.exec(sql, values).await.map(drop)
}

/// Compares and swaps the head: fails where another leader was here.
async fn head_swap(tx: &mut Tx, (tenant, name): (Uuid, LogName), old: Mark, edge: &TileEdge) -> Result<(), StoreError> {
    let touched = tx
        .exec(
            "UPDATE log SET size = $1, root = $2 WHERE tenant_id = $3 AND name = $4 AND size = $5 AND root = $6",
            args![
                edge.size() as i64,
                edge.root().0.to_vec(),
                tenant,
                name.code(),
                old.size as i64,
                old.root.0.to_vec()
            ],
        )
        .await?;
    if touched == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
