//! Human text of answers: in one of two languages, line by line. Labels of codes come from the domain's words.

use crate::table::{Table, clean, is_harmless, width};
use doorstep_domain::words::{Lang, Words, word};
use std::str::FromStr;

/// The English or the Chinese of two texts.
pub(crate) fn pick<'a>(lang: Lang, english: &'a str, chinese: &'a str) -> &'a str {
    match lang {
        Lang::En => english,
        Lang::Zh => chinese,
    }
}

/// The label of a code; the code itself where this program does not know it.
pub(crate) fn label<W: Words + FromStr>(lang: Lang, code: &str) -> String {
    code.parse::<W>()
        .map_or_else(|_| code.to_owned(), |known| word(lang, known).to_owned())
}

/// Labels of codes as a list.
pub(crate) fn labels<W: Words + FromStr>(lang: Lang, codes: &[String]) -> String {
    let labels: Vec<String> = codes.iter().map(|code| label::<W>(lang, code)).collect();
    labels.join(pick(lang, ", ", "、"))
}

/// A number with the English noun that fits it: `1 case`, `2 cases`.
pub(crate) fn counted(count: impl TryInto<i64>, one: &str, more: &str) -> String {
    let count = count.try_into().unwrap_or(i64::MAX);
    format!("{count} {}", if count == 1 { one } else { more })
}

/// A text, a dash where there is none.
pub(crate) fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or("–").to_owned()
}

/// A text that grows by lines, with facts (`label: value`) aligned.
#[derive(Debug)]
pub(crate) struct Text {
    /// The language.
    pub(crate) lang: Lang,
    body: String,
    facts: Vec<(String, String)>,
}

impl Text {
    /// An empty text.
    pub(crate) fn new(lang: Lang) -> Self {
        Self {
            lang,
            body: String::new(),
            facts: Vec::new(),
        }
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, text: &str) {
        self.flush();
        self.body.push_str(&clean(text));
        self.body.push('\n');
    }

    /// Adds a line in the language of the text.
    pub(crate) fn say(&mut self, english: &str, chinese: &str) {
        self.line(pick(self.lang, english, chinese));
    }

    /// Adds a fact; facts that follow each other are aligned.
    pub(crate) fn fact(&mut self, english: &str, chinese: &str, value: impl AsRef<str>) {
        let label = pick(self.lang, english, chinese).to_owned();
        self.facts.push((label, clean(value.as_ref())));
    }

    /// Adds a table.
    pub(crate) fn table(&mut self, table: &Table) {
        self.flush();
        self.body.push_str(&table.render());
    }

    /// The whole text.
    pub(crate) fn finish(mut self) -> String {
        self.flush();
        self.body
    }

    fn flush(&mut self) {
        let widest = self.facts.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
        for (label, value) in std::mem::take(&mut self.facts) {
            let pad = " ".repeat(widest - width(&label) + 2);
            self.body.extend([label.as_str(), &pad, &value]);
            self.body.truncate(self.body.trim_end_matches(' ').len());
            self.body.push('\n');
        }
    }
}

/// Text as it may go to a terminal: line ends stay, everything that moves the cursor goes.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .filter(|symbol| *symbol == '\n' || (*symbol != '\r' && is_harmless(*symbol)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorstep_domain::case::{CaseStatus, Flag};

    #[test]
    fn codes_have_labels_and_unknown_ones_stay() {
        assert_eq!(label::<CaseStatus>(Lang::Zh, "open"), "在办");
        assert_eq!(label::<CaseStatus>(Lang::En, "newer-code"), "newer-code");
        assert_eq!(
            labels::<Flag>(Lang::Zh, &["deceased".to_owned(), "x".to_owned()]),
            "已故、x"
        );
    }

    #[test]
    fn facts_align_and_lines_stay_lines() {
        let mut text = Text::new(Lang::Zh);
        text.fact("Case", "案件", "A\n1");
        text.fact("Days past due", "逾期天数", "41");
        text.say("Done.", "完成。");
        assert_eq!(text.finish(), "案件      A 1\n逾期天数  41\n完成。\n");
        assert_eq!(harmless("a\u{1b}[1m\r\nb"), "a[1m\nb");
    }
}
