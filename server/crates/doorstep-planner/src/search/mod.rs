//! The search: a first plan, then ruin and recreate around one visit at a time, then a polish. It keeps the best plan at
//! every moment and reads no clock.

mod construct;
mod dice;
mod insertion;
mod near;
mod output;
mod part;
mod polish;
mod reasons;
mod route;
mod ruin;
mod solution;
mod tables;

use crate::model::{Plan, Problem};
use dice::Dice;
use doorstep_domain::measure::MicroCost;
use route::Stop;
use ruin::Workbench;
use solution::Solution;
use tables::Tables;

/// How much the search may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Most iterations after the first plan; 0 returns the first plan, polished.
    pub iterations: u64,
}

/// How far the search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Progress {
    /// Iterations done.
    pub iterations: u64,
    /// Objective of the best plan so far.
    pub best: MicroCost,
    /// Visits in the best plan so far.
    pub planned: u32,
    /// Visits left out of it.
    pub left_out: u32,
}

/// Iterations between two calls of `stop`.
const STOP_EVERY: u64 = 64;
/// Iterations of one round, for each visit and besides. A round starts tolerant of worse plans and ends strict; it does
/// not depend on the budget, so that a stopped search can be made again.
const ROUND_PER_VISIT: u64 = 150;
const ROUND_MIN: u64 = 4_000;

/// Searches for a plan until the budget is used or `stop` answers true; `stop` is asked before the first and then every
/// 64 iterations.
///
/// The plan is legal at any stop. The same problem, seed and [`Plan::iterations`] give the same plan, whatever ended the
/// search: a plan that was stopped by the clock can be made again with its own number of iterations as the budget.
pub fn propose(problem: &Problem, seed: u64, budget: Budget, stop: &mut dyn FnMut(&Progress) -> bool) -> Plan {
    let tables = Tables::new(problem);
    let mut solution = Solution::new(&tables);
    construct::construct(&mut solution);
    let mut bench = Workbench::default();
    let iterations = improve(&mut solution, &mut bench, seed, budget, stop);
    polish::polish(&mut solution, &mut bench);
    output::plan(&solution, seed, iterations)
}

/// The best routes so far.
struct Best {
    score: i64,
    stops: Vec<Vec<Stop>>,
    progress: Progress,
}

impl Best {
    fn new(solution: &Solution) -> Self {
        let progress = Progress {
            iterations: 0,
            best: MicroCost::ZERO,
            planned: 0,
            left_out: 0,
        };
        let mut best = Self {
            score: i64::MIN,
            stops: vec![Vec::new(); solution.routes.len()],
            progress,
        };
        best.keep(solution);
        best
    }

    fn keep(&mut self, solution: &Solution) {
        self.score = solution.score;
        for (kept, route) in self.stops.iter_mut().zip(&solution.routes) {
            kept.clone_from(&route.stops);
        }
        let planned = self.stops.iter().map(Vec::len).sum::<usize>();
        self.progress.best = output::objective(solution).total();
        self.progress.planned = planned as u32;
        self.progress.left_out = (solution.tables.problem.visits().len() - planned) as u32;
    }
}

fn improve(
    solution: &mut Solution,
    bench: &mut Workbench,
    seed: u64,
    budget: Budget,
    stop: &mut dyn FnMut(&Progress) -> bool,
) -> u64 {
    let mut best = Best::new(solution);
    let visits = solution.tables.problem.visits().len();
    if visits == 0 || solution.routes.is_empty() {
        return 0;
    }
    let mut dice = Dice::new(seed);
    let slack = slack(solution);
    let round = ROUND_MIN + ROUND_PER_VISIT * visits as u64;
    let mut iteration = 0;
    while iteration < budget.iterations {
        if iteration % STOP_EVERY == 0 {
            best.progress.iterations = iteration;
            if stop(&best.progress) {
                break;
            }
        }
        let left = round - iteration % round;
        if left == round {
            solution.restore(&best.stops);
        }
        iteration += 1;
        let before = solution.score;
        solution.open_journal();
        let legal = ruin::ruin_and_recreate(solution, &mut dice, bench);
        let threshold = before.min(best.score - dice.below(tolerance(slack, left, round)) as i64);
        if !legal || solution.score < threshold {
            solution.take_back();
        } else if solution.score > best.score {
            best.keep(solution);
        }
    }
    solution.restore(&best.stops);
    iteration
}

/// How far below the best a plan may be with so many iterations left of a round: all of the slack at first, then less by
/// the square of what is left.
fn tolerance(slack: i64, left: u64, round: u64) -> usize {
    let share = i128::from(left) * i128::from(left) * i128::from(slack) / (i128::from(round) * i128::from(round));
    1 + usize::try_from(share).unwrap_or(0)
}

/// The mean value of a visit.
fn slack(solution: &Solution) -> i64 {
    let visits = solution.tables.problem.visits();
    let best_of = |visit: &crate::model::Visit| visit.windows.iter().map(|window| window.value.get()).max();
    let sum: i64 = visits.iter().filter_map(best_of).map(i64::abs).sum();
    sum / visits.len().max(1) as i64
}
