//! `evidence import`: every file of a folder is measured, announced and, where it matches visits of one person, sent piece by
//! piece. It can be stopped and run again.

use super::files::{Found, Stated, Times, Unclear, walk};
use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::Args;
use doorstep_domain::recording::{IntervalSource, RecordingMatch};
use doorstep_log::hashing::Hashing;
use doorstep_wire::recording::{BeginRecording, RecordedVisit, RecordingBegun, RecordingProgress};
use serde::Serialize;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Bytes that are read at once to measure a file.
const READ_BYTES: usize = 1024 * 1024;
/// After so many pieces it is said how far a file came.
const SAID_EVERY: i64 = 16;

/// Which files, and what is known of the recorder.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The folder that the recorder's files were copied to
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The recorder of files whose name does not bear its number
    #[arg(long, value_name = "NUMBER")]
    recorder: Option<String>,
    /// How many seconds the recorder's clock is ahead; negative where it is behind
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    offset: i64,
    /// How long every file is, where neither the index nor the file's own time says so
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=1440))]
    minutes: Option<u32>,
    /// Only say what matches
    #[arg(long)]
    dry_run: bool,
}

/// What became of a file.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    /// `sent`, a match, or why it is not clear when it was recorded.
    result: String,
    id: Option<Uuid>,
    recorder: Option<String>,
    staff: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    source: Option<String>,
    visits: Vec<RecordedVisit>,
}

const SENT: &str = "sent";

impl Line {
    /// Whether nothing is left to do about the file.
    fn is_well(&self) -> bool {
        let well = [RecordingMatch::Matched, RecordingMatch::Known, RecordingMatch::Gone];
        self.result == SENT || well.iter().any(|one| one.code() == self.result)
    }
}

/// Sends what matches of a folder, and says of each file what became of it.
pub(super) async fn run(client: &Client, args: &ImportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let stated = Stated {
        recorder: args.recorder.clone(),
        minutes: args.minutes,
        offset_s: args.offset,
        zone: context.zone.clone(),
    };
    let found = walk(&args.dir, &stated)?;
    let mut lines = Vec::with_capacity(found.len());
    for one in &found {
        lines.push(match &one.times {
            Ok(times) => file(client, (one, times), args, context).await?,
            Err(unclear) => unplaced(one, *unclear),
        });
    }
    let holds = lines.iter().all(Line::is_well);
    let document = serde_json::json!({ "dry_run": args.dry_run, "files": lines });
    Ok(Answer::checked(&document, table(context, &lines), holds))
}

fn unplaced(one: &Found, unclear: Unclear) -> Line {
    Line {
        file: one.name.clone(),
        result: unclear.code().to_owned(),
        id: None,
        recorder: None,
        staff: None,
        from: None,
        to: None,
        source: None,
        visits: Vec::new(),
    }
}

async fn file(
    client: &Client,
    (one, times): (&Found, &Times),
    args: &ImportArgs,
    context: &mut Context<'_>,
) -> Result<Line, Failure> {
    let (bytes, sha256) = measure(&one.path)?;
    let request = BeginRecording {
        recorder: times.recorder.clone(),
        from: times.from,
        to: times.to,
        offset_s: args.offset,
        source: times.source.code().to_owned(),
        bytes,
        sha256,
        media: one.media.clone(),
        dry_run: args.dry_run,
    };
    let begun: RecordingBegun = client.post("evidence", &request).await?;
    let mut result = begun.result.clone();
    if let (Some(id), true) = (begun.id, result == RecordingMatch::Matched.code()) {
        send(client, (one, id, bytes), &begun, context).await?;
        SENT.clone_into(&mut result);
    }
    Ok(Line {
        file: one.name.clone(),
        result,
        id: begun.id,
        recorder: Some(times.recorder.clone()),
        staff: begun.staff,
        from: Some(times.from),
        to: Some(times.to),
        source: Some(times.source.code().to_owned()),
        visits: begun.visits,
    })
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |source| Failure::Read {
        path: path.to_owned(),
        source,
    }
}

/// Size and hash of a file, without holding it in memory.
fn measure(path: &Path) -> Result<(i64, String), Failure> {
    let failed = unreadable(path);
    let mut file = File::open(path).map_err(&failed)?;
    let mut hashing = Hashing::default();
    let (mut bytes, mut piece) = (0, vec![0; READ_BYTES]);
    loop {
        let read = file.read(&mut piece).map_err(&failed)?;
        if read == 0 {
            return Ok((bytes, hashing.finish().to_hex()));
        }
        bytes += read as i64;
        hashing.update(&piece[..read]);
    }
}

/// Sends the pieces that did not come before.
async fn send(
    client: &Client,
    (one, id, bytes): (&Found, Uuid, i64),
    begun: &RecordingBegun,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let failed = unreadable(&one.path);
    let (size, mut next) = (begun.part_bytes.max(1), begun.parts);
    let all = (bytes + size - 1) / size;
    let mut file = File::open(&one.path).map_err(&failed)?;
    let begin = u64::try_from(next * size).unwrap_or(0);
    file.seek(SeekFrom::Start(begin)).map_err(&failed)?;
    while next < all {
        if (next - begun.parts) % SAID_EVERY == 0 {
            let words = pick(context.lang, "sending", "正在发送");
            context.talk(&format!("{words} {} {}/{all}", one.name, next + 1))?;
        }
        let mut piece = Vec::new();
        let most = u64::try_from(size).unwrap_or(0);
        (&mut file).take(most).read_to_end(&mut piece).map_err(&failed)?;
        let path = format!("evidence/{id}/parts/{next}");
        let came: RecordingProgress = client.put_piece(&path, &piece).await?;
        next = came.parts.max(next + 1);
    }
    Ok(())
}

fn result(context: &Context<'_>, code: &str) -> String {
    let unclear = [Unclear::Name, Unclear::Recorder, Unclear::Clock, Unclear::End];
    if let Some(why) = unclear.into_iter().find(|one| one.code() == code) {
        let (english, chinese) = why.words();
        return pick(context.lang, english, chinese).to_owned();
    }
    if code == SENT {
        return pick(context.lang, "sent", "已发送").to_owned();
    }
    label::<RecordingMatch>(context.lang, code)
}

/// The visits, by their times where the file is to be cut.
fn visits(context: &Context<'_>, line: &Line) -> String {
    let cut = line.result == RecordingMatch::SeveralVisits.code();
    let said = line.visits.iter().map(|one| match one.visit {
        Some(id) if !cut => id.to_string(),
        _ => {
            let clock = |at: Option<i64>| at.map_or_else(|| "…".to_owned(), |at| times::clock(at, &context.zone));
            format!("{}–{}", clock(one.started_at), clock(one.finished_at))
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

fn table(context: &Context<'_>, lines: &[Line]) -> String {
    let head = [
        ("File", "文件"),
        ("Result", "结果"),
        ("Recorder", "记录仪"),
        ("Staff", "工号"),
        ("From", "自"),
        ("To", "至"),
        ("End from", "结束时间依据"),
        ("Visits", "外访"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for line in lines {
        let source = line.source.as_deref();
        let source = source.map(|code| label::<IntervalSource>(context.lang, code));
        table.row([
            line.file.clone(),
            result(context, &line.result),
            or_dash(line.recorder.as_deref()),
            or_dash(line.staff.as_deref()),
            times::maybe(line.from, &context.zone),
            times::maybe(line.to, &context.zone),
            or_dash(source.as_deref()),
            visits(context, line),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let (count, left) = (lines.len(), lines.iter().filter(|line| !line.is_well()).count());
    text.say(
        &format!("{}, {left} left out", counted(count, "file", "files")),
        &format!("共 {count} 个文件，{left} 个未接收"),
    );
    text.finish()
}
