//! What another set of packs changes: which rules are new, gone or different, and which verdicts that moves.

use crate::coverage::{CoverageError, facts_of, told_in};
use crate::difference::differences;
use crate::embedded::{BUILTIN, UNVERIFIED};
use crate::facts::Facts;
use crate::pack::Pack;
use crate::set::PackSet;
use crate::text::RuleId;
use crate::verdict::Verdict;
use doorstep_domain::words::{Effect, Forbidden, Requirement};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// How a pack or a rule differs between two sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the new set has it.
    Added,
    /// Only the old set has it.
    Removed,
    /// Both have it, and these members of it differ.
    Differs(Vec<String>),
}

/// What differs between two sets of packs, each by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// What stands outside the rules: version, countries, holidays and so on.
    pub packs: BTreeMap<String, Change>,
    /// Rules.
    pub rules: BTreeMap<String, Change>,
}

impl Changes {
    /// What differs from one set to another.
    #[must_use]
    pub fn between(old: &PackSet, new: &PackSet) -> Self {
        let head = |pack: &Pack| {
            let rules = Vec::new();
            (pack.id.clone(), value_of(&Pack { rules, ..pack.clone() }))
        };
        let heads = |set: &PackSet| set.packs().map(head).collect();
        let rules = |set: &PackSet| {
            let all = set.packs().flat_map(|pack| &pack.rules);
            all.map(|rule| (rule.id.to_string(), value_of(rule))).collect()
        };
        Self {
            packs: compare(&heads(old), &heads(new)),
            rules: compare(&rules(old), &rules(new)),
        }
    }
}

fn value_of(part: &impl Serialize) -> Value {
    Value::try_from(part).expect("a pack that was read from TOML can be written as TOML")
}

fn compare(old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> BTreeMap<String, Change> {
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |id: &String| match (old.get(id), new.get(id)) {
        (None, _) => Some(Change::Added),
        (_, None) => Some(Change::Removed),
        (Some(old), Some(new)) => {
            let members: Vec<String> = differences(old, new).into_iter().map(|one| one.at).collect();
            (!members.is_empty()).then_some(Change::Differs(members))
        }
    };
    ids.into_iter()
        .filter_map(|id| Some((id.clone(), change(id)?)))
        .collect()
}

/// What of a verdict matters to whoever compares two: everything but sentences and ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The strictest effect.
    pub effect: Effect,
    /// The rules that have something to say, each with its strictest effect.
    pub rules: BTreeMap<RuleId, Effect>,
    /// What must be there.
    pub required: Vec<Requirement>,
    /// What must not be said or done.
    pub forbidden: Vec<Forbidden>,
    /// How many staff must come together.
    pub min_staff: u8,
}

impl Outcome {
    /// What matters of a verdict.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        let mut rules = BTreeMap::new();
        for finding in &verdict.findings {
            let effect: &mut Effect = rules.entry(finding.rule.clone()).or_insert(finding.effect);
            *effect = finding.effect.max(*effect);
        }
        Self {
            effect: verdict.effect,
            rules,
            required: verdict.required.clone(),
            forbidden: verdict.forbidden.clone(),
            min_staff: verdict.min_staff,
        }
    }
}

/// The sides of all examples that come with the program, and of `more` (pairs of file name and text), as facts with a name;
/// without those of retention, which are about no visit.
pub fn example_facts(more: &[(&str, &str)]) -> Result<Vec<(String, Facts)>, CoverageError> {
    // Zones are all that is asked of the packs.
    let packs = PackSet::builtin();
    let embedded = BUILTIN.iter().chain(UNVERIFIED).map(|one| one.examples);
    let mut found = Vec::new();
    for (file, text) in embedded.chain(more.iter().copied()) {
        for told in told_in(file, text)? {
            for (side, table) in [("free", &told.sides.free), ("bites", &told.sides.bites)] {
                let name = format!("{} {}, {side}", told.rule, told.boundary);
                let (scenario, facts) = facts_of(&packs, table).map_err(|problem| CoverageError::Shape {
                    file: file.to_owned(),
                    problem: format!("{name}: {problem}"),
                })?;
                if scenario.record.is_none() {
                    found.push((name, facts));
                }
            }
        }
    }
    Ok(found)
}
