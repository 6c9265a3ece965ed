//! Writing: all or nothing, with its entries, by many at once.

use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_store::StoreError;
use doorstep_store::entry::{EntryKind, LogName};

use super::engine::TestStore;
use super::sample::{NOW, Sample, entry, later, one};

stories!(
    what_is_not_committed_leaves_nothing,
    a_failed_statement_takes_all_with_it,
    many_writers_wait_for_each_other
);

async fn what_is_not_committed_leaves_nothing(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    let queued = store.log_queue_len().await.unwrap();
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    assert!(tx.case_restrict(cases[0].id, Flag::Disputed.bit()).await.unwrap());
    tx.entries_add(vec![entry(EntryKind::CaseRestricted)]).await.unwrap();
    drop(tx);
    assert_eq!(store.case_get(sample.tenant, cases[0].id).await.unwrap().case, cases[0]);
    assert_eq!(store.log_queue_len().await.unwrap(), queued);
    test.end().await;
}

async fn a_failed_statement_takes_all_with_it(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (import, cases) = sample.land_some(store, 2).await;
    let queued = store.log_queue_len().await.unwrap();
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    let mut closed = cases[0].clone();
    closed.status = CaseStatus::Closed;
    tx.case_write(&[closed]).await.unwrap();
    let again = sample.import(import, NOW);
    assert!(matches!(tx.import_insert(&again).await, Err(StoreError::Database(_))));
    drop(tx);
    assert_eq!(
        store.case_get(sample.tenant, cases[0].id).await.unwrap().case.status,
        CaseStatus::Open
    );
    assert_eq!(store.log_queue_len().await.unwrap(), queued);
    test.end().await;
}

async fn many_writers_wait_for_each_other(test: TestStore) {
    const WRITERS: usize = 8;
    const WRITES: usize = 25;
    let sample = Sample::new(&test.store).await;
    let before = test.store.log_queue_len().await.unwrap();
    let mut writers = Vec::new();
    for n in 0..WRITERS {
        // Half of them are another process.
        let store = if n % 2 == 0 {
            test.store.clone()
        } else {
            test.second().await
        };
        writers.push(tokio::spawn(async move {
            for _ in 0..WRITES {
                let mut tx = store.write(sample.tenant, NOW).await?;
                tx.entries_add(vec![entry(EntryKind::OrgChanged)]).await?;
                tx.commit(one(EntryKind::OrgChanged)).await?;
                store.session_end(sample.tenant, sample.staff, None, NOW).await?;
            }
            Ok::<_, StoreError>(())
        }));
    }
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let written = test.store.log_queue_len().await.unwrap() - before;
    assert_eq!(written, (2 * WRITERS * WRITES) as i64);
    assert_eq!(
        test.store.log_sequence_all(later(1)).await.unwrap() as i64,
        before + written
    );
    assert_eq!(
        test.store.log_head(sample.tenant, LogName::Events).await.unwrap().size as i64,
        before + written
    );
    test.end().await;
}
