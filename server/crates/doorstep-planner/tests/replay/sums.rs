//! Sums over many replays: the same for the same seed, luck that stays with its owner, and figures that a slow count gives too.

use crate::slower::forty;
use crate::town::{PPM_OF_MEETING, names, plan, stakes};
use doorstep_planner::model::Route;
use doorstep_planner::replay::{Assumptions, RUNS_MAX, RUNS_MIN, Script, compared, simulate};

#[test]
fn the_same_seed_gives_the_same_figures_and_another_gives_others() {
    let problem = forty();
    let plan = plan(&problem, 300);
    let script = Script::new(
        &problem,
        &plan.routes,
        stakes(&problem, |_| PPM_OF_MEETING),
        names(&problem),
    )
    .unwrap();
    let days = Assumptions::default();
    let one = simulate(&script, &days, 7, 200);
    assert_eq!(one, simulate(&script, &days, 7, 200));
    assert_ne!(one.totals, simulate(&script, &days, 8, 200).totals);
    // A longer simulation begins with the shorter one.
    assert_eq!(one.totals, simulate(&script, &days, 7, 300).totals[..200]);
    for (asked, made) in [(0, RUNS_MIN), (u32::MAX, RUNS_MAX)] {
        let exact = simulate(&script, &Assumptions::exact(), 7, asked);
        assert_eq!(exact.runs, made);
    }
    // What another seed finds lies where the standard error says.
    let other = simulate(&script, &days, 8, 200);
    let far = (one.total.mean - other.total.mean).abs();
    assert!(
        far < 4 * (one.total.error + other.total.error),
        "{:?} {:?}",
        one.total,
        other.total
    );
    assert!(
        one.total.p5 < one.total.p50 && one.total.p50 < one.total.p95,
        "{:?}",
        one.total
    );
}

#[test]
fn luck_stays_with_its_owner() {
    let problem = forty();
    let plan = plan(&problem, 300);
    let replayed = |routes: &[Route]| {
        let script = Script::new(&problem, routes, stakes(&problem, |_| PPM_OF_MEETING), names(&problem)).unwrap();
        simulate(&script, &Assumptions::default(), 7, 200)
    };
    let whole = replayed(&plan.routes);
    let parts: Vec<_> = plan
        .routes
        .iter()
        .map(|route| replayed(std::slice::from_ref(route)))
        .collect();
    // Each route alone has the same days as beside the others, whatever their order.
    for run in 0..200 {
        let sum: i64 = parts.iter().map(|part| part.totals[run].get()).sum();
        assert_eq!(sum, whole.totals[run].get());
    }
    let mut turned = plan.routes.clone();
    turned.reverse();
    assert_eq!(replayed(&turned), whole);
    let (difference, more) = compared(&whole, &parts[0]);
    let rest: i64 = whole.total.mean - parts[0].total.mean;
    assert!((difference.mean - rest).abs() <= 1, "{difference:?}");
    assert!(more.ppm > 990_000, "{more:?}");
}

#[test]
fn a_bad_day_is_bad_for_everybody() {
    let problem = forty();
    let plan = plan(&problem, 300);
    let totals = |days: &Assumptions| -> Vec<Vec<i64>> {
        let of = |route: &Route| {
            let routes = std::slice::from_ref(route);
            let script = Script::new(&problem, routes, stakes(&problem, |_| 1_000_000), names(&problem)).unwrap();
            simulate(&script, days, 7, 400)
                .totals
                .iter()
                .map(|total| total.get())
                .collect()
        };
        plan.routes.iter().take(2).map(of).collect()
    };
    let only_roads = Assumptions {
        roads: Assumptions::default().roads.scaled(150),
        ..Assumptions::exact()
    };
    let only_ways = Assumptions {
        way: Assumptions::default().way.scaled(150),
        ..Assumptions::exact()
    };
    let correlation = |totals: &[Vec<i64>]| {
        let mean = |list: &[i64]| list.iter().sum::<i64>() / list.len() as i64;
        let (one, other) = (mean(&totals[0]), mean(&totals[1]));
        let pairs = totals[0].iter().zip(&totals[1]);
        let of = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            pairs
                .clone()
                .map(|(a, b)| f((a - one) as f64, (b - other) as f64))
                .sum()
        };
        of(&|a, b| a * b) / (of(&|a, _| a * a) * of(&|_, b| b * b)).sqrt()
    };
    assert!(correlation(&totals(&only_roads)) > 0.5);
    assert!(correlation(&totals(&only_ways)).abs() < 0.2);
}
