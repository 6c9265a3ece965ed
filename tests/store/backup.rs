//! Backups: every row on either engine, nothing from a broken file, no erased person back.

use std::path::Path;

use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::{ApprovalId, PersonId};
use doorstep_domain::measure::Micros;
use doorstep_store::backup::{BackupFault, Known, RestoreReport, restore, verify};
use doorstep_store::blind::{BLIND_CASE, BLIND_PERSON, BLIND_PHONE, blind_case, blind_person, blind_phone};
use doorstep_store::conformance::TestDatabase;
use doorstep_store::entry::{EntryKind, LogName};
use doorstep_store::erasure::ErasureCause;
use doorstep_store::grant::Purpose;
use doorstep_store::{Engine, Store, StoreConfig, StoreError};
use uuid::Uuid;

use super::engine::{TestStore, empty, other};
use super::sample::{NOW, Row, Sample, later, one};

stories!(
    a_backup_restores_on_the_same_engine,
    a_backup_restores_on_the_other_engine,
    a_changed_byte_is_refused_before_anything_is_written,
    a_backup_needs_its_keys_and_an_empty_place,
    a_restore_brings_no_erased_person_back,
    a_backup_is_one_moment_of_a_store_that_goes_on,
);

/// An empty place that uses the key store and the key file of `test`.
async fn target(engine: Engine, test: &TestStore, name: &str) -> (StoreConfig, Option<TestDatabase>) {
    let folder = test.path(name);
    std::fs::create_dir(&folder).unwrap();
    let (mut config, database) = empty(engine, &folder).await;
    config.keys_url.clone_from(&test.config.keys_url);
    config.key_file.clone_from(&test.config.key_file);
    (config, database)
}

async fn end(store: Store, database: Option<TestDatabase>) {
    store.close().await;
    if let Some(database) = database {
        database.drop().await.unwrap();
    }
}

/// Says in the key store that a second person agreed to an erasure.
async fn allow(store: &Store, sample: &Sample, person: PersonId) {
    let cause = ErasureCause::Approved(ApprovalId(Uuid::nil()));
    let keys = store.keys();
    keys.erasure_allow(sample.tenant, &[person], cause, later(1))
        .await
        .unwrap();
}

/// A store with something in many tables, some leaves placed and some waiting.
async fn filled(test: &TestStore) -> Sample {
    let sample = Sample::new(&test.store).await;
    let (_, cases) = sample.land_some(&test.store, 40).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let rows = [Row {
        name: "张伟 \"Q\"\\\u{1f6aa}".to_owned(),
        phone: String::new(),
        ..Row::nth(99)
    }];
    sample.land(&test.store, &rows, later(60)).await;
    let mut tx = test.store.write(sample.tenant, later(61)).await.unwrap();
    tx.visit_insert(&[super::plan::visit(&sample, &cases[0], None)])
        .await
        .unwrap();
    tx.person_erase(cases[5].person).await.unwrap();
    allow(&test.store, &sample, cases[5].person).await;
    tx.commit(one(EntryKind::SubjectErased)).await.unwrap();
    test.store.erasure_finish(later(62)).await.unwrap();
    sample
}

/// The lines of a backup but for the header and the hash, which differ by engine and time.
fn body(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1..lines.len() - 1].to_vec()
}

async fn assert_moves(test: &TestStore, engine: Engine) {
    let sample = filled(test).await;
    let path = test.path("first.backup");
    let written = test.store.backup_to(&path, later(100)).await.unwrap();
    assert_eq!(written.bytes, std::fs::metadata(&path).unwrap().len());
    assert_eq!(verify(&path).unwrap(), written.rows);
    let (config, database) = target(engine, test, "target").await;
    let report = restore(&config, &path, &Known::default(), later(200)).await.unwrap();
    assert_eq!(report.rows, written.rows);
    assert_eq!(
        (report.erased_again, report.keys_destroyed, report.cases_without_number),
        (0, 0, 0)
    );

    let store = Store::open(&config).await.unwrap();
    let again = test.path("again.backup");
    store.backup_to(&again, later(300)).await.unwrap();
    // All rows are the same, in the same order, but for the entry that says that this was restored.
    let (before, mut after) = (body(&path), body(&again));
    let added = after.iter().zip(&before).position(|(new, old)| new != old).unwrap();
    after.remove(added);
    assert_eq!(after, before);
    assert_goes_on(&store, &sample, &report).await;
    end(store, database).await;
}

async fn assert_goes_on(store: &Store, sample: &Sample, report: &RestoreReport) {
    let head = store.log_head(sample.tenant, LogName::Events).await.unwrap();
    let placed = store
        .log_leaves(sample.tenant, LogName::Events, 0, head.size)
        .await
        .unwrap();
    store.log_sequence_all(later(400)).await.unwrap();
    let now = store.log_head(sample.tenant, LogName::Events).await.unwrap();
    let leaves = store
        .log_leaves(sample.tenant, LogName::Events, 0, now.size)
        .await
        .unwrap();
    assert!(leaves.starts_with(&placed));
    assert!(String::from_utf8_lossy(leaves.last().unwrap()).contains("\"restored\""));
    let (leaf, proof) = store
        .log_proof(sample.tenant, LogName::Events, now.size - 1)
        .await
        .unwrap();
    proof
        .verify(
            &leaf,
            &[store.log_verifier(sample.tenant, LogName::Events).await.unwrap()],
        )
        .unwrap();

    let key = store.keys().blind_key(sample.tenant.0).await.unwrap();
    let row = Row::nth(7);
    let number = blind_case(&key, sample.portfolio, &row.number);
    let case = store.blind_find(sample.tenant, BLIND_CASE, &[number]).await.unwrap();
    assert_eq!(case.len(), 1);
    for (kind, digest) in [
        (BLIND_PHONE, blind_phone(&key, &row.phone).unwrap()),
        (BLIND_PERSON, blind_person(&key, &row.phone, &row.name).unwrap()),
    ] {
        assert_eq!(store.blind_find(sample.tenant, kind, &[digest]).await.unwrap().len(), 1);
    }
    // 41 cases, of which one person is erased and one has no phone.
    assert_eq!(report.blind, 40 + 39 + 39);
    let erased = store
        .blind_find(sample.tenant, "erased", &[blind_case(&key, sample.portfolio, "C-5")])
        .await;
    assert_eq!(erased.unwrap().len(), 1);
    let found = store
        .blind_find(sample.tenant, BLIND_CASE, &[blind_case(&key, sample.portfolio, "C-99")])
        .await;
    let view = store
        .case_get_many(sample.tenant, &[found.unwrap()[0].1])
        .await
        .unwrap()
        .remove(0);
    let request = sample.reads(Purpose::Case, vec![(view.case.person, view.person_alias)]);
    let grant = store.grant(sample.tenant, request, later(500)).await.unwrap();
    let (event, person, sealed) = store
        .payload_get_many(sample.tenant, &[view.case.payload.0])
        .await
        .unwrap()
        .remove(0);
    let opened = grant.open(person, event, &sealed).unwrap();
    assert!(String::from_utf8_lossy(&opened.payload).contains("张伟"));
}

async fn a_backup_restores_on_the_same_engine(test: TestStore) {
    assert_moves(&test, test.store.engine()).await;
    test.end().await;
}

async fn a_backup_restores_on_the_other_engine(test: TestStore) {
    assert_moves(&test, other(test.store.engine())).await;
    test.end().await;
}

async fn a_changed_byte_is_refused_before_anything_is_written(test: TestStore) {
    filled(&test).await;
    let path = test.path("good.backup");
    test.store.backup_to(&path, later(100)).await.unwrap();
    assert!(matches!(
        test.store.backup_to(&path, later(101)).await,
        Err(StoreError::File { .. })
    ));
    let good = std::fs::read(&path).unwrap();
    let (config, database) = target(test.store.engine(), &test, "target").await;
    let bent = test.path("bent.backup");
    let step = good.len() / 150;
    for at in (0..good.len()).step_by(step).chain(good.len() - 70..good.len()) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&bent, &bytes).unwrap();
        let refused = restore(&config, &bent, &Known::default(), later(200))
            .await
            .unwrap_err();
        assert!(matches!(refused, StoreError::Backup { .. }), "byte {at}: {refused:?}");
    }
    for length in [0, 1, good.len() / 2, good.len() - 1] {
        std::fs::write(&bent, &good[..length]).unwrap();
        assert!(
            matches!(verify(&bent), Err(StoreError::Backup { .. })),
            "{length} bytes"
        );
    }
    std::fs::write(&bent, [good.as_slice(), b"\n"].concat()).unwrap();
    let longer = verify(&bent);
    assert!(matches!(
        longer,
        Err(StoreError::Backup {
            fault: BackupFault::Altered,
            ..
        })
    ));
    let store = Store::open(&config).await.unwrap();
    assert!(store.tenant_list().await.unwrap().is_empty());
    assert_eq!(store.log_queue_len().await.unwrap(), 0);
    end(store, database).await;
    test.end().await;
}

async fn a_backup_needs_its_keys_and_an_empty_place(test: TestStore) {
    filled(&test).await;
    let path = test.path("good.backup");
    test.store.backup_to(&path, later(100)).await.unwrap();
    assert!(matches!(
        restore(&test.config, &path, &Known::default(), later(200)).await,
        Err(StoreError::NotEmpty)
    ));

    let (mut config, database) = target(test.store.engine(), &test, "target").await;
    let keys_url = std::mem::replace(
        &mut config.keys_url,
        format!("sqlite:{}", test.path("empty.db").display()),
    );
    assert!(matches!(
        restore(&config, &path, &Known::default(), later(200)).await,
        Err(StoreError::KeysMissing)
    ));
    config.keys_url = keys_url;
    let key_file = std::mem::replace(&mut config.key_file, test.path("lost.key"));
    assert!(matches!(
        restore(&config, &path, &Known::default(), later(200)).await,
        Err(StoreError::KeyFile(_))
    ));
    std::fs::write(test.path("lost.key"), "cd".repeat(32)).unwrap();
    assert!(matches!(
        restore(&config, &path, &Known::default(), later(200)).await,
        Err(StoreError::WrongKey)
    ));
    config.key_file = key_file;
    // None of the refusals left anything behind.
    restore(&config, &path, &Known::default(), later(200)).await.unwrap();
    let store = Store::open(&config).await.unwrap();
    assert_eq!(store.tenant_list().await.unwrap().len(), 1);
    end(store, database).await;
    test.end().await;
}

async fn a_restore_brings_no_erased_person_back(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let (_, cases) = sample.land_some(&test.store, 3).await;
    let path = test.path("old.backup");
    test.store.backup_to(&path, later(100)).await.unwrap();
    // Erased after the backup was taken: the key is gone for every copy.
    let mut tx = test.store.write(sample.tenant, later(200)).await.unwrap();
    tx.person_erase(cases[1].person).await.unwrap();
    allow(&test.store, &sample, cases[1].person).await;
    tx.commit(one(EntryKind::SubjectErased)).await.unwrap();
    test.store
        .person_key_destroy(sample.tenant, cases[1].person, later(200))
        .await
        .unwrap();

    let (config, database) = target(test.store.engine(), &test, "target").await;
    let report = restore(&config, &path, &Known::default(), later(300)).await.unwrap();
    assert_eq!((report.erased_again, report.taken_at), (1, later(100)));
    let store = Store::open(&config).await.unwrap();
    assert!(store.person_get(sample.tenant, cases[1].person).await.unwrap().1);
    assert!(!store.person_get(sample.tenant, cases[0].person).await.unwrap().1);
    assert_eq!(
        store.case_get(sample.tenant, cases[1].id).await.unwrap().case.status,
        CaseStatus::Closed
    );
    let key = store.keys().blind_key(sample.tenant.0).await.unwrap();
    let number = blind_case(&key, sample.portfolio, &Row::nth(1).number);
    assert!(
        store
            .blind_find(sample.tenant, BLIND_CASE, &[number])
            .await
            .unwrap()
            .is_empty()
    );
    end(store, database).await;
    test.end().await;
}

async fn a_backup_is_one_moment_of_a_store_that_goes_on(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    sample.land_some(&test.store, 200).await;
    let writer = test.store.clone();
    let writing = tokio::spawn(async move {
        for n in 0..30 {
            let rows: Vec<Row> = (0..5).map(|row| Row::nth(1_000 + n * 5 + row)).collect();
            sample.land(&writer, &rows, Micros(NOW.get() + n)).await;
        }
    });
    let mut sizes = Vec::new();
    for n in 0..4 {
        let path = test.path(&format!("{n}.backup"));
        let report = test.store.backup_to(&path, later(100)).await.unwrap();
        let rows = |name: &str| report.rows.iter().find(|(table, _)| *table == name).unwrap().1;
        // A case, its person, address, payload, row and entry come together or not at all.
        for table in ["person", "address", "payload", "import_row"] {
            assert_eq!(rows(table), rows("cases"), "{table}");
        }
        let others = rows("import") + 2;
        assert_eq!(rows("log_queue"), rows("cases") + others);
        sizes.push(rows("cases"));
    }
    writing.await.unwrap();
    assert!(sizes.is_sorted() && sizes[0] >= 200);
    let report = test.store.backup(std::io::sink(), later(200)).await.unwrap();
    assert_eq!(report.rows.iter().find(|(table, _)| *table == "cases").unwrap().1, 350);
    test.end().await;
}
