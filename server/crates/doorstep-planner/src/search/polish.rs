//! The last step: put in whatever still gains, until nothing does, so that every reason given afterwards is true.

use super::insertion::{Place, keep_better};
use super::route::Stop;
use super::ruin::{Workbench, drop_losers_of, place_in};
use super::solution::Solution;

/// Ends with no single visit that gains by being put in and, where legal, none that gains by being taken out; or when it
/// may not `go_on`.
pub(super) fn polish(solution: &mut Solution, bench: &mut Workbench, go_on: &mut dyn FnMut() -> bool) {
    for route in 0..solution.routes.len() as u32 {
        if !go_on() {
            return;
        }
        drop_losers_safely(solution, bench, route);
    }
    let mut seen = vec![0_u64; solution.tables.problem.visits().len()];
    let mut clock = 1_u64;
    let mut changed_at = vec![1_u64; solution.routes.len()];
    loop {
        let mut grew = false;
        for visit in 0..seen.len() as u32 {
            if solution.is_planned(visit) {
                continue;
            }
            if !go_on() {
                return;
            }
            let Some(place) = best_of_changed(solution, bench, visit, (seen[visit as usize], &changed_at)) else {
                seen[visit as usize] = clock;
                continue;
            };
            if solution.insert(
                place.route,
                place.position,
                Stop {
                    visit,
                    window: place.window,
                },
            ) {
                clock += 1;
                changed_at[place.route as usize] = clock;
                grew = true;
            }
        }
        if !grew {
            return;
        }
    }
}

/// The best place that gains, in routes that changed since the visit was last tried.
fn best_of_changed(solution: &Solution, bench: &mut Workbench, visit: u32, since: (u64, &[u64])) -> Option<Place> {
    let mut best: Option<Place> = None;
    for &shift in &solution.tables.eligible[visit as usize] {
        if since.1[shift as usize] > since.0 {
            let floor = best.map_or(0, |place| place.gain);
            keep_better(&mut best, place_in(solution, bench, shift, visit, floor));
        }
    }
    best
}

fn drop_losers_safely(solution: &mut Solution, bench: &mut Workbench, route: u32) {
    solution.open_journal();
    if !drop_losers_of(solution, &mut bench.scratch, route) {
        solution.take_back();
    }
}
