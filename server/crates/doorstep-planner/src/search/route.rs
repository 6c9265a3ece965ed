//! One route of the search: its stops, the parts before and after each of them, and its score.

use super::part::{Leg, Part};
use super::tables::Tables;
use crate::model::Shift;

/// A visit in a route and the window it is served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) visit: u32,
    pub(super) window: u16,
}

/// What the timing of a whole route comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Timing {
    pub(super) depart: i64,
    pub(super) work: i64,
    pub(super) metres: i64,
    /// How many stops are done before the break, where one is taken.
    pub(super) rest: Option<usize>,
}

/// A route of one shift.
#[derive(Debug, Default)]
pub(super) struct Route {
    pub(super) shift: u32,
    pub(super) stops: Vec<Stop>,
    /// `before[k]`: the start of the shift and the first `k` stops.
    pub(super) before: Vec<Part>,
    /// `after[k]`: the stops from `k` on and the end of the shift.
    pub(super) after: Vec<Part>,
    pub(super) timing: Timing,
    /// Worth of its stops less metres and work.
    pub(super) score: i64,
    /// Changes with every change of the route.
    pub(super) stamp: u64,
}

impl Clone for Route {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    /// Keeps the room of the lists: routes are saved and restored in every iteration.
    fn clone_from(&mut self, other: &Self) {
        self.shift = other.shift;
        self.stops.clone_from(&other.stops);
        self.before.clone_from(&other.before);
        self.after.clone_from(&other.after);
        self.timing = other.timing;
        self.score = other.score;
        self.stamp = other.stamp;
    }
}

/// Why a sequence of stops is not a route: what it lacks in seconds, or a missing way.
pub(super) enum Misfit {
    NoWay,
    ShortBy(i64),
}

pub(super) fn start_part(shift: &Shift) -> Part {
    Part::at(shift.start.get(), shift.end.get(), 0)
}

pub(super) fn end_part(shift: &Shift) -> Part {
    Part::at(shift.start.get(), shift.end.get(), 0)
}

/// What a whole part lacks to keep the shift; zero where it keeps it.
pub(super) fn lacks(shift: &Shift, whole: &Part) -> i64 {
    if whole.late > 0 {
        return whole.late;
    }
    let work = whole.duration - shift.longest_work.get();
    work.max(whole.drive - shift.longest_driving.get()).max(0)
}

/// Whether a whole part needs the break of its shift.
pub(super) fn needs_rest(shift: &Shift, whole: &Part) -> bool {
    shift.rest.is_some_and(|rest| {
        whole.earliest <= rest.earliest.get() && whole.earliest + whole.duration >= rest.latest.get()
    })
}

/// Whether a shift can serve the visit alone in one of its windows.
pub(super) fn fits_alone(tables: &Tables, shift: u32, visit: u32) -> bool {
    let mut scratch = Route {
        shift,
        ..Route::default()
    };
    let windows = tables.windows_in(visit, tables.shift(shift));
    let mut fits = false;
    for window in windows {
        scratch.stops.clear();
        scratch.stops.push(Stop { visit, window });
        fits |= scratch.rebuild(tables).is_ok();
    }
    fits
}

impl Route {
    pub(super) fn new(tables: &Tables, shift: u32) -> Self {
        let mut route = Self {
            shift,
            ..Self::default()
        };
        let empty = route.rebuild(tables);
        debug_assert!(empty.is_ok(), "a route without stops is always legal");
        route
    }

    /// The way into position `at`: from the stop before it, or the start, to the stop at it, or the end. A route without
    /// stops has no way at all.
    pub(super) fn leg_into(&self, tables: &Tables, at: usize) -> Option<Leg> {
        let shift = tables.shift(self.shift);
        match (
            at.checked_sub(1).map(|before| self.stops[before].visit),
            self.stops.get(at),
        ) {
            (Some(from), Some(to)) => tables.leg(shift, from, to.visit),
            (None, Some(to)) => tables.leg_out(shift, to.visit),
            (Some(from), None) => tables.leg_home(shift, from),
            (None, None) => Some(Leg::default()),
        }
    }

    /// The way that passes over the stop at `at`, in a route of more than one stop.
    pub(super) fn leg_past(&self, tables: &Tables, at: usize) -> Option<Leg> {
        let shift = tables.shift(self.shift);
        match (
            at.checked_sub(1).map(|before| self.stops[before].visit),
            self.stops.get(at + 1),
        ) {
            (Some(from), Some(to)) => tables.leg(shift, from, to.visit),
            (None, Some(to)) => tables.leg_out(shift, to.visit),
            (Some(from), None) => tables.leg_home(shift, from),
            (None, None) => Some(Leg::default()),
        }
    }

    /// Recomputes everything from the stops.
    pub(super) fn rebuild(&mut self, tables: &Tables) -> Result<(), Misfit> {
        let shift = tables.shift(self.shift);
        self.stamp += 1;
        let count = self.stops.len();
        self.before.clear();
        self.after.clear();
        self.before.push(start_part(shift));
        self.after.resize(count + 1, end_part(shift));
        if count == 0 {
            self.timing = Timing {
                depart: shift.start.get(),
                ..Timing::default()
            };
            self.score = 0;
            return Ok(());
        }
        for at in 0..count {
            let node = tables
                .node(self.stops[at].visit, self.stops[at].window)
                .ok_or(Misfit::NoWay)?;
            let leg = self.leg_into(tables, at).ok_or(Misfit::NoWay)?;
            let part = self.before[at].join(leg, &node);
            self.before.push(part);
        }
        for at in (0..count).rev() {
            let node = tables
                .node(self.stops[at].visit, self.stops[at].window)
                .ok_or(Misfit::NoWay)?;
            let leg = self.leg_into(tables, at + 1).ok_or(Misfit::NoWay)?;
            self.after[at] = node.join(leg, &self.after[at + 1]);
        }
        self.timing = self.settle(tables, shift)?;
        self.score = self.score_of(tables, shift);
        Ok(())
    }

    fn settle(&self, tables: &Tables, shift: &Shift) -> Result<Timing, Misfit> {
        let leg = self.leg_into(tables, 0).ok_or(Misfit::NoWay)?;
        let whole = self.before[0].join(leg, &self.after[0]);
        let short = lacks(shift, &whole);
        if short > 0 {
            return Err(Misfit::ShortBy(short));
        }
        let (whole, rest) = if needs_rest(shift, &whole) {
            self.with_rest(tables, shift)?
        } else {
            (whole, None)
        };
        Ok(Timing {
            depart: whole.earliest,
            work: whole.duration,
            metres: whole.metres,
            rest,
        })
    }

    /// The break where it makes the shortest day; among equals the earliest.
    fn with_rest(&self, tables: &Tables, shift: &Shift) -> Result<(Part, Option<usize>), Misfit> {
        let rest = shift.rest.as_ref().ok_or(Misfit::NoWay)?;
        let node = Part::at(rest.earliest.get(), rest.latest.get(), rest.length.get());
        let mut best: Option<(Part, usize)> = None;
        let mut short = i64::MAX;
        for at in 0..=self.stops.len() {
            let leg = self.leg_into(tables, at).ok_or(Misfit::NoWay)?;
            let whole = self.before[at].join(Leg::default(), &node).join(leg, &self.after[at]);
            let lack = lacks(shift, &whole);
            short = short.min(lack);
            if lack == 0 && best.is_none_or(|(part, _)| whole.duration < part.duration) {
                best = Some((whole, at));
            }
        }
        best.map(|(part, at)| (part, Some(at))).ok_or(Misfit::ShortBy(short))
    }

    fn score_of(&self, tables: &Tables, shift: &Shift) -> i64 {
        let worth: i64 = self
            .stops
            .iter()
            .map(|stop| tables.worth(stop.visit, self.shift, stop.window))
            .sum();
        worth - travel_and_time(shift, self.timing.metres, self.timing.work)
    }
}

/// Metres and work at the costs of a shift.
pub(super) fn travel_and_time(shift: &Shift, metres: i64, work: i64) -> i64 {
    metres * shift.cost_per_metre.get() + work * shift.cost_per_second.get()
}
