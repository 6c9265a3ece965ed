//! The sheet of a quality check, as data: what is looked at, in both languages.

use doorstep_domain::words::Lang;
use serde::Deserialize;

/// Its file, compiled in.
const TEXT: &str = include_str!("../../../packs/sheet.toml");

/// An item of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetItem {
    /// Its stable id.
    pub id: String,
    en: String,
    zh: String,
}

impl SheetItem {
    /// What it says.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// What a quality check looks at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    #[serde(rename = "item")]
    items: Vec<SheetItem>,
}

impl Sheet {
    /// The sheet that comes with the program.
    ///
    /// # Panics
    ///
    /// Never: a test reads the same bytes.
    #[must_use]
    pub fn builtin() -> Self {
        toml::from_str(TEXT).expect("the sheet that comes with the program is read by its test")
    }

    /// Its items, in the order in which they are looked at.
    #[must_use]
    pub fn items(&self) -> &[SheetItem] {
        &self.items
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_item_has_an_id_of_its_own_and_both_languages() {
        let sheet = Sheet::builtin();
        let ids: BTreeSet<&str> = sheet.items().iter().map(|item| item.id.as_str()).collect();
        assert!(ids.len() == sheet.items().len() && ids.len() >= 8);
        for item in sheet.items() {
            for lang in Lang::ALL {
                assert!(!item.text(*lang).trim().is_empty(), "{} {lang}", item.id);
            }
        }
    }
}
