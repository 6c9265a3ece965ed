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

/// What a search does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Makes a first plan.
    First,
    /// Improves it, iteration by iteration.
    Improve,
    /// Puts in whatever still gains.
    Polish,
    /// Finds the reasons of what is left out.
    Explain,
}

/// What the caller wants of a search that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// To go on.
    GoOn,
    /// To end the improving; first plan, polish and reasons are still made whole, so that the plan can be made again.
    Finish,
    /// To have the plan as it is, at once. It is legal; where no reason was found yet, it says [`crate::model::Reason::Stopped`].
    Now,
}

/// How far the search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Progress {
    /// What it does.
    pub step: Step,
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
    propose_for(problem, seed, budget, &mut |progress| {
        if progress.step == Step::Improve && stop(progress) {
            Wish::Finish
        } else {
            Wish::GoOn
        }
    })
}

/// The same for a caller who may not wait: `ask` is asked in every step, before little enough work that the answer
/// [`Wish::Now`] is followed within a few milliseconds once the search has begun. A plan that was cut off so cannot be made
/// again.
pub fn propose_for(problem: &Problem, seed: u64, budget: Budget, ask: &mut dyn FnMut(&Progress) -> Wish) -> Plan {
    // Whoever wants the plan now wants it from then on: what follows rests on whole steps before it.
    let mut cut = false;
    let ask = &mut |progress: &Progress| {
        let wish = if cut { Wish::Now } else { ask(progress) };
        cut = wish == Wish::Now;
        wish
    };
    let tables = Tables::new(problem);
    let mut solution = Solution::new(&tables);
    construct::construct(&mut solution, ask);
    let mut bench = Workbench::default();
    let iterations = improve(&mut solution, &mut bench, seed, budget, ask);
    let mut done = Progress::of(&solution, Step::Polish, iterations);
    polish::polish(&mut solution, &mut bench, &mut || ask(&done) != Wish::Now);
    done = Progress::of(&solution, Step::Explain, iterations);
    output::plan(&solution, seed, iterations, &mut || ask(&done) != Wish::Now)
}

impl Progress {
    fn of(solution: &Solution, step: Step, iterations: u64) -> Self {
        let planned = solution.routes.iter().map(|route| route.stops.len()).sum::<usize>();
        Self {
            step,
            iterations,
            best: output::objective(solution).total(),
            planned: planned as u32,
            left_out: (solution.tables.problem.visits().len() - planned) as u32,
        }
    }
}

/// The best routes so far.
struct Best {
    score: i64,
    stops: Vec<Vec<Stop>>,
    progress: Progress,
}

impl Best {
    fn new(solution: &Solution) -> Self {
        let mut best = Self {
            score: i64::MIN,
            stops: vec![Vec::new(); solution.routes.len()],
            progress: Progress::of(solution, Step::Improve, 0),
        };
        best.keep(solution);
        best
    }

    fn keep(&mut self, solution: &Solution) {
        self.score = solution.score;
        for (kept, route) in self.stops.iter_mut().zip(&solution.routes) {
            kept.clone_from(&route.stops);
        }
        self.progress = Progress::of(solution, Step::Improve, self.progress.iterations);
    }
}

fn improve(
    solution: &mut Solution,
    bench: &mut Workbench,
    seed: u64,
    budget: Budget,
    ask: &mut dyn FnMut(&Progress) -> Wish,
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
            if ask(&best.progress) != Wish::GoOn {
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
