//! The scan for check-outs that are overdue. Of several processes one does it, by a lease.

use std::time::Duration;

use doorstep_app::{App, AppError};
use doorstep_domain::measure::Micros;
use tokio::sync::watch;

use crate::http::problem::causes;
use crate::telemetry::metrics::Metrics;

/// The time between scans, by the clock of the application.
const EVERY: Micros = Micros::from_seconds(5);
/// How long a process keeps the lease after its last scan.
const LEASE: Micros = Micros::from_seconds(15);
/// How often the clock is looked at: the clock of a demonstration runs faster than this.
const LOOK: Duration = Duration::from_millis(200);

/// Runs until the server stops.
pub(crate) async fn run(app: App, metrics: Metrics, holder: String, mut stopping: watch::Receiver<bool>) {
    let mut due = app.now();
    loop {
        let now = app.now();
        // A clock that was set back must not silence the alarms until it has caught up.
        if now >= due || now + EVERY < due {
            due = now + EVERY;
            match scan(&app, &holder, now).await {
                Ok(raised) => metrics.alarms(raised),
                Err(error) => tracing::error!(error = %causes(&error), "the scan for overdue check-outs failed"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// One scan, if this process has or gets the lease. Returns how many alarms were raised.
async fn scan(app: &App, holder: &str, now: Micros) -> Result<usize, AppError> {
    match app.store().lease_take("overdue", holder, now, now + LEASE).await? {
        Some(_) => app.run_overdue().await,
        None => Ok(0),
    }
}
