//! What to verify and in which language: the arguments of `doorstep-verify` and of `doorstep verify`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// What to verify.
#[derive(Clone, Debug, Args)]
pub struct VerifyArgs {
    /// The folder of an export or of a device's evidence, or a file with a proof or a receipt
    pub path: PathBuf,
    /// What it is held against
    #[command(flatten)]
    pub trust: TrustArgs,
    /// The leaf of a proof file that does not hold it itself
    #[arg(long, value_name = "FILE")]
    pub leaf: Option<PathBuf>,
}

/// What the reader holds from elsewhere.
#[derive(Clone, Debug, Default, Args)]
pub struct TrustArgs {
    /// The key that the operator published, as a line or a file with one a line
    #[arg(long, value_name = "VKEY")]
    pub key: Vec<String>,
    /// An older signed checkpoint that the export must extend
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,
    /// The witnesses that must have cosigned (C2SP tlog-policy), got from elsewhere than the operator
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The root certificate of the time-stamp authority, in PEM, got from the authority itself
    #[arg(long, value_name = "FILE")]
    pub tsa_ca: Option<PathBuf>,
    /// The origin of a log that was closed and continued, where you know of it and take it that signed leaves are lost
    #[arg(long, value_name = "ORIGIN")]
    pub accept_continued: Vec<String>,
}

/// Language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// The text in this language.
    pub fn pick<'t>(self, english: &'t str, chinese: &'t str) -> &'t str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// The text in this language, of two that have to be made.
    pub(crate) fn either(self, english: impl FnOnce() -> String, chinese: impl FnOnce() -> String) -> String {
        match self {
            Self::En => english(),
            Self::Zh => chinese(),
        }
    }

    /// The language of the system: the first of these variables that is set decides, as in `doorstep`.
    pub fn of_system(var: impl Fn(&str) -> Option<String>) -> Self {
        let names = ["DOORSTEP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
        let set = names
            .iter()
            .find_map(|name| var(name).filter(|value| !value.is_empty()));
        set.and_then(|tag| tag.parse().ok()).unwrap_or_default()
    }
}

impl FromStr for Lang {
    type Err = String;

    /// Reads a language tag, or the value of `LANG`: its first part decides.
    fn from_str(tag: &str) -> Result<Self, String> {
        match tag.split(['-', '_', '.']).next().unwrap_or_default() {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            _ => Err("expected en or zh-CN / 可用 en 或 zh-CN".to_owned()),
        }
    }
}
