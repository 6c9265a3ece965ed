//! `staff import`, `staff list`, `staff teams`, `staff reads`, `staff flags`, `staff password`, and the way to what staff hold.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::credential::{self, CredentialCommand};
use crate::command::flags::{self, FlagsArgs};
use crate::command::reads::{self, PageArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use clap::Subcommand;
use doorstep_domain::credential::CredentialKind;
use doorstep_domain::staff::Role;
use doorstep_wire::Page;
use doorstep_wire::org::{SetPassword, StaffItem, StaffReport, TeamItem};
use serde_json::json;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Commands of staff.
#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    /// Take staff and crews from a file
    Import {
        /// CSV or XLSX
        file: PathBuf,
        /// Name or id of the team, as in `staff teams`; needed where you have none
        #[arg(long)]
        team: Option<String>,
    },
    /// List staff
    List,
    /// List teams: those that `--team` takes
    Teams,
    /// Show who looked at you: your record, where you were last heard of, your day
    Reads(PageArgs),
    /// Note, list and end what a colleague holds
    #[command(subcommand)]
    Credential(CredentialCommand),
    /// Show what you hold, or what ends soon
    Credentials {
        /// What of all staff ends within so many days, or ran out
        #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "30")]
        expiring: Option<i64>,
    },
    /// Show what is remarked about your own visits, and answer it
    Flags(FlagsArgs),
    /// Set somebody's first password; they choose their own when they sign in with it
    Password {
        /// Whose
        login: String,
        /// Read the new password from the standard input; otherwise asked for
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Carries out a command of staff.
pub(crate) async fn run(command: StaffCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        StaffCommand::Import { file, team } => import(&file, team.as_deref(), context).await,
        StaffCommand::List => list(context).await,
        StaffCommand::Teams => teams(context).await,
        StaffCommand::Reads(page) => reads::own(page, context).await,
        StaffCommand::Credential(command) => credential::run(command, context).await,
        StaffCommand::Credentials { expiring: None } => credential::own(context).await,
        StaffCommand::Credentials { expiring: Some(days) } => credential::ending(days, context).await,
        StaffCommand::Flags(args) => flags::run(args, context).await,
        StaffCommand::Password { login, password_stdin } => password(&login, password_stdin, context).await,
    }
}

/// The team with this name or id.
pub(crate) async fn find_team(client: &Client, given: &str) -> Result<Uuid, Failure> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let teams: Page<TeamItem> = client.pages("teams", &()).await?;
    let team = teams.items.iter().find(|team| team.name == given);
    let names = || teams.items.iter().map(|team| team.name.as_str()).collect::<Vec<_>>();
    team.map(|team| team.id).ok_or_else(|| Failure::UnknownTeam {
        given: given.to_owned(),
        known: names().join(", "),
    })
}

/// The same where no team may be named.
pub(crate) async fn find_team_maybe(client: &Client, given: Option<&str>) -> Result<Option<Uuid>, Failure> {
    match given {
        None => Ok(None),
        Some(given) => find_team(client, given).await.map(Some),
    }
}

/// The staff member with this login or id.
pub(crate) async fn find_staff(client: &Client, given: &str) -> Result<Uuid, Failure> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let staff: Page<StaffItem> = client.pages("staff", &()).await?;
    let found = staff.items.iter().find(|item| item.login == given);
    found.map(|item| item.id).ok_or_else(|| Failure::Unknown {
        kind: "staff",
        given: given.to_owned(),
    })
}

async fn import(file: &Path, team: Option<&str>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let team = find_team_maybe(&client, team).await?;
    let query: Vec<(&str, Uuid)> = team.map(|id| ("team", id)).into_iter().collect();
    let report: StaffReport = client.post_file("staff/import", &query, file).await?;
    let mut text = Text::new(context.lang);
    text.fact("added", "新增", report.added.to_string());
    text.fact("changed", "更改", report.changed.to_string());
    text.fact("crews", "外访组", report.crews.to_string());
    text.fact("refused lines", "退回行", report.refused.len().to_string());
    if !report.certificates_past.is_empty() {
        let names = report.certificates_past.join(pick(context.lang, ", ", "、"));
        text.fact("certificate past, not dispatched", "证书过期，不派单", names);
    }
    if !report.refused.is_empty() {
        let mut table = Table::new(pick_all(context, [("Line", "行"), ("Reason", "原因")])).align_right(&[0]);
        for refused in &report.refused {
            table.row([refused.line.to_string(), refused.reason.clone()]);
        }
        text.table(&table);
    }
    Ok(Answer::new(&report, text.finish()))
}

async fn list(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<StaffItem> = context.client()?.pages("staff", &()).await?;
    let head = [
        ("Number", "工号"),
        ("Name", "姓名"),
        ("Role", "角色"),
        ("Crew", "外访组"),
        ("Certificate until", "证书有效至"),
        ("Also holds", "其他资质"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        table.row([
            item.login.clone(),
            item.name.clone(),
            label::<Role>(context.lang, &item.role),
            or_dash(item.crew_name.as_deref()),
            or_dash(item.certificate_until.as_deref()),
            or_dash(
                Some(others(context, item))
                    .filter(|others| !others.is_empty())
                    .as_deref(),
            ),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.line(&format!("{} {}", page.items.len(), pick(context.lang, "staff", "人")));
    Ok(Answer::new(&page, text.finish()))
}

/// What somebody holds beside the certificate, each with its last day.
fn others(context: &Context<'_>, item: &StaffItem) -> String {
    let others = item
        .held
        .iter()
        .filter(|one| one.kind != CredentialKind::Certificate.code());
    let others = others.map(|one| {
        let kind = label::<CredentialKind>(context.lang, &one.kind);
        one.until
            .as_ref()
            .map_or(kind.clone(), |until| format!("{kind} {until}"))
    });
    others.collect::<Vec<_>>().join(pick(context.lang, ", ", "、"))
}

async fn teams(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<TeamItem> = context.client()?.pages("teams", &()).await?;
    let mut table = Table::new(pick_all(context, [("Team", "团队"), ("Id", "编号")]));
    for item in &page.items {
        table.row([item.name.clone(), item.id.to_string()]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

async fn password(login: &str, from_input: bool, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let staff = find_staff(&client, login).await?;
    let password = context.new_secret(from_input)?;
    client
        .put(&format!("staff/{staff}/password"), &SetPassword { password })
        .await?;
    let text = pick(
        context.lang,
        "The password is set. Its owner chooses another when signing in with it.\n",
        "密码已设置，本人首次登录时须另设新密码。\n",
    );
    Ok(Answer::new(
        &json!({ "staff": staff, "password": "set" }),
        text.to_owned(),
    ))
}

/// Heads of a table in the language of the context.
pub(crate) fn pick_all<const N: usize>(context: &Context<'_>, heads: [(&'static str, &'static str); N]) -> [String; N] {
    heads.map(|(english, chinese)| pick(context.lang, english, chinese).to_owned())
}
