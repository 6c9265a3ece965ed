//! `complaint`: what visited persons complain of, whose it is, and what was answered.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::opening;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::complaint::{ComplaintChannel, ComplaintOutcome, ComplaintState};
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::complaint::{AnswerComplaint, ComplaintDetail, ComplaintItem, ComplaintQuery, OpenComplaint};
use serde_json::Value;
use uuid::Uuid;

/// Commands of complaints.
#[derive(Debug, Subcommand)]
pub(crate) enum ComplaintCommand {
    /// List complaints, open ones first by what is due next
    List(ListArgs),
    /// Show one in full
    Show {
        /// Id of the complaint
        id: Uuid,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// Write one down: visits to the person are paused until it is answered
    Open(OpenArgs),
    /// Take one up, or over from somebody else
    Take {
        /// Id of the complaint
        id: Uuid,
    },
    /// Answer one that you own, or note that the person took it back
    Answer {
        /// Id of the complaint
        id: Uuid,
        /// upheld, partly, rejected, settled or withdrawn
        outcome: ComplaintOutcome,
        /// What was answered
        #[arg(long, value_name = "TEXT")]
        words: String,
    },
}

/// Which complaints.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those that stand so: received, in-progress, answered, withdrawn or erased
    #[arg(long, value_name = "STATE")]
    state: Option<ComplaintState>,
    /// Only those whose clock has run out
    #[arg(long)]
    overdue: bool,
    /// due or received
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
}

/// What somebody said.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// Id of the case
    case: Uuid,
    /// How it came in: phone, letter, page, door or authority
    #[arg(long, value_name = "CHANNEL")]
    channel: ComplaintChannel,
    /// What was said
    #[arg(long, value_name = "TEXT")]
    words: String,
    /// Id of the visit that it is about
    #[arg(long, value_name = "VISIT")]
    visit: Option<Uuid>,
    /// Staff number of whom it names
    #[arg(long, value_name = "NUMBER")]
    staff: Option<String>,
}

/// Carries out a command of complaints.
pub(crate) async fn run(command: ComplaintCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let detail: ComplaintDetail = match command {
        ComplaintCommand::List(args) => {
            let query = ComplaintQuery {
                state: args.state.map(|state| state.code().to_owned()),
                overdue: args.overdue.then_some(true),
                sort: args.sort,
            };
            let page: Page<ComplaintItem> = client.pages("complaints", &query).await?;
            return Ok(Answer::new(&page, list(context, &page.items)));
        }
        ComplaintCommand::Show { id, purpose } => client.get(&format!("complaints/{id}"), &opening(purpose)).await?,
        ComplaintCommand::Open(args) => {
            let request = OpenComplaint {
                case: args.case,
                visit: args.visit,
                staff: args.staff,
                channel: args.channel.code().to_owned(),
                words: args.words,
            };
            client.post("complaints", &request).await?
        }
        ComplaintCommand::Take { id } => take(&client, id).await?,
        ComplaintCommand::Answer { id, outcome, words } => answer(&client, id, (outcome, words)).await?,
    };
    Ok(Answer::new(&detail, full(context.lang, &detail)))
}

/// Takes one up.
pub(crate) async fn take(client: &Client, id: Uuid) -> Result<ComplaintDetail, Failure> {
    client.post(&format!("complaints/{id}/take"), &Value::Null).await
}

/// Answers one.
pub(crate) async fn answer(
    client: &Client,
    id: Uuid,
    (outcome, words): (ComplaintOutcome, String),
) -> Result<ComplaintDetail, Failure> {
    let outcome = outcome.code().to_owned();
    let request = AnswerComplaint { outcome, words };
    client.post(&format!("complaints/{id}/answer"), &request).await
}

fn list(context: &Context<'_>, items: &[ComplaintItem]) -> String {
    let head = [
        ("Complaint", "投诉"),
        ("Case", "案件"),
        ("Came in", "受理时间"),
        ("How", "渠道"),
        ("State", "状态"),
        ("Due", "期限"),
        ("Owner", "负责人"),
        ("About", "被投诉人"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let zone = times::zone(&item.zone);
        table.row([
            item.id.to_string(),
            item.case_no.clone(),
            times::at(item.received_at, &zone),
            label::<ComplaintChannel>(context.lang, &item.channel),
            label::<ComplaintState>(context.lang, &item.state),
            due(context.lang, item),
            or_dash(item.owner.as_deref()),
            or_dash(item.staff.as_deref()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "complaint", "complaints"), &format!("{count} 件投诉"));
    text.finish()
}

/// What is due next; nothing where it is over.
pub(crate) fn due(lang: Lang, item: &ComplaintItem) -> String {
    let next = match item.state.parse() {
        Ok(ComplaintState::Received) => item.acknowledge_by,
        Ok(ComplaintState::InProgress) => item.answer_by,
        _ => return or_dash(None),
    };
    let next = times::at(next, &times::zone(&item.zone));
    if item.overdue {
        format!("{next} {}", pick(lang, "OVERDUE", "已逾期"))
    } else {
        next
    }
}

/// One in full.
pub(crate) fn full(lang: Lang, detail: &ComplaintDetail) -> String {
    let item = &detail.item;
    let zone = times::zone(&item.zone);
    let mut text = Text::new(lang);
    text.fact("complaint", "投诉", item.id.to_string());
    text.fact("case", "案件", &item.case_no);
    text.fact("state", "状态", label::<ComplaintState>(lang, &item.state));
    text.fact("came in", "受理时间", times::at(item.received_at, &zone));
    text.fact("how", "渠道", label::<ComplaintChannel>(lang, &item.channel));
    text.fact("due", "期限", due(lang, item));
    text.fact("about", "被投诉人", or_dash(Some(&detail.about.join(" "))));
    text.fact("owner", "负责人", or_dash(item.owner.as_deref()));
    if let Some(words) = &detail.words {
        text.fact("said", "内容", words);
    }
    if let Some(outcome) = &item.outcome {
        text.fact("outcome", "结果", label::<ComplaintOutcome>(lang, outcome));
        text.fact("closed", "办结时间", times::maybe(detail.closed_at, &zone));
    }
    if let Some(answer) = &detail.answer {
        text.fact("answer", "答复", answer);
    }
    text.finish()
}
