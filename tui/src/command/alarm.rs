//! `alarms`: list, acknowledge, extend, end.

use crate::answer::Answer;
use crate::command::case::degrees;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::alarm::{AlarmKind, AlarmState};
use doorstep_wire::Page;
use doorstep_wire::alarm::{AcknowledgeAlarm, AlarmItem, EndAlarm, ExtendAlarm};
use uuid::Uuid;

/// Lists alarms, or answers one.
#[derive(Debug, Args)]
pub(crate) struct AlarmArgs {
    #[command(subcommand)]
    command: Option<AlarmCommand>,
}

/// Commands of alarms.
#[derive(Debug, Subcommand)]
enum AlarmCommand {
    /// List them, those that are not over first
    List,
    /// Take one up, so that others know that you look after it
    Acknowledge {
        /// Id of the alarm
        alarm: Uuid,
        /// What you do about it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// End one: a call for help ends only so
    End {
        /// Id of the alarm
        alarm: Uuid,
        /// Whom you reached, and how they are
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Leave an overdue check-out quiet for some minutes; then it opens again
    Extend {
        /// Id of the alarm
        alarm: Uuid,
        /// For how many minutes from now, 1 to 30
        #[arg(long, value_name = "N")]
        minutes: u32,
        /// Why, for example that you reached the crew by phone
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Carries out a command of alarms.
pub(crate) async fn run(args: AlarmArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let item: AlarmItem = match args.command {
        None | Some(AlarmCommand::List) => {
            let page: Page<AlarmItem> = client.pages("alarms", &()).await?;
            return Ok(Answer::new(&page, render(context, &page.items)));
        }
        Some(AlarmCommand::Acknowledge { alarm, note }) => {
            let request = AcknowledgeAlarm { note };
            client.post(&format!("alarms/{alarm}/acknowledge"), &request).await?
        }
        Some(AlarmCommand::End { alarm, note }) => {
            client.post(&format!("alarms/{alarm}/end"), &EndAlarm { note }).await?
        }
        Some(AlarmCommand::Extend { alarm, minutes, reason }) => {
            let request = ExtendAlarm { minutes, reason };
            client.post(&format!("alarms/{alarm}/extend"), &request).await?
        }
    };
    let text = render(context, std::slice::from_ref(&item));
    Ok(Answer::new(&item, text))
}

fn render(context: &Context<'_>, items: &[AlarmItem]) -> String {
    let head = [
        ("Alarm", "警报"),
        ("Raised", "时间"),
        ("State", "状态"),
        ("Why", "原因"),
        ("Crew", "小组"),
        ("Staff", "工号"),
        ("Last place", "最后位置"),
        ("By", "受理人"),
        ("Note", "备注"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let place = item
            .position
            .map(|place| format!("{} {}", degrees(place.lat_e7), degrees(place.lon_e7)));
        let by = item.ended_by.as_ref().or(item.acknowledged_by.as_ref());
        table.row([
            item.id.to_string(),
            times::at(item.raised_at, &times::zone(&item.zone)),
            label::<AlarmState>(context.lang, &item.state),
            label::<AlarmKind>(context.lang, &item.kind),
            item.crew_name.clone().unwrap_or_default(),
            item.staff.clone().unwrap_or_default(),
            place.unwrap_or_default(),
            by.cloned().unwrap_or_default(),
            item.note.clone().unwrap_or_default(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "alarm", "alarms"), &format!("{count} 个警报"));
    text.finish()
}
