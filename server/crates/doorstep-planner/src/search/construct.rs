//! The first plan: pinned visits first, then mandatory ones, then the others by how hard they are to place.

use super::insertion::{Place, at_position, in_route, keep_better};
use super::route::{Route, Stop};
use super::solution::Solution;
use super::{Progress, Step, Wish};

/// The best place of a visit over all routes, with a gain above `floor`.
pub(super) fn anywhere(solution: &Solution, scratch: &mut Route, visit: u32, floor: i64) -> Option<Place> {
    let tables = solution.tables;
    if !solution.is_free(tables.visit(visit)) {
        return None;
    }
    let mut best: Option<Place> = None;
    for &shift in &tables.eligible[visit as usize] {
        if solution.too_near(visit, shift).is_none() {
            let least = best.map_or(floor, |place| place.gain);
            keep_better(&mut best, in_route(solution, scratch, shift, visit, least));
        }
    }
    best
}

/// Stops of a route above which the first plan looks only beside near visits and at the end.
const LONG_ROUTE: usize = 48;

/// The best place of a visit that gains, without looking at every position of long routes.
fn first_place(solution: &Solution, scratch: &mut Route, visit: u32) -> Option<Place> {
    let tables = solution.tables;
    let details = tables.visit(visit);
    if !solution.is_free(details) {
        return None;
    }
    let mut best: Option<Place> = None;
    for &shift in &tables.eligible[visit as usize] {
        if solution.too_near(visit, shift).is_some() {
            continue;
        }
        let floor = best.map_or(0, |place| place.gain);
        let stops = solution.routes[shift as usize].stops.len();
        if stops <= LONG_ROUTE {
            keep_better(&mut best, in_route(solution, scratch, shift, visit, floor));
            continue;
        }
        let near = tables.near[visit as usize]
            .iter()
            .filter(|other| solution.route_of(**other) == Some(shift));
        let beside = near.map(|&other| solution.position_of(other) + 1);
        let open = solution.positions(details, shift);
        for position in beside.chain([stops]).filter(|position| open.contains(position)) {
            let floor = best.map_or(0, |place| place.gain);
            keep_better(
                &mut best,
                at_position(solution, scratch, (shift, position), visit, floor),
            );
        }
    }
    best
}

/// Visits between two questions: each may look at every route.
const ASK_EVERY: usize = 16;

/// Plans every visit that gains something, each at its best place; fewer where the caller wants the plan now.
pub(super) fn construct(solution: &mut Solution, ask: &mut dyn FnMut(&Progress) -> Wish) {
    let tables = solution.tables;
    let mut order: Vec<u32> = (0..tables.problem.visits().len() as u32).collect();
    order.sort_by_cached_key(|&visit| {
        let details = tables.visit(visit);
        let position = details.pin.and_then(|pin| pin.position).unwrap_or(u32::MAX);
        let start = details.pin.and_then(|pin| pin.start);
        let value = details.windows.iter().map(|window| window.value).max();
        let pinned = (details.pin.is_none(), position, start.is_none(), start);
        (
            pinned,
            !details.mandatory,
            tables.eligible[visit as usize].len(),
            std::cmp::Reverse(value),
            visit,
        )
    });
    let mut scratch = Route::default();
    for (done, visit) in order.into_iter().enumerate() {
        if done % ASK_EVERY == 0 && ask(&Progress::of(solution, Step::First, 0)) == Wish::Now {
            return;
        }
        if let Some(place) = first_place(solution, &mut scratch, visit) {
            let fits = solution.insert(
                place.route,
                place.position,
                Stop {
                    visit,
                    window: place.window,
                },
            );
            debug_assert!(fits, "the place was tested");
        }
    }
}
