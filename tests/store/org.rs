//! Tenants, their organisation, staff and roster.

use doorstep_domain::id::{AgencyId, CrewId, EventId, PersonId, RosterId, StaffId};
use doorstep_domain::measure::{Micros, Seconds};
use doorstep_domain::staff::{Role, Travel};
use doorstep_store::entry::EntryKind;
use doorstep_store::grant::Purpose;
use doorstep_store::org::{Agency, Crew};
use doorstep_store::staff::{Credentials, Roster, SetBy};
use doorstep_store::{StoreError, fresh_id};

use super::engine::TestStore;
use super::sample::{NOW, Sample, later, one};

stories!(
    a_tenant_is_set_up_and_changed,
    staff_keep_passwords_shifts_and_sealed_names,
    tenants_do_not_see_each_other
);

async fn a_tenant_is_set_up_and_changed(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let tenant = sample.tenant;
    assert_eq!(store.tenant_list().await.unwrap(), [(tenant, "Acme".to_owned())]);
    assert_eq!(store.portfolio_list(tenant).await.unwrap()[0].id, sample.portfolio);
    let territories = store.territory_list(tenant).await.unwrap();
    assert_eq!((territories[0].0, territories[0].2.len()), (sample.team, 0));

    let second = CrewId(fresh_id(NOW));
    let agency = Agency {
        id: AgencyId(fresh_id(NOW)),
        name: "Field Ltd".to_owned(),
    };
    let mut tx = store.write(tenant, NOW).await.unwrap();
    tx.agency_insert(&agency).await.unwrap();
    let crew = Crew {
        id: second,
        team: sample.team,
        name: "N1".to_owned(),
        travel: Travel::Foot,
    };
    // The same name is the same crew, whatever id was meant for it.
    assert_eq!(tx.crew_upsert(&crew).await.unwrap(), sample.crew);
    let crew = Crew {
        id: second,
        team: sample.team,
        name: "N2".to_owned(),
        travel: Travel::Moped,
    };
    assert_eq!(tx.crew_upsert(&crew).await.unwrap(), second);
    tx.commit(one(EntryKind::OrgChanged)).await.unwrap();

    assert_eq!(store.agency_list(tenant).await.unwrap(), [agency]);
    let crews = store.crew_list(tenant, sample.team).await.unwrap();
    let travels: Vec<_> = crews.iter().map(|crew| (crew.name.as_str(), crew.travel)).collect();
    assert_eq!(travels, [("N1", Travel::Foot), ("N2", Travel::Moped)]);
    test.end().await;
}

async fn staff_keep_passwords_shifts_and_sealed_names(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let tenant = sample.tenant;
    let mut staff = store.staff_get(tenant, sample.staff).await.unwrap();
    staff.role = Role::Supervisor;
    let second = CrewId(fresh_id(NOW));
    let mut tx = store.write(tenant, NOW).await.unwrap();
    let crew = Crew {
        id: second,
        team: sample.team,
        name: "N2".to_owned(),
        travel: Travel::Moped,
    };
    tx.crew_upsert(&crew).await.unwrap();
    tx.staff_update(&staff).await.unwrap();
    let other = StaffId(fresh_id(NOW));
    tx.staff_password(sample.staff, (None, "first"), SetBy::Colleague(other))
        .await
        .unwrap();
    let moved = Roster {
        id: RosterId(fresh_id(NOW)),
        crew: second,
        staff: sample.staff,
        shift_start: Seconds(0),
        shift_end: Seconds(86_400),
    };
    tx.roster_set(&moved).await.unwrap();
    tx.commit(one(EntryKind::StaffChanged)).await.unwrap();

    assert_eq!(store.staff_list(tenant).await.unwrap(), [staff]);
    let by_login = store.staff_by_login("n1-anna").await.unwrap();
    passwords_change_hands(&test, &sample, by_login, other).await;
    let roster = store.roster_list(tenant, sample.team).await.unwrap();
    assert_eq!(
        (roster.len(), roster[0].crew, roster[0].shift_end),
        (1, second, Seconds(86_400))
    );
    assert_eq!(
        store.roster_of_staff(tenant, sample.staff).await.unwrap(),
        Some(roster[0])
    );
    let sealed = store.staff_get(tenant, sample.staff).await.unwrap().sealed;
    let alias = store.staff_get(tenant, sample.staff).await.unwrap().alias;
    let request = sample.reads(Purpose::Staff, vec![(PersonId(sample.staff.0), alias)]);
    let grant = store.grant(tenant, request, NOW).await.unwrap();
    let opened = grant.open(PersonId(sample.staff.0), EventId(sample.staff.0), &sealed);
    assert_eq!(opened.unwrap().payload, b"Anna");
    test.end().await;
}

async fn passwords_change_hands(test: &TestStore, sample: &Sample, by_login: Vec<Credentials>, other: StaffId) {
    let (store, tenant) = (&test.store, sample.tenant);
    let alias = store.staff_get(tenant, sample.staff).await.unwrap().alias;
    let credentials = |hash: &str, first: bool| Credentials {
        tenant,
        staff: sample.staff,
        alias,
        hash: Some(hash.to_owned()),
        first,
    };
    assert_eq!(by_login, [credentials("first", true)]);
    let mut tx = store.write(tenant, later(9)).await.unwrap();
    let stale = tx
        .staff_password(sample.staff, (Some("zeroth"), "own"), SetBy::Owner)
        .await;
    assert!(matches!(stale, Err(StoreError::Changed)));
    tx.staff_password(sample.staff, (Some("first"), "own"), SetBy::Owner)
        .await
        .unwrap();
    tx.commit(one(EntryKind::StaffPassword)).await.unwrap();
    assert_eq!(
        store.staff_by_login("n1-anna").await.unwrap(),
        [credentials("own", false)]
    );
    // Who set it first is remembered, from then on.
    let sets = |since| store.password_sets(tenant, since);
    assert_eq!(sets(Micros(NOW.get() - 1)).await.unwrap(), [(sample.staff, other)]);
    assert!(sets(NOW).await.unwrap().is_empty());
}

async fn tenants_do_not_see_each_other(test: TestStore) {
    let store = &test.store;
    let (left, right) = (Sample::named(store, "Left").await, Sample::named(store, "Right").await);
    let (_, cases) = left.land_some(store, 3).await;
    assert_eq!(store.staff_by_login("n1-anna").await.unwrap().len(), 2);
    assert_eq!(store.case_get(left.tenant, cases[0].id).await.unwrap().case, cases[0]);
    assert!(matches!(
        store.case_get(right.tenant, cases[0].id).await,
        Err(StoreError::NotFound)
    ));
    assert!(store.case_counts(right.tenant).await.unwrap().is_empty());
    assert!(matches!(
        store.staff_get(right.tenant, left.staff).await,
        Err(StoreError::NotFound)
    ));
    test.end().await;
}
