//! `visit receipt` gives a visited person's copy out, offline; `receipt fetch` gets it as a file that `verify` checks.

use crate::answer::Answer;
use crate::command::navigate::{Ground, draw};
use crate::command::{device, visit};
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::receipt::{advice, facts, lang_of, link, page, page_link, pay_code};
use crate::text::Text;
use clap::{Args, Subcommand};
use doorstep_device::Device;
use doorstep_domain::receipt::ReceiptRef;
use doorstep_log::receipt::Receipt;
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

/// How a receipt is given out.
#[derive(Debug, Args)]
pub(crate) struct GiveArgs {
    /// Id of the visit, or number of its case
    visit: String,
    /// A page for printing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over the file
    #[arg(long, requires = "out")]
    force: bool,
    /// Draw the link as a QR code: dark for a terminal with a dark ground, light, or ascii
    #[arg(long, value_name = "GROUND")]
    qr: Option<Ground>,
}

/// Commands for whoever holds a receipt.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Fetch a receipt as a file that `verify` checks offline; needs no account
    Fetch {
        /// The reference on the receipt
        reference: String,
        /// The file [default: receipt-REF.json in the current folder]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write over the file
        #[arg(long)]
        force: bool,
    },
}

/// Gives the receipt of a visit out.
pub(crate) async fn give(args: GiveArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    if let Some(out) = &args.out {
        files::refuse_existing_unless(args.force, out)?;
    }
    let device = device::open(context).await?;
    let given = given(&device, &args.visit).await;
    device.close().await;
    let (visit, receipt) = given?;
    let mut text = Text::new(context.lang);
    let theirs = lang_of(&receipt, context.lang);
    for (label, value) in facts(&receipt, theirs) {
        text.fact(label, label, value);
    }
    for line in advice(theirs) {
        text.line(line);
    }
    if let Some(ground) = args.qr {
        draw(&link(&receipt), ground, &mut text);
        if let Some(pay) = pay_code(&receipt) {
            text.say("To pay the creditor:", "向债权机构还款：");
            draw(pay, ground, &mut text);
        }
    }
    if let Some(out) = &args.out {
        files::write_whole(out, page(&receipt, theirs).as_bytes())?;
        text.fact("page for printing", "打印页", out.display().to_string());
    }
    let document = json!({
        "visit": visit,
        "event": receipt.event,
        "receipt": receipt.said,
        "log": receipt.log,
        "link": link(&receipt),
        "page": page_link(&receipt),
        "pay": receipt.pay,
        "file": args.out,
    });
    Ok(Answer::new(&document, text.finish()))
}

async fn given(device: &Device, named: &str) -> Result<(Uuid, doorstep_device::Receipt), Failure> {
    let visit = visit::find_visit(device, named).await?;
    Ok((visit, device.receipt_give(visit).await?))
}

/// Fetches a receipt.
pub(crate) async fn run(command: ReceiptCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let ReceiptCommand::Fetch { reference, out, force } = command;
    let wrong = |_| Failure::Value {
        name: "REFERENCE",
        given: reference.clone(),
        expected: ("the 26 letters and digits on the receipt", "回执上的 26 位字母和数字"),
    };
    let reference: ReceiptRef = reference.parse().map_err(wrong)?;
    let path = out.unwrap_or_else(|| PathBuf::from(format!("receipt-{reference}.json")));
    files::refuse_existing_unless(force, &path)?;
    let client = context.client_without_session()?;
    let fetched = client.get_file(&format!("receipts/{reference}"), &()).await;
    let bytes = fetched.map_err(|failure| match failure {
        // Whoever holds a receipt runs no server.
        Failure::Unreachable { server, source } => Failure::OfficeUnreachable { server, source },
        other => other,
    })?;
    // What cannot even be read is not kept for a receipt; whether it holds is for `verify` to say, with a key.
    Receipt::decode(&bytes)?;
    files::write_whole(&path, &bytes)?;
    let mut text = Text::new(context.lang);
    text.fact("the receipt is in", "回执已写入", path.display().to_string());
    text.line(&format!("doorstep verify {} --key VKEY", path.display()));
    Ok(Answer::new(&json!({ "file": path }), text.finish()))
}
