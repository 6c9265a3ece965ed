//! Sums over runs: means with their standard errors, percentiles, shares; whole numbers throughout.

use doorstep_domain::measure::MicroCost;

use super::assumptions::PPM;
use super::day::{DayEnd, Fate};
use super::script::Script;
use crate::model::{SHIFT_SECONDS_MAX, ShiftIdx, VisitIdx};

/// A number that differs from run to run, in the unit of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figure {
    /// The mean, rounded down.
    pub mean: i64,
    /// The standard error of the mean, rounded down: the true mean lies within twice this in 19 of 20 cases.
    pub error: i64,
    /// What one run in twenty does not exceed.
    pub p5: i64,
    /// What half of the runs do not exceed.
    pub p50: i64,
    /// What all but one run in twenty do not exceed.
    pub p95: i64,
}

/// How often something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// In parts per million.
    pub ppm: i64,
    /// Its standard error, in parts per million.
    pub error_ppm: i64,
}

/// What may become of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRisk {
    /// Its shift.
    pub shift: ShiftIdx,
    /// Visits planned.
    pub planned: u32,
    /// Visits made, in thousandths.
    pub made: Figure,
    /// What it gives less travel and time, in micro-cost.
    pub total: Figure,
    /// How often it takes longer than the shift, or than the longest work.
    pub late_back: Share,
    /// By how many seconds, over all runs.
    pub overtime: Figure,
}

/// What may become of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitRisk {
    /// The visit.
    pub visit: VisitIdx,
    /// How often it falls out.
    pub falls_out: Share,
    /// How often it begins after what the person was told, of all runs.
    pub after_told: Share,
    /// By how many seconds it begins later than planned where it is made, in the mean.
    pub delay: i64,
}

/// What may become of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// How often it was replayed.
    pub runs: u32,
    /// What its visits give, in micro-cost.
    pub value: Figure,
    /// The same less travel and time.
    pub total: Figure,
    /// Visits made, in thousandths.
    pub made: Figure,
    /// Visits where somebody was met, in thousandths.
    pub met: Figure,
    /// How often a crew's shift has overtime.
    pub late_back: Share,
    /// Seconds of it for a crew's shift, over all runs.
    pub overtime: Figure,
    /// By how many seconds visits that are made begin later than planned; those on time count with 0. The error is that of
    /// visits as if each stood for itself.
    pub delay: Figure,
    /// How often a visit that is made begins after what the person was told.
    pub after_told: Share,
    /// The routes, those with the most overtime first, then those that lose the most visits.
    pub routes: Vec<RouteRisk>,
    /// The visits, those that fall out most first.
    pub visits: Vec<VisitRisk>,
    /// The total of each run, in micro-cost: two plans that were replayed with the same seed are compared run by run.
    pub totals: Vec<MicroCost>,
}

/// By how much the first gives more than the second in the mean, run by run, and in how many runs it does, both in micro-cost
/// and of as many runs as both have. Common luck goes out of the difference, so that it is surer than either of the two.
#[must_use]
pub fn compared(one: &Simulation, other: &Simulation) -> (Figure, Share) {
    let both = one.totals.iter().zip(&other.totals);
    let mut differences: Vec<i64> = both.map(|(one, other)| (*one - *other).get()).collect();
    let more = differences.iter().filter(|difference| **difference > 0).count();
    let share = share(more as u64, differences.len() as u64);
    (figure(&mut differences), share)
}

/// Counts per stop of a route.
#[derive(Debug, Clone, Copy, Default)]
struct StopCount {
    fell_out: u64,
    after_told: u64,
    delay: i64,
}

/// What one route came to in each run.
#[derive(Debug, Default)]
struct RouteSums {
    made: Vec<i64>,
    total: Vec<i64>,
    overtime: Vec<i64>,
    stops: Vec<StopCount>,
}

/// Gathers runs.
pub(super) struct Tally {
    told: i64,
    planned: Vec<Vec<i64>>,
    value: Vec<i64>,
    total: Vec<i64>,
    made: Vec<i64>,
    met: Vec<i64>,
    routes: Vec<RouteSums>,
    /// How many visits began so many seconds late.
    delays: Vec<u64>,
}

impl Tally {
    pub(super) fn new(script: &Script<'_>, told: i64) -> Self {
        let planned = |track: &super::script::Track| track.stops.iter().map(|stop| stop.planned).collect();
        let sums = |track: &super::script::Track| RouteSums {
            stops: vec![StopCount::default(); track.stops.len()],
            ..RouteSums::default()
        };
        Self {
            told,
            planned: script.tracks.iter().map(planned).collect(),
            value: Vec::new(),
            total: Vec::new(),
            made: Vec::new(),
            met: Vec::new(),
            routes: script.tracks.iter().map(sums).collect(),
            delays: Vec::new(),
        }
    }

    /// Adds a run: what became of each route.
    pub(super) fn add(&mut self, run: &[DayEnd]) {
        let (mut made, mut met) = (0, 0);
        for (at, day) in run.iter().enumerate() {
            let mut made_here = 0;
            for (stop, fate) in day.fates.iter().enumerate() {
                let count = &mut self.routes[at].stops[stop];
                match *fate {
                    Fate::FellOut => count.fell_out += 1,
                    Fate::Made { start, met: somebody } => {
                        made_here += 1;
                        met += i64::from(somebody);
                        let delay = (start - self.planned[at][stop]).clamp(0, SHIFT_SECONDS_MAX);
                        count.delay += delay;
                        count.after_told += u64::from(delay > self.told);
                        let late = delay as usize;
                        if self.delays.len() <= late {
                            self.delays.resize(late + 1, 0);
                        }
                        self.delays[late] += 1;
                    }
                }
            }
            made += made_here;
            let sums = &mut self.routes[at];
            sums.made.push(made_here * 1_000);
            sums.total.push(day.total);
            sums.overtime.push(day.overtime);
        }
        self.value.push(run.iter().map(|day| day.value).sum());
        self.total.push(run.iter().map(|day| day.total).sum());
        self.made.push(made * 1_000);
        self.met.push(met * 1_000);
    }

    pub(super) fn finish(mut self, script: &Script<'_>) -> Simulation {
        let runs = self.total.len() as u64;
        let totals = self.total.iter().copied().map(MicroCost).collect();
        let (delay, after_told) = self.delays();
        let mut visits = self.visits(script, runs);
        visits.sort_by_key(|risk| (-risk.falls_out.ppm, -risk.after_told.ppm, -risk.delay, risk.visit));
        let mut overtime: Vec<i64> = Vec::with_capacity(self.routes.len() * runs as usize);
        for sums in &self.routes {
            overtime.extend(&sums.overtime);
        }
        let late = overtime.iter().filter(|seconds| **seconds > 0).count() as u64;
        let late_back = share(late, overtime.len() as u64);
        let mut routes: Vec<RouteRisk> = self.routes.into_iter().zip(&script.tracks).map(route_risk).collect();
        let lost = |risk: &RouteRisk| risk.made.mean - i64::from(risk.planned) * 1_000;
        routes.sort_by_key(|risk| (-risk.overtime.mean, lost(risk), risk.shift));
        Simulation {
            runs: runs as u32,
            value: figure(&mut self.value),
            total: figure(&mut self.total),
            made: figure(&mut self.made),
            met: figure(&mut self.met),
            late_back,
            overtime: figure(&mut overtime),
            delay,
            after_told,
            routes,
            visits,
            totals,
        }
    }

    fn visits(&self, script: &Script<'_>, runs: u64) -> Vec<VisitRisk> {
        let tracks = self.routes.iter().zip(&script.tracks);
        let stops = tracks.flat_map(|(sums, track)| sums.stops.iter().zip(&track.stops));
        let risk = |(count, stop): (&StopCount, &super::script::Stop)| VisitRisk {
            visit: stop.visit,
            falls_out: share(count.fell_out, runs),
            after_told: share(count.after_told, runs),
            delay: count.delay / ((runs - count.fell_out) as i64).max(1),
        };
        stops.map(risk).collect()
    }

    fn delays(&self) -> (Figure, Share) {
        let all: u64 = self.delays.iter().sum();
        let rows = || (0..).zip(&self.delays);
        let sum: i128 = rows()
            .map(|(late, count): (i128, &u64)| late * i128::from(*count))
            .sum();
        let mean = sum / i128::from(all.max(1));
        let squares: i128 = rows()
            .map(|(late, count): (i128, &u64)| (late - mean) * (late - mean) * i128::from(*count))
            .sum();
        let at = |hundredth: u64| {
            let rank = (all * hundredth).div_ceil(100).max(1);
            let mut seen = 0;
            let mut found = rows().skip_while(|(_, count): &(i128, &u64)| {
                seen += **count;
                seen < rank
            });
            found.next().map_or(0, |(late, _)| late as i64)
        };
        let figure = Figure {
            mean: mean as i64,
            error: error_of(squares.unsigned_abs(), all),
            p5: at(5),
            p50: at(50),
            p95: at(95),
        };
        let after = self.delays.iter().skip(self.told as usize + 1).sum();
        (figure, share(after, all))
    }
}

fn route_risk((mut sums, track): (RouteSums, &super::script::Track)) -> RouteRisk {
    let late = sums.overtime.iter().filter(|seconds| **seconds > 0).count() as u64;
    RouteRisk {
        shift: track.shift,
        planned: track.stops.len() as u32,
        late_back: share(late, sums.overtime.len() as u64),
        made: figure(&mut sums.made),
        total: figure(&mut sums.total),
        overtime: figure(&mut sums.overtime),
    }
}

/// The figure of a list, which is put in order.
fn figure(values: &mut [i64]) -> Figure {
    values.sort_unstable();
    let count = values.len();
    if count == 0 {
        return Figure::default();
    }
    let sum: i128 = values.iter().map(|value| i128::from(*value)).sum();
    let mean = sum.div_euclid(count as i128);
    let squares: u128 = values
        .iter()
        .map(|value| (i128::from(*value) - mean).unsigned_abs())
        .fold(0, |sum: u128, far| sum.saturating_add(far.saturating_mul(far)));
    // The smallest value that so many hundredths of all do not exceed.
    let at = |hundredth: usize| values[(count * hundredth).div_ceil(100).max(1) - 1];
    Figure {
        mean: mean as i64,
        error: error_of(squares, count as u64),
        p5: at(5),
        p50: at(50),
        p95: at(95),
    }
}

/// The standard error of a mean from the sum of squared distances.
fn error_of(squares: u128, count: u64) -> i64 {
    if count < 2 {
        return 0;
    }
    (squares / (u128::from(count) * u128::from(count - 1))).isqrt() as i64
}

fn share(count: u64, of: u64) -> Share {
    let of = of.max(1);
    let ppm = count * u64::from(PPM) / of;
    Share {
        ppm: ppm as i64,
        error_ppm: (ppm * (u64::from(PPM) - ppm) / of).isqrt() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_textbook() {
        let mut values: Vec<i64> = (1..=100).rev().collect();
        // Mean 50.5, variance 841.67, standard error 2.9.
        let expected = Figure {
            mean: 50,
            error: 2,
            p5: 5,
            p50: 50,
            p95: 95,
        };
        assert_eq!(figure(&mut values), expected);
        assert_eq!(figure(&mut []), Figure::default());
        assert_eq!(figure(&mut [7]).error, 0);
        assert_eq!(figure(&mut [-3, -4]).mean, -4);
        // A quarter of 10,000: a standard error of 0.433 %.
        assert_eq!(
            share(2_500, 10_000),
            Share {
                ppm: 250_000,
                error_ppm: 4_330
            }
        );
        assert_eq!(share(0, 0), Share::default());
    }
}
