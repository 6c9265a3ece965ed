//! `evidence`: recordings of visits. What a device keeps against its server is `device evidence`.

mod files;
mod import;

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::{find_case, opening};
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files as own_files;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::recording::{IntervalSource, RecordingDue, RecordingState};
use doorstep_domain::words::Lang;
use doorstep_log::hashing::Hashing;
use doorstep_wire::Page;
use doorstep_wire::recording::{ExcuseRecording, RecordingDueItem, RecordingItem, RecordingQuery, RecordingStanding};
use jiff::tz::TimeZone;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Commands of recordings.
#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Send the files of body recorders that match visits; the same files again change nothing
    Import(import::ImportArgs),
    /// List recordings, or the visits that still owe one
    List(ListArgs),
    /// Show what is known of a recording, without opening it
    Show {
        /// Id of the recording
        id: Uuid,
    },
    /// Save a recording as a file; each time leaves an entry
    Export {
        /// Id of the recording
        id: Uuid,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// Say why a visit has no recording, as somebody who was not there
    Excuse {
        /// Id of the visit
        visit: Uuid,
        /// Why
        #[arg(long, value_name = "TEXT")]
        words: String,
    },
}

/// Which recordings.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those of a case: its number or id
    #[arg(long, value_name = "CASE", conflicts_with_all = ["visit", "pending"])]
    case: Option<String>,
    /// Only those of a visit
    #[arg(long, value_name = "ID", conflicts_with = "pending")]
    visit: Option<Uuid>,
    /// Visits whose recording did not come yet
    #[arg(long)]
    pending: bool,
}

/// Carries out a command of recordings.
pub(crate) async fn run(command: EvidenceCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        EvidenceCommand::Import(args) => import::run(&client, &args, context).await,
        EvidenceCommand::List(args) if args.pending => {
            let page: Page<RecordingDueItem> = client.get("evidence/due", &()).await?;
            Ok(Answer::new(&page, pending(context, &page.items)))
        }
        EvidenceCommand::List(args) => {
            let case = match &args.case {
                Some(case) => Some(find_case(&client, case, None).await?),
                None => None,
            };
            let visit = args.visit;
            let page: Page<RecordingItem> = client.pages("evidence", &RecordingQuery { case, visit }).await?;
            Ok(Answer::new(&page, list(context, &page.items)))
        }
        EvidenceCommand::Show { id } => {
            let item: RecordingItem = client.get(&format!("evidence/{id}"), &()).await?;
            Ok(Answer::new(&item, full(context, &item)))
        }
        EvidenceCommand::Export { id, out, purpose } => export(&client, (id, purpose), &out, context).await,
        EvidenceCommand::Excuse { visit, words } => {
            let path = format!("visits/{visit}/recording/excuse");
            let done: RecordingStanding = client.post(&path, &ExcuseRecording { words }).await?;
            let mut text = Text::new(context.lang);
            text.fact("recording", "录音录像", standing(context.lang, &done, &context.zone));
            Ok(Answer::new(&done, text.finish()))
        }
    }
}

/// Where a visit's recording stands, with what is due while it is awaited.
pub(crate) fn standing(lang: Lang, one: &RecordingStanding, zone: &TimeZone) -> String {
    let words = label::<RecordingDue>(lang, &one.state);
    if one.state == RecordingDue::Pending.code() {
        let until = pick(lang, "until", "截至");
        return format!("{words} {until} {}", times::at(one.due_at, zone));
    }
    words
}

fn pending(context: &Context<'_>, items: &[RecordingDueItem]) -> String {
    let head = [
        ("Visit", "外访"),
        ("Case", "案件"),
        ("Recording", "录音录像"),
        ("Due", "期限"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.visit.to_string(),
            item.case.to_string(),
            label::<RecordingDue>(context.lang, &item.standing.state),
            times::at(item.standing.due_at, &times::zone(&item.zone)),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(
        &format!("{} without their recording", counted(count, "visit", "visits")),
        &format!("{count} 次外访尚无录音录像"),
    );
    text.finish()
}

fn list(context: &Context<'_>, items: &[RecordingItem]) -> String {
    let head = [
        ("Recording", "录音录像"),
        ("Recorder", "记录仪"),
        ("Staff", "工号"),
        ("From", "自"),
        ("To", "至"),
        ("State", "状态"),
        ("Visits", "外访"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.id.to_string(),
            item.recorder.clone(),
            or_dash(item.staff.as_deref()),
            times::at(item.from, &context.zone),
            times::at(item.to, &context.zone),
            label::<RecordingState>(context.lang, &item.state),
            visits(item),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(
        &counted(count, "recording", "recordings"),
        &format!("{count} 份录音录像"),
    );
    text.finish()
}

fn visits(item: &RecordingItem) -> String {
    let ids = item.visits.iter().filter_map(|one| one.visit);
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
}

fn full(context: &Context<'_>, item: &RecordingItem) -> String {
    let mut text = Text::new(context.lang);
    text.fact("recording", "录音录像", item.id.to_string());
    text.fact("state", "状态", label::<RecordingState>(context.lang, &item.state));
    text.fact("recorder", "记录仪", &item.recorder);
    text.fact("staff", "工号", or_dash(item.staff.as_deref()));
    text.fact("from", "自", times::at(item.from, &context.zone));
    text.fact("to", "至", times::at(item.to, &context.zone));
    text.fact(
        "end from",
        "结束时间依据",
        label::<IntervalSource>(context.lang, &item.source),
    );
    text.fact("clock ahead by", "时钟偏快", format!("{} s", item.offset_s));
    text.fact("bytes", "字节数", item.bytes.to_string());
    text.fact("SHA-256", "SHA-256", &item.sha256);
    text.fact("visits", "外访", visits(item));
    if item.gone_at.is_some() {
        text.fact("destroyed", "销毁时间", times::maybe(item.gone_at, &context.zone));
    }
    text.finish()
}

/// Saves a recording beside its place and gives it its name only where its hash is the one in the log.
async fn export(
    client: &Client,
    (id, purpose): (Uuid, Option<OutsidePurpose>),
    out: &Path,
    context: &Context<'_>,
) -> Result<Answer, Failure> {
    own_files::refuse_existing(out)?;
    let item: RecordingItem = client.get(&format!("evidence/{id}"), &()).await?;
    let failed = |source: std::io::Error| Failure::Write {
        path: out.to_owned(),
        source,
    };
    let mut file = tempfile::NamedTempFile::new_in(own_files::folder_of(out)).map_err(failed)?;
    let mut response = client
        .open_with(&format!("evidence/{id}/file"), &opening(purpose))
        .await?;
    let mut hashing = Hashing::default();
    while let Some(piece) = response.chunk().await.map_err(|source| client.broke(0, Some(source)))? {
        hashing.update(&piece);
        file.write_all(&piece).map_err(failed)?;
    }
    if hashing.finish().to_hex() != item.sha256 {
        return Err(Failure::OtherBytes { path: out.to_owned() });
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(out).map_err(|error| failed(error.error))?;
    let mut text = Text::new(context.lang);
    text.fact("saved", "已保存", out.display().to_string());
    text.fact("SHA-256", "SHA-256", &item.sha256);
    Ok(Answer::new(&item, text.finish()))
}
