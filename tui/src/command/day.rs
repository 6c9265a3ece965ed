//! `day open`, `day close`: the day on this device, with its counts, as signed events. What a device counted and never
//! sent is missed by that.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, pick};
use clap::Subcommand;
use serde_json::json;

/// The two ends of a day.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum DayCommand {
    /// Say that the day begins on this device, also offline
    Open,
    /// Say that the day is over, with what was done, also offline
    Close,
}

/// Records it.
pub(crate) async fn run(command: DayCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let device = device::open(context).await?;
    let event = match command {
        DayCommand::Open => device.day_open().await,
        DayCommand::Close => device.day_close().await,
    };
    device.close().await;
    let event = event?;
    let mut text = Text::new(context.lang);
    let (english, chinese) = match command {
        DayCommand::Open => ("The day is open.", "已开始一天。"),
        DayCommand::Close => ("The day is closed.", "已结束一天。"),
    };
    text.say(english, chinese);
    text.line(pick(
        context.lang,
        "It goes up with the next `doorstep sync`.",
        "下次 `doorstep sync` 时发送。",
    ));
    Ok(Answer::new(&json!({ "event": event }), text.finish()))
}
