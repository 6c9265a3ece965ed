//! `training` and `debrief`: scenarios, runs through them, results, and the talks that are due.

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::Subcommand;
use doorstep_domain::training::{DebriefCause, DebriefState, Grade, RunState};
use doorstep_wire::Page;
use doorstep_wire::training::{
    AnswerRun, DebriefItem, RunDetail, ScenarioItem, StartRun, TrainingQuery, TrainingResult,
};
use serde_json::Value;
use uuid::Uuid;

/// Commands of training.
#[derive(Debug, Subcommand)]
pub(crate) enum TrainingCommand {
    /// List the scenarios, with your last run through each
    List,
    /// Begin a scenario, or go on with it
    Start {
        /// Its name
        scenario: String,
    },
    /// Show a run of yours
    Show {
        /// Id of the run
        run: Uuid,
    },
    /// Say what you would do
    Answer {
        /// Id of the run
        run: Uuid,
        /// Number of the choice, from 1
        choice: usize,
    },
    /// Show what was passed and when
    Result {
        /// Staff number; your own where it is left out
        #[arg(long, value_name = "NUMBER")]
        staff: Option<String>,
    },
}

/// Commands of debriefs.
#[derive(Debug, Subcommand)]
pub(crate) enum DebriefCommand {
    /// List the talks after incidents, those that are due first
    List,
    /// Open those that incidents of the last days ask for; the day's work does so too
    Open,
    /// Note that one was held
    Done {
        /// Id of the debrief
        debrief: Uuid,
    },
}

/// Carries out a command of training.
pub(crate) async fn run(command: TrainingCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let detail: RunDetail = match command {
        TrainingCommand::List => {
            let page: Page<ScenarioItem> = client.get("training", &()).await?;
            return Ok(Answer::new(&page, scenarios(context, &page.items)));
        }
        TrainingCommand::Result { staff } => {
            let page: Page<TrainingResult> = client.get("training/results", &TrainingQuery { staff }).await?;
            return Ok(Answer::new(&page, results(context, &page.items)));
        }
        TrainingCommand::Start { scenario } => client.post("training/runs", &StartRun { scenario }).await?,
        TrainingCommand::Show { run } => client.get(&format!("training/runs/{run}"), &()).await?,
        TrainingCommand::Answer { run, choice } => {
            let path = format!("training/runs/{run}");
            let before: RunDetail = client.get(&path, &()).await?;
            let request = AnswerRun {
                after: before.judged.len(),
                choice,
            };
            client.post(&format!("{path}/answers"), &request).await?
        }
    };
    Ok(Answer::new(&detail, one(context, &detail)))
}

/// Carries out a command of debriefs.
pub(crate) async fn debrief(command: DebriefCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        DebriefCommand::List => {
            let page: Page<DebriefItem> = client.get("debriefs", &()).await?;
            Ok(Answer::new(&page, debriefs(context, &page.items)))
        }
        DebriefCommand::Open => {
            let page: Page<DebriefItem> = client.post("debriefs", &Value::Null).await?;
            Ok(Answer::new(&page, debriefs(context, &page.items)))
        }
        DebriefCommand::Done { debrief } => {
            let item: DebriefItem = client.post(&format!("debriefs/{debrief}/held"), &Value::Null).await?;
            Ok(Answer::new(&item, debriefs(context, std::slice::from_ref(&item))))
        }
    }
}

fn scenarios(context: &Context<'_>, items: &[ScenarioItem]) -> String {
    let head = [
        ("Scenario", "场景"),
        ("Title", "标题"),
        ("Required", "必修"),
        ("Last run", "最近一次"),
        ("On", "时间"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let last = item.last.as_deref().map(|code| label::<RunState>(context.lang, code));
        let on = item.ended_at.map(|at| times::at(at, &context.zone));
        table.row([
            item.name.clone(),
            item.title.clone(),
            pick(
                context.lang,
                if item.required { "yes" } else { "no" },
                if item.required { "是" } else { "否" },
            )
            .to_owned(),
            or_dash(last.as_deref()),
            on.unwrap_or_default(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}

fn one(context: &Context<'_>, detail: &RunDetail) -> String {
    let mut text = Text::new(context.lang);
    text.fact("scenario", "场景", &detail.title);
    text.fact("run", "编号", detail.id.to_string());
    text.fact("state", "状态", label::<RunState>(context.lang, &detail.state));
    for judged in &detail.judged {
        text.line("");
        text.line(&judged.situation);
        text.line(&format!("> {}", judged.choice));
        let rule = judged
            .rule
            .as_ref()
            .map_or_else(String::new, |rule| format!(" [{rule}]"));
        let grade = label::<Grade>(context.lang, &judged.grade);
        text.line(&format!("{grade}: {}{rule}", judged.why));
    }
    if let Some(situation) = &detail.situation {
        text.line("");
        text.line(&situation.text);
        for (index, choice) in situation.choices.iter().enumerate() {
            text.line(&format!("{}  {choice}", index + 1));
        }
        text.line(&format!(
            "doorstep training answer {} {}",
            detail.id,
            pick(context.lang, "NUMBER", "序号")
        ));
    } else {
        let left = detail.left.join(", ");
        text.fact(
            "still to pass",
            "尚未通过",
            or_dash(Some(left.as_str()).filter(|left| !left.is_empty())),
        );
        if let Some(until) = &detail.certificate_until {
            text.fact("certificate until", "证书有效期至", until);
        }
    }
    text.finish()
}

fn results(context: &Context<'_>, items: &[TrainingResult]) -> String {
    let head = [
        ("Staff", "工号"),
        ("Scenario", "场景"),
        ("Result", "结果"),
        ("On", "时间"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let state = if item.passed {
            RunState::Passed
        } else {
            RunState::Failed
        };
        table.row([
            item.staff.clone(),
            item.scenario.clone(),
            label::<RunState>(context.lang, state.code()),
            times::at(item.ended_at, &context.zone),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}

fn debriefs(context: &Context<'_>, items: &[DebriefItem]) -> String {
    let head = [
        ("Debrief", "谈话"),
        ("Staff", "工号"),
        ("After", "原因"),
        ("Due", "期限"),
        ("State", "状态"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            item.id.to_string(),
            item.staff.clone(),
            label::<DebriefCause>(context.lang, &item.cause),
            item.due.clone(),
            label::<DebriefState>(context.lang, &item.state),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "debrief", "debriefs"), &format!("{count} 次谈话"));
    text.finish()
}
