//! `rules coverage`: which rules are shown to work, and which hold only under a condition.

use super::{borrowed, boundaries_of, texts_of};
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, counted, pick};
use doorstep_domain::words::Lang;
use doorstep_rules::{Coverage, PURGED_BY, PackSet, RuleCoverage, RuleId, Stands};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What examples show of each rule, and how each rule of the sources stands.
pub(super) fn coverage(
    packs: &PackSet,
    examples: &[PathBuf],
    all: bool,
    context: &Context<'_>,
) -> Result<Answer, Failure> {
    let lang = context.lang;
    let texts = texts_of(examples)?;
    let coverage = Coverage::with(packs, &borrowed(&texts)).map_err(|error| Failure::Rules(error.to_string()))?;
    let mut text = Text::new(lang);
    for rule in &coverage.rules {
        about_rule(&mut text, rule, all);
    }
    for expected in &coverage.expected {
        let how = match &expected.stands {
            Stands::Rules(rules, true) => list_of(&coverage, rules, lang),
            Stands::Rules(rules, false) => {
                let lacks = pick(lang, "lacks examples", "缺少用例");
                format!("{} {lacks}", list_of(&coverage, rules, lang))
            }
            Stands::Program(how, tests) => format!("{how} ({})", tests.join(", ")),
            Stands::Open(why) => format!("{}: {why}", pick(lang, "open", "未实现")),
        };
        if all || !is_settled(&coverage, &expected.stands) {
            text.line(&format!("{}  {how}", expected.id));
        }
    }
    let shown = coverage.rules.iter().filter(|rule| rule.is_shown()).count();
    let boundaries: usize = coverage.rules.iter().map(|rule| rule.boundaries.len()).sum();
    let open = coverage
        .expected
        .iter()
        .filter(|one| matches!(one.stands, Stands::Open(_)));
    let (rules, open) = (coverage.rules.len(), open.count());
    text.say(
        &format!(
            "{shown} of {} shown on both sides of all their boundaries ({boundaries}); {open} of {} of the sources open",
            counted(rules, "rule", "rules"),
            counted(coverage.expected.len(), "rule", "rules"),
        ),
        &format!(
            "{rules} 条规则中 {shown} 条的全部边界（共 {boundaries} 处）两侧均有用例；来源中的 {} 条有 {open} 条未实现",
            coverage.expected.len()
        ),
    );
    let accepted = coverage.rules.iter().filter(|rule| rule.only_where_accepted).count();
    let kept = coverage.rules.iter().filter(|rule| rule.retains).count();
    text.fact("only where accepted", "仅在被接受处生效", accepted.to_string());
    let by = PURGED_BY.unwrap_or_else(|| pick(lang, "nothing deletes by them yet", "尚无依此删除的任务"));
    text.fact("rules of retention", "保存期限规则", format!("{kept} ({by})"));
    let document = coverage_document(&coverage);
    Ok(Answer::checked(&document, text.finish(), coverage.is_whole()))
}

/// Whether nothing more is to be said of it: examples show it, and it holds everywhere and to the end.
fn is_settled(coverage: &Coverage, stands: &Stands) -> bool {
    match stands {
        Stands::Rules(rules, shown) => *shown && rules.iter().all(|rule| mark(coverage, rule, Lang::En).is_none()),
        Stands::Program(..) => true,
        Stands::Open(_) => false,
    }
}

/// What keeps a rule from holding everywhere and to the end.
pub(super) fn mark(coverage: &Coverage, rule: &RuleId, lang: Lang) -> Option<String> {
    let rule = coverage.of_rule(rule)?;
    let accepted = rule.only_where_accepted;
    let kept = rule.retains && PURGED_BY.is_none();
    let marks = [
        accepted.then(|| pick(lang, "only where accepted", "仅在被接受处生效")),
        kept.then(|| pick(lang, "nothing deletes by it yet", "尚无依此删除的任务")),
    ];
    let marks: Vec<&str> = marks.into_iter().flatten().collect();
    (!marks.is_empty()).then(|| marks.join(pick(lang, ", ", "、")))
}

fn list_of(coverage: &Coverage, rules: &[RuleId], lang: Lang) -> String {
    let each = rules.iter().map(|rule| match mark(coverage, rule, lang) {
        Some(mark) => format!("{rule} ({mark})"),
        None => rule.to_string(),
    });
    each.collect::<Vec<_>>().join(", ")
}

fn about_rule(text: &mut Text, rule: &RuleCoverage, all: bool) {
    if all && rule.is_shown() {
        let names: Vec<&str> = rule.boundaries.iter().map(|(one, _)| one.name.as_str()).collect();
        text.line(&format!("{}  {} [{}]", rule.rule, names.join(", "), rule.file));
    }
    for (boundary, lack) in &rule.boundaries {
        if let Some(lack) = lack {
            text.line(&format!("{}  {}: {lack}", rule.rule, boundary.name));
        }
    }
}

fn coverage_document(coverage: &Coverage) -> Value {
    let rules = coverage.rules.iter().map(|rule| {
        json!({
            "rule": rule.rule, "file": rule.file, "shown": rule.is_shown(), "boundaries": boundaries_of(rule),
            "only_where_accepted": rule.only_where_accepted, "retains": rule.retains,
        })
    });
    let expected = coverage.expected.iter().map(|one| match &one.stands {
        Stands::Rules(rules, shown) => json!({ "id": one.id, "rules": rules, "shown": shown }),
        Stands::Program(how, tests) => json!({ "id": one.id, "program": how, "tests": tests }),
        Stands::Open(why) => json!({ "id": one.id, "open": why }),
    });
    json!({
        "whole": coverage.is_whole(),
        "purged_by": PURGED_BY,
        "rules": rules.collect::<Vec<_>>(),
        "expected": expected.collect::<Vec<_>>(),
    })
}
