//! `conflicts`: two stories about one thing. Both are kept; the office lists them and says which holds. The words are
//! shared with `outbox conflicts`, where field staff do the same on their device.

use crate::answer::Answer;
use crate::command::case::opening;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::conflict::{ConflictKind, ConflictRule, ConflictState, ContactField, Side};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::conflict::{ConflictItem, ConflictQuery, ConflictSide, SettleConflict};
use uuid::Uuid;

/// Lists conflicts, shows or settles one.
#[derive(Debug, Args)]
pub(crate) struct ConflictArgs {
    #[command(subcommand)]
    command: Option<ConflictCommand>,
}

/// Commands of conflicts.
#[derive(Debug, Subcommand)]
enum ConflictCommand {
    /// List the conflicts that nobody has settled
    List {
        /// Those that are settled or ended by an erasure too
        #[arg(long)]
        all: bool,
    },
    /// Show one with both sides
    Show {
        /// Id of the conflict
        conflict: Uuid,
        /// Why, where it is outside your caseload; as with `case show`
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// Say which side holds; both stay readable
    Settle {
        /// Id of the conflict
        conflict: Uuid,
        /// left or right
        #[arg(long, value_name = "SIDE")]
        take: Side,
        /// Why, in free text; sealed with the person's data
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

/// Carries out a command of conflicts.
pub(crate) async fn run(args: ConflictArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let item: ConflictItem = match args.command.unwrap_or(ConflictCommand::List { all: false }) {
        ConflictCommand::List { all } => {
            let state = (!all).then(|| ConflictState::Open.code().to_owned());
            let page: Page<ConflictItem> = client.pages("conflicts", &ConflictQuery { state }).await?;
            let mut text = Text::new(context.lang);
            text.table(&list(context, &page.items));
            let count = page.items.len();
            text.say(
                &format!("{}; both sides are kept", counted(count, "conflict", "conflicts")),
                &format!("{count} 处冲突，双方记录均保留"),
            );
            return Ok(Answer::new(&page, text.finish()));
        }
        ConflictCommand::Show { conflict, purpose } => {
            client.get(&format!("conflicts/{conflict}"), &opening(purpose)).await?
        }
        ConflictCommand::Settle { conflict, take, note } => {
            let request = SettleConflict {
                take: take.code().to_owned(),
                note,
            };
            client.post(&format!("conflicts/{conflict}/settle"), &request).await?
        }
    };
    Ok(Answer::new(&item, shown(context.lang, &item)))
}

/// Conflicts as a table.
pub(crate) fn list(context: &Context<'_>, items: &[ConflictItem]) -> Table {
    let head = [
        ("Found", "发现时间"),
        ("State", "状态"),
        ("Case", "案件编号"),
        ("Field", "字段"),
        ("Left", "左侧"),
        ("Right", "右侧"),
        ("Counts", "现行"),
        ("Conflict", "冲突"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        table.row([
            times::at(item.found_at, &times::zone(&item.zone)),
            label::<ConflictState>(context.lang, &item.state),
            or_dash(Some(&item.case_no)),
            field(context.lang, &item.field),
            value(context.lang, item, &item.left),
            value(context.lang, item, &item.right),
            side(context.lang, item.current.as_deref()),
            item.id.to_string(),
        ]);
    }
    table
}

/// One conflict with both sides.
pub(crate) fn shown(lang: Lang, item: &ConflictItem) -> String {
    let zone = times::zone(&item.zone);
    let mut text = Text::new(lang);
    text.fact("conflict", "冲突", item.id.to_string());
    text.fact("case", "案件", or_dash(Some(&item.case_no)));
    text.fact("kind", "类别", label::<ConflictKind>(lang, &item.kind));
    text.fact("field", "字段", field(lang, &item.field));
    text.fact("state", "状态", label::<ConflictState>(lang, &item.state));
    text.fact("rule", "规则", label::<ConflictRule>(lang, &item.rule));
    text.fact("counts now", "现行", side(lang, item.current.as_deref()));
    for (name, one) in [(("left", "左侧"), &item.left), (("right", "右侧"), &item.right)] {
        text.line("");
        text.fact(name.0, name.1, value(lang, item, one));
        let by = match one.source.as_str() {
            "device" => pick(lang, "a device", "设备"),
            _ => pick(lang, "the office", "办公室"),
        };
        let who = or_dash(one.who.as_deref());
        text.fact("said by", "来源", format!("{who} ({by})"));
        text.fact("by its clock", "其时钟时间", times::at(one.made_at, &zone));
        text.fact("received", "收到时间", times::at(one.received_at, &zone));
        text.fact("record", "记录", one.id.to_string());
    }
    if let Some(settled) = &item.settled {
        text.line("");
        text.fact("settled", "处理时间", times::at(settled.at, &zone));
        text.fact("by", "处理人", or_dash(settled.by.as_deref()));
        text.fact("taken", "采用", side(lang, Some(&settled.taken)));
        text.fact("note", "备注", or_dash(settled.note.as_deref()));
    }
    text.finish()
}

fn side(lang: Lang, code: Option<&str>) -> String {
    let words = match code {
        Some("left") => pick(lang, "left", "左侧"),
        Some("right") => pick(lang, "right", "右侧"),
        other => return or_dash(other),
    };
    words.to_owned()
}

/// What two stories disagree on, in words.
pub(crate) fn field(lang: Lang, code: &str) -> String {
    let words = match code {
        "outcome" => pick(lang, "outcome of the contact", "联系结果"),
        "matter" => pick(lang, "outcome of the matter", "事项结果"),
        "promise" => pick(lang, "promise", "承诺还款"),
        _ => return label::<ContactField>(lang, code),
    };
    words.to_owned()
}

/// What one of the stories says, in words.
pub(crate) fn value(lang: Lang, item: &ConflictItem, side: &ConflictSide) -> String {
    if let Some(promise) = &side.promise {
        let plain = Currency::of(&promise.currency).map(|currency| currency.plain(Minor(promise.amount)));
        let amount = plain.unwrap_or_else(|| promise.amount.to_string());
        return format!("{} {amount} {}", promise.day, promise.currency);
    }
    match (item.field.as_str(), side.value.as_deref()) {
        ("outcome", Some(code)) => label::<ContactOutcome>(lang, code),
        ("matter", Some(code)) => label::<MatterOutcome>(lang, code),
        (_, value) => or_dash(value),
    }
}
