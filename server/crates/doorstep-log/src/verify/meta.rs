//! Is the tenant's checkpoint in the operator's meta log? One proof a log; other tenants' leaves stay with the operator.

use super::{Files, Finding, FindingCode, MetaReport, Report};
use crate::canonical::Value;
use crate::checkpoint::Checkpoint;
use crate::export::{ExportKind, LogName, META_KEY_PATH};
use crate::leaf::{LOG_CHECKPOINT, Leaf};
use crate::note::{self, VerifierKey};
use crate::proof::Proof;

/// A head of the meta log under which a proof of the export stands, for the witnesses' cosignatures.
pub(super) struct MetaHead {
    pub(super) path: String,
    pub(super) signed: Vec<u8>,
}

/// Verifies the proofs of a whole export. Gives back each head that they lead to, once.
pub(super) fn verify_meta(
    trusted: Option<&[VerifierKey]>,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Vec<MetaHead> {
    let mut heads: Vec<MetaHead> = Vec::new();
    for log in LogName::ALL {
        let path = log.meta_path();
        if !files.is_listed(&path) {
            missing(log, &path, report);
            continue;
        }
        let Some(bytes) = files.read(&path, report) else {
            continue;
        };
        match proven(log, &bytes, trusted, files, report) {
            Ok((signed, meta, key_trusted)) => {
                report.meta.push(MetaReport {
                    log,
                    origin: meta.origin,
                    size: meta.size,
                    root: meta.root,
                    key_trusted,
                });
                if heads.iter().all(|head| head.signed != signed) {
                    heads.push(MetaHead { path, signed });
                }
            }
            Err(problem) => {
                let message =
                    format!("the {log} log's checkpoint is not proven to be in the operator's log: {problem}");
                report.add(Finding::error(FindingCode::MetaBad, message).file(&path).log(log));
            }
        }
    }
    heads
}

/// Says that a log has no proof. A log without leaves was never published, and one case shows nothing of the whole log.
fn missing(log: LogName, path: &str, report: &mut Report) {
    let published = report.logs.iter().any(|found| found.log == log && found.size > 0);
    if report.kind == ExportKind::Whole && published {
        let message = format!("nothing proves that the operator's log names this checkpoint of {log}; export again");
        report.add(Finding::warning(FindingCode::MetaMissing, message).file(path).log(log));
    }
}

/// The meta log's checkpoint under which the proof stands, and whether its key was trusted from outside.
fn proven(
    log: LogName,
    bytes: &[u8],
    trusted: Option<&[VerifierKey]>,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Result<(Vec<u8>, Checkpoint, bool), String> {
    let proof = Proof::parse(bytes).map_err(|cause| cause.to_string())?;
    let leaf = proof.extra.clone().ok_or("it holds no leaf")?;
    let tenant = report.origin.clone().unwrap_or_default();
    let (deployment, tenant) = tenant.rsplit_once('/').ok_or("the manifest names no tenant")?;
    let claimed = note::text_unverified(&proof.checkpoint).map_err(|cause| cause.to_string())?;
    let origin = claimed.split('\n').next().unwrap_or_default().to_owned();
    let first = format!("{deployment}/meta");
    if !super::is_successor(&origin, &first) {
        return Err(format!("it stands under {origin}"));
    }
    // A key that was read from a log which was continued bears that log's name.
    let is_operators = |key: &&VerifierKey| super::is_successor(key.name(), &first);
    let outside = trusted.into_iter().flatten().find(is_operators).cloned();
    let key_trusted = outside.is_some();
    let key = match outside {
        Some(key) => key,
        None => key_of_export(&first, files, report).ok_or("the operator's key is missing")?,
    };
    let key = key.renamed(&origin).map_err(|cause| cause.to_string())?;
    let meta = proof.verify(&leaf, &[key]).map_err(|cause| cause.to_string())?;
    let Ok(Leaf::Server(entry)) = Leaf::decode(&leaf) else {
        return Err("its leaf is malformed".to_owned());
    };
    let exported = report.logs.iter().rfind(|found| found.log == log);
    let text = |name: &str| entry.detail.get(name).and_then(Value::as_text);
    let fits = exported.is_some_and(|found| {
        entry.t == LOG_CHECKPOINT
            && entry.ten == tenant
            && text("origin") == Some(&found.origin)
            && text("root") == Some(&found.root.to_string())
            && entry.detail.get("size") == i64::try_from(found.size).ok().map(Value::Integer).as_ref()
    });
    if fits {
        Ok((proof.checkpoint, meta, key_trusted))
    } else {
        Err("its leaf names another checkpoint than the exported one".to_owned())
    }
}

/// The file has the key under the name of every generation of the operator's log, one a line.
fn key_of_export(first: &str, files: &mut Files<'_>, report: &mut Report) -> Option<VerifierKey> {
    let bytes = files.read(META_KEY_PATH, report)?;
    let lines = std::str::from_utf8(&bytes).ok()?.strip_suffix('\n')?.split('\n');
    let keys: Result<Vec<_>, _> = lines.map(VerifierKey::parse).collect();
    keys.ok()?
        .into_iter()
        .find(|key| super::is_successor(key.name(), first))
}

#[cfg(test)]
#[path = "meta_tests.rs"]
pub(super) mod tests;
