//! Turns appended leaf hashes into tiles: all of them in memory, or only the right edge.
//!
//! Knows no storage; the caller writes the tiles it gets.

use super::{Frontier, HashReader, TreeError, root, subtrees};
use crate::hash::Hash;
use crate::tile::{LEVEL_MAX, TILE_WIDTH, TileId, tile_width};

const WIDTH: usize = TILE_WIDTH as usize;

/// All tiles of a tree in memory, 32 bytes a leaf and a little more.
#[derive(Clone, Debug, Default)]
pub struct MemoryTiles {
    levels: Vec<Vec<Hash>>,
}

impl MemoryTiles {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut carried = leaf;
        for level in 0..=usize::from(LEVEL_MAX) {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.push(carried);
            if !hashes.len().is_multiple_of(WIDTH) {
                return;
            }
            carried = root(&hashes[hashes.len() - WIDTH..]);
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Hash of a leaf.
    pub fn leaf(&self, index: u64) -> Option<Hash> {
        self.levels.first()?.get(usize::try_from(index).ok()?).copied()
    }
}

impl HashReader for MemoryTiles {
    fn tile(&self, id: TileId) -> Option<&[Hash]> {
        let hashes = self.levels.get(usize::from(id.level))?;
        let first = usize::try_from(id.index).ok()?.checked_mul(WIDTH)?;
        hashes.get(first..hashes.len().min(first.checked_add(WIDTH)?))
    }
}

/// The partial tile of every level: what a sequencer keeps between batches.
#[derive(Clone, Debug, Default)]
pub struct TileEdge {
    frontier: Frontier,
    pub(super) partial: Vec<Vec<Hash>>,
}

impl TileEdge {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a tree of `size` leaves. `reader` must hold the tiles that [`TileEdge::tiles_needed`] lists.
    pub fn from_tiles(size: u64, reader: &impl HashReader) -> Result<Self, TreeError> {
        let frontier = Frontier::from_tiles(size, reader)?;
        let mut partial = Vec::new();
        for id in partial_tiles(size) {
            let hashes = match id.width {
                0 => Vec::new(),
                width => {
                    let tile = reader.tile(id).and_then(|hashes| hashes.get(..usize::from(width)));
                    tile.ok_or(TreeError::TileMissing(id))?.to_vec()
                }
            };
            partial.push(hashes);
        }
        Ok(Self { frontier, partial })
    }

    /// Tiles to load before [`TileEdge::from_tiles`].
    pub fn tiles_needed(size: u64) -> Vec<TileId> {
        let peaks = subtrees(0, size).into_iter().map(|at| at.tile(size));
        let mut needed: Vec<TileId> = partial_tiles(size).filter(|id| id.width > 0).chain(peaks).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// Adds leaf hashes in order and returns every tile that changed, at its new width. A tile that was
    /// partial before comes again; overwrite it.
    pub fn append_batch(&mut self, leaves: &[Hash]) -> Vec<(TileId, Vec<Hash>)> {
        let mut changed = Vec::new();
        let mut arriving = leaves.to_vec();
        let mut hashes_before = self.frontier.size();
        self.frontier.append_batch(leaves);
        for level in 0..=LEVEL_MAX {
            if arriving.is_empty() {
                break;
            }
            if self.partial.len() == usize::from(level) {
                self.partial.push(Vec::new());
            }
            let partial = &mut self.partial[usize::from(level)];
            let mut index = hashes_before / u64::from(TILE_WIDTH);
            let mut parents = Vec::new();
            for hash in arriving {
                partial.push(hash);
                if partial.len() == WIDTH {
                    parents.push(root(partial));
                    changed.push((
                        TileId {
                            level,
                            index,
                            width: TILE_WIDTH,
                        },
                        std::mem::take(partial),
                    ));
                    index += 1;
                }
            }
            if !partial.is_empty() {
                changed.push((
                    TileId {
                        level,
                        index,
                        width: partial.len() as u16,
                    },
                    partial.clone(),
                ));
            }
            arriving = parents;
            hashes_before /= u64::from(TILE_WIDTH);
        }
        changed
    }

    /// The unfilled tiles as they stand, lowest level first.
    pub fn partials(&self) -> Vec<(TileId, &[Hash])> {
        let ids = partial_tiles(self.size())
            .zip(&self.partial)
            .filter(|(id, _)| id.width > 0);
        ids.map(|(id, hashes)| (id, hashes.as_slice())).collect()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root of the tree so far.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }
}

/// Last, unfilled tile of each level; width 0 where a level ends on a full tile or is empty.
fn partial_tiles(size: u64) -> impl Iterator<Item = TileId> {
    (0..=LEVEL_MAX).map(move |level| {
        let hashes = size >> (8 * u32::from(level));
        let index = hashes / u64::from(TILE_WIDTH);
        TileId {
            level,
            index,
            width: tile_width(hashes, index),
        }
    })
}
