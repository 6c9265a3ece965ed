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
    let (route_index, position) = target;
    let route = &solution.routes[route_index as usize];
    let shift = tables.shift(route.shift);
    let mut best: Option<Place> = None;
    for window in tables.windows_in(visit, shift) {
        let Some(whole) = joined(tables, route, position, Stop { visit, window }) else {
            continue;
        };
        if lacks(shift, &whole) > 0 {
            continue;
        }
        let worth = tables.worth(visit, route.shift, window);
        let before = travel_and_time(shift, route.timing.metres, route.timing.work);
        let mut gain = worth + before - travel_and_time(shift, whole.metres, whole.duration);
        let least = best.map_or(floor, |place| place.gain);
        if gain <= least {
            continue;
        }
        if needs_rest(shift, &whole) {
            if fit_with(tables, scratch, route, position, Stop { visit, window }).is_err() {
                continue;
            }
            gain = scratch.score - route.score;
        }
        if gain > least {
            best = Some(Place {
                gain,
                route: route_index,
                position,
                window,
            });
        }
    }
    best
}

/// The best place in a route, over all its positions, with a gain above `floor`.
pub(super) fn in_route(solution: &Solution, scratch: &mut Route, route: u32, visit: u32, floor: i64) -> Option<Place> {
    let mut best: Option<Place> = None;
    for position in solution.positions(solution.tables.visit(visit), route) {
        let least = best.map_or(floor, |place| place.gain);
        keep_better(
            &mut best,
            at_position(solution, scratch, (route, position), visit, least),
        );
    }
    best
}

/// What the route lacks least, in seconds, to take the visit anywhere; none where no way leads in.
pub(super) fn shortage(solution: &Solution, scratch: &mut Route, route_index: u32, visit: u32) -> Option<i64> {
    let tables = solution.tables;
    let route = &solution.routes[route_index as usize];
    let shift = tables.shift(route.shift);
    let mut least: Option<i64> = None;
    for position in solution.positions(tables.visit(visit), route_index) {
        for window in tables.windows_in(visit, shift) {
            let Some(whole) = joined(tables, route, position, Stop { visit, window }) else {
                continue;
            };
            let mut lack = Some(lacks(shift, &whole));
            if lack == Some(0) {
                lack = match fit_with(tables, scratch, route, position, Stop { visit, window }) {
                    Ok(()) => Some(0),
                    Err(Misfit::ShortBy(seconds)) => Some(seconds),
                    Err(Misfit::NoWay) => None,
                };
            }
            least = match (least, lack) {
                (Some(kept), Some(new)) => Some(kept.min(new)),
                (kept, new) => kept.or(new),
            };
        }
    }
    least
}

/// The route with the stop at a position, as one part and without a break; none where there is no way.
#[inline]
fn joined(tables: &Tables, route: &Route, position: usize, stop: Stop) -> Option<Part> {
    let shift = tables.shift(route.shift);
    let node = tables.node(stop.visit, stop.window)?;
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
