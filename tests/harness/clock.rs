//! The tests' clock: it stands still until a story moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use doorstep_domain::measure::{Clock, Micros};

/// Half past six on Monday 2026-11-23, UTC: "today" of the sample files, before the first shift in Portugal.
const MONDAY: i64 = 1_795_415_400_000_000;

/// A clock that shows what the story says.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    /// Shows this time.
    pub(crate) const fn at(time: Micros) -> Self {
        Self(AtomicI64::new(time.get()))
    }

    /// Shows Monday morning.
    pub(crate) const fn monday() -> Self {
        Self(AtomicI64::new(MONDAY))
    }

    /// Shows another time, earlier ones too.
    pub(crate) fn set(&self, at: Micros) {
        self.0.store(at.get(), Ordering::SeqCst);
    }

    /// Goes on by some seconds.
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}
