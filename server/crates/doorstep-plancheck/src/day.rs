//! One shift walked from start to end: forward for the earliest times, backward for the latest departure.

use crate::way::{Point, between};
use doorstep_planner::model::{Call, CrewsNeeded, Pin, Problem, Shift, VisitIdx};

/// A visit and the span in which it must start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) visit: VisitIdx,
    pub(crate) earliest: i64,
    pub(crate) latest: i64,
}

/// What a day comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) depart: i64,
    pub(crate) back: i64,
    pub(crate) metres: i64,
}

/// Why a day does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    NoWay,
    Seconds(i64),
}

/// When a visit must start in one of its windows; none where service or pinned start do not fit.
pub(crate) fn due(problem: &Problem, visit: VisitIdx, window: u16) -> Option<Due> {
    let details = problem.visit(visit);
    let window = details.windows[window as usize];
    let (mut earliest, mut latest) = (window.start.get(), window.end.get() - details.service.get());
    if let Some(Pin { start: Some(start), .. }) = details.pin {
        earliest = earliest.max(start.get());
        latest = latest.min(start.get());
    }
    (earliest <= latest).then_some(Due {
        visit,
        earliest,
        latest,
    })
}

/// When a planned call must start: two crews start when the plan says, since each waits for the other.
pub(crate) fn due_of_call(problem: &Problem, call: &Call) -> Option<Due> {
    let due = due(problem, call.visit, call.window)?;
    match problem.visit(call.visit).crews_needed {
        CrewsNeeded::One => Some(due),
        CrewsNeeded::Two => Some(Due {
            earliest: call.start.get(),
            latest: call.start.get(),
            ..due
        }),
    }
}

/// The day of a shift with these visits, and the break where one is due.
pub(crate) fn day(problem: &Problem, shift: &Shift, stops: &[Due]) -> Result<(Day, Option<usize>), Lack> {
    let plain = walk(problem, shift, stops, None)?;
    if !is_rest_due(shift, &plain) {
        return Ok((plain, None));
    }
    let mut best: Result<(Day, Option<usize>), Lack> = Err(Lack::NoWay);
    for after in 0..=stops.len() {
        best = match (walk(problem, shift, stops, Some(after)), best) {
            (Ok(new), Ok((kept, _))) if new.back - new.depart >= kept.back - kept.depart => best,
            (Ok(new), _) => Ok((new, Some(after))),
            (Err(_), Ok(_)) => best,
            (Err(Lack::Seconds(new)), Err(Lack::Seconds(kept))) => Err(Lack::Seconds(new.min(kept))),
            (Err(new), Err(Lack::NoWay)) => Err(new),
            (Err(Lack::NoWay), kept) => kept,
        };
    }
    best
}

/// Whether a day without a break needs one.
pub(crate) fn is_rest_due(shift: &Shift, plain: &Day) -> bool {
    shift
        .rest
        .is_some_and(|rest| plain.depart <= rest.earliest.get() && plain.back >= rest.latest.get())
}

/// The day with the break after so many visits, or without one.
pub(crate) fn walk(problem: &Problem, shift: &Shift, stops: &[Due], rest_after: Option<usize>) -> Result<Day, Lack> {
    let (mut now, mut late, mut drive, mut metres) = (shift.start.get(), 0, 0, 0);
    let mut steps: Vec<Step> = Vec::with_capacity(stops.len() + 2);
    let mut at = Point::Start;
    for done in 0..=stops.len() {
        if let (Some(rest), true) = (shift.rest, rest_after == Some(done)) {
            steps.push(Step {
                way: 0,
                latest: rest.latest.get(),
                lasts: rest.length.get(),
            });
            now = enter(now, (rest.earliest.get(), rest.latest.get()), &mut late) + rest.length.get();
        }
        let to = stops.get(done).map_or(Point::End, |stop| Point::Visit(stop.visit));
        let way = between(problem, shift, at, to).ok_or(Lack::NoWay)?;
        drive += way.drive;
        metres += way.metres;
        now += way.seconds();
        if let Some(stop) = stops.get(done) {
            let lasts = problem.visit(stop.visit).service.get();
            steps.push(Step {
                way: way.seconds(),
                latest: stop.latest,
                lasts,
            });
            now = enter(now, (stop.earliest, stop.latest), &mut late) + lasts;
        } else {
            steps.push(Step {
                way: way.seconds(),
                latest: shift.end.get(),
                lasts: 0,
            });
            late += (now - shift.end.get()).max(0);
        }
        at = to;
    }
    if late > 0 {
        return Err(Lack::Seconds(late));
    }
    let back = now;
    let depart = latest_departure(&steps, back).max(shift.start.get());
    let over = (back - depart - shift.longest_work.get()).max(drive - shift.longest_driving.get());
    if over > 0 {
        Err(Lack::Seconds(over))
    } else {
        Ok(Day { depart, back, metres })
    }
}

struct Step {
    way: i64,
    latest: i64,
    lasts: i64,
}

/// Goes into a step that must start within the span; lateness is noted and taken back.
fn enter(now: i64, span: (i64, i64), late: &mut i64) -> i64 {
    *late += (now - span.1).max(0);
    now.clamp(span.0, span.1)
}

/// The latest departure that is still back at the same time.
fn latest_departure(steps: &[Step], back: i64) -> i64 {
    let mut deadline = back;
    for step in steps.iter().rev() {
        deadline = (deadline - step.lasts).min(step.latest) - step.way;
    }
    deadline
}
