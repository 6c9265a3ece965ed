//! What is needed to look after the logs: under which names they were signed, and which leaf is not the one that was placed.

use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::tile::{TILE_WIDTH, TileId};
use doorstep_log::tree::HashReader as _;

use crate::db::args;
use crate::error::StoreError;
use crate::generation::LogGeneration;
use crate::store::Store;

impl Store {
    /// The names for strangers of all logs, of every tenant and generation.
    pub async fn log_origins(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT origin FROM log UNION SELECT origin FROM log_ended ORDER BY origin";
        let rows = self.db.fetch(sql, args![]);
        rows.await?.iter().map(|row| row.text(0)).collect()
    }

    /// The first leaf of a generation, from 0, that is not the one whose hash the tree holds, or that is missing. `None`
    /// where leaves and hashes agree.
    pub async fn generation_first_altered(&self, of: &LogGeneration) -> Result<Option<u64>, StoreError> {
        let width = u64::from(TILE_WIDTH);
        for tile in 0..of.size.div_ceil(width) {
            let first = tile * width;
            let count = width.min(of.size - first);
            let leaves = self.generation_leaves(of, (first, count)).await?;
            let placed = self.generation_tile(of, tile).await?;
            for (index, at) in (first..first + count).zip(0..) {
                let found = leaves.get(at).map(|leaf| leaf_hash(leaf));
                if found.is_none() || placed.get(at).is_some_and(|hash| Some(*hash) != found) {
                    return Ok(Some(index));
                }
            }
        }
        Ok(None)
    }

    /// The hashes of up to 256 leaves as they were placed; none where the tile is not there or cannot be read.
    async fn generation_tile(&self, of: &LogGeneration, index: u64) -> Result<Vec<Hash>, StoreError> {
        let id = TileId {
            level: 0,
            index,
            width: TILE_WIDTH,
        };
        let tiles = self.log_tiles(of.rows, [id]).await?;
        Ok(tiles.tile(id).map(<[Hash]>::to_vec).unwrap_or_default())
    }
}
