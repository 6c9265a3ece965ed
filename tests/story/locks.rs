//! Two crews push at once about the same persons: neither waits for the other for ever, and none of what was said is lost.

use doorstep_domain::id::{CaseId, CrewId, VisitId};
use doorstep_domain::measure::{Clock as _, Micros};
use doorstep_domain::visit::VisitState;
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};
use doorstep_store::visit::Visit;
use doorstep_store::{fresh_alias, fresh_id};
use doorstep_wire::sync::{Payload, PushEvent};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::{Deployment, Wire, csv_cells, csv_text, id_of, sample};

stories!(two_crews_at_the_doors_of_the_same_persons,);

/// How often they push.
const ROUNDS: usize = 40;
/// The persons, each with two cases.
const PERSONS: usize = 4;

/// Each person's two cases.
async fn cases(site: &Deployment) -> Vec<[Value; 2]> {
    let cells = csv_cells(&sample("porto-cases.csv"));
    let mut rows = vec![cells[0].clone()];
    for row in cells[1..].iter().take(PERSONS) {
        let mut second = row.clone();
        second[0] = row[0].replace("PO-1", "PO-9");
        rows.extend([row.clone(), second]);
    }
    site.supervisor.import(csv_text(&rows)).await;
    let listed = site.supervisor.items("/v1/cases?limit=500").await;
    let number = |case: &Value| case["case_no"].as_str().unwrap().to_owned();
    let firsts = listed.iter().filter(|case| number(case).starts_with("PO-1"));
    let pairs = firsts.map(|first| {
        let of = number(first).replace("PO-1", "PO-9");
        let second = listed.iter().find(|case| number(case) == of).unwrap();
        [first.clone(), second.clone()]
    });
    pairs.collect()
}

/// Plans a visit at each of some cases for a crew, today; returns the visits' aliases with those of the persons.
async fn planned(site: &Deployment, cases: &[(Uuid, CrewId)]) -> Vec<(Uuid, Uuid)> {
    let (store, tenant, now) = (site.app().store(), site.made.tenant, site.clock.now());
    let ids: Vec<Uuid> = cases.iter().map(|(case, _)| *case).collect();
    let views = store.case_get_many(tenant, &ids).await.unwrap();
    let visits: Vec<Visit> = cases
        .iter()
        .map(|(case, crew)| Visit {
            id: VisitId(fresh_id(now)),
            alias: fresh_alias(),
            case: CaseId(*case),
            plan: None,
            crew: *crew,
            day: now.seconds() / 86_400,
            state: VisitState::Planned,
            planned_start: now,
            planned_end: now + Micros::from_seconds(3_600),
            started_at: None,
            due_out: None,
            finished_at: None,
            outcome: None,
            matter: None,
            version: 1,
            withdrawn: None,
        })
        .collect();
    let mut tx = store.write(tenant, now).await.unwrap();
    tx.visit_insert(&visits).await.unwrap();
    let entry = ServerEntry::new(EntryKind::OrgChanged, By::PROGRAM);
    tx.commit(Entries::one(entry)).await.unwrap();
    let person = |case: CaseId| views.iter().find(|view| view.case.id == case).unwrap().person_alias.0;
    visits.iter().map(|visit| (visit.alias.0, person(visit.case))).collect()
}

/// What a device reports of each visit: that the person wants no more.
fn asked_to_stop(wire: &mut Wire, visits: &[(Uuid, Uuid)]) -> Vec<PushEvent> {
    let each = visits.iter().map(|(visit, person)| {
        wire.event_with("dnc.requested", &Payload::default(), *visit, |header| {
            header.subj = vec![person.to_string()];
        })
    });
    each.collect()
}

async fn pushed(wire: &Wire, events: &[PushEvent]) {
    let events: Vec<&PushEvent> = events.iter().collect();
    let statuses = wire.statuses(&events).await;
    assert!(statuses.iter().all(|status| status == "accepted"), "{statuses:?}");
}

async fn two_crews_at_the_doors_of_the_same_persons(site: &mut Deployment) {
    let cases = cases(site).await;
    let staff = site.has_porto_staff().await;
    let other = staff.iter().find(|one| one["crew"] != staff[0]["crew"]).unwrap();
    let crews = [&staff[0], other].map(|one| CrewId(id_of(&one["crew"])));
    let (mut first, mut second) = (site.wire(&staff[0], 1).await, site.wire(other, 2).await);
    for _ in 0..ROUNDS {
        let of = |which: usize| -> Vec<(Uuid, CrewId)> {
            cases
                .iter()
                .map(|pair| (id_of(&pair[which]["id"]), crews[which]))
                .collect()
        };
        let theirs = planned(site, &of(0)).await;
        let mut others = planned(site, &of(1)).await;
        others.reverse();
        let (left, right) = (asked_to_stop(&mut first, &theirs), asked_to_stop(&mut second, &others));
        tokio::join!(pushed(&first, &left), pushed(&second, &right));
    }
    let said = (2 * ROUNDS * PERSONS) as i64;
    assert_eq!(site.rows("event").await, said);
    let withdrawn = "SELECT count(*) FROM visit WHERE state = 'cancelled' AND withdrawn IS NOT NULL";
    assert_eq!(site.app().store().number(withdrawn).await.unwrap(), said);
    site.export().await.holds();
}
