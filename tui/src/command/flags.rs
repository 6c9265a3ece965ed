//! `staff flags`: what is remarked about one's own visits, and the answer to it. About nobody else.

use crate::answer::Answer;
use crate::command::quality::for_learning;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::complaint::ComplaintOutcome;
use doorstep_domain::quality::AppealDecision;
use doorstep_domain::review::{FlagSource, ReviewDecision};
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::flag::{AnswerFlag, OwnFlag, OwnFlagQuery};

/// Own flags, or the answer to one.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct FlagsArgs {
    #[command(subcommand)]
    command: Option<FlagsCommand>,
    /// Your own; there is no list of anybody else's
    #[arg(long, required = true)]
    own: bool,
    /// About this many, up to 200
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: Option<u32>,
    /// All pages
    #[arg(long)]
    all: bool,
}

/// What is done about a flag.
#[derive(Debug, Subcommand)]
enum FlagsCommand {
    /// Answer one; once. It stays, and whoever reviews the visit sees your answer beside it
    Answer {
        /// Its id, as listed
        id: String,
        /// What you say to it
        #[arg(long, value_name = "TEXT")]
        words: String,
    },
}

/// Carries out a command of own flags.
pub(crate) async fn run(args: FlagsArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    if let Some(FlagsCommand::Answer { id, words }) = args.command {
        let place = format!("staff/me/flags/{id}/answer");
        let flag: OwnFlag = client.post(&place, &AnswerFlag { words }).await?;
        return Ok(Answer::new(&flag, one(context.lang, &flag)));
    }
    let query = OwnFlagQuery {
        limit: args.limit,
        cursor: None,
    };
    let page: Page<OwnFlag> = if args.all {
        client.pages("staff/me/flags", &query).await?
    } else {
        client.get("staff/me/flags", &query).await?
    };
    Ok(Answer::new(&page, list(context, &page)))
}

fn list(context: &Context<'_>, page: &Page<OwnFlag>) -> String {
    let lang = context.lang;
    let head = [
        ("When", "时间"),
        ("What", "内容"),
        ("Day", "外访日"),
        ("Case", "案件"),
        ("Reviewed", "处理"),
        ("Your answer", "本人说明"),
        ("Id", "编号"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for flag in &page.items {
        table.row([
            when(flag),
            what(lang, flag),
            or_dash(flag.day.as_deref()),
            or_dash(flag.case_no.as_deref()),
            came_of_it(lang, flag),
            or_dash(flag.answer.as_deref()),
            flag.id.clone(),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    let count = page.items.len();
    if page.next.is_some() {
        let english = format!("{count} flags shown, there are more: --all or --limit");
        text.say(&english, &format!("显示 {count} 项标记，还有更多：--all 或 --limit"));
    } else {
        text.say(&counted(count, "flag", "flags"), &format!("{count} 项标记"));
    }
    text.line(for_learning(lang));
    text.finish()
}

/// When it came, in the time of the visit's place.
fn when(flag: &OwnFlag) -> String {
    times::at(flag.at, &times::zone(flag.zone.as_deref().unwrap_or("UTC")))
}

/// What it is, with what was not as it should be.
fn what(lang: Lang, flag: &OwnFlag) -> String {
    if flag.items.is_empty() {
        return flag.what.clone();
    }
    let items = flag.items.join(pick(lang, "; ", "；"));
    format!("{}{}{items}", flag.what, pick(lang, ": ", "："))
}

/// What a supervisor decided about the visit, and what came of complaint or appeal.
fn came_of_it(lang: Lang, flag: &OwnFlag) -> String {
    let decision = flag.decision.as_deref().map(|code| label::<ReviewDecision>(lang, code));
    let outcome = flag.outcome.as_deref().map(|code| {
        if flag.source == FlagSource::Complaint.code() {
            label::<ComplaintOutcome>(lang, code)
        } else {
            label::<AppealDecision>(lang, code)
        }
    });
    let said: Vec<String> = outcome.into_iter().chain(decision).collect();
    or_dash(Some(&said.join(pick(lang, ", ", "，"))))
}

/// One in full.
fn one(lang: Lang, flag: &OwnFlag) -> String {
    let mut text = Text::new(lang);
    text.fact("flag", "标记", what(lang, flag));
    text.fact("where", "来源", label::<FlagSource>(lang, &flag.source));
    text.fact("when", "时间", when(flag));
    text.fact("visit", "外访日", or_dash(flag.day.as_deref()));
    text.fact("reviewed", "处理", came_of_it(lang, flag));
    text.fact("your answer", "本人说明", or_dash(flag.answer.as_deref()));
    text.line(for_learning(lang));
    text.finish()
}
