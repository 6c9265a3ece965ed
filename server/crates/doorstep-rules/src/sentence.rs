//! Sentences for the door, as packs have them: what may be said to whom and when, and what must never be said.
//!
//! A pack whose sentences press, insult or claim an authority is not read, nor one that would tell anybody but the identified
//! person what a visit is about. A device shows them as they are.

use crate::text::RuleId;
use crate::wording::Wording;
use doorstep_domain::door::{Hearer, Moment, Saying};
use doorstep_domain::words::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The most characters of a sentence: what is said at a door is short.
pub(crate) const LENGTH_MAX: usize = 240;

/// The wording that no sentence has; read once.
static WORDING: LazyLock<Wording> = LazyLock::new(Wording::builtin);

/// A sentence of a pack. It has no name or figure in it: `…` stands for what the speaker fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorSentence {
    /// The stable id, no rule's.
    pub id: RuleId,
    /// At which moment.
    pub when: Moment,
    /// To whom.
    pub to: Hearer,
    /// Whether it is said.
    #[serde(default)]
    pub how: Saying,
    /// The rules of its pack that it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleId>,
    /// The words by language tag (`en`, `zh`, `pt-BR`): English and Chinese always.
    pub text: BTreeMap<String, String>,
}

impl DoorSentence {
    /// The words in a language of the program.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        self.text.get(tag_of(lang)).map_or("", String::as_str)
    }

    /// The tag and the words in a language of a person: the tag itself, otherwise the language without its region; `None` where
    /// there are none.
    #[must_use]
    pub fn in_language(&self, tag: &str) -> Option<(&str, &str)> {
        let asked = tag.trim().replace('_', "-");
        let main = asked.split('-').next().unwrap_or_default();
        let find = |wanted: &str| self.text.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted));
        let (known, text) = find(&asked).or_else(|| find(main))?;
        Some((known, text))
    }

    /// What is wrong with it.
    pub(crate) fn problem(&self) -> Option<SentenceProblem> {
        let mut tags = Lang::ALL.iter().map(|lang| tag_of(*lang));
        if let Some(tag) = tags.find(|tag| !self.text.contains_key(*tag)) {
            return Some(SentenceProblem::Lacks(tag));
        }
        self.text.iter().find_map(|(tag, text)| self.problem_of(tag, text))
    }

    fn problem_of(&self, tag: &str, text: &str) -> Option<SentenceProblem> {
        if !is_tag(tag) {
            return Some(SentenceProblem::Tag(tag.to_owned()));
        }
        let length = text.chars().count();
        if text.trim().is_empty() || length > LENGTH_MAX || text.chars().any(char::is_control) {
            return Some(SentenceProblem::Length(tag.to_owned()));
        }
        // What must never be said may well name it.
        let pressing = WORDING
            .scan(text)
            .into_iter()
            .next()
            .filter(|_| self.how == Saying::Say);
        if let Some(hit) = pressing {
            return Some(SentenceProblem::Wording(hit.text));
        }
        let telling = WORDING.telling(text).filter(|_| self.to != Hearer::Identified);
        telling.map(SentenceProblem::Telling)
    }
}

/// The tag of a language of the program, as packs and titles write it.
const fn tag_of(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

/// A language tag: letters and digits in parts between hyphens, the first part two or three small letters.
fn is_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let rest = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase()) && parts.all(rest)
}

/// What is wrong with a sentence; each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SentenceProblem {
    /// A language of the program lacks.
    #[error("the sentence has no `{0}`; every sentence is there in en and zh")]
    Lacks(&'static str),
    /// No language tag.
    #[error("`{0}` is no language tag; write it like en, zh or pt-BR")]
    Tag(String),
    /// Too long, or empty.
    #[error(
        "the sentence in `{0}` is empty, or has more than {LENGTH_MAX} characters or another line; write one short line"
    )]
    Length(String),
    /// It presses, insults or claims an authority.
    #[error("`{0}` has no place at a door; say it without, or make it `how = \"never\"`")]
    Wording(String),
    /// It tells others what the visit is about.
    #[error("`{0}` tells what the visit is about; only what is said `to = \"identified\"` may")]
    Telling(String),
    /// It serves a rule that its pack does not have.
    #[error("the pack has no rule `{0}`; name rules of the same pack")]
    NoRule(String),
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn sentence(to: Hearer, how: Saying, texts: &[(&str, &str)]) -> DoorSentence {
        DoorSentence {
            id: RuleId::from("T-SAY-1"),
            when: Moment::Greeting,
            to,
            how,
            rules: Vec::new(),
            text: texts
                .iter()
                .map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_presses_or_tells_is_refused_and_only_the_person_hears_of_the_matter() {
        let (say, never) = (Saying::Say, Saying::Never);
        let debt = [("en", "It is about your loan."), ("zh", "关于您的贷款。")];
        for to in [Hearer::Anybody, Hearer::Related] {
            for how in [say, never] {
                let problem = sentence(to, how, &debt).problem();
                assert_eq!(problem, Some(SentenceProblem::Telling("loan".to_owned())), "{to}");
            }
        }
        assert_eq!(sentence(Hearer::Identified, say, &debt).problem(), None);
        let chinese = [("en", "Good day."), ("zh", "您有一笔欠款。")];
        let problem = sentence(Hearer::Anybody, say, &chinese).problem();
        assert_eq!(problem, Some(SentenceProblem::Telling("欠".to_owned())));
        let threat = [("en", "Or else."), ("zh", "您好。")];
        for to in Hearer::ALL {
            let problem = sentence(*to, say, &threat).problem();
            assert_eq!(problem, Some(SentenceProblem::Wording("Or else".to_owned())));
            assert_eq!(
                sentence(*to, never, &threat).problem(),
                None,
                "what is never said may name it"
            );
        }
    }

    #[test]
    fn every_language_of_the_program_is_there_and_a_person_hears_their_own() {
        let problem = |texts: &[(&str, &str)]| sentence(Hearer::Anybody, Saying::Say, texts).problem();
        let both = [("en", "Good day."), ("zh", "您好。")];
        assert_eq!(problem(&both[..1]), Some(SentenceProblem::Lacks("zh")));
        assert_eq!(problem(&both[1..]), Some(SentenceProblem::Lacks("en")));
        let with = |tag, text| problem(&[both[0], both[1], (tag, text)]);
        assert_eq!(with("de", "Guten Tag."), None);
        for tag in ["German", "d", "DE", "de-", "de_AT"] {
            assert_eq!(
                with(tag, "Guten Tag."),
                Some(SentenceProblem::Tag(tag.to_owned())),
                "{tag}"
            );
        }
        for text in ["", " ", "a\nb", "x".repeat(LENGTH_MAX + 1).as_str()] {
            assert_eq!(
                with("de", text),
                Some(SentenceProblem::Length("de".to_owned())),
                "{text}"
            );
        }
        let said = sentence(
            Hearer::Anybody,
            Saying::Say,
            &[both[0], both[1], ("pt", "Bom dia."), ("pt-BR", "Oi.")],
        );
        assert_eq!(said.in_language("pt-br"), Some(("pt-BR", "Oi.")));
        assert_eq!(said.in_language("pt_PT"), Some(("pt", "Bom dia.")));
        assert_eq!(said.in_language("zh-Hans"), Some(("zh", "您好。")));
        assert_eq!((said.in_language("fr"), said.in_language("")), (None, None));
        assert_eq!(said.in_lang(Lang::Zh), "您好。");
    }
}
