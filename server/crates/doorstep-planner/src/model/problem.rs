//! The planning problem: everything checked once, in its constructor, and unchanged after.

use super::error::{Field, ProblemError};
use super::index::{DoorIdx, MatrixIdx, PlaceIdx, ShiftIdx, VisitIdx};
use super::limits::{
    ACCESS_SECONDS_MAX, COST_PER_METRE_MAX, COST_PER_SECOND_MAX, DAY_SECONDS, MONEY_MAX, SERVICE_SECONDS_MAX,
    SHIFT_SECONDS_MAX, SHIFTS_MAX, TIME_MAX, VISITS_MAX, WINDOWS_MAX,
};
use super::matrix::Matrix;
use super::shift::Shift;
use super::stop::{Building, Door, Site};
use super::visit::{Pin, Spacing, Visit};
use doorstep_domain::measure::Seconds;

/// The lists of a problem before they are checked. All indices point into these lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProblemParts {
    /// One matrix for each profile, all over the same places.
    pub matrices: Vec<Matrix>,
    /// Sites.
    pub sites: Vec<Site>,
    /// Buildings.
    pub buildings: Vec<Building>,
    /// Doors.
    pub doors: Vec<Door>,
    /// Shifts. None is legal: the plan is then empty, with reasons.
    pub shifts: Vec<Shift>,
    /// Visits.
    pub visits: Vec<Visit>,
    /// How many groups there are.
    pub groups: u32,
    /// Spacings.
    pub spacings: Vec<Spacing>,
}

/// A checked planning problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    parts: ProblemParts,
}

impl Problem {
    /// Checks every field; the first that is wrong is the error.
    pub fn new(parts: ProblemParts) -> Result<Self, ProblemError> {
        check_matrices(&parts)?;
        check_stops(&parts)?;
        check_count(Field::Shifts, parts.shifts.len(), SHIFTS_MAX)?;
        check_count(Field::Visits, parts.visits.len(), VISITS_MAX)?;
        for index in 0..parts.shifts.len() {
            check_shift(&parts, index)?;
        }
        check_overlaps(&parts)?;
        for index in 0..parts.visits.len() {
            check_visit(&parts, index)?;
        }
        check_pin_positions(&parts)?;
        check_spacings(&parts)?;
        Ok(Self { parts })
    }

    /// The lists back, to change them and build another problem.
    #[must_use]
    pub fn into_parts(self) -> ProblemParts {
        self.parts
    }

    /// The matrices.
    pub fn matrices(&self) -> &[Matrix] {
        &self.parts.matrices
    }

    /// The sites.
    pub fn sites(&self) -> &[Site] {
        &self.parts.sites
    }

    /// The buildings.
    pub fn buildings(&self) -> &[Building] {
        &self.parts.buildings
    }

    /// The doors.
    pub fn doors(&self) -> &[Door] {
        &self.parts.doors
    }

    /// The shifts.
    pub fn shifts(&self) -> &[Shift] {
        &self.parts.shifts
    }

    /// The visits.
    pub fn visits(&self) -> &[Visit] {
        &self.parts.visits
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.parts.groups as usize
    }

    /// The spacings.
    pub fn spacings(&self) -> &[Spacing] {
        &self.parts.spacings
    }

    /// The shift at an index of this problem.
    pub fn shift(&self, index: ShiftIdx) -> &Shift {
        &self.parts.shifts[index.get()]
    }

    /// The visit at an index of this problem.
    pub fn visit(&self, index: VisitIdx) -> &Visit {
        &self.parts.visits[index.get()]
    }

    /// The door at an index of this problem.
    pub fn door(&self, index: DoorIdx) -> &Door {
        &self.parts.doors[index.get()]
    }

    /// The matrix at an index of this problem.
    pub fn matrix(&self, index: MatrixIdx) -> &Matrix {
        &self.parts.matrices[index.get()]
    }
}

fn check_range(field: Field, index: usize, found: i64, range: (i64, i64)) -> Result<(), ProblemError> {
    let (least, most) = range;
    if found < least || found > most {
        return Err(ProblemError::OutOfRange {
            field,
            index,
            found,
            least,
            most,
        });
    }
    Ok(())
}

fn check_entry(field: Field, index: usize, target: usize, length: usize) -> Result<(), ProblemError> {
    if target >= length {
        return Err(ProblemError::NoSuchEntry {
            field,
            index,
            target,
            length,
        });
    }
    Ok(())
}

fn check_count(field: Field, count: usize, most: usize) -> Result<(), ProblemError> {
    check_range(field, 0, i64::try_from(count).unwrap_or(i64::MAX), (0, most as i64))
}

fn check_matrices(parts: &ProblemParts) -> Result<(), ProblemError> {
    let places = parts.matrices.first().map_or(0, Matrix::places);
    for (index, matrix) in parts.matrices.iter().enumerate() {
        if matrix.places() != places {
            return Err(ProblemError::WrongSize {
                field: Field::Matrices,
                index,
                found: matrix.places(),
                expected: places,
            });
        }
    }
    Ok(())
}

fn check_stops(parts: &ProblemParts) -> Result<(), ProblemError> {
    let access = (0, ACCESS_SECONDS_MAX);
    for (index, site) in parts.sites.iter().enumerate() {
        check_range(Field::SiteAccess, index, site.access.get(), access)?;
    }
    for (index, building) in parts.buildings.iter().enumerate() {
        check_entry(Field::BuildingSite, index, building.site.get(), parts.sites.len())?;
        check_range(Field::BuildingAccess, index, building.access.get(), access)?;
    }
    for (index, door) in parts.doors.iter().enumerate() {
        check_entry(Field::DoorBuilding, index, door.building.get(), parts.buildings.len())?;
        check_range(Field::DoorAccess, index, door.access.get(), access)?;
        check_place(parts, Field::DoorPlace, index, door.place)?;
    }
    Ok(())
}

/// Without a matrix nobody travels, so places are not looked at then (a problem without shifts).
fn check_place(parts: &ProblemParts, field: Field, index: usize, place: PlaceIdx) -> Result<(), ProblemError> {
    match parts.matrices.first() {
        Some(matrix) => check_entry(field, index, place.get(), matrix.places()),
        None => Ok(()),
    }
}

fn check_span(field: Field, index: usize, start: Seconds, end: Seconds) -> Result<(), ProblemError> {
    check_range(field, index, start.get(), (0, TIME_MAX))?;
    check_range(field, index, end.get(), (0, TIME_MAX))?;
    if end < start {
        return Err(ProblemError::EndsBeforeStart {
            field,
            index,
            start: start.get(),
            end: end.get(),
        });
    }
    Ok(())
}

fn check_shift(parts: &ProblemParts, index: usize) -> Result<(), ProblemError> {
    let shift = &parts.shifts[index];
    check_span(Field::ShiftWindow, index, shift.start, shift.end)?;
    let longest = (0, SHIFT_SECONDS_MAX);
    check_range(Field::ShiftWindow, index, (shift.end - shift.start).get(), longest)?;
    let day = i64::from(shift.day.0);
    check_range(
        Field::ShiftDay,
        index,
        day,
        (shift.start.get() / DAY_SECONDS, shift.start.get() / DAY_SECONDS),
    )?;
    check_entry(Field::ShiftMatrix, index, shift.matrix.get(), parts.matrices.len())?;
    check_place(parts, Field::ShiftStartPlace, index, shift.start_place)?;
    check_place(parts, Field::ShiftEndPlace, index, shift.end_place)?;
    check_range(Field::ShiftLongestWork, index, shift.longest_work.get(), longest)?;
    check_range(Field::ShiftLongestDriving, index, shift.longest_driving.get(), longest)?;
    check_range(
        Field::ShiftCostPerMetre,
        index,
        shift.cost_per_metre.get(),
        (0, COST_PER_METRE_MAX),
    )?;
    check_range(
        Field::ShiftCostPerSecond,
        index,
        shift.cost_per_second.get(),
        (0, COST_PER_SECOND_MAX),
    )?;
    if let Some(rest) = shift.rest {
        check_span(Field::ShiftBreak, index, rest.earliest, rest.latest)?;
        check_range(Field::ShiftBreak, index, rest.length.get(), (0, DAY_SECONDS))?;
    }
    Ok(())
}

fn check_overlaps(parts: &ProblemParts) -> Result<(), ProblemError> {
    let mut order: Vec<usize> = (0..parts.shifts.len()).collect();
    order.sort_by_key(|&index| (parts.shifts[index].crew, parts.shifts[index].start, index));
    for pair in order.windows(2) {
        let (before, after) = (&parts.shifts[pair[0]], &parts.shifts[pair[1]]);
        if before.crew == after.crew && after.start < before.end {
            return Err(ProblemError::ShiftsOverlap {
                field: Field::Shifts,
                index: pair[1],
                other: pair[0],
            });
        }
    }
    Ok(())
}

fn check_visit(parts: &ProblemParts, index: usize) -> Result<(), ProblemError> {
    let visit = &parts.visits[index];
    check_entry(Field::VisitDoor, index, visit.door.get(), parts.doors.len())?;
    check_range(
        Field::VisitService,
        index,
        visit.service.get(),
        (0, SERVICE_SECONDS_MAX),
    )?;
    check_range(
        Field::VisitWindows,
        index,
        visit.windows.len() as i64,
        (0, WINDOWS_MAX as i64),
    )?;
    for window in &visit.windows {
        check_span(Field::VisitWindows, index, window.start, window.end)?;
        check_range(Field::VisitValue, index, window.value.get(), (-MONEY_MAX, MONEY_MAX))?;
    }
    check_range(Field::VisitChangePrice, index, visit.change_price.get(), (0, MONEY_MAX))?;
    if let Some(group) = visit.group {
        check_entry(Field::VisitGroup, index, group.get(), parts.groups as usize)?;
    }
    if let Some(published) = visit.published {
        check_entry(Field::VisitPublished, index, published.shift.get(), parts.shifts.len())?;
        check_entry(
            Field::VisitPublished,
            index,
            published.window as usize,
            visit.windows.len(),
        )?;
    }
    match visit.pin {
        Some(pin) => check_pin(parts, index, pin),
        None => Ok(()),
    }
}

fn check_pin(parts: &ProblemParts, index: usize, pin: Pin) -> Result<(), ProblemError> {
    check_entry(Field::VisitPin, index, pin.shift.get(), parts.shifts.len())?;
    let Some(start) = pin.start else { return Ok(()) };
    check_range(Field::VisitPin, index, start.get(), (0, TIME_MAX))?;
    let visit = &parts.visits[index];
    let held = visit
        .windows
        .iter()
        .any(|window| window.start <= start && start + visit.service <= window.end);
    if !held {
        return Err(ProblemError::PinOutsideWindows {
            field: Field::VisitPin,
            index,
            start: start.get(),
        });
    }
    Ok(())
}

fn check_pin_positions(parts: &ProblemParts) -> Result<(), ProblemError> {
    let mut pinned: Vec<(ShiftIdx, u32, usize)> = Vec::new();
    for (index, visit) in parts.visits.iter().enumerate() {
        if let Some(Pin {
            shift,
            position: Some(position),
            ..
        }) = visit.pin
        {
            pinned.push((shift, position, index));
        }
    }
    pinned.sort_unstable();
    let mut next = 0;
    for (at, &(shift, position, index)) in pinned.iter().enumerate() {
        if at == 0 || pinned[at - 1].0 != shift {
            next = 0;
        }
        if position != next {
            return Err(ProblemError::PinPositions {
                field: Field::VisitPin,
                index,
                shift: shift.get(),
            });
        }
        next += 1;
    }
    Ok(())
}

fn check_spacings(parts: &ProblemParts) -> Result<(), ProblemError> {
    for (index, spacing) in parts.spacings.iter().enumerate() {
        let mut named: Vec<VisitIdx> = spacing.visits.clone();
        named.sort_unstable();
        for visit in &named {
            check_entry(Field::SpacingVisits, index, visit.get(), parts.visits.len())?;
        }
        if let Some(pair) = named.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ProblemError::NamedTwice {
                field: Field::SpacingVisits,
                index,
                target: pair[0].get(),
            });
        }
    }
    Ok(())
}
