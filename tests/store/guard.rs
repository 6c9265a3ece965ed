//! The guard before every signature: one head of a size, whatever crashes, is rolled back or runs twice.

use doorstep_domain::measure::Micros;
use doorstep_log::canonical::Value::{Integer, Text};
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::leaf_hash;
use doorstep_log::leaf::Leaf;
use doorstep_log::tree::root;
use doorstep_store::backup::{Known, restore};
use doorstep_store::case::Case;
use doorstep_store::conformance::TestDatabase;
use doorstep_store::entry::{By, Entries, EntryKind, LogName, OPERATOR};
use doorstep_store::grant::Purpose;
use doorstep_store::sign::Halt;
use doorstep_store::stamp::LogStamp;
use doorstep_store::step::{Fault, Step};
use doorstep_store::{Engine, Store, StoreConfig, StoreError};

use super::engine::{TestStore, empty};
use super::meta::proof_of;
use super::sample::{NOW, Sample, entry, later};

stories!(
    a_step_that_fails_either_way_loses_and_doubles_nothing,
    a_rolled_back_database_is_halted_and_loses_nothing,
    a_doubled_database_signs_no_second_head,
    a_restore_without_loss_goes_on_by_itself,
    a_backup_of_entries_that_waited_gives_them_the_same_places,
    a_restore_that_nothing_vouches_for_waits_for_a_checkpoint,
    a_restore_with_loss_goes_on_as_a_new_log,
    a_log_that_another_process_continued_goes_on_from_its_own_tree,
    a_restore_that_witnesses_know_of_waits_for_them,
    a_log_that_was_signed_as_two_histories_is_halted,
    a_key_store_that_went_back_too_vouches_for_no_log,
    a_log_that_went_on_elsewhere_is_halted,
    the_meta_log_goes_on_past_names_that_were_used,
    a_tampered_tree_is_not_signed,
    damage_to_one_log_keeps_no_other_back,
    an_invented_generation_is_not_signed,
    a_process_with_an_old_edge_places_nothing_wrongly,
    a_late_answer_does_not_land_in_the_next_generation,
    an_erasure_survives_a_restore_of_both_stores,
);

const EVENTS: LogName = LogName::Events;

pub(super) async fn queue(store: &Store, sample: &Sample, count: usize) {
    queue_of(store, sample, EntryKind::OrgChanged, count).await;
}

async fn queue_of(store: &Store, sample: &Sample, kind: EntryKind, count: usize) {
    let tx = store.write(sample.tenant, NOW).await.unwrap();
    let entries = vec![entry(kind); count];
    tx.commit(Entries::of(entries).unwrap()).await.unwrap();
}

/// The published checkpoint of the log of changes, which its leaves must give.
pub(super) async fn published(store: &Store, sample: &Sample) -> Checkpoint {
    let head = store.log_head(sample.tenant, EVENTS).await.unwrap();
    let key = store.log_verifier(sample.tenant, EVENTS).await.unwrap();
    let found = Checkpoint::open(head.note.as_bytes(), &[key]).unwrap();
    let leaves = store.log_leaves(sample.tenant, EVENTS, 0, found.size).await.unwrap();
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    assert_eq!((found.size, found.root), (head.note_size, root(&hashes)));
    found
}

async fn halted(store: &Store, sample: &Sample) -> Option<Halt> {
    store.log_head(sample.tenant, EVENTS).await.unwrap().halted
}

/// An empty place that uses the key store and the key file of `test`.
async fn beside(test: &TestStore, name: &str) -> (StoreConfig, Option<TestDatabase>) {
    let folder = test.path(name);
    std::fs::create_dir(&folder).unwrap();
    let (mut config, database) = empty(test.store.engine(), &folder).await;
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

async fn a_step_that_fails_either_way_loses_and_doubles_nothing(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    store.log_sequence_all(later(0)).await.unwrap();
    let mut expected = published(store, &sample).await.size;
    let mut second = 0;
    for step in [Step::Place, Step::Mark, Step::Publish, Step::Announce] {
        for fault in [Fault::Lost, Fault::Done] {
            second += 10;
            queue(store, &sample, 5).await;
            expected += 5;
            store.fail_next(step, fault);
            let failed = store.log_sequence_all(later(second)).await;
            assert!(
                matches!(failed, Err(StoreError::Busy)),
                "{step:?} {fault:?}: {failed:?}"
            );
            // The process ends here; the next one finishes what it finds.
            let next = test.second().await;
            next.log_sequence_all(later(second + 5)).await.unwrap();
            let found = published(&next, &sample).await;
            assert_eq!(found.size, expected, "{step:?} {fault:?}");
            assert_eq!(next.log_queue_len().await.unwrap(), 0, "{step:?} {fault:?}");
            assert_eq!(halted(&next, &sample).await, None, "{step:?} {fault:?}");
            let mark = next.keys().mark_get(&found.origin).await.unwrap().unwrap();
            assert_eq!((mark.size, mark.root), (found.size, found.root), "{step:?} {fault:?}");
            assert!(proof_of(&next, &sample, &found).await.is_some());
            next.close().await;
        }
    }
    // Each checkpoint stands in the meta log once, also where its transaction was reported as failed.
    let head = store.log_head(OPERATOR, LogName::Meta).await.unwrap();
    assert_eq!(head.size, 9);
    test.end().await;
}

/// A backup of the store as it is, then more entries that are signed; returns both heads.
async fn backed_up_then_grown(test: &TestStore, sample: &Sample) -> (std::path::PathBuf, Checkpoint, Checkpoint) {
    test.store.log_sequence_all(later(1)).await.unwrap();
    let before = published(&test.store, sample).await;
    let path = test.path("old.backup");
    test.store.backup_to(&path, later(2)).await.unwrap();
    queue(&test.store, sample, 300).await;
    test.store.log_sequence_all(later(3)).await.unwrap();
    let after = published(&test.store, sample).await;
    assert_eq!(after.size, before.size + 300);
    (path, before, after)
}

async fn a_rolled_back_database_is_halted_and_loses_nothing(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let (path, before, after) = backed_up_then_grown(&test, &sample).await;
    let (config, database) = beside(&test, "rolled-back").await;
    let report = restore(&config, &path, &Known::default(), later(10)).await.unwrap();
    assert!(
        report.halted.contains(&(before.origin.clone(), Halt::RolledBack)),
        "{:?}",
        report.halted
    );
    let store = Store::open(&config).await.unwrap();
    // Longer than what was signed, but another history: its leaves must not be placed, let alone signed.
    queue(&store, &sample, 400).await;
    let waiting = store.log_queue_len().await.unwrap();
    assert_eq!(store.log_sequence_all(later(11)).await.unwrap(), 0);
    assert_eq!(halted(&store, &sample).await, Some(Halt::RolledBack));
    assert_eq!(
        store.log_queue_len().await.unwrap(),
        waiting,
        "writes go on being queued"
    );
    assert_eq!(published(&store, &sample).await, before);
    assert!(matches!(
        store.log_sign(sample.tenant, EVENTS, later(12)).await,
        Err(StoreError::Halted(Halt::RolledBack))
    ));
    let known = store.log_halted(sample.tenant, EVENTS).await.unwrap().unwrap();
    assert_eq!(
        known.known.map(|mark| (mark.size, mark.root)),
        Some((after.size, after.root))
    );
    assert_eq!((known.left.size, known.left.root), (before.size, before.root));
    assert_reads(&store, &sample).await;
    end(store, database).await;
    test.end().await;
}

/// Reading goes on while the log is halted, so that whoever stands at a door sees what protects who lives there. No file
/// leaves once the log of reads is halted.
async fn assert_reads(store: &Store, sample: &Sample) {
    let request = |purpose| sample.reads(purpose, Vec::new());
    store
        .tamper("UPDATE log SET halted = 'restored' WHERE name = 'access'")
        .await
        .unwrap();
    store
        .grant(sample.tenant, request(Purpose::Visit), later(20))
        .await
        .unwrap();
    assert!(matches!(
        store.grant(sample.tenant, request(Purpose::Export), later(20)).await,
        Err(StoreError::Halted(Halt::Restored))
    ));
}

async fn a_doubled_database_signs_no_second_head(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let path = test.path("copy.backup");
    test.store.backup_to(&path, later(2)).await.unwrap();
    let (config, database) = beside(&test, "twin").await;
    restore(&config, &path, &Known::default(), later(3)).await.unwrap();
    let twin = Store::open(&config).await.unwrap();
    // Both go on from one tree with entries of their own, and both have placed them before either signs.
    queue(&test.store, &sample, 5).await;
    test.store.log_sequence(sample.tenant, EVENTS, later(4)).await.unwrap();
    queue(&twin, &sample, 4).await;
    twin.log_sequence(sample.tenant, EVENTS, later(4)).await.unwrap();
    let one = test.store.log_head(sample.tenant, EVENTS).await.unwrap();
    let other = twin.log_head(sample.tenant, EVENTS).await.unwrap();
    assert_eq!(one.size, other.size, "the restore left an entry of its own");
    let (left, right) = tokio::join!(
        test.store.log_sign(sample.tenant, EVENTS, later(5)),
        twin.log_sign(sample.tenant, EVENTS, later(5))
    );
    let signed = [&left, &right].map(Result::is_ok);
    assert!(signed[0] != signed[1], "one signs, not both: {left:?} {right:?}");
    let (winner, loser) = if signed[0] {
        (&test.store, &twin)
    } else {
        (&twin, &test.store)
    };
    let first = published(winner, &sample).await;
    queue(loser, &sample, 50).await;
    loser.log_sequence_all(later(6)).await.unwrap();
    assert_eq!(halted(loser, &sample).await, Some(Halt::Forked));
    queue(winner, &sample, 1).await;
    winner.log_sequence_all(later(7)).await.unwrap();
    assert_eq!(published(winner, &sample).await.size, first.size + 1);
    end(twin, database).await;
    test.end().await;
}

async fn a_restore_without_loss_goes_on_by_itself(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let before = published(&test.store, &sample).await;
    let path = test.path("whole.backup");
    test.store.backup_to(&path, later(2)).await.unwrap();
    let (config, database) = beside(&test, "restored").await;
    let report = restore(&config, &path, &Known::default(), later(3)).await.unwrap();
    assert_eq!(report.halted, []);
    let store = Store::open(&config).await.unwrap();
    store.log_sequence_all(later(4)).await.unwrap();
    let after = published(&store, &sample).await;
    assert_eq!((after.origin, after.size), (before.origin, before.size + 1));
    end(store, database).await;
    test.end().await;
}

async fn a_backup_of_entries_that_waited_gives_them_the_same_places(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    queue(&test.store, &sample, 300).await;
    let path = test.path("waiting.backup");
    test.store.backup_to(&path, later(2)).await.unwrap();
    test.store.log_sequence_all(later(3)).await.unwrap();
    let signed = published(&test.store, &sample).await;
    let (config, database) = beside(&test, "waiting").await;
    let report = restore(&config, &path, &Known::default(), later(4)).await.unwrap();
    assert_eq!(report.halted, []);
    let store = Store::open(&config).await.unwrap();
    store.log_sequence_all(later(5)).await.unwrap();
    let after = published(&store, &sample).await;
    assert_eq!(after.size, signed.size + 1);
    let leaves = store.log_leaves(sample.tenant, EVENTS, 0, signed.size).await.unwrap();
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    assert_eq!(root(&hashes), signed.root);
    end(store, database).await;
    test.end().await;
}

async fn a_restore_that_nothing_vouches_for_waits_for_a_checkpoint(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let (path, before, after) = backed_up_then_grown(&test, &sample).await;
    let later_note = test.store.log_head(sample.tenant, EVENTS).await.unwrap().note;
    // A key store from before any mark, as an older version left it.
    test.store.tamper_keys("DELETE FROM mark").await.unwrap();
    let (config, database) = beside(&test, "unproven").await;
    let report = restore(&config, &path, &Known::default(), later(10)).await.unwrap();
    assert!(
        report.halted.contains(&(before.origin.clone(), Halt::Restored)),
        "{:?}",
        report.halted
    );
    let store = Store::open(&config).await.unwrap();
    store.log_sequence_all(later(11)).await.unwrap();
    assert_eq!(published(&store, &sample).await, before);
    // Somebody kept the newest checkpoint: now it is known that entries were lost.
    assert_eq!(store.mark_known(later_note.as_bytes()).await.unwrap(), after.origin);
    store.log_sequence_all(later(12)).await.unwrap();
    assert_eq!(halted(&store, &sample).await, Some(Halt::RolledBack));
    let forged = later_note.replace(&after.size.to_string(), &(after.size + 1).to_string());
    assert!(matches!(
        store.mark_known(forged.as_bytes()).await,
        Err(StoreError::NoCheckpoint(_))
    ));
    // The database that lost nothing goes on with the same marks.
    test.store.log_sequence_all(later(13)).await.unwrap();
    queue(&test.store, &sample, 1).await;
    test.store.log_sequence_all(later(14)).await.unwrap();
    assert_eq!(published(&test.store, &sample).await.size, after.size + 1);
    end(store, database).await;
    test.end().await;
}

async fn a_restore_with_loss_goes_on_as_a_new_log(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let (path, before, after) = backed_up_then_grown(&test, &sample).await;
    let (config, database) = beside(&test, "lost").await;
    restore(&config, &path, &Known::default(), later(10)).await.unwrap();
    let store = Store::open(&config).await.unwrap();
    queue(&store, &sample, 7).await;
    let by = By::PROGRAM;
    let wrong = store
        .log_continue(sample.tenant, EVENTS, before.size + 1, by, later(11))
        .await;
    assert!(matches!(wrong, Err(StoreError::Changed)), "it was shown another size");
    let origin = store
        .log_continue(sample.tenant, EVENTS, before.size, by, later(12))
        .await
        .unwrap();
    assert_eq!(origin, format!("{}-2", before.origin));
    let again = store
        .log_continue(sample.tenant, EVENTS, before.size, by, later(13))
        .await;
    assert!(matches!(again, Err(StoreError::Changed)), "it goes on already");
    store.log_sequence_all(later(14)).await.unwrap();
    let new = published(&store, &sample).await;
    // The continuation, the entry of the restore, and what was written since.
    assert_eq!((new.origin.as_str(), new.size), (origin.as_str(), 9));
    let first = store.log_leaves(sample.tenant, EVENTS, 0, 1).await.unwrap().remove(0);
    let Ok(Leaf::Server(first)) = Leaf::decode(&first) else {
        panic!("the first leaf is the server's")
    };
    assert_eq!(first.t, "log.continued");
    let detail = |name: &str| first.detail[name].clone();
    assert_eq!(detail("origin"), Text(before.origin.clone()));
    assert_eq!(
        (detail("size"), detail("root")),
        (Integer(after.size as i64), Text(after.root.to_string()))
    );
    assert_eq!(
        (detail("left_size"), detail("left_root")),
        (Integer(before.size as i64), Text(before.root.to_string()))
    );
    let ended = store.log_ended(sample.tenant, EVENTS).await.unwrap().remove(0);
    assert_eq!(
        (ended.origin.as_str(), ended.size),
        (before.origin.as_str(), before.size)
    );
    let kept = store.generation_leaves(&ended, (0, before.size + 9));
    assert_eq!(kept.await.unwrap().len() as u64, before.size);
    let proofs = store.log_continuations(sample.tenant, EVENTS).await.unwrap();
    let key = store.log_verifier(sample.tenant, EVENTS).await.unwrap();
    assert_eq!(proofs.len(), 1);
    assert_eq!(
        proofs[0].verify(proofs[0].extra.as_deref().unwrap(), &[key]).unwrap(),
        new
    );
    end(store, database).await;
    test.end().await;
}

async fn a_log_that_another_process_continued_goes_on_from_its_own_tree(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let other = test.second().await;
    // The other process keeps the tree of the old log in memory.
    queue(&other, &sample, 6).await;
    other.log_sequence_all(later(1)).await.unwrap();
    let old = published(&other, &sample).await;
    let ahead = "UPDATE mark SET size = size + 1000 WHERE origin LIKE '%/events'";
    assert_eq!(test.store.tamper_keys(ahead).await.unwrap(), 1);
    let halt = test.store.log_guard(sample.tenant, EVENTS, later(2)).await.unwrap();
    assert_eq!(halt, Some(Halt::RolledBack));
    // Whichever way it fails, whoever asks again is told how things are.
    for fault in [Fault::Lost, Fault::Done] {
        test.store.fail_next(Step::Continue, fault);
        let failed = continued(&test, &sample, old.size).await;
        assert!(matches!(failed, Err(StoreError::Busy)), "{fault:?}: {failed:?}");
    }
    let again = continued(&test, &sample, old.size).await;
    assert!(
        matches!(again, Err(StoreError::Changed)),
        "it goes on already: {again:?}"
    );
    // The new log has as many leaves as the old one had.
    queue(&test.store, &sample, old.size as usize - 1).await;
    test.store.log_sequence_all(later(4)).await.unwrap();
    assert_eq!(published(&test.store, &sample).await.size, old.size);
    queue(&other, &sample, 3).await;
    other.log_sequence_all(later(5)).await.unwrap();
    assert_eq!(halted(&other, &sample).await, None);
    assert_eq!(published(&other, &sample).await.size, old.size + 3);
    other.close().await;
    test.end().await;
}

async fn continued(test: &TestStore, sample: &Sample, left: u64) -> Result<String, StoreError> {
    let goes_on = test
        .store
        .log_continue(sample.tenant, EVENTS, left, By::PROGRAM, later(3));
    goes_on.await
}

async fn a_restore_that_witnesses_know_of_waits_for_them(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let path = test.path("whole.backup");
    test.store.backup_to(&path, later(2)).await.unwrap();
    let before = published(&test.store, &sample).await;
    let (config, database) = beside(&test, "asked").await;
    let known = Known {
        witnessed: true,
        ..Known::default()
    };
    let report = restore(&config, &path, &known, later(10)).await.unwrap();
    assert!(report.halted.iter().all(|(_, halt)| *halt == Halt::Unasked) && report.halted.len() == 2);
    let store = Store::open(&config).await.unwrap();
    store.log_sequence_all(later(11)).await.unwrap();
    assert_eq!(
        published(&store, &sample).await,
        before,
        "the mark may be as old as the backup"
    );
    // Whichever way the answer gets lost, the log signs nothing before it was stored, and the next answer settles it.
    for (fault, held) in [(Fault::Lost, Some(Halt::Unasked)), (Fault::Done, None)] {
        store.fail_next(Step::Asked, fault);
        let asked = store.log_asked(sample.tenant, EVENTS, later(12)).await;
        assert!(matches!(asked, Err(StoreError::Busy)), "{asked:?}");
        assert_eq!(store.log_guard(sample.tenant, EVENTS, later(12)).await.unwrap(), held);
    }
    store.log_asked(sample.tenant, EVENTS, later(12)).await.unwrap();
    assert_eq!(halted(&store, &sample).await, None);
    store.log_sequence_all(later(13)).await.unwrap();
    assert_eq!(published(&store, &sample).await.size, before.size + 1);
    end(store, database).await;
    test.end().await;
}

async fn a_log_that_was_signed_as_two_histories_is_halted(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    store.log_sequence_all(later(1)).await.unwrap();
    let before = published(store, &sample).await;
    let note = store.log_head(sample.tenant, EVENTS).await.unwrap().note;
    queue(store, &sample, 5).await;
    store.log_sequence_all(later(2)).await.unwrap();
    let after = published(store, &sample).await;
    store.mark_known(note.as_bytes()).await.unwrap();
    assert_eq!(store.log_guard(sample.tenant, EVENTS, later(3)).await.unwrap(), None);

    // Somebody holds a smaller head under the log's signature, of a tree that this one does not contain.
    let other = Checkpoint {
        size: before.size + 1,
        root: before.root,
        ..before.clone()
    };
    let key = store.log_key(sample.tenant, EVENTS).await.unwrap();
    let signed = other.sign(&[&key]).unwrap();
    for (fault, held) in [(Fault::Lost, None), (Fault::Done, Some(Halt::Forked))] {
        store.fail_next(Step::Rival, fault);
        let taken = store.mark_known(&signed).await;
        assert!(matches!(taken, Err(StoreError::Busy)), "{taken:?}");
        assert_eq!(store.log_guard(sample.tenant, EVENTS, later(3)).await.unwrap(), held);
    }
    store.mark_known(&signed).await.unwrap();
    queue(store, &sample, 1).await;
    assert_eq!(store.log_sequence_all(later(4)).await.unwrap(), 0);
    assert_eq!(halted(store, &sample).await, Some(Halt::Forked));
    assert_eq!(published(store, &sample).await, after);
    let found = store.log_halted(sample.tenant, EVENTS).await.unwrap().unwrap();
    let known = found.known.unwrap();
    assert_eq!((known.size, known.root), (other.size, other.root));
    let next = store
        .log_continue(sample.tenant, EVENTS, after.size, By::PROGRAM, later(5))
        .await
        .unwrap();
    store.log_sequence_all(later(6)).await.unwrap();
    let new = published(store, &sample).await;
    assert_eq!((new.origin, new.size), (next, 2), "the continuation, and what waited");
    assert_eq!(halted(store, &sample).await, None);
    test.end().await;
}

/// Sets the marks back to what they were when [`keep_marks`] was called, as a backup of the key store does.
async fn set_marks_back(test: &TestStore, of: &'static str) {
    let (gone, back) = match of {
        "all" => ("DELETE FROM mark", "INSERT INTO mark SELECT * FROM mark_old"),
        _ => (
            "DELETE FROM mark WHERE origin LIKE '%/events'",
            "INSERT INTO mark SELECT * FROM mark_old WHERE origin LIKE '%/events'",
        ),
    };
    test.store.tamper_keys(gone).await.unwrap();
    assert!(test.store.tamper_keys(back).await.unwrap() > 0);
}

async fn keep_marks(test: &TestStore) {
    let sql = "CREATE TABLE mark_old AS SELECT * FROM mark";
    test.store.tamper_keys(sql).await.unwrap();
}

async fn a_key_store_that_went_back_too_vouches_for_no_log(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    keep_marks(&test).await;
    let (path, before, after) = backed_up_then_grown(&test, &sample).await;
    let kept = test.store.log_head(sample.tenant, EVENTS).await.unwrap().note;
    // The log of reads was empty when both stores were backed up, and was signed since.
    queue_of(&test.store, &sample, EntryKind::Export, 3).await;
    test.store.log_sequence_all(later(4)).await.unwrap();
    set_marks_back(&test, "all").await;
    let (config, database) = beside(&test, "both").await;
    let known = Known {
        checkpoints: vec![kept.into_bytes()],
        ..Known::default()
    };
    let report = restore(&config, &path, &known, later(10)).await.unwrap();
    let access = before.origin.replace("/events", "/access");
    let expected = [(access, Halt::Restored), (before.origin.clone(), Halt::RolledBack)];
    assert_eq!(
        report.halted, expected,
        "nothing that stays is signed unless somebody vouches for it"
    );
    let store = Store::open(&config).await.unwrap();
    queue(&store, &sample, 3).await;
    assert_eq!(store.log_sequence_all(later(11)).await.unwrap(), 0);
    assert_eq!(published(&store, &sample).await, before);
    let meta = store.log_head(OPERATOR, LogName::Meta).await.unwrap();
    assert!(meta.origin.ends_with("/meta-2"), "{}", meta.origin);
    for name in [EVENTS, LogName::Access] {
        let left = store.log_halted(sample.tenant, name).await.unwrap().unwrap().left.size;
        store
            .log_continue(sample.tenant, name, left, By::PROGRAM, later(12))
            .await
            .unwrap();
    }
    store.log_sequence_all(later(13)).await.unwrap();
    let new = published(&store, &sample).await;
    assert!(new.origin.ends_with("/events-2") && new.size > 0, "{new:?}");
    let mark = store.keys().mark_get(&after.origin).await.unwrap().unwrap();
    assert_eq!((mark.size, mark.root), (after.size, after.root));
    assert!(proof_of(&store, &sample, &new).await.is_some());
    end(store, database).await;
    test.end().await;
}

async fn a_log_that_went_on_elsewhere_is_halted(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    keep_marks(&test).await;
    let (path, before, _) = backed_up_then_grown(&test, &sample).await;
    let (config, database) = beside(&test, "first").await;
    restore(&config, &path, &Known::default(), later(10)).await.unwrap();
    let first = Store::open(&config).await.unwrap();
    first
        .log_continue(sample.tenant, EVENTS, before.size, By::PROGRAM, later(11))
        .await
        .unwrap();
    first.log_sequence_all(later(12)).await.unwrap();
    let second = published(&first, &sample).await;
    // The log ended where the backup does, so its last checkpoint alone contradicts nothing.
    set_marks_back(&test, "events").await;
    let (again, other) = beside(&test, "again").await;
    let report = restore(&again, &path, &Known::default(), later(20)).await.unwrap();
    assert!(
        report.halted.contains(&(before.origin.clone(), Halt::RolledBack)),
        "{report:?}"
    );
    let store = Store::open(&again).await.unwrap();
    for origin in [second.origin.clone(), format!("{}-3", before.origin)] {
        let left = store
            .log_halted(sample.tenant, EVENTS)
            .await
            .unwrap()
            .unwrap()
            .left
            .size;
        let next = store.log_continue(sample.tenant, EVENTS, left, By::PROGRAM, later(21));
        assert_eq!(next.await.unwrap(), origin);
        store.log_sequence_all(later(22)).await.unwrap();
    }
    assert_eq!(halted(&store, &sample).await, None);
    let third = published(&store, &sample).await;
    assert!(third.origin.ends_with("/events-3"), "{}", third.origin);
    let key = store.log_verifier(sample.tenant, EVENTS).await.unwrap();
    let mut told = Vec::new();
    for proof in store.log_continuations(sample.tenant, EVENTS).await.unwrap() {
        let leaf = proof.extra.clone().unwrap();
        assert_eq!(proof.verify(&leaf, std::slice::from_ref(&key)).unwrap(), third);
        let Ok(Leaf::Server(entry)) = Leaf::decode(&leaf) else {
            panic!("the first leaves are the server's")
        };
        told.push((proof.index, entry.detail["origin"].clone()));
    }
    assert_eq!(told, [(1, Text(before.origin)), (0, Text(second.origin))]);
    end(store, other).await;
    end(first, database).await;
    test.end().await;
}

async fn the_meta_log_goes_on_past_names_that_were_used(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    queue_of(&test.store, &sample, EntryKind::Export, 3).await;
    let (path, before, _) = backed_up_then_grown(&test, &sample).await;
    for generation in 2..5_u32 {
        let (config, database) = beside(&test, &format!("restore-{generation}")).await;
        let at = i64::from(generation) * 100;
        restore(&config, &path, &Known::default(), later(at)).await.unwrap();
        let store = Store::open(&config).await.unwrap();
        while let Some(halted) = store.log_halted(sample.tenant, EVENTS).await.unwrap() {
            store
                .log_continue(sample.tenant, EVENTS, halted.left.size, By::PROGRAM, later(at + 1))
                .await
                .unwrap();
            store.log_sequence_all(later(at + 2)).await.unwrap();
        }
        let meta = store.log_head(OPERATOR, LogName::Meta).await.unwrap();
        assert_eq!((meta.halted, meta.generation), (None, generation), "{meta:?}");
        let new = published(&store, &sample).await;
        assert_eq!(new.origin, format!("{}-{generation}", before.origin));
        let access = store.log_head(sample.tenant, LogName::Access).await.unwrap();
        let text = doorstep_log::note::text_unverified(access.note.as_bytes()).unwrap();
        // Also a log that lost nothing and has not grown stands in it.
        for head in [new, Checkpoint::parse(text).unwrap()] {
            let proof = proof_of(&store, &sample, &head).await;
            assert!(proof.is_some(), "{} in {}", head.origin, meta.origin);
        }
        end(store, database).await;
    }
    test.end().await;
}

async fn a_tampered_tree_is_not_signed(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let before = published(&test.store, &sample).await;
    queue(&test.store, &sample, 3).await;
    let store = test.second().await;
    store
        .tamper("UPDATE log SET root = (SELECT root FROM log WHERE name = 'access') WHERE name = 'events'")
        .await
        .unwrap();
    store.log_sequence_all(later(2)).await.unwrap();
    assert_eq!(halted(&store, &sample).await, Some(Halt::Forked));
    assert_eq!(
        store.log_head(sample.tenant, EVENTS).await.unwrap().note_size,
        before.size
    );
    store.close().await;
    test.end().await;
}

/// Opens a person's file, which leaves an entry in the log of reads.
async fn read(store: &Store, sample: &Sample, case: &Case, now: Micros) {
    let (alias, _) = store.person_get(sample.tenant, case.person).await.unwrap();
    let request = sample.reads(Purpose::Case, vec![(case.person, alias)]);
    store.grant(sample.tenant, request, now).await.unwrap();
}

async fn damage_to_one_log_keeps_no_other_back(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let (_, cases) = sample.land_some(&test.store, 1).await;
    read(&test.store, &sample, &cases[0], later(1)).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let store = test.second().await;
    let tile = "UPDATE log_tile SET level = 99 WHERE name = 'access' AND level = 0";
    assert_eq!(store.tamper(tile).await.unwrap(), 1);
    // One byte of a leaf, too: it is a read that cannot be read.
    let leaf = match store.engine() {
        Engine::Sqlite => {
            "UPDATE log_leaf SET leaf = CAST('{' || substr(leaf, 3) AS BLOB) WHERE name = 'access' AND position = 0"
        }
        Engine::Postgres => "UPDATE log_leaf SET leaf = '{' || substr(leaf, 3) WHERE name = 'access' AND position = 0",
    };
    assert_eq!(store.tamper(leaf).await.unwrap(), 1);
    read(&store, &sample, &cases[0], later(1_000)).await;
    queue(&store, &sample, 2).await;
    let before = published(&store, &sample).await;
    store.log_sequence_all(later(2)).await.unwrap();
    assert_eq!(published(&store, &sample).await.size, before.size + 2);
    let access = store.log_head(sample.tenant, LogName::Access).await.unwrap();
    assert_eq!(access.halted, Some(Halt::Damaged));
    assert_eq!(
        store.log_queue_len().await.unwrap(),
        1,
        "the read that waits is not lost"
    );
    store.reads_rebuild(sample.tenant).await.unwrap();

    let back = "UPDATE log_tile SET level = 0 WHERE name = 'access' AND level = 99";
    assert_eq!(store.tamper(back).await.unwrap(), 1);
    store.log_sequence_all(later(3)).await.unwrap();
    let access = store.log_head(sample.tenant, LogName::Access).await.unwrap();
    assert_eq!((access.halted, access.size), (None, access.note_size));
    store.close().await;
    test.end().await;
}

async fn an_invented_generation_is_not_signed(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    queue(&test.store, &sample, 3).await;
    test.store.log_sequence_all(later(1)).await.unwrap();
    let before = published(&test.store, &sample).await;
    let store = test.second().await;
    // Whoever holds the main database alone ends the log and begins another under a name that no mark is known of.
    for forged in [
        "INSERT INTO log_ended (tenant_id, name, generation, origin, size, root, note) \
         SELECT tenant_id, name, 1, origin, size, root, note FROM log WHERE name = 'events'",
        "UPDATE log SET generation = 2, origin = origin || '-2', note_size = 0, note = '' WHERE name = 'events'",
        "UPDATE log_leaf SET generation = 2 WHERE name = 'events'",
        "UPDATE log_tile SET generation = 2 WHERE name = 'events'",
    ] {
        assert!(store.tamper(forged).await.unwrap() > 0);
    }
    queue(&store, &sample, 1).await;
    assert_eq!(store.log_sequence_all(later(2)).await.unwrap(), 0);
    let head = store.log_head(sample.tenant, EVENTS).await.unwrap();
    assert_eq!((head.halted, head.note_size), (Some(Halt::Forked), 0));
    // The same under another name of the deployment.
    for forged in [
        "UPDATE log SET generation = 1, origin = 'elsewhere' || origin WHERE name = 'events'",
        "UPDATE log_leaf SET generation = 1 WHERE name = 'events'",
        "UPDATE log_tile SET generation = 1 WHERE name = 'events'",
    ] {
        assert!(store.tamper(forged).await.unwrap() > 0);
    }
    store.log_sequence_all(later(3)).await.unwrap();
    let head = store.log_head(sample.tenant, EVENTS).await.unwrap();
    assert_eq!((head.halted, head.note_size), (Some(Halt::Forked), 0));
    let mark = store.keys().mark_get(&before.origin).await.unwrap().unwrap();
    assert_eq!((mark.size, mark.root), (before.size, before.root));
    store.close().await;
    test.end().await;
}

/// Makes the log of changes halt as one that was set back: the key store remembers a head that was never here.
async fn set_back(store: &Store, sample: &Sample) {
    let key = store.log_key(sample.tenant, EVENTS).await.unwrap();
    let head = store.log_head(sample.tenant, EVENTS).await.unwrap();
    let larger = Checkpoint {
        origin: head.origin,
        size: head.size + 20_000,
        root: leaf_hash(b"a tree that was lost"),
    };
    store.mark_known(&larger.sign(&[&key]).unwrap()).await.unwrap();
}

async fn a_process_with_an_old_edge_places_nothing_wrongly(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    queue(store, &sample, 30).await;
    store.log_sequence_all(later(1)).await.unwrap();
    let old = published(store, &sample).await;
    let other = test.second().await;
    set_back(&other, &sample).await;
    other
        .log_continue(sample.tenant, EVENTS, old.size, By::PROGRAM, later(2))
        .await
        .unwrap();
    // The new log grows to the very size of which the first process still holds the edge of the old one.
    queue(&other, &sample, old.size as usize - 1).await;
    other.log_sequence_all(later(3)).await.unwrap();
    assert_eq!(published(&other, &sample).await.size, old.size);
    queue(store, &sample, 1).await;
    store.log_sequence_all(later(4)).await.unwrap();
    assert_eq!(published(store, &sample).await.size, old.size + 1);
    assert_eq!(halted(store, &sample).await, None);
    other.close().await;
    test.end().await;
}

async fn a_late_answer_does_not_land_in_the_next_generation(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    store.log_sequence_all(later(1)).await.unwrap();
    let all = store.log_published().await.unwrap();
    let old = all
        .into_iter()
        .map(|(log, _)| log)
        .find(|log| log.name == EVENTS)
        .unwrap();
    set_back(store, &sample).await;
    store
        .log_continue(sample.tenant, EVENTS, old.note_size, By::PROGRAM, later(2))
        .await
        .unwrap();
    store.log_cosigned_set(&old, &old.note, later(3)).await.unwrap();
    store
        .witness_cosigned(&old, "w", (old.note_size, "line"), later(3))
        .await
        .unwrap();
    let stamp = LogStamp {
        size: old.note_size,
        note: old.note.clone(),
        response: b"answer".to_vec(),
        stamped_at: later(3),
        taken_at: later(3),
    };
    store.stamp_add(sample.tenant, &old.origin, &stamp).await.unwrap();
    assert_eq!(store.log_cosigned(sample.tenant, EVENTS).await.unwrap().size, 0);
    assert!(store.witness_states(sample.tenant, EVENTS).await.unwrap().is_empty());
    for generation in store.log_generations(sample.tenant, EVENTS).await.unwrap() {
        assert!(store.stamp_page(&generation, 0, 10).await.unwrap().is_empty());
    }
    test.end().await;
}

async fn an_erasure_survives_a_restore_of_both_stores(test: TestStore) {
    let sample = Sample::new(&test.store).await;
    let (_, cases) = sample.land_some(&test.store, 3).await;
    let path = test.path("old.backup");
    test.store.backup_to(&path, later(100)).await.unwrap();
    // Nothing beside the backup remembers, but for an export that names the alias.
    let (config, database) = beside(&test, "both").await;
    let (alias, _) = test.store.person_get(sample.tenant, cases[1].person).await.unwrap();
    let known = Known {
        erased: vec![(sample.tenant, alias)],
        ..Known::default()
    };
    let report = restore(&config, &path, &known, later(300)).await.unwrap();
    assert_eq!((report.erased_again, report.keys_destroyed), (1, 1));
    let store = Store::open(&config).await.unwrap();
    assert!(store.person_get(sample.tenant, cases[1].person).await.unwrap().1);
    let keys = store.sealing_keys(sample.tenant, &[cases[1].person.0]).await.unwrap();
    assert!(matches!(keys.get(cases[1].person.0), Err(StoreError::Erased)));
    assert_remembered(&store, &sample).await;
    store.close().await;
    if let Some(database) = database {
        database.drop().await.unwrap();
    }
    // The key store remembers from now on, also for a database that has never heard of the erasure.
    let (config, database) = beside(&test, "main").await;
    let report = restore(&config, &path, &Known::default(), later(400)).await.unwrap();
    assert_eq!((report.erased_again, report.keys_destroyed), (1, 0));
    let store = Store::open(&config).await.unwrap();
    assert_remembered(&store, &sample).await;
    end(store, database).await;
    test.end().await;
}

/// The case number of the second case leads nowhere, and no file brings it back.
async fn assert_remembered(store: &Store, sample: &Sample) {
    let key = store.keys().blind_key(sample.tenant.0).await.unwrap();
    let number = doorstep_store::blind::blind_case(&key, sample.portfolio, "C-1");
    let number = [number];
    let case = store.blind_find(sample.tenant, "case", &number).await.unwrap();
    let erased = store.blind_find(sample.tenant, "erased", &number).await.unwrap();
    assert_eq!((case.len(), erased.len()), (0, 1));
}
