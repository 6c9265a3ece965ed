//! What both programs share: their command line, the clock, and the search.

use std::io::Write;

use doorstep_planner::model::{Plan, Problem};
use doorstep_planner::{Budget, propose};
use rustix::time::{ClockId, clock_gettime};

/// What the command line asks for.
pub(crate) struct Asked {
    pub(crate) file: String,
    pub(crate) seconds: f64,
    pub(crate) seed: u64,
    pub(crate) threads: usize,
}

/// Reads the command line.
pub(crate) fn asked() -> Asked {
    let mut asked = Asked {
        file: String::new(),
        seconds: 5.0,
        seed: 1,
        threads: 1,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            words
                .next()
                .and_then(|text| text.parse::<f64>().ok())
                .filter(|number| *number >= 0.0)
        };
        let known = match word.as_str() {
            "--seconds" => number().map(|seconds| asked.seconds = seconds),
            "--seed" => number().map(|seed| asked.seed = seed as u64),
            "--threads" => number().map(|threads| asked.threads = threads as usize),
            file if !file.starts_with("--") && asked.file.is_empty() => {
                file.clone_into(&mut asked.file);
                Some(())
            }
            _ => None,
        };
        if known.is_none() {
            fail(&format!("{word}: usage: FILE [--seconds S] [--seed N] [--threads T]"));
        }
    }
    asked
}

/// Says what is wrong and ends.
pub(crate) fn fail(what: &str) -> ! {
    say(what);
    std::process::exit(2)
}

/// A line on standard error; where nobody reads it, it is lost.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// CPU seconds of the process.
pub(crate) fn cpu() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// Plans until the time is over, and says to standard error what came of it.
pub(crate) fn plan(problem: &Problem, asked: &Asked) -> Plan {
    let begun = cpu();
    let budget = Budget { iterations: u64::MAX };
    let plan = propose(problem, asked.seed, budget, &mut |_| cpu() - begun >= asked.seconds);
    let (objective, spent) = (plan.objective.total().get(), cpu() - begun);
    say(&format!(
        "objective {objective} in {spent:.2} CPU s, {} iterations",
        plan.iterations
    ));
    plan
}

/// Metres of the great circle between two points in degrees.
pub(crate) fn haversine(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (a, b) = (
        (from.0.to_radians(), from.1.to_radians()),
        (to.0.to_radians(), to.1.to_radians()),
    );
    let (dlat, dlon) = (((b.0 - a.0) / 2.0).sin(), ((b.1 - a.1) / 2.0).sin());
    let h = dlat * dlat + a.0.cos() * b.0.cos() * dlon * dlon;
    2.0 * 6_371_000.0 * h.sqrt().min(1.0).asin()
}
