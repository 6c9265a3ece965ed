//! The operator's meta log: every head stands in it, and is found there without reading all of it.

use doorstep_log::checkpoint::Checkpoint;
use doorstep_store::Store;
use doorstep_store::entry::{By, Entries, EntryKind, LogName, OPERATOR, ServerEntry};
use doorstep_store::meta::{MetaProof, MetaSearch};

use super::engine::TestStore;
use super::guard::{published, queue};
use super::sample::{Sample, later};

stories!(
    a_checkpoint_of_a_tenant_is_in_the_meta_log,
    a_search_reads_little_of_a_long_meta_log,
);

const EVENTS: LogName = LogName::Events;

/// Where a checkpoint stands in the meta log.
pub(super) async fn proof_of(store: &Store, sample: &Sample, published: &Checkpoint) -> Option<MetaProof> {
    let mut search = MetaSearch::new(sample.tenant, published.clone());
    store.meta_proof(&mut search).await.unwrap()
}

async fn a_checkpoint_of_a_tenant_is_in_the_meta_log(test: TestStore) {
    let store = &test.store;
    let (one, other) = (Sample::new(store).await, Sample::named(store, "Other").await);
    store.log_sequence_all(later(1)).await.unwrap();
    let key = store.log_verifier(OPERATOR, LogName::Meta).await.unwrap();
    for sample in [&one, &other] {
        let head = published(store, sample).await;
        let proof = proof_of(store, sample, &head).await.unwrap().proof;
        let leaf = proof.extra.clone().unwrap();
        let meta = proof.verify(&leaf, std::slice::from_ref(&key)).unwrap();
        assert_eq!(meta.origin, "test.example/meta");
        let text = String::from_utf8(leaf).unwrap();
        assert!(
            text.contains(&head.root.to_string()) && text.contains("\"log.checkpoint\""),
            "{text}"
        );
        assert!(!text.contains("Acme") && !text.contains("Other"), "{text}");
    }
    // At most one a second and log; an export has it at once.
    queue(store, &one, 1).await;
    store.log_sequence_all(later(1)).await.unwrap();
    let head = published(store, &one).await;
    assert!(proof_of(store, &one, &head).await.is_none());
    store.meta_round_now(later(1)).await.unwrap();
    assert!(proof_of(store, &one, &head).await.is_some());
    assert_eq!(store.log_head(OPERATOR, LogName::Meta).await.unwrap().note_size, 3);
    // One that it passed over can still be entered; one that it may still come to is left to it.
    queue(store, &one, 1).await;
    store.log_sequence_all(later(1)).await.unwrap();
    let passed = published(store, &one).await;
    let enter = || store.meta_enter((one.tenant, EVENTS), passed.clone(), later(1));
    assert!(!enter().await.unwrap());
    queue(store, &one, 1).await;
    store.log_sequence_all(later(1)).await.unwrap();
    store.meta_round_now(later(1)).await.unwrap();
    assert!(proof_of(store, &one, &passed).await.is_none());
    assert!(enter().await.unwrap());
    let found = proof_of(store, &one, &passed).await.unwrap();
    assert!(!found.is_cosigned, "nobody was asked");
    test.end().await;
}

async fn a_search_reads_little_of_a_long_meta_log(test: TestStore) {
    const LONG: u64 = 300;
    let store = &test.store;
    let sample = Sample::new(store).await;
    store.log_sequence_all(later(1)).await.unwrap();
    let first = published(store, &sample).await;
    // Passed over at first: the next one of the log was entered in the same second.
    queue(store, &sample, 1).await;
    store.log_sequence_all(later(1)).await.unwrap();
    let passed = published(store, &sample).await;
    queue(store, &sample, 1).await;
    store.log_sequence_all(later(1)).await.unwrap();
    store.meta_round_now(later(1)).await.unwrap();
    // Heads of before are entered anew, hours long and one every hour.
    let enter = async |of: &Checkpoint, at| {
        let entered = store.meta_enter((sample.tenant, EVENTS), of.clone(), at).await;
        assert!(entered.unwrap());
    };
    for hour in 1..=i64::try_from(LONG).unwrap() {
        enter(&first, later(hour * 3_600)).await;
    }
    let last = later(400 * 3_600);
    let tx = store.write(sample.tenant, last).await.unwrap();
    tx.commit(Entries::one(ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM)))
        .await
        .unwrap();
    store.log_sequence_all(last).await.unwrap();
    let newest = published(store, &sample).await;
    let rows = async |search: &mut MetaSearch, is_there: bool| {
        let before = store.asked().1;
        let found = store.meta_proof(search).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{}", search.published().size);
        store.asked().1 - before
    };
    let few = 40;
    let mut search = MetaSearch::new(sample.tenant, newest);
    let read = rows(&mut search, true).await;
    assert!(read < few, "{read} rows for the newest");
    // One that is not there is looked for through all that is newer than it, once.
    let mut search = MetaSearch::new(sample.tenant, passed.clone());
    let read = rows(&mut search, false).await;
    assert!(read > LONG, "{read} rows");
    for _ in 0..3 {
        let read = rows(&mut search, false).await;
        assert!(read < 5, "{read} rows to look again");
    }
    enter(&passed, later(401 * 3_600)).await;
    let read = rows(&mut search, true).await;
    assert!(read < 10, "{read} rows for one that was just entered");
    test.end().await;
}
