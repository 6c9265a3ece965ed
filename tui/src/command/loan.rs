//! `loan`, `payment`, `books`, `daily`: the books of cases, and the work of a day.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::agency::find_portfolio;
use crate::command::case::find_case;
use crate::command::import::{ImportArgs, import_to};
use crate::command::staff::{find_team_maybe, pick_all};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use clap::{Args, Subcommand};
use doorstep_domain::import::RowReason;
use doorstep_domain::loan::PaymentKind;
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_wire::Page;
use doorstep_wire::daily::DailyReport;
use doorstep_wire::payment::{
    BookItem, BooksQuery, BooksReport, LoanItem, LoanQuery, Parts, PaymentImportOptions, PaymentItem, PaymentQuery,
    SettlePayment,
};
use std::path::PathBuf;
use uuid::Uuid;

/// Commands of loans.
#[derive(Debug, Subcommand)]
pub(crate) enum LoanCommand {
    /// Import a loan file, one instalment a row
    Import(ImportArgs),
    /// Show a loan: its instalments, what was paid of each, and what came in; also one that is no case yet
    Show {
        /// Its number
        number: String,
        /// Only of this portfolio
        #[arg(long)]
        portfolio: Option<String>,
    },
}

/// Commands of payments.
#[derive(Debug, Subcommand)]
pub(crate) enum PaymentCommand {
    /// Import a file of payments and reversals
    Import(PaymentImportArgs),
    /// List the counted payments of a case
    List {
        /// Id or number of the case
        #[arg(long)]
        case: String,
    },
    /// List the money that waits for a person
    Held,
    /// Decide about held money
    Settle {
        /// The payment
        id: Uuid,
        /// Count it for this case, by id or number
        #[arg(long, required_unless_present = "refuse", conflicts_with = "refuse")]
        case: Option<String>,
        /// Count it nowhere, and say why
        #[arg(long, value_name = "REASON")]
        refuse: Option<String>,
    },
}

/// A payment file and how to read it.
#[derive(Debug, Args)]
pub(crate) struct PaymentImportArgs {
    /// CSV (any delimiter; UTF-8 or GB18030) or XLSX
    file: PathBuf,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// The portfolio, where the file has no such column
    #[arg(long)]
    portfolio: Option<String>,
    /// ISO 4217 code, where the file has no such column
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Name or id of the team that the import belongs to
    #[arg(long)]
    team: Option<String>,
    /// Their columns and ours, "Their=ours;Other=ours"
    #[arg(long, value_name = "PAIRS")]
    map: Option<String>,
    /// Keep the rows given back, with their reasons, in this file
    #[arg(long, value_name = "OUT", conflicts_with = "dry_run")]
    give_back: Option<PathBuf>,
    /// Write over that file
    #[arg(long, requires = "give_back")]
    force: bool,
}

/// Which books to show.
#[derive(Debug, Args)]
pub(crate) struct BooksArgs {
    /// Only of this portfolio
    #[arg(long)]
    portfolio: Option<String>,
    /// The day [default: today in UTC]
    #[arg(long)]
    day: Option<jiff::civil::Date>,
}

/// Which day to work.
#[derive(Debug, Args)]
pub(crate) struct DailyArgs {
    /// The day [default: the newest that has begun where somebody lives]
    #[arg(long)]
    day: Option<jiff::civil::Date>,
}

/// Carries out a command of loans.
pub(crate) async fn loan(command: LoanCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        LoanCommand::Import(args) => crate::command::import::import_loans(&args, context).await,
        LoanCommand::Show { number, portfolio } => {
            let client = context.client()?;
            let portfolio = find_portfolio(&client, portfolio.as_deref()).await?;
            let page: Page<LoanItem> = client.get("loans", &LoanQuery { number, portfolio }).await?;
            Ok(Answer::new(&page, shown(&page, context)))
        }
    }
}

fn shown(page: &Page<LoanItem>, context: &Context<'_>) -> String {
    let mut text = Text::new(context.lang);
    if page.items.is_empty() {
        text.say(
            "No loan has this number, or none that you may see. Cases that came by a case file: `doorstep case show`.",
            "没有此编号的借据，或您无权查看。案件文件导入的案件请用 `doorstep case show`。",
        );
    }
    for loan in &page.items {
        let plain = |amount: i64| money(amount, &loan.currency);
        let case = loan.status.as_deref();
        let case = case.map(|code| label::<doorstep_domain::case::CaseStatus>(context.lang, code));
        text.fact("loan", "借据", format!("{}, {}", loan.number, loan.portfolio));
        text.fact("case", "案件", or_dash(case.as_deref()));
        if loan.case.is_none() {
            text.fact("opens", "立案日", or_dash(loan.opens.as_deref()));
        }
        text.fact("days past due", "逾期天数", loan.days_past_due.to_string());
        text.fact("stage", "阶段", or_dash(loan.stage.as_deref()));
        text.fact("owed now", "当前应还", plain(loan.owed.total));
        text.fact("left in all", "剩余总额", plain(loan.left.total));
        text.table(&instalments(loan, context));
        if !loan.payments.is_empty() {
            text.table(&payments(&loan.payments, Some(&loan.number), context));
        }
    }
    text.finish()
}

fn instalments(loan: &LoanItem, context: &Context<'_>) -> Table {
    let head = [
        ("Due", "到期日"),
        ("No.", "期数"),
        ("Amount", "金额"),
        ("Principal", "本金"),
        ("Interest", "利息"),
        ("Penalty", "罚息"),
        ("Fees", "费用"),
        ("Paid", "已还"),
        ("Waived", "减免"),
        ("Left", "剩余"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for one in &loan.instalments {
        let plain = |amount: i64| {
            let known = Currency::of(&loan.currency);
            known.map_or_else(|| amount.to_string(), |known| known.plain(Minor(amount)))
        };
        let number = one.number.map(|number| number.to_string());
        let of = one.amount;
        let amounts = [of.total, of.principal, of.interest, of.penalty, of.fees];
        let rest = [one.paid.total, one.waived.total, one.left.total];
        let mut row = vec![one.due.clone(), or_dash(number.as_deref())];
        row.extend(amounts.into_iter().chain(rest).map(plain));
        table.row(row);
    }
    table
}

/// Carries out a command of payments.
pub(crate) async fn payment(command: PaymentCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        PaymentCommand::Import(args) => import(&args, context).await,
        PaymentCommand::List { case } => {
            let client = context.client()?;
            let named = case;
            let case = find_case(&client, &named, None).await?;
            let page: Page<PaymentItem> = client.pages("payments", &PaymentQuery { case }).await?;
            Ok(Answer::new(&page, listed(&page.items, Some(&named), context)))
        }
        PaymentCommand::Held => {
            let page: Page<PaymentItem> = context.client()?.pages("payments/held", &()).await?;
            Ok(Answer::new(&page, listed(&page.items, None, context)))
        }
        PaymentCommand::Settle { id, case, refuse } => {
            let client = context.client()?;
            let named = case;
            let case = match &named {
                Some(case) => Some(find_case(&client, case, None).await?),
                None => None,
            };
            let request = SettlePayment { case, refuse };
            let item: PaymentItem = client.post(&format!("payments/{id}/settle"), &request).await?;
            let text = listed(std::slice::from_ref(&item), named.as_deref(), context);
            Ok(Answer::new(&item, text))
        }
    }
}

async fn import(args: &PaymentImportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let options = PaymentImportOptions {
        dry_run: args.dry_run,
        team: find_team_maybe(&client, args.team.as_deref()).await?,
        portfolio: args.portfolio.clone(),
        currency: args.currency.clone(),
        map: args.map.clone(),
    };
    let out = (args.give_back.as_deref(), args.force);
    import_to(("payments/import", &args.file), &options, out, context).await
}

fn listed(list: &[PaymentItem], named: Option<&str>, context: &Context<'_>) -> String {
    let mut text = Text::new(context.lang);
    text.table(&payments(list, named, context));
    text.finish()
}

/// Payments as a table; `named` is how whoever asked calls the case.
fn payments(list: &[PaymentItem], named: Option<&str>, context: &Context<'_>) -> Table {
    let head = [
        ("Payment", "款项"),
        ("Day", "日期"),
        ("Kind", "类型"),
        ("Amount", "金额"),
        ("State", "状态"),
        ("Why held", "暂存原因"),
        ("Case", "案件"),
        ("Reference", "流水号"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for one in list {
        let said = one.said.as_ref();
        let reason = one.reason.as_deref().map(|code| label::<RowReason>(context.lang, code));
        let case = said.map(|said| said.case_no.clone());
        let case = case.or_else(|| named.filter(|_| one.case.is_some()).map(str::to_owned));
        table.row([
            one.id.to_string(),
            one.day.clone(),
            label::<PaymentKind>(context.lang, &one.kind),
            money(one.amount, &one.currency),
            label::<doorstep_domain::loan::PaymentState>(context.lang, &one.state),
            or_dash(reason.as_deref()),
            or_dash(case.as_deref()),
            or_dash(said.map(|said| said.reference.as_str())),
        ]);
    }
    table
}

/// An amount with its currency.
pub(crate) fn money(amount: i64, currency: &str) -> String {
    let plain = Currency::of(currency).map_or_else(|| amount.to_string(), |known| known.plain(Minor(amount)));
    format!("{plain} {currency}")
}

/// Shows the books of a day. Its status is that of a check: 1 where a case does not balance.
pub(crate) async fn books(args: &BooksArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client: Client = context.client()?;
    let query = BooksQuery {
        portfolio: find_portfolio(&client, args.portfolio.as_deref()).await?,
        day: args.day.map(|day| day.to_string()),
    };
    let report: BooksReport = client.get("books", &query).await?;
    let mut text = Text::new(context.lang);
    text.fact("day", "日期", &report.day);
    for item in &report.items {
        text.fact("portfolio", "资产包", format!("{}, {}", item.name, item.currency));
        text.table(&movements(item, context));
    }
    for held in &report.held {
        let payments = money(held.payments, &held.currency);
        let reversals = money(held.reversals, &held.currency);
        let said = match context.lang {
            doorstep_domain::words::Lang::En => format!("{}: payments {payments}, reversals {reversals}", held.count),
            doorstep_domain::words::Lang::Zh => format!("{}笔：还款{payments}，冲正{reversals}", held.count),
        };
        text.fact("held for a person", "待人工处理", said);
    }
    if report.balanced {
        text.say("Every case balances.", "所有案件账目平衡。");
    }
    for one in &report.imbalances {
        let said = format!("{} {} {}", one.case, one.what, one.by);
        text.fact("does not balance", "不平衡", said);
    }
    Ok(Answer::checked(&report, text.finish(), report.balanced))
}

fn movements(item: &BookItem, context: &Context<'_>) -> Table {
    let head = [
        ("Movement", "变动"),
        ("Total", "合计"),
        ("Principal", "本金"),
        ("Interest", "利息"),
        ("Penalty", "罚息"),
        ("Fees", "费用"),
    ];
    let mut table = Table::new(pick_all(context, head));
    let rows: [(&str, &str, &Parts); 7] = [
        ("opening balance", "期初余额", &item.opening),
        ("+ fell due", "+ 新到期", &item.due),
        ("+ stated anew", "+ 重新报送", &item.restated),
        ("− payments", "− 还款", &item.payments),
        ("+ reversals", "+ 冲正", &item.reversals),
        ("− waivers", "− 减免", &item.waivers),
        ("= closing balance", "= 期末余额", &item.closing),
    ];
    for (english, chinese, parts) in rows {
        let plain = |amount: i64| {
            let known = Currency::of(&item.currency);
            known.map_or_else(|| amount.to_string(), |known| known.plain(Minor(amount)))
        };
        table.row([
            pick(context.lang, english, chinese).to_owned(),
            plain(parts.total),
            plain(parts.principal),
            plain(parts.interest),
            plain(parts.penalty),
            plain(parts.fees),
        ]);
    }
    table
}

/// Does the work of a day.
pub(crate) async fn daily(args: &DailyArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let day = args.day.map_or_else(|| "latest".to_owned(), |day| day.to_string());
    let report: DailyReport = context
        .client()?
        .post(&format!("daily/{day}"), &serde_json::json!({}))
        .await?;
    let mut text = Text::new(context.lang);
    text.fact("day", "日期", &report.day);
    text.fact("days caught up", "补做天数", report.caught_up.to_string());
    for step in &report.steps {
        let counts: Vec<String> = step
            .counts
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        text.fact("step", "步骤", format!("{}: {}", step.step, counts.join(", ")));
    }
    Ok(Answer::new(&report, text.finish()))
}
