//! What the search looks up again and again, computed once from the problem.

use super::near;
use super::part::{Leg, Part};
use crate::model::{CrewsNeeded, MatrixIdx, Pin, PlaceIdx, Problem, Shift, ShiftIdx, Visit, VisitIdx};

/// What a mandatory or pinned visit counts more than its value. Larger than any cost of one visit; 50,000 of them stay
/// below 2^63 with everything else.
pub(super) const MUST: i64 = 100_000_000_000_000;

/// Look-ups of a problem.
pub(super) struct Tables<'p> {
    pub(super) problem: &'p Problem,
    /// Place, building and site of each visit.
    stops: Vec<StopOf>,
    /// For each visit, the shifts that could serve it alone.
    pub(super) eligible: Vec<Vec<u32>>,
    /// For each visit, the visits near it, nearest first.
    pub(super) near: Vec<Vec<u32>>,
    /// For each visit, the spacings that name it.
    spacings_of: Vec<Vec<u32>>,
    /// Sum of the prices of change of all published visits: what a plan that serves none of them in place pays.
    pub(super) change_all: i64,
}

#[derive(Clone, Copy)]
struct StopOf {
    place: PlaceIdx,
    door: u32,
    building: u32,
    site: u32,
    door_access: i64,
    building_access: i64,
    site_access: i64,
}

impl<'p> Tables<'p> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let stops = problem.visits().iter().map(|visit| stop_of(problem, visit)).collect();
        let mut spacings_of = vec![Vec::new(); problem.visits().len()];
        for (index, spacing) in problem.spacings().iter().enumerate() {
            for visit in &spacing.visits {
                spacings_of[visit.get()].push(index as u32);
            }
        }
        let published = problem.visits().iter().filter(|visit| visit.published.is_some());
        let change_all = published.map(|visit| visit.change_price.get()).sum();
        let near = near::lists(problem);
        let mut tables = Self {
            problem,
            stops,
            eligible: Vec::new(),
            near,
            spacings_of,
            change_all,
        };
        let visits = 0..problem.visits().len() as u32;
        tables.eligible = visits.map(|visit| tables.shifts_alone(visit)).collect();
        tables
    }

    pub(super) fn visit(&self, visit: u32) -> &'p Visit {
        self.problem.visit(VisitIdx(visit))
    }

    pub(super) fn shift(&self, shift: u32) -> &'p Shift {
        self.problem.shift(ShiftIdx(shift))
    }

    /// The way from the start of a shift to a visit.
    pub(super) fn leg_out(&self, shift: &Shift, visit: u32) -> Option<Leg> {
        let to = &self.stops[visit as usize];
        let access = to.site_access + to.building_access + to.door_access;
        self.drive(shift.matrix, shift.start_place, to.place, access)
    }

    /// The way from a visit to the end of a shift.
    pub(super) fn leg_home(&self, shift: &Shift, visit: u32) -> Option<Leg> {
        self.drive(shift.matrix, self.stops[visit as usize].place, shift.end_place, 0)
    }

    /// The way between two visits; a level that they share costs nothing.
    #[inline]
    pub(super) fn leg(&self, shift: &Shift, from: u32, to: u32) -> Option<Leg> {
        let (from, to) = (&self.stops[from as usize], &self.stops[to as usize]);
        let mut access = 0;
        if from.door != to.door {
            access += to.door_access;
        }
        if from.building != to.building {
            access += to.building_access;
        }
        if from.site != to.site {
            access += to.site_access;
        }
        self.drive(shift.matrix, from.place, to.place, access)
    }

    fn drive(&self, matrix: MatrixIdx, from: PlaceIdx, to: PlaceIdx, access: i64) -> Option<Leg> {
        let (seconds, metres) = self.problem.matrix(matrix).arc(from, to)?;
        Some(Leg {
            drive: seconds.get(),
            access,
            metres: metres.get(),
        })
    }

    /// The visit in one of its windows as a part; none where the service or the pinned start does not fit.
    #[inline]
    pub(super) fn node(&self, visit: u32, window: u16) -> Option<Part> {
        let visit = self.visit(visit);
        let span = visit.windows[window as usize];
        let (mut earliest, mut latest) = (span.start.get(), (span.end - visit.service).get());
        if let Some(Pin { start: Some(start), .. }) = visit.pin {
            if start.get() < earliest || start.get() > latest {
                return None;
            }
            (earliest, latest) = (start.get(), start.get());
        }
        (earliest <= latest).then(|| Part::at(earliest, latest, visit.service.get()))
    }

    /// What serving the visit so adds to the score before travel and time.
    #[inline]
    pub(super) fn worth(&self, visit: u32, shift: u32, window: u16) -> i64 {
        let visit = self.visit(visit);
        let must = if visit.mandatory || visit.pin.is_some() {
            MUST
        } else {
            0
        };
        let kept = visit
            .published
            .is_some_and(|at| at.shift.0 == shift && at.window == window);
        let change = if kept { visit.change_price.get() } else { 0 };
        visit.windows[window as usize].value.get() + must + change
    }

    /// The windows of a visit that share time with a shift.
    pub(super) fn windows_in(&self, visit: u32, shift: &'p Shift) -> impl Iterator<Item = u16> + use<'p> {
        let windows = self.visit(visit).windows.iter().enumerate();
        windows
            .filter(|(_, span)| span.start <= shift.end && shift.start <= span.end)
            .map(|(at, _)| at as u16)
    }

    /// The other visits of its spacings, with the days they must be apart.
    pub(super) fn spaced(&self, visit: u32) -> impl Iterator<Item = (u32, u16)> + '_ {
        self.spacings_of[visit as usize].iter().flat_map(move |&index| {
            let spacing = &self.problem.spacings()[index as usize];
            let others = spacing.visits.iter().filter(move |other| other.0 != visit);
            others.map(move |other| (other.0, spacing.days_apart_min))
        })
    }

    /// Whether skills and pin let the shift serve the visit.
    pub(super) fn allows(&self, visit: &Visit, shift: u32) -> bool {
        visit.skills.missing_from(self.shift(shift).skills).is_empty()
            && visit.pin.is_none_or(|pin| pin.shift.0 == shift)
    }

    fn shifts_alone(&self, visit: u32) -> Vec<u32> {
        let details = self.visit(visit);
        if details.crews_needed == CrewsNeeded::Two {
            return Vec::new();
        }
        let shifts = 0..self.problem.shifts().len() as u32;
        shifts
            .filter(|&shift| self.allows(details, shift) && super::route::fits_alone(self, shift, visit))
            .collect()
    }
}

fn stop_of(problem: &Problem, visit: &Visit) -> StopOf {
    let door = problem.door(visit.door);
    let building = problem.buildings()[door.building.get()];
    StopOf {
        place: door.place,
        door: visit.door.0,
        building: door.building.0,
        site: building.site.0,
        door_access: door.access.get(),
        building_access: building.access.get(),
        site_access: problem.sites()[building.site.get()].access.get(),
    }
}
