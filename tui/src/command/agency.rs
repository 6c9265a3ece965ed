//! `agency`: who visits for the creditor, the white list by portfolio, and evaluations.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::org::unknown;
use crate::command::recall::{self, DestroyedArgs, DestructionCommand, RecallArgs};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use clap::Subcommand;
use doorstep_domain::agency::EvaluationResult;
use doorstep_wire::Page;
use doorstep_wire::agency::{
    AddAgency, AgencyItem, EvaluateAgency, EvaluationItem, ListAgency, ListingItem, PutOnList,
};
use doorstep_wire::org::{OfficeItem, PortfolioItem, SetComplaints};
use uuid::Uuid;

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
    /// Put an agency on the white list for every portfolio
    Allow {
        /// Its name
        name: String,
    },
    /// Take an agency off the white list: no more cases are given to it
    Disallow {
        /// Its name
        name: String,
    },
    /// Put an agency on the white list for a portfolio, or until its contract ends
    Listing {
        /// Its name
        name: String,
        /// For this portfolio alone [default: for all]
        #[arg(long, value_name = "NAME")]
        portfolio: Option<String>,
        /// The last day of the contract
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// Note an evaluation; one that failed leaves the white list
    Evaluate {
        /// Its name
        name: String,
        /// pass, conditions or fail
        result: EvaluationResult,
        /// What was found; sealed
        #[arg(long)]
        words: String,
        /// When it was made [default: today]
        #[arg(long, value_name = "DATE")]
        day: Option<String>,
    },
    /// List the evaluations of an agency with what was written
    Evaluations {
        /// Its name
        name: String,
    },
    /// Take cases back from an agency: visits ahead go with them, and it owes a record of destruction
    Recall(RecallArgs),
    /// List what agencies owe and say of what they had of recalled cases
    Destructions {
        /// Only what is not confirmed in time
        #[arg(long)]
        overdue: bool,
    },
    /// Say for your agency that what it had of recalled cases is destroyed
    Destroyed(DestroyedArgs),
    /// One record of destruction: show, accept, return
    #[command(subcommand)]
    Destruction(DestructionCommand),
    /// Say where visited persons can complain; receipts say it
    Complaints {
        /// A phone number, an address or both
        text: String,
        /// About this agency [default: about the creditor's own crews]
        #[arg(long, value_name = "NAME")]
        agency: Option<String>,
    },
}

/// Carries out a command of agencies.
pub(crate) async fn run(command: AgencyCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        AgencyCommand::List => {}
        AgencyCommand::Add { name } => {
            let _: AgencyItem = client.post("agencies", &AddAgency { name }).await?;
        }
        AgencyCommand::Allow { name } => list(&client, &name, true).await?,
        AgencyCommand::Disallow { name } => list(&client, &name, false).await?,
        AgencyCommand::Listing { name, portfolio, until } => {
            let id = find(&client, &name).await?;
            let portfolio = find_portfolio(&client, portfolio.as_deref()).await?;
            let request = PutOnList { portfolio, until };
            let _: AgencyItem = client.post(&format!("agencies/{id}/listings"), &request).await?;
        }
        AgencyCommand::Evaluate {
            name,
            result,
            words,
            day,
        } => {
            let id = find(&client, &name).await?;
            let result = result.code().to_owned();
            let request = EvaluateAgency { result, words, day };
            let _: AgencyItem = client.post(&format!("agencies/{id}/evaluations"), &request).await?;
        }
        AgencyCommand::Evaluations { name } => return evaluations(&client, &name, context).await,
        AgencyCommand::Recall(args) => return recall::recall(args, context).await,
        AgencyCommand::Destructions { overdue } => return recall::list(overdue, context).await,
        AgencyCommand::Destroyed(args) => return recall::destroyed(args, context).await,
        AgencyCommand::Destruction(command) => return recall::run(command, context).await,
        AgencyCommand::Complaints { text, agency } => return complaints(text, agency, context).await,
    }
    let page: Page<AgencyItem> = client.pages("agencies", &()).await?;
    let head = [
        ("Agency", "机构"),
        ("White list", "白名单"),
        ("Evaluation due", "评估期限"),
        ("Soon", "临近"),
        ("Team", "团队"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        let places: Vec<String> = item.listings.iter().map(|one| place(context, one)).collect();
        let soon = item.is_due_soon && item.listed;
        table.row([
            item.name.clone(),
            if item.listed { places.join("; ") } else { "-".to_owned() },
            or_dash(item.evaluation_due.as_deref()),
            if soon {
                pick(context.lang, "due", "须办理")
            } else {
                "-"
            }
            .to_owned(),
            item.team.map_or_else(String::new, |team| team.to_string()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

/// For what an agency is listed, and until when.
fn place(context: &Context<'_>, one: &ListingItem) -> String {
    let of = one.portfolio.as_deref().unwrap_or(pick(context.lang, "all", "全部"));
    one.until
        .as_ref()
        .map_or_else(|| of.to_owned(), |until| format!("{of} → {until}"))
}

async fn evaluations(client: &Client, name: &str, context: &Context<'_>) -> Result<Answer, Failure> {
    let id = find(client, name).await?;
    let page: Page<EvaluationItem> = client.pages(&format!("agencies/{id}/evaluations"), &()).await?;
    let head = [
        ("Day", "日期"),
        ("Result", "结果"),
        ("By", "评估人"),
        ("What was found", "评估内容"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        table.row([
            item.day.clone(),
            label::<EvaluationResult>(context.lang, &item.result),
            or_dash(item.by.as_deref()),
            item.words.clone(),
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
        Some(name) => Some(find(&client, name).await?),
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

async fn list(client: &Client, name: &str, listed: bool) -> Result<(), Failure> {
    let id = find(client, name).await?;
    client
        .put(&format!("agencies/{id}/listed"), &ListAgency { listed })
        .await
}

/// The agency with this name.
pub(crate) async fn find(client: &Client, name: &str) -> Result<Uuid, Failure> {
    let page: Page<AgencyItem> = client.pages("agencies", &()).await?;
    let found = page.items.iter().find(|item| item.name == name);
    found.map(|item| item.id).ok_or_else(|| unknown("agency", name))
}

/// The portfolio with this name, where one is named.
pub(crate) async fn find_portfolio(client: &Client, name: Option<&str>) -> Result<Option<Uuid>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let page: Page<PortfolioItem> = client.pages("portfolios", &()).await?;
    let found = page.items.iter().find(|item| item.name == name);
    found
        .map(|item| Some(item.id))
        .ok_or_else(|| unknown("portfolio", name))
}
