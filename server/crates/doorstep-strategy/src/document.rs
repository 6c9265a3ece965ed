//! Reading a strategy: strict, with errors that name file, line and remedy.

use std::fmt::Write as _;

use doorstep_domain::letter::Consequence;
use doorstep_domain::step::StepChannel;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::DEFAULT;
use crate::authority::Authority;
use crate::books::Books;
use crate::letters::Letters;
use crate::pauses::{self, AddressUse, Calm, Lost, Rest};
use crate::pay::Pay;
use crate::plans::{Plans, Promises, Rewards};
use crate::stages::Stages;
use crate::steps::{self, Step};
use crate::targets::Targets;
use crate::worth::Worth;

/// The version of the document's format that this program knows.
pub const FORMAT: u32 = 1;

/// The longest document, in bytes: it is written by people.
const BYTES_MAX: usize = 256 * 1024;

/// What a portfolio decides for itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// The version of the format: [`FORMAT`].
    pub format: u32,
    /// Which stage a debt has by its days past due.
    #[serde(default)]
    pub stages: Stages,
    /// To which part of an instalment money goes first.
    #[serde(default)]
    pub books: Books,
    /// Who may agree to what.
    #[serde(default)]
    pub authority: Authority,
    /// Promises of one amount on one day.
    #[serde(default)]
    pub promises: Promises,
    /// Repayment plans.
    #[serde(default)]
    pub plans: Plans,
    /// What everybody gets who keeps a plan.
    #[serde(default)]
    pub rewards: Rewards,
    /// How a person pays.
    #[serde(default)]
    pub pay: Pay,
    /// Whether anybody is visited at all.
    #[serde(default = "steps::visits_are_made")]
    pub visits: bool,
    /// What is done, in the order of stages; where the document names none, those that come along, without visits where there
    /// are none.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
    /// How long nobody is bothered.
    #[serde(default)]
    pub rest: Rest,
    /// What a time of calm does.
    #[serde(default)]
    pub calm: Calm,
    /// How long an address may be used.
    #[serde(default)]
    pub address: AddressUse,
    /// What follows when somebody was not found.
    #[serde(default = "pauses::default_lost")]
    pub lost: Vec<Lost>,
    /// What a visit is worth.
    #[serde(default)]
    pub worth: Worth,
    /// What letters say beside their templates.
    #[serde(default)]
    pub letters: Letters,
    /// What the portfolio wants of those who work for it.
    #[serde(default)]
    pub targets: Targets,
}

/// Why a strategy cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct StrategyError {
    /// The file as it was named by the caller.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// What is wrong with a section, and at which of its keys; [`Strategy::read`] finds the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The section, as its head stands in the document without brackets: `stages`.
    pub(crate) section: &'static str,
    /// Which of several sections of that name, from 0.
    pub(crate) nth: usize,
    /// The key in it; empty for the section as a whole.
    pub(crate) key: &'static str,
    /// What is wrong, and what to do.
    pub(crate) problem: String,
}

impl Wrong {
    /// Something wrong with a key of a section that stands once.
    pub(crate) fn at(section: &'static str, key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            section,
            nth: 0,
            key,
            problem: problem.into(),
        }
    }
}

impl Strategy {
    /// Reads a document. `file` only serves for messages.
    pub fn read(file: &str, text: &str) -> Result<Self, StrategyError> {
        let refused = |line: usize, problem: String| StrategyError {
            file: file.to_owned(),
            line,
            problem,
        };
        if text.len() > BYTES_MAX {
            let problem = format!("a strategy has at most {BYTES_MAX} bytes; take out what does not belong to it");
            return Err(refused(1, problem));
        }
        let mut strategy: Self = toml::from_str(text).map_err(|error| {
            let problem = error.message().replace('\n', " ");
            refused(
                line_of(text, error.span().map_or(0, |span| span.start)),
                format!("{problem}; correct the line, `doorstep strategy default` prints the shape"),
            )
        })?;
        if strategy.steps.is_empty() {
            strategy.steps = steps::default_steps();
            strategy
                .steps
                .retain(|step| strategy.visits || step.channel != StepChannel::Visit);
        }
        match strategy.check() {
            Ok(()) => Ok(strategy),
            Err(wrong) => Err(refused(line_in(text, &wrong), wrong.problem)),
        }
    }

    /// The strategy of a portfolio that has none of its own.
    ///
    /// # Panics
    ///
    /// Where the document that comes along cannot be read; a test reads it.
    #[must_use]
    pub fn default_one() -> Self {
        Self::read("default.toml", DEFAULT).expect("a test reads the document that comes along")
    }

    /// What identifies a document: SHA-256 of its text, in hexadecimal.
    #[must_use]
    pub fn digest(text: &str) -> String {
        let mut digest = String::new();
        for byte in Sha256::digest(text.as_bytes()) {
            write!(digest, "{byte:02x}").expect("a string takes all that is written");
        }
        digest
    }

    /// Each section for itself, then what one section asks of another.
    fn check(&self) -> Result<(), Wrong> {
        if self.format != FORMAT {
            let problem = format!(
                "the document has format {} and this program knows {FORMAT}; write `format = {FORMAT}` or update Doorstep",
                self.format
            );
            return Err(Wrong::at("", "format", problem));
        }
        self.stages.check()?;
        self.books.check()?;
        self.authority.check()?;
        self.promises.check()?;
        self.plans.check()?;
        self.rewards.check()?;
        self.pay.check()?;
        steps::check(&self.steps, self.visits)?;
        self.rest.check()?;
        self.calm.check()?;
        self.address.check()?;
        pauses::check_lost(&self.lost)?;
        self.worth.check()?;
        self.letters.check()?;
        self.announced_in_time()?;
        self.targets.check()?;
        Ok(())
    }

    /// Whether no step comes before the day that its letter names.
    fn announced_in_time(&self) -> Result<(), Wrong> {
        if !self.letters.consequences.contains(&Consequence::BureauEntry) {
            return Ok(());
        }
        let days = self.letters.notice_days;
        let early = |step: &steps::Step| step.channel == StepChannel::Bureau && step.notice_days < days;
        match self.steps.iter().position(early) {
            None => Ok(()),
            Some(nth) => {
                let problem =
                    format!("letters name a day {days} days ahead (`[letters] notice_days`); wait as long or longer");
                Err(Wrong {
                    nth,
                    ..Wrong::at("step", "notice_days", problem)
                })
            }
        }
    }
}

/// The line, from 1, in which a byte of a text lies.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset.min(text.len()));
    before.filter(|byte| *byte == b'\n').count() + 1
}

/// The line of what is wrong: that of the key, else that of its section's head, else the first.
fn line_in(text: &str, wrong: &Wrong) -> usize {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_head = |line: &str| line.starts_with('[');
    let names = |line: &str| line.trim_matches(['[', ']']).trim() == wrong.section;
    let mut heads = (0..lines.len()).filter(|at| is_head(lines[*at]) && names(lines[*at]));
    let start = if wrong.section.is_empty() {
        Some(0)
    } else {
        heads.nth(wrong.nth).map(|head| head + 1)
    };
    let Some(start) = start else { return 1 };
    let sets = |line: &&str| {
        let key = line.split_once('=').map(|(key, _)| key.trim());
        key == Some(wrong.key)
    };
    let within = lines[start..].iter().take_while(|line| !is_head(line));
    match within.enumerate().find(|(_, line)| sets(line)) {
        Some((after, _)) => start + after + 1,
        None => start.max(1),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_document_that_comes_along_is_what_a_portfolio_without_one_has() {
        let strategy = Strategy::default_one();
        assert_eq!(strategy.stages, Stages::default());
        assert_eq!(strategy.worth, Worth::default());
        assert_eq!(Strategy::read("own.toml", "format = 1\n").unwrap(), strategy);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let cases = [
            ("", 1, "missing field `format`"),
            ("format = 2\n", 1, "format 2"),
            ("format = 1\n\n[stages]\nm1_till = 30\n", 4, "unknown field `m1_till`"),
            (
                "format = 1\n[stages]\n# a remark\nm2_until = 30\n",
                4,
                "M2 would end before M1",
            ),
            ("format = 1\n[stages]\nm1_until = -1\n", 3, "invalid value"),
            ("format = 1\n[stage]\n", 2, "unknown field `stage`"),
            ("format = 1\n[stages\n", 2, "correct the line"),
        ];
        for (text, line, part) in cases {
            let error = Strategy::read("own.toml", text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }

    /// A document with these steps; the first line of the first is line 3.
    fn steps(steps: &[&str]) -> String {
        let steps: Vec<String> = steps
            .iter()
            .map(|step| format!("[[step]]\n{}\n", step.replace("; ", "\n")))
            .collect();
        format!("format = 1\n{}", steps.concat())
    }

    fn refused(cases: &[(String, usize, &str)]) {
        for (text, line, part) in cases {
            let error = Strategy::read("own.toml", text).unwrap_err();
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert_eq!(error.line, *line, "{text}: {error}");
        }
    }

    #[test]
    fn steps_that_cannot_be_meant_are_named_with_their_line() {
        let call = r#"id = "a"; stage = "M1"; channel = "call"; who = "office""#;
        let letter = r#"id = "b"; stage = "M1"; channel = "letter"; who = "office""#;
        let visit = r#"id = "v"; stage = "M1"; channel = "visit"; who = "field""#;
        let with = |step: &str, more: &str| format!("{step}; {more}");
        let cases = [
            (steps(&[&with(call, "wait_days = -1")]), 7, "invalid value"),
            (steps(&[&with(call, "colour = 1")]), 7, "unknown field `colour`"),
            (
                steps(&[&call.replace("\"call\"", "\"fax\"")]),
                5,
                "`fax` is no channel of a step",
            ),
            (
                steps(&[&call.replace("office", "field")]),
                6,
                "carried out by one of: office, agency",
            ),
            (steps(&[call, call]), 8, "stands twice"),
            (steps(&[&with(call, "times_max = 2")]), 7, "every_days"),
            (steps(&[&with(call, "after = \"step\"")]), 7, "no step before it"),
            (steps(&[visit, letter]), 5, "the lighter comes first"),
            (
                steps(&[letter, visit, &letter.replace("\"b\"", "\"c\"")]),
                15,
                "heavier on people",
            ),
            (
                steps(&[call, &letter.replace("M1", "M3")]),
                9,
                "no step between M1 and M3",
            ),
            (steps(&[&call.replace("M1", "M2"), letter]), 9, "order of their stages"),
            (steps(&[&with(visit, "outcomes = [\"DECLINED\"]")]), 7, "left in peace"),
            (
                steps(&[&visit.replace("visit", "bureau").replace("field", "legal")]),
                5,
                "only after a notice",
            ),
            (
                steps(&[
                    &visit.replace("visit", "bundle").replace("field", "legal"),
                    &visit.replace("M1", "M2").replace("\"v\"", "\"w\""),
                ]),
                5,
                "which is lighter and comes only in M2",
            ),
            (
                format!("format = 1\nvisits = false\n[[step]]\n{}\n", visit.replace("; ", "\n")),
                6,
                "forbids visits",
            ),
        ];
        refused(&cases);
        let own = Strategy::read("own.toml", &steps(&[call, letter, visit])).unwrap();
        assert_eq!(own.steps.len(), 3);
    }

    #[test]
    fn pauses_that_cannot_be_meant_are_named_with_their_line() {
        refused(&[
            ("format = 1\n[rest]\nafter_refusal_days = 1\n".to_owned(), 3, "7 to"),
            ("format = 1\n[calm]\nthin_days = 0\n".to_owned(), 3, "at most one visit"),
            ("format = 1\n[address]\nverify_days = 0\n".to_owned(), 3, "1 to"),
            (
                "format = 1\n[[lost]]\non = \"MOVED\"\nthen = \"rest\"\ndays = 3\n".to_owned(),
                4,
                "unconfirmed",
            ),
            (
                "format = 1\n[[lost]]\non = \"PTP\"\nthen = \"rest\"\n".to_owned(),
                3,
                "no outcome of the contact",
            ),
        ]);
    }

    #[test]
    fn a_document_without_an_end_is_refused() {
        let text = format!("format = 1\n{}", "#".repeat(BYTES_MAX));
        let error = Strategy::read("own.toml", &text).unwrap_err();
        assert!(error.problem.contains("at most"), "{error}");
    }

    #[test]
    fn nobody_is_reported_before_the_day_that_the_letter_named() {
        let letters =
            |days: u32| format!("format = 1\n[letters]\nconsequences = [\"bureau-entry\"]\nnotice_days = {days}\n");
        assert!(Strategy::read("own.toml", &letters(21)).is_ok());
        let error = Strategy::read("own.toml", &letters(30)).unwrap_err();
        assert!(error.to_string().contains("30 days ahead"), "{error}");
    }
}
