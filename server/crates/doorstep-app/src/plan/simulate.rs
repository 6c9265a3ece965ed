//! What becomes of a plan on real days: its routes replayed a thousand times with people out, visits overrunning, roads slow.
//!
//! The plan is taken as it was made: what happened since (its own visits, say) does not count against it, and notices are taken
//! to have left in time. What was put on a case since does count, for nobody is visited against it.

use std::collections::HashMap;

use doorstep_domain::id::{CaseId, CrewId};
use doorstep_domain::measure::{MicroCost, Micros, Seconds};
use doorstep_planner::model::{Call, Problem, Route, ShiftIdx, VisitIdx, Window};
use doorstep_planner::replay::{
    Assumptions, Figure, Names, PPM, RUNS, RUNS_MAX, RUNS_MIN, Script, Share, Simulation, Spread, Stake, compared,
    simulate,
};
use doorstep_rules::Attempt;
use doorstep_store::grant::Purpose;
use doorstep_store::plan::{PlanCase, PlanHead, PlanPlace, RouteRow};
use doorstep_wire::plan::simulate::{
    Assumed, Comparison, FigureItem, PlanSimulation, Quantile, RouteRiskItem, ShareItem, SimulateRequest, VisitRiskItem,
};
use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use super::Terms;
use super::eligible::{Open, candidate_of};
use crate::actor::Actor;
use crate::error::AppError;
use crate::facts::{Crewed, Known, waiver};
use crate::planning::{self, Candidate, Costs, CrewShift, SERVICE};
use crate::policy::{self, Action};
use crate::records::places_of;
use crate::worth::{Scales, Slot};
use crate::{App, day};

/// How much slower than assumed roads, or visits, can be asked for, in hundredths.
const SLOW_MAX: u32 = 300;
/// The most visits that are replayed for one request, over all runs: some seconds of work.
const STEPS_MAX: u64 = 20_000_000;

/// A request with its gaps filled.
struct Days {
    runs: u32,
    seed: u64,
    chance_percent: Option<u32>,
    exact: bool,
    assumptions: Assumptions,
}

/// A stored plan as a problem and its routes.
struct Staged {
    head: PlanHead,
    problem: Problem,
    routes: Vec<Route>,
    stakes: Vec<Vec<Stake>>,
    names: Names,
    /// Of each visit of the problem.
    placed: Vec<Placed>,
    shifts: Vec<CrewShift>,
    crews: HashMap<CrewId, String>,
    /// Visits that nobody may make any more.
    stopped: Vec<Uuid>,
}

/// A visit of the plan and what its case is called.
struct Placed {
    place: PlanPlace,
    case: CaseId,
    case_no: String,
}

impl App {
    /// Replays a plan, and beside it another under the same luck where one is named. One read entry names each plan.
    pub async fn simulate_plan(
        &self,
        actor: &Actor,
        id: Uuid,
        request: &SimulateRequest,
    ) -> Result<PlanSimulation, AppError> {
        policy::check(actor, Action::Plan)?;
        let days = days_of(request)?;
        let one = self.staged(actor, id, &days).await?;
        let other = match request.against {
            Some(other) => Some(self.staged(actor, other, &days).await?),
            None => None,
        };
        let steps: usize = [Some(&one), other.as_ref()]
            .into_iter()
            .flatten()
            .map(|staged| staged.placed.len())
            .sum();
        if steps as u64 * u64::from(days.runs) > STEPS_MAX {
            let detail = format!(
                "{steps} visits cannot be replayed {} times at once. Ask for fewer runs.",
                days.runs
            );
            return Err(AppError::at(ProblemCode::BadRequest, "runs", detail));
        }
        let worked = tokio::task::spawn_blocking(move || -> Result<PlanSimulation, AppError> {
            let sums = one.simulated(&days)?;
            let against = other
                .map(|other| -> Result<Comparison, AppError> {
                    let theirs = other.simulated(&days)?;
                    let (more, better) = compared(&sums, &theirs);
                    Ok(Comparison {
                        plan: other.head.id.0,
                        planned: other.placed.len() as u64,
                        objective: other.head.objective,
                        total: figure(&theirs.total),
                        made: figure(&theirs.made),
                        late_back: share(&theirs.late_back),
                        more: figure(&more),
                        better: share(&better),
                    })
                })
                .transpose()?;
            Ok(one.shown(&sums, &days, against))
        });
        worked.await.map_err(|_| AppError::Fault("the simulation broke off"))?
    }

    /// A stored plan as it was made: hours by the rules, ways by the source of travel times, shifts as the roster now says.
    async fn staged(&self, actor: &Actor, id: Uuid, days: &Days) -> Result<Staged, AppError> {
        let head = self.plan_in_scope(actor, id).await?;
        let cases = self.store().plan_case_list(actor.tenant, head.id).await?;
        let places: HashMap<CaseId, PlanPlace> = cases
            .iter()
            .filter_map(|case: &PlanCase| Some((case.case, case.place?)))
            .collect();
        let ids: Vec<Uuid> = places.keys().map(|case| case.0).collect();
        let views = self.store().case_get_many(actor.tenant, &ids).await?;
        let known = self.know(actor, views, Purpose::Planning, Some(head.alias)).await?;
        let terms = terms_of(&head);
        let zone = day::zone(&head.zone);
        let shifts = self
            .shifts(actor, (&terms, &zone), &places_of(&known, head.created_at))
            .await?;
        let scales = self.scales(actor.tenant).await?;
        let portfolios = known.iter().map(|known| known.view.case.portfolio);
        let costs = Costs::highest(portfolios.map(|portfolio| scales.strategies.of(portfolio)));
        let (mut candidates, mut placed, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
        for known in known {
            let case = known.view.case.id;
            let place = places[&case];
            match self
                .as_made(known, (&head, &terms), &scales)
                .filter(|candidate| holds(candidate, &place))
            {
                None => stopped.push(place.visit.0),
                Some(candidate) => {
                    placed.push(Placed {
                        place,
                        case,
                        case_no: candidate.known.case_no(),
                    });
                    candidates.push(candidate);
                }
            }
        }
        stopped.sort_unstable();
        let base = day::start(terms.first, &zone);
        let problem = planning::problem(self.roads().as_ref(), base, &candidates, &shifts, costs)?;
        let rows = self.store().route_list(actor.tenant, head.id).await?;
        let routes = routes_of(&rows, &placed, &problem, (base, &head, &shifts))?;
        let mut stakes = planning::stakes(&candidates, base);
        settle(&mut stakes, &routes, (&placed, &candidates), days);
        let crews = self.store().crew_list(actor.tenant, head.team).await?.into_iter();
        Ok(Staged {
            names: names_of(&candidates, &shifts, head.first_day),
            crews: crews.map(|crew| (crew.id, crew.name)).collect(),
            head,
            problem,
            routes,
            stakes,
            placed,
            shifts,
            stopped,
        })
    }

    /// The hours of a case as the rules gave them when the plan was made, were it not for what was put on it since.
    fn as_made(&self, known: Known, (head, terms): (&PlanHead, &Terms), scales: &Scales) -> Option<Candidate> {
        let point = known.point()?;
        let then = head.created_at;
        let mut facts = known.facts(Attempt::visit(then, then + SERVICE), Crewed::Open, then);
        facts.contacts.retain(|contact| contact.at <= then);
        facts.consents.push(waiver());
        let (windows, staff_min) = self.hours((&known, &mut facts), terms, then);
        let open = Open {
            known,
            point,
            windows,
            staff_min,
        };
        Some(candidate_of(open, scales).0)
    }
}

/// Whether the rules still give the hours in which a visit is planned to begin.
fn holds(candidate: &Candidate, place: &PlanPlace) -> bool {
    let fits = |slot: &Slot| slot.from <= place.starts && place.starts + SERVICE <= slot.to;
    candidate.slots.iter().any(fits)
}

fn terms_of(head: &PlanHead) -> Terms {
    Terms {
        team: head.team,
        first: day::of_number(head.first_day),
        days: head.days as u16,
        seed: head.seed as u64,
        iterations: 0,
        seconds: 0,
        without_notice: true,
        padding: Seconds::ZERO,
        compare: 1,
    }
}

/// Routes of a stored plan with the indices of its problem, which has the placed visits in their order.
fn routes_of(
    rows: &[RouteRow],
    placed: &[Placed],
    problem: &Problem,
    (base, head, shifts): (Micros, &PlanHead, &[CrewShift]),
) -> Result<Vec<Route>, AppError> {
    let since = |at: Micros| Seconds((at - base).seconds());
    let mut routes = Vec::with_capacity(rows.len());
    for row in rows {
        let is_theirs = |shift: &CrewShift| shift.crew == row.crew && i64::from(shift.day) == row.day - head.first_day;
        let Some(shift) = shifts.iter().position(is_theirs) else {
            let day = day::text(row.day);
            let detail = format!("A crew of the plan has no shift on {day} any more. Propose a new plan.");
            return Err(AppError::refuse(ProblemCode::PlanOutdated, detail));
        };
        let mut stops: Vec<(i64, Call)> = Vec::new();
        for (at, placed) in (0..).zip(placed) {
            let (visit, place) = (VisitIdx(at), &placed.place);
            if place.route != row.id {
                continue;
            }
            let start = since(place.starts);
            let holds = (0..)
                .zip(&problem.visit(visit).windows)
                .filter(|(_, window)| window.start <= start && start < window.end);
            // Windows of neighbouring hours overlap. The plan's own has its value, and a crew that waited for hours began with them.
            let own = |&(_, window): &(u16, &Window)| (window.value.get() == place.value, window.start == start);
            let (window, _) = holds
                .max_by_key(own)
                .ok_or(AppError::Fault("only visits within their hours are replayed"))?;
            let call = Call {
                visit,
                arrive: since(place.arrive),
                start,
                end: since(place.ends),
                window,
            };
            stops.push((place.position, call));
        }
        stops.sort_unstable_by_key(|(position, _)| *position);
        routes.push(Route {
            shift: ShiftIdx(shift as u32),
            stops: stops.into_iter().map(|(_, call)| call).collect(),
            rest: None,
            depart: since(row.depart),
            back: since(row.back),
            driving: Seconds(row.driving),
            metres: doorstep_domain::measure::Metres(row.metres),
            work: since(row.back) - since(row.depart),
            waiting: Seconds::ZERO,
            cost: MicroCost::ZERO,
        });
    }
    Ok(routes)
}

/// What the plan itself says of its visits stands in the mean; a chance that the request names holds for all.
fn settle(stakes: &mut [Vec<Stake>], routes: &[Route], (placed, of): (&[Placed], &[Candidate]), days: &Days) {
    for call in routes.iter().flat_map(|route| &route.stops) {
        let (at, window) = (call.visit.get(), usize::from(call.window));
        let place = &placed[at].place;
        let worth = MicroCost(place.value);
        // On days that go as planned everybody is met, and a visit gives what the plan says.
        stakes[at][window] = if days.exact {
            Stake::of_mean(worth, PPM)
        } else {
            of[at].outcome(place.starts, worth)
        };
    }
    if let Some(percent) = days.chance_percent {
        stakes
            .iter_mut()
            .flatten()
            .for_each(|stake| stake.chance = percent * 10_000);
    }
}

/// What luck is named after: the case and the crew on its day, in whichever plan they stand.
pub(super) fn names_of(candidates: &[Candidate], shifts: &[CrewShift], first_day: i64) -> Names {
    let of = |id: Uuid| id.as_u128() as u64;
    let visits = candidates.iter().map(|candidate| of(candidate.known.view.case.id.0));
    let shift = |shift: &CrewShift| {
        let day = (first_day + i64::from(shift.day)) as u64;
        of(shift.crew.0).rotate_left(17).wrapping_add(day << 2)
    };
    Names {
        visits: visits.collect(),
        shifts: shifts.iter().map(shift).collect(),
        first_day,
    }
}

/// Replays routes of a problem.
pub(super) fn simulated(
    problem: &Problem,
    routes: &[Route],
    stakes: Vec<Vec<Stake>>,
    (names, (assumptions, seed, runs)): (&Names, (&Assumptions, u64, u32)),
) -> Result<Simulation, AppError> {
    let script = Script::new(problem, routes, stakes, names.clone()).map_err(|error| {
        tracing::error!(error = %error, "plan.script.refused");
        AppError::Fault("a plan of this problem can be replayed")
    })?;
    Ok(simulate(&script, assumptions, seed, runs))
}

fn days_of(request: &SimulateRequest) -> Result<Days, AppError> {
    let within = |field: &'static str, value: Option<u32>, (least, most): (u32, u32)| match value {
        Some(value) if !(least..=most).contains(&value) => {
            let detail = format!("`{field}` is a whole number from {least} to {most}.");
            Err(AppError::at(ProblemCode::BadRequest, field, detail))
        }
        value => Ok(value),
    };
    let roads = within("slow_percent", request.slow_percent, (0, SLOW_MAX))?.unwrap_or(0);
    let visits = within("overrun_percent", request.overrun_percent, (0, SLOW_MAX))?.unwrap_or(0);
    let assumptions = if request.exact {
        Assumptions::exact()
    } else {
        Assumptions::default()
    };
    let chance = within("met_percent", request.met_percent, (1, 100))?;
    Ok(Days {
        runs: within("runs", request.runs, (RUNS_MIN, RUNS_MAX))?.unwrap_or(RUNS),
        seed: request.seed.unwrap_or(1),
        chance_percent: chance.or(request.exact.then_some(100)),
        exact: request.exact,
        assumptions: assumptions.slowed(100 + roads, 100 + visits),
    })
}

impl Staged {
    /// The mean chance of the visits that are replayed, of 100.
    fn met_percent(&self) -> u32 {
        let calls = self.routes.iter().flat_map(|route| &route.stops);
        let chances = calls.map(|call| u64::from(self.stakes[call.visit.get()][usize::from(call.window)].chance));
        let (sum, count) = chances.fold((0, 0), |(sum, count), chance| (sum + chance, count + 1));
        let mean = (sum / 10_000 + count / 2).checked_div(count).unwrap_or_default();
        u32::try_from(mean).unwrap_or_default()
    }

    fn simulated(&self, days: &Days) -> Result<Simulation, AppError> {
        let rest = (&self.names, (&days.assumptions, days.seed, days.runs));
        simulated(&self.problem, &self.routes, self.stakes.clone(), rest)
    }

    fn shown(&self, sums: &Simulation, days: &Days, against: Option<Comparison>) -> PlanSimulation {
        let route = |risk: &doorstep_planner::replay::RouteRisk| {
            let shift = &self.shifts[risk.shift.get()];
            RouteRiskItem {
                crew: shift.crew.0,
                crew_name: self.crews.get(&shift.crew).cloned().unwrap_or_default(),
                day: day::text(self.head.first_day + i64::from(shift.day)),
                planned: u64::from(risk.planned),
                made: figure(&risk.made),
                total: figure(&risk.total),
                late_back: share(&risk.late_back),
                overtime: figure(&risk.overtime),
            }
        };
        let visit = |risk: &doorstep_planner::replay::VisitRisk| {
            let placed = &self.placed[risk.visit.get()];
            VisitRiskItem {
                visit: placed.place.visit.0,
                case: placed.case.0,
                case_no: Some(placed.case_no.clone()).filter(|number| !number.is_empty()),
                starts: placed.place.starts.get(),
                falls_out: share(&risk.falls_out),
                after_told: share(&risk.after_told),
                delay_s: risk.delay,
            }
        };
        PlanSimulation {
            plan: self.head.id.0,
            zone: self.head.zone.clone(),
            runs: sums.runs,
            seed: days.seed,
            assumed: assumed(days, self.met_percent()),
            planned: (self.placed.len() + self.stopped.len()) as u64,
            objective: self.head.objective,
            value: figure(&sums.value),
            total: figure(&sums.total),
            made: figure(&sums.made),
            met: figure(&sums.met),
            late_back: share(&sums.late_back),
            overtime: figure(&sums.overtime),
            delay: figure(&sums.delay),
            after_told: share(&sums.after_told),
            routes: sums.routes.iter().map(route).collect(),
            visits: sums.visits.iter().map(visit).collect(),
            stopped: self.stopped.clone(),
            against,
        }
    }
}

fn assumed(days: &Days, met_percent: u32) -> Assumed {
    let quantiles = |spread: &Spread| {
        let points = spread.points().iter();
        points.map(|&(ppm, value)| Quantile { ppm, value }).collect()
    };
    let of = &days.assumptions;
    Assumed {
        met_percent,
        service_permille: quantiles(&of.service),
        nobody_s: quantiles(&of.nobody),
        way_permille: quantiles(&of.way),
        roads_permille: quantiles(&of.roads),
        late_start_s: quantiles(&of.late_start),
        told_s: of.told.get(),
    }
}

pub(super) fn figure(figure: &Figure) -> FigureItem {
    FigureItem {
        mean: figure.mean,
        error: figure.error,
        p5: figure.p5,
        p50: figure.p50,
        p95: figure.p95,
    }
}

pub(super) fn share(share: &Share) -> ShareItem {
    ShareItem {
        ppm: share.ppm,
        error_ppm: share.error_ppm,
    }
}
