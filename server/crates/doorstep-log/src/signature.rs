//! Ed25519 signatures, many at once.
//!
//! The rule is that of one by one strict verification (`VerifyingKey::verify_strict`), no more and no less. The usual batch
//! equation alone is weaker: a signer could add a point of small order to `R`, and some sums of such errors vanish. So a
//! batch holds only where, besides, every `R` is in canonical form and not of small order, no key has a part of small
//! order, and neither has any `R`: 64 random sums of them are tested for that. Then each residue `R + hA − sB` lies in the
//! group of prime order, and a random sum of residues is zero only if all are. The chance that a batch holds though one of
//! its signatures does not is below 2^-63, for whoever made them; the random numbers come from a hash of all of them.
//!
//! A batch that does not hold says nothing of its members: verify those one by one.

use std::collections::BTreeMap;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity as _, IsIdentity as _, VartimeMultiscalarMul as _};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha512};

/// Random sums that are tested; a part of small order stays hidden in one of them with a chance of at most one half.
const SUMS: usize = 64;
/// Sums that share one pass over the points: 2^8 heaps for each byte of random bits.
const SUMS_SHARED: usize = 8;

/// A public key without a part of small order: the only kind that batches take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchKey {
    bytes: [u8; 32],
    point: EdwardsPoint,
}

impl BatchKey {
    /// The key; `None` where it has a part of small order.
    pub fn new(key: &VerifyingKey) -> Option<Self> {
        let point = key.to_edwards();
        (!point.is_small_order() && point.is_torsion_free()).then(|| Self {
            bytes: key.to_bytes(),
            point,
        })
    }
}

/// Signatures to be checked together.
#[derive(Debug, Default)]
pub struct Batch {
    members: Vec<Member>,
    /// One of them can be told wrong without the others.
    refused: bool,
}

#[derive(Debug)]
struct Member {
    key: BatchKey,
    r: EdwardsPoint,
    s: Scalar,
    /// SHA-512(R ‖ A ‖ message).
    digest: [u8; 64],
}

impl Batch {
    /// No signature yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of signatures.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Takes up a signature over the concatenation of `message`.
    pub fn add(&mut self, key: &BatchKey, message: &[&[u8]], signature: &[u8]) {
        match Member::read(key, message, signature) {
            Some(member) => self.members.push(member),
            None => self.refused = true,
        }
    }

    /// Whether every signature holds.
    pub fn holds(&self) -> bool {
        if self.refused {
            return false;
        }
        let mut random = Random::of(&self.members);
        self.sums_are_of_prime_order(&mut random) && self.residues_vanish(&mut random)
    }

    /// `Σ z(R + hA − sB) = 0` for random `z` of 128 bits.
    fn residues_vanish(&self, random: &mut Random) -> bool {
        let mut base = Scalar::ZERO;
        let mut keys: BTreeMap<[u8; 32], (Scalar, EdwardsPoint)> = BTreeMap::new();
        let mut factors = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let z = Scalar::from(u128::from_le_bytes(random.bytes()));
            let hash = Scalar::from_bytes_mod_order_wide(&member.digest);
            base -= z * member.s;
            keys.entry(member.key.bytes)
                .or_insert((Scalar::ZERO, member.key.point))
                .0 += z * hash;
            factors.push(z);
        }
        let scalars = factors.iter().chain(keys.values().map(|(factor, _)| factor));
        let points = self.members.iter().map(|member| &member.r);
        let sum = EdwardsPoint::vartime_multiscalar_mul(scalars, points.chain(keys.values().map(|(_, point)| point)));
        (sum + EdwardsPoint::mul_base(&base)).is_identity()
    }

    /// Whether random sums of all `R` have no part of small order.
    fn sums_are_of_prime_order(&self, random: &mut Random) -> bool {
        (0..SUMS / SUMS_SHARED).all(|_| {
            let mut heaps = vec![EdwardsPoint::identity(); 1 << SUMS_SHARED];
            for member in &self.members {
                let [which] = random.bytes();
                heaps[usize::from(which)] += member.r;
            }
            (0..SUMS_SHARED).all(|bit| {
                let chosen = heaps.iter().enumerate().filter(|(which, _)| which >> bit & 1 == 1);
                chosen.map(|(_, heap)| heap).sum::<EdwardsPoint>().is_torsion_free()
            })
        })
    }
}

impl Member {
    /// Refuses what is wrong by itself: another length, `s` beyond the order, `R` in another than its canonical form, of
    /// small order or no point.
    fn read(key: &BatchKey, message: &[&[u8]], signature: &[u8]) -> Option<Self> {
        let signature = Signature::from_slice(signature).ok()?;
        let s = Option::from(Scalar::from_canonical_bytes(*signature.s_bytes()))?;
        let encoded = signature.r_bytes();
        let r = is_reduced(encoded).then(|| CompressedEdwardsY(*encoded).decompress())??;
        if r.is_small_order() {
            return None;
        }
        let mut digest = Sha512::new();
        digest.update(encoded);
        digest.update(key.bytes);
        for part in message {
            digest.update(part);
        }
        Some(Self {
            key: *key,
            r,
            s,
            digest: digest.finalize().into(),
        })
    }
}

/// Whether the coordinate in an encoded point is below 2^255 − 19. The only other points with two forms are of small order.
fn is_reduced(encoded: &[u8; 32]) -> bool {
    encoded[0] < 0xED || encoded[31] & 0x7F != 0x7F || encoded[1..31].iter().any(|byte| *byte != 0xFF)
}

/// Bits that nobody could choose: SHA-512 of a number and of all that is verified.
struct Random {
    seed: [u8; 64],
    block: [u8; 64],
    used: usize,
    count: u64,
}

impl Random {
    fn of(members: &[Member]) -> Self {
        let mut seed = Sha512::new();
        seed.update(b"doorstep/batch/v1\n");
        for member in members {
            seed.update(member.digest);
            seed.update(member.s.as_bytes());
        }
        Self {
            seed: seed.finalize().into(),
            block: [0; 64],
            used: 64,
            count: 0,
        }
    }

    /// The next bytes; `N` divides 64.
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        if self.used + N > self.block.len() {
            let block = Sha512::new()
                .chain_update(self.seed)
                .chain_update(self.count.to_le_bytes());
            self.block = block.finalize().into();
            self.count += 1;
            self.used = 0;
        }
        let bytes = std::array::from_fn(|place| self.block[self.used + place]);
        self.used += N;
        bytes
    }
}

#[cfg(test)]
#[path = "signature/signature_tests.rs"]
mod tests;
