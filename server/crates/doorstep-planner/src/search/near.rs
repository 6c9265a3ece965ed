//! Which visits lie near each visit, so that the search tries only positions that can pay.

use crate::model::{Matrix, PlaceIdx, Problem};

/// Visits kept for each visit.
const NEAR_MAX: usize = 32;
/// Of these, how many at its own place, so that a crowded door does not hide its surroundings.
const SAME_PLACE_MAX: usize = 12;
/// Visits taken from one other place.
const OTHER_PLACE_MAX: usize = 4;

/// For each visit, other visits near it by the mean of both drives in the first matrix, nearest first.
pub(super) fn lists(problem: &Problem) -> Vec<Vec<u32>> {
    let Some(matrix) = problem.matrices().first() else {
        return vec![Vec::new(); problem.visits().len()];
    };
    let mut visits_at: Vec<Vec<u32>> = vec![Vec::new(); matrix.places()];
    for (index, visit) in problem.visits().iter().enumerate() {
        visits_at[problem.door(visit.door).place.get()].push(index as u32);
    }
    for visits in &mut visits_at {
        visits.sort_by_key(|&visit| (problem.visits()[visit as usize].door, visit));
    }
    let used: Vec<u32> = (0..matrix.places() as u32)
        .filter(|&place| !visits_at[place as usize].is_empty())
        .collect();
    let mut lists = vec![Vec::new(); problem.visits().len()];
    let mut ranked: Vec<(i64, u32)> = Vec::with_capacity(used.len());
    for &place in &used {
        ranked.clear();
        ranked.extend(
            used.iter()
                .filter(|&&other| other != place)
                .map(|&other| (apart(matrix, place, other), other)),
        );
        if ranked.len() > NEAR_MAX {
            ranked.select_nth_unstable(NEAR_MAX - 1);
            ranked.truncate(NEAR_MAX);
        }
        ranked.sort_unstable();
        let here = &visits_at[place as usize];
        for (at, &visit) in here.iter().enumerate() {
            lists[visit as usize] = list_of(here, at, &ranked, &visits_at);
        }
    }
    lists
}

/// Neighbours around a visit's own rank at its place, then some of each place nearby, chosen by rank as well.
fn list_of(here: &[u32], at: usize, ranked: &[(i64, u32)], visits_at: &[Vec<u32>]) -> Vec<u32> {
    let mut list = Vec::with_capacity(NEAR_MAX);
    for step in 1..here.len().min(SAME_PLACE_MAX + 1) {
        let hop = step.div_ceil(2);
        let other = if step % 2 == 1 { at + hop } else { at + here.len() - hop };
        list.push(here[other % here.len()]);
    }
    for &(_, place) in ranked {
        let there = &visits_at[place as usize];
        for step in 0..there.len().min(OTHER_PLACE_MAX) {
            list.push(there[(at + step) % there.len()]);
        }
        if list.len() >= NEAR_MAX {
            break;
        }
    }
    list.truncate(NEAR_MAX);
    list
}

fn apart(matrix: &Matrix, from: u32, to: u32) -> i64 {
    let seconds = |from, to| {
        matrix
            .arc(PlaceIdx(from), PlaceIdx(to))
            .map_or(i64::from(u32::MAX), |(drive, _)| drive.get())
    };
    seconds(from, to) + seconds(to, from)
}
