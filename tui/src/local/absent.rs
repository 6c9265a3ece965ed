//! The commands on data folders in a program without the server: each says what to use instead.

#![allow(clippy::unused_async, reason = "the same signatures as with the server")]

use crate::answer::Answer;
use crate::command::folder::{BackupArgs, DoctorArgs, InitArgs, RestoreArgs, ServeArgs};
use crate::command::log::ExportArgs;
use crate::command::witness::WitnessCommand;
use crate::context::Context;
use crate::failure::Failure;
use std::path::Path;

/// Would make a data folder.
pub(crate) async fn init(_: &InitArgs, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Would serve a data folder.
pub(crate) async fn serve(_: &ServeArgs, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Would copy a data folder.
pub(crate) async fn backup(_: &BackupArgs, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Would make a data folder from a backup.
pub(crate) async fn restore(_: &RestoreArgs, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Would examine a data folder.
pub(crate) async fn doctor(_: &DoctorArgs, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Would write an export of the log.
pub(crate) async fn log_export(_: &Path, _: &ExportArgs, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Would be a witness.
pub(crate) async fn witness(_: WitnessCommand, _: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}
