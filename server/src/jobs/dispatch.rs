//! Hands queued notices over: as files into a folder, or one by one to a gateway. Of several processes one does it, by a lease.
//!
//! What was written or taken and not yet noted, because the process ended between, goes out again under the same id and
//! name: a person gets a letter twice rather than none.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use doorstep_app::letter::LetterFile;
use doorstep_app::notice::{Batch, BatchFile};
use doorstep_app::{App, AppError};
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Micros;
use doorstep_wire::notice::NoticeDetail;
use reqwest::{Client, StatusCode, redirect};
use tokio::sync::watch;
use uuid::Uuid;

use crate::ServerError;
use crate::config::DispatchTarget;
use crate::folder::make_private;
use crate::http::problem::causes;

/// The pause between looks; a published plan wakes the job at once.
const LOOK: Duration = Duration::from_secs(30);
/// The longest pause after failures that follow each other.
const PAUSE_MAX: Duration = Duration::from_hours(1);
/// How long the gateway may take for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How long a process keeps the lease; longer than a batch takes to be written, or a gateway to answer.
const LEASE: Micros = Micros::from_seconds(60);

/// What the job works with.
pub(crate) struct Dispatching {
    /// The use cases.
    pub(crate) app: App,
    /// Where notices go.
    pub(crate) target: DispatchTarget,
    /// Name of this process.
    pub(crate) holder: String,
    /// Becomes true when the server begins to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Why a round failed.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error("the gateway cannot be reached; check `dispatch.gateway` in doorstep.toml and the network")]
    Unreachable(#[source] reqwest::Error),
    #[error("the gateway answered with HTTP status {0}; check `dispatch` in doorstep.toml and the gateway")]
    Status(StatusCode),
    #[error("the batch cannot be written; check `dispatch.folder` in doorstep.toml and the disk")]
    Folder(#[from] ServerError),
    #[error(transparent)]
    App(#[from] AppError),
}

/// Runs until the server stops; ends at once where notices go nowhere by themselves.
pub(crate) async fn run(dispatching: Dispatching) {
    if matches!(dispatching.target, DispatchTarget::Nobody) {
        return;
    }
    let mut stopping = dispatching.stopping.clone();
    let mut failures = 0;
    loop {
        tokio::select! {
            result = round(&dispatching) => match result {
                Ok(()) => failures = 0,
                Err(error) => {
                    failures += 1;
                    tracing::warn!(error = %causes(&error), failures, "notices wait to be handed over");
                }
            },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(pause(failures)) => {}
            // What failed is not tried sooner because more waits.
            () = dispatching.app.notices_queued().notified(), if failures == 0 => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// The pause before the next round: twice as long after each failure.
fn pause(failures: u32) -> Duration {
    LOOK.saturating_mul(1_u32 << failures.min(31)).min(PAUSE_MAX)
}

/// Hands over what waits, if this process has or gets the lease, and gives the lease back: whoever starts next need not wait.
async fn round(dispatching: &Dispatching) -> Result<(), RoundError> {
    let done = hand_over(dispatching).await;
    dispatching.lease(Micros::ZERO).await?;
    done
}

/// Batch by batch, until nothing waits or another process is at it.
async fn hand_over(dispatching: &Dispatching) -> Result<(), RoundError> {
    let app = &dispatching.app;
    // What a gateway refuses waits for the next round; it keeps nobody else's from going.
    let mut refused = HashMap::new();
    while dispatching.lease(LEASE).await? {
        let failed = refused.keys().copied().collect();
        let Some((tenant, batch)) = app.notices_due(&failed).await? else {
            hand_over_letters(dispatching).await?;
            return refused.into_values().next().map_or(Ok(()), Err);
        };
        match &dispatching.target {
            DispatchTarget::Nobody => return Ok(()),
            DispatchTarget::Folder(folder) => {
                write_batch(&folder.join(tenant.to_string()), app.now(), &batch.files)?;
                let ids: Vec<Uuid> = batch.notices.iter().map(|one| one.item.id).collect();
                app.notices_handed_over(tenant, &ids).await?;
            }
            DispatchTarget::Gateway(url, secret) => {
                let target = (url.as_str(), secret.as_deref());
                refused.extend(post_batch(dispatching, tenant, &batch, target).await?);
            }
        }
    }
    Ok(())
}

/// Letters go into the folder too, a paper each. A gateway takes none: they wait for `doorstep letter dispatch`.
async fn hand_over_letters(dispatching: &Dispatching) -> Result<(), RoundError> {
    let DispatchTarget::Folder(folder) = &dispatching.target else {
        return Ok(());
    };
    let app = &dispatching.app;
    while dispatching.lease(LEASE).await? {
        let Some((tenant, letters)) = app.letters_due().await? else {
            return Ok(());
        };
        let file = |letter: &LetterFile| BatchFile {
            name: letter.name.clone(),
            bytes: letter.pdf.clone(),
        };
        let files: Vec<BatchFile> = letters.iter().map(file).collect();
        write_batch(&folder.join(tenant.to_string()), app.now(), &files)?;
        let ids: Vec<Uuid> = letters.iter().map(|letter| letter.id).collect();
        app.letters_handed_over(tenant, &ids).await?;
    }
    Ok(())
}

impl Dispatching {
    /// Takes or keeps the lease from now on for a while; whether it is this process's.
    async fn lease(&self, lasts: Micros) -> Result<bool, AppError> {
        let now = self.app.now();
        let store = self.app.store();
        Ok(store
            .lease_take("dispatch", &self.holder, now, now + lasts)
            .await?
            .is_some())
    }
}

/// Writes a batch under a name of its own, whole or not at all. Nobody but its owner reads it.
fn write_batch(folder: &Path, now: Micros, files: &[BatchFile]) -> Result<(), ServerError> {
    make_private(folder)?;
    let partial = tempfile::Builder::new().prefix(".batch-").tempdir_in(folder);
    let partial = partial.map_err(ServerError::file(folder))?;
    make_private(partial.path())?;
    let write = || -> std::io::Result<()> {
        for file in files {
            let mut written = tempfile::NamedTempFile::new_in(partial.path())?;
            written.write_all(&file.bytes)?;
            written.as_file().sync_all()?;
            written.persist(partial.path().join(&file.name))?;
        }
        let out = (0..).map(|number| folder.join(format!("batch-{}-{number}", now.millis())));
        let free = out.into_iter().find(|path| !path.exists());
        fs::rename(partial.path(), free.unwrap_or_else(|| folder.join("batch")))?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(ServerError::file(folder))?;
    // The folder has another name now, and stays.
    let _ = partial.keep();
    Ok(())
}

/// Sends each notice by itself and notes those that were taken. Returns those that were not.
async fn post_batch(
    dispatching: &Dispatching,
    tenant: TenantId,
    batch: &Batch,
    (url, secret): (&str, Option<&str>),
) -> Result<HashMap<Uuid, RoundError>, RoundError> {
    let app = &dispatching.app;
    let http = client().map_err(RoundError::Unreachable)?;
    let mut refused = HashMap::new();
    for notice in &batch.notices {
        if !dispatching.lease(LEASE).await? {
            break;
        }
        match post(&http, notice, (url, secret)).await {
            Ok(()) => app.notices_handed_over(tenant, &[notice.item.id]).await?,
            Err(error @ RoundError::Unreachable(_)) => return Err(error),
            Err(error) => drop(refused.insert(notice.item.id, error)),
        }
    }
    Ok(refused)
}

fn client() -> reqwest::Result<Client> {
    // An error says that another part of the process has chosen one, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(ANSWER_MAX).redirect(redirect::Policy::none());
    builder.no_proxy().build()
}

async fn post(http: &Client, notice: &NoticeDetail, (url, secret): (&str, Option<&str>)) -> Result<(), RoundError> {
    // The key is the notice's id: a gateway that has it already does nothing and says so.
    let request = http.post(url).header("Idempotency-Key", notice.item.id.to_string());
    let request = match secret {
        Some(secret) => request.bearer_auth(secret),
        None => request,
    };
    let unreachable = |error: reqwest::Error| RoundError::Unreachable(error.without_url());
    let answer = request.json(notice).send().await.map_err(unreachable)?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(RoundError::Status(status)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_written_whole_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let files = [BatchFile {
            name: "notices.csv".to_owned(),
            bytes: b"one".to_vec(),
        }];
        let target = folder.path().join("dispatch");
        for number in 0..2 {
            write_batch(&target, Micros::from_seconds(1), &files).unwrap();
            let batch = target.join(format!("batch-1000-{number}"));
            assert_eq!(fs::read(batch.join("notices.csv")).unwrap(), b"one");
            #[cfg(unix)]
            for (path, mode) in [(&batch, 0o700), (&batch.join("notices.csv"), 0o600)] {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
            }
        }
        assert_eq!(fs::read_dir(&target).unwrap().count(), 2);
    }

    #[test]
    fn pauses_grow_with_failures_and_have_a_limit() {
        assert_eq!([0, 1, 2].map(|failures| pause(failures).as_secs()), [30, 60, 120]);
        assert_eq!([9, 100, u32::MAX].map(|failures| pause(failures).as_secs()), [3_600; 3]);
    }
}
