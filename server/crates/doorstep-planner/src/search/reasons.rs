//! Why each visit is left out, found after the search by testing the conditions in the order of [`Reason`].

use super::construct::anywhere;
use super::insertion::shortage;
use super::route::Route;
use super::solution::Solution;
use super::tables::{MUST, Tables};
use crate::model::{CrewsNeeded, LeftOut, Reason, ShiftIdx, Skills, Visit, VisitIdx};
use doorstep_domain::measure::{MicroCost, Seconds};

/// Reasons for all visits that are not planned, in their order. Where it may not `go_on`, the plan may lack its polish or
/// more, and a reason that was found would not be true of a whole one: then none is given.
pub(super) fn left_out(solution: &Solution, go_on: &mut dyn FnMut() -> bool) -> Vec<LeftOut> {
    let mut scratch = Route::default();
    let visits = 0..solution.tables.problem.visits().len() as u32;
    let open = visits.filter(|&visit| !solution.is_planned(visit));
    open.map(|visit| LeftOut {
        visit: VisitIdx(visit),
        reason: if go_on() {
            reason(solution, &mut scratch, visit)
        } else {
            Reason::Stopped
        },
    })
    .collect()
}

fn reason(solution: &Solution, scratch: &mut Route, visit: u32) -> Reason {
    let tables = solution.tables;
    let details = tables.visit(visit);
    if details.crews_needed == CrewsNeeded::Two {
        return Reason::NeedsSecondCrew;
    }
    if let Some(reason) = never_alone(tables, visit, details) {
        return reason;
    }
    if let Some(by) = details.group.and_then(|group| solution.planned_of(group)) {
        return Reason::GroupServed { by: VisitIdx(by) };
    }
    let eligible = &tables.eligible[visit as usize];
    let open: Vec<u32> = eligible
        .iter()
        .copied()
        .filter(|&shift| solution.too_near(visit, shift).is_none())
        .collect();
    if let (true, Some(with)) = (
        open.is_empty(),
        eligible.first().and_then(|&shift| solution.too_near(visit, shift)),
    ) {
        return Reason::SpacingConflict { with: VisitIdx(with) };
    }
    if details.pin.is_some() {
        return Reason::PinImpossible;
    }
    if let Some(place) = anywhere(solution, scratch, visit, i64::MIN) {
        let value = details.windows[place.window as usize].value;
        let must = if details.mandatory { MUST } else { 0 };
        return Reason::NotWorthIt {
            value,
            cost: MicroCost(value.get() + must - place.gain),
        };
    }
    no_room(solution, scratch, visit, &open)
}

/// Reasons that hold whatever else is planned.
fn never_alone(tables: &Tables, visit: u32, details: &Visit) -> Option<Reason> {
    if details.windows.is_empty() {
        return Some(Reason::NoWindow);
    }
    let shifts = 0..tables.problem.shifts().len() as u32;
    let pinned = |shift: &u32| details.pin.is_none_or(|pin| pin.shift.0 == *shift);
    let shares = |shift: &u32| tables.windows_in(visit, tables.shift(*shift)).next().is_some();
    let on_day: Vec<u32> = shifts.filter(pinned).filter(shares).collect();
    if on_day.is_empty() {
        return Some(Reason::NoShiftOnDay);
    }
    let missing = |shift: &u32| details.skills.missing_from(tables.shift(*shift).skills);
    let mask = on_day
        .iter()
        .map(missing)
        .min_by_key(|skills: &Skills| skills.count())?;
    if !mask.is_empty() {
        return Some(Reason::MissingSkill { mask });
    }
    let wide: Vec<u32> = on_day
        .into_iter()
        .filter(|shift| missing(shift).is_empty() && has_room(tables, visit, *shift))
        .collect();
    if wide.is_empty() {
        return Some(Reason::WindowsTooNarrow);
    }
    let has_way = |shift: &u32| {
        let shift = tables.shift(*shift);
        tables.leg_out(shift, visit).is_some() && tables.leg_home(shift, visit).is_some()
    };
    if !wide.iter().any(has_way) {
        return Some(Reason::Unreachable);
    }
    tables.eligible[visit as usize]
        .is_empty()
        .then_some(Reason::TooFarForShift)
}

/// Whether the service fits into what a window and the shift share.
fn has_room(tables: &Tables, visit: u32, shift: u32) -> bool {
    let shift = tables.shift(shift);
    let mut windows = tables.windows_in(visit, shift);
    windows.any(|window| {
        tables.node(visit, window).is_some_and(|node| {
            let start = node.earliest.max(shift.start.get());
            start <= node.latest && start + node.duration <= shift.end.get()
        })
    })
}

fn no_room(solution: &Solution, scratch: &mut Route, visit: u32, open: &[u32]) -> Reason {
    let mut least: Option<(i64, u32)> = None;
    for &shift in open {
        let most = least.map(|(lack, _)| lack);
        if let Some(lack) = shortage(solution, scratch, shift, visit, most) {
            least = Some((lack, shift));
        }
    }
    match least {
        Some((lack, shift)) => Reason::NoRoomLeft {
            shift: ShiftIdx(shift),
            short_by: Seconds(lack),
        },
        None => Reason::NoWayInRoutes,
    }
}
