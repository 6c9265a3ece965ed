//! Sealing: XChaCha20-Poly1305 under keys that wrap each other. Pure but for the random numbers it draws.
//!
//! Key outside the database → tenant's key → subject's key (one per person, staff member and import) → one key per
//! record by HKDF. Sealed bytes start with a format and an algorithm number, so that others can be added.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use doorstep_log::hash::Hash;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::StoreError;

const FORMAT: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;
const HEADER_LEN: usize = 2 + 24;
const SALT_LEN: usize = 32;
/// Bytes of a blind index: enough that two values never meet by chance, and the width of an id column.
const BLIND_LEN: usize = 16;

/// Fills an array with random bytes of the system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random numbers are there from its start");
    bytes
}

/// A key that wraps others or seals records; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What was opened: the payload and the salt of its commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The salt that hides the payload in its commitment.
    pub salt: [u8; 32],
    /// The payload as it was sealed.
    pub payload: Vec<u8>,
}

impl Key {
    /// A new random key.
    #[must_use]
    pub(crate) fn fresh() -> Self {
        Self(random())
    }
    /// A key from its bytes.
    #[must_use]
    pub(crate) const fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn derived(&self, info: &[&[u8]]) -> Self {
        let mut out = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0)
            .expand_multi_info(info, &mut out)
            .expect("32 bytes are within what HKDF can give");
        Self(out)
    }

    fn encrypt(&self, aad: &[u8], message: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = random();
        let sealed = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(&XNonce::from(nonce), Payload { msg: message, aad })
            .expect("a message in memory is never too long for the cipher");
        let mut out = Vec::with_capacity(HEADER_LEN + sealed.len());
        out.extend([FORMAT, XCHACHA20_POLY1305]);
        out.extend(nonce);
        out.extend(sealed);
        out
    }

    fn decrypt(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let body = sealed.get(HEADER_LEN..)?;
        if sealed.first_chunk()? != &[FORMAT, XCHACHA20_POLY1305] {
            return None;
        }
        let nonce: [u8; 24] = sealed.get(2..HEADER_LEN)?.try_into().ok()?;
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt(&XNonce::from(nonce), Payload { msg: body, aad })
            .ok()
    }

    /// Wraps another key for storage beside `name`, which binds it to its place.
    #[must_use]
    pub(crate) fn wrap(&self, name: &[u8], key: &Self) -> Vec<u8> {
        self.encrypt(name, &key.0)
    }

    /// Unwraps a key that `wrap` made for the same `name`.
    pub(crate) fn unwrap(&self, name: &[u8], wrapped: &[u8]) -> Result<Self, StoreError> {
        let mut plain = self.decrypt(name, wrapped).ok_or(StoreError::WrongKey)?;
        let key = plain.as_slice().try_into().map(Self).map_err(|_| StoreError::WrongKey);
        plain.zeroize();
        key
    }

    /// Seals a payload under the record's own key with a fresh salt. Returns the sealed bytes and the commitment that
    /// stands in the leaf.
    #[must_use]
    pub(crate) fn seal(&self, event: Uuid, payload: &[u8]) -> (Vec<u8>, Hash) {
        self.seal_with_salt(event, random(), payload)
    }

    /// As `seal`, with the salt that a device chose.
    #[must_use]
    pub(crate) fn seal_with_salt(&self, event: Uuid, salt: [u8; SALT_LEN], payload: &[u8]) -> (Vec<u8>, Hash) {
        let mut message = Vec::with_capacity(SALT_LEN + payload.len());
        message.extend(salt);
        message.extend(payload);
        let sealed = self
            .derived(&[b"enc", event.as_bytes()])
            .encrypt(event.as_bytes(), &message);
        message.zeroize();
        (sealed, doorstep_log::leaf::commitment(&salt, payload))
    }

    /// Opens what `seal` made for the same event.
    pub(crate) fn open(&self, event: Uuid, sealed: &[u8]) -> Result<Opened, StoreError> {
        let plain = self
            .derived(&[b"enc", event.as_bytes()])
            .decrypt(event.as_bytes(), sealed)
            .ok_or(StoreError::Altered)?;
        let (salt, payload) = plain.split_first_chunk::<SALT_LEN>().ok_or(StoreError::Altered)?;
        Ok(Opened {
            salt: *salt,
            payload: payload.to_vec(),
        })
    }

    /// The blind index of a normalised value: equal values of one tenant and kind give equal bytes, and nothing else
    /// can be learned without the tenant's key.
    #[must_use]
    pub(crate) fn blind(&self, kind: &str, value: &str) -> Uuid {
        let key = self.derived(&[b"blind", kind.as_bytes()]);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key.0).expect("any length of key will do");
        mac.update(value.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let (first, _) = digest
            .split_first_chunk::<BLIND_LEN>()
            .expect("a digest of 32 bytes has a first half");
        Uuid::from_bytes(*first)
    }
}

/// A subject's key that can seal and nothing else: whoever holds it can add what they know, and open nothing.
///
/// ```compile_fail
/// fn open(key: &doorstep_store::seal::SealingKey, sealed: &[u8]) {
///     let _ = key.open(uuid::Uuid::nil(), sealed);
/// }
/// ```
///
/// The key inside does not come out either:
///
/// ```compile_fail
/// fn take(key: doorstep_store::seal::SealingKey) -> [u8; 32] {
///     *key.0.bytes()
/// }
/// ```
#[derive(Debug)]
pub struct SealingKey(Key);

impl SealingKey {
    pub(crate) const fn of(key: Key) -> Self {
        Self(key)
    }

    /// Seals a payload under the record's own key with a fresh salt. Returns the sealed bytes and the commitment that
    /// stands in the leaf.
    ///
    /// ```
    /// fn seal(key: &doorstep_store::seal::SealingKey) {
    ///     let _ = key.seal(uuid::Uuid::nil(), b"a note");
    /// }
    /// ```
    #[must_use]
    pub fn seal(&self, event: Uuid, payload: &[u8]) -> (Vec<u8>, Hash) {
        self.0.seal(event, payload)
    }

    /// As `seal`, with the salt that a device chose.
    #[must_use]
    pub fn seal_with_salt(&self, event: Uuid, salt: [u8; SALT_LEN], payload: &[u8]) -> (Vec<u8>, Hash) {
        self.0.seal_with_salt(event, salt, payload)
    }
}

/// A tenant's key that can make blind indexes and nothing else.
#[derive(Debug)]
pub struct BlindKey(Key);

impl BlindKey {
    pub(crate) const fn of(key: Key) -> Self {
        Self(key)
    }

    /// The blind index of a normalised value: equal values of one tenant and kind give equal bytes, and nothing else
    /// can be learned without the tenant's key.
    #[must_use]
    pub fn blind(&self, kind: &str, value: &str) -> Uuid {
        self.0.blind(kind, value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_open_only_with_key_event_and_every_byte() {
        let key = Key::fresh();
        let event = Uuid::from_u128(7);
        let (sealed, commitment) = key.seal(event, b"a note");
        let opened = key.open(event, &sealed).unwrap();
        assert_eq!(opened.payload, b"a note");
        assert_eq!(
            doorstep_log::leaf::commitment(&opened.salt, &opened.payload),
            commitment
        );
        assert!(key.open(Uuid::from_u128(8), &sealed).is_err());
        assert!(Key::fresh().open(event, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(key.open(event, &bent).is_err(), "byte {at}");
        }
        assert!(key.open(event, &sealed[..10]).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_only_under_its_name() {
        let (outer, inner) = (Key::fresh(), Key::fresh());
        let wrapped = outer.wrap(b"here", &inner);
        assert_eq!(outer.unwrap(b"here", &wrapped).unwrap().bytes(), inner.bytes());
        assert!(outer.unwrap(b"there", &wrapped).is_err());
        assert!(inner.unwrap(b"here", &wrapped).is_err());
    }

    #[test]
    fn blind_indexes_depend_on_tenant_kind_and_value() {
        let key = Key::of_bytes([1; 32]);
        assert_eq!(key.blind("phone", "123"), key.blind("phone", "123"));
        assert_ne!(key.blind("phone", "123"), key.blind("case", "123"));
        assert_ne!(key.blind("phone", "123"), key.blind("phone", "124"));
        assert_ne!(key.blind("phone", "123"), Key::of_bytes([2; 32]).blind("phone", "123"));
    }
}
