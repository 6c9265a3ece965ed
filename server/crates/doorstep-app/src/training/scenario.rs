//! Scenarios as data: a short tree of situations, each choice graded. Knows no staff and no storage.

use std::collections::{HashMap, HashSet};

use doorstep_domain::id::RunId;
use doorstep_domain::training::Grade;
use doorstep_domain::words::Lang;
use doorstep_log::hash::{sha256, sha256_parts};
use doorstep_rules::PackSet;
use serde::Deserialize;

/// The scenarios of this version, with their names in errors.
const BUILTIN: [(&str, &str); 6] = [
    (
        "refused-door.toml",
        include_str!("../../../../training/refused-door.toml"),
    ),
    (
        "child-opens.toml",
        include_str!("../../../../training/child-opens.toml"),
    ),
    (
        "wrong-person.toml",
        include_str!("../../../../training/wrong-person.toml"),
    ),
    ("threat.toml", include_str!("../../../../training/threat.toml")),
    ("hardship.toml", include_str!("../../../../training/hardship.toml")),
    (
        "asked-to-leave.toml",
        include_str!("../../../../training/asked-to-leave.toml"),
    ),
];
/// The version of the format.
const FORMAT: u32 = 1;
/// The fewest and the most choices of a situation.
const CHOICES: std::ops::RangeInclusive<usize> = 2..=6;

/// Why a scenario cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    en: String,
    zh: String,
}

impl Both {
    /// The text in a language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    name: String,
    required: bool,
    title: Both,
    #[serde(rename = "situation")]
    situations: Vec<Situation>,
}

/// Something that happens at a door.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Situation {
    id: String,
    pub(super) text: Both,
    #[serde(rename = "choice")]
    pub(super) choices: Vec<Choice>,
}

/// What one may do then.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub(super) text: Both,
    grade: Grade,
    #[serde(default)]
    rule: Option<String>,
    why: Both,
    #[serde(default)]
    next: Option<String>,
}

/// A scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file, in hexadecimal: a run belongs to what it said then.
    pub version: String,
    /// Whether a pass of it is needed to renew a certificate.
    pub required: bool,
    /// Its title.
    pub title: Both,
    situations: Vec<Situation>,
}

/// A choice that was made.
pub(super) struct Judged<'a> {
    pub(super) situation: &'a Both,
    pub(super) text: &'a Both,
    pub(super) grade: Grade,
    pub(super) why: &'a Both,
    pub(super) rule: Option<&'a str>,
}

/// Where choices lead.
pub(super) struct Walk<'a> {
    pub(super) judged: Vec<Judged<'a>>,
    /// Where it stands; `None` at its end.
    pub(super) situation: Option<&'a Situation>,
}

impl Scenario {
    fn read(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let wrong = |problem: String| ScenarioError {
            file: file.to_owned(),
            problem,
        };
        let read: File = toml::from_str(text).map_err(|error| wrong(error.to_string().replace('\n', " ")))?;
        if read.format != FORMAT {
            return Err(wrong(format!("this program reads format {FORMAT}")));
        }
        let places: HashMap<&str, usize> = read
            .situations
            .iter()
            .enumerate()
            .map(|(at, one)| (one.id.as_str(), at))
            .collect();
        if places.len() != read.situations.len() || read.situations.is_empty() {
            return Err(wrong(
                "each situation has an id of its own, and there is one at least".to_owned(),
            ));
        }
        for (at, situation) in read.situations.iter().enumerate() {
            situation.check(at, &places).map_err(&wrong)?;
        }
        Ok(Self {
            name: read.name,
            version: sha256(text.as_bytes()).to_string(),
            required: read.required,
            title: read.title,
            situations: read.situations,
        })
    }

    /// Follows choices from the first situation; `None` where there is no such choice, or one more than there are.
    pub(super) fn walk(&self, answers: &[usize]) -> Option<Walk<'_>> {
        let mut situation = self.situations.first();
        let mut judged = Vec::new();
        for answer in answers {
            let at = situation?;
            let choice = at.choices.get(*answer)?;
            judged.push(Judged {
                situation: &at.text,
                text: &choice.text,
                grade: choice.grade,
                why: &choice.why,
                rule: choice.rule.as_deref(),
            });
            let next = choice.next.as_deref();
            situation = next.and_then(|id| self.situations.iter().find(|one| one.id == id));
        }
        Some(Walk { judged, situation })
    }

    /// The rules and sentences that its choices name.
    fn rules(&self) -> impl Iterator<Item = &str> {
        let choices = self.situations.iter().flat_map(|situation| &situation.choices);
        choices.filter_map(|choice| choice.rule.as_deref())
    }
}

impl Situation {
    /// The choices as a run offers them: places in `choices`, in an order that is the run's own and stays. In the file the right
    /// one often comes first, which is not what training is to teach.
    pub(super) fn offered(&self, run: RunId) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.choices.len()).collect();
        order.sort_by_cached_key(|at| sha256_parts(&[run.0.as_bytes(), self.id.as_bytes(), &at.to_le_bytes()]).0);
        order
    }

    fn check(&self, at: usize, places: &HashMap<&str, usize>) -> Result<(), String> {
        let id = &self.id;
        if !CHOICES.contains(&self.choices.len()) {
            return Err(format!("`{id}` needs {} to {} choices", CHOICES.start(), CHOICES.end()));
        }
        if self.choices.iter().all(|choice| choice.grade != Grade::Right) {
            return Err(format!("`{id}` has no right choice; add one"));
        }
        for choice in &self.choices {
            if choice.grade == Grade::Wrong && choice.rule.is_none() {
                return Err(format!(
                    "a wrong choice of `{id}` names no rule; name the one that says so"
                ));
            }
            // Forward only, so that every way ends.
            let next = choice.next.as_deref();
            if next.is_some_and(|next| places.get(next).is_none_or(|place| *place <= at)) {
                return Err(format!(
                    "a choice of `{id}` leads nowhere or back; name a later situation"
                ));
            }
        }
        Ok(())
    }
}

/// All scenarios, in the order in which they are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenarios(Vec<Scenario>);

impl Scenarios {
    /// Those of this version; a rule that no pack has is an error.
    pub fn builtin() -> Result<Self, ScenarioError> {
        let packs = PackSet::builtin();
        let known: HashSet<String> = packs
            .packs()
            .flat_map(|pack| {
                let rules = pack.rules.iter().map(|rule| rule.id.to_string());
                let sentences = pack.sentences.iter().map(|sentence| sentence.id.to_string());
                rules.chain(sentences).collect::<Vec<_>>()
            })
            .collect();
        let mut all = Vec::new();
        for (file, text) in BUILTIN {
            let one = Scenario::read(file, text)?;
            if let Some(rule) = one.rules().find(|rule| !known.contains(*rule)) {
                return Err(ScenarioError {
                    file: file.to_owned(),
                    problem: format!("no pack has the rule `{rule}`; name one that there is"),
                });
            }
            all.push(one);
        }
        Ok(Self(all))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Scenario> {
        self.0.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Scenario> {
        self.0.iter().find(|one| one.name == name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_scenarios_of_this_version_can_be_passed_and_failed() {
        let all = Scenarios::builtin().unwrap();
        assert_eq!(all.0.len(), BUILTIN.len());
        for scenario in all.all() {
            let pick = |grade: Grade| {
                let mut answers = Vec::new();
                while let Some(at) = scenario.walk(&answers).unwrap().situation {
                    answers.push(at.choices.iter().position(|one| one.grade == grade).unwrap());
                }
                answers
            };
            let (good, bad) = (pick(Grade::Right), pick(Grade::Wrong));
            assert!(good.len() > 1, "{}", scenario.name);
            let grades = |answers: &[usize]| scenario.walk(answers).unwrap().judged;
            assert!(grades(&good).iter().all(|one| one.grade == Grade::Right));
            assert!(grades(&bad).iter().all(|one| one.rule.is_some()));
            let mut longer = good.clone();
            longer.push(0);
            assert!(scenario.walk(&longer).is_none(), "nothing follows the end");
        }
    }

    #[test]
    fn a_scenario_without_a_right_way_or_an_end_is_refused() {
        let (file, text) = BUILTIN[0];
        let refused = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Scenario::read(file, &text.replace(from, to)).unwrap_err().to_string()
        };
        assert!(refused("grade = \"right\"", "grade = \"acceptable\"").contains("no right choice"));
        assert!(refused("rule = \"HOUSE-CONDUCT\"\n", "").contains("names no rule"));
        assert!(refused("next = \"again\"", "next = \"start\"").contains("leads nowhere or back"));
        assert!(refused("id = \"again\"", "id = \"start\"").contains("an id of its own"));
        assert!(refused("format = 1", "format = 2").contains("format 1"));
    }
}
