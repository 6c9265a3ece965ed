//! `rules`: what the packs ask, why, and how that is shown. Needs no server and no network, except for `rules test` and `rules diff --online`; the packs
//! are in the program, and further ones are named with --pack.

mod coverage;
mod diff;
#[cfg(test)]
mod page;
mod sentences;
mod test;

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, pick};
use clap::{Args, Subcommand};
use doorstep_domain::words::{Lift, Requirement, Words, word};
use doorstep_rules::{
    Coverage, Facts, Finding, Forbidden, Pack, PackSet, Rule, RuleCoverage, SCHEMA, Verdict, evaluate,
};
use serde_json::{Value, json};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What can be asked of the rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules of all packs
    List {
        #[command(flatten)]
        packs: PackArgs,
        /// Only those of this pack, or whose id begins so
        #[arg(value_name = "PACK|ID")]
        of: Option<String>,
    },
    /// Explain one rule: what it asks, where it stands, who lifts it, and its boundaries
    Explain {
        #[command(flatten)]
        packs: PackArgs,
        /// The rule's id
        id: String,
    },
    /// Say what the rules say of facts in a file
    #[command(
        after_help = "FACTS is a JSON document, see docs/rules.md; `-` reads the standard input.\n\
                            Exit status 1 where the verdict forbids the visit."
    )]
    Eval {
        #[command(flatten)]
        packs: PackArgs,
        /// The facts
        #[arg(value_name = "FACTS.json")]
        facts: PathBuf,
    },
    /// Say which rules have an example on each side of each boundary
    Coverage {
        #[command(flatten)]
        packs: PackArgs,
        /// Examples of further packs
        #[arg(long, value_name = "FILE")]
        examples: Vec<PathBuf>,
        /// Every rule, not only what is lacking
        #[arg(long)]
        all: bool,
    },
    /// Ask the server what the rules say of a visit of a case at a time
    #[command(
        after_help = "The facts are those that are known now. It opens the case, which is an entry in the access log.\n\
                            Exit status 1 where the verdict forbids the visit."
    )]
    Test(test::TestArgs),
    /// Say which rules a change of packs changes, and which cases change their verdict
    #[command(
        after_help = "OLD and NEW are packs, or folders of them; each takes the place of a pack of its name in the program.\n\
                            Without --facts both sides of all examples are asked. Exit status 1 where a verdict changes."
    )]
    Diff(diff::DiffArgs),
    /// List what is said at the door, to whom and when, and what never is
    Sentences(sentences::SentencesArgs),
    /// Print the JSON Schema of packs
    Schema,
}

/// Packs beside those in the program.
#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// A further pack
    #[arg(long, value_name = "FILE")]
    pack: Vec<PathBuf>,
    /// A pack that comes along and is not verified: au, br, id, jp, ke, kr, ph, qfc, th, vn, or all
    #[arg(long, value_name = "PACK")]
    unverified: Vec<String>,
}

/// Carries out what is asked.
pub(crate) async fn run(command: &RulesCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        RulesCommand::List { packs, of } => Ok(list(&packs.read()?, of.as_deref(), context)),
        RulesCommand::Explain { packs, id } => explain(&packs.read_all()?, id, context),
        RulesCommand::Eval { packs, facts } => eval(&packs.read()?, facts, context),
        RulesCommand::Coverage { packs, examples, all } => {
            coverage::coverage(&packs.read_all()?, examples, *all, context)
        }
        RulesCommand::Test(args) => test::test(args, context).await,
        RulesCommand::Diff(args) => diff::diff(args, context).await,
        RulesCommand::Sentences(args) => sentences::sentences(args, context),
        RulesCommand::Schema => Ok(Answer::new(&schema()?, SCHEMA.to_owned())),
    }
}

fn schema() -> Result<Value, Failure> {
    serde_json::from_str(SCHEMA).map_err(|error| Failure::Rules(error.to_string()))
}

impl PackArgs {
    fn read(&self) -> Result<PackSet, Failure> {
        let all = self.unverified.iter().any(|id| id == "all");
        let mut named: Vec<&str> = self.unverified.iter().map(String::as_str).collect();
        if all {
            named = PackSet::unverified().collect();
        }
        self.with(&named)
    }

    /// With every pack that comes along, verified or not.
    fn read_all(&self) -> Result<PackSet, Failure> {
        self.with(&PackSet::unverified().collect::<Vec<_>>())
    }

    fn with(&self, unverified: &[&str]) -> Result<PackSet, Failure> {
        let texts = texts_of(&self.pack)?;
        let mut packs = borrowed(&texts);
        for id in unverified {
            let unknown = || Failure::Unknown {
                kind: "pack",
                given: (*id).to_owned(),
            };
            packs.push(PackSet::unverified_pack(id).ok_or_else(unknown)?);
        }
        PackSet::with(&packs).map_err(|error| Failure::Rules(error.to_string()))
    }
}

/// Files with their names.
fn texts_of(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let each = paths
        .iter()
        .map(|path| Ok((path.display().to_string(), text_of(path)?)));
    each.collect()
}

fn borrowed(texts: &[(String, String)]) -> Vec<(&str, &str)> {
    texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect()
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|source| Failure::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(text)
}

fn list(packs: &PackSet, of: Option<&str>, context: &Context<'_>) -> Answer {
    let lang = context.lang;
    let is_asked = |pack: &Pack, rule: &Rule| of.is_none_or(|of| pack.id == of || rule.id.as_str().starts_with(of));
    let head = [
        ("Rule", "规则"),
        ("Effect", "效力"),
        ("Status", "性质"),
        ("Source", "来源"),
        ("Where it stands", "出处"),
    ];
    let mut table = Table::new(pick_all(context, head));
    let mut items = Vec::new();
    for pack in packs.packs() {
        for rule in pack.rules.iter().filter(|rule| is_asked(pack, rule)) {
            table.row([
                rule.id.to_string(),
                word(lang, rule.effect).to_owned(),
                word(lang, rule.status).to_owned(),
                word(lang, rule.confidence).to_owned(),
                rule.citation.as_str().to_owned(),
            ]);
            items.push(rule_item(pack, rule));
        }
    }
    let mut text = Text::new(lang);
    text.table(&table);
    text.fact("rules", "规则数", items.len().to_string());
    text.fact("digest", "摘要", packs.digest().as_str());
    Answer::new(&json!({ "items": items, "digest": packs.digest() }), text.finish())
}

fn rule_item(pack: &Pack, rule: &Rule) -> Value {
    let mut item = json!(rule);
    item["pack"] = json!(pack.reference());
    item
}

fn words_of<W: Words + Copy>(context: &Context<'_>, of: &[W]) -> String {
    let lang = context.lang;
    let each: Vec<&str> = of.iter().map(|one| word(lang, *one)).collect();
    each.join(pick(lang, ", ", "、"))
}

fn explain(packs: &PackSet, id: &str, context: &Context<'_>) -> Result<Answer, Failure> {
    let lang = context.lang;
    let unknown = || Failure::Unknown {
        kind: "rule",
        given: id.to_owned(),
    };
    let (pack, rule) = packs.rule(id).ok_or_else(unknown)?;
    let coverage = Coverage::with(packs, &[]).map_err(|error| Failure::Rules(error.to_string()))?;
    let shown = coverage.rules.iter().find(|one| one.rule == rule.id);
    let mut text = Text::new(lang);
    text.fact("rule", "规则", rule.id.as_str());
    text.fact(
        "pack",
        "规则包",
        format!("{}, {}", pack.reference(), pack.title.in_lang(lang)),
    );
    text.fact("effect", "效力", word(lang, rule.effect));
    text.fact("where it stands", "出处", rule.citation.as_str());
    if !rule.source_url.is_empty() {
        text.fact("read at", "来源", &rule.source_url);
    }
    text.fact("status", "性质", word(lang, rule.status));
    text.fact("how sure", "可信度", word(lang, rule.confidence));
    text.fact("lifted by", "可由谁解除", words_of::<Lift>(context, &rule.lifted_by));
    if !rule.regions.is_empty() {
        text.fact("only in", "仅限地区", rule.regions.join(", "));
    }
    text.fact("asks", "要求", json!(rule.kind).to_string());
    for (boundary, lack) in shown.iter().flat_map(|shown| &shown.boundaries) {
        let state = match lack {
            None => pick(lang, "shown on both sides", "两侧均有用例").to_owned(),
            Some(lack) => lack.to_string(),
        };
        text.line(&format!("- {}: {state}", boundary.name));
    }
    let mut document = rule_item(pack, rule);
    document["boundaries"] = json!(shown.map(boundaries_of));
    Ok(Answer::new(&document, text.finish()))
}

fn boundaries_of(shown: &RuleCoverage) -> Vec<Value> {
    let each = shown.boundaries.iter().map(|(boundary, lack)| {
        let lack = lack.as_ref().map(ToString::to_string);
        json!({ "name": boundary.name, "lack": lack })
    });
    each.collect()
}

fn eval(packs: &PackSet, path: &Path, context: &Context<'_>) -> Result<Answer, Failure> {
    let facts: Facts = serde_json::from_str(&text_of(path)?)
        .map_err(|error| Failure::Rules(format!("{}: {error}; docs/rules.md has the form", path.display())))?;
    let verdict = evaluate(packs, &facts);
    let holds = !verdict.effect.forbids();
    Ok(Answer::checked(&verdict, verdict_text(&verdict, context), holds))
}

fn verdict_text(verdict: &Verdict, context: &Context<'_>) -> String {
    let lang = context.lang;
    let mut text = Text::new(lang);
    text.fact("rules say", "规则结论", word(lang, verdict.effect));
    text.fact("staff needed", "所需人数", verdict.min_staff.to_string());
    if !verdict.required.is_empty() {
        text.fact(
            "required",
            "必须具备",
            words_of::<Requirement>(context, &verdict.required),
        );
    }
    if !verdict.forbidden.is_empty() {
        text.fact("forbidden", "禁止", words_of::<Forbidden>(context, &verdict.forbidden));
    }
    let packs: Vec<&str> = verdict.packs.iter().map(doorstep_rules::PackRef::as_str).collect();
    text.fact("rule packs", "规则包", packs.join(", "));
    text.fact("digest", "摘要", verdict.digest.as_str());
    for finding in &verdict.findings {
        about(&mut text, finding, context);
    }
    text.finish()
}

fn about(text: &mut Text, finding: &Finding, context: &Context<'_>) {
    let lang = context.lang;
    let (effect, rule) = (word(lang, finding.effect), &finding.rule);
    text.line(&format!("- {effect}: {} [{rule}]", finding.sentence.render(lang)));
    let lifted = words_of::<Lift>(context, &finding.lifted_by);
    text.line(&format!(
        "  {} ({}); {} {lifted}",
        finding.citation,
        word(lang, finding.confidence),
        pick(lang, "lifted by", "可由谁解除："),
    ));
}
