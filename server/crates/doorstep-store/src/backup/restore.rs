//! Restoring a backup into an empty store, in one transaction after the whole file was verified.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use doorstep_domain::id::{Alias, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use super::line::{Header, Line, LineReader};
use super::table::Table;
use super::{BackupFault, engine_name};
use crate::blind::{Rebuilt, rebuild};
use crate::db::{Engine, Tx, Value, args};
use crate::entry::{By, EntryKind, ServerEntry};
use crate::error::StoreError;
use crate::log::leaf_bytes;
use crate::store::{Store, StoreConfig, schema_known};

/// Rows that are written at once.
const ROWS_MAX: usize = 1_000;
/// Bytes of rows that are collected before they are written.
const BYTES_MAX: usize = 8 << 20;

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// Rows per table, in the order of the file.
    pub rows: Vec<(&'static str, u64)>,
    /// The engine that the backup came from.
    pub from: String,
    /// When the backup was taken.
    pub taken_at: Micros,
    /// Blind indexes that were made again.
    pub blind: u64,
    /// Cases that exact look-up by number does not find, because their sealed fields name no case number.
    pub cases_without_number: u64,
    /// Persons that were erased after the backup was taken, and stay erased.
    pub erased_again: u64,
    /// Keys destroyed because the backup knows of an erasure that the key store did not.
    pub keys_destroyed: usize,
}

fn open(path: &Path) -> Result<(Header, LineReader<BufReader<File>>), StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = File::open(path).map_err(|source| StoreError::file(&name, source))?;
    let (header, lines) = LineReader::open(BufReader::with_capacity(1 << 20, file))?;
    let known = schema_known();
    if header.schema > known {
        return Err(StoreError::NewerSchema {
            found: header.schema,
            known,
        });
    }
    Ok((header, lines))
}

/// Reads a backup to its end and says how many rows each table has. Writes nothing.
pub fn verify(path: &Path) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let (_, mut lines) = open(path)?;
    let mut rows: Vec<(&'static str, u64)> = Vec::new();
    while let Some(line) = lines.next()? {
        match (line, rows.last_mut()) {
            (Line::Table(table, _), _) => rows.push((table.name, 0)),
            (Line::Row(_), Some((_, count))) => *count += 1,
            (Line::Row(_), None) => {
                return Err(StoreError::Backup {
                    line: 2,
                    fault: BackupFault::Shape,
                });
            }
        }
    }
    Ok(rows)
}

/// Restores a backup into an empty store that has the backup's key store and key file beside it. The file is verified
/// to its end first; then everything lands in one transaction, so a crash leaves the store as empty as it was.
///
/// Erasures hold: persons whose keys were destroyed since are marked again, and keys of persons that the backup calls
/// erased are destroyed. Every tenant's log gets an entry.
pub async fn restore(config: &StoreConfig, path: &Path, now: Micros) -> Result<RestoreReport, StoreError> {
    verify(path)?;
    let store = Store::open(config).await?;
    let done = restore_into(&store, path, now).await;
    store.close().await;
    done
}

async fn restore_into(store: &Store, path: &Path, now: Micros) -> Result<RestoreReport, StoreError> {
    let (header, mut lines) = open(path)?;
    let mut tx = store.db.begin().await?;
    if tx.engine() == Engine::Postgres {
        // Nobody else may fill the store between the look and the commit.
        tx.exec("LOCK TABLE tenant IN EXCLUSIVE MODE", args![]).await?;
    }
    if tx
        .fetch_one("SELECT tenant_id FROM tenant LIMIT 1", args![])
        .await?
        .is_some()
    {
        return Err(StoreError::NotEmpty);
    }
    let rows = rows_write(&mut tx, &mut lines).await?;
    let mut report = RestoreReport {
        rows,
        from: header.engine,
        taken_at: Micros(header.taken_at),
        blind: 0,
        cases_without_number: 0,
        erased_again: 0,
        keys_destroyed: 0,
    };
    for row in tx
        .fetch("SELECT tenant_id FROM tenant ORDER BY tenant_id", args![])
        .await?
    {
        let tenant = row.id(0)?;
        // Without the tenant's key nothing of the backup could ever be opened.
        store.keys.tenant_key(tenant).await.map_err(|error| match error {
            StoreError::NotFound => StoreError::KeysMissing,
            other => other,
        })?;
        let erased = erase_again(&mut tx, store, tenant, now).await?;
        let Rebuilt {
            indexes,
            cases_without_number,
        } = rebuild(&mut tx, &store.keys, tenant).await?;
        report.erased_again += erased;
        report.blind += indexes;
        report.cases_without_number += cases_without_number;
        let entry = ServerEntry::new(EntryKind::Restored, By::PROGRAM)
            .with("from", report.from.as_str())
            .with("to", engine_name(store.engine()))
            .with("taken_at", report.taken_at.get())
            .with("erased_again", erased as i64);
        let leaf = leaf_bytes(TenantId(tenant), now, &entry.into())?;
        tx.exec(
            "INSERT INTO log_queue (tenant_id, name, leaf) VALUES ($1, 'events', $2)",
            args![tenant, leaf],
        )
        .await?;
        crate::reads::rebuild(&mut tx, tenant).await?;
    }
    tx.commit().await?;
    report.keys_destroyed = store.erasure_finish(now).await?;
    Ok(report)
}

async fn rows_write(
    tx: &mut Tx,
    lines: &mut LineReader<BufReader<File>>,
) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let mut counts: Vec<(&'static str, u64)> = Vec::new();
    let mut at: Option<(&'static Table, Vec<usize>)> = None;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    loop {
        let line = lines.next()?;
        let row_ended = !matches!(line, Some(Line::Row(_)));
        if (row_ended || rows.len() == ROWS_MAX || bytes >= BYTES_MAX)
            && let (Some((table, columns)), Some((_, count))) = (&at, counts.last_mut())
        {
            *count += rows.len() as u64;
            tx.insert_rows(&table.insert(columns), std::mem::take(&mut rows))
                .await?;
            bytes = 0;
        }
        match line {
            None => return Ok(counts),
            Some(Line::Table(table, columns)) => {
                counts.push((table.name, 0));
                at = Some((table, columns));
            }
            Some(Line::Row(row)) => {
                bytes += row.iter().map(size).sum::<usize>();
                rows.push(row);
            }
        }
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 16,
    }
}

/// Marks the persons whose keys were destroyed after the backup was taken, and closes their cases.
async fn erase_again(tx: &mut Tx, store: &Store, tenant: Uuid, now: Micros) -> Result<u64, StoreError> {
    let mut erased = 0;
    for (of, person, at) in store.keys.destroyed().await? {
        if of != tenant {
            continue;
        }
        let sql = "UPDATE person SET erased_at = $1 WHERE tenant_id = $2 AND person_id = $3 AND erased_at IS NULL \
                   RETURNING alias";
        if let Some(row) = tx.fetch_one(sql, args![at, tenant, person]).await? {
            // The entry of the erasure is newer than the backup; without one the payloads would count as missing.
            let entry = ServerEntry::new(EntryKind::SubjectErased, By::PROGRAM).about(Alias(row.id(0)?));
            let leaf = leaf_bytes(TenantId(tenant), now, &entry.reason("restored").into())?;
            let sql = "INSERT INTO log_queue (tenant_id, name, leaf) VALUES ($1, 'events', $2)";
            tx.exec(sql, args![tenant, leaf]).await?;
            erased += 1;
            let sql = "DELETE FROM payload WHERE tenant_id = $1 AND subject_id = $2";
            tx.exec(sql, args![tenant, person]).await?;
            let sql = "UPDATE address SET place_digest = NULL WHERE tenant_id = $1 AND person_id = $2";
            tx.exec(sql, args![tenant, person]).await?;
            let sql = "UPDATE cases SET status = 'closed', version = version + 1, updated_at = $1 \
                       WHERE tenant_id = $2 AND person_id = $3";
            tx.exec(sql, args![now, tenant, person]).await?;
        }
    }
    Ok(erased)
}
