//! `calm set`, `calm list`, `calm end`: days on which visits of a portfolio or region stop or thin out.

use crate::answer::Answer;
use crate::command::agency::find_portfolio;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash};
use clap::{Args, Subcommand};
use doorstep_domain::step::{CalmMode, CalmReason, CalmState};
use doorstep_wire::Page;
use doorstep_wire::work::{CalmItem, SetCalm};
use serde_json::json;
use uuid::Uuid;

/// Commands of times of calm.
#[derive(Debug, Subcommand)]
pub(crate) enum CalmCommand {
    /// Ask a second person to have a portfolio or region calm; once they agree visits ahead are withdrawn
    Set(SetArgs),
    /// List times of calm
    List,
    /// End one before its last day
    End {
        /// Its id
        calm: Uuid,
    },
}

/// Where, when and why.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// The portfolio [default: all]
    #[arg(long, value_name = "NAME", required_unless_present = "region")]
    portfolio: Option<String>,
    /// The country or region by ISO 3166, for example CN-33 or CN-ZJ [default: all]
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// The first day
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The last day
    #[arg(long, value_name = "DATE")]
    until: String,
    /// stop or thin
    #[arg(long)]
    mode: CalmMode,
    /// disaster, closure or downturn
    #[arg(long)]
    reason: CalmReason,
}

/// Carries out a command of times of calm.
pub(crate) async fn run(command: CalmCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let page: Page<CalmItem> = match command {
        CalmCommand::List => client.pages("calm", &()).await?,
        CalmCommand::End { calm } => client.post(&format!("calm/{calm}/end"), &json!({})).await?,
        CalmCommand::Set(args) => {
            let request = SetCalm {
                portfolio: find_portfolio(&client, args.portfolio.as_deref()).await?,
                region: args.region,
                from: args.from,
                until: args.until,
                mode: args.mode.code().to_owned(),
                reason: args.reason.code().to_owned(),
            };
            client.post("calm", &request).await?
        }
    };
    let lang = context.lang;
    let head = [
        ("Id", "编号"),
        ("Portfolio", "产品"),
        ("Region", "地区"),
        ("From", "起"),
        ("Until", "止"),
        ("Visits", "外访"),
        ("Reason", "原因"),
        ("State", "状态"),
        ("Asked by", "申请人"),
        ("Second person", "批准人"),
        ("Withdrawn", "已撤回外访"),
        ("Approval", "审批编号"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        table.row([
            item.id.to_string(),
            or_dash(item.portfolio.as_deref()),
            or_dash(item.region.as_deref()),
            item.from.clone(),
            item.until.clone(),
            label::<CalmMode>(lang, &item.mode),
            label::<CalmReason>(lang, &item.reason),
            label::<CalmState>(lang, &item.state),
            or_dash(item.asked_by.as_deref()),
            or_dash(item.answered_by.as_deref()),
            item.visits.to_string(),
            item.approval.map_or_else(|| "-".to_owned(), |id| id.to_string()),
        ]);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}
