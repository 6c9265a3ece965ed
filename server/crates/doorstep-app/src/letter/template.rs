//! Templates of letters: what they may say, checked before any is used. Knows no letter and no person.

use std::collections::HashMap;
use std::sync::LazyLock;

use doorstep_domain::letter::LetterKind;
use doorstep_domain::words::Lang;
use doorstep_rules::Wording;
use serde::Deserialize;
use toml::Spanned;

use crate::notice::{AUTHORITY_EN, AUTHORITY_ZH, DEBT_EN, DEBT_ZH, found, line_of, pieces};

/// The templates of this version, with their names in errors.
const BUILTIN: [(&str, &str); 5] = [
    ("reminder.toml", include_str!("../../../../letters/reminder.toml")),
    ("statement.toml", include_str!("../../../../letters/statement.toml")),
    ("pre-legal.toml", include_str!("../../../../letters/pre-legal.toml")),
    (
        "bureau-notice.toml",
        include_str!("../../../../letters/bureau-notice.toml"),
    ),
    (
        "address-check.toml",
        include_str!("../../../../letters/address-check.toml"),
    ),
];
/// The version of the format.
const FORMAT: u32 = 1;
/// What a template can say, by name.
const PLACEHOLDERS: &[&str] = &[
    "name",
    "office",
    "creditor",
    "authority",
    "case_no",
    "portfolio",
    "complaints",
    "help",
    "consequence",
];
/// What a heading can say: it may be seen through a window or over a shoulder.
const IN_TITLE: &[&str] = &["office", "case_no"];
/// The longest sentence of a template, in characters.
const CHARS_MAX: usize = 1_000;

/// Wording that presses.
static WORDING: LazyLock<Wording> = LazyLock::new(Wording::builtin);

/// Why a template cannot be used. Each says where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct LetterTemplateError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    kind: LetterKind,
    text: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    language: Spanned<String>,
    title: Spanned<String>,
    opening: Spanned<String>,
    body: Vec<Spanned<String>>,
    rights: Vec<Spanned<String>>,
    object: Spanned<String>,
    help: Spanned<String>,
}

/// A letter's sentences in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LetterText {
    pub(super) title: String,
    pub(super) opening: String,
    pub(super) body: Vec<String>,
    pub(super) rights: Vec<String>,
    pub(super) object: String,
    pub(super) help: String,
}

/// The sentences of all kinds of letters in all languages, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterTemplates(HashMap<(LetterKind, Lang), LetterText>);

impl LetterTemplates {
    /// Those of this version.
    pub fn builtin() -> Result<Self, LetterTemplateError> {
        let mut all = HashMap::new();
        for (file, text) in BUILTIN {
            all.extend(parse(file, text)?);
        }
        Ok(Self(all))
    }

    /// The same, with a file of an own template in place of the one of its kind.
    pub fn with(mut self, file: &str, text: &str) -> Result<Self, LetterTemplateError> {
        self.0.extend(parse(file, text)?);
        Ok(self)
    }

    pub(super) fn of(&self, kind: LetterKind, lang: Lang) -> Option<&LetterText> {
        self.0.get(&(kind, lang))
    }
}

/// The texts of letters, by what a letter is for and its language.
type Texts = HashMap<(LetterKind, Lang), LetterText>;

fn parse(file: &str, text: &str) -> Result<Texts, LetterTemplateError> {
    let place = Place { file, text };
    let read: File = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let reason = error.message().replace('\n', " ");
        place.wrong(start, format!("{reason}; server/letters shows the shape"))
    })?;
    if read.format != FORMAT {
        return Err(place.wrong(0, "this program reads format 1".to_owned()));
    }
    let mut texts = HashMap::new();
    for row in read.text {
        let at = row.language.span().start;
        let lang = row.language.get_ref().parse::<Lang>();
        let lang = lang.map_err(|error| place.wrong(at, error.to_string()))?;
        place.check(read.kind, &row)?;
        let plain = |all: Vec<Spanned<String>>| all.into_iter().map(Spanned::into_inner).collect();
        let one = LetterText {
            title: row.title.into_inner(),
            opening: row.opening.into_inner(),
            body: plain(row.body),
            rights: plain(row.rights),
            object: row.object.into_inner(),
            help: row.help.into_inner(),
        };
        if texts.insert((read.kind, lang), one).is_some() {
            return Err(place.wrong(at, format!("`{lang}` is there twice; remove one")));
        }
    }
    match Lang::ALL.iter().find(|lang| !texts.contains_key(&(read.kind, **lang))) {
        Some(lang) => Err(place.wrong(0, format!("the letter has no text in `{lang}`; add it"))),
        None => Ok(texts),
    }
}

/// Where something stands, for errors.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn wrong(self, at: usize, problem: String) -> LetterTemplateError {
        LetterTemplateError {
            file: self.file.to_owned(),
            line: line_of(self.text, at),
            problem,
        }
    }

    fn check(self, kind: LetterKind, row: &Row) -> Result<(), LetterTemplateError> {
        self.sentence(&row.title, IN_TITLE)?;
        self.silent(&row.title, "a heading")?;
        let single = [&row.opening, &row.object, &row.help];
        for text in single.into_iter().chain(&row.body).chain(&row.rights) {
            self.sentence(text, PLACEHOLDERS)?;
            if !kind.states_amount() {
                self.silent(text, "a letter that whoever lives there may open")?;
            }
        }
        if row.rights.is_empty() {
            let problem = "the letter names no rights; add them".to_owned();
            return Err(self.wrong(row.title.span().start, problem));
        }
        let has = |text: &Spanned<String>, name: &str| names(text.get_ref()).any(|found| found == name);
        let mut needed = vec![
            (&row.opening, "office"),
            (&row.object, "complaints"),
            (&row.help, "help"),
        ];
        if kind.states_amount() {
            needed.push((&row.opening, "authority"));
        }
        for (text, name) in needed {
            if !has(text, name) {
                return Err(self.wrong(text.span().start, format!("this must say {{{name}}}; add it")));
            }
        }
        let announced = row.body.iter().filter(|text| has(text, "consequence")).count();
        if announced != usize::from(kind.announces().is_some()) {
            let problem = "{consequence} stands once in the body of a letter that announces a step, and in no other";
            return Err(self.wrong(row.title.span().start, problem.to_owned()));
        }
        Ok(())
    }

    /// A sentence that presses nobody and does not look like an authority's.
    fn sentence(self, text: &Spanned<String>, known: &[&str]) -> Result<(), LetterTemplateError> {
        let (start, said) = (text.span().start, text.get_ref());
        if said.trim().is_empty() || said.chars().count() > CHARS_MAX || said.chars().any(char::is_control) {
            let problem = format!("one line of at most {CHARS_MAX} characters; write shorter sentences");
            return Err(self.wrong(start, problem));
        }
        if let Some(word) = found(said, AUTHORITY_EN, AUTHORITY_ZH) {
            let problem = format!("`{word}` makes a letter look as if an authority sent it; say it without that word");
            return Err(self.wrong(start, problem));
        }
        if let Some(hit) = WORDING.scan(said).into_iter().next() {
            let problem = format!("`{}` presses; say what is so, and leave that out", hit.text);
            return Err(self.wrong(start, problem));
        }
        if let Some(name) = names(said).find(|name| !known.contains(name)) {
            let problem = format!("there is no {{{name}}} here; the placeholders are {}", known.join(", "));
            return Err(self.wrong(start, problem));
        }
        Ok(())
    }

    /// Tells of no debt.
    fn silent(self, text: &Spanned<String>, what: &str) -> Result<(), LetterTemplateError> {
        let said = text.get_ref();
        let telling = found(said, DEBT_EN, DEBT_ZH)
            .map(str::to_owned)
            .or_else(|| WORDING.telling(said));
        telling.map_or(Ok(()), |word| {
            let problem = format!("`{word}` in {what} tells of a debt; leave it out");
            Err(self.wrong(text.span().start, problem))
        })
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|(_, name)| name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn refused(from: &str, to: &str, file: usize) -> String {
        let (name, text) = BUILTIN[file];
        assert!(text.contains(from), "{from}");
        parse(name, &text.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn the_letters_of_this_version_say_all_that_a_letter_must() {
        let all = LetterTemplates::builtin().unwrap();
        for kind in LetterKind::ALL {
            for lang in Lang::ALL {
                assert!(all.of(*kind, *lang).is_some(), "{kind} {lang}");
            }
        }
    }

    #[test]
    fn what_presses_threatens_or_plays_an_authority_is_refused_with_its_line() {
        let cases = [
            ("If you can, please", "Pay or else, please", "`or else` presses"),
            ("If you can, please", "The court officer asks that you", "`court`"),
            ("如果您想商量", "否则后果自负，如果您想商量", "`后果自负` presses"),
            ("如果您想商量", "法 院已经立案", "`法院`"),
            (
                "{office} about your contract",
                "{office} about your debt",
                "`debt` in a heading",
            ),
            ("就您的合同{case_no}致函", "就您的欠款致函", "`欠` in a heading"),
            ("If you can, please", "{threat} please", "there is no {threat}"),
            (
                "A letter from {office}",
                "A letter from {office} for {name}",
                "there is no {name}",
            ),
            (
                "If you can, please",
                "{consequence} please",
                "{consequence} stands once",
            ),
            ("{authority}\"", "\"", "this must say {authority}"),
            ("kind = \"reminder\"", "kind = \"summons\"", "summons"),
            ("format = 1", "format = 7", "format 1"),
            ("language = \"zh-CN\"", "language = \"en\"", "twice"),
        ];
        for (from, to, part) in cases {
            let error = refused(from, to, 0);
            assert!(
                error.starts_with("reminder.toml:") && error.contains(part),
                "{part}: {error}"
            );
        }
    }

    #[test]
    fn a_question_about_an_address_tells_nobody_of_a_debt() {
        let error = refused("We ask for nothing else", "It is about a loan", 4);
        assert!(error.contains("`loan`"), "{error}");
    }
}
