//! The store: opens both databases, brings them to this version, hands out readers and writing transactions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::tree::TileEdge;
use sqlx::migrate::Migrator;
use tokio::sync::{Mutex, Notify, RwLock};
use uuid::Uuid;

use crate::db::{Db, Engine, Pools, Tx, args};
use crate::entry::LogName;
use crate::error::StoreError;
use crate::fold::Folds;
use crate::keys::{self, KeyStore};
use crate::spent::Spent;
use crate::write::WriteTx;

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");
static SQLITE_KEYS: Migrator = sqlx::migrate!("./migrations/sqlite-keys");
static POSTGRES_KEYS: Migrator = sqlx::migrate!("./migrations/postgres-keys");

/// Where the data lies.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://…`. May hold a password.
    pub url: String,
    /// The key store: another file or another database.
    pub keys_url: String,
    /// The file with the key outside the database.
    pub key_file: PathBuf,
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig")
            .field("key_file", &self.key_file)
            .finish_non_exhaustive()
    }
}

impl StoreConfig {
    /// The files of a data folder on SQLite.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            url: format!("sqlite:{}", folder.join("doorstep.db").display()),
            keys_url: format!("sqlite:{}", folder.join("keys.db").display()),
            key_file: folder.join("doorstep.key"),
        }
    }
}

/// The tree edges that the sequencer keeps between batches, by tenant and log.
pub(crate) type Edges = Arc<Mutex<HashMap<(Uuid, LogName), TileEdge>>>;

/// The store. Cheap to clone; all clones share connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) keys: KeyStore,
    pub(crate) edges: Edges,
    pub(crate) queued: Arc<Notify>,
    pub(crate) spent: Arc<Spent>,
    pub(crate) folds: Arc<Folds>,
    turn: Arc<RwLock<()>>,
    pub(crate) faults: crate::step::Faults,
}

impl Store {
    /// Makes the key file and opens a new store.
    pub async fn create(config: &StoreConfig) -> Result<Self, StoreError> {
        keys::kek_create(&config.key_file)?;
        Self::open(config).await
    }

    /// Opens the store and brings its schema to this version. A newer schema is refused and left as it is.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let kek = keys::kek_read(&config.key_file)?;
        let spent = Arc::<Spent>::default();
        let db = Db::open(&config.url, &spent).await?;
        // Keys are no part of events.
        let keys_db = Db::open(&config.keys_url, &Arc::default()).await?;
        migrate(&db, &config.url, (&SQLITE, &POSTGRES)).await?;
        migrate(&keys_db, &config.keys_url, (&SQLITE_KEYS, &POSTGRES_KEYS)).await?;
        let keys = KeyStore::new(keys_db, kek);
        // A wrong key file is noticed here, not when the first name is to be shown.
        keys.check().await?;
        keys.operator_create().await?;
        let store = Self {
            db,
            keys,
            edges: Edges::default(),
            queued: Arc::default(),
            spent,
            folds: Arc::default(),
            turn: Arc::default(),
            faults: crate::step::Faults::default(),
        };
        store.adopt().await?;
        Ok(store)
    }

    /// Which engine holds the data.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.db.engine()
    }

    /// Where the time of events goes, since the start of the process.
    #[must_use]
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    /// The key store.
    #[must_use]
    pub fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// Begins a writing transaction of one tenant at `now`.
    pub async fn write(&self, tenant: TenantId, now: Micros) -> Result<WriteTx, StoreError> {
        Ok(self.of_tx(self.db.begin().await?, tenant, now))
    }

    /// As [`Store::write`], for a push: behind a long transaction that is about to begin.
    pub async fn write_push(&self, tenant: TenantId, now: Micros) -> Result<WriteTx, StoreError> {
        let turn = self.turn.read().await;
        let tx = self.write(tenant, now).await;
        // Given back once it has begun: the engine keeps the order from here on.
        drop(turn);
        tx
    }

    /// As [`Store::write`], for a transaction that takes seconds. On SQLite nobody else writes meanwhile, the sequencer
    /// neither, so what pushes were told to be accepted is brought under a checkpoint first.
    pub async fn write_long(&self, tenant: TenantId, now: Micros) -> Result<WriteTx, StoreError> {
        if self.engine() == Engine::Postgres {
            return self.write(tenant, now).await;
        }
        let turn = self.turn.write().await;
        if let Err(error) = self.log_sequence_all(now).await {
            // The sequencer tries again after it; until then these entries wait, as they would without this round.
            tracing::warn!(%error, "no round of the sequencer came before a long transaction");
        }
        let tx = self.write(tenant, now).await;
        drop(turn);
        tx
    }

    pub(crate) fn of_tx(&self, tx: Tx, tenant: TenantId, now: Micros) -> WriteTx {
        let shared = (Arc::clone(&self.queued), Arc::clone(&self.spent), self.faults.clone());
        WriteTx::new(tx, tenant, now, self.keys.clone(), shared)
    }

    /// Waits until something was queued for the log since the last call.
    pub async fn queued(&self) {
        self.queued.notified().await;
    }

    /// Closes all connections; SQLite folds its write-ahead file into the database.
    pub async fn close(&self) {
        self.db.close().await;
        self.keys.db.close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.db.fetch("SELECT 1", args![]).await.map(|_| ())
    }

    /// The number of the newest migration.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        Ok(schema_found(&self.db).await?.unwrap_or(0))
    }

    /// What SQLite says of the health of those databases that lie in its files; empty where all is well. The main database
    /// and the key store may be under different engines.
    pub async fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for db in [&self.db, &self.keys.db] {
            if db.engine() == Engine::Sqlite {
                for row in db.fetch("PRAGMA integrity_check", args![]).await? {
                    found.push(row.text(0)?);
                }
            }
        }
        found.retain(|line| line != "ok");
        Ok(found)
    }
}

async fn schema_found(db: &Db) -> Result<Option<i64>, StoreError> {
    let there = crate::db::Sql {
        lite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
        pg: "SELECT count(*) FROM pg_class WHERE relname = '_sqlx_migrations'",
    };
    let row = db.fetch_one(there, args![]).await?.ok_or(StoreError::NotFound)?;
    if row.int(0)? == 0 {
        return Ok(None);
    }
    let row = db
        .fetch_one("SELECT max(version) FROM _sqlx_migrations", args![])
        .await?;
    row.map_or(Ok(None), |row| row.opt_int(0))
}

async fn migrate(db: &Db, url: &str, (lite, pg): (&'static Migrator, &'static Migrator)) -> Result<(), StoreError> {
    let migrator = match db.engine() {
        Engine::Sqlite => lite,
        Engine::Postgres => pg,
    };
    let known = migrator.iter().map(|step| step.version).max().unwrap_or(0);
    let found = schema_found(db).await?;
    match found {
        Some(found) if found > known => return Err(StoreError::NewerSchema { found, known }),
        Some(found) if found == known => return Ok(()),
        Some(found) => copy_before(db, url, found).await?,
        None => {}
    }
    match &db.pools {
        Pools::Lite { writer, .. } => migrator.run(writer).await,
        Pools::Pg(pool) => migrator.run(pool).await,
    }
    .map_err(StoreError::Migrate)
}

/// The number of the newest migration that this program knows; both engines have the same.
pub(crate) fn schema_known() -> i64 {
    SQLITE.iter().map(|step| step.version).max().unwrap_or(0)
}

/// On SQLite a copy of the file is kept beside it before its schema changes.
async fn copy_before(db: &Db, url: &str, found: i64) -> Result<(), StoreError> {
    match (&db.pools, url.strip_prefix("sqlite:")) {
        (Pools::Lite { writer, .. }, Some(path)) => {
            sqlite_copy(writer, Path::new(&format!("{path}.schema-{found}"))).await
        }
        _ => Ok(()),
    }
}

/// Writes a copy of a SQLite database of one consistent moment. A copy that was there before, from a try that did not
/// end, is replaced; a crash leaves a file with the ending `.partial`.
async fn sqlite_copy(db: &sqlx::SqlitePool, path: &Path) -> Result<(), StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let partial = path.with_file_name(format!("{name}.partial"));
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::file(&name, error)),
        _ => {}
    }
    crate::private::touch(&partial)?;
    sqlx::query("VACUUM INTO $1")
        .bind(partial.to_string_lossy().into_owned())
        .execute(db)
        .await?;
    std::fs::File::open(&partial)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, path))
        .map_err(|source| StoreError::file(&name, source))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_copy_before_a_change_of_schema_holds_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::in_folder(folder.path());
        let store = Store::create(&config).await.unwrap();
        let tenant = crate::org::NewTenant {
            id: TenantId(Uuid::from_u128(1)),
            name: "Acme".to_owned(),
            deployment: "test.example".to_owned(),
        };
        store.tenant_create(&tenant, Micros(1)).await.unwrap();
        copy_before(&store.db, &config.url, 7).await.unwrap();
        copy_before(&store.db, &config.url, 7).await.unwrap();
        let copy = folder.path().join("doorstep.db.schema-7");
        let copied = Db::open(&format!("sqlite:{}", copy.display()), &Arc::default())
            .await
            .unwrap();
        let row = copied
            .fetch_one("SELECT name FROM tenant", args![])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.text(0).unwrap(), "Acme");
        assert!(!folder.path().join("doorstep.db.schema-7.partial").exists());
    }

    #[test]
    fn both_engines_have_the_same_newest_migration() {
        let newest = |migrator: &Migrator| migrator.iter().map(|step| step.version).max();
        assert_eq!(newest(&SQLITE), newest(&POSTGRES));
        assert_eq!(newest(&SQLITE_KEYS), newest(&POSTGRES_KEYS));
    }
}
