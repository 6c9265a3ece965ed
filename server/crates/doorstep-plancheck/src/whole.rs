//! The plan as a whole: order, every visit accounted for once, groups, spacings, second crews, pins, mandatory visits.

use crate::finding::{Code, Finding};
use doorstep_planner::model::{Call, CrewsNeeded, Plan, Problem, Route, ShiftIdx, VisitIdx};

/// The calls of each visit: route, position and call.
pub(crate) type Calls<'p> = Vec<Vec<(&'p Route, usize, &'p Call)>>;

/// Where each visit is called at.
pub(crate) fn calls<'p>(problem: &Problem, plan: &'p Plan) -> Calls<'p> {
    let mut calls: Calls<'p> = vec![Vec::new(); problem.visits().len()];
    for route in &plan.routes {
        for (position, call) in route.stops.iter().enumerate() {
            calls[call.visit.get()].push((route, position, call));
        }
    }
    calls
}

pub(crate) fn check(problem: &Problem, plan: &Plan, findings: &mut Vec<Finding>) {
    let calls = calls(problem, plan);
    check_order(plan, findings);
    check_once(problem, plan, &calls, findings);
    check_groups(problem, &calls, findings);
    check_spacings(problem, &calls, findings);
    for (index, calls) in calls.iter().enumerate() {
        let visit = VisitIdx(index as u32);
        check_crews(problem, visit, calls, findings);
        check_pin(problem, visit, calls, findings);
        if problem.visit(visit).mandatory && calls.is_empty() {
            findings.push(Finding::new(Code::MandatoryLeftOut).visit(visit));
        }
    }
}

fn check_order(plan: &Plan, findings: &mut Vec<Finding>) {
    for pair in plan.routes.windows(2) {
        if pair[0].shift >= pair[1].shift {
            findings.push(Finding::new(Code::OutOfOrder).route(pair[1].shift));
        }
    }
    for pair in plan.left_out.windows(2) {
        if pair[0].visit > pair[1].visit {
            findings.push(Finding::new(Code::OutOfOrder).visit(pair[1].visit));
        }
    }
}

fn check_once(problem: &Problem, plan: &Plan, calls: &Calls, findings: &mut Vec<Finding>) {
    let mut left_out = vec![0_usize; calls.len()];
    for left in &plan.left_out {
        left_out[left.visit.get()] += 1;
    }
    for (index, (calls, left_out)) in calls.iter().zip(left_out).enumerate() {
        let visit = VisitIdx(index as u32);
        let needed = match problem.visit(visit).crews_needed {
            CrewsNeeded::One => 1,
            CrewsNeeded::Two => 2,
        };
        if calls.len() > needed {
            let finding = Finding::new(Code::ServedTwice).visit(visit);
            findings.push(finding.numbers(needed as i64, calls.len() as i64));
        }
        if calls.is_empty() && left_out == 0 {
            findings.push(Finding::new(Code::NotAccounted).visit(visit));
        }
        if left_out > 1 || (left_out == 1 && !calls.is_empty()) {
            findings.push(Finding::new(Code::ServedAndLeftOut).visit(visit));
        }
    }
}

fn check_crews(problem: &Problem, visit: VisitIdx, calls: &[(&Route, usize, &Call)], findings: &mut Vec<Finding>) {
    if problem.visit(visit).crews_needed == CrewsNeeded::One {
        return;
    }
    match calls {
        [(route, _, _)] => findings.push(Finding::new(Code::SecondCrewMissing).route(route.shift).visit(visit)),
        [(one, _, first), (other, _, second)] => {
            let same = problem.shift(one.shift).crew == problem.shift(other.shift).crew;
            if same || first.start != second.start || first.window != second.window {
                findings.push(Finding::new(Code::CrewsApart).route(other.shift).visit(visit));
            }
        }
        _ => {}
    }
}

fn check_groups(problem: &Problem, calls: &Calls, findings: &mut Vec<Finding>) {
    let mut planned = vec![false; problem.groups()];
    for (index, details) in problem.visits().iter().enumerate() {
        let Some(group) = details.group.filter(|_| !calls[index].is_empty()) else {
            continue;
        };
        if planned[group.get()] {
            findings.push(Finding::new(Code::GroupTwice).visit(VisitIdx(index as u32)));
        }
        planned[group.get()] = true;
    }
}

fn check_spacings(problem: &Problem, calls: &Calls, findings: &mut Vec<Finding>) {
    for spacing in problem.spacings() {
        let mut days: Vec<(u16, VisitIdx)> = Vec::new();
        for &visit in &spacing.visits {
            // The calls of two crews at one visit are one visit on one day.
            days.extend(
                calls[visit.get()]
                    .iter()
                    .take(1)
                    .map(|(route, _, _)| (day_of(problem, route.shift), visit)),
            );
        }
        days.sort_unstable();
        for pair in days.windows(2) {
            let apart = pair[1].0 - pair[0].0;
            if apart < spacing.days_apart_min {
                let finding = Finding::new(Code::SpacingBroken).visit(pair[1].1);
                findings.push(finding.numbers(i64::from(spacing.days_apart_min), i64::from(apart)));
            }
        }
    }
}

fn day_of(problem: &Problem, shift: ShiftIdx) -> u16 {
    problem.shift(shift).day.0
}

fn check_pin(problem: &Problem, visit: VisitIdx, calls: &[(&Route, usize, &Call)], findings: &mut Vec<Finding>) {
    let Some(pin) = problem.visit(visit).pin else { return };
    if calls.is_empty() {
        findings.push(Finding::new(Code::PinLeftOut).route(pin.shift).visit(visit));
        return;
    }
    let keeps = |(route, position, call): &(&Route, usize, &Call)| {
        route.shift == pin.shift
            && pin.start.is_none_or(|start| start == call.start)
            && pin.position.is_none_or(|pinned| pinned as usize == *position)
    };
    // A second crew may come from any shift, but one of the crews keeps the pin.
    if !calls.iter().any(keeps) {
        findings.push(Finding::new(Code::PinMoved).route(pin.shift).visit(visit));
    }
}
