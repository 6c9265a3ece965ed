//! Reads an instance of the field-visit family of `../shared/bench`, plans it, and prints the plan as its evaluator reads it.
//!
//!     cargo run --release -p doorstep-planner --example visits -- FILE [--seconds S] [--seed N] [--threads T]
//!
//! S is CPU seconds of the process, from the finished matrix on. What was done and how long it took goes to standard error.

mod common;

use std::io::Write;

use common::{Asked, asked, fail, haversine};
use doorstep_domain::measure::{MicroCost, Seconds};
use doorstep_planner::model::{
    Break, Building, BuildingIdx, CrewIdx, CrewsNeeded, Day, Door, DoorIdx, Matrix, MatrixIdx, MatrixLabel,
    MatrixParts, PlaceIdx, Plan, Problem, ProblemParts, Profile, Shift, Site, SiteIdx, Skills, Visit, Window,
};
use serde::Deserialize;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

#[derive(Deserialize)]
struct Instance {
    days: u16,
    staff: Vec<Staff>,
    visits: Vec<Call>,
    matrix: Option<Travel>,
    options: Options,
}

#[derive(Deserialize)]
struct Staff {
    lat: f64,
    lon: f64,
    shift: [i64; 2],
    max_work: i64,
    skills: Vec<u8>,
    #[serde(rename = "break")]
    rest: Option<Rest>,
}

#[derive(Deserialize)]
struct Rest {
    window: [i64; 2],
    duration: i64,
}

#[derive(Deserialize)]
struct Call {
    lat: f64,
    lon: f64,
    service: i64,
    prize: i64,
    windows: Vec<[i64; 2]>,
    skill: Option<u8>,
    crew: u8,
}

#[derive(Deserialize)]
struct Travel {
    distance: Vec<Vec<u32>>,
    duration: Vec<Vec<u32>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Options {
    enforce_breaks: bool,
    enforce_crew: bool,
}

fn main() {
    let asked: Asked = asked();
    let text = std::fs::read_to_string(&asked.file).unwrap_or_else(|why| fail(&format!("{}: {why}", asked.file)));
    let instance: Instance = serde_json::from_str(&text).unwrap_or_else(|why| fail(&format!("{}: {why}", asked.file)));
    let problem = Problem::new(parts(&instance)).unwrap_or_else(|why| fail(&why.to_string()));
    let plan = common::plan(&problem, &asked);
    let told = told(&instance, &plan);
    writeln!(std::io::stdout(), "{told}").unwrap_or_else(|why| fail(&why.to_string()));
}

/// The problem: a shift for each of the staff and day, in that order; each visit at a door of its own.
fn parts(instance: &Instance) -> ProblemParts {
    let doors = 0..instance.visits.len() as u32;
    let homes = instance.staff.len() as u32;
    ProblemParts {
        matrices: vec![matrix(instance)],
        sites: doors.clone().map(|_| Site { access: Seconds(0) }).collect(),
        buildings: doors
            .clone()
            .map(|at| Building {
                site: SiteIdx(at),
                access: Seconds(0),
            })
            .collect(),
        doors: doors
            .map(|at| Door {
                place: PlaceIdx(homes + at),
                building: BuildingIdx(at),
                access: Seconds(0),
            })
            .collect(),
        shifts: (0..instance.days).flat_map(|day| shifts(instance, day)).collect(),
        visits: instance
            .visits
            .iter()
            .enumerate()
            .map(|(at, call)| visit(instance, at, call))
            .collect(),
        ..ProblemParts::default()
    }
}

fn shifts(instance: &Instance, day: u16) -> impl Iterator<Item = Shift> + '_ {
    let base = i64::from(day) * DAY;
    instance.staff.iter().enumerate().map(move |(at, staff)| {
        let rest = staff.rest.as_ref().filter(|_| instance.options.enforce_breaks);
        Shift {
            crew: CrewIdx(at as u32),
            day: Day(day),
            start: Seconds(base + staff.shift[0]),
            end: Seconds(base + staff.shift[1]),
            start_place: PlaceIdx(at as u32),
            end_place: PlaceIdx(at as u32),
            longest_work: Seconds(staff.max_work),
            longest_driving: Seconds(staff.shift[1] - staff.shift[0]),
            rest: rest.map(|rest| Break {
                earliest: Seconds(base + rest.window[0]),
                latest: Seconds(base + rest.window[1]),
                length: Seconds(rest.duration),
            }),
            skills: staff
                .skills
                .iter()
                .fold(Skills::NONE, |all, &one| Skills(all.0 | 1 << one)),
            // A thousandth of a euro a metre, and values are in thousandths of a euro.
            cost_per_metre: MicroCost(1),
            cost_per_second: MicroCost(0),
            matrix: MatrixIdx(0),
        }
    })
}

/// Windows of the instance bound the start of a visit, those of the planner hold all of it.
fn visit(instance: &Instance, at: usize, call: &Call) -> Visit {
    let window = |span: &[i64; 2]| Window {
        start: Seconds(span[0]),
        end: Seconds(span[1] + call.service),
        value: MicroCost(call.prize),
    };
    let two = call.crew == 2 && instance.options.enforce_crew;
    Visit {
        door: DoorIdx(at as u32),
        service: Seconds(call.service),
        windows: call.windows.iter().map(window).collect(),
        mandatory: false,
        skills: call.skill.map_or(Skills::NONE, |skill| Skills(1 << skill)),
        group: None,
        crews_needed: if two { CrewsNeeded::Two } else { CrewsNeeded::One },
        pin: None,
        published: None,
        change_price: MicroCost(0),
    }
}

/// Homes of the staff first, then visits: the instance's own matrix, or 1.3 times the great circle at 25 km/h.
fn matrix(instance: &Instance) -> Matrix {
    let homes = instance.staff.iter().map(|one| (one.lat, one.lon));
    let points: Vec<(f64, f64)> = homes
        .chain(instance.visits.iter().map(|one| (one.lat, one.lon)))
        .collect();
    let n = points.len();
    let (seconds, metres) = if let Some(given) = &instance.matrix {
        (given.duration.concat(), given.distance.concat())
    } else {
        let metres: Vec<u32> = (0..n * n)
            .map(|at| (1.3 * haversine(points[at / n], points[at % n]) + 0.5).floor() as u32)
            .collect();
        let seconds = metres
            .iter()
            .map(|&metres| (f64::from(metres) * 0.144 + 0.5).floor() as u32);
        (seconds.collect(), metres)
    };
    let profile = Profile {
        travel_mode: 0,
        band: 0,
    };
    let label = MatrixLabel::Estimate;
    let parts = MatrixParts {
        n,
        seconds,
        metres,
        profile,
        label,
    };
    Matrix::new(parts).unwrap_or_else(|why| fail(&why.to_string()))
}

fn told(instance: &Instance, plan: &Plan) -> Value {
    let routes = plan.routes.iter().map(|route| {
        let (day, staff) = (
            route.shift.get() / instance.staff.len(),
            route.shift.get() % instance.staff.len(),
        );
        let mut told = json!({
            "staff": staff,
            "day": day,
            "departure": route.depart.get(),
            "visits": route.stops.iter().map(|call| call.visit.0).collect::<Vec<_>>(),
            "starts": route.stops.iter().map(|call| call.start.get()).collect::<Vec<_>>(),
        });
        if let Some(rest) = route.rest {
            told["break"] = json!({"after": rest.after_calls, "start": rest.start.get()});
        }
        told
    });
    json!({ "routes": routes.collect::<Vec<_>>() })
}
