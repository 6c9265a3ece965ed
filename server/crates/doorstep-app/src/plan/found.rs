//! What a search found, turned back into routes and cases as they are stored.

use doorstep_domain::id::{RouteId, VisitId};
use doorstep_domain::measure::{MicroCost, Micros, Seconds};
use doorstep_planner::model::{LeftOut, Plan, Problem, Route, VisitIdx};
use doorstep_store::plan::{PlanCase, PlanPlace, RouteRow};

use crate::error::AppError;
use crate::planning::{self, Candidate, Costs, CrewShift};
use crate::reason::Left;
use crate::worth::Weighing;

/// What a search found.
pub(super) struct Found {
    pub(super) problem: Problem,
    pub(super) plan: Plan,
    pub(super) findings: Vec<doorstep_plancheck::Finding>,
    /// Seconds for which each visit is planned beyond what it takes.
    pub(super) padding: Seconds,
    /// How many plans it was chosen from.
    pub(super) compared: u32,
    pub(super) candidates: Vec<Candidate>,
    pub(super) shifts: Vec<CrewShift>,
    pub(super) base: Micros,
    pub(super) zone: String,
    pub(super) first_day: i64,
    pub(super) label: &'static str,
    pub(super) costs: Costs,
    /// The version of the chances.
    pub(super) odds: i64,
}

impl Found {
    /// Routes and cases as they are stored.
    pub(super) fn rows(&self, now: Micros) -> Result<(Vec<RouteRow>, Vec<PlanCase>), AppError> {
        let at = |seconds: Seconds| self.base + Micros::from_seconds(seconds.get());
        let (mut routes, mut cases) = (Vec::new(), Vec::new());
        for route in &self.plan.routes {
            let shift = &self.shifts[route.shift.get()];
            let id = RouteId(doorstep_store::fresh_id(now));
            let (metres, driving) = planning::route_sums(route.metres, route.driving);
            routes.push(RouteRow {
                id,
                crew: shift.crew,
                day: self.first_day + i64::from(shift.day),
                depart: at(route.depart),
                back: at(route.back),
                metres,
                driving,
            });
            let shares = self.shares(route);
            for (position, call) in route.stops.iter().enumerate() {
                let visit = self.problem.visit(call.visit);
                let place = PlanPlace {
                    route: id,
                    visit: VisitId(doorstep_store::fresh_id(now)),
                    position: position as i64,
                    arrive: at(call.arrive),
                    starts: at(call.start),
                    ends: at(call.end),
                    value: visit.windows[usize::from(call.window)].value.get(),
                };
                let candidate = &self.candidates[call.visit.get()];
                cases.push(PlanCase {
                    case: candidate.known.view.case.id,
                    worth: candidate
                        .worth_of_day(place.starts, shares[position])
                        .map(text)
                        .transpose()?,
                    place: Some(place),
                    reason: None,
                });
            }
        }
        for LeftOut { visit, reason } in &self.plan.left_out {
            let candidate = &self.candidates[visit.get()];
            let case = candidate.known.view.case.id;
            let case_of = |by: VisitIdx| self.candidates[by.get()].known.view.case.id;
            let left = Left::of_plan(*reason, case_of, |value| candidate.worth_at(value));
            let reason = serde_json::to_string(&left).map_err(|_| AppError::Fault("reasons serialise"))?;
            cases.push(PlanCase {
                case,
                place: None,
                reason: Some(reason),
                worth: None,
            });
        }
        Ok((routes, cases))
    }

    /// What each visit of a route bears of its time and way, in equal parts: together exactly what the route costs.
    fn shares(&self, route: &Route) -> Vec<(MicroCost, MicroCost)> {
        let metre = self.costs.metre(self.shifts[route.shift.get()].travel);
        let (time, way) = (
            route.work.get() * self.costs.second.get(),
            route.metres.get() * metre.get(),
        );
        let visits = route.stops.len() as i64;
        let part = |all: i64, at: i64| MicroCost(all / visits + i64::from(at < all % visits));
        (0..visits).map(|at| (part(time, at), part(way, at))).collect()
    }
}

fn text(weighing: Weighing) -> Result<String, AppError> {
    serde_json::to_string(&weighing).map_err(|_| AppError::Fault("worths serialise"))
}
