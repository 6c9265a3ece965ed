//! `retention`: what goes when and why, purges, legal holds.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::find_case;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::retention::{HoldReason, ReleaseReason, RetentionState};
use doorstep_wire::Page;
use doorstep_wire::retention::{
    HoldItem, PlaceHold, PurgeAsked, PurgeDone, ReleaseHold, RetentionItem, RetentionQuery, RetentionRecording,
};
use serde_json::json;
use uuid::Uuid;

/// Commands of keeping and letting go.
#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// List what goes and what is kept, when and why; erases nothing
    List(ListArgs),
    /// List what becomes of recordings of visits, when and why; erases nothing
    Recordings,
    /// Erase persons and recordings whose time for keeping is over: ask a second person, then carry it out. Cannot be undone
    Purge {
        /// The approval that a second person gave; without it one is asked for
        #[arg(long, value_name = "ID")]
        approval: Option<Uuid>,
    },
    /// List the legal holds on a case, also those that were lifted
    Holds {
        /// Number of the case, or its id
        case: String,
    },
    /// Hold a case: nothing of its person is erased
    Hold {
        /// Number of the case, or its id
        case: String,
        /// litigation, authority, person-asked or misconduct
        #[arg(long, value_name = "CODE")]
        reason: HoldReason,
        /// The last day, such as 2027-06-30 [default: until somebody lifts it]
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// Lift a legal hold
    Release {
        /// Number of the case, or its id
        case: String,
        /// over, ordered or mistake
        #[arg(long, value_name = "CODE")]
        reason: ReleaseReason,
        /// Which one, where several stand
        #[arg(long, value_name = "ID")]
        hold: Option<Uuid>,
    },
}

/// Which persons.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only over, margin, minimum, held, visit, device, no-end or running [default: all but running]
    #[arg(long, value_name = "CODE")]
    state: Option<RetentionState>,
    /// Only those that go by this day, such as 2027-06-30
    #[arg(long, value_name = "DATE")]
    by: Option<String>,
    /// goes (what goes first, first) or ended (what ended last, first)
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
}

/// Carries out a command of keeping and letting go.
pub(crate) async fn run(command: RetentionCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        RetentionCommand::List(args) => {
            let query = RetentionQuery {
                state: args.state.map(|state| state.code().to_owned()),
                by: args.by,
                sort: args.sort,
                ..RetentionQuery::default()
            };
            let page: Page<RetentionItem> = client.pages("retention", &query).await?;
            Ok(Answer::new(&page, list(context, &page.items)))
        }
        RetentionCommand::Recordings => {
            let page: Page<RetentionRecording> = client.get("retention/recordings", &()).await?;
            Ok(Answer::new(&page, recordings(context, &page.items)))
        }
        RetentionCommand::Purge { approval: None } => ask(&client, context).await,
        RetentionCommand::Purge { approval: Some(id) } => purge(&client, id, context).await,
        RetentionCommand::Holds { case } => {
            let case = find_case(&client, &case, None).await?;
            let page: Page<HoldItem> = client.get(&format!("cases/{case}/hold"), &()).await?;
            Ok(Answer::new(&page, holds(context, &page.items)))
        }
        RetentionCommand::Hold { case, reason, until } => {
            let case = find_case(&client, &case, None).await?;
            let reason = reason.code().to_owned();
            let request = PlaceHold { reason, until };
            let hold: HoldItem = client.post(&format!("cases/{case}/hold"), &request).await?;
            Ok(Answer::new(&hold, holds(context, std::slice::from_ref(&hold))))
        }
        RetentionCommand::Release { case, reason, hold } => {
            let case = find_case(&client, &case, None).await?;
            let reason = reason.code().to_owned();
            let request = ReleaseHold { hold, reason };
            let hold: HoldItem = client.post(&format!("cases/{case}/hold/release"), &request).await?;
            Ok(Answer::new(&hold, holds(context, std::slice::from_ref(&hold))))
        }
    }
}

async fn ask(client: &Client, context: &Context<'_>) -> Result<Answer, Failure> {
    let asked: PurgeAsked = client.post("retention/purges", &json!({})).await?;
    let (id, count) = (asked.approval.id, asked.persons.len());
    let recordings = asked.recordings.len();
    let mut text = Text::new(context.lang);
    text.say(
        &format!(
            "{} and {} would be erased for good. Nothing is erased yet: a second person must approve.",
            counted(count, "person", "persons"),
            counted(recordings, "recording of others", "recordings of others")
        ),
        &format!("将永久删除 {count} 人的信息及其他人的 {recordings} 份录音录像。目前尚未删除：须由第二人批准。"),
    );
    text.fact("approve", "批准", format!("doorstep approvals approve {id}"));
    text.fact("then", "然后", format!("doorstep retention purge --approval {id}"));
    if asked.left > 0 {
        let left = asked.left;
        text.say(
            &format!("{left} more are left for another purge."),
            &format!("另有 {left} 人留待下次删除。"),
        );
    }
    Ok(Answer::new(&asked, text.finish()))
}

async fn purge(client: &Client, approval: Uuid, context: &Context<'_>) -> Result<Answer, Failure> {
    let path = format!("retention/purges/{approval}");
    let done: PurgeDone = client.post(&path, &json!({})).await?;
    let mut text = Text::new(context.lang);
    text.say(
        &format!(
            "{} and {} erased; the log keeps its proofs and says so.",
            counted(done.erased, "person", "persons"),
            counted(done.recordings, "recording of others", "recordings of others")
        ),
        &format!(
            "已删除 {} 人的信息及其他人的 {} 份录音录像；日志保留证明并载明此事。",
            done.erased, done.recordings
        ),
    );
    if done.kept + done.recordings_kept > 0 {
        let kept = done.kept + done.recordings_kept;
        text.say(
            &format!("{kept} were kept: something keeps them since (`doorstep retention list`)."),
            &format!("{kept} 项未删除：其后出现须保存的事由（见 `doorstep retention list`）。"),
        );
    }
    Ok(Answer::new(&done, text.finish()))
}

/// A day, and the rule that names it.
fn bound(day: Option<&String>, rule: Option<&String>) -> String {
    match (day, rule) {
        (Some(day), Some(rule)) => format!("{day} {rule}"),
        (None, Some(rule)) => format!("… {rule}"),
        (_, None) => "–".to_owned(),
    }
}

fn list(context: &Context<'_>, items: &[RetentionItem]) -> String {
    let head = [
        ("Person", "当事人"),
        ("State", "状态"),
        ("Kept until", "须保存至"),
        ("Goes after", "最迟保存至"),
        ("Cases", "案件"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let cases = item.cases.iter().map(|case| {
            let name = case.case_no.clone().filter(|number| !number.is_empty());
            name.unwrap_or_else(|| case.case.to_string())
        });
        table.row([
            item.alias.to_string(),
            label::<RetentionState>(context.lang, &item.state),
            bound(item.keep_until.as_ref(), item.keep_rule.as_ref()),
            bound(item.may_until.as_ref(), item.may_rule.as_ref()),
            cases.collect::<Vec<_>>().join(" "),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let over = items.iter().filter(|item| item.state == RetentionState::Over.code());
    let (over, all) = (over.count(), items.len());
    text.say(
        &format!("{over} of {} go with the next purge", counted(all, "person", "persons")),
        &format!("共 {all} 人，下次将删除 {over} 人"),
    );
    for rule in items.iter().filter_map(|item| item.overruled.as_ref()) {
        text.say(
            &format!("{rule} ends earlier, and gives way to a rule that asks for longer"),
            &format!("{rule} 的期限较短，以要求保存更久的规则为准"),
        );
    }
    text.finish()
}

fn recordings(context: &Context<'_>, items: &[RetentionRecording]) -> String {
    let head = [
        ("Recording", "录音录像"),
        ("Made", "日期"),
        ("State", "状态"),
        ("Kept until", "须保存至"),
        ("Goes after", "最迟保存至"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.recording.to_string(),
            item.made.clone(),
            label::<RetentionState>(context.lang, &item.state),
            bound(item.keep_until.as_ref(), item.keep_rule.as_ref()),
            bound(item.may_until.as_ref(), item.may_rule.as_ref()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let over = items.iter().filter(|item| item.state == RetentionState::Over.code());
    let (over, all) = (over.count(), items.len());
    text.say(
        &format!(
            "{over} of {} go with the next purge",
            counted(all, "recording", "recordings")
        ),
        &format!("共 {all} 份录音录像，下次将删除 {over} 份"),
    );
    text.finish()
}

fn holds(context: &Context<'_>, items: &[HoldItem]) -> String {
    let head = [
        ("Hold", "留存"),
        ("Why", "原因"),
        ("Since", "自"),
        ("Until", "至"),
        ("Lifted", "解除"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let why = item.released_why.as_deref();
        let why = why.map(|code| label::<ReleaseReason>(context.lang, code));
        table.row([
            item.id.to_string(),
            label::<HoldReason>(context.lang, &item.reason),
            times::at(item.at, &context.zone),
            times::maybe(item.ends, &context.zone),
            why.unwrap_or_default(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}
