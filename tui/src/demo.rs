//! `demo`: the whole path in one process and a temporary folder.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use std::path::PathBuf;

/// How the demo runs.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Walk the path as commands, print what happened, and end
    #[arg(long)]
    pub(crate) headless: bool,
    /// Keep the data here [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The day that is shown [default: the next day on which visits are allowed]
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<jiff::civil::Date>,
    /// A real case file instead of the made-up town
    #[arg(long, value_name = "FILE")]
    pub(crate) cases: Option<PathBuf>,
    /// Its staff file
    #[arg(long, value_name = "FILE", requires = "cases")]
    pub(crate) staff: Option<PathBuf>,
    /// Seed of the made-up town
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Runs the demo.
#[allow(
    clippy::unused_async,
    reason = "only a program with the server inside has something to wait for"
)]
pub(crate) async fn run(_args: DemoArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}
