//! `work list`, `work export`, `work import`, `work done`, and `strategy test`: what comes next, and who does it.

use crate::answer::Answer;
use crate::command::case::find_case;
use crate::command::contact::{ImportArgs, import_into};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use clap::{Args, Subcommand};
use doorstep_domain::case::Stage;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::step::{NextAction, NextWhy, StepChannel, StepWho, VisitAskReason};
use doorstep_wire::work::{AskVisit, NextDetail, NextQuery, StepDoneRequest, WorkList, WorkQuery};
use serde_json::json;
use std::path::PathBuf;

/// Commands of work lists.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkCommand {
    /// List whose turn it is on a channel
    List(ListArgs),
    /// Write such a list as CSV, for a dialler, a gateway or a person
    Export {
        /// Where to
        out: PathBuf,
        #[command(flatten)]
        which: ListArgs,
        /// What for; `contact` writes numbers or addresses in full, as the channel needs them
        #[arg(long, value_parser = ["contact"])]
        purpose: Option<String>,
        /// Write over the file
        #[arg(long)]
        force: bool,
    },
    /// Take what came of a list: outcome, reason for default, what was promised
    Import(ImportArgs),
    /// Say that the next step of a case was carried out, where it contacts nobody: a legal bundle, a credit bureau
    Done {
        /// Id or number of the case
        case: String,
        /// The name of the step
        #[arg(long)]
        step: String,
    },
}

/// Which work.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// call, message, letter, visit, bundle, bureau, verify-address, verify-number or review
    #[arg(long)]
    channel: NextAction,
    /// On which day [default: today]
    #[arg(long, value_name = "DATE")]
    day: Option<String>,
    /// Only this portfolio
    #[arg(long, value_name = "NAME")]
    portfolio: Option<String>,
}

impl ListArgs {
    fn query(&self, purpose: Option<&str>) -> WorkQuery {
        WorkQuery {
            channel: self.channel.code().to_owned(),
            day: self.day.clone(),
            portfolio: self.portfolio.clone(),
            purpose: purpose.map(str::to_owned),
        }
    }
}

/// Carries out a command of work lists.
pub(crate) async fn run(command: WorkCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        WorkCommand::List(args) => list(&args, context).await,
        WorkCommand::Export {
            out,
            which,
            purpose,
            force,
        } => {
            files::refuse_existing_unless(force, &out)?;
            let query = which.query(purpose.as_deref());
            let bytes = context.client()?.get_file("work/export", &query).await?;
            files::write_whole(&out, &bytes)?;
            let mut text = Text::new(context.lang);
            text.fact("the list is in", "名单已写入", out.display().to_string());
            Ok(Answer::new(
                &json!({ "file": out, "bytes": bytes.len() }),
                text.finish(),
            ))
        }
        WorkCommand::Import(args) => import_into("work/import", &args, context).await,
        WorkCommand::Done { case, step } => {
            let client = context.client()?;
            let case = find_case(&client, &case, None).await?;
            let request = StepDoneRequest { step };
            let next: NextDetail = client.post(&format!("cases/{case}/steps"), &request).await?;
            Ok(Answer::new(&next, told(&next, context)))
        }
    }
}

async fn list(args: &ListArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let list: WorkList = context.client()?.get("work", &args.query(None)).await?;
    let lang = context.lang;
    let head = [
        ("Case", "案件"),
        ("Portfolio", "产品"),
        ("Name", "姓名"),
        ("Phone", "电话"),
        ("Stage", "阶段"),
        ("Step", "步骤"),
        ("Who", "执行人"),
        ("Lenient plan", "可宽缓"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &list.items {
        table.row([
            item.case_no.clone(),
            item.portfolio.clone(),
            item.name.clone(),
            item.phone.clone(),
            label::<Stage>(lang, &item.stage),
            or_dash(item.step.as_deref()),
            item.who
                .as_deref()
                .map_or_else(|| "-".to_owned(), |who| label::<StepWho>(lang, who)),
            if item.lenient { pick(lang, "yes", "是") } else { "-" }.to_owned(),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    if list.held_back > 0 {
        text.fact(
            "held back, a rule forbids it now",
            "规则禁止，暂不联系",
            list.held_back.to_string(),
        );
    }
    Ok(Answer::new(&list, text.finish()))
}

/// `strategy test`: what comes next with a case, when, and why nothing else does.
pub(crate) async fn test(
    case: &str,
    (day, purpose): (Option<String>, Option<OutsidePurpose>),
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = find_case(&client, case, purpose).await?;
    let query = NextQuery {
        day,
        purpose: purpose.map(|purpose| purpose.code().to_owned()),
    };
    let next: NextDetail = client.get(&format!("cases/{case}/next"), &query).await?;
    Ok(Answer::new(&next, told(&next, context)))
}

/// `plan ask`: a visit that a supervisor asks for by name.
pub(crate) async fn ask(case: &str, reason: VisitAskReason, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = find_case(&client, case, None).await?;
    let request = AskVisit {
        reason: reason.code().to_owned(),
    };
    let next: NextDetail = client.post(&format!("cases/{case}/visit-asks"), &request).await?;
    let recorded = pick(
        context.lang,
        "Asked for: it may be planned within the next 14 days. What comes next now:",
        "已记录：未来 14 天内可排入计划。当前下一步：",
    );
    let text = format!("{recorded}\n{}", told(&next, context));
    Ok(Answer::new(&next, text))
}

fn told(next: &NextDetail, context: &Context<'_>) -> String {
    let lang = context.lang;
    let mut text = Text::new(lang);
    text.fact("stage", "阶段", label::<Stage>(lang, &next.stage));
    text.fact("since", "自", next.stage_since.clone());
    text.fact("next", "下一步", label::<NextAction>(lang, &next.action));
    text.fact("step", "步骤", or_dash(next.step.as_deref()));
    text.fact("when", "时间", or_dash(next.when.as_deref()));
    let who = next.who.as_deref().map(|who| label::<StepWho>(lang, who));
    text.fact("who", "执行人", or_dash(who.as_deref()));
    text.fact("why", "原因", next.words.clone());
    if next.lenient {
        text.say("Lenient plans are offered.", "可提供宽缓方案。");
    }
    if !next.own {
        text.say(
            "The portfolio has no strategy of its own: this is the one that comes along, and plans do not go by it.",
            "该产品没有自己的策略：以上为随附策略，外访计划不以此为准。",
        );
    }
    let head = [
        ("Step", "步骤"),
        ("Stage", "阶段"),
        ("Channel", "渠道"),
        ("From", "起"),
        ("Why not", "未执行原因"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for other in &next.others {
        let known = other.why.parse::<NextWhy>().is_ok();
        table.row([
            other.step.clone(),
            label::<Stage>(lang, &other.stage),
            label::<StepChannel>(lang, &other.channel),
            or_dash(other.when.as_deref()),
            if known { other.words.clone() } else { other.why.clone() },
        ]);
    }
    if !next.others.is_empty() {
        text.table(&table);
    }
    text.finish()
}
