//! Whether the reason of each left-out visit holds, and no earlier one does.

use crate::day::{day, due};
use crate::finding::{Code, Finding};
use crate::fits::{Prepared, Tally, prepare};
use crate::way::{Point, between};
use crate::whole::{Calls, calls};
use doorstep_planner::model::{CrewsNeeded, Plan, Problem, Reason, Shift, ShiftIdx, Skills, Visit, VisitIdx};

pub(crate) fn check(problem: &Problem, plan: &Plan, findings: &mut Vec<Finding>) {
    let prepared = prepare(problem, plan);
    let calls = calls(problem, plan);
    let (spaced, served) = (spaced(problem), served(problem, &calls));
    for left in &plan.left_out {
        let spaced = &spaced[left.visit.get()];
        let case = Case {
            problem,
            calls: &calls,
            prepared: &prepared,
            spaced,
            served: &served,
            visit: left.visit,
        };
        if !case.holds(left.reason) {
            findings.push(Finding::new(Code::FalseReason).visit(left.visit));
        }
    }
}

struct Case<'a> {
    problem: &'a Problem,
    calls: &'a Calls<'a>,
    prepared: &'a [Prepared<'a>],
    /// The other visits of the visit's spacings, with the days they must be apart.
    spaced: &'a [(VisitIdx, u16)],
    /// The planned visit of each group.
    served: &'a [Option<VisitIdx>],
    visit: VisitIdx,
}

/// For each visit, the other visits of its spacings.
fn spaced(problem: &Problem) -> Vec<Vec<(VisitIdx, u16)>> {
    let mut spaced = vec![Vec::new(); problem.visits().len()];
    for spacing in problem.spacings() {
        for &visit in &spacing.visits {
            let others = spacing.visits.iter().filter(|other| **other != visit);
            spaced[visit.get()].extend(others.map(|&other| (other, spacing.days_apart_min)));
        }
    }
    spaced
}

/// The planned visit of each group.
fn served(problem: &Problem, calls: &Calls) -> Vec<Option<VisitIdx>> {
    let mut served = vec![None; problem.groups()];
    for (index, (visit, calls)) in problem.visits().iter().zip(calls).enumerate() {
        if let (Some(group), false) = (visit.group, calls.is_empty()) {
            served[group.get()] = Some(VisitIdx(index as u32));
        }
    }
    served
}

impl Case<'_> {
    fn details(&self) -> &Visit {
        self.problem.visit(self.visit)
    }

    /// Goes through the conditions in order; the first that is true must be the reason given.
    fn holds(&self, reason: Reason) -> bool {
        if reason == Reason::Stopped {
            // It claims nothing.
            return true;
        }
        let details = self.details();
        if details.crews_needed == CrewsNeeded::Two {
            return reason == Reason::NeedsSecondCrew;
        }
        if details.windows.is_empty() {
            return reason == Reason::NoWindow;
        }
        let on_day = self.shifts(|shift| self.windows_in(shift).next().is_some());
        if on_day.is_empty() {
            return reason == Reason::NoShiftOnDay;
        }
        let missing = |shift: &ShiftIdx| details.skills.missing_from(self.problem.shift(*shift).skills);
        let fewest = on_day.iter().map(|shift| missing(shift).count()).min().unwrap_or(0);
        if fewest > 0 {
            let is_lacked = |mask: Skills| mask.count() == fewest && on_day.iter().any(|shift| missing(shift) == mask);
            return matches!(reason, Reason::MissingSkill { mask } if is_lacked(mask));
        }
        let skilled: Vec<ShiftIdx> = on_day.into_iter().filter(|shift| missing(shift).is_empty()).collect();
        self.holds_for_skilled(&skilled, reason)
    }

    fn holds_for_skilled(&self, skilled: &[ShiftIdx], reason: Reason) -> bool {
        let wide: Vec<ShiftIdx> = skilled.iter().copied().filter(|&shift| self.has_room(shift)).collect();
        if wide.is_empty() {
            return reason == Reason::WindowsTooNarrow;
        }
        let near: Vec<ShiftIdx> = wide.into_iter().filter(|&shift| self.has_way(shift)).collect();
        if near.is_empty() {
            return reason == Reason::Unreachable;
        }
        let alone: Vec<ShiftIdx> = near.into_iter().filter(|&shift| self.fits_alone(shift)).collect();
        if alone.is_empty() {
            return reason == Reason::TooFarForShift;
        }
        if let Some(by) = self.details().group.and_then(|group| self.served[group.get()]) {
            return reason == Reason::GroupServed { by };
        }
        let open: Vec<ShiftIdx> = alone
            .iter()
            .copied()
            .filter(|&shift| self.too_near(shift).is_empty())
            .collect();
        if open.is_empty() {
            let names = |with| alone.iter().any(|&shift| self.too_near(shift).contains(&with));
            return matches!(reason, Reason::SpacingConflict { with } if names(with));
        }
        self.holds_in_routes(&open, reason)
    }

    fn holds_in_routes(&self, open: &[ShiftIdx], reason: Reason) -> bool {
        let mut tally = Tally::default();
        for shift in open {
            self.prepared[shift.get()].add_places(self.problem, self.visit, &mut tally);
        }
        let best = tally.prices.iter().map(|(value, cost)| value - cost).max();
        let must = self.details().mandatory || self.details().pin.is_some();
        match (reason, best) {
            (Reason::PinImpossible, None) => self.details().pin.is_some(),
            (_, None) if self.details().pin.is_some() => false,
            (Reason::NotWorthIt { value, cost }, Some(gain)) => {
                let stated = (value.get(), cost.get());
                !must && gain <= 0 && tally.prices.contains(&stated) && value.get() - cost.get() == gain
            }
            (Reason::NoRoomLeft { shift, short_by }, None) => tally
                .short
                .is_some_and(|(least, shifts)| least == short_by.get() && shifts.contains(&shift)),
            (Reason::NoWayInRoutes, None) => tally.short.is_none(),
            _ => false,
        }
    }

    /// Shifts that a pin leaves open and that pass a test.
    fn shifts(&self, test: impl Fn(&Shift) -> bool) -> Vec<ShiftIdx> {
        let pin = self.details().pin;
        let shifts = self.problem.shifts().iter().enumerate();
        let open = shifts.map(|(index, shift)| (ShiftIdx(index as u32), shift));
        let open = open.filter(|(index, _)| pin.is_none_or(|pin| pin.shift == *index));
        open.filter(|(_, shift)| test(shift)).map(|(index, _)| index).collect()
    }

    fn windows_in(&self, shift: &Shift) -> impl Iterator<Item = u16> {
        let (start, end) = (shift.start, shift.end);
        let windows = self.details().windows.iter().enumerate();
        windows
            .filter(move |(_, window)| window.start <= end && start <= window.end)
            .map(|(at, _)| at as u16)
    }

    fn has_room(&self, shift: ShiftIdx) -> bool {
        let service = self.details().service.get();
        let shift = self.problem.shift(shift);
        let mut dues = self
            .windows_in(shift)
            .filter_map(|window| due(self.problem, self.visit, window));
        dues.any(|due| due.earliest.max(shift.start.get()) <= due.latest.min(shift.end.get() - service))
    }

    fn has_way(&self, shift: ShiftIdx) -> bool {
        let shift = self.problem.shift(shift);
        let here = Point::Visit(self.visit);
        let out = between(self.problem, shift, Point::Start, here);
        out.is_some() && between(self.problem, shift, here, Point::End).is_some()
    }

    fn fits_alone(&self, shift: ShiftIdx) -> bool {
        let shift = self.problem.shift(shift);
        let mut dues = self
            .windows_in(shift)
            .filter_map(|window| due(self.problem, self.visit, window));
        dues.any(|due| day(self.problem, shift, &[due]).is_ok())
    }

    /// Planned visits that are too few days from the shift.
    fn too_near(&self, shift: ShiftIdx) -> Vec<VisitIdx> {
        let day = self.problem.shift(shift).day.0;
        let is_near = |&&(other, apart_min): &&(VisitIdx, u16)| {
            let mut days = self.calls[other.get()]
                .iter()
                .map(|(route, _, _)| self.problem.shift(route.shift).day.0);
            days.any(|other_day| other_day.abs_diff(day) < apart_min)
        };
        self.spaced.iter().filter(is_near).map(|&(other, _)| other).collect()
    }
}
