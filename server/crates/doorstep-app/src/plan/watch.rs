//! Between the making of a plan and whoever waits for it: how far it is, and whether it is to stop.

use std::sync::{Mutex, MutexGuard};

use doorstep_domain::measure::Micros;
use doorstep_domain::plan::PlanPhase;
use doorstep_planner::model::Plan;
use doorstep_planner::{Budget, Progress, Step, Wish};
use doorstep_store::job::JobWish;
use doorstep_wire::plan::simulate::ComparedPlan;
use doorstep_wire::problem::Problem;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

/// How long after a wish to stop the plan may still be polished and explained: what is not by then, is not.
const TIDY: Micros = Micros(150_000);

/// What a job tells of itself; kept with it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    pub(super) phase: Option<PlanPhase>,
    pub(super) permille: u32,
    pub(super) started: Micros,
    pub(super) ended: Option<Micros>,
    pub(super) iterations: u64,
    pub(super) best: Option<i64>,
    pub(super) planned: Option<u64>,
    pub(super) left_out: Option<u64>,
    pub(super) stopped: bool,
    pub(super) plan: Option<Uuid>,
    pub(super) problem: Option<Problem>,
    pub(super) compared: Vec<ComparedPlan>,
}

/// Shared by the two sides.
pub(super) struct Watch {
    told: Mutex<Told>,
    wish: watch::Sender<JobWish>,
}

impl Watch {
    pub(super) fn new(started: Micros) -> Self {
        Self {
            told: Mutex::new(Told {
                started,
                ..Told::default()
            }),
            wish: watch::Sender::new(JobWish::GoOn),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("no holder of the lock can panic")
    }

    /// How far it is.
    pub(super) fn told(&self) -> Told {
        self.lock().clone()
    }

    /// The next phase begins.
    pub(super) fn enter(&self, phase: PlanPhase) {
        let mut told = self.lock();
        told.phase = Some(phase);
        told.permille = span(phase).0;
    }

    /// So much of the phase is done.
    pub(super) fn advance(&self, done: u64, of: u64) {
        let mut told = self.lock();
        let (from, to) = told.phase.map_or((0, 0), span);
        let part = u64::from(to - from) * done.min(of) / of.max(1);
        told.permille = told.permille.max(from + part as u32);
    }

    /// The search is so far.
    pub(super) fn searched(&self, progress: &Progress, budget: Budget, (spent, most): (Micros, Micros)) {
        {
            let mut told = self.lock();
            told.iterations = progress.iterations;
            told.best = Some(progress.best.get());
            told.planned = Some(u64::from(progress.planned));
            told.left_out = Some(u64::from(progress.left_out));
        }
        // Whichever ends it first, iterations or time.
        let by_time = (spent.get().max(0) as u64, most.get().max(1) as u64);
        let by_work = (progress.iterations, budget.iterations.max(1));
        let (done, of) =
            if u128::from(by_time.0) * u128::from(by_work.1) > u128::from(by_work.0) * u128::from(by_time.1) {
                by_time
            } else {
                by_work
            };
        self.advance(done, of);
    }

    /// What the plans came to of which one is kept.
    pub(super) fn compared(&self, plans: Vec<ComparedPlan>) {
        self.lock().compared = plans;
    }

    /// There is a plan, to be stored with the word that it is. Its own figures stand from now on: the last word of the
    /// search is from before its polish.
    pub(super) fn ended(&self, at: Micros, id: Uuid, plan: &Plan) {
        let mut told = self.lock();
        told.ended = Some(at);
        told.plan = Some(id);
        told.iterations = plan.iterations;
        told.best = Some(plan.objective.total().get());
        told.planned = Some(plan.routes.iter().map(|route| route.stops.len() as u64).sum());
        told.left_out = Some(plan.left_out.len() as u64);
        told.stopped = self.wish() == JobWish::Stop;
    }

    /// Passes a wish on. What is to be discarded stays so.
    pub(super) fn wants(&self, wish: JobWish) {
        self.wish.send_if_modified(|now| {
            let changes = *now != wish && *now != JobWish::Discard;
            if changes {
                *now = wish;
            }
            changes
        });
    }

    pub(super) fn wish(&self) -> JobWish {
        *self.wish.borrow()
    }

    /// Waits until it is to stop.
    pub(super) async fn stop_wanted(&self) {
        // The sender lives as long as this does.
        let _ = self.wish.subscribe().wait_for(|wish| *wish != JobWish::GoOn).await;
    }
}

/// The part of the whole that a phase is, in thousandths: by what it takes with many cases.
const fn span(phase: PlanPhase) -> (u32, u32) {
    match phase {
        PlanPhase::Reading => (0, 150),
        PlanPhase::Rules => (150, 300),
        PlanPhase::Travel => (300, 400),
        PlanPhase::Search => (400, 900),
        PlanPhase::Check => (900, 950),
        PlanPhase::Storing => (950, 1_000),
    }
}

/// Turns the wish for a job into what a search is told: its time ends the improving, a wish to stop also the tidying after
/// a moment, a wish to discard everything.
pub(super) struct Pacer {
    pub(super) began: Micros,
    pub(super) most: Micros,
    stop_seen: Option<Micros>,
}

impl Pacer {
    pub(super) const fn new(began: Micros, most: Micros) -> Self {
        Self {
            began,
            most,
            stop_seen: None,
        }
    }

    pub(super) fn wish(&mut self, now: Micros, wanted: JobWish, step: Step) -> Wish {
        match wanted {
            JobWish::Discard => Wish::Now,
            JobWish::Stop => {
                let since = *self.stop_seen.get_or_insert(now);
                if now - since >= TIDY { Wish::Now } else { Wish::Finish }
            }
            JobWish::GoOn if step == Step::Improve && now - self.began >= self.most => Wish::Finish,
            JobWish::GoOn => Wish::GoOn,
        }
    }
}

#[cfg(test)]
mod tests {
    use doorstep_domain::measure::MicroCost;
    use doorstep_planner::model::Objective;

    use super::*;

    #[test]
    fn a_stop_leaves_a_moment_to_tidy_and_a_discard_none() {
        let mut pacer = Pacer::new(Micros(0), Micros(1_000_000));
        let go_on = JobWish::GoOn;
        assert_eq!(pacer.wish(Micros(2_000_000), go_on, Step::First), Wish::GoOn);
        assert_eq!(pacer.wish(Micros(2_000_000), go_on, Step::Improve), Wish::Finish);
        assert_eq!(pacer.wish(Micros(2_000_000), go_on, Step::Explain), Wish::GoOn);
        assert_eq!(pacer.wish(Micros(2_000_000), JobWish::Stop, Step::First), Wish::Finish);
        assert_eq!(pacer.wish(Micros(2_149_999), JobWish::Stop, Step::Polish), Wish::Finish);
        assert_eq!(pacer.wish(Micros(2_150_000), JobWish::Stop, Step::Polish), Wish::Now);
        assert_eq!(pacer.wish(Micros(0), JobWish::Discard, Step::First), Wish::Now);
    }

    #[test]
    fn progress_only_grows_and_a_discard_is_final() {
        let watch = Watch::new(Micros(0));
        let mut last = 0;
        for phase in PlanPhase::ALL {
            watch.enter(*phase);
            for done in [0, 50, 40, 100, 200] {
                watch.advance(done, 100);
                let told = watch.told().permille;
                assert!(told >= last && told <= 1_000, "{phase}: {told} after {last}");
                last = told;
            }
        }
        assert_eq!(last, 1_000);
        watch.wants(JobWish::Discard);
        watch.wants(JobWish::Stop);
        assert_eq!(watch.wish(), JobWish::Discard);
    }

    #[test]
    fn the_search_is_as_far_as_its_time_or_its_iterations() {
        let budget = Budget { iterations: 1_000 };
        let progress = Progress {
            step: Step::Improve,
            iterations: 500,
            best: MicroCost(7),
            planned: 3,
            left_out: 4,
        };
        for (spent, permille) in [(0, 650), (75, 775), (50, 650)] {
            let watch = Watch::new(Micros(0));
            watch.enter(PlanPhase::Search);
            watch.searched(&progress, budget, (Micros(spent), Micros(100)));
            assert_eq!(watch.told().permille, permille);
            assert_eq!((watch.told().best, watch.told().planned), (Some(7), Some(3)));
        }
    }

    #[test]
    fn what_is_told_at_the_end_is_the_plans_own() {
        let watch = Watch::new(Micros(0));
        let before = Progress {
            step: Step::Polish,
            iterations: 256,
            best: MicroCost(7),
            planned: 0,
            left_out: 2,
        };
        watch.searched(&before, Budget { iterations: 300 }, (Micros(0), Micros(100)));
        let plan = Plan {
            routes: Vec::new(),
            left_out: Vec::new(),
            objective: Objective {
                value: MicroCost(9),
                ..Objective::default()
            },
            seed: 1,
            iterations: 300,
        };
        watch.ended(Micros(5), Uuid::from_u128(1), &plan);
        let told = watch.told();
        assert_eq!((told.iterations, told.best, told.left_out), (300, Some(9), Some(0)));
        assert_eq!((told.ended, told.plan), (Some(Micros(5)), Some(Uuid::from_u128(1))));
    }
}
