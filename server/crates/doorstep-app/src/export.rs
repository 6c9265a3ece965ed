//! Exporting a tenant's logs as a folder that strangers verify offline.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use doorstep_domain::id::{EventId, TenantId};
use doorstep_log::export::{ExportKeys, POLICY_PATH, Published, STAMP_CA_PATH, WriteError, Writer, stamp_paths};
use doorstep_log::leaf::Leaf;
use doorstep_store::entry::{By, Entries, Entry, EntryKind, LogName, ServerEntry};
use doorstep_store::witness::CosignedHead;

use doorstep_wire::problem::ProblemCode;
use uuid::Uuid;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;
use crate::policy::{self, Action};

/// Leaves and payloads that are read at once.
const PAGE: u64 = 1_024;
/// How often an export looks whether its own entry was signed, and how long it waits between.
const PLACE_TRIES: usize = 1_500;
const PLACE_WAIT: std::time::Duration = std::time::Duration::from_millis(20);

/// How long an export waits for a quorum of witnesses before it goes out with what there is.
const QUORUM_TRIES: usize = 250;

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
    /// A leaf is not the one that was signed.
    #[error(
        "leaf {index} of {log} was changed in the database: it does not fit the signed checkpoint; restore a backup"
    )]
    Altered {
        /// The log.
        log: LogName,
        /// The first such leaf, from 0.
        index: u64,
    },
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

    /// Has what was just entered placed and signed. On PostgreSQL another process may hold the sequencer's lock, which
    /// then does it; so this waits for the leaves that were there when it began, however many follow.
    async fn place_now(&self, tenant: TenantId, name: LogName) -> Result<(), ExportError> {
        let newest = self.store().log_newest_waiting(tenant, name).await?;
        let mut wanted = None;
        for _ in 0..PLACE_TRIES {
            self.run_sequencer().await?;
            if wanted.is_none() {
                wanted = self.store().log_placed(tenant, name, newest).await?;
            }
            let signed = self.store().log_head(tenant, name).await?.note_size;
            if wanted.is_some_and(|size| size as u64 <= signed) {
                return Ok(());
            }
            tokio::time::sleep(PLACE_WAIT).await;
        }
        let detail =
            "The export's own entry was not signed within 30 seconds. Try again when the server has less to do.";
        Err(AppError::refuse(ProblemCode::Busy, detail).into())
    }

    /// The checkpoint of a log that an export carries: where witnesses are configured the newest that a quorum cosigned, if
    /// it covers all that is signed now; otherwise the newest of the log's own.
    async fn head_to_export(&self, tenant: TenantId, name: LogName) -> Result<CosignedHead, ExportError> {
        let head = self.store().log_head(tenant, name).await?;
        let own = CosignedHead {
            size: head.note_size,
            note: head.note,
        };
        let is_witnessed = self
            .witness_policy()
            .is_some_and(|policy| policy.policy.demands_witnesses());
        if !is_witnessed || own.size == 0 {
            return Ok(own);
        }
        for _ in 0..QUORUM_TRIES {
            let cosigned = self.store().log_cosigned(tenant, name).await?;
            if cosigned.size >= own.size {
                return Ok(cosigned);
            }
            tokio::time::sleep(PLACE_WAIT).await;
        }
        // Witnesses never keep a log back; who verifies with a policy is told that the quorum is missing.
        Ok(own)
    }

    async fn export_noting(
        &self,
        tenant: TenantId,
        target: &Path,
        entry: ServerEntry,
    ) -> Result<LogExport, ExportError> {
        if target.read_dir().is_ok_and(|mut found| found.next().is_some()) {
            return Err(ExportError::Target(target.to_owned()));
        }
        let now = self.now();
        let entry = Entry::from(entry);
        let log = entry.log();
        self.store()
            .write(tenant, now)
            .await?
            .commit(Entries::one(entry))
            .await?;
        self.place_now(tenant, log).await?;
        let heads = [
            self.head_to_export(tenant, LogName::Events).await?,
            self.head_to_export(tenant, LogName::Access).await?,
        ];
        let seed = self.store().log_seed(tenant).await?;
        let keys = ExportKeys::from_seed(&format!("{}/{tenant}", self.0.parts.deployment), &seed)
            .map_err(|error| ExportError::Format(error.to_string()))?;
        let mut exporting = Exporting {
            app: self,
            tenant,
            wanted: HashSet::new(),
        };
        let mut writer = Writer::new(&keys, now.millis(), |path: &str, bytes: &[u8]| {
            write_file(target, path, bytes)
        });
        exporting.log(&mut writer, LogName::Events, heads[0].size).await?;
        exporting.log(&mut writer, LogName::Access, heads[1].size).await?;
        let payloads = exporting.payloads(&mut writer).await?;
        if let Some(policy) = self.witness_policy() {
            writer.file(POLICY_PATH, &policy.bytes).map_err(failed)?;
        }
        exporting.stamps(&mut writer, LogName::Events, heads[0].size).await?;
        exporting.stamps(&mut writer, LogName::Access, heads[1].size).await?;
        exporting.stamp_authorities(&mut writer)?;
        let published = Published {
            events: note_of(&heads[0].note),
            access: note_of(&heads[1].note),
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
            events: heads[0].size,
            access: heads[1].size,
            payloads,
            files: summary.files as u64,
            keys: keys.vkey_lines(),
        })
    }
}

struct Exporting<'a> {
    app: &'a App,
    tenant: TenantId,
    /// Payloads that exported leaves commit to; later ones belong into the next export.
    wanted: HashSet<Uuid>,
}

impl Exporting<'_> {
    async fn log<F>(&mut self, writer: &mut Writer<'_, F>, name: LogName, size: u64) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let into = match name {
            LogName::Events => doorstep_log::export::LogName::Events,
            LogName::Access => doorstep_log::export::LogName::Access,
        };
        let mut from = 0;
        while from < size {
            let count = PAGE.min(size - from);
            for leaf in self.app.store().log_leaves(self.tenant, name, from, count).await? {
                self.want(&leaf);
                writer.leaf(into, leaf).map_err(failed)?;
            }
            from += count;
        }
        Ok(())
    }

    /// Looks for the first leaf that does not stand under its log's checkpoint.
    async fn leaves_as_signed(&self) -> Result<(), ExportError> {
        let (store, tenant) = (self.app.store(), self.tenant);
        for log in [LogName::Events, LogName::Access] {
            let key = [store.log_verifier(tenant, log).await?];
            for index in 0..store.log_head(tenant, log).await?.note_size {
                let found = store.log_proof(tenant, log, index).await;
                if !found.is_ok_and(|(leaf, proof)| proof.verify(&leaf, &key).is_ok()) {
                    return Err(ExportError::Altered { log, index });
                }
            }
        }
        Ok(())
    }

    fn want(&mut self, leaf: &[u8]) {
        let eid = match Leaf::decode(leaf) {
            Ok(Leaf::Server(entry)) => entry.eid,
            Ok(Leaf::Device(event)) => event.header().ok().map(|header| header.eid),
            Err(_) => None,
        };
        self.wanted.extend(eid.and_then(|eid| eid.parse::<Uuid>().ok()));
    }

    async fn payloads<F>(&self, writer: &mut Writer<'_, F>) -> Result<u64, ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let (mut after, mut written): (Option<EventId>, u64) = (None, 0);
        loop {
            let page = self.app.store().payload_page(self.tenant, after, PAGE as i64).await?;
            let Some((last, ..)) = page.last() else {
                return Ok(written);
            };
            after = Some(*last);
            for (event, _, sealed) in page {
                if self.wanted.contains(&event.0) {
                    writer.payload(&event.to_string(), &sealed).map_err(failed)?;
                    written += 1;
                }
            }
        }
    }
}

impl Exporting<'_> {
    /// The time stamps of a log's first `size` leaves, each beside its checkpoint.
    async fn stamps<F>(&self, writer: &mut Writer<'_, F>, name: LogName, size: u64) -> Result<(), ExportError>
    where
        F: FnMut(&str, &[u8]) -> Result<(), ExportError>,
    {
        let mut after = 0;
        loop {
            let (store, sizes) = (self.app.store(), (after, size));
            let page = store.stamp_page(self.tenant, name, sizes, PAGE as i64).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.size;
            for stamp in page {
                let (response, checkpoint) = stamp_paths(name.code(), stamp.size);
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

fn note_of(note: &str) -> Option<&[u8]> {
    (!note.is_empty()).then_some(note.as_bytes())
}

fn failed(error: WriteError<ExportError>) -> ExportError {
    match error {
        WriteError::Sink(error) => error,
        other => ExportError::Format(other.to_string()),
    }
}

fn write_file(target: &Path, path: &str, bytes: &[u8]) -> Result<(), ExportError> {
    let path = target.join(path);
    let written = match path.parent() {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    };
    written
        .and_then(|()| std::fs::write(&path, bytes))
        .map_err(|source| ExportError::File { path, source })
}
