//! A witness: a party of its own that cosigns the checkpoints of logs it was told of, and keeps what a log says against
//! itself. Has a folder of its own and no database; knows nothing of data folders, tenants and use cases.
//!
//! The decision is `doorstep_log::witness`'s; here are its files (`book`) and its interface (`http`).

mod book;
mod http;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_domain::measure::Clock;
use doorstep_log::cosignature::Cosigner;
use doorstep_log::note::VerifierKey;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use book::{Evidence, KnownLog, WitnessError};

use crate::error::ServerError;
use crate::folder::FolderLock;
use book::Book;

/// Makes a witness in a folder that is empty or does not exist, and gives back its public key.
pub fn init(folder: &Path, name: &str) -> Result<Cosigner, ServerError> {
    crate::folder::make_private(folder)?;
    let _lock = FolderLock::take(folder, "doorstep witness init")?;
    Ok(Book::create(folder, name)?)
}

/// Has a witness know a log from now on, also while it serves. Another key for a known log is refused.
pub fn add_log(folder: &Path, log: &VerifierKey) -> Result<(), ServerError> {
    Ok(Book::open(folder)?.add_log(log)?)
}

/// What a witness knows: its own key, and each log with the newest checkpoint that it cosigned.
pub fn show(folder: &Path) -> Result<(Cosigner, Vec<KnownLog>), ServerError> {
    let book = Book::open(folder)?;
    Ok((book.cosigner(), book.logs()?))
}

/// What logs said against themselves, oldest first within a log.
pub fn refusals(folder: &Path) -> Result<Vec<Evidence>, ServerError> {
    Ok(Book::open(folder)?.refusals()?)
}

/// What a witness is started with.
pub struct Start {
    /// Its folder.
    pub folder: PathBuf,
    /// Where it listens; not the machine itself only with `behind_proxy`.
    pub listen: SocketAddr,
    /// A proxy in front ends TLS.
    pub behind_proxy: bool,
    /// The clock of its cosignatures.
    pub clock: Arc<dyn Clock>,
}

/// A witness at work.
pub struct Running {
    address: SocketAddr,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<()>,
    _lock: FolderLock,
}

/// Starts serving.
pub async fn start(start: Start) -> Result<Running, ServerError> {
    if !start.listen.ip().is_loopback() && !start.behind_proxy {
        return Err(WitnessError::Open.into());
    }
    let lock = FolderLock::take(&start.folder, "the witness")?;
    let book = Book::open(&start.folder)?;
    // What does not open is to be known before a log asks.
    book.logs()?;
    let listener = TcpListener::bind(start.listen)
        .await
        .map_err(|source| WitnessError::Listen {
            address: start.listen,
            source,
        })?;
    let address = listener.local_addr().map_err(|source| WitnessError::Listen {
        address: start.listen,
        source,
    })?;
    let (stopping, mut asked) = watch::channel(false);
    let router = http::router(book, start.clock);
    let serving = tokio::spawn(async move {
        let stop = async move {
            let _ = asked.wait_for(|stopping| *stopping).await;
        };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the witness serves no longer");
        }
    });
    Ok(Running {
        address,
        stopping,
        serving,
        _lock: lock,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests and lets open ones finish.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        // It ends by itself; a panic in it was logged.
        let _ = self.serving.await;
    }

    /// Serves until the system asks the program to stop.
    pub async fn until_signal(self) -> Result<(), ServerError> {
        crate::serve::signal().await.map_err(ServerError::Signal)?;
        self.stop().await;
        Ok(())
    }
}

#[cfg(test)]
#[path = "witness/witness_tests.rs"]
mod tests;
