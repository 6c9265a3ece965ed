//! The device's own key: made here, kept sealed, never shown. Ed25519, or ES256 as phones' hardware has it.
//!
//! Knows no header: it signs the bytes that the chain hands it.

use doorstep_domain::codes;
use doorstep_log::device_key::{SIGNATURE_BYTES, es256_low};
use doorstep_log::{chain, joined};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use zeroize::Zeroizing;

use crate::clock::fill_random;
use crate::error::DeviceError;

codes!(
    /// What kind of key a device has.
    KeyKind, "kind of device key" {
        /// Ed25519.
        Ed25519 = "Ed25519",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
    }
);

const WHAT: &str = "device key";

/// A device's private key.
pub(crate) struct Secret {
    kind: KeyKind,
    /// The seed of an Ed25519 key, or PKCS #8.
    bytes: Zeroizing<Vec<u8>>,
}

impl Secret {
    /// A new key.
    pub(crate) fn fresh(kind: KeyKind) -> Result<Self, DeviceError> {
        let bytes = match kind {
            KeyKind::Ed25519 => {
                let mut seed = Zeroizing::new(vec![0; 32]);
                fill_random(seed.as_mut())?;
                seed
            }
            KeyKind::Es256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
                Zeroizing::new(made.map_err(|_| DeviceError::NoRandomness)?.as_ref().to_vec())
            }
        };
        Ok(Self { kind, bytes })
    }

    /// A key that was kept.
    pub(crate) const fn of(kind: KeyKind, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { kind, bytes }
    }

    /// What kind of key it is.
    pub(crate) const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// What [`Secret::of`] takes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The public half, in the encoding of its kind.
    pub(crate) fn public_key(&self) -> Result<Vec<u8>, DeviceError> {
        Ok(match self.kind {
            KeyKind::Ed25519 => chain::public_key(self.seed()?).to_vec(),
            KeyKind::Es256 => self.pair()?.public_key().as_ref().to_vec(),
        })
    }

    /// Signs the bytes of a header, in the one encoding of a signature.
    pub(crate) fn sign(&self, hdr: &[u8]) -> Result<[u8; SIGNATURE_BYTES], DeviceError> {
        match self.kind {
            KeyKind::Ed25519 => Ok(chain::sign_header(self.seed()?, hdr)),
            KeyKind::Es256 => self.sign_es256(&chain::signed_bytes(hdr)),
        }
    }

    /// Signs the bytes of a statement.
    pub(crate) fn sign_joined(&self, said: &[u8]) -> Result<[u8; SIGNATURE_BYTES], DeviceError> {
        match self.kind {
            KeyKind::Ed25519 => Ok(joined::sign_joined(self.seed()?, said)),
            KeyKind::Es256 => self.sign_es256(&joined::joined_bytes(said)),
        }
    }

    fn sign_es256(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], DeviceError> {
        let signed = self.pair()?.sign(&SystemRandom::new(), message);
        let signed = signed.map_err(|_| DeviceError::NoRandomness)?;
        let fixed = signed.as_ref().try_into().map_err(|_| corrupt())?;
        Ok(es256_low(fixed))
    }

    fn seed(&self) -> Result<&[u8; 32], DeviceError> {
        self.bytes.as_slice().try_into().map_err(|_| corrupt())
    }

    fn pair(&self) -> Result<EcdsaKeyPair, DeviceError> {
        let (alg, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        EcdsaKeyPair::from_pkcs8(alg, &self.bytes, &random).map_err(|_| corrupt())
    }
}

const fn corrupt() -> DeviceError {
    DeviceError::Corrupt { what: WHAT }
}
