//! What a database was asked outside of transactions. Tests hold it against a bound (feature `conformance`), so that work that
//! must stay small whatever the size of a log is seen to be small.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The counts, shared by all clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    statements: AtomicU64,
    rows: AtomicU64,
}

impl Asked {
    /// One statement was answered with so many rows.
    pub(super) fn add(&self, rows: usize) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        self.0.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// Statements and rows so far.
    #[cfg(feature = "conformance")]
    pub(crate) fn counts(&self) -> (u64, u64) {
        let Counts { statements, rows } = &*self.0;
        (statements.load(Ordering::Relaxed), rows.load(Ordering::Relaxed))
    }
}
