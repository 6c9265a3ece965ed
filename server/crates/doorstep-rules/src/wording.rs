//! Wording that has no place in a note or at a door: a list as data, and where a text has something of it. It finds places
//! for a person to judge, and judges nothing itself.

use doorstep_domain::quality::WordingKind;
use serde::Deserialize;

/// Its file, compiled in.
const TEXT: &str = include_str!("../../../packs/wording.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    words: Vec<Group>,
    telling: std::collections::BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    kind: WordingKind,
    en: Vec<String>,
    zh: Vec<String>,
}

/// A place of a text that has forbidden wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Why it is forbidden.
    pub kind: WordingKind,
    /// Where it begins, in characters.
    pub start: usize,
    /// How many characters it has.
    pub length: usize,
    /// What stands there.
    pub text: String,
}

/// The list of forbidden wording, both languages at once: a note may be in either.
#[derive(Debug, Clone)]
pub struct Wording {
    forbidden: Vec<(WordingKind, Vec<char>)>,
    /// What tells what a visit is about.
    telling: Vec<Vec<char>>,
}

impl Wording {
    /// The list that comes with the program.
    ///
    /// # Panics
    ///
    /// Never: a test reads the same bytes.
    #[must_use]
    pub fn builtin() -> Self {
        let file: File = toml::from_str(TEXT).expect("the wording that comes with the program is read by its test");
        let groups = file.words.into_iter();
        let forbidden = groups.flat_map(|group| {
            let phrases = group.en.into_iter().chain(group.zh);
            phrases.map(move |phrase| (group.kind, phrase.chars().map(small).collect()))
        });
        let telling = file.telling.into_values().flatten();
        Self {
            forbidden: forbidden.collect(),
            telling: telling.map(|phrase| phrase.chars().map(small).collect()).collect(),
        }
    }

    /// The first word of a text that tells that a visit is about money; all languages of the list at once.
    #[must_use]
    pub fn telling(&self, text: &str) -> Option<String> {
        let letters: Vec<char> = text.chars().map(small).collect();
        (0..letters.len()).find_map(|start| {
            let ends = self.telling.iter().filter_map(|phrase| end_of(&letters, start, phrase));
            ends.max().map(|end| letters[start..end].iter().collect())
        })
    }

    /// Where a text has forbidden wording, in the order of the text; of hits at one place the longest.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit> {
        let original: Vec<char> = text.chars().collect();
        let letters: Vec<char> = original.iter().copied().map(small).collect();
        let mut hits: Vec<Hit> = Vec::new();
        for start in 0..letters.len() {
            let ends = self.forbidden.iter().filter_map(|(kind, phrase)| {
                let end = end_of(&letters, start, phrase)?;
                Some((end, *kind))
            });
            if let Some((end, kind)) = ends.max_by_key(|(end, _)| *end) {
                hits.push(Hit {
                    kind,
                    start,
                    length: end - start,
                    text: original.iter().take(end).skip(start).collect(),
                });
            }
        }
        hits
    }
}

fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Where a phrase that begins at `start` ends; `None` where it does not stand there.
fn end_of(text: &[char], start: usize, phrase: &[char]) -> Option<usize> {
    let begins_inside = start > 0 && is_letter(text[start - 1]) && phrase.first().copied().is_some_and(is_letter);
    if begins_inside {
        return None;
    }
    let mut at = start;
    for (index, wanted) in phrase.iter().enumerate() {
        let gap = text
            .iter()
            .skip(at)
            .take_while(|found| !found.is_alphanumeric())
            .count();
        if *wanted == ' ' {
            if gap == 0 {
                return None;
            }
            at += gap;
            continue;
        }
        // Signs between Chinese characters hide nothing.
        if index > 0 && !is_letter(*wanted) {
            at += gap;
        }
        if text.get(at) != Some(wanted) {
            return None;
        }
        at += 1;
    }
    let goes_on = phrase.last().copied().is_some_and(is_letter) && text.get(at).copied().is_some_and(is_letter);
    (!goes_on).then_some(at)
}

/// Whether words are written with it that end where another sign stands.
const fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(WordingKind, usize, String)> {
        let hits = Wording::builtin().scan(text);
        hits.into_iter().map(|hit| (hit.kind, hit.start, hit.text)).collect()
    }

    #[test]
    fn wording_is_found_at_its_place_in_both_languages() {
        let english = found("He said: pay, or you Go to  JAIL!");
        assert_eq!(english, [(WordingKind::Threat, 21, "Go to  JAIL".to_owned())]);
        let chinese = found("告知其不还款要坐 牢，并称其为老赖。");
        assert_eq!(
            chinese,
            [
                (WordingKind::Threat, 7, "坐 牢".to_owned()),
                (WordingKind::Insult, 15, "老赖".to_owned())
            ]
        );
    }

    #[test]
    fn words_of_letters_count_only_as_a_whole() {
        assert_eq!(found("the gate is green, the scumble on the wall too"), []);
        assert_eq!(found("a family of liars lives there, says the neighbour"), []);
        assert_eq!(found("liar").len(), 1);
        assert_eq!(found(""), []);
    }

    #[test]
    fn what_tells_what_a_visit_is_about_is_found_in_every_language() {
        let file: File = toml::from_str(TEXT).unwrap();
        let wording = Wording::builtin();
        for (lang, phrases) in &file.telling {
            assert!(!phrases.is_empty(), "{lang}");
            for phrase in phrases {
                assert!(wording.telling(&format!("- {phrase} -")).is_some(), "{phrase}");
            }
        }
        assert!(["en", "zh"].iter().all(|lang| file.telling.contains_key(*lang)));
        assert_eq!(wording.telling("It is about a Loan, or two."), Some("loan".to_owned()));
        assert_eq!(wording.telling("I live alone with the sloanes."), None);
    }

    #[test]
    fn every_phrase_finds_itself_and_every_kind_has_both_languages() {
        let file: File = toml::from_str(TEXT).unwrap();
        let wording = Wording::builtin();
        for kind in WordingKind::ALL {
            let group = file.words.iter().find(|group| group.kind == *kind).unwrap();
            assert!(!group.en.is_empty() && !group.zh.is_empty(), "{kind}");
            for phrase in group.en.iter().chain(&group.zh) {
                let hits = wording.scan(&format!("- {phrase} -"));
                assert!(
                    hits.iter().any(|hit| hit.start == 2 && hit.text == *phrase),
                    "{phrase}: {hits:?}"
                );
            }
        }
    }
}
