//! The work of a day, where the configuration switches it on: every hour the server looks whether a day has begun somewhere
//! that was not worked yet. Of several processes one does it, by a lease.

use std::time::Duration;

use doorstep_app::App;
use doorstep_domain::measure::Micros;
use tokio::sync::watch;

use crate::http::problem::causes;

/// The time between rounds, by the clock of the application; days begin at whole and half hours somewhere.
const EVERY: Micros = Micros::from_seconds(1_800);
/// How long a process keeps the lease.
const LEASE: Micros = Micros::from_seconds(1_700);
/// How often the clock is looked at: the clock of a demonstration runs faster than others.
const LOOK: Duration = Duration::from_secs(1);

/// Runs until the server stops; does nothing where it is not switched on.
pub(crate) async fn run(app: App, on: bool, holder: String, mut stopping: watch::Receiver<bool>) {
    if !on {
        return;
    }
    let mut due = app.now();
    loop {
        let now = app.now();
        if now >= due || now + EVERY < due {
            due = now + EVERY;
            work(&app, &holder, now).await;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

async fn work(app: &App, holder: &str, now: Micros) {
    match app.store().lease_take("daily", holder, now, now + LEASE).await {
        Ok(Some(_)) => {}
        Ok(None) => return,
        Err(error) => {
            tracing::error!(error = %causes(&error), "the lease of the daily work cannot be had");
            return;
        }
    }
    if let Err(error) = app.run_daily_all().await {
        tracing::error!(error = %causes(&error), "the daily work broke off; what is left is done with the next round");
    }
}
