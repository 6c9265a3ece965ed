//! Reading the logs, and turning entries into the bytes of their leaves.

use std::collections::BTreeMap;

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::canonical::Value as Json;
use doorstep_log::leaf::{Algorithm, DeviceEvent, Leaf, ServerEntry};
use doorstep_log::note::{SigningKey, VerifierKey};
use doorstep_log::proof::Proof;
use doorstep_log::tile::decode_tile;
use doorstep_log::tree::{TileMap, inclusion_proof, tiles_for_inclusion};

use crate::db::args;
use crate::entry::{Detail, Entry, LogName};
use crate::error::StoreError;
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
            alg: Algorithm::Ed25519,
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

impl Store {
    /// The head of a log.
    pub async fn log_head(&self, tenant: TenantId, name: LogName) -> Result<LogHead, StoreError> {
        let sql = "SELECT origin, size, note, note_size FROM log WHERE tenant_id = $1 AND name = $2";
        let row = self
            .db
            .fetch_one(sql, args![tenant.0, name.code()])
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(LogHead {
            origin: row.text(0)?,
            size: row.int(1)? as u64,
            note: row.text(2)?,
            note_size: row.int(3)? as u64,
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
        let sql = "SELECT leaf FROM log_leaf WHERE tenant_id = $1 AND name = $2 AND position >= $3 AND position < $4 \
                   ORDER BY position";
        let at = args![tenant.0, name.code(), from as i64, (from + count) as i64];
        self.db.fetch(sql, at).await?.iter().map(|row| row.blob(0)).collect()
    }

    /// The key that signs a log; its verifying half is what strangers need.
    pub async fn log_key(&self, tenant: TenantId, name: LogName) -> Result<SigningKey, StoreError> {
        let head = self.log_head(tenant, name).await?;
        let seed = self.keys.signing_seed(tenant.0, LOG_KEY).await?;
        SigningKey::from_seed(&head.origin, &seed).map_err(|_| StoreError::Altered)
    }

    /// The seed of the key that signs the tenant's logs, for the manifest of an export.
    pub async fn log_seed(&self, tenant: TenantId) -> Result<[u8; 32], StoreError> {
        self.keys.signing_seed(tenant.0, LOG_KEY).await
    }

    /// The verifying key of a log.
    pub async fn log_verifier(&self, tenant: TenantId, name: LogName) -> Result<VerifierKey, StoreError> {
        Ok(self.log_key(tenant, name).await?.verifier())
    }

    /// One leaf with the proof that it stands under the newest checkpoint; `NotFound` where it does not (yet).
    pub async fn log_proof(&self, tenant: TenantId, name: LogName, index: u64) -> Result<(Vec<u8>, Proof), StoreError> {
        let head = self.log_head(tenant, name).await?;
        if index >= head.note_size {
            return Err(StoreError::NotFound);
        }
        let leaf = self
            .log_leaves(tenant, name, index, 1)
            .await?
            .pop()
            .ok_or(StoreError::NotFound)?;
        let mut tiles = TileMap::default();
        for id in tiles_for_inclusion(index, head.note_size).map_err(|_| StoreError::NotFound)? {
            let sql = "SELECT hashes FROM log_tile WHERE tenant_id = $1 AND name = $2 AND level = $3 AND position = $4";
            let at = args![tenant.0, name.code(), i64::from(id.level), id.index as i64];
            let row = self.db.fetch_one(sql, at).await?.ok_or(StoreError::Altered)?;
            tiles.insert(
                id.level,
                id.index,
                decode_tile(&row.blob(0)?).map_err(|_| StoreError::Altered)?,
            );
        }
        let hashes = inclusion_proof(&tiles, index, head.note_size).map_err(|_| StoreError::Altered)?;
        Ok((
            leaf,
            Proof {
                extra: None,
                index,
                hashes,
                checkpoint: head.note.into_bytes(),
            },
        ))
    }
}
