//! `log head`, `log continue`, `log entries`, `log proof`, `log export`, `log verify`.

mod entries;
mod export;
mod halted;
mod head;
pub(crate) mod online;

use crate::answer::Answer;
use crate::command::verify;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::local;
use crate::text::{Text, pick};
use clap::{Args, Subcommand};
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::words::Lang;
use doorstep_log::proof::Proof;
use doorstep_verify::{Given, TrustArgs, report_text, step_text};
use doorstep_wire::log::{LeafProof, LogProofQuery};
pub(crate) use entries::about;
pub(crate) use export::{warn, without_quorum};
#[cfg(feature = "server")]
pub(crate) use halted::reason as halt_reason;
pub(crate) use online::fetch_from;
pub(crate) use online::{Copied, OnlineProgress, OnlineStep, verify_online};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// The names that `--log` takes.
const LOGS: [&str; 2] = ["events", "access"];

/// Why the payloads of a case may be opened.
const PURPOSES: [&str; 3] = ["audit", "case", "review"];

/// Commands of the log.
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Show the newest signed checkpoint
    Head {
        /// Which log: changes and device events, or reads of personal data
        #[arg(long, value_parser = LOGS, default_value = LOGS[0])]
        log: String,
        /// Also write the checkpoint to a file, to be kept elsewhere: `verify --since` and `restore --checkpoint` take it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write over the file
        #[arg(long, requires = "out")]
        force: bool,
    },
    /// Have a halted log go on as a new one that names the old; as an administrator
    Continue {
        /// Which log: changes and device events, or reads of personal data
        #[arg(long, value_parser = LOGS, default_value = LOGS[0])]
        log: String,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// List entries, newest first
    Entries(entries::EntriesArgs),
    /// Fetch the logs and verify them as a stranger would
    Verify(TrustArgs),
    /// Fetch one leaf with its proof, as a file that `verify` checks offline
    Proof {
        /// Place of the leaf, from 0
        index: u64,
        /// Of this part of a log that was continued, from 1 [default: the present one]
        #[arg(long, value_name = "N")]
        generation: Option<u32>,
        /// Which log: changes and device events, or reads of personal data
        #[arg(long, value_parser = LOGS, default_value = LOGS[0])]
        log: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write over the file
        #[arg(long, requires = "out")]
        force: bool,
    },
    /// Write everything that a stranger needs to verify the log
    Export(ExportArgs),
}

/// What to export where.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A folder that does not exist yet
    pub(crate) out: PathBuf,
    /// Open this data folder instead of asking the server
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The tenant, where the data folder has several
    #[arg(long, value_name = "ID", requires = "dir")]
    pub(crate) tenant: Option<Uuid>,
    /// Only this case, by id or, from the server, by number; nothing of anybody else comes along
    #[arg(long, value_name = "CASE")]
    pub(crate) case: Option<String>,
    /// Open the payloads of the case, for this purpose; that is recorded as a read
    #[arg(long, value_name = "PURPOSE", requires = "case", value_parser = PURPOSES)]
    pub(crate) open: Option<String>,
    /// Why, where the case is outside your caseload; as with `case show`
    #[arg(long, value_name = "CODE", requires = "case", conflicts_with = "dir")]
    pub(crate) purpose: Option<OutsidePurpose>,
}

/// Carries out a command of the log.
pub(crate) async fn run(command: LogCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        LogCommand::Head { log, out, force } => head::show(&log, (out.as_deref(), force), context).await,
        LogCommand::Continue { log, yes } => halted::go_on(&log, yes, context).await,
        LogCommand::Entries(args) => entries::list(args, context).await,
        LogCommand::Verify(args) => verify(&args, context).await,
        LogCommand::Proof {
            index,
            generation,
            log,
            out,
            force,
        } => proof((&log, generation, index), (out.as_deref(), force), context).await,
        LogCommand::Export(args) => match &args.dir {
            Some(dir) => local::log_export(dir, &args, context).await,
            None => export::fetch(&args, context).await,
        },
    }
}

/// Fetches and verifies; Ctrl-C stops it.
async fn verify(args: &TrustArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    // What cannot be used is told before anything is fetched.
    let given = Given::read(args)?;
    let client = context.client()?;
    let (lang, stop) = (context.lang, Arc::new(AtomicBool::new(false)));
    let out = &mut *context.out;
    let mut progress = |at: OnlineProgress| {
        // A terminal that is gone ends nothing here: the answer will say so.
        let _ = out.progress(&progress_line(lang, at));
    };
    let report = tokio::select! {
        report = verify_online(&client, given, &mut progress, &stop, None) => report,
        signal = tokio::signal::ctrl_c() => {
            stop.store(true, Ordering::Relaxed);
            signal?;
            Err(Failure::Stopped)
        }
    };
    context.out.progress("")?;
    let report = report?;
    let text = report_text(verify::language(context.lang), &report);
    Ok(Answer::checked(&report, text, report.ok))
}

pub(crate) fn progress_line(lang: Lang, at: OnlineProgress) -> String {
    let what = match at.step {
        OnlineStep::Fetch => pick(lang, "fetching: files", "下载：文件"),
        OnlineStep::Verify(step) => step_text(verify::language(lang), step),
    };
    match at.total {
        Some(total) => format!("{what} {} / {total}", at.done),
        None => format!("{what} {}", at.done),
    }
}

async fn proof(
    (log, generation, index): (&str, Option<u32>, u64),
    (out, force): (Option<&Path>, bool),
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    if let Some(out) = out {
        files::refuse_existing_unless(force, out)?;
    }
    let path = format!("log/{log}/proofs/{index}");
    let fetched: LeafProof = context.client()?.get(&path, &LogProofQuery { generation }).await?;
    let file = self_contained(&fetched)?;
    let mut text = Text::new(context.lang);
    let Some(out) = out else {
        text.line(&fetched.leaf);
        for line in String::from_utf8_lossy(&file).lines() {
            text.line(line);
        }
        return Ok(Answer::new(&fetched, text.finish()));
    };
    files::write_whole(out, &file)?;
    text.fact("the proof is in", "证明已写入", out.display().to_string());
    text.line(pick(
        context.lang,
        "Check it with `doorstep verify FILE --key VKEY`, with the key that the operator published.",
        "用 `doorstep verify FILE --key VKEY` 验证，公钥须取自运营方公布的渠道。",
    ));
    Ok(Answer::new(
        &json!({ "index": index, "log": log, "file": out }),
        text.finish(),
    ))
}

/// The proof as one file: the leaf stands in its `extra` line, which the format leaves to us.
fn self_contained(fetched: &LeafProof) -> Result<Vec<u8>, Failure> {
    let mut proof = Proof::parse(fetched.proof.as_bytes())?;
    proof.extra = Some(fetched.leaf.clone().into_bytes());
    Ok(proof.encode())
}
