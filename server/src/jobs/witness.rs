//! Sends each log's newest checkpoint to the witnesses of the policy. Of several processes one does it, by a lease. The logs
//! go on whatever witnesses do: nothing waits for this job but exports, and they not for long.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorstep_app::witness::{Followed, ToCosign, WitnessToAsk};
use doorstep_app::{App, AppError};
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::hash::sha256;
use doorstep_log::witness::{ADD_CHECKPOINT, ANSWER_BYTES_MAX, read_answer};
use doorstep_store::entry::LogName;
use doorstep_store::witness::PublishedLog;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::http::problem::causes;
use crate::telemetry::metrics::{Metrics, WitnessCount};

/// A log's checkpoint is sent at most this often.
const EVERY: Duration = Duration::from_secs(1);
/// Name of the lease.
const LEASE_NAME: &str = "witness";
/// How long a process keeps the lease after its last round, by the clock of the application.
const LEASE: Micros = Micros::from_seconds(15);
/// How long a connection and an answer may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Requests under way at once.
const REQUESTS_MAX: usize = 32;
/// Requests to one witness for one checkpoint: the first may only tell the size that it cosigned last.
const ASKED_MAX: usize = 3;
/// The pause after the first failure; it doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(1);

type Log = (TenantId, LogName);

/// Runs until the server stops. A request that is cut off then is sent again by the next run.
pub(crate) async fn run(app: App, metrics: Metrics, holder: String, mut stopping: watch::Receiver<bool>) {
    if app.witness_policy().is_none() {
        return;
    }
    let http = match client() {
        Ok(http) => http,
        Err(error) => {
            tracing::error!(error = %causes(&error), "witnesses cannot be asked: no connection can be made");
            return;
        }
    };
    let job = Arc::new(Job {
        app,
        metrics,
        http,
        places: Semaphore::new(REQUESTS_MAX),
        under_way: Mutex::default(),
        pauses: Mutex::default(),
    });
    let mut tasks: JoinSet<()> = JoinSet::new();
    loop {
        if let Err(error) = job.round(&holder, &mut tasks).await {
            tracing::error!(error = %causes(&error), "checkpoints could not be sent to witnesses");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => break,
        }
    }
    drop(tasks);
    // Given back, so that the next process need not wait for its end; where that fails it ends by itself.
    let now = job.app.now();
    if let Err(error) = job.app.store().lease_take(LEASE_NAME, &holder, now, now).await {
        tracing::debug!(error = %causes(&error), "the lease on witnesses was not given back");
    }
}

fn client() -> reqwest::Result<reqwest::Client> {
    // Another part of the process may have installed the provider before; it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIME_MAX)
        .timeout(ANSWER_TIME_MAX)
        .redirect(reqwest::redirect::Policy::none())
        // A witness is named in the policy by its own address; a proxy of the machine is not part of it.
        .no_proxy()
        .user_agent(concat!("doorstep/", env!("CARGO_PKG_VERSION")))
        .build()
}

struct Job {
    app: App,
    metrics: Metrics,
    http: reqwest::Client,
    places: Semaphore,
    /// Logs whose witnesses are being asked. All witnesses get the same checkpoint, or they would never make a quorum.
    under_way: Mutex<HashSet<Log>>,
    /// Witnesses that failed for a log: when to ask again, and how long the pause was.
    pauses: Mutex<HashMap<(String, Log), (Instant, Duration)>>,
}

impl Job {
    /// One look at all logs; starts what is due and waits for nothing.
    async fn round(self: &Arc<Self>, holder: &str, tasks: &mut JoinSet<()>) -> Result<(), AppError> {
        while tasks.try_join_next().is_some() {}
        let now = self.app.now();
        let lease = self
            .app
            .store()
            .lease_take(LEASE_NAME, holder, now, now + LEASE)
            .await?;
        if lease.is_none() {
            return Ok(());
        }
        for waiting in self.app.logs_to_cosign().await? {
            let log = (waiting.log.tenant, waiting.log.name);
            if lock(&self.under_way).insert(log) {
                let job = Arc::clone(self);
                tasks.spawn(async move {
                    job.ask_all(waiting, log).await;
                    lock(&job.under_way).remove(&log);
                });
            }
        }
        Ok(())
    }

    async fn ask_all(self: &Arc<Self>, waiting: ToCosign, log: Log) {
        let waiting = Arc::new(waiting);
        let mut asked = JoinSet::new();
        for number in 0..waiting.witnesses.len() {
            let (job, waiting) = (Arc::clone(self), Arc::clone(&waiting));
            asked.spawn(async move { job.ask_unless_paused(&waiting, number, log).await });
        }
        while asked.join_next().await.is_some() {}
    }

    async fn ask_unless_paused(&self, waiting: &ToCosign, number: usize, log: Log) {
        let Some(witness) = waiting.witnesses.get(number) else {
            return;
        };
        let place = (witness.url.clone(), log);
        let last = lock(&self.pauses).get(&place).copied();
        if last.is_some_and(|(until, _)| Instant::now() < until) {
            return;
        }
        let followed = self.ask(waiting, witness).await;
        self.metrics.witness(match &followed {
            Ok(Followed::Cosigned) => WitnessCount::Cosigned,
            Ok(Followed::Refused) => WitnessCount::Refused,
            _ => WitnessCount::Failed,
        });
        let origin = waiting.log.origin.as_str();
        match followed {
            Ok(Followed::Cosigned | Followed::Outrun) => {
                lock(&self.pauses).remove(&place);
                return;
            }
            Ok(Followed::Refused) => {
                tracing::error!(
                    origin,
                    witness = witness.key.name(),
                    "a witness says that history was rewritten"
                );
            }
            Ok(Followed::Later(reason)) => {
                tracing::warn!(origin, witness = witness.key.name(), reason, "a witness did not cosign");
            }
            Ok(Followed::AskFrom(_)) => {
                tracing::warn!(
                    origin,
                    witness = witness.key.name(),
                    "a witness names another size each time"
                );
            }
            Err(error) => tracing::error!(error = %causes(&error), "a witness's answer could not be taken up"),
        }
        let length = last.map_or(PAUSE_MIN, |(_, length)| (length * 2).min(PAUSE_MAX));
        lock(&self.pauses).insert(place, (Instant::now() + length, length));
    }

    /// Asks one witness until it is clear what follows.
    async fn ask(&self, waiting: &ToCosign, witness: &WitnessToAsk) -> Result<Followed, AppError> {
        let log = &waiting.log;
        let mut old = witness.known;
        for _ in 0..ASKED_MAX {
            let request = self.app.witness_request(log, old).await?;
            let answer = match self.send(witness, request.encode()).await {
                Ok((status, body)) => read_answer(status, &body, log.note.as_bytes(), &witness.key),
                Err(error) => {
                    tracing::debug!(error = %causes(&error), "a witness cannot be reached");
                    return Ok(Followed::Later("unreachable"));
                }
            };
            match self.app.take_witness_answer(log, &witness.key, old, &answer).await? {
                Followed::AskFrom(size) => old = size,
                Followed::Refused => {
                    self.take_up(log, witness).await;
                    return Ok(Followed::Refused);
                }
                followed => return Ok(followed),
            }
        }
        Ok(Followed::AskFrom(old))
    }

    /// What a witness that refuses has cosigned was signed by the log: where the log does not reach it, it is halted.
    async fn take_up(&self, log: &PublishedLog, witness: &WitnessToAsk) {
        let place = format!("/{}/checkpoint", sha256(log.origin.as_bytes()).to_hex());
        match self.call(self.http.get(address(witness, &place))).await {
            Ok((200, signed)) => {
                if let Err(error) = self.app.store().mark_known(&signed).await {
                    tracing::error!(error = %causes(&error), log.origin, "a witness's checkpoint was not taken up");
                }
            }
            Ok((status, _)) => tracing::warn!(status, log.origin, "a witness does not show its checkpoint"),
            Err(error) => tracing::debug!(error = %causes(&error), "a witness cannot be reached"),
        }
    }

    async fn send(&self, witness: &WitnessToAsk, body: Vec<u8>) -> reqwest::Result<(u16, Vec<u8>)> {
        self.call(self.http.post(address(witness, ADD_CHECKPOINT)).body(body))
            .await
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> reqwest::Result<(u16, Vec<u8>)> {
        // The semaphore is never closed; without a place the request would only wait less.
        let _place = self.places.acquire().await;
        let mut response = request.send().await?;
        let mut read = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            read.extend_from_slice(&chunk);
            if read.len() > ANSWER_BYTES_MAX {
                break;
            }
        }
        Ok((response.status().as_u16(), read))
    }
}

fn address(witness: &WitnessToAsk, place: &str) -> String {
    format!("{}{place}", witness.url.trim_end_matches('/'))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
