//! SHA-256 of bytes that come in pieces, which can be laid down between two pieces and taken up again, also by another
//! process. Knows nothing of what the bytes are.

use sha2::digest::common::hazmat::SerializableState as _;
use sha2::{Digest as _, Sha256};

use crate::hash::Hash;

/// A hash under way.
#[derive(Clone, Default)]
pub struct Hashing(Sha256);

impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashing(…)")
    }
}

impl Hashing {
    /// The next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }

    /// What is needed to go on. Up to 63 of the last bytes stand in it as they are: none where all pieces had a length that 64
    /// divides.
    pub fn laid_down(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// Goes on from what was laid down; `None` where that is something else.
    pub fn taken_up(state: &[u8]) -> Option<Self> {
        let state = state.try_into().ok()?;
        Sha256::deserialize(&state).ok().map(Self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::hash::sha256;

    #[test]
    fn pieces_give_the_hash_of_the_whole_also_after_a_pause() {
        let bytes: Vec<u8> = (0..1_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        for cut in [0, 1, 64, 128, 777, 1_000] {
            let mut first = Hashing::default();
            first.update(&bytes[..cut]);
            let mut second = Hashing::taken_up(&first.laid_down()).unwrap();
            second.update(&bytes[cut..]);
            assert_eq!(second.finish(), sha256(&bytes), "{cut}");
        }
        assert!(Hashing::taken_up(b"something else").is_none());
    }

    #[test]
    fn whole_blocks_leave_no_bytes_in_what_is_laid_down() {
        let secret = [0x5a; 64];
        let mut hashing = Hashing::default();
        hashing.update(&secret);
        assert!(!hashing.laid_down().windows(8).any(|part| part == &secret[..8]));
    }
}
