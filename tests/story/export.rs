//! Exports of long logs: what is held is a slice of them, and a case costs few reads however many leaves it has.

use doorstep_domain::id::EventId;
use doorstep_log::hash::Hash;
use doorstep_log::leaf::Leaf;
use doorstep_server::folder::{CaseOrder, log_export};
use doorstep_store::Engine;
use doorstep_store::case::CaseView;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, LogName, ServerEntry};
use doorstep_store::fresh_id;
use uuid::Uuid;

use crate::harness::{Deployment, ExportInMemory, sample};

stories!(
    payloads_leave_with_the_slice_of_their_leaves,
    the_proofs_of_a_case_are_made_from_few_reads,
);

/// Leaves that an export reads at once.
const SLICE: u64 = 1_000;

async fn a_case(site: &Deployment) -> CaseView {
    site.supervisor.import(sample("porto-cases.csv")).await;
    let case = site.supervisor.items("/v1/cases").await.remove(0);
    let id: Uuid = case["id"].as_str().unwrap().parse().unwrap();
    let found = site.app().store().case_get_many(site.made.tenant, &[id]).await;
    found.unwrap().remove(0)
}

/// An entry about a case, with a payload where an event is named.
fn about(case: &CaseView, event: Option<Uuid>) -> Entry {
    let entry = ServerEntry::new(EntryKind::CaseUpdated, By::PROGRAM).about(case.person_alias);
    let entry = entry.with("case", case.case.alias.to_string());
    match event {
        Some(event) => entry.payload(EventId(event), Hash([7; 32])).into(),
        None => entry.into(),
    }
}

async fn enter(site: &Deployment, entries: Vec<Entry>, payloads: Vec<(Uuid, Uuid, Vec<u8>)>) {
    let (store, now) = (site.app().store(), site.app().now());
    let mut tx = store.write(site.made.tenant, now).await.unwrap();
    tx.payload_insert(payloads).await.unwrap();
    tx.commit(Entries::of(entries).unwrap()).await.unwrap();
    site.app().run_sequencer().await.unwrap();
}

async fn payloads_leave_with_the_slice_of_their_leaves(site: &mut Deployment) {
    let case = a_case(site).await;
    let mut events: Vec<Uuid> = (0..3 * SLICE).map(|_| fresh_id(site.app().now())).collect();
    let sealed = |event: &Uuid| (*event, case.case.person.0, event.as_bytes().to_vec());
    let payloads = events.iter().map(sealed).collect();
    // A later leaf leads to a payload that an earlier slice has brought along.
    events.push(events[0]);
    let entries = events.iter().map(|event| about(&case, Some(*event))).collect();
    enter(site, entries, payloads).await;
    let export = site.export().await;
    for event in &events {
        let path = doorstep_log::export::payload_path(&event.to_string()).unwrap();
        assert_eq!(export.files[&path], event.as_bytes(), "{event}");
    }
    // A leaf that does not fit the format ends the export where it stands. What was read before it is written, with all of
    // its payloads: nothing of it is kept for later.
    let sql = match site.engine {
        Engine::Sqlite => "UPDATE log_leaf SET leaf = zeroblob(20000) WHERE name = 'events' AND position = 2500",
        Engine::Postgres => {
            "UPDATE log_leaf SET leaf = decode(repeat('00', 20000), 'hex') WHERE name = 'events' AND position = 2500"
        }
    };
    assert_eq!(site.app().store().tamper(sql).await.unwrap(), 1);
    let (target, clock) = (site.path("broken"), std::sync::Arc::clone(&site.clock));
    log_export(&site.folder(), &target, None, clock).await.unwrap_err();
    let (store, tenant) = (site.app().store(), site.made.tenant);
    let leaves = store.log_leaves(tenant, LogName::Events, 0, 2 * SLICE).await.unwrap();
    let mut written = 0;
    for leaf in leaves {
        let Leaf::Server(entry) = Leaf::decode(&leaf).unwrap() else {
            continue;
        };
        if entry.pc == Some(Hash([7; 32])) {
            let path = doorstep_log::export::payload_path(&entry.eid.unwrap()).unwrap();
            assert!(target.join(&path).exists(), "{path} was kept back");
            written += 1;
        }
    }
    assert!(written > SLICE, "{written} payloads in two slices");
}

async fn the_proofs_of_a_case_are_made_from_few_reads(site: &mut Deployment) {
    let case = a_case(site).await;
    enter(site, vec![about(&case, None); 600], Vec::new()).await;
    let order = CaseOrder::asked(case.case.id.0, None).unwrap();
    let (app, target) = (site.app(), site.path("case"));
    let (before, _) = app.store().asked();
    let made = app.export_case_log(site.made.tenant, order, &target).await.unwrap();
    let asked = app.store().asked().0 - before;
    assert!(made.events > 600, "{}", made.events);
    assert!(asked < made.events / 2, "{asked} statements for {} proofs", made.events);
    ExportInMemory::read(&target, &made.keys).holds();
}
