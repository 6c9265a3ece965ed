//! Public keys of devices: Ed25519, or ES256 (ECDSA on P-256 with SHA-256) for hardware that has nothing else.
//!
//! Each key and each signature has one encoding. ES256 keys are uncompressed SEC1 points of 65 bytes; ES256 signatures
//! are `r ‖ s` of 64 bytes with the lower of the two `s` that verify, so that nobody makes a second signature out of
//! the first. Knows no header and no chain.

use ed25519_dalek::{Signature, VerifyingKey};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::leaf::Algorithm;

/// Bytes of an ES256 key.
pub const ES256_KEY_BYTES: usize = 65;
/// Bytes of a signature of either kind.
pub const SIGNATURE_BYTES: usize = 64;

/// First byte of an uncompressed point.
const UNCOMPRESSED: u8 = 4;

/// Order of the group of P-256, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
/// Half of it, rounded down: the largest low `s`.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// A device's public key, ready to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceKey {
    /// Ed25519; none that verifies everything.
    Ed25519(VerifyingKey),
    /// P-256. A point off the curve parses and verifies nothing.
    Es256([u8; ES256_KEY_BYTES]),
}

impl DeviceKey {
    /// Reads a key of an algorithm; `None` where the bytes are none or the algorithm is not known.
    pub fn parse(alg: &Algorithm, bytes: &[u8]) -> Option<Self> {
        match alg {
            Algorithm::Ed25519 => {
                let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
                (!key.is_weak()).then_some(Self::Ed25519(key))
            }
            Algorithm::Es256 => {
                let key: [u8; ES256_KEY_BYTES] = bytes.try_into().ok()?;
                (key[0] == UNCOMPRESSED).then_some(Self::Es256(key))
            }
            Algorithm::Other(_) => None,
        }
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::Es256(_) => Algorithm::Es256,
        }
    }

    /// The bytes that [`DeviceKey::parse`] takes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(key) => key.as_bytes(),
            Self::Es256(key) => key,
        }
    }

    /// Whether this key signed `message`, in the one encoding of a signature.
    pub fn verifies(&self, message: &[u8], sig: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => Signature::from_slice(sig).is_ok_and(|sig| key.verify_strict(message, &sig).is_ok()),
            Self::Es256(key) => {
                let sound = sig.len() == SIGNATURE_BYTES && sig[32..] <= HALF_ORDER[..];
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
                sound && key.verify(message, sig).is_ok()
            }
        }
    }
}

/// The one encoding of an ES256 signature: the lower of the two `s`.
pub fn es256_low(mut sig: [u8; SIGNATURE_BYTES]) -> [u8; SIGNATURE_BYTES] {
    if sig[32..] > HALF_ORDER[..] {
        let mut borrow = 0_i16;
        for (place, digit) in sig[32..].iter_mut().enumerate().rev() {
            let left = i16::from(ORDER[place]) - i16::from(*digit) - borrow;
            borrow = i16::from(left < 0);
            *digit = left.rem_euclid(256) as u8;
        }
    }
    sig
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
#[path = "device_key_tests.rs"]
mod tests;
