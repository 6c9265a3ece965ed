//! `bundle make`: the paper of a case with its list of evidence, and the folder that proves it.

use crate::answer::Answer;
use crate::command::case::find_case;
use crate::command::log::{fetch_from, warn, without_quorum};
use crate::context::Context;
use crate::failure::Failure;
use crate::files::PartialFolder;
use crate::text::{Text, pick};
use clap::{Args, Subcommand};
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::words::Lang;
use doorstep_wire::letter::MakeBundle;
use doorstep_wire::log::BUNDLE_PATH;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// Where the proofs of a bundle lie, beside its paper.
const PROOFS: &str = "proofs";

/// Commands of bundles.
#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Make one: a folder with bundle.pdf, and proofs/ for doorstep-verify
    Make(MakeArgs),
}

/// Of which case, and where to.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// The case: id or number
    #[arg(long)]
    case: String,
    /// The folder, where nothing may be yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// zh or en; Chinese where it is left out
    #[arg(long)]
    language: Option<Lang>,
    /// Put what was said and written into the folder in the clear, beside its proofs
    #[arg(long)]
    open: bool,
    /// Why, where the case is outside your caseload; as with `case show`
    #[arg(long, value_name = "CODE")]
    purpose: Option<OutsidePurpose>,
}

/// Carries out a command of bundles.
pub(crate) async fn run(command: BundleCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let BundleCommand::Make(args) = command;
    let partial = PartialFolder::begin(&args.out)?;
    let client = context.client()?;
    let request = MakeBundle {
        case: find_case(&client, &args.case, args.purpose).await?,
        purpose: args.purpose.map(|purpose| purpose.code().to_owned()),
        language: args.language.map(|lang| lang.code().to_owned()),
        open: args.open,
    };
    let wait = pick(context.lang, "the server prepares the bundle …", "服务器正在准备材料……");
    let _ = context.out.progress(wait);
    let body = client.post_open("bundles", &request).await?;
    let failed = |source| Failure::Write {
        path: args.out.clone(),
        source,
    };
    let proofs = partial.path().join(PROOFS);
    fs::create_dir_all(&proofs).map_err(failed)?;
    let written = fetch_from(&client, body, &proofs, &mut |_| true).await;
    context.out.progress("")?;
    let written = written?;
    fs::rename(proofs.join(BUNDLE_PATH), partial.path().join(BUNDLE_PATH)).map_err(failed)?;
    let silent = without_quorum(&proofs);
    partial.keep()?;
    let mut text = Text::new(context.lang);
    text.fact("bundle", "材料", args.out.join(BUNDLE_PATH).display().to_string());
    text.fact("files", "文件", written.to_string());
    warn(&mut text, &silent);
    text.line(&format!(
        "doorstep verify {} --key VKEY",
        args.out.join(PROOFS).display()
    ));
    let document = json!({ "bundle": args.out.join(BUNDLE_PATH), "proofs": args.out.join(PROOFS), "files": written });
    Ok(Answer::new(&document, text.finish()))
}
