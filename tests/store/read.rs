//! Reads of personal data: only what was granted, never without an entry, never after erasure.

use doorstep_domain::id::{ApprovalId, EventId, PersonId};
use doorstep_domain::measure::Micros;
use doorstep_domain::person::PersonalFields;
use doorstep_domain::read::OutsidePurpose;
use doorstep_store::case::Case;
use doorstep_store::entry::{EntryKind, LogName};
use doorstep_store::erasure::{ErasureCause, Erasures};
use doorstep_store::grant::{GrantRequest, Purpose};
use doorstep_store::reads::Read;
use doorstep_store::{Store, StoreError, fresh_alias};
use uuid::Uuid;

use super::engine::TestStore;
use super::sample::{Sample, later, one};

stories!(
    a_grant_opens_what_it_names_and_queues_one_entry,
    a_plan_reads_in_bulk_under_one_entry,
    nothing_opens_where_the_entry_cannot_be_written,
    who_read_whose_data_is_found_and_can_be_made_again,
    an_erased_person_stays_closed
);

async fn request(store: &Store, sample: &Sample, cases: &[Case], purpose: Purpose) -> GrantRequest {
    let mut persons = Vec::new();
    for case in cases {
        persons.push((
            case.person,
            store.person_get(sample.tenant, case.person).await.unwrap().0,
        ));
    }
    sample.reads(purpose, persons)
}

async fn sealed(store: &Store, sample: &Sample, case: &Case) -> (EventId, PersonId, Vec<u8>) {
    store
        .payload_get_many(sample.tenant, &[case.payload.0])
        .await
        .unwrap()
        .remove(0)
}

/// Access entries that the sequencer has placed so far.
async fn reads(store: &Store, sample: &Sample) -> u64 {
    store.log_sequence_all(later(1)).await.unwrap();
    store.log_head(sample.tenant, LogName::Access).await.unwrap().size
}

async fn a_grant_opens_what_it_names_and_queues_one_entry(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 3).await;
    let asked = request(store, &sample, &cases[..2], Purpose::Case).await;
    let grant = store.grant(sample.tenant, asked.clone(), later(0)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 1);
    let (event, person, bytes) = sealed(store, &sample, &cases[1]).await;
    let opened = grant.open(person, event, &bytes).unwrap();
    assert_eq!(
        serde_json::from_slice::<PersonalFields>(&opened.payload).unwrap().name,
        "Ana Testa 1"
    );
    let (event, person, bytes) = sealed(store, &sample, &cases[2]).await;
    assert!(matches!(grant.open(person, event, &bytes), Err(StoreError::NotGranted)));
    assert!(matches!(
        grant.open(cases[1].person, event, &bytes),
        Err(StoreError::Altered)
    ));

    // The same reader, file and purpose within five minutes are the same read; whatever differs is another.
    let twice = GrantRequest {
        persons: [asked.persons.clone(), asked.persons.clone()].concat(),
        ..asked.clone()
    };
    store.grant(sample.tenant, twice, later(299)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 1);
    let export = GrantRequest {
        purpose: Purpose::Export,
        ..asked.clone()
    };
    store.grant(sample.tenant, export, later(299)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 2);
    let more = request(store, &sample, &cases, Purpose::Case).await;
    store.grant(sample.tenant, more, later(299)).await.unwrap();
    let leaf = store.log_leaves(sample.tenant, LogName::Access, 2, 1).await;
    assert_eq!((reads(store, &sample).await, leaf.unwrap().len()), (3, 0));
    store.grant(sample.tenant, asked, later(301)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 4);
    test.end().await;
}

async fn a_plan_reads_in_bulk_under_one_entry(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 700).await;
    let mut asked = request(store, &sample, &cases, Purpose::Planning).await;
    asked.plan = Some(fresh_alias());
    let grant = store.grant(sample.tenant, asked.clone(), later(0)).await.unwrap();
    let (event, person, bytes) = sealed(store, &sample, &cases[699]).await;
    assert!(grant.open(person, event, &bytes).is_ok());
    assert_eq!(reads(store, &sample).await, 1);
    // Another plan is another read, however soon.
    asked.plan = Some(fresh_alias());
    store.grant(sample.tenant, asked.clone(), later(1)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 2);
    // Listing as many persons by name takes several entries, so that no leaf grows too large.
    asked.plan = None;
    store.grant(sample.tenant, asked, later(2)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 5);
    test.end().await;
}

async fn an_erased_person_stays_closed(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    let asked = request(store, &sample, &cases, Purpose::Case).await;
    // Whoever kept a copy of the sealed bytes cannot open them any more either.
    let (event, person, bytes) = sealed(store, &sample, &cases[0]).await;
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    assert!(tx.person_erase(cases[0].person).await.unwrap());
    assert_eq!(tx.case_close_of_person(cases[0].person).await.unwrap(), 1);
    let cause = ErasureCause::Approved(ApprovalId(Uuid::nil()));
    let keys = store.keys();
    keys.erasure_allow(sample.tenant, &[cases[0].person], cause, later(1))
        .await
        .unwrap();
    tx.commit(one(EntryKind::SubjectErased)).await.unwrap();
    // The process ends before the key is destroyed; the next start finishes it, once.
    let next = test.second().await;
    assert_eq!(next.erasure_finish(later(2)).await.unwrap().finished, 1);
    assert_eq!(next.erasure_finish(later(3)).await.unwrap(), Erasures::default());
    let grant = next.grant(sample.tenant, asked, later(4)).await.unwrap();
    assert!(matches!(grant.open(person, event, &bytes), Err(StoreError::Erased)));
    assert!(
        store
            .payload_get_many(sample.tenant, &[event.0])
            .await
            .unwrap()
            .is_empty()
    );
    let (event, person, bytes) = sealed(store, &sample, &cases[1]).await;
    assert!(grant.open(person, event, &bytes).is_ok());
    let keys = next.sealing_keys(sample.tenant, &[cases[0].person.0]).await.unwrap();
    assert!(matches!(keys.get(cases[0].person.0), Err(StoreError::Erased)));
    next.close().await;
    test.end().await;
}

async fn nothing_opens_where_the_entry_cannot_be_written(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (import, cases) = sample.land_some(store, 2).await;
    let asked = request(store, &sample, &cases, Purpose::Case).await;
    let reader = asked.reader;
    store.tamper("ALTER TABLE log_queue RENAME TO log_gone").await.unwrap();
    assert!(store.grant(sample.tenant, asked.clone(), later(0)).await.is_err());
    assert!(
        store
            .grant_file(sample.tenant, &reader, import, later(0))
            .await
            .is_err()
    );
    store.tamper("ALTER TABLE log_gone RENAME TO log_queue").await.unwrap();
    // Nothing of it stays: the next read is a first one, and the index knows of no other.
    let before = reads(store, &sample).await;
    store.grant(sample.tenant, asked, later(1)).await.unwrap();
    assert_eq!(reads(store, &sample).await, before + 1);
    let check = store.reads_check(sample.tenant).await.unwrap();
    assert_eq!((check.reads, check.missing, check.extra), (1, 0, 0));
    test.end().await;
}

async fn who_read_whose_data_is_found_and_can_be_made_again(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 700).await;
    let listed = request(store, &sample, &cases[..400], Purpose::Case).await;
    store.grant(sample.tenant, listed.clone(), later(0)).await.unwrap();
    let mut planned = request(store, &sample, &cases, Purpose::Planning).await;
    let plan = fresh_alias();
    planned.plan = Some(plan);
    store.grant(sample.tenant, planned, later(1)).await.unwrap();
    let mut outside = request(store, &sample, &cases[..1], Purpose::Case).await;
    outside.outside = Some(OutsidePurpose::Complaint);
    store.grant(sample.tenant, outside, later(2)).await.unwrap();
    assert_eq!(reads(store, &sample).await, 4);
    // Two more wait for their places: the index has them at once.
    let exported = request(store, &sample, &cases[..1], Purpose::Export).await;
    store.grant(sample.tenant, exported, later(3)).await.unwrap();

    let alias = store.person_get(sample.tenant, cases[0].person).await.unwrap().0.0;
    let newest = (Micros(i64::MAX), Uuid::max());
    let found = store
        .read_list(sample.tenant, &[alias, plan.0], newest, 10)
        .await
        .unwrap();
    let told: Vec<(&str, &str, i64)> = found
        .iter()
        .map(|read| (read.purpose.as_str(), read.outside.as_str(), read.persons))
        .collect();
    assert_eq!(
        told,
        [
            ("export", "", 1),
            ("case", "complaint", 1),
            ("planning", "", 700),
            ("case", "", 300)
        ]
    );
    // A page goes on where the one before ended.
    let first = store
        .read_list(sample.tenant, &[alias, plan.0], newest, 3)
        .await
        .unwrap();
    assert_eq!(first, found[..3]);
    let next = (first[2].at, first[2].id);
    let rest = store.read_list(sample.tenant, &[alias, plan.0], next, 3).await.unwrap();
    assert_eq!(rest, found[3..]);
    let week = (later(0), later(100));
    assert_eq!(
        store.read_outside(sample.tenant, week).await.unwrap(),
        [found[1].clone()]
    );

    agrees_again(store, &sample, &found, &[alias, plan.0]).await;
    test.end().await;
}

/// The index agrees with the logs; where it is altered that is seen, and it can be made again.
async fn agrees_again(store: &Store, sample: &Sample, found: &[Read], aliases: &[Uuid]) {
    let check = || async {
        let check = store.reads_check(sample.tenant).await.unwrap();
        (check.reads, check.missing, check.extra)
    };
    assert_eq!(check().await, (5, 0, 0));
    store
        .tamper("UPDATE read_entry SET outside = '' WHERE outside <> ''")
        .await
        .unwrap();
    assert_eq!(check().await, (5, 1, 1));
    let deleted = store.tamper("DELETE FROM read_subject").await.unwrap();
    assert_eq!(deleted, 400 + 1 + 1 + 1);
    assert_eq!(check().await, (5, 1 + 403, 1));
    assert_eq!(store.reads_rebuild(sample.tenant).await.unwrap(), 5);
    assert_eq!(check().await, (5, 0, 0));
    let newest = (Micros(i64::MAX), Uuid::max());
    assert_eq!(
        store.read_list(sample.tenant, aliases, newest, 10).await.unwrap(),
        found
    );
    // As a database of a version before this one is met: leaves, and no index.
    store.tamper("DELETE FROM read_subject").await.unwrap();
    store.tamper("DELETE FROM read_entry").await.unwrap();
    assert_eq!(store.reads_finish().await.unwrap(), 5);
    assert_eq!(store.reads_finish().await.unwrap(), 0);
    assert_eq!(check().await, (5, 0, 0));
}
