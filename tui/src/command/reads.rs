//! `case reads`, `staff reads`, `reads list`, `reads settle`: who looked at whom, and what is found about reads outside a
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
use doorstep_domain::words::{Lang, word};
use doorstep_wire::Page;
use doorstep_wire::read::{ReadItem, ReadQuery, ReadReview, ReadReviewItem, ReadReviewQuery, SettleRead};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Commands of reads outside a caseload.
#[derive(Debug, Subcommand)]
pub(crate) enum ReadsCommand {
    /// List a week's reads outside the caseload of their readers
    #[command(visible_alias = "review")]
    List(ReviewArgs),
    /// Say what you found about one, once and for all; not about your own
    Settle {
        /// Id of the read
        read: Uuid,
        /// right or talk
        finding: ReadFinding,
        /// right: duty-known, request-seen, colleague-knew; talk: nothing-shows, too-much, knows-person
        reason: ReadReason,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

/// Which week.
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// The week in UTC, such as 2026-W48 [default: the newest in which one waits, or this one]
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
        ReadsCommand::List(args) => {
            let query = ReadReviewQuery {
                week: args.week,
                read: None,
                all: args.all.then_some(true),
            };
            let review: ReadReview = client.get("reads/review", &query).await?;
            Ok(Answer::new(&review, week(context, &review)))
        }
        ReadsCommand::Settle {
            read,
            finding,
            reason,
            yes,
        } => {
            if !yes {
                ask_whether(read, reason, context).await?;
            }
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

/// Names a read that waits and what was found about it, and asks whether to keep that.
async fn ask_whether(read: Uuid, reason: ReadReason, context: &mut Context<'_>) -> Result<(), Failure> {
    let query = ReadReviewQuery {
        read: Some(read),
        ..ReadReviewQuery::default()
    };
    let review: ReadReview = context.client()?.get("reads/review", &query).await?;
    match review.items.first() {
        // The server says why not.
        Some(item) if item.own || item.found.is_some() => Ok(()),
        Some(item) => context.confirm(&settle_question(context.lang, item, reason, &TimeZone::UTC), false),
        None => Err(Failure::Unknown {
            kind: "read",
            given: read.to_string(),
        }),
    }
}

/// Names a read and what was found about it.
pub(crate) fn settle_question(lang: Lang, item: &ReadReviewItem, reason: ReadReason, zone: &TimeZone) -> String {
    let (read, finding, reason) = (
        in_short(lang, item, zone),
        word(lang, reason.finding()),
        word(lang, reason),
    );
    match lang {
        Lang::En => {
            format!("{read}. It {finding}: {reason}. This goes into the log and cannot be taken back. Record it?")
        }
        Lang::Zh => format!("{read}。结论：{finding}（{reason}）。将记入日志，不可撤回。确认记入？"),
    }
}

/// A read in one line: who, when, whose cases, and the purpose.
pub(crate) fn in_short(lang: Lang, item: &ReadReviewItem, zone: &TimeZone) -> String {
    let [when, who, ..] = cells(lang, &item.read, zone);
    let (cases, purpose) = (cases(lang, item), purpose(lang, item));
    match lang {
        Lang::En => format!("{who}, {when}, case {cases}: {purpose}"),
        Lang::Zh => format!("{who}，{when}，案件 {cases}：{purpose}"),
    }
}

/// The numbers of the cases that a read concerned, and how many it concerned beside them.
pub(crate) fn cases(lang: Lang, item: &ReadReviewItem) -> String {
    let mut names: Vec<String> = item.cases.iter().filter_map(|case| case.case_no.clone()).collect();
    let others = item.cases.len() - names.len();
    match (names.is_empty(), others) {
        (true, 0) => return pick(lang, "not yours", "不在您的范围").to_owned(),
        (true, _) => return pick(lang, "erased", "已删除").to_owned(),
        (false, 0) => {}
        (false, _) => names.push(format!("+{others}")),
    }
    names.join(" ")
}

/// Why the reader says that they opened it.
pub(crate) fn purpose(lang: Lang, item: &ReadReviewItem) -> String {
    label::<OutsidePurpose>(lang, item.read.outside.as_deref().unwrap_or_default())
}

/// What still waits in other weeks than the one that is shown, a line each.
pub(crate) fn waiting_elsewhere(lang: Lang, review: &ReadReview) -> Vec<String> {
    let others = review.waiting.iter().filter(|waiting| waiting.week != review.week);
    others.map(|waiting| still(lang, &waiting.week, waiting.open)).collect()
}

/// How many still wait in a week.
fn still(lang: Lang, week: &str, open: u64) -> String {
    match lang {
        Lang::En => format!("{week}: {}", counted(open, "still waits", "still wait")),
        Lang::Zh => format!("{week}：还有 {open} 次待核查"),
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
    let head = [
        ("When (UTC)", "时间（UTC）"),
        ("Who", "查阅人"),
        ("Role", "角色"),
        ("Case", "案件"),
        ("Why", "事由"),
        ("What", "内容"),
        ("Found", "结论"),
        ("Read", "编号"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &review.items {
        let [when, who, role, _, what, _] = cells(lang, &item.read, &TimeZone::UTC);
        let (cases, why, found) = (cases(lang, item), purpose(lang, item), found(lang, item));
        table.row([when, who, role, cases, why, what, found, item.read.id.to_string()]);
    }
    let mut text = Text::new(lang);
    if review.items.is_empty() {
        let week = &review.week;
        text.say(
            &format!("{week}: nothing to look at"),
            &format!("{week}：没有需要核查的范围外查阅"),
        );
    } else {
        text.table(&table);
        text.line(&still(lang, &review.week, review.open));
    }
    for line in waiting_elsewhere(lang, review) {
        text.line(&line);
    }
    text.finish()
}
