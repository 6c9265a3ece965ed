//! Looks after a data folder: what is there, whether it opens, whether the log still is what it says. Changes nothing but
//! its own entry, and finishes erasures that a crash left half done.

mod logs;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use doorstep_app::App;
use doorstep_app::notice::NoticeSettings;
use doorstep_app::papers::PaperSettings;
use doorstep_domain::id::TenantId;
use doorstep_domain::measure::Clock;
use doorstep_rules::{Pack, PackSet};
use doorstep_store::Store;
use doorstep_store::blobs::BlobKey;
use serde::Serialize;

use super::lock::LOCK_FILE;
use super::{FolderLock, Outside, RECORDINGS, app_of, blobs_of, leave_entry, same_deployment};
use crate::config::{Config, ConfigError, MetricsListen, NoticesConfig, PapersConfig};
use crate::error::ServerError;

/// Less free space than this is a finding: a day's work and a copy before a migration must fit.
const FREE_BYTES_MIN: u64 = 1024 * 1024 * 1024;
/// How long a copy of the key store may be kept that holds keys of persons who were erased since.
const KEY_COPIES_DAYS_MAX: i64 = 30;

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
    let outside = outside(&mut report, folder, &config);
    let notices = notices(&mut report, folder, &config);
    private(&mut report, folder, &config);
    disk(&mut report, folder);
    let lock = FolderLock::take(folder, "doorstep doctor");
    match &lock {
        Ok(_) => ports(&mut report, &config),
        Err(ServerError::Locked { holder }) => report.note("in use", true, format!("by {holder}; looked at beside it")),
        Err(error) => report.note("in use", false, error.message()),
    }
    let opened = Store::open(&config.store(folder)).await.map_err(ServerError::from);
    let opened = report.result("database", opened, "opens, and so do the keys of every tenant");
    if let (Some(opened), Some(notices), Some(outside)) = (opened, notices, outside) {
        let app = app_of(opened, &config, (outside, notices), clock);
        let name = same_deployment(&app, &config).await;
        report.result("deployment", name, &config.deployment);
        let looked = store(&mut report, &app, lock.is_err()).await;
        report.result("entry", looked, "left in the log");
        app.store().close().await;
    }
    drop(lock);
    report
}

/// Reads the files that the configuration names; what cannot be read is a finding, and the rest is looked at without it.
fn outside(report: &mut DoctorReport, folder: &Path, config: &Config) -> Option<Outside> {
    let packs = packs(report, folder, config);
    let papers = papers(report, folder, config)?;
    let mut note = |error: ConfigError| report.note("configuration", false, ServerError::from(error).message());
    Some(Outside {
        papers,
        training: config.training_settings().ok()?,
        blobs: blobs_of(folder),
        packs,
        witnesses: config.witnesses(folder).unwrap_or_else(|error| {
            note(error);
            None
        }),
        stamps: config.stamps(folder).unwrap_or_else(|error| {
            note(error);
            None
        }),
    })
}

/// Fonts and letters that the configuration names, or those of the system and of this version where they cannot be used.
fn papers(report: &mut DoctorReport, folder: &Path, config: &Config) -> Option<PaperSettings> {
    let own = config.paper_settings(folder).or_else(|error| {
        report.note("configuration", false, ServerError::from(error).message());
        let builtin = Config {
            papers: PapersConfig::default(),
            ..config.clone()
        };
        builtin.paper_settings(folder)
    });
    let own = own.ok()?;
    match &own.fonts {
        Ok(fonts) if fonts.have_chinese() => report.note("fonts", true, "letters can be printed, in Chinese too"),
        Ok(_) => report.note(
            "fonts",
            true,
            "letters can be printed, but not in Chinese: no font has it",
        ),
        Err(error) => report.note("fonts", true, format!("nothing can be printed: {error}")),
    }
    Some(own)
}

/// The templates of notices that the configuration names, or those of this version where they cannot be used.
fn notices(report: &mut DoctorReport, folder: &Path, config: &Config) -> Option<NoticeSettings> {
    let own = config.notice_settings(folder).or_else(|error| {
        report.note("configuration", false, ServerError::from(error).message());
        let builtin = Config {
            notices: NoticesConfig::default(),
            ..config.clone()
        };
        builtin.notice_settings(folder)
    });
    own.ok()
}

/// The packs in force; where they cannot be read, those that come with the program, to look at the rest.
fn packs(report: &mut DoctorReport, folder: &Path, config: &Config) -> PackSet {
    match config.packs(folder) {
        Ok(packs) => {
            let mark = |pack: &Pack| {
                if packs.is_unverified(pack) {
                    " (not verified, accepted)"
                } else {
                    ""
                }
            };
            let name = |pack: &Pack| format!("{}{}", pack.reference(), mark(pack));
            report.note(
                "rule packs",
                true,
                packs.packs().map(name).collect::<Vec<_>>().join(", "),
            );
            packs
        }
        Err(error) => {
            report.note(
                "rule packs",
                false,
                ServerError::from(ConfigError::from(error)).message(),
            );
            PackSet::builtin()
        }
    }
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

/// Whether anybody else on the machine may read what lies in the folder. Policy and certificates are public anyway.
#[cfg(unix)]
fn private(report: &mut DoctorReport, folder: &Path, config: &Config) {
    use std::os::unix::fs::PermissionsExt as _;
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    let mut wide: Vec<String> = Vec::new();
    if open(folder) {
        wide.push(".".to_owned());
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The lock says which process works here, and nothing else.
        let public = [&config.witness_policy, &config.timestamp_ca].map(|file| folder.join(file));
        if name != LOCK_FILE && !public.contains(&entry.path()) && entry.path().is_file() && open(&entry.path()) {
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
fn private(_: &mut DoctorReport, _: &Path, _: &Config) {}

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

async fn store(report: &mut DoctorReport, app: &App, serving: bool) -> Result<(), ServerError> {
    let store = app.store();
    report.note("schema", true, format!("version {}", store.schema_version().await?));
    let damage = store.integrity().await?;
    let words = if damage.is_empty() {
        "whole".to_owned()
    } else {
        damage.join("; ")
    };
    report.note("integrity", damage.is_empty(), words);
    let (well, words) = erasures(app).await?;
    report.note("erasures", well, words);
    report.note(
        "log queue",
        true,
        format!("{} entries wait for the sequencer", store.log_queue_len().await?),
    );
    logs::check(report, app, serving).await?;
    for (tenant, _) in store.tenant_list().await? {
        let (ok, found) = rows(store, tenant).await?;
        report.note(format!("rows {tenant}"), ok, found);
        let (ok, found) = recordings(app, tenant).await?;
        report.note(format!("recordings {tenant}"), ok, found);
        let (ok, found) = reads(store, tenant).await?;
        report.note(format!("reads {tenant}"), ok, found);
    }
    leave_entry(app, "doctor").await
}

/// Finishes erasures that a crash left half done. A person whom only the database calls erased keeps their key.
async fn erasures(app: &App) -> Result<(bool, String), ServerError> {
    let done = app.store().erasure_finish(app.now()).await?;
    let words = match done.unproven.as_slice() {
        [] => {
            let copies = copies_of_keys(app).await?;
            format!("all finished; {} of them just now{copies}", done.finished)
        }
        some => {
            let persons: Vec<String> = some.iter().map(|(_, person)| person.to_string()).collect();
            format!(
                "somebody wrote into the database that {} were erased, and nothing shows who allowed it; their keys are kept; \
                 restore a backup",
                persons.join(", ")
            )
        }
    };
    Ok((done.unproven.is_empty(), words))
}

/// Whether what the database says of staff, approvals, consents, the ends of cases and everybody's aliases is what this program
/// wrote.
async fn rows(store: &Store, tenant: TenantId) -> Result<(bool, String), ServerError> {
    let exchanged = store.aliases_exchanged(tenant).await?;
    let staff = listed(&store.staff_forged(tenant).await?);
    let approvals = listed(&store.approvals_forged(tenant).await?);
    let consents = listed(&store.consents_forged(tenant).await?);
    let ends = listed(&store.ends_forged(tenant).await?);
    if [&staff, &approvals, &consents, &ends].iter().all(|ids| ids.is_empty()) && exchanged == 0 {
        let words = "staff, approvals, consents, ends of cases and aliases are as this program wrote them";
        return Ok((true, words.to_owned()));
    }
    let words = format!(
        "somebody else changed the rows of staff [{staff}], who can do nothing now, approvals [{approvals}], which allow \
         nothing, consents [{consents}], which lift nothing, ends of cases [{ends}], from which no purge counts, and \
         {exchanged} aliases, which entries of reads do not follow; restore a backup"
    );
    Ok((false, words))
}

/// Whether the sealed pieces of every recording that is kept are there. Opens none of them.
async fn recordings(app: &App, tenant: TenantId) -> Result<(bool, String), ServerError> {
    let kept = app.store().recording_kept_all(tenant).await?;
    let mut broken = Vec::new();
    for recording in &kept {
        let parts = app.store().recording_parts(tenant, recording.id).await?;
        let mut whole = parts.len() as i64 == recording.parts;
        for hash in parts {
            whole &= app.blobs().exists(BlobKey { tenant, hash }).await?;
        }
        if !whole {
            broken.push(recording.id);
        }
    }
    let count = kept.len();
    if broken.is_empty() {
        return Ok((true, format!("the bytes of all {count} are there")));
    }
    let words = format!(
        "bytes of [{}] are missing, of {count}; put the folder `{RECORDINGS}` back from its copy, or import the files again \
         after `evidence show` of each",
        listed(&broken)
    );
    Ok((false, words))
}

fn listed(ids: &[impl ToString]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
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
