//! What every code is called, in English and Chinese, and the sentences that explain a verdict.
//!
//! A value without words does not compile; a code without a place in the tests of this module fails them. This module
//! must not know how a screen looks: it gives words, not layout.

mod agencies;
mod agreements;
mod cases;
mod complaints;
mod contacts;
mod credentials;
mod doors;
mod loans;
mod notices;
mod planned;
mod reads;
mod recordings;
mod retention;
mod sentence;
mod verdicts;
mod watch;
mod work;

pub use planned::{LeftOutNumbers, left_out_sentence, planned_sentence};
pub use sentence::{Arg, ArgName, Sentence, SentenceKey};
pub use verdicts::{Confidence, ConsentScope, Effect, Forbidden, Lift, Requirement, RuleStatus, Weekday};

use crate::code::UnknownCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// Every value, in the order of declaration.
    pub const ALL: &'static [Self] = &[Self::En, Self::Zh];

    /// The language tag: stored, sent, never changed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

impl std::fmt::Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Lang {
    type Err = UnknownCode;

    /// Reads `en`, `zh` and `zh-CN`, and the shapes in which systems write them (`en_GB.UTF-8`, `zh-Hans`).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let primary = text.split(['-', '_', '.']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") {
            Ok(Self::En)
        } else if primary.eq_ignore_ascii_case("zh") {
            Ok(Self::Zh)
        } else {
            let given = text.chars().take(40).collect();
            Err(UnknownCode {
                kind: "language",
                given,
                expected: "en, zh, zh-CN".to_owned(),
            })
        }
    }
}

impl Serialize for Lang {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A code that has words.
pub trait Words: Copy {
    /// The label in English and in Chinese.
    fn both(self) -> [&'static str; 2];
}

/// What `code` is called in `lang`: a short label without a full stop.
///
/// ```
/// use doorstep_domain::{case::Flag, words::{Lang, word}};
/// assert_eq!(word(Lang::Zh, Flag::Deceased), "已故");
/// ```
#[must_use]
pub fn word(lang: Lang, code: impl Words) -> &'static str {
    let [english, chinese] = code.both();
    match lang {
        Lang::En => english,
        Lang::Zh => chinese,
    }
}

/// Labels joined as a list of that language.
#[must_use]
pub fn word_list<W: Words>(lang: Lang, codes: &[W]) -> String {
    let labels: Vec<&str> = codes.iter().map(|code| word(lang, *code)).collect();
    labels.join(match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    })
}

/// Gives every value of an enum its two labels; a missing value does not compile.
macro_rules! words {
    ($name:ty { $($variant:ident => $english:literal, $chinese:literal;)* }) => {
        impl $crate::words::Words for $name {
            fn both(self) -> [&'static str; 2] {
                match self { $(Self::$variant => [$english, $chinese],)* }
            }
        }
    };
}
use words;

words!(Lang {
    En => "English", "英文";
    Zh => "Chinese", "简体中文";
});

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[path = "words/words_tests.rs"]
mod tests;
