//! Templates of notices: what they may say, checked before any is used. Knows no notice and no person.

use std::collections::HashMap;
use std::ops::Range;

use doorstep_domain::notice::NoticeChannel;
use doorstep_domain::words::Lang;
use serde::Deserialize;
use toml::Spanned;

/// The templates of this version.
const BUILTIN: &str = include_str!("../../../../packs/notices.toml");
/// Their name in errors.
const BUILTIN_NAME: &str = "notices.toml";
/// The version of the format.
const FORMAT: u32 = 1;

/// What a template can say, by name.
const PLACEHOLDERS: &[&str] = &[
    "name",
    "office",
    "badges",
    "date",
    "from",
    "to",
    "page",
    "code",
    "stop_code",
    "complaints",
];
/// What every template must say.
const NEEDED: &[&str] = &[
    "office",
    "badges",
    "date",
    "from",
    "to",
    "page",
    "stop_code",
    "complaints",
];

/// English words that make a text look as if an authority sent it. A word counts with its plural and genitive.
pub(crate) const AUTHORITY_EN: &[&str] = &[
    "court",
    "tribunal",
    "judge",
    "judgment",
    "judgement",
    "police",
    "sheriff",
    "bailiff",
    "marshal",
    "prosecutor",
    "prosecution",
    "summons",
    "subpoena",
    "warrant",
    "arrest",
    "arrested",
    "detention",
    "enforcement",
    "lawsuit",
    "litigation",
    "sued",
    "attorney",
    "solicitor",
    "ministry",
    "legal action",
    "legal proceedings",
];
/// The same in Chinese.
pub(crate) const AUTHORITY_ZH: &[&str] = &[
    "法院",
    "法庭",
    "法官",
    "公安",
    "警察",
    "警方",
    "民警",
    "派出所",
    "检察",
    "司法",
    "传票",
    "强制执行",
    "执行局",
    "执法",
    "逮捕",
    "拘留",
    "拘传",
    "通缉",
    "起诉",
    "诉讼",
    "立案",
    "律师函",
    "律师事务所",
    "失信",
    "政府",
];
/// English words that tell of a debt.
pub(crate) const DEBT_EN: &[&str] = &[
    "debt",
    "debtor",
    "loan",
    "overdue",
    "arrears",
    "owe",
    "owed",
    "owing",
    "repay",
    "repayment",
    "collection",
    "collector",
    "instalment",
    "installment",
    "creditor",
    "lender",
    "borrower",
    "default",
    "past due",
    "amount due",
    "outstanding",
    "credit card",
];
/// The same in Chinese.
pub(crate) const DEBT_ZH: &[&str] = &[
    "债",
    "欠",
    "贷",
    "逾期",
    "催收",
    "催缴",
    "还款",
    "借款",
    "账单",
    "分期",
    "拖欠",
    "信用卡",
];

/// Why templates cannot be used. Each says where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file is no TOML of this shape.
    #[error("{file}:{line}: {reason}; server/packs/notices.toml shows the shape")]
    Shape {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A text looks as if an authority sent it.
    #[error("{file}:{line}: `{word}` makes the {template} look as if an authority sent it; say it without that word")]
    Authority {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The template, by language and channel.
        template: String,
        /// The word.
        word: String,
    },
    /// A text tells of a debt to whoever opens it.
    #[error("{file}:{line}: `{word}` in the {template} tells of a debt to whoever opens it; leave it out")]
    Debt {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The template, by language and channel.
        template: String,
        /// The word.
        word: String,
    },
    /// A placeholder is none of those there are.
    #[error("{file}:{line}: the {template} has no use for {{{name}}}; its placeholders are {known}")]
    Placeholder {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The template, by language and channel.
        template: String,
        /// What stands between the braces.
        name: String,
        /// What may stand there.
        known: String,
    },
    /// Something that the person must know is not said.
    #[error("{file}:{line}: the {template} must say {{{name}}}; add it")]
    Lacks {
        /// The file.
        file: String,
        /// The line where the text begins.
        line: usize,
        /// The template, by language and channel.
        template: String,
        /// The placeholder.
        name: &'static str,
    },
    /// A language and channel has no template, or two.
    #[error("{file}: there must be one {template}; add it, or remove the second")]
    Number {
        /// The file.
        file: String,
        /// The template, by language and channel.
        template: String,
    },
}

impl TemplateError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shape { .. } => "template-shape",
            Self::Authority { .. } => "template-authority",
            Self::Debt { .. } => "template-debt",
            Self::Placeholder { .. } => "template-placeholder",
            Self::Lacks { .. } => "template-lacks",
            Self::Number { .. } => "template-number",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    format: u32,
    template: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    language: String,
    channel: NoticeChannel,
    title: Spanned<String>,
    text: Spanned<String>,
}

/// One template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// All templates: one for each language and channel, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates(HashMap<(Lang, NoticeChannel), Template>);

impl Templates {
    /// The templates of this version.
    pub fn builtin() -> Result<Self, TemplateError> {
        Self::parse(BUILTIN_NAME, BUILTIN)
    }

    /// Reads and checks templates; `file` is named in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, TemplateError> {
        let shape = |line, reason: &str| TemplateError::Shape {
            file: file.to_owned(),
            line,
            reason: reason.replace('\n', " "),
        };
        let found: TemplateFile = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            shape(line_of(text, start), error.message())
        })?;
        if found.format != FORMAT {
            return Err(shape(1, "this program reads format 1"));
        }
        let mut templates = HashMap::new();
        for row in found.template {
            let line = line_of(text, row.text.span().start);
            let lang: Lang = row
                .language
                .parse()
                .map_err(|_| shape(line, "no language of this program"))?;
            let place = Place {
                file,
                text,
                name: name_of(lang, row.channel),
            };
            place.check(&row.title)?;
            place.check(&row.text)?;
            place.check_placeholders(row.channel, &row.text)?;
            let template = Template {
                title: row.title.into_inner(),
                text: row.text.into_inner().trim().to_owned(),
            };
            if templates.insert((lang, row.channel), template).is_some() {
                return Err(place.number());
            }
        }
        for (lang, channel) in Lang::ALL
            .iter()
            .flat_map(|lang| NoticeChannel::ALL.iter().map(move |c| (*lang, *c)))
        {
            if !templates.contains_key(&(lang, channel)) {
                return Err(Place {
                    file,
                    text,
                    name: name_of(lang, channel),
                }
                .number());
            }
        }
        Ok(Self(templates))
    }

    /// The template of a language and channel, which is always there.
    pub(crate) fn of(&self, lang: Lang, channel: NoticeChannel) -> Option<&Template> {
        self.0.get(&(lang, channel))
    }
}

fn name_of(lang: Lang, channel: NoticeChannel) -> String {
    format!("{channel} in {lang}")
}

pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at)].matches('\n').count() + 1
}

/// Where something stands, for errors.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
    name: String,
}

impl Place<'_> {
    fn number(&self) -> TemplateError {
        TemplateError::Number {
            file: self.file.to_owned(),
            template: self.name.clone(),
        }
    }

    /// The line of a word within a text of the file; the first of the text where an escape hides it.
    fn line(&self, span: Range<usize>, word: &str) -> usize {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let within = raw.to_lowercase().find(&word.to_lowercase()).unwrap_or(0);
        line_of(self.text, span.start + within)
    }

    fn check(&self, text: &Spanned<String>) -> Result<(), TemplateError> {
        let (file, template) = (self.file.to_owned(), self.name.clone());
        if let Some(word) = found(text.get_ref(), AUTHORITY_EN, AUTHORITY_ZH) {
            let line = self.line(text.span(), word);
            let word = word.to_owned();
            return Err(TemplateError::Authority {
                file,
                line,
                template,
                word,
            });
        }
        if let Some(word) = found(text.get_ref(), DEBT_EN, DEBT_ZH) {
            let line = self.line(text.span(), word);
            let word = word.to_owned();
            return Err(TemplateError::Debt {
                file,
                line,
                template,
                word,
            });
        }
        Ok(())
    }

    fn check_placeholders(&self, channel: NoticeChannel, text: &Spanned<String>) -> Result<(), TemplateError> {
        // A message may be read by whoever holds the phone: it names nobody.
        let known = |name: &str| PLACEHOLDERS.contains(&name) && (channel == NoticeChannel::Letter || name != "name");
        let names: Vec<&str> = pieces(text.get_ref()).filter_map(|(_, name)| name).collect();
        if let Some(name) = names.iter().find(|name| !known(name)) {
            return Err(TemplateError::Placeholder {
                file: self.file.to_owned(),
                line: self.line(text.span(), &format!("{{{name}")),
                template: self.name.clone(),
                name: (*name).to_owned(),
                known: PLACEHOLDERS
                    .iter()
                    .filter(|name| known(name))
                    .copied()
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        }
        let lacks = NEEDED.iter().find(|name| !names.contains(name));
        lacks.map_or(Ok(()), |name| {
            Err(TemplateError::Lacks {
                file: self.file.to_owned(),
                line: line_of(self.text, text.span().start),
                template: self.name.clone(),
                name,
            })
        })
    }
}

/// The text in pieces: what stands before a placeholder, and its name; the last has none. An open brace without its end
/// counts as a placeholder of the rest of the text, which nothing knows.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some((before, after)) = text.split_once('{') else {
            rest = None;
            return Some((text, None));
        };
        let (name, next) = after.split_once('}').unwrap_or((after, ""));
        rest = Some(next);
        Some((before, Some(name)))
    })
}

/// A word of a list that a text holds: English as whole words in any case, Chinese with whatever is put between its
/// characters.
pub(crate) fn found<'a>(text: &str, english: &[&'a str], chinese: &[&'a str]) -> Option<&'a str> {
    let visible = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let dense: String = text.chars().filter(visible).filter(|c| c.is_alphanumeric()).collect();
    let spaced: String = text
        .chars()
        .filter(visible)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<String> = spaced.to_lowercase().split_whitespace().map(singular).collect();
    let words = format!(" {} ", words.join(" "));
    let english = english.iter().find(|word| words.contains(&format!(" {word} ")));
    english
        .or_else(|| chinese.iter().find(|word| dense.contains(**word)))
        .copied()
}

/// The word without the ending of its plural, so that one entry of the lists finds both. What is spelled with it anyway
/// (`summons`, `arrears`) stays.
fn singular(word: &str) -> String {
    match word {
        "summons" | "arrears" | "proceedings" => word,
        _ => word.strip_suffix('s').unwrap_or(word),
    }
    .to_owned()
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
