//! Luck: for each visit, shift and day a stream of its own, so that neither order nor company changes what it draws.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::script::Script;

/// The luck of a visit. Each number is a place between nobody (0) and everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VisitLuck {
    /// Whether somebody is met: below the chance, somebody is.
    pub met: u32,
    /// How long the visit takes, or the closed door.
    pub spent: u32,
    /// How slow the way to the door is.
    pub way: u32,
}

/// The luck of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShiftLuck {
    /// How late it starts.
    pub start: u32,
    /// How slow the way home is.
    pub home: u32,
}

/// The luck of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayLuck {
    /// How slow the roads are.
    pub roads: u32,
}

/// The luck of one run, in the order of the problem's visits and shifts; days by their number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Luck {
    /// Of each visit.
    pub visits: Vec<VisitLuck>,
    /// Of each shift.
    pub shifts: Vec<ShiftLuck>,
    /// Of each day, up to the last on which a shift starts.
    pub days: Vec<DayLuck>,
}

/// Whose luck a stream is.
#[derive(Clone, Copy)]
enum Whose {
    Visit = 0,
    Shift = 1,
    Day = 2,
}

/// Draws the luck of run after run.
pub(super) struct Source {
    visits: Vec<ChaCha8Rng>,
    shifts: Vec<ChaCha8Rng>,
    days: Vec<ChaCha8Rng>,
    luck: Luck,
}

/// The upper and the lower half of the next number.
fn two(stream: &mut ChaCha8Rng) -> (u32, u32) {
    let both = stream.next_u64();
    ((both >> 32) as u32, both as u32)
}

impl Source {
    pub(super) fn new(script: &Script<'_>, seed: u64) -> Self {
        let stream = |whose: Whose, name: u64| {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            // The upper two bits say whose it is, so that a visit and a day never share a stream.
            stream.set_stream((whose as u64) << 62 | name >> 2);
            stream
        };
        let names = script.names();
        let last = script
            .problem()
            .shifts()
            .iter()
            .map(|shift| i64::from(shift.day.0))
            .max();
        let days = 0..last.map_or(0, |last| last + 1);
        Self {
            visits: names.visits.iter().map(|name| stream(Whose::Visit, *name)).collect(),
            shifts: names.shifts.iter().map(|name| stream(Whose::Shift, *name)).collect(),
            days: days
                .map(|day| stream(Whose::Day, (names.first_day + day) as u64 * 4))
                .collect(),
            luck: Luck::default(),
        }
    }

    /// The luck of the next run: each stream gives the same count of numbers to every run, whatever becomes of them.
    pub(super) fn next_run(&mut self) -> &Luck {
        let Luck { visits, shifts, days } = &mut self.luck;
        visits.clear();
        visits.extend(self.visits.iter_mut().map(|stream| {
            let ((met, spent), (way, _)) = (two(stream), two(stream));
            VisitLuck { met, spent, way }
        }));
        shifts.clear();
        shifts.extend(self.shifts.iter_mut().map(|stream| {
            let (start, home) = two(stream);
            ShiftLuck { start, home }
        }));
        days.clear();
        days.extend(self.days.iter_mut().map(|stream| DayLuck { roads: two(stream).0 }));
        &self.luck
    }
}
