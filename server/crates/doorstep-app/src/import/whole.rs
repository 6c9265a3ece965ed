//! Files of which all rows are held at once, because they are judged together.

use std::fs::File;

use doorstep_domain::words::{Lang, word};

use super::{FileHead, head_of};
use crate::error::AppError;
use crate::file::{Columns, Format, GiveBack, ImportFile, ReadOptions, RowKind, RowOutcome};

/// A file of which all rows are held at once, because they are judged together.
pub(crate) struct WholeFile<Row> {
    pub(crate) head: FileHead,
    pub(crate) columns: Columns,
    pub(crate) format: Format,
    pub(crate) rows: Vec<RowOutcome<Row>>,
}

/// Reads a whole file, on a thread where it may block.
pub(crate) async fn read_whole<K>(file: File, options: ReadOptions) -> Result<WholeFile<K::Row>, AppError>
where
    K: RowKind,
    K::Row: Send + 'static,
{
    let read = move || {
        let mut file = ImportFile::<_, K>::open(file, options)?;
        let rows = file.rows()?.collect::<Result<Vec<_>, _>>()?;
        Ok(WholeFile {
            head: head_of(&file),
            columns: file.columns().clone(),
            format: file.format(),
            rows,
        })
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| AppError::Fault("the reading thread broke off"))?
}

impl<Row> WholeFile<Row> {
    /// The rows that go back, as a file of the same shape; `None` where all were taken.
    pub(crate) fn give_back(&self, lang: Lang) -> Result<Option<Vec<u8>>, AppError> {
        if !self.rows.iter().any(RowOutcome::goes_back) {
            return Ok(None);
        }
        let mut back = GiveBack::new(Vec::new(), &self.columns, self.format)?;
        for outcome in self.rows.iter().filter(|outcome| outcome.goes_back()) {
            back.row(outcome, |reason| word(lang, reason).to_owned())?;
        }
        Ok(Some(back.finish()?))
    }
}
