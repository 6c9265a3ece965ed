//! One route on one real day.

use super::assumptions::{Assumptions, PPM};
use super::luck::Luck;
use super::script::{At, Script, Stop, Track, Way};
use crate::model::Shift;

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It fell out: there was no time for it.
    FellOut,
    /// It was made.
    Made {
        /// When it started, in seconds of the plan.
        start: i64,
        /// Whether somebody was met.
        met: bool,
    },
}

/// What became of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayEnd {
    /// What became of each stop, in the order of the route.
    pub fates: Vec<Fate>,
    /// What the visits gave, in micro-cost.
    pub value: i64,
    /// The same less metres and work at the costs of the shift.
    pub total: i64,
    /// Seconds after the end of the shift or beyond the longest work, whichever is more.
    pub overtime: i64,
    /// When the crew was back; a crew that made no way is back when it leaves.
    pub back: i64,
}

/// The crew under way.
struct Crew<'s> {
    script: &'s Script<'s>,
    track: &'s Track,
    shift: &'s Shift,
    at: At,
    now: i64,
    depart: i64,
    driving: i64,
    metres: i64,
    /// How many stops are planned before the break that is still to be taken.
    rest_after: Option<usize>,
}

impl Script<'_> {
    /// Replays every route once, with luck for every visit, shift and day of the problem.
    #[must_use]
    pub fn replay(&self, assumptions: &Assumptions, luck: &Luck) -> Vec<DayEnd> {
        self.tracks
            .iter()
            .map(|track| self.replay_route(track, assumptions, luck))
            .collect()
    }

    fn replay_route(&self, track: &Track, assumptions: &Assumptions, luck: &Luck) -> DayEnd {
        let shift = self.problem().shift(track.shift);
        let of_shift = luck.shifts[track.shift.get()];
        let roads = assumptions.roads.at(luck.days[usize::from(shift.day.0)].roads);
        let depart = track.depart + assumptions.late_start.at(of_shift.start);
        let mut crew = Crew {
            script: self,
            track,
            shift,
            at: At::Start,
            now: depart,
            depart,
            driving: 0,
            metres: 0,
            rest_after: track.rest_after,
        };
        let mut value = 0;
        let mut fates = Vec::with_capacity(track.stops.len());
        for (at, stop) in track.stops.iter().enumerate() {
            let of_visit = luck.visits[stop.visit.get()];
            let earliest = stop.opens.max(stop.planned - assumptions.told.get());
            let way = self.way(track, crew.at, At::Stop(at));
            crew.rest_before(at, stop, (earliest, &way));
            if !crew.has_time_for(stop, (earliest, &way)) {
                fates.push(Fate::FellOut);
                continue;
            }
            crew.goes(At::Stop(at), &way, (roads, assumptions.way.at(of_visit.way)));
            if !crew.has_time_for(stop, (earliest, &Way::default())) {
                fates.push(Fate::FellOut);
                continue;
            }
            let start = crew.now.max(earliest);
            let stake = self.stake(stop, start);
            let met = u64::from(of_visit.met) * u64::from(PPM) < u64::from(stake.chance) << 32;
            let spent = if met {
                value += stake.met.get();
                stop.service * assumptions.service.at(of_visit.spent) / 1_000
            } else {
                value += stake.missed.get();
                assumptions.nobody.at(of_visit.spent)
            };
            crew.now = (start + spent).min(stop.closes);
            fates.push(Fate::Made { start, met });
        }
        crew.goes_home((roads, assumptions.way.at(of_shift.home)));
        crew.ended(fates, value)
    }
}

impl Crew<'_> {
    /// Takes the break where it is planned, or before a visit that would end after the break has to begin.
    fn rest_before(&mut self, at: usize, stop: &Stop, (earliest, way): (i64, &Way)) {
        let (Some(after), Some(rest)) = (self.rest_after, self.shift.rest) else {
            return;
        };
        let start = (self.now + way.drive + way.access).max(earliest);
        if after <= at || start + stop.service > rest.latest.get() {
            self.now = self.now.max(rest.earliest.get()) + rest.length.get();
            self.rest_after = None;
        }
    }

    /// Whether the visit at the end of a way would end within its hours and leave time to be home, all by planned times.
    fn has_time_for(&self, stop: &Stop, (earliest, way): (i64, &Way)) -> bool {
        let end = (self.now + way.drive + way.access).max(earliest) + stop.service;
        let rest = match (self.rest_after, self.shift.rest) {
            (Some(_), Some(rest)) => rest.length.get(),
            _ => 0,
        };
        let back = end + stop.home + rest;
        end <= stop.closes
            && back <= self.shift.end.get()
            && back - self.depart <= self.shift.longest_work.get()
            && self.driving + way.drive + stop.home <= self.shift.longest_driving.get()
    }

    /// Goes a way that takes so many thousandths, twice over, of its planned time; never less than planned by rounding.
    fn goes(&mut self, to: At, way: &Way, (roads, own): (i64, i64)) {
        let drive = (way.drive * roads * own + 999_999) / 1_000_000;
        self.now += drive + way.access;
        self.driving += drive;
        self.metres += way.metres;
        self.at = to;
    }

    /// A crew that went nowhere is home. A break is taken first unless the crew is home before it has to begin.
    fn goes_home(&mut self, slow: (i64, i64)) {
        if self.at == At::Start {
            return;
        }
        let way = self.script.way(self.track, self.at, At::End);
        if let (Some(_), Some(rest)) = (self.rest_after.take(), self.shift.rest)
            && self.now + way.drive >= rest.latest.get()
        {
            self.now = self.now.max(rest.earliest.get()) + rest.length.get();
        }
        self.goes(At::End, &way, slow);
    }

    fn ended(self, fates: Vec<Fate>, value: i64) -> DayEnd {
        let back = if self.at == At::Start { self.depart } else { self.now };
        let work = back - self.depart;
        let cost = self.metres * self.shift.cost_per_metre.get() + work * self.shift.cost_per_second.get();
        let overtime = (back - self.shift.end.get())
            .max(work - self.shift.longest_work.get())
            .max(0);
        DayEnd {
            fates,
            value,
            total: value - cost,
            // Who stayed at home works no overtime, however late the plan would have had them leave.
            overtime: if self.at == At::Start { 0 } else { overtime },
            back,
        }
    }
}
