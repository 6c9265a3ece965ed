//! Where a visit fits best: every position and window in constant time, the break only where it can matter.

use super::part::Part;
use super::route::{Misfit, Route, Stop, lacks, needs_rest, travel_and_time};
use super::solution::Solution;
use super::tables::Tables;

/// A place for a visit and what the score gains there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) gain: i64,
    pub(super) route: u32,
    pub(super) position: usize,
    pub(super) window: u16,
}

/// Keeps the better of two places; of equals the one found first.
pub(super) fn keep_better(best: &mut Option<Place>, place: Option<Place>) {
    if let Some(place) = place
        && best.is_none_or(|kept| place.gain > kept.gain)
    {
        *best = Some(place);
    }
}

/// The best place in one route at one position with a gain above `floor`.
pub(super) fn at_position(
    solution: &Solution,
    scratch: &mut Route,
    target: (u32, usize),
    visit: u32,
    floor: i64,
) -> Option<Place> {
    let tables = solution.tables;
    let mut best: Option<Place> = None;
    for window in tables.windows_in(visit, tables.shift(target.0)) {
        if let Some(node) = tables.node(visit, window) {
            let least = best.map_or(floor, |place| place.gain);
            keep_better(
                &mut best,
                with_node(solution, scratch, target, (Stop { visit, window }, node), least),
            );
        }
    }
    best
}

/// The place at one position in one window, if its gain is above `floor`.
fn with_node(
    solution: &Solution,
    scratch: &mut Route,
    (route_index, position): (u32, usize),
    (stop, node): (Stop, Part),
    floor: i64,
) -> Option<Place> {
    let tables = solution.tables;
    let route = &solution.routes[route_index as usize];
    let shift = tables.shift(route_index);
    let whole = joined(tables, route, position, (stop, node))?;
    if lacks(shift, &whole) > 0 {
        return None;
    }
    let worth = tables.worth(stop.visit, route_index, stop.window);
    let before = travel_and_time(shift, route.timing.metres, route.timing.work);
    let mut gain = worth + before - travel_and_time(shift, whole.metres, whole.duration);
    // A break only makes the day longer, so what does not gain without it need not be tried with it.
    if gain > floor && needs_rest(shift, &whole) {
        fit_with(tables, scratch, route, position, stop).ok()?;
        gain = scratch.score - route.score;
    }
    (gain > floor).then_some(Place {
        gain,
        route: route_index,
        position,
        window: stop.window,
    })
}

/// The best place in a route, over all its positions, with a gain above `floor`.
pub(super) fn in_route(solution: &Solution, scratch: &mut Route, route: u32, visit: u32, floor: i64) -> Option<Place> {
    let tables = solution.tables;
    let open = solution.positions(tables.visit(visit), route);
    let mut best: Option<Place> = None;
    for window in tables.windows_in(visit, tables.shift(route)) {
        let Some(node) = tables.node(visit, window) else {
            continue;
        };
        let (first, past) = timely(&solution.routes[route as usize], &node);
        for position in open.start.max(first)..open.end.min(past) {
            let least = best.map_or(floor, |place| place.gain);
            let stop = (Stop { visit, window }, node);
            keep_better(&mut best, with_node(solution, scratch, (route, position), stop, least));
        }
    }
    best
}

/// The positions, from and below, where the crew can be free before the latest start and what follows can still wait
/// for the end. Both times only grow along a route.
fn timely(route: &Route, node: &Part) -> (usize, usize) {
    let end = node.earliest + node.duration;
    let first = route.after.partition_point(|part| part.latest < end);
    let past = route
        .before
        .partition_point(|part| part.earliest + part.duration <= node.latest);
    (first, past)
}

/// What the route lacks least, in seconds, to take the visit anywhere, if that is less than `most`.
pub(super) fn shortage(
    solution: &Solution,
    scratch: &mut Route,
    route_index: u32,
    visit: u32,
    most: Option<i64>,
) -> Option<i64> {
    let tables = solution.tables;
    let route = &solution.routes[route_index as usize];
    let shift = tables.shift(route_index);
    let mut least = most.unwrap_or(i64::MAX);
    for window in tables.windows_in(visit, shift) {
        let Some(node) = tables.node(visit, window) else {
            continue;
        };
        for position in solution.positions(tables.visit(visit), route_index) {
            let (before, after) = (&route.before[position], &route.after[position]);
            let own = before.earliest + before.duration - node.latest;
            if own.max(node.earliest + node.duration - after.latest) >= least {
                continue;
            }
            let stop = Stop { visit, window };
            let Some(whole) = joined(tables, route, position, (stop, node)) else {
                continue;
            };
            let lack = match lacks(shift, &whole) {
                0 => fit_with(tables, scratch, route, position, stop).err(),
                seconds => Some(Misfit::ShortBy(seconds)),
            };
            if let Some(Misfit::ShortBy(seconds)) = lack {
                least = least.min(seconds);
            }
        }
    }
    (least < most.unwrap_or(i64::MAX)).then_some(least)
}

/// The route with the stop at a position, as one part and without a break; none where there is no way.
#[inline]
fn joined(tables: &Tables, route: &Route, position: usize, (stop, node): (Stop, Part)) -> Option<Part> {
    let shift = tables.shift(route.shift);
    let leg_in = match position.checked_sub(1) {
        Some(before) => tables.leg(shift, route.stops[before].visit, stop.visit)?,
        None => tables.leg_out(shift, stop.visit)?,
    };
    let leg_on = match route.stops.get(position) {
        Some(next) => tables.leg(shift, stop.visit, next.visit)?,
        None => tables.leg_home(shift, stop.visit)?,
    };
    Some(
        route.before[position]
            .join(leg_in, &node)
            .join(leg_on, &route.after[position]),
    )
}

/// Builds the route with the stop in `scratch`.
fn fit_with(tables: &Tables, scratch: &mut Route, route: &Route, position: usize, stop: Stop) -> Result<(), Misfit> {
    scratch.shift = route.shift;
    scratch.stops.clone_from(&route.stops);
    scratch.stops.insert(position, stop);
    scratch.rebuild(tables)
}
