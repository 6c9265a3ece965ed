//! The rule packs of a deployment: files of its own, and packs that come along and are not verified, each accepted by somebody.
//! A pack with an error keeps the server from starting; nothing is judged by half of the rules.

use std::path::{Path, PathBuf};

use doorstep_rules::{PackError, PackSet};
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The longest text of an acceptance, in characters.
const TEXT_MAX: usize = 200;

/// The table `rules` of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesConfig {
    /// Files of further packs, from the data folder.
    pub packs: Vec<PathBuf>,
    /// Packs that are not verified and hold all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Accepted>,
}

/// That somebody takes a pack although nobody has verified it. Who and why stay in this file; the log names the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The pack's id.
    pub pack: String,
    /// Who accepted it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Why the packs of a deployment cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A file cannot be read.
    #[error(
        "the rule pack `{path}`, named by `rules.packs` in doorstep.toml, cannot be read; put it there or take its name out"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A pack is wrong; the message names file, line and rule.
    #[error("{0}")]
    Wrong(PackError),
    /// There is no such pack.
    #[error("`rules.accept` in doorstep.toml: there is no unverified pack `{given}`; there are {known}")]
    NoSuchPack {
        /// As it was named.
        given: String,
        /// Those that there are.
        known: String,
    },
}

impl RulesConfig {
    /// Checks what needs no file.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let said = |text: &String| !text.trim().is_empty() && text.chars().count() <= TEXT_MAX;
        if self.accept.iter().all(|one| said(&one.by) && said(&one.reason)) {
            return Ok(());
        }
        Err(ConfigError::Value {
            key: "rules.accept",
            remedy: "say `by` whom and for what `reason` the pack is accepted, each in at most 200 characters",
        })
    }

    /// All packs in force.
    pub(super) fn packs(&self, folder: &Path) -> Result<PackSet, RulesError> {
        let mut own = Vec::new();
        for name in &self.packs {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => own.push((path.display().to_string(), text)),
                Err(source) => return Err(RulesError::Unreadable { path, source }),
            }
        }
        let mut texts: Vec<(&str, &str)> = own.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        for one in &self.accept {
            let unknown = || RulesError::NoSuchPack {
                given: one.pack.clone(),
                known: PackSet::unverified().collect::<Vec<_>>().join(", "),
            };
            texts.push(PackSet::unverified_pack(&one.pack).ok_or_else(unknown)?);
        }
        PackSet::with(&texts).map_err(RulesError::Wrong)
    }
}
