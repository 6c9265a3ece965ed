//! The commands on data folders, through the server's library. Only this file and `witness` know it.

use crate::answer::Answer;
use crate::command::folder::{BackupArgs, DoctorArgs, InitArgs, RestoreArgs, ServeArgs};
use crate::command::log::{ExportArgs, halt_reason, warn, without_quorum};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{self, PartialFolder};
use crate::table::Table;
use crate::text::{Text, pick};
use crate::times;
use doorstep_domain::id::TenantId;
use doorstep_domain::words::word;
use doorstep_server::folder::{self, CaseOrder, InitOptions, RestoreReport, Sources};
use doorstep_server::{Config, Server, ServerError, Start, telemetry};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Makes a data folder with a tenant and its first people; their passwords are shown once.
pub(crate) async fn init(args: &InitArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let mut options = InitOptions::named(&args.tenant);
    options.team.clone_from(&args.team);
    options.config.deployment.clone_from(&args.deployment);
    options.admin.clone_from(&args.admin);
    options.supervisor = Some(args.supervisor.clone());
    options.auditor = Some(args.auditor.clone());
    if let (Some(url), Some(keys_url)) = (&args.url, &args.keys_url) {
        options = options.on(url, keys_url);
    }
    let made = folder::init(&args.dir, &options, Arc::clone(&context.env.clock)).await?;
    let mut text = Text::new(context.lang);
    text.fact("data folder", "数据文件夹", args.dir.display().to_string());
    text.fact(
        "deployment, first part of the logs' names",
        "部署名（日志名称的开头）",
        &args.deployment,
    );
    text.fact("tenant", "机构", made.tenant.to_string());
    text.fact("team", "团队", made.team.to_string());
    let head = [
        ("Login", "登录名"),
        ("Role", "角色"),
        ("Password, shown once", "密码（仅显示一次）"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for login in &made.logins {
        table.row([
            login.login.clone(),
            word(context.lang, login.role).to_owned(),
            login.password.clone(),
        ]);
    }
    text.table(&table);
    text.say(
        "Copy doorstep.key to another place now: without it nothing personal can be read again, and it cannot be made again.",
        "请立即将 doorstep.key 另存一份：丢失后个人数据无法再读取，密钥也无法重建。",
    );
    text.line(&format!("doorstep serve --dir {}", args.dir.display()));
    let logins: Vec<_> = made
        .logins
        .iter()
        .map(|login| json!({ "login": login.login, "role": login.role, "password": login.password }))
        .collect();
    let document = json!({ "dir": args.dir, "deployment": args.deployment, "tenant": made.tenant, "team": made.team, "logins": logins });
    Ok(Answer::new(&document, text.finish()))
}

/// Serves a data folder until the system asks the program to stop. The address is written as soon as it serves.
pub(crate) async fn serve(args: &ServeArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let config = match &args.config {
        None => Config::load(&args.dir).map_err(ServerError::from)?,
        Some(path) => {
            let text = String::from_utf8_lossy(&files::read(path)?).into_owned();
            Config::parse(&text, path).map_err(ServerError::from)?
        }
    };
    telemetry::start(&config.log_level).map_err(ServerError::from)?;
    let start = Start {
        folder: args.dir.clone(),
        config,
        clock: Arc::clone(&context.env.clock),
        listener: None,
    };
    let running = Server::start(start).await?;
    let address = format!("http://{}", running.addr());
    if context.json {
        context
            .out
            .data(format!("{}\n", json!({ "serving": address })).as_bytes())?;
    } else {
        let label = pick(context.lang, "serving at", "服务地址");
        context.out.data(format!("{label} {address}\n").as_bytes())?;
    }
    running.until_signal().await?;
    Ok(Answer::Written)
}

/// Examines a data folder.
pub(crate) async fn doctor(args: &DoctorArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let report = folder::doctor(&args.dir, Arc::clone(&context.env.clock)).await;
    let mut table = Table::new(pick_all(
        context,
        [("", ""), ("Looked at", "检查项"), ("Found", "结果")],
    ));
    for check in &report.checks {
        let mark = if check.ok {
            pick(context.lang, "ok", "正常")
        } else {
            pick(context.lang, "BAD", "异常")
        };
        table.row([mark.to_owned(), check.name.clone(), check.found.clone()]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::checked(&report, text.finish(), report.is_well()))
}

/// Shows on a terminal that long work goes on, and for how many seconds.
async fn watched<T>(
    work: impl Future<Output = Result<T, ServerError>>,
    (english, chinese): (&str, &str),
    context: &mut Context<'_>,
) -> Result<T, ServerError> {
    let mut work = std::pin::pin!(work);
    let mut every = tokio::time::interval(std::time::Duration::from_secs(1));
    let mut seconds = 0;
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = every.tick() => {
                let said = format!("{}: {seconds} s", pick(context.lang, english, chinese));
                // A terminal that is gone ends nothing here: the answer will say so.
                let _ = context.out.progress(&said);
                seconds += 1;
            }
        }
    };
    let _ = context.out.progress("");
    done
}

/// Copies a data folder's main database into one file; keys are never in it.
pub(crate) async fn backup(args: &BackupArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    files::refuse_existing(&args.out)?;
    let work = Box::pin(folder::backup(&args.dir, &args.out, Arc::clone(&context.env.clock)));
    let report = watched(work, ("backing up", "正在备份"), context).await?;
    let count: u64 = report.rows.iter().map(|(_, rows)| rows).sum();
    let mut text = Text::new(context.lang);
    text.fact("backup", "备份", args.out.display().to_string());
    text.fact("rows", "行数", count.to_string());
    text.fact("bytes", "字节", report.bytes.to_string());
    text.fact("SHA-256", "SHA-256", &report.sha256);
    text.say(
        "Keys are not in it: keep the key file and the key store apart from it.",
        "备份不含密钥：密钥文件与密钥库须另行保管。",
    );
    let rows: BTreeMap<_, _> = report.rows.iter().copied().collect();
    let document = json!({ "backup": args.out, "rows": rows, "bytes": report.bytes, "sha256": report.sha256 });
    Ok(Answer::new(&document, text.finish()))
}

/// Restores a backup into the empty main database of a folder that has its key file and key store.
pub(crate) async fn restore(args: &RestoreArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let clock = Arc::clone(&context.env.clock);
    let report = {
        let sources = Sources {
            checkpoints: args.checkpoint.clone(),
            exports: args.export.clone(),
        };
        let work = Box::pin(folder::restore(
            &args.dir,
            &args.backup,
            args.url.as_deref(),
            &sources,
            clock,
        ));
        watched(work, ("restoring", "正在恢复"), context).await?
    };
    let count: u64 = report.rows.iter().map(|(_, rows)| rows).sum();
    let mut text = Text::new(context.lang);
    text.fact("backup of", "备份时间", times::at(report.taken_at.get(), &context.zone));
    text.fact("from engine", "来源数据库", &report.from);
    text.fact("rows", "行数", count.to_string());
    text.fact("look-up indexes made again", "重建查找索引", report.blind.to_string());
    text.fact(
        "erased after the backup, still erased",
        "备份后已删除的人员，现仍为已删除",
        report.erased_again.to_string(),
    );
    text.fact("keys destroyed", "销毁密钥", report.keys_destroyed.to_string());
    if report.erasures_unproven > 0 {
        let unproven = report.erasures_unproven;
        text.say(
            &format!("{unproven} persons are called erased and nothing shows who allowed it: their keys are kept; ask `doorstep doctor`"),
            &format!("{unproven} 人被标为已删除，但无法证明何人批准：其密钥予以保留，请运行 `doorstep doctor`"),
        );
    }
    if report.keys_are_old {
        text.say(
            "The key store is older than what was signed. It opens persons again who were erased after it was copied, unless an \
             export that you gave names them: give the newest one with --export, or erase them again.",
            "密钥库早于已签名的内容。其副本之后被删除的人员会重新可读，除非所给的导出列有其名：请用 --export 提供最新导出，或再次删除。",
        );
    }
    halted_said(&mut text, &report);
    let halted: BTreeMap<&str, &str> = report
        .halted
        .iter()
        .map(|(origin, halt)| (origin.as_str(), halt.code()))
        .collect();
    let rows: BTreeMap<_, _> = report.rows.iter().copied().collect();
    let document = json!({
        "dir": args.dir,
        "rows": rows,
        "from": report.from,
        "taken_at": report.taken_at,
        "blind": report.blind,
        "cases_without_number": report.cases_without_number,
        "erased_again": report.erased_again,
        "keys_destroyed": report.keys_destroyed,
        "erasures_unproven": report.erasures_unproven,
        "keys_are_old": report.keys_are_old,
        "halted": halted,
    });
    Ok(Answer::checked(&document, text.finish(), report.halted.is_empty()))
}

/// Says which logs are not signed any more, and what to do in which order: a newer backup loses less than going on.
fn halted_said(text: &mut Text, report: &RestoreReport) {
    let lang = text.lang;
    for (origin, halt) in &report.halted {
        let why = halt_reason(lang, halt.code());
        text.say(
            &format!("HALTED: {origin}: {why} [{halt}]"),
            &format!("已停止签名：{origin}：{why}［{halt}］"),
        );
    }
    if report.halted.is_empty() {
        return;
    }
    text.say(
        "1. Look for a newer backup, and restore that one into an empty folder: every entry it holds is one that is not lost.",
        "1. 请先寻找更新的备份，恢复到空文件夹：其中每一条都不会丢失。",
    );
    text.say(
        "2. Serve; where witnesses are configured they are asked. `doorstep log head`, and the same with `--log access`, \
         says what was signed and what is left.",
        "2. 启动服务（若配置了见证方则会询问它们）。用 `doorstep log head` 及 `doorstep log head --log access` 查看曾签名与现存的条目。",
    );
    text.say(
        "3. Only where nothing newer is to be had: `doorstep log continue`, and the same with `--log access`.",
        "3. 仅当没有更新的备份时：`doorstep log continue` 及 `doorstep log continue --log access`。",
    );
}

/// Writes an export of a tenant's logs from a data folder.
pub(crate) async fn log_export(dir: &Path, args: &ExportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let tenant = args.tenant.map(TenantId);
    if let Some(case) = &args.case {
        return case_export(dir, (args, case), tenant, context).await;
    }
    let partial = PartialFolder::begin(&args.out)?;
    let work = Box::pin(folder::log_export(
        dir,
        partial.path(),
        tenant,
        Arc::clone(&context.env.clock),
    ));
    let report = watched(work, ("exporting", "正在导出"), context).await?;
    let silent = without_quorum(partial.path());
    partial.keep()?;
    let mut text = Text::new(context.lang);
    text.fact("export", "导出", args.out.display().to_string());
    text.fact(
        "leaves of changes and events",
        "变更与记录条目",
        report.events.to_string(),
    );
    text.fact("leaves of reads", "查阅条目", report.access.to_string());
    text.fact("sealed payloads", "加密内容", report.payloads.to_string());
    text.fact("files", "文件", report.files.to_string());
    warn(&mut text, &silent);
    let keys = keys_said(&mut text, &args.out, &report.keys);
    let document = json!({
        "export": args.out,
        "events": report.events,
        "access": report.access,
        "payloads": report.payloads,
        "files": report.files,
        "without_quorum": silent,
        "keys": keys,
    });
    Ok(Answer::new(&document, text.finish()))
}

/// Adds the public keys of an export and how to check it; returns the keys one by one.
fn keys_said<'k>(text: &mut Text, out: &Path, keys: &'k str) -> Vec<&'k str> {
    for key in keys.lines() {
        text.line(key);
    }
    text.line(&format!("doorstep verify {} --key VKEY", out.display()));
    keys.lines().collect()
}

async fn case_export(
    dir: &Path,
    (args, case): (&ExportArgs, &str),
    tenant: Option<TenantId>,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let wrong = |_| Failure::Value {
        name: "--case",
        given: case.to_owned(),
        expected: (
            "the id of a case, where a data folder is opened; without --dir its number does",
            "案件的 id（打开数据文件夹时）；不带 --dir 时可用编号",
        ),
    };
    let order = CaseOrder::asked(case.parse().map_err(wrong)?, args.open.as_deref()).map_err(ServerError::from)?;
    let clock = Arc::clone(&context.env.clock);
    let partial = PartialFolder::begin(&args.out)?;
    let work = Box::pin(folder::case_log_export(dir, partial.path(), (tenant, order), clock));
    let report = watched(work, ("exporting", "正在导出"), context).await?;
    let silent = without_quorum(partial.path());
    partial.keep()?;
    let mut text = Text::new(context.lang);
    text.fact("export of one case", "单个案件导出", args.out.display().to_string());
    let leaves = report.events + report.access;
    text.fact("leaves", "条目", leaves.to_string());
    text.fact(
        "left out: name others too",
        "未含：同时涉及他人",
        report.left_out.to_string(),
    );
    text.fact("sealed payloads", "加密内容", report.payloads.to_string());
    text.fact("opened payloads", "公开内容", report.opened.to_string());
    text.fact("files", "文件", report.files.to_string());
    warn(&mut text, &silent);
    let keys = keys_said(&mut text, &args.out, &report.keys);
    let document = json!({
        "export": args.out,
        "case": case,
        "events": report.events,
        "access": report.access,
        "left_out": report.left_out,
        "payloads": report.payloads,
        "opened": report.opened,
        "files": report.files,
        "without_quorum": silent,
        "keys": keys,
    });
    Ok(Answer::new(&document, text.finish()))
}
