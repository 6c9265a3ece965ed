//! A sound plan broken in every way the checker must notice, each with the code it must report.

use crate::town::{HOUR, UNIT, line, plan, shift, visit, window};
use doorstep_domain::measure::{Metres, MicroCost, Seconds};
use doorstep_plancheck::{Code, check};
use doorstep_planner::model::{
    Break, BreakTaken, Call, CrewsNeeded, GroupIdx, LeftOut, Pin, Plan, Problem, ProblemParts, Published, Reason,
    Route, ShiftIdx, Skills, Spacing, UNREACHABLE, VisitIdx, Window,
};

/// Ways to break a plan, or the problem under it, and what must be found.
type Mutation = (&'static str, fn(&mut ProblemParts, &mut Plan), Code);

/// Two crews on day 0, one on day 1, and a visit for each rule.
fn parts() -> ProblemParts {
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

fn route(plan: &mut Plan, visit: u32) -> (&mut Route, usize) {
    let holds = |route: &&mut Route| route.stops.iter().any(|call| call.visit.0 == visit);
    let route = plan.routes.iter_mut().find(holds).unwrap();
    let position = route.stops.iter().position(|call| call.visit.0 == visit).unwrap();
    (route, position)
}

fn call(plan: &mut Plan, visit: u32) -> &mut Call {
    let (route, position) = route(plan, visit);
    &mut route.stops[position]
}

fn reason(plan: &mut Plan, visit: u32) -> &mut Reason {
    &mut plan
        .left_out
        .iter_mut()
        .find(|left| left.visit.0 == visit)
        .unwrap()
        .reason
}

fn rest(plan: &mut Plan) -> &mut BreakTaken {
    plan.routes[0].rest.as_mut().unwrap()
}

/// Puts a copy of a call into the other route of day 0.
fn copy_to_other_crew(plan: &mut Plan, visit: u32) {
    let copy = *call(plan, visit);
    let here = route(plan, visit).0.shift;
    let other = plan
        .routes
        .iter_mut()
        .find(|route| route.shift != here && route.shift != ShiftIdx(1))
        .unwrap();
    other.stops.push(copy);
}

const TIMES: &[Mutation] = &[
    (
        "arrival later",
        |_, plan| call(plan, 0).arrive += Seconds(1),
        Code::WrongArrival,
    ),
    (
        "start later",
        |_, plan| call(plan, 0).start += Seconds(1),
        Code::WrongStart,
    ),
    ("end sooner", |_, plan| call(plan, 0).end -= Seconds(1), Code::WrongEnd),
    (
        "window opens later",
        |parts, plan| {
            let start = call(plan, 0).start;
            parts.visits[0].windows[0].start = start + Seconds(60);
        },
        Code::BeforeWindow,
    ),
    (
        "window closes sooner",
        |parts, plan| {
            let end = call(plan, 0).end;
            parts.visits[0].windows[0].end = end - Seconds(60);
        },
        Code::AfterWindow,
    ),
    (
        "window of another day",
        |_, plan| {
            let call = call(plan, 6);
            call.window = 1 - call.window;
        },
        Code::BeforeWindow,
    ),
    (
        "a window that is not there",
        |_, plan| call(plan, 0).window = 9,
        Code::UnknownWindow,
    ),
    (
        "departure sooner",
        |_, plan| plan.routes[0].depart -= Seconds(60),
        Code::WrongDeparture,
    ),
    (
        "departure before the shift",
        |_, plan| plan.routes[0].depart = Seconds(7 * HOUR),
        Code::LeavesEarly,
    ),
    (
        "return sooner",
        |_, plan| plan.routes[0].back -= Seconds(60),
        Code::WrongBack,
    ),
    (
        "return after the shift",
        |parts, plan| parts.shifts[0].end = plan.routes[0].back - Seconds(1),
        Code::BackLate,
    ),
    (
        "a time outside any day",
        |_, plan| call(plan, 0).end = Seconds::MAX,
        Code::TimeOutOfRange,
    ),
    (
        "work too long",
        |parts, plan| {
            parts.shifts[0].longest_work = plan.routes[0].work - Seconds(1);
        },
        Code::WorksTooLong,
    ),
    (
        "driving too long",
        |parts, plan| {
            parts.shifts[0].longest_driving = plan.routes[0].driving - Seconds(1);
        },
        Code::DrivesTooLong,
    ),
    (
        "break dropped",
        |_, plan| plan.routes[0].rest = None,
        Code::BreakMissing,
    ),
    (
        "break that is not due",
        |parts, _| parts.shifts[0].rest = None,
        Code::BreakNotDue,
    ),
    (
        "break sooner",
        |_, plan| rest(plan).start = Seconds(11 * HOUR),
        Code::BreakMisplaced,
    ),
    (
        "break shorter",
        |_, plan| rest(plan).end -= Seconds(60),
        Code::BreakMisplaced,
    ),
    (
        "break after calls that are not there",
        |_, plan| rest(plan).after_calls = 99,
        Code::BreakMisplaced,
    ),
];

const SUMS: &[Mutation] = &[
    (
        "driving",
        |_, plan| plan.routes[0].driving += Seconds(1),
        Code::WrongDriving,
    ),
    (
        "metres",
        |_, plan| plan.routes[0].metres += Metres(1),
        Code::WrongMetres,
    ),
    (
        "forged metres",
        |_, plan| plan.routes[0].metres = Metres::MAX,
        Code::WrongMetres,
    ),
    ("work", |_, plan| plan.routes[0].work -= Seconds(1), Code::WrongWork),
    (
        "waiting",
        |_, plan| plan.routes[0].waiting += Seconds(1),
        Code::WrongWaiting,
    ),
    ("cost", |_, plan| plan.routes[0].cost -= MicroCost(1), Code::WrongCost),
    (
        "value",
        |_, plan| plan.objective.value += MicroCost(1),
        Code::WrongValue,
    ),
    (
        "travel",
        |_, plan| plan.objective.travel -= MicroCost(1),
        Code::WrongTravel,
    ),
    ("time", |_, plan| plan.objective.time -= MicroCost(1), Code::WrongTime),
    (
        "change",
        |_, plan| plan.objective.change += MicroCost(1),
        Code::WrongChange,
    ),
    (
        "price of a change not paid",
        |parts, _| {
            parts.visits[11].published = Some(Published {
                shift: ShiftIdx(1),
                window: 0,
            });
        },
        Code::WrongChange,
    ),
];

const ORDER: &[Mutation] = &[
    (
        "a stop dropped",
        |_, plan| {
            let (route, at) = route(plan, 3);
            route.stops.remove(at);
        },
        Code::NotAccounted,
    ),
    (
        "a stop dropped, the next one arrives too late",
        |_, plan| {
            plan.routes[0].stops.remove(1);
        },
        Code::WrongArrival,
    ),
    (
        "a visit twice in one route",
        |_, plan| {
            let (route, at) = route(plan, 3);
            route.stops.insert(at, route.stops[at]);
        },
        Code::ServedTwice,
    ),
    (
        "a visit in two routes",
        |_, plan| copy_to_other_crew(plan, 3),
        Code::ServedTwice,
    ),
    (
        "two stops in the other order",
        |_, plan| plan.routes[0].stops.swap(0, 1),
        Code::WrongArrival,
    ),
    (
        "a visit planned and left out",
        |_, plan| {
            plan.left_out.insert(
                0,
                LeftOut {
                    visit: VisitIdx(0),
                    reason: Reason::NoWindow,
                },
            );
        },
        Code::ServedAndLeftOut,
    ),
    (
        "a visit left out twice",
        |_, plan| plan.left_out.insert(0, plan.left_out[0]),
        Code::ServedAndLeftOut,
    ),
    (
        "a left-out visit forgotten",
        |_, plan| {
            plan.left_out.remove(0);
        },
        Code::NotAccounted,
    ),
    (
        "routes in another order",
        |_, plan| plan.routes.swap(0, 1),
        Code::OutOfOrder,
    ),
    (
        "a shift twice",
        |_, plan| plan.routes.insert(0, plan.routes[0].clone()),
        Code::OutOfOrder,
    ),
    (
        "left-out visits in another order",
        |_, plan| plan.left_out.swap(0, 1),
        Code::OutOfOrder,
    ),
    (
        "an empty route",
        |_, plan| plan.routes[0].stops.clear(),
        Code::EmptyRoute,
    ),
    (
        "a shift that is not there",
        |_, plan| plan.routes[0].shift = ShiftIdx(9),
        Code::UnknownShift,
    ),
    (
        "a visit that is not there",
        |_, plan| call(plan, 0).visit = VisitIdx(99),
        Code::UnknownVisit,
    ),
    (
        "a reason about a visit that is not there",
        |_, plan| {
            *reason(plan, 8) = Reason::GroupServed { by: VisitIdx(99) };
        },
        Code::UnknownVisit,
    ),
];

const RULES: &[Mutation] = &[
    (
        "a skill missing",
        |parts, _| {
            parts.visits[2].skills = Skills(0b111);
        },
        Code::SkillMissing,
    ),
    (
        "an arc that cannot be travelled",
        |parts, plan| {
            let [from, to] =
                [0, 1].map(|at| parts.doors[parts.visits[plan.routes[0].stops[at].visit.get()].door.get()].place);
            let same = from == to;
            parts.matrices[0] = crate::town::matrix(6, |row, column| {
                let is_cut = if same {
                    row == 0 && column == to.get()
                } else {
                    row == from.get() && column == to.get()
                };
                let apart = row.abs_diff(column) as u32;
                if is_cut {
                    (UNREACHABLE, UNREACHABLE)
                } else {
                    (600 * apart, 5_000 * apart)
                }
            });
        },
        Code::NoWay,
    ),
    (
        "two of a group",
        |parts, _| {
            for visit in [0, 3] {
                parts.visits[visit].group = Some(GroupIdx(0));
            }
        },
        Code::GroupTwice,
    ),
    (
        "too few days apart",
        |parts, _| parts.spacings[0].days_apart_min = 2,
        Code::SpacingBroken,
    ),
    (
        "a pinned shift changed",
        |parts, _| parts.visits[10].pin.as_mut().unwrap().shift = ShiftIdx(0),
        Code::PinMoved,
    ),
    (
        "a pinned start changed",
        |parts, _| {
            parts.visits[10].pin.as_mut().unwrap().start = Some(Seconds(9 * HOUR + 60));
        },
        Code::PinMoved,
    ),
    (
        "a pinned position changed",
        |parts, plan| {
            let second = plan.routes.last().unwrap().stops[1].visit;
            parts.visits[10].pin.as_mut().unwrap().position = None;
            parts.visits[second.get()].pin = Some(Pin {
                shift: ShiftIdx(2),
                start: None,
                position: Some(0),
            });
        },
        Code::PinMoved,
    ),
    (
        "a pinned visit left out",
        |_, plan| {
            let (route, at) = route(plan, 10);
            route.stops.remove(at);
        },
        Code::PinLeftOut,
    ),
    (
        "a mandatory visit left out",
        |_, plan| {
            let (route, at) = route(plan, 0);
            route.stops.remove(at);
        },
        Code::MandatoryLeftOut,
    ),
    (
        "one crew where two are needed",
        |parts, _| parts.visits[3].crews_needed = CrewsNeeded::Two,
        Code::SecondCrewMissing,
    ),
    (
        "two crews that do not start together",
        |parts, plan| {
            parts.visits[3].crews_needed = CrewsNeeded::Two;
            copy_to_other_crew(plan, 3);
            call(plan, 3).start += Seconds(1);
        },
        Code::CrewsApart,
    ),
];

const REASONS: &[Mutation] = &[
    (
        "no window, though it has one",
        |_, plan| *reason(plan, 12) = Reason::NoWindow,
        Code::FalseReason,
    ),
    (
        "no shift, though there is one",
        |_, plan| *reason(plan, 12) = Reason::NoShiftOnDay,
        Code::FalseReason,
    ),
    (
        "a skill that is not missing",
        |_, plan| {
            *reason(plan, 12) = Reason::MissingSkill { mask: Skills(0b100) };
        },
        Code::FalseReason,
    ),
    (
        "narrow, though it is not",
        |_, plan| *reason(plan, 12) = Reason::WindowsTooNarrow,
        Code::FalseReason,
    ),
    (
        "unreachable, though it is not",
        |_, plan| *reason(plan, 12) = Reason::Unreachable,
        Code::FalseReason,
    ),
    (
        "too far, though it is not",
        |_, plan| *reason(plan, 12) = Reason::TooFarForShift,
        Code::FalseReason,
    ),
    (
        "no way in the routes, though there is",
        |_, plan| *reason(plan, 12) = Reason::NoWayInRoutes,
        Code::FalseReason,
    ),
    (
        "pinned, though it is not",
        |_, plan| *reason(plan, 12) = Reason::PinImpossible,
        Code::FalseReason,
    ),
    (
        "no room, though it fits",
        |_, plan| {
            *reason(plan, 12) = Reason::NoRoomLeft {
                shift: ShiftIdx(0),
                short_by: Seconds(60),
            };
        },
        Code::FalseReason,
    ),
    (
        "a second crew, though it needs none",
        |_, plan| *reason(plan, 12) = Reason::NeedsSecondCrew,
        Code::FalseReason,
    ),
    (
        "spaced, though it is not",
        |_, plan| {
            *reason(plan, 12) = Reason::SpacingConflict { with: VisitIdx(0) };
        },
        Code::FalseReason,
    ),
    (
        "another cost",
        |_, plan| match reason(plan, 12) {
            Reason::NotWorthIt { cost, .. } => *cost += MicroCost(1),
            other => panic!("{other:?}"),
        },
        Code::FalseReason,
    ),
    (
        "another value",
        |_, plan| match reason(plan, 12) {
            Reason::NotWorthIt { value, .. } => *value -= MicroCost(1),
            other => panic!("{other:?}"),
        },
        Code::FalseReason,
    ),
    (
        "worth it after all",
        |parts, _| parts.visits[12].windows[0].value = MicroCost(100 * UNIT),
        Code::FalseReason,
    ),
    (
        "served by one of another group",
        |_, plan| {
            let group = plan
                .left_out
                .iter_mut()
                .find(|left| matches!(left.reason, Reason::GroupServed { .. }))
                .unwrap();
            group.reason = Reason::GroupServed { by: VisitIdx(0) };
        },
        Code::FalseReason,
    ),
    (
        "another shortage",
        |_, plan| {
            let full = plan.left_out.iter_mut().find_map(|left| match &mut left.reason {
                Reason::NoRoomLeft { short_by, .. } => Some(short_by),
                _ => None,
            });
            *full.unwrap() -= Seconds(1);
        },
        Code::FalseReason,
    ),
    (
        "a needed second crew kept secret",
        |_, plan| *reason(plan, 9) = Reason::NoWindow,
        Code::FalseReason,
    ),
];

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
