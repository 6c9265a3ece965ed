//! The demo's own clock: it starts on the day that is shown, runs on like any clock, and can be put forward.

use std::sync::atomic::{AtomicI64, Ordering};

use doorstep_domain::measure::{Clock, Micros};

use crate::clock::SystemClock;

/// A clock that runs with the machine's but shows another time.
#[derive(Debug)]
pub(super) struct DemoClock {
    /// What is added to the machine's time.
    offset: AtomicI64,
}

impl DemoClock {
    /// A clock that shows `start` now.
    pub(super) fn starting(start: Micros) -> Self {
        Self {
            offset: AtomicI64::new((start - SystemClock.now()).get()),
        }
    }

    /// Puts the clock forward to `at`; never back.
    pub(super) fn forward_to(&self, at: Micros) {
        let ahead = (at - self.now()).get();
        if ahead > 0 {
            self.offset.fetch_add(ahead, Ordering::SeqCst);
        }
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Micros {
        SystemClock.now() + Micros(self.offset.load(Ordering::SeqCst))
    }
}
