//! Whether and at what cost a left-out visit would fit into the routes as planned.

use crate::day::{Due, Lack, day, due, due_of_call};
use crate::way::{Point, between};
use doorstep_planner::model::{Pin, Plan, Problem, Shift, ShiftIdx, VisitIdx};

/// A route of the plan prepared for questions about one more visit.
pub(crate) struct Prepared<'p> {
    shift_index: ShiftIdx,
    shift: &'p Shift,
    dues: Vec<Due>,
    /// When the crew is free after the first `k` visits, leaving at the start of the shift, without a break.
    free_at: Vec<i64>,
    /// Latest start of each visit, and of the return, that makes nothing after it late, without a break.
    start_by: Vec<i64>,
    /// Visits at the start of the route that are pinned to their positions.
    locked: usize,
    /// Metres and work of the route at the shift's costs.
    cost: i64,
}

/// What all places together come to.
#[derive(Default)]
pub(crate) struct Tally {
    /// Value and added cost of every place that fits.
    pub(crate) prices: Vec<(i64, i64)>,
    /// The least seconds that a place lacks, and the shifts that lack no more.
    pub(crate) short: Option<(i64, Vec<ShiftIdx>)>,
}

impl Tally {
    fn note_short(&mut self, seconds: i64, shift: ShiftIdx) {
        match &mut self.short {
            Some((least, shifts)) if *least == seconds => shifts.push(shift),
            Some((least, _)) if *least < seconds => {}
            short => *short = Some((seconds, vec![shift])),
        }
    }
}

/// A place in a route.
enum Fit {
    /// It fits: value, and what is added to travel, time and change.
    Fits(i64, i64),
    /// It does not, for want of so many seconds.
    Short(i64),
}

/// All shifts of the problem with the routes of a plan whose routes hold.
pub(crate) fn prepare<'p>(problem: &'p Problem, plan: &Plan) -> Vec<Prepared<'p>> {
    let mut calls_of: Vec<&[_]> = vec![&[]; problem.shifts().len()];
    for route in &plan.routes {
        calls_of[route.shift.get()] = &route.stops;
    }
    let shifts = problem.shifts().iter().zip(calls_of).enumerate();
    shifts
        .map(|(index, (shift, calls))| {
            let dues: Vec<Due> = calls.iter().filter_map(|call| due_of_call(problem, call)).collect();
            prepare_one(problem, ShiftIdx(index as u32), shift, dues)
        })
        .collect()
}

fn prepare_one<'p>(problem: &'p Problem, shift_index: ShiftIdx, shift: &'p Shift, dues: Vec<Due>) -> Prepared<'p> {
    let seconds = |from, to| between(problem, shift, from, to).map_or(0, |way| way.seconds());
    let mut free_at = vec![shift.start.get()];
    let mut at = Point::Start;
    for (done, stop) in dues.iter().enumerate() {
        let to = Point::Visit(stop.visit);
        let start = (free_at[done] + seconds(at, to)).max(stop.earliest);
        free_at.push(start + problem.visit(stop.visit).service.get());
        at = to;
    }
    let mut start_by = vec![shift.end.get(); dues.len() + 1];
    for position in (0..dues.len()).rev() {
        let here = Point::Visit(dues[position].visit);
        let next = dues
            .get(position + 1)
            .map_or(Point::End, |stop| Point::Visit(stop.visit));
        let service = problem.visit(dues[position].visit).service.get();
        start_by[position] = dues[position]
            .latest
            .min(start_by[position + 1] - seconds(here, next) - service);
    }
    let has_position = |stop: &&Due| problem.visit(stop.visit).pin.is_some_and(|pin| pin.position.is_some());
    let locked = dues.iter().take_while(has_position).count();
    let cost = day(problem, shift, &dues).map_or(0, |(day, _)| cost_of(shift, day.metres, day.back - day.depart));
    Prepared {
        shift_index,
        shift,
        dues,
        free_at,
        start_by,
        locked,
        cost,
    }
}

fn cost_of(shift: &Shift, metres: i64, work: i64) -> i64 {
    metres * shift.cost_per_metre.get() + work * shift.cost_per_second.get()
}

impl Prepared<'_> {
    /// Adds every place of the route for a visit to the tally. Places without a way are passed over.
    pub(crate) fn add_places(&self, problem: &Problem, visit: VisitIdx, tally: &mut Tally) {
        let details = problem.visit(visit);
        let positions = match details.pin {
            Some(Pin {
                position: Some(position),
                ..
            }) if position as usize != self.locked => return,
            Some(Pin { position: Some(_), .. }) => self.locked..self.locked + 1,
            _ => self.locked..self.dues.len() + 1,
        };
        for (window, span) in details.windows.iter().enumerate() {
            let window = window as u16;
            let Some(stop) = due(problem, visit, window) else {
                continue;
            };
            if span.start > self.shift.end || self.shift.start > span.end {
                continue;
            }
            for position in positions.clone() {
                // Lateness without any way is the least it can be; a place that lacks more than another is no answer.
                let pushed = stop.earliest + details.service.get() - self.start_by[position];
                let at_least = pushed.max(self.free_at[position] - stop.latest);
                if tally.short.as_ref().is_some_and(|(least, _)| at_least > *least) {
                    continue;
                }
                match self.place(problem, window, stop, position) {
                    Some(Fit::Fits(value, cost)) => tally.prices.push((value, cost)),
                    Some(Fit::Short(seconds)) => tally.note_short(seconds, self.shift_index),
                    None => {}
                }
            }
        }
    }

    fn place(&self, problem: &Problem, window: u16, stop: Due, position: usize) -> Option<Fit> {
        let late = self.lateness(problem, stop, position)?;
        if late > 0 {
            return Some(Fit::Short(late));
        }
        let mut dues = self.dues.clone();
        dues.insert(position, stop);
        let (day, _) = match day(problem, self.shift, &dues) {
            Ok(day) => day,
            Err(Lack::Seconds(seconds)) => return Some(Fit::Short(seconds)),
            Err(Lack::NoWay) => return None,
        };
        let details = problem.visit(stop.visit);
        let kept = details
            .published
            .is_some_and(|at| (at.shift, at.window) == (self.shift_index, window));
        let change = if kept { details.change_price.get() } else { 0 };
        let cost = cost_of(self.shift, day.metres, day.back - day.depart) - self.cost - change;
        Some(Fit::Fits(details.windows[window as usize].value.get(), cost))
    }

    /// Lateness with the visit at a position and without a break: its own, and what it pushes onto the rest.
    fn lateness(&self, problem: &Problem, stop: Due, position: usize) -> Option<i64> {
        let before = position
            .checked_sub(1)
            .map_or(Point::Start, |at| Point::Visit(self.dues[at].visit));
        let next = self
            .dues
            .get(position)
            .map_or(Point::End, |stop| Point::Visit(stop.visit));
        let here = Point::Visit(stop.visit);
        let arrive = self.free_at[position] + between(problem, self.shift, before, here)?.seconds();
        let own = (arrive - stop.latest).max(0);
        let end = arrive.clamp(stop.earliest, stop.latest) + problem.visit(stop.visit).service.get();
        let onward = end + between(problem, self.shift, here, next)?.seconds();
        Some(own + (onward - self.start_by[position]).max(0))
    }
}
