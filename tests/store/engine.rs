//! Empty stores on either engine, each removed when its story ends.

use std::future::Future;
use std::path::{Path, PathBuf};

use doorstep_store::conformance::TestDatabase;
use doorstep_store::{Engine, Store, StoreConfig};
use tempfile::TempDir;

/// The setting that names a PostgreSQL server for tests.
const SERVER: &str = "DOORSTEP_TEST_PG";

/// An empty store with a folder of its own. The key store of both engines is a file in that folder.
pub(super) struct TestStore {
    pub(super) store: Store,
    pub(super) config: StoreConfig,
    folder: TempDir,
    database: Option<TestDatabase>,
}

/// The other of the two engines.
pub(super) fn other(engine: Engine) -> Engine {
    match engine {
        Engine::Sqlite => Engine::Postgres,
        Engine::Postgres => Engine::Sqlite,
    }
}

/// Where an empty database lies that nothing has opened yet.
pub(super) async fn empty(engine: Engine, folder: &Path) -> (StoreConfig, Option<TestDatabase>) {
    let mut config = StoreConfig::in_folder(folder);
    if engine == Engine::Sqlite {
        return (config, None);
    }
    let Ok(server) = std::env::var(SERVER) else {
        panic!("{SERVER} names no PostgreSQL server. Run ./test, which starts one, or set it to an address");
    };
    let database = TestDatabase::create(&server).await.unwrap();
    config.url = database.url();
    (config, Some(database))
}

impl TestStore {
    pub(super) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, database) = empty(engine, folder.path()).await;
        let store = Store::create(&config).await.unwrap();
        assert_eq!(store.engine(), engine);
        Self {
            store,
            config,
            folder,
            database,
        }
    }

    /// A path in the store's own folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another process on the same data.
    pub(super) async fn second(&self) -> Store {
        Store::open(&self.config).await.unwrap()
    }

    pub(super) async fn end(self) {
        self.store.close().await;
        if let Some(database) = self.database {
            database.drop().await.unwrap();
        }
    }
}

/// Tells a story on one engine. A story that fails leaves its database to the server, which `./test` removes as a whole.
pub(super) async fn tell<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(TestStore) -> F) {
    story(TestStore::new(engine).await).await;
}
