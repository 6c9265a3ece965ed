//! Towns to replay plans in.

use doorstep_domain::measure::{MicroCost, Seconds};
use doorstep_planner::model::{
    Break, Building, BuildingIdx, CrewIdx, CrewsNeeded, Day, Door, DoorIdx, Matrix, MatrixIdx, MatrixLabel,
    MatrixParts, PlaceIdx, Plan, Problem, ProblemParts, Profile, Shift, Site, SiteIdx, Skills, UNREACHABLE, Visit,
    Window,
};
use doorstep_planner::replay::{DayLuck, Luck, Names, PPM, Script, ShiftLuck, Stake, VisitLuck};
use doorstep_planner::{Budget, propose};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
pub(crate) const UNIT: i64 = 1_000_000;
/// The chance of meeting somebody in towns where people are out.
pub(crate) const PPM_OF_MEETING: u32 = 450_000;

/// A stream of numbers.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    pub(crate) fn below(&mut self, bound: i64) -> i64 {
        i64::from(self.next()) % bound.max(1)
    }
}

pub(crate) fn plan(problem: &Problem, iterations: u64) -> Plan {
    propose(problem, 1, Budget { iterations }, &mut |_| false)
}

pub(crate) fn matrix(n: usize, mut arc: impl FnMut(usize, usize) -> (u32, u32)) -> Matrix {
    let pairs: Vec<(u32, u32)> = (0..n * n).map(|at| arc(at / n, at % n)).collect();
    let (seconds, metres) = pairs.into_iter().unzip();
    let profile = Profile {
        travel_mode: 0,
        band: 0,
    };
    Matrix::new(MatrixParts {
        n,
        seconds,
        metres,
        profile,
        label: MatrixLabel::Estimate,
    })
    .unwrap()
}

/// One site, building and door at each place, entered in no time.
pub(crate) fn bare(places: usize) -> ProblemParts {
    let each = 0..places as u32;
    ProblemParts {
        sites: vec![Site { access: Seconds::ZERO }; places],
        buildings: each.clone().map(|at| building(at, 0)).collect(),
        doors: each.map(|at| door(at, 0)).collect(),
        ..ProblemParts::default()
    }
}

fn building(site: u32, access: i64) -> Building {
    Building {
        site: SiteIdx(site),
        access: Seconds(access),
    }
}

fn door(place: u32, access: i64) -> Door {
    Door {
        place: PlaceIdx(place),
        building: BuildingIdx(place),
        access: Seconds(access),
    }
}

/// From 8 to 18 on the first day, a metre for nothing and a second for ten thousandths of a unit.
pub(crate) fn shift() -> Shift {
    Shift {
        crew: CrewIdx(0),
        day: Day(0),
        start: Seconds(8 * HOUR),
        end: Seconds(18 * HOUR),
        start_place: PlaceIdx(0),
        end_place: PlaceIdx(0),
        longest_work: Seconds(10 * HOUR),
        longest_driving: Seconds(10 * HOUR),
        rest: None,
        skills: Skills::NONE,
        cost_per_metre: MicroCost::ZERO,
        cost_per_second: MicroCost(100),
        matrix: MatrixIdx(0),
    }
}

/// Half an hour at a door, worth so many units in a window in seconds of the plan.
pub(crate) fn visit(door: u32, (from, to): (i64, i64), units: i64) -> Visit {
    Visit {
        door: DoorIdx(door),
        service: Seconds(HOUR / 2),
        windows: vec![Window {
            start: Seconds(from),
            end: Seconds(to),
            value: MicroCost(units * UNIT),
        }],
        mandatory: false,
        skills: Skills::NONE,
        group: None,
        crews_needed: CrewsNeeded::One,
        pin: None,
        published: None,
        change_price: MicroCost::ZERO,
    }
}

/// A town with breaks, holes in the roads, doors behind one another, windows that touch and overlap.
pub(crate) fn random(seed: u64, visits: usize) -> Problem {
    let numbers = &mut Numbers(seed);
    let places = 2 + numbers.below(7) as usize;
    let mut parts = bare(places);
    for site in &mut parts.sites {
        site.access = Seconds(numbers.below(300));
    }
    parts.doors = (0..2 * places as u32)
        .map(|at| Door {
            place: PlaceIdx(at / 2),
            building: BuildingIdx(at / 2),
            access: Seconds(numbers.below(90)),
        })
        .collect();
    let arcs: Vec<(u32, u32)> = (0..places * places).map(|_| arc(numbers)).collect();
    parts.matrices = vec![matrix(places, |from, to| {
        if from == to { (0, 0) } else { arcs[from * places + to] }
    })];
    parts.shifts = (0..4).map(|at| random_shift(numbers, at, places)).collect();
    parts.visits = (0..visits).map(|_| random_visit(numbers, 2 * places)).collect();
    Problem::new(parts).unwrap()
}

fn arc(numbers: &mut Numbers) -> (u32, u32) {
    if numbers.below(20) == 0 {
        return (UNREACHABLE, UNREACHABLE);
    }
    (numbers.below(2_400) as u32, numbers.below(20_000) as u32)
}

fn random_shift(numbers: &mut Numbers, at: u32, places: usize) -> Shift {
    let day = (at % 2) as u16;
    let start = i64::from(day) * DAY + (7 + numbers.below(3)) * HOUR;
    let noon = i64::from(day) * DAY + 11 * HOUR + numbers.below(HOUR);
    let rest = Break {
        earliest: Seconds(noon),
        latest: Seconds(noon + numbers.below(2 * HOUR)),
        length: Seconds(numbers.below(HOUR)),
    };
    Shift {
        crew: CrewIdx(at / 2),
        day: Day(day),
        start: Seconds(start),
        end: Seconds(start + 4 * HOUR + numbers.below(6 * HOUR)),
        start_place: PlaceIdx(numbers.below(places as i64) as u32),
        end_place: PlaceIdx(numbers.below(places as i64) as u32),
        longest_work: Seconds(3 * HOUR + numbers.below(6 * HOUR)),
        longest_driving: Seconds(HOUR + numbers.below(3 * HOUR)),
        rest: (numbers.below(2) == 0).then_some(rest),
        cost_per_metre: MicroCost(numbers.below(300)),
        cost_per_second: MicroCost(numbers.below(3) * 200),
        ..shift()
    }
}

fn random_visit(numbers: &mut Numbers, doors: usize) -> Visit {
    let mut start = numbers.below(2) * DAY + 7 * HOUR + numbers.below(4 * HOUR);
    let mut windows = Vec::new();
    for _ in 0..=numbers.below(4) {
        let end = start + numbers.below(4 * HOUR);
        windows.push(Window {
            start: Seconds(start),
            end: Seconds(end),
            value: MicroCost(UNIT + numbers.below(40 * UNIT)),
        });
        // With a gap, without one, or overlapping.
        start = end - HOUR + numbers.below(3) * HOUR;
    }
    Visit {
        service: Seconds(numbers.below(HOUR)),
        windows,
        ..visit(numbers.below(doors as i64) as u32, (0, 0), 0)
    }
}

/// What each visit gives: its worth in the mean, with a chance.
pub(crate) fn stakes(problem: &Problem, chance: impl Fn(usize) -> u32) -> Vec<Vec<Stake>> {
    let of = |(at, visit): (usize, &Visit)| {
        let windows = visit.windows.iter();
        windows.map(|window| Stake::of_mean(window.value, chance(at))).collect()
    };
    problem.visits().iter().enumerate().map(of).collect()
}

pub(crate) fn names(problem: &Problem) -> Names {
    Names {
        visits: (0..problem.visits().len() as u64).map(|at| at * 4).collect(),
        shifts: (0..problem.shifts().len() as u64).map(|at| at * 4).collect(),
        first_day: 20_000,
    }
}

/// The script of a plan whose visits always meet somebody.
pub(crate) fn sure<'p>(problem: &'p Problem, plan: &Plan) -> Script<'p> {
    Script::new(problem, &plan.routes, stakes(problem, |_| PPM), names(problem)).unwrap()
}

/// Luck of any kind for everything of a problem.
pub(crate) fn luck(problem: &Problem, numbers: &mut Numbers) -> Luck {
    let mut visit = || VisitLuck {
        met: numbers.next(),
        spent: numbers.next(),
        way: numbers.next(),
    };
    let visits = problem.visits().iter().map(|_| visit()).collect();
    let mut shift = || ShiftLuck {
        start: numbers.next(),
        home: numbers.next(),
    };
    let shifts = problem.shifts().iter().map(|_| shift()).collect();
    let days = (0..2).map(|_| DayLuck { roads: numbers.next() }).collect();
    Luck { visits, shifts, days }
}
