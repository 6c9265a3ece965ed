//! Foreign crates read an export of Doorstep, and agree with doorstep-log about trees of all small sizes.
//!
//!     doorstep-log-oracle sizes
//!     doorstep-log-oracle export VKEY OLD NEW
//!
//! OLD and NEW are two states of one log's folder in an export. Ends with 1 and a line that says what does not hold.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use doorstep_log::hash::{Hash, leaf_hash};
use doorstep_log::tree::{self, MemoryTiles};
use sha2::Sha256;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Tile, TileHashReader, TileReader};

type Held<T = ()> = Result<T, Box<dyn Error>>;
type Foreign = MemoryBackedTree<Sha256, Vec<u8>>;

/// Trees of every size up to this one are compared.
const SIZE_MAX: u64 = 2_000;
const HEIGHT: u8 = 8;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let held = match words[..] {
        ["sizes"] => sizes(),
        ["export", vkey, old, new] => export(vkey, Path::new(old), Path::new(new)),
        _ => Err("usage: doorstep-log-oracle sizes | export VKEY OLD NEW".into()),
    };
    match held {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rust: {error}");
            ExitCode::FAILURE
        }
    }
}

fn holds(condition: bool, what: &str) -> Held {
    if condition { Ok(()) } else { Err(what.into()) }
}

/// Roots and proofs of all sizes: made here and verified there, and the other way round.
fn sizes() -> Held {
    let leaf = |n: u64| format!("leaf {n}").into_bytes();
    let (mut theirs, mut ours, mut roots) = (Foreign::new(), MemoryTiles::new(), vec![]);
    for size in 0..=SIZE_MAX {
        let root = tree::root_at(&ours, size)?;
        let foreign = theirs.root();
        holds(foreign.as_bytes().as_slice() == root.0, "ct-merkle has another root")?;
        roots.push(root);
        // Both ends, and a place that moves through the tree.
        for index in [0, size / 2, size * 7 % size.max(1), size.saturating_sub(1)] {
            if index < size {
                inclusion(&theirs, &ours, (index, size), &leaf(index), root)?;
            }
            if index > 0 {
                consistency(&theirs, &ours, (index, size), roots[index as usize], root)?;
            }
        }
        theirs.push(leaf(size));
        ours.append(leaf_hash(&leaf(size)));
    }
    println!("rust: ct-merkle and tlog_tiles agree with doorstep-log about sizes 0 to {SIZE_MAX}");
    Ok(())
}

fn inclusion(theirs: &Foreign, ours: &MemoryTiles, (index, size): (u64, u64), leaf: &[u8], root: Hash) -> Held {
    let proof = tree::inclusion_proof(ours, index, size)?;
    let bytes: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
    holds(
        theirs.prove_inclusion(index as usize).as_bytes() == bytes,
        "ct-merkle has another inclusion proof",
    )?;
    theirs
        .root()
        .verify_inclusion(&leaf, index, &InclusionProof::from_bytes(bytes))
        .map_err(debug)?;
    let proof: Vec<tlog_tiles::Hash> = proof.iter().map(|hash| tlog_tiles::Hash(hash.0)).collect();
    let hash = tlog_tiles::record_hash(leaf);
    tlog_tiles::check_record(&proof, size, tlog_tiles::Hash(root.0), index, hash).map_err(debug)
}

fn consistency(theirs: &Foreign, ours: &MemoryTiles, (old, new): (u64, u64), before: Hash, root: Hash) -> Held {
    let proof = tree::consistency_proof(ours, old, new)?;
    let bytes: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
    let made = theirs.prove_consistency((new - old) as usize);
    holds(made.as_bytes() == bytes, "ct-merkle has another consistency proof")?;
    let old_root = RootHash::<Sha256>::new(before.0.into(), old);
    let read = ConsistencyProof::try_from_bytes(bytes).map_err(debug)?;
    theirs.root().verify_consistency(&old_root, &read).map_err(debug)?;
    let proof: Vec<tlog_tiles::Hash> = proof.iter().map(|hash| tlog_tiles::Hash(hash.0)).collect();
    let [root, before] = [root, before].map(|hash| tlog_tiles::Hash(hash.0));
    tlog_tiles::check_tree(&proof, new, root, old, before).map_err(debug)
}

fn debug(error: impl std::fmt::Debug) -> Box<dyn Error> {
    format!("{error:?}").into()
}

/// Tiles of an export.
struct Folder(PathBuf);

impl TileReader for Folder {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = tiles.iter().map(|tile| self.read(tile));
        read.collect::<Result<_, _>>()
            .map_err(|error| tlog_tiles::Error::InvalidInput(error.to_string()))
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

impl Folder {
    /// The crate puts the height into a path, C2SP does not.
    fn read(&self, tile: &Tile) -> std::io::Result<Vec<u8>> {
        let path = tile.path().replacen("tile/8/data/", "tile/entries/", 1);
        std::fs::read(self.0.join(path.replacen("tile/8/", "tile/", 1)))
    }

    fn leaves(&self, size: u64) -> Held<Vec<Vec<u8>>> {
        let mut leaves = Vec::new();
        for first in (0..size).step_by(1 << HEIGHT) {
            let width = (size - first).min(1 << HEIGHT);
            let bundle = self.read(&Tile::new(HEIGHT, 0, first >> HEIGHT, width as u32, true))?;
            let mut rest = bundle.as_slice();
            for _ in 0..width {
                let (length, tail) = rest.split_first_chunk::<2>().ok_or("a bundle ends early")?;
                let length = usize::from(u16::from_be_bytes(*length));
                let leaf = tail.get(..length).ok_or("a bundle ends early")?;
                leaves.push(leaf.to_vec());
                rest = &tail[length..];
            }
            holds(rest.is_empty(), "a bundle has more than its leaves")?;
        }
        Ok(leaves)
    }

    fn head(&self, vkey: &str) -> Held<Checkpoint> {
        let note = Note::from_bytes(&std::fs::read(self.0.join("checkpoint"))?)?;
        let verifier = StandardVerifier::new(vkey)?;
        note.verify(&VerifierList::new(vec![Box::new(verifier)]))?;
        let head = Checkpoint::from_bytes(note.text()).map_err(debug)?;
        holds(
            vkey.starts_with(&format!("{}+", head.origin())),
            "the note is of another log",
        )?;
        holds(head.extension().is_empty(), "the checkpoint has extension lines")?;
        Ok(head)
    }
}

/// The notes open, each leaf is proven from the tiles, the leaves give the root, and the new state extends the old.
fn export(vkey: &str, old: &Path, new: &Path) -> Held {
    let (old, new) = (Folder(old.to_owned()), Folder(new.to_owned()));
    let (before, head) = (old.head(vkey)?, new.head(vkey)?);
    let (size, root) = (head.size(), *head.hash());
    let leaves = new.leaves(size)?;
    let reader = TileHashReader::new(size, root, &new);
    let mut foreign = Foreign::new();
    for (index, leaf) in (0..).zip(&leaves) {
        let proof = tlog_tiles::prove_record(size, index, &reader).map_err(debug)?;
        tlog_tiles::check_record(&proof, size, root, index, tlog_tiles::record_hash(leaf)).map_err(debug)?;
        foreign.push(leaf.clone());
    }
    holds(
        foreign.root().as_bytes().as_slice() == root.0,
        "ct-merkle: the leaves give another root",
    )?;
    let proof = tlog_tiles::prove_tree(size, before.size(), &reader).map_err(debug)?;
    tlog_tiles::check_tree(&proof, size, root, before.size(), *before.hash()).map_err(debug)?;
    println!("rust: {} leaves, {} to {size} consistent", leaves.len(), before.size());
    Ok(())
}
