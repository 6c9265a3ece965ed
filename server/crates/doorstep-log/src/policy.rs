//! Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of these make a quorum.
//!
//! A file written by people: white space and comments are free, everything else is strict. Names of witnesses and groups
//! mean something inside the file only and are opaque bytes. Judges names of cosigners; whether a cosignature holds is
//! `cosignature`'s matter. Witnesses with ML-DSA-44 keys are read and count as witnesses that never cosign: this program
//! cannot check their signatures, and a policy that has others besides them is still one.

use std::collections::{BTreeMap, BTreeSet};

use crate::cosignature::{self, Cosignature, CosignatureError, Cosigner};
use crate::note::VerifierKey;

/// The most logs, witnesses and groups that a policy may have.
const MEMBERS_MAX: usize = 1_000;
/// The longest policy file.
const BYTES_MAX: usize = 1024 * 1024;

/// What a line of a policy does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// A byte that no policy holds.
    #[error("only tab, newline and printable characters are allowed")]
    Character,
    /// The first word is no keyword.
    #[error("a line begins with log, witness, group, quorum or #")]
    Keyword,
    /// Words are missing or too many.
    #[error("words are missing or too many")]
    Words,
    /// A log's key is none.
    #[error("the log's key is not name+hash+key with an Ed25519 key of type 1")]
    LogKey,
    /// A witness's key is none of a type that this program can check.
    #[error("the witness's key is not name+hash+key with an Ed25519 key of type 4 or an ML-DSA-44 key of type 6")]
    WitnessKey,
    /// Another line has the same public key.
    #[error("another line has the same public key")]
    Duplicate,
    /// An address is no UTF-8.
    #[error("the address is not UTF-8")]
    Url,
    /// A name stands for two things, or is `none`.
    #[error("the name is taken; `none` always is")]
    Name,
    /// A name is not defined on an earlier line.
    #[error("a name is not defined on an earlier line")]
    Unknown,
    /// A witness or group is a member twice.
    #[error("a witness or group is a member of two groups or twice of one")]
    Member,
    /// A threshold is not between 1 and the number of members.
    #[error("the threshold must be all, any or a number from 1 to the number of members")]
    Threshold,
    /// More than one quorum.
    #[error("a policy has one quorum line")]
    Quorum,
    /// More than the limits.
    #[error("the policy is too large: at most 1000 logs, witnesses and groups each and 1 MiB")]
    TooMuch,
}

/// Why a policy is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A line is wrong.
    #[error("line {line} of the policy: {fault}")]
    Line {
        /// 1-based line.
        line: usize,
        /// What is wrong.
        fault: PolicyFault,
    },
    /// There is no quorum line.
    #[error("the policy has no quorum line; `quorum none` demands no witness")]
    NoQuorum,
}

/// A log that the policy trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key; the key's name is the log's origin.
    pub key: VerifierKey,
    /// Where it can be reached.
    pub url: Option<String>,
}

/// A witness that the policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its key.
    pub key: Cosigner,
    /// Its submission prefix.
    pub url: Option<String>,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    quorum: Rule,
}

/// Who must have cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Nobody,
    /// The witness with this place in the list.
    Witness(usize),
    /// A witness whose signatures cannot be checked here.
    Never,
    /// At least so many members.
    Group(usize, Vec<Self>),
}

/// What the cosignatures in a checkpoint amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnessed {
    /// The cosignatures of known witnesses that hold, in the policy's order.
    pub cosignatures: Vec<Cosignature>,
    /// What is wrong with those that do not.
    pub bad: Vec<CosignatureError>,
    /// Whether those that hold make a quorum.
    pub is_quorum: bool,
}

impl Policy {
    /// Reads a policy file.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let mut reading = Reading::default();
        if bytes.len() > BYTES_MAX {
            let fault = PolicyFault::TooMuch;
            return Err(PolicyError::Line { line: 1, fault });
        }
        // A last line without newline is taken: editors leave it, and nothing can hide in it.
        for (place, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let wrong = |fault| PolicyError::Line { line: place + 1, fault };
            reading.line(line).map_err(wrong)?;
        }
        Ok(Self {
            logs: reading.logs,
            witnesses: reading.witnesses,
            quorum: reading.quorum.ok_or(PolicyError::NoQuorum)?,
        })
    }

    /// The logs, in the order of the file.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses, in the order of the file.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether the quorum asks for anybody.
    pub fn demands_witnesses(&self) -> bool {
        self.quorum != Rule::Nobody
    }

    /// Whether these witnesses make a quorum; `has` tells of a witness's key whether it cosigned.
    pub fn is_met(&self, mut has: impl FnMut(&Cosigner) -> bool) -> bool {
        let cosigned: Vec<bool> = self.witnesses.iter().map(|witness| has(&witness.key)).collect();
        self.quorum.is_met(&cosigned)
    }

    /// Judges the cosignatures in a signed checkpoint. One that does not hold counts for nothing and is named.
    pub fn judge(&self, signed: &[u8]) -> Witnessed {
        let mut witnessed = Witnessed::default();
        let mut cosigned = Vec::new();
        for witness in &self.witnesses {
            let found = witness.key.find(signed);
            cosigned.push(matches!(found, Ok(Some(_))));
            match found {
                Ok(Some(cosignature)) => witnessed.cosignatures.push(cosignature),
                Ok(None) => {}
                Err(error) => witnessed.bad.push(error),
            }
        }
        witnessed.is_quorum = self.quorum.is_met(&cosigned);
        witnessed
    }
}

impl Rule {
    fn is_met(&self, cosigned: &[bool]) -> bool {
        match self {
            Self::Nobody => true,
            Self::Never => false,
            Self::Witness(place) => cosigned.get(*place).copied().unwrap_or(false),
            Self::Group(least, members) => {
                let met = members.iter().filter(|member| member.is_met(cosigned)).count();
                met >= *least
            }
        }
    }
}

/// A policy of which some lines were read.
#[derive(Default)]
struct Reading {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// Public keys of witnesses that cannot be checked here.
    unchecked: BTreeSet<Vec<u8>>,
    defined: BTreeMap<Vec<u8>, Rule>,
    /// Names that are members of a group.
    members: BTreeSet<Vec<u8>>,
    quorum: Option<Rule>,
}

impl Reading {
    fn line(&mut self, line: &[u8]) -> Result<(), PolicyFault> {
        if line
            .iter()
            .any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f)
        {
            return Err(PolicyFault::Character);
        }
        let mut words = line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|word| !word.is_empty());
        let Some(keyword) = words.next().filter(|word| !word.starts_with(b"#")) else {
            return Ok(());
        };
        let words: Vec<&[u8]> = words.collect();
        match (keyword, words.as_slice()) {
            (b"log", [key, rest @ ..]) => self.log(key, rest),
            (b"witness", [name, key, rest @ ..]) => self.witness(name, key, rest),
            (b"group", [name, least, members @ ..]) => self.group(name, least, members),
            (b"quorum", [name]) => self.quorum(name),
            (b"log" | b"witness" | b"group" | b"quorum", _) => Err(PolicyFault::Words),
            _ => Err(PolicyFault::Keyword),
        }
    }

    fn log(&mut self, key: &[u8], rest: &[&[u8]]) -> Result<(), PolicyFault> {
        let key = std::str::from_utf8(key)
            .ok()
            .and_then(|key| VerifierKey::parse(key).ok());
        let key = key.ok_or(PolicyFault::LogKey)?;
        if self.logs.iter().any(|log| log.key.public() == key.public()) {
            return Err(PolicyFault::Duplicate);
        }
        self.logs.push(PolicyLog { key, url: url(rest)? });
        fits(self.logs.len())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], rest: &[&[u8]]) -> Result<(), PolicyFault> {
        let key = std::str::from_utf8(key).map_err(|_| PolicyFault::WitnessKey)?;
        if let Some(public) = cosignature::of_other_type(key) {
            if !self.unchecked.insert(public) {
                return Err(PolicyFault::Duplicate);
            }
            url(rest)?;
            self.define(name, Rule::Never)?;
            return fits(self.unchecked.len());
        }
        let key = Cosigner::parse(key).map_err(|_| PolicyFault::WitnessKey)?;
        if self.witnesses.iter().any(|other| other.key.public() == key.public()) {
            return Err(PolicyFault::Duplicate);
        }
        self.define(name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness { key, url: url(rest)? });
        fits(self.witnesses.len())
    }

    fn group(&mut self, name: &[u8], least: &[u8], members: &[&[u8]]) -> Result<(), PolicyFault> {
        let least = match least {
            b"all" => members.len(),
            b"any" => 1,
            number => decimal(number).ok_or(PolicyFault::Threshold)?,
        };
        if members.is_empty() {
            return Err(PolicyFault::Words);
        }
        if !(1..=members.len()).contains(&least) {
            return Err(PolicyFault::Threshold);
        }
        let mut rules = Vec::new();
        for member in members {
            rules.push(self.defined.get(*member).cloned().ok_or(PolicyFault::Unknown)?);
            // Once only, so that no witness counts in two ways.
            if !self.members.insert(member.to_vec()) {
                return Err(PolicyFault::Member);
            }
        }
        self.define(name, Rule::Group(least, rules))?;
        fits(self.defined.len() - self.witnesses.len() - self.unchecked.len())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::Quorum);
        }
        self.quorum = Some(match name {
            b"none" => Rule::Nobody,
            _ => self.defined.get(name).cloned().ok_or(PolicyFault::Unknown)?,
        });
        Ok(())
    }

    fn define(&mut self, name: &[u8], rule: Rule) -> Result<(), PolicyFault> {
        if name == b"none" || self.defined.contains_key(name) {
            return Err(PolicyFault::Name);
        }
        self.defined.insert(name.to_vec(), rule);
        Ok(())
    }
}

fn url(rest: &[&[u8]]) -> Result<Option<String>, PolicyFault> {
    match rest {
        [] => Ok(None),
        [url] => String::from_utf8(url.to_vec()).map(Some).map_err(|_| PolicyFault::Url),
        _ => Err(PolicyFault::Words),
    }
}

/// A number without leading zeros.
fn decimal(digits: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(digits).ok()?;
    text.parse().ok().filter(|number: &usize| number.to_string() == text)
}

fn fits(count: usize) -> Result<(), PolicyFault> {
    if count > MEMBERS_MAX {
        Err(PolicyFault::TooMuch)
    } else {
        Ok(())
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
