//! Proof files for one entry, `c2sp.org/tlog-proof@v1`.
//!
//! Self-contained: with the leaf's bytes and the log's public key nothing else is needed to verify.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{Hash, base64_decode, base64_encode, leaf_hash};
use crate::note::VerifierKey;
use crate::tree::{TreeError, verify_inclusion};

/// First line of every proof file.
pub(crate) const HEADING: &str = "c2sp.org/tlog-proof@v1";

/// No tree of 64-bit size has a longer audit path.
const HASHES_MAX: usize = 63;

/// An inclusion proof with the checkpoint it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Data beside the proof, not covered by it.
    pub extra: Option<Vec<u8>>,
    /// Leaf's place in the log, from 0.
    pub index: u64,
    /// Audit path, nearest sibling first; at most 63.
    pub hashes: Vec<Hash>,
    /// Signed checkpoint, the note as published.
    pub checkpoint: Vec<u8>,
}

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The file is not a proof.
    #[error("line {line} of the proof file is malformed; fetch it again")]
    Line {
        /// 1-based line.
        line: usize,
    },
    /// The checkpoint in it does not hold.
    #[error("the proof's checkpoint does not hold")]
    Checkpoint(#[from] CheckpointError),
    /// The path does not lead from the leaf to the checkpoint.
    #[error("the proof does not lead from the leaf to the checkpoint")]
    Tree(#[from] TreeError),
}

impl Proof {
    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("{HEADING}\n");
        if let Some(extra) = &self.extra {
            text.extend(["extra ", &base64_encode(extra), "\n"]);
        }
        text.extend(["index ", &self.index.to_string(), "\n"]);
        for hash in &self.hashes {
            text.extend([hash.to_base64().as_str(), "\n"]);
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads a proof file; the checkpoint is judged only by [`Proof::verify`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::Line { line: 1 })?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Line { line: 1 })?;
        let mut lines = head
            .split('\n')
            .enumerate()
            .map(|(place, line)| (place + 1, line))
            .peekable();
        if lines.next().is_none_or(|(_, line)| line != HEADING) {
            return Err(ProofError::Line { line: 1 });
        }
        let mut extra = None;
        if let Some((line, data)) = lines
            .peek()
            .and_then(|(line, text)| Some((*line, text.strip_prefix("extra ")?)))
        {
            extra = Some(base64_decode(data).ok_or(ProofError::Line { line })?);
            lines.next();
        }
        let (line, digits) = lines.next().unwrap_or((2, ""));
        let digits = digits.strip_prefix("index ").ok_or(ProofError::Line { line })?;
        let index = digits.parse::<u64>().ok().filter(|index| index.to_string() == digits);
        let index = index.ok_or(ProofError::Line { line })?;
        let mut hashes = Vec::new();
        for (line, text) in lines {
            let hash = Hash::from_base64(text).filter(|_| hashes.len() < HASHES_MAX);
            hashes.push(hash.ok_or(ProofError::Line { line })?);
        }
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: checkpoint.as_bytes().to_vec(),
        })
    }

    /// Checks that the log signed a tree with `leaf` at `index`; gives back that checkpoint.
    pub fn verify(&self, leaf: &[u8], trusted: &[VerifierKey]) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, trusted)?;
        verify_inclusion(
            leaf_hash(leaf),
            self.index,
            checkpoint.size,
            &self.hashes,
            checkpoint.root,
        )?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::note::SigningKey;
    use crate::tree::{MemoryTiles, inclusion_proof, root_at};

    fn sample() -> (Proof, VerifierKey) {
        let key = SigningKey::from_seed("d/t/events", &[4; 32]).unwrap();
        let mut tiles = MemoryTiles::new();
        for number in 0..11_u8 {
            tiles.append(leaf_hash(&[number]));
        }
        let root = root_at(&tiles, 11).unwrap();
        let checkpoint = Checkpoint {
            origin: "d/t/events".to_owned(),
            size: 11,
            root,
        }
        .sign(&[&key])
        .unwrap();
        let hashes = inclusion_proof(&tiles, 6, 11).unwrap();
        (
            Proof {
                extra: None,
                index: 6,
                hashes,
                checkpoint,
            },
            key.verifier(),
        )
    }

    #[test]
    fn a_proof_file_verifies_its_leaf_only() {
        let (proof, key) = sample();
        let read = Proof::parse(&proof.encode()).unwrap();
        assert_eq!(read, proof);
        assert_eq!(read.verify(&[6], std::slice::from_ref(&key)).unwrap().size, 11);
        let keys = [key];
        assert_eq!(read.verify(&[7], &keys), Err(ProofError::Tree(TreeError::RootMismatch)));
        assert!(matches!(read.verify(&[6], &[]), Err(ProofError::Checkpoint(_))));
        let moved = Proof {
            index: 99,
            ..proof.clone()
        };
        assert_eq!(
            moved.verify(&[6], &keys),
            Err(ProofError::Tree(TreeError::IndexRange { index: 99, size: 11 }))
        );
        let shorter = Proof {
            hashes: Vec::new(),
            ..proof.clone()
        };
        assert_eq!(
            shorter.verify(&[6], &keys),
            Err(ProofError::Tree(TreeError::ProofLength))
        );
        let with_extra = Proof {
            extra: Some(b"name".to_vec()),
            ..proof
        };
        assert_eq!(Proof::parse(&with_extra.encode()), Ok(with_extra));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (proof, key) = sample();
        let keys = [key];
        let bytes = proof.encode();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[place] ^= 1 << bit;
                let verdict = Proof::parse(&changed).and_then(|proof| proof.verify(&[6], &keys));
                assert!(verdict.is_err(), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn malformed_files_are_refused_by_line() {
        let text = String::from_utf8(sample().0.encode()).unwrap();
        let parse = |text: &str| Proof::parse(text.as_bytes());
        assert_eq!(parse(""), Err(ProofError::Line { line: 1 }));
        assert_eq!(parse(&text.replace("@v1", "@v2")), Err(ProofError::Line { line: 1 }));
        assert_eq!(
            parse(&text.replace("index 6", "index 06")),
            Err(ProofError::Line { line: 2 })
        );
        assert_eq!(parse(&text.replace("index 6\n", "")), Err(ProofError::Line { line: 2 }));
        assert_eq!(
            parse(&text.replace("index 6", "extra =\nindex 6")),
            Err(ProofError::Line { line: 2 })
        );
        assert_eq!(
            parse(&text.replace("index 6", "index 6\nshort")),
            Err(ProofError::Line { line: 3 })
        );
    }
}
