//! Which rules are shown to work: examples are data beside the packs, one pair for each boundary of each rule, and a rule
//! counts only if every pair answers as it says and nothing lies between its two sides.

use crate::boundary::Boundary;
use crate::difference::differences;
use crate::embedded::{BUILTIN, EXPECTED, UNVERIFIED};
use crate::evaluate::evaluate;
use crate::facts::Facts;
use crate::pack::{ContentWhen, Kind, Pack, Rule};
use crate::retention::{self, RetentionFacts};
use crate::scenario::Scenario;
use crate::set::PackSet;
use crate::text::RuleId;
use crate::verdict::Verdict;
use doorstep_domain::words::{Effect, SentenceKey};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// Why examples or the list of expected rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoverageError {
    /// No TOML, or another shape.
    #[error("{file}: {problem}; correct the file, the shape is that of the examples that come with Doorstep")]
    Shape {
        /// The file as it was named by the caller.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// An example of a rule, or of a boundary, that is not there.
    #[error("{file}: there is no boundary `{boundary}` of rule {rule}; its boundaries are: {known}")]
    Unknown {
        /// The file.
        file: String,
        /// The rule as the example names it.
        rule: String,
        /// The boundary as the example names it.
        boundary: String,
        /// Those that there are; empty where there is no such rule.
        known: String,
    },
    /// Two examples of one boundary in which one of them would go unnoticed.
    #[error("{file}: boundary `{boundary}` of rule {rule} has two examples; keep one of them")]
    Twice {
        /// The file.
        file: String,
        /// The rule.
        rule: String,
        /// The boundary.
        boundary: String,
    },
}

/// What deletes by the rules of retention; `None` where nothing does.
pub const PURGED_BY: Option<&str> = Some("doorstep retention purge");

/// What the examples show of all rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The rules of all packs, by pack.
    pub rules: Vec<RuleCoverage>,
    /// What Doorstep is to hold to, in the order of its sources.
    pub expected: Vec<Expected>,
}

/// What the examples show of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCoverage {
    /// The rule.
    pub rule: RuleId,
    /// The file of its examples; empty where it has none.
    pub file: String,
    /// Its boundaries, each with what is lacking.
    pub boundaries: Vec<(Boundary, Option<Lack>)>,
    /// Whether its pack is not verified: the rule holds only where somebody accepts that.
    pub only_where_accepted: bool,
    /// Whether it says how long something is kept, which is worth as much as [`PURGED_BY`].
    pub retains: bool,
}

impl RuleCoverage {
    /// Whether an example passes on each side of each boundary.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        !self.boundaries.is_empty() && self.boundaries.iter().all(|(_, lack)| lack.is_none())
    }
}

/// What is lacking at a boundary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// No example.
    #[error("no example")]
    Example,
    /// Something may lie between the sides.
    #[error("its sides differ in {0}, which is more than one step")]
    Apart(String),
    /// The facts cannot be read.
    #[error("{0}")]
    Facts(String),
    /// The rule bites where it should not.
    #[error("the rule bites on the side that should be free")]
    Bites,
    /// The rule does not bite where it should.
    #[error("the rule is free on the side where it should bite")]
    Free,
}

/// A rule that a source asks for, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its id in the list of sources.
    pub id: String,
    /// How it stands.
    pub stands: Stands,
}

/// How an expected rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// These rules hold it, all of them shown by examples or not.
    Rules(Vec<RuleId>, bool),
    /// It is held by the program itself: how, and in which tests that is shown.
    Program(String, Vec<String>),
    /// It is not held, and why.
    Open(String),
}

impl Coverage {
    /// Runs the examples that come with the program, and `more`, against the rules of `packs`.
    pub fn with(packs: &PackSet, more: &[(&str, &str)]) -> Result<Self, CoverageError> {
        let loaded = |id: &str| packs.packs().any(|pack| pack.id == id);
        let embedded = BUILTIN.iter().chain(UNVERIFIED).filter(|one| loaded(one.id));
        let examples: Vec<_> = embedded.map(|one| one.examples).chain(more.iter().copied()).collect();
        Self::of(packs, &examples, EXPECTED)
    }

    /// Runs examples against the rules of `packs`: pairs of file name and text; `expected` is the list of expected rules.
    pub fn of(packs: &PackSet, examples: &[(&str, &str)], expected: (&str, &str)) -> Result<Self, CoverageError> {
        let mut found = BTreeMap::new();
        for (file, text) in examples {
            for (key, pair) in pairs_of(packs, file, text)? {
                let (rule, boundary) = key.clone();
                if found.insert(key, (*file, pair)).is_some() {
                    let file = (*file).to_owned();
                    return Err(CoverageError::Twice { file, rule, boundary });
                }
            }
        }
        let all = packs
            .packs()
            .flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
        let rules: Vec<_> = all.map(|of| rule_coverage(packs, of, &found)).collect();
        let shown = rules
            .iter()
            .filter(|rule| rule.is_shown())
            .map(|rule| rule.rule.as_str());
        let expected = expected_of(packs, &shown.collect(), expected)?;
        Ok(Self { rules, expected })
    }

    /// What is shown of a rule; `None` where there is no such rule.
    #[must_use]
    pub fn of_rule(&self, id: &RuleId) -> Option<&RuleCoverage> {
        self.rules.iter().find(|one| one.rule == *id)
    }

    /// Whether no rule is without a test.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let shown = |one: &Expected| !matches!(one.stands, Stands::Rules(_, false));
        self.rules.iter().all(RuleCoverage::is_shown) && self.expected.iter().all(shown)
    }
}

/// Both sides of a boundary, as tables over the base of their file.
pub(crate) struct Pair {
    pub(crate) free: Table,
    pub(crate) bites: Table,
}

type Pairs = BTreeMap<(String, String), Pair>;

fn shape(file: &str, error: &toml::de::Error) -> CoverageError {
    let file = file.to_owned();
    let problem = error.to_string().trim().replace('\n', " ");
    CoverageError::Shape { file, problem }
}

/// One example: the rule and boundary that it names, and its two sides.
pub(crate) struct Told {
    pub(crate) rule: String,
    pub(crate) boundary: String,
    pub(crate) sides: Pair,
}

/// The examples of a file as they stand there.
pub(crate) fn told_in(file: &str, text: &str) -> Result<Vec<Told>, CoverageError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Examples {
        base: Table,
        #[serde(default)]
        example: Vec<Example>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        rule: String,
        boundary: String,
        /// What both sides have beside the base.
        #[serde(default)]
        both: Table,
        #[serde(default)]
        free: Table,
        #[serde(default)]
        bites: Table,
    }
    let read: Examples = toml::from_str(text).map_err(|error| shape(file, &error))?;
    let told = |one: Example| {
        let with = |side: Table| {
            let mut whole = read.base.clone();
            whole.extend(one.both.clone());
            whole.extend(side);
            whole
        };
        let (free, bites) = (with(one.free), with(one.bites));
        Told {
            rule: one.rule,
            boundary: one.boundary,
            sides: Pair { free, bites },
        }
    };
    Ok(read.example.into_iter().map(told).collect())
}

fn pairs_of(packs: &PackSet, file: &str, text: &str) -> Result<Pairs, CoverageError> {
    let mut pairs = Pairs::new();
    for Told { rule, boundary, sides } in told_in(file, text)? {
        let known = packs.rule(&rule).map(|(_, rule)| rule.boundaries()).unwrap_or_default();
        let file = file.to_owned();
        if known.iter().all(|known| known.name != boundary) {
            let names: Vec<String> = known.into_iter().map(|known| known.name).collect();
            let known = names.join(", ");
            return Err(CoverageError::Unknown {
                file,
                rule,
                boundary,
                known,
            });
        }
        if pairs.insert((rule.clone(), boundary.clone()), sides).is_some() {
            return Err(CoverageError::Twice { file, rule, boundary });
        }
    }
    Ok(pairs)
}

fn rule_coverage(
    packs: &PackSet,
    (pack, rule): (&Pack, &Rule),
    found: &BTreeMap<(String, String), (&str, Pair)>,
) -> RuleCoverage {
    let mut file = String::new();
    let each = rule.boundaries().into_iter().map(|boundary| {
        let pair = found.get(&(rule.id.to_string(), boundary.name.clone()));
        let lack = match pair {
            None => Some(Lack::Example),
            Some((from, pair)) => {
                (*from).clone_into(&mut file);
                shown(packs, rule, &boundary, pair).err()
            }
        };
        (boundary, lack)
    });
    let boundaries = each.collect();
    RuleCoverage {
        rule: rule.id.clone(),
        file,
        boundaries,
        only_where_accepted: packs.is_unverified(pack),
        retains: matches!(rule.kind, Kind::Retention { .. }),
    }
}

/// Whether a pair shows its boundary.
fn shown(packs: &PackSet, rule: &Rule, boundary: &Boundary, pair: &Pair) -> Result<(), Lack> {
    let differs = differences(&Value::Table(pair.free.clone()), &Value::Table(pair.bites.clone()));
    match differs.as_slice() {
        [one] if one.is_within(boundary.step) => {}
        apart => {
            let names: Vec<&str> = apart.iter().map(|one| one.at.as_str()).collect();
            return Err(Lack::Apart(names.join(", ")));
        }
    }
    if bites(packs, rule, &pair.free)? {
        return Err(Lack::Bites);
    }
    if !bites(packs, rule, &pair.bites)? {
        return Err(Lack::Free);
    }
    Ok(())
}

/// Whether the rule does to these facts what it says.
fn bites(packs: &PackSet, rule: &Rule, facts: &Table) -> Result<bool, Lack> {
    let (scenario, facts) = facts_of(packs, facts).map_err(Lack::Facts)?;
    if let Kind::Retention { .. } = rule.kind {
        let record = scenario
            .record
            .ok_or_else(|| Lack::Facts("`record` is missing".to_owned()))?;
        let asked = RetentionFacts {
            subject: facts.subject,
            country: facts.address.country,
            region: facts.address.region,
            of: record.of,
            made: record.made.0,
            last_activity: record.last_activity.0,
            ended: Some(record.last_activity.0),
            settled: record.settled.map(|day| day.0),
            held: false,
            today: record.day.0,
        };
        return Ok(retention::bites(packs, rule, &asked));
    }
    Ok(bites_in(rule, &evaluate(packs, &facts)))
}

/// The facts of one side of an example, and what else it says.
pub(crate) fn facts_of(packs: &PackSet, side: &Table) -> Result<(Scenario, Facts), String> {
    let unusable = |error: toml::de::Error| error.to_string().trim().replace('\n', " ");
    let scenario: Scenario = side.clone().try_into().map_err(unusable)?;
    let zone = packs.zone(&scenario.zone);
    let facts = zone.and_then(|zone| scenario.facts(&zone));
    let facts = facts.ok_or("the zone is unknown, or a time lies outside the calendar")?;
    Ok((scenario, facts))
}

fn bites_in(rule: &Rule, verdict: &Verdict) -> bool {
    // What is forbidden at every visit is no finding of its own.
    if let Kind::Content {
        forbid,
        when: ContentWhen::Always,
    } = &rule.kind
    {
        let is_asked = verdict.checked.contains(&rule.id);
        return is_asked && forbid.iter().all(|act| verdict.forbidden.contains(act));
    }
    let of_rule = |finding: &&crate::verdict::Finding| finding.rule == rule.id;
    let found = verdict.findings.iter().filter(of_rule);
    found.into_iter().any(|finding| {
        finding.effect == rule.effect && (rule.effect != Effect::Warn || finding.sentence.key != SentenceKey::Lifted)
    })
}

fn expected_of(
    packs: &PackSet,
    shown: &BTreeSet<&str>,
    (file, text): (&str, &str),
) -> Result<Vec<Expected>, CoverageError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        #[serde(default)]
        expected: Vec<One>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        id: String,
        #[serde(default)]
        rules: Vec<String>,
        program: Option<String>,
        #[serde(default)]
        tests: Vec<String>,
        open: Option<String>,
    }
    let list: List = toml::from_str(text).map_err(|error| shape(file, &error))?;
    let wrong = |id: &str, problem: &str| CoverageError::Shape {
        file: file.to_owned(),
        problem: format!("expected rule {id}: {problem}"),
    };
    let stands = |one: One| {
        let stands = match (one.rules.as_slice(), one.program, one.open) {
            ([], Some(how), None) if !one.tests.is_empty() => Stands::Program(how, one.tests),
            ([], Some(_), None) => return Err(wrong(&one.id, "`program` needs `tests`")),
            ([], None, Some(why)) => Stands::Open(why),
            (rules @ [_, ..], None, None) => {
                if let Some(unknown) = rules.iter().find(|rule| packs.rule(rule).is_none()) {
                    return Err(wrong(&one.id, &format!("there is no rule {unknown}")));
                }
                let all = rules.iter().all(|rule| shown.contains(rule.as_str()));
                Stands::Rules(rules.iter().map(|rule| RuleId::from(rule.as_str())).collect(), all)
            }
            _ => {
                return Err(wrong(
                    &one.id,
                    "name either `rules`, or `program` with `tests`, or `open`",
                ));
            }
        };
        Ok(Expected { id: one.id, stands })
    };
    list.expected.into_iter().map(stands).collect()
}
