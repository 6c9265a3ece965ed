//! Turning eligible cases and rosters into a planning problem, and a plan back into routes of visits.
//!
//! Pure but for the travel source. What a visit is worth and what time and way cost comes from strategies, by `crate::worth`.

use std::collections::{BTreeMap, HashMap};

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
use doorstep_strategy::{Price, Strategy};

use crate::day;
use crate::error::AppError;
use crate::facts::Known;
use crate::worth::{Slot, Weighing};

/// How long a visit is planned to take: 20 minutes.
pub const SERVICE: Micros = Micros::from_seconds(20 * 60);
/// Parking and the way to the building, once for each place.
const SITE_ACCESS: Seconds = Seconds(120);
/// The way from the building's entrance to a door, once for each door.
const DOOR_ACCESS: Seconds = Seconds(60);
/// Visits that one shift could make at the very most; cases beyond what all shifts could reach are not searched.
const VISITS_PER_SHIFT_MAX: usize = 60;
/// The most cases of one search, so that its matrix stays small.
pub(crate) const CANDIDATES_MAX: usize = 3_000;

/// The bit of crews in which two staff with certificates travel.
pub(crate) const TWO_CERTIFIED: Skills = Skills(1);

/// A case that may be visited, with its windows as instants.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) known: Known,
    pub(crate) point: Point,
    /// When it may be made and what it is worth then; never empty, in the order of their starts.
    pub(crate) slots: Vec<Slot>,
    /// By local day, in days since 1970-01-01: what it is worth at the mean over the allowed hours of the day.
    pub(crate) days: BTreeMap<i64, Weighing>,
    /// By local day: how it turns out at that mean.
    pub(crate) outcomes: BTreeMap<i64, Stake>,
    pub(crate) staff_min: u8,
}

/// What crews cost, in the planner's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Costs {
    /// A second of a crew's time.
    pub(crate) second: MicroCost,
    /// A metre driven by car.
    pub(crate) car_metre: MicroCost,
    /// A metre by moped.
    pub(crate) moped_metre: MicroCost,
}

impl Costs {
    /// The highest of some strategies, because one route visits for all of them: no visit looks cheaper than its own strategy
    /// says. Rounded up.
    pub(crate) fn highest<'a>(strategies: impl Iterator<Item = &'a Strategy>) -> Self {
        let none = Self {
            second: MicroCost::ZERO,
            car_metre: MicroCost::ZERO,
            moped_metre: MicroCost::ZERO,
        };
        let part = |price: Price, of: i64| MicroCost((price.0.get() + of - 1) / of);
        strategies.fold(none, |most, strategy| Self {
            second: most.second.max(part(strategy.worth.labour_hour, 3_600)),
            car_metre: most.car_metre.max(part(strategy.worth.kilometre_car, 1_000)),
            moped_metre: most.moped_metre.max(part(strategy.worth.kilometre_moped, 1_000)),
        })
    }

    pub(crate) const fn metre(&self, travel: Travel) -> MicroCost {
        match travel {
            Travel::Car => self.car_metre,
            Travel::Moped => self.moped_metre,
            Travel::Bicycle | Travel::Foot => MicroCost::ZERO,
        }
    }
}

impl Candidate {
    /// What is told of it where it is planned: its day at the mean over all hours that were allowed on it, with its part of the
    /// route's time and way. Not the hour's own worth, which would tell beside a name how likely somebody is at home then.
    pub(crate) fn worth_of_day(&self, starts: Micros, (labour, travel): (MicroCost, MicroCost)) -> Option<Weighing> {
        let day = day::number(day::local(starts, &day::zone(&self.known.view.address.zone)));
        let Weighing { mut visit, no_visit } = *self.days.get(&day)?;
        (visit.labour, visit.travel) = (labour, travel);
        Some(Weighing { visit, no_visit })
    }

    /// How a visit turns out that begins then and is worth so much in the mean. The chance is that of the day, not of the hour,
    /// because figures of a plan with few visits would tell it beside their names.
    pub(crate) fn outcome(&self, starts: Micros, worth: MicroCost) -> Stake {
        let day = day::number(day::local(starts, &day::zone(&self.known.view.address.zone)));
        // Hours that go past midnight are those of the day on which they began.
        let mut until = self.outcomes.range(..=day);
        let of_day = until.next_back().or_else(|| self.outcomes.first_key_value());
        of_day.map_or_else(|| Stake::of_mean(worth, 1), |(_, outcome)| outcome.with_mean(worth))
    }

    /// What a value of the problem is made of, without saying at what hour.
    pub(crate) fn worth_at(&self, value: MicroCost) -> Option<Weighing> {
        let slot = self.slots.iter().find(|slot| slot.value == value)?;
        let no_visit = self.days.values().next()?.no_visit;
        Some(Weighing {
            visit: slot.worth,
            no_visit,
        })
    }

    /// What it is worth at most, before time and way.
    pub(crate) fn best(&self) -> MicroCost {
        let values = self.slots.iter().map(|slot| slot.value);
        values.max().unwrap_or(MicroCost::ZERO)
    }
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

/// How many cases a search over these shifts looks at.
pub(crate) fn candidates_max(shifts: usize) -> usize {
    (shifts * VISITS_PER_SHIFT_MAX).clamp(200, CANDIDATES_MAX)
}

/// Best first: what is worth most, then what is longest due, then by id so that the order is always the same.
pub(crate) fn order(candidates: &mut [Candidate]) {
    candidates.sort_by_key(|candidate| {
        let case = &candidate.known.view.case;
        (-candidate.best(), -case.days_past_due, case.id)
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
    costs: Costs,
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
            (CrewIdx(crew as u32), MatrixIdx(mode as u32)),
            costs,
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
    Visit {
        door,
        service: Seconds(SERVICE.seconds()),
        windows: windows_of(candidate, base).map(|(window, _)| window).collect(),
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

/// The windows of a visit, each with the slot that it comes from.
fn windows_of(candidate: &Candidate, base: Micros) -> impl Iterator<Item = (Window, &Slot)> {
    let window = move |slot: &Slot| Window {
        // A window is never widened by rounding: its start goes up to the next second, its end down.
        start: Seconds((slot.from - base + Micros(999_999)).seconds()),
        end: since(base, slot.to),
        value: slot.value,
    };
    let slots = candidate.slots.iter().map(move |slot| (window(slot), slot));
    slots.filter(|(window, _)| window.end.get() - window.start.get() >= SERVICE.seconds() && window.start.get() >= 0)
}

/// How each visit turns out, window by window.
pub(crate) fn stakes(candidates: &[Candidate], base: Micros) -> Vec<Vec<Stake>> {
    let of = |candidate: &Candidate| {
        let windows = windows_of(candidate, base);
        windows
            .map(|(_, slot)| candidate.outcome(slot.from, slot.value))
            .collect()
    };
    candidates.iter().map(of).collect()
}

fn shift_of(
    shift: &CrewShift,
    base: Micros,
    home: PlaceIdx,
    (crew, matrix): (CrewIdx, MatrixIdx),
    costs: Costs,
) -> Shift {
    let (start, end) = (since(base, shift.start), since(base, shift.end));
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
        cost_per_metre: costs.metre(shift.travel),
        cost_per_second: costs.second,
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
