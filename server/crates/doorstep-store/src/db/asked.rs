//! How many reading statements a database was asked outside of transactions: what tests count (feature `conformance`). A
//! program without that feature counts nothing.

#[cfg(feature = "conformance")]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The count, shared by all clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    #[cfg(feature = "conformance")]
    count: Arc<AtomicU64>,
}

#[cfg(feature = "conformance")]
impl Asked {
    pub(super) fn one_more(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

#[cfg(not(feature = "conformance"))]
impl Asked {
    pub(super) const fn one_more(&self) {}
}
