//! Days that go exactly as planned give the plan.

use crate::town::{Numbers, luck, plan, random, stakes, sure};
use doorstep_planner::replay::{Assumptions, Fate, PPM, Script, simulate};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn days_that_go_as_planned_give_the_plan(seed: u64, visits in 1_usize..24) {
        let problem = random(seed, visits);
        let plan = plan(&problem, 100);
        let script = sure(&problem, &plan);
        let ends = script.replay(&Assumptions::exact(), &luck(&problem, &mut Numbers(seed)));
        for (route, end) in plan.routes.iter().zip(&ends) {
            let planned: Vec<Fate> = route.stops.iter().map(|call| Fate::Made { start: call.start.get(), met: true }).collect();
            prop_assert_eq!(&end.fates, &planned);
            prop_assert_eq!((end.back, end.overtime), (route.back.get(), 0));
            prop_assert_eq!(end.value - end.total, route.cost.get());
        }
        let sums = simulate(&script, &Assumptions::exact(), seed, 20);
        let total = plan.objective.total().get();
        prop_assert_eq!((sums.total.mean, sums.total.error, sums.total.p5, sums.total.p95), (total, 0, total, total));
        prop_assert_eq!(sums.value.mean, plan.objective.value.get());
        let count: usize = plan.routes.iter().map(|route| route.stops.len()).sum();
        prop_assert_eq!((sums.made.mean, sums.met.mean), (count as i64 * 1_000, count as i64 * 1_000));
        prop_assert_eq!((sums.late_back.ppm, sums.delay.p95, sums.after_told.ppm), (0, 0, 0));
        prop_assert!(sums.visits.iter().all(|risk| risk.falls_out.ppm == 0 && risk.delay == 0));
    }

    #[test]
    fn a_plan_keeps_its_worth_in_the_mean_where_only_people_are_out(seed: u64, visits in 1_usize..24) {
        let problem = random(seed, visits);
        let plan = plan(&problem, 100);
        let chance = |at: usize| [PPM / 5, PPM / 2, PPM][at % 3];
        let script = Script::new(&problem, &plan.routes, stakes(&problem, chance), crate::town::names(&problem)).unwrap();
        // Nobody opens, and the crew stays as long as if somebody had: only then does nothing move.
        let exact = Assumptions::exact();
        let sums = simulate(&script, &exact, seed, 2_000);
        let far = (sums.value.mean - plan.objective.value.get()).abs();
        // Windows of one visit differ in value, and who finds nobody may begin the next one earlier.
        let flat = plan.routes.iter().flat_map(|route| &route.stops).all(|call| problem.visit(call.visit).windows.len() == 1);
        prop_assert!(!flat || far <= 5 * sums.value.error + 1_000, "{} {:?}", plan.objective.value, sums.value);
    }
}
