//! A way to either of two servers, chosen anew for each request. Knows no sync.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorstep_device::{Answer, BoxFuture, HttpTransport, Request, Transport, TransportError, Waited};

use crate::dice::Dice;

/// The way.
pub(crate) struct Either {
    ways: [HttpTransport; 2],
    dice: Mutex<Dice>,
    /// Requests that broke after they had reached a server.
    cut_off: Arc<AtomicU64>,
}

impl Either {
    /// To the servers at these addresses, in an order that the seed repeats.
    pub(crate) fn new(addresses: [&str; 2], seed: u64, cut_off: Arc<AtomicU64>) -> Self {
        Self {
            ways: addresses.map(|address| HttpTransport::new(address).unwrap()),
            dice: Mutex::new(Dice::new(seed)),
            cut_off,
        }
    }

    fn one(&self) -> &HttpTransport {
        let which = self.dice.lock().unwrap().below(2) as usize;
        &self.ways[which]
    }
}

/// Whether a server was reached before it broke.
fn is_cut_off(error: &TransportError) -> bool {
    let TransportError::Unreachable(Some(cause)) = error else {
        return false;
    };
    let cause = cause.downcast_ref::<reqwest::Error>();
    cause.is_some_and(|cause| !cause.is_connect())
}

impl Transport for Either {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let answer = self.one().send(request).await;
            if answer.as_ref().is_err_and(is_cut_off) {
                self.cut_off.fetch_add(1, Ordering::Relaxed);
            }
            answer
        })
    }

    fn wait(&self, request: Request, wait_max: Duration) -> BoxFuture<'_, Result<Waited, TransportError>> {
        self.one().wait(request, wait_max)
    }
}
