//! Ratios of what happened to what was expected, coarse to fine.
//!
//! With an assumed chance `p` for every trial, each rung multiplies it by `(happened + w) / (expected + w)` of its group, where
//! `expected` sums the chances so far of the group's trials and `w` is the weight of the assumption in expected events. That is
//! the posterior mean of a standardised ratio with a Gamma prior of mean 1 (Clayton and Kaldor, 1987), once for each rung.
//!
//! The weight is fixed and not estimated, on purpose. So a chance never rises when something that happened in the history is
//! turned into something that did not, nor when a trial without success is added: in every group the numerator falls or the
//! denominator rises, and a coarser ratio that falls takes the finer ones with it. A regression has no such law, because its
//! coefficients make up for each other. That nobody's refusal can make others likelier to be visited rests on this.

use std::collections::BTreeMap;

use doorstep_domain::odds::Chance;
use serde::{Deserialize, Serialize};

/// Chances are kept away from 0 and 1 by this much, in parts of a million: a model is never certain of people.
const EDGE: f64 = 10_000.0;
/// Parts in which expectations are kept.
const PARTS: f64 = 1e9;

/// What is known of a group of visits. Whole numbers, so that a stored model gives the same chances everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Group {
    /// Visits that were made.
    pub visits: u64,
    /// Those that could end so: all of them for a meeting, those at which somebody came to the door for an agreement.
    pub trials: u64,
    /// Those that did.
    pub happened: u64,
    /// Those that were expected to by the coarser groups, in parts of 10^9.
    pub expected: u64,
}

/// The groups of one chance by name; a name is the path from coarse to fine, such as `home/workday/18-20`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ladder {
    groups: BTreeMap<String, Group>,
}

/// All visits of the finest group, before they are weighed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaf {
    /// What is assumed, in parts of a million.
    pub(crate) prior: u32,
    pub(crate) visits: u64,
    pub(crate) trials: u64,
    pub(crate) happened: u64,
}

/// The parts of a path from coarse to fine, each with the name of its group: the empty name is all visits.
pub(crate) fn rungs(path: &[&str]) -> Vec<String> {
    (0..=path.len()).map(|depth| path[..depth].join("/")).collect()
}

impl Group {
    /// The ratio that it multiplies a chance by.
    #[must_use]
    pub(crate) fn ratio(&self, weight: f64) -> f64 {
        (self.happened as f64 + weight) / (self.expected as f64 / PARTS + weight)
    }
}

impl Ladder {
    /// Learns from leaves by their rungs. A group with fewer visits than `least` is not kept. How many visits it has does not
    /// depend on what came of them, so no outcome decides whether a group is kept.
    pub(crate) fn learn(leaves: &BTreeMap<Vec<String>, Leaf>, weight: f64, least: u64) -> Self {
        let mut chances: Vec<f64> = leaves.values().map(|leaf| f64::from(leaf.prior) / 1e6).collect();
        let depth = leaves.keys().map(Vec::len).max().unwrap_or_default();
        let mut groups = BTreeMap::new();
        for rung in 0..depth {
            let mut found: BTreeMap<&String, (Group, f64)> = BTreeMap::new();
            for ((names, leaf), chance) in leaves.iter().zip(&chances) {
                let (group, expected) = found.entry(&names[rung]).or_default();
                group.visits += leaf.visits;
                group.trials += leaf.trials;
                group.happened += leaf.happened;
                *expected += leaf.trials as f64 * chance;
            }
            for (group, expected) in found.values_mut() {
                group.expected = (*expected * PARTS).round() as u64;
            }
            for ((names, _), chance) in leaves.iter().zip(&mut chances) {
                let (group, _) = found[&names[rung]];
                if group.visits >= least {
                    *chance *= group.ratio(weight);
                }
            }
            let kept = found.into_iter().filter(|(_, (group, _))| group.visits >= least);
            groups.extend(kept.map(|(name, (group, _))| (name.clone(), group)));
        }
        Self { groups }
    }

    /// The group of a name, if it was kept.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The chance by an assumption in parts of a million and the rungs of a path.
    pub(crate) fn chance(&self, prior: u32, rungs: &[String], weight: f64) -> Chance {
        let groups = rungs.iter().filter_map(|name| self.group(name));
        let chance = groups.fold(f64::from(prior), |chance, group| chance * group.ratio(weight));
        Chance::nearest(chance.clamp(EDGE, 1e6 - EDGE).floor() as i64)
    }
}
