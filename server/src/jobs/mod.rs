//! Background work of the process: one file per job. Each ends when the server stops, and finishes what it began.

pub(crate) mod daily;
pub(crate) mod dispatch;
pub(crate) mod overdue;
pub(crate) mod plans;
pub(crate) mod purge;
pub(crate) mod recordings;
pub(crate) mod sequencer;
pub(crate) mod stamp;
pub(crate) mod witness;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

/// How old the last good round may be before a job counts as stuck.
const PULSE_MAX: Duration = Duration::from_secs(10);

/// Whether a job works: when its last good round ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<Option<Instant>>>);

impl Pulse {
    /// Notes that a round went well.
    pub(crate) fn beat(&self) {
        *self.0.lock().expect("no holder of the lock can panic") = Some(Instant::now());
    }
    /// Whether a round went well lately.
    pub(crate) fn is_well(&self) -> bool {
        let last = *self.0.lock().expect("no holder of the lock can panic");
        last.is_some_and(|last| last.elapsed() <= PULSE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_silent_for_long_is_not_well() {
        let pulse = Pulse::default();
        assert!(!pulse.is_well(), "it never ran");
        pulse.beat();
        tokio::time::advance(PULSE_MAX).await;
        assert!(pulse.is_well());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!pulse.is_well());
    }
}
