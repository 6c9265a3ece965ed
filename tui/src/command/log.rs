//! `log head`, `log proof`, `log export`.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::local;
use crate::text::{Text, pick};
use clap::{Args, Subcommand};
use doorstep_log::export::MANIFEST_PATH;
use doorstep_log::hash::base64url_decode;
use doorstep_log::proof::Proof;
use doorstep_wire::log::{ExportedFile, LeafProof, LogHeadItem};
use serde_json::json;
use std::path::{Component, Path, PathBuf};
use uuid::Uuid;

/// The names that `--log` takes.
const LOGS: [&str; 2] = ["events", "access"];

/// Commands of the log.
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Show the newest signed checkpoint
    Head {
        /// Which log: changes and device events, or reads of personal data
        #[arg(long, value_parser = LOGS, default_value = LOGS[0])]
        log: String,
    },
    /// Fetch one leaf with its proof, as a file that `verify` checks offline
    Proof {
        /// Place of the leaf, from 0
        index: u64,
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
}

/// Carries out a command of the log.
pub(crate) async fn run(command: LogCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        LogCommand::Head { log } => head(&log, context).await,
        LogCommand::Proof { index, log, out, force } => proof(index, &log, out.as_deref(), force, context).await,
        LogCommand::Export(args) => match &args.dir {
            Some(dir) => local::log_export(dir, &args, context).await,
            None => fetch_export(&args.out, context).await,
        },
    }
}

/// Fetches the export of the caller's tenant and writes its files into a new folder.
async fn fetch_export(out: &Path, context: &mut Context<'_>) -> Result<Answer, Failure> {
    files::refuse_existing(out)?;
    let lines = context.client()?.get_file("log/export", &()).await?;
    let server = context.server();
    let (mut written, mut whole) = (0_u64, false);
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let file: Option<ExportedFile> = serde_json::from_slice(line).ok();
        let content = file.as_ref().and_then(|file| base64url_decode(&file.bytes));
        let (Some(file), Some(content)) = (file, content) else {
            return Err(Failure::BadAnswer { server, status: 200 });
        };
        // A server that is not ours to trust must not write outside the folder.
        let plain = Path::new(&file.path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !plain {
            return Err(Failure::BadAnswer { server, status: 200 });
        }
        let path = out.join(&file.path);
        let failed = |source| Failure::Write {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(path.parent().unwrap_or(out)).map_err(failed)?;
        std::fs::write(&path, content).map_err(failed)?;
        whole = file.path == MANIFEST_PATH;
        written += 1;
    }
    if !whole {
        return Err(Failure::BadAnswer { server, status: 200 });
    }
    let mut text = Text::new(context.lang);
    text.fact("export", "导出", out.display().to_string());
    text.fact("files", "文件", written.to_string());
    text.line(&format!("doorstep verify {} --key VKEY", out.display()));
    Ok(Answer::new(&json!({ "export": out, "files": written }), text.finish()))
}

async fn head(log: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let head: LogHeadItem = context.client()?.get(&format!("log/{log}"), &()).await?;
    let mut text = Text::new(context.lang);
    text.fact("log", "日志", &head.name);
    text.fact("origin", "来源", &head.origin);
    text.fact("leaves", "条目数", head.size.to_string());
    text.fact("key", "公钥", &head.key);
    for line in head.checkpoint.lines() {
        text.line(line);
    }
    Ok(Answer::new(&head, text.finish()))
}

async fn proof(
    index: u64,
    log: &str,
    out: Option<&Path>,
    force: bool,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    if let Some(out) = out {
        files::refuse_existing_unless(force, out)?;
    }
    let fetched: LeafProof = context.client()?.get(&format!("log/{log}/proofs/{index}"), &()).await?;
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
