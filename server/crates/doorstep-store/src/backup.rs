//! Backups: one file of rows that restores on either engine. Keys are never in it, nor what can be made again.
//!
//! Format `doorstep.backup/1`: JSON lines, first a header, then for each table its name and columns, then its rows as
//! arrays (ids and bytes as prefixed base64), last a line with the SHA-256 of all before it. A backup that breaks off,
//! or in which a byte changed, is refused before anything is written.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use doorstep_domain::measure::Micros;
use doorstep_log::hash::{base64_decode, base64_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::db::{Cell, Db, Engine, Row, Value, args};
use crate::entry::{By, Entries, EntryKind, ServerEntry};
use crate::error::StoreError;
use crate::store::Store;

/// The format that this version writes.
pub const FORMAT: &str = "doorstep.backup/1";
/// Rows that are read or written at once.
const ROWS_MAX: i64 = 1_000;

/// A table of the backup: its name, its columns, a SELECT of a page, and the INSERT.
struct Table {
    name: &'static str,
    page: &'static str,
    insert: &'static str,
    /// Which columns are ids, by position; bytes and ids look alike in SQLite.
    ids: &'static [usize],
}
