//! Reads of personal data: only what was granted, never without an entry, never after erasure.

use doorstep_domain::id::{EventId, PersonId};
use doorstep_domain::person::PersonalFields;
use doorstep_store::case::Case;
use doorstep_store::entry::{By, EntryKind, LogName};
use doorstep_store::grant::{GrantRequest, Purpose};
use doorstep_store::{Store, StoreError, fresh_alias};

use super::engine::TestStore;
use super::sample::{Sample, later, one};

stories!(
    a_grant_opens_what_it_names_and_queues_one_entry,
    a_plan_reads_in_bulk_under_one_entry,
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
    GrantRequest {
        reader: sample.staff,
        by: By::PROGRAM,
        purpose,
        persons,
        plan: None,
    }
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
    tx.commit(one(EntryKind::SubjectErased)).await.unwrap();
    // The process ends before the key is destroyed; the next start finishes it, once.
    let next = test.second().await;
    assert_eq!(next.erasure_finish(later(2)).await.unwrap(), 1);
    assert_eq!(next.erasure_finish(later(3)).await.unwrap(), 0);
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
