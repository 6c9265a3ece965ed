//! Whether a plan points inside its problem and holds times that can be added up. All other checks rely on it.

use crate::finding::{Code, Finding};
use doorstep_domain::measure::Seconds;
use doorstep_planner::model::{Plan, Problem, Reason, Route, ShiftIdx, TIME_MAX, VisitIdx};

pub(crate) fn check(problem: &Problem, plan: &Plan, findings: &mut Vec<Finding>) {
    for route in &plan.routes {
        if route.shift.get() >= problem.shifts().len() {
            findings.push(Finding::new(Code::UnknownShift).route(route.shift));
        }
        check_calls(problem, route, findings);
    }
    for left in &plan.left_out {
        let (visit, shift) = named(&left.reason);
        let is_known = left.visit.get() < problem.visits().len()
            && visit.is_none_or(|visit| visit.get() < problem.visits().len())
            && shift.is_none_or(|shift| shift.get() < problem.shifts().len());
        if !is_known {
            findings.push(Finding::new(Code::UnknownVisit).visit(left.visit));
        }
    }
}

fn check_calls(problem: &Problem, route: &Route, findings: &mut Vec<Finding>) {
    let mut times = vec![route.depart, route.back];
    times.extend(route.rest.iter().flat_map(|rest| [rest.start, rest.end]));
    for call in &route.stops {
        times.extend([call.arrive, call.start, call.end]);
        let finding = match problem.visits().get(call.visit.get()) {
            None => Code::UnknownVisit,
            Some(visit) if call.window as usize >= visit.windows.len() => Code::UnknownWindow,
            Some(_) => continue,
        };
        findings.push(Finding::new(finding).route(route.shift).visit(call.visit));
    }
    // A late return is a finding of its own, so twice the longest horizon is still a time.
    let wild = |time: &&Seconds| time.get() < 0 || time.get() > 2 * TIME_MAX;
    if let Some(time) = times.iter().find(wild) {
        findings.push(
            Finding::new(Code::TimeOutOfRange)
                .route(route.shift)
                .numbers(2 * TIME_MAX, time.get()),
        );
    }
}

fn named(reason: &Reason) -> (Option<VisitIdx>, Option<ShiftIdx>) {
    match *reason {
        Reason::GroupServed { by } => (Some(by), None),
        Reason::SpacingConflict { with } => (Some(with), None),
        Reason::NoRoomLeft { shift, .. } => (None, Some(shift)),
        _ => (None, None),
    }
}
