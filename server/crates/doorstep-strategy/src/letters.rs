//! The section `[letters]`: by what authority letters are written, where help is, and which steps are true for the portfolio.

use doorstep_domain::letter::Consequence;
use doorstep_domain::words::Lang;
use serde::Deserialize;

use crate::document::Wrong;

/// The longest text, in characters: it stands in a sentence.
const CHARS_MAX: usize = 300;
/// The fewest days between a letter that announces a step and the step.
const NOTICE_DAYS_MIN: u32 = 10;
/// The most of them.
const NOTICE_DAYS_MAX: u32 = 365;

/// What letters of a portfolio say beside their templates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Letters {
    /// By what authority an agency writes, in English: the mandate's number and day. Empty: by mandate of the creditor.
    pub authority_en: String,
    /// The same in Chinese.
    pub authority_zh: String,
    /// Where somebody in difficulty finds help, in English. Empty: from whoever writes.
    pub help_en: String,
    /// The same in Chinese.
    pub help_zh: String,
    /// The steps that this portfolio really takes. Letters announce no other.
    pub consequences: Vec<Consequence>,
    /// How many days before such a step the letter that announces it is written.
    pub notice_days: u32,
}

impl Default for Letters {
    fn default() -> Self {
        Self {
            authority_en: String::new(),
            authority_zh: String::new(),
            help_en: String::new(),
            help_zh: String::new(),
            consequences: Vec::new(),
            notice_days: 20,
        }
    }
}

impl Letters {
    /// By what authority an agency writes; empty where nothing was set.
    #[must_use]
    pub fn authority(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.authority_en,
            Lang::Zh => &self.authority_zh,
        }
    }

    /// Where help is; empty where nothing was set.
    #[must_use]
    pub fn help(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.help_en,
            Lang::Zh => &self.help_zh,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let texts = [
            ("authority_en", &self.authority_en),
            ("authority_zh", &self.authority_zh),
            ("help_en", &self.help_en),
            ("help_zh", &self.help_zh),
        ];
        for (key, text) in texts {
            if text.chars().count() > CHARS_MAX || text.chars().any(char::is_control) {
                let problem = format!("one line of at most {CHARS_MAX} characters; make it shorter");
                return Err(Wrong::at("letters", key, problem));
            }
        }
        if !(NOTICE_DAYS_MIN..=NOTICE_DAYS_MAX).contains(&self.notice_days) {
            let problem = format!("between {NOTICE_DAYS_MIN} and {NOTICE_DAYS_MAX} days; a step comes as no surprise");
            return Err(Wrong::at("letters", "notice_days", problem));
        }
        Ok(())
    }
}
