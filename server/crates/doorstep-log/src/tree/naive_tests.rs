//! The tree against the definitions of RFC 6962 2.1, written down anew, for all sizes from 0 to 2,000.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use super::*;
use sha2::{Digest as _, Sha256};

const SIZE_MAX: usize = 2000;

/// MTH, PATH and SUBPROOF as the RFC defines them, over the leaves `[start, end)`. Shares nothing with the code it judges.
struct Naive {
    leaves: Vec<[u8; 32]>,
    known: HashMap<(usize, usize), [u8; 32]>,
}

impl Naive {
    fn new() -> Self {
        let leaves = (0..SIZE_MAX).map(|number| Sha256::digest([&[0], number.to_string().as_bytes()].concat()).into());
        Self {
            leaves: leaves.collect(),
            known: HashMap::new(),
        }
    }

    fn mth(&mut self, start: usize, end: usize) -> [u8; 32] {
        match end - start {
            0 => Sha256::digest([]).into(),
            1 => self.leaves[start],
            _ => {
                if let Some(known) = self.known.get(&(start, end)) {
                    return *known;
                }
                let middle = start + below(end - start);
                let (left, right) = (self.mth(start, middle), self.mth(middle, end));
                let hash = Sha256::digest([&[1], left.as_slice(), &right].concat()).into();
                self.known.insert((start, end), hash);
                hash
            }
        }
    }

    fn path(&mut self, index: usize, start: usize, end: usize) -> Vec<[u8; 32]> {
        if end - start == 1 {
            return Vec::new();
        }
        let middle = start + below(end - start);
        let (mut path, sibling) = if index < middle {
            (self.path(index, start, middle), self.mth(middle, end))
        } else {
            (self.path(index, middle, end), self.mth(start, middle))
        };
        path.push(sibling);
        path
    }

    fn subproof(&mut self, old: usize, start: usize, end: usize, whole: bool) -> Vec<[u8; 32]> {
        if old == end {
            return if whole { Vec::new() } else { vec![self.mth(start, end)] };
        }
        let middle = start + below(end - start);
        let (mut proof, sibling) = if old <= middle {
            (self.subproof(old, start, middle, whole), self.mth(middle, end))
        } else {
            (self.subproof(old, middle, end, false), self.mth(start, middle))
        };
        proof.push(sibling);
        proof
    }
}

/// The largest power of two smaller than `length`.
fn below(length: usize) -> usize {
    let mut power = 1;
    while power * 2 < length {
        power *= 2;
    }
    power
}

fn bytes(hashes: &[Hash]) -> Vec<[u8; 32]> {
    hashes.iter().map(|hash| hash.0).collect()
}

/// Places worth a look in a row of `length`: its ends, around powers of two, and some drawn by a fixed rule.
fn places(length: usize) -> Vec<usize> {
    let near_powers = (0..11).map(|bit| 1 << bit).flat_map(|power| [power - 1, power]);
    let drawn = (1..8).map(|number| length * 7919 * number % 2003);
    let ends = [0, length / 2, length.saturating_sub(2), length.saturating_sub(1)];
    let mut places: Vec<usize> = near_powers
        .chain(drawn)
        .chain(ends)
        .filter(|place| *place < length)
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn roots_of_all_sizes_are_those_of_the_definition() {
    let mut naive = Naive::new();
    let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::new());
    for size in 0..=SIZE_MAX {
        let expected = naive.mth(0, size);
        assert_eq!(frontier.root().0, expected, "size {size}");
        assert_eq!(root_at(&tiles, size as u64).unwrap().0, expected, "size {size}");
        if let Some(leaf) = naive.leaves.get(size) {
            frontier.append(Hash(*leaf));
            tiles.append(Hash(*leaf));
        }
    }
}

#[test]
fn inclusion_proofs_of_all_sizes_are_those_of_the_definition() {
    let mut naive = Naive::new();
    let mut tiles = MemoryTiles::new();
    for leaf in &naive.leaves {
        tiles.append(Hash(*leaf));
    }
    for size in 1..=SIZE_MAX {
        let root = Hash(naive.mth(0, size));
        for index in places(size) {
            let proof = inclusion_proof(&tiles, index as u64, size as u64).unwrap();
            assert_eq!(bytes(&proof), naive.path(index, 0, size), "leaf {index} of {size}");
            let (leaf, index, size) = (Hash(naive.leaves[index]), index as u64, size as u64);
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
            assert!(verify_inclusion(root, index, size, &proof, root).is_err() || size == 1);
        }
    }
}

#[test]
fn consistency_proofs_of_all_sizes_are_those_of_the_definition() {
    let mut naive = Naive::new();
    let mut tiles = MemoryTiles::new();
    for leaf in &naive.leaves {
        tiles.append(Hash(*leaf));
    }
    for new in 0..=SIZE_MAX {
        let newer = (new as u64, Hash(naive.mth(0, new)));
        for old in places(new + 1) {
            let proof = consistency_proof(&tiles, old as u64, new as u64).unwrap();
            let expected = if old == 0 {
                Vec::new()
            } else {
                naive.subproof(old, 0, new, true)
            };
            assert_eq!(bytes(&proof), expected, "{old} to {new}");
            let older = (old as u64, Hash(naive.mth(0, old)));
            assert_eq!(verify_consistency(older, newer, &proof), Ok(()), "{old} to {new}");
            let other = (old as u64, Hash([9; 32]));
            assert!(verify_consistency(other, newer, &proof).is_err(), "{old} to {new}");
        }
    }
}
