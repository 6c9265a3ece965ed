//! Backing a data folder up, and restoring it on either engine. Keys are never in a backup: the key file and the key store
//! are kept apart, so that a restore cannot bring an erased person back.

use std::path::Path;
use std::sync::Arc;

use doorstep_domain::measure::Clock;
use doorstep_store::backup::{self, Known};
use doorstep_store::{Store, StoreError};

pub use doorstep_store::backup::{BackupReport, RestoreReport};

use super::known::{self, Sources};
use super::{FolderLock, init::write_config, leave_entry, open_app};
use crate::config::{Config, ConfigError, DatabaseUrl};
use crate::error::ServerError;
use crate::jobs;

/// Writes a backup of one consistent moment to a new file; a server on the folder goes on working meanwhile.
pub async fn backup(folder: &Path, file: &Path, clock: Arc<dyn Clock>) -> Result<BackupReport, ServerError> {
    let config = Config::load(folder)?;
    let lock = FolderLock::beside_server(folder, "doorstep backup")?;
    let app = open_app(folder, &config, clock).await?;
    leave_entry(&app, "backup").await?;
    jobs::witness::ask_first(&app).await?;
    // Beside a server its own sequencer takes the entry; without one it would wait in the backup.
    app.run_sequencer().await?;
    let written = app.store().backup_to(file, app.now()).await;
    app.store().close().await;
    drop(lock);
    written.map_err(|error| match error {
        StoreError::DiskFull => ServerError::OutFull(file.to_owned()),
        other => other.into(),
    })
}

/// Restores a backup into the empty main database of a folder that has the key file and the key store. With `database` it
/// goes there, and the folder's configuration names it from then on. `sources` tell of the time after the backup: heads that
/// were signed since, and persons who were erased since.
pub async fn restore(
    folder: &Path,
    file: &Path,
    database: Option<&str>,
    sources: &Sources,
    clock: Arc<dyn Clock>,
) -> Result<RestoreReport, ServerError> {
    let mut config = Config::load(folder).map_err(|error| match error {
        ConfigError::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            ServerError::NoFolderToRestore(folder.to_owned())
        }
        other => other.into(),
    })?;
    if let Some(url) = database {
        config.database = DatabaseUrl(url.to_owned());
        config.check()?;
    }
    let lock = FolderLock::take(folder, "doorstep restore")?;
    let store_config = config.store(folder);
    let store = Store::open(&store_config).await?;
    let known = known::read(&store, sources).await;
    store.close().await;
    let known = Known {
        witnessed: config
            .witnesses(folder)?
            .is_some_and(|policy| policy.policy.demands_witnesses()),
        ..known?
    };
    let mut report = backup::restore(&store_config, file, &known, clock.now()).await?;
    // The restore's own entries get their places, so that the folder can be exported and verified at once; in a log that
    // is halted they wait.
    let app = open_app(folder, &config, clock).await?;
    jobs::witness::ask_first(&app).await?;
    app.run_sequencer().await?;
    report.halted = app.store().log_guard_all(app.now()).await?;
    app.store().close().await;
    if database.is_some() {
        write_config(folder, &config)?;
    }
    drop(lock);
    Ok(report)
}
