//! Rebuilds the tree of one log from its entries and compares everything stored with it.
//!
//! Knows bytes and hashes; what the leaves say is `content`'s matter.

use super::stamps::Stamps;
use super::{Content, DetailName, Files, Finding, FindingCode, LogReport, Report, TenantKeys, VerifyStep};
use crate::checkpoint::Checkpoint;
use crate::export::{Continuation, Generation, LogName};
use crate::hash::leaf_hash;
use crate::leaf::Leaf;
use crate::stamp::Authorities;
use crate::tile::{TILE_WIDTH, TileId, decode_bundle, decode_tile, tile_width, tiles_of};
use crate::tree::{HashReader, MemoryTiles, root_at};

/// Leaves whose signatures are checked together: enough for a batch to be worth it, few enough to be held.
const LEAVES_TOGETHER: usize = 8192;

/// What a log is compared with, besides itself.
pub(super) struct LogTrust<'a> {
    /// An older checkpoint of one of the logs.
    pub(super) since: Option<&'a Checkpoint>,
    /// Who may vouch for time stamps.
    pub(super) authorities: Option<&'a Authorities>,
    /// Origins of logs whose continuation the reader takes.
    pub(super) continued: &'a [String],
}

/// What the leaves of one generation make.
pub(super) struct Tree {
    pub(super) generation: Generation,
    pub(super) origin: String,
    pub(super) tiles: MemoryTiles,
    /// What its first leaves say that it continues, the newest first.
    pub(super) continues: Vec<Continuation>,
}

/// Verifies one generation of a log. Stops at the first missing bundle: a claimed size costs nothing by itself.
pub(super) fn verify_log(
    log: Generation,
    keys: &TenantKeys,
    trust: &LogTrust<'_>,
    files: &mut Files<'_>,
    content: &mut Content,
    report: &mut Report,
) -> Option<Tree> {
    report.reading = Some(log.number);
    let checkpoint = open_checkpoint(log, keys, files, report)?;
    let before = std::mem::take(&mut content.stamps);
    content.stamps = Stamps::read((log, &checkpoint), keys, trust.authorities, files, report);
    if log.number > 1 {
        content.stamps.follow(&before);
    }
    let mut rebuild = Rebuild {
        log,
        size: checkpoint.size,
        tiles: MemoryTiles::new(),
        leaf_changed: false,
        waiting: Vec::new(),
        continues: Vec::new(),
    };
    rebuild.read_entries(files, content, report);
    if files.is_stopped() {
        return None;
    }
    rebuild.compare_upper_tiles(files, report);
    rebuild.compare_checkpoint(&checkpoint, report);
    content.stamps.compare_trees(log.log, &rebuild.tiles, report);
    content.stamps.end(rebuild.tiles.size());
    report.logs.push(LogReport {
        log: log.log,
        origin: checkpoint.origin.clone(),
        size: checkpoint.size,
        leaves: rebuild.tiles.size(),
        root: checkpoint.root,
    });
    Some(Tree {
        generation: log,
        origin: checkpoint.origin,
        tiles: rebuild.tiles,
        continues: rebuild.continues,
    })
}

/// The checkpoint of a log, also one whose signature does not hold: that is reported.
pub(super) fn open_checkpoint(
    log: Generation,
    keys: &TenantKeys,
    files: &mut Files<'_>,
    report: &mut Report,
) -> Option<Checkpoint> {
    let path = log.path("checkpoint");
    let Some(signed) = files.read(&path, report) else {
        let message = format!("the {log} log has no checkpoint; without it nothing about the log is proven");
        report.add(Finding::error(FindingCode::LogAbsent, message).file(&path).log(log.log));
        return None;
    };
    let own = log.origin(&keys.origin);
    let bad = |message: String| {
        let finding = Finding::error(FindingCode::CheckpointBad, message);
        finding.file(&path).log(log.log)
    };
    match keys.open_checkpoint(&signed) {
        Ok(checkpoint) if checkpoint.origin == own => Some(checkpoint),
        Ok(checkpoint) => {
            let message = format!("the checkpoint is of {}, not of this log", checkpoint.origin);
            report.add(bad(message).detail(DetailName::Origin, checkpoint.origin));
            None
        }
        Err(cause) => {
            let detail = std::error::Error::source(&cause)
                .map(|inner| format!(": {inner}"))
                .unwrap_or_default();
            report.add(bad(format!("{cause}{detail}")));
            // The leaves are still worth reading against what the note claims, to name the one changed.
            let claimed = Checkpoint::parse(crate::note::text_unverified(&signed).ok()?).ok()?;
            (claimed.origin == own).then_some(claimed)
        }
    }
}

struct Rebuild {
    log: Generation,
    size: u64,
    tiles: MemoryTiles,
    leaf_changed: bool,
    /// Leaves whose content is looked at together.
    waiting: Vec<(u64, Leaf)>,
    continues: Vec<Continuation>,
}

impl Rebuild {
    fn read_entries(&mut self, files: &mut Files<'_>, content: &mut Content, report: &mut Report) {
        self.read_bundles(files, content, report);
        content.take_all(self.log.log, std::mem::take(&mut self.waiting), report);
    }

    fn read_bundles(&mut self, files: &mut Files<'_>, content: &mut Content, report: &mut Report) {
        let step = match self.log.log {
            LogName::Events => VerifyStep::Events,
            LogName::Access => VerifyStep::Access,
        };
        while self.tiles.size() < self.size && files.goes_on(step, self.tiles.size(), self.size, report) {
            let index = self.tiles.size() / u64::from(TILE_WIDTH);
            let id = TileId {
                level: 0,
                index,
                width: tile_width(self.size, index),
            };
            let path = self.log.path(&id.entries_path());
            let Some(bytes) = files.read(&path, report) else {
                self.tile_bad(&path, "is missing; the leaves from here on cannot be checked", report);
                return;
            };
            let entries = match decode_bundle(&bytes) {
                Ok(entries) => entries,
                Err(cause) => {
                    self.tile_bad(&path, &cause.to_string(), report);
                    return;
                }
            };
            if entries.len() != usize::from(id.width) {
                self.tile_bad(&path, "has a wrong number of entries", report);
                return;
            }
            self.read_bundle(id, &entries, files, report);
            if self.waiting.len() >= LEAVES_TOGETHER {
                content.take_all(self.log.log, std::mem::take(&mut self.waiting), report);
            }
        }
    }

    fn read_bundle(&mut self, id: TileId, entries: &[&[u8]], files: &mut Files<'_>, report: &mut Report) {
        let tile_path = self.log.path(&id.path());
        let entries_path = self.log.path(&id.entries_path());
        let stored = self.read_tile(&tile_path, id.width, files, report);
        for (place, entry) in entries.iter().enumerate() {
            let index = self.tiles.size();
            let hash = leaf_hash(entry);
            let differs = stored.as_ref().is_some_and(|stored| stored[place] != hash);
            if differs && !self.leaf_changed {
                self.leaf_changed = true;
                let message = format!("leaf {index} of {} differs from its hash in {tile_path}", self.log);
                let finding = Finding::error(FindingCode::LeafChanged, message).file(&entries_path);
                report.add(finding.leaf(self.log.log, index));
            }
            self.tiles.append(hash);
            match Leaf::decode(entry) {
                Ok(leaf) => {
                    if index == self.continues.len() as u64 {
                        self.continues.extend(Continuation::of_leaf(&leaf));
                    }
                    self.waiting.push((index, leaf));
                }
                Err(cause) => {
                    let message = format!("leaf {index} of {} is malformed: {cause}", self.log);
                    let finding = Finding::error(FindingCode::LeafMalformed, message).file(&entries_path);
                    report.add(finding.leaf(self.log.log, index));
                }
            }
        }
    }

    fn read_tile(
        &self,
        path: &str,
        width: u16,
        files: &mut Files<'_>,
        report: &mut Report,
    ) -> Option<Vec<crate::hash::Hash>> {
        let Some(bytes) = files.read(path, report) else {
            self.tile_bad(path, "is missing; export again", report);
            return None;
        };
        match decode_tile(&bytes) {
            Ok(hashes) if hashes.len() == usize::from(width) => return Some(hashes),
            Ok(_) => self.tile_bad(path, "has a wrong number of hashes", report),
            Err(cause) => self.tile_bad(path, &cause.to_string(), report),
        }
        None
    }

    fn compare_upper_tiles(&self, files: &mut Files<'_>, report: &mut Report) {
        if self.tiles.size() != self.size {
            return;
        }
        for id in tiles_of(self.size).filter(|id| id.level > 0) {
            let path = self.log.path(&id.path());
            let stored = self.read_tile(&path, id.width, files, report);
            if stored.is_some_and(|stored| self.tiles.tile(id) != Some(&stored)) {
                let message = format!("{path} differs from the tree that the leaves make");
                report.add(
                    Finding::error(FindingCode::TileMismatch, message)
                        .file(&path)
                        .log(self.log.log),
                );
            }
        }
    }

    fn compare_checkpoint(&self, checkpoint: &Checkpoint, report: &mut Report) {
        let path = self.log.path("checkpoint");
        let leaves = self.tiles.size();
        if leaves != self.size {
            let message = format!("the checkpoint says {} leaves, {leaves} could be read", self.size);
            report.add(
                Finding::error(FindingCode::SizeMismatch, message)
                    .file(&path)
                    .log(self.log.log)
                    .detail(DetailName::Size, self.size)
                    .detail(DetailName::Read, leaves),
            );
        } else if root_at(&self.tiles, leaves) != Ok(checkpoint.root) {
            let message = "the leaves make another root than the checkpoint; leaves were changed".to_owned();
            report.add(
                Finding::error(FindingCode::RootMismatch, message)
                    .file(&path)
                    .log(self.log.log),
            );
        }
    }

    fn tile_bad(&self, path: &str, problem: &str, report: &mut Report) {
        let message = format!("{path}: {problem}");
        report.add(
            Finding::error(FindingCode::TileBad, message)
                .file(path)
                .log(self.log.log),
        );
    }
}
