//! Slower days under the same luck.

use crate::town::{HOUR, Numbers, PPM_OF_MEETING, bare, luck, matrix, plan, random, shift, sure, visit};
use doorstep_planner::model::Problem;
use doorstep_planner::replay::{Assumptions, Fate, RUNS, Script, Spread, simulate};
use proptest::prelude::*;

fn start(fate: Fate) -> Option<i64> {
    match fate {
        Fate::FellOut => None,
        Fate::Made { start, .. } => Some(start),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_slower_day_is_never_earlier_and_gives_no_more_than_a_day_that_loses_nothing(
        seed: u64, visits in 1_usize..24, roads in 100_u32..300, overrun in 100_u32..300,
    ) {
        let problem = flat(random(seed, visits));
        let plan = plan(&problem, 100);
        let script = sure(&problem, &plan);
        let numbers = &mut Numbers(seed);
        for assumptions in [Assumptions::exact(), Assumptions::default()] {
            let slower = assumptions.clone().slowed(roads, overrun);
            let luck = luck(&problem, numbers);
            let (fast, slow) = (script.replay(&assumptions, &luck), script.replay(&slower, &luck));
            for (fast, slow) in fast.iter().zip(&slow) {
                let pairs = fast.fates.iter().zip(&slow.fates);
                let together = pairs.clone().take_while(|(fast, slow)| start(**fast).is_some() && start(**slow).is_some());
                for (fast, slow) in together {
                    prop_assert!(start(*fast) <= start(*slow), "{fast:?} {slow:?}");
                }
                // Whatever falls out first falls out on the slower day.
                if let Some((_, slow)) = pairs.clone().find(|(fast, slow)| start(**fast).is_none() || start(**slow).is_none()) {
                    prop_assert!(start(*slow).is_none(), "{:?} {:?}", fast.fates, slow);
                }
                if fast.fates.iter().all(|fate| start(*fate).is_some()) {
                    prop_assert!(slow.value <= fast.value && slow.total <= fast.total, "{fast:?} {slow:?}");
                }
            }
        }
    }
}

/// The same town where every visit is worth the same at any hour, no break is due and no way is shorter than the way planned:
/// then only time decides.
fn flat(problem: Problem) -> Problem {
    let mut parts = problem.into_parts();
    for shift in &mut parts.shifts {
        shift.rest = None;
        shift.cost_per_metre = doorstep_domain::measure::MicroCost::ZERO;
        shift.cost_per_second = doorstep_domain::measure::MicroCost::ZERO;
    }
    for visit in &mut parts.visits {
        let worth = visit.windows[0].value;
        visit.windows.iter_mut().for_each(|window| window.value = worth);
    }
    Problem::new(parts).unwrap()
}

/// A day of forty visits by four crews on a grid of streets.
pub(crate) fn forty() -> Problem {
    let side = 9;
    let mut parts = bare(side * side);
    parts.matrices = vec![matrix(side * side, |from, to| {
        let apart = (from % side).abs_diff(to % side) + (from / side).abs_diff(to / side);
        (150 * apart as u32, 900 * apart as u32)
    })];
    parts.shifts = (0..4)
        .map(|crew| {
            let mut shift = shift();
            shift.crew.0 = crew;
            shift
        })
        .collect();
    let numbers = &mut Numbers(40);
    parts.visits = (0..40)
        .map(|_| {
            let from = 9 + numbers.below(6);
            let door = numbers.below(80) as u32;
            visit(door, (from * HOUR, (from + 3) * HOUR), 20 + numbers.below(20))
        })
        .collect();
    Problem::new(parts).unwrap()
}

#[test]
fn a_plan_gives_less_the_slower_its_days_are() {
    let problem = forty();
    let plan = plan(&problem, 3_000);
    let stakes = crate::town::stakes(&problem, |_| PPM_OF_MEETING);
    let script = Script::new(&problem, &plan.routes, stakes, crate::town::names(&problem)).unwrap();
    let at = |percent| simulate(&script, &Assumptions::default().slowed(percent, percent), 7, RUNS);
    let ladder = [100, 120, 150, 200, 250].map(at);
    for pair in ladder.windows(2) {
        assert!(
            pair[0].total.mean > pair[1].total.mean,
            "{:?} {:?}",
            pair[0].total,
            pair[1].total
        );
        assert!(
            pair[0].made.mean >= pair[1].made.mean,
            "{:?} {:?}",
            pair[0].made,
            pair[1].made
        );
        assert!(
            pair[0].delay.mean <= pair[1].delay.mean,
            "{:?} {:?}",
            pair[0].delay,
            pair[1].delay
        );
    }
    // It is a plan worth its test: everything is planned, and on slow days much of it falls out.
    assert!(
        plan.left_out.len() < 4 && ladder[4].made.mean < 38_000,
        "{:?} {:?}",
        plan.left_out,
        ladder[4].made
    );
}

/// Why a single slower day can be the better one: who does not reach the first visit reaches the second.
#[test]
fn who_skips_a_visit_may_reach_the_next() {
    let mut parts = bare(3);
    parts.matrices = vec![matrix(3, |from, to| (600 * from.abs_diff(to) as u32, 0))];
    parts.shifts = vec![shift()];
    parts.visits = vec![
        visit(1, (9 * HOUR, 10 * HOUR), 20),
        visit(2, (9 * HOUR + 1_800, 10 * HOUR + 1_800), 90),
    ];
    let problem = Problem::new(parts).unwrap();
    let plan = plan(&problem, 0);
    let script = sure(&problem, &plan);
    let luck = luck(&problem, &mut Numbers(1));
    let late = |seconds, service| {
        let mut days = Assumptions::exact();
        days.late_start = Spread::always(seconds);
        days.service = Spread::always(service);
        script.replay(&days, &luck)[0]
            .fates
            .iter()
            .map(|fate| start(*fate).is_some())
            .collect::<Vec<_>>()
    };
    let depart = plan.routes[0].depart.get();
    let just = 9 * HOUR + 1_800 - 600 - depart;
    assert_eq!(late(just, 1_400), [true, false]);
    assert_eq!(late(just + 60, 1_400), [false, true]);
}
