//! The search for a plan: one, or several of which the best on simulated days is kept.

use doorstep_domain::measure::{Micros, Seconds};
use doorstep_plancheck::{Finding, Severity};
use doorstep_planner::model::{Plan, Problem, SERVICE_SECONDS_MAX};
use doorstep_planner::replay::{Assumptions, Names, RUNS, Simulation, Stake, compared};
use doorstep_planner::{Budget, propose_for};
use doorstep_store::job::JobWish;
use doorstep_wire::plan::simulate::ComparedPlan;

use super::Terms;
use super::simulate::{figure, share, simulated};
use super::watch::{Pacer, Watch};
use crate::App;
use crate::error::AppError;

/// Seconds that visits are planned to take longer, from plan to plan; then the next seed.
const PADDINGS: [i64; 3] = [0, 300, 600];

/// One way to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    seed: u64,
    padding: Seconds,
}

/// The plan that is proposed, what the checker says of it, and for how much longer than they take its visits are planned.
pub(super) struct Searched {
    pub(super) plan: Plan,
    pub(super) findings: Vec<Finding>,
    pub(super) padding: Seconds,
}

/// A plan that was searched, checked, and replayed where there are others.
struct Tried {
    way: Way,
    plan: Plan,
    findings: Vec<Finding>,
    simulation: Option<Simulation>,
}

impl Tried {
    /// What makes it better than others: no breach, then what it gives on simulated days.
    fn rank(&self) -> (bool, i64) {
        let sound = self.findings.iter().all(|finding| finding.severity != Severity::Breach);
        (sound, self.simulation.as_ref().map_or(0, |sums| sums.total.mean))
    }
}

/// The ways to search that are compared.
fn ways(terms: &Terms) -> Vec<Way> {
    let way = |at: u64| Way {
        seed: terms.seed.wrapping_add(at / PADDINGS.len() as u64),
        padding: Seconds(terms.padding.get() + PADDINGS[at as usize % PADDINGS.len()]),
    };
    (0..u64::from(terms.compare)).map(way).collect()
}

/// The same problem with visits that take so much longer.
fn padded(problem: &Problem, padding: Seconds) -> Result<Problem, AppError> {
    let mut parts = problem.clone().into_parts();
    for visit in &mut parts.visits {
        visit.service = Seconds((visit.service + padding).get().min(SERVICE_SECONDS_MAX));
    }
    Problem::new(parts).map_err(|_| AppError::Fault("visits may last longer than they do"))
}

impl App {
    /// Searches, and checks what was found. Of several plans the one is kept that gives most on simulated days, under the same
    /// luck for all; `watch` is told what each of them came to.
    pub(super) fn search_plan(
        &self,
        problem: &Problem,
        terms: &Terms,
        watch: &Watch,
        (names, stakes): (&Names, &[Vec<Stake>]),
    ) -> Result<Searched, AppError> {
        let ways = ways(terms);
        let mut tried: Vec<Tried> = Vec::with_capacity(ways.len());
        for (at, way) in (0..).zip(&ways) {
            // A wish to stop keeps what there is; the first search is asked itself.
            if at > 0 && watch.wish() != JobWish::GoOn {
                break;
            }
            let padded = padded(problem, way.padding)?;
            let plan = self.search_one(&padded, *way, (at, terms), watch);
            let findings = doorstep_plancheck::check(&padded, &plan);
            let days = (&Assumptions::default(), terms.seed, RUNS);
            let simulation = match ways.len() {
                1 => None,
                _ => Some(simulated(problem, &plan.routes, stakes.to_vec(), (names, days))?),
            };
            tried.push(Tried {
                way: *way,
                plan,
                findings,
                simulation,
            });
        }
        // Among equals the first: who does not gain by padding does without.
        let best = (0..tried.len())
            .rev()
            .max_by_key(|at| tried[*at].rank())
            .unwrap_or_default();
        watch.compared(compared_plans(&tried, best));
        let best = tried.swap_remove(best);
        Ok(Searched {
            plan: best.plan,
            findings: best.findings,
            padding: best.way.padding,
        })
    }

    fn search_one(&self, problem: &Problem, way: Way, (at, terms): (u64, &Terms), watch: &Watch) -> Plan {
        let iterations = terms.iterations;
        let budget = Budget { iterations };
        let all = Budget {
            iterations: iterations * u64::from(terms.compare),
        };
        let share = Micros::from_seconds(i64::from(terms.seconds)).get() / i64::from(terms.compare);
        let mut pacer = Pacer::new(self.now(), Micros(share));
        propose_for(problem, way.seed, budget, &mut |progress| {
            let now = self.now();
            let mut so_far = *progress;
            so_far.iterations += at * iterations;
            let spent = now - pacer.began + Micros(share * at as i64);
            watch.searched(&so_far, all, (spent, Micros(share * i64::from(terms.compare))));
            pacer.wish(now, watch.wish(), progress.step)
        })
    }
}

/// What each plan came to beside the one that is kept; nothing where there was one alone.
fn compared_plans(tried: &[Tried], best: usize) -> Vec<ComparedPlan> {
    let kept = tried.get(best).and_then(|one| one.simulation.as_ref());
    let item = |(at, one): (usize, &Tried)| {
        let (sums, kept) = (one.simulation.as_ref()?, kept?);
        Some(ComparedPlan {
            seed: one.way.seed,
            padding_s: one.way.padding.get(),
            planned: one.plan.routes.iter().map(|route| route.stops.len() as u64).sum(),
            objective: one.plan.objective.total().get(),
            total: figure(&sums.total),
            made: figure(&sums.made),
            late_back: share(&sums.late_back),
            delay: figure(&sums.delay),
            kept: at == best,
            behind: (at != best).then(|| figure(&compared(kept, sums).0)),
        })
    };
    tried.iter().enumerate().filter_map(item).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use doorstep_domain::id::TeamId;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn plans_differ_in_padding_first_and_then_in_seed() {
        let terms = |compare| Terms {
            team: TeamId(Uuid::nil()),
            first: date(2026, 11, 23),
            days: 1,
            seed: 7,
            iterations: 1,
            seconds: 1,
            without_notice: false,
            padding: Seconds(60),
            compare,
        };
        let found: Vec<(u64, i64)> = ways(&terms(5))
            .iter()
            .map(|way| (way.seed, way.padding.get()))
            .collect();
        assert_eq!(found, [(7, 60), (7, 360), (7, 660), (8, 60), (8, 360)]);
        assert_eq!(ways(&terms(1)).len(), 1);
    }
}
