//! Starts and stops the server: in a process of its own, or inside a test or demonstration on a free port.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use doorstep_app::App;
use doorstep_domain::measure::Clock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Config, MetricsListen};
use crate::error::ServerError;
use crate::folder::{self, FolderLock};
use crate::http::state::{Parts, State};
use crate::jobs::{self, Pulse};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::spent;

/// How long the sequencer's last round may take when the server stops.
const LAST_ROUND_MAX: Duration = Duration::from_secs(30);

/// What a server is started with.
pub struct Start {
    /// The data folder, made by `init`.
    pub folder: PathBuf,
    /// The settings; usually [`Config::load`] of the folder.
    pub config: Config,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// A listener that is already bound, for example to a free port; otherwise the server binds `config.listen`.
    pub listener: Option<std::net::TcpListener>,
}

/// The server.
pub struct Server;

/// A server at work. Dropping it lets everything end by itself; [`Running::stop`] waits for that.
pub struct Running {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    app: App,
    stop_max: Duration,
    stopping: watch::Sender<bool>,
    ended: watch::Sender<bool>,
    serving: Vec<JoinHandle<()>>,
    sequencer: JoinHandle<()>,
    _lock: FolderLock,
}

impl Server {
    /// Starts serving. Everything that can fail is tried before the first request is taken.
    pub async fn start(start: Start) -> Result<Running, ServerError> {
        let Start {
            folder,
            mut config,
            clock,
            listener,
        } = start;
        config.check()?;
        let lock = FolderLock::take(&folder, "the server")?;
        sweep(&folder)?;
        let listener = match listener {
            None => bind(config.listen, "listen").await?,
            Some(listener) => adopt(listener, config.listen)?,
        };
        let address = listener.local_addr().map_err(listen_error(config.listen, "listen"))?;
        config.listen = address;
        config.check()?;
        let metrics_listener = match config.metrics_listen {
            MetricsListen::Off => None,
            MetricsListen::At(address) => Some(bind(address, "metrics_listen").await?),
        };
        let metrics_address = metrics_listener
            .as_ref()
            .and_then(|listener| listener.local_addr().ok());
        let target = config.dispatch_target(&folder)?;
        let app = folder::open_app(&folder, &config, clock).await?;
        catch_up(&app).await?;
        let (stopping, ended) = (watch::Sender::new(false), watch::Sender::new(false));
        let (metrics, pulse) = (Metrics::default(), Pulse::default());
        let state = State::new(Parts {
            app: app.clone(),
            config: config.clone(),
            folder,
            metrics: metrics.clone(),
            sequencer: pulse.clone(),
            stopping: stopping.subscribe(),
        });
        let mut serving = jobs_of(&state, &stopping);
        serving.push(tokio::spawn(jobs::dispatch::run(jobs::dispatch::Dispatching {
            app: app.clone(),
            target,
            holder: state.run_id().to_owned(),
            stopping: stopping.subscribe(),
        })));
        serving.push(tokio::spawn(serve(listener, state.clone(), stopping.subscribe())));
        let sequencer = jobs::sequencer::run(app.clone(), metrics, pulse, ended.subscribe());
        if let Some(listener) = metrics_listener {
            serving.push(tokio::spawn(serve_metrics(listener, state, stopping.subscribe())));
        }
        tracing::info!(%address, "serving");
        Ok(Running {
            address,
            metrics_address,
            app,
            stop_max: Duration::from_secs(u64::from(config.stop_s_max)),
            stopping,
            ended,
            serving,
            sequencer: tokio::spawn(sequencer),
            _lock: lock,
        })
    }
}

/// Removes what exports left behind that a kill broke off: it may hold payloads in the clear.
fn sweep(folder: &Path) -> Result<(), ServerError> {
    let entries = std::fs::read_dir(folder).map_err(ServerError::file(folder))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(crate::http::log::EXPORT_PREFIX) {
            std::fs::remove_dir_all(&path).map_err(ServerError::file(&path))?;
        }
    }
    Ok(())
}

/// Starts the jobs that end when the server begins to stop.
fn jobs_of(state: &State, stopping: &watch::Sender<bool>) -> Vec<JoinHandle<()>> {
    let (app, metrics) = (state.app(), state.metrics());
    let overdue = jobs::overdue::run(
        app.clone(),
        metrics.clone(),
        state.run_id().to_owned(),
        stopping.subscribe(),
    );
    let stamps = jobs::stamp::run(jobs::stamp::Stamping {
        app: app.clone(),
        metrics: metrics.clone(),
        url: state.config().timestamp_url.clone(),
        holder: state.run_id().to_owned(),
        stopping: stopping.subscribe(),
    });
    let witness = jobs::witness::run(
        app.clone(),
        metrics.clone(),
        state.run_id().to_owned(),
        stopping.subscribe(),
    );
    let purge = jobs::purge::run(
        app.clone(),
        state.config().purge_time(),
        state.run_id().to_owned(),
        stopping.subscribe(),
    );
    let daily = jobs::daily::run(
        app.clone(),
        state.config().daily,
        state.run_id().to_owned(),
        stopping.subscribe(),
    );
    let recordings = jobs::recordings::run(app.clone(), state.run_id().to_owned(), stopping.subscribe());
    let mut started = vec![
        tokio::spawn(recordings),
        tokio::spawn(daily),
        tokio::spawn(overdue),
        tokio::spawn(stamps),
        tokio::spawn(witness),
        tokio::spawn(purge),
    ];
    for number in 0..jobs::plans::AT_ONCE {
        let holder = format!("{}/{number}", state.run_id());
        started.push(tokio::spawn(jobs::plans::run(
            app.clone(),
            holder,
            stopping.subscribe(),
        )));
    }
    started
}

/// Does what became due while nothing ran, and leaves the entry that a server was started here.
async fn catch_up(app: &App) -> Result<(), ServerError> {
    let erasures = app.store().erasure_finish(app.now()).await?;
    if erasures.finished > 0 {
        tracing::warn!(
            erasures = erasures.finished,
            "finished erasures that an earlier stop had left half done"
        );
    }
    if !erasures.unproven.is_empty() {
        tracing::error!(
            persons = erasures.unproven.len(),
            "persons are called erased and nothing shows who allowed it; their keys are kept, `doorstep doctor` names them"
        );
    }
    let reads = app.store().reads_finish().await?;
    if reads > 0 {
        tracing::info!(reads, "made the index of who read whose data");
    }
    // Also logs in which nothing waits: a file that leaves must not meet one that was set back and does not know it yet.
    app.store().log_guard_all(app.now()).await?;
    app.store().meta_continue(app.now()).await?;
    folder::leave_entry(app, "serve").await?;
    let changed = app.activate_rules().await?;
    if changed > 0 {
        tracing::info!(tenants = changed, "other rule packs came into force");
    }
    Ok(())
}

impl Running {
    /// Where the interface is served.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }
    /// Where metrics are served, if they are.
    #[must_use]
    pub const fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_address
    }
    /// The use cases, for programs that run the server inside themselves.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Takes no more requests, lets open ones finish, gives every queued entry its place, and closes the store.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        let deadline = tokio::time::Instant::now() + self.stop_max;
        for mut task in self.serving {
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                tracing::warn!("requests were cut off: they took longer than `stop_s_max` to finish");
                task.abort();
            }
        }
        self.ended.send_replace(true);
        if tokio::time::timeout(LAST_ROUND_MAX, self.sequencer).await.is_err() {
            tracing::warn!(
                "the sequencer's last round took too long; queued entries get their places at the next start"
            );
        }
        self.app.store().close().await;
        tracing::info!("stopped");
    }

    /// Serves until the system asks the program to stop (SIGTERM, or Ctrl-C), then stops.
    pub async fn until_signal(self) -> Result<(), ServerError> {
        signal().await.map_err(ServerError::Signal)?;
        tracing::info!("stopping: open requests may finish");
        self.stop().await;
        Ok(())
    }
}

/// Ends when the system asks the program to stop.
#[cfg(unix)]
pub(crate) async fn signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked,
        _ = terminate.recv() => Ok(()),
    }
}

/// Ends when the system asks the program to stop.
#[cfg(not(unix))]
pub(crate) async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn listen_error(address: SocketAddr, key: &'static str) -> impl FnOnce(std::io::Error) -> ServerError {
    move |source| match source.kind() {
        std::io::ErrorKind::AddrInUse => ServerError::PortInUse { address, key },
        _ => ServerError::Listen { address, key, source },
    }
}

async fn bind(address: SocketAddr, key: &'static str) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(listen_error(address, key))
}

fn adopt(listener: std::net::TcpListener, address: SocketAddr) -> Result<TcpListener, ServerError> {
    listener
        .set_nonblocking(true)
        .and_then(|()| TcpListener::from_std(listener))
        .map_err(listen_error(address, "listen"))
}

/// Ends when the server begins to stop, also when its handle was dropped.
async fn stop_asked(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn serve(listener: TcpListener, state: State, stopping: watch::Receiver<bool>) {
    let service = crate::http::router(&state).into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stop_asked(stopping))
        .await
    {
        tracing::error!(%error, "the interface is served no longer");
    }
}

async fn serve_metrics(listener: TcpListener, state: State, stopping: watch::Receiver<bool>) {
    let text = move || {
        let state = state.clone();
        async move {
            let queued = state.app().store().log_queue_len().await.ok();
            let halted = state.app().store().log_halted_count().await.ok();
            (
                [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                state.metrics().text(queued, halted) + &spent::text(state.app().store().spent()),
            )
        }
    };
    let router = Router::new().route("/metrics", get(text));
    if let Err(error) = axum::serve(listener, router)
        .with_graceful_shutdown(stop_asked(stopping))
        .await
    {
        tracing::error!(%error, "metrics are served no longer");
    }
}
