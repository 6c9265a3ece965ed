//! What a second staff member signs at a door where two are required: that they are there, at this visit, now.
//!
//! The event of the check-in carries the statement, so that both signatures stand in it: the owner's over the header, the
//! partner's within what the header commits to. Canonical JSON of members that are all known, signed with a prefix of its
//! own, so that it is never taken for a header or a header for it. Server, device and verifier use this one place.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::canonical::{self, INTEGER_MAX, Value};
use crate::device_key::DeviceKey;

/// Comes before the statement's bytes in what is signed.
pub const JOINED_DOMAIN: &[u8] = b"doorstep/joined/v1\n";
/// How far apart, in milliseconds, a statement and its check-in may be: half an hour, either way.
pub const JOINED_APART_MS: i64 = 30 * 60 * 1_000;
/// Longest statement, in bytes.
pub const JOINED_BYTES_MAX: usize = 1_024;
/// Longest id or name of a key, in bytes.
const NAME_BYTES_MAX: usize = 100;

/// What a partner says. Names nobody: ids and aliases alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// Alias of the visit.
    pub visit: String,
    /// Alias of the visited person.
    pub subj: String,
    /// Who says it.
    pub staff: String,
    /// The device that checks in, where the statement was made on it; absent where it was made on the partner's own.
    pub dev: Option<String>,
    /// When, by the clock of the device on which it was made, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Which key signs.
    pub kid: String,
}

/// The check-in that a statement must fit.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Alias of the visit.
    pub visit: &'a str,
    /// Alias of the visited person.
    pub subj: &'a str,
    /// The device that checks in.
    pub dev: &'a str,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// A key with which statements are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinKey {
    /// Whose it is; `None` where that is not known, as in the log.
    pub staff: Option<String>,
    /// The device of somebody else on which it lies; `None` where it is the key of the partner's own.
    pub dev: Option<String>,
    /// The key.
    pub key: DeviceKey,
}

/// Why a statement does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinedError {
    /// No statement, or not in its one encoding.
    #[error("the statement cannot be read; make it again")]
    Form,
    /// About another visit or person.
    #[error("the statement is about another visit; confirm this one")]
    Visit,
    /// More than half an hour from the check-in.
    #[error("the statement is more than half an hour from the check-in; confirm again")]
    Stale,
    /// The key is not known, or was ended.
    #[error("the key is not known or was ended; sync, or make a new one")]
    Key,
    /// Made for another device than the one that checks in, or with another's key.
    #[error("the statement or its key belongs to another device; confirm on this one")]
    Device,
    /// The key belongs to somebody else.
    #[error("the key belongs to somebody else")]
    Staff,
    /// The signature does not fit.
    #[error("the signature does not fit the statement; it was changed, or never signed")]
    Signature,
}

impl JoinedError {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "joined-form",
            Self::Visit => "joined-visit",
            Self::Stale => "joined-stale",
            Self::Key => "joined-key",
            Self::Device => "joined-device",
            Self::Staff => "joined-staff",
            Self::Signature => "joined-signature",
        }
    }
}

impl Joining {
    /// The statement's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, JoinedError> {
        let mut members = BTreeMap::from([
            ("v".to_owned(), Value::Integer(1)),
            ("at_ms".to_owned(), Value::Integer(self.at_ms)),
        ]);
        let texts = [
            ("visit", Some(&self.visit)),
            ("subj", Some(&self.subj)),
            ("staff", Some(&self.staff)),
            ("dev", self.dev.as_ref()),
            ("kid", Some(&self.kid)),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                members.insert(name.to_owned(), Value::Text(text.clone()));
            }
        }
        let bytes = canonical::encode(&Value::Object(members)).map_err(|_| JoinedError::Form)?;
        // What is written can be read again.
        Self::decode(&bytes).map(|_| bytes)
    }

    /// Reads a statement; refuses everything that [`Joining::encode`] would write in another way.
    pub fn decode(bytes: &[u8]) -> Result<Self, JoinedError> {
        if bytes.len() > JOINED_BYTES_MAX {
            return Err(JoinedError::Form);
        }
        let Ok(Value::Object(mut members)) = canonical::decode(bytes) else {
            return Err(JoinedError::Form);
        };
        let at_ms = integer(&mut members, "at_ms")?;
        if integer(&mut members, "v")? != 1 || !(0..=INTEGER_MAX).contains(&at_ms) {
            return Err(JoinedError::Form);
        }
        let read = Self {
            visit: name(&mut members, "visit")?.ok_or(JoinedError::Form)?,
            subj: name(&mut members, "subj")?.ok_or(JoinedError::Form)?,
            staff: name(&mut members, "staff")?.ok_or(JoinedError::Form)?,
            dev: name(&mut members, "dev")?,
            at_ms,
            kid: name(&mut members, "kid")?.ok_or(JoinedError::Form)?,
        };
        if members.is_empty() {
            Ok(read)
        } else {
            Err(JoinedError::Form)
        }
    }
}

fn integer(members: &mut BTreeMap<String, Value>, name: &str) -> Result<i64, JoinedError> {
    match members.remove(name) {
        Some(Value::Integer(number)) => Ok(number),
        _ => Err(JoinedError::Form),
    }
}

fn name(members: &mut BTreeMap<String, Value>, name: &str) -> Result<Option<String>, JoinedError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::Text(text)) if (1..=NAME_BYTES_MAX).contains(&text.len()) => Ok(Some(text)),
        Some(_) => Err(JoinedError::Form),
    }
}

/// What is signed for the bytes of a statement.
pub fn joined_bytes(said: &[u8]) -> Vec<u8> {
    [JOINED_DOMAIN, said].concat()
}

/// Signs a statement's bytes with the 32-byte seed of an Ed25519 key.
pub fn sign_joined(seed: &[u8; 32], said: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(seed).sign(&joined_bytes(said)).to_bytes()
}

/// Reads a statement that counts for a check-in; `key_of` knows the keys that may sign.
pub fn check_joined(
    (said, sig): (&[u8], &[u8]),
    arrival: Arrival<'_>,
    key_of: impl FnOnce(&Joining) -> Option<JoinKey>,
) -> Result<Joining, JoinedError> {
    let joining = Joining::decode(said)?;
    if joining.visit != arrival.visit || joining.subj != arrival.subj {
        return Err(JoinedError::Visit);
    }
    if joining.at_ms.abs_diff(arrival.at_ms) > JOINED_APART_MS.unsigned_abs() {
        return Err(JoinedError::Stale);
    }
    let known = key_of(&joining).ok_or(JoinedError::Key)?;
    if known.dev != joining.dev || joining.dev.as_deref().is_some_and(|dev| dev != arrival.dev) {
        return Err(JoinedError::Device);
    }
    if known.staff.is_some_and(|staff| staff != joining.staff) {
        return Err(JoinedError::Staff);
    }
    if known.key.verifies(&joined_bytes(said), sig) {
        Ok(joining)
    } else {
        Err(JoinedError::Signature)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
#[path = "joined_tests.rs"]
mod tests;
