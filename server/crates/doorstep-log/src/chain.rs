//! The chain of a device: signed headers numbered without gaps, each naming the one before.
//!
//! A device signs `"doorstep/hdr/v1\n" ‖ header bytes` with its key (`device_key`); the prefix keeps a header
//! signature from being used as any other. `dseq` starts at 1, the first `prev` is 32 zero bytes, every later `prev`
//! is the SHA-256 of the header bytes before. Knows no tree: headers come in log order.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ed25519_dalek::{Signer as _, SigningKey};

use crate::canonical::Value;
use crate::device_key::DeviceKey;
use crate::hash::{Hash, ZERO, base64url_decode, sha256};
use crate::leaf::{
    Algorithm, DEVICE_ENROLLED, DEVICE_WITHHELD, DeviceEvent, Header, LeafError, PARTNER_ADDED, ServerEntry,
};
use crate::signature::{Batch, BatchKey};

/// Comes before the header bytes in everything a device signs.
pub const HEADER_DOMAIN: &[u8] = b"doorstep/hdr/v1\n";

/// Signatures from which on a batch costs less than one by one.
const BATCH_MIN: usize = 256;

/// A device's public key as an enrolment entry states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCertificate {
    /// Device.
    pub dev: String,
    /// Key.
    pub kid: String,
    /// Public key.
    pub key: DeviceKey,
}

/// Where a device's chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// Number of the last header; 0 before the first.
    pub dseq: u64,
    /// SHA-256 of the last header; zeros before the first.
    pub hash: Hash,
}

/// Why an event does not fit its device's chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A `device.enrolled` entry lacks `dev`, `kid` or a sound `key`.
    #[error("the enrolment lacks dev, kid or a sound key in its detail; enrol the device again")]
    Enrolment,
    /// A `device.withheld` entry lacks `dev`, `kid`, `dseq` or a sound `head`.
    #[error("the entry of an event that is kept sealed lacks dev, kid, dseq or a sound head in its detail")]
    Withheld,
    /// A key identity was enrolled before with another key or device.
    #[error("key {kid} was enrolled before with another key or device; every key needs its own kid")]
    Enrolled {
        /// Key.
        kid: String,
    },
    /// A device was enrolled before with another key.
    #[error("device {dev} was enrolled before with another key; a new key needs a new device")]
    Rekeyed {
        /// Device.
        dev: String,
    },
    /// No enrolment for the key came before the event.
    #[error("key {kid} was not enrolled before this event; look for the enrolment entry")]
    UnknownKey {
        /// Key.
        kid: String,
    },
    /// The header names another device than the key's.
    #[error("device {dev} used key {kid} of another device")]
    ForeignKey {
        /// Device in the header.
        dev: String,
        /// Key.
        kid: String,
    },
    /// Not the algorithm of the key that was enrolled.
    #[error("signature algorithm {0} is not that of the enrolled key; the event was changed")]
    Algorithm(String),
    /// The signature does not fit the header bytes.
    #[error("the signature does not fit the header; the event was changed or never signed by this device")]
    Signature,
    /// The header is malformed.
    #[error("the signed header is malformed")]
    Header(#[from] LeafError),
    /// Numbers are missing.
    #[error("event {found} of device {dev} follows event {last}; the events between were dropped")]
    Gap {
        /// Device.
        dev: String,
        /// Last number seen.
        last: u64,
        /// Number found.
        found: u64,
    },
    /// The number is right, the link to the header before is not.
    #[error("event {dseq} of device {dev} does not follow the event before it; that one was exchanged")]
    Link {
        /// Device.
        dev: String,
        /// Number found.
        dseq: u64,
    },
    /// The same header was logged twice.
    #[error("event {dseq} of device {dev} is in the log twice")]
    Repeated {
        /// Device.
        dev: String,
        /// Number found.
        dseq: u64,
    },
    /// Two different headers bear one number.
    #[error("device {dev} signed two different events {dseq}; it was copied or tampered with")]
    Fork {
        /// Device.
        dev: String,
        /// Number found.
        dseq: u64,
    },
    /// A number below the head that was never seen: it arrived after its successors.
    #[error("event {dseq} of device {dev} was logged after later ones")]
    Late {
        /// Device.
        dev: String,
        /// Number found.
        dseq: u64,
    },
}

impl ChainError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment",
            Self::Withheld => "withheld",
            Self::Enrolled { .. } => "enrolled",
            Self::Rekeyed { .. } => "rekeyed",
            Self::UnknownKey { .. } => "unknown-key",
            Self::ForeignKey { .. } => "foreign-key",
            Self::Algorithm(_) => "algorithm",
            Self::Signature => "signature",
            Self::Header(_) => "header",
            Self::Gap { .. } => "gap",
            Self::Link { .. } => "link",
            Self::Repeated { .. } => "repeated",
            Self::Fork { .. } => "fork",
            Self::Late { .. } => "late",
        }
    }
}

impl Default for ChainHead {
    fn default() -> Self {
        Self { dseq: 0, hash: ZERO }
    }
}

impl ChainHead {
    /// The head after `header`, whose bytes are `bytes`. Errors are [`ChainError::Gap`],
    /// [`ChainError::Link`] and, for any number that is not above the head, [`ChainError::Late`]; who keeps
    /// earlier headers can tell a repetition or a fork from that.
    pub fn follow(&self, header: &Header, bytes: &[u8]) -> Result<Self, ChainError> {
        let (dev, dseq) = (header.dev.clone(), header.dseq);
        if dseq <= self.dseq {
            Err(ChainError::Late { dev, dseq })
        } else if dseq - self.dseq > 1 {
            Err(ChainError::Gap {
                dev,
                last: self.dseq,
                found: dseq,
            })
        } else if header.prev != self.hash {
            Err(ChainError::Link { dev, dseq })
        } else {
            Ok(Self {
                dseq,
                hash: sha256(bytes),
            })
        }
    }
}

impl DeviceCertificate {
    /// Reads the certificate from a `device.enrolled` entry; `None` for other kinds.
    pub fn from_entry(entry: &ServerEntry) -> Option<Result<Self, ChainError>> {
        Self::of_kind(DEVICE_ENROLLED, entry)
    }

    /// Reads the certificate of a partner's key, which signs statements and no events, from a `partner.added` entry; `None`
    /// for other kinds.
    pub fn of_partner(entry: &ServerEntry) -> Option<Result<Self, ChainError>> {
        Self::of_kind(PARTNER_ADDED, entry)
    }

    fn of_kind(kind: &str, entry: &ServerEntry) -> Option<Result<Self, ChainError>> {
        (entry.t == kind).then(|| {
            let text = |name: &str| entry.detail.get(name).and_then(|value| value.as_text());
            let (dev, kid, key) = text("dev")
                .zip(text("kid"))
                .zip(text("key"))
                .map(|((dev, kid), key)| (dev, kid, key))
                .ok_or(ChainError::Enrolment)?;
            // Entries name the algorithm only where it is not the first one that there was.
            let alg = match entry.detail.get("alg") {
                None => Algorithm::Ed25519,
                Some(alg) => match alg.as_text().map(str::to_owned).map(Algorithm::from_name) {
                    Some(Algorithm::Es256) => Algorithm::Es256,
                    _ => return Err(ChainError::Enrolment),
                },
            };
            let key = base64url_decode(key)
                .and_then(|bytes| DeviceKey::parse(&alg, &bytes))
                .ok_or(ChainError::Enrolment)?;
            Ok(Self {
                dev: dev.to_owned(),
                kid: kid.to_owned(),
                key,
            })
        })
    }
}

/// The place of an event in its device's chain where its header is kept sealed: what is missing follows from the header
/// after it, which names the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldEvent {
    /// Device.
    pub dev: String,
    /// Key that signed.
    pub kid: String,
    /// Number of the event.
    pub dseq: u64,
    /// SHA-256 of its header.
    pub hash: Hash,
}

impl WithheldEvent {
    /// Reads a `device.withheld` entry; `None` for other kinds.
    pub fn from_entry(entry: &ServerEntry) -> Option<Result<Self, ChainError>> {
        (entry.t == DEVICE_WITHHELD).then(|| {
            let text = |name: &str| entry.detail.get(name).and_then(|value| value.as_text());
            let dseq = entry.detail.get("dseq").and_then(Value::as_integer);
            let dseq = dseq.and_then(|dseq| u64::try_from(dseq).ok());
            let hash = text("head").and_then(Hash::from_hex);
            match (text("dev"), text("kid"), dseq, hash) {
                (Some(dev), Some(kid), Some(dseq), Some(hash)) => Ok(Self {
                    dev: dev.to_owned(),
                    kid: kid.to_owned(),
                    dseq,
                    hash,
                }),
                _ => Err(ChainError::Withheld),
            }
        })
    }
}

/// Signs header bytes with the 32-byte seed of an Ed25519 key.
pub fn sign_header(seed: &[u8; 32], hdr: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(seed).sign(&signed_bytes(hdr)).to_bytes()
}

/// Public key that belongs to the seed of an Ed25519 key.
pub fn public_key(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Checks one signature over header bytes.
pub fn verify_header(key: &DeviceKey, hdr: &[u8], sig: &[u8]) -> Result<(), ChainError> {
    if key.verifies(&signed_bytes(hdr), sig) {
        Ok(())
    } else {
        Err(ChainError::Signature)
    }
}

/// What a device signs for header bytes.
pub fn signed_bytes(hdr: &[u8]) -> Vec<u8> {
    [HEADER_DOMAIN, hdr].concat()
}

/// Follows all devices of a log.
#[derive(Clone, Debug, Default)]
pub struct ChainVerifier {
    keys: BTreeMap<String, DeviceCertificate>,
    /// Those of the keys whose signatures can be checked in batches.
    batched: BTreeMap<String, BatchKey>,
    devices: BTreeMap<String, Device>,
}

#[derive(Clone, Debug, Default)]
struct Device {
    head: ChainHead,
    seen: BTreeMap<u64, Seen>,
}

/// A header that was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    hash: Hash,
    /// Stands for the event's identity: enough to compare two, without keeping the text of a million. Not known of an event
    /// that is kept sealed.
    eid: Option<u64>,
}

fn eid_mark(eid: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    eid.hash(&mut hasher);
    hasher.finish()
}

impl ChainVerifier {
    /// Knows no device yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a key known; the same certificate again is fine.
    pub fn enrol(&mut self, certificate: DeviceCertificate) -> Result<(), ChainError> {
        if let Some(known) = self.keys.get(&certificate.kid) {
            let same = *known == certificate;
            return if same {
                Ok(())
            } else {
                Err(ChainError::Enrolled { kid: certificate.kid })
            };
        }
        // A device has one key for life, so nobody can go on with its chain by enrolling a key of their own for it.
        if self.keys.values().any(|known| known.dev == certificate.dev) {
            return Err(ChainError::Rekeyed { dev: certificate.dev });
        }
        if let DeviceKey::Ed25519(key) = &certificate.key
            && let Some(batched) = BatchKey::new(key)
        {
            self.batched.insert(certificate.kid.clone(), batched);
        }
        self.keys.insert(certificate.kid.clone(), certificate);
        Ok(())
    }

    /// Number of devices with an enrolled key.
    pub fn device_count(&self) -> usize {
        let names: std::collections::BTreeSet<&str> = self.keys.values().map(|known| known.dev.as_str()).collect();
        names.len()
    }

    /// Where a device's chain stands.
    pub fn head(&self, dev: &str) -> Option<ChainHead> {
        self.devices.get(dev).map(|device| device.head)
    }

    /// For each event whether its signature was found to hold with those of the others. Where not, it may hold all the
    /// same: when its key is not known yet, or another signature is wrong.
    pub fn vouch(&self, events: &[&DeviceEvent]) -> Vec<bool> {
        if events.len() < BATCH_MIN {
            return vec![false; events.len()];
        }
        let mut batch = Batch::new();
        let mut added = Vec::with_capacity(events.len());
        for event in events {
            let key = self.batched.get(&event.kid).filter(|_| event.alg == Algorithm::Ed25519);
            if let Some(key) = key {
                batch.add(key, &[HEADER_DOMAIN, &event.hdr], &event.sig);
            }
            added.push(key.is_some());
        }
        if batch.holds() {
            added
        } else {
            vec![false; events.len()]
        }
    }

    /// Checks key and signature, and no place in the chain.
    pub fn signed(&self, event: &DeviceEvent) -> Result<Header, ChainError> {
        self.signed_vouched(event, false)
    }

    fn signed_vouched(&self, event: &DeviceEvent, vouched: bool) -> Result<Header, ChainError> {
        let kid = || event.kid.clone();
        let certificate = self
            .keys
            .get(&event.kid)
            .ok_or_else(|| ChainError::UnknownKey { kid: kid() })?;
        let header = event.header()?;
        if header.dev != certificate.dev {
            return Err(ChainError::ForeignKey {
                dev: header.dev,
                kid: kid(),
            });
        }
        if event.alg != certificate.key.algorithm() {
            return Err(ChainError::Algorithm(event.alg.name().to_owned()));
        }
        if !vouched {
            verify_header(&certificate.key, &event.hdr, &event.sig)?;
        }
        Ok(header)
    }

    /// Whether a header that a device signed, with these bytes, contradicts the logged one with the hash `first`: it bears
    /// that one's number or an earlier one and is not the logged one, follows another than that one, or repeats its event.
    pub fn contradicts(&self, header: &Header, bytes: &[u8], first: Hash) -> bool {
        let (hash, eid) = (sha256(bytes), Some(eid_mark(&header.eid)));
        let seen = self.devices.get(&header.dev).map(|device| &device.seen);
        let is_logged = seen
            .and_then(|seen| seen.get(&header.dseq))
            .is_some_and(|seen| seen.hash == hash);
        let number = match seen {
            _ if first == ZERO => Some(0),
            Some(seen) => seen
                .iter()
                .find_map(|(dseq, seen)| (seen.hash == first).then_some(*dseq)),
            None => None,
        };
        let splits = |number: u64| header.dseq <= number || header.dseq - number == 1 && header.prev != first;
        // The event that it repeats may be another device's.
        let mut others = self.devices.values().flat_map(|device| device.seen.values());
        !is_logged && (number.is_some_and(splits) || others.any(|seen| seen.hash == first && seen.eid == eid))
    }

    /// Checks key, signature and place in the chain. An event whose signature holds moves the chain on
    /// even after a gap or broken link, so that one fault is reported once.
    pub fn accept(&mut self, event: &DeviceEvent) -> Result<Header, ChainError> {
        self.accept_vouched(event, false)
    }

    /// The same for an event whose signature [`ChainVerifier::vouch`] may have checked already.
    pub fn accept_vouched(&mut self, event: &DeviceEvent, vouched: bool) -> Result<Header, ChainError> {
        let header = self.signed_vouched(event, vouched)?;
        let device = self.devices.entry(header.dev.clone()).or_default();
        let followed = device.head.follow(&header, &event.hdr).map(drop);
        let seen = Seen {
            hash: sha256(&event.hdr),
            eid: Some(eid_mark(&header.eid)),
        };
        device.extend((&header.dev, header.dseq), seen, followed)?;
        Ok(header)
    }

    /// Moves a chain on over an event whose header is kept sealed. That the device made it shows with its next event.
    pub fn withhold(&mut self, event: &WithheldEvent) -> Result<(), ChainError> {
        let kid = || event.kid.clone();
        let certificate = self
            .keys
            .get(&event.kid)
            .ok_or_else(|| ChainError::UnknownKey { kid: kid() })?;
        let dev = || event.dev.clone();
        if certificate.dev != event.dev {
            return Err(ChainError::ForeignKey { dev: dev(), kid: kid() });
        }
        let device = self.devices.entry(dev()).or_default();
        let (last, found) = (device.head.dseq, event.dseq);
        let followed = match found.checked_sub(last) {
            None | Some(0) => Err(ChainError::Late {
                dev: dev(),
                dseq: found,
            }),
            Some(1) => Ok(()),
            Some(_) => Err(ChainError::Gap {
                dev: dev(),
                last,
                found,
            }),
        };
        let seen = Seen {
            hash: event.hash,
            eid: None,
        };
        device.extend((&event.dev, found), seen, followed)
    }
}

impl Device {
    fn extend(
        &mut self,
        (dev, dseq): (&str, u64),
        seen: Seen,
        followed: Result<(), ChainError>,
    ) -> Result<(), ChainError> {
        let (dev, hash) = (dev.to_owned(), seen.hash);
        match self.seen.get(&dseq) {
            Some(earlier) if earlier.hash == hash => return Err(ChainError::Repeated { dev, dseq }),
            Some(_) => return Err(ChainError::Fork { dev, dseq }),
            None => self.seen.insert(dseq, seen),
        };
        if dseq > self.head.dseq {
            self.head = ChainHead { dseq, hash };
        }
        followed
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
