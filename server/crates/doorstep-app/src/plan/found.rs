//! What a search found, as it is stored.

use doorstep_domain::id::{RouteId, VisitId};
use doorstep_domain::measure::{Micros, Seconds};
use doorstep_planner::model::{LeftOut, Plan, Problem};
use doorstep_store::plan::{PlanCase, PlanPlace, RouteRow};

use crate::error::AppError;
use crate::planning::{self, Candidate, CrewShift};
use crate::reason::Left;

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
                let case = self.candidates[call.visit.get()].known.view.case.id;
                cases.push(PlanCase {
                    case,
                    place: Some(place),
                    reason: None,
                });
            }
        }
        for LeftOut { visit, reason } in &self.plan.left_out {
            let case = self.candidates[visit.get()].known.view.case.id;
            let left = Left::of_plan(*reason, |by| self.candidates[by.get()].known.view.case.id);
            let reason = serde_json::to_string(&left).map_err(|_| AppError::Fault("reasons serialise"))?;
            cases.push(PlanCase {
                case,
                place: None,
                reason: Some(reason),
            });
        }
        Ok((routes, cases))
    }
}
