//! Where two staff are required: `visit confirm` on the partner's own device, and what `visit start` takes from it.

use crate::answer::Answer;
use crate::command::device;
use crate::command::visit::{find_partner, find_visit};
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::text::{Text, pick};
use clap::Args;
use doorstep_device::{Device, DeviceError};
use doorstep_wire::sync::Joined;
use serde_json::json;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Longest file with a statement, in bytes.
const FILE_BYTES_MAX: u64 = 4_096;

/// Confirming on one's own device.
#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    /// Id of the visit, or number of its case
    visit: String,
    /// Write what was signed to a new file, for the partner's device where neither has a network
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What partners sign at a check-in.
#[derive(Debug, Args)]
pub(crate) struct SigningArgs {
    /// A partner who signs on this device with their PIN, asked for or `DOORSTEP_PARTNER_PIN`; may be repeated
    #[arg(long, value_name = "LOGIN")]
    partner: Vec<String>,
    /// What a partner signed on their own device, as `visit confirm --out` wrote it; may be repeated. What came by sync counts
    /// without being named
    #[arg(long, value_name = "FILE")]
    joined: Vec<PathBuf>,
}

/// Signs that this device's owner is at the visit, and sends that if there is a network.
pub(crate) async fn confirm(args: ConfirmArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    if let Some(out) = &args.out {
        files::refuse_existing(out)?;
    }
    let device = device::open(context).await?;
    let visit = find_visit(&device, &args.visit).await?;
    let confirmed = device.visit_confirm(visit).await?;
    if let Some(out) = &args.out {
        let mut line = serde_json::to_vec(&confirmed.joined).map_err(|_| unreadable(out))?;
        line.push(b'\n');
        files::write_whole(out, &line)?;
    }
    let sent = match device.push().await {
        Ok(pushed) => pushed.sent > 0,
        // It is kept and goes with the next sync.
        Err(DeviceError::Network(_) | DeviceError::Busy) => false,
        Err(error) => return Err(error.into()),
    };
    device.close().await;
    let mut text = Text::new(context.lang);
    text.say(
        "Confirmed; signed and recorded on this device. Your partner checks in within half an hour.",
        "已确认，已签名并记录在本机。同行人员须在半小时内签到。",
    );
    text.fact("visit", "外访", visit.to_string());
    let told = if sent {
        pick(context.lang, "sent", "已发送")
    } else {
        pick(
            context.lang,
            "no network: sync, or hand over the file",
            "无网络：请同步，或转交文件",
        )
    };
    text.fact("partner's device", "同行人员的设备", told);
    if let Some(out) = &args.out {
        text.fact("file", "文件", out.display().to_string());
    }
    let document = json!({
        "visit": visit,
        "event": confirmed.event,
        "joined": confirmed.joined,
        "sent": sent,
        "file": args.out,
    });
    Ok(Answer::new(&document, text.finish()))
}

/// What partners signed for a check-in: from files, and here with their PINs.
pub(crate) async fn signed_here(
    device: &Device,
    visit: Uuid,
    args: &SigningArgs,
    context: &mut Context<'_>,
) -> Result<Vec<Joined>, Failure> {
    let mut joined = Vec::new();
    for path in &args.joined {
        joined.push(statement_of(path)?);
    }
    for login in &args.partner {
        let staff = match login.parse() {
            Ok(id) => id,
            Err(_) => find_partner(device, login, context).await?,
        };
        let pin = context.partner_pin(login)?;
        joined.push(device.partner_sign(visit, staff, &pin).await?);
    }
    Ok(joined)
}

fn statement_of(path: &Path) -> Result<Joined, Failure> {
    let read = std::fs::metadata(path).and_then(|about| match about.len() {
        0..=FILE_BYTES_MAX => std::fs::read(path),
        _ => Ok(Vec::new()),
    });
    let bytes = read.map_err(|_| unreadable(path))?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable(path))
}

fn unreadable(path: &Path) -> Failure {
    Failure::Value {
        name: "--joined",
        given: path.display().to_string(),
        expected: (
            "a file that `doorstep visit confirm --out` wrote",
            "由 `doorstep visit confirm --out` 写出的文件",
        ),
    }
}
