//! Rule packs as they would be: what they would change for cases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Packs to compare with those in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparePacks {
    /// Each takes the place of the pack of its name, or is added.
    pub packs: Vec<PackText>,
    /// When each visit would begin: a local time at its address (`2026-11-24T19:30`), or an instant (`2026-11-24T19:30Z`). Now
    /// where absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<String>,
}

/// A pack as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackText {
    /// How errors name it.
    pub name: String,
    /// The pack, TOML.
    pub text: String,
}

/// What these packs would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackComparison {
    /// How many cases were asked about: all of the caller's.
    pub cases: u64,
    /// Those whose verdict would change.
    pub changed: Vec<CaseChange>,
    /// Digest of the packs in force.
    pub old_digest: String,
    /// Digest of the packs as they would be.
    pub new_digest: String,
}

/// A case whose verdict would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseChange {
    /// The case.
    pub case: Uuid,
    /// The lender's number.
    pub case_no: String,
    /// By the packs in force.
    pub old: OutcomeItem,
    /// By the packs as they would be.
    pub new: OutcomeItem,
}

/// What matters of a verdict to whoever compares two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeItem {
    /// The strictest effect.
    pub effect: String,
    /// The rules that have something to say, each with its effect.
    pub rules: BTreeMap<String, String>,
    /// What must be done or shown before check-out.
    pub required: Vec<String>,
    /// What must not be said or done.
    pub forbidden: Vec<String>,
    /// How many staff must be there.
    pub min_staff: u8,
}
