//! Ruin and recreate: strings of stops around one visit are taken out, then they and left-out visits nearby are put in
//! again where they gain most.

use super::dice::Dice;
use super::insertion::{Place, at_position, in_route, keep_better};
use super::route::{Route, Stop};
use super::solution::Solution;

/// Longest string taken out of one route.
const STRING_MAX: usize = 10;
/// Most strings of one ruin.
const STRINGS_MAX: usize = 4;
/// Most left-out visits nearby that are tried beside those taken out.
const OTHERS_MAX: usize = 16;
/// One position in so many is passed over at random, so that the same hole is not filled the same way.
const BLINK: usize = 64;
/// One visit in so many is tried in all routes instead of near its neighbours.
const WIDE: usize = 24;

/// Lists of one iteration, kept for reuse.
#[derive(Default)]
pub(super) struct Workbench {
    pub(super) scratch: Route,
    candidates: Vec<u32>,
    ruined: Vec<u32>,
    tried: Vec<(u32, usize)>,
}

/// One iteration. False where what was left of a route is not legal: the caller takes everything back.
pub(super) fn ruin_and_recreate(solution: &mut Solution, dice: &mut Dice, bench: &mut Workbench) -> bool {
    let seed = dice.below(solution.tables.problem.visits().len()) as u32;
    bench.candidates.clear();
    bench.ruined.clear();
    if !ruin(solution, dice, bench, seed) {
        return false;
    }
    gather(solution, bench, seed);
    order(solution, dice, &mut bench.candidates);
    let loose = dice.once_in(6);
    for at in 0..bench.candidates.len() {
        let visit = bench.candidates[at];
        let floor = if loose { -loose_by(solution, visit) } else { 0 };
        if let Some(place) = best_place(solution, dice, bench, visit, floor) {
            let stop = Stop {
                visit,
                window: place.window,
            };
            if !solution.insert(place.route, place.position, stop) {
                return false;
            }
        }
    }
    !loose || drop_losers(solution, bench)
}

/// How much a visit may lose when it is put in, in the hope that the next one nearby makes the way pay.
fn loose_by(solution: &Solution, visit: u32) -> i64 {
    let windows = solution.tables.visit(visit).windows.iter();
    windows.map(|window| window.value.get()).max().unwrap_or(0).max(0)
}

fn ruin(solution: &mut Solution, dice: &mut Dice, bench: &mut Workbench, seed: u32) -> bool {
    let tables = solution.tables;
    let strings = 1 + dice.below(STRINGS_MAX);
    let around = std::iter::once(seed).chain(tables.near[seed as usize].iter().copied());
    for visit in around {
        if bench.ruined.len() >= strings {
            break;
        }
        let Some(route) = solution.route_of(visit) else {
            continue;
        };
        if bench.ruined.contains(&route) || tables.visit(visit).pin.is_some() {
            continue;
        }
        bench.ruined.push(route);
        let span = string_around(solution, dice, route, solution.position_of(visit));
        let stops = &solution.routes[route as usize].stops[span.clone()];
        bench.candidates.extend(stops.iter().map(|stop| stop.visit));
        if !solution.remove(route, span) {
            return false;
        }
    }
    true
}

/// A run of stops without pins that holds the position.
fn string_around(solution: &Solution, dice: &mut Dice, route: u32, position: usize) -> std::ops::Range<usize> {
    let stops = &solution.routes[route as usize].stops;
    let length = 1 + dice.below(stops.len().min(STRING_MAX));
    let back = dice.below(length);
    let is_free = |at: &usize| solution.tables.visit(stops[*at].visit).pin.is_none();
    let from = (position.saturating_sub(back)..position)
        .rev()
        .take_while(is_free)
        .last()
        .unwrap_or(position);
    let past = (position + 1..stops.len().min(from + length))
        .take_while(is_free)
        .last()
        .unwrap_or(position)
        + 1;
    from..past
}

/// Adds left-out visits near the seed. Those pinned to a position are put in by the first plan and the polish alone.
fn gather(solution: &Solution, bench: &mut Workbench, seed: u32) {
    let tables = solution.tables;
    let mut others = 0;
    for visit in std::iter::once(seed).chain(tables.near[seed as usize].iter().copied()) {
        let has_position = tables.visit(visit).pin.is_some_and(|pin| pin.position.is_some());
        let is_candidate = !solution.is_planned(visit) && !tables.eligible[visit as usize].is_empty() && !has_position;
        if is_candidate && !bench.candidates.contains(&visit) {
            bench.candidates.push(visit);
            others += 1;
            if others == OTHERS_MAX {
                break;
            }
        }
    }
}

fn order(solution: &Solution, dice: &mut Dice, candidates: &mut [u32]) {
    let tables = solution.tables;
    dice.shuffle(candidates);
    let best_value = |visit: &u32| {
        let windows = tables.visit(*visit).windows.iter();
        std::cmp::Reverse(windows.map(|window| window.value).max())
    };
    let room = |visit: &u32| {
        let windows = tables.visit(*visit).windows.iter();
        windows.map(|window| (window.end - window.start).get()).sum::<i64>()
    };
    match dice.below(6) {
        0 | 1 => candidates.sort_by_cached_key(best_value),
        2 => candidates.sort_by_cached_key(room),
        3 => candidates.sort_by_cached_key(|visit| tables.eligible[*visit as usize].len()),
        _ => {}
    }
    candidates.sort_by_key(|&visit| !tables.visit(visit).mandatory && tables.visit(visit).pin.is_none());
}

fn best_place(solution: &Solution, dice: &mut Dice, bench: &mut Workbench, visit: u32, floor: i64) -> Option<Place> {
    let tables = solution.tables;
    let details = tables.visit(visit);
    if !solution.is_free(details) {
        return None;
    }
    let wide = dice.once_in(WIDE) || details.mandatory || details.pin.is_some();
    let mut best: Option<Place> = None;
    bench.tried.clear();
    for &shift in &tables.eligible[visit as usize] {
        let is_empty = solution.routes[shift as usize].stops.is_empty();
        if !(wide || is_empty || bench.ruined.contains(&shift)) || solution.too_near(visit, shift).is_some() {
            continue;
        }
        for position in solution.positions(details, shift) {
            if !dice.once_in(BLINK) {
                let least = best.map_or(floor, |place| place.gain);
                let place = at_position(solution, &mut bench.scratch, (shift, position), visit, least);
                keep_better(&mut best, place);
            }
        }
    }
    if wide {
        return best;
    }
    near_neighbours(solution, bench, visit, floor, best)
}

/// Tries the positions before and after each planned visit nearby.
fn near_neighbours(
    solution: &Solution,
    bench: &mut Workbench,
    visit: u32,
    floor: i64,
    mut best: Option<Place>,
) -> Option<Place> {
    let tables = solution.tables;
    let details = tables.visit(visit);
    for &other in &tables.near[visit as usize] {
        let Some(route) = solution.route_of(other) else {
            continue;
        };
        let is_new = !bench.ruined.contains(&route) && tables.eligible[visit as usize].binary_search(&route).is_ok();
        if !is_new || solution.too_near(visit, route).is_some() {
            continue;
        }
        let at = solution.position_of(other);
        for position in [at, at + 1] {
            if solution.positions(details, route).contains(&position) && !bench.tried.contains(&(route, position)) {
                bench.tried.push((route, position));
                let least = best.map_or(floor, |place| place.gain);
                let place = at_position(solution, &mut bench.scratch, (route, position), visit, least);
                keep_better(&mut best, place);
            }
        }
    }
    best
}

/// Takes out of the changed routes what costs more than it is worth, one stop at a time.
fn drop_losers(solution: &mut Solution, bench: &mut Workbench) -> bool {
    bench.ruined.clear();
    bench.ruined.extend(solution.changed());
    for at in 0..bench.ruined.len() {
        if !drop_losers_of(solution, &mut bench.scratch, bench.ruined[at]) {
            return false;
        }
    }
    true
}

/// As long as taking out one stop of a route gains something, takes out the one that gains most.
pub(super) fn drop_losers_of(solution: &mut Solution, scratch: &mut Route, route: u32) -> bool {
    loop {
        let mut best: Option<(i64, usize)> = None;
        for position in solution.locked(route)..solution.routes[route as usize].stops.len() {
            let visit = solution.routes[route as usize].stops[position].visit;
            let details = solution.tables.visit(visit);
            if details.mandatory || details.pin.is_some() {
                continue;
            }
            if let Some(gain) = solution.gain_without(route, position, scratch)
                && gain > best.map_or(0, |(kept, _)| kept)
            {
                best = Some((gain, position));
            }
        }
        match best {
            Some((_, position)) if !solution.remove(route, position..position + 1) => return false,
            Some(_) => {}
            None => return true,
        }
    }
}

/// The best place of a visit in one route, for moves that look at a single route.
pub(super) fn place_in(
    solution: &Solution,
    bench: &mut Workbench,
    route: u32,
    visit: u32,
    floor: i64,
) -> Option<Place> {
    let details = solution.tables.visit(visit);
    let is_open = solution.is_free(details) && solution.too_near(visit, route).is_none();
    if is_open {
        in_route(solution, &mut bench.scratch, route, visit, floor)
    } else {
        None
    }
}
