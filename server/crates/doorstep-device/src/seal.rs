//! Sealing bytes for one place of the database: XChaCha20-Poly1305 under a key, bound to table, column and row.
//!
//! Sealed bytes moved to another row or column do not open there. Knows no table and no PIN.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::clock::fill_random;
use crate::error::DeviceError;

/// The first byte of what is sealed: which cipher and layout, so that another can be added.
const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;
/// What sealing adds: format, nonce and tag.
pub(crate) const SEAL_BYTES: usize = 1 + NONCE_BYTES + 16;

/// Where sealed bytes lie.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Table and column, like `door.body`.
    column: &'static str,
    /// The row's key.
    row: &'a [u8],
}

impl<'a> Place<'a> {
    /// The column of a row.
    pub(crate) const fn new(column: &'static str, row: &'a [u8]) -> Self {
        Self { column, row }
    }

    fn bytes(&self) -> Vec<u8> {
        [self.column.as_bytes(), &[0], self.row].concat()
    }
}

/// A key that seals; wiped from memory when dropped.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A new random key.
    pub(crate) fn fresh() -> Result<Self, DeviceError> {
        let mut bytes = Zeroizing::new([0; 32]);
        fill_random(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// A key from its bytes.
    pub(crate) const fn of(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Seals bytes for a place.
    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let mut nonce = [0; NONCE_BYTES];
        fill_random(&mut nonce)?;
        let aad = place.bytes();
        let message = Payload { msg: plain, aad: &aad };
        let sealed = XChaCha20Poly1305::new((&*self.0).into())
            .encrypt(&XNonce::from(nonce), message)
            .map_err(|_| DeviceError::Corrupt { what: place.column })?;
        let mut out = Vec::with_capacity(plain.len() + SEAL_BYTES);
        out.push(FORMAT);
        out.extend(nonce);
        out.extend(sealed);
        Ok(out)
    }

    /// Opens what was sealed for the same place.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        self.try_open(place, sealed)
            .ok_or(DeviceError::Corrupt { what: place.column })
    }

    fn try_open(&self, place: Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let rest = sealed.strip_prefix(&[FORMAT])?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let aad = place.bytes();
        let message = Payload { msg: body, aad: &aad };
        let plain = XChaCha20Poly1305::new((&*self.0).into()).decrypt(&XNonce::from(*nonce), message);
        plain.ok().map(Zeroizing::new)
    }

    /// Opens text.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<String>, DeviceError> {
        let plain = self.open(place, sealed)?;
        let text = str::from_utf8(&plain).map_err(|_| DeviceError::Corrupt { what: place.column })?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Seals another key.
    pub(crate) fn wrap(&self, place: Place<'_>, key: &Self) -> Result<Vec<u8>, DeviceError> {
        self.seal(place, &*key.0)
    }

    /// Opens a sealed key.
    pub(crate) fn unwrap(&self, place: Place<'_>, wrapped: &[u8]) -> Result<Self, DeviceError> {
        let plain = self.open(place, wrapped)?;
        let bytes: [u8; 32] = plain
            .as_slice()
            .try_into()
            .map_err(|_| DeviceError::Corrupt { what: place.column })?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_place_under_its_key() {
        let key = Key::fresh().unwrap();
        let place = Place::new("door.body", &[1, 2]);
        let sealed = key.seal(place, b"name").unwrap();
        assert_eq!(sealed.len(), b"name".len() + SEAL_BYTES);
        assert_eq!(key.open(place, &sealed).unwrap().as_slice(), b"name");
        let strange = [Place::new("door.body", &[1, 3]), Place::new("draft.body", &[1, 2])];
        for place in strange {
            assert!(key.open(place, &sealed).is_err());
        }
        assert!(Key::fresh().unwrap().open(place, &sealed).is_err());
        for index in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[index] ^= 1;
            assert!(key.open(place, &bent).is_err(), "byte {index}");
            assert!(key.open(place, &sealed[..index]).is_err(), "cut at {index}");
        }
        assert_ne!(sealed, key.seal(place, b"name").unwrap(), "a nonce is never used twice");
    }
}
