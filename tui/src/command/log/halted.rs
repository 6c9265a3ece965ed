//! `log continue`, and what `log head` says of a log that is halted.

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::text::{Text, pick};
use doorstep_domain::words::Lang;
use doorstep_wire::log::{LogContinueRequest, LogHaltedItem, LogHeadItem};
use serde_json::json;

/// Why, in words.
pub(crate) fn reason(lang: Lang, code: &str) -> &str {
    match code {
        "restored" => pick(
            lang,
            "restored; nothing tells which head was signed last",
            "已从备份恢复，无法确认最后签名的版本",
        ),
        "unasked" => pick(
            lang,
            "restored; it waits for witnesses to say which head they cosigned last",
            "已从备份恢复，正等待见证方确认其最后见证的版本",
        ),
        "damaged" => pick(
            lang,
            "its stored tree does not give its root; keep the database and restore a backup elsewhere",
            "存储的树与其根不符；请保留数据库原样，并在别处恢复备份",
        ),
        "rolled-back" => pick(
            lang,
            "a larger tree was signed before than is left",
            "曾签名的条目多于现存条目",
        ),
        "forked" => pick(
            lang,
            "its history is another than the one that was signed",
            "现存内容与曾签名的历史不一致",
        ),
        "forged" => pick(
            lang,
            "somebody else than this program wrote an entry that waits, or the head",
            "有待排序的条目或日志头并非由本程序写入",
        ),
        other => other,
    }
}

/// What is known of a halted log.
pub(super) fn facts(text: &mut Text, halted: &LogHaltedItem) {
    let lang = text.lang;
    text.fact("halted", "已停止签名", reason(lang, &halted.reason));
    if let Some(known) = halted.known_size {
        text.fact("leaves signed before", "曾签名条目数", known.to_string());
    }
    text.fact("leaves left", "现存条目数", halted.left_size.to_string());
    text.fact("would go on as", "将继续为", &halted.next_origin);
}

/// Says what will happen, asks, and has the log go on.
pub(super) async fn go_on(log: &str, yes: bool, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let head: LogHeadItem = client.get(&format!("log/{log}"), &()).await?;
    let Some(halted) = &head.halted else {
        let text = pick(context.lang, "The log is not halted.\n", "日志未停止签名。\n");
        return Ok(Answer::new(&json!({ "log": log, "continued": false }), text.to_owned()));
    };
    let question = question(context.lang, &head.origin, halted);
    context.confirm(&question, yes)?;
    let request = LogContinueRequest {
        left_size: halted.left_size,
    };
    let head: LogHeadItem = client.post(&format!("log/{log}/continue"), &request).await?;
    let mut text = Text::new(context.lang);
    text.fact("the log goes on as", "日志继续为", &head.origin);
    text.fact("leaves", "条目数", head.size.to_string());
    if let Some(halted) = &head.halted {
        facts(&mut text, halted);
        text.say(
            "More was signed under this name before, as after a backup that is restored twice. Run it again.",
            "此名称下曾签名更多条目，例如同一备份被恢复两次。请再次执行。",
        );
        return Ok(Answer::new(&head, text.finish()));
    }
    text.say(
        "Witnesses know the new name only when they are given its key; publish it too:",
        "见证方须登记新名称的公钥，也请公布：",
    );
    let meta = head.meta.as_ref().map(|meta| &meta.key);
    for key in [&head.key].into_iter().chain(meta) {
        text.line(&format!("doorstep witness add-log W --key {key}"));
    }
    Ok(Answer::new(&head, text.finish()))
}

fn question(lang: Lang, origin: &str, halted: &LogHaltedItem) -> String {
    let (left, next, lost) = (halted.left_size, &halted.next_origin, lost(lang, halted));
    match lang {
        Lang::En => format!(
            "{origin} is closed for good at {left} leaves; {lost}. It goes on as {next}, whose first entry says so to \
             everybody who verifies. Restoring a newer backup instead would lose less. Go on?"
        ),
        Lang::Zh => format!(
            "{origin} 将永久止于 {left} 条；{lost}。日志将以 {next} 继续，其首条记录向所有验证者说明此事。\
             若有更新的备份，恢复它可减少丢失。继续吗？"
        ),
    }
}

/// What is known to be lost.
fn lost(lang: Lang, halted: &LogHaltedItem) -> String {
    let known = halted.known_size.map(|known| known.checked_sub(halted.left_size));
    match (known, lang) {
        (Some(Some(lost @ 1..)), Lang::En) => format!("{lost} that were signed are lost"),
        (Some(Some(lost @ 1..)), Lang::Zh) => format!("{lost} 条已签名条目丢失"),
        (Some(_), _) if halted.reason == "forked" => pick(
            lang,
            "another history had been signed under its name, and every verification will say so as an error",
            "曾有另一份历史以其名义签名，此后每次验证都会报告此错误",
        )
        .to_owned(),
        (Some(_), _) => pick(
            lang,
            "nothing that was signed is known to be lost",
            "未发现已签名条目丢失",
        )
        .to_owned(),
        (None, _) => pick(
            lang,
            "how many that were signed are lost is not known",
            "丢失的已签名条目数量不明",
        )
        .to_owned(),
    }
}
