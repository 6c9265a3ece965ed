//! Ways to break the times and sums of a plan.

use crate::mutations::{Mutation, call_of, rest_of};
use crate::town::HOUR;
use doorstep_domain::measure::{Metres, MicroCost, Seconds};
use doorstep_plancheck::Code;
use doorstep_planner::model::{Published, ShiftIdx};

pub(crate) const TIMES: &[Mutation] = &[
    (
        "arrival later",
        |_, plan| call_of(plan, 0).arrive += Seconds(1),
        Code::WrongArrival,
    ),
    (
        "start later",
        |_, plan| call_of(plan, 0).start += Seconds(1),
        Code::WrongStart,
    ),
    (
        "end sooner",
        |_, plan| call_of(plan, 0).end -= Seconds(1),
        Code::WrongEnd,
    ),
    (
        "window opens later",
        |parts, plan| {
            let start = call_of(plan, 0).start;
            parts.visits[0].windows[0].start = start + Seconds(60);
        },
        Code::BeforeWindow,
    ),
    (
        "window closes sooner",
        |parts, plan| {
            let end = call_of(plan, 0).end;
            parts.visits[0].windows[0].end = end - Seconds(60);
        },
        Code::AfterWindow,
    ),
    (
        "window of another day",
        |_, plan| {
            let call = call_of(plan, 6);
            call.window = 1 - call.window;
        },
        Code::BeforeWindow,
    ),
    (
        "a window that is not there",
        |_, plan| call_of(plan, 0).window = 9,
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
        |_, plan| call_of(plan, 0).end = Seconds::MAX,
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
        |_, plan| rest_of(plan).start = Seconds(11 * HOUR),
        Code::BreakMisplaced,
    ),
    (
        "break shorter",
        |_, plan| rest_of(plan).end -= Seconds(60),
        Code::BreakMisplaced,
    ),
    (
        "break after calls that are not there",
        |_, plan| rest_of(plan).after_calls = 99,
        Code::BreakMisplaced,
    ),
];

pub(crate) const SUMS: &[Mutation] = &[
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
