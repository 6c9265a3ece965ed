//! The device's database: opening, migrating, and the two shapes of a transaction.
//!
//! One connection, write-ahead log, every commit on disk before it counts, what is deleted written over. Writing transactions start with BEGIN
//! IMMEDIATE, so that two processes on one folder come one after the other. Knows no table.

use std::path::Path;
use std::time::Duration;

use doorstep_log::hash::Hash;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use uuid::Uuid;

use crate::error::DeviceError;

/// Name of the database inside the device's folder.
pub(crate) const FILE: &str = "device.db";
/// How long a process waits for another one on the same folder.
const WAIT_MAX: Duration = Duration::from_secs(10);

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// An open writing transaction; dropping it rolls back.
pub(crate) type Tx = Transaction<'static, Sqlite>;

/// The database of one device.
#[derive(Clone)]
pub(crate) struct Db(SqlitePool);

impl Db {
    /// Opens the database in `dir`, making it where `create` says so, and brings it up to date.
    pub(crate) async fn open(dir: &Path, create: bool) -> Result<Self, DeviceError> {
        let path = dir.join(FILE);
        if create {
            create_private(dir, &path)?;
        } else if !path.is_file() {
            return Err(DeviceError::NotEnrolled { dir: dir.to_owned() });
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            .busy_timeout(WAIT_MAX);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT_MAX)
            .connect_with(options)
            .await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self(pool))
    }

    /// For single reads.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.0
    }

    /// Begins a writing transaction.
    pub(crate) async fn begin(&self) -> Result<Tx, DeviceError> {
        Ok(self.0.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Leaves nothing of what was deleted: old pages are written over in the file, and the write-ahead log is emptied.
    /// What the disk itself keeps of old blocks is beyond a program; there it lies sealed.
    pub(crate) async fn forget(&self) -> Result<(), DeviceError> {
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.0)
            .await?;
        if busy != 0 {
            tracing::warn!("another process reads the device's database; its log is emptied when that one closes");
        }
        Ok(())
    }

    /// Writes the whole file anew, so that no page of before is left.
    pub(crate) async fn rewrite(&self) -> Result<(), DeviceError> {
        sqlx::query("VACUUM").execute(&self.0).await?;
        self.forget().await
    }

    /// Closes the connection; what was committed stays.
    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}

/// Makes folder and file readable by their owner only, before anything is in them.
fn create_private(dir: &Path, path: &Path) -> Result<(), DeviceError> {
    let file_error = |cause| DeviceError::File {
        path: path.to_owned(),
        cause,
    };
    let mut folder = std::fs::DirBuilder::new();
    let mut file = std::fs::OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folder.mode(0o700);
        file.mode(0o600);
    }
    folder.recursive(true).create(dir).map_err(file_error)?;
    file.write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(file_error)?;
    Ok(())
}

/// Sixteen bytes as an id.
pub(crate) fn id_of(bytes: &[u8], what: &'static str) -> Result<Uuid, DeviceError> {
    Uuid::from_slice(bytes).map_err(|_| DeviceError::Corrupt { what })
}

/// Thirty-two bytes as a hash.
pub(crate) fn hash_of(bytes: &[u8], what: &'static str) -> Result<Hash, DeviceError> {
    bytes.try_into().map(Hash).map_err(|_| DeviceError::Corrupt { what })
}
