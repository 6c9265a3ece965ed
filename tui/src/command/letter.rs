//! `letter`: make, list, save, dispatch, and what became of them.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::find_case;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{self, PartialFolder};
use crate::table::Table;
use crate::text::{Text, counted, label};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::letter::{LetterKind, LetterState};
use doorstep_domain::words::Lang;
use doorstep_log::hash::base64url_decode;
use doorstep_wire::Page;
use doorstep_wire::letter::{LetterDetail, LetterItem, LetterQuery, MakeLetter, SetLetter};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Commands of letters.
#[derive(Debug, Subcommand)]
pub(crate) enum LetterCommand {
    /// Make one; with --out it is written there and counts as handed over
    Make(MakeArgs),
    /// List them, newest first
    List {
        /// Only those in this state: made, `handed_over`, delivered, returned, withdrawn
        #[arg(long)]
        state: Option<LetterState>,
        /// Only those of a case: id or number
        #[arg(long)]
        case: Option<String>,
    },
    /// Write the paper of one to look at; nothing is handed over
    Save {
        /// Id of the letter
        letter: Uuid,
        /// The file
        #[arg(long, value_name = "FILE.pdf")]
        out: PathBuf,
        /// Write over the file
        #[arg(long)]
        force: bool,
    },
    /// Write those that wait into a folder for posting, and note that they were handed over
    Dispatch {
        /// The folder, where nothing may be yet
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Say that one was delivered
    Delivered {
        /// Id of the letter
        letter: Uuid,
    },
    /// Say that one came back
    Returned {
        /// Id of the letter
        letter: Uuid,
    },
    /// Take one back that did not leave yet
    Withdraw {
        /// Id of the letter
        letter: Uuid,
    },
}

/// Which letter.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// The case: id or number
    #[arg(long)]
    case: String,
    /// reminder, statement, pre-legal, bureau-notice or address-check
    #[arg(long)]
    kind: LetterKind,
    /// zh or en; the person's own where it is left out
    #[arg(long)]
    language: Option<Lang>,
    /// Make it although one of its kind waits to leave or was made within the last 7 days
    #[arg(long)]
    again: bool,
    /// Write the paper there, and note that it was handed over to you
    #[arg(long, value_name = "FILE.pdf")]
    out: Option<PathBuf>,
    /// Write over the file
    #[arg(long)]
    force: bool,
}

/// Carries out a command of letters.
pub(crate) async fn run(command: LetterCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        LetterCommand::Make(args) => make(args, context).await,
        LetterCommand::List { state, case } => list(state, case, context).await,
        LetterCommand::Save { letter, out, force } => save(letter, (&out, force), context).await,
        LetterCommand::Dispatch { to } => dispatch(&to, context).await,
        LetterCommand::Delivered { letter } => set(letter, LetterState::Delivered, context).await,
        LetterCommand::Returned { letter } => set(letter, LetterState::Returned, context).await,
        LetterCommand::Withdraw { letter } => set(letter, LetterState::Withdrawn, context).await,
    }
}

/// The file is whole in its place before the server hears that the letter was handed over.
async fn make(args: MakeArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    if let Some(out) = &args.out {
        files::refuse_existing_unless(args.force, out)?;
    }
    let client = context.client()?;
    let request = MakeLetter {
        case: find_case(&client, &args.case, None).await?,
        kind: args.kind.code().to_owned(),
        language: args.language.map(|lang| lang.code().to_owned()),
        again: args.again,
    };
    let mut item: LetterItem = client.post_keyed("letters", &request).await?;
    if let Some(out) = &args.out {
        let found: LetterDetail = client.get(&format!("letters/{}", item.id), &()).await?;
        files::write_whole(out, &pdf_of(&client, &found.pdf)?)?;
        item = set_state(&client, item.id, LetterState::HandedOver).await?;
    }
    Ok(Answer::new(&item, render(context, std::slice::from_ref(&item))))
}

/// The bytes of a paper that the server sent as text.
pub(crate) fn pdf_of(client: &Client, text: &str) -> Result<Vec<u8>, Failure> {
    base64url_decode(text).ok_or_else(|| client.broke(0, None))
}

async fn list(state: Option<LetterState>, case: Option<String>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = match case {
        Some(given) => Some(find_case(&client, &given, None).await?),
        None => None,
    };
    let query = LetterQuery {
        state: state.map(|state| state.code().to_owned()),
        case,
    };
    let page: Page<LetterItem> = client.pages("letters", &query).await?;
    Ok(Answer::new(&page, render(context, &page.items)))
}

async fn save(letter: Uuid, (out, force): (&Path, bool), context: &mut Context<'_>) -> Result<Answer, Failure> {
    files::refuse_existing_unless(force, out)?;
    let client = context.client()?;
    let found: LetterDetail = client.get(&format!("letters/{letter}"), &()).await?;
    files::write_whole(out, &pdf_of(&client, &found.pdf)?)?;
    Ok(Answer::new(
        &found.item,
        render(context, std::slice::from_ref(&found.item)),
    ))
}

/// Each file is in its place before the server hears of its letter: what breaks off between is handed over again. One that a
/// rule stops in the meantime is left out of the folder and named.
async fn dispatch(to: &Path, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let query = LetterQuery {
        state: Some(LetterState::Made.code().to_owned()),
        case: None,
    };
    let waiting: Page<LetterItem> = client.pages("letters", &query).await?;
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    if !waiting.items.is_empty() {
        let folder = PartialFolder::begin(to)?;
        let failed = |source| Failure::Write {
            path: to.to_owned(),
            source,
        };
        fs::create_dir(folder.path()).map_err(failed)?;
        for item in &waiting.items {
            let found: LetterDetail = client.get(&format!("letters/{}", item.id), &()).await?;
            let file = folder.path().join(&found.file);
            files::write_whole(&file, &pdf_of(&client, &found.pdf)?)?;
            match set_state(&client, item.id, LetterState::HandedOver).await {
                Ok(item) => gone.push(item),
                Err(Failure::Problem(problem)) => {
                    fs::remove_file(&file).map_err(failed)?;
                    kept.push((item.id, problem.code.clone()));
                }
                Err(other) => return Err(other),
            }
        }
        folder.keep()?;
    }
    let mut text = Text::new(context.lang);
    let count = gone.len();
    text.say(
        &format!("{} handed over", counted(count, "letter", "letters")),
        &format!("已交付 {count} 封信"),
    );
    for (letter, code) in &kept {
        text.say(
            &format!("{letter} waits: {code}"),
            &format!("{letter} 暂不寄出：{code}"),
        );
    }
    let ids = |items: &[LetterItem]| items.iter().map(|item| item.id).collect::<Vec<_>>();
    let waits: Vec<_> = kept
        .iter()
        .map(|(id, code)| json!({"letter": id, "code": code}))
        .collect();
    let folder = (!waiting.items.is_empty()).then(|| to.display().to_string());
    let document = json!({"letters": ids(&gone), "waiting": waits, "folder": folder});
    Ok(Answer::new(&document, text.finish()))
}

async fn set(letter: Uuid, state: LetterState, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let item = set_state(&context.client()?, letter, state).await?;
    Ok(Answer::new(&item, render(context, std::slice::from_ref(&item))))
}

async fn set_state(client: &Client, letter: Uuid, state: LetterState) -> Result<LetterItem, Failure> {
    let request = SetLetter {
        state: state.code().to_owned(),
    };
    client.post(&format!("letters/{letter}/state"), &request).await
}

fn render(context: &Context<'_>, items: &[LetterItem]) -> String {
    let head = [
        ("Letter", "信件"),
        ("Kind", "种类"),
        ("Language", "语言"),
        ("State", "状态"),
        ("Made", "生成时间"),
        ("Handed over", "交付时间"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let handed_over = item.handed_over_at.map(|at| times::at(at, &context.zone));
        table.row([
            item.id.to_string(),
            label::<LetterKind>(context.lang, &item.kind),
            item.language.clone(),
            label::<LetterState>(context.lang, &item.state),
            times::at(item.made_at, &context.zone),
            handed_over.unwrap_or_default(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "letter", "letters"), &format!("{count} 封信"));
    text.finish()
}
