//! What counts as a change, and which plan gives way to which.
#![allow(clippy::unwrap_used, reason = "tests")]

use doorstep_domain::id::{Alias, TeamId};

use super::*;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn spot(crew: u128, day: i64, seconds: i64) -> Spot {
    Spot {
        plan: PlanId(id(1)),
        visit: VisitId(id(2)),
        crew: CrewId(id(crew)),
        day,
        starts: Micros::from_seconds(day * 86_400 + seconds),
        ends: Micros::from_seconds(day * 86_400 + seconds + 1_200),
    }
}

#[test]
fn the_greatest_change_names_a_visit() {
    let before = spot(1, 5, 36_000);
    for (after, change) in [
        (Some(spot(1, 5, 36_000)), PlanChange::Same),
        (Some(spot(1, 5, 36_059)), PlanChange::Same),
        (Some(spot(1, 5, 36_060)), PlanChange::MovedTime),
        (Some(spot(1, 5, 35_940)), PlanChange::MovedTime),
        (Some(spot(2, 5, 36_000)), PlanChange::MovedCrew),
        (Some(spot(2, 5, 40_000)), PlanChange::MovedCrew),
        (Some(spot(2, 6, 40_000)), PlanChange::MovedDay),
        (None, PlanChange::Dropped),
    ] {
        let pair = Pair {
            case: CaseId(id(9)),
            before: Some(before),
            after,
        };
        assert_eq!(pair.change(), change, "{after:?}");
    }
}

#[test]
fn every_visit_of_both_sides_is_there_once() {
    let case = |number| CaseId(id(number));
    let before = BTreeMap::from([
        (case(1), vec![spot(1, 1, 100), spot(1, 9, 100)]),
        (case(2), vec![spot(1, 1, 2_000)]),
        (case(3), vec![spot(1, 1, 4_000)]),
    ]);
    let after = BTreeMap::from([
        (case(1), spot(2, 8, 100)),
        (case(3), spot(1, 1, 4_000)),
        (case(4), spot(1, 1, 9_000)),
    ]);
    let found = pairs(before, &after);
    let told: Vec<(u128, PlanChange)> = found
        .iter()
        .map(|pair| (pair.case.0.as_u128(), pair.change()))
        .collect();
    let expected = [
        (1, PlanChange::Dropped),
        (2, PlanChange::Dropped),
        (4, PlanChange::Added),
        (1, PlanChange::MovedDay),
        (3, PlanChange::Same),
    ];
    assert_eq!(told, expected);
    // The visit a day away moved; the one a week away was dropped.
    assert_eq!(found[3].before, Some(spot(1, 9, 100)));
    let counts = counts(&found);
    assert_eq!(
        (counts.dropped, counts.added, counts.moved_day, counts.same),
        (2, 1, 1, 1)
    );
}

fn plan(number: u128, first_day: i64, days: i64, published: Option<i64>, state: PlanState) -> PlanHead {
    PlanHead {
        id: PlanId(id(number)),
        alias: Alias(id(100 + number)),
        team: TeamId(id(7)),
        first_day,
        days,
        state,
        seed: 1,
        iterations: 1,
        packs: String::new(),
        travel_label: String::new(),
        zone: String::new(),
        objective: 0,
        findings: String::new(),
        version: 1,
        created_at: Micros(0),
        published_at: published.map(Micros),
    }
}

#[test]
fn a_plan_takes_the_place_of_what_nobody_replaced_before_it() {
    let published = vec![
        plan(1, 10, 2, Some(1), PlanState::Superseded),
        plan(2, 10, 1, Some(2), PlanState::Superseded),
        plan(3, 10, 3, Some(3), PlanState::Published),
        plan(4, 20, 1, Some(4), PlanState::Published),
    ];
    let of = |plan: &PlanHead| -> Vec<u128> {
        let gave = gave_way(plan, published.clone());
        gave.iter().map(|plan| plan.id.0.as_u128()).collect()
    };
    assert_eq!(of(&published[0]), Vec::<u128>::new());
    assert_eq!(of(&published[1]), [1]);
    // The first plan had given way before, though their days touch.
    assert_eq!(of(&published[2]), [2]);
    assert_eq!(of(&published[3]), Vec::<u128>::new());
    // What is only proposed would take the place of all that is published on its days.
    assert_eq!(of(&plan(5, 12, 9, None, PlanState::Proposed)), [3, 4]);
    assert_eq!(of(&plan(6, 13, 1, None, PlanState::Proposed)), Vec::<u128>::new());
}
