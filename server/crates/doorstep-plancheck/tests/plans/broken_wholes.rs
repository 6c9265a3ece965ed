//! Ways to break the order, the rules and the reasons of a plan.

use crate::mutations::{Mutation, call_of, copy_to_other_crew, reason_of, route_of};
use crate::town::{HOUR, UNIT};
use doorstep_domain::measure::{MicroCost, Seconds};
use doorstep_plancheck::Code;
use doorstep_planner::model::{CrewsNeeded, GroupIdx, LeftOut, Pin, Reason, ShiftIdx, Skills, UNREACHABLE, VisitIdx};

pub(crate) const ORDER: &[Mutation] = &[
    (
        "a stop dropped",
        |_, plan| {
            let (route, at) = route_of(plan, 3);
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
            let (route, at) = route_of(plan, 3);
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
        |_, plan| call_of(plan, 0).visit = VisitIdx(99),
        Code::UnknownVisit,
    ),
    (
        "a reason about a visit that is not there",
        |_, plan| {
            *reason_of(plan, 8) = Reason::GroupServed { by: VisitIdx(99) };
        },
        Code::UnknownVisit,
    ),
];

pub(crate) const RULES: &[Mutation] = &[
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
            let (route, at) = route_of(plan, 10);
            route.stops.remove(at);
        },
        Code::PinLeftOut,
    ),
    (
        "a mandatory visit left out",
        |_, plan| {
            let (route, at) = route_of(plan, 0);
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
            call_of(plan, 3).start += Seconds(1);
        },
        Code::CrewsApart,
    ),
];

pub(crate) const REASONS: &[Mutation] = &[
    (
        "no window, though it has one",
        |_, plan| *reason_of(plan, 12) = Reason::NoWindow,
        Code::FalseReason,
    ),
    (
        "no shift, though there is one",
        |_, plan| *reason_of(plan, 12) = Reason::NoShiftOnDay,
        Code::FalseReason,
    ),
    (
        "a skill that is not missing",
        |_, plan| {
            *reason_of(plan, 12) = Reason::MissingSkill { mask: Skills(0b100) };
        },
        Code::FalseReason,
    ),
    (
        "narrow, though it is not",
        |_, plan| *reason_of(plan, 12) = Reason::WindowsTooNarrow,
        Code::FalseReason,
    ),
    (
        "unreachable, though it is not",
        |_, plan| *reason_of(plan, 12) = Reason::Unreachable,
        Code::FalseReason,
    ),
    (
        "too far, though it is not",
        |_, plan| *reason_of(plan, 12) = Reason::TooFarForShift,
        Code::FalseReason,
    ),
    (
        "no way in the routes, though there is",
        |_, plan| *reason_of(plan, 12) = Reason::NoWayInRoutes,
        Code::FalseReason,
    ),
    (
        "pinned, though it is not",
        |_, plan| *reason_of(plan, 12) = Reason::PinImpossible,
        Code::FalseReason,
    ),
    (
        "no room, though it fits",
        |_, plan| {
            *reason_of(plan, 12) = Reason::NoRoomLeft {
                shift: ShiftIdx(0),
                short_by: Seconds(60),
            };
        },
        Code::FalseReason,
    ),
    (
        "a second crew, though it needs none",
        |_, plan| *reason_of(plan, 12) = Reason::NeedsSecondCrew,
        Code::FalseReason,
    ),
    (
        "spaced, though it is not",
        |_, plan| {
            *reason_of(plan, 12) = Reason::SpacingConflict { with: VisitIdx(0) };
        },
        Code::FalseReason,
    ),
    (
        "another cost",
        |_, plan| match reason_of(plan, 12) {
            Reason::NotWorthIt { cost, .. } => *cost += MicroCost(1),
            other => panic!("{other:?}"),
        },
        Code::FalseReason,
    ),
    (
        "another value",
        |_, plan| match reason_of(plan, 12) {
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
        |_, plan| *reason_of(plan, 9) = Reason::NoWindow,
        Code::FalseReason,
    ),
];
