//! What staff hold and where agencies stand: rows that this program alone writes, and what versions before kept beside them.

use doorstep_domain::credential::{CredentialEnd, CredentialKind};
use doorstep_domain::id::AgencyId;
use doorstep_store::credential::Credential;
use doorstep_store::entry::EntryKind;
use doorstep_store::org::Agency;
use doorstep_store::{Store, StoreError, fresh_id};

use super::engine::TestStore;
use super::sample::{NOW, Sample, one};

stories!(
    a_credential_of_somebody_else_is_refused,
    what_earlier_versions_kept_is_taken_over_once,
);

/// The sample's member of staff, with a badge.
async fn with_badge(store: &Store, sample: &Sample) -> Credential {
    let badge = Credential {
        id: fresh_id(NOW),
        staff: sample.staff,
        kind: CredentialKind::Badge,
        portfolio: None,
        issued: Some(20_000),
        until: Some(20_500),
        noted_by: None,
        noted_at: NOW,
        ended: None,
        sealed: Vec::new(),
    };
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.credential_insert(&badge).await.unwrap();
    tx.commit(one(EntryKind::CredentialNoted)).await.unwrap();
    badge
}

async fn a_credential_of_somebody_else_is_refused(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    let badge = with_badge(store, &sample).await;
    let listed = || store.credential_list(sample.tenant, std::slice::from_ref(&badge.staff.0));
    assert_eq!(listed().await.unwrap(), std::slice::from_ref(&badge));
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.credential_end(&badge, badge.staff, CredentialEnd::Withdrawn)
        .await
        .unwrap();
    let twice = tx.credential_end(&badge, badge.staff, CredentialEnd::Mistake).await;
    assert!(matches!(twice, Err(StoreError::Changed)));
    tx.commit(one(EntryKind::CredentialEnded)).await.unwrap();
    assert_eq!(listed().await.unwrap()[0].ended.unwrap().why, CredentialEnd::Withdrawn);
    for sql in [
        "UPDATE credential SET until_day = 30000",
        "UPDATE credential SET until_day = 20500, end_reason = 'mistake'",
        "UPDATE credential SET end_reason = 'withdrawn', ended_at = NULL, ended_by = NULL",
    ] {
        assert_eq!(store.tamper(sql).await.unwrap(), 1);
        assert!(matches!(listed().await, Err(StoreError::Forged("credential"))), "{sql}");
    }
    test.end().await;
}

async fn what_earlier_versions_kept_is_taken_over_once(test: TestStore) {
    let (store, sample) = (&test.store, Sample::new(&test.store).await);
    let badge = with_badge(store, &sample).await;
    let agency = Agency {
        id: AgencyId(fresh_id(NOW)),
        name: "Field Ltd".to_owned(),
    };
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.agency_insert(&agency).await.unwrap();
    tx.commit(one(EntryKind::OrgChanged)).await.unwrap();
    // As a version left it that kept both beside staff and agencies.
    store.tamper("DELETE FROM credential").await.unwrap();
    store
        .tamper("UPDATE staff SET certificate_until = 20400")
        .await
        .unwrap();
    store.tamper("UPDATE agency SET listed = 1").await.unwrap();
    let sql = "DELETE FROM adopted WHERE what = 'credentials'";
    store.tamper_keys(sql).await.unwrap();
    let next = test.second().await;
    let held = next.credential_list(sample.tenant, &[badge.staff.0]).await.unwrap();
    let found: Vec<_> = held
        .iter()
        .map(|one| (one.kind, one.issued, one.until, one.noted_by))
        .collect();
    assert_eq!(found, [(CredentialKind::Certificate, None, Some(20_400), None)]);
    let listings = next.listing_list(sample.tenant).await.unwrap();
    let found: Vec<_> = listings
        .iter()
        .map(|one| (one.agency, one.portfolio, one.from, one.until))
        .collect();
    assert_eq!(found, [(agency.id, None, None, None)]);
    // What somebody writes there later is nothing.
    next.tamper("UPDATE staff SET certificate_until = 99999").await.unwrap();
    next.tamper("UPDATE agency SET listed = 1").await.unwrap();
    let third = test.second().await;
    assert_eq!(
        third.credential_list(sample.tenant, &[badge.staff.0]).await.unwrap(),
        held
    );
    assert_eq!(third.listing_list(sample.tenant).await.unwrap(), listings);
    third.close().await;
    next.close().await;
    test.end().await;
}
