//! The device's database: opening, migrating, and the two shapes of a transaction.
//!
//! One connection, write-ahead log, every commit on disk before it counts, what is deleted written over. Writing transactions start with BEGIN
//! IMMEDIATE, so that two processes on one folder come one after the other. Knows no table.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;

use doorstep_log::hash::Hash;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use uuid::Uuid;

use crate::error::DeviceError;

/// Name of the database inside the device's folder.
pub(crate) const FILE: &str = "device.db";
/// How long a process waits for another one on the same folder.
const WAIT_MAX: Duration = Duration::from_secs(10);

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// An open writing transaction; dropping it rolls back.
pub(crate) struct Tx {
    inner: Transaction<'static, Sqlite>,
    #[cfg(test)]
    faults: Faults,
}

impl Deref for Tx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }
}

impl Tx {
    /// Has everything of the transaction on the disk, or nothing.
    pub(crate) async fn commit(self) -> Result<(), DeviceError> {
        #[cfg(test)]
        if let Some(fault) = self.faults.meet() {
            if fault == CommitFault::Done {
                self.inner.commit().await?;
            }
            return Err(sqlx::Error::Io(std::io::Error::other("a test made the commit fail")).into());
        }
        Ok(self.inner.commit().await?)
    }
}

/// How a commit fails.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitFault {
    /// Nothing of it was done.
    Lost,
    /// All of it was done, and was reported as failed.
    Done,
}

/// The commit that fails: how many come before it, and how it does.
#[cfg(test)]
#[derive(Clone, Default)]
struct Faults(std::sync::Arc<std::sync::Mutex<Option<(usize, CommitFault)>>>);

#[cfg(test)]
impl Faults {
    fn meet(&self) -> Option<CommitFault> {
        let mut planned = self.0.lock().expect("no holder of the lock can panic");
        match planned.take() {
            Some((0, fault)) => Some(fault),
            waiting => {
                *planned = waiting.map(|(before, fault)| (before - 1, fault));
                None
            }
        }
    }
}

/// The database of one device.
#[derive(Clone)]
pub(crate) struct Db {
    pool: SqlitePool,
    #[cfg(test)]
    faults: Faults,
}

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
        Ok(Self {
            pool,
            #[cfg(test)]
            faults: Faults::default(),
        })
    }

    /// For single reads.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Begins a writing transaction.
    pub(crate) async fn begin(&self) -> Result<Tx, DeviceError> {
        Ok(Tx {
            inner: self.pool.begin_with("BEGIN IMMEDIATE").await?,
            #[cfg(test)]
            faults: self.faults.clone(),
        })
    }

    /// Makes a commit fail once, after so many that do not; `None` lets all succeed. Returns what was still to fail.
    #[cfg(test)]
    pub(crate) fn fail_commit(&self, planned: Option<(usize, CommitFault)>) -> Option<(usize, CommitFault)> {
        let mut faults = self.faults.0.lock().expect("no holder of the lock can panic");
        std::mem::replace(&mut faults, planned)
    }

    /// Leaves nothing of what was deleted: old pages are written over in the file, and the write-ahead log is emptied.
    /// What the disk itself keeps of old blocks is beyond a program; there it lies sealed.
    pub(crate) async fn forget(&self) -> Result<(), DeviceError> {
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.pool)
            .await?;
        if busy != 0 {
            tracing::warn!("another process reads the device's database; its log is emptied when that one closes");
        }
        Ok(())
    }

    /// Writes the whole file anew, so that no page of before is left.
    pub(crate) async fn rewrite(&self) -> Result<(), DeviceError> {
        sqlx::query("VACUUM").execute(&self.pool).await?;
        self.forget().await
    }

    /// Closes the connection; what was committed stays.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
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
