//! The commands on data folders, through the server's library. The only file that knows it.

use crate::answer::Answer;
use crate::command::folder::{BackupArgs, DoctorArgs, InitArgs, RestoreArgs, ServeArgs};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::{Text, pick};
use doorstep_domain::words::word;
use doorstep_server::folder::{self, InitOptions};
use doorstep_server::{Config, Server, ServerError, Start, telemetry};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Makes a data folder with a tenant and its first people; their passwords are shown once.
pub(crate) async fn init(args: &InitArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let mut options = InitOptions::named(&args.tenant);
    options.team.clone_from(&args.team);
    options.admin.clone_from(&args.admin);
    options.supervisor = Some(args.supervisor.clone());
    options.auditor = Some(args.auditor.clone());
    if let (Some(url), Some(keys_url)) = (&args.url, &args.keys_url) {
        options = options.on(url, keys_url);
    }
    let made = folder::init(&args.dir, &options, Arc::clone(&context.env.clock)).await?;
    let mut text = Text::new(context.lang);
    text.fact("data folder", "数据文件夹", args.dir.display().to_string());
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
    text.line(&format!("doorstep serve --dir {}", args.dir.display()));
    let logins: Vec<_> = made
        .logins
        .iter()
        .map(|login| json!({ "login": login.login, "role": login.role, "password": login.password }))
        .collect();
    let document = json!({ "dir": args.dir, "tenant": made.tenant, "team": made.team, "logins": logins });
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
