//! `demo`: the whole path in one process and a temporary folder, as commands, from case file to verified log.
//!
//! It runs its own clock, so that it shows a working day at any hour, and a town made by code, unless a real case file
//! is given. Every step says what it expects; the demo holds only if every step does. Then it serves what it made, so that
//! one can look around in it, or ends.

use crate::answer::Answer;
use crate::command::screen::ScreenArgs;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use std::path::PathBuf;

#[cfg(feature = "server")]
mod clock;
#[cfg(feature = "server")]
mod page;
#[cfg(feature = "server")]
mod partner;
#[cfg(feature = "server")]
mod proof;
#[cfg(feature = "server")]
mod screens;
#[cfg(feature = "server")]
mod serving;
#[cfg(feature = "server")]
mod stage;
#[cfg(feature = "server")]
mod town;
#[cfg(feature = "server")]
mod walk;

/// How the demo runs.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Walk the whole path as commands, then serve, instead of opening the screens [default where there is no terminal]
    #[arg(long)]
    pub(crate) walk: bool,
    /// Walk the whole path as commands and end
    #[arg(long)]
    pub(crate) headless: bool,
    /// Open the screens of a supervisor instead of field staff
    #[arg(long, conflicts_with_all = ["walk", "headless"])]
    pub(crate) supervisor: bool,
    #[command(flatten)]
    pub(crate) screen: ScreenArgs,
    /// Keep the data here [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The day that is shown [default: the next day on which visits are allowed]
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<jiff::civil::Date>,
    /// A real case file instead of the made-up town
    #[arg(long, value_name = "FILE", requires = "staff")]
    pub(crate) cases: Option<PathBuf>,
    /// Its staff file
    #[arg(long, value_name = "FILE", requires = "cases")]
    pub(crate) staff: Option<PathBuf>,
    /// Seed of the made-up town
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Runs the demo.
#[cfg(feature = "server")]
pub(crate) async fn run(args: DemoArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let screens = context.out.is_terminal() || args.screen.snapshot.is_some();
    if screens && !args.walk && !args.headless {
        return screens::open(&args, context).await;
    }
    walk::run(&args, context).await
}

/// Runs the demo.
#[cfg(not(feature = "server"))]
#[allow(clippy::unused_async, reason = "called as the one with a server inside is")]
pub(crate) async fn run(_args: DemoArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}
