//! `day open`, `day close`, `day show`: the day on this device, with its counts, as signed events. What a device counted and
//! never sent is missed by that. The counts measure nobody.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, pick};
use crate::times;
use clap::Subcommand;
use doorstep_device::{Day, DayCounts, Device};
use doorstep_domain::measure::Micros;
use serde_json::json;

/// The two ends of a day, and how it stands.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum DayCommand {
    /// Say that the day begins on this device, also offline
    Open,
    /// Say that the day is over, with what was recorded, also offline
    Close,
    /// Show whether it is open, and what closing it would state
    Show,
}

/// Records an end of the day, or shows how it stands.
pub(crate) async fn run(command: DayCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let event = match command {
        DayCommand::Open => device.day_open().await,
        DayCommand::Close => device.day_close().await,
        DayCommand::Show => {
            let read = read(&device).await;
            device.close().await;
            return Ok(shown(read?, context));
        }
    };
    device.close().await;
    let event = event?;
    let mut text = Text::new(context.lang);
    let (english, chinese) = match command {
        DayCommand::Open => ("The day is open.", "已开始一天。"),
        _ => ("The day is closed.", "已结束一天。"),
    };
    text.say(english, chinese);
    text.line(pick(
        context.lang,
        "It goes up with the next `doorstep sync`.",
        "下次 `doorstep sync` 时发送。",
    ));
    Ok(Answer::new(&json!({ "event": event }), text.finish()))
}

async fn read(device: &Device) -> Result<(Day, DayCounts, usize), Failure> {
    Ok((
        device.day().await?,
        device.day_counts().await?,
        device.stops_held().await?,
    ))
}

fn shown((day, counts, stops): (Day, DayCounts, usize), context: &Context<'_>) -> Answer {
    let mut text = Text::new(context.lang);
    let at = |instant: Option<Micros>| times::maybe(instant.map(Micros::get), &context.zone);
    text.fact("opened", "开始于", at(day.opened_at));
    text.fact("closed", "结束于", at(day.closed_at));
    text.fact("stops on this device", "本机外访地点", stops.to_string());
    text.fact("visits checked out", "已签退的外访", counts.visits.to_string());
    text.fact("stops left out", "已跳过的地点", counts.skipped.to_string());
    text.fact("visits begun", "进行中的外访", counts.begun.to_string());
    text.fact("events recorded", "已记录的事件", counts.events.to_string());
    text.fact("not with the server", "未送达服务器", counts.unacknowledged.to_string());
    let document = json!({
        "opened_at": day.opened_at,
        "closed_at": day.closed_at,
        "stops": stops,
        "visits": counts.visits,
        "skipped": counts.skipped,
        "begun": counts.begun,
        "events": counts.events,
        "unacknowledged": counts.unacknowledged,
    });
    Answer::new(&document, text.finish())
}
