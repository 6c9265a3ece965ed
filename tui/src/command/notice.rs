//! `notice`: list, show, dispatch, delivered, returned, reprint.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::find_case;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{self, PartialFolder};
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::Subcommand;
use doorstep_domain::notice::{NoticeChannel, NoticeState};
use doorstep_wire::Page;
use doorstep_wire::notice::{NoticeBatch, NoticeDetail, NoticeItem, NoticeQuery, SetNotice};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Commands of notices.
#[derive(Debug, Subcommand)]
pub(crate) enum NoticeCommand {
    /// List them, newest first
    List {
        /// Only those in this state: queued, `handed_over`, delivered, returned, withdrawn
        #[arg(long)]
        state: Option<NoticeState>,
        /// Only those of a case: id or number
        #[arg(long)]
        case: Option<String>,
        /// Only those whose visit was called off after they had left: somebody waits in vain until they are told
        #[arg(long)]
        called_off: bool,
    },
    /// Show one with all that it says
    Show {
        /// Id of the notice
        notice: Uuid,
    },
    /// Write those that wait into a folder for printing, and note that they were handed over
    Dispatch {
        /// The folder, where nothing may be yet
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Say that one was delivered
    Delivered {
        /// Id of the notice
        notice: Uuid,
    },
    /// Say that one came back: nobody was told, and the visit is not made
    Returned {
        /// Id of the notice
        notice: Uuid,
    },
    /// Write the page of one again; one that came back counts as handed over again
    Reprint {
        /// Id of the notice
        notice: Uuid,
        /// The file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Write over the file
        #[arg(long)]
        force: bool,
    },
}

/// Carries out a command of notices.
pub(crate) async fn run(command: NoticeCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        NoticeCommand::List {
            state,
            case,
            called_off,
        } => list((state, called_off), case, context).await,
        NoticeCommand::Show { notice } => show(notice, context).await,
        NoticeCommand::Dispatch { to } => dispatch(&to, context).await,
        NoticeCommand::Delivered { notice } => set(notice, NoticeState::Delivered, context).await,
        NoticeCommand::Returned { notice } => set(notice, NoticeState::Returned, context).await,
        NoticeCommand::Reprint { notice, out, force } => reprint(notice, (&out, force), context).await,
    }
}

async fn list(
    (state, called_off): (Option<NoticeState>, bool),
    case: Option<String>,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = match case {
        Some(given) => Some(find_case(&client, &given, None).await?),
        None => None,
    };
    let query = NoticeQuery {
        state: state.map(|state| state.code().to_owned()),
        case,
        called_off: called_off.then_some(true),
    };
    let page: Page<NoticeItem> = client.pages("notices", &query).await?;
    Ok(Answer::new(&page, render(context, &page.items)))
}

async fn show(notice: Uuid, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let found: NoticeDetail = context.client()?.get(&format!("notices/{notice}"), &()).await?;
    let mut text = Text::new(context.lang);
    text.fact("state", "状态", label::<NoticeState>(context.lang, &found.item.state));
    text.fact("for", "收件人", &found.name);
    text.fact("address", "地址", &found.address);
    text.fact(
        "phone",
        "电话",
        or_dash(Some(found.phone.as_str()).filter(|phone| !phone.is_empty())),
    );
    for line in found.text.lines() {
        text.line(line);
    }
    Ok(Answer::new(&found, text.finish()))
}

/// The files are whole in their place before the server hears that they were handed over: what breaks off between is handed
/// over again, under the same names.
async fn dispatch(to: &Path, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let batch: NoticeBatch = client.get("notices/batch", &()).await?;
    if !batch.notices.is_empty() {
        let folder = PartialFolder::begin(to)?;
        let failed = |source| Failure::Write {
            path: to.to_owned(),
            source,
        };
        fs::create_dir(folder.path()).map_err(failed)?;
        for file in &batch.files {
            files::write_whole(&folder.path().join(&file.name), file.text.as_bytes())?;
        }
        folder.keep()?;
        for notice in &batch.notices {
            set_state(&client, *notice, NoticeState::HandedOver).await?;
        }
    }
    let count = batch.notices.len();
    let mut text = Text::new(context.lang);
    text.say(
        &format!("{} handed over", counted(count, "notice", "notices")),
        &format!("已交付 {count} 份通知"),
    );
    let document = json!({"notices": batch.notices, "folder": (count > 0).then(|| to.display().to_string())});
    Ok(Answer::new(&document, text.finish()))
}

async fn reprint(notice: Uuid, (out, force): (&Path, bool), context: &mut Context<'_>) -> Result<Answer, Failure> {
    files::refuse_existing_unless(force, out)?;
    let client = context.client()?;
    let found: NoticeDetail = client.get(&format!("notices/{notice}"), &()).await?;
    files::write_whole(out, found.html.as_ref().unwrap_or(&found.text).as_bytes())?;
    let item = if found.item.state == NoticeState::Returned.code() {
        set_state(&client, notice, NoticeState::HandedOver).await?
    } else {
        found.item
    };
    Ok(Answer::new(&item, render(context, std::slice::from_ref(&item))))
}

async fn set(notice: Uuid, state: NoticeState, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let item = set_state(&context.client()?, notice, state).await?;
    Ok(Answer::new(&item, render(context, std::slice::from_ref(&item))))
}

async fn set_state(client: &Client, notice: Uuid, state: NoticeState) -> Result<NoticeItem, Failure> {
    let request = SetNotice {
        state: state.code().to_owned(),
    };
    client.post(&format!("notices/{notice}/state"), &request).await
}

/// Where a notice stands; whoever was told of a visit that is off has to be told so.
fn stands(context: &Context<'_>, item: &NoticeItem) -> String {
    let state = label::<NoticeState>(context.lang, &item.state);
    if item.called_off {
        let off = pick(context.lang, "the visit is off: tell them", "外访已取消，请告知");
        return format!("{state}, {off}");
    }
    state
}

fn render(context: &Context<'_>, items: &[NoticeItem]) -> String {
    let head = [
        ("Notice", "通知"),
        ("Visit on", "外访日期"),
        ("Way", "方式"),
        ("Language", "语言"),
        ("State", "状态"),
        ("Handed over", "交付时间"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let handed_over = item.handed_over_at.map(|at| times::at(at, &context.zone));
        table.row([
            item.id.to_string(),
            item.day.clone(),
            label::<NoticeChannel>(context.lang, &item.channel),
            item.language.clone(),
            stands(context, item),
            handed_over.unwrap_or_default(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "notice", "notices"), &format!("{count} 份通知"));
    text.finish()
}
