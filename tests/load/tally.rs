//! Puts what was measured into words.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::Asked;
use crate::drive::Run;
use crate::signer::PUSH;
use crate::stage::Cost;

/// The counter of the server's own accounting.
const PARTS: &str = "doorstep_event_cpu_seconds_total";

/// Tells everything, one line a subject.
pub(crate) fn tell(asked: &Asked, run: &Run, order: &[(u64, String, u64)], (before, after): (&Cost, &Cost)) {
    let events = run.answers.len() * PUSH;
    let lasted = run.answers.iter().map(|answer| answer.at).max().unwrap_or_default();
    println!(
        "{} events of {} devices in {:.2} s: {:.0} events/s",
        events,
        asked.devices,
        lasted.as_secs_f64(),
        events as f64 / lasted.as_secs_f64()
    );
    let mut took: Vec<Duration> = run.answers.iter().map(|answer| answer.took).collect();
    println!("answer of a push: {}", percentiles(&mut took));
    println!(
        "accepted to under a checkpoint: {}",
        percentiles(&mut waits(run, order))
    );
    if let Some((began, ended)) = run.import {
        println!(
            "import of 20,000 rows from {:.2} s to {:.2} s after the start",
            began.as_secs_f64(),
            ended.as_secs_f64()
        );
    }
    let each = |us: u64| us as f64 / events as f64;
    println!(
        "CPU us per event: server {:.1}, database {:.1}",
        each(after.server_us - before.server_us),
        each(after.database_us - before.database_us)
    );
    let (before, after) = (parts(&before.metrics), parts(&after.metrics));
    for (part, us) in &after {
        let spent = us - before.get(part).unwrap_or(&0.0);
        println!("  {part}: {:.1}", spent / events as f64);
    }
}

/// For each event the time from its answer to the first look at a checkpoint over it.
fn waits(run: &Run, order: &[(u64, String, u64)]) -> Vec<Duration> {
    let mut answered: HashMap<&str, BTreeMap<u64, Duration>> = HashMap::new();
    for answer in &run.answers {
        answered
            .entry(&answer.device)
            .or_default()
            .insert(answer.upto, answer.at);
    }
    let mut waits = Vec::with_capacity(order.len());
    for (place, device, dseq) in order {
        let Some((_, at)) = answered.get(device.as_str()).and_then(|of| of.range(dseq..).next()) else {
            continue;
        };
        let covered = run.seen.partition_point(|(_, size)| size <= place);
        let (seen, _) = run.seen.get(covered).unwrap();
        waits.push(seen.saturating_sub(*at));
    }
    assert_eq!(waits.len(), run.answers.len() * PUSH, "every event is in the log once");
    waits
}

fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let ms = |percent: usize| {
        let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!(
        "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
        ms(50),
        ms(95),
        ms(99),
        ms(100)
    )
}

/// The server's accounting by part, in microseconds.
fn parts(metrics: &str) -> BTreeMap<String, f64> {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(PARTS));
    lines
        .filter_map(|line| {
            let (labels, value) = line.rsplit_once(' ')?;
            let part = labels.split('"').nth(1)?;
            Some((part.to_owned(), value.parse::<f64>().ok()? * 1e6))
        })
        .collect()
}
