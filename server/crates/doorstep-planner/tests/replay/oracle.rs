//! The same days by a slow replay that shares nothing with the quick one: second by second, hours as sets of seconds.

use crate::town::{DAY, Numbers, luck, names, plan, random, stakes};
use doorstep_planner::model::{PlaceIdx, Plan, Problem, Route, Shift, VisitIdx, Window};
use doorstep_planner::replay::{Assumptions, DayEnd, Fate, Luck, PPM, Script, Spread, Stake};
use proptest::prelude::*;

/// Where somebody is on a route: 0 is the start, k the k-th stop, one more than there are stops the end.
struct Slow<'a> {
    problem: &'a Problem,
    shift: &'a Shift,
    route: &'a Route,
    assumptions: &'a Assumptions,
    luck: &'a Luck,
}

impl Slow<'_> {
    fn place(&self, point: usize) -> PlaceIdx {
        if point == 0 {
            return self.shift.start_place;
        }
        match self.route.stops.get(point - 1) {
            Some(call) => self.problem.door(self.problem.visit(call.visit).door).place,
            None => self.shift.end_place,
        }
    }

    /// The shortest drive from a point to a later one: straight or over all between.
    fn drive(&self, from: usize, to: usize) -> (i64, i64) {
        let arc = |from, to| {
            let matrix = self.problem.matrix(self.shift.matrix);
            let arc = matrix.arc(self.place(from), self.place(to));
            arc.map(|(seconds, metres)| (seconds.get(), metres.get()))
        };
        let mut over = (0, 0);
        for point in from..to {
            let (seconds, metres) = arc(point, point + 1).unwrap();
            over = (over.0 + seconds, over.1 + metres);
        }
        match arc(from, to) {
            Some(straight) if straight.0 <= over.0 => straight,
            _ => over,
        }
    }

    fn access(&self, from: usize, to: usize) -> i64 {
        let levels = |point: usize| {
            let call = point.checked_sub(1).and_then(|at| self.route.stops.get(at))?;
            let door = self.problem.visit(call.visit).door;
            let building = self.problem.door(door).building;
            Some([
                (2, door.get()),
                (1, building.get()),
                (0, self.problem.buildings()[building.get()].site.get()),
            ])
        };
        let (from, to) = (levels(from), levels(to).unwrap());
        let new = to.iter().filter(|level| from.is_none_or(|from| !from.contains(level)));
        new.map(|(level, index)| {
            let access = match level {
                2 => self.problem.doors()[*index].access,
                1 => self.problem.buildings()[*index].access,
                _ => self.problem.sites()[*index].access,
            };
            access.get()
        })
        .sum()
    }

    /// The seconds in which a visit may go on: those of its windows that hang together with the planned one.
    fn allowed(&self, visit: VisitIdx, window: usize) -> std::ops::Range<i64> {
        let windows = &self.problem.visit(visit).windows;
        let first = windows[window].start.get();
        let mut second = first;
        while windows
            .iter()
            .any(|one| (one.start.get()..one.end.get()).contains(&second))
        {
            second += 1;
        }
        first..second
    }

    fn last(&self) -> usize {
        self.route.stops.len() + 1
    }

    /// Whether a visit that begins then would end within its hours, and leave time to be home.
    fn fits(&self, stop: usize, start: i64, crew: &Crew) -> bool {
        let call = &self.route.stops[stop];
        let service = self.problem.visit(call.visit).service.get();
        let allowed = self.allowed(call.visit, usize::from(call.window));
        let lawful = (start..start + service).all(|second| allowed.contains(&second)) && start <= allowed.end;
        let drive = self.drive(stop + 1, self.last()).0;
        let rest = if crew.resting {
            self.shift.rest.unwrap().length.get()
        } else {
            0
        };
        let home = start + service + rest + drive;
        lawful
            && home <= self.shift.end.get()
            && home - crew.depart <= self.shift.longest_work.get()
            && crew.driven + drive <= self.shift.longest_driving.get()
    }

    /// The first second from which a visit may begin.
    fn begins(&self, stop: usize, mut second: i64) -> i64 {
        let call = &self.route.stops[stop];
        let window = self.problem.visit(call.visit).windows[usize::from(call.window)];
        while second < window.start.get() || second < call.start.get() - self.assumptions.told.get() {
            second += 1;
        }
        second
    }

    fn slowed(&self, drive: i64, own: u32) -> i64 {
        let day = usize::from(self.shift.day.0);
        let roads = self.assumptions.roads.at(self.luck.days[day].roads);
        let exact = drive * roads * self.assumptions.way.at(own);
        exact / 1_000_000 + i64::from(exact % 1_000_000 > 0)
    }

    /// Takes the break now.
    fn rests(&self, crew: &mut Crew) {
        let rest = self.shift.rest.unwrap();
        crew.now = crew.now.max(rest.earliest.get()) + rest.length.get();
        crew.resting = false;
    }

    /// Goes to a stop, if there is time for it, and visits there, if there still is.
    fn visit(&self, stop: usize, crew: &mut Crew, stakes: &[Vec<Stake>]) -> Fate {
        let call = &self.route.stops[stop];
        let visit = self.problem.visit(call.visit);
        let of_visit = self.luck.visits[call.visit.get()];
        let (drive, far) = self.drive(crew.at, stop + 1);
        let access = self.access(crew.at, stop + 1);
        let service = visit.service.get();
        if crew.resting {
            let there = self.begins(stop, crew.now + drive + access);
            let planned = self.route.rest.unwrap().after_calls as usize <= stop;
            if planned || there + service > self.shift.rest.unwrap().latest.get() {
                self.rests(crew);
            }
        }
        let ahead = Crew {
            driven: crew.driven + drive,
            ..*crew
        };
        if !self.fits(stop, self.begins(stop, crew.now + drive + access), &ahead) {
            return Fate::FellOut;
        }
        let really = self.slowed(drive, of_visit.way);
        crew.now += really + access;
        crew.driven += really;
        crew.metres += far;
        crew.at = stop + 1;
        let start = self.begins(stop, crew.now);
        if !self.fits(stop, start, crew) {
            return Fate::FellOut;
        }
        let holds = |window: &Window| window.start.get() <= start && start < window.end.get();
        let planned = usize::from(call.window);
        let window = if holds(&visit.windows[planned]) {
            planned
        } else {
            visit.windows.iter().position(holds).unwrap_or(planned)
        };
        let stake = stakes[call.visit.get()][window];
        let met = i128::from(of_visit.met) * i128::from(PPM) < i128::from(stake.chance) * (1 << 32);
        let lasts = if met {
            service * self.assumptions.service.at(of_visit.spent) / 1_000
        } else {
            self.assumptions.nobody.at(of_visit.spent)
        };
        crew.value += if met { stake.met.get() } else { stake.missed.get() };
        crew.now = start;
        let allowed = self.allowed(call.visit, planned);
        for _ in 0..lasts {
            crew.now += i64::from(crew.now < allowed.end);
        }
        Fate::Made { start, met }
    }

    fn replay(&self, stakes: &[Vec<Stake>]) -> DayEnd {
        let of_shift = self.luck.shifts[self.route.shift.get()];
        let depart = self.route.depart.get() + self.assumptions.late_start.at(of_shift.start);
        let mut crew = Crew {
            now: depart,
            depart,
            resting: self.route.rest.is_some(),
            ..Crew::default()
        };
        let stops = 0..self.route.stops.len();
        let fates = stops.map(|stop| self.visit(stop, &mut crew, stakes)).collect();
        let mut back = depart;
        if crew.at > 0 {
            let (drive, far) = self.drive(crew.at, self.last());
            if crew.resting && crew.now + drive >= self.shift.rest.unwrap().latest.get() {
                self.rests(&mut crew);
            }
            back = crew.now + self.slowed(drive, of_shift.home);
            crew.metres += far;
        }
        let work = back - depart;
        let over = (back - self.shift.end.get()).max(work - self.shift.longest_work.get());
        let cost = crew.metres * self.shift.cost_per_metre.get() + work * self.shift.cost_per_second.get();
        DayEnd {
            fates,
            value: crew.value,
            total: crew.value - cost,
            overtime: if crew.at > 0 { over.max(0) } else { 0 },
            back,
        }
    }
}

/// The crew under way; `at` as in [`Slow`].
#[derive(Default)]
struct Crew {
    now: i64,
    depart: i64,
    at: usize,
    driven: i64,
    metres: i64,
    value: i64,
    resting: bool,
}

fn slow_replay(problem: &Problem, plan: &Plan, stakes: &[Vec<Stake>], rest: (&Assumptions, &Luck)) -> Vec<DayEnd> {
    let one = |route: &Route| {
        let slow = Slow {
            problem,
            shift: problem.shift(route.shift),
            route,
            assumptions: rest.0,
            luck: rest.1,
        };
        slow.replay(stakes)
    };
    plan.routes.iter().map(one).collect()
}

/// Days between those that go as planned and those on which nothing does.
fn any_days(numbers: &mut Numbers) -> Assumptions {
    let mut spread = |low: i64, high: i64| {
        let (one, other) = (numbers.below(high - low), numbers.below(high - low));
        let (from, to) = (low + one.min(other), low + one.max(other));
        Spread::new(vec![(0, from), (500_000, i64::midpoint(from, to)), (PPM, to)]).unwrap()
    };
    Assumptions {
        service: spread(300, 3_000),
        nobody: spread(0, 900),
        way: spread(700, 2_500),
        roads: spread(700, 2_500),
        late_start: spread(0, 3_600),
        told: doorstep_domain::measure::Seconds(numbers.below(DAY / 12)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_replay_is_the_slow_one(seed: u64, visits in 1_usize..20, days in 1_usize..4) {
        let problem = random(seed, visits);
        let plan = plan(&problem, 50);
        let numbers = &mut Numbers(seed ^ 0x5eed);
        let chances: Vec<u32> = (0..visits).map(|_| numbers.below(1_000_001) as u32).collect();
        let stakes = stakes(&problem, |at| chances[at].max(1));
        let script = Script::new(&problem, &plan.routes, stakes.clone(), names(&problem)).unwrap();
        for _ in 0..days {
            let assumptions = any_days(numbers);
            let luck = luck(&problem, numbers);
            let quick = script.replay(&assumptions, &luck);
            let slow = slow_replay(&problem, &plan, &stakes, (&assumptions, &luck));
            prop_assert_eq!(quick, slow);
        }
    }
}
