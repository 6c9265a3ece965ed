//! All routes together, with a journal that takes changes back.

use super::route::{Route, Stop, lacks, needs_rest, travel_and_time};
use super::tables::Tables;
use crate::model::{GroupIdx, Pin, Visit};

/// No route, or no visit.
pub(super) const NONE: u32 = u32::MAX;

/// The routes of all shifts and where each visit is.
pub(super) struct Solution<'t> {
    pub(super) tables: &'t Tables<'t>,
    pub(super) routes: Vec<Route>,
    /// The route of each visit, or [`NONE`].
    route_of: Vec<u32>,
    /// The position of each planned visit in its route.
    position_of: Vec<u32>,
    /// The planned visit of each group, or [`NONE`].
    planned_of: Vec<u32>,
    /// How many stops at the start of each route are pinned to their positions.
    locked: Vec<u32>,
    pub(super) score: i64,
    journal: Journal,
}

/// Routes as they were when the journal was opened. Copies are kept for reuse, so that the loop allocates nothing.
#[derive(Default)]
struct Journal {
    open: bool,
    saved: Vec<Route>,
    used: usize,
    is_saved: Vec<bool>,
    score: i64,
}

impl<'t> Solution<'t> {
    pub(super) fn new(tables: &'t Tables<'t>) -> Self {
        let shifts = tables.problem.shifts().len();
        let visits = tables.problem.visits().len();
        Self {
            tables,
            routes: (0..shifts as u32).map(|shift| Route::new(tables, shift)).collect(),
            route_of: vec![NONE; visits],
            position_of: vec![NONE; visits],
            planned_of: vec![NONE; tables.problem.groups()],
            locked: vec![0; shifts],
            score: 0,
            journal: Journal {
                is_saved: vec![false; shifts],
                ..Journal::default()
            },
        }
    }

    pub(super) fn route_of(&self, visit: u32) -> Option<u32> {
        let route = self.route_of[visit as usize];
        (route != NONE).then_some(route)
    }

    pub(super) fn position_of(&self, visit: u32) -> usize {
        self.position_of[visit as usize] as usize
    }

    pub(super) fn locked(&self, route: u32) -> usize {
        self.locked[route as usize] as usize
    }

    pub(super) fn is_planned(&self, visit: u32) -> bool {
        self.route_of[visit as usize] != NONE
    }

    /// The planned visit of a group.
    pub(super) fn planned_of(&self, group: GroupIdx) -> Option<u32> {
        let visit = self.planned_of[group.get()];
        (visit != NONE).then_some(visit)
    }

    /// A planned visit that is too near in days for the visit to be planned in the shift.
    pub(super) fn too_near(&self, visit: u32, shift: u32) -> Option<u32> {
        let day = self.tables.shift(shift).day.0;
        let mut spaced = self.tables.spaced(visit);
        let near = spaced.find(|&(other, apart)| {
            self.route_of(other)
                .is_some_and(|route| self.tables.shift(route).day.0.abs_diff(day) < apart)
        });
        near.map(|(other, _)| other)
    }

    /// Whether group and pinned position let the visit be planned anywhere now.
    pub(super) fn is_free(&self, details: &Visit) -> bool {
        details.group.is_none_or(|group| self.planned_of(group).is_none())
    }

    /// The positions of a route where a visit may be put.
    pub(super) fn positions(&self, details: &Visit, route: u32) -> std::ops::Range<usize> {
        let locked = self.locked(route);
        match details.pin {
            Some(Pin {
                position: Some(position),
                ..
            }) if position as usize == locked => locked..locked + 1,
            Some(Pin { position: Some(_), .. }) => 0..0,
            _ => locked..self.routes[route as usize].stops.len() + 1,
        }
    }

    /// Puts a visit into a route; the caller has checked that it fits, so a misfit is taken back and reported.
    pub(super) fn insert(&mut self, route: u32, position: usize, stop: Stop) -> bool {
        self.save(route);
        let details = self.tables.visit(stop.visit);
        let before = self.routes[route as usize].score;
        self.routes[route as usize].stops.insert(position, stop);
        if self.routes[route as usize].rebuild(self.tables).is_err() {
            self.routes[route as usize].stops.remove(position);
            let restored = self.routes[route as usize].rebuild(self.tables);
            debug_assert!(restored.is_ok(), "the route was legal before");
            return false;
        }
        self.score += self.routes[route as usize].score - before;
        self.route_of[stop.visit as usize] = route;
        if let Some(group) = details.group {
            self.planned_of[group.get()] = stop.visit;
        }
        if details.pin.is_some_and(|pin| pin.position.is_some()) {
            self.locked[route as usize] += 1;
        }
        self.number(route, position);
        true
    }

    /// Takes stops out of a route. False where the rest is no legal route any more: the caller must then go back.
    pub(super) fn remove(&mut self, route: u32, positions: std::ops::Range<usize>) -> bool {
        self.save(route);
        let from = positions.start;
        let before = self.routes[route as usize].score;
        for at in positions.clone() {
            let visit = self.routes[route as usize].stops[at].visit;
            self.route_of[visit as usize] = NONE;
            if let Some(group) = self.tables.visit(visit).group {
                self.planned_of[group.get()] = NONE;
            }
        }
        self.routes[route as usize].stops.drain(positions);
        let legal = self.routes[route as usize].rebuild(self.tables).is_ok();
        self.score += self.routes[route as usize].score - before;
        self.number(route, from);
        legal
    }

    /// What the score gains when one stop is taken out; none where the rest would be no legal route.
    pub(super) fn gain_without(&self, route: u32, position: usize, scratch: &mut Route) -> Option<i64> {
        let current = &self.routes[route as usize];
        let shift = self.tables.shift(current.shift);
        let stop = current.stops[position];
        if current.stops.len() == 1 {
            return Some(-current.score);
        }
        let leg = current.leg_past(self.tables, position)?;
        let whole = current.before[position].join(leg, &current.after[position + 1]);
        if lacks(shift, &whole) > 0 {
            return None;
        }
        if needs_rest(shift, &whole) {
            scratch.clone_from(current);
            scratch.stops.remove(position);
            scratch.rebuild(self.tables).ok()?;
            return Some(scratch.score - current.score);
        }
        let before = travel_and_time(shift, current.timing.metres, current.timing.work);
        let after = travel_and_time(shift, whole.metres, whole.duration);
        Some(before - after - self.tables.worth(stop.visit, current.shift, stop.window))
    }

    /// From here on, changes can be taken back.
    pub(super) fn open_journal(&mut self) {
        for index in 0..self.journal.used {
            let route = self.journal.saved[index].shift;
            self.journal.is_saved[route as usize] = false;
        }
        self.journal.used = 0;
        self.journal.open = true;
        self.journal.score = self.score;
    }

    /// Takes back every change since the journal was opened.
    pub(super) fn take_back(&mut self) {
        for index in 0..self.journal.used {
            let route = self.journal.saved[index].shift;
            self.set_stops_of(route, false);
        }
        for index in 0..self.journal.used {
            let route = self.journal.saved[index].shift;
            std::mem::swap(&mut self.routes[route as usize], &mut self.journal.saved[index]);
            self.journal.saved[index].shift = route;
            self.set_stops_of(route, true);
        }
        self.score = self.journal.score;
        self.open_journal();
    }

    /// The routes changed since the journal was opened.
    pub(super) fn changed(&self) -> impl Iterator<Item = u32> + '_ {
        self.journal.saved[..self.journal.used].iter().map(|route| route.shift)
    }

    /// Replaces the stops of all routes by legal ones.
    pub(super) fn restore(&mut self, best: &[Vec<Stop>]) {
        self.journal.open = false;
        for route in 0..self.routes.len() as u32 {
            self.set_stops_of(route, false);
        }
        for (route, stops) in best.iter().enumerate() {
            self.routes[route].stops.clone_from(stops);
            let legal = self.routes[route].rebuild(self.tables);
            debug_assert!(legal.is_ok(), "the best routes were legal when they were kept");
            self.set_stops_of(route as u32, true);
        }
        self.score = self.routes.iter().map(|route| route.score).sum();
    }

    fn set_stops_of(&mut self, route: u32, planned: bool) {
        for (at, stop) in self.routes[route as usize].stops.iter().enumerate() {
            self.route_of[stop.visit as usize] = if planned { route } else { NONE };
            self.position_of[stop.visit as usize] = at as u32;
            if let Some(group) = self.tables.visit(stop.visit).group {
                self.planned_of[group.get()] = if planned { stop.visit } else { NONE };
            }
        }
    }

    fn number(&mut self, route: u32, from: usize) {
        for (at, stop) in self.routes[route as usize].stops.iter().enumerate().skip(from) {
            self.position_of[stop.visit as usize] = at as u32;
        }
    }

    fn save(&mut self, route: u32) {
        let journal = &mut self.journal;
        if !journal.open || journal.is_saved[route as usize] {
            return;
        }
        journal.is_saved[route as usize] = true;
        if journal.used == journal.saved.len() {
            journal.saved.push(Route::default());
        }
        journal.saved[journal.used].clone_from(&self.routes[route as usize]);
        journal.used += 1;
    }
}
