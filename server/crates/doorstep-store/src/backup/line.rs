//! The lines of a backup file: writing them with a running hash, and reading them back without trusting any.

use std::io::{BufRead, Read as _, Write};

use doorstep_log::hash::{base64_decode, base64_encode, hex};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::table::{Kind, TABLES, Table};
use super::{BackupFault, FORMAT};
use crate::db::{Row, Value};
use crate::error::StoreError;

/// The longest line that is read: a file of rows given back, sealed and in base64, fits well within.
const LINE_BYTES_MAX: u64 = 512 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) schema: i64,
    pub(super) engine: String,
    pub(super) taken_at: i64,
}

/// The line before the rows of a table.
#[derive(Serialize, Deserialize)]
struct TableHeader {
    table: String,
    columns: Vec<(String, Kind)>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct End {
    sha256: String,
}

/// Writes lines and keeps the hash of all of them.
pub(super) struct LineWriter<W> {
    out: W,
    hash: Sha256,
    pub(super) bytes: u64,
}

impl<W: Write> LineWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), StoreError> {
        let mut text = serde_json::to_vec(line).expect("lines hold only texts and numbers");
        text.push(b'\n');
        self.hash.update(&text);
        self.bytes += text.len() as u64;
        self.out
            .write_all(&text)
            .map_err(|source| StoreError::file("backup", source))
    }

    pub(super) fn header(&mut self, header: &Header) -> Result<(), StoreError> {
        self.line(header)
    }

    pub(super) fn table(&mut self, table: &Table) -> Result<(), StoreError> {
        let columns = table
            .columns
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), *kind))
            .collect();
        self.line(&TableHeader {
            table: table.name.to_owned(),
            columns,
        })
    }

    pub(super) fn row(&mut self, table: &Table, row: &Row) -> Result<(), StoreError> {
        let cells = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, kind))| cell(row, at, *kind));
        self.line(&cells.collect::<Result<Vec<Json>, StoreError>>()?)
    }

    /// Ends the file; returns the hash of all lines before the last.
    pub(super) fn end(mut self) -> Result<(W, u64, String), StoreError> {
        let sha256 = hex(&self.hash.clone().finalize());
        self.line(&End { sha256: sha256.clone() })?;
        self.out.flush().map_err(|source| StoreError::file("backup", source))?;
        Ok((self.out, self.bytes, sha256))
    }
}

fn cell(row: &Row, at: usize, kind: Kind) -> Result<Json, StoreError> {
    Ok(match kind {
        Kind::Id => row.opt_id(at)?.map_or(Json::Null, |id| Json::String(id.to_string())),
        Kind::Int => row.opt_int(at)?.map_or(Json::Null, Json::from),
        Kind::Text => row.opt_text(at)?.map_or(Json::Null, Json::String),
        Kind::Bytes => row
            .opt_blob(at)?
            .map_or(Json::Null, |bytes| Json::String(base64_encode(&bytes))),
    })
}

fn value(cell: Json, kind: Kind) -> Option<Value> {
    Some(match (kind, cell) {
        (Kind::Id, Json::Null) => Value::OptId(None),
        (Kind::Int, Json::Null) => Value::OptInt(None),
        (Kind::Text, Json::Null) => Value::OptText(None),
        (Kind::Bytes, Json::Null) => Value::OptBlob(None),
        (Kind::Id, Json::String(text)) => Value::Id(Uuid::try_parse(&text).ok()?),
        (Kind::Int, Json::Number(number)) => Value::Int(number.as_i64()?),
        (Kind::Text, Json::String(text)) => Value::Text(text),
        (Kind::Bytes, Json::String(text)) => Value::Blob(base64_decode(&text)?),
        _ => return None,
    })
}

/// What a line holds.
pub(super) enum Line {
    /// A table begins; which of its columns the rows have.
    Table(&'static Table, Vec<usize>),
    /// A row of that table.
    Row(Vec<Value>),
}

/// Reads lines. The hash is compared when the last line comes, so a caller that must not trust what it read before reads
/// the file twice.
pub(super) struct LineReader<R> {
    from: R,
    hash: Sha256,
    number: u64,
    kinds: Vec<Kind>,
    tables: Vec<&'static str>,
}

impl<R: BufRead> LineReader<R> {
    /// Reads the header.
    pub(super) fn open(from: R) -> Result<(Header, Self), StoreError> {
        let mut reader = Self {
            from,
            hash: Sha256::new(),
            number: 0,
            kinds: Vec::new(),
            tables: Vec::new(),
        };
        let line = reader.raw()?;
        let header: Header = serde_json::from_slice(&line).map_err(|_| reader.fault(BackupFault::NoBackup))?;
        if header.format != FORMAT {
            return Err(reader.fault(BackupFault::NoBackup));
        }
        reader.hash.update(&line);
        Ok((header, reader))
    }

    /// The next table or row; `None` at the end, when the hash was found right.
    pub(super) fn next(&mut self) -> Result<Option<Line>, StoreError> {
        let line = self.raw()?;
        if line.starts_with(b"{\"sha256\":") {
            return self.finish(&line).map(|()| None);
        }
        self.hash.update(&line);
        if line.first() == Some(&b'{') {
            return self.table(&line).map(Some);
        }
        let cells: Vec<Json> = serde_json::from_slice(&line).map_err(|_| self.fault(BackupFault::Shape))?;
        if cells.len() != self.kinds.len() || cells.is_empty() {
            return Err(self.fault(BackupFault::Shape));
        }
        let values: Option<Vec<Value>> = cells
            .into_iter()
            .zip(&self.kinds)
            .map(|(c, kind)| value(c, *kind))
            .collect();
        values
            .map(|values| Some(Line::Row(values)))
            .ok_or_else(|| self.fault(BackupFault::Shape))
    }

    fn raw(&mut self) -> Result<Vec<u8>, StoreError> {
        let mut line = Vec::new();
        self.number += 1;
        let read = (&mut self.from).take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        read.map_err(|source| StoreError::file("backup", source))?;
        match line.last() {
            Some(b'\n') => Ok(line),
            _ if self.number == 1 => Err(self.fault(BackupFault::NoBackup)),
            _ => Err(self.fault(BackupFault::BrokenOff)),
        }
    }

    fn finish(&mut self, line: &[u8]) -> Result<(), StoreError> {
        let end: End = serde_json::from_slice(line).map_err(|_| self.fault(BackupFault::Altered))?;
        // The bytes as this format writes them, nothing else: then every changed byte is noticed.
        let expected = format!("{{\"sha256\":\"{}\"}}\n", hex(&self.hash.clone().finalize()));
        if line != expected.as_bytes() || end.sha256.len() != 64 {
            return Err(self.fault(BackupFault::Altered));
        }
        let mut more = [0];
        match self
            .from
            .read(&mut more)
            .map_err(|source| StoreError::file("backup", source))?
        {
            0 => Ok(()),
            _ => Err(self.fault(BackupFault::Altered)),
        }
    }

    fn table(&mut self, line: &[u8]) -> Result<Line, StoreError> {
        let header: TableHeader = serde_json::from_slice(line).map_err(|_| self.fault(BackupFault::Shape))?;
        let table = TABLES.iter().find(|table| table.name == header.table);
        let table = table.ok_or_else(|| self.fault(BackupFault::Shape))?;
        if self.tables.contains(&table.name) {
            return Err(self.fault(BackupFault::Shape));
        }
        let mut columns = Vec::with_capacity(header.columns.len());
        for (name, kind) in &header.columns {
            let at = table
                .columns
                .iter()
                .position(|(known, its)| known == name && its == kind);
            columns.push(at.ok_or_else(|| self.fault(BackupFault::Shape))?);
        }
        self.tables.push(table.name);
        self.kinds = header.columns.into_iter().map(|(_, kind)| kind).collect();
        Ok(Line::Table(table, columns))
    }

    fn fault(&self, fault: BackupFault) -> StoreError {
        StoreError::Backup {
            line: self.number,
            fault,
        }
    }
}
