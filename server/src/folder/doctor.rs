//! Looks after a data folder: what is there, whether it opens, whether the log still is what it says. Changes nothing but
//! its own entry, and finishes erasures that a crash left half done.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use doorstep_app::App;
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Clock;
use doorstep_log::checkpoint::Checkpoint;
use doorstep_log::hash::leaf_hash;
use doorstep_log::tree::Frontier;
use doorstep_rules::PackSet;
use doorstep_store::Store;
use doorstep_store::entry::LogName;
use doorstep_store::generation::LogGeneration;
use serde::Serialize;

use super::lock::LOCK_FILE;
use super::{FolderLock, leave_entry, open_app};
use crate::config::{Config, MetricsListen};
use crate::error::ServerError;

/// Less free space than this is a finding: a day's work and a copy before a migration must fit.
const FREE_BYTES_MIN: u64 = 1024 * 1024 * 1024;
/// How long a copy of the key store may be kept that holds keys of persons who were erased since.
const KEY_COPIES_DAYS_MAX: i64 = 30;
/// Leaves that are read at once.
const LEAVES_AT_ONCE: u64 = 1_000;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, and what to do where it is not well.
    pub found: String,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DoctorReport {
    /// Everything that was looked at, in order.
    pub checks: Vec<Check>,
}

impl DoctorReport {
    /// Whether all is as it should be.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
    fn note(&mut self, name: impl Into<String>, ok: bool, found: impl Into<String>) {
        self.checks.push(Check {
            name: name.into(),
            ok,
            found: found.into(),
        });
    }
    fn result<T>(&mut self, name: &str, result: Result<T, ServerError>, found: &str) -> Option<T> {
        match result {
            Ok(value) => {
                self.note(name, true, found);
                Some(value)
            }
            Err(error) => {
                self.note(name, false, error.message());
                None
            }
        }
    }
}

/// Looks at a data folder, whether or not a server runs on it. Never fails itself: what fails is a finding.
pub async fn doctor(folder: &Path, clock: Arc<dyn Clock>) -> DoctorReport {
    let mut report = DoctorReport::default();
    let config = report.result("configuration", Config::load(folder).map_err(Into::into), "readable");
    let Some(config) = config else { return report };
    key_file(&mut report, &config.store(folder).key_file);
    private(&mut report, folder);
    disk(&mut report, folder);
    let packs = PackSet::builtin();
    let names: Vec<String> = packs
        .packs()
        .map(|pack| format!("{}@{}", pack.id, pack.version))
        .collect();
    report.note("rule packs", !names.is_empty(), names.join(", "));
    let lock = FolderLock::take(folder, "doorstep doctor");
    match &lock {
        Ok(_) => ports(&mut report, &config),
        Err(ServerError::Locked { holder }) => report.note("in use", true, format!("by {holder}; looked at beside it")),
        Err(error) => report.note("in use", false, error.message()),
    }
    let app = report.result(
        "database",
        open_app(folder, &config, clock).await,
        "opens, and so do the keys of every tenant",
    );
    if let Some(app) = app {
        let looked = store(&mut report, &app).await;
        report.result("entry", looked, "left in the log");
        app.store().close().await;
    }
    drop(lock);
    report
}

fn key_file(report: &mut DoctorReport, path: &Path) {
    let found = std::fs::metadata(path);
    #[cfg(unix)]
    if let Ok(metadata) = &found {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        let private = mode.trailing_zeros() >= 6;
        let remedy = if private {
            ""
        } else {
            ": others may read it; run chmod 600 on it"
        };
        report.note("key file", private, format!("there, mode {mode:o}{remedy}"));
        return;
    }
    let remedy = "missing; put it back from where you keep it, it cannot be made again";
    report.note("key file", found.is_ok(), if found.is_ok() { "there" } else { remedy });
}

/// Whether anybody else on the machine may read what lies in the folder.
#[cfg(unix)]
fn private(report: &mut DoctorReport, folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    let mut wide: Vec<String> = Vec::new();
    if open(folder) {
        wide.push(".".to_owned());
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The lock says which process works here, and nothing else.
        if name != LOCK_FILE && entry.path().is_file() && open(&entry.path()) {
            wide.push(name);
        }
    }
    wide.sort_unstable();
    let private = wide.is_empty();
    let text = if private {
        "only their owner may read them".to_owned()
    } else {
        format!("others may read {}; run chmod go-rwx on them", wide.join(", "))
    };
    report.note("files", private, text);
}

#[cfg(not(unix))]
fn private(_: &mut DoctorReport, _: &Path) {}

#[cfg(unix)]
fn disk(report: &mut DoctorReport, folder: &Path) {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let mebibytes = free / (1024 * 1024);
            let well = free >= FREE_BYTES_MIN;
            let remedy = if well {
                ""
            } else {
                ": less than 1024; free space before writes are refused"
            };
            report.note("free disk", well, format!("{mebibytes} MiB{remedy}"));
        }
        Err(error) => report.note("free disk", false, format!("cannot be asked: {error}")),
    }
}

#[cfg(not(unix))]
fn disk(_: &mut DoctorReport, _: &Path) {}

fn ports(report: &mut DoctorReport, config: &Config) {
    let mut wanted = vec![("listen", config.listen)];
    if let MetricsListen::At(address) = config.metrics_listen {
        wanted.push(("metrics_listen", address));
    }
    for (key, address) in wanted {
        let bound = std::net::TcpListener::bind(address);
        report.note(key, bound.is_ok(), port_words(address, bound.is_ok()));
    }
}

fn port_words(address: SocketAddr, free: bool) -> String {
    let remedy = if free {
        "is free"
    } else {
        "is in use or not of this machine; choose another in doorstep.toml"
    };
    format!("{address} {remedy}")
}

async fn store(report: &mut DoctorReport, app: &App) -> Result<(), ServerError> {
    let store = app.store();
    report.note("schema", true, format!("version {}", store.schema_version().await?));
    let damage = store.integrity().await?;
    let words = if damage.is_empty() {
        "whole".to_owned()
    } else {
        damage.join("; ")
    };
    report.note("integrity", damage.is_empty(), words);
    let finished = store.erasure_finish(app.now()).await?;
    let copies = copies_of_keys(app).await?;
    report.note(
        "erasures",
        true,
        format!("all finished; {finished} of them just now{copies}"),
    );
    report.note(
        "log queue",
        true,
        format!("{} entries wait for the sequencer", store.log_queue_len().await?),
    );
    halted(report, app).await?;
    for (tenant, _) in store.tenant_list().await? {
        for name in LogName::OF_TENANT {
            for of in store.log_generations(tenant, *name).await? {
                let (ok, found) = log(app, tenant, *name, &of).await?;
                let part = match of.generation {
                    1 => String::new(),
                    later => format!("-{later}"),
                };
                report.note(format!("log {tenant}/{name}{part}"), ok, found);
            }
            if let Some((ok, found)) = witnesses(app, tenant, *name).await? {
                report.note(format!("witnesses of {tenant}/{name}"), ok, found);
            }
            if let Some((ok, found)) = stamp(app, tenant, *name).await? {
                report.note(format!("time stamp {tenant}/{name}"), ok, found);
            }
        }
        let (ok, found) = reads(store, tenant).await?;
        report.note(format!("reads {tenant}"), ok, found);
    }
    leave_entry(app, "doctor").await
}

/// Says which copies of the key store still open somebody who was erased. Whether there are any only their keeper knows.
async fn copies_of_keys(app: &App) -> Result<String, ServerError> {
    let Some(newest) = app.store().erasure_newest().await? else {
        return Ok(String::new());
    };
    let days = (app.now() - newest).seconds() / 86_400;
    let left = match KEY_COPIES_DAYS_MAX.saturating_sub(days) {
        ..=0 => "now".to_owned(),
        left => format!("within {left} days"),
    };
    Ok(format!(
        "; the newest is {days} days old: whoever keeps an older copy of the key store must delete it {left}"
    ))
}

/// Compares the index of who read whose data with the logs, and makes it again where it differs.
async fn reads(store: &Store, tenant: TenantId) -> Result<(bool, String), ServerError> {
    store.reads_finish().await?;
    let check = store.reads_check(tenant).await?;
    if (check.missing, check.extra) == (0, 0) {
        return Ok((true, format!("the index has all {} reads of the logs", check.reads)));
    }
    let made = store.reads_rebuild(tenant).await?;
    let (missing, extra) = (check.missing, check.extra);
    let words =
        format!("{missing} rows were missing from the index and {extra} had no leaf; made again from {made} reads");
    Ok((false, words))
}

/// Whether the newest time stamp of a log holds and is as fresh as it should be; nothing where nobody is asked for stamps.
async fn stamp(app: &App, tenant: TenantId, name: LogName) -> Result<Option<(bool, String)>, ServerError> {
    let Some(settings) = app.stamp_settings() else {
        return Ok(None);
    };
    let size = app.store().log_head(tenant, name).await?.note_size;
    let remedy = "check that a server runs and reaches `timestamp_url`";
    let found = match app.stamp_checked(tenant, name).await? {
        None => (size == 0, format!("none yet; {remedy}")),
        Some((kept, Err(error))) => (false, format!("of {} leaves: {error}", kept.size)),
        Some((kept, Ok(_))) => {
            let age_s = (app.now() - kept.taken_at).seconds();
            let late = size > kept.size && age_s > 2 * settings.every().seconds();
            let advice = if late {
                format!(": too old; {remedy}")
            } else {
                String::new()
            };
            (!late, format!("of {} leaves, {age_s} seconds old{advice}", kept.size))
        }
    };
    Ok(Some(found))
}

/// Holds every log against its mark in the key store.
async fn halted(report: &mut DoctorReport, app: &App) -> Result<(), ServerError> {
    let halted = app.store().log_guard_all(app.now()).await?;
    let words = match halted.as_slice() {
        [] => "every log extends the head that was signed last".to_owned(),
        some => {
            let each: Vec<String> = some.iter().map(|(origin, halt)| format!("{origin} ({halt})")).collect();
            format!(
                "{}; not signed until the tree extends what was signed before: see Halted in docs/log.md",
                each.join(", ")
            )
        }
    };
    report.note("halted logs", halted.is_empty(), words);
    Ok(())
}

/// Computes the tree of a generation anew from the leaves and compares it with the signed head.
async fn log(app: &App, tenant: TenantId, name: LogName, of: &LogGeneration) -> Result<(bool, String), ServerError> {
    let store = app.store();
    let mut tree = Frontier::new();
    while tree.size() < of.size {
        let count = LEAVES_AT_ONCE.min(of.size - tree.size());
        let leaves = store.generation_leaves(of, (tree.size(), count)).await?;
        if leaves.len() as u64 != count {
            let gap = tree.size() + leaves.len() as u64;
            return Ok((false, format!("leaf {gap} of {} is missing; restore a backup", of.size)));
        }
        for leaf in &leaves {
            tree.append(leaf_hash(leaf));
        }
    }
    if !of.is_signed() {
        return Ok((true, "empty".to_owned()));
    }
    let key = store.log_verifier(tenant, name).await?;
    // The tenant's key signs every part of the log under that part's name.
    let keys: Vec<_> = key.renamed(&of.origin).into_iter().collect();
    match Checkpoint::open(of.note.as_bytes(), &keys) {
        Err(error) => Ok((false, format!("the signed head does not hold: {error}"))),
        Ok(signed) if signed.size == of.size && signed.root == tree.root() => {
            Ok((true, format!("{} leaves give the signed head", signed.size)))
        }
        Ok(signed) => Ok((
            false,
            format!(
                "the leaves do not give the signed head of size {}: the log was altered; restore a backup",
                signed.size
            ),
        )),
    }
}

/// What the configured witnesses said of a log.
async fn witnesses(app: &App, tenant: TenantId, name: LogName) -> Result<Option<(bool, String)>, ServerError> {
    let Some(cosigned) = app.cosigned_item(tenant, name).await? else {
        return Ok(None);
    };
    let refused: Vec<String> = cosigned
        .witnesses
        .iter()
        .filter_map(|witness| Some(format!("{} ({})", witness.name, witness.found.as_ref()?)))
        .collect();
    if !refused.is_empty() {
        let found = format!(
            "refused by {}: the log does not extend what they cosigned; ask them for both notes, docs/log.md says what to do",
            refused.join(", ")
        );
        return Ok(Some((false, found)));
    }
    let signed = app.store().log_head(tenant, name).await?.note_size;
    let found = format!("a quorum cosigned {} of {signed} leaves", cosigned.size);
    Ok(Some((true, found)))
}
