//! `review`: visits with remarks, and what is decided about them.

use crate::answer::Answer;
use crate::command::case::opening;
use crate::command::recording;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::event::{EventFlag, EventKind};
use doorstep_domain::rate::RateKind;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::recording::RecordingDue;
use doorstep_domain::review::{ReviewDecision, ReviewReason};
use doorstep_domain::words::{Lang, word};
use doorstep_wire::Page;
use doorstep_wire::recording::RecordingStanding;
use doorstep_wire::review::{DecideReview, ReviewDetail, ReviewItem, ReviewQuery};
use uuid::Uuid;

/// Commands of the review queue.
#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// List visits with remarks, what weighs most first
    List(ListArgs),
    /// Show one in full
    Show {
        /// Id of the visit
        visit: Uuid,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// Decide about one; a later decision replaces it
    Decide {
        /// Id of the visit
        visit: Uuid,
        /// fine, back, redo or escalate
        decision: ReviewDecision,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

/// Which visits.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// The day, such as 2026-11-23 [default: the last 7 days]
    #[arg(long, value_name = "DATE")]
    day: Option<String>,
    /// Also those that were decided
    #[arg(long)]
    all: bool,
}

/// Carries out a command of the review queue.
pub(crate) async fn run(command: ReviewCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let detail: ReviewDetail = match command {
        ReviewCommand::List(args) => {
            let query = ReviewQuery {
                day: args.day,
                all: args.all.then_some(true),
            };
            let page: Page<ReviewItem> = client.pages("review", &query).await?;
            return Ok(Answer::new(&page, list(context, &page.items)));
        }
        ReviewCommand::Show { visit, purpose } => client.get(&format!("review/{visit}"), &opening(purpose)).await?,
        ReviewCommand::Decide { visit, decision, note } => {
            let request = DecideReview {
                decision: decision.code().to_owned(),
                note,
            };
            client.post(&format!("review/{visit}"), &request).await?
        }
    };
    Ok(Answer::new(&detail, full(context, &detail)))
}

fn reasons(context: &Context<'_>, item: &ReviewItem) -> String {
    let said = item.reasons.iter().map(|reason| {
        let words = label::<ReviewReason>(context.lang, &reason.code);
        format!("{words} +{}", reason.weight)
    });
    said.collect::<Vec<_>>().join(", ")
}

/// The reasons, and a recording that may still come.
fn why(context: &Context<'_>, item: &ReviewItem) -> String {
    let pending = |one: &&RecordingStanding| one.state == RecordingDue::Pending.code();
    let zone = times::zone(&item.zone);
    match item.recording.as_ref().filter(pending) {
        None => reasons(context, item),
        Some(one) => format!(
            "{}; {}",
            reasons(context, item),
            recording::standing(context.lang, one, &zone)
        ),
    }
}

fn list(context: &Context<'_>, items: &[ReviewItem]) -> String {
    let head = [
        ("Visit", "外访"),
        ("Score", "分值"),
        ("Case", "案件"),
        ("Staff", "工号"),
        ("In", "签到"),
        ("Out", "签退"),
        ("Why", "原因"),
        ("Decision", "处理"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let zone = times::zone(&item.zone);
        let decision = item.decision.as_deref();
        table.row([
            item.visit.to_string(),
            item.score.to_string(),
            item.case_no.clone(),
            item.staff.join(" "),
            times::maybe(item.started_at, &zone),
            times::maybe(item.finished_at, &zone),
            why(context, item),
            decision
                .map(|code| label::<ReviewDecision>(context.lang, code))
                .unwrap_or_default(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(
        &format!("{} with remarks", counted(count, "visit", "visits")),
        &format!("{count} 次外访需复核"),
    );
    text.finish()
}

/// A flag in words, of events or of what was found about them.
fn flag_word(lang: Lang, code: &str) -> String {
    match code.parse::<EventFlag>() {
        Ok(flag) => word(lang, flag).to_owned(),
        Err(_) => label::<RateKind>(lang, code),
    }
}

fn full(context: &Context<'_>, detail: &ReviewDetail) -> String {
    let item = &detail.item;
    let zone = times::zone(&item.zone);
    let mut text = Text::new(context.lang);
    text.fact("case", "案件", &item.case_no);
    text.fact("staff", "工号", item.staff.join(" "));
    text.fact("score", "分值", item.score.to_string());
    text.fact("why", "原因", reasons(context, item));
    text.fact("in", "签到", times::maybe(item.started_at, &zone));
    text.fact("out", "签退", times::maybe(item.finished_at, &zone));
    if let Some(standing) = &item.recording {
        let standing = recording::standing(context.lang, standing, &zone);
        text.fact("recording", "录音录像", standing);
    }
    if let Some(words) = &detail.no_recording {
        text.fact("why there is none", "无录音录像原因", words);
    }
    if let Some(outcome) = &item.outcome {
        text.fact("outcome", "结果", label::<ContactOutcome>(context.lang, outcome));
    }
    if let Some(matter) = &item.matter {
        text.fact("matter", "事项", label::<MatterOutcome>(context.lang, matter));
    }
    for note in &detail.notes {
        text.fact("note", "备注", note);
    }
    let head = [("Came", "时间"), ("Event", "记录"), ("Remarks", "标记"), ("Id", "编号")];
    let mut events = Table::new(pick_all(context, head));
    for event in &detail.events {
        events.row([
            times::at(event.received_at, &zone),
            label::<EventKind>(context.lang, &event.kind),
            labels::<EventFlag>(context.lang, &event.flags),
            event.id.to_string(),
        ]);
    }
    text.table(&events);
    for answer in &detail.answers {
        let said = or_dash(answer.words.as_deref());
        let flag = flag_word(context.lang, &answer.code);
        let answered = pick(context.lang, "answers", "说明");
        let at = times::at(answer.at, &zone);
        text.line(&format!("{at} {} {answered} {flag}: {said}", answer.by));
    }
    for made in &detail.decisions {
        let decision = label::<ReviewDecision>(context.lang, &made.decision);
        let note = made.note.as_deref().unwrap_or_default();
        text.line(&format!("{} {} {decision} {note}", times::at(made.at, &zone), made.by));
    }
    text.finish()
}
