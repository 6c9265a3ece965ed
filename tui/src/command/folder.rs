//! `init`, `serve`, `backup`, `restore`, `doctor`: the commands that open a data folder. The work is in `local`.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::local;
use clap::Args;
use std::path::PathBuf;

/// A new data folder.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// A folder that does not exist yet, or is empty
    pub(crate) dir: PathBuf,
    /// Name of the tenant
    #[arg(long, value_name = "NAME", default_value = "Doorstep")]
    pub(crate) tenant: String,
    /// First part of the logs' names for strangers, such as a host name of yours; fixed from then on
    #[arg(long, value_name = "NAME", default_value = "doorstep.local")]
    pub(crate) deployment: String,
    /// Name of its first team
    #[arg(long, value_name = "NAME", default_value = "Team 1")]
    pub(crate) team: String,
    /// Login of its administrator
    #[arg(long, value_name = "LOGIN", default_value = "admin")]
    pub(crate) admin: String,
    /// Login of its first supervisor
    #[arg(long, value_name = "LOGIN", default_value = "supervisor")]
    pub(crate) supervisor: String,
    /// Login of its first auditor
    #[arg(long, value_name = "LOGIN", default_value = "auditor")]
    pub(crate) auditor: String,
    /// The main database, sqlite:PATH or postgres://… [default: a file in the folder]
    #[arg(long, value_name = "URL", requires = "keys_url")]
    pub(crate) url: Option<String>,
    /// The key store: another file or another database
    #[arg(long, value_name = "URL", requires = "url")]
    pub(crate) keys_url: Option<String>,
}

/// What to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The data folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The configuration [default: doorstep.toml in the data folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What to copy where.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The data folder
    pub(crate) dir: PathBuf,
    /// Where to; does not exist yet
    pub(crate) out: PathBuf,
}

/// What to restore where.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    pub(crate) backup: PathBuf,
    /// A data folder with its configuration, key file and key store, and an empty main database
    pub(crate) dir: PathBuf,
    /// Restore into this main database, which the folder then uses: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// A signed checkpoint that somebody kept, a file each: the restored logs must reach it
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// An export of the log from after the backup: it tells what was signed and who was erased since
    #[arg(long, value_name = "DIR")]
    pub(crate) export: Vec<PathBuf>,
}

/// What to examine.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The data folder
    pub(crate) dir: PathBuf,
}

/// Makes a data folder.
pub(crate) async fn init(args: &InitArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    local::init(args, context).await
}

/// Serves until it is told to stop.
pub(crate) async fn serve(args: &ServeArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    local::serve(args, context).await
}

/// Copies a data folder.
pub(crate) async fn backup(args: &BackupArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    local::backup(args, context).await
}

/// Makes a data folder from a backup.
pub(crate) async fn restore(args: &RestoreArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    local::restore(args, context).await
}

/// Examines a data folder.
pub(crate) async fn doctor(args: &DoctorArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    local::doctor(args, context).await
}
