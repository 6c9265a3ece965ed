//! `witness`: a party of its own that cosigns checkpoints. The work is in `local`.

use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What a witness's folder is opened for.
#[derive(Debug, Subcommand)]
pub(crate) enum WitnessCommand {
    /// Make a witness: a folder with its key
    Init(WitnessInitArgs),
    /// Let the witness know a log
    AddLog(AddLogArgs),
    /// Serve: cosign checkpoints that extend the last one
    Serve(WitnessServeArgs),
    /// The witness's key and the newest cosigned checkpoint of each log
    Show(WitnessFolder),
    /// What logs said against themselves: the notes that contradict each other
    Refusals(WitnessFolder),
}

/// A new witness.
#[derive(Debug, Args)]
pub(crate) struct WitnessInitArgs {
    /// A folder that does not exist yet, or is empty
    pub(crate) dir: PathBuf,
    /// Name of the witness, for example `witness.example.org/w1`
    #[arg(long)]
    pub(crate) name: String,
}

/// A log that the witness is to know.
#[derive(Debug, Args)]
pub(crate) struct AddLogArgs {
    /// The witness's folder
    pub(crate) dir: PathBuf,
    /// The log's public key, as a line or a file with one a line; its name is the log's origin
    #[arg(long, value_name = "VKEY", required = true)]
    pub(crate) key: Vec<String>,
}

/// Where the witness serves.
#[derive(Debug, Args)]
pub(crate) struct WitnessServeArgs {
    /// The witness's folder
    pub(crate) dir: PathBuf,
    /// Where it listens
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7460")]
    pub(crate) listen: SocketAddr,
    /// A proxy in front ends TLS; then it may listen on other addresses than this machine's own
    #[arg(long)]
    pub(crate) behind_proxy: bool,
}

/// Which witness.
#[derive(Debug, Args)]
pub(crate) struct WitnessFolder {
    /// The witness's folder
    pub(crate) dir: PathBuf,
}
