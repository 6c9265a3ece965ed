//! Small towns to plan in: one by hand for tests that need to know the answer, and random ones.

use doorstep_domain::measure::{MicroCost, Seconds};
use doorstep_planner::model::{
    Break, Building, BuildingIdx, CrewIdx, CrewsNeeded, Day, Door, DoorIdx, GroupIdx, Matrix, MatrixIdx, MatrixLabel,
    MatrixParts, PlaceIdx, Plan, Problem, ProblemParts, Profile, Published, Shift, ShiftIdx, Site, SiteIdx, Skills,
    Spacing, UNREACHABLE, Visit, VisitIdx, Window,
};
use doorstep_planner::{Budget, propose};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
pub(crate) const UNIT: i64 = 1_000_000;

/// A plan after so many iterations.
pub(crate) fn plan(problem: &Problem, seed: u64, iterations: u64) -> Plan {
    propose(problem, seed, Budget { iterations }, &mut |_| false)
}

pub(crate) fn matrix(n: usize, arc: impl Fn(usize, usize) -> (u32, u32)) -> Matrix {
    let pairs: Vec<(u32, u32)> = (0..n * n).map(|at| arc(at / n, at % n)).collect();
    Matrix::new(MatrixParts {
        n,
        seconds: pairs.iter().map(|pair| pair.0).collect(),
        metres: pairs.iter().map(|pair| pair.1).collect(),
        profile: Profile {
            travel_mode: 0,
            band: 0,
        },
        label: MatrixLabel::Estimate,
    })
    .unwrap()
}

/// Places on a line, ten minutes and 5 km apart, each with one site, one building and one door. Place 0 is home.
pub(crate) fn line(places: usize) -> ProblemParts {
    let apart = |from: usize, to: usize| from.abs_diff(to) as u32;
    ProblemParts {
        matrices: vec![matrix(places, |from, to| {
            (600 * apart(from, to), 5_000 * apart(from, to))
        })],
        sites: vec![Site { access: Seconds(120) }; places],
        buildings: (0..places as u32)
            .map(|at| Building {
                site: SiteIdx(at),
                access: Seconds(60),
            })
            .collect(),
        doors: (0..places as u32)
            .map(|at| Door {
                place: PlaceIdx(at),
                building: BuildingIdx(at),
                access: Seconds(30),
            })
            .collect(),
        ..ProblemParts::default()
    }
}

/// From 8 to 18 on a day, from home to home, a metre for a thousandth and a second for a ten-thousandth.
pub(crate) fn shift(crew: u32, day: u16) -> Shift {
    Shift {
        crew: CrewIdx(crew),
        day: Day(day),
        start: Seconds(i64::from(day) * DAY + 8 * HOUR),
        end: Seconds(i64::from(day) * DAY + 18 * HOUR),
        start_place: PlaceIdx(0),
        end_place: PlaceIdx(0),
        longest_work: Seconds(10 * HOUR),
        longest_driving: Seconds(6 * HOUR),
        rest: None,
        skills: Skills(0b11),
        cost_per_metre: MicroCost(1_000),
        cost_per_second: MicroCost(100),
        matrix: MatrixIdx(0),
    }
}

/// Half an hour at a door, worth 100 units on day 0 from `from` to `to` o'clock.
pub(crate) fn visit(door: u32, from: i64, to: i64) -> Visit {
    Visit {
        door: DoorIdx(door),
        service: Seconds(HOUR / 2),
        windows: vec![window(0, from, to)],
        mandatory: false,
        skills: Skills::NONE,
        group: None,
        crews_needed: CrewsNeeded::One,
        pin: None,
        published: None,
        change_price: MicroCost::ZERO,
    }
}

pub(crate) fn window(day: i64, from: i64, to: i64) -> Window {
    let at = |hour| Seconds(day * DAY + hour * HOUR);
    Window {
        start: at(from),
        end: at(to),
        value: MicroCost(100 * UNIT),
    }
}

/// A stream of numbers for random towns.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % bound.max(1)
    }

    fn once_in(&mut self, of: i64) -> bool {
        self.below(of) == 0
    }
}

/// How large a random town is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) places: usize,
    pub(crate) shifts: usize,
    pub(crate) visits: usize,
}

/// A town with anything the model knows: travel that breaks the triangle rule, holes, breaks, skills, groups, spacings,
/// second crews, published visits and values below zero.
pub(crate) fn random(seed: u64, size: Size) -> ProblemParts {
    let numbers = &mut Numbers(seed);
    let arcs: Vec<(u32, u32)> = (0..size.places * size.places).map(|_| arc(numbers)).collect();
    let apart = |from: usize, to: usize| {
        if from == to {
            (0, 0)
        } else {
            arcs[from * size.places + to]
        }
    };
    let matrices = vec![
        matrix(size.places, apart),
        matrix(size.places, |from, to| apart(to, from)),
    ];
    let sites: Vec<Site> = (0..size.places)
        .map(|_| Site {
            access: Seconds(numbers.below(300)),
        })
        .collect();
    let doors = 2 * size.places;
    let shifts: Vec<Shift> = (0..size.shifts)
        .map(|index| random_shift(numbers, index, size.places))
        .collect();
    ProblemParts {
        matrices,
        buildings: (0..size.places)
            .map(|at| Building {
                site: SiteIdx((at / 2) as u32),
                access: Seconds(numbers.below(200)),
            })
            .collect(),
        doors: (0..doors)
            .map(|at| Door {
                place: PlaceIdx((at / 2) as u32),
                building: BuildingIdx((at / 2) as u32),
                access: Seconds(numbers.below(100)),
            })
            .collect(),
        sites,
        visits: (0..size.visits)
            .map(|_| random_visit(numbers, doors, size.shifts))
            .collect(),
        shifts,
        groups: 3,
        spacings: random_spacings(numbers, size.visits),
    }
}

fn arc(numbers: &mut Numbers) -> (u32, u32) {
    if numbers.once_in(25) {
        return (UNREACHABLE, UNREACHABLE);
    }
    (numbers.below(3_000) as u32, numbers.below(20_000) as u32)
}

fn random_shift(numbers: &mut Numbers, index: usize, places: usize) -> Shift {
    let day = (index % 3) as u16;
    let start = i64::from(day) * DAY + (7 + numbers.below(3)) * HOUR;
    let noon = i64::from(day) * DAY + 11 * HOUR + numbers.below(HOUR);
    let rest = Break {
        earliest: Seconds(noon),
        latest: Seconds(noon + numbers.below(2 * HOUR)),
        length: Seconds(numbers.below(HOUR)),
    };
    Shift {
        crew: CrewIdx((index / 3) as u32),
        day: Day(day),
        start: Seconds(start),
        end: Seconds(start + numbers.below(10 * HOUR)),
        start_place: PlaceIdx(numbers.below(places as i64) as u32),
        end_place: PlaceIdx(numbers.below(places as i64) as u32),
        longest_work: Seconds(3 * HOUR + numbers.below(6 * HOUR)),
        longest_driving: Seconds(HOUR + numbers.below(3 * HOUR)),
        rest: numbers.once_in(2).then_some(rest),
        skills: Skills(numbers.below(4) as u64),
        cost_per_metre: MicroCost(numbers.below(300)),
        cost_per_second: MicroCost(numbers.below(3) * 200),
        matrix: MatrixIdx(numbers.below(2) as u32),
    }
}

fn random_visit(numbers: &mut Numbers, doors: usize, shifts: usize) -> Visit {
    let windows: Vec<Window> = (0..numbers.below(5)).map(|_| random_window(numbers)).collect();
    let published = Published {
        shift: ShiftIdx(numbers.below(shifts as i64) as u32),
        window: numbers.below(windows.len() as i64) as u16,
    };
    let is_published = shifts > 0 && !windows.is_empty() && numbers.once_in(4);
    Visit {
        door: DoorIdx(numbers.below(doors as i64) as u32),
        service: Seconds(numbers.below(HOUR)),
        windows,
        mandatory: numbers.once_in(10),
        skills: Skills(if numbers.once_in(3) { numbers.below(4) as u64 } else { 0 }),
        group: numbers.once_in(5).then(|| GroupIdx(numbers.below(3) as u32)),
        crews_needed: if numbers.once_in(20) {
            CrewsNeeded::Two
        } else {
            CrewsNeeded::One
        },
        pin: None,
        published: is_published.then_some(published),
        change_price: MicroCost(numbers.below(3 * UNIT)),
    }
}

fn random_window(numbers: &mut Numbers) -> Window {
    let start = numbers.below(3) * DAY + 7 * HOUR + numbers.below(9 * HOUR);
    let value = MicroCost(numbers.below(8 * UNIT) - UNIT);
    Window {
        start: Seconds(start),
        end: Seconds(start + numbers.below(5 * HOUR)),
        value,
    }
}

fn random_spacings(numbers: &mut Numbers, visits: usize) -> Vec<Spacing> {
    let mut spacings = Vec::new();
    for _ in 0..visits / 8 {
        let first = numbers.below(visits as i64 - 3) as u32;
        let visits = (first..first + 2 + numbers.below(2) as u32).map(VisitIdx).collect();
        spacings.push(Spacing {
            visits,
            days_apart_min: numbers.below(3) as u16,
        });
    }
    spacings
}
