//! `contact check`, `contact add`, `contact list`, `contact forbidden`, `contact import`: calls, messages and letters.

use crate::answer::Answer;
use crate::command::case::{about_verdict, find_case, opening};
use crate::command::import::row_table;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::contact::{Channel, ContactOutcome};
use doorstep_domain::import::RowResult;
use doorstep_domain::pressure::PressureBand;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::step::DefaultReason;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::case::{CaseContact, CaseDetail};
use doorstep_wire::contact::{
    CheckContact, ContactImportOptions, ContactImportReport, ContactRecorded, ContactVerdict, ForbiddenContact,
    PressureItem, RecordContact,
};
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// Commands of the contact log.
#[derive(Debug, Subcommand)]
pub(crate) enum ContactCommand {
    /// Ask whether somebody may be called or written to now; ends with 1 where a rule forbids it
    Check {
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Record a call, message or letter that was made or tried
    Add {
        #[command(flatten)]
        which: WhichArgs,
        /// What came of it, for example CONNECTED, `NO_ANSWER`, DECLINED, DELIVERED, RETURNED
        #[arg(long, value_name = "CODE")]
        outcome: Option<ContactOutcome>,
        /// Why the loan fell behind, as the person says: lost-job, illness, family, disaster, forgot, dispute, cash-flow, technical, other
        #[arg(long, value_name = "CODE")]
        reason: Option<DefaultReason>,
        /// The step of the strategy that it carried out
        #[arg(long, value_name = "NAME")]
        step: Option<String>,
    },
    /// List the contacts of a case on every channel
    List {
        /// Id or number of the case
        #[arg(long)]
        case: String,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// List calls, messages and letters of the last thirty days that rules forbade
    Forbidden,
    /// Take contacts from a file: case number, channel, time, outcome, number
    Import(ImportArgs),
}

/// Which contact.
#[derive(Debug, Args)]
pub(crate) struct WhichArgs {
    /// Id or number of the case
    #[arg(long)]
    case: String,
    /// call, message or letter
    #[arg(long)]
    channel: Channel,
    /// When, with its distance from UTC, for example 2026-11-23T10:00:00+08:00 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    /// The number that is called or written to; only a keyed hash of it is kept
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    number: Option<String>,
}

impl WhichArgs {
    fn at(&self) -> Option<i64> {
        self.at.map(jiff::Timestamp::as_microsecond)
    }
}

/// A file of contacts.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// CSV (any delimiter; UTF-8 or GB18030) or XLSX
    file: PathBuf,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// The portfolio, where the file has no such column and several have one number
    #[arg(long)]
    portfolio: Option<String>,
    /// Their columns and ours, "Their=ours;Other=ours"
    #[arg(long, value_name = "PAIRS")]
    map: Option<String>,
    /// Keep the rows given back, with their reasons, in this file
    #[arg(long, value_name = "OUT")]
    give_back: Option<PathBuf>,
    /// Write over that file
    #[arg(long, requires = "give_back")]
    force: bool,
}

/// Carries out a command of the contact log.
pub(crate) async fn run(command: ContactCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        ContactCommand::Check { which } => check(which, context).await,
        ContactCommand::Add {
            which,
            outcome,
            reason,
            step,
        } => add(which, outcome, (reason, step), context).await,
        ContactCommand::List { case, purpose } => list(&case, purpose, context).await,
        ContactCommand::Forbidden => forbidden(context).await,
        ContactCommand::Import(args) => import_into("contacts/import", &args, context).await,
    }
}

async fn check(which: WhichArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let request = CheckContact {
        case: find_case(&client, &which.case, None).await?,
        channel: which.channel.code().to_owned(),
        at: which.at(),
        number: which.number,
    };
    let found: ContactVerdict = client.post("contacts/check", &request).await?;
    let zone = times::zone(&found.zone);
    let mut text = Text::new(context.lang);
    text.fact("channel", "渠道", label::<Channel>(context.lang, &found.channel));
    text.fact("when", "时间", times::at(found.at, &zone));
    about_verdict(&mut text, &found.verdict, &zone);
    Ok(Answer::checked(&found, text.finish(), found.allowed))
}

async fn add(
    which: WhichArgs,
    outcome: Option<ContactOutcome>,
    (reason, step): (Option<DefaultReason>, Option<String>),
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let client = context.client()?;
    let request = RecordContact {
        case: find_case(&client, &which.case, None).await?,
        channel: which.channel.code().to_owned(),
        at: which.at(),
        outcome: outcome.map(|outcome| outcome.code().to_owned()),
        number: which.number,
        staff: None,
        reason: reason.map(|reason| reason.code().to_owned()),
        step,
    };
    let made: ContactRecorded = client.post_keyed("contacts", &request).await?;
    let mut text = Text::new(context.lang);
    text.fact("contact", "联系", made.id.to_string());
    if !made.rules.is_empty() {
        text.fact("forbidden by", "违反规则", made.rules.join(", "));
        text.say(
            "It is recorded, and flagged for the supervisor.",
            "已记录，并已标记待主管查看。",
        );
    }
    Ok(Answer::new(&made, text.finish()))
}

async fn list(case: &str, purpose: Option<OutsidePurpose>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = find_case(&client, case, purpose).await?;
    let detail: CaseDetail = client.get(&format!("cases/{case}"), &opening(purpose)).await?;
    let mut text = Text::new(context.lang);
    about_contacts(&mut text, &detail.contacts, &times::zone(&detail.zone));
    about_pressure(&mut text, &detail.pressure);
    let document = serde_json::json!({ "items": detail.contacts, "pressure": detail.pressure, "zone": detail.zone });
    Ok(Answer::new(&document, text.finish()))
}

/// The contacts of a case as a table; nothing where there are none.
pub(crate) fn about_contacts(text: &mut Text, contacts: &[CaseContact], zone: &TimeZone) {
    if contacts.is_empty() {
        return;
    }
    let lang = text.lang;
    let head = [("Contact", "联系"), ("When", "时间"), ("Outcome", "结果")];
    let mut table = Table::new(head.map(|(english, chinese)| pick(lang, english, chinese)));
    for contact in contacts {
        let channel = label::<Channel>(lang, &contact.channel);
        table.row([
            channel,
            times::at(contact.at, zone),
            or_dash(Some(&outcome_text(lang, contact))),
        ]);
    }
    text.table(&table);
}

/// What came of a contact, and which rules forbade it; empty where neither is known.
pub(crate) fn outcome_text(lang: Lang, contact: &CaseContact) -> String {
    let outcome = contact.outcome.as_deref();
    let outcome = outcome
        .map(|code| label::<ContactOutcome>(lang, code))
        .unwrap_or_default();
    let rules = contact.rules.join(", ");
    match lang {
        _ if rules.is_empty() => outcome,
        Lang::En => format!("{outcome} (forbidden: {rules})"),
        Lang::Zh => format!("{outcome}（违反：{rules}）"),
    }
}

/// The pressure meter as a fact; nothing from a server that does not say.
pub(crate) fn about_pressure(text: &mut Text, pressure: &PressureItem) {
    if let Some(line) = pressure_text(text.lang, pressure) {
        text.fact("pressure", "联系压力", line);
    }
}

/// The pressure meter in one line; nothing from a server that does not say.
pub(crate) fn pressure_text(lang: Lang, pressure: &PressureItem) -> Option<String> {
    if pressure.band.is_empty() {
        return None;
    }
    let band = label::<PressureBand>(lang, &pressure.band);
    let PressureItem {
        week, month, ignored, ..
    } = pressure;
    let evening = pressure.evening_permille / 10;
    Some(match lang {
        Lang::En => {
            format!("{band}: {week} in 7 days, {month} in 30, {evening}% in the evening, {ignored} after a refusal")
        }
        Lang::Zh => format!("{band}：7天内{week}次，30天内{month}次，晚间占{evening}%，拒绝后{ignored}次"),
    })
}

async fn forbidden(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<ForbiddenContact> = context.client()?.pages("contacts/forbidden", &()).await?;
    let head = [
        ("Case", "案件"),
        ("Contact", "联系"),
        ("When", "时间"),
        ("Forbidden by", "违反规则"),
        ("By", "人员"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for one in &page.items {
        table.row([
            one.contact.case.to_string(),
            label::<Channel>(context.lang, &one.contact.channel),
            times::at(one.contact.at, &times::zone(&one.zone)),
            one.contact.rules.join(", "),
            or_dash(one.staff.as_deref()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

/// Sends a file of contacts, or of what came of a work list.
pub(crate) async fn import_into(path: &str, args: &ImportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    if let Some(out) = &args.give_back {
        files::refuse_existing_unless(args.force, out)?;
    }
    let options = ContactImportOptions {
        dry_run: args.dry_run,
        portfolio: args.portfolio.clone(),
        map: args.map.clone(),
    };
    let client = context.client()?;
    let mut report: ContactImportReport = client.post_file(path, &options, &args.file).await?;
    let mut text = Text::new(context.lang);
    about_import(&mut text, &report);
    if let (Some(out), Some(rows)) = (&args.give_back, report.give_back.take()) {
        files::write_whole(out, rows.as_bytes())?;
        text.fact("rows given back are in", "退回行已写入", out.display().to_string());
    }
    Ok(Answer::new(&report, text.finish()))
}

fn about_import(text: &mut Text, report: &ContactImportReport) {
    let lang = text.lang;
    let state = match report.state.as_str() {
        "preview" => pick(lang, "preview, nothing changed", "预览，没有任何改动"),
        _ => pick(lang, "landed", "已导入"),
    };
    text.fact("state", "状态", state);
    let counts = report
        .counts
        .iter()
        .map(|(result, count)| format!("{} {count}", label::<RowResult>(lang, result)));
    let counts: Vec<String> = counts.collect();
    text.fact("rows", "行", counts.join(pick(lang, ", ", "，")));
    text.fact("contacts recorded", "新记录联系", report.recorded.to_string());
    text.fact(
        "of those forbidden by rules",
        "其中违反规则",
        report.forbidden.to_string(),
    );
    let list = |names: &[String]| names.join(pick(lang, ", ", "、"));
    if !report.unknown.is_empty() {
        text.fact(
            "columns not known, not stored",
            "未识别的列，未保存",
            list(&report.unknown),
        );
    }
    if !report.refused.is_empty() {
        text.fact("columns refused, not stored", "拒收的列，未保存", list(&report.refused));
    }
    if !report.rows.is_empty() {
        text.table(&row_table(lang, &report.rows));
    }
}
