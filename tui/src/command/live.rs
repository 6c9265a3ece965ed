//! `live`: the day as it goes, once or until somebody stops it.

use crate::answer::Answer;
use crate::command::case::degrees;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, pick};
use crate::times;
use clap::Args;
use doorstep_domain::live::CrewState;
use doorstep_wire::live::{LiveCrew, LiveQuery, LiveView};
use std::time::Duration;

/// Which day, and how long to look.
#[derive(Debug, Args)]
pub(crate) struct LiveArgs {
    /// The day, such as 2026-11-23 [default: today where the crews work]
    #[arg(long, value_name = "DATE")]
    day: Option<String>,
    /// Go on until Ctrl-C: show it again whenever the server says that something changed, and once a minute
    #[arg(long)]
    watch: bool,
}

/// How long a watching supervisor waits for the server's word: times on the screen grow old without one.
const POLL: Duration = Duration::from_mins(1);
/// The least time between two looks, however much happens.
const PAUSE: Duration = Duration::from_secs(1);

/// Shows the day.
pub(crate) async fn run(args: &LiveArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let query = LiveQuery { day: args.day.clone() };
    let view: LiveView = client.get("live", &query).await?;
    if !args.watch {
        return Ok(Answer::new(&view, render(context, &view)));
    }
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    context.talk(pick(
        context.lang,
        "Watching; Ctrl-C stops.\n",
        "正在等待更新，按 Ctrl-C 结束。\n",
    ))?;
    show(context, &view)?;
    let mut seen = None;
    loop {
        tokio::select! {
            _ = &mut stop => return Ok(Answer::Written),
            woken = client.woken("live/wake", seen.as_deref(), POLL) => seen = woken?.or(seen),
        }
        let view: LiveView = client.get("live", &query).await?;
        show(context, &view)?;
        tokio::select! {
            _ = &mut stop => return Ok(Answer::Written),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

fn show(context: &mut Context<'_>, view: &LiveView) -> Result<(), Failure> {
    let mut text = if context.json {
        serde_json::to_string(view).unwrap_or_default()
    } else {
        render(context, view)
    };
    text.push('\n');
    Ok(context.out.data(text.as_bytes())?)
}

fn render(context: &Context<'_>, view: &LiveView) -> String {
    let head = [
        ("Crew", "小组"),
        ("State", "状态"),
        ("Done", "完成"),
        ("Left out", "跳过"),
        ("Late", "延误"),
        ("At", "所在案件"),
        ("Due out", "应签退"),
        ("Last heard", "最近上报"),
        ("Last place", "最后位置"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for crew in &view.crews {
        table.row(row(context, crew));
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let alarms = view.alarms;
    text.say(
        &format!("{}: {}", view.day, counted(alarms, "alarm", "alarms")),
        &format!("{}：{alarms} 个警报", view.day),
    );
    text.finish()
}

fn row(context: &Context<'_>, crew: &LiveCrew) -> [String; 9] {
    let zone = times::zone(&crew.zone);
    let clock = |at: Option<i64>| at.map_or_else(|| "–".to_owned(), |at| times::clock(at, &zone));
    let minutes = |seconds: i64| match context.lang {
        doorstep_domain::words::Lang::En => format!("{} min", seconds / 60),
        doorstep_domain::words::Lang::Zh => format!("{} 分钟", seconds / 60),
    };
    let site = crew.on_site.as_ref();
    let place = crew
        .position
        .map(|at| format!("{} {}", degrees(at.lat_e7), degrees(at.lon_e7)));
    [
        crew.crew_name.clone(),
        label::<CrewState>(context.lang, &crew.state),
        format!("{}/{}", crew.done, crew.planned),
        crew.skipped.to_string(),
        crew.late_s.map(minutes).unwrap_or_default(),
        site.and_then(|site| site.case_no.clone()).unwrap_or_default(),
        site.map(|site| clock(site.due_out)).unwrap_or_default(),
        clock(crew.heard_at),
        place.unwrap_or_default(),
    ]
}
