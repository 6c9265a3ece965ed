//! What a database was asked outside of transactions: tests count it (feature `conformance`). A program without that feature
//! counts nothing.

#[cfg(feature = "conformance")]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The counts, shared by all clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    #[cfg(feature = "conformance")]
    counts: Arc<(AtomicU64, AtomicU64)>,
}

#[cfg(feature = "conformance")]
impl Asked {
    /// One statement was answered with so many rows.
    pub(super) fn add(&self, rows: usize) {
        self.counts.0.fetch_add(1, Ordering::Relaxed);
        self.counts.1.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// Statements and rows so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let (statements, rows) = &*self.counts;
        (statements.load(Ordering::Relaxed), rows.load(Ordering::Relaxed))
    }
}

#[cfg(not(feature = "conformance"))]
impl Asked {
    /// One statement was answered.
    pub(super) const fn add(&self, _: usize) {}
}
