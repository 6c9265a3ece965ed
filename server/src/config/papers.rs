//! What papers are printed with: fonts of the system or those that are named, and own templates of letters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_app::letter::{LetterTemplateError, LetterTemplates};
use doorstep_app::papers::PaperSettings;
use doorstep_papers::{FontFile, Fonts, PaperError};
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// Where fonts for Latin lie, the first of them that is there; in the order in which they read best beside Chinese.
const LATIN: &[&str] = &[
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
];
/// Where fonts for Chinese lie, and which of a collection is the one for simplified characters.
const CHINESE: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc#2",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc#2",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc#2",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
];

/// What papers are made with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PapersConfig {
    /// Font files, from the data folder, in the order in which they are asked for a character; `FILE#2` is the third font of a
    /// collection. Empty: those of the system.
    pub fonts: Vec<String>,
    /// Own templates of letters, from the data folder, each in place of the one of its kind.
    pub letters: Vec<PathBuf>,
}

/// Why papers cannot be made as the configuration says.
#[derive(Debug, thiserror::Error)]
pub enum PapersError {
    /// A file cannot be read.
    #[error("`{path}`, named under `papers` in doorstep.toml, cannot be read; put it there or take its name out")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A font that is named cannot be used.
    #[error("`papers.fonts` in doorstep.toml: {0}")]
    Font(PaperError),
    /// A template says what none may.
    #[error("`papers.letters` in doorstep.toml: {0}")]
    Letter(#[from] LetterTemplateError),
}

impl Config {
    /// What papers are made with. Where nothing is named and the system has no font, nothing can be printed, and whoever tries
    /// is told which package is missing; everything else works.
    pub fn paper_settings(&self, folder: &Path) -> Result<PaperSettings, ConfigError> {
        let mut letters = LetterTemplates::builtin().map_err(PapersError::from)?;
        for own in &self.papers.letters {
            let path = folder.join(own);
            let text = std::fs::read_to_string(&path).map_err(|source| PapersError::Unreadable { path, source })?;
            letters = letters
                .with(&own.display().to_string(), &text)
                .map_err(PapersError::from)?;
        }
        let fonts = if self.papers.fonts.is_empty() {
            Fonts::read(fonts_of_the_system())
        } else {
            let named = self.papers.fonts.iter().map(|name| font_file(folder, name));
            Ok(Fonts::read(named.collect::<Result<_, _>>()?).map_err(PapersError::Font)?)
        };
        Ok(PaperSettings {
            fonts: fonts.map(Arc::new),
            letters,
        })
    }
}

fn fonts_of_the_system() -> Vec<FontFile> {
    let first = |paths: &[&str]| paths.iter().find_map(|name| font_file(Path::new("/"), name).ok());
    first(LATIN).into_iter().chain(first(CHINESE)).collect()
}

/// Reads `FILE` or `FILE#INDEX`.
fn font_file(folder: &Path, name: &str) -> Result<FontFile, PapersError> {
    let (path, index) = match name.rsplit_once('#') {
        Some((path, index)) => (path, index.parse().ok()),
        None => (name, Some(0)),
    };
    let index = index.ok_or_else(|| PapersError::Font(PaperError::Font(name.to_owned())))?;
    let path = folder.join(path);
    let bytes = std::fs::read(&path).map_err(|source| PapersError::Unreadable { path, source })?;
    Ok(FontFile {
        name: name.to_owned(),
        bytes,
        index,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Config {
        Config::parse(text, Path::new("doorstep.toml")).unwrap()
    }

    #[test]
    fn fonts_of_the_system_are_found_and_those_that_are_named_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Config::default().paper_settings(folder.path()).unwrap();
        assert!(settings.fonts.unwrap().have_chinese(), "`./test --yes` installs one");
        let refused = |text: &str| parse(text).paper_settings(folder.path()).unwrap_err();
        let message = |text: &str| crate::ServerError::from(refused(text)).message();
        assert!(message("[papers]\nfonts = [\"own.ttf\"]").contains("own.ttf"));
        std::fs::write(folder.path().join("own.ttf"), b"no font").unwrap();
        assert!(message("[papers]\nfonts = [\"own.ttf\"]").contains("no TrueType"));
    }

    #[test]
    fn an_own_letter_is_checked_as_those_that_come_along() {
        let folder = tempfile::tempdir().unwrap();
        let config = parse("[papers]\nletters = [\"own.toml\"]");
        let text = include_str!("../../letters/reminder.toml");
        std::fs::write(folder.path().join("own.toml"), text).unwrap();
        assert!(config.paper_settings(folder.path()).is_ok());
        let bad = text.replacen("If you can", "Or else", 1);
        let line = text.lines().position(|line| line.contains("If you can")).unwrap() + 1;
        std::fs::write(folder.path().join("own.toml"), bad).unwrap();
        let message = crate::ServerError::from(config.paper_settings(folder.path()).unwrap_err()).message();
        assert!(message.contains(&format!("own.toml:{line}")), "{message}");
    }
}
