//! `portfolio`: what a portfolio asks of the rules.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::Text;
use clap::Subcommand;
use doorstep_wire::Page;
use doorstep_wire::org::{AddPortfolio, PortfolioItem, SetPortfolio};
use serde_json::json;

/// Commands of portfolios.
#[derive(Debug, Subcommand)]
pub(crate) enum PortfolioCommand {
    /// List portfolios
    List,
    /// Add a portfolio, for loans or before the first case file
    Add {
        /// Its name, as files have it
        name: String,
        /// What rules may ask for [default: consumer-loan]
        #[arg(long)]
        kind: Option<String>,
    },
    /// Change a portfolio
    Set {
        /// Its name
        name: String,
        /// What rules may ask for, for example consumer-loan, card or home-care
        #[arg(long)]
        kind: Option<String>,
        /// After how many days an amount is stale and may not be stated
        #[arg(long, value_name = "DAYS")]
        amount_age: Option<i64>,
    },
}

pub(crate) fn unknown(kind: &'static str, given: &str) -> Failure {
    Failure::Unknown {
        kind,
        given: given.to_owned(),
    }
}

/// Carries out a command of portfolios.
pub(crate) async fn portfolio(command: PortfolioCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    if let PortfolioCommand::Add { name, kind } = &command {
        let request = AddPortfolio {
            name: name.clone(),
            kind: kind.clone(),
        };
        let _: PortfolioItem = client.post("portfolios", &request).await?;
    }
    if let PortfolioCommand::Set { name, kind, amount_age } = command {
        let page: Page<PortfolioItem> = client.pages("portfolios", &()).await?;
        let found = page.items.into_iter().find(|item| item.name == name);
        let item = found.ok_or_else(|| unknown("portfolio", &name))?;
        let request = SetPortfolio {
            kind: kind.unwrap_or(item.kind),
            amount_age_days: amount_age.unwrap_or(item.amount_age_days),
        };
        client.put(&format!("portfolios/{}", item.id), &request).await?;
    }
    let page: Page<PortfolioItem> = client.pages("portfolios", &()).await?;
    let head = [
        ("Portfolio", "资产包"),
        ("Kind", "类型"),
        ("Amounts hold for", "金额有效期"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        let days = item.amount_age_days;
        let age = if context.lang == doorstep_domain::words::Lang::Zh {
            format!("{days} 天")
        } else {
            format!("{days} days")
        };
        table.row([item.name.clone(), item.kind.clone(), age]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&json!(page), text.finish()))
}
