//! The sequencer: places without gaps, trees that anybody can rebuild, no place given twice.

use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::leaf_hash;
use doorstep_log::tree::root;
use doorstep_store::entry::{Entries, EntryKind, LogName};
use doorstep_store::{Store, StoreError};

use super::engine::TestStore;
use super::sample::{NOW, Sample, entry, later};

stories!(
    ten_thousand_leaves_get_their_places,
    two_sequencers_never_double,
    a_head_left_unsigned_is_signed_next,
    a_log_goes_on_after_a_restart,
);

async fn queue(store: &Store, sample: &Sample, count: usize) {
    let tx = store.write(sample.tenant, NOW).await.unwrap();
    let entries = vec![entry(EntryKind::OrgChanged); count];
    tx.commit(Entries::of(entries).unwrap()).await.unwrap();
}

/// The signed head says what a tree built anew from the leaves says, and proofs lead to it. Returns the leaves.
async fn assert_sound(store: &Store, sample: &Sample) -> Vec<Vec<u8>> {
    let head = store.log_head(sample.tenant, LogName::Events).await.unwrap();
    let leaves = store
        .log_leaves(sample.tenant, LogName::Events, 0, head.size + 10)
        .await
        .unwrap();
    assert_eq!(leaves.len() as u64, head.size);
    assert_eq!(head.note_size, head.size);
    let verifier = store.log_verifier(sample.tenant, LogName::Events).await.unwrap();
    let checkpoint = Checkpoint::open(head.note.as_bytes(), std::slice::from_ref(&verifier)).unwrap();
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    assert_eq!((checkpoint.size, checkpoint.root), (head.size, root(&hashes)));
    for index in [0, head.size / 2, head.size - 1] {
        let (leaf, proof) = store.log_proof(sample.tenant, LogName::Events, index).await.unwrap();
        assert_eq!(leaf, leaves[index as usize]);
        proof.verify(&leaf, std::slice::from_ref(&verifier)).unwrap();
    }
    leaves
}

async fn ten_thousand_leaves_get_their_places(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let before = store.log_queue_len().await.unwrap();
    queue(store, &sample, 10_000).await;
    assert_eq!(store.log_sequence_all(later(1)).await.unwrap() as i64, before + 10_000);
    assert_eq!(store.log_queue_len().await.unwrap(), 0);
    assert_eq!(assert_sound(store, &sample).await.len() as i64, before + 10_000);
    let beyond = store.log_proof(sample.tenant, LogName::Events, 1_000_000).await;
    assert!(matches!(beyond, Err(StoreError::NotFound)));
    test.end().await;
}

async fn two_sequencers_never_double(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let other = test.second().await;
    let before = test.store.log_queue_len().await.unwrap();
    let sequencer = |store: Store| {
        tokio::spawn(async move {
            let mut placed = 0;
            for second in 0..40 {
                // A leader that finds another one at work steps back; its leaves stay queued.
                match store.log_sequence_all(later(second)).await {
                    Ok(leaves) => placed += leaves,
                    Err(StoreError::Changed) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            placed
        })
    };
    let (left, right) = (sequencer(test.store.clone()), sequencer(other.clone()));
    for _ in 0..30 {
        queue(&test.store, &sample, 7).await;
        queue(&other, &sample, 3).await;
    }
    let mut placed = left.await.unwrap() + right.await.unwrap();
    placed += test.store.log_sequence_all(later(99)).await.unwrap();
    assert_eq!(placed as i64, before + 300);
    assert_eq!(assert_sound(&test.store, &sample).await.len() as i64, before + 300);
    assert_eq!(test.store.log_queue_len().await.unwrap(), 0);
    other.close().await;
    test.end().await;
}

async fn a_head_left_unsigned_is_signed_next(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    queue(store, &sample, 5).await;
    let round = store
        .log_sequence(sample.tenant, LogName::Events, later(1))
        .await
        .unwrap();
    assert!(round.leaves >= 5 && !round.more);
    let head = store.log_head(sample.tenant, LogName::Events).await.unwrap();
    assert_eq!((head.note_size, head.note.as_str()), (0, ""));
    // The process ends here; the next one finds a head that nobody signed.
    let next = test.second().await;
    assert_eq!(next.log_waiting().await.unwrap(), [(sample.tenant, LogName::Events)]);
    assert_eq!(next.log_sequence_all(later(2)).await.unwrap(), 0);
    assert_sound(&next, &sample).await;
    assert!(next.log_waiting().await.unwrap().is_empty());
    next.close().await;
    test.end().await;
}

async fn a_log_goes_on_after_a_restart(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let mut sizes = Vec::new();
    let mut before: Vec<Vec<u8>> = Vec::new();
    for round in 0..4 {
        // Around the borders of a tile.
        let store = test.second().await;
        queue(&store, &sample, 127).await;
        store.log_sequence_all(later(round)).await.unwrap();
        let leaves = assert_sound(&store, &sample).await;
        assert!(leaves.starts_with(&before));
        sizes.push(leaves.len() - before.len());
        before = leaves;
        store.close().await;
    }
    assert_eq!(sizes[1..], [127, 127, 127]);
    test.end().await;
}
