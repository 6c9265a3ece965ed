//! Plans and what follows from them: visits, contacts, approvals, alarms, conflicts, promises.

use doorstep_domain::alarm::{AlarmKind, AlarmState};
use doorstep_domain::approval::{ApprovalKind, ApprovalState, ApprovalTerms};
use doorstep_domain::conflict::{ConflictState, Side};
use doorstep_domain::contact::{Channel, ContactOutcome, MatterOutcome};
use doorstep_domain::id::{ApprovalId, ConflictId, ContactId, EventId, PlanId, RouteId, StaffId, TenantId, VisitId};
use doorstep_domain::measure::Micros;
use doorstep_domain::plan::PlanState;
use doorstep_domain::step::DefaultReason;
use doorstep_domain::visit::VisitState;
use doorstep_store::alarm::Alarm;
use doorstep_store::approval::Approval;
use doorstep_store::case::Case;
use doorstep_store::conflict::{Conflict, Settled};
use doorstep_store::contact::Contact;
use doorstep_store::entry::EntryKind;
use doorstep_store::plan::{PlanCase, PlanHead, PlanPlace, RouteRow};
use doorstep_store::visit::{Promise, Visit};
use doorstep_store::{Store, StoreError, fresh_alias, fresh_id};

use super::engine::TestStore;
use super::sample::{NOW, Sample, later, one};

stories!(
    a_plan_is_published_once_and_superseded,
    a_visit_is_carried_out,
    an_overdue_visit_raises_one_alarm,
    an_approval_moves_only_forward,
);

const DAY: i64 = 20_780;

pub(super) fn visit(sample: &Sample, case: &Case, plan: Option<PlanId>) -> Visit {
    Visit {
        id: VisitId(fresh_id(NOW)),
        alias: fresh_alias(),
        case: case.id,
        plan,
        crew: sample.crew,
        day: DAY,
        state: VisitState::Planned,
        planned_start: later(3600),
        planned_end: later(5400),
        started_at: None,
        due_out: None,
        withdrawn: None,
        finished_at: None,
        outcome: None,
        matter: None,
        version: 1,
    }
}

fn head(sample: &Sample, first_day: i64) -> PlanHead {
    PlanHead {
        id: PlanId(fresh_id(NOW)),
        alias: fresh_alias(),
        team: sample.team,
        first_day,
        days: 2,
        state: PlanState::Proposed,
        seed: i64::MIN,
        iterations: 1_000,
        packs: "house@1".to_owned(),
        travel_label: "estimate".to_owned(),
        zone: "Europe/Lisbon".to_owned(),
        objective: -5,
        findings: String::new(),
        version: 1,
        created_at: NOW,
        published_at: None,
    }
}

/// A plan with the first case in a route and the second left out; returns the planned visit.
async fn propose(store: &Store, sample: &Sample, head: &PlanHead, cases: &[Case]) -> Visit {
    let route = RouteRow {
        id: RouteId(fresh_id(NOW)),
        crew: sample.crew,
        day: head.first_day,
        depart: later(3000),
        back: later(9000),
        metres: 12_345,
        driving: 600,
    };
    let visit = visit(sample, &cases[0], Some(head.id));
    let place = PlanPlace {
        route: route.id,
        visit: visit.id,
        position: 0,
        arrive: later(3500),
        starts: later(3600),
        ends: later(5400),
        value: 7,
    };
    let said = vec![
        PlanCase {
            case: cases[1].id,
            place: None,
            reason: Some("{}".to_owned()),
            worth: None,
        },
        PlanCase {
            case: cases[0].id,
            place: Some(place),
            reason: None,
            worth: Some("{}".to_owned()),
        },
    ];
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.plan_insert(head, std::slice::from_ref(&route), said.clone())
        .await
        .unwrap();
    tx.commit(one(EntryKind::PlanProposed)).await.unwrap();
    assert_eq!(store.route_list(sample.tenant, head.id).await.unwrap(), [route]);
    let listed = store.plan_case_list(sample.tenant, head.id).await.unwrap();
    assert_eq!(listed, [said[1].clone(), said[0].clone()]);
    assert_eq!(
        store.plan_case_get(sample.tenant, head.id, cases[1].id).await.unwrap(),
        said[0]
    );
    visit
}

async fn publish(store: &Store, sample: &Sample, head: &PlanHead, visit: &Visit) -> Vec<VisitId> {
    let mut tx = store.write(sample.tenant, later(10)).await.unwrap();
    tx.plan_publish(head.id, head.version).await.unwrap();
    let cancelled = tx.plan_supersede(head).await.unwrap();
    tx.visit_insert(std::slice::from_ref(visit)).await.unwrap();
    tx.commit(one(EntryKind::PlanPublished)).await.unwrap();
    cancelled
}

async fn a_plan_is_published_once_and_superseded(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 2).await;
    let first = head(&sample, DAY);
    let visit = propose(store, &sample, &first, &cases).await;
    assert_eq!(store.plan_get(sample.tenant, first.id).await.unwrap(), first);
    assert!(publish(store, &sample, &first, &visit).await.is_empty());
    let published = store.plan_get(sample.tenant, first.id).await.unwrap();
    let state = (published.state, published.published_at, published.version);
    assert_eq!(state, (PlanState::Published, Some(later(10)), 2));
    let mut tx = store.write(sample.tenant, later(11)).await.unwrap();
    assert!(matches!(tx.plan_publish(first.id, 1).await, Err(StoreError::Changed)));
    assert!(matches!(tx.plan_publish(first.id, 2).await, Err(StoreError::Changed)));
    drop(tx);

    // A plan for the days after leaves it alone; one that overlaps takes its place.
    let apart = head(&sample, DAY + 2);
    let later_visit = propose(store, &sample, &apart, &cases).await;
    assert!(publish(store, &sample, &apart, &later_visit).await.is_empty());
    let overlapping = head(&sample, DAY + 1);
    let new_visit = propose(store, &sample, &overlapping, &cases).await;
    let mut cancelled = publish(store, &sample, &overlapping, &new_visit).await;
    cancelled.sort_by_key(|id| id.0);
    let mut expected = vec![visit.id, later_visit.id];
    expected.sort_by_key(|id| id.0);
    assert_eq!(cancelled, expected);
    let planned = store
        .visit_list(sample.tenant, None, Some(VisitState::Planned))
        .await
        .unwrap();
    assert_eq!(planned.iter().map(|visit| visit.id).collect::<Vec<_>>(), [new_visit.id]);
    let plans = store.plan_list(sample.tenant).await.unwrap();
    let superseded = plans.iter().filter(|plan| plan.state == PlanState::Superseded).count();
    assert_eq!((plans.len(), superseded), (3, 2));
    test.end().await;
}

fn conflict_at(visit: &Visit) -> Conflict {
    Conflict {
        id: ConflictId(fresh_id(NOW)),
        case: visit.case,
        visit: Some(visit.id),
        field: "outcome".to_owned(),
        left: EventId(fresh_id(NOW)),
        right: EventId(fresh_id(NOW)),
        state: ConflictState::Open,
        found_at: later(4000),
        settled: None,
    }
}

/// Whoever comes second settles nothing, and it is no longer among the open ones.
async fn a_conflict_is_settled_once(store: &Store, tenant: TenantId, mut conflict: Conflict) {
    let settled = |taken| Settled {
        at: later(5000),
        by: StaffId(fresh_id(NOW)),
        taken,
        event: None,
    };
    let first = settled(Side::Right);
    let mut tx = store.write(tenant, later(5000)).await.unwrap();
    assert!(tx.conflict_settle(conflict.id, first).await.unwrap());
    assert!(!tx.conflict_settle(conflict.id, settled(Side::Left)).await.unwrap());
    tx.commit(one(EntryKind::ConflictSettled)).await.unwrap();
    conflict.state = ConflictState::Settled;
    conflict.settled = Some(first);
    let open = store.conflict_list(tenant, Some(ConflictState::Open)).await.unwrap();
    assert_eq!(open, []);
    assert_eq!(
        store.conflict_get_many(tenant, &[conflict.id.0]).await.unwrap(),
        [conflict]
    );
}

async fn what_was_forbidden_is_found(store: &Store, tenant: TenantId, contact: &Contact) {
    let forbidden = store.contact_forbidden(tenant, contact.at, 10).await.unwrap();
    assert_eq!(forbidden, std::slice::from_ref(contact));
    let later = contact.at + Micros(1);
    assert!(store.contact_forbidden(tenant, later, 10).await.unwrap().is_empty());
}

/// A contact of a visit to a case, of which nothing is known yet.
fn contact_at(case: &Case) -> Contact {
    Contact {
        id: ContactId(fresh_id(NOW)),
        case: case.id,
        person: case.person,
        address: Some(case.address),
        channel: Channel::Visit,
        at: later(3700),
        outcome: None,
        event: Some(EventId(fresh_id(NOW))),
        number: Some(fresh_id(NOW)),
        staff: Some(StaffId(fresh_id(NOW))),
        rules: "CN-FREQ-1".to_owned(),
        reason: Some(DefaultReason::Forgot),
        step: Some("m1-call".to_owned()),
    }
}

async fn a_visit_is_carried_out(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 1).await;
    let mut visit = visit(&sample, &cases[0], None);
    let mut contact = contact_at(&cases[0]);
    let promise = Promise {
        event: EventId(fresh_id(NOW)),
        case: visit.case,
        day: DAY + 7,
        amount: 5_000,
        currency: "EUR".to_owned(),
    };
    let conflict = conflict_at(&visit);
    let mut tx = store.write(sample.tenant, later(4000)).await.unwrap();
    tx.visit_insert(std::slice::from_ref(&visit)).await.unwrap();
    visit.state = VisitState::Finished;
    visit.started_at = Some(later(3700));
    visit.finished_at = Some(later(4000));
    visit.outcome = Some(ContactOutcome::ALL[0]);
    visit.matter = Some(MatterOutcome::ALL[0]);
    tx.visit_update(&visit).await.unwrap();
    assert!(matches!(tx.visit_update(&visit).await, Err(StoreError::Changed)));
    visit.version += 1;
    assert_eq!(tx.visit_by_alias(&[visit.alias.0]).await.unwrap(), [visit.clone()]);
    tx.contact_insert(&contact).await.unwrap();
    tx.contact_outcome(contact.id, ContactOutcome::ALL[0]).await.unwrap();
    tx.promise_insert(&promise).await.unwrap();
    tx.conflict_insert(&conflict).await.unwrap();
    tx.commit(one(EntryKind::ConflictFound)).await.unwrap();

    contact.outcome = Some(ContactOutcome::ALL[0]);
    let tenant = sample.tenant;
    assert_eq!(
        store.visit_of_crew(tenant, sample.crew, DAY).await.unwrap(),
        [visit.clone()]
    );
    assert!(
        store
            .visit_of_crew(tenant, sample.crew, DAY + 1)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.visit_of_cases(tenant, &[visit.case.0]).await.unwrap(), [visit]);
    what_was_forbidden_is_found(store, tenant, &contact).await;
    assert_eq!(
        store.contact_list(tenant, &[contact.person.0]).await.unwrap(),
        [contact]
    );
    let promises = store.promise_list(tenant, &[promise.case.0]).await.unwrap();
    assert_eq!(promises, [(promise, None)]);
    let listed = store.conflict_list(tenant, None).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&conflict));
    a_conflict_is_settled_once(store, tenant, conflict).await;
    test.end().await;
}

async fn an_overdue_visit_raises_one_alarm(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let (_, cases) = sample.land_some(store, 1).await;
    let mut visit = visit(&sample, &cases[0], None);
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.visit_insert(std::slice::from_ref(&visit)).await.unwrap();
    visit.state = VisitState::Started;
    visit.due_out = Some(later(5400));
    tx.visit_update(&visit).await.unwrap();
    tx.commit(one(EntryKind::VisitPlanned)).await.unwrap();
    assert!(store.visit_overdue(later(5400)).await.unwrap().is_empty());
    let overdue = store.visit_overdue(later(5401)).await.unwrap();
    assert_eq!(overdue.iter().map(|one| one.visit.id).collect::<Vec<_>>(), [visit.id]);
    let mut tx = store.write(sample.tenant, later(5401)).await.unwrap();
    for (id, new) in [(1, true), (2, false)] {
        let alarm = Alarm {
            visit: Some(visit.id),
            ..Alarm::open(uuid::Uuid::from_u128(id), AlarmKind::CheckOutOverdue, later(5401))
        };
        assert_eq!(tx.alarm_raise(&alarm).await.unwrap(), new);
    }
    // Whoever calls for help again is heard again, at the same visit too; the same call only once.
    for (id, new) in [(3, true), (4, true), (4, false)] {
        let alarm = Alarm {
            visit: Some(visit.id),
            ..Alarm::open(uuid::Uuid::from_u128(id), AlarmKind::Sos, later(5400))
        };
        assert_eq!(tx.alarm_raise(&alarm).await.unwrap(), new);
    }
    tx.commit(one(EntryKind::VisitOverdue)).await.unwrap();
    assert!(store.visit_overdue(later(9000)).await.unwrap().is_empty());
    let mut tx = store.write(sample.tenant, later(6000)).await.unwrap();
    let kind = AlarmKind::CheckOutOverdue;
    let mut alarm = tx.alarm_lock_of_visit(visit.id, kind).await.unwrap().unwrap();
    alarm.state = AlarmState::Ended;
    alarm.ended_at = Some(later(6000));
    tx.alarm_update(&alarm).await.unwrap();
    assert_eq!(tx.alarm_lock_of_visit(visit.id, kind).await.unwrap(), None);
    tx.commit(one(EntryKind::AlarmEnded)).await.unwrap();
    let alarms = store.alarm_list(sample.tenant).await.unwrap();
    assert_eq!(alarms.len(), 3);
    assert_eq!(alarms[2], alarm, "what is over comes last");
    assert_eq!((alarm.kind, alarm.raised_at), (kind, later(5401)));
    let open = store.alarm_list_open(sample.tenant).await.unwrap();
    assert!(open.iter().all(|alarm| alarm.kind == AlarmKind::Sos), "{open:?}");
    let ever = store.alarm_overdue_of(sample.tenant, &[visit.id.0]).await.unwrap();
    assert_eq!(ever, [visit.id]);
    test.end().await;
}

async fn an_approval_moves_only_forward(test: TestStore) {
    let store = &test.store;
    let sample = Sample::new(store).await;
    let approval = Approval {
        id: ApprovalId(fresh_id(NOW)),
        kind: ApprovalKind::ImportTakeBack,
        subject: fresh_id(NOW),
        terms: ApprovalTerms {
            asked_by: sample.staff,
            state: ApprovalState::Asked,
            expires: later(600),
        },
        answered_by: None,
        asked_at: NOW,
        reason: "wrong-file".to_owned(),
    };
    let second = StaffId(fresh_id(NOW));
    let mut tx = store.write(sample.tenant, NOW).await.unwrap();
    tx.approval_insert(&approval).await.unwrap();
    tx.commit(one(EntryKind::ApprovalAsked)).await.unwrap();
    assert_eq!(store.approval_get(sample.tenant, approval.id).await.unwrap(), approval);
    let mut tx = store.write(sample.tenant, later(1)).await.unwrap();
    let (mut answered, mut late) = (approval.clone(), approval);
    tx.approval_move(&mut answered, ApprovalState::Approved, Some(second))
        .await
        .unwrap();
    assert!(matches!(
        tx.approval_move(&mut late, ApprovalState::Approved, Some(second)).await,
        Err(StoreError::Changed)
    ));
    tx.approval_move(&mut answered, ApprovalState::Used, None)
        .await
        .unwrap();
    tx.commit(one(EntryKind::ApprovalAnswered)).await.unwrap();
    let used = store.approval_list(sample.tenant).await.unwrap().remove(0);
    assert_eq!(
        (used.terms.state, used.answered_by),
        (ApprovalState::Used, Some(second))
    );
    test.end().await;
}
