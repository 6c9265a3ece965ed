//! `sync`: sends what the device recorded, then fetches what changed.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::Text;
use crate::times;
use clap::Args;
use doorstep_device::{PullReport, PushReport};
use serde_json::json;

/// What to do of the two; both where neither is named.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Only send
    #[arg(long, conflicts_with = "pull")]
    push: bool,
    /// Only fetch
    #[arg(long)]
    pull: bool,
}

/// Sends and fetches. Doors that cannot be fetched do not undo what was sent.
pub(crate) async fn run(args: &SyncArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let pushed = if args.pull {
        PushReport::default()
    } else {
        device.push().await?
    };
    let pulled = if args.push {
        PullReport::default()
    } else {
        device.pull().await?
    };
    let status = device.sync_status().await?;
    let doors = device.doors().await?.len();
    device.close().await;
    let mut text = Text::new(context.lang);
    text.fact("events sent", "已发送记录", pushed.sent.to_string());
    text.fact("acknowledged", "已签收", pushed.acknowledged.to_string());
    text.fact("held", "等待前序记录", pushed.held.to_string());
    text.fact(
        "put aside by the server",
        "被服务器隔离",
        pushed.quarantined.to_string(),
    );
    text.fact("still waiting", "仍待发送", status.unacknowledged.to_string());
    text.fact(
        "doors and permits changed",
        "任务与许可变动",
        (pulled.put + pulled.removed).to_string(),
    );
    text.fact("doors on this device", "本机外访任务", doors.to_string());
    text.fact(
        "may be held until",
        "可保留至",
        times::at(status.lease_until.get(), &context.zone),
    );
    if pushed.alarm || pulled.alarm {
        text.say(
            "ALARM: a signed note of the server does not hold; it is kept as evidence, tell an auditor",
            "警报：服务器的签名不成立，已保留为证据，请通知审计员",
        );
    }
    let document = json!({
        "push": {
            "sent": pushed.sent,
            "acknowledged": pushed.acknowledged,
            "held": pushed.held,
            "quarantined": pushed.quarantined,
        },
        "pull": { "put": pulled.put, "removed": pulled.removed, "reset": pulled.reset },
        "unacknowledged": status.unacknowledged,
        "doors": doors,
        "lease_until": status.lease_until,
        "alarm": pushed.alarm || pulled.alarm,
    });
    Ok(Answer::checked(
        &document,
        text.finish(),
        !(pushed.alarm || pulled.alarm),
    ))
}
