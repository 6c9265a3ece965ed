//! `case reads`, `staff reads`, `reads review`, `reads settle`: who looked at whom, and what is found about reads outside a
//! caseload.

use crate::answer::Answer;
use crate::command::case::find_case;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::read::{FieldClass, OutsidePurpose, Purpose, ReadChannel, ReadFinding, ReadReason};
use doorstep_domain::staff::Role;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::read::{ReadItem, ReadQuery, ReadReview, ReadReviewItem, ReadReviewQuery, SettleRead};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Commands of reads outside a caseload.
#[derive(Debug, Subcommand)]
pub(crate) enum ReadsCommand {
    /// List a week's reads outside the caseload of their readers
    Review(ReviewArgs),
    /// Say what you found about one; not about your own
    Settle {
        /// Id of the read
        read: Uuid,
        /// right or talk
        finding: ReadFinding,
        /// right: duty-known, request-seen, colleague-knew; talk: nothing-shows, too-much, knows-person
        reason: ReadReason,
    },
}

/// Which week.
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// The week in UTC, such as 2026-W48 [default: this one]
    #[arg(long, value_name = "WEEK")]
    week: Option<String>,
    /// Also those about which somebody said what they found
    #[arg(long)]
    all: bool,
}

/// How many.
#[derive(Debug, Clone, Args)]
pub(crate) struct PageArgs {
    /// At most this many, up to 500
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: Option<u32>,
    /// All pages
    #[arg(long)]
    all: bool,
}

/// Carries out a command of reads.
pub(crate) async fn run(command: ReadsCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        ReadsCommand::Review(args) => {
            let query = ReadReviewQuery {
                week: args.week,
                all: args.all.then_some(true),
            };
            let review: ReadReview = client.get("reads/review", &query).await?;
            Ok(Answer::new(&review, week(context, &review)))
        }
        ReadsCommand::Settle { read, finding, reason } => {
            let request = SettleRead {
                finding: finding.code().to_owned(),
                reason: reason.code().to_owned(),
            };
            let item: ReadReviewItem = client.post(&format!("reads/{read}/settle"), &request).await?;
            let mut text = Text::new(context.lang);
            text.fact("read", "查阅", item.read.id.to_string());
            text.fact("found", "结论", found(context.lang, &item));
            Ok(Answer::new(&item, text.finish()))
        }
    }
}

/// Who looked at a case.
pub(crate) async fn of_case(case: &str, args: PageArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let case = find_case(&context.client()?, case, None).await?;
    list(&format!("cases/{case}/reads"), args, context).await
}

/// Who looked at the caller.
pub(crate) async fn own(args: PageArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    list("staff/me/reads", args, context).await
}

async fn list(path: &str, args: PageArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let query = ReadQuery {
        limit: args.limit,
        cursor: None,
    };
    let page: Page<ReadItem> = if args.all {
        client.pages(path, &query).await?
    } else {
        client.get(path, &query).await?
    };
    let mut table = Table::new(pick_all(context, HEAD));
    for item in &page.items {
        table.row(cells(context.lang, item, &TimeZone::UTC));
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    let count = page.items.len();
    if page.next.is_some() {
        let english = format!("{count} reads shown, there are more: --all or --limit");
        text.say(&english, &format!("显示 {count} 次查阅，还有更多：--all 或 --limit"));
    } else {
        text.say(&counted(count, "read", "reads"), &format!("{count} 次查阅"));
    }
    Ok(Answer::new(&page, text.finish()))
}

const HEAD: [(&str, &str); 6] = [
    ("When (UTC)", "时间（UTC）"),
    ("Who", "查阅人"),
    ("Role", "角色"),
    ("Why", "事由"),
    ("What", "内容"),
    ("How", "途径"),
];

/// A read in words: when, who, role, why, what, how.
pub(crate) fn cells(lang: Lang, item: &ReadItem, zone: &TimeZone) -> [String; 6] {
    let why = match &item.outside {
        None => label::<Purpose>(lang, &item.purpose),
        Some(code) => {
            let word = label::<OutsidePurpose>(lang, code);
            format!("{}{word}", pick(lang, "OUTSIDE: ", "范围外："))
        }
    };
    let how = label::<ReadChannel>(lang, &item.channel);
    [
        times::at(item.happened_at, zone),
        or_dash(item.who.as_deref()),
        or_dash(Some(&label::<Role>(lang, &item.role))),
        why,
        labels::<FieldClass>(lang, &item.classes),
        how,
    ]
}

/// What was found about a read, in words.
pub(crate) fn found(lang: Lang, item: &ReadReviewItem) -> String {
    match (&item.found, item.own) {
        (Some(found), _) => format!(
            "{}: {} ({})",
            label::<ReadFinding>(lang, &found.finding),
            label::<ReadReason>(lang, &found.reason),
            or_dash(found.by.as_deref())
        ),
        (None, true) => pick(lang, "waits for somebody else", "待他人核查").to_owned(),
        (None, false) => pick(lang, "waits", "待核查").to_owned(),
    }
}

fn week(context: &Context<'_>, review: &ReadReview) -> String {
    let lang = context.lang;
    let mut head: Vec<String> = pick_all(context, HEAD).into();
    head.extend(pick_all(context, [("Found", "结论"), ("Read", "编号")]));
    let mut table = Table::new(head);
    for item in &review.items {
        let mut row: Vec<String> = cells(lang, &item.read, &TimeZone::UTC).into();
        row.extend([found(lang, item), item.read.id.to_string()]);
        table.row(row);
    }
    let mut text = Text::new(lang);
    text.table(&table);
    let (week, open) = (&review.week, review.open);
    text.say(
        &format!("{week}: {open} outside a caseload wait for somebody to look at them"),
        &format!("{week}：{open} 次范围外查阅待核查"),
    );
    text.finish()
}
