//! Tests of the tree: RFC 6962 vectors, a naive reference, and every size up to 300.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::hash::leaf_hash;
use proptest::prelude::*;

/// The eight leaves of the reference test tree that RFC 6962 implementations share.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

fn memory(leaves: &[Hash]) -> MemoryTiles {
    let mut tiles = MemoryTiles::new();
    for leaf in leaves {
        tiles.append(*leaf);
    }
    tiles
}

/// The definition of RFC 6962, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
            node_hash(naive_root(left), naive_root(right))
        }
    }
}

#[test]
fn reference_tree_has_the_reference_roots() {
    let hashes: Vec<Hash> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    for (place, expected) in ROOTS.iter().enumerate() {
        assert_eq!(root(&hashes[..=place]).to_hex(), *expected, "size {}", place + 1);
    }
}

#[test]
fn reference_proofs_of_rfc_6962_section_2_1_3_have_the_named_nodes() {
    // Seven leaves d0..d6 with the node names of the RFC's figure.
    let hashes = leaves(7);
    let node = |from: usize, to: usize| naive_root(&hashes[from..to]);
    let tiles = memory(&hashes);
    assert_eq!(
        inclusion_proof(&tiles, 0, 7).unwrap(),
        [hashes[1], node(2, 4), node(4, 7)]
    );
    assert_eq!(
        inclusion_proof(&tiles, 3, 7).unwrap(),
        [hashes[2], node(0, 2), node(4, 7)]
    );
    assert_eq!(
        inclusion_proof(&tiles, 4, 7).unwrap(),
        [hashes[5], hashes[6], node(0, 4)]
    );
    assert_eq!(inclusion_proof(&tiles, 6, 7).unwrap(), [node(4, 6), node(0, 4)]);
    assert_eq!(
        consistency_proof(&tiles, 3, 7).unwrap(),
        [hashes[2], hashes[3], node(0, 2), node(4, 7)]
    );
    assert_eq!(consistency_proof(&tiles, 4, 7).unwrap(), [node(4, 7)]);
    assert_eq!(
        consistency_proof(&tiles, 6, 7).unwrap(),
        [node(4, 6), hashes[6], node(0, 4)]
    );
}

#[test]
fn every_inclusion_proof_up_to_300_leaves_holds() {
    let all = leaves(300);
    let tiles = memory(&all);
    for size in 1..=300_u64 {
        let expected = naive_root(&all[..size as usize]);
        assert_eq!(root_at(&tiles, size), Ok(expected));
        for index in 0..size {
            let proof = inclusion_proof(&tiles, index, size).unwrap();
            let leaf = all[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &proof, expected), Ok(()));
            let other = index ^ 1;
            assert!(
                verify_inclusion(leaf, other, size, &proof, expected).is_err(),
                "leaf {index} as {other} of {size}"
            );
        }
        assert_eq!(
            inclusion_proof(&tiles, size, size),
            Err(TreeError::IndexRange { index: size, size })
        );
    }
}

#[test]
fn proofs_made_together_are_those_made_alone() {
    for size in [1, 255, 256, 257, 1_000, 70_001] {
        let tiles = memory(&leaves(size));
        let mut prover = Prover::new(&tiles, size);
        for index in (0..size).step_by(97).chain([size - 1, size]) {
            let alone = inclusion_proof(&tiles, index, size);
            assert_eq!(prover.inclusion(index), alone, "leaf {index} of {size}");
        }
    }
}

#[test]
fn every_consistency_proof_up_to_300_leaves_holds() {
    let all = leaves(300);
    let tiles = memory(&all);
    let roots: Vec<Hash> = (0..=300).map(|size| root(&all[..size])).collect();
    for new in 0..=300_u64 {
        for old in 0..=new {
            let proof = consistency_proof(&tiles, old, new).unwrap();
            let (older, newer) = ((old, roots[old as usize]), (new, roots[new as usize]));
            assert_eq!(verify_consistency(older, newer, &proof), Ok(()), "{old} to {new}");
            let wrong = (old, leaf_hash(b"other"));
            assert_eq!(verify_consistency(wrong, newer, &proof), Err(TreeError::RootMismatch));
            if old > 0 && old < new {
                let wrong = (new, leaf_hash(b"other"));
                assert_eq!(verify_consistency(older, wrong, &proof), Err(TreeError::RootMismatch));
                let longer = [proof.as_slice(), &[wrong.1]].concat();
                assert_eq!(verify_consistency(older, newer, &longer), Err(TreeError::ProofLength));
            }
        }
    }
    assert_eq!(
        consistency_proof(&tiles, 5, 4),
        Err(TreeError::SizeOrder { old: 5, new: 4 })
    );
}

#[test]
fn a_missing_tile_is_named() {
    let map = TileMap::default();
    let id = TileId {
        level: 0,
        index: 0,
        width: 5,
    };
    assert_eq!(root_at(&map, 5), Err(TreeError::TileMissing(id)));
    assert_eq!(
        Frontier::from_peaks(5, vec![empty_root()]),
        Err(TreeError::Peaks { size: 5, peaks: 1 })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn only_the_named_tiles_are_needed(new in 1_u64..70_000, first in any::<u64>(), second in any::<u64>()) {
        let all = memory(&leaves(new));
        let (index, old) = (first % new, second % (new + 1));
        let load = |ids: BTreeSet<TileId>| {
            let mut map = TileMap::default();
            for id in ids {
                map.insert(id.level, id.index, all.tile(id).unwrap()[..usize::from(id.width)].to_vec());
            }
            map
        };
        let root = root_at(&load(tiles_for_root(new)), new).unwrap();
        let old_root = root_at(&load(tiles_for_root(old)), old).unwrap();
        let proof = inclusion_proof(&load(tiles_for_inclusion(index, new).unwrap()), index, new).unwrap();
        let leaf = leaf_hash(&index.to_be_bytes());
        prop_assert_eq!(verify_inclusion(leaf, index, new, &proof, root), Ok(()));
        let proof = consistency_proof(&load(tiles_for_consistency(old, new).unwrap()), old, new).unwrap();
        prop_assert_eq!(verify_consistency((old, old_root), (new, root), &proof), Ok(()));
    }

    #[test]
    fn batches_and_restarts_make_the_same_tiles(batches in prop::collection::vec(0_u64..700, 1..8)) {
        let all = leaves(batches.iter().sum());
        let mut edge = TileEdge::new();
        let mut stored = TileMap::default();
        let mut from = 0;
        for count in batches {
            let to = from + count as usize;
            for (id, hashes) in edge.append_batch(&all[from..to]) {
                prop_assert_eq!(usize::from(id.width), hashes.len());
                stored.insert(id.level, id.index, hashes);
            }
            let again = TileEdge::from_tiles(to as u64, &stored).unwrap();
            prop_assert_eq!(&again.partial_widths(), &edge.partial_widths());
            edge = again;
            from = to;
        }
        prop_assert_eq!(edge.root(), root(&all));
        let whole = memory(&all);
        for id in crate::tile::tiles_of(all.len() as u64) {
            prop_assert_eq!(stored.tile(id).unwrap(), whole.tile(id).unwrap());
        }
    }
}

impl TileEdge {
    fn partial_widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..8)
            .map(|level| self.partial.get(level).map_or(0, Vec::len))
            .collect();
        widths.dedup();
        widths
    }
}
