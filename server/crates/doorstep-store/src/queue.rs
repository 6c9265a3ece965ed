//! Rows of the queue and heads of the logs, as only this program can have written them: each has a MAC under a key of the key
//! store. A row without one is never placed, and a head without one is never built on nor signed: the log is halted.

use doorstep_domain::id::TenantId;
use doorstep_log::hash::leaf_hash;
use doorstep_log::tree::{Frontier, TileMap};
use uuid::Uuid;

use crate::db::{Row, Tx, Value, args};
use crate::entry::LogName;
use crate::error::StoreError;
use crate::keys::KeyStore;
use crate::mac::MacKey;
use crate::mark::Mark;
use crate::write::WriteTx;

/// What vouches for what of one tenant waits in the queue, and for the heads of its logs.
#[derive(Debug)]
pub(crate) struct LogKey {
    tenant: Uuid,
    queue: MacKey,
    head: MacKey,
}

impl KeyStore {
    /// The key for the queue and the heads of a tenant.
    pub(crate) async fn log_key(&self, tenant: TenantId) -> Result<LogKey, StoreError> {
        let key = self.tenant_key(tenant.0).await?;
        Ok(LogKey {
            tenant: tenant.0,
            queue: MacKey::of(&key, "log_queue"),
            head: MacKey::of(&key, "log"),
        })
    }
}

/// The statement for rows that [`LogKey::row`] makes.
pub(crate) const QUEUE_INSERT: &str = "INSERT INTO log_queue (tenant_id, name, leaf, mac)";

impl LogKey {
    fn leaf_mac(&self, name: &str, leaf: &[u8]) -> Vec<u8> {
        let parts: [&[u8]; 3] = [self.tenant.as_bytes(), name.as_bytes(), leaf];
        self.queue.mac(&parts).to_vec()
    }

    /// The row of a leaf that waits.
    pub(crate) fn row(&self, name: LogName, leaf: Vec<u8>) -> Vec<Value> {
        let mac = self.leaf_mac(name.code(), &leaf);
        args![self.tenant, name.code(), leaf, mac]
    }

    /// Whether this program queued the leaf of a row, which has its bytes and their MAC from column `first` on.
    pub(crate) fn queued(&self, name: LogName, row: &Row, first: usize) -> Result<bool, StoreError> {
        let parts: [&[u8]; 3] = [self.tenant.as_bytes(), name.code().as_bytes(), row.bytes(first)?];
        Ok(self.queue.holds(&parts, row.bytes(first + 1)?))
    }

    /// What vouches for a head.
    pub(crate) fn head_mac(&self, origin: &str, head: Mark) -> Vec<u8> {
        self.head.mac(&[self.head_text(origin, head).as_bytes()]).to_vec()
    }

    /// Whether this program made a head; that of an empty log needs nobody who vouches for it.
    pub(crate) fn made(&self, origin: &str, head: Mark, mac: &[u8]) -> bool {
        head.size == 0 || self.head.holds(&[self.head_text(origin, head).as_bytes()], mac)
    }

    fn head_text(&self, origin: &str, head: Mark) -> String {
        format!("{}\n{origin}\n{}\n{}", self.tenant, head.size, head.root)
    }
}

/// Vouches for what waits and for the heads of a tenant in rows of a version that knew no MACs.
pub(crate) async fn queue_adopt(tx: &mut Tx, keys: &KeyStore, tenant: TenantId) -> Result<(), StoreError> {
    let key = keys.log_key(tenant).await?;
    let sql = "SELECT name, queue_id, leaf FROM log_queue WHERE tenant_id = $1 AND length(mac) = 0";
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let mac = key.leaf_mac(&row.text(0)?, row.bytes(2)?);
        tx.exec(
            "UPDATE log_queue SET mac = $1 WHERE queue_id = $2",
            args![mac, row.int(1)?],
        )
        .await?;
    }
    let sql = "SELECT name, origin, size, root FROM log WHERE tenant_id = $1 AND length(mac) = 0 AND size > 0";
    for row in tx.fetch(sql, args![tenant.0]).await? {
        let head = Mark {
            size: row.int(2)? as u64,
            root: row.hash(3)?,
        };
        let mac = key.head_mac(&row.text(1)?, head);
        let sql = "UPDATE log SET mac = $1 WHERE tenant_id = $2 AND name = $3";
        tx.exec(sql, args![mac, tenant.0, row.text(0)?]).await?;
    }
    Ok(())
}

/// Takes the leaves that somebody else wrote out of the queue of a log.
pub(crate) async fn queue_take_forged(
    tx: &mut WriteTx,
    key: &LogKey,
    name: LogName,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT queue_id, leaf, mac FROM log_queue WHERE tenant_id = $1 AND name = $2 ORDER BY queue_id";
    let mut forged = Vec::new();
    for row in tx.fetch(sql, args![tx.tenant(), name.code()]).await? {
        if !key.queued(name, &row, 1)? {
            forged.push(row.blob(1)?);
            tx.exec("DELETE FROM log_queue WHERE queue_id = $1", args![row.int(0)?])
                .await?;
        }
    }
    Ok(forged)
}

/// Keeps leaves that are not of this program as evidence.
pub(crate) async fn queue_refuse(tx: &mut WriteTx, name: LogName, leaves: Vec<Vec<u8>>) -> Result<(), StoreError> {
    let (tenant, now, count) = (tx.tenant(), tx.now(), leaves.len());
    if count > 0 {
        tracing::error!(tenant.id = %tenant, log.name = %name, count, "leaves that somebody else wrote were set aside");
    }
    let rows = leaves.into_iter().map(|leaf| args![tenant, name.code(), leaf, now]);
    let head = "INSERT INTO log_refused (tenant_id, name, leaf, refused_at)";
    tx.insert_many(head, "", rows.collect()).await.map(drop)
}

/// Whether the tree of `size` leaves leads with these to a head.
pub(crate) fn leads(tiles: &TileMap, size: u64, leaves: &[Vec<u8>], head: Mark) -> bool {
    let Ok(mut tree) = Frontier::from_tiles(size, tiles) else {
        return false;
    };
    for leaf in leaves {
        tree.append(leaf_hash(leaf));
    }
    (tree.size(), tree.root()) == (head.size, head.root)
}
