//! The sequencer's loop: gives queued entries their places and signs the heads. Order itself is made by the store.

use std::time::Duration;

use doorstep_app::App;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Pulse;
use crate::http::problem::causes;
use crate::telemetry::metrics::Metrics;

/// The longest pause between rounds: other processes may have queued something, and heads are signed every second.
const PAUSE_MAX: Duration = Duration::from_millis(150);
/// From the start of a round to the next at least: what comes in quick succession shares a batch, a commit and a signature.
const ROUND_MIN: Duration = Duration::from_millis(100);
/// The pause after a round that failed.
const PAUSE_FAILED: Duration = Duration::from_millis(500);

/// Runs until the server has stopped taking requests; then once more, so that nothing stays queued.
pub(crate) async fn run(app: App, metrics: Metrics, pulse: Pulse, mut ended: watch::Receiver<bool>) {
    loop {
        let last = *ended.borrow_and_update();
        let begun = Instant::now();
        let pause = match app.run_sequencer().await {
            Ok(placed) => {
                metrics.leaves(placed);
                pulse.beat();
                PAUSE_MAX
            }
            Err(error) => {
                tracing::error!(error = %causes(&error), "the sequencer's round failed; the entries stay queued");
                PAUSE_FAILED
            }
        };
        if last {
            return;
        }
        let queued = async {
            app.store().queued().await;
            tokio::time::sleep_until(begun + ROUND_MIN).await;
        };
        tokio::select! {
            () = queued, if pause == PAUSE_MAX => {}
            () = tokio::time::sleep(pause) => {}
            changed = ended.changed() => if changed.is_err() { return },
        }
    }
}
