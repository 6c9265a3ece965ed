//! Leaflets as data, and as papers. Knows no storage and no person.

use doorstep_domain::case::{Flag, Stage};
use doorstep_domain::words::Lang;
use doorstep_log::hash::sha256;
use doorstep_papers::{Block, Paper};
use doorstep_rules::Wording;
use serde::Deserialize;

use crate::notice::{AUTHORITY_EN, AUTHORITY_ZH, found};
use crate::papers::pick;

/// The leaflets of this version, with their names in errors.
const BUILTIN: [(&str, &str); 3] = [
    ("rights.toml", include_str!("../../../../leaflets/rights.toml")),
    (
        "instalments.toml",
        include_str!("../../../../leaflets/instalments.toml"),
    ),
    ("hardship.toml", include_str!("../../../../leaflets/hardship.toml")),
];

/// Why a leaflet cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub(super) struct LeafletError {
    file: String,
    problem: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    name: String,
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(default)]
    flags: Vec<Flag>,
    en: Text,
    zh: Text,
}

/// What a leaflet says in one language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) title: String,
    section: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    heading: String,
    points: Vec<String>,
}

/// A leaflet.
pub(super) struct Leaflet {
    pub(super) name: String,
    /// SHA-256 of its file, in hexadecimal.
    pub(super) version: String,
    stages: Vec<Stage>,
    flags: Vec<Flag>,
    en: Text,
    zh: Text,
}

/// All leaflets.
pub(super) fn all() -> Result<Vec<Leaflet>, LeafletError> {
    BUILTIN.iter().map(|(file, text)| read(file, text)).collect()
}

fn read(file: &str, text: &str) -> Result<Leaflet, LeafletError> {
    let wrong = |problem: String| LeafletError {
        file: file.to_owned(),
        problem,
    };
    let read: File = toml::from_str(text).map_err(|error| wrong(error.to_string().replace('\n', " ")))?;
    if read.format != 1 {
        return Err(wrong("this program reads format 1".to_owned()));
    }
    let wording = Wording::builtin();
    for said in [&read.en, &read.zh].into_iter().flat_map(Text::sentences) {
        if let Some(hit) = wording.scan(said).into_iter().next() {
            return Err(wrong(format!("`{}` presses; say what is so", hit.text)));
        }
        if let Some(word) = found(said, AUTHORITY_EN, AUTHORITY_ZH) {
            return Err(wrong(format!(
                "`{word}` makes a leaflet look as if an authority printed it; leave it out"
            )));
        }
    }
    Ok(Leaflet {
        name: read.name,
        version: sha256(text.as_bytes()).to_string(),
        stages: read.stages,
        flags: read.flags,
        en: read.en,
        zh: read.zh,
    })
}

impl Text {
    fn sentences(&self) -> impl Iterator<Item = &str> {
        let sections = self.section.iter();
        let inner = sections.flat_map(|one| std::iter::once(&one.heading).chain(&one.points));
        std::iter::once(&self.title).chain(inner).map(String::as_str)
    }
}

impl Leaflet {
    pub(super) fn in_lang(&self, lang: Lang) -> &Text {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }

    /// Whether it is for a case of this stage and these flags: of those that it names, any.
    pub(super) fn fits(&self, stage: Stage, flags: i64) -> bool {
        let known = Flag::of_mask(flags);
        let stage = self.stages.is_empty() || self.stages.contains(&stage);
        let flag = self.flags.is_empty() || self.flags.iter().any(|flag| known.contains(flag));
        stage && flag
    }

    pub(super) fn paper(&self, lang: Lang, (office, complaints): (&str, &str), day: (u16, u8, u8)) -> Paper {
        let text = self.in_lang(lang);
        let mut blocks = vec![Block::Title(text.title.clone())];
        for section in &text.section {
            blocks.push(Block::Heading(section.heading.clone()));
            blocks.push(Block::Points(section.points.clone()));
        }
        let heading = pick(lang, "Where to ask or complain", "咨询与投诉");
        blocks.push(Block::Heading(heading.to_owned()));
        let mut lines = vec![office.to_owned(), complaints.to_owned()];
        lines.retain(|line| !line.is_empty());
        blocks.push(Block::Lines(lines));
        Paper {
            title: text.title.clone(),
            language: lang.code().to_owned(),
            day,
            foot: office.to_owned(),
            blocks,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn leaflets_are_read_and_chosen_by_stage_and_flag() {
        let leaflets = all().unwrap();
        let fitting = |flags: i64| -> Vec<&str> {
            let some = leaflets.iter().filter(|one| one.fits(Stage::ALL[1], flags));
            some.map(|one| one.name.as_str()).collect()
        };
        assert!(fitting(0).contains(&"rights") && !fitting(0).contains(&"hardship"));
        let hardship = Flag::ALL.iter().find(|flag| flag.code() == "hardship").unwrap();
        assert!(fitting(Flag::mask(&[*hardship])).contains(&"hardship"));
        let text = leaflets[0].paper(Lang::Zh, ("机构", "电话"), (2026, 11, 21)).text();
        assert!(text.contains("机构") && text.contains("- "), "{text}");
    }

    #[test]
    fn a_leaflet_that_presses_is_refused() {
        let (file, text) = BUILTIN[0];
        let bad = text.replacen("points = [", "points = [\n    \"Pay, or else.\",", 1);
        assert!(read(file, &bad).is_err());
    }
}
