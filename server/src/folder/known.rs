//! What is known from outside about the time after a backup: checkpoints that somebody kept, and exports of the log.
//!
//! An export is believed only when it verifies under keys that this deployment's key store holds.

use std::path::{Path, PathBuf};

use doorstep_domain::id::{Alias, TenantId};
use doorstep_log::export::{ExportKind, ExportReader, LogName, MANIFEST_PATH, Manifest};
use doorstep_log::leaf::{Leaf, SUBJECT_ERASED};
use doorstep_log::note::{self, SigningKey};
use doorstep_log::proof::Proof;
use doorstep_log::tile::decode_bundle;
use doorstep_log::verify::{Finding, FindingCode, Severity, verify_export};
use doorstep_store::Store;
use doorstep_store::backup::Known;
use uuid::Uuid;

use crate::error::ServerError;

/// Findings about time stamps.
const OF_STAMPS: [FindingCode; 5] = [
    FindingCode::StampBad,
    FindingCode::StampAbsent,
    FindingCode::StampInconsistent,
    FindingCode::TimeAfterStamp,
    FindingCode::TimeBeforeStamp,
];

/// Where to look for what is known.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Files with a signed checkpoint each.
    pub checkpoints: Vec<PathBuf>,
    /// Folders that `log export` wrote.
    pub exports: Vec<PathBuf>,
}

/// Reads all of it. The store's main database may still be empty; only its keys are asked.
pub(super) async fn read(store: &Store, sources: &Sources) -> Result<Known, ServerError> {
    let mut known = Known::default();
    for path in &sources.checkpoints {
        known
            .checkpoints
            .push(std::fs::read(path).map_err(ServerError::file(path))?);
    }
    for path in &sources.exports {
        export(store, path, &mut known).await?;
    }
    Ok(known)
}

async fn export(store: &Store, path: &Path, known: &mut Known) -> Result<(), ServerError> {
    let bad = |why: String| ServerError::ExportUnusable(path.to_owned(), why);
    let reader = Folder(path.to_owned());
    let manifest = reader.read(MANIFEST_PATH).map_err(ServerError::file(path))?;
    let text = note::text_unverified(&manifest).map_err(|error| bad(error.to_string()))?;
    let manifest = Manifest::parse(text).map_err(|error| bad(error.to_string()))?;
    if manifest.kind != ExportKind::Whole {
        return Err(bad("it holds one case, and not the logs".to_owned()));
    }
    let tenant = manifest
        .origin
        .rsplit_once('/')
        .and_then(|(_, tenant)| tenant.parse().ok());
    let tenant = TenantId(tenant.ok_or_else(|| bad("it names no tenant".to_owned()))?);
    let seed = store.log_seed(tenant).await?;
    let key = SigningKey::from_seed(&manifest.origin, &seed);
    let key = key.map_err(|error| bad(error.to_string()))?.verifier();
    let report = verify_export(&reader, Some(&[key]), None);
    // What an authority's stamps say is no matter here: the leaves and heads are the deployment's own.
    let is_wrong = |finding: &&Finding| finding.severity == Severity::Error && !OF_STAMPS.contains(&finding.code);
    if let Some(first) = report.findings.iter().find(is_wrong) {
        return Err(bad(first.message.clone()));
    }
    if report.findings_left_out > 0 {
        return Err(bad("it has more findings than can be told".to_owned()));
    }
    for file in manifest.files.keys() {
        let bytes = || reader.read(file).map_err(ServerError::file(path));
        if file.ends_with("/checkpoint") {
            known.checkpoints.push(bytes()?);
        } else if LogName::ALL.iter().any(|log| *file == log.meta_path()) {
            // The operator's meta log, under whose head the tenant's own stand.
            let proof = Proof::parse(&bytes()?).map_err(|error| bad(error.to_string()))?;
            known.checkpoints.push(proof.checkpoint);
        } else if file.starts_with(LogName::Events.as_str()) && file.contains("/tile/entries/") {
            let bytes = bytes()?;
            let leaves = decode_bundle(&bytes).map_err(|error| bad(error.to_string()))?;
            let aliases = leaves.into_iter().flat_map(erased);
            known.erased.extend(aliases.map(|alias| (tenant, alias)));
        }
    }
    Ok(())
}

/// The persons that a leaf says were erased.
fn erased(leaf: &[u8]) -> Vec<Alias> {
    match Leaf::decode(leaf) {
        Ok(Leaf::Server(entry)) if entry.t == SUBJECT_ERASED => {
            let aliases = entry.subj.iter().filter_map(|alias| alias.parse::<Uuid>().ok());
            aliases.map(Alias).collect()
        }
        _ => Vec::new(),
    }
}

/// An export in a folder.
struct Folder(PathBuf);

impl ExportReader for Folder {
    fn list(&self) -> std::io::Result<Vec<String>> {
        let (mut open, mut files) = (vec![self.0.clone()], Vec::new());
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    open.push(entry.path());
                } else {
                    let path = entry.path();
                    let inside = path.strip_prefix(&self.0).unwrap_or(&path);
                    files.push(inside.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        Ok(files)
    }

    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }
}
