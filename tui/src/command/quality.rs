//! `quality`: visits that are drawn to be scored, what was found, and the appeal. Nothing is added up, nobody is ranked.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::event::EventFlag;
use doorstep_domain::quality::{AppealDecision, CheckState, DrawnBecause, ItemFound, WordingKind};
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::quality::{
    AppealQuality, DecideQuality, DrawQuality, ItemScored, QualityDetail, QualityDrawn, QualityItem, QualityQuery,
    ScoreQuality,
};
use uuid::Uuid;

/// Commands of quality checks.
#[derive(Debug, Subcommand)]
pub(crate) enum QualityCommand {
    /// Draw visits of a week that is over, and those that somebody complained about
    Draw {
        /// The week, such as 2026-W48 [default: the last one]
        #[arg(long, value_name = "WEEK")]
        week: Option<String>,
        /// How many visits of each member of staff [default and least: 2]
        #[arg(long, value_name = "COUNT")]
        per_staff: Option<u32>,
    },
    /// List checks, oldest first
    List(ListArgs),
    /// Show a sheet, with the notes and where they have forbidden wording
    Show {
        /// Id of the check
        id: Uuid,
        /// One of your own visits
        #[arg(long)]
        own: bool,
    },
    /// Say what you found about every item of the sheet
    Score {
        /// Id of the check
        id: Uuid,
        /// ITEM=pass, ITEM=fail or ITEM=na, with a remark after a colon: hours-kept=fail:"left at 21:10"
        #[arg(required = true, value_name = "ITEM=FOUND", value_parser = scored)]
        items: Vec<ItemScored>,
    },
    /// Appeal against what was found about your own visit; once
    Appeal {
        /// Id of the check
        id: Uuid,
        /// Why
        #[arg(long, value_name = "TEXT")]
        words: String,
    },
    /// Decide an appeal as a third person
    Decide {
        /// Id of the check
        id: Uuid,
        /// stands or struck
        decision: AppealDecision,
        /// Why
        #[arg(long, value_name = "TEXT")]
        words: String,
    },
}

/// Which checks.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those that stand so: drawn, scored, appealed or decided
    #[arg(long, value_name = "STATE", conflicts_with = "own")]
    state: Option<CheckState>,
    /// Those of your own visits
    #[arg(long)]
    own: bool,
}

/// Reads `ITEM=FOUND` or `ITEM=FOUND:REMARK`.
fn scored(text: &str) -> Result<ItemScored, String> {
    let (id, rest) = text
        .split_once('=')
        .ok_or_else(|| "write ITEM=pass, ITEM=fail or ITEM=na".to_owned())?;
    let (found, remark) = match rest.split_once(':') {
        Some((found, remark)) => (found, Some(remark.to_owned())),
        None => (rest, None),
    };
    let found: ItemFound = found.parse().map_err(|error| format!("{error}"))?;
    Ok(ItemScored {
        id: id.to_owned(),
        found: found.code().to_owned(),
        remark,
    })
}

/// Where a check is asked for.
fn path(id: Uuid, own: bool) -> String {
    if own {
        format!("staff/me/quality-checks/{id}")
    } else {
        format!("quality-checks/{id}")
    }
}

/// Carries out a command of quality checks.
pub(crate) async fn run(command: QualityCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let detail: QualityDetail = match command {
        QualityCommand::Draw { week, per_staff } => {
            let drawn: QualityDrawn = client.post("quality-checks", &DrawQuality { week, per_staff }).await?;
            return Ok(Answer::new(&drawn, lot(context, &drawn)));
        }
        QualityCommand::List(args) => {
            let query = QualityQuery {
                state: args.state.map(|state| state.code().to_owned()),
            };
            let place = if args.own {
                "staff/me/quality-checks"
            } else {
                "quality-checks"
            };
            let page: Page<QualityItem> = client.pages(place, &query).await?;
            return Ok(Answer::new(&page, list(context, &page.items)));
        }
        QualityCommand::Show { id, own } => client.get(&path(id, own), &()).await?,
        QualityCommand::Score { id, items } => score(&client, id, items).await?,
        QualityCommand::Appeal { id, words } => {
            let place = format!("{}/appeal", path(id, true));
            client.post(&place, &AppealQuality { words }).await?
        }
        QualityCommand::Decide { id, decision, words } => decide(&client, id, (decision, words)).await?,
    };
    Ok(Answer::new(&detail, full(context, &detail)))
}

/// Says what was found.
pub(crate) async fn score(client: &Client, id: Uuid, items: Vec<ItemScored>) -> Result<QualityDetail, Failure> {
    let place = format!("{}/score", path(id, false));
    client.post(&place, &ScoreQuality { items }).await
}

/// Decides an appeal.
pub(crate) async fn decide(
    client: &Client,
    id: Uuid,
    (decision, words): (AppealDecision, String),
) -> Result<QualityDetail, Failure> {
    let decision = decision.code().to_owned();
    let place = format!("{}/decide", path(id, false));
    client.post(&place, &DecideQuality { decision, words }).await
}

fn lot(context: &Context<'_>, drawn: &QualityDrawn) -> String {
    let mut text = Text::new(context.lang);
    text.fact("week", "周", &drawn.week);
    text.fact("of each", "每人次数", drawn.per_staff.to_string());
    let leaf = format!("{} {}", drawn.leaf_index, drawn.leaf_hash);
    text.fact("lot from leaf", "抽取依据", leaf);
    let count = drawn.drawn;
    text.say(
        &format!(
            "{} to be scored",
            counted(i64::try_from(count).unwrap_or(i64::MAX), "new visit", "new visits")
        ),
        &format!("新增 {count} 次外访待评"),
    );
    text.finish()
}

fn list(context: &Context<'_>, items: &[QualityItem]) -> String {
    let head = [
        ("Check", "质检"),
        ("Week", "周"),
        ("Staff", "工号"),
        ("Began", "开始"),
        ("Why", "原因"),
        ("State", "状态"),
        ("Appeal", "申诉结果"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let decision = item.decision.as_deref();
        let decision = decision.map(|code| label::<AppealDecision>(context.lang, code));
        table.row([
            item.id.to_string(),
            item.week.clone(),
            item.staff.clone(),
            times::maybe(item.started_at, &times::zone(&item.zone)),
            label::<DrawnBecause>(context.lang, &item.because),
            label::<CheckState>(context.lang, &item.state),
            or_dash(decision.as_deref()),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = items.len();
    text.say(&counted(count, "check", "checks"), &format!("{count} 项质检"));
    text.finish()
}

/// What a sheet is scored by.
pub(crate) fn about(text: &mut Text, detail: &QualityDetail) {
    let (item, lang) = (&detail.item, text.lang);
    text.fact("check", "质检", item.id.to_string());
    text.fact("staff", "工号", &item.staff);
    text.fact("began", "开始", times::maybe(item.started_at, &times::zone(&item.zone)));
    text.fact("why", "原因", label::<DrawnBecause>(lang, &item.because));
    text.fact("state", "状态", label::<CheckState>(lang, &item.state));
    if let Some(outcome) = &detail.outcome {
        text.fact("outcome", "结果", label::<ContactOutcome>(lang, outcome));
    }
    if let Some(matter) = &detail.matter {
        text.fact("matter", "事项", label::<MatterOutcome>(lang, matter));
    }
    if !detail.flags.is_empty() {
        text.fact("remarks", "标记", labels::<EventFlag>(lang, &detail.flags));
    }
    for note in &detail.notes {
        text.fact("note", "催记", note);
    }
    for hit in &detail.hits {
        let kind = label::<WordingKind>(lang, &hit.kind);
        let place = format!("{}:{}", hit.note + 1, hit.start + 1);
        text.fact("wording", "用语", format!("{place} “{}” ({kind})", hit.text));
    }
}

/// The appeal, and what a third person said to it.
pub(crate) fn about_appeal(text: &mut Text, detail: &QualityDetail) {
    let (item, lang) = (&detail.item, text.lang);
    if let Some(appeal) = &detail.appeal {
        text.fact("appeal", "申诉", appeal);
    }
    if let Some(decision) = &item.decision {
        text.fact("decided", "裁定", label::<AppealDecision>(lang, decision));
        text.fact("because", "理由", or_dash(detail.decided_why.as_deref()));
    }
}

/// What it is for.
pub(crate) fn for_learning(lang: Lang) -> &'static str {
    pick(
        lang,
        "For learning only: never for pay or a ranking.",
        "仅用于改进，不得用于薪酬或排名。",
    )
}

fn full(context: &Context<'_>, detail: &QualityDetail) -> String {
    let lang = context.lang;
    let mut text = Text::new(lang);
    about(&mut text, detail);
    let head = [
        ("Item", "编号"),
        ("What", "内容"),
        ("Found", "结论"),
        ("Remark", "备注"),
    ];
    let mut sheet = Table::new(pick_all(context, head));
    for line in &detail.sheet {
        let found = line.found.as_deref().map(|code| label::<ItemFound>(lang, code));
        sheet.row([
            line.id.clone(),
            line.text.clone(),
            or_dash(found.as_deref()),
            or_dash(line.remark.as_deref()),
        ]);
    }
    text.table(&sheet);
    about_appeal(&mut text, detail);
    text.line(for_learning(lang));
    text.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_sheet_are_read_with_and_without_a_remark() {
        let line = scored("hours-kept=fail:left at 21:10").unwrap();
        assert_eq!((line.id.as_str(), line.found.as_str()), ("hours-kept", "fail"));
        assert_eq!(line.remark.as_deref(), Some("left at 21:10"));
        assert_eq!(scored("note-tone=na").unwrap().remark, None);
        assert!(scored("note-tone").is_err() && scored("note-tone=good").is_err());
    }
}
