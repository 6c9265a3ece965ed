//! Reading the logs, and turning entries into the bytes of their leaves.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::canonical::Value as Json;
use doorstep_log::hash::Hash;
use doorstep_log::leaf::{DeviceEvent, Leaf, ServerEntry};
use doorstep_log::note::{SigningKey, VerifierKey};
use doorstep_log::proof::Proof;
use doorstep_log::tile::{TileId, decode_tile};
use doorstep_log::tree::{TileMap, consistency_proof, inclusion_proof, tiles_for_consistency, tiles_for_inclusion};
use zeroize::Zeroizing;

use crate::db::{Sql, Value, args, number_list};
use crate::entry::{Detail, Entry, LogName};
use crate::error::StoreError;
use crate::sign::Halt;
use crate::store::Store;

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// Name of the log for strangers: `<deployment>/<tenant>/<log>`.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The newest signed checkpoint; empty before the first leaf.
    pub note: String,
    /// Number of leaves under that checkpoint.
    pub note_size: u64,
    /// Which generation of the log it is, from 1: after a restore that lost entries a log goes on under a new origin.
    pub generation: u32,
    /// Why it is not signed any more, if it is not.
    pub halted: Option<Halt>,
}

/// Which rows are those of a log: each generation has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LogRows {
    pub(crate) tenant: TenantId,
    pub(crate) name: LogName,
    pub(crate) generation: u32,
}

/// The name of the key, in the key store, that signs both logs of a tenant and the manifests of their exports.
pub const LOG_KEY: &str = "log";

fn json(detail: &Detail) -> Json {
    match detail {
        Detail::Text(text) => Json::Text(text.clone()),
        Detail::Int(number) => Json::Integer(*number),
        Detail::List(list) => Json::Array(list.iter().cloned().map(Json::Text).collect()),
    }
}

/// The bytes of an entry's leaf.
pub(crate) fn leaf_bytes(tenant: TenantId, now: Micros, entry: &Entry) -> Result<Vec<u8>, StoreError> {
    leaf_of(tenant, now, entry).encode().map_err(StoreError::Leaf)
}

/// An entry's leaf.
pub(crate) fn leaf_of(tenant: TenantId, now: Micros, entry: &Entry) -> Leaf {
    match entry {
        Entry::Device(event) => Leaf::Device(DeviceEvent {
            ten: tenant.to_string(),
            // The place is not known before the sequencer gives it; zero says so.
            seq_hint: 0,
            recv_ms: now.millis(),
            hdr: event.hdr.clone(),
            kid: event.kid.clone(),
            alg: event.alg.clone(),
            sig: event.sig.clone(),
        }),
        Entry::Server(entry) => Leaf::Server(ServerEntry {
            ten: tenant.to_string(),
            t: entry.kind.code().to_owned(),
            recv_ms: now.millis(),
            actor: entry
                .by
                .actor
                .map_or_else(|| "program".to_owned(), |alias| alias.to_string()),
            session: entry.by.session.map(|session| session.to_string()),
            subj: entry.subjects.iter().map(ToString::to_string).collect(),
            visit: entry.visit.map(|visit| visit.to_string()),
            reason: entry.reason.clone(),
            pc: entry.commitment,
            eid: entry.event.map(|event| event.to_string()),
            detail: entry
                .detail
                .iter()
                .map(|(name, detail)| (name.clone(), json(detail)))
                .collect::<BTreeMap<_, _>>(),
        }),
    }
}

/// Reads one tile.
pub(crate) const TILE: &str = "SELECT hashes FROM log_tile WHERE tenant_id = $1 AND name = $2 AND generation = $3 \
                               AND level = $4 AND position = $5";

/// Where a tile is.
pub(crate) fn tile_at(of: LogRows, id: TileId) -> Vec<Value> {
    args![
        of.tenant.0,
        of.name.code(),
        i64::from(of.generation),
        i64::from(id.level),
        id.index as i64
    ]
}

impl Store {
    /// The head of a log.
    pub async fn log_head(&self, tenant: TenantId, name: LogName) -> Result<LogHead, StoreError> {
        let stored = self.log_stored(tenant, name).await?;
        Ok(LogHead {
            origin: stored.origin,
            size: stored.head.size,
            note: stored.note,
            note_size: stored.note_size,
            generation: stored.rows.generation,
            halted: stored.halted,
        })
    }

    /// How many entries wait for the sequencer.
    pub async fn log_queue_len(&self) -> Result<i64, StoreError> {
        let row = self.db.fetch_one("SELECT count(*) FROM log_queue", args![]).await?;
        row.ok_or(StoreError::NotFound)?.int(0)
    }

    /// Leaves `from..from + count` of a log, in order.
    pub async fn log_leaves(
        &self,
        tenant: TenantId,
        name: LogName,
        from: u64,
        count: u64,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let log = self.log_stored(tenant, name).await?;
        self.leaves_of(log.rows, from, count).await
    }

    /// Leaves `from..from + count` of a generation.
    pub(crate) async fn leaves_of(&self, of: LogRows, from: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT leaf FROM log_leaf WHERE tenant_id = $1 AND name = $2 AND generation = $3 \
                   AND position >= $4 AND position < $5 ORDER BY position";
        let until = from.saturating_add(count).min(i64::MAX as u64);
        let at = args![
            of.tenant.0,
            of.name.code(),
            i64::from(of.generation),
            from as i64,
            until as i64
        ];
        self.db.fetch(sql, at).await?.iter().map(|row| row.blob(0)).collect()
    }

    /// The key that signs a log; its verifying half is what strangers need.
    pub async fn log_key(&self, tenant: TenantId, name: LogName) -> Result<SigningKey, StoreError> {
        let head = self.log_head(tenant, name).await?;
        let seed = self.keys.signing_seed(tenant.0, LOG_KEY).await?;
        SigningKey::from_seed(&head.origin, &seed).map_err(|_| StoreError::Altered)
    }

    /// The seed of the key that signs the tenant's logs, for the manifest of an export; wiped when dropped.
    pub async fn log_seed(&self, tenant: TenantId) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        self.keys.signing_seed(tenant.0, LOG_KEY).await
    }

    /// The verifying key of a log.
    pub async fn log_verifier(&self, tenant: TenantId, name: LogName) -> Result<VerifierKey, StoreError> {
        Ok(self.log_key(tenant, name).await?.verifier())
    }

    /// One leaf with the proof that it stands under the newest checkpoint; `NotFound` where it does not (yet).
    pub async fn log_proof(&self, tenant: TenantId, name: LogName, index: u64) -> Result<(Vec<u8>, Proof), StoreError> {
        let log = self.log_stored(tenant, name).await?;
        self.proof_in(log.rows, (log.note_size, &log.note), index).await
    }

    /// One leaf of a generation with the proof that it stands under `note`.
    pub(crate) async fn proof_in(
        &self,
        of: LogRows,
        (size, note): (u64, &str),
        index: u64,
    ) -> Result<(Vec<u8>, Proof), StoreError> {
        let needed = tiles_for_inclusion(index, size).map_err(|_| StoreError::NotFound)?;
        let leaf = self.leaves_of(of, index, 1).await?.pop();
        let tiles = self.log_tiles(of, needed).await?;
        let hashes = inclusion_proof(&tiles, index, size).map_err(|_| StoreError::Altered)?;
        let proof = Proof {
            extra: None,
            index,
            hashes,
            checkpoint: note.as_bytes().to_vec(),
        };
        Ok((leaf.ok_or(StoreError::NotFound)?, proof))
    }

    /// Stored tiles of a log, those of a level together; those that are not there or cannot be read are left out, and whoever
    /// needs them is told by the tree.
    pub(crate) async fn log_tiles(
        &self,
        of: LogRows,
        needed: impl IntoIterator<Item = TileId>,
    ) -> Result<TileMap, StoreError> {
        let sql = Sql {
            lite: "SELECT position, hashes FROM log_tile WHERE tenant_id = $1 AND name = $2 AND generation = $3 \
                   AND level = $4 AND position IN (SELECT value FROM json_each('[' || $5 || ']'))",
            pg: "SELECT position, hashes FROM log_tile WHERE tenant_id = $1 AND name = $2 AND generation = $3 \
                 AND level = $4 AND position = ANY (string_to_array($5, ',')::BIGINT[])",
        };
        let mut levels: BTreeMap<u8, BTreeSet<u64>> = BTreeMap::new();
        for id in needed {
            levels.entry(id.level).or_default().insert(id.index);
        }
        let mut tiles = TileMap::default();
        for (level, places) in levels {
            let places: Vec<i64> = places.into_iter().map(|place| place as i64).collect();
            let at = args![
                of.tenant.0,
                of.name.code(),
                i64::from(of.generation),
                i64::from(level),
                number_list(&places)
            ];
            for row in self.db.fetch(sql, at).await? {
                if let Ok(hashes) = decode_tile(row.bytes(1)?) {
                    tiles.insert(level, row.int(0)? as u64, hashes);
                }
            }
        }
        Ok(tiles)
    }

    /// Proof that the log of `new` leaves extends the log of `old`; `NotFound` where `old` is larger.
    pub async fn log_consistency(
        &self,
        tenant: TenantId,
        name: LogName,
        (old, new): (u64, u64),
    ) -> Result<Vec<Hash>, StoreError> {
        let wanted = tiles_for_consistency(old, new).map_err(|_| StoreError::NotFound)?;
        let rows = self.log_stored(tenant, name).await?.rows;
        let tiles = self.log_tiles(rows, wanted).await?;
        consistency_proof(&tiles, old, new).map_err(|_| StoreError::Altered)
    }
}
