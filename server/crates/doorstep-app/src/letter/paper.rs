//! One letter as a paper: sentences of a template, and what the program alone puts beside them. Knows no storage.

use doorstep_domain::letter::{Consequence, LetterKind};
use doorstep_domain::measure::Micros;
use doorstep_domain::words::Lang;
use doorstep_papers::{Block, Paper};
use doorstep_wire::agreement::PayItem;
use jiff::tz::TimeZone;

use super::template::{LetterTemplates, LetterText};
use crate::notice::pieces;
use crate::papers::{amount_lines, long_day, long_day_of, paper_day, pick};

/// What a letter says of a case.
pub(super) struct Words<'a> {
    pub(super) name: &'a str,
    pub(super) address: &'a str,
    /// Who writes.
    pub(super) office: &'a str,
    /// For whom.
    pub(super) creditor: &'a str,
    /// By what authority an agency writes; empty where nothing was set.
    pub(super) mandate: [&'a str; 2],
    /// Where help is; empty where nothing was set.
    pub(super) help: [&'a str; 2],
    pub(super) complaints: &'a str,
    pub(super) case_no: &'a str,
    pub(super) portfolio: &'a str,
    pub(super) amount: Amount<'a>,
    /// How to pay; nothing where the portfolio names no way.
    pub(super) pay: Option<PayItem>,
    /// The first day on which an announced step may be taken.
    pub(super) not_before: jiff::civil::Date,
    pub(super) now: Micros,
    pub(super) zone: &'a TimeZone,
    /// What stands at the foot, so that office and person speak of the same letter.
    pub(super) number: String,
}

/// What is open, as of when.
pub(super) struct Amount<'a> {
    pub(super) total: i64,
    pub(super) parts: Option<[i64; 4]>,
    pub(super) currency: &'a str,
    pub(super) as_of: Micros,
}

/// A letter in some languages, one after the other.
pub(super) fn paper(templates: &LetterTemplates, kind: LetterKind, langs: &[Lang], words: &Words<'_>) -> Paper {
    let mut blocks = Vec::new();
    let found = langs
        .iter()
        .filter_map(|lang| Some((*lang, templates.of(kind, *lang)?)));
    let found: Vec<(Lang, &LetterText)> = found.collect();
    for (index, (lang, text)) in found.iter().enumerate() {
        if index == 0 {
            let mut lines = vec![words.name.to_owned()];
            lines.extend(words.address.lines().map(str::to_owned));
            let sender = words.office.to_owned();
            blocks.push(Block::Window { sender, lines });
        } else {
            blocks.push(Block::NewPage);
        }
        blocks.extend(page(kind, *lang, text, words));
    }
    let first = found.first();
    Paper {
        title: first.map_or_else(String::new, |(lang, text)| filled(&text.title, *lang, kind, words)),
        language: first.map_or(Lang::En, |(lang, _)| *lang).code().to_owned(),
        day: paper_day(words.now, words.zone),
        foot: format!("{} · {}", words.office, words.number),
        blocks,
    }
}

fn page(kind: LetterKind, lang: Lang, text: &LetterText, words: &Words<'_>) -> Vec<Block> {
    let fill = |text: &str| filled(text, lang, kind, words);
    let heading = |english, chinese| Block::Heading(pick(lang, english, chinese).to_owned());
    let mut blocks = vec![
        Block::Text(long_day_of(words.now, words.zone, lang)),
        Block::Title(fill(&text.title)),
        Block::Text(fill(&text.opening)),
    ];
    blocks.extend(text.body.iter().map(|sentence| Block::Text(fill(sentence))));
    if kind.states_amount() {
        let Amount {
            total,
            parts,
            currency,
            as_of,
        } = words.amount;
        let day = long_day_of(as_of, words.zone, lang);
        blocks.push(Block::Heading(match lang {
            Lang::En => format!("What is open, as of {day}"),
            Lang::Zh => format!("尚未结清的金额（截至{day}）"),
        }));
        blocks.push(Block::Pairs(amount_lines(total, parts, currency, lang)));
        blocks.extend(pay(lang, words));
    }
    blocks.push(heading("Your rights", "您的权利"));
    blocks.push(Block::Points(text.rights.iter().map(|right| fill(right)).collect()));
    blocks.push(heading("If you do not agree", "如果您有异议"));
    blocks.push(Block::Text(fill(&text.object)));
    blocks.push(heading("If it is hard for you now", "如果您目前有困难"));
    blocks.push(Block::Text(fill(&text.help)));
    blocks.push(Block::Lines(vec![words.office.to_owned()]));
    blocks
}

/// How to pay: to the creditor alone, by its own reference and page.
fn pay(lang: Lang, words: &Words<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(pick(lang, "How to pay", "如何付款").to_owned())];
    let Some(to) = &words.pay else {
        let text = pick(
            lang,
            "Please pay only in the way that your contract names. Whoever visits you takes no money.",
            "请只按合同约定的方式付款。上门人员不收取任何款项。",
        );
        blocks.push(Block::Text(text.to_owned()));
        return blocks;
    };
    let name = |english, chinese| pick(lang, english, chinese).to_owned();
    let mut pairs = vec![(name("Payee", "收款方"), to.payee.clone())];
    pairs.push((name("Reference", "付款附言"), to.reference.clone()));
    blocks.push(Block::Pairs(pairs));
    if let Some(link) = &to.link {
        let caption = name("The creditor's own page for paying:", "债权人的官方付款页面：");
        blocks.push(Block::Code {
            content: link.clone(),
            caption: format!("{caption}\n{link}"),
        });
    }
    blocks
}

/// Each placeholder is exchanged once: what a value holds is never read as one.
fn filled(text: &str, lang: Lang, kind: LetterKind, words: &Words<'_>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (before, name) in pieces(text) {
        out.push_str(before);
        out.push_str(&name.map_or_else(String::new, |name| value(name, lang, kind, words)));
    }
    out
}

fn value(name: &str, lang: Lang, kind: LetterKind, words: &Words<'_>) -> String {
    let own = |texts: [&str; 2]| pick(lang, texts[0], texts[1]).to_owned();
    let complaints = || match words.complaints {
        // Where nothing was named, the office itself hears complaints.
        "" => words.office.to_owned(),
        named => named.to_owned(),
    };
    match name {
        "name" => words.name.to_owned(),
        "office" => words.office.to_owned(),
        "creditor" => words.creditor.to_owned(),
        "authority" => authority(lang, words),
        "case_no" => words.case_no.to_owned(),
        "portfolio" => words.portfolio.to_owned(),
        "complaints" => complaints(),
        "help" => Some(own(words.help))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(complaints),
        "consequence" => kind
            .announces()
            .map_or_else(String::new, |step| consequence(step, lang, words.not_before)),
        // Templates with others are refused.
        _ => String::new(),
    }
}

/// For whom and by what authority: an agency for the creditor by a mandate, the creditor by the contract itself.
fn authority(lang: Lang, words: &Words<'_>) -> String {
    if words.office == words.creditor {
        let text = pick(lang, "It is your partner in this contract.", "我们是该合同的相对方。");
        return text.to_owned();
    }
    match pick(lang, words.mandate[0], words.mandate[1]) {
        "" => match lang {
            Lang::En => format!("It writes for {} and by its mandate.", words.creditor),
            Lang::Zh => format!("我们受{}委托与您联系。", words.creditor),
        },
        mandate => match lang {
            Lang::En => format!("It writes for {} by this mandate: {mandate}.", words.creditor),
            Lang::Zh => format!("我们受{}委托与您联系，委托依据：{mandate}。", words.creditor),
        },
    }
}

/// What may follow, as the law has it: there are no other words for it, and none that a template could add.
fn consequence(step: Consequence, lang: Lang, not_before: jiff::civil::Date) -> String {
    let day = long_day(not_before, lang);
    match (step, lang) {
        (Consequence::CourtClaim, Lang::En) => format!(
            "If it is not settled, the creditor may ask a court to decide about it. This letter tells you so beforehand: \
             nothing is filed before {day}."
        ),
        (Consequence::CourtClaim, Lang::Zh) => {
            format!("如果一直没有解决，债权人可能请法院裁判。本函是事先告知：在{day}之前不会提起。")
        }
        (Consequence::BureauEntry, Lang::En) => format!(
            "If it is not settled, the creditor may report it to the credit bureau. This letter is the notice that comes \
             before: nothing is reported before {day}."
        ),
        (Consequence::BureauEntry, Lang::Zh) => {
            format!("如果一直没有解决，债权人可能向征信机构报送。本函是报送前的告知：在{day}之前不会报送。")
        }
    }
}
