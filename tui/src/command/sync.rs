//! `sync`: sends what the device recorded, then fetches what changed.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, pick};
use crate::times;
use clap::Args;
use doorstep_device::{Alarm, Device, DeviceError, PullReport, PushReport};
use doorstep_domain::words::Lang;
use serde_json::json;
use std::time::Duration;

/// What to do of the two; both where neither is named.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Only send
    #[arg(long, conflicts_with = "pull")]
    push: bool,
    /// Only fetch
    #[arg(long)]
    pull: bool,
    /// Go on until Ctrl-C: sync again when the server says that something changed, and once a minute
    #[arg(long, conflicts_with_all = ["push", "pull"])]
    watch: bool,
}

/// How long a watching device waits for the server's word before it asks anyway, and before it tries again where there is
/// no network.
const POLL: Duration = Duration::from_mins(1);
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// Sends and fetches. Doors that cannot be fetched do not undo what was sent.
pub(crate) async fn run(args: &SyncArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let pushed = if args.pull {
        PushReport::default()
    } else {
        device.push().await?
    };
    let mut pulled = if args.push {
        PullReport::default()
    } else {
        device.pull().await?
    };
    if args.watch {
        watch(&device, &mut pulled, context).await?;
    }
    let status = device.sync_status().await?;
    // Stops, not doors: nothing that is counted aloud tells how many people there are behind one door.
    let stops = device.stops_held().await?;
    let alarms = device.alarms().await?;
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
        "doors and permits",
        "任务与许可",
        if has_changed(&pulled) {
            pick(context.lang, "changed", "有变动")
        } else {
            pick(context.lang, "unchanged", "无变动")
        },
    );
    text.fact("stops on this device", "本机外访地点", stops.to_string());
    text.fact(
        "may be held until",
        "可保留至",
        times::at(status.lease_until.get(), &context.zone),
    );
    say_alarms(&mut text, &alarms, pushed.alarm || pulled.alarm, context);
    let document = json!({
        "push": {
            "sent": pushed.sent,
            "acknowledged": pushed.acknowledged,
            "held": pushed.held,
            "quarantined": pushed.quarantined,
        },
        "pull": { "changed": has_changed(&pulled), "reset": pulled.reset },
        "unacknowledged": status.unacknowledged,
        "stops": stops,
        "alarms": alarms,
        "lease_until": status.lease_until,
        "alarm": pushed.alarm || pulled.alarm,
    });
    Ok(Answer::checked(
        &document,
        text.finish(),
        !(pushed.alarm || pulled.alarm),
    ))
}

/// Keeps the device up to date until somebody stops it. No network is no error: a field device is often without.
async fn watch(device: &Device, pulled: &mut PullReport, context: &mut Context<'_>) -> Result<(), Failure> {
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    context.talk(pick(
        context.lang,
        "Watching; Ctrl-C stops.\n",
        "正在等待更新，按 Ctrl-C 结束。\n",
    ))?;
    loop {
        let woken = tokio::select! {
            _ = &mut stop => return Ok(()),
            woken = device.wake(POLL) => woken,
        };
        let round = match woken {
            Ok(_) => round(device).await,
            Err(error) => Err(error),
        };
        match round {
            Ok((0, report)) if !has_changed(&report) => {}
            Ok((sent, report)) => {
                *pulled = report;
                let line = match (context.lang, has_changed(&report)) {
                    (Lang::En, true) => format!("{sent} sent, something new\n"),
                    (Lang::En, false) => format!("{sent} sent\n"),
                    (Lang::Zh, true) => format!("发送 {sent} 条，有新内容\n"),
                    (Lang::Zh, false) => format!("发送 {sent} 条\n"),
                };
                context.talk(&line)?;
            }
            Err(DeviceError::Network(_)) => tokio::select! {
                _ = &mut stop => return Ok(()),
                () = tokio::time::sleep(TRY_AGAIN) => {}
            },
            Err(error) => return Err(error.into()),
        }
    }
}

/// Alarms of partners, and that of the server's own signature.
fn say_alarms(text: &mut Text, alarms: &[Alarm], forged: bool, context: &Context<'_>) {
    for alarm in alarms {
        let who = alarm.staff.as_deref().unwrap_or("?");
        let at = times::at(alarm.raised_at, &context.zone);
        text.say(
            &format!("ALARM of {who} since {at}: {}", alarm.kind),
            &format!("警报：{who} 自 {at}：{}", alarm.kind),
        );
    }
    if forged {
        text.say(
            "ALARM: what the server signed does not hold or contradicts what it signed before; it is kept as evidence, go on \
             working and give it to an auditor: doorstep device evidence FOLDER",
            "警报：服务器的签名不成立，或与此前的签名矛盾，已保留为证据；请继续工作，并交给审计员： doorstep device evidence FOLDER",
        );
    }
}

fn has_changed(pulled: &PullReport) -> bool {
    pulled.put + pulled.removed + pulled.alarms + pulled.packs > 0
}

async fn round(device: &Device) -> Result<(usize, PullReport), DeviceError> {
    let sent = device.push().await?.sent;
    Ok((sent, device.pull().await?))
}
