//! Counts and times of the process, as Prometheus text. A small registry of our own: labels come from closed sets (route
//! templates, methods, statuses), so it cannot grow without bound.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Upper bounds of the latency buckets in microseconds.
const BUCKETS_US: [u64; 9] = [
    1_000,
    5_000,
    25_000,
    100_000,
    250_000,
    1_000_000,
    5_000_000,
    30_000_000,
    120_000_000,
];

/// The labels of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Request {
    /// HTTP method.
    pub(crate) method: &'static str,
    /// Template of the route.
    pub(crate) route: String,
    /// HTTP status.
    pub(crate) status: u16,
}

#[derive(Debug, Default)]
struct Times {
    count: u64,
    sum_us: u64,
    buckets: [u64; BUCKETS_US.len()],
}

#[derive(Debug, Default)]
struct Inner {
    requests: Mutex<BTreeMap<Request, Times>>,
    leaves: AtomicU64,
    alarms: AtomicU64,
    stamps: AtomicU64,
    stamp_failures: AtomicU64,
    witness: [AtomicU64; 3],
}

/// What became of a question to a witness.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WitnessCount {
    /// It cosigned.
    Cosigned,
    /// It says that history was rewritten.
    Refused,
    /// It did not answer, or cannot cosign now.
    Failed,
}

/// The registry; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics(Arc<Inner>);

impl Metrics {
    /// Counts an answered request and its time in microseconds.
    pub(crate) fn request(&self, request: Request, micros: u64) {
        let mut requests = self.0.requests.lock().expect("no holder of the lock can panic");
        let times = requests.entry(request).or_default();
        times.count += 1;
        times.sum_us = times.sum_us.saturating_add(micros);
        if let Some(bucket) = BUCKETS_US.iter().position(|bound| micros <= *bound) {
            times.buckets[bucket] += 1;
        }
    }
    /// Counts leaves that got their places.
    pub(crate) fn leaves(&self, placed: usize) {
        self.0.leaves.fetch_add(placed as u64, Ordering::Relaxed);
    }
    /// Counts alarms that were raised.
    pub(crate) fn alarms(&self, raised: usize) {
        self.0.alarms.fetch_add(raised as u64, Ordering::Relaxed);
    }
    /// Counts a time stamp that was kept.
    pub(crate) fn stamp(&self) {
        self.0.stamps.fetch_add(1, Ordering::Relaxed);
    }
    /// Counts an attempt to get time stamps that failed.
    pub(crate) fn stamp_failed(&self) {
        self.0.stamp_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what became of a question to a witness.
    pub(crate) fn witness(&self, became: WitnessCount) {
        self.0.witness[became as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// All of it as Prometheus text; `queued` entries wait for the sequencer, `halted` logs are not signed.
    pub(crate) fn text(&self, queued: Option<i64>, halted: Option<i64>) -> String {
        let mut text = String::new();
        let mut single = |name: &str, kind: &str, help: &str, value: u64| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        };
        single(
            "doorstep_log_leaves_total",
            "counter",
            "Leaves placed by this process.",
            self.0.leaves.load(Ordering::Relaxed),
        );
        single(
            "doorstep_alarms_total",
            "counter",
            "Alarms raised by this process.",
            self.0.alarms.load(Ordering::Relaxed),
        );
        single(
            "doorstep_log_stamps_total",
            "counter",
            "Time stamps of checkpoints kept by this process.",
            self.0.stamps.load(Ordering::Relaxed),
        );
        single(
            "doorstep_log_stamp_failures_total",
            "counter",
            "Attempts to get time stamps that failed.",
            self.0.stamp_failures.load(Ordering::Relaxed),
        );
        let gauges = [
            (
                "doorstep_log_queue_entries",
                "Entries that wait for the sequencer.",
                queued,
            ),
            (
                "doorstep_log_halted",
                "Logs that are halted; anything but 0 needs somebody.",
                halted,
            ),
        ];
        for (name, help, value) in gauges {
            if let Some(value) = value {
                single(name, "gauge", help, u64::try_from(value).unwrap_or(0));
            }
        }
        self.witness_text(&mut text);
        self.requests_text(&mut text);
        text
    }

    fn witness_text(&self, text: &mut String) {
        let name = "doorstep_witness_answers_total";
        let help = "Questions to witnesses by this process; `refused` says that history was rewritten.";
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
        for (label, count) in ["cosigned", "refused", "failed"].iter().zip(&self.0.witness) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}{{result=\"{label}\"}} {count}");
        }
    }

    fn requests_text(&self, text: &mut String) {
        let name = "doorstep_http_request_seconds";
        let _ = writeln!(
            text,
            "# HELP {name} Time of answered requests.\n# TYPE {name} histogram"
        );
        let requests = self.0.requests.lock().expect("no holder of the lock can panic");
        for (Request { method, route, status }, times) in requests.iter() {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let mut up_to = 0;
            for (bound, count) in BUCKETS_US.iter().zip(times.buckets) {
                up_to += count;
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{}\"}} {up_to}", seconds(*bound));
            }
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", times.count);
            let _ = writeln!(text, "{name}_sum{{{labels}}} {}", seconds(times.sum_us));
            let _ = writeln!(text, "{name}_count{{{labels}}} {}", times.count);
        }
    }
}

/// Microseconds as decimal seconds.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_bucket() {
        let metrics = Metrics::default();
        let request = || Request {
            method: "GET",
            route: "/v1/cases/{id}".to_owned(),
            status: 200,
        };
        for micros in [900, 1_000, 30_000, 999_000_000] {
            metrics.request(request(), micros);
        }
        let text = metrics.text(Some(7), Some(1));
        let labels = "method=\"GET\",route=\"/v1/cases/{id}\",status=\"200\"";
        for line in [
            format!("doorstep_http_request_seconds_bucket{{{labels},le=\"0.001000\"}} 2"),
            format!("doorstep_http_request_seconds_bucket{{{labels},le=\"0.100000\"}} 3"),
            format!("doorstep_http_request_seconds_bucket{{{labels},le=\"120.000000\"}} 3"),
            format!("doorstep_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} 4"),
            format!("doorstep_http_request_seconds_sum{{{labels}}} 999.031900"),
            "doorstep_log_queue_entries 7".to_owned(),
            "doorstep_log_halted 1".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let text = Metrics::default().text(None, None);
        assert!(!text.contains("queue") && !text.contains("halted"), "{text}");
    }
}
