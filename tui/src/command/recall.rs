//! `agency recall` and what follows: cases taken back from an agency, and how it destroyed what it had of them.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::agency::find;
use crate::command::case::find_case;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::agency::{CopiesKept, DestructionMethod, RecallReason, RecallState};
use doorstep_wire::Page;
use doorstep_wire::recall::{
    AnswerDestruction, ConfirmDestruction, DestructionDetail, DestructionItem, DestructionQuery, RecallCases,
};
use uuid::Uuid;

/// What is taken back, and why.
#[derive(Debug, Args)]
pub(crate) struct RecallArgs {
    /// Its name
    name: String,
    /// A case, by id or number; once for each
    #[arg(long = "case", value_name = "CASE", required_unless_present = "all")]
    cases: Vec<String>,
    /// All of its cases, and it off the white list; waits for a second person
    #[arg(long, conflicts_with = "cases")]
    all: bool,
    /// contract-over, conduct, person-asked, own-work or mistake
    #[arg(long)]
    reason: RecallReason,
    /// What there is to say about it; sealed
    #[arg(long)]
    words: String,
    /// Id of the creditor's team that gets them [default: yours, or the only one]
    #[arg(long, value_name = "ID")]
    team: Option<Uuid>,
}

/// What an agency says of the destruction.
#[derive(Debug, Args)]
pub(crate) struct DestroyedArgs {
    /// Id of the record
    id: Uuid,
    /// wiped, shredded, returned or none-held
    #[arg(long)]
    method: DestructionMethod,
    /// What was destroyed, and which law has copies kept; sealed
    #[arg(long)]
    words: String,
    /// none, or law for what a law has you keep
    #[arg(long, value_name = "CODE", default_value = "none")]
    copies_kept: CopiesKept,
}

/// Commands of one destruction record.
#[derive(Debug, Subcommand)]
pub(crate) enum DestructionCommand {
    /// Show one with what was written
    Show {
        /// Id of the record
        id: Uuid,
    },
    /// Take the agency's word for it
    Accept {
        /// Id of the record
        id: Uuid,
        /// Why; sealed
        #[arg(long)]
        words: String,
    },
    /// Send it back: the record is open again
    Return {
        /// Id of the record
        id: Uuid,
        /// Why; sealed
        #[arg(long)]
        words: String,
    },
}

/// Takes cases back.
pub(crate) async fn recall(args: RecallArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let agency = find(&client, &args.name).await?;
    let mut cases = Vec::with_capacity(args.cases.len());
    for case in &args.cases {
        cases.push(find_case(&client, case, None).await?);
    }
    let request = RecallCases {
        cases,
        all: args.all,
        reason: args.reason.code().to_owned(),
        words: args.words,
        team: args.team,
    };
    let done: DestructionDetail = client.post(&format!("agencies/{agency}/recalls"), &request).await?;
    Ok(detail(&done, context))
}

/// Lists destruction records.
pub(crate) async fn list(overdue: bool, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let query = DestructionQuery {
        overdue: overdue.then_some(true),
    };
    let page: Page<DestructionItem> = client.pages("destructions", &query).await?;
    let head = [
        ("Id", "编号"),
        ("Agency", "机构"),
        ("Cases", "案件"),
        ("State", "状态"),
        ("Due", "期限"),
        ("Overdue", "逾期"),
        ("Not yet wiped", "未清除设备"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        table.row([
            item.id.to_string(),
            item.agency_name.clone(),
            item.cases.to_string(),
            label::<RecallState>(context.lang, &item.state),
            times::maybe(item.due_at, &context.zone),
            overdue_word(item, context).to_owned(),
            item.devices_unwiped.to_string(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

fn overdue_word(item: &DestructionItem, context: &Context<'_>) -> &'static str {
    if item.is_overdue {
        pick(context.lang, "overdue", "逾期")
    } else {
        "-"
    }
}

/// Says that what the agency had is destroyed.
pub(crate) async fn destroyed(args: DestroyedArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let request = ConfirmDestruction {
        method: args.method.code().to_owned(),
        copies_kept: Some(args.copies_kept.code().to_owned()),
        words: args.words,
    };
    let done: DestructionDetail = client
        .post(&format!("destructions/{}/confirm", args.id), &request)
        .await?;
    Ok(detail(&done, context))
}

/// Shows or answers one record.
pub(crate) async fn run(command: DestructionCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let done = match command {
        DestructionCommand::Show { id } => client.get(&format!("destructions/{id}"), &()).await?,
        DestructionCommand::Accept { id, words } => answer(&client, id, (true, words)).await?,
        DestructionCommand::Return { id, words } => answer(&client, id, (false, words)).await?,
    };
    Ok(detail(&done, context))
}

async fn answer(client: &Client, id: Uuid, (accept, words): (bool, String)) -> Result<DestructionDetail, Failure> {
    let request = AnswerDestruction { accept, words };
    client.post(&format!("destructions/{id}/answer"), &request).await
}

/// One record in full.
fn detail(done: &DestructionDetail, context: &Context<'_>) -> Answer {
    let (item, lang) = (&done.item, context.lang);
    let mut table = Table::new(pick_all(context, [("What", "项目"), ("Value", "内容")]));
    let mut row = |english: &'static str, chinese: &'static str, value: String| {
        table.row([pick(lang, english, chinese).to_owned(), value]);
    };
    row("Id", "编号", item.id.to_string());
    row("Agency", "机构", item.agency_name.clone());
    row("Reason", "原因", label::<RecallReason>(lang, &item.reason));
    row("State", "状态", label::<RecallState>(lang, &item.state));
    row(
        "Approval",
        "审批",
        or_dash(item.approval.map(|id| id.to_string()).as_deref()),
    );
    row("Cases", "案件", item.cases.to_string());
    row("Visits withdrawn", "撤回外访", item.visits.to_string());
    row("Asked by", "发起人", or_dash(item.asked_by.as_deref()));
    row("Words", "说明", or_dash(done.words.as_deref()));
    row("Due", "期限", times::maybe(item.due_at, &context.zone));
    row("Overdue", "逾期", overdue_word(item, context).to_owned());
    row("Devices not yet wiped", "未清除设备", item.devices_unwiped.to_string());
    let method = item
        .method
        .as_deref()
        .map(|code| label::<DestructionMethod>(lang, code));
    row("Method", "销毁方式", or_dash(method.as_deref()));
    let copies = item.copies_kept.as_deref().map(|code| label::<CopiesKept>(lang, code));
    row("Copies kept", "留存副本", or_dash(copies.as_deref()));
    row("Confirmed by", "申报人", or_dash(item.confirmed_by.as_deref()));
    row(
        "Words of the agency",
        "机构说明",
        or_dash(done.confirmed_words.as_deref()),
    );
    row("Answered by", "答复人", or_dash(item.answered_by.as_deref()));
    row("Answer", "答复", or_dash(done.answered_words.as_deref()));
    let mut text = Text::new(lang);
    text.table(&table);
    Answer::new(done, text.finish())
}
