//! Where the CPU time of events goes, by part: sums since the start of the process. A part is measured once for a push or
//! a batch, not for each event, so that measuring costs nothing that counts.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use doorstep_domain::codes;

codes!(
    /// A part of the work on events.
    Part, "part of the work on events" {
        /// Reading the body: JSON, base64, headers, payloads.
        Parse = "parse",
        /// Checking signatures.
        Verify = "verify",
        /// Sealing payloads.
        Seal = "seal",
        /// Writing rows: what this process does for statements that write and for their commits. On SQLite that is all work
        /// of the thread that writes, the sequencer's rows among it, up to the newest commit; on PostgreSQL the database's
        /// own work is not in it.
        Insert = "insert",
        /// Writing leaves as bytes.
        Leaf = "leaf",
        /// Hashing leaves and the tree.
        Hash = "hash",
    }
);

/// Sums by part, in nanoseconds of CPU time.
#[derive(Debug, Default)]
pub struct Spent([AtomicU64; Part::ALL.len()]);

/// A moment of a thread's CPU time.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

impl Moment {
    /// The start of the thread.
    pub(crate) const START: Self = Self(0);
}

impl Spent {
    /// The CPU time of this thread. What is measured must not wait in between, or it may go on in another thread.
    #[must_use]
    #[cfg(unix)]
    pub fn now() -> Moment {
        let at = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Moment((at.tv_sec as u64) * 1_000_000_000 + at.tv_nsec as u64)
    }

    /// Other systems tell no CPU time of a thread in this way: nothing is counted there.
    #[must_use]
    #[cfg(not(unix))]
    pub fn now() -> Moment {
        Moment(0)
    }

    /// Adds what this thread has used since a moment.
    pub fn add(&self, part: Part, since: Moment) {
        let used = Self::now().0.saturating_sub(since.0);
        self.0[part as usize].fetch_add(used, Ordering::Relaxed);
    }

    /// Carries work out that waits, and adds what each of its steps uses of the thread that it is in then.
    pub(crate) async fn of<T>(&self, part: Part, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| {
            let since = Self::now();
            let step = work.as_mut().poll(context);
            self.add(part, since);
            step
        })
        .await
    }

    /// The sums, in nanoseconds.
    pub fn sums(&self) -> impl Iterator<Item = (Part, u64)> {
        let sums = self.0.iter().map(|sum| sum.load(Ordering::Relaxed));
        Part::ALL.iter().copied().zip(sums)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_shows_under_its_part() {
        let spent = Spent::default();
        let begun = Spent::now();
        while Spent::now().0 == begun.0 {}
        spent.add(Part::Seal, begun);
        let used: Vec<Part> = spent
            .sums()
            .filter(|(_, used)| *used > 0)
            .map(|(part, _)| part)
            .collect();
        assert_eq!(used, [Part::Seal]);
    }

    #[tokio::test]
    async fn work_that_waits_is_counted_while_it_works() {
        let spent = Spent::default();
        let begun = Spent::now();
        let work = async {
            tokio::task::yield_now().await;
            while Spent::now().0 < begun.0 + 1_000_000 {}
            7
        };
        assert_eq!(spent.of(Part::Insert, work).await, 7);
        let insert = spent.sums().find(|(part, _)| *part == Part::Insert);
        assert!(insert.is_some_and(|(_, nanos)| nanos > 0));
    }
}
