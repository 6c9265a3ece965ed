//! The commands of a witness, through the server's library.

use crate::answer::Answer;
use crate::command::witness::{AddLogArgs, WitnessCommand, WitnessFolder, WitnessInitArgs, WitnessServeArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, or_dash, pick};
use crate::times;
use doorstep_log::note::VerifierKey;
use doorstep_server::{ServerError, telemetry, witness};
use doorstep_verify::keys_of;
use serde_json::json;
use std::sync::Arc;

/// What a witness writes about its own work to the standard error.
const LOG_LEVEL: &str = "info";

/// Carries out a command of a witness.
pub(crate) async fn run(command: WitnessCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        WitnessCommand::Init(args) => init(&args, context),
        WitnessCommand::AddLog(args) => add_log(&args, context),
        WitnessCommand::Serve(args) => serve(args, context).await,
        WitnessCommand::Show(args) => show(&args, context),
        WitnessCommand::Refusals(args) => refusals(&args, context),
    }
}

fn init(args: &WitnessInitArgs, context: &Context<'_>) -> Result<Answer, Failure> {
    let key = witness::init(&args.dir, &args.name)?;
    let mut text = Text::new(context.lang);
    text.fact("witness", "见证方", args.dir.display().to_string());
    text.fact("key", "公钥", key.to_string());
    text.say(
        "Give this line to the logs you watch; it goes into their policy. Then let the witness know them:",
        "请将此行交给被见证的日志，写入其策略文件；然后登记这些日志：",
    );
    text.line(&format!("doorstep witness add-log {} --key VKEY", args.dir.display()));
    Ok(Answer::new(
        &json!({ "dir": args.dir, "key": key.to_string() }),
        text.finish(),
    ))
}

fn add_log(args: &AddLogArgs, context: &Context<'_>) -> Result<Answer, Failure> {
    let keys = keys_of(&args.key)?.unwrap_or_default();
    let mut text = Text::new(context.lang);
    // An export's file has the tenant's own key as well, under whose name there is no log.
    let is_log = |key: &&VerifierKey| {
        let below = format!("{}/", key.name());
        !keys.iter().any(|other| other.name().starts_with(&below))
    };
    let mut origins = Vec::new();
    for key in keys.iter().filter(is_log) {
        witness::add_log(&args.dir, key)?;
        text.fact("log", "日志", key.name());
        origins.push(key.name());
    }
    Ok(Answer::new(&json!({ "logs": origins }), text.finish()))
}

async fn serve(args: WitnessServeArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    telemetry::start(LOG_LEVEL).map_err(ServerError::from)?;
    let start = witness::Start {
        folder: args.dir,
        listen: args.listen,
        behind_proxy: args.behind_proxy,
        clock: Arc::clone(&context.env.clock),
    };
    let running = witness::start(start).await?;
    let address = format!("http://{}", running.addr());
    let line = if context.json {
        json!({ "serving": address }).to_string()
    } else {
        format!("{} {address}", pick(context.lang, "serving at", "服务地址"))
    };
    context.out.data(format!("{line}\n").as_bytes())?;
    running.until_signal().await?;
    Ok(Answer::Written)
}

fn show(args: &WitnessFolder, context: &Context<'_>) -> Result<Answer, Failure> {
    let (key, logs) = witness::show(&args.dir)?;
    let mut text = Text::new(context.lang);
    text.fact("key", "公钥", key.to_string());
    let mut documents = Vec::new();
    for log in &logs {
        text.line("");
        text.fact("log", "日志", log.key.name());
        let latest = log.latest.as_ref();
        let size = latest.map(|latest| latest.checkpoint.size.to_string());
        let time = latest.map(|latest| micros(latest.time_s));
        text.fact("leaves cosigned", "已见证条目", or_dash(size.as_deref()));
        text.fact("cosigned at", "见证时间", times::maybe(time, &context.zone));
        text.fact("refused requests kept", "保留的拒绝记录", log.refusals.to_string());
        documents.push(json!({
            "origin": log.key.name(),
            "key": log.key.to_string(),
            "size": latest.map(|latest| latest.checkpoint.size),
            "root": latest.map(|latest| latest.checkpoint.root),
            "time_s": latest.map(|latest| latest.time_s),
            "checkpoint": latest.map(|latest| String::from_utf8_lossy(&latest.note).into_owned()),
            "refusals": log.refusals,
        }));
    }
    let document = json!({ "key": key.to_string(), "logs": documents });
    Ok(Answer::new(&document, text.finish()))
}

fn refusals(args: &WitnessFolder, context: &Context<'_>) -> Result<Answer, Failure> {
    let all = witness::refusals(&args.dir)?;
    let mut text = Text::new(context.lang);
    if all.is_empty() {
        text.say("nothing was refused", "没有拒绝记录");
    }
    for evidence in &all {
        text.fact("log", "日志", &evidence.origin);
        text.fact(
            "refused at",
            "拒绝时间",
            times::at(micros(evidence.time_s), &context.zone),
        );
        text.fact("status", "状态", evidence.status.to_string());
        if evidence.two_heads {
            text.say(
                "TWO HISTORIES: the log's key signed two different trees of one size; these notes prove it.",
                "两套历史：日志密钥为同一大小签署了两棵不同的树，以下两份签名即为证明。",
            );
        } else {
            text.say(
                "NOT SHOWN TO EXTEND what was cosigned: ask the log for a proof between these two notes; an honest log has one.",
                "未能证明延续已见证的内容：请要求日志出示两份签名之间的一致性证明，诚实的日志必能出示。",
            );
        }
        text.say("cosigned before:", "此前已见证：");
        note(&mut text, &evidence.cosigned);
        text.say("refused:", "已拒绝：");
        note(&mut text, &evidence.refused);
        text.line("");
    }
    Ok(Answer::new(&json!({ "refusals": all }), text.finish()))
}

fn note(text: &mut Text, note: &str) {
    for line in note.lines() {
        text.line(&format!("  {line}"));
    }
}

/// Seconds as microseconds; a time beyond all calendars stays at the end of them.
fn micros(time_s: u64) -> i64 {
    i64::try_from(time_s).unwrap_or(i64::MAX).saturating_mul(1_000_000)
}
