//! What is replayed: a problem, the routes of a plan of it, and what each visit gives.

use doorstep_domain::measure::{MicroCost, Seconds};

use super::assumptions::PPM;
use crate::model::{MONEY_MAX, PlaceIdx, Problem, Route, Shift, ShiftIdx, VisitIdx};

/// What a visit gives that begins in one of its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// The chance that somebody is met, in parts per million.
    pub chance: u32,
    /// What it gives if somebody is met.
    pub met: MicroCost,
    /// What it gives if nobody is; what was lost for nothing is below zero.
    pub missed: MicroCost,
}

impl Stake {
    /// The same with another worth in the mean: what is known better of the whole holds whether somebody is met or not.
    #[must_use]
    pub fn with_mean(self, worth: MicroCost) -> Self {
        let (met, missed) = (i128::from(self.met.get()), i128::from(self.missed.get()));
        let chance = i128::from(self.chance.min(PPM));
        let mean = (met * chance + missed * (i128::from(PPM) - chance)) / i128::from(PPM);
        let moved = |amount: i128| {
            let most = i128::from(MONEY_MAX);
            MicroCost((amount + i128::from(worth.get()) - mean).clamp(-most, most) as i64)
        };
        Self {
            chance: self.chance,
            met: moved(met),
            missed: moved(missed),
        }
    }

    /// Of a visit of which only the worth in the mean is known: all of it comes from meeting somebody. What is not worth a
    /// visit is not worth it either way.
    #[must_use]
    pub fn of_mean(worth: MicroCost, chance: u32) -> Self {
        let chance = chance.clamp(1, PPM);
        if worth <= MicroCost::ZERO {
            return Self {
                chance,
                met: worth,
                missed: worth,
            };
        }
        let met = i128::from(worth.get()) * i128::from(PPM) / i128::from(chance);
        Self {
            chance,
            met: MicroCost(met.min(i128::from(MONEY_MAX)) as i64),
            missed: MicroCost::ZERO,
        }
    }
}

/// What streams of luck are named after, so that visits and crews keep theirs from plan to plan. The lowest two bits of a
/// name do not count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// For each visit of the problem.
    pub visits: Vec<u64>,
    /// For each shift of the problem.
    pub shifts: Vec<u64>,
    /// The calendar's number of the first day.
    pub first_day: i64,
}

/// Routes that cannot be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A list is not as long as the problem's.
    #[error("{what} has {found} entries where the problem has {expected}; give one for each")]
    WrongSize {
        /// Which list.
        what: &'static str,
        /// How many entries it has.
        found: usize,
        /// How many it needs.
        expected: usize,
    },
    /// A route names a shift, visit or window that the problem does not have.
    #[error(
        "route {route} names a shift, visit or window that the problem does not have; replay a plan with its problem"
    )]
    NoSuchEntry {
        /// The route's position.
        route: usize,
    },
    /// Two routes have one shift, or a visit is called at twice.
    #[error("route {route} has a shift or a visit that stands in a route already; name each once")]
    NamedTwice {
        /// The route's position.
        route: usize,
    },
    /// There is no way along a route.
    #[error("there is no way along route {route}; replay only plans that the checker accepts")]
    NoWay {
        /// The route's position.
        route: usize,
    },
}

/// Where a crew is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Start,
    Stop(usize),
    End,
}

/// A way by planned times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Way {
    pub(super) drive: i64,
    pub(super) access: i64,
    pub(super) metres: i64,
}

/// A stop of a route with what the replay asks of it again and again.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) visit: VisitIdx,
    pub(super) service: i64,
    /// When it is planned to start.
    pub(super) planned: i64,
    /// Not before this, by its window or its pin.
    pub(super) opens: i64,
    /// Where the hours allowed end: its window and those that go on without a gap.
    pub(super) closes: i64,
    pub(super) window: u16,
    /// Driving home from here by planned times: straight, or along the rest of the route where that is shorter.
    pub(super) home: i64,
}

/// A route made ready.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) shift: ShiftIdx,
    pub(super) depart: i64,
    pub(super) rest_after: Option<usize>,
    pub(super) stops: Vec<Stop>,
    /// The planned way into each stop and, last, home.
    pub(super) ways: Vec<Way>,
}

/// A plan with everything that a replay needs, checked.
#[derive(Debug)]
pub struct Script<'p> {
    problem: &'p Problem,
    stakes: Vec<Vec<Stake>>,
    names: Names,
    pub(super) tracks: Vec<Track>,
}

impl<'p> Script<'p> {
    /// Routes of a plan of this problem; `stakes` has for each visit what it gives in each of its windows.
    pub fn new(
        problem: &'p Problem,
        routes: &[Route],
        stakes: Vec<Vec<Stake>>,
        names: Names,
    ) -> Result<Self, ScriptError> {
        let (visits, shifts) = (problem.visits().len(), problem.shifts().len());
        for (what, found, expected) in [
            ("stakes", stakes.len(), visits),
            ("names.visits", names.visits.len(), visits),
            ("names.shifts", names.shifts.len(), shifts),
        ] {
            if found != expected {
                return Err(ScriptError::WrongSize { what, found, expected });
            }
        }
        let windows = problem.visits().iter().map(|visit| visit.windows.len());
        if let Some((found, expected)) = stakes
            .iter()
            .map(Vec::len)
            .zip(windows)
            .find(|(one, other)| one != other)
        {
            let what = "stakes of a visit";
            return Err(ScriptError::WrongSize { what, found, expected });
        }
        check_entries(problem, routes)?;
        let tracks = (0..).zip(routes).map(|(at, route)| track(problem, at, route));
        Ok(Self {
            tracks: tracks.collect::<Result<_, _>>()?,
            problem,
            stakes,
            names,
        })
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &'p Problem {
        self.problem
    }

    /// What streams of luck are named after.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What a stop gives that begins at this second: by the window it then is in.
    pub(super) fn stake(&self, stop: &Stop, start: i64) -> Stake {
        let visit = self.problem.visit(stop.visit);
        let holds =
            |window: usize| (visit.windows[window].start.get()..visit.windows[window].end.get()).contains(&start);
        let planned = usize::from(stop.window);
        let window = if holds(planned) {
            planned
        } else {
            (0..visit.windows.len()).find(|at| holds(*at)).unwrap_or(planned)
        };
        self.stakes[stop.visit.get()][window]
    }

    /// The way between two points of a track by planned times. Who leaves stops out goes straight, or along the route where
    /// that is shorter or the only way.
    pub(super) fn way(&self, track: &Track, from: At, to: At) -> Way {
        let shift = self.problem.shift(track.shift);
        let first = match from {
            At::Start => 0,
            At::Stop(at) => at + 1,
            At::End => track.stops.len(),
        };
        let last = match to {
            At::Stop(at) => at,
            At::Start | At::End => track.stops.len(),
        };
        let along = &track.ways[first..=last];
        let (mut drive, mut metres) = along
            .iter()
            .fold((0, 0), |(drive, metres), way| (drive + way.drive, metres + way.metres));
        let arc = self.problem.matrix(shift.matrix).arc(
            place(self.problem, shift, track, from),
            place(self.problem, shift, track, to),
        );
        if let Some((straight, far)) = arc.filter(|(straight, _)| along.len() == 1 || straight.get() <= drive) {
            (drive, metres) = (straight.get(), far.get());
        }
        let visit = |at: At| match at {
            At::Stop(at) => Some(track.stops[at].visit),
            At::Start | At::End => None,
        };
        Way {
            drive,
            access: visit(to).map_or(0, |to| access(self.problem, visit(from), to)),
            metres,
        }
    }
}

fn check_entries(problem: &Problem, routes: &[Route]) -> Result<(), ScriptError> {
    let (mut shifts, mut visits) = (vec![false; problem.shifts().len()], vec![false; problem.visits().len()]);
    for (at, route) in routes.iter().enumerate() {
        let unknown = ScriptError::NoSuchEntry { route: at };
        let twice = ScriptError::NamedTwice { route: at };
        let seen = shifts.get_mut(route.shift.get()).ok_or(unknown)?;
        if std::mem::replace(seen, true) {
            return Err(twice);
        }
        for call in &route.stops {
            let seen = visits.get_mut(call.visit.get()).ok_or(unknown)?;
            if std::mem::replace(seen, true) {
                return Err(twice);
            }
            if usize::from(call.window) >= problem.visit(call.visit).windows.len() {
                return Err(unknown);
            }
        }
    }
    Ok(())
}

fn track(problem: &Problem, at: usize, route: &Route) -> Result<Track, ScriptError> {
    let shift = problem.shift(route.shift);
    let matrix = problem.matrix(shift.matrix);
    let visits = route.stops.iter().map(|call| call.visit);
    let places = visits
        .clone()
        .map(|visit| problem.door(problem.visit(visit).door).place);
    let mut ways = Vec::with_capacity(route.stops.len() + 1);
    let (mut here, mut before) = (shift.start_place, None);
    for (visit, place) in visits.clone().zip(places) {
        let (drive, metres) = matrix.arc(here, place).ok_or(ScriptError::NoWay { route: at })?;
        ways.push(Way {
            drive: drive.get(),
            access: access(problem, before, visit),
            metres: metres.get(),
        });
        (here, before) = (place, Some(visit));
    }
    let home = if route.stops.is_empty() {
        Way::default()
    } else {
        let (drive, metres) = matrix
            .arc(here, shift.end_place)
            .ok_or(ScriptError::NoWay { route: at })?;
        Way {
            drive: drive.get(),
            access: 0,
            metres: metres.get(),
        }
    };
    ways.push(home);
    let mut along = 0;
    let mut stops: Vec<Stop> = Vec::with_capacity(route.stops.len());
    for (call, way) in route.stops.iter().zip(&ways[1..]).rev() {
        along += way.drive;
        let visit = problem.visit(call.visit);
        let straight = matrix.arc(problem.door(visit.door).place, shift.end_place);
        let window = visit.windows[usize::from(call.window)];
        let pinned = visit.pin.and_then(|pin| pin.start).unwrap_or(window.start);
        stops.push(Stop {
            visit: call.visit,
            service: visit.service.get(),
            planned: call.start.get(),
            opens: window.start.max(pinned).get(),
            closes: closes(&visit.windows, usize::from(call.window)).get(),
            window: call.window,
            home: straight.map_or(along, |(drive, _)| drive.get().min(along)),
        });
    }
    stops.reverse();
    Ok(Track {
        shift: route.shift,
        depart: route.depart.get(),
        rest_after: route.rest.map(|rest| rest.after_calls as usize),
        stops,
        ways,
    })
}

/// Where the hours end that a window is part of.
fn closes(windows: &[crate::model::Window], window: usize) -> Seconds {
    let (start, mut end) = (windows[window].start, windows[window].end);
    while let Some(next) = windows
        .iter()
        .find(|next| next.end > end && next.start <= end && next.end > start)
    {
        end = next.end;
    }
    end
}

fn place(problem: &Problem, shift: &Shift, track: &Track, at: At) -> PlaceIdx {
    match at {
        At::Start => shift.start_place,
        At::Stop(at) => problem.door(problem.visit(track.stops[at].visit).door).place,
        At::End => shift.end_place,
    }
}

/// Seconds for what is newly entered: site, building, door.
fn access(problem: &Problem, from: Option<VisitIdx>, to: VisitIdx) -> i64 {
    let levels = |visit: VisitIdx| {
        let door = problem.visit(visit).door;
        let building = problem.door(door).building;
        (door, building, problem.buildings()[building.get()].site)
    };
    let (door, building, site) = levels(to);
    let inside = from.map(levels);
    let mut seconds = 0;
    if inside.is_none_or(|(at, _, _)| at != door) {
        seconds += problem.door(door).access.get();
    }
    if inside.is_none_or(|(_, at, _)| at != building) {
        seconds += problem.buildings()[building.get()].access.get();
    }
    if inside.is_none_or(|(_, _, at)| at != site) {
        seconds += problem.sites()[site.get()].access.get();
    }
    seconds
}
