//! What widens, and what a purge counts from: rows of consents and ends of cases that somebody else wrote or changed in the main
//! database do nothing.

use doorstep_domain::case::CaseStatus;
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_domain::restriction::{ConsentState, RightSource};
use doorstep_domain::words::{ConsentScope, Lift};
use doorstep_store::case::Case;
use doorstep_store::consent::Consent;
use doorstep_store::entry::EntryKind;
use doorstep_store::{Engine, Store, StoreError, fresh_id};
use uuid::Uuid;

use super::engine::TestStore;
use super::sample::{NOW, Sample, later, one};

stories!(
    a_consent_of_somebody_else_lifts_nothing,
    a_consent_that_was_asked_for_is_given_by_the_program_alone,
    a_consent_of_an_earlier_version_is_taken_over_once,
    an_end_that_somebody_else_wrote_is_none,
    the_end_of_a_case_is_when_it_ended_first,
);

fn consent(case: &Case, state: ConsentState) -> Consent {
    Consent {
        id: fresh_id(NOW),
        case: case.id,
        person: case.person,
        address: None,
        scope: ConsentScope::Rule,
        rule: Some("CN-FREQ-1".to_owned()),
        given: Lift::Consent,
        state,
        starts: NOW,
        ends: Some(later(86_400)),
        source: RightSource::Office,
        staff: None,
        event: None,
        made_at: NOW,
        withdrawn_at: None,
    }
}

async fn noted(store: &Store, sample: &Sample, new: &Consent) {
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.consent_insert(new).await.unwrap();
    tx.commit(one(EntryKind::ConsentNoted)).await.unwrap();
}

async fn held(store: &Store, tenant: TenantId, case: &Case) -> Vec<Consent> {
    let outside = store.consent_list(tenant, &[case.person.0]).await.unwrap();
    let mut tx = store.write(tenant, NOW).await.unwrap();
    assert_eq!(tx.consent_list(&[case.person.0]).await.unwrap(), outside);
    outside
}

async fn a_consent_of_somebody_else_lifts_nothing(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    let new = consent(&cases[0], ConsentState::Given);
    noted(store, &sample, &new).await;
    assert_eq!(held(store, sample.tenant, &cases[0]).await, std::slice::from_ref(&new));
    for (sql, back) in [
        ("ends_at = NULL", "ends_at = ends_at_was"),
        ("rule = 'CN-TIME-1'", "rule = 'CN-FREQ-1'"),
        ("given = 'court'", "given = 'consent'"),
        ("scope = 'hours'", "scope = 'rule'"),
        ("starts_at = starts_at - 1", "starts_at = starts_at + 1"),
    ] {
        let (sql, back) = (
            format!("UPDATE consent SET {sql}"),
            format!("UPDATE consent SET {back}"),
        );
        let back = back.replace("ends_at_was", &later(86_400).get().to_string());
        store.tamper(Box::leak(sql.clone().into_boxed_str())).await.unwrap();
        assert_eq!(held(store, sample.tenant, &cases[0]).await, [], "{sql}");
        let found = store.consent_get(sample.tenant, new.id).await;
        assert!(matches!(found, Err(StoreError::Forged("consent"))), "{sql}");
        assert_eq!(store.consents_forged(sample.tenant).await.unwrap(), [new.id]);
        // Nor does withdrawing it vouch for it.
        let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
        let withdrawn = tx.consent_withdraw(new.id, RightSource::Office, None).await;
        assert!(matches!(withdrawn, Err(StoreError::Forged("consent"))), "{sql}");
        drop(tx);
        store.tamper(Box::leak(back.into_boxed_str())).await.unwrap();
        assert_eq!(store.consents_forged(sample.tenant).await.unwrap(), [] as [Uuid; 0]);
    }
    // Another person's is not this one's, and a withdrawal is not taken back.
    let moved = "UPDATE consent SET person_id = (SELECT person_id FROM cases WHERE cases.case_id <> consent.case_id), \
                 case_id = (SELECT case_id FROM cases WHERE cases.case_id <> consent.case_id)";
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    assert!(tx.consent_withdraw(new.id, RightSource::Page, None).await.unwrap());
    assert!(!tx.consent_withdraw(new.id, RightSource::Page, None).await.unwrap());
    tx.commit(one(EntryKind::ConsentWithdrawn)).await.unwrap();
    let states = held(store, sample.tenant, &cases[0]).await;
    assert_eq!(
        (states[0].state, states[0].withdrawn_at),
        (ConsentState::Withdrawn, Some(later(1)))
    );
    store
        .tamper("UPDATE consent SET state = 'given', withdrawn_at = NULL")
        .await
        .unwrap();
    assert_eq!(held(store, sample.tenant, &cases[0]).await, []);
    store.tamper(moved).await.unwrap();
    assert_eq!(held(store, sample.tenant, &cases[1]).await, []);
    test.end().await;
}

async fn a_consent_that_was_asked_for_is_given_by_the_program_alone(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 1).await;
    let mut asked = consent(&cases[0], ConsentState::Asked);
    noted(store, &sample, &asked).await;
    store.tamper("UPDATE consent SET state = 'given'").await.unwrap();
    assert_eq!(held(store, sample.tenant, &cases[0]).await, []);
    store.tamper("UPDATE consent SET state = 'asked'").await.unwrap();
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    tx.consent_answer(&mut asked, ConsentState::Given).await.unwrap();
    tx.commit(one(EntryKind::RuleOverridden)).await.unwrap();
    assert_eq!(held(store, sample.tenant, &cases[0]).await, [asked.clone()]);
    // Nobody answers twice.
    let mut tx = store.write(sample.tenant, later(2)).await.unwrap();
    let again = tx.consent_answer(&mut asked, ConsentState::Refused).await;
    assert!(matches!(again, Err(StoreError::Changed)));
    drop(tx);
    test.end().await;
}

/// Takes away what vouches for consents and ends, as a version left them that knew neither.
async fn bare(store: &Store) {
    let statements = match store.engine() {
        Engine::Sqlite => ["UPDATE consent SET mac = X''", "UPDATE cases SET ended_mac = X''"],
        Engine::Postgres => ["UPDATE consent SET mac = ''", "UPDATE cases SET ended_mac = ''"],
    };
    for sql in statements {
        store.tamper(sql).await.unwrap();
    }
}

async fn settled(store: &Store, sample: &Sample, case: &Case) {
    let mut tx = store.write(sample.tenant, later(10)).await.unwrap();
    assert!(tx.case_settle(case).await.unwrap());
    tx.commit(one(EntryKind::CaseRestricted)).await.unwrap();
}

async fn a_consent_of_an_earlier_version_is_taken_over_once(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 1).await;
    noted(store, &sample, &consent(&cases[0], ConsentState::Given)).await;
    settled(store, &sample, &cases[0]).await;
    // As a version left them that vouched for neither.
    bare(store).await;
    store
        .tamper_keys("DELETE FROM adopted WHERE what = 'consents'")
        .await
        .unwrap();
    assert_eq!(held(store, sample.tenant, &cases[0]).await, []);
    let next = test.second().await;
    assert_eq!(held(&next, sample.tenant, &cases[0]).await.len(), 1);
    assert_eq!(next.ends_forged(sample.tenant).await.unwrap(), []);
    // From then on one without is somebody else's.
    bare(&next).await;
    let third = test.second().await;
    assert_eq!(held(&third, sample.tenant, &cases[0]).await, []);
    assert_eq!(third.ends_forged(sample.tenant).await.unwrap(), [cases[0].id]);
    third.close().await;
    next.close().await;
    test.end().await;
}

/// When each case of a person ended, as a purge takes it, within and outside of a transaction.
async fn ends(store: &Store, tenant: TenantId, case: &Case) -> Vec<Option<Micros>> {
    let outside = store
        .retention_cases(tenant, &[case.person.0], later(99))
        .await
        .unwrap();
    let mut tx = store.write(tenant, later(99)).await.unwrap();
    assert_eq!(tx.retention_cases(case.person).await.unwrap(), outside);
    outside.iter().map(|kept| kept.ended).collect()
}

async fn an_end_that_somebody_else_wrote_is_none(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    store
        .tamper("UPDATE cases SET status = 'closed', ended_at = 1")
        .await
        .unwrap();
    assert_eq!(ends(store, sample.tenant, &cases[0]).await, [None]);
    assert_eq!(store.ends_forged(sample.tenant).await.unwrap().len(), 2);
    store
        .tamper("UPDATE cases SET status = 'open', ended_at = NULL")
        .await
        .unwrap();
    settled(store, &sample, &cases[0]).await;
    assert_eq!(ends(store, sample.tenant, &cases[0]).await, [Some(later(10))]);
    assert_eq!(store.ends_forged(sample.tenant).await.unwrap(), []);
    // Neither earlier, nor another person's, nor copied to another case.
    let earlier = "UPDATE cases SET ended_at = ended_at - 1 WHERE ended_at IS NOT NULL";
    store.tamper(earlier).await.unwrap();
    assert_eq!(ends(store, sample.tenant, &cases[0]).await, [None]);
    let back = "UPDATE cases SET ended_at = ended_at + 1 WHERE ended_at IS NOT NULL";
    store.tamper(back).await.unwrap();
    let copied = "UPDATE cases SET status = 'settled', ended_at = (SELECT max(o.ended_at) FROM cases o), \
                  ended_mac = (SELECT o.ended_mac FROM cases o WHERE o.ended_at IS NOT NULL)";
    store.tamper(copied).await.unwrap();
    assert_eq!(ends(store, sample.tenant, &cases[1]).await, [None]);
    let moved = "UPDATE cases SET person_id = (SELECT p.person_id FROM person p WHERE p.person_id <> cases.person_id)";
    store.tamper(moved).await.unwrap();
    assert_eq!(ends(store, sample.tenant, &cases[0]).await, [None]);
    assert_eq!(ends(store, sample.tenant, &cases[1]).await, [None]);
    test.end().await;
}

async fn the_end_of_a_case_is_when_it_ended_first(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, mut cases) = sample.land_some(store, 1).await;
    let mut case = cases.remove(0);
    for (status, at, ended) in [
        (CaseStatus::Recalled, 20, Some(20)),
        (CaseStatus::Closed, 30, Some(20)),
        (CaseStatus::Open, 40, None),
        (CaseStatus::Settled, 50, Some(50)),
    ] {
        (case.status, case.updated_at) = (status, later(at));
        let mut tx = store.write(sample.tenant, later(at)).await.unwrap();
        tx.case_write(std::slice::from_ref(&case)).await.unwrap();
        tx.commit(one(EntryKind::CaseRestricted)).await.unwrap();
        assert_eq!(ends(store, sample.tenant, &case).await, [ended.map(later)], "{status}");
        assert_eq!(store.ends_forged(sample.tenant).await.unwrap(), []);
    }
    test.end().await;
}
