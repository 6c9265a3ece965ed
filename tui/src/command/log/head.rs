//! `log head`: the newest checkpoint, what witnesses and time stamps say of it, and the keys of all generations.

use super::halted;
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::text::{Text, pick};
use crate::times;
use doorstep_domain::words::Lang;
use doorstep_wire::log::{CosignedItem, LogEndedItem, LogHeadItem, WitnessItem};
use jiff::tz::TimeZone;
use std::path::Path;

/// Shows the head of a log, or keeps its checkpoint.
pub(super) async fn show(
    log: &str,
    (out, force): (Option<&Path>, bool),
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    if let Some(out) = out {
        files::refuse_existing_unless(force, out)?;
    }
    let head: LogHeadItem = context.client()?.get(&format!("log/{log}"), &()).await?;
    let mut text = Text::new(context.lang);
    if let Some(out) = out {
        files::write_whole(out, newest(&head).as_bytes())?;
        text.fact("the checkpoint is in", "检查点已写入", out.display().to_string());
    }
    text.fact("log", "日志", &head.name);
    text.fact("origin", "来源", &head.origin);
    text.fact("leaves", "条目数", head.size.to_string());
    text.fact("key", "公钥", &head.key);
    if let Some(cosigned) = &head.cosigned {
        witnesses(&mut text, cosigned, &context.zone);
    }
    if let Some(stamp) = &head.stamp {
        let at = times::at(stamp.at, &context.zone);
        text.fact(
            "time stamp of an authority",
            "时间戳机构盖章",
            format!("{at}  {} / {}", stamp.size, head.size),
        );
    }
    if let Some(halted) = &head.halted {
        halted::facts(&mut text, halted);
    }
    ended(&mut text, &head.ended);
    if let Some(meta) = &head.meta {
        text.line("");
        text.fact("the operator's log", "运营方日志", &meta.origin);
        text.fact("leaves", "条目数", meta.size.to_string());
        text.fact("key", "公钥", &meta.key);
        if let Some(cosigned) = &meta.cosigned {
            witnesses(&mut text, cosigned, &context.zone);
        }
        ended(&mut text, &meta.ended);
    }
    text.line("");
    for line in head.checkpoint.lines() {
        text.line(line);
    }
    Ok(Answer::new(&head, text.finish()))
}

/// The newest checkpoint, with the cosignatures of a quorum where it has them.
fn newest(head: &LogHeadItem) -> &str {
    let cosigned = head.cosigned.as_ref().filter(|cosigned| cosigned.size == head.size);
    cosigned.map_or(&head.checkpoint, |cosigned| &cosigned.checkpoint)
}

/// Generations that have ended, each with its key.
fn ended(text: &mut Text, ended: &[LogEndedItem]) {
    for one in ended {
        text.say(
            &format!(
                "closed: {} with {} leaves (--generation {})",
                one.origin, one.size, one.generation
            ),
            &format!(
                "已关闭：{}，{} 条（--generation {}）",
                one.origin, one.size, one.generation
            ),
        );
        text.line(&one.key);
    }
}

/// What witnesses say: how far a quorum is, and each of them.
fn witnesses(text: &mut Text, cosigned: &CosignedItem, zone: &TimeZone) {
    text.fact(
        "leaves cosigned by a quorum",
        "达到法定见证数的条目",
        cosigned.size.to_string(),
    );
    if let Some(since) = cosigned.waiting_since {
        text.fact(
            "others wait for a quorum since",
            "其余等待见证始于",
            times::at(since, zone),
        );
    }
    for witness in &cosigned.witnesses {
        let failed = witness.failed.as_deref().map_or_else(String::new, |code| {
            let since = witness
                .failed_at
                .map_or_else(String::new, |at| format!(" ({})", times::at(at, zone)));
            format!("  {}{since} [{code}]", silence(text.lang, code))
        });
        text.fact(
            &format!("leaves cosigned by {}", witness.name),
            &format!("{} 已见证的条目", witness.name),
            format!("{}{failed}", witness.size),
        );
    }
    for witness in &cosigned.witnesses {
        refused(text, witness, zone);
    }
}

fn refused(text: &mut Text, witness: &WitnessItem, zone: &TimeZone) {
    let Some(at) = witness.refused_at else { return };
    let (name, at) = (&witness.name, times::at(at, zone));
    let size = witness.refused_size.unwrap_or(0);
    let found = witness.found.as_deref().unwrap_or_default();
    text.say(
        &format!("WITNESS REFUSED: {name} says since {at} that the log of {size} leaves does not extend what it cosigned [{found}]"),
        &format!("见证方拒绝：{name} 自 {at} 起表示，{size} 个条目的日志未延续其已见证的内容 [{found}]"),
    );
}

/// Why a witness did not cosign, in words.
fn silence(lang: Lang, code: &str) -> &str {
    match code {
        "unreachable" => pick(lang, "cannot be reached", "无法连接"),
        "unknown-log" => pick(
            lang,
            "does not know the log: its operator runs `doorstep witness add-log` with the key above",
            "未登记此日志：请其运营者以上述公钥执行 `doorstep witness add-log`",
        ),
        "unknown-key" => pick(lang, "knows the log under another key", "登记的是此日志的另一公钥"),
        "failed" => pick(lang, "answers with an error", "答复错误"),
        "unsteady" => pick(lang, "names another size each time", "每次答复的大小不同"),
        "no-address" => pick(
            lang,
            "has no address in the policy, so nobody asks it",
            "策略中没有其地址，因此从未询问",
        ),
        other => other,
    }
}
