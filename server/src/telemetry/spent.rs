//! Where the CPU time of events goes, as Prometheus text.

use std::fmt::Write as _;

use doorstep_store::spent::Spent;

/// The sums by part.
pub(crate) fn text(spent: &Spent) -> String {
    let name = "doorstep_event_cpu_seconds_total";
    let mut text = format!("# HELP {name} CPU time of this process on events, by part.\n# TYPE {name} counter\n");
    for (part, nanos) in spent.sums() {
        let (whole, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        let _ = writeln!(text, "{name}{{part=\"{part}\"}} {whole}.{rest:09}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_line() {
        let text = text(&Spent::default());
        for part in ["parse", "verify", "seal", "insert", "leaf", "hash"] {
            let line = format!("doorstep_event_cpu_seconds_total{{part=\"{part}\"}} 0.000000000");
            assert!(text.lines().any(|found| found == line), "{text}");
        }
    }
}
