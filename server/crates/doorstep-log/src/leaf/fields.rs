//! Typed members of a JSON object, going in and coming out.
//!
//! Knows JSON types and the version member, not which members a leaf has.

use std::collections::BTreeMap;

use super::{LEAF_BYTES_MAX, LeafError};
use crate::canonical::{self, CanonicalError, INTEGER_MAX, Value};
use crate::hash::{Hash, base64url_decode, base64url_encode};

/// Members on their way out.
pub(super) struct Members(BTreeMap<String, Value>);

impl Members {
    pub(super) fn version_1() -> Self {
        Self(BTreeMap::from([("v".to_owned(), Value::Integer(1))]))
    }

    pub(super) fn over(mut self, extra: &BTreeMap<String, Value>) -> Self {
        for (name, value) in extra {
            self.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self
    }

    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.put(name, text);
    }

    pub(super) fn text_if(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    pub(super) fn texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.put(
                name,
                Value::Array(texts.iter().map(|text| Value::from(text.as_str())).collect()),
            );
        }
    }

    pub(super) fn integer(&mut self, name: &str, number: i64) {
        self.put(name, number);
    }

    pub(super) fn natural(&mut self, name: &'static str, number: u64) -> Result<(), LeafError> {
        self.put(name, natural(name, number)?);
        Ok(())
    }

    pub(super) fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.put(name, base64url_encode(bytes));
    }

    pub(super) fn hash_if(&mut self, name: &str, hash: Option<Hash>) {
        if let Some(hash) = hash {
            self.put(name, hash.to_hex());
        }
    }

    pub(super) fn object(&mut self, name: &str, members: &BTreeMap<String, Value>) {
        if !members.is_empty() {
            self.put(name, Value::Object(members.clone()));
        }
    }

    pub(super) fn into_map(self) -> BTreeMap<String, Value> {
        self.0
    }
}

/// A number that is at least 0 as a JSON integer.
pub(super) fn natural(name: &'static str, number: u64) -> Result<Value, LeafError> {
    let number = i64::try_from(number).ok().filter(|number| *number <= INTEGER_MAX);
    number.map(Value::Integer).ok_or(LeafError::Wrong(name))
}

/// Members on their way in; each is taken once.
pub(super) struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// Reads an object with `v` 1. Bytes are canonical; what else could be written in two ways, an empty list or object in
    /// place of none, each reader of a member refuses.
    pub(super) fn open(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > LEAF_BYTES_MAX {
            return Err(LeafError::TooLong { bytes: bytes.len() });
        }
        let Value::Object(members) = canonical::decode(bytes)? else {
            return Err(LeafError::Missing("v"));
        };
        let mut fields = Self(members);
        match fields.integer("v")? {
            1 => Ok(fields),
            version => Err(LeafError::Version(version)),
        }
    }

    pub(super) fn inner(members: BTreeMap<String, Value>) -> Self {
        Self(members)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, LeafError> {
        self.text_if(name)?.ok_or(LeafError::Missing(name))
    }

    pub(super) fn text_if(&mut self, name: &'static str) -> Result<Option<String>, LeafError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(LeafError::Wrong(name)),
        }
    }

    pub(super) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, LeafError> {
        match self.0.remove(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) if items.is_empty() => Err(CanonicalError::NotCanonical.into()),
            Some(Value::Array(items)) => items
                .into_iter()
                .map(|item| {
                    if let Value::Text(text) = item {
                        Ok(text)
                    } else {
                        Err(LeafError::Wrong(name))
                    }
                })
                .collect(),
            Some(_) => Err(LeafError::Wrong(name)),
        }
    }

    pub(super) fn integer(&mut self, name: &'static str) -> Result<i64, LeafError> {
        match self.0.remove(name) {
            None => Err(LeafError::Missing(name)),
            Some(Value::Integer(number)) => Ok(number),
            Some(_) => Err(LeafError::Wrong(name)),
        }
    }

    pub(super) fn natural(&mut self, name: &'static str) -> Result<u64, LeafError> {
        u64::try_from(self.integer(name)?).map_err(|_| LeafError::Wrong(name))
    }

    pub(super) fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, LeafError> {
        base64url_decode(&self.text(name)?).ok_or(LeafError::Wrong(name))
    }

    pub(super) fn hash(&mut self, name: &'static str) -> Result<Hash, LeafError> {
        self.hash_if(name)?.ok_or(LeafError::Missing(name))
    }

    pub(super) fn hash_if(&mut self, name: &'static str) -> Result<Option<Hash>, LeafError> {
        let text = self.text_if(name)?;
        text.map(|text| Hash::from_hex(&text).ok_or(LeafError::Wrong(name)))
            .transpose()
    }

    pub(super) fn object(&mut self, name: &'static str) -> Result<BTreeMap<String, Value>, LeafError> {
        match self.0.remove(name) {
            None => Ok(BTreeMap::new()),
            Some(Value::Object(members)) if members.is_empty() => Err(CanonicalError::NotCanonical.into()),
            Some(Value::Object(members)) => Ok(members),
            Some(_) => Err(LeafError::Wrong(name)),
        }
    }

    pub(super) fn rest(self) -> BTreeMap<String, Value> {
        self.0
    }
}
