//! `approvals`: list, ask, approve, refuse.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::approval::{ApprovalKind, ApprovalReason, ApprovalState};
use doorstep_wire::Page;
use doorstep_wire::org::{AnswerApproval, ApprovalItem, AskApproval};
use uuid::Uuid;

/// Lists approvals, or asks for or answers one.
#[derive(Debug, Args)]
pub(crate) struct ApprovalArgs {
    #[command(subcommand)]
    command: Option<ApprovalCommand>,
}

/// Commands of approvals.
#[derive(Debug, Subcommand)]
enum ApprovalCommand {
    /// Ask a second person
    Ask {
        /// person.erase
        kind: ApprovalKind,
        /// Id of the person, as `case show` names it
        subject: Uuid,
        /// Why: person-asked, retention-over, ordered, mistake or no-basis
        #[arg(long, value_name = "CODE")]
        reason: ApprovalReason,
    },
    /// Agree to what somebody else asked
    Approve {
        /// Id of the approval
        approval: Uuid,
    },
    /// Refuse what somebody else asked
    Refuse {
        /// Id of the approval
        approval: Uuid,
    },
}

/// Carries out a command of approvals.
pub(crate) async fn run(args: ApprovalArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let item: ApprovalItem = match args.command {
        None => {
            let page: Page<ApprovalItem> = client.pages("approvals", &()).await?;
            return Ok(Answer::new(&page, render(context, &page.items)));
        }
        Some(ApprovalCommand::Ask { kind, subject, reason }) => {
            let request = AskApproval {
                kind: kind.code().to_owned(),
                subject,
                reason: reason.code().to_owned(),
            };
            client.post("approvals", &request).await?
        }
        Some(ApprovalCommand::Approve { approval }) => answer(&client, approval, true).await?,
        Some(ApprovalCommand::Refuse { approval }) => answer(&client, approval, false).await?,
    };
    let text = render(context, std::slice::from_ref(&item));
    Ok(Answer::new(&item, text))
}

/// Agrees to what somebody else asked, or does not.
pub(crate) async fn answer(client: &Client, approval: Uuid, approve: bool) -> Result<ApprovalItem, Failure> {
    let answer = AnswerApproval { approve };
    client.post(&format!("approvals/{approval}/answer"), &answer).await
}

fn render(context: &Context<'_>, items: &[ApprovalItem]) -> String {
    let head = [
        ("Approval", "批准"),
        ("For", "事项"),
        ("State", "状态"),
        ("Subject", "对象"),
        ("Reason", "原因"),
        ("Until", "有效至"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.id.to_string(),
            label::<ApprovalKind>(context.lang, &item.kind),
            label::<ApprovalState>(context.lang, &item.state),
            item.subject.to_string(),
            label::<ApprovalReason>(context.lang, &item.reason),
            times::at(item.expires, &context.zone),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}
