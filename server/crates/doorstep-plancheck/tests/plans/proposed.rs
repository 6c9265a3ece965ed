//! Properties of the planner, judged by the checker: whatever the town, the plan is sound and its reasons are true.

use crate::town::{Numbers, Size, line, plan, random, shift, visit};
use doorstep_plancheck::{Code, Finding, Severity, check};
use doorstep_planner::model::{Pin, Plan, Problem, ProblemParts, Reason};
use doorstep_planner::{Budget, Step, Wish, propose, propose_for};
use proptest::prelude::*;

/// No breach, and a notice for exactly the mandatory and pinned visits that are left out.
fn assert_sound(problem: &Problem, plan: &Plan) {
    let findings = check(problem, plan);
    let breaches: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Breach)
        .collect();
    assert!(breaches.is_empty(), "breaches {breaches:#?}\nplan {plan:#?}");
    let mut noticed: Vec<_> = findings.iter().filter_map(|finding| finding.visit).collect();
    noticed.sort_unstable();
    noticed.dedup();
    let left = plan.left_out.iter().map(|left| left.visit);
    let must: Vec<_> = left
        .filter(|visit| problem.visit(*visit).mandatory || problem.visit(*visit).pin.is_some())
        .collect();
    assert_eq!(noticed, must);
}

/// Pins some calls of a plan: the first calls of a route to their positions, others to shift or start.
fn pin_some(parts: &mut ProblemParts, plan: &Plan, numbers: &mut Numbers) {
    for route in &plan.routes {
        let prefix = numbers.below(3) as usize;
        for (position, call) in route.stops.iter().enumerate() {
            let is_first = position < prefix;
            if is_first || numbers.below(4) == 0 {
                let start = (numbers.below(2) == 0).then_some(call.start);
                let position = is_first.then_some(position as u32);
                parts.visits[call.visit.get()].pin = Some(Pin {
                    shift: route.shift,
                    start,
                    position,
                });
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_of_a_random_town_is_sound(seed: u64, places in 1_usize..9, shifts in 0_usize..7, visits in 0_usize..40) {
        let problem = Problem::new(random(seed, Size { places, shifts, visits })).unwrap();
        for iterations in [0, 150] {
            assert_sound(&problem, &plan(&problem, seed, iterations));
        }
    }

    #[test]
    fn a_plan_with_pins_of_an_earlier_plan_is_sound(seed: u64, places in 2_usize..9, shifts in 1_usize..7, visits in 1_usize..40) {
        let mut parts = random(seed, Size { places, shifts, visits });
        let first = plan(&Problem::new(parts.clone()).unwrap(), seed, 50);
        pin_some(&mut parts, &first, &mut Numbers(seed));
        let problem = Problem::new(parts).unwrap();
        assert_sound(&problem, &plan(&problem, seed, 100));
    }

    #[test]
    fn the_same_seed_gives_the_same_plan(seed: u64, places in 2_usize..9, visits in 1_usize..40) {
        let problem = Problem::new(random(seed, Size { places, shifts: 5, visits })).unwrap();
        prop_assert_eq!(plan(&problem, seed, 200), plan(&problem, seed, 200));
    }
}

#[test]
fn a_stopped_search_can_be_made_again_with_its_iterations() {
    let problem = Problem::new(random(
        7,
        Size {
            places: 8,
            shifts: 6,
            visits: 60,
        },
    ))
    .unwrap();
    let mut asked = 0;
    let stopped = propose(&problem, 7, Budget { iterations: u64::MAX }, &mut |progress| {
        asked += 1;
        progress.iterations >= 640
    });
    assert_eq!((stopped.iterations, asked), (640, 11));
    assert_eq!(plan(&problem, 7, 640), stopped);
}

#[test]
fn progress_counts_up_and_never_gets_worse() {
    let problem = Problem::new(random(
        11,
        Size {
            places: 8,
            shifts: 6,
            visits: 80,
        },
    ))
    .unwrap();
    let mut seen = Vec::new();
    let plan = propose(&problem, 3, Budget { iterations: 1_000 }, &mut |progress| {
        seen.push(*progress);
        false
    });
    assert!(
        seen.windows(2)
            .all(|pair| pair[0].iterations + 64 == pair[1].iterations && pair[0].best <= pair[1].best)
    );
    let last = seen.last().unwrap();
    assert!(plan.objective.total() >= last.best);
    assert_eq!(last.planned + last.left_out, 80);
}

#[test]
fn visits_behind_one_door_are_chained_and_enter_once() {
    let mut parts = line(4);
    parts.shifts = vec![shift(0, 0)];
    parts.visits = [1, 3, 1, 3, 1, 3].map(|door| visit(door, 8, 18)).to_vec();
    let problem = Problem::new(parts).unwrap();
    let plan = plan(&problem, 1, 500);
    assert_sound(&problem, &plan);
    let doors: Vec<u32> = plan.routes[0]
        .stops
        .iter()
        .map(|call| problem.visit(call.visit).door.0)
        .collect();
    assert!(doors == [1, 1, 1, 3, 3, 3] || doors == [3, 3, 3, 1, 1, 1], "{doors:?}");
    // Out to place 3 and back is 3,600 s, six visits of 1,800 s, and two doors entered once, 210 s each.
    assert_eq!(plan.routes[0].work.get(), 3_600 + 6 * 1_800 + 2 * 210);
    assert_eq!(plan.routes[0].metres.get(), 30_000);
}

#[test]
fn the_reason_names_value_and_cost() {
    let mut parts = line(20);
    parts.shifts = vec![shift(0, 0)];
    parts.visits = vec![visit(17, 8, 18)];
    let problem = Problem::new(parts).unwrap();
    let plan = plan(&problem, 1, 100);
    // 170 km at a thousandth a metre, and 17 x 2 x 600 + 1,800 + 210 seconds at a ten-thousandth.
    let (value, cost) = (100_000_000, 170_000_000 + 2_241_000);
    assert_sound(&problem, &plan);
    let stated = match plan.left_out[0].reason {
        Reason::NotWorthIt { value, cost } => (value.get(), cost.get()),
        other => panic!("{other:?}"),
    };
    assert_eq!(stated, (value, cost));
}

#[test]
fn a_mandatory_visit_is_planned_though_it_costs_more_than_it_is_worth() {
    let mut parts = line(20);
    parts.shifts = vec![shift(0, 0)];
    parts.visits = vec![visit(17, 8, 18)];
    parts.visits[0].mandatory = true;
    let problem = Problem::new(parts).unwrap();
    let plan = plan(&problem, 1, 100);
    assert_sound(&problem, &plan);
    assert!(plan.left_out.is_empty());
    assert!(plan.objective.total().get() < 0);
}

#[test]
fn a_team_of_eight_shifts_gets_a_sound_plan_for_six_hundred_visits() {
    let problem = Problem::new(random(
        5,
        Size {
            places: 120,
            shifts: 8,
            visits: 600,
        },
    ))
    .unwrap();
    let first = plan(&problem, 1, 0);
    let later = plan(&problem, 1, 2_000);
    assert_sound(&problem, &later);
    assert!(later.objective.total() > first.objective.total());
    assert!(
        check(&problem, &later)
            .iter()
            .all(|finding| finding.code == Code::MandatoryLeftOut)
    );
}

#[test]
fn a_plan_that_is_wanted_now_is_legal_at_every_moment() {
    let problem = Problem::new(random(
        13,
        Size {
            places: 8,
            shifts: 6,
            visits: 90,
        },
    ))
    .unwrap();
    let mut steps = Vec::new();
    let budget = Budget { iterations: 300 };
    let whole = propose_for(&problem, 5, budget, &mut |progress| {
        steps.push(progress.step);
        Wish::GoOn
    });
    assert_eq!(whole, plan(&problem, 5, 300));
    assert!(steps.is_sorted(), "{steps:?}");
    for step in [Step::First, Step::Improve, Step::Polish, Step::Explain] {
        assert!(steps.contains(&step), "{step:?}");
    }
    for moment in 0..steps.len() {
        let mut asked = 0;
        let cut = propose_for(&problem, 5, budget, &mut |_| {
            asked += 1;
            if asked == moment + 1 { Wish::Now } else { Wish::GoOn }
        });
        assert_sound(&problem, &cut);
        let untold = cut
            .left_out
            .iter()
            .filter(|left| left.reason == Reason::Stopped)
            .count();
        assert!(untold > 0 || cut.left_out.is_empty(), "{moment}");
    }
    assert!(whole.left_out.iter().all(|left| left.reason != Reason::Stopped));
}
