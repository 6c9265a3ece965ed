//! Restoring a backup into an empty store, in one transaction after the whole file was verified.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use doorstep_domain::id::{Alias, PersonId, TenantId};
use doorstep_domain::measure::Micros;
use uuid::Uuid;

use super::line::{Header, Line, LineReader};
use super::table::Table;
use super::{BackupFault, engine_name};
use crate::adopt::{Rows, aliases_adopt, rows_adopt};
use crate::blind::{Rebuilt, rebuild};
use crate::case::case_close_of_person;
use crate::db::{Engine, Tx, Value, args};
use crate::entry::{By, EntryKind, LogName, ServerEntry};
use crate::erasure::ErasureCause;
use crate::error::StoreError;
use crate::log::leaf_bytes;
use crate::person::person_erase;
use crate::queue::QUEUE_INSERT;
use crate::sign::Halt;
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
    /// Keys destroyed because the backup or an export knows of an erasure that the key store did not.
    pub keys_destroyed: usize,
    /// Persons whom the backup calls erased though nothing shows who allowed it; their keys are kept.
    pub erasures_unproven: usize,
    /// Whether the key store is older than a checkpoint that was given: it is from a backup too, and may hold keys of persons
    /// who were erased since.
    pub keys_are_old: bool,
    /// Logs that are not signed any more, with why.
    pub halted: Vec<(String, Halt)>,
}

/// What is known from elsewhere about the time after a backup was taken.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Signed checkpoints: of exports, of witnesses, or that somebody kept.
    pub checkpoints: Vec<Vec<u8>>,
    /// Tenants and aliases of persons that an export names as erased.
    pub erased: Vec<(TenantId, Alias)>,
    /// Whether witnesses know the logs' heads: nothing is signed before enough of them were asked.
    pub witnessed: bool,
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
/// erased are destroyed. Every tenant's log gets an entry. Every log is halted until its tree is shown to extend the head
/// that was signed last; the operator's meta log, which holds only what tenants' logs hold too, goes on as a new one at once.
pub async fn restore(
    config: &StoreConfig,
    path: &Path,
    known: &Known,
    now: Micros,
) -> Result<RestoreReport, StoreError> {
    verify(path)?;
    let store = Store::open(config).await?;
    let done = restore_and_judge(&store, path, known, now).await;
    store.close().await;
    done
}

/// A crash right after the rows landed leaves keys, which the next start destroys, and halted logs, which the next round
/// looks at; what is known from elsewhere is in the key store before that.
async fn restore_and_judge(
    store: &Store,
    path: &Path,
    known: &Known,
    now: Micros,
) -> Result<RestoreReport, StoreError> {
    let keys_are_old = marks_take(store, known).await?;
    let mut report = restore_into(store, path, (known, keys_are_old), now).await?;
    // Once more, because one that is no larger than the mark is held against the tree.
    for signed in &known.checkpoints {
        store.mark_known(signed).await?;
    }
    let erasures = store.erasure_finish(now).await?;
    (report.keys_destroyed, report.erasures_unproven) = (erasures.finished, erasures.unproven.len());
    store.log_guard_all(now).await?;
    store.meta_continue(now).await?;
    report.halted = store.log_guard_all(now).await?;
    Ok(report)
}

/// Takes up the heads that are known from elsewhere; says whether the key store is older than one of them. A key store that
/// did not know them is from a backup too: its other marks say no more what was signed last, so they are forgotten, and a log
/// that nobody vouches for stays halted.
async fn marks_take(store: &Store, known: &Known) -> Result<bool, StoreError> {
    let before = store.keys.marks().await?;
    let mut named = BTreeSet::new();
    for signed in &known.checkpoints {
        named.insert(store.mark_known(signed).await?);
    }
    let after = store.keys.marks().await?;
    if after == before {
        return Ok(false);
    }
    for origin in before.keys().filter(|origin| !named.contains(*origin)) {
        store.keys.mark_forget(origin).await?;
    }
    Ok(true)
}

async fn restore_into(
    store: &Store,
    path: &Path,
    (known, keys_are_old): (&Known, bool),
    now: Micros,
) -> Result<RestoreReport, StoreError> {
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
    // Whoever restores a backup of a version that knew no MACs vouches for what it holds.
    for unsigned in Rows::ALL.into_iter().filter(|rows| header.schema < rows.schema()) {
        rows_adopt(&mut tx, &store.keys, unsigned).await?;
    }
    let mut report = RestoreReport {
        rows,
        from: header.engine,
        taken_at: Micros(header.taken_at),
        blind: 0,
        cases_without_number: 0,
        erased_again: 0,
        keys_destroyed: 0,
        erasures_unproven: 0,
        keys_are_old,
        halted: Vec::new(),
    };
    halt_all(&mut tx, known.witnessed, keys_are_old).await?;
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
        aliases_adopt(&mut tx, &store.keys, tenant).await?;
        // Persons whose keys are still there are indexed first, so that erasing them leaves their tombstones.
        let Rebuilt {
            indexes,
            cases_without_number,
        } = rebuild(&mut tx, &store.keys, tenant).await?;
        let erased = erase_again(&mut tx, store, tenant, known, now).await?;
        report.erased_again += erased;
        report.blind += indexes;
        report.cases_without_number += cases_without_number;
        let entry = ServerEntry::new(EntryKind::Restored, By::PROGRAM)
            .with("from", report.from.as_str())
            .with("to", engine_name(store.engine()))
            .with("taken_at", report.taken_at.get())
            .with("erased_again", erased as i64);
        let leaf = leaf_bytes(TenantId(tenant), now, &entry.into())?;
        queue_one(&mut tx, store, tenant, leaf).await?;
        crate::reads::rebuild(&mut tx, tenant).await?;
    }
    tx.commit().await?;
    Ok(report)
}

/// Queues a leaf in a tenant's log of changes.
async fn queue_one(tx: &mut Tx, store: &Store, tenant: Uuid, leaf: Vec<u8>) -> Result<(), StoreError> {
    let row = store.keys.log_key(TenantId(tenant)).await?.row(LogName::Events, leaf);
    tx.insert_many(QUEUE_INSERT, "", vec![row]).await.map(drop)
}

/// Before anything can be signed: who restored may have an older head than strangers hold. What was signed of a log that is
/// empty here the key store knows, unless it is old itself.
async fn halt_all(tx: &mut Tx, witnessed: bool, keys_are_old: bool) -> Result<(), StoreError> {
    let halt = if witnessed { Halt::Unasked } else { Halt::Restored };
    let sql = "UPDATE log SET halted = $1 WHERE (size > 0 OR $2 = 1) AND halted IS NULL";
    tx.exec(sql, args![halt.code(), i64::from(keys_are_old)])
        .await
        .map(drop)
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

/// Erases again who was erased after the backup was taken, as the key store and exports remember, and closes their cases.
async fn erase_again(tx: &mut Tx, store: &Store, tenant: Uuid, known: &Known, now: Micros) -> Result<u64, StoreError> {
    let mut gone: Vec<(Uuid, Micros)> = Vec::new();
    for (of, person, at) in store.keys.destroyed().await? {
        if of == tenant {
            gone.push((person, at));
        }
    }
    for (of, alias) in &known.erased {
        let sql = "SELECT person_id FROM person WHERE tenant_id = $1 AND alias = $2";
        if of.0 == tenant
            && let Some(row) = tx.fetch_one(sql, args![tenant, alias.0]).await?
        {
            let person = row.id(0)?;
            let exported = ErasureCause::Exported;
            store
                .keys
                .erasure_allow(*of, &[PersonId(person)], exported, now)
                .await?;
            gone.push((person, now));
        }
    }
    let mut erased = 0;
    for (person, at) in gone {
        // A recording goes by a key of its own.
        let sql = "UPDATE recording SET state = 'gone', gone_at = $1 WHERE tenant_id = $2 AND recording_id = $3";
        tx.exec(sql, args![at, tenant, person]).await?;
        let sql = "SELECT alias FROM person WHERE tenant_id = $1 AND person_id = $2 AND erased_at IS NULL";
        let Some(row) = tx.fetch_one(sql, args![tenant, person]).await? else {
            continue;
        };
        person_erase(tx, tenant, person, at).await?;
        tombstones_put(tx, store, tenant, person).await?;
        // The entry of the erasure is newer than the backup; without one the payloads would count as missing.
        let entry = ServerEntry::new(EntryKind::SubjectErased, By::PROGRAM).about(Alias(row.id(0)?));
        let leaf = leaf_bytes(TenantId(tenant), now, &entry.reason("restored").into())?;
        queue_one(tx, store, tenant, leaf).await?;
        case_close_of_person(tx, tenant, person, now).await?;
        erased += 1;
    }
    Ok(erased)
}

/// Puts back the keyed hashes of an erased person's case numbers, so that the next file does not bring the person back.
async fn tombstones_put(tx: &mut Tx, store: &Store, tenant: Uuid, person: Uuid) -> Result<(), StoreError> {
    let tombstones = store.keys.tombstones(tenant, person).await?;
    let rows = tombstones
        .iter()
        .map(|(digest, owner)| args![tenant, "erased", *digest, *owner]);
    let head = "INSERT INTO blind (tenant_id, kind, digest, owner_id)";
    tx.insert_many(head, "ON CONFLICT DO NOTHING", rows.collect()).await?;
    Ok(())
}
