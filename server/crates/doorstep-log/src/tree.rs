//! The Merkle tree of RFC 6962: growing it, its root, inclusion and consistency proofs.
//!
//! Works on leaf hashes only. Proofs are made from stored tiles that a [`HashReader`] hands out; who reads
//! rows asynchronously first asks `tiles_for_*`, loads those into a [`TileMap`], then asks for the proof.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::{Hash, empty_root, node_hash};
use crate::tile::{TILE_WIDTH, TileId, tile_width};

mod edge;
mod prover;
mod verify;

pub use edge::{MemoryTiles, TileEdge};
pub use prover::Prover;
pub use verify::{verify_consistency, verify_inclusion};

/// Why a proof could not be made or does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The reader lacks a tile, or holds fewer hashes of it than asked for.
    #[error("tile {} is missing or too short; load it and ask again", .0.path())]
    TileMissing(TileId),
    /// The leaf is not in a tree of that size.
    #[error("leaf {index} is not in a tree of {size} leaves; use a later checkpoint")]
    IndexRange {
        /// 0-based leaf.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The older tree is larger than the newer one.
    #[error("a tree of {old} leaves cannot be older than one of {new}; exchange them or suspect a rollback")]
    SizeOrder {
        /// Size of the tree said to be older.
        old: u64,
        /// Size of the tree said to be newer.
        new: u64,
    },
    /// The proof has the wrong number of hashes.
    #[error("the proof has a wrong number of hashes; ask for it again")]
    ProofLength,
    /// The proof leads to another root.
    #[error("the proof leads to another root than the checkpoint's; keep both as evidence")]
    RootMismatch,
    /// Peaks do not fit the size.
    #[error("{peaks} subtree roots do not make a tree of {size} leaves; rebuild from the tiles")]
    Peaks {
        /// Leaves in the tree.
        size: u64,
        /// Subtree roots given.
        peaks: usize,
    },
}

/// Hands out stored tiles.
pub trait HashReader {
    /// The first hashes of a tile, at least `id.width` of them; `None` when it is not there.
    /// `id.width` is the width the tile has in the tree that is asked about.
    fn tile(&self, id: TileId) -> Option<&[Hash]>;
}

/// Tiles loaded beforehand, for instance from table rows, by level and index.
#[derive(Clone, Debug, Default)]
pub struct TileMap(BTreeMap<(u8, u64), Vec<Hash>>);

impl TileMap {
    /// Keeps the hashes of a tile; a later, longer version replaces an earlier one.
    pub fn insert(&mut self, level: u8, index: u64, hashes: Vec<Hash>) {
        self.0.insert((level, index), hashes);
    }
}

impl HashReader for TileMap {
    fn tile(&self, id: TileId) -> Option<&[Hash]> {
        self.0.get(&(id.level, id.index)).map(Vec::as_slice)
    }
}

/// The roots of the complete subtrees that make up a tree: enough to append and to tell the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a stored frontier; one peak per set bit of `size`, the largest subtree first.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Result<Self, TreeError> {
        if peaks.len() == size.count_ones() as usize {
            Ok(Self { size, peaks })
        } else {
            Err(TreeError::Peaks {
                size,
                peaks: peaks.len(),
            })
        }
    }

    /// Takes up a tree of `size` leaves from its tiles.
    pub fn from_tiles(size: u64, reader: &impl HashReader) -> Result<Self, TreeError> {
        let peaks = subtrees(0, size)
            .into_iter()
            .map(|at| subtree_hash(reader, size, at))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// Adds one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        // Each trailing one bit of the size is a complete subtree that the new leaf completes further.
        let completed = self.size.trailing_ones() as usize;
        let first = self.peaks.len().saturating_sub(completed);
        let carried = self
            .peaks
            .drain(first..)
            .rev()
            .fold(leaf, |right, left| node_hash(left, right));
        self.peaks.push(carried);
        self.size += 1;
    }

    /// Adds leaf hashes in order.
    pub fn append_batch(&mut self, leaves: &[Hash]) {
        for leaf in leaves {
            self.append(*leaf);
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Stored form for [`Frontier::from_peaks`].
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Root of the tree so far.
    pub fn root(&self) -> Hash {
        let from_right = self.peaks.iter().rev().copied();
        from_right
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or_else(empty_root)
    }
}

/// Root of a tree with these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    frontier.append_batch(leaves);
    frontier.root()
}

/// Root the tree had when it held `size` leaves, from stored tiles of that or a later state.
pub fn root_at(reader: &impl HashReader, size: u64) -> Result<Hash, TreeError> {
    range_hash(reader, size, (0, size))
}

/// Audit path of leaf `index` in the tree of `size` leaves, nearest sibling first.
pub fn inclusion_proof(reader: &impl HashReader, index: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
    let ranges = inclusion_ranges(index, size)?;
    ranges
        .into_iter()
        .map(|range| range_hash(reader, size, range))
        .collect()
}

/// Proof that the tree of `new` leaves extends the tree of `old` leaves. Empty for `old` 0 or `old == new`.
pub fn consistency_proof(reader: &impl HashReader, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
    let ranges = consistency_ranges(old, new)?;
    ranges.into_iter().map(|range| range_hash(reader, new, range)).collect()
}

/// Tiles that [`inclusion_proof`] will ask for.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Result<BTreeSet<TileId>, TreeError> {
    Ok(tiles_for(inclusion_ranges(index, size)?, size))
}

/// Tiles that [`consistency_proof`] will ask for.
pub fn tiles_for_consistency(old: u64, new: u64) -> Result<BTreeSet<TileId>, TreeError> {
    Ok(tiles_for(consistency_ranges(old, new)?, new))
}

/// Tiles that [`root_at`] and [`Frontier::from_tiles`] will ask for.
pub fn tiles_for_root(size: u64) -> BTreeSet<TileId> {
    tiles_for(vec![(0, size)], size)
}

/// A complete subtree: 2^`height` leaves, the `index`-th of that height.
#[derive(Clone, Copy)]
struct Subtree {
    height: u32,
    index: u64,
}

impl Subtree {
    /// The tile that holds this subtree's hash or the hashes right below it, in a tree of `size` leaves.
    fn tile(self, size: u64) -> TileId {
        let level = self.height / 8;
        let index = (self.index << (self.height % 8)) / u64::from(TILE_WIDTH);
        TileId {
            level: level as u8,
            index,
            width: tile_width(size >> (8 * level), index),
        }
    }
}

fn tiles_for(ranges: Vec<(u64, u64)>, size: u64) -> BTreeSet<TileId> {
    ranges
        .into_iter()
        .flat_map(|(start, end)| subtrees(start, end))
        .map(|at| at.tile(size))
        .collect()
}

/// Largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<(u64, u64)>, TreeError> {
    if index >= size {
        return Err(TreeError::IndexRange { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

fn consistency_ranges(old: u64, new: u64) -> Result<Vec<(u64, u64)>, TreeError> {
    if old > new {
        return Err(TreeError::SizeOrder { old, new });
    }
    let mut ranges = Vec::new();
    if old == 0 || old == new {
        return Ok(ranges);
    }
    let (mut start, mut end) = (0, new);
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    // A subtree that starts at 0 is the old tree itself; the verifier knows its root already.
    if start > 0 {
        ranges.push((start, end));
    }
    ranges.reverse();
    Ok(ranges)
}

/// Complete subtrees of a range that starts where RFC 6962 splits, the largest first.
fn subtrees(start: u64, end: u64) -> Vec<Subtree> {
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        let height = (end - at).ilog2();
        parts.push(Subtree {
            height,
            index: at >> height,
        });
        at += 1 << height;
    }
    parts
}

fn range_hash(reader: &impl HashReader, size: u64, range: (u64, u64)) -> Result<Hash, TreeError> {
    let mut whole = None;
    for at in subtrees(range.0, range.1).into_iter().rev() {
        let left = subtree_hash(reader, size, at)?;
        whole = Some(whole.map_or(left, |right| node_hash(left, right)));
    }
    Ok(whole.unwrap_or_else(empty_root))
}

fn subtree_hash(reader: &impl HashReader, size: u64, at: Subtree) -> Result<Hash, TreeError> {
    let id = at.tile(size);
    let missing = TreeError::TileMissing(id);
    let hashes = reader.tile(id).ok_or(missing)?;
    let count = 1_usize << (at.height % 8);
    let first = ((at.index << (at.height % 8)) % u64::from(TILE_WIDTH)) as usize;
    Ok(root(hashes.get(first..first + count).ok_or(missing)?))
}

#[cfg(test)]
#[path = "tree/tree_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "tree/naive_tests.rs"]
mod naive;
