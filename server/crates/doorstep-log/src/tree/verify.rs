//! Checks inclusion and consistency proofs against roots that the caller trusts.
//!
//! Needs no tiles and no reader; the shape of a proof follows from the sizes alone.

use super::{TreeError, consistency_ranges, inclusion_ranges};
use crate::hash::{Hash, empty_root, node_hash};

/// Checks that `leaf` (a leaf hash) is number `index` of the tree with `size` leaves and root `root`.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> Result<(), TreeError> {
    let ranges = inclusion_ranges(index, size)?;
    if ranges.len() != proof.len() {
        return Err(TreeError::ProofLength);
    }
    let found = ranges.iter().zip(proof).fold(leaf, |below, ((start, _), sibling)| {
        if *start > index {
            node_hash(below, *sibling)
        } else {
            node_hash(*sibling, below)
        }
    });
    if found == root {
        Ok(())
    } else {
        Err(TreeError::RootMismatch)
    }
}

/// Checks that the tree of `new` leaves with root `new_root` extends the tree of `old` leaves with `old_root`.
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), TreeError> {
    let ranges = consistency_ranges(old, new)?;
    if ranges.len() != proof.len() {
        return Err(TreeError::ProofLength);
    }
    if old == 0 || old == new {
        let expected = if old == 0 { empty_root() } else { new_root };
        return if old_root == expected {
            Ok(())
        } else {
            Err(TreeError::RootMismatch)
        };
    }
    // Without a leading hash in the proof the old tree is a complete subtree of the new one.
    let starts_inside = ranges.first().is_some_and(|(_, end)| *end == old);
    let mut parts = ranges.iter().zip(proof);
    let seed = if starts_inside {
        parts.next().map_or(old_root, |(_, hash)| *hash)
    } else {
        old_root
    };
    let (mut old_found, mut new_found) = (seed, seed);
    for ((start, _), hash) in parts {
        if *start >= old {
            new_found = node_hash(new_found, *hash);
        } else {
            old_found = node_hash(*hash, old_found);
            new_found = node_hash(*hash, new_found);
        }
    }
    if old_found == old_root && new_found == new_root {
        Ok(())
    } else {
        Err(TreeError::RootMismatch)
    }
}
