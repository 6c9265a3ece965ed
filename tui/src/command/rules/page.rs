//! docs/rules.md: the packs in the program and how each rule of the sources stands, written from them.

use std::fmt::Write;

use super::coverage::mark;
use doorstep_domain::words::{Lang, Lift, Words, word};
use doorstep_rules::{Coverage, CoverageError, Pack, PackSet, Rule, Stands};

/// What stands before the tables.
const HEAD: &str = include_str!("page_head.md");

/// The page.
pub(crate) fn page(packs: &PackSet) -> Result<String, CoverageError> {
    let coverage = Coverage::with(packs, &[])?;
    let mut text = HEAD.to_owned();
    for pack in packs.packs() {
        about_pack(&mut text, pack, &coverage);
    }
    text.push_str("\n## How the rules of the sources stand\n\n| rule | stands |\n|---|---|\n");
    for expected in &coverage.expected {
        let how = match &expected.stands {
            Stands::Rules(rules, _) => listed(rules.iter().map(|rule| match mark(&coverage, rule, Lang::En) {
                Some(mark) => format!("`{rule}` ({mark})"),
                None => format!("`{rule}`"),
            })),
            Stands::Program(how, tests) => format!("{how} ({})", listed(tests.iter().map(|test| format!("`{test}`")))),
            Stands::Open(why) => format!("**open**: {why}"),
        };
        let _ = writeln!(text, "| {} | {} |", expected.id, cell(&how));
    }
    Ok(text)
}

fn about_pack(text: &mut String, pack: &Pack, coverage: &Coverage) {
    let countries = if pack.countries.is_empty() {
        "everywhere".to_owned()
    } else {
        pack.countries.join(", ")
    };
    let _ = writeln!(text, "\n## {}: {}\n", pack.reference(), pack.title.in_lang(Lang::En));
    let accepted = if PackSet::unverified().any(|id| id == pack.id) {
        " Not verified: loaded only where somebody accepts that."
    } else {
        ""
    };
    let _ = writeln!(text, "Holds in {countries}.{accepted}\n");
    text.push_str("| rule | effect | lifted by | where it stands | status | source | boundaries |\n|---|---|---|---|---|---|---|\n");
    for rule in &pack.rules {
        let names = coverage.rules.iter().filter(|one| one.rule == rule.id);
        let names = names.flat_map(|one| one.boundaries.iter().map(|(boundary, _)| boundary.name.clone()));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            rule.id,
            en(rule.effect),
            lifts(rule),
            cell(rule.citation.as_str()),
            en(rule.status),
            source(rule),
            listed(names),
        );
    }
    if !pack.sentences.is_empty() {
        said_by(text, pack);
    }
}

/// What a pack has for the door.
fn said_by(text: &mut String, pack: &Pack) {
    text.push_str(
        "\n| sentence | when | to | how | words | other languages | for rules |\n|---|---|---|---|---|---|---|\n",
    );
    for sentence in &pack.sentences {
        let others = sentence.text.keys().filter(|tag| *tag != "en");
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            sentence.id,
            en(sentence.when),
            en(sentence.to),
            en(sentence.how),
            cell(sentence.in_lang(Lang::En)),
            listed(others.cloned()),
            listed(sentence.rules.iter().map(|rule| format!("`{rule}`"))),
        );
    }
}

fn source(rule: &Rule) -> String {
    let sure = en(rule.confidence);
    if rule.source_url.is_empty() {
        sure.to_owned()
    } else {
        format!("[{sure}]({})", rule.source_url)
    }
}

fn lifts(rule: &Rule) -> String {
    listed(rule.lifted_by.iter().map(|lift: &Lift| en(*lift).to_owned()))
}

fn en<W: Words>(code: W) -> &'static str {
    word(Lang::En, code)
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    items.join(", ")
}

/// A text as it may stand in a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_what_the_packs_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rules.md");
        let more: Vec<_> = PackSet::unverified().filter_map(PackSet::unverified_pack).collect();
        let page = page(&PackSet::with(&more).unwrap()).unwrap();
        if std::env::var_os("DOORSTEP_BLESS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let stands = std::fs::read_to_string(path).unwrap();
        assert!(
            stands == page,
            "docs/rules.md is older than the packs; DOORSTEP_BLESS=1 writes it"
        );
    }
}
