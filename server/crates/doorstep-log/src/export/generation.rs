//! Generations of a log: after a restore that lost entries a log goes on under `<log>-2`, `-3` and so on.
//!
//! The first leaf of every later generation says which log it continues and how much of it is left. One that ended before it
//! was signed keeps no leaf: its first leaf stands second in the generation after it.

use std::fmt;

use super::LogName;
use crate::canonical::Value;
use crate::hash::Hash;
use crate::leaf::{LOG_CONTINUED, Leaf};
use crate::note::{self, VerifierKey};
use crate::proof::Proof;

/// One generation of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation {
    /// Which log.
    pub log: LogName,
    /// Which generation, from 1.
    pub number: u32,
}

impl From<LogName> for Generation {
    /// The first generation.
    fn from(log: LogName) -> Self {
        Self { log, number: 1 }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => write!(out, "{}", self.log),
            number => write!(out, "{}-{number}", self.log),
        }
    }
}

impl Generation {
    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            number: self.number + 1,
            ..self
        }
    }

    /// Path of the newest head that is known of this generation, where less is left of it: a note that witnesses cosigned.
    pub fn known_path(self) -> String {
        self.path("known")
    }

    /// Path of a file of this generation.
    pub fn path(self, file: &str) -> String {
        format!("{self}/{file}")
    }

    /// Origin of this generation under a tenant's origin `<deployment>/<tenant>`.
    pub fn origin(self, tenant_origin: &str) -> String {
        format!("{tenant_origin}/{self}")
    }
}

/// Which generation a log of this origin is, from 1.
fn number_of(origin: &str) -> Option<u64> {
    let name = origin.rsplit('/').next()?;
    name.split_once('-').map_or(Some(1), |(_, number)| number.parse().ok())
}

/// What the first leaf of a later generation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// Tenant.
    pub ten: String,
    /// Origin of the log that it continues.
    pub origin: String,
    /// The newest head of that log that is known to have been signed: number of leaves and root.
    pub known: (u64, Hash),
    /// What is left of it: number of leaves and root.
    pub left: (u64, Hash),
    /// Why, as a code.
    pub reason: String,
}

impl Continuation {
    /// The place at which the log of an origin may say this: first of all where it is the next generation, one later for
    /// each between that ended before it was signed.
    pub fn place_in(&self, origin: &str) -> Option<u64> {
        number_of(origin)?.checked_sub(number_of(&self.origin)?)?.checked_sub(1)
    }

    /// What one of the first leaves of a log continues, and that log's origin, where the proof file leads from it to a head that
    /// the key signed.
    pub fn proven(proof: &[u8], key: &VerifierKey) -> Option<(String, Self)> {
        let proof = Proof::parse(proof).ok()?;
        let leaf = proof.extra.clone()?;
        let claimed = note::text_unverified(&proof.checkpoint).ok()?.split('\n').next()?;
        let stands = proof.verify(&leaf, &[key.renamed(claimed).ok()?]).ok()?;
        let found = Self::of_leaf(&Leaf::decode(&leaf).ok()?)?;
        (found.place_in(&stands.origin) == Some(proof.index)).then_some((stands.origin, found))
    }

    /// How many leaves that were signed are lost, as it says.
    pub fn lost(&self) -> u64 {
        self.known.0.saturating_sub(self.left.0)
    }

    /// Whether the log was signed as two histories: another tree, no larger than what is left, had been signed as well.
    pub fn is_fork(&self) -> bool {
        self.known.0 <= self.left.0 && self.known != self.left
    }

    /// Reads a leaf; `None` where it is another one or malformed.
    pub fn of_leaf(leaf: &Leaf) -> Option<Self> {
        let Leaf::Server(entry) = leaf else { return None };
        if entry.t != LOG_CONTINUED {
            return None;
        }
        let text = |name: &str| entry.detail.get(name).and_then(Value::as_text);
        let size = |name: &str| match entry.detail.get(name) {
            Some(Value::Integer(size)) => u64::try_from(*size).ok(),
            _ => None,
        };
        Some(Self {
            ten: entry.ten.clone(),
            origin: text("origin")?.to_owned(),
            known: (size("size")?, Hash::from_hex(text("root")?)?),
            left: (size("left_size")?, Hash::from_hex(text("left_root")?)?),
            reason: entry.reason.clone()?,
        })
    }
}
