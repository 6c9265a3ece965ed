//! What every handler can reach. Holds no storage of its own: that is behind the use cases.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_app::App;
use tokio::sync::{Semaphore, watch};

use crate::config::Config;
use crate::jobs::Pulse;
use crate::telemetry::metrics::Metrics;

/// The parts of the state.
pub(crate) struct Parts {
    /// The use cases.
    pub(crate) app: App,
    /// The settings.
    pub(crate) config: Config,
    /// The data folder: bodies are spooled on its disk.
    pub(crate) folder: PathBuf,
    /// Counts and times.
    pub(crate) metrics: Metrics,
    /// Whether the sequencer works.
    pub(crate) sequencer: Pulse,
    /// Becomes true when the server begins to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The state; cheap to clone.
#[derive(Clone)]
pub(crate) struct State(Arc<Inner>);

struct Inner {
    parts: Parts,
    requests: Arc<Semaphore>,
    wakes: Arc<Semaphore>,
    run_id: String,
}

impl State {
    /// Puts the state together.
    pub(crate) fn new(parts: Parts) -> Self {
        let requests = Arc::new(Semaphore::new(parts.config.requests_max));
        let wakes = Arc::new(Semaphore::new(parts.config.wakes_max));
        Self(Arc::new(Inner {
            parts,
            requests,
            wakes,
            run_id: crate::telemetry::random_id(),
        }))
    }
    pub(crate) fn app(&self) -> &App {
        &self.0.parts.app
    }
    pub(crate) fn config(&self) -> &Config {
        &self.0.parts.config
    }
    pub(crate) fn folder(&self) -> &Path {
        &self.0.parts.folder
    }
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.parts.metrics
    }
    pub(crate) fn sequencer(&self) -> &Pulse {
        &self.0.parts.sequencer
    }
    /// Tells this run of the server from others.
    pub(crate) fn run_id(&self) -> &str {
        &self.0.run_id
    }
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.parts.stopping.clone()
    }
    /// Places for requests.
    pub(crate) fn requests(&self) -> &Arc<Semaphore> {
        &self.0.requests
    }
    /// Places for devices that wait for news.
    pub(crate) fn wakes(&self) -> &Arc<Semaphore> {
        &self.0.wakes
    }
}
