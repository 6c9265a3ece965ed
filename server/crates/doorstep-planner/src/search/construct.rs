//! The first plan: pinned visits first, then mandatory ones, then the others by how hard they are to place.

use super::insertion::{Place, in_route, keep_better};
use super::route::{Route, Stop};
use super::solution::Solution;

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

/// Plans every visit that gains something, each at its best place.
pub(super) fn construct(solution: &mut Solution) {
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
    for visit in order {
        if let Some(place) = anywhere(solution, &mut scratch, visit, 0) {
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
