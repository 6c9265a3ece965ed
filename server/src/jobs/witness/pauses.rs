//! When a witness that failed is asked again: for the log for which it failed or, where it cannot be reached, for all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Log;

/// The pause after the first failure; it doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// A witness by its address, for one log or for all.
type Paused = (String, Option<Log>);

/// The pauses of all witnesses: when each ends, and how long it is.
#[derive(Default)]
pub(super) struct Pauses(Mutex<HashMap<Paused, (Instant, Duration)>>);

impl Pauses {
    fn lock(&self) -> MutexGuard<'_, HashMap<Paused, (Instant, Duration)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a witness is left alone with all logs.
    pub(super) fn is_out_of_reach(&self, url: &str, now: Instant) -> bool {
        self.is_paused(url, None, now)
    }

    /// Whether a witness is left alone with a log.
    pub(super) fn covers(&self, url: &str, log: Log, now: Instant) -> bool {
        self.is_paused(url, Some(log), now) || self.is_out_of_reach(url, now)
    }

    fn is_paused(&self, url: &str, of: Option<Log>, now: Instant) -> bool {
        let pauses = self.lock();
        pauses.get(&(url.to_owned(), of)).is_some_and(|(until, _)| now < *until)
    }

    /// Begins a pause, twice as long as the last. Of failures at once the first counts.
    pub(super) fn begin(&self, url: &str, of: Option<Log>, now: Instant) {
        if self.is_paused(url, of, now) {
            return;
        }
        let mut pauses = self.lock();
        let last = pauses.get(&(url.to_owned(), of));
        let length = last.map_or(PAUSE_MIN, |(_, length)| (*length * 2).min(PAUSE_MAX));
        pauses.insert((url.to_owned(), of), (now + length, length));
    }

    /// A witness answered about a log.
    pub(super) fn end(&self, url: &str, log: Log) {
        let mut pauses = self.lock();
        pauses.remove(&(url.to_owned(), Some(log)));
        pauses.remove(&(url.to_owned(), None));
    }
}

#[cfg(test)]
mod tests {
    use doorstep_domain::id::TenantId;
    use doorstep_store::entry::LogName;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_witness_out_of_reach_is_left_alone_with_all_logs_and_others_are_not() {
        let log = |number, name| (TenantId(Uuid::from_u128(number)), name);
        let (one, other) = (log(1, LogName::Events), log(2, LogName::Access));
        let (pauses, began) = (Pauses::default(), Instant::now());
        pauses.begin("dead", None, began);
        pauses.begin("alive", Some(one), began);
        let at = |pauses: &Pauses, ms| {
            let now = began + Duration::from_millis(ms);
            [("dead", one), ("dead", other), ("alive", one), ("alive", other)]
                .map(|(url, log)| pauses.covers(url, log, now))
        };
        assert_eq!(at(&pauses, 0), [true, true, true, false]);
        assert_eq!(at(&pauses, 1_000), [false; 4]);
        // A hundred logs that fail at once make one pause of it.
        for _ in 0..100 {
            pauses.begin("dead", None, began + Duration::from_secs(1));
        }
        assert_eq!(at(&pauses, 2_999), [true, true, false, false]);
        assert_eq!(at(&pauses, 3_000), [false; 4]);
        for second in 3..1_000 {
            pauses.begin("dead", None, began + Duration::from_secs(second));
        }
        assert!(
            at(&pauses, 1_000_000)[0] && !at(&pauses, 1_063_000)[0],
            "a minute at most"
        );
        pauses.end("dead", other);
        assert_eq!(at(&pauses, 1_000_000), [false; 4]);
    }
}
