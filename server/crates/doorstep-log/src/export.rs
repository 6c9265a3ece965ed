//! The export folder: which files it has, what they are called and how they are written.
//!
//! Layout, all paths with `/`: `<log>/checkpoint`, `<log>/tile/...`, `<log>/tile/entries/...` for the logs
//! `events` and `access`, and the same under `<log>-2/` and on where a log was continued; `keys/log.vkey`;
//! `keys/meta.vkey` and `meta/<log>.tlog-proof` for the operator's meta log; `payloads/<first two digits of
//! eid>/<eid>.sealed`; optionally `openings.jsonl` and `policy`; `stamps/<log>-<size>.tsr` with the stamped checkpoint beside it; and
//! `MANIFEST`, a signed note that lists every other file. Device keys are not exported apart: they stand in the
//! `device.enrolled` leaves. The export of one case (`case`) has proofs in place of tiles. Does no I/O: the caller reads and
//! writes files.

use std::collections::BTreeMap;
use std::fmt;

use crate::canonical::{self, Value};
use crate::hash::{base64url_decode, base64url_encode};
use crate::leaf::LeafError;

mod case;
mod generation;
mod lines;
mod manifest;
mod writer;

pub use case::{Belongs, CaseAbout, ChainGap, proof_path};
pub use generation::{Continuation, Generation};
pub use lines::Spool;
pub use manifest::{ExportKind, Manifest, ManifestError, ManifestFile};
pub use writer::{ExportKeys, Published, Summary, WriteError, Writer};

/// No list of files, and no file in an export, is larger: some millions of lines.
pub const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Path of the signed list of files.
pub const MANIFEST_PATH: &str = "MANIFEST";
/// Path of the public keys, one vkey a line.
pub const KEYS_PATH: &str = "keys/log.vkey";
/// Path of the operator's public key, which signs the meta log, as a vkey.
pub const META_KEY_PATH: &str = "keys/meta.vkey";
/// Path of the opened payloads, one canonical JSON object a line.
pub const OPENINGS_PATH: &str = "openings.jsonl";
/// Path of what the export of a case says of itself.
pub const CASE_PATH: &str = "case.json";
/// Path of the policy by which the logs are witnessed.
pub const POLICY_PATH: &str = "policy";
/// Folder of the time stamps.
pub const STAMPS_FOLDER: &str = "stamps/";
/// Path of the certificates that the operator trusts for time stamps.
pub const STAMP_CA_PATH: &str = "stamps/ca.pem";
/// Folder of the sealed payloads.
pub const PAYLOADS_FOLDER: &str = "payloads/";

/// The two logs of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogName {
    /// Events and changes; all device events are here.
    Events,
    /// Reads of personal data.
    Access,
}

impl LogName {
    /// Both, in the order they are written and verified.
    pub const ALL: [Self; 2] = [Self::Events, Self::Access];

    /// Folder name and last part of the origin.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Access => "access",
        }
    }

    /// Path of a file of this log.
    pub fn path(self, file: &str) -> String {
        format!("{}/{file}", self.as_str())
    }

    /// Path of the proof that this log's checkpoint stands in the operator's meta log.
    pub fn meta_path(self) -> String {
        format!("meta/{}.tlog-proof", self.as_str())
    }

    /// Origin of this log under a tenant's origin `<deployment>/<tenant>`.
    pub fn origin(self, tenant_origin: &str) -> String {
        format!("{tenant_origin}/{}", self.as_str())
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Hands out the files of an export.
pub trait ExportReader {
    /// Paths of all files, relative to the export folder, with `/`.
    fn list(&self) -> std::io::Result<Vec<String>>;
    /// Bytes of one file.
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>>;
    /// Bytes of one file that has at most so many; [`std::io::ErrorKind::FileTooLarge`] otherwise. Who reads what a stranger
    /// made should look before it fills the memory.
    fn read_up_to(&self, path: &str, bytes_max: u64) -> std::io::Result<Vec<u8>> {
        let bytes = self.read(path)?;
        if bytes.len() as u64 > bytes_max {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }
}

/// An export in memory.
impl ExportReader for BTreeMap<String, Vec<u8>> {
    fn list(&self) -> std::io::Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }

    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        self.get(path)
            .cloned()
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

/// A payload in the clear with the salt of its commitment: one line of `openings.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Identity of the event or entry.
    pub eid: String,
    /// Salt of the commitment.
    pub salt: [u8; 32],
    /// Payload bytes.
    pub payload: Vec<u8>,
}

impl Opening {
    /// The line, without newline.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let members = [
            ("eid", self.eid.clone()),
            ("payload", base64url_encode(&self.payload)),
            ("salt", base64url_encode(&self.salt)),
        ];
        let object = members.map(|(name, text)| (name.to_owned(), Value::Text(text))).into();
        Ok(canonical::encode(&Value::Object(object))?)
    }

    /// Reads a line; refuses any other encoding and extra members.
    pub fn decode(line: &[u8]) -> Result<Self, LeafError> {
        let value = canonical::decode(line)?;
        let members = value.as_object().ok_or(LeafError::Missing("eid"))?;
        let text = |name: &'static str| {
            members
                .get(name)
                .and_then(Value::as_text)
                .ok_or(LeafError::Missing(name))
        };
        if let Some(name) = members
            .keys()
            .find(|name| !["eid", "payload", "salt"].contains(&name.as_str()))
        {
            return Err(LeafError::Unknown(name.clone()));
        }
        let salt = base64url_decode(text("salt")?).and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            eid: text("eid")?.to_owned(),
            salt: salt.ok_or(LeafError::Wrong("salt"))?,
            payload: base64url_decode(text("payload")?).ok_or(LeafError::Wrong("payload"))?,
        })
    }
}

/// Path of a sealed payload. `None` when `eid` is no lower-case UUID, so that no identity read from a leaf
/// can name a file elsewhere.
pub fn payload_path(eid: &str) -> Option<String> {
    is_payload_eid(eid).then(|| [PAYLOADS_FOLDER, &eid[..2], "/", eid, ".sealed"].concat())
}

/// Whether a payload of this identity has a path.
pub(crate) fn is_payload_eid(eid: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    let fits = |(place, digit): (usize, u8)| match digit {
        b'-' => hyphens.contains(&place),
        b'0'..=b'9' | b'a'..=b'f' => !hyphens.contains(&place),
        _ => false,
    };
    eid.len() == 36 && eid.bytes().enumerate().all(fits)
}

/// Paths of a time stamp and of the checkpoint that it is of. `log` is the last part of the log's origin.
pub fn stamp_paths(log: &str, size: u64) -> (String, String) {
    let place = format!("{STAMPS_FOLDER}{log}-{size}");
    (format!("{place}.tsr"), format!("{place}.checkpoint"))
}

/// Whether a path stays inside the export folder and has only plain characters.
pub(crate) fn is_plain_path(path: &str) -> bool {
    let plain = |symbol: u8| symbol.is_ascii_alphanumeric() || b"._-".contains(&symbol);
    path.split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain))
}

#[cfg(test)]
#[path = "export/export_tests.rs"]
mod tests;
