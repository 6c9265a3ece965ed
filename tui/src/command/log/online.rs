//! `log verify`: fetches the export into a private folder that goes afterwards, and runs the offline verifier on it.

use crate::client::Client;
use crate::failure::Failure;
use doorstep_log::export::MANIFEST_PATH;
use doorstep_log::hash::base64url_decode;
use doorstep_log::verify::{Report, Trust, VerifyProgress, VerifyStep, verify_export_watched};
use doorstep_verify::{ExportFolder, Given};
use doorstep_wire::log::ExportedFile;
use reqwest::Response;
use std::path::{Component, Path};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What an online verification is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnlineStep {
    /// The export is fetched.
    Fetch,
    /// What was fetched is verified.
    Verify(VerifyStep),
}

/// How far an online verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnlineProgress {
    /// What it is busy with.
    pub(crate) step: OnlineStep,
    /// Files fetched, or entries or payloads checked.
    pub(crate) done: u64,
    /// Of so many, where that is known.
    pub(crate) total: Option<u64>,
}

/// What somebody does to the copy before it is verified: a demo changes a byte of it.
pub(crate) type Copied = fn(&Path) -> std::io::Result<()>;

/// Fetches both logs and verifies them as a stranger would, against what is `given` from elsewhere; without keys the report says
/// that the key came from the server. Memory holds one file at a time. Ends with [`Failure::Stopped`] soon after `stop` is set.
pub(crate) async fn verify_online(
    client: &Client,
    given: Given,
    progress: &mut (dyn FnMut(OnlineProgress) + Send),
    stop: &Arc<AtomicBool>,
    copied: Option<Copied>,
) -> Result<Report, Failure> {
    let folder = tempfile::tempdir()?;
    fetch(client, "log/export", folder.path(), &mut |done| {
        progress(OnlineProgress {
            step: OnlineStep::Fetch,
            done,
            total: None,
        });
        !stop.load(Ordering::Relaxed)
    })
    .await?;
    if let Some(copied) = copied {
        copied(folder.path())?;
    }
    let (told, mut heard) = tokio::sync::mpsc::channel::<VerifyProgress>(1);
    let stopped = Arc::clone(stop);
    let mut work = tokio::task::spawn_blocking(move || {
        let trust = Trust {
            // A server could answer with the export of one case, in which nothing is wrong.
            whole: true,
            ..given.trust()
        };
        let report = verify_export_watched(&ExportFolder(folder.path().to_owned()), &trust, &mut |step| {
            // Who draws slowly misses steps; the work does not wait for it.
            let _ = told.try_send(*step);
            !stopped.load(Ordering::Relaxed)
        });
        drop(folder);
        report
    });
    let report = loop {
        tokio::select! {
            Some(step) = heard.recv() => progress(OnlineProgress {
                step: OnlineStep::Verify(step.step),
                done: step.done,
                total: Some(step.total),
            }),
            report = &mut work => break report,
        }
    };
    match report {
        Ok(_) if stop.load(Ordering::Relaxed) => Err(Failure::Stopped),
        Ok(report) => Ok(report),
        Err(broken) => Err(std::io::Error::other(broken).into()),
    }
}

/// Fetches the export at `path` into a folder, line by line, while `go_on` answers true to the number of files so far.
pub(super) async fn fetch(
    client: &Client,
    path: &str,
    out: &Path,
    go_on: &mut (dyn FnMut(u64) -> bool + Send),
) -> Result<u64, Failure> {
    let body = client.open(path).await?;
    fetch_from(client, body, out, go_on).await
}

/// Writes the files that the server sends line by line into a folder, as [`fetch`] does.
pub(crate) async fn fetch_from(
    client: &Client,
    mut body: Response,
    out: &Path,
    go_on: &mut (dyn FnMut(u64) -> bool + Send),
) -> Result<u64, Failure> {
    let (mut files, mut whole, mut rest) = (0_u64, false, Vec::new());
    loop {
        if !go_on(files) {
            return Err(Failure::Stopped);
        }
        let chunk = body.chunk().await.map_err(|error| client.broke(files, Some(error)))?;
        let Some(chunk) = chunk else { break };
        for (place, part) in chunk.split(|byte| *byte == b'\n').enumerate() {
            if place > 0 {
                whole = write_file(client, out, &std::mem::take(&mut rest))?;
                files += 1;
            }
            rest.extend_from_slice(part);
        }
    }
    // The manifest comes last, so that a broken transfer is never taken for a whole export.
    if whole && rest.is_empty() {
        Ok(files)
    } else {
        Err(client.broke(files, None))
    }
}

/// Writes one file of an export. Whether it was the manifest.
fn write_file(client: &Client, out: &Path, line: &[u8]) -> Result<bool, Failure> {
    let file: Option<ExportedFile> = serde_json::from_slice(line).ok();
    let content = file.as_ref().and_then(|file| base64url_decode(&file.bytes));
    let (Some(file), Some(content)) = (file, content) else {
        return Err(client.not_ours(200));
    };
    // A server that is not ours to trust must not write outside the folder.
    let plain = Path::new(&file.path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain {
        return Err(client.not_ours(200));
    }
    let path = out.join(&file.path);
    let failed = |source| Failure::Write {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(path.parent().unwrap_or(out)).map_err(failed)?;
    std::fs::write(&path, content).map_err(failed)?;
    Ok(file.path == MANIFEST_PATH)
}
