//! A sound plan broken in every way the checker must notice, each with the code it must report.

use crate::broken_routes::{SUMS, TIMES};
use crate::broken_wholes::{ORDER, REASONS, RULES};
use crate::town::{HOUR, UNIT, line, plan, shift, visit, window};
use doorstep_domain::measure::{MicroCost, Seconds};
use doorstep_plancheck::{Code, check};
use doorstep_planner::model::{
    Break, BreakTaken, Call, CrewsNeeded, GroupIdx, Pin, Plan, Problem, ProblemParts, Published, Reason, Route,
    ShiftIdx, Skills, Spacing, VisitIdx, Window,
};

/// Ways to break a plan, or the problem under it, and what must be found.
pub(crate) type Mutation = (&'static str, fn(&mut ProblemParts, &mut Plan), Code);

/// Two crews on day 0, one on day 1, and a visit for each rule.
pub(crate) fn parts() -> ProblemParts {
    let mut parts = line(6);
    parts.shifts = vec![shift(0, 0), shift(0, 1), shift(1, 0)];
    let noon = Break {
        earliest: Seconds(12 * HOUR),
        latest: Seconds(13 * HOUR),
        length: Seconds(HOUR / 2),
    };
    parts.shifts[0].rest = Some(noon);
    let both_days = || vec![window(0, 9, 17), window(1, 9, 17)];
    let at_ten = Window {
        start: Seconds(10 * HOUR),
        end: Seconds(10 * HOUR + HOUR / 2),
        value: MicroCost(90 * UNIT),
    };
    let mut visits: Vec<_> = [1, 2, 3, 3, 4, 4, 5, 5, 1, 2, 2, 1, 5, 1, 3, 5]
        .map(|door| visit(door, 8, 18))
        .to_vec();
    visits[0].mandatory = true;
    visits[0].windows = vec![window(0, 8, 10)];
    for noon in [0, 1] {
        visits[noon].pin = Some(Pin {
            shift: ShiftIdx(0),
            start: None,
            position: None,
        });
    }
    visits[1].windows = vec![window(0, 14, 17)];
    visits[2].skills = Skills(0b01);
    for member in [4, 5] {
        visits[member].windows = both_days();
        visits[member].group = Some(GroupIdx(0));
    }
    for spaced in [6, 7] {
        visits[spaced].windows = both_days();
    }
    visits[8].windows.clear();
    visits[9].crews_needed = CrewsNeeded::Two;
    visits[10].pin = Some(Pin {
        shift: ShiftIdx(2),
        start: Some(Seconds(9 * HOUR)),
        position: Some(0),
    });
    visits[11].published = Some(Published {
        shift: ShiftIdx(0),
        window: 0,
    });
    visits[11].change_price = MicroCost(50 * UNIT);
    visits[12].windows[0].value = MicroCost(-UNIT / 10);
    for rival in [13, 14, 15] {
        visits[rival].windows = vec![at_ten];
    }
    parts.visits = visits;
    parts.groups = 1;
    parts.spacings = vec![Spacing {
        visits: vec![VisitIdx(6), VisitIdx(7)],
        days_apart_min: 1,
    }];
    parts
}

pub(crate) fn route_of(plan: &mut Plan, visit: u32) -> (&mut Route, usize) {
    let holds = |route: &&mut Route| route.stops.iter().any(|call| call.visit.0 == visit);
    let route = plan.routes.iter_mut().find(holds).unwrap();
    let position = route.stops.iter().position(|call| call.visit.0 == visit).unwrap();
    (route, position)
}

pub(crate) fn call_of(plan: &mut Plan, visit: u32) -> &mut Call {
    let (route, position) = route_of(plan, visit);
    &mut route.stops[position]
}

pub(crate) fn reason_of(plan: &mut Plan, visit: u32) -> &mut Reason {
    &mut plan
        .left_out
        .iter_mut()
        .find(|left| left.visit.0 == visit)
        .unwrap()
        .reason
}

pub(crate) fn rest_of(plan: &mut Plan) -> &mut BreakTaken {
    plan.routes[0].rest.as_mut().unwrap()
}

/// Puts a copy of a call into the other route of day 0.
pub(crate) fn copy_to_other_crew(plan: &mut Plan, visit: u32) {
    let copy = *call_of(plan, visit);
    let here = route_of(plan, visit).0.shift;
    let other = plan
        .routes
        .iter_mut()
        .find(|route| route.shift != here && route.shift != ShiftIdx(1))
        .unwrap();
    other.stops.push(copy);
}

#[test]
fn every_way_to_break_a_plan_is_noticed() {
    let problem = Problem::new(parts()).unwrap();
    let sound = plan(&problem, 1, 2_000);
    assert_eq!(check(&problem, &sound), vec![], "{sound:#?}");
    let kinds = |wanted: fn(&Reason) -> bool| sound.left_out.iter().filter(|left| wanted(&left.reason)).count();
    assert_eq!(
        kinds(|reason| matches!(reason, Reason::NoRoomLeft { .. })),
        1,
        "{:#?}",
        sound.left_out
    );
    assert_eq!(
        kinds(|reason| matches!(reason, Reason::NotWorthIt { .. })),
        1,
        "{:#?}",
        sound.left_out
    );
    for &(name, mutate, code) in [TIMES, SUMS, ORDER, RULES, REASONS].into_iter().flatten() {
        let (mut parts, mut plan) = (parts(), sound.clone());
        mutate(&mut parts, &mut plan);
        let findings = check(&Problem::new(parts).unwrap(), &plan);
        assert!(
            findings.iter().any(|finding| finding.code == code),
            "{name}: {code:?} not in {findings:#?}"
        );
    }
}

#[test]
fn two_crews_who_start_together_are_accepted() {
    let mut parts = line(3);
    parts.shifts = vec![shift(0, 0), shift(1, 0)];
    parts.visits = vec![visit(2, 9, 18), visit(2, 9, 18)];
    for (index, visit) in parts.visits.iter_mut().enumerate() {
        visit.pin = Some(Pin {
            shift: ShiftIdx(index as u32),
            start: Some(Seconds(11 * HOUR)),
            position: None,
        });
    }
    let mut both = plan(&Problem::new(parts.clone()).unwrap(), 1, 10);
    parts.visits.pop();
    parts.visits[0].pin = None;
    parts.visits[0].crews_needed = CrewsNeeded::Two;
    both.routes[1].stops[0].visit = VisitIdx(0);
    both.objective.value = parts.visits[0].windows[0].value;
    assert_eq!(check(&Problem::new(parts).unwrap(), &both), vec![]);
}
