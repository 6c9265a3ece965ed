//! `recorder`: body recorders, and who carries which on which days.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, or_dash};
use crate::times;
use clap::Subcommand;
use doorstep_wire::Page;
use doorstep_wire::recording::{AddRecorder, AssignRecorder, RecorderItem};
use serde_json::Value;

/// Commands of body recorders.
#[derive(Debug, Subcommand)]
pub(crate) enum RecorderCommand {
    /// List recorders and who carries them
    List,
    /// Add one
    Add {
        /// The number on it, which its files bear
        number: String,
    },
    /// Give one to somebody; whoever had it until now has it until the day before
    Assign {
        /// The number on it
        number: String,
        /// Staff number
        #[arg(long, value_name = "NUMBER")]
        staff: String,
        /// The first day, such as 2026-11-23 [default: today in UTC]
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// The last day [default: until somebody else gets it]
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// End the use of one: what it records from now on is not taken
    End {
        /// The number on it
        number: String,
    },
}

/// Carries out a command of body recorders.
pub(crate) async fn run(command: RecorderCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let one: RecorderItem = match command {
        RecorderCommand::List => {
            let page: Page<RecorderItem> = client.get("recorders", &()).await?;
            return Ok(Answer::new(&page, list(context, &page.items)));
        }
        RecorderCommand::Add { number } => client.post("recorders", &AddRecorder { number }).await?,
        RecorderCommand::Assign {
            number,
            staff,
            from,
            until,
        } => {
            let request = AssignRecorder { staff, from, until };
            client.post(&format!("recorders/{number}/assign"), &request).await?
        }
        RecorderCommand::End { number } => client.post(&format!("recorders/{number}/end"), &Value::Null).await?,
    };
    Ok(Answer::new(&one, list(context, std::slice::from_ref(&one))))
}

fn list(context: &Context<'_>, items: &[RecorderItem]) -> String {
    let head = [
        ("Recorder", "记录仪"),
        ("Staff", "工号"),
        ("From", "自"),
        ("Until", "至"),
        ("Ended", "停用"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let ended = times::maybe(item.ended_at, &context.zone);
        if item.uses.is_empty() {
            let none = || or_dash(None);
            table.row([item.number.clone(), none(), none(), none(), ended.clone()]);
        }
        for used in &item.uses {
            table.row([
                item.number.clone(),
                or_dash(used.staff.as_deref()),
                used.from.clone(),
                or_dash(used.until.as_deref()),
                ended.clone(),
            ]);
        }
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "recorder", "recorders"), &format!("{count} 台记录仪"));
    text.finish()
}
