//! `log entries`: a page of a log, newest first.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::find_case;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, or_dash, pick};
use crate::times;
use clap::Args;
use doorstep_wire::log::{LogEntryItem, LogEntryPage, LogEntryQuery};
use uuid::Uuid;

/// Which entries.
#[derive(Debug, Args)]
pub(crate) struct EntriesArgs {
    /// Which log: changes and device events, or reads of personal data
    #[arg(long, value_parser = super::LOGS, default_value = super::LOGS[0])]
    log: String,
    /// Only of this kind, such as `case.imported`; docs/log.md lists all
    #[arg(long)]
    kind: Option<String>,
    /// Only by this one: a login, `program`, or the id of a device
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,
    /// Only about this visit
    #[arg(long, value_name = "ID")]
    visit: Option<Uuid>,
    /// Only about this case, by id or number
    #[arg(long)]
    case: Option<String>,
    /// Only before this place
    #[arg(long, value_name = "N")]
    before: Option<u64>,
    /// Of this part of a log that was continued, from 1 [default: the present one]
    #[arg(long, value_name = "N")]
    generation: Option<u32>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: Option<u32>,
}

/// Entries on a page where nobody names a number, as the server has it.
const LIMIT: u32 = 50;
/// The most entries that are looked through for one answer; a server looks through a part of them at a time.
const LOOKED_AT_MAX: u64 = 1_000_000;

/// Lists entries.
pub(super) async fn list(args: EntriesArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = match args.case.as_deref() {
        None => None,
        Some(given) => Some(find_case(&client, given, None).await?),
    };
    let query = LogEntryQuery {
        before: args.before,
        generation: args.generation,
        limit: args.limit,
        kind: args.kind,
        actor: args.actor,
        visit: args.visit,
        case,
    };
    let page = filled(&client, &args.log, query).await?;
    let head = [
        ("#", "#"),
        ("When", "时间"),
        ("What", "类型"),
        ("Who", "操作者"),
        ("About", "涉及"),
        ("Leaf", "条目哈希"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[0]);
    for item in &page.items {
        table.row([
            item.index.to_string(),
            times::at(item.at, &context.zone),
            item.kind.clone(),
            item.actor.clone(),
            or_dash(Some(&about(item))),
            item.leaf.clone(),
        ]);
    }
    let mut text = Text::new(context.lang);
    if page.items.is_empty() {
        none(&mut text, &page);
    } else {
        text.table(&table);
    }
    if let Some(next) = page.next {
        let generation = page.next_generation.filter(|next| *next != page.generation);
        let part = generation.map_or_else(String::new, |next| format!(" --generation {next}"));
        if !page.items.is_empty() && page.looked_at >= LOOKED_AT_MAX {
            let looked_at = page.looked_at;
            text.say(
                &format!("these are not all: only the newest {looked_at} entries were looked through; go on with"),
                &format!("以上并非全部：只查看了最新的 {looked_at} 条；请继续查看"),
            );
        }
        let older = pick(context.lang, "older:", "更早：");
        text.line(&format!("{older} --before {next}{part}"));
    }
    Ok(Answer::new(&page, text.finish()))
}

/// A page with as many entries as were asked for, where the log has them: a server looks through only so many at a time and then
/// answers with what it found, which may be one of many. It ends with a part of a log that was continued.
async fn filled(client: &Client, log: &str, mut query: LogEntryQuery) -> Result<LogEntryPage, Failure> {
    let path = format!("log/{log}/entries");
    let limit = query.limit.unwrap_or(LIMIT);
    let mut page: LogEntryPage = client.get(&path, &query).await?;
    while let (Some(next), Ok(found)) = (page.next, u32::try_from(page.items.len())) {
        let goes_on = page.next_generation.is_none_or(|next| next == page.generation);
        if found >= limit || !goes_on || page.looked_at >= LOOKED_AT_MAX {
            break;
        }
        (query.before, query.limit) = (Some(next), Some(limit - found));
        query.generation = Some(page.generation);
        let older: LogEntryPage = client.get(&path, &query).await?;
        page.items.extend(older.items);
        page.looked_at += older.looked_at;
        (page.next, page.next_generation) = (older.next, older.next_generation);
    }
    Ok(page)
}

/// Says how far nothing was found.
fn none(text: &mut Text, page: &LogEntryPage) {
    let looked_at = page.looked_at;
    if page.next.is_some() {
        text.say(
            &format!("none among these {looked_at} entries; go on with"),
            &format!("这 {looked_at} 条中没有；请继续查看"),
        );
    } else {
        text.say(
            &format!("none among all {looked_at} entries"),
            &format!("全部 {looked_at} 条中没有"),
        );
    }
}

/// Numbers of cases where they may be seen, aliases otherwise; how many more there are.
pub(crate) fn about(item: &LogEntryItem) -> String {
    let numbers: Vec<&str> = item.cases.iter().filter_map(|case| case.case_no.as_deref()).collect();
    if !numbers.is_empty() {
        return numbers.join(" ");
    }
    let alias = item
        .visit_alias
        .as_deref()
        .or(item.subjects.first().map(String::as_str));
    match (alias, item.subjects_all) {
        (Some(alias), 0 | 1) => alias.to_owned(),
        (Some(alias), all) => format!("{alias} +{}", all - 1),
        (None, _) => String::new(),
    }
}
