//! From the search's routes to a plan with times.

use super::route::{Route, travel_and_time};
use super::solution::Solution;
use super::tables::Tables;
use crate::model::{BreakTaken, Call, Objective, Plan, ShiftIdx, VisitIdx};
use doorstep_domain::measure::{Metres, MicroCost, Seconds};

/// What the solution is worth.
pub(super) fn objective(solution: &Solution) -> Objective {
    let tables = solution.tables;
    let mut sum = Objective {
        change: MicroCost(tables.change_all),
        ..Objective::default()
    };
    for route in &solution.routes {
        let shift = tables.shift(route.shift);
        sum.travel += MicroCost(route.timing.metres * shift.cost_per_metre.get());
        sum.time += MicroCost(route.timing.work * shift.cost_per_second.get());
        for stop in &route.stops {
            let visit = tables.visit(stop.visit);
            sum.value += visit.windows[stop.window as usize].value;
            if visit
                .published
                .is_some_and(|at| at.shift.0 == route.shift && at.window == stop.window)
            {
                sum.change -= visit.change_price;
            }
        }
    }
    sum
}

/// The plan of a solution.
pub(super) fn plan(solution: &Solution, seed: u64, iterations: u64, go_on: &mut dyn FnMut() -> bool) -> Plan {
    let used = solution.routes.iter().filter(|route| !route.stops.is_empty());
    Plan {
        routes: used.map(|route| timed(solution.tables, route)).collect(),
        left_out: super::reasons::left_out(solution, go_on),
        objective: objective(solution),
        seed,
        iterations,
    }
}

fn timed(tables: &Tables, route: &Route) -> crate::model::Route {
    let shift = tables.shift(route.shift);
    let mut now = route.timing.depart;
    let (mut waiting, mut driving) = (0, 0);
    let mut rest = None;
    let mut stops = Vec::with_capacity(route.stops.len());
    for at in 0..=route.stops.len() {
        if let (Some(due), true) = (shift.rest, route.timing.rest == Some(at)) {
            let start = now.max(due.earliest.get());
            waiting += start - now;
            now = start + due.length.get();
            rest = Some(BreakTaken {
                after_calls: at as u32,
                start: Seconds(start),
                end: Seconds(now),
            });
        }
        let leg = route
            .leg_into(tables, at)
            .expect("a route of the solution has every way, or it was not built");
        driving += leg.drive;
        now += leg.drive + leg.access;
        let Some(stop) = route.stops.get(at) else { break };
        let node = tables
            .node(stop.visit, stop.window)
            .expect("a stop of the solution fits its window");
        let start = now.max(node.earliest);
        let end = start + node.duration;
        stops.push(Call {
            visit: VisitIdx(stop.visit),
            arrive: Seconds(now),
            start: Seconds(start),
            end: Seconds(end),
            window: stop.window,
        });
        waiting += start - now;
        now = end;
    }
    crate::model::Route {
        shift: ShiftIdx(route.shift),
        stops,
        rest,
        depart: Seconds(route.timing.depart),
        back: Seconds(now),
        driving: Seconds(driving),
        metres: Metres(route.timing.metres),
        work: Seconds(now - route.timing.depart),
        waiting: Seconds(waiting),
        cost: MicroCost(travel_and_time(shift, route.timing.metres, route.timing.work)),
    }
}
