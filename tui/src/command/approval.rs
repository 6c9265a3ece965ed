//! `approvals`: what waits and what was answered, ask, approve, refuse. Nobody signs blind: what is asked for is told with it.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::agreement::AgreementKind;
use doorstep_domain::approval::{ApprovalKind, ApprovalReason, ApprovalState};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::{AmountPart, Currency};
use doorstep_domain::restriction::RestrictionKind;
use doorstep_domain::words::{Lang, word};
use doorstep_wire::Page;
use doorstep_wire::case::CaseDetail;
use doorstep_wire::org::{AnswerApproval, ApprovalItem, AskApproval, AskedAgreement};
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
        /// person.erase, or notice.waive by an agency
        kind: ApprovalKind,
        /// Id of the person, as `case show` names it, or of the plan
        subject: Uuid,
        /// Why: person-asked, retention-over, ordered, mistake, no-basis or unreachable
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
            let numbers = numbers_of(&client, &page.items).await;
            return Ok(Answer::new(&page, render(context, &page.items, &numbers)));
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
    let text = render(context, std::slice::from_ref(&item), &HashMap::new());
    Ok(Answer::new(&item, text))
}

/// Agrees to what somebody else asked, or does not.
pub(crate) async fn answer(client: &Client, approval: Uuid, approve: bool) -> Result<ApprovalItem, Failure> {
    let answer = AnswerApproval { approve };
    client.post(&format!("approvals/{approval}/answer"), &answer).await
}

/// The numbers of the cases that wait for an answer, each a read of it. One that cannot be read now stays an id.
async fn numbers_of(client: &Client, items: &[ApprovalItem]) -> HashMap<Uuid, String> {
    let mut numbers = HashMap::new();
    for case in items.iter().filter_map(|item| item.case) {
        if numbers.contains_key(&case) {
            continue;
        }
        let detail: Result<CaseDetail, Failure> = client.get(&format!("cases/{case}"), &()).await;
        numbers.extend(detail.ok().map(|detail| (case, detail.item.case_no)));
    }
    numbers
}

/// What an agreement that waits for a second person comes to.
pub(crate) fn agreement_asked(lang: Lang, asked: &AskedAgreement) -> String {
    let money = |minor: i64| {
        let known = Currency::of(&asked.currency);
        let plain = known.map_or_else(|| minor.to_string(), |known| known.plain(Minor(minor)));
        format!("{plain} {}", asked.currency)
    };
    let kind = label::<AgreementKind>(lang, &asked.kind);
    let mut text = format!(
        "{kind} {}, {} {}",
        money(asked.amount),
        pick(lang, "until", "至"),
        asked.last
    );
    let parts = AmountPart::ALL.iter().zip(asked.off).filter(|(_, off)| *off != 0);
    for (at, (part, off)) in parts.enumerate() {
        let head = if at == 0 {
            pick(lang, "; gives up", "；减免")
        } else {
            ","
        };
        let _ = write!(text, "{head} {} {}", word(lang, *part), money(off));
    }
    text
}

/// What an approval is about: the agreement, the restriction or rule, or else the id of its subject.
fn about(lang: Lang, item: &ApprovalItem) -> String {
    if let Some(asked) = &item.agreement {
        return agreement_asked(lang, asked);
    }
    item.what
        .as_deref()
        .map_or_else(|| item.subject.to_string(), |what| label::<RestrictionKind>(lang, what))
}

fn render(context: &Context<'_>, items: &[ApprovalItem], numbers: &HashMap<Uuid, String>) -> String {
    let head = [
        ("Approval", "批准"),
        ("For", "事项"),
        ("State", "状态"),
        ("Case", "案件"),
        ("About", "内容"),
        ("Reason", "原因"),
        ("Until", "有效至"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.id.to_string(),
            label::<ApprovalKind>(context.lang, &item.kind),
            label::<ApprovalState>(context.lang, &item.state),
            item.case
                .map(|case| numbers.get(&case).cloned().unwrap_or_else(|| case.to_string()))
                .unwrap_or_default(),
            about(context.lang, item),
            label::<ApprovalReason>(context.lang, &item.reason),
            times::at(item.expires, &context.zone),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}
