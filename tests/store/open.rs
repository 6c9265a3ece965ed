//! Opening a store: schemas, versions and keys.

use std::collections::BTreeSet;

use doorstep_store::backup::{Kind, LEFT_OUT, TABLES};
use doorstep_store::{Engine, Store, StoreError};

use super::engine::{TestStore, other};
use super::sample::Sample;

stories!(
    both_engines_have_one_schema,
    a_backup_knows_every_column,
    a_newer_schema_is_refused_and_left_alone,
    a_lost_or_foreign_key_file_is_noticed,
    a_second_key_file_is_never_made,
);

async fn both_engines_have_one_schema(test: TestStore) {
    let twin = TestStore::new(other(test.store.engine())).await;
    let shape = |columns: Vec<doorstep_store::schema::ColumnShape>| {
        let of_column = |column: doorstep_store::schema::ColumnShape| {
            let kind = if column.kind == "id" { "bytes" } else { column.kind };
            (column.table, column.name, kind, column.nullable, column.key)
        };
        columns.into_iter().map(of_column).collect::<Vec<_>>()
    };
    let (here, there) = (
        shape(test.store.schema().await.unwrap()),
        shape(twin.store.schema().await.unwrap()),
    );
    assert!(here.len() > 200);
    assert!(here.iter().all(|column| column.2 != "other"));
    assert_eq!(here, there);
    assert_eq!(
        test.store.schema_version().await.unwrap(),
        twin.store.schema_version().await.unwrap()
    );
    assert_eq!(test.store.integrity().await.unwrap(), Vec::<String>::new());
    twin.end().await;
    test.end().await;
}

async fn a_backup_knows_every_column(test: TestStore) {
    let sqlite = test.store.engine() == Engine::Sqlite;
    let kind = |kind: Kind| match kind {
        Kind::Id if sqlite => "bytes",
        Kind::Id => "id",
        Kind::Int => "int",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
    };
    let mut live = BTreeSet::new();
    for column in test.store.schema().await.unwrap() {
        if !LEFT_OUT.contains(&column.table.as_str()) && column.name != "queue_id" {
            live.insert((column.table, column.name, column.kind));
        }
    }
    let mut known = BTreeSet::new();
    for table in TABLES {
        for (name, its) in table.columns {
            assert!(known.insert((table.name.to_owned(), (*name).to_owned(), kind(*its))));
        }
    }
    assert_eq!(known, live);
    test.end().await;
}

async fn a_newer_schema_is_refused_and_left_alone(test: TestStore) {
    let known = test.store.schema_version().await.unwrap();
    test.store
        .tamper(
            "UPDATE _sqlx_migrations SET version = 9000 \
             WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
        )
        .await
        .unwrap();
    let steps = test
        .store
        .number("SELECT count(*) FROM _sqlx_migrations")
        .await
        .unwrap();
    let refused = Store::open(&test.config).await.unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 9000, known: ours } if ours == known));
    assert_eq!(
        test.store
            .number("SELECT count(*) FROM _sqlx_migrations")
            .await
            .unwrap(),
        steps
    );
    test.end().await;
}

async fn a_lost_or_foreign_key_file_is_noticed(test: TestStore) {
    Sample::new(&test.store).await;
    let path = test.path("doorstep.key");
    let kept = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lost = Store::open(&test.config).await.unwrap_err();
    assert!(matches!(lost, StoreError::KeyFile(name) if name == "doorstep.key"));
    std::fs::write(&path, "no key").unwrap();
    assert!(matches!(
        Store::open(&test.config).await.unwrap_err(),
        StoreError::KeyFile(_)
    ));
    std::fs::write(&path, "ab".repeat(32)).unwrap();
    assert!(matches!(
        Store::open(&test.config).await.unwrap_err(),
        StoreError::WrongKey
    ));
    std::fs::write(&path, kept).unwrap();
    Store::open(&test.config).await.unwrap().close().await;
    test.end().await;
}

async fn a_second_key_file_is_never_made(test: TestStore) {
    let kept = std::fs::read(test.path("doorstep.key")).unwrap();
    assert!(matches!(
        Store::create(&test.config).await.unwrap_err(),
        StoreError::File { .. }
    ));
    assert_eq!(std::fs::read(test.path("doorstep.key")).unwrap(), kept);
    test.end().await;
}
