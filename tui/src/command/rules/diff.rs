//! `rules diff`: what another version of packs changes. Asks both versions the same facts, or the server about its cases.

use super::{borrowed, text_of, texts_of};
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, pick};
use clap::Args;
use doorstep_domain::words::{Effect, Lang, word};
use doorstep_rules::{Change, Changes, Facts, Outcome, PackSet, RuleId, evaluate, example_facts, parse_pack};
use doorstep_wire::rules::{ComparePacks, PackComparison, PackText};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What lies beside the packs of the program and is none: the list of expected rules, and the texts of notices.
const NO_PACKS: [&str; 4] = ["expected.toml", "notices.toml", "sheet.toml", "wording.toml"];

/// What is compared, and on what.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The pack as it was and the pack as it is to be, or folders of packs; with --online only the latter
    #[arg(value_names = ["OLD", "NEW"], num_args = 1..=2, required = true)]
    packs: Vec<PathBuf>,
    /// Compare NEW with what is in force at the server, over your cases there
    #[arg(long, conflicts_with_all = ["facts", "examples"])]
    online: bool,
    /// With --online: a local time at each address like 2026-11-24T19:30, or an instant like 2026-11-24T19:30Z [default: now]
    #[arg(long, value_name = "TIME", requires = "online")]
    at: Option<String>,
    /// Facts in the form of `rules eval`: files with one document or several, or folders of them
    #[arg(long, value_name = "FILE", num_args = 1..)]
    facts: Vec<PathBuf>,
    /// Examples of further packs
    #[arg(long, value_name = "FILE", conflicts_with = "facts")]
    examples: Vec<PathBuf>,
}

/// A case whose verdict changes.
#[derive(Serialize)]
struct Changed {
    case: String,
    old: Outcome,
    new: Outcome,
}

pub(super) async fn diff(args: &DiffArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match (args.packs.as_slice(), args.online) {
        ([new], true) => online(new, args.at.clone(), context).await,
        ([old, new], false) => offline((old, new), args, context),
        ([.., last], true) => Err(Failure::Value {
            name: "OLD",
            given: last.display().to_string(),
            expected: (
                "only NEW with --online: OLD is what is in force at the server",
                "使用 --online 时只给 NEW：OLD 即服务器现行的规则包",
            ),
        }),
        _ => Err(Failure::Missing { name: "NEW" }),
    }
}

/// Asks the server, which judges the caller's cases by both.
async fn online(new: &Path, at: Option<String>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let packs = packs_in(new)?.into_iter().map(|(name, text)| PackText { name, text });
    let request = ComparePacks {
        packs: packs.collect(),
        at,
    };
    let found: PackComparison = context.client()?.post("rules/compare", &request).await?;
    let unread =
        |error: serde_json::Error| Failure::Rules(format!("the server's answer: {error}; update this program"));
    let mut text = Text::new(context.lang);
    for one in &found.changed {
        let outcome = |item| serde_json::from_value(json!(item)).map_err(unread);
        let (case, old, new) = (one.case_no.clone(), outcome(&one.old)?, outcome(&one.new)?);
        about(&mut text, &Changed { case, old, new });
    }
    counts(&mut text, found.changed.len(), found.cases);
    Ok(Answer::checked(&found, text.finish(), found.changed.is_empty()))
}

fn counts(text: &mut Text, count: usize, all: u64) {
    text.say(
        &format!("{count} of {all} cases change their verdict"),
        &format!("{all} 件中有 {count} 件的结论改变"),
    );
}

/// Asks both about facts at hand.
fn offline((old, new): (&Path, &Path), args: &DiffArgs, context: &Context<'_>) -> Result<Answer, Failure> {
    let (old, new) = (packs_in(old)?, packs_in(new)?);
    let named: BTreeSet<String> = ids(&old)?.into_iter().chain(ids(&new)?).collect();
    let set = |texts| PackSet::without(&named, &borrowed(texts)).map_err(|error| Failure::Rules(error.to_string()));
    let (old, new) = (set(&old)?, set(&new)?);
    let cases = cases(args)?;
    let changed: Vec<Changed> = cases.iter().filter_map(|case| changed(&old, &new, case)).collect();
    let changes = Changes::between(&old, &new);
    let mut text = Text::new(context.lang);
    for (id, change) in changes.packs.iter().chain(&changes.rules) {
        text.line(&line_of(id, change));
    }
    for one in &changed {
        about(&mut text, one);
    }
    counts(&mut text, changed.len(), cases.len() as u64);
    let document = json!({
        "packs": changes.packs, "rules": changes.rules, "cases": cases.len(), "changed": changed,
        "digests": { "old": old.digest(), "new": new.digest() },
    });
    Ok(Answer::checked(&document, text.finish(), changed.is_empty()))
}

/// The files of a folder that end so, in the order of their names; or the file itself.
fn files_in(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let unread = |source| Failure::Read {
        path: path.to_owned(),
        source,
    };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unread)? {
        let file = entry.map_err(unread)?.path();
        let is_asked = |ending: &std::ffi::OsStr| endings.iter().any(|one| ending == *one);
        let is_none = NO_PACKS.iter().any(|name| file.ends_with(name));
        if file.extension().is_some_and(is_asked) && !is_none {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let asked = endings.join(", ");
        return Err(Failure::Rules(format!(
            "{}: the folder has no file of {asked}",
            path.display()
        )));
    }
    Ok(files)
}

fn packs_in(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    texts_of(&files_in(path, &["toml"])?)
}

fn ids(texts: &[(String, String)]) -> Result<Vec<String>, Failure> {
    let id = |(file, text): &(String, String)| parse_pack(file, text).map(|pack| pack.id);
    let ids: Result<Vec<String>, _> = texts.iter().map(id).collect();
    ids.map_err(|error| Failure::Rules(error.to_string()))
}

fn cases(args: &DiffArgs) -> Result<Vec<(String, Facts)>, Failure> {
    if args.facts.is_empty() {
        let texts = texts_of(&args.examples)?;
        return example_facts(&borrowed(&texts)).map_err(|error| Failure::Rules(error.to_string()));
    }
    let mut cases = Vec::new();
    for path in &args.facts {
        for file in files_in(path, &["json", "jsonl", "ndjson"])? {
            cases.extend(facts_in(&file)?);
        }
    }
    Ok(cases)
}

/// The documents of a file, one after the other, each with the file's name and its number.
fn facts_in(file: &Path) -> Result<Vec<(String, Facts)>, Failure> {
    let text = text_of(file)?;
    let documents = serde_json::Deserializer::from_str(&text).into_iter::<Facts>();
    let mut found = Vec::new();
    for (index, facts) in documents.enumerate() {
        let name = format!("{} [{}]", file.display(), index + 1);
        let facts = facts.map_err(|error| Failure::Rules(format!("{name}: {error}; docs/rules.md has the form")))?;
        found.push((name, facts));
    }
    if found.is_empty() {
        return Err(Failure::Rules(format!(
            "{}: the file has no facts; docs/rules.md has the form",
            file.display()
        )));
    }
    Ok(found)
}

fn changed(old: &PackSet, new: &PackSet, (case, facts): &(String, Facts)) -> Option<Changed> {
    let of = |packs| Outcome::of(&evaluate(packs, facts));
    let (old, new) = (of(old), of(new));
    let case = case.clone();
    (old != new).then_some(Changed { case, old, new })
}

fn line_of(id: &str, change: &Change) -> String {
    match change {
        Change::Added => format!("+ {id}"),
        Change::Removed => format!("- {id}"),
        Change::Differs(members) => format!("~ {id}  {}", members.join(", ")),
    }
}

fn about(text: &mut Text, changed: &Changed) {
    let lang = text.lang;
    let (old, new) = (&changed.old, &changed.new);
    let effects = (word(lang, old.effect), word(lang, new.effect));
    text.line(&format!("{}: {} → {}", changed.case, effects.0, effects.1));
    let (before, after) = (&old.rules, &new.rules);
    only_in(text, '-', before, after);
    only_in(text, '+', after, before);
    let (items, people) = (
        pick(lang, "items or words", "必备项目或禁语"),
        pick(lang, "staff", "人数"),
    );
    if (&old.required, &old.forbidden) != (&new.required, &new.forbidden) {
        text.line(&format!("  ~ {items}"));
    }
    if old.min_staff != new.min_staff {
        text.line(&format!("  ~ {people}: {} → {}", old.min_staff, new.min_staff));
    }
}

/// The rules that one side has, or has with another effect.
fn only_in(text: &mut Text, sign: char, side: &BTreeMap<RuleId, Effect>, other: &BTreeMap<RuleId, Effect>) {
    let lang: Lang = text.lang;
    for (rule, effect) in side.iter().filter(|(rule, effect)| other.get(*rule) != Some(*effect)) {
        text.line(&format!("  {sign} {rule} ({})", word(lang, *effect)));
    }
}
