//! One crew, three doors, worked out by hand.

use crate::town::{HOUR, UNIT, bare, matrix, names, shift, stakes, visit};
use doorstep_domain::measure::{Metres, MicroCost, Seconds};
use doorstep_planner::model::{Break, BreakTaken, Call, Matrix, Problem, Route, Shift, ShiftIdx, VisitIdx};
use doorstep_planner::replay::{
    Assumptions, DayLuck, Fate, Luck, PPM, Script, ScriptError, ShiftLuck, Spread, Stake, VisitLuck,
};

/// Places on a line, ten minutes apart; home is the first.
fn line(places: usize) -> Matrix {
    matrix(places, |from, to| {
        let apart = from.abs_diff(to) as u32;
        (600 * apart, 1_000 * apart)
    })
}

/// A visit at 9, one at 10, one at 11, half an hour each, with windows of an hour; the crew leaves at 8:50.
fn three(shift: Shift) -> Problem {
    let mut parts = bare(4);
    parts.matrices = vec![line(4)];
    parts.shifts = vec![shift];
    parts.visits = (0..3)
        .map(|at| visit(at + 1, ((9 + i64::from(at)) * HOUR, (10 + i64::from(at)) * HOUR), 20))
        .collect();
    Problem::new(parts).unwrap()
}

/// Luck in the middle of everything.
fn middling(visits: usize) -> Luck {
    let middle = 1 << 31;
    let visit = VisitLuck {
        met: 0,
        spent: middle,
        way: middle,
    };
    Luck {
        visits: vec![visit; visits],
        shifts: vec![ShiftLuck {
            start: middle,
            home: middle,
        }],
        days: vec![DayLuck { roads: middle }],
    }
}

/// The plan of the three: it leaves at 8:50, starts at these seconds, and is back at 12:00.
fn planned(starts: [i64; 3], rest: Option<BreakTaken>) -> Vec<Route> {
    let call = |(visit, start): (u32, i64)| Call {
        visit: VisitIdx(visit),
        arrive: Seconds(start),
        start: Seconds(start),
        end: Seconds(start + HOUR / 2),
        window: 0,
    };
    vec![Route {
        shift: ShiftIdx(0),
        stops: (0..).zip(starts).map(call).collect(),
        rest,
        depart: Seconds(9 * HOUR - 600),
        back: Seconds(12 * HOUR),
        driving: Seconds(3_600),
        metres: Metres(6_000),
        work: Seconds(3 * HOUR + 600),
        waiting: Seconds(2_400),
        cost: MicroCost::ZERO,
    }]
}

fn on_the_hour() -> Vec<Route> {
    planned([9 * HOUR, 10 * HOUR, 11 * HOUR], None)
}

fn made(start: i64) -> Fate {
    Fate::Made { start, met: true }
}

#[test]
fn a_slow_day_by_hand() {
    let (problem, routes) = (three(shift()), on_the_hour());
    let script = Script::new(&problem, &routes, stakes(&problem, |_| PPM), names(&problem)).unwrap();
    let mut assumptions = Assumptions::exact();
    // Ways of ten minutes take fifteen, visits of half an hour 36 minutes, and the crew leaves ten minutes late.
    assumptions.roads = Spread::always(1_500);
    assumptions.service = Spread::always(1_200);
    assumptions.late_start = Spread::always(600);
    let end = script.replay(&assumptions, &middling(3)).remove(0);
    // Off at 9:00, there at 9:15, done at 9:51; there at 10:06, done at 10:42; on time at 11:00, done at 11:36. Home is half an
    // hour away and takes 45 minutes: 12:21.
    let half = 60 * 60 / 2;
    assert_eq!(
        end.fates,
        [made(9 * HOUR + half / 2), made(10 * HOUR + 360), made(11 * HOUR)]
    );
    assert_eq!((end.back, end.overtime, end.value), (12 * HOUR + 21 * 60, 0, 60 * UNIT));
    // From 9:00 to 12:21 are 12,060 seconds at 100 each.
    assert_eq!(end.total, 60 * UNIT - 1_206_000);
}

#[test]
fn rules_win_over_visits_by_hand() {
    let (problem, routes) = (three(shift()), on_the_hour());
    let script = Script::new(&problem, &routes, stakes(&problem, |_| PPM / 2), names(&problem)).unwrap();
    let mut assumptions = Assumptions::exact();
    assumptions.service = Spread::always(2_500);
    assumptions.nobody = Spread::always(240);
    let mut luck = middling(3);
    luck.visits[1].met = u32::MAX;
    let end = script.replay(&assumptions, &luck).remove(0);
    // The first would last 75 minutes and is broken off at 10:00, when its hours end. There at 10:10; nobody opens, four
    // minutes; on time at 11:00, broken off at 12:00; home at 12:30.
    let nobody = Fate::Made {
        start: 10 * HOUR + 600,
        met: false,
    };
    assert_eq!(end.fates, [made(9 * HOUR), nobody, made(11 * HOUR)]);
    assert_eq!((end.back, end.value), (12 * HOUR + 1_800, 80 * UNIT));
    // An hour late, the first cannot be made within its hours: it falls out before the crew goes there. It goes straight to
    // the second, twenty minutes, and is there at 10:10.
    assumptions.late_start = Spread::always(3_600);
    let end = script.replay(&assumptions, &middling(3)).remove(0);
    assert_eq!(end.fates, [Fate::FellOut, made(10 * HOUR + 600), made(11 * HOUR + 600)]);
    // Twenty-five minutes late, it falls out at the door: roads are slow, and it is 9:35 when the crew is there. The second is as far
    // away as planned.
    assumptions.late_start = Spread::always(1_500);
    assumptions.roads = Spread::always(2_000);
    assumptions.service = Spread::always(1_000);
    let end = script.replay(&assumptions, &middling(3)).remove(0);
    assert_eq!(end.fates, [Fate::FellOut, made(10 * HOUR), made(11 * HOUR)]);
}

#[test]
fn nobody_is_visited_before_the_hours_they_were_told_by_hand() {
    let mut parts = three(shift()).into_parts();
    // The second may be visited all morning; it is planned for 9:40.
    parts.visits[1].windows[0].start = Seconds(8 * HOUR);
    let problem = Problem::new(parts).unwrap();
    let routes = planned([9 * HOUR, 9 * HOUR + 2_400, 11 * HOUR], None);
    let script = Script::new(&problem, &routes, stakes(&problem, |_| 1), names(&problem)).unwrap();
    let mut assumptions = Assumptions::exact();
    let mut luck = middling(3);
    luck.visits[0].met = u32::MAX;
    for (told, start) in [(3_600, 9 * HOUR + 600), (600, 9 * HOUR + 1_800), (0, 9 * HOUR + 2_400)] {
        assumptions.told = Seconds(told);
        let end = script.replay(&assumptions, &luck).remove(0);
        assert_eq!(end.fates[1], made(start), "{told}");
    }
}

#[test]
fn who_must_be_home_goes_home_by_hand() {
    // The shift ends at 12:05, five minutes after the plan does.
    let problem = three(Shift {
        end: Seconds(12 * HOUR + 300),
        ..shift()
    });
    let routes = on_the_hour();
    let script = Script::new(&problem, &routes, stakes(&problem, |_| PPM), names(&problem)).unwrap();
    let mut assumptions = Assumptions::exact();
    // At 10:39 the second is done, at 10:49 the crew is at the third; half an hour and the way home end at 12:00.
    assumptions.service = Spread::always(1_300);
    let end = script.replay(&assumptions, &middling(3)).remove(0);
    // The third overruns by nine minutes: home at 12:09, four minutes of overtime.
    assert_eq!((end.back, end.overtime), (12 * HOUR + 540, 240));
    // Ten minutes later at the door of the third, it would be too late to begin.
    assumptions.service = Spread::always(1_000);
    assumptions.way = Spread::new(vec![(0, 1_000), (PPM, 5_000)]).unwrap();
    let mut luck = middling(3);
    luck.visits[0].way = 0;
    luck.visits[1].way = 0;
    luck.visits[2].way = u32::MAX;
    luck.shifts[0].home = 0;
    let end = script.replay(&assumptions, &luck).remove(0);
    // Off at 10:30, ten minutes take fifty: 11:20, done at 11:50, home at 12:20 by planned times. It turns back.
    assert_eq!(end.fates, [made(9 * HOUR), made(10 * HOUR), Fate::FellOut]);
    assert_eq!((end.back, end.overtime), (11 * HOUR + 3_000, 0));
}

#[test]
fn a_break_is_taken_where_it_is_due_by_hand() {
    let rest = Break {
        earliest: Seconds(10 * HOUR + 1_800),
        latest: Seconds(11 * HOUR),
        length: Seconds(1_200),
    };
    let problem = three(Shift {
        rest: Some(rest),
        ..shift()
    });
    let taken = BreakTaken {
        after_calls: 2,
        start: rest.earliest,
        end: rest.earliest + rest.length,
    };
    let routes = planned([9 * HOUR, 10 * HOUR, 11 * HOUR], Some(taken));
    let script = Script::new(&problem, &routes, stakes(&problem, |_| PPM), names(&problem)).unwrap();
    let mut assumptions = Assumptions::exact();
    let end = script.replay(&assumptions, &middling(3)).remove(0);
    assert_eq!(end.fates[2], made(11 * HOUR));
    // Forty minutes for each visit: the second ends at 10:40, the break at 11:00, the way at 11:10.
    assumptions.service = Spread::always(4_000 / 3);
    let end = script.replay(&assumptions, &middling(3)).remove(0);
    assert_eq!(end.fates[2], made(11 * HOUR + 599));
}

#[test]
fn what_is_worth_nothing_gives_nothing() {
    assert_eq!(
        Stake::of_mean(MicroCost(30 * UNIT), 250_000),
        Stake {
            chance: 250_000,
            met: MicroCost(120 * UNIT),
            missed: MicroCost::ZERO
        }
    );
    let harm = Stake::of_mean(MicroCost(-5), 0);
    assert_eq!((harm.chance, harm.met, harm.missed), (1, MicroCost(-5), MicroCost(-5)));
}

#[test]
fn a_script_that_does_not_fit_is_refused() {
    let (problem, routes) = (three(shift()), on_the_hour());
    let refused = |change: &dyn Fn(&mut Route), stakes_of: Vec<Vec<Stake>>| {
        let mut routes = routes.clone();
        change(&mut routes[0]);
        Script::new(&problem, &routes, stakes_of, names(&problem)).err()
    };
    let fine = || stakes(&problem, |_| PPM);
    let unknown = Some(ScriptError::NoSuchEntry { route: 0 });
    assert_eq!(refused(&|_| {}, fine()), None);
    assert_eq!(refused(&|route| route.shift.0 = 1, fine()), unknown);
    assert_eq!(refused(&|route| route.stops[0].visit.0 = 3, fine()), unknown);
    assert_eq!(refused(&|route| route.stops[0].window = 1, fine()), unknown);
    let twice = |route: &mut Route| route.stops[0] = route.stops[1];
    assert_eq!(refused(&twice, fine()), Some(ScriptError::NamedTwice { route: 0 }));
    let size = |what, found, expected| Some(ScriptError::WrongSize { what, found, expected });
    assert_eq!(refused(&|_| {}, Vec::new()), size("stakes", 0, 3));
    assert_eq!(refused(&|_| {}, vec![Vec::new(); 3]), size("stakes of a visit", 0, 1));
}
