//! What is said at a door, as screens, commands and paper show it: in the language of the program, and in the person's where a
//! sentence has it. Pure.

use doorstep_domain::contact::ContactOutcome;
use doorstep_domain::door::{Hearer, Moment, Saying};
use doorstep_domain::words::{Lang, word};
use doorstep_rules::DoorSentence;
use serde_json::{Value, json};

use crate::text::pick;

/// A sentence as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// At which moment.
    pub(crate) when: Moment,
    /// To whom.
    pub(crate) to: Hearer,
    /// Whether it is said.
    pub(crate) how: Saying,
    /// In the language of the program.
    pub(crate) words: String,
    /// In the person's, where that is another one and the sentence has it.
    pub(crate) own: Option<String>,
}

impl Said {
    /// A sentence for a person of a language.
    pub(crate) fn of(sentence: &DoorSentence, lang: Lang, language: &str) -> Self {
        let words = sentence.in_lang(lang);
        let own = sentence.in_language(language).map(|(_, own)| own);
        Self {
            when: sentence.when,
            to: sentence.to,
            how: sentence.how,
            words: words.to_owned(),
            own: own.filter(|own| *own != words).map(str::to_owned),
        }
    }

    /// Whether it belongs on the screen: what is for somebody concerned only while it is them who was met.
    pub(crate) fn is_for(&self, outcome: Option<ContactOutcome>) -> bool {
        self.to != Hearer::Related || outcome == Some(ContactOutcome::MetRelated)
    }

    /// One line of it.
    pub(crate) fn line(&self, lang: Lang) -> String {
        match self.how {
            Saying::Say => format!("“{}”", self.words),
            Saying::Never => format!("{}{}", pick(lang, "Never: ", "不得："), self.words),
        }
    }
}

/// All of it in lines: moment by moment, each sentence with the person's words below.
pub(crate) fn lines(said: &[Said], lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let mut moment = None;
    for one in said {
        if moment.replace(one.when) != Some(one.when) {
            lines.push(word(lang, one.when).to_owned());
        }
        lines.push(format!("  {}", one.line(lang)));
        lines.extend(one.own.iter().map(|own| format!("    {own}")));
    }
    lines
}

/// The same for programs.
pub(crate) fn document(sentences: &[DoorSentence], lang: Lang, language: &str) -> Vec<Value> {
    let each = sentences.iter().map(|sentence| {
        let own = sentence.in_language(language);
        json!({
            "id": sentence.id,
            "when": sentence.when,
            "to": sentence.to,
            "how": sentence.how,
            "words": sentence.in_lang(lang),
            "own": own.map(|(tag, text)| json!({ "language": tag, "words": text })),
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorstep_rules::PackSet;

    fn said(id: &str, lang: Lang, language: &str) -> Said {
        let packs = PackSet::builtin();
        let mut all = packs.packs().flat_map(|pack| &pack.sentences);
        let sentence = all.find(|one| one.id.as_str() == id).expect("a sentence of the packs");
        Said::of(sentence, lang, language)
    }

    #[test]
    fn the_persons_own_words_stand_beside_those_of_the_program() {
        let german = said("RIGHTS-SAY-LEAVE", Lang::En, "de-AT");
        assert_eq!(
            german.own.as_deref(),
            Some("Entschuldigen Sie die Störung. Ich gehe jetzt.")
        );
        assert_eq!(
            german.line(Lang::En),
            "“I am sorry to have disturbed you. I am leaving now.”"
        );
        for (lang, language) in [
            (Lang::En, "en-GB"),
            (Lang::Zh, "zh-CN"),
            (Lang::En, "fi"),
            (Lang::En, ""),
        ] {
            assert_eq!(said("RIGHTS-SAY-LEAVE", lang, language).own, None, "{language}");
        }
        let lines = lines(&[german.clone(), german], Lang::En);
        assert_eq!(
            lines.len(),
            5,
            "one heading, and each sentence in both languages: {lines:?}"
        );
        let never = said("RIGHTS-NEVER-LEAVE", Lang::Zh, "").line(Lang::Zh);
        assert!(never.starts_with("不得：再劝说"), "{never}");
    }

    #[test]
    fn what_is_for_somebody_concerned_shows_only_while_it_is_them() {
        let related = said("HOUSE-SAY-RELATED", Lang::En, "");
        assert!(related.is_for(Some(ContactOutcome::MetRelated)));
        assert!(!related.is_for(None) && !related.is_for(Some(ContactOutcome::MetUnrelated)));
        assert!(said("RIGHTS-SAY-OTHER", Lang::En, "").is_for(None));
    }
}
