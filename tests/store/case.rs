//! Cases: written, written again, listed page by page, found by number, taken back.

use doorstep_domain::case::{CaseStatus, Flag};
use doorstep_domain::id::{CaseId, ImportId};
use doorstep_store::blind::{BLIND_CASE, BLIND_ERASED, BLIND_PHONE, blind_case, blind_phone};
use doorstep_store::case::{Case, CaseScope, CaseSort};
use doorstep_store::entry::EntryKind;
use doorstep_store::import::{ImportScope, ImportState, RowAction};
use doorstep_store::{Store, StoreError, fresh_id};

use super::engine::TestStore;
use super::sample::{NOW, Row, Sample, import_row, later, one};

stories!(
    a_case_written_again_changes_in_place,
    pages_lose_no_case_and_double_none,
    a_case_is_found_by_number_and_phone,
    an_import_is_taken_back,
    what_was_touched_is_not_taken_back_unseen,
);

async fn a_case_written_again_changes_in_place(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 4).await;
    let mut changed = cases[1].clone();
    changed.status = CaseStatus::Held;
    changed.amount = 0;
    changed.parts = None;
    changed.version = 2;
    changed.due_day = Some(20_000);
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    tx.case_write(std::slice::from_ref(&changed)).await.unwrap();
    assert_eq!(tx.case_read(&[changed.id.0]).await.unwrap()[0].case, changed);
    assert!(tx.case_restrict(cases[2].id, Flag::Disputed.bit()).await.unwrap());
    assert!(!tx.case_restrict(cases[2].id, Flag::Disputed.bit()).await.unwrap());
    tx.commit(one(EntryKind::CaseUpdated)).await.unwrap();

    let view = store.case_get(sample.tenant, changed.id).await.unwrap();
    assert_eq!((&view.case, view.address.zone.as_str()), (&changed, "Europe/Lisbon"));
    let restricted = store.case_get(sample.tenant, cases[2].id).await.unwrap().case;
    assert_eq!((restricted.flags, restricted.version), (Flag::Disputed.bit(), 2));
    assert_eq!(store.case_get(sample.tenant, cases[0].id).await.unwrap().case, cases[0]);
    let counts = store.case_counts(sample.tenant).await.unwrap();
    assert_eq!(counts, [(CaseStatus::Held, 1), (CaseStatus::Open, 3)]);
    let of_person = store.case_of_persons(sample.tenant, &[changed.person.0]).await.unwrap();
    assert_eq!(of_person.len(), 1);
    test.end().await;
}

fn sort_value(case: &Case, sort: CaseSort) -> i64 {
    match sort {
        CaseSort::DaysPastDue => case.days_past_due,
        CaseSort::Amount => case.amount,
        CaseSort::Updated => case.updated_at.get(),
    }
}

async fn walk(store: &Store, sample: &Sample, sort: CaseSort, limit: i64) -> Vec<(i64, CaseId)> {
    let scope = CaseScope {
        team: Some(sample.team),
        status: Some(CaseStatus::Open),
        ..CaseScope::default()
    };
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = store
            .case_page(sample.tenant, &scope, sort, cursor, limit)
            .await
            .unwrap();
        assert!(page.len() as i64 <= limit);
        seen.extend(page.iter().map(|view| (sort_value(&view.case, sort), view.case.id)));
        match page.last() {
            Some(last) if page.len() as i64 == limit => cursor = Some((sort_value(&last.case, sort), last.case.id)),
            _ => return seen,
        }
    }
}

async fn pages_lose_no_case_and_double_none(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    // Three and five different values among 53 cases, all updated at one of two moments.
    let rows: Vec<Row> = (0..40).map(Row::nth).collect();
    let (_, mut cases) = sample.land(store, &rows, NOW).await;
    let rows: Vec<Row> = (40..53).map(Row::nth).collect();
    cases.extend(sample.land(store, &rows, later(60)).await.1);
    for sort in CaseSort::ALL {
        let mut expected: Vec<_> = cases.iter().map(|case| (sort_value(case, *sort), case.id)).collect();
        expected.sort_by_key(|(value, id)| (std::cmp::Reverse(*value), id.0));
        for limit in [1, 7, 53, 100] {
            assert_eq!(walk(store, &sample, *sort, limit).await, expected, "{sort} by {limit}");
        }
    }
    let mut ids: Vec<_> = cases.iter().map(|case| case.id).collect();
    ids.sort_by_key(|id| id.0);
    let scope = CaseScope {
        portfolio: Some(sample.portfolio),
        ..CaseScope::default()
    };
    let all = store.case_scope(sample.tenant, &scope).await.unwrap();
    assert_eq!(all.iter().map(|view| view.case.id).collect::<Vec<_>>(), ids);
    let other = CaseScope {
        agency: Some(doorstep_domain::id::AgencyId(fresh_id(NOW))),
        ..CaseScope::default()
    };
    assert!(store.case_scope(sample.tenant, &other).await.unwrap().is_empty());
    test.end().await;
}

async fn a_case_is_found_by_number_and_phone(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 5).await;
    let key = store.keys().blind_key(sample.tenant.0).await.unwrap();
    let number = blind_case(&key, sample.portfolio, " c-3 ");
    let found = store.blind_find(sample.tenant, BLIND_CASE, &[number]).await.unwrap();
    assert_eq!(found, [(number, cases[3].id.0)]);
    let phone = blind_phone(&key, "00351900000002")
        .map(|_| blind_phone(&key, "+351 (900) 000-002").unwrap())
        .unwrap();
    let found = store.blind_find(sample.tenant, BLIND_PHONE, &[phone]).await.unwrap();
    assert_eq!(found, [(phone, cases[2].person.0)]);
    let unknown = blind_case(&key, sample.portfolio, "C-99");
    assert!(
        store
            .blind_find(sample.tenant, BLIND_CASE, &[unknown])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(blind_phone(&key, "12 34"), None);

    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    assert!(tx.person_erase(cases[3].person).await.unwrap());
    assert!(!tx.person_erase(cases[3].person).await.unwrap());
    tx.commit(one(EntryKind::SubjectErased)).await.unwrap();
    assert!(
        store
            .blind_find(sample.tenant, BLIND_CASE, &[number])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store
            .blind_find(sample.tenant, BLIND_ERASED, &[number])
            .await
            .unwrap()
            .len(),
        1
    );
    test.end().await;
}

async fn an_import_is_taken_back(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (first, cases) = sample.land_some(store, 3).await;
    // A second file changes one case and makes one.
    let (second, made) = sample.land(store, &[Row::nth(9)], later(60)).await;
    let mut changed = cases[0].clone();
    changed.amount += 1;
    changed.version += 1;
    changed.import = second;
    let mut tx = store.write(sample.tenant, later(60)).await.unwrap();
    tx.case_write(std::slice::from_ref(&changed)).await.unwrap();
    tx.import_rows_insert(
        second,
        vec![import_row(9, &changed, RowAction::Updated, Some(&cases[0]))],
    )
    .await
    .unwrap();
    tx.commit(one(EntryKind::CaseUpdated)).await.unwrap();

    let mut tx = store.write(sample.tenant, later(120)).await.unwrap();
    assert_eq!(tx.import_touched(second).await.unwrap(), 0);
    let mut back = Vec::new();
    for row in tx.import_rows_acting(second).await.unwrap() {
        let views = tx.case_read(&[row.case.unwrap().0]).await.unwrap();
        if let Some(before) = row.before {
            back.push(serde_json::from_str::<Case>(&before).unwrap());
        } else {
            let erased = tx.case_remove(&views).await.unwrap();
            assert_eq!(erased, [(made[0].person, views[0].person_alias)]);
        }
    }
    tx.case_write(&back).await.unwrap();
    tx.import_taken_back(second).await.unwrap();
    assert!(matches!(tx.import_taken_back(second).await, Err(StoreError::Changed)));
    tx.commit(one(EntryKind::ImportTakenBack)).await.unwrap();

    assert_eq!(store.case_get(sample.tenant, cases[0].id).await.unwrap().case, cases[0]);
    assert!(matches!(
        store.case_get(sample.tenant, made[0].id).await,
        Err(StoreError::NotFound)
    ));
    assert!(store.person_get(sample.tenant, made[0].person).await.unwrap().1);
    let states: Vec<(ImportId, ImportState)> = store
        .import_list(sample.tenant, &ImportScope::default())
        .await
        .unwrap()
        .iter()
        .map(|import| (import.id, import.state))
        .collect();
    assert_eq!(states, [(second, ImportState::TakenBack), (first, ImportState::Landed)]);
    assert_eq!(store.import_rows(sample.tenant, first, 2, 10).await.unwrap().len(), 2);
    test.end().await;
}

async fn what_was_touched_is_not_taken_back_unseen(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (import, cases) = sample.land_some(store, 3).await;
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    tx.case_restrict(cases[0].id, Flag::Disputed.bit()).await.unwrap();
    let visit = super::plan::visit(&sample, &cases[1], None);
    tx.visit_insert(&[visit]).await.unwrap();
    assert_eq!(tx.import_touched(import).await.unwrap(), 2);
    let live = tx.case_ids_live(sample.portfolio, None).await.unwrap();
    assert_eq!(live.len(), 3);
    tx.commit(one(EntryKind::CaseRestricted)).await.unwrap();
    test.end().await;
}
