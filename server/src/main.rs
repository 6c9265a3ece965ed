//! The server program: serves a data folder until it is stopped. Everything else is in the library.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Serves a Doorstep data folder, made by `doorstep init`.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The data folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[tokio::main]
#[allow(
    clippy::print_stderr,
    reason = "the error must be seen also where logging could not start"
)]
async fn main() -> ExitCode {
    match doorstep_server::folder::serve(&Arguments::parse().dir).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("doorstep-server: {}", error.message());
            ExitCode::from(error.exit_code())
        }
    }
}
