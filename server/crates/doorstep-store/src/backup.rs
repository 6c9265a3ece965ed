//! Backups: one file of rows that restores on either engine. Keys are never in it, nor what can be made again.
//!
//! Format `doorstep.backup/1`: JSON lines. First a header (schema, engine, time), then for each table a line with its
//! name and columns with their kinds, then its rows as arrays (ids as text, bytes as base64), last a line with the
//! SHA-256 of all before it. A backup that breaks off, or in which a byte changed, is refused before anything is
//! written. Both directions read and write row by row, so a large database needs no more memory than a small one.

mod line;
mod restore;
mod table;

use std::io::{BufWriter, Write};
use std::path::Path;

use doorstep_domain::measure::Micros;

use self::line::{Header, LineWriter};
use crate::db::Engine;
use crate::error::StoreError;
use crate::store::Store;

pub use restore::{Known, RestoreReport, restore, verify};
pub use table::{Kind, LEFT_OUT, TABLES, Table};

/// The format that this version writes and reads.
pub const FORMAT: &str = "doorstep.backup/1";

/// Why a file cannot be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BackupFault {
    /// The file is something else.
    #[error("it is no Doorstep backup, or one of a newer format")]
    NoBackup,
    /// The last line is missing.
    #[error("it breaks off; take the copy that was written to its end")]
    BrokenOff,
    /// The hash of the file is not the one in its last line.
    #[error("it was changed after it was written; take another copy")]
    Altered,
    /// A line is not what the format or the schema says.
    #[error("the line is not of this format")]
    Shape,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// Rows per table, in the order of the file.
    pub rows: Vec<(&'static str, u64)>,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 over all lines before the last, in hexadecimal, as the last line says.
    pub sha256: String,
}

/// The name of an engine in a backup's header.
const fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

impl Store {
    /// Writes a backup of one consistent moment. Others go on reading and writing meanwhile.
    pub async fn backup(&self, out: impl Write + Send, now: Micros) -> Result<BackupReport, StoreError> {
        self.backup_lines(out, now).await.map(|(report, _)| report)
    }

    async fn backup_lines<W: Write + Send>(&self, out: W, now: Micros) -> Result<(BackupReport, W), StoreError> {
        let mut lines = LineWriter::new(out);
        let schema = self.schema_version().await?;
        let engine = engine_name(self.engine()).to_owned();
        lines.header(&Header {
            format: FORMAT.to_owned(),
            schema,
            engine,
            taken_at: now.get(),
        })?;
        let mut snapshot = self.db.snapshot().await?;
        let mut rows = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            lines.table(table)?;
            let mut count = 0;
            let each = |row: crate::db::Row| {
                count += 1;
                lines.row(table, &row)
            };
            snapshot.for_each(table.select(), each).await?;
            rows.push((table.name, count));
        }
        let (out, bytes, sha256) = lines.end()?;
        Ok((BackupReport { rows, bytes, sha256 }, out))
    }

    /// Writes a backup into a new file that only its owner may read. A crash leaves a file with the ending `.partial`;
    /// the name itself appears only when all is on the disk. An existing file is never replaced.
    pub async fn backup_to(&self, path: &Path, now: Micros) -> Result<BackupReport, StoreError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let failed = |source| StoreError::file(&name, source);
        if path.exists() {
            return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
        }
        let partial = path.with_file_name(format!("{name}.partial"));
        let mut options = crate::private::options();
        let file = options.create(true).truncate(true).open(&partial).map_err(failed)?;
        let written = self.backup_lines(BufWriter::with_capacity(1 << 20, file), now).await;
        let done = written.and_then(|(report, out)| {
            let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
            std::fs::rename(&partial, path).map_err(failed)?;
            Ok(report)
        });
        if done.is_err() {
            // What was written is no backup; where it cannot be removed either, the error below says enough.
            let _ = std::fs::remove_file(&partial);
        }
        done
    }
}
