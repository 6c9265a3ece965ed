//! `agency` and `portfolio`: who visits for the creditor, and what a portfolio asks of the rules.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, pick};
use clap::Subcommand;
use doorstep_wire::Page;
use doorstep_wire::org::{AddAgency, AgencyItem, ListAgency, OfficeItem, PortfolioItem, SetComplaints, SetPortfolio};
use serde_json::json;

/// Commands of agencies.
#[derive(Debug, Subcommand)]
pub(crate) enum AgencyCommand {
    /// List agencies
    List,
    /// Add an agency with a team of the same name
    Add {
        /// Its name, as in case files
        name: String,
    },
    /// Put an agency on the white list
    Allow {
        /// Its name
        name: String,
    },
    /// Take an agency off the white list: no more cases are given to it
    Disallow {
        /// Its name
        name: String,
    },
    /// Say where visited persons can complain; receipts say it
    Complaints {
        /// A phone number, an address or both
        text: String,
        /// About this agency [default: about the creditor's own crews]
        #[arg(long, value_name = "NAME")]
        agency: Option<String>,
    },
}

/// Commands of portfolios.
#[derive(Debug, Subcommand)]
pub(crate) enum PortfolioCommand {
    /// List portfolios
    List,
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

/// Carries out a command of agencies.
pub(crate) async fn agency(command: AgencyCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        AgencyCommand::List => {}
        AgencyCommand::Add { name } => {
            let _: AgencyItem = client.post("agencies", &AddAgency { name }).await?;
        }
        AgencyCommand::Allow { name } => list(&client, &name, true).await?,
        AgencyCommand::Disallow { name } => list(&client, &name, false).await?,
        AgencyCommand::Complaints { text, agency } => return complaints(text, agency, context).await,
    }
    let page: Page<AgencyItem> = client.pages("agencies", &()).await?;
    let head = [("Agency", "机构"), ("White list", "白名单"), ("Team", "团队")];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        let listed = pick(context.lang, "listed", "在列");
        table.row([
            item.name.clone(),
            if item.listed { listed } else { "-" }.to_owned(),
            item.team.map_or_else(String::new, |team| team.to_string()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

/// Says where to complain, and shows what receipts say of each office.
async fn complaints(complaints: String, agency: Option<String>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let agency = match &agency {
        None => None,
        Some(name) => {
            let page: Page<AgencyItem> = client.pages("agencies", &()).await?;
            let found = page.items.iter().find(|item| item.name == *name);
            Some(found.ok_or_else(|| unknown("agency", name))?.id)
        }
    };
    client
        .put("offices/complaints", &SetComplaints { agency, complaints })
        .await?;
    let page: Page<OfficeItem> = client.pages("offices", &()).await?;
    let mut table = Table::new(pick_all(context, [("Office", "机构"), ("Complaints", "投诉方式")]));
    for item in &page.items {
        table.row([item.name.clone(), item.complaints.clone()]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

async fn list(client: &crate::client::Client, name: &str, listed: bool) -> Result<(), Failure> {
    let page: Page<AgencyItem> = client.pages("agencies", &()).await?;
    let found = page.items.iter().find(|item| item.name == name);
    let id = found.ok_or_else(|| unknown("agency", name))?.id;
    client
        .put(&format!("agencies/{id}/listed"), &ListAgency { listed })
        .await
}

fn unknown(kind: &'static str, given: &str) -> Failure {
    Failure::Unknown {
        kind,
        given: given.to_owned(),
    }
}

/// Carries out a command of portfolios.
pub(crate) async fn portfolio(command: PortfolioCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
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
