//! Proofs of several leaves of one tree: hashes that they share are computed once.

use std::collections::HashMap;

use super::{HashReader, Subtree, TreeError, inclusion_ranges, subtree_hash, subtrees};
use crate::hash::{Hash, empty_root, node_hash};

/// Makes inclusion proofs from tiles that were loaded beforehand, those of all leaves that are asked about.
pub struct Prover<'t, R> {
    reader: &'t R,
    size: u64,
    /// By height and index; subtrees that a tile holds are not among them.
    known: HashMap<(u32, u64), Hash>,
}

impl<'t, R: HashReader> Prover<'t, R> {
    /// For the tree of `size` leaves.
    pub fn new(reader: &'t R, size: u64) -> Self {
        Self {
            reader,
            size,
            known: HashMap::new(),
        }
    }

    /// Audit path of leaf `index`, nearest sibling first; the same as [`super::inclusion_proof`] makes.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, TreeError> {
        let ranges = inclusion_ranges(index, self.size)?;
        ranges.into_iter().map(|range| self.range(range)).collect()
    }

    fn range(&mut self, (start, end): (u64, u64)) -> Result<Hash, TreeError> {
        let mut whole = None;
        for at in subtrees(start, end).into_iter().rev() {
            let left = self.subtree(at)?;
            whole = Some(whole.map_or(left, |right| node_hash(left, right)));
        }
        Ok(whole.unwrap_or_else(empty_root))
    }

    fn subtree(&mut self, at: Subtree) -> Result<Hash, TreeError> {
        if at.height.is_multiple_of(8) {
            return subtree_hash(self.reader, self.size, at);
        }
        let place = (at.height, at.index);
        if let Some(known) = self.known.get(&place) {
            return Ok(*known);
        }
        let child = |index| Subtree {
            height: at.height - 1,
            index,
        };
        let left = self.subtree(child(at.index * 2))?;
        let hash = node_hash(left, self.subtree(child(at.index * 2 + 1))?);
        self.known.insert(place, hash);
        Ok(hash)
    }
}
