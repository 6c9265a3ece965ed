//! What becomes of a plan on real days: a replay goes through its routes once with people out, visits overrunning and roads
//! slow; a simulation is many replays and their sums.
//!
//! It shares the [model](crate::model) with the search and no step of it, so that a mistake of the search shows here instead
//! of being repeated. Integer and seeded: the same script, assumptions, seed and number of runs give the same figures on every
//! machine, and each run draws from streams of its own, so that it does not matter who computes it, or beside what. Streams are
//! named after visits, shifts and days, not after their places in a plan: two plans of the same days are compared under the
//! same luck.
//!
//! What a crew does on the day:
//! - It keeps the order of its route, waits for windows, and is not at a door earlier than the person was told.
//! - A visit that would end outside the hours allowed, or after which it would not be home within its shift, longest work or
//!   longest driving, falls out: judged by planned times before it leaves for the door, and once more at the door. Rules win: a
//!   visit that lasts longer than planned is broken off where the allowed hours end.
//! - It takes its break where the plan has it, or before a visit that would make it late for it.
//! - Then it goes home. What comes after the end of the shift is overtime.
//!
//! Who skips a visit may reach the next one, so a slower day is not worse in each single run. It is as long as none falls out
//! on the faster day; `tests/replay` holds both.

mod assumptions;
mod day;
mod luck;
mod script;
mod tally;

pub use assumptions::{Assumptions, PPM, Spread, SpreadError};
pub use day::{DayEnd, Fate};
pub use luck::{DayLuck, Luck, ShiftLuck, VisitLuck};
pub use script::{Names, Script, ScriptError, Stake};
pub use tally::{Figure, RouteRisk, Share, Simulation, VisitRisk, compared};

/// The fewest runs of a simulation; below them no percentile means anything.
pub const RUNS_MIN: u32 = 20;
/// The most runs of a simulation.
pub const RUNS_MAX: u32 = 10_000;
/// Runs where nobody names a number.
pub const RUNS: u32 = 1_000;

/// Replays a script so often, at least [`RUNS_MIN`] and at most [`RUNS_MAX`] times, and sums up.
#[must_use]
pub fn simulate(script: &Script<'_>, assumptions: &Assumptions, seed: u64, runs: u32) -> Simulation {
    let runs = runs.clamp(RUNS_MIN, RUNS_MAX);
    let mut luck = luck::Source::new(script, seed);
    let mut tally = tally::Tally::new(script, assumptions.told.get());
    for _ in 0..runs {
        let luck = luck.next_run();
        tally.add(&script.replay(assumptions, luck));
    }
    tally.finish(script)
}
