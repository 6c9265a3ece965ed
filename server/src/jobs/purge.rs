//! The weekly purge, where the configuration switches it on: persons whose time for keeping is over are erased without
//! anybody being asked. Of several processes one does it, by a lease.

use std::time::Duration;

use doorstep_app::App;
use doorstep_domain::measure::Micros;
use tokio::sync::watch;

use crate::config::PurgeTime;
use crate::http::problem::causes;

/// How long a process keeps the lease: nobody else begins within the same hour.
const LEASE: Micros = Micros::from_seconds(3_600);
/// How often the clock is looked at: the clock of a demonstration runs faster than others.
const LOOK: Duration = Duration::from_secs(1);
/// Seconds of an hour, and hours of a week.
const HOUR_S: i64 = 3_600;
const WEEK_H: i64 = 7 * 24;
/// Hours from the Monday before it to the first of January 1970, a Thursday.
const EPOCH_H: i64 = 3 * 24;

/// The hour of time that `now` lies in, if it is the one of the week in which the purge runs, in UTC.
fn due(time: PurgeTime, now: Micros) -> Option<i64> {
    let hour = now.seconds().div_euclid(HOUR_S);
    let of_week = (hour + EPOCH_H).rem_euclid(WEEK_H);
    (of_week == i64::from(time.weekday) * 24 + i64::from(time.hour)).then_some(hour)
}

/// Runs until the server stops; does nothing where no time is configured.
pub(crate) async fn run(app: App, time: Option<PurgeTime>, holder: String, mut stopping: watch::Receiver<bool>) {
    let Some(time) = time else { return };
    let mut done = None;
    loop {
        let now = app.now();
        if let Some(hour) = due(time, now).filter(|hour| done != Some(*hour)) {
            done = Some(hour);
            purge(&app, &holder, now).await;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

async fn purge(app: &App, holder: &str, now: Micros) {
    let ours = match app.store().lease_take("purge", holder, now, now + LEASE).await {
        Ok(lease) => lease.is_some(),
        Err(error) => {
            tracing::error!(error = %causes(&error), "the lease of the purge cannot be had");
            return;
        }
    };
    if !ours {
        return;
    }
    match app.run_purge_due().await {
        Ok(erased) => tracing::info!(erased, "purged persons whose time for keeping is over"),
        Err(error) => tracing::error!(error = %causes(&error), "the purge broke off; what is left goes with the next"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_in_one_hour_of_the_week() {
        // 2026-11-22 is a Sunday.
        let sunday = 1_795_305_600;
        let time = PurgeTime { weekday: 6, hour: 3 };
        let at = |seconds: i64| due(time, Micros::from_seconds(sunday + seconds));
        assert_eq!(at(3 * HOUR_S - 1), None);
        assert!(at(3 * HOUR_S).is_some());
        assert_eq!(at(3 * HOUR_S), at(4 * HOUR_S - 1), "one run");
        assert_eq!(at(4 * HOUR_S), None);
        assert_eq!(at(27 * HOUR_S), None);
        let hours = (0..WEEK_H).filter(|hour| at(hour * HOUR_S).is_some()).count();
        assert_eq!(hours, 1);
        let monday = PurgeTime { weekday: 0, hour: 0 };
        assert!(due(monday, Micros::from_seconds(sunday + 24 * HOUR_S)).is_some());
    }
}
