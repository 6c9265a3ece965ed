//! What whoever can write to the main database, and has neither key store nor key file, comes to: nothing that they wrote is
//! signed, opens anything or destroys a key, and nothing of what the program wrote is lost.

use doorstep_domain::id::{ApprovalId, PersonId, SessionId};
use doorstep_domain::read::Purpose;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::leaf::Leaf;
use doorstep_log::tile::encode_tile;
use doorstep_log::tree::root;
use doorstep_store::case::Case;
use doorstep_store::entry::{By, Entries, EntryKind, LogName, ServerEntry};
use doorstep_store::erasure::ErasureCause;
use doorstep_store::grant::GrantRequest;
use doorstep_store::session::Session;
use doorstep_store::sign::Halt;
use doorstep_store::staff::SetBy;
use doorstep_store::{Engine, Store, StoreError, fresh_id};
use uuid::Uuid;

use super::engine::TestStore;
use super::sample::{NOW, Sample, entry, later, one};

stories!(
    an_erasure_that_only_the_database_knows_destroys_nothing,
    an_older_key_store_learns_of_an_erasure_from_the_signed_log,
    a_leaf_that_somebody_else_queued_is_never_signed,
    a_head_that_somebody_else_made_is_never_signed,
    what_an_earlier_version_queued_is_taken_over_once,
    a_row_of_somebody_else_is_no_session,
    a_row_of_somebody_else_signs_nobody_in,
    an_exchanged_alias_has_nobody_stand_for_another,
    no_row_keeps_a_read_from_its_entry,
    a_kept_answer_says_nothing_to_the_database,
);

const EVENTS: LogName = LogName::Events;

async fn request(store: &Store, sample: &Sample, cases: &[Case]) -> GrantRequest {
    let mut persons = Vec::new();
    for case in cases {
        let (alias, _) = store.person_get(sample.tenant, case.person).await.unwrap();
        persons.push((case.person, alias));
    }
    sample.reads(Purpose::Case, persons)
}

/// The entries of reads that were placed so far.
async fn reads(store: &Store, sample: &Sample) -> Vec<Leaf> {
    store.log_sequence_all(later(1)).await.unwrap();
    let leaves = store.log_leaves(sample.tenant, LogName::Access, 0, 1_000).await;
    leaves.unwrap().iter().map(|leaf| Leaf::decode(leaf).unwrap()).collect()
}

/// The published head.
async fn published(store: &Store, sample: &Sample) -> Checkpoint {
    let head = store.log_head(sample.tenant, EVENTS).await.unwrap();
    let key = store.log_verifier(sample.tenant, EVENTS).await.unwrap();
    Checkpoint::open(head.note.as_bytes(), &[key]).unwrap()
}

async fn halted(store: &Store, sample: &Sample) -> Option<Halt> {
    store.log_head(sample.tenant, EVENTS).await.unwrap().halted
}

async fn queue(store: &Store, sample: &Sample, count: usize) {
    let tx = store.write(sample.tenant, NOW).await.unwrap();
    let entries = vec![entry(EntryKind::OrgChanged); count];
    tx.commit(Entries::of(entries).unwrap()).await.unwrap();
}

async fn is_erased(store: &Store, sample: &Sample, person: PersonId) -> bool {
    let keys = store.sealing_keys(sample.tenant, &[person.0]).await.unwrap();
    matches!(keys.get(person.0), Err(StoreError::Erased))
}

/// Bytes as a statement writes them.
fn literal(store: &Store, bytes: &[u8]) -> String {
    let hex = bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    match store.engine() {
        Engine::Sqlite => format!("X'{hex}'"),
        Engine::Postgres => format!("'\\x{hex}'::BYTEA"),
    }
}

async fn tamper(store: &Store, sql: String) {
    assert_eq!(store.tamper(Box::leak(sql.into_boxed_str())).await.unwrap(), 1);
}

/// An id as a statement writes it.
fn id(store: &Store, id: Uuid) -> String {
    match store.engine() {
        Engine::Sqlite => literal(store, id.as_bytes()),
        Engine::Postgres => format!("'{id}'::UUID"),
    }
}

/// Gives each of two persons the alias of the other.
async fn aliases_exchange(store: &Store, sample: &Sample, cases: &[Case]) {
    let [left, right] = [cases[0].person, cases[1].person];
    let (to_right, _) = store.person_get(sample.tenant, left).await.unwrap();
    let (to_left, _) = store.person_get(sample.tenant, right).await.unwrap();
    for (person, alias) in [(left, left.0), (right, to_right.0), (left, to_left.0)] {
        let (alias, person) = (id(store, alias), id(store, person.0));
        tamper(
            store,
            format!("UPDATE person SET alias = {alias} WHERE person_id = {person}"),
        )
        .await;
    }
}

async fn an_erasure_that_only_the_database_knows_destroys_nothing(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    store.tamper("UPDATE person SET erased_at = 1").await.unwrap();
    let done = store.erasure_finish(later(1)).await.unwrap();
    assert_eq!((done.finished, done.unproven.len()), (0, 2));
    let refused = store.person_key_destroy(sample.tenant, cases[0].person, later(1)).await;
    assert!(matches!(refused, Err(StoreError::NotAllowed)));
    assert!(!is_erased(store, &sample, cases[0].person).await);
    // What a second person agreed to, for this person and no other, is carried out.
    let cause = ErasureCause::Approved(ApprovalId(Uuid::nil()));
    let keys = store.keys();
    keys.erasure_allow(sample.tenant, &[cases[0].person], cause, later(2))
        .await
        .unwrap();
    only_the_first_is_erased(store, &sample, &cases, 2).await;
    test.end().await;
}

/// Finishes erasures: of two persons that the database calls erased only one was allowed.
async fn only_the_first_is_erased(store: &Store, sample: &Sample, cases: &[Case], second: i64) {
    let done = store.erasure_finish(later(second)).await.unwrap();
    assert_eq!(
        (done.finished, done.unproven),
        (1, vec![(sample.tenant, cases[1].person)])
    );
    assert!(is_erased(store, sample, cases[0].person).await);
    assert!(!is_erased(store, sample, cases[1].person).await);
}

async fn an_older_key_store_learns_of_an_erasure_from_the_signed_log(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    let (alias, _) = store.person_get(sample.tenant, cases[0].person).await.unwrap();
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    tx.person_erase(cases[0].person).await.unwrap();
    let erased = ServerEntry::new(EntryKind::SubjectErased, By::PROGRAM).about(alias);
    tx.commit(Entries::one(erased)).await.unwrap();
    // Nothing in the key store allows it, and the entry is not signed yet.
    let done = store.erasure_finish(later(2)).await.unwrap();
    assert_eq!((done.finished, done.unproven.len()), (0, 1));
    store.log_sequence_all(later(3)).await.unwrap();
    // Whoever gives the alias of the erased to another person, and calls that one erased, has neither of them erased.
    aliases_exchange(store, &sample, &cases).await;
    store.tamper("UPDATE person SET erased_at = 1").await.unwrap();
    let done = store.erasure_finish(later(4)).await.unwrap();
    assert_eq!((done.finished, done.unproven.len()), (0, 2));
    aliases_exchange(store, &sample, &cases).await;
    assert_eq!(store.aliases_exchanged(sample.tenant).await.unwrap(), 0);
    only_the_first_is_erased(store, &sample, &cases, 5).await;
    test.end().await;
}

async fn a_leaf_that_somebody_else_queued_is_never_signed(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    store.log_sequence_all(later(1)).await.unwrap();
    let before = published(store, &sample).await;
    queue(store, &sample, 3).await;
    // The bytes of one that waits, changed by a letter, under the MAC of the right one.
    let forge = "INSERT INTO log_queue (tenant_id, name, leaf, mac) SELECT tenant_id, 'access', leaf, mac FROM log_queue \
                 WHERE name = 'events' AND queue_id = (SELECT max(queue_id) FROM log_queue)";
    assert_eq!(store.tamper(forge).await.unwrap(), 1);
    let forge = "INSERT INTO log_queue (tenant_id, name, leaf) SELECT tenant_id, name, leaf FROM log_queue \
                 WHERE name = 'events' AND queue_id = (SELECT min(queue_id) FROM log_queue)";
    assert_eq!(store.tamper(forge).await.unwrap(), 1);
    let waiting = store.log_queue_len().await.unwrap();
    assert_eq!(store.log_sequence_all(later(2)).await.unwrap(), 0);
    for name in LogName::OF_TENANT {
        let head = store.log_head(sample.tenant, *name).await.unwrap();
        assert_eq!(head.halted, Some(Halt::Forged), "{name}");
    }
    assert_eq!(published(store, &sample).await, before);
    assert_eq!(store.log_queue_len().await.unwrap(), waiting, "nothing is lost");
    // Another process does not sign it either, and the log is continued with all that the program wrote.
    let next = test.second().await;
    queue(&next, &sample, 2).await;
    assert_eq!(next.log_sequence_all(later(3)).await.unwrap(), 0);
    for name in LogName::OF_TENANT {
        let left = next.log_halted(sample.tenant, *name).await.unwrap().unwrap().left.size;
        let continued = next.log_continue(sample.tenant, *name, left, By::PROGRAM, later(4));
        continued.await.unwrap();
    }
    next.log_sequence_all(later(5)).await.unwrap();
    assert_eq!(halted(&next, &sample).await, None);
    assert_eq!(
        published(&next, &sample).await.size,
        1 + 3 + 2,
        "the continuation, and what waited"
    );
    assert_eq!(next.log_head(sample.tenant, LogName::Access).await.unwrap().size, 1);
    assert_eq!(next.number("SELECT count(*) FROM log_refused").await.unwrap(), 2);
    next.close().await;
    test.end().await;
}

/// Adds a leaf to the two of a log, with tile and head as they should be: all but what vouches for the head.
async fn tree_forge(store: &Store, sample: &Sample, note_size: u64) {
    let mut leaves = store.log_leaves(sample.tenant, EVENTS, 0, 2).await.unwrap();
    leaves.push(leaves[0].clone());
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let (tile, root) = (encode_tile(&hashes), root(&hashes));
    let (tile, root) = (literal(store, &tile), literal(store, &root.0));
    let of = format!("WHERE tenant_id = {} AND name = 'events'", id(store, sample.tenant.0));
    let leaf = "INSERT INTO log_leaf (tenant_id, name, generation, position, leaf) SELECT tenant_id, name, generation, 2, leaf FROM log_leaf";
    tamper(store, format!("{leaf} {of} AND position = 0")).await;
    tamper(store, format!("UPDATE log_tile SET hashes = {tile} {of} AND level = 0")).await;
    tamper(
        store,
        format!("UPDATE log SET size = 3, root = {root}, note_size = {note_size} {of}"),
    )
    .await;
}

async fn a_head_that_somebody_else_made_is_never_signed(test: TestStore) {
    // A tree that extends what was signed in every point, told to be unsigned, or to be signed already.
    for note_size in [2, 3] {
        let sample = Sample::named(&test.store, "Acme").await;
        test.store.log_sequence_all(later(1)).await.unwrap();
        let before = published(&test.store, &sample).await;
        assert_eq!(before.size, 2);
        let store = test.second().await;
        tree_forge(&store, &sample, note_size).await;
        queue(&store, &sample, 1).await;
        store.log_sequence_all(later(2)).await.unwrap();
        assert_eq!(halted(&store, &sample).await, Some(Halt::Forged), "{note_size}");
        assert_eq!(published(&store, &sample).await, before);
        if note_size == 2 {
            // Continuing does not take the leaf over, but what the program queued.
            let continued = store.log_continue(sample.tenant, EVENTS, 2, By::PROGRAM, later(3));
            continued.await.unwrap();
            store.log_sequence_all(later(4)).await.unwrap();
            assert_eq!(published(&store, &sample).await.size, 2);
            assert_eq!(store.number("SELECT count(*) FROM log_refused").await.unwrap(), 1);
        }
        store.close().await;
    }
    test.end().await;
}

async fn what_an_earlier_version_queued_is_taken_over_once(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    store.log_sequence_all(later(1)).await.unwrap();
    queue(store, &sample, 3).await;
    // As a version left it that knew none of this.
    for sql in [
        "UPDATE log_queue SET mac = (SELECT mac FROM log WHERE size = 0 AND name = 'access')",
        "UPDATE log SET mac = (SELECT mac FROM log WHERE size = 0 AND name = 'access')",
        "UPDATE staff SET mac = (SELECT mac FROM log WHERE size = 0 AND name = 'access')",
    ] {
        store.tamper(sql).await.unwrap();
    }
    store.tamper_keys("UPDATE subject_key SET alias = NULL").await.unwrap();
    store.tamper_keys("DELETE FROM adopted").await.unwrap();
    let next = test.second().await;
    assert_eq!(next.log_sequence_all(later(2)).await.unwrap(), 3);
    assert_eq!(halted(&next, &sample).await, None);
    assert_eq!(next.staff_forged(sample.tenant).await.unwrap(), []);
    next.tamper("UPDATE staff SET alias = staff_id").await.unwrap();
    assert_eq!(next.aliases_exchanged(sample.tenant).await.unwrap(), 1);
    // From then on a row without a MAC is somebody else's.
    queue(&next, &sample, 1).await;
    next.tamper("UPDATE log_queue SET mac = (SELECT mac FROM log WHERE size = 0 AND name = 'access')")
        .await
        .unwrap();
    let third = test.second().await;
    assert_eq!(third.log_sequence_all(later(3)).await.unwrap(), 0);
    assert_eq!(halted(&third, &sample).await, Some(Halt::Forged));
    third.close().await;
    next.close().await;
    test.end().await;
}

async fn a_row_of_somebody_else_is_no_session(test: TestStore) {
    let store = &test.store;
    let (sample, other) = (Sample::new(store).await, Sample::named(store, "Other").await);
    let session = Session {
        id: SessionId(fresh_id(NOW)),
        tenant: sample.tenant,
        staff: sample.staff,
        device: None,
        created_at: NOW,
        used_at: NOW,
        expires: later(60),
    };
    store.session_insert(&session, "abc").await.unwrap();
    assert_eq!(store.session_by_token("abc").await.unwrap(), Some(session));
    for sql in [
        "UPDATE session SET expires = expires + 1",
        "UPDATE session SET staff_id = (SELECT staff_id FROM staff WHERE staff.tenant_id <> session.tenant_id)",
        "UPDATE session SET tenant_id = (SELECT tenant_id FROM staff WHERE staff.staff_id = session.staff_id), \
         expires = expires - 1",
    ] {
        assert_eq!(store.tamper(sql).await.unwrap(), 1);
        assert_eq!(store.session_by_token("abc").await.unwrap(), None, "{sql}");
    }
    let mut tx = store.write(other.tenant, NOW).await.unwrap();
    tx.device_code_insert(other.staff, "CODE", later(60)).await.unwrap();
    tx.commit(one(EntryKind::DeviceCode)).await.unwrap();
    store
        .tamper("UPDATE device_code SET staff_id = (SELECT staff_id FROM session)")
        .await
        .unwrap();
    store
        .tamper("UPDATE device_code SET expires = expires + 1")
        .await
        .unwrap();
    let mut tx = store.write(other.tenant, NOW).await.unwrap();
    assert!(matches!(tx.device_code_use("CODE").await, Err(StoreError::NotFound)));
    drop(tx);
    test.end().await;
}

async fn a_row_of_somebody_else_signs_nobody_in(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    tx.staff_password(sample.staff, (None, "hash"), SetBy::Program)
        .await
        .unwrap();
    tx.commit(one(EntryKind::StaffPassword)).await.unwrap();
    assert_eq!(store.staff_by_login("n1-anna").await.unwrap().len(), 1);
    for (sql, back) in [
        (
            "UPDATE staff SET role = 'administrator'",
            "UPDATE staff SET role = 'field'",
        ),
        (
            "UPDATE staff SET password_hash = 'other'",
            "UPDATE staff SET password_hash = 'hash'",
        ),
        (
            "UPDATE staff SET password_first = 1",
            "UPDATE staff SET password_first = 0",
        ),
        (
            "UPDATE staff SET agency_id = staff_id",
            "UPDATE staff SET agency_id = NULL",
        ),
    ] {
        store.tamper(sql).await.unwrap();
        assert_eq!(store.staff_by_login("n1-anna").await.unwrap(), [], "{sql}");
        let found = store.staff_get(sample.tenant, sample.staff).await;
        assert!(matches!(found, Err(StoreError::Forged("staff"))), "{sql}");
        assert_eq!(store.staff_forged(sample.tenant).await.unwrap(), [sample.staff]);
        // Nor does a change of ours vouch for theirs.
        let mut tx = store.write(sample.tenant, later(2)).await.unwrap();
        let set = tx.staff_password(sample.staff, (None, "new"), SetBy::Program).await;
        assert!(matches!(set, Err(StoreError::Forged("staff"))), "{sql}");
        drop(tx);
        store.tamper(back).await.unwrap();
        assert_eq!(store.staff_forged(sample.tenant).await.unwrap(), []);
    }
    test.end().await;
}

async fn an_exchanged_alias_has_nobody_stand_for_another(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    let right = request(store, &sample, &cases[..1]).await.persons[0].1;
    aliases_exchange(store, &sample, &cases).await;
    let asked = request(store, &sample, &cases[..1]).await;
    assert_ne!(asked.persons[0].1, right);
    store.grant(sample.tenant, asked, later(1)).await.unwrap();
    let Leaf::Server(entry) = reads(store, &sample).await.remove(0) else {
        panic!("a read is an entry of the server");
    };
    assert_eq!(entry.subj, [right.to_string()]);
    assert_eq!(store.aliases_exchanged(sample.tenant).await.unwrap(), 2);
    test.end().await;
}

async fn no_row_keeps_a_read_from_its_entry(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 1).await;
    let asked = request(store, &sample, &cases).await;
    // A clock that was ahead, and set right again, hides nothing.
    for (at, entries) in [(1_000_000, 1), (0, 2), (299, 2), (300, 3)] {
        store.grant(sample.tenant, asked.clone(), later(at)).await.unwrap();
        assert_eq!(reads(store, &sample).await.len(), entries, "{at}");
    }
    // Another process makes an entry of its own.
    let next = test.second().await;
    next.grant(sample.tenant, asked, later(301)).await.unwrap();
    assert_eq!(reads(&next, &sample).await.len(), 4);
    next.close().await;
    test.end().await;
}

async fn a_kept_answer_says_nothing_to_the_database(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.answer_keep(sample.staff, "key", b"hash", "case LN-1").await.unwrap();
    tx.commit(one(EntryKind::OrgChanged)).await.unwrap();
    let answer = || store.answer_get(sample.tenant, sample.staff, "key", b"hash");
    assert_eq!(answer().await.unwrap().as_deref(), Some("case LN-1"));
    let clear = match store.engine() {
        Engine::Sqlite => "SELECT count(*) FROM idempotency WHERE instr(sealed, X'4C4E2D31') > 0",
        Engine::Postgres => "SELECT count(*) FROM idempotency WHERE position('\\x4C4E2D31'::BYTEA IN sealed) > 0",
    };
    assert_eq!(store.number(clear).await.unwrap(), 0);
    store
        .tamper("UPDATE idempotency SET sealed = request_hash")
        .await
        .unwrap();
    assert!(matches!(answer().await, Err(StoreError::Altered)));
    test.end().await;
}
