//! The objective of a plan, added up anew.

use crate::finding::{Code, Finding};
use crate::way::{Point, between};
use crate::whole::calls;
use doorstep_planner::model::{Plan, Problem};

pub(crate) fn check(problem: &Problem, plan: &Plan, findings: &mut Vec<Finding>) {
    let (mut travel, mut time) = (0, 0);
    for route in &plan.routes {
        let shift = problem.shift(route.shift);
        let mut at = Point::Start;
        for to in route
            .stops
            .iter()
            .map(|call| Point::Visit(call.visit))
            .chain([Point::End])
        {
            travel += between(problem, shift, at, to).map_or(0, |way| way.metres) * shift.cost_per_metre.get();
            at = to;
        }
        time += (route.back - route.depart).get() * shift.cost_per_second.get();
    }
    let (mut value, mut change) = (0, 0);
    for (visit, calls) in problem.visits().iter().zip(calls(problem, plan)) {
        if let Some((_, _, call)) = calls.first() {
            value += visit.windows[call.window as usize].value.get();
        }
        if let Some(published) = visit.published {
            let kept = calls
                .iter()
                .any(|(route, _, call)| (route.shift, call.window) == (published.shift, published.window));
            change += if kept { 0 } else { visit.change_price.get() };
        }
    }
    let rows = [
        (Code::WrongValue, value, plan.objective.value),
        (Code::WrongTravel, travel, plan.objective.travel),
        (Code::WrongTime, time, plan.objective.time),
        (Code::WrongChange, change, plan.objective.change),
    ];
    for (code, expected, found) in rows {
        if expected != found.get() {
            findings.push(Finding::new(code).numbers(expected, found.get()));
        }
    }
}
