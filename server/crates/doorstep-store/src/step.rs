//! The durable steps of the sequencer, each of which may fail in two ways: lost, or done but reported as failed.
//!
//! Tests make a step fail (feature `conformance`); a program without that feature carries every step out as it is.

use std::future::Future;

use crate::error::StoreError;
use crate::store::Store;

/// A durable step, in the order in which a leaf meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Leaves get their places and the head is swapped.
    Place,
    /// The mark in the key store is raised to the head.
    Mark,
    /// The signed note is stored.
    Publish,
    /// The checkpoint is queued for the operator's meta log.
    Announce,
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
#[cfg(feature = "conformance")]
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(std::sync::Arc<std::sync::Mutex<Option<(Step, Fault)>>>);

#[cfg(feature = "conformance")]
impl Store {
    /// Makes the next such step of this store fail once.
    ///
    /// # Panics
    ///
    /// If another thread panicked while it held the lock.
    pub fn fail_next(&self, step: Step, fault: Fault) {
        *self.faults.0.lock().expect("no holder of the lock can panic") = Some((step, fault));
    }

    /// Carries a step out, unless it is the one that is to fail.
    pub(crate) async fn step<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = {
            let mut planned = self.faults.0.lock().expect("no holder of the lock can panic");
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
}

#[cfg(not(feature = "conformance"))]
impl Store {
    /// Carries a step out.
    pub(crate) async fn step<T>(
        &self,
        _: Step,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        work.await
    }
}
