//! `strategy`: what a portfolio decides for itself, as a document. `default` and `check` need no server and no network.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::org::unknown;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, or_dash, pick};
use clap::Subcommand;
use doorstep_strategy::{DEFAULT, Strategy};
use doorstep_wire::Page;
use doorstep_wire::org::PortfolioItem;
use doorstep_wire::strategy::{SetStrategy, StrategyDetail};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Commands of strategies.
#[derive(Debug, Subcommand)]
pub(crate) enum StrategyCommand {
    /// Print the strategy of a portfolio that has none of its own
    Default,
    /// Check a document without sending it
    Check {
        /// The document
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
    },
    /// Show the strategy of a portfolio
    Show {
        /// Its name
        portfolio: String,
        /// The document alone, as `strategy set` takes it
        #[arg(long)]
        document: bool,
    },
    /// Set the strategy of a portfolio; the version before is kept
    Set {
        /// Its name
        portfolio: String,
        /// The document
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
    },
}

/// Carries out a command of strategies.
pub(crate) async fn run(command: StrategyCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        StrategyCommand::Default => Ok(Answer::new(&json!({ "document": DEFAULT }), DEFAULT.to_owned())),
        StrategyCommand::Check { file } => check(&file, context),
        StrategyCommand::Show { portfolio, document } => {
            let strategy: StrategyDetail = seen(&context.client()?, &portfolio).await?;
            let text = if document {
                strategy.document.clone()
            } else {
                about(&strategy, context)
            };
            Ok(Answer::new(&json!(strategy), text))
        }
        StrategyCommand::Set { portfolio, file } => set(&portfolio, &file, context).await,
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|source| Failure::Read {
        path: file.to_owned(),
        source,
    })
}

fn named(file: &Path) -> String {
    file.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn check(file: &Path, context: &Context<'_>) -> Result<Answer, Failure> {
    let text = read(file)?;
    let strategy = Strategy::read(&named(file), &text).map_err(Failure::Strategy)?;
    let digest = Strategy::digest(&text);
    let said = pick(context.lang, "The document holds.", "文件有效。");
    let json = json!({ "format": strategy.format, "digest": digest });
    Ok(Answer::new(&json, format!("{said}\n")))
}

async fn path_of(client: &Client, portfolio: &str) -> Result<String, Failure> {
    let page: Page<PortfolioItem> = client.pages("portfolios", &()).await?;
    let found = page.items.into_iter().find(|item| item.name == portfolio);
    let item = found.ok_or_else(|| unknown("portfolio", portfolio))?;
    Ok(format!("portfolios/{}/strategy", item.id))
}

async fn seen(client: &Client, portfolio: &str) -> Result<StrategyDetail, Failure> {
    client.get(&path_of(client, portfolio).await?, &()).await
}

async fn set(portfolio: &str, file: &Path, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let request = SetStrategy {
        file: named(file),
        document: read(file)?,
    };
    Strategy::read(&request.file, &request.document).map_err(Failure::Strategy)?;
    let client = context.client()?;
    let path = path_of(&client, portfolio).await?;
    let before: StrategyDetail = client.get(&path, &()).await?;
    let strategy: StrategyDetail = client.put_version(&path, before.version, &request).await?;
    Ok(Answer::new(&json!(strategy), about(&strategy, context)))
}

/// The document, and above it whose it is.
fn about(strategy: &StrategyDetail, context: &Context<'_>) -> String {
    let mut text = Text::new(context.lang);
    text.fact("portfolio", "资产包", &strategy.name);
    let version = match strategy.version {
        0 => pick(context.lang, "0, the one that comes along", "0，随程序附带").to_owned(),
        version => version.to_string(),
    };
    text.fact("version", "版本", version);
    text.fact("set by", "设定人", or_dash(strategy.set_by.as_deref()));
    format!("{}\n{}", text.finish(), strategy.document)
}
