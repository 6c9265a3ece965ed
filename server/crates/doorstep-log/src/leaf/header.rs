//! The header of a device event: what the device signs.
//!
//! Holds numbers, aliases and commitments only. Members that this version does not know are kept in
//! `extra`, so the same bytes come out again.

use std::collections::BTreeMap;

use super::fields::{Fields, Members, natural};
use super::{LeafError, limited};
use crate::canonical::{self, Value};
use crate::hash::Hash;

/// What a device says about one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Device.
    pub dev: String,
    /// Number of the event on this device, from 1, without gaps.
    pub dseq: u64,
    /// SHA-256 of the previous header's bytes; 32 zero bytes for the first.
    pub prev: Hash,
    /// Identity of the event (`UUIDv7`); the payload file is named after it.
    pub eid: String,
    /// Kind of event, member `type`.
    pub kind: String,
    /// Alias of the visit; left out when there is none.
    pub visit: Option<String>,
    /// Aliases of the persons concerned; left out when empty.
    pub subj: Vec<String>,
    /// Device's wall clock, milliseconds since 1970 UTC.
    pub wall_ms: i64,
    /// Milliseconds since the device started, including sleep.
    pub mono_ms: u64,
    /// Which start of the device `mono_ms` counts from.
    pub boot: String,
    /// Offset of the device's time zone from UTC in minutes.
    pub tz_min: i64,
    /// Code for the quality of the location in the payload; left out when there is none.
    pub loc_q: Option<String>,
    /// SHA-256 of the rule pack that the device applied; left out when none applies.
    pub rules: Option<Hash>,
    /// Program and version.
    pub app: String,
    /// Last checkpoint of the events log that this device has verified; left out before the first.
    pub cp: Option<CheckpointSeen>,
    /// Commitment to the payload; left out when there is none.
    pub pc: Option<Hash>,
    /// Commitments of evidence files; left out when empty.
    pub att: Vec<Hash>,
    /// Members that this version does not know.
    pub extra: BTreeMap<String, Value>,
}

/// A checkpoint that a device has verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckpointSeen {
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

impl Header {
    /// The bytes to sign. An `extra` member never replaces one of the format.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let mut members = Members::version_1();
        members.text("dev", &self.dev);
        members.natural("dseq", self.dseq)?;
        members.hash_if("prev", Some(self.prev));
        members.text("eid", &self.eid);
        members.text("type", &self.kind);
        members.text_if("visit", self.visit.as_deref());
        members.texts("subj", &self.subj);
        members.integer("wall_ms", self.wall_ms);
        members.natural("mono_ms", self.mono_ms)?;
        members.text("boot", &self.boot);
        members.integer("tz_min", self.tz_min);
        members.text_if("loc_q", self.loc_q.as_deref());
        members.hash_if("rules", self.rules);
        members.text("app", &self.app);
        if let Some(seen) = self.cp {
            let size = natural("cp", seen.size)?;
            let root = Value::Text(seen.root.to_hex());
            let inner = BTreeMap::from([("size".to_owned(), size), ("root".to_owned(), root)]);
            members.put("cp", Value::Object(inner));
        }
        members.hash_if("pc", self.pc);
        members.texts("att", &self.att.iter().map(|hash| hash.to_hex()).collect::<Vec<_>>());
        limited(canonical::encode(&Value::Object(members.over(&self.extra).into_map()))?)
    }

    /// Reads signed bytes; refuses every encoding that [`Header::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut fields = Fields::open(bytes)?;
        Ok(Self {
            dev: fields.text("dev")?,
            dseq: fields.natural("dseq")?,
            prev: fields.hash("prev")?,
            eid: fields.text("eid")?,
            kind: fields.text("type")?,
            visit: fields.text_if("visit")?,
            subj: fields.texts("subj")?,
            wall_ms: fields.integer("wall_ms")?,
            mono_ms: fields.natural("mono_ms")?,
            boot: fields.text("boot")?,
            tz_min: fields.integer("tz_min")?,
            loc_q: fields.text_if("loc_q")?,
            rules: fields.hash_if("rules")?,
            app: fields.text("app")?,
            cp: take_seen(&mut fields)?,
            pc: fields.hash_if("pc")?,
            att: take_hashes(&fields.texts("att")?)?,
            extra: fields.rest(),
        })
    }
}

fn take_seen(fields: &mut Fields) -> Result<Option<CheckpointSeen>, LeafError> {
    let members = fields.object("cp")?;
    if members.is_empty() {
        return Ok(None);
    }
    let mut inner = Fields::inner(members);
    let seen = CheckpointSeen {
        size: inner.natural("size")?,
        root: inner.hash("root")?,
    };
    match inner.rest().into_keys().next() {
        None => Ok(Some(seen)),
        Some(name) => Err(LeafError::Unknown(name)),
    }
}

fn take_hashes(texts: &[String]) -> Result<Vec<Hash>, LeafError> {
    texts
        .iter()
        .map(|text| Hash::from_hex(text).ok_or(LeafError::Wrong("att")))
        .collect()
}
