//! `rules sentences`: what the packs say at the door, and what they never say.

use super::PackArgs;
use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::Text;
use clap::Args;
use doorstep_domain::words::word;
use doorstep_rules::{DoorSentence, Hearer, Moment, Pack};
use serde_json::{Value, json};

/// Which sentences.
#[derive(Debug, Args)]
pub(crate) struct SentencesArgs {
    #[command(flatten)]
    packs: PackArgs,
    /// Only those of this pack
    #[arg(value_name = "PACK")]
    of: Option<String>,
    /// In the words of a language of the persons visited, such as de; only sentences that have it
    #[arg(long = "language", value_name = "TAG")]
    tag: Option<String>,
    #[arg(
        long,
        value_name = "MOMENT",
        help = "Only at this moment: greeting, identify, other_person, child, recording, matter, payment, \
                asked_to_leave, distress, danger, hand_over or farewell"
    )]
    when: Option<Moment>,
    /// Only what is for anybody, related or identified
    #[arg(long, value_name = "WHO")]
    to: Option<Hearer>,
}

impl SentencesArgs {
    fn asks(&self, pack: &Pack, sentence: &DoorSentence) -> bool {
        self.of.as_deref().is_none_or(|of| pack.id == of)
            && self.when.is_none_or(|when| sentence.when == when)
            && self.to.is_none_or(|to| sentence.to == to)
    }
}

/// Lists them, pack by pack.
pub(super) fn sentences(args: &SentencesArgs, context: &Context<'_>) -> Result<Answer, Failure> {
    let packs = args.packs.read()?;
    if let Some(of) = args.of.as_deref().filter(|of| packs.packs().all(|pack| pack.id != *of)) {
        let given = of.to_owned();
        return Err(Failure::Unknown { kind: "pack", given });
    }
    let lang = context.lang;
    let head = [
        ("Sentence", "语句"),
        ("When", "时机"),
        ("To", "对象"),
        ("How", "方式"),
        ("Words", "内容"),
    ];
    let mut table = Table::new(pick_all(context, head));
    let mut items = Vec::new();
    for pack in packs.packs() {
        for sentence in pack.sentences.iter().filter(|one| args.asks(pack, one)) {
            let words = match &args.tag {
                Some(tag) => sentence.in_language(tag).map(|(_, words)| words),
                None => Some(sentence.in_lang(lang)),
            };
            let Some(words) = words else { continue };
            table.row([
                sentence.id.to_string(),
                word(lang, sentence.when).to_owned(),
                word(lang, sentence.to).to_owned(),
                word(lang, sentence.how).to_owned(),
                words.to_owned(),
            ]);
            items.push(item(pack, sentence));
        }
    }
    let mut text = Text::new(lang);
    text.table(&table);
    text.fact("sentences", "语句数", items.len().to_string());
    text.fact("digest", "摘要", packs.digest().as_str());
    Ok(Answer::new(
        &json!({ "items": items, "digest": packs.digest() }),
        text.finish(),
    ))
}

fn item(pack: &Pack, sentence: &DoorSentence) -> Value {
    let mut item = json!(sentence);
    item["pack"] = json!(pack.reference());
    item
}
