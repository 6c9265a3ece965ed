//! The sequencer's storage: where order is made. Only the first leaves of a log that goes on as a new one get their places
//! elsewhere ([`crate::generation`]), under the same lock.
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

use crate::db::{Engine, Tx, args, number_list};
use crate::entry::{Housekeeping, LogName};
use crate::error::StoreError;
use crate::log::{LogRows, TILE, tile_at};
use crate::mark::Mark;
use crate::queue::LogKey;
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
        let sql = "SELECT tenant_id, name FROM log WHERE note_size < size OR halted IS NOT NULL OR EXISTS \
                   (SELECT 1 FROM log_queue q WHERE q.tenant_id = log.tenant_id AND q.name = log.name) \
                   ORDER BY tenant_id, name";
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
    /// log. Returns how many leaves of tenants were placed. What is wrong with one log keeps no other back; the first such
    /// error is returned after all had their turn.
    pub async fn log_sequence_all(&self, now: Micros) -> Result<usize, StoreError> {
        let (mut placed, mut failed) = (0, None);
        for (tenant, name) in self.log_waiting().await? {
            match self.log_round(tenant, name, now).await {
                Ok(leaves) if name != LogName::Meta => placed += leaves,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(tenant.id = %tenant, log.name = %name, %error, "a log's round failed");
                    failed = failed.or(Some(error));
                }
            }
        }
        self.meta_round(now).await?;
        failed.map_or(Ok(placed), Err)
    }

    /// Places what waits in one log and signs its head; does nothing in a log that is halted.
    pub(crate) async fn log_round(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<usize, StoreError> {
        let mut placed = 0;
        if self.log_guard(tenant, name, now).await?.is_some() {
            return Ok(placed);
        }
        loop {
            let round = match self.log_sequence(tenant, name, now).await {
                Err(StoreError::Altered) => {
                    self.halt_damaged(tenant, name, now).await?;
                    return Ok(placed);
                }
                Err(StoreError::Forged(_)) => {
                    self.halt_forged(tenant, name, now).await?;
                    return Ok(placed);
                }
                round => round?,
            };
            placed += round.leaves;
            // After every batch, so that a long queue does not keep the first of it waiting.
            match self.log_sign(tenant, name, now).await {
                Ok(()) if round.more => {}
                Ok(()) | Err(StoreError::Halted(_)) => return Ok(placed),
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives places to the leaves that wait in one log, up to [`BATCH_MAX`]. Where one of them, or the head that they follow,
    /// is not of this program, none gets a place.
    pub async fn log_sequence(&self, tenant: TenantId, name: LogName, now: Micros) -> Result<Sequenced, StoreError> {
        let key = self.keys.log_key(tenant).await?;
        let mut tx = self.db.begin().await?;
        if !lead(&mut tx, false).await? {
            return Ok(Sequenced { leaves: 0, more: false });
        }
        let queue = tx
            .fetch(
                "SELECT queue_id, leaf, mac FROM log_queue WHERE tenant_id = $1 AND name = $2 ORDER BY queue_id LIMIT $3",
                args![tenant.0, name.code(), BATCH_MAX],
            )
            .await?;
        if queue.is_empty() {
            return Ok(Sequenced { leaves: 0, more: false });
        }
        let mut edges = self.edges.lock().await;
        let Some(placing) = placing(&mut tx, tenant, name).await? else {
            return Ok(Sequenced { leaves: 0, more: false });
        };
        let head = placing.head;
        // The edge is taken out, so that a failure below makes the next round read it from the tables again. One of another
        // tree, which another process has gone on with meanwhile, is none.
        let mut edge = match edges.remove(&(tenant.0, name)) {
            Some(edge) if edge.size() == head.size && edge.root() == head.root => edge,
            _ => edge_load(&mut tx, &placing).await?,
        };
        let mut hashes = Vec::with_capacity(queue.len());
        let mut ids = Vec::with_capacity(queue.len());
        let hashing = Spent::now();
        let mut ours = key.made(&placing.origin, head, &placing.mac);
        for row in &queue {
            ours &= key.queued(name, row, 1)?;
            hashes.push(leaf_hash(row.bytes(1)?));
            ids.push(row.int(0)?);
        }
        if !ours {
            return Err(StoreError::Forged("log_queue"));
        }
        let tiles = edge.append_batch(&hashes);
        self.spent.add(Part::Hash, hashing);
        let count = ids.len();
        leaves_place(&mut tx, &placing, &ids).await?;
        tiles_write(&mut tx, placing.rows, tiles).await?;
        queue_delete(&mut tx, (tenant.0, name), &ids).await?;
        head_swap(&mut tx, &key, &placing, &edge).await?;
        let placed = self.of_tx(tx, tenant, now).commit_housekeeping(Housekeeping::Sequencer);
        self.faults.step(Step::Place, placed).await?;
        edges.insert((tenant.0, name), edge);
        Ok(Sequenced {
            leaves: count,
            more: count as i64 == BATCH_MAX,
        })
    }
}

/// Makes this transaction the one that orders: on SQLite it is alone as it is. On PostgreSQL it takes the leader's lock;
/// false where another process has it and this one does not `wait`. A process that freezes here is cut off, so that
/// another can lead.
pub(crate) async fn lead(tx: &mut Tx, wait: bool) -> Result<bool, StoreError> {
    if tx.engine() == Engine::Sqlite {
        return Ok(true);
    }
    tx.fetch(
        "SELECT set_config('idle_in_transaction_session_timeout', '15s', true)",
        args![],
    )
    .await?;
    if wait {
        let sql = "SELECT CASE WHEN pg_advisory_xact_lock($1) IS NULL THEN 1::BIGINT ELSE 1 END";
        tx.fetch(sql, args![LEADER_LOCK]).await?;
        return Ok(true);
    }
    let sql = "SELECT CASE WHEN pg_try_advisory_xact_lock($1) THEN 1::BIGINT ELSE 0 END";
    let row = tx.fetch_one(sql, args![LEADER_LOCK]).await?;
    Ok(row.ok_or(StoreError::NotFound)?.int(0)? == 1)
}

/// A log whose next leaves are given their places.
struct Placing {
    rows: LogRows,
    head: Mark,
    origin: String,
    mac: Vec<u8>,
}

/// The log as it is inside of the transaction; `None` while it is halted.
async fn placing(tx: &mut Tx, tenant: TenantId, name: LogName) -> Result<Option<Placing>, StoreError> {
    let sql =
        "SELECT generation, size, root, origin, mac FROM log WHERE tenant_id = $1 AND name = $2 AND halted IS NULL";
    let Some(row) = tx.fetch_one(sql, args![tenant.0, name.code()]).await? else {
        return Ok(None);
    };
    Ok(Some(Placing {
        rows: LogRows {
            tenant,
            name,
            generation: u32::try_from(row.int(0)?).map_err(|_| StoreError::Altered)?,
        },
        head: Mark {
            size: u64::try_from(row.int(1)?).map_err(|_| StoreError::Altered)?,
            root: row.hash(2)?,
        },
        origin: row.text(3)?,
        mac: row.blob(4)?,
    }))
}

async fn edge_load(tx: &mut Tx, log: &Placing) -> Result<TileEdge, StoreError> {
    let mut tiles = TileMap::default();
    for id in TileEdge::tiles_needed(log.head.size) {
        let row = tx.fetch_one(TILE, tile_at(log.rows, id)).await?;
        let hashes = decode_tile(&row.ok_or(StoreError::Altered)?.blob(0)?).map_err(|_| StoreError::Altered)?;
        tiles.insert(id.level, id.index, hashes);
    }
    let edge = TileEdge::from_tiles(log.head.size, &tiles).map_err(|_| StoreError::Altered)?;
    if edge.root() == log.head.root {
        Ok(edge)
    } else {
        Err(StoreError::Altered)
    }
}

pub(crate) async fn tiles_write(tx: &mut Tx, of: LogRows, tiles: Vec<(TileId, Vec<Hash>)>) -> Result<(), StoreError> {
    let row = |(id, hashes): (TileId, Vec<Hash>)| {
        let mut row = tile_at(of, id);
        row.extend(args![encode_tile(&hashes)]);
        row
    };
    let rows = tiles.into_iter().map(row).collect();
    tx.insert_many(
        "INSERT INTO log_tile (tenant_id, name, generation, level, position, hashes)",
        "ON CONFLICT (tenant_id, name, generation, level, position) DO UPDATE SET hashes = excluded.hashes",
        rows,
    )
    .await?;
    Ok(())
}

/// Copies the leaves from the queue to their places, without sending their bytes a second time. On PostgreSQL a
/// transaction that took its numbers earlier may commit later, so a span of numbers may by now hold rows that were not
/// read; only the rows that were read are placed, and only those go from the queue.
async fn leaves_place(tx: &mut Tx, log: &Placing, ids: &[i64]) -> Result<(), StoreError> {
    let (first, last) = (ids[0], ids[ids.len() - 1]);
    let sql = crate::db::Sql {
        lite: "INSERT INTO log_leaf (tenant_id, name, generation, position, leaf) \
               SELECT tenant_id, name, $4, $1 + row_number() OVER (ORDER BY queue_id) - 1, leaf FROM log_queue \
               WHERE tenant_id = $2 AND name = $3 AND queue_id BETWEEN $5 AND $6",
        pg: "INSERT INTO log_leaf (tenant_id, name, generation, position, leaf) \
             SELECT q.tenant_id, q.name, $4, $1 + p.number - 1, q.leaf FROM log_queue q \
             JOIN unnest(string_to_array($5, ',')::BIGINT[]) WITH ORDINALITY AS p (queue_id, number) \
             ON p.queue_id = q.queue_id WHERE q.tenant_id = $2 AND q.name = $3",
    };
    let LogRows {
        tenant,
        name,
        generation,
    } = log.rows;
    let mut values = args![log.head.size as i64, tenant.0, name.code(), i64::from(generation)];
    values.extend(match tx.engine() {
        Engine::Sqlite => args![first, last],
        Engine::Postgres => args![number_list(ids)],
    });
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
        Engine::Postgres => args![tenant, name.code(), number_list(ids)],
    };
    tx.exec(sql, values).await.map(drop)
}

/// Compares and swaps the head: fails where another leader was here.
async fn head_swap(tx: &mut Tx, key: &LogKey, log: &Placing, edge: &TileEdge) -> Result<(), StoreError> {
    let head = Mark {
        size: edge.size(),
        root: edge.root(),
    };
    let touched = tx
        .exec(
            "UPDATE log SET size = $1, root = $2, mac = $8 \
             WHERE tenant_id = $3 AND name = $4 AND origin = $5 AND size = $6 AND root = $7 AND halted IS NULL",
            args![
                head.size as i64,
                head.root.0.to_vec(),
                log.rows.tenant.0,
                log.rows.name.code(),
                log.origin.as_str(),
                log.head.size as i64,
                log.head.root.0.to_vec(),
                key.head_mac(&log.origin, head)
            ],
        )
        .await?;
    if touched == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
