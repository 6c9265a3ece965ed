//! Commands that hold the data folder instead of going through the interface: making it, serving it, looking after it.
//! Each leaves an entry in the log of every tenant.

mod backup;
mod doctor;
mod export;
mod init;
mod known;
mod lock;

use std::path::Path;
use std::sync::Arc;

use doorstep_app::notice::NoticeSettings;
use doorstep_app::papers::PaperSettings;
use doorstep_app::stamp::StampSettings;
use doorstep_app::training::TrainingSettings;
use doorstep_app::witness::WitnessPolicy;
use doorstep_app::{App, AppParts};
use doorstep_domain::measure::Clock;
use doorstep_roads::Estimate;
use doorstep_rules::PackSet;
use doorstep_store::Store;
use doorstep_store::blobs::{Blobs, LocalBlobs};
use doorstep_store::entry::{By, Entries, EntryKind, ServerEntry};

pub use backup::{BackupReport, RestoreReport, backup, restore};
pub use doctor::{Check, DoctorReport, doctor};
pub use export::{CaseExport, CaseOrder, LogExport, case_log_export, log_export};
pub(crate) use init::make_private;
pub use init::{InitOptions, Initialised, Login, init};
pub use known::Sources;
pub use lock::{FolderLock, LOCK_FILE};

use crate::clock::SystemClock;
use crate::config::{Config, ConfigError};
use crate::error::ServerError;
use crate::serve::{Server, Start};

/// Serves a data folder until the system asks the program to stop.
pub async fn serve(folder: &Path) -> Result<(), ServerError> {
    let config = Config::load(folder)?;
    crate::telemetry::start(&config.log_level)?;
    let start = Start {
        folder: folder.to_owned(),
        config,
        clock: Arc::new(SystemClock),
        listener: None,
    };
    Server::start(start).await?.until_signal().await
}

/// Opens the store of a folder and puts the application together. Refuses a configuration that names another deployment
/// than the one under which the logs were signed: a key bears its log's name.
pub(crate) async fn open_app(folder: &Path, config: &Config, clock: Arc<dyn Clock>) -> Result<App, ServerError> {
    let outside = Outside {
        packs: config.packs(folder).map_err(ConfigError::from)?,
        witnesses: config.witnesses(folder)?,
        stamps: config.stamps(folder)?,
        papers: config.paper_settings(folder)?,
        training: config.training_settings()?,
        blobs: blobs_of(folder),
    };
    let named = outside.witnesses.iter().flat_map(|policy| policy.policy.witnesses());
    for witness in named.filter(|witness| witness.url.is_none()) {
        tracing::warn!(
            witness = witness.key.name(),
            "the policy has no address of this witness: nobody asks it"
        );
    }
    let notices = config.notice_settings(folder)?;
    let store = Store::open(&config.store(folder)).await?;
    let app = app_of(store, config, (outside, notices), clock);
    if let Err(error) = same_deployment(&app, config).await {
        app.store().close().await;
        return Err(error);
    }
    Ok(app)
}

/// Refuses where a log was signed under the name of another deployment.
async fn same_deployment(app: &App, config: &Config) -> Result<(), ServerError> {
    let own = format!("{}/", config.deployment);
    let origins = app.store().log_origins().await?;
    match origins.iter().find(|origin| !origin.starts_with(&own)) {
        None => Ok(()),
        Some(other) => Err(ServerError::OtherDeployment {
            configured: config.deployment.clone(),
            stored: other.split('/').next().unwrap_or_default().to_owned(),
        }),
    }
}

/// What the configuration names that lies outside the databases.
struct Outside {
    packs: PackSet,
    /// Parties who speak for the logs.
    witnesses: Option<WitnessPolicy>,
    stamps: Option<StampSettings>,
    papers: PaperSettings,
    training: TrainingSettings,
    /// Where recordings lie.
    blobs: Arc<dyn Blobs>,
}

/// The folder of recordings in a data folder.
pub(crate) const RECORDINGS: &str = "recordings";

fn blobs_of(folder: &Path) -> Arc<dyn Blobs> {
    Arc::new(LocalBlobs::new(folder.join(RECORDINGS)))
}

fn app_of(store: Store, config: &Config, (outside, notices): (Outside, NoticeSettings), clock: Arc<dyn Clock>) -> App {
    App::new(AppParts {
        store,
        blobs: outside.blobs,
        clock,
        packs: outside.packs,
        roads: Arc::new(Estimate),
        deployment: config.deployment.clone(),
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        notices,
        papers: outside.papers,
        training: outside.training,
        import_bytes_max: config.import_bytes_max,
        witness_policy: outside.witnesses,
        stamps: outside.stamps,
    })
}

/// Leaves an entry in the log of every tenant: a command opened the folder.
pub(crate) async fn leave_entry(app: &App, command: &str) -> Result<(), ServerError> {
    let now = app.now();
    for (tenant, _) in app.store().tenant_list().await? {
        let tx = app.store().write(tenant, now).await?;
        let entry = ServerEntry::new(EntryKind::FolderOpened, By::PROGRAM).with("command", command);
        tx.commit(Entries::one(entry)).await?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
