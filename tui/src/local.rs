//! The only file that knows the server inside this program: everything that opens a data folder goes through here.

use crate::answer::Answer;
use crate::command::folder::{BackupArgs, DoctorArgs, InitArgs, RestoreArgs, ServeArgs};
use crate::context::Context;
use crate::failure::Failure;
use std::path::Path;

/// Makes a data folder with a tenant and its administrator.
pub(crate) async fn init(_args: &InitArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Serves a data folder until it is told to stop.
pub(crate) async fn serve(_args: &ServeArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Copies a data folder while it is in use.
pub(crate) async fn backup(_args: &BackupArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Makes a data folder from a backup.
pub(crate) async fn restore(_args: &RestoreArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Examines a data folder.
pub(crate) async fn doctor(_args: &DoctorArgs, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}

/// Writes an export of the log from a data folder.
pub(crate) async fn log_export(_dir: &Path, _out: &Path, _context: &mut Context<'_>) -> Result<Answer, Failure> {
    Err(Failure::NoServerInside)
}
