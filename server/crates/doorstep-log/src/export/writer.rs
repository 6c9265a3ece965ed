//! Writes an export: leaves go in one by one, files come out through a callback as soon as they are whole.
//!
//! Keeps at most one entry bundle and the right edge of the tree per log in memory, and so many lines of the manifest; the
//! others wait in a spool.

use std::collections::BTreeMap;

use super::lines::{Lines, Spool};
use super::{ExportKind, Generation, KEYS_PATH, LogName, MANIFEST_PATH, ManifestFile, OPENINGS_PATH, Opening};
use super::{is_plain_path, payload_path};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::leaf::{LEAF_BYTES_MAX, LeafError};
use crate::note::{self, NoteError, SigningKey};
use crate::proof::ProofError;
use crate::tile::{TILE_WIDTH, TileError, TileId, encode_bundle, encode_tile};
use crate::tree::TileEdge;

/// Bytes of the manifest that are stored at once.
const PIECE_BYTES: usize = 64 * 1024;

/// The signing keys of a tenant: the manifest's and each log's, named after the origins.
#[derive(Debug)]
pub struct ExportKeys {
    tenant: SigningKey,
    events: SigningKey,
    access: SigningKey,
    /// How often each log was continued, and the first generation.
    generations: [u32; 2],
}

/// Checkpoints as published, with their witness lines. Where there is none a new one is signed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Published<'a> {
    /// Note of the events log.
    pub events: Option<&'a [u8]>,
    /// Note of the access log.
    pub access: Option<&'a [u8]>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Checkpoint of the events log.
    pub events: Checkpoint,
    /// Checkpoint of the access log.
    pub access: Checkpoint,
    /// Number of files, with the manifest.
    pub files: usize,
}

/// Why an export could not be written. `E` is the callback's error.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The callback failed; the export is incomplete.
    #[error("a file of the export could not be stored; remove the folder and export again")]
    Sink(#[source] E),
    /// A leaf is too long or malformed.
    #[error("leaf {index} of {log} cannot be exported")]
    Leaf {
        /// Log.
        log: LogName,
        /// Place in the log.
        index: u64,
        /// Cause.
        source: LeafError,
    },
    /// A bundle cannot be encoded.
    #[error("an entry bundle cannot be encoded")]
    Tile(#[from] TileError),
    /// An opening cannot be encoded.
    #[error("an opening cannot be encoded")]
    Opening(#[from] LeafError),
    /// A payload's identity is no lower-case UUID.
    #[error("payload identity {0:?} is not a lower-case UUID")]
    Eid(String),
    /// Lines of the list of files could not be kept aside.
    #[error("the list of files could not be kept aside while the export is written; is the disk full?")]
    Spool(#[from] std::io::Error),
    /// A path is not plain or was written before.
    #[error("path {0:?} is not plain or was written before")]
    Path(String),
    /// A published checkpoint does not hold.
    #[error("the published checkpoint of {log} does not hold")]
    Checkpoint {
        /// Log.
        log: LogName,
        /// Cause.
        source: CheckpointError,
    },
    /// A published checkpoint is of another tree than the leaves given.
    #[error("the published checkpoint of {log} is of another tree; give exactly its leaves")]
    OtherTree {
        /// Log.
        log: LogName,
    },
    /// A proof does not lead from its leaf to the published checkpoint.
    #[error("leaf {index} of {log} does not stand under the published checkpoint")]
    Proof {
        /// Log.
        log: LogName,
        /// Place in the log.
        index: u64,
        /// Cause.
        source: ProofError,
    },
    /// A note cannot be signed.
    #[error("the manifest cannot be signed")]
    Note(#[from] NoteError),
}

/// Turns leaves and payloads into the files of an export.
pub struct Writer<'k, F> {
    keys: &'k ExportKeys,
    kind: ExportKind,
    created_ms: i64,
    lines: Lines,
    files: F,
    logs: BTreeMap<Generation, LogState>,
    openings: Vec<u8>,
}

#[derive(Default)]
struct LogState {
    edge: TileEdge,
    bundle: Vec<Vec<u8>>,
}

impl ExportKeys {
    /// All keys from one 32-byte seed, for the tenant `<deployment>/<tenant>`.
    pub fn from_seed(tenant_origin: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        Ok(Self {
            tenant: SigningKey::from_seed(tenant_origin, seed)?,
            events: SigningKey::from_seed(&LogName::Events.origin(tenant_origin), seed)?,
            access: SigningKey::from_seed(&LogName::Access.origin(tenant_origin), seed)?,
            generations: [1, 1],
        })
    }

    /// The same for logs that were continued: which generation of `events` and of `access` is the newest, from 1.
    #[must_use]
    pub fn with_generations(mut self, newest: [u32; 2]) -> Self {
        self.generations = newest;
        self
    }

    /// The key that signs the checkpoints of `log`.
    pub fn log(&self, log: LogName) -> &SigningKey {
        match log {
            LogName::Events => &self.events,
            LogName::Access => &self.access,
        }
    }

    /// The same key under the origin of one generation.
    pub(super) fn generation(&self, log: Generation) -> Result<SigningKey, NoteError> {
        self.log(log.log).renamed(&log.origin(self.tenant.name()))
    }

    /// The key that signs the manifest, named after the tenant's origin.
    pub fn tenant(&self) -> &SigningKey {
        &self.tenant
    }

    /// The content of `keys/log.vkey`: one key under the names of the tenant and of every generation of its logs.
    pub fn vkey_lines(&self) -> String {
        let later = LogName::ALL.into_iter().zip(self.generations);
        let later = later.flat_map(|(log, newest)| (2..=newest).map(move |number| Generation { log, number }));
        // A later name is as well-formed as the first, so none is left out.
        let later = later.filter_map(|generation| self.generation(generation).ok());
        let mut lines = String::new();
        for key in [&self.tenant, &self.events, &self.access] {
            lines.extend([key.verifier().to_string().as_str(), "\n"]);
        }
        for key in later {
            lines.extend([key.verifier().to_string().as_str(), "\n"]);
        }
        lines
    }
}

impl<'k, F, E> Writer<'k, F>
where
    F: FnMut(&str, &[u8]) -> Result<(), E>,
{
    /// Starts an export made at `created_ms` (milliseconds since 1970 UTC). `files` adds bytes to the end of a file, which
    /// it makes where there is none: the manifest comes in pieces, every other file whole. Lines of the manifest wait in
    /// `spool`.
    pub fn new(keys: &'k ExportKeys, created_ms: i64, spool: impl Spool + 'static, files: F) -> Self {
        Self {
            keys,
            kind: ExportKind::Whole,
            created_ms,
            lines: Lines::new(spool),
            files,
            logs: LogName::ALL.map(|log| (log.into(), LogState::default())).into(),
            openings: Vec::new(),
        }
    }

    /// The same for the export of one case, which ends with [`Writer::finish_case`].
    pub fn of_case(keys: &'k ExportKeys, created_ms: i64, spool: impl Spool + 'static, files: F) -> Self {
        Self {
            kind: ExportKind::Case,
            ..Self::new(keys, created_ms, spool, files)
        }
    }

    /// Adds the next leaf of a log, or of a later generation of it. The logs may take turns.
    pub fn leaf(&mut self, log: impl Into<Generation>, bytes: Vec<u8>) -> Result<(), WriteError<E>> {
        let log = log.into();
        let state = self.logs.entry(log).or_default();
        if bytes.len() > LEAF_BYTES_MAX {
            let index = state.edge.size() + state.bundle.len() as u64;
            return Err(WriteError::Leaf {
                log: log.log,
                index,
                source: LeafError::TooLong { bytes: bytes.len() },
            });
        }
        state.bundle.push(bytes);
        if state.bundle.len() == usize::from(TILE_WIDTH) {
            self.flush(log)
        } else {
            Ok(())
        }
    }

    /// Adds the sealed payload of an event or entry.
    pub fn payload(&mut self, eid: &str, sealed: &[u8]) -> Result<(), WriteError<E>> {
        let path = payload_path(eid).ok_or_else(|| WriteError::Eid(eid.to_owned()))?;
        self.file(&path, sealed)
    }

    /// Adds a payload in the clear.
    pub fn opening(&mut self, opening: &Opening) -> Result<(), WriteError<E>> {
        self.openings.extend(opening.encode()?);
        self.openings.push(b'\n');
        Ok(())
    }

    /// Adds any other file, for instance `policy` or `proofs/<name>.tlog-proof`.
    pub fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), WriteError<E>> {
        if !is_plain_path(path) || path == MANIFEST_PATH || self.lines.holds(path) {
            return Err(WriteError::Path(path.to_owned()));
        }
        (self.files)(path, bytes).map_err(WriteError::Sink)?;
        let listed = ManifestFile {
            hash: sha256(bytes),
            size: bytes.len() as u64,
        };
        Ok(self.lines.add(path, listed)?)
    }

    /// Writes what is left: partial tiles, checkpoints, keys, openings and last the manifest.
    pub fn finish(mut self, published: Published<'_>) -> Result<Summary, WriteError<E>> {
        let events = self.finish_log(self.newest(LogName::Events), published.events)?;
        let access = self.finish_log(self.newest(LogName::Access), published.access)?;
        let files = self.seal()?;
        Ok(Summary { events, access, files })
    }

    /// The keys that sign.
    pub(super) fn keys(&self) -> &'k ExportKeys {
        self.keys
    }

    /// Writes keys, openings and last the manifest; the number of files.
    pub(super) fn seal(mut self) -> Result<usize, WriteError<E>> {
        let keys = self.keys.vkey_lines();
        self.file(KEYS_PATH, keys.as_bytes())?;
        if !self.openings.is_empty() {
            let openings = std::mem::take(&mut self.openings);
            self.file(OPENINGS_PATH, &openings)?;
        }
        let head = self.kind.head(self.keys.tenant.name(), self.created_ms);
        let lines = &mut self.lines;
        let signature = note::sign_in_pieces(&self.keys.tenant, |take| {
            take(head.as_bytes());
            lines.each(|line| {
                take(line.as_bytes());
                Ok(())
            })
        })?;
        let (mut piece, files) = (head, &mut self.files);
        lines.each(|line| {
            piece.push_str(line);
            if piece.len() < PIECE_BYTES {
                return Ok(());
            }
            files(MANIFEST_PATH, std::mem::take(&mut piece).as_bytes()).map_err(WriteError::Sink)
        })?;
        piece.extend(["\n", &signature]);
        files(MANIFEST_PATH, piece.as_bytes()).map_err(WriteError::Sink)?;
        Ok(self.lines.count() + 1)
    }

    /// Ends a generation that another follows, with its last published note.
    pub fn end(&mut self, log: Generation, published: Option<&[u8]>) -> Result<Checkpoint, WriteError<E>> {
        self.finish_log(log, published)
    }

    /// The newest generation of a log that was written.
    fn newest(&self, log: LogName) -> Generation {
        let mut all = self.logs.keys().filter(|found| found.log == log);
        all.next_back().copied().unwrap_or(log.into())
    }

    /// Writes the bundle in hand and every hash tile that it fills.
    fn flush(&mut self, log: Generation) -> Result<(), WriteError<E>> {
        let state = self.logs.entry(log).or_default();
        let entries = std::mem::take(&mut state.bundle);
        let index = state.edge.size() / u64::from(TILE_WIDTH);
        let hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let changed = state.edge.append_batch(&hashes);
        let bundle = TileId {
            level: 0,
            index,
            width: entries.len() as u16,
        };
        self.file(&log.path(&bundle.entries_path()), &encode_bundle(&entries)?)?;
        for (id, hashes) in changed.iter().filter(|(id, _)| id.width == TILE_WIDTH) {
            self.file(&log.path(&id.path()), &encode_tile(hashes))?;
        }
        Ok(())
    }

    fn finish_log(&mut self, log: Generation, published: Option<&[u8]>) -> Result<Checkpoint, WriteError<E>> {
        if self.logs.get(&log).is_some_and(|state| !state.bundle.is_empty()) {
            self.flush(log)?;
        }
        let edge = self.logs.get_mut(&log).map(|state| std::mem::take(&mut state.edge));
        let edge = edge.unwrap_or_default();
        for (id, hashes) in edge.partials() {
            self.file(&log.path(&id.path()), &encode_tile(hashes))?;
        }
        let key = self.keys.generation(log)?;
        let own = Checkpoint {
            origin: key.name().to_owned(),
            size: edge.size(),
            root: edge.root(),
        };
        let failed = |source| WriteError::Checkpoint { log: log.log, source };
        let signed = match published {
            None => own.sign(&[&key]).map_err(failed)?,
            Some(signed) => {
                if Checkpoint::open(signed, &[key.verifier()]).map_err(failed)? != own {
                    return Err(WriteError::OtherTree { log: log.log });
                }
                signed.to_vec()
            }
        };
        self.file(&log.path("checkpoint"), &signed)?;
        Ok(own)
    }
}
