//! Has signed checkpoints stamped by an outside authority (RFC 3161). Of several processes one asks, by a lease.
//!
//! Nothing waits for this: an authority that is slow, gone or wrong costs stamps and nothing else. What it answers is
//! verified before it is kept.

use std::time::Duration;

use doorstep_app::stamp::StampTakeError;
use doorstep_app::{App, AppError};
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_log::stamp::{REQUEST_TYPE, RESPONSE_BYTES_MAX, RESPONSE_TYPE};
use doorstep_store::entry::LogName;
use reqwest::{Client, StatusCode, header, redirect};
use tokio::sync::watch;

use crate::http::problem::causes;
use crate::telemetry::metrics::Metrics;

/// The pause between looks for logs that are due.
const LOOK: Duration = Duration::from_secs(1);
/// The longest pause after failures that follow each other.
const PAUSE_MAX: Duration = Duration::from_hours(1);
/// How long the authority may take for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How long a process keeps the lease; longer than it waits for an answer.
const LEASE: Micros = Micros::from_seconds(60);
/// How far the authority's clock may be from the one here before it is worth a word.
const APART_MS_MAX: u64 = 60_000;

/// What the job works with.
pub(crate) struct Stamping {
    /// The use cases.
    pub(crate) app: App,
    /// Counts.
    pub(crate) metrics: Metrics,
    /// Address of the authority; empty for none.
    pub(crate) url: String,
    /// Name of this process.
    pub(crate) holder: String,
    /// Becomes true when the server begins to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Why a round failed.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error("the authority cannot be reached; check `timestamp_url` in doorstep.toml and the network")]
    Unreachable(#[source] reqwest::Error),
    #[error("the authority answered with HTTP status {0}; check `timestamp_url` in doorstep.toml")]
    Status(StatusCode),
    #[error("the authority's answer is longer than a time stamp can be")]
    TooLong,
    #[error(transparent)]
    Take(#[from] StampTakeError),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<reqwest::Error> for RoundError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

/// Runs until the server stops; ends at once where no authority is named.
pub(crate) async fn run(stamping: Stamping) {
    if stamping.url.is_empty() {
        return;
    }
    let mut stopping = stamping.stopping.clone();
    let mut failures = 0;
    loop {
        tokio::select! {
            result = round(&stamping) => match result {
                Ok(()) => failures = 0,
                Err(error) => {
                    failures += 1;
                    stamping.metrics.stamp_failed();
                    tracing::warn!(error = %causes(&error), failures, "no time stamp; the log goes on without");
                }
            },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(pause(failures)) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// The pause before the next round: twice as long after each failure.
fn pause(failures: u32) -> Duration {
    LOOK.saturating_mul(1_u32 << failures.min(31)).min(PAUSE_MAX)
}

/// Asks for every log that is due, if this process has or gets the lease.
async fn round(stamping: &Stamping) -> Result<(), RoundError> {
    let app = &stamping.app;
    let due = app.stamps_due().await?;
    if due.is_empty() {
        return Ok(());
    }
    let http = client()?;
    let mut failed = Ok(());
    for log in due {
        let now = app.now();
        let lease = app.store().lease_take("stamp", &stamping.holder, now, now + LEASE);
        if lease.await.map_err(AppError::from)?.is_none() {
            return Ok(());
        }
        match stamp_one(stamping, &http, log).await {
            Ok(()) => {}
            // The authority itself is not there, so the next log would only wait as long.
            Err(error @ RoundError::Unreachable(_)) => return Err(error),
            // What is wrong with one log keeps no other from its stamp.
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    failed
}

async fn stamp_one(stamping: &Stamping, http: &Client, (tenant, name): (TenantId, LogName)) -> Result<(), RoundError> {
    let app = &stamping.app;
    let Some(wanted) = app.stamp_wanted(tenant, name).await? else {
        return Ok(());
    };
    let answer = ask(http, &stamping.url, wanted.request.clone()).await?;
    let stamp = app.stamp_take(&wanted, &answer).await?;
    stamping.metrics.stamp();
    let apart_ms = stamp.at_ms.abs_diff(app.now().millis());
    if apart_ms > APART_MS_MAX {
        tracing::warn!(
            apart_ms,
            "the clock here and the time-stamp authority's differ; set the clock here"
        );
    }
    Ok(())
}

fn client() -> Result<Client, RoundError> {
    // An error says that another part of the process has chosen one, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(ANSWER_MAX).redirect(redirect::Policy::none());
    // The authority is named by its own address; a proxy of the machine is not part of it.
    Ok(builder.no_proxy().build()?)
}

/// One request; the body of the answer up to what a stamp can have.
async fn ask(http: &Client, url: &str, request: Vec<u8>) -> Result<Vec<u8>, RoundError> {
    let asked = http.post(url).header(header::CONTENT_TYPE, REQUEST_TYPE);
    let mut answer = asked.header(header::ACCEPT, RESPONSE_TYPE).body(request).send().await?;
    if answer.status() != StatusCode::OK {
        return Err(RoundError::Status(answer.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > RESPONSE_BYTES_MAX {
            return Err(RoundError::TooLong);
        }
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_have_a_limit() {
        let seconds = |failures| pause(failures).as_secs();
        assert_eq!([0, 1, 2, 5].map(seconds), [1, 2, 4, 32]);
        assert_eq!([12, 100, u32::MAX].map(seconds), [3_600; 3]);
    }
}
