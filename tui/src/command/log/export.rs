//! `log export` from the server; and what an export says of its witnesses, wherever it comes from.

use super::{ExportArgs, online};
use crate::answer::Answer;
use crate::command::case::find_case;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::PartialFolder;
use crate::text::{Text, pick};
use doorstep_log::export::{LogName, POLICY_PATH};
use doorstep_log::policy::Policy;
use serde_json::json;
use std::path::Path;

/// Fetches the export of the caller's tenant, or of one case, and writes its files into a new folder.
pub(super) async fn fetch(args: &ExportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let partial = PartialFolder::begin(&args.out)?;
    let client = context.client()?;
    let mut path = "log/export".to_owned();
    if let Some(case) = &args.case {
        path = format!("{path}?case={}", find_case(&client, case, args.purpose).await?);
    }
    if let Some(purpose) = &args.open {
        path = format!("{path}&open={purpose}");
    }
    if let Some(purpose) = args.purpose {
        path = format!("{path}&purpose={purpose}");
    }
    let (lang, out) = (context.lang, &mut *context.out);
    let _ = out.progress(pick(lang, "the server prepares the export …", "服务器正在准备导出……"));
    let fetched = online::fetch(&client, &path, partial.path(), &mut |files| {
        if files > 0 {
            let _ = out.progress(&format!("{} {files}", pick(lang, "fetching: files", "下载：文件")));
        }
        true
    })
    .await;
    context.out.progress("")?;
    let written = fetched?;
    let silent = without_quorum(partial.path());
    partial.keep()?;
    let mut text = Text::new(context.lang);
    text.fact("export", "导出", args.out.display().to_string());
    text.fact("files", "文件", written.to_string());
    warn(&mut text, &silent);
    text.line(&format!("doorstep verify {} --key VKEY", args.out.display()));
    let document = json!({ "export": args.out, "files": written, "without_quorum": silent });
    Ok(Answer::new(&document, text.finish()))
}

/// The logs of an export whose checkpoint no quorum of its policy's witnesses cosigned; none where it has no policy.
pub(crate) fn without_quorum(export: &Path) -> Vec<&'static str> {
    let policy = std::fs::read(export.join(POLICY_PATH)).ok();
    let Some(policy) = policy.and_then(|bytes| Policy::parse(&bytes).ok()) else {
        return Vec::new();
    };
    let lacks = |log: &LogName| {
        let checkpoint = std::fs::read(newest_checkpoint(export, *log));
        checkpoint.is_ok_and(|signed| !policy.judge(&signed).is_quorum)
    };
    LogName::ALL
        .iter()
        .filter(|log| lacks(log))
        .map(|log| log.as_str())
        .collect()
}

/// The checkpoint of the newest generation of a log.
fn newest_checkpoint(export: &Path, log: LogName) -> std::path::PathBuf {
    let of = |folder: String| export.join(folder).join("checkpoint");
    let later = (2..)
        .map(|number| of(format!("{log}-{number}")))
        .take_while(|path| path.exists());
    later.last().unwrap_or_else(|| of(log.to_string()))
}

/// Says which logs no quorum cosigned.
pub(crate) fn warn(text: &mut Text, without_quorum: &[&str]) {
    if without_quorum.is_empty() {
        return;
    }
    let logs = without_quorum.join(", ");
    text.say(
        &format!(
            "WARNING: no quorum of witnesses cosigned {logs}: who verifies with a policy will refuse it. `doorstep log head` \
             says what each witness answered; export again when they have."
        ),
        &format!(
            "警告：{logs} 未达到法定见证数，按策略验证者将不予接受。`doorstep log head` 显示各见证方的答复；见证后请重新导出。"
        ),
    );
}
