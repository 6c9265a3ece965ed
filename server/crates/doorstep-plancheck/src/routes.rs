//! One route on its own: order, times, limits, break and sums.

use crate::day::{Due, day, due_of_call, is_rest_due, walk};
use crate::finding::{Code, Finding};
use crate::way::{Point, Way, between};
use doorstep_planner::model::{Call, CrewsNeeded, Problem, Route, Shift};

pub(crate) fn check(problem: &Problem, route: &Route, findings: &mut Vec<Finding>) {
    let shift = problem.shift(route.shift);
    if route.stops.is_empty() {
        findings.push(Finding::new(Code::EmptyRoute).route(route.shift));
        return;
    }
    let Some(sums) = check_steps(problem, shift, route, findings) else {
        return;
    };
    check_sums(shift, route, &sums, findings);
    check_limits(shift, route, findings);
    check_shape(problem, shift, route, findings);
}

#[derive(Default)]
struct Sums {
    driving: i64,
    metres: i64,
    waiting: i64,
}

/// Walks the route by the plan's own times, so that one false time is one finding. None where a way is missing.
fn check_steps(problem: &Problem, shift: &Shift, route: &Route, findings: &mut Vec<Finding>) -> Option<Sums> {
    let mut sums = Sums::default();
    let (mut at, mut free_at) = (Point::Start, route.depart.get());
    for done in 0..=route.stops.len() {
        if let Some(rest) = route.rest.filter(|rest| rest.after_calls as usize == done) {
            sums.waiting += rest.start.get() - free_at;
            check_rest(shift, route, free_at, findings);
            free_at = rest.end.get();
        }
        let call = route.stops.get(done);
        let to = call.map_or(Point::End, |call| Point::Visit(call.visit));
        let Some(way) = between(problem, shift, at, to) else {
            let finding = Finding::new(Code::NoWay).route(route.shift);
            findings.push(call.map_or(finding, |call| finding.visit(call.visit)));
            return None;
        };
        sums.add(&way);
        let arrive = free_at + way.seconds();
        if let Some(call) = call {
            check_call(problem, route, call, arrive, findings);
            sums.waiting += call.start.get() - call.arrive.get();
            free_at = call.end.get();
        } else if route.back.get() != arrive {
            let finding = Finding::new(Code::WrongBack).route(route.shift);
            findings.push(finding.numbers(arrive, route.back.get()));
        }
        at = to;
    }
    Some(sums)
}

impl Sums {
    fn add(&mut self, way: &Way) {
        self.driving += way.drive;
        self.metres += way.metres;
    }
}

fn check_call(problem: &Problem, route: &Route, call: &Call, arrive: i64, findings: &mut Vec<Finding>) {
    let visit = problem.visit(call.visit);
    let shift = problem.shift(route.shift);
    let window = visit.windows[call.window as usize];
    let mut report = |code, expected, found| {
        let finding = Finding::new(code).route(route.shift).visit(call.visit);
        findings.push(finding.numbers(expected, found));
    };
    if call.arrive.get() != arrive {
        report(Code::WrongArrival, arrive, call.arrive.get());
    }
    let pinned = visit.pin.and_then(|pin| pin.start).unwrap_or(window.start);
    let start = call.arrive.max(window.start).max(pinned).get();
    // Of two crews, one may wait for the other; `whole` compares their starts.
    let is_right = match visit.crews_needed {
        CrewsNeeded::One => call.start.get() == start,
        CrewsNeeded::Two => call.start.get() >= start,
    };
    if !is_right {
        report(Code::WrongStart, start, call.start.get());
    }
    if call.end - call.start != visit.service {
        report(Code::WrongEnd, (call.start + visit.service).get(), call.end.get());
    }
    if call.start < window.start {
        report(Code::BeforeWindow, window.start.get(), call.start.get());
    }
    if call.end > window.end {
        report(Code::AfterWindow, window.end.get(), call.end.get());
    }
    let missing = visit.skills.missing_from(shift.skills);
    if !missing.is_empty() {
        findings.push(Finding::new(Code::SkillMissing).route(route.shift).visit(call.visit));
    }
}

fn check_rest(shift: &Shift, route: &Route, free_at: i64, findings: &mut Vec<Finding>) {
    let (Some(due), Some(rest)) = (shift.rest, route.rest) else {
        return;
    };
    let start = free_at.max(due.earliest.get());
    let is_right = rest.start.get() == start && rest.start <= due.latest && rest.end - rest.start == due.length;
    if !is_right {
        let finding = Finding::new(Code::BreakMisplaced).route(route.shift);
        findings.push(finding.numbers(start, rest.start.get()));
    }
}

fn check_sums(shift: &Shift, route: &Route, sums: &Sums, findings: &mut Vec<Finding>) {
    let work = (route.back - route.depart).get();
    // In 128 bits, because the metres and the work of the plan may be forged.
    let cost = i128::from(route.metres.get()) * i128::from(shift.cost_per_metre.get())
        + i128::from(route.work.get()) * i128::from(shift.cost_per_second.get());
    let cost = i64::try_from(cost).unwrap_or(i64::MAX);
    let rows = [
        (Code::WrongDriving, sums.driving, route.driving.get()),
        (Code::WrongMetres, sums.metres, route.metres.get()),
        (Code::WrongWaiting, sums.waiting, route.waiting.get()),
        (Code::WrongWork, work, route.work.get()),
        (Code::WrongCost, cost, route.cost.get()),
    ];
    for (code, expected, found) in rows {
        if expected != found {
            findings.push(Finding::new(code).route(route.shift).numbers(expected, found));
        }
    }
    if work > shift.longest_work.get() {
        let finding = Finding::new(Code::WorksTooLong).route(route.shift);
        findings.push(finding.numbers(shift.longest_work.get(), work));
    }
    if sums.driving > shift.longest_driving.get() {
        let finding = Finding::new(Code::DrivesTooLong).route(route.shift);
        findings.push(finding.numbers(shift.longest_driving.get(), sums.driving));
    }
}

fn check_limits(shift: &Shift, route: &Route, findings: &mut Vec<Finding>) {
    if route.depart < shift.start {
        let finding = Finding::new(Code::LeavesEarly).route(route.shift);
        findings.push(finding.numbers(shift.start.get(), route.depart.get()));
    }
    if route.back > shift.end {
        let finding = Finding::new(Code::BackLate).route(route.shift);
        findings.push(finding.numbers(shift.end.get(), route.back.get()));
    }
}

/// Departure and break against the route walked anew. A route that does not hold has findings for its times already.
fn check_shape(problem: &Problem, shift: &Shift, route: &Route, findings: &mut Vec<Finding>) {
    let dues: Option<Vec<Due>> = route.stops.iter().map(|call| due_of_call(problem, call)).collect();
    let Some(dues) = dues else { return };
    let plain = walk(problem, shift, &dues, None);
    let is_due = plain.is_ok_and(|plain| is_rest_due(shift, &plain));
    let after = route.rest.map(|rest| rest.after_calls as usize);
    match after {
        None if is_due => findings.push(Finding::new(Code::BreakMissing).route(route.shift)),
        Some(_) if !is_due => findings.push(Finding::new(Code::BreakNotDue).route(route.shift)),
        Some(after) if after > route.stops.len() => {
            findings.push(Finding::new(Code::BreakMisplaced).route(route.shift));
        }
        _ => {}
    }
    let walked = walk(problem, shift, &dues, after).ok();
    let walked = walked.or_else(|| day(problem, shift, &dues).ok().map(|(day, _)| day));
    if let Some(walked) = walked
        && walked.depart != route.depart.get()
    {
        let finding = Finding::new(Code::WrongDeparture).route(route.shift);
        findings.push(finding.numbers(walked.depart, route.depart.get()));
    }
}
