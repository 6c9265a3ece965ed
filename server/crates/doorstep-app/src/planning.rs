//! Turning eligible cases and rosters into a planning problem, and a plan back into routes of visits.
//!
//! Pure but for the travel source. House figures of the first version stand here by name; a strategy replaces them later.

use std::collections::HashMap;

use doorstep_domain::case::Stage;
use doorstep_domain::id::CrewId;
use doorstep_domain::measure::{Metres, MicroCost, Micros, Seconds};
use doorstep_domain::place::Point;
use doorstep_domain::staff::Travel;
use doorstep_planner::model::{
    ARC_METRES_MAX, ARC_SECONDS_MAX, Building, BuildingIdx, CrewIdx, CrewsNeeded, Day, Door, DoorIdx, GroupIdx, Matrix,
    MatrixIdx, MatrixLabel, MatrixParts, PlaceIdx, Problem, ProblemParts, Profile, Shift, Site, SiteIdx, Skills,
    UNREACHABLE, Visit, Window,
};
use doorstep_planner::replay::Stake;
use doorstep_roads::{Mode, Roads, Source};

use crate::error::AppError;
use crate::facts::Known;

/// How long a visit is planned to take: 20 minutes.
pub const SERVICE: Micros = Micros::from_seconds(20 * 60);
/// Parking and the way to the building, once for each place.
const SITE_ACCESS: Seconds = Seconds(120);
/// The way from the building's entrance to a door, once for each door.
const DOOR_ACCESS: Seconds = Seconds(60);
/// Cost of a metre driven, in millionths: 0.35 a kilometre by car.
const CAR_METRE: MicroCost = MicroCost(350);
/// Cost of a metre by moped.
const MOPED_METRE: MicroCost = MicroCost(120);
/// Cost of a second of a crew's time, in millionths: 18 an hour.
const CREW_SECOND: MicroCost = MicroCost(5_000);
/// What a visit is worth at least, in millionths.
const WORTH: i64 = 20_000_000;
/// Visits that one shift could make at the very most; cases beyond what all shifts could reach are not searched.
const VISITS_PER_SHIFT_MAX: usize = 60;
/// The most cases of one search, so that its matrix stays small.
pub(crate) const CANDIDATES_MAX: usize = 3_000;

/// The chance that a visit meets somebody, in hundredths, where nothing better is known: visits to homes of working people
/// find somebody in less than half of all cases.
pub(crate) const CHANCE_PERCENT: u32 = 45;

/// The bit of crews in which two staff with certificates travel.
pub(crate) const TWO_CERTIFIED: Skills = Skills(1);

/// A case that may be visited, with its windows as instants.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) known: Known,
    pub(crate) point: Point,
    pub(crate) windows: Vec<(Micros, Micros)>,
    pub(crate) staff_min: u8,
}

/// One crew's shift on one day.
#[derive(Debug, Clone)]
pub(crate) struct CrewShift {
    pub(crate) crew: CrewId,
    pub(crate) travel: Travel,
    pub(crate) day: u16,
    pub(crate) start: Micros,
    pub(crate) end: Micros,
    /// Seconds since local midnight of the shift's middle: decides the band of travel times.
    pub(crate) middle: Seconds,
    pub(crate) home: Point,
    /// Staff who may go, for what they hold.
    pub(crate) sent: u8,
}

/// What a visit is worth by the age of the debt, in millionths. Nothing that protects a person raises it: hardship,
/// dispute, refusal and vulnerability are hard stops of the rules and never reach this point.
fn worth(stage: Stage) -> i64 {
    WORTH
        + match stage {
            Stage::M0 => 0,
            Stage::M1 => 5_000_000,
            Stage::M2 => 12_000_000,
            Stage::M3 => 18_000_000,
            Stage::M3Plus => 15_000_000,
        }
}

/// How many cases a search over these shifts looks at.
pub(crate) fn candidates_max(shifts: usize) -> usize {
    (shifts * VISITS_PER_SHIFT_MAX).clamp(200, CANDIDATES_MAX)
}

/// Best first: what is worth most, then what is longest due, then by id so that the order is always the same.
pub(crate) fn order(candidates: &mut [Candidate]) {
    candidates.sort_by_key(|candidate| {
        let case = &candidate.known.view.case;
        (-worth(case.stage), -case.days_past_due, case.id)
    });
}

#[derive(Default)]
struct Places {
    points: Vec<Point>,
    index: HashMap<Point, u32>,
}

impl Places {
    fn of(&mut self, point: Point) -> u32 {
        *self.index.entry(point).or_insert_with(|| {
            self.points.push(point);
            self.points.len() as u32 - 1
        })
    }
}

/// Builds the problem. `base` is the plan's first midnight; times of the problem are seconds since then.
pub(crate) fn problem(
    roads: &dyn Roads,
    base: Micros,
    candidates: &[Candidate],
    shifts: &[CrewShift],
) -> Result<Problem, AppError> {
    let mut places = Places::default();
    let mut parts = ProblemParts::default();
    let mut doors: HashMap<(u32, String), u32> = HashMap::new();
    let mut groups: HashMap<doorstep_domain::id::PersonId, u32> = HashMap::new();
    for candidate in candidates {
        let place = places.of(candidate.point);
        while parts.sites.len() < places.points.len() {
            let site = SiteIdx(parts.sites.len() as u32);
            parts.sites.push(Site { access: SITE_ACCESS });
            parts.buildings.push(Building {
                site,
                access: Seconds::ZERO,
            });
        }
        let address = candidate
            .known
            .fields
            .as_ref()
            .map_or_else(String::new, |fields| fields.address.clone());
        let door = *doors.entry((place, address)).or_insert_with(|| {
            parts.doors.push(Door {
                place: PlaceIdx(place),
                building: BuildingIdx(place),
                access: DOOR_ACCESS,
            });
            parts.doors.len() as u32 - 1
        });
        let next = groups.len() as u32;
        let group = *groups.entry(candidate.known.view.case.person).or_insert(next);
        parts
            .visits
            .push(visit_of(candidate, base, DoorIdx(door), GroupIdx(group)));
    }
    parts.groups = groups.len() as u32;
    let (crews, modes) = numbered(roads.source(), shifts);
    for shift in shifts {
        let home = PlaceIdx(places.of(shift.home));
        let mode = modes
            .iter()
            .position(|mode| *mode == mode_of(roads.source(), shift))
            .unwrap_or_default();
        let crew = crews.iter().position(|crew| *crew == shift.crew).unwrap_or_default();
        parts.shifts.push(shift_of(
            shift,
            base,
            home,
            CrewIdx(crew as u32),
            MatrixIdx(mode as u32),
        ));
    }
    for (number, mode) in modes.iter().enumerate() {
        parts
            .matrices
            .push(matrix(roads, *mode, number as u16, &places.points)?);
    }
    Problem::new(parts).map_err(|error| {
        tracing::error!(error = %error, "plan.problem.refused");
        AppError::Fault("the planning problem was built wrongly")
    })
}

/// What is asked of the travel source for a shift. An estimate is the same at any hour, so one matrix serves all shifts.
fn mode_of(source: Source, shift: &CrewShift) -> Mode {
    Mode {
        travel: shift.travel,
        time_of_day: if source == Source::Estimate {
            Seconds::ZERO
        } else {
            shift.middle
        },
    }
}

fn numbered(source: Source, shifts: &[CrewShift]) -> (Vec<CrewId>, Vec<Mode>) {
    let (mut crews, mut modes) = (Vec::new(), Vec::new());
    for shift in shifts {
        if !crews.contains(&shift.crew) {
            crews.push(shift.crew);
        }
        if !modes.contains(&mode_of(source, shift)) {
            modes.push(mode_of(source, shift));
        }
    }
    (crews, modes)
}

fn since(base: Micros, at: Micros) -> Seconds {
    Seconds((at - base).seconds())
}

fn visit_of(candidate: &Candidate, base: Micros, door: DoorIdx, group: GroupIdx) -> Visit {
    let value = MicroCost(worth(candidate.known.view.case.stage));
    let windows = candidate
        .windows
        .iter()
        .map(|(from, to)| {
            // A window is never widened by rounding: its start goes up to the next second, its end down.
            let start = Seconds((*from - base + Micros(999_999)).seconds());
            Window {
                start,
                end: since(base, *to),
                value,
            }
        })
        .filter(|window| window.end.get() - window.start.get() >= SERVICE.seconds() && window.start.get() >= 0)
        .collect();
    Visit {
        door,
        service: Seconds(SERVICE.seconds()),
        windows,
        mandatory: false,
        skills: if candidate.staff_min >= 2 {
            TWO_CERTIFIED
        } else {
            Skills::NONE
        },
        group: Some(group),
        crews_needed: CrewsNeeded::One,
        pin: None,
        published: None,
        change_price: MicroCost::ZERO,
    }
}

/// What each visit gives on a day, window by window. The worth of a window is that of the mean, so a visit that meets somebody
/// gives more than it and one that does not gives nothing.
pub(crate) fn stakes(problem: &Problem) -> Vec<Vec<Stake>> {
    let stake = |window: &Window| Stake::of_mean(window.value, CHANCE_PERCENT * 10_000);
    let visits = problem.visits().iter();
    visits.map(|visit| visit.windows.iter().map(stake).collect()).collect()
}

fn shift_of(shift: &CrewShift, base: Micros, home: PlaceIdx, crew: CrewIdx, matrix: MatrixIdx) -> Shift {
    let (start, end) = (since(base, shift.start), since(base, shift.end));
    let metre = match shift.travel {
        Travel::Car => CAR_METRE,
        Travel::Moped => MOPED_METRE,
        Travel::Bicycle | Travel::Foot => MicroCost::ZERO,
    };
    Shift {
        crew,
        day: Day(shift.day),
        start,
        end,
        start_place: home,
        end_place: home,
        longest_work: end - start,
        longest_driving: end - start,
        rest: None,
        skills: if shift.sent >= 2 { TWO_CERTIFIED } else { Skills::NONE },
        cost_per_metre: metre,
        cost_per_second: CREW_SECOND,
        matrix,
    }
}

/// Nobody goes from one end of the world to the other between two visits. A case that was put there by mistake is left
/// out of the plan; it does not keep the plan from being made.
fn reachable((seconds, metres): (u32, u32)) -> (u32, u32) {
    if seconds <= ARC_SECONDS_MAX && metres <= ARC_METRES_MAX {
        (seconds, metres)
    } else {
        (UNREACHABLE, UNREACHABLE)
    }
}

fn matrix(roads: &dyn Roads, mode: Mode, number: u16, points: &[Point]) -> Result<Matrix, AppError> {
    let travel = roads
        .matrix(mode, points)
        .map_err(|error| AppError::refuse(doorstep_wire::problem::ProblemCode::NothingToPlan, error.to_string()))?;
    let label = match travel.source {
        Source::Estimate => MatrixLabel::Estimate,
        Source::Extract | Source::Engine => MatrixLabel::Roads,
    };
    let (seconds, metres) = travel.seconds.into_iter().zip(travel.metres).map(reachable).unzip();
    let parts = MatrixParts {
        n: travel.n,
        seconds,
        metres,
        profile: Profile {
            travel_mode: mode.travel as u16,
            band: number,
        },
        label,
    };
    Matrix::new(parts).map_err(|_| AppError::Fault("a source of travel times gave a matrix of a wrong shape"))
}

/// Length and time under way of a route, for storage.
pub(crate) fn route_sums(metres: Metres, driving: Seconds) -> (i64, i64) {
    (metres.get(), driving.get())
}
