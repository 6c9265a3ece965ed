//! The durable steps of a change, of the sequencer after it, and of what outside parties give, each of which may fail in two
//! ways: lost, or done but reported as failed.
//!
//! Tests make a step fail (feature `conformance`); a program without that feature carries every step out as it is.

use std::future::Future;

use crate::error::StoreError;
#[cfg(feature = "conformance")]
use crate::store::Store;

/// A durable step; the first five in the order in which a leaf meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A change commits together with its entries.
    Commit,
    /// Leaves get their places and the head is swapped.
    Place,
    /// The mark in the key store is raised to the head.
    Mark,
    /// The signed note is stored.
    Publish,
    /// The checkpoint is queued for the operator's meta log.
    Announce,
    /// A time stamp is stored.
    Stamp,
    /// It is stored that a witness cosigned.
    Cosign,
    /// The note that a quorum cosigned is stored.
    Quorum,
    /// A signed head that the log's tree does not contain is kept in the key store.
    Rival,
    /// It is stored that the witnesses of a restored log were asked.
    Asked,
    /// The key of an erased person is destroyed.
    Destroy,
    /// A halted log ends and a new one begins.
    Continue,
}

/// How a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of it was done.
    Lost,
    /// All of it was done, and the answer did not come.
    Done,
}

/// The step that fails next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    #[cfg(feature = "conformance")]
    planned: std::sync::Arc<std::sync::Mutex<Option<(Step, Fault)>>>,
}

#[cfg(feature = "conformance")]
impl Store {
    /// Makes the next such step of this store fail once.
    ///
    /// # Panics
    /// Where a test panicked while it held the lock.
    pub fn fail_next(&self, step: Step, fault: Fault) {
        *self.faults.planned.lock().expect("no holder of the lock can panic") = Some((step, fault));
    }

    /// Whether the step that was to fail has come, and failed.
    ///
    /// # Panics
    /// Where a test panicked while it held the lock.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let planned = self.faults.planned.lock();
        planned.expect("no holder of the lock can panic").is_none()
    }
}

impl Faults {
    /// Carries a step out, unless it is the one that is to fail.
    #[cfg(feature = "conformance")]
    pub(crate) async fn step<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = {
            let mut planned = self.planned.lock().expect("no holder of the lock can panic");
            planned.take_if(|(planned, _)| *planned == step).map(|(_, fault)| fault)
        };
        match fault {
            None => work.await,
            Some(Fault::Lost) => Err(StoreError::Busy),
            Some(Fault::Done) => {
                work.await?;
                Err(StoreError::Busy)
            }
        }
    }

    /// Carries a step out.
    #[cfg(not(feature = "conformance"))]
    pub(crate) async fn step<T>(
        &self,
        _: Step,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        work.await
    }
}
