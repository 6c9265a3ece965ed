//! Devices: enrolled by a code, their chains, their events as received, what they hold.

use doorstep_domain::event::PushStatus;
use doorstep_domain::id::{DeviceId, EventId};
use doorstep_log::leaf::Algorithm;
use doorstep_store::device::{Device, DeviceState};
use doorstep_store::entry::{DeviceEntry, Entries, Entry, EntryKind, LogName};
use doorstep_store::event::StoredEvent;
use doorstep_store::{StoreError, fresh_id};

use super::engine::TestStore;
use super::sample::{NOW, Sample, later, one};

stories!(
    a_code_enrols_one_device,
    a_chain_moves_on_with_its_events,
    what_a_device_holds_is_replaced_as_a_whole
);

fn device(sample: &Sample) -> Device {
    Device {
        id: DeviceId(fresh_id(NOW)),
        staff: sample.staff,
        kid: "device-1".to_owned(),
        public_key: vec![4; 65],
        alg: Algorithm::Es256,
        state: DeviceState::Active,
        next_dseq: 1,
        head_hash: vec![0; 32],
        app: "doorstep 0.1".to_owned(),
        enrolled_at: NOW,
        seen_at: NOW,
        settled_at: NOW,
        head_at: NOW,
        pull_cursor: 0,
    }
}

async fn enrolled(test: &TestStore, sample: &Sample) -> Device {
    let device = device(sample);
    let mut tx = test.store.write(sample.tenant, NOW).await.unwrap();
    tx.device_insert(&device).await.unwrap();
    tx.commit(one(EntryKind::DeviceEnrolled)).await.unwrap();
    device
}

async fn a_code_enrols_one_device(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.device_code_insert(sample.staff, "code", later(600)).await.unwrap();
    tx.commit(one(EntryKind::DeviceCode)).await.unwrap();
    let mut tx = store.write(sample.tenant, later(601)).await.unwrap();
    assert!(matches!(tx.device_code_use("code").await, Err(StoreError::NotFound)));
    drop(tx);
    let mut tx = store.write(sample.tenant, later(599)).await.unwrap();
    assert_eq!(tx.device_code_use("code").await.unwrap(), sample.staff);
    assert!(matches!(tx.device_code_use("code").await, Err(StoreError::NotFound)));
    tx.device_insert(&device(&sample)).await.unwrap();
    tx.commit(one(EntryKind::DeviceEnrolled)).await.unwrap();
    assert_eq!(store.device_list(sample.tenant).await.unwrap().len(), 1);
    test.end().await;
}

async fn a_chain_moves_on_with_its_events(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let device = enrolled(&test, &sample).await;
    let (_, cases) = sample.land_some(store, 1).await;
    let visit = super::plan::visit(&sample, &cases[0], None);
    let mut event = StoredEvent {
        id: EventId(fresh_id(NOW)),
        device: device.id,
        dseq: 1,
        hdr: b"{\"dseq\":1}".to_vec(),
        hdr_hash: vec![1; 32],
        sig: vec![2; 64],
        kind: "visit.arrived".to_owned(),
        visit: Some(visit.id),
        status: PushStatus::ALL[0],
        flags: String::new(),
        received_at: later(5),
    };
    let mut tx = store.write(sample.tenant, later(5)).await.unwrap();
    let mut locked = tx.device_lock(device.id).await.unwrap();
    assert_eq!(locked, device);
    tx.event_add(&event, None);
    assert_eq!(
        tx.event_known(device.id, 1, EventId(fresh_id(NOW))).await.unwrap(),
        [event.clone()]
    );
    assert_eq!(tx.event_known(device.id, 2, event.id).await.unwrap(), [event.clone()]);
    let unknown = tx.event_known(device.id, 2, EventId(fresh_id(NOW))).await;
    assert!(unknown.unwrap().is_empty());
    locked.next_dseq = 2;
    locked.head_hash = event.hdr_hash.clone();
    locked.seen_at = later(5);
    tx.device_update(&locked).await.unwrap();
    let signed = DeviceEntry {
        hdr: event.hdr.clone(),
        kid: device.kid.clone(),
        alg: device.alg.clone(),
        sig: event.sig.clone(),
    };
    tx.commit(Entries::one(Entry::Device(signed))).await.unwrap();
    assert_eq!(store.device_get(sample.tenant, device.id).await.unwrap(), locked);

    // One number is one event, also where two pushes race.
    let mut tx = store.write(sample.tenant, later(6)).await.unwrap();
    event.id = EventId(fresh_id(NOW));
    tx.event_add(&event, None);
    let refused = tx.commit(one(EntryKind::ConflictFound)).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    event.dseq = 2;
    "far-from-door".clone_into(&mut event.flags);
    let mut tx = store.write(sample.tenant, later(6)).await.unwrap();
    tx.event_add(&event, None);
    assert_eq!(tx.event_read_visit(visit.id).await.unwrap().len(), 2);
    tx.commit(one(EntryKind::ConflictFound)).await.unwrap();
    assert_eq!(store.event_of_visit(sample.tenant, visit.id).await.unwrap()[1], event);
    assert_eq!(store.event_flagged(sample.tenant, 10).await.unwrap(), [event]);
    store.log_sequence_all(later(7)).await.unwrap();
    let size = store.log_head(sample.tenant, LogName::Events).await.unwrap().size;
    let leaves = store.log_leaves(sample.tenant, LogName::Events, 0, size).await.unwrap();
    let of_device = leaves
        .iter()
        .filter(|leaf| leaf.windows(8).any(|part| part == b"device-1"))
        .count();
    assert_eq!(of_device, 1);
    test.end().await;
}

async fn what_a_device_holds_is_replaced_as_a_whole(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let device = enrolled(&test, &sample).await;
    let held = |noun: &str, digest: u8| (noun.to_owned(), fresh_id(NOW), vec![digest; 32]);
    let first = vec![held("door", 1), held("permit", 2)];
    store
        .device_held_set(sample.tenant, device.id, first, (1, true), later(1))
        .await
        .unwrap();
    let second = vec![held("door", 3)];
    store
        .device_held_set(sample.tenant, device.id, second.clone(), (2, false), later(2))
        .await
        .unwrap();
    assert_eq!(store.device_held(sample.tenant, device.id).await.unwrap(), second);
    let device = store.device_get(sample.tenant, device.id).await.unwrap();
    assert_eq!(
        (device.pull_cursor, device.seen_at, device.settled_at),
        (2, later(2), later(1))
    );
    store
        .device_held_set(sample.tenant, device.id, Vec::new(), (3, true), later(3))
        .await
        .unwrap();
    assert!(store.device_held(sample.tenant, device.id).await.unwrap().is_empty());
    let given = store.number("SELECT count(*) FROM door_given").await.unwrap();
    assert_eq!(given, 2, "that it was given a door is never forgotten");
    test.end().await;
}
