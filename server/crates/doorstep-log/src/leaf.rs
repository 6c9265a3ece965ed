//! Leaves: the exact bytes of one entry in a log, and the header inside that a device signed.
//!
//! Leaves carry no personal data: persons and visits are random aliases, contents are commitments. Kinds
//! that this version does not know are read as server entries and kept; extra members of a header are
//! kept; extra members of a leaf are refused, new server data goes into `detail`.

use std::collections::BTreeMap;

use crate::canonical::{self, CanonicalError, Value};
use crate::hash::{Hash, sha256_parts};

mod fields;
mod header;

use fields::{Fields, Members};
pub use header::{CheckpointSeen, Header};

/// Longest leaf and longest header, in bytes. Entry bundles would take 65535.
pub const LEAF_BYTES_MAX: usize = 16 * 1024;

/// `t` of a device event.
pub const DEVICE_EVENT: &str = "dev.event";
/// `t` of the entry that makes a device key known; `detail` holds `dev`, `kid`, `key` (base64url), and `alg` where it
/// is not Ed25519.
pub const DEVICE_ENROLLED: &str = "device.enrolled";
/// `t` of the entry that ends a device key; `detail` holds `kid`, and `dseq` and `head` of its chain.
pub const DEVICE_REVOKED: &str = "device.revoked";
/// `t` of the entry that keeps two headers of a device that contradict each other; `detail` holds `kid`, `dseq`, `first`
/// (hash of the header that was there) and `hdr`, `sig` of the second.
pub const DEVICE_FORK: &str = "device.fork";
/// `t` of the entry that lets a suspended device go on; `detail` holds `kid`, `dseq` and `head` of its chain.
pub const DEVICE_RESUMED: &str = "device.resumed";
/// `t` of the entry that reports a device lost; `detail` holds `kid`, and `dseq` and `head` of the last that is known.
pub const DEVICE_LOST: &str = "device.lost";
/// `t` of the entry in the place of a device event whose header the server keeps sealed; `detail` holds `dev`, `kid`, `dseq`
/// and `head` (hash of that header), `reason` why. The event as received is the entry's payload.
pub const DEVICE_WITHHELD: &str = "device.withheld";
/// `t` of the entry that makes a partner's key known; `detail` holds `dev` (the device on which it lies), `kid`, `key`
/// (base64url), and `alg` where it is not Ed25519. Its actor is the partner.
pub const PARTNER_ADDED: &str = "partner.added";
/// `t` of the entry that ends a partner's key; `detail` holds `dev` and `kid`.
pub const PARTNER_REMOVED: &str = "partner.removed";
/// `t` of the entry that says a person's key was destroyed; `subj` names the aliases.
pub const SUBJECT_ERASED: &str = "subject.erased";
/// `t` of the entry that says personal data was read; in the log of reads.
pub const ACCESS: &str = "access";
/// `t` of the entry that says a file left the system; in the log of reads.
pub const EXPORT: &str = "export";
/// `t` of the entry that says a witness refused a checkpoint.
pub const WITNESS_REFUSED: &str = "witness.refused";
/// Kind of the first leaf of a log that continues another.
pub const LOG_CONTINUED: &str = "log.continued";
/// Kind of a leaf of the meta log: a checkpoint of a tenant's log was published.
pub const LOG_CHECKPOINT: &str = "log.checkpoint";

/// Prefix of every payload commitment; keeps them apart from all other uses of SHA-256.
const COMMITMENT_DOMAIN: &[u8] = b"doorstep/pc/v1";

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// An event that a device signed.
    Device(DeviceEvent),
    /// An entry that the server made.
    Server(ServerEntry),
}

/// An event as received from a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceEvent {
    /// Tenant.
    pub ten: String,
    /// The log index the receiver expected; a hint for humans, the true index is the place in the tree.
    pub seq_hint: u64,
    /// When the server received it, milliseconds since 1970 UTC.
    pub recv_ms: i64,
    /// The exact bytes that the device signed: a canonical [`Header`].
    pub hdr: Vec<u8>,
    /// Which key of the device signed.
    pub kid: String,
    /// Signature algorithm.
    pub alg: Algorithm,
    /// Signature over the header bytes, see `chain`.
    pub sig: Vec<u8>,
}

/// Signature algorithm of a device key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// ECDSA on P-256 with SHA-256, for hardware that has nothing else; see `device_key` for its encodings.
    Es256,
    /// One that this version does not know.
    Other(String),
}

/// An entry made by the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerEntry {
    /// Tenant.
    pub ten: String,
    /// Kind, for instance `device.enrolled` or `access`; never `dev.event`.
    pub t: String,
    /// When the server made it, milliseconds since 1970 UTC.
    pub recv_ms: i64,
    /// Who acted: alias of a user, or the name of a job.
    pub actor: String,
    /// Session in which it happened.
    pub session: Option<String>,
    /// Aliases of the persons concerned; left out when empty.
    pub subj: Vec<String>,
    /// Alias of the visit concerned.
    pub visit: Option<String>,
    /// Reason code.
    pub reason: Option<String>,
    /// Commitment to a payload, see [`commitment`].
    pub pc: Option<Hash>,
    /// Identity of the payload; payload files are named after it.
    pub eid: Option<String>,
    /// Members that belong to the kind; left out when empty.
    pub detail: BTreeMap<String, Value>,
}

/// Why bytes are not a leaf or header, or a value cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not canonical JSON.
    #[error("the leaf is not canonical JSON")]
    Canonical(#[from] CanonicalError),
    /// Longer than [`LEAF_BYTES_MAX`].
    #[error("{bytes} bytes are more than the 16384 a leaf may have; move content to the payload")]
    TooLong {
        /// Length found.
        bytes: usize,
    },
    /// A required member is missing.
    #[error("member {0:?} is missing; add it")]
    Missing(&'static str),
    /// A member has another type or a value out of range.
    #[error("member {0:?} has a wrong type or value; see the leaf format")]
    Wrong(&'static str),
    /// A leaf has a member that the format does not know.
    #[error("member {0:?} is not part of a leaf; server data belongs into detail")]
    Unknown(String),
    /// Another format version than 1.
    #[error("leaf version {0} is not known here; update the program")]
    Version(i64),
}

/// The hiding commitment to a payload: SHA-256("doorstep/pc/v1" ‖ salt ‖ payload).
pub fn commitment(salt: &[u8; 32], payload: &[u8]) -> Hash {
    sha256_parts(&[COMMITMENT_DOMAIN, salt, payload])
}

impl Leaf {
    /// When the server made or received it, milliseconds since 1970 UTC.
    pub const fn made_ms(&self) -> i64 {
        match self {
            Self::Device(event) => event.recv_ms,
            Self::Server(entry) => entry.recv_ms,
        }
    }

    /// The leaf's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let members = match self {
            Self::Device(event) => event.members()?,
            Self::Server(entry) => entry.members()?,
        };
        limited(canonical::encode(&Value::Object(members))?)
    }

    /// Reads a leaf; refuses everything that [`Leaf::encode`] would write in another way.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut fields = Fields::open(bytes)?;
        let leaf = match fields.text("t")?.as_str() {
            DEVICE_EVENT => Self::Device(DeviceEvent::take(&mut fields)?),
            "" => return Err(LeafError::Wrong("t")),
            kind => Self::Server(ServerEntry::take(kind, &mut fields)?),
        };
        match fields.rest().into_keys().next() {
            None => Ok(leaf),
            Some(name) => Err(LeafError::Unknown(name)),
        }
    }

    /// Tenant.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Device(event) => &event.ten,
            Self::Server(entry) => &entry.ten,
        }
    }

    /// When the server made or received it, milliseconds since 1970 UTC, by its own clock.
    pub fn recv_ms(&self) -> i64 {
        match self {
            Self::Device(event) => event.recv_ms,
            Self::Server(entry) => entry.recv_ms,
        }
    }

    /// Kind, the member `t`.
    pub fn kind(&self) -> &str {
        match self {
            Self::Device(_) => DEVICE_EVENT,
            Self::Server(entry) => &entry.t,
        }
    }
}

impl DeviceEvent {
    /// Reads the signed header.
    pub fn header(&self) -> Result<Header, LeafError> {
        Header::decode(&self.hdr)
    }

    fn members(&self) -> Result<BTreeMap<String, Value>, LeafError> {
        let mut members = Members::version_1();
        members.text("t", DEVICE_EVENT);
        members.text("ten", &self.ten);
        members.natural("seq_hint", self.seq_hint)?;
        members.integer("recv_ms", self.recv_ms);
        members.bytes("hdr", &self.hdr);
        members.text("kid", &self.kid);
        members.text("alg", self.alg.name());
        members.bytes("sig", &self.sig);
        Ok(members.into_map())
    }

    fn take(fields: &mut Fields) -> Result<Self, LeafError> {
        Ok(Self {
            ten: fields.text("ten")?,
            seq_hint: fields.natural("seq_hint")?,
            recv_ms: fields.integer("recv_ms")?,
            hdr: fields.bytes("hdr")?,
            kid: fields.text("kid")?,
            alg: Algorithm::from_name(fields.text("alg")?),
            sig: fields.bytes("sig")?,
        })
    }
}

impl Algorithm {
    /// Name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::Es256 => "ES256",
            Self::Other(name) => name,
        }
    }

    /// Reads a name; an unknown one is kept.
    pub fn from_name(name: String) -> Self {
        match name.as_str() {
            "Ed25519" => Self::Ed25519,
            "ES256" => Self::Es256,
            _ => Self::Other(name),
        }
    }
}

impl ServerEntry {
    fn members(&self) -> Result<BTreeMap<String, Value>, LeafError> {
        if self.t == DEVICE_EVENT || self.t.is_empty() {
            return Err(LeafError::Wrong("t"));
        }
        let mut members = Members::version_1();
        members.text("t", &self.t);
        members.text("ten", &self.ten);
        members.integer("recv_ms", self.recv_ms);
        members.text("actor", &self.actor);
        members.text_if("session", self.session.as_deref());
        members.texts("subj", &self.subj);
        members.text_if("visit", self.visit.as_deref());
        members.text_if("reason", self.reason.as_deref());
        members.hash_if("pc", self.pc);
        members.text_if("eid", self.eid.as_deref());
        members.object("detail", &self.detail);
        Ok(members.into_map())
    }

    fn take(kind: &str, fields: &mut Fields) -> Result<Self, LeafError> {
        Ok(Self {
            ten: fields.text("ten")?,
            t: kind.to_owned(),
            recv_ms: fields.integer("recv_ms")?,
            actor: fields.text("actor")?,
            session: fields.text_if("session")?,
            subj: fields.texts("subj")?,
            visit: fields.text_if("visit")?,
            reason: fields.text_if("reason")?,
            pc: fields.hash_if("pc")?,
            eid: fields.text_if("eid")?,
            detail: fields.object("detail")?,
        })
    }
}

fn limited(bytes: Vec<u8>) -> Result<Vec<u8>, LeafError> {
    if bytes.len() > LEAF_BYTES_MAX {
        Err(LeafError::TooLong { bytes: bytes.len() })
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "leaf/leaf_tests.rs"]
mod tests;
