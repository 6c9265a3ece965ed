//! Sends each log's newest checkpoint to the witnesses of the policy. Of several processes one does it, by a lease. The logs
//! go on whatever witnesses do: nothing waits for this job but exports, and they not for long, and each process once.
//!
//! Before a process signs anything it shows the checkpoints that it finds to all witnesses. They were signed before, so
//! nothing new is said, and a database that was set back together with its key store meets what was cosigned since. A
//! witness that is down keeps nobody waiting for long, but for logs that were restored: those wait for it.

mod pauses;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorstep_app::witness::{Followed, ToCosign, WitnessToAsk};
use doorstep_app::{App, AppError};
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::cosignature::Cosigner;
use doorstep_log::witness::{ADD_CHECKPOINT, ANSWER_BYTES_MAX, checkpoint_path, read_answer};
use doorstep_store::entry::LogName;
use doorstep_store::witness::PublishedLog;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::pauses::Pauses;
use crate::http::problem::causes;
use crate::telemetry::metrics::{Metrics, WitnessCount};

/// A log's checkpoint is sent at most this often.
const EVERY: Duration = Duration::from_secs(1);
/// How long a process waits for witnesses before it signs anything.
const FIRST_MAX: Duration = Duration::from_secs(5);
/// Name of the lease.
const LEASE_NAME: &str = "witness";
/// How long a process keeps the lease after its last round, by the clock of the application.
const LEASE: Micros = Micros::from_seconds(15);
/// How long a connection and an answer may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Requests to one witness under way at once: one that is slow or dead takes no other's places.
const REQUESTS_MAX: usize = 8;
/// Requests to one witness for one checkpoint: the first may only tell the size that it cosigned last.
const ASKED_MAX: usize = 3;
type Log = (TenantId, LogName);
/// The code of an answer that never came.
const UNREACHABLE: &str = "unreachable";

/// Asks all witnesses what they hold of the logs, so that this process may sign; for a process that runs no job.
pub(crate) async fn ask_first(app: &App) -> Result<(), AppError> {
    if app.witnesses_were_asked() {
        return Ok(());
    }
    match Job::new(app.clone(), Metrics::default()) {
        Some(job) => Arc::new(job).first().await,
        None => Ok(()),
    }
}

/// Runs until the server stops. A request that is cut off then is sent again by the next run.
pub(crate) async fn run(app: App, metrics: Metrics, holder: String, mut stopping: watch::Receiver<bool>) {
    let Some(job) = Job::new(app, metrics).map(Arc::new) else {
        return;
    };
    if let Err(error) = job.first().await {
        tracing::error!(error = %causes(&error), "witnesses were not asked before the first signature");
    }
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
    /// By the address of the witness.
    places: HashMap<String, Semaphore>,
    /// Logs whose witnesses are being asked. All witnesses get the same checkpoint, or they would never make a quorum.
    under_way: Mutex<HashSet<Log>>,
    pauses: Pauses,
    /// Witnesses, by key, that said what they hold of a log, by origin, since this process began.
    answered: Mutex<HashSet<(String, String)>>,
}

impl Job {
    /// `None` where there is no policy, or no connection can be made.
    fn new(app: App, metrics: Metrics) -> Option<Self> {
        let witnesses = app.witness_policy()?.policy.witnesses();
        let addresses = witnesses.iter().filter_map(|witness| witness.url.clone());
        let places = addresses.map(|url| (url, Semaphore::new(REQUESTS_MAX))).collect();
        let http = client();
        let http = http.inspect_err(|error| {
            tracing::error!(error = %causes(error), "witnesses cannot be asked: no connection can be made");
            app.witnesses_asked();
        });
        Some(Self {
            app,
            metrics,
            http: http.ok()?,
            places,
            under_way: Mutex::default(),
            pauses: Pauses::default(),
            answered: Mutex::default(),
        })
    }

    /// Asks about every log, and lets this process sign, also where witnesses are silent.
    async fn first(self: &Arc<Self>) -> Result<(), AppError> {
        let mut tasks = JoinSet::new();
        let started = self.start_asking(&mut tasks).await;
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FIRST_MAX, all).await.is_err() {
            tracing::warn!("witnesses are silent; logs are signed without having asked them");
            // What is still under way goes on with the rounds.
            tasks.detach_all();
        }
        self.app.witnesses_asked();
        started
    }

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
        self.start_asking(tasks).await
    }

    async fn start_asking(self: &Arc<Self>, tasks: &mut JoinSet<()>) -> Result<(), AppError> {
        let was_asked = |witness: &Cosigner, log: &PublishedLog| self.has_answered(witness, log);
        for waiting in self.app.logs_to_cosign(was_asked).await? {
            let log = (waiting.log.tenant, waiting.log.name);
            if lock(&self.under_way).insert(log) {
                let under_way = UnderWay {
                    job: Arc::clone(self),
                    log,
                };
                tasks.spawn(async move { under_way.job.ask_all(waiting, log).await });
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
        let taken = self
            .app
            .take_asked(&waiting.log, |witness| self.has_answered(witness, &waiting.log));
        if let Err(error) = taken.await {
            tracing::error!(error = %causes(&error), "what witnesses hold could not be taken up");
        }
    }

    fn has_answered(&self, witness: &Cosigner, log: &PublishedLog) -> bool {
        lock(&self.answered).contains(&(witness.to_string(), log.origin.clone()))
    }

    async fn ask_unless_paused(&self, waiting: &ToCosign, number: usize, log: Log) {
        let Some(witness) = waiting.witnesses.get(number) else {
            return;
        };
        if self.pauses.covers(&witness.url, log, Instant::now()) {
            return;
        }
        let followed = self.ask(waiting, witness).await;
        if let Some(why) = followed.as_ref().ok().and_then(|followed| followed.silence())
            && let Err(error) = self.app.take_silence(&waiting.log, &witness.key, why).await
        {
            tracing::error!(error = %causes(&error), "a witness's silence could not be kept");
        }
        self.metrics.witness(match &followed {
            Ok(Followed::Cosigned) => WitnessCount::Cosigned,
            Ok(Followed::Refused) => WitnessCount::Refused,
            _ => WitnessCount::Failed,
        });
        if followed.as_ref().is_ok_and(|followed| followed.is_answer()) {
            lock(&self.answered).insert((witness.key.to_string(), waiting.log.origin.clone()));
        }
        let origin = waiting.log.origin.as_str();
        match followed {
            Ok(Followed::Cosigned | Followed::Outrun) => {
                self.pauses.end(&witness.url, log);
                return;
            }
            Ok(Followed::Later(UNREACHABLE)) => return,
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
            Ok(Followed::Unknown) => {
                tracing::warn!(
                    origin,
                    witness = witness.key.name(),
                    "a witness does not know the log: add-log"
                );
            }
            Ok(Followed::AskFrom(_) | Followed::Larger(_)) => {
                tracing::warn!(
                    origin,
                    witness = witness.key.name(),
                    "a witness names another size each time"
                );
            }
            Err(error) => tracing::error!(error = %causes(&error), "a witness's answer could not be taken up"),
        }
        self.pauses.begin(&witness.url, Some(log), Instant::now());
    }

    /// Asks one witness until it is clear what follows.
    async fn ask(&self, waiting: &ToCosign, witness: &WitnessToAsk) -> Result<Followed, AppError> {
        let log = &waiting.log;
        let mut old = witness.known;
        for _ in 0..ASKED_MAX {
            let request = self.app.witness_request(log, old).await?;
            let Some((status, body)) = self.send(witness, request.encode()).await else {
                return Ok(Followed::Later(UNREACHABLE));
            };
            let answer = read_answer(status, &body, log.note.as_bytes(), &witness.key);
            match self.app.take_witness_answer(log, &witness.key, old, &answer).await? {
                Followed::AskFrom(size) => old = size,
                Followed::Larger(latest) => {
                    let signed = self.held(log, witness).await;
                    let held = (latest, signed.as_deref());
                    return self.app.take_larger(log, &witness.key, held).await;
                }
                Followed::Refused => {
                    if let Some(signed) = self.held(log, witness).await {
                        self.app.take_held(log, &signed).await?;
                    }
                    return Ok(Followed::Refused);
                }
                followed => return Ok(followed),
            }
        }
        Ok(Followed::AskFrom(old))
    }

    /// The checkpoint that a witness has cosigned last, which the log signed; the policy's one address is taken for reading
    /// too.
    async fn held(&self, log: &PublishedLog, witness: &WitnessToAsk) -> Option<Vec<u8>> {
        let place = checkpoint_path(&log.origin);
        match self.call(witness, self.http.get(address(witness, &place))).await? {
            (200, signed) => Some(signed),
            (status, _) => {
                tracing::warn!(status, log.origin, "a witness does not show its checkpoint");
                None
            }
        }
    }

    async fn send(&self, witness: &WitnessToAsk, body: Vec<u8>) -> Option<(u16, Vec<u8>)> {
        let request = self.http.post(address(witness, ADD_CHECKPOINT)).body(body);
        self.call(witness, request).await
    }

    /// An answer; `None` where none came, and where the witness was found to be out of reach while this waited its turn.
    async fn call(&self, witness: &WitnessToAsk, request: reqwest::RequestBuilder) -> Option<(u16, Vec<u8>)> {
        // Places are made for every address and never closed; without one the request would only wait less.
        let _place = match self.places.get(&witness.url) {
            Some(places) => places.acquire().await.ok(),
            None => None,
        };
        if self.pauses.is_out_of_reach(&witness.url, Instant::now()) {
            return None;
        }
        let read = read(request).await;
        if let Err(error) = &read {
            tracing::warn!(witness = witness.key.name(), error = %causes(error), "a witness cannot be reached");
            self.pauses.begin(&witness.url, None, Instant::now());
        }
        read.ok()
    }
}

async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<(u16, Vec<u8>)> {
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

/// A log whose witnesses are being asked; however that ends, they may be asked again.
struct UnderWay {
    job: Arc<Job>,
    log: Log,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.job.under_way).remove(&self.log);
    }
}

fn address(witness: &WitnessToAsk, place: &str) -> String {
    format!("{}{place}", witness.url.trim_end_matches('/'))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
