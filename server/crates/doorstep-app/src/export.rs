//! Exporting a tenant's logs as a folder that strangers verify offline.

mod case;
mod heads;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use doorstep_domain::id::TenantId;
use doorstep_log::export::{
    ExportKeys, Generation, LogName as ExportLog, META_KEY_PATH, OPENINGS_PATH, POLICY_PATH, Published, STAMP_CA_PATH,
    WriteError, Writer, payload_path, stamp_paths,
};
use doorstep_log::leaf::Leaf;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, LogName, OPERATOR, ServerEntry};
use doorstep_store::generation::LogGeneration;
use doorstep_store::log::LogHead;

use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::log::{LogAltered, LogFault};
use crate::policy::{self, Action};

pub use case::{CaseExport, CaseOrder};
use heads::Pinned;

/// Leaves that are read at once, and their payloads with them: what is held of an export, however long the logs are.
const PAGE: u64 = 1_000;

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogExport {
    /// Leaves of the events log.
    pub events: u64,
    /// Leaves of the access log.
    pub access: u64,
    /// Sealed payloads.
    pub payloads: u64,
    /// Files written.
    pub files: u64,
    /// The verifying keys, one a line; whoever verifies should have got them another way.
    pub keys: String,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Storage or the application failed.
    #[error("the logs could not be read")]
    App(#[from] AppError),
    /// The target exists and is not empty.
    #[error("`{0}` exists and is not empty; name a new folder")]
    Target(PathBuf),
    /// A file could not be written.
    #[error("`{path}` could not be written; is the disk full?")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The list of files could not be kept on the disk while it grew.
    #[error("the list of the export's files could not be written; is the disk full?")]
    Spool(#[source] std::io::Error),
    /// A leaf is not the one that was signed.
    #[error(transparent)]
    Altered(#[from] LogAltered),
    /// The export's own format refused something.
    #[error("a leaf or payload does not fit the export format: {0}")]
    Format(String),
}

impl From<doorstep_store::StoreError> for ExportError {
    fn from(error: doorstep_store::StoreError) -> Self {
        Self::App(error.into())
    }
}

impl App {
    /// Exports the caller's tenant, as [`App::export_log`] does.
    pub async fn export_own_log(&self, actor: &Actor, target: &Path) -> Result<LogExport, ExportError> {
        policy::check(actor, Action::SeeLog)?;
        let entry = ServerEntry::new(EntryKind::Export, actor.by()).reason("log");
        self.export_noting(actor.tenant, target, entry).await
    }

    /// Writes a tenant's logs, sealed payloads and keys into a new folder, with a signed list of every file's hash. The
    /// export itself is an entry of what it exports. Only for commands that hold the data folder.
    pub async fn export_log(&self, tenant: TenantId, target: &Path) -> Result<LogExport, ExportError> {
        let entry = ServerEntry::new(EntryKind::FolderOpened, By::PROGRAM).reason("log-export");
        self.export_noting(tenant, target, entry).await
    }

    async fn export_noting(
        &self,
        tenant: TenantId,
        target: &Path,
        entry: ServerEntry,
    ) -> Result<LogExport, ExportError> {
        refuse_full(target)?;
        let now = self.now();
        let entry = Entry::from(entry);
        let log = entry.log();
        self.store()
            .write(tenant, now)
            .await?
            .commit(Entries::one(entry))
            .await?;
        self.place_now(tenant, log).await?;
        let pinned = self.pin(tenant).await?;
        let keys = self.export_keys(tenant).await?;
        let mut exporting = Exporting {
            app: self,
            tenant,
            target,
            payloads: 0,
        };
        let mut writer = Writer::new(&keys, now.millis(), spool(target)?, |path: &str, bytes: &[u8]| {
            write_file(target, path, bytes)
        });
        let (events, events_note) = exporting.log(&mut writer, ExportLog::Events, &pinned[0].head).await?;
        let (access, access_note) = exporting.log(&mut writer, ExportLog::Access, &pinned[1].head).await?;
        self.export_policy(&mut writer)?;
        exporting.stamp_authorities(&mut writer)?;
        let meta_key = exporting.meta(&mut writer, &pinned).await?;
        let published = Published {
            events: note_of(&events_note),
            access: note_of(&access_note),
        };
        let summary = match writer.finish(published) {
            Ok(summary) => summary,
            Err(WriteError::Sink(error)) => return Err(error),
            Err(error) => {
                exporting.leaves_as_signed().await?;
                return Err(failed(error));
            }
        };
        Ok(LogExport {
            events,
            access,
            payloads: exporting.payloads,
            files: summary.files as u64,
            keys: keys.vkey_lines() + &meta_key,
        })
    }
}

impl App {
    /// The policy by which the logs are witnessed.
    fn export_policy<F>(&self, writer: &mut Writer<'_, F>) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        match self.witness_policy() {
            Some(policy) => writer.file(POLICY_PATH, &policy.bytes).map_err(failed),
            None => Ok(()),
        }
    }

    async fn export_keys(&self, tenant: TenantId) -> Result<ExportKeys, ExportError> {
        let seed = self.store().log_seed(tenant).await?;
        let mut newest = [1, 1];
        for (newest, name) in newest.iter_mut().zip(ExportLog::ALL.map(name_of)) {
            *newest = self.store().log_head(tenant, name).await?.generation;
        }
        ExportKeys::from_seed(&format!("{}/{tenant}", self.0.parts.deployment), &seed)
            .map(|keys| keys.with_generations(newest))
            .map_err(|error| ExportError::Format(error.to_string()))
    }
}

/// A later generation that is not signed yet has nothing that could be proven; the next export has it.
fn leave_unsigned(generations: &mut Vec<LogGeneration>) {
    while generations
        .last()
        .is_some_and(|newest| newest.generation > 1 && !newest.is_signed())
    {
        generations.pop();
    }
}

/// Refuses a folder that holds something.
fn refuse_full(target: &Path) -> Result<(), ExportError> {
    let full = target.read_dir().is_ok_and(|mut found| found.next().is_some());
    if full {
        Err(ExportError::Target(target.to_owned()))
    } else {
        Ok(())
    }
}

struct Exporting<'a> {
    app: &'a App,
    tenant: TenantId,
    target: &'a Path,
    /// How many were written.
    payloads: u64,
}

impl Exporting<'_> {
    async fn log<F>(
        &mut self,
        writer: &mut Writer<'_, F>,
        into: ExportLog,
        head: &LogHead,
    ) -> Result<(u64, String), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let name = name_of(into);
        let store = self.app.store();
        let mut generations = store.log_ended(self.tenant, name).await?;
        // It may have ended since this head was taken; then the export shows how it was then.
        generations.retain(|ended| ended.generation < head.generation);
        generations.push(LogGeneration::present(self.tenant, name, head));
        leave_unsigned(&mut generations);
        let mut read = 0;
        let Some(newest) = generations.pop() else {
            return Ok((0, String::new()));
        };
        for ended in generations {
            let id = Generation {
                log: into,
                number: ended.generation,
            };
            self.leaves(writer, id, &ended).await?;
            self.stamps(writer, id, &ended).await?;
            if let Some(known) = store.generation_known(&ended).await? {
                writer.file(&id.known_path(), known.as_bytes()).map_err(failed)?;
            }
            writer.end(id, note_of(&ended.note)).map_err(failed)?;
            read += ended.size;
        }
        let id = Generation {
            log: into,
            number: newest.generation,
        };
        self.leaves(writer, id, &newest).await?;
        self.stamps(writer, id, &newest).await?;
        Ok((read + newest.size, newest.note))
    }

    async fn leaves<F>(
        &mut self,
        writer: &mut Writer<'_, F>,
        id: Generation,
        of: &LogGeneration,
    ) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let store = self.app.store();
        let mut from = 0;
        while from < of.size {
            let count = PAGE.min(of.size - from);
            let mut events = Vec::new();
            for leaf in store.generation_leaves(of, (from, count)).await? {
                events.extend(event_of(&leaf));
                writer.leaf(id, leaf).map_err(failed)?;
            }
            self.payloads(writer, events).await?;
            from += count;
        }
        Ok(())
    }

    /// Proves that the exported checkpoints stand in the operator's meta log. Only the tenant's own leaves go out: what else
    /// is in that log shows of other tenants no more than how many hashes a proof has. Returns the operator's key,
    /// a line for each name that its log ever had.
    async fn meta<F>(&self, writer: &mut Writer<'_, F>, pinned: &[Pinned; 2]) -> Result<String, ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let store = self.app.store();
        let mut proven = false;
        for (log, pinned) in ExportLog::ALL.into_iter().zip(pinned) {
            if let Some(found) = &pinned.proof {
                writer.file(&log.meta_path(), &found.proof.encode()).map_err(failed)?;
                proven = true;
            }
        }
        if !proven {
            return Ok(String::new());
        }
        let mut line = String::new();
        for of in store.log_generations(OPERATOR, LogName::Meta).await? {
            let key = self.app.generation_key(OPERATOR, &of).await?;
            line.extend([key.to_string().as_str(), "\n"]);
        }
        writer.file(META_KEY_PATH, line.as_bytes()).map_err(failed)?;
        Ok(line)
    }

    /// Names the first leaf that is not the one that was signed.
    async fn leaves_as_signed(&self) -> Result<(), ExportError> {
        for log in LogName::OF_TENANT {
            for of in self.app.store().log_generations(self.tenant, *log).await? {
                if let Err(LogFault::Altered(altered)) = self.app.log_check(self.tenant, &of).await? {
                    return Err(altered.into());
                }
            }
        }
        Ok(())
    }

    /// Writes the payloads of some leaves. One to which an earlier leaf leads too is in the folder already.
    async fn payloads<F>(&mut self, writer: &mut Writer<'_, F>, mut events: Vec<Uuid>) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        events.sort_unstable();
        events.dedup();
        let is_new =
            |event: &Uuid| !payload_path(&event.to_string()).is_some_and(|path| self.target.join(path).exists());
        events.retain(is_new);
        for (event, _, sealed) in self.app.store().payload_get_many(self.tenant, &events).await? {
            writer.payload(&event.to_string(), &sealed).map_err(failed)?;
            self.payloads += 1;
        }
        Ok(())
    }
}

/// Whose payload a leaf commits to.
fn event_of(leaf: &[u8]) -> Option<Uuid> {
    let eid = match Leaf::decode(leaf).ok()? {
        Leaf::Server(entry) => entry.eid?,
        Leaf::Device(event) => event.header().ok()?.eid,
    };
    eid.parse().ok()
}

impl Exporting<'_> {
    /// The time stamps of what is exported of a generation, each beside its checkpoint.
    async fn stamps<F>(&self, writer: &mut Writer<'_, F>, id: Generation, of: &LogGeneration) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let (store, mut after) = (self.app.store(), 0);
        loop {
            let page = store.stamp_page(of, after, PAGE as i64).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.size;
            for stamp in page {
                let (response, checkpoint) = stamp_paths(&id.to_string(), stamp.size);
                writer.file(&response, &stamp.response).map_err(failed)?;
                writer.file(&checkpoint, stamp.note.as_bytes()).map_err(failed)?;
            }
        }
    }

    /// The certificates that vouch for the authority.
    fn stamp_authorities<F>(&self, writer: &mut Writer<'_, F>) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        match self.app.stamp_settings() {
            Some(settings) => writer.file(STAMP_CA_PATH, settings.pem()).map_err(failed),
            None => Ok(()),
        }
    }
}

const fn name_of(log: ExportLog) -> LogName {
    match log {
        ExportLog::Events => LogName::Events,
        ExportLog::Access => LogName::Access,
    }
}

fn note_of(note: &str) -> Option<&[u8]> {
    (!note.is_empty()).then_some(note.as_bytes())
}

fn failed(error: WriteError<ExportError>) -> ExportError {
    match error {
        WriteError::Sink(error) => error,
        WriteError::Spool(source) => ExportError::Spool(source),
        other => ExportError::Format(other.to_string()),
    }
}

/// Where the list of files waits until it is whole: on the target's disk, under no name.
fn spool(target: &Path) -> Result<std::fs::File, ExportError> {
    std::fs::create_dir_all(target)
        .and_then(|()| tempfile::tempfile_in(target))
        .map_err(ExportError::Spool)
}

/// Adds bytes to the end of a file, which is made where there is none.
fn write_file(target: &Path, path: &str, bytes: &[u8]) -> Result<(), ExportError> {
    let path = target.join(path);
    let written = match path.parent() {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    };
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    // What is opened is for whoever ordered it alone.
    #[cfg(unix)]
    if path.ends_with(OPENINGS_PATH) {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    written
        .and_then(|()| options.open(&path)?.write_all(bytes))
        .map_err(|source| ExportError::File { path, source })
}
