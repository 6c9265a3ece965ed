//! The job of recordings: flags visits whose recording did not come in time, and deletes bytes that nobody can open. Of
//! several processes one does it, by a lease.

use std::time::Duration;

use doorstep_app::{App, AppError};
use doorstep_domain::measure::Micros;
use tokio::sync::watch;

use crate::http::problem::causes;

/// The time between rounds, by the clock of the application.
const EVERY: Micros = Micros::from_seconds(60);
/// How long a process keeps the lease after its last round.
const LEASE: Micros = Micros::from_seconds(180);
/// How often the clock is looked at: the clock of a demonstration runs faster than this.
const LOOK: Duration = Duration::from_secs(1);

/// Runs until the server stops.
pub(crate) async fn run(app: App, holder: String, mut stopping: watch::Receiver<bool>) {
    let mut due = app.now();
    loop {
        let now = app.now();
        if now >= due || now + EVERY < due {
            due = now + EVERY;
            match round(&app, &holder, now).await {
                Ok(0) => {}
                Ok(flagged) => tracing::info!(flagged, "visits are flagged: their recording did not come in time"),
                Err(error) => tracing::error!(error = %causes(&error), "the round of recordings failed"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// One round, if this process has or gets the lease.
async fn round(app: &App, holder: &str, now: Micros) -> Result<usize, AppError> {
    match app.store().lease_take("recordings", holder, now, now + LEASE).await? {
        Some(_) => app.run_recordings().await,
        None => Ok(0),
    }
}
