//! `sos`: a call for help, sent at once where there is a network and kept where there is none.

use crate::answer::Answer;
use crate::command::device;
use crate::command::visit::{PlaceArgs, position};
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, pick};
use clap::Args;
use serde_json::json;
use std::time::Duration;

/// How long somebody in need waits for the network before they are told that it is kept.
const SEND_MAX: Duration = Duration::from_secs(5);

/// A call for help.
#[derive(Debug, Args)]
pub(crate) struct SosArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Records it, tries to send it, and says what became of it.
pub(crate) async fn run(args: &SosArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let position = position(&args.place)?;
    let question = pick(
        context.lang,
        "Call for help? Partner and supervisor are alarmed.",
        "发出求助？将通知搭档和主管。",
    );
    context.confirm(question, args.yes)?;
    let device = device::open(context).await?;
    let event = device.sos(position).await?;
    let sent = tokio::time::timeout(SEND_MAX, device.push_urgent()).await;
    let sent = matches!(sent, Ok(Ok(_)));
    device.close().await;
    let mut text = Text::new(context.lang);
    if sent {
        text.say("The call for help is sent.", "求助已发出。");
    } else {
        text.say(
            "NOT SENT: the server was not reached. The call is kept and goes out first at the next `doorstep sync`. \
             Phone for help.",
            "未发出：无法连接服务器。求助已保存，下次 `doorstep sync` 时最先发送。请打电话求助。",
        );
    }
    text.fact("event", "记录", event.to_string());
    Ok(Answer::new(&json!({ "event": event, "sent": sent }), text.finish()))
}
