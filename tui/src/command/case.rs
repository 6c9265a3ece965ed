//! `case list`, `case show`, `case export`; the import has its own file.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::contact::{about_contacts, about_pressure};
use crate::command::import::{self, CaseImportArgs};
use crate::command::reads::{self, PageArgs};
use crate::command::recording;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::{Text, counted, label, labels, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::address::AddressState;
use doorstep_domain::case::{CaseStatus, Flag, Stage};
use doorstep_domain::contact::{ContactOutcome, MatterOutcome};
use doorstep_domain::read::OutsidePurpose;
use doorstep_domain::visit::VisitState;
use doorstep_domain::words::{Effect, Lang, Lift, Requirement};
use doorstep_wire::Page;
use doorstep_wire::case::{AmountItem, CaseDetail, CaseItem, CaseQuery, VerdictItem};
use doorstep_wire::read::Opening;
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

/// Commands of cases.
#[derive(Debug, Subcommand)]
pub(crate) enum CaseCommand {
    /// Take cases from a file of the lender
    Import(Box<CaseImportArgs>),
    /// List imports
    Imports,
    /// Show an import and what became of its rows
    ShowImport {
        /// Its id
        import: Uuid,
    },
    /// Take an import back, while nothing else touched its rows
    TakeBack {
        /// Its id
        import: Uuid,
    },
    /// Fetch the rows that an import gave back, with the reasons
    GiveBack {
        /// Its id
        import: Uuid,
        /// Where to
        out: PathBuf,
        /// Write over the file
        #[arg(long)]
        force: bool,
    },
    /// List cases
    List(ListArgs),
    /// Show a case with what the rules say about a visit now
    Show {
        /// Id or number of the case
        case: String,
        /// Why, where it is outside your caseload: complaint, hardship, data-request, cover, safety, authority, inspection
        #[arg(long, value_name = "CODE")]
        purpose: Option<OutsidePurpose>,
    },
    /// Show who looked at a case, newest first
    Reads {
        /// Id or number of the case
        case: String,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Give the imported columns back, with outcome, promise, times and next step
    Export(ExportArgs),
}

/// Which cases.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Part of a name or address
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Exact number of the case
    #[arg(long, value_name = "NUMBER")]
    case_no: Option<String>,
    /// Exact phone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Why, for a number or phone outside your caseload; as with `case show`
    #[arg(long, value_name = "CODE")]
    purpose: Option<OutsidePurpose>,
    /// open, held, settled, recalled or closed
    #[arg(long)]
    status: Option<CaseStatus>,
    /// Name of the portfolio
    #[arg(long, value_name = "NAME")]
    portfolio: Option<String>,
    /// Numbers highest first, names from A on
    #[arg(long, value_parser = ["days", "amount", "updated", "name"])]
    sort: Option<String>,
    /// The other way round
    #[arg(long, value_parser = ["asc", "desc"])]
    order: Option<String>,
    /// At most this many, up to 500
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: Option<u32>,
    /// All pages
    #[arg(long)]
    all: bool,
}

/// Where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file [default: the standard output]
    out: Option<PathBuf>,
    /// Only the cases of this import
    #[arg(long, value_name = "ID")]
    import: Option<Uuid>,
    /// Write over the file
    #[arg(long, requires = "out")]
    force: bool,
}

/// Carries out a command of cases.
pub(crate) async fn run(command: CaseCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        CaseCommand::Import(args) => import::import(&args, context).await,
        CaseCommand::Imports => import::imports(context).await,
        CaseCommand::ShowImport { import } => import::show(import, context).await,
        CaseCommand::TakeBack { import } => import::take_back(import, context).await,
        CaseCommand::GiveBack { import, out, force } => import::give_back(import, &out, force, context).await,
        CaseCommand::List(args) => list(args, context).await,
        CaseCommand::Show { case, purpose } => show(&case, purpose, context).await,
        CaseCommand::Reads { case, page } => reads::of_case(&case, page, context).await,
        CaseCommand::Export(args) => export(&args, context).await,
    }
}

/// The case with this id or number; with a purpose also outside the caller's caseload.
pub(crate) async fn find_case(client: &Client, given: &str, purpose: Option<OutsidePurpose>) -> Result<Uuid, Failure> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let query = CaseQuery {
        case_no: Some(given.to_owned()),
        purpose: purpose.map(|purpose| purpose.code().to_owned()),
        ..CaseQuery::default()
    };
    let page: Page<CaseItem> = client.get("cases", &query).await?;
    match page.items.as_slice() {
        [case] => Ok(case.id),
        [] => Err(Failure::Unknown {
            kind: "case",
            given: given.to_owned(),
        }),
        _ => Err(Failure::Value {
            name: "CASE",
            given: given.to_owned(),
            expected: (
                "the case's id: several portfolios have this number, see `case list --case-no`",
                "案件的 id：多个产品有此编号，见 `case list --case-no`",
            ),
        }),
    }
}

/// How a person is opened.
pub(crate) fn opening(purpose: Option<OutsidePurpose>) -> Opening {
    Opening {
        purpose: purpose.map(|purpose| purpose.code().to_owned()),
    }
}

/// An amount with its currency, and a word where it is too old to be stated.
pub(crate) fn amount_text(lang: Lang, amount: &AmountItem) -> String {
    let stale = if amount.stale {
        pick(lang, " (stale)", "（已过期）")
    } else {
        ""
    };
    format!("{} {}{stale}", amount.text, amount.currency)
}

async fn list(args: ListArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let query = CaseQuery {
        case_no: args.case_no,
        phone: args.phone,
        search: args.search,
        purpose: args.purpose.map(|purpose| purpose.code().to_owned()),
        status: args.status.map(|status| status.code().to_owned()),
        portfolio: args.portfolio,
        sort: args.sort,
        order: args.order,
        limit: args.limit,
        cursor: None,
    };
    let page: Page<CaseItem> = if args.all {
        client.pages("cases", &query).await?
    } else {
        client.get("cases", &query).await?
    };
    let mut text = Text::new(context.lang);
    text.table(&case_table(context, &page.items));
    let count = page.items.len();
    if page.next.is_some() {
        let english = format!("{count} cases shown, there are more: --all or --limit");
        text.say(&english, &format!("显示 {count} 件，还有更多：--all 或 --limit"));
    } else {
        text.say(&counted(count, "case", "cases"), &format!("{count} 件"));
    }
    Ok(Answer::new(&page, text.finish()))
}

fn case_table(context: &Context<'_>, items: &[CaseItem]) -> Table {
    let head = [
        ("Case", "案件编号"),
        ("Portfolio", "资产包"),
        ("Name", "姓名"),
        ("Status", "状态"),
        ("Days", "逾期天数"),
        ("Amount", "金额"),
        ("Flags", "标签"),
        ("Address", "地址"),
    ];
    let lang = context.lang;
    let mut table = Table::new(pick_all(context, head)).align_right(&[4, 5]);
    for item in items {
        table.row([
            item.case_no.clone(),
            item.portfolio.clone(),
            item.name
                .clone()
                .unwrap_or_else(|| pick(lang, "(erased)", "（已删除）").to_owned()),
            label::<CaseStatus>(lang, &item.status),
            item.days_past_due.to_string(),
            amount_text(lang, &item.amount),
            labels::<Flag>(lang, &item.flags),
            or_dash(item.address.as_deref()),
        ]);
    }
    table
}

async fn show(case: &str, purpose: Option<OutsidePurpose>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = find_case(&client, case, purpose).await?;
    let detail: CaseDetail = client.get(&format!("cases/{case}"), &opening(purpose)).await?;
    let zone = times::zone(&detail.zone);
    let mut text = Text::new(context.lang);
    about_case(&mut text, &detail, &zone);
    about_past(&mut text, &detail, &zone);
    about_verdict(&mut text, &detail.verdict, &zone);
    Ok(Answer::new(&detail, text.finish()))
}

fn about_case(text: &mut Text, detail: &CaseDetail, zone: &TimeZone) {
    let (lang, item) = (text.lang, &detail.item);
    text.fact("case", "案件编号", &item.case_no);
    text.fact("id", "标识", item.id.to_string());
    text.fact("portfolio", "资产包", &item.portfolio);
    text.fact("person", "当事人", or_dash(item.name.as_deref()));
    text.fact("person id", "当事人标识", detail.person.to_string());
    text.fact("phone", "电话", or_dash(item.phone.as_deref()));
    text.fact("status", "状态", label::<CaseStatus>(lang, &item.status));
    text.fact("stage", "逾期阶段", label::<Stage>(lang, &item.stage));
    text.fact("days past due", "逾期天数", item.days_past_due.to_string());
    text.fact("amount", "金额", amount_text(lang, &item.amount));
    text.fact("as of", "金额截至", times::at(item.amount.as_of, zone));
    text.fact("flags", "标签", or_dash(Some(&labels::<Flag>(lang, &item.flags))));
    text.fact("address", "地址", or_dash(item.address.as_deref()));
    text.fact(
        "state of the address",
        "地址状态",
        label::<AddressState>(lang, &detail.address_state),
    );
    if let Some([lat, lon]) = detail.point {
        let came_in = match detail.datum.as_deref() {
            None | Some("WGS-84") => String::new(),
            Some(datum) => format!("; {} {datum}", pick(lang, "came in", "来源")),
        };
        let place = format!("{}, {} (WGS-84{came_in})", degrees(lat), degrees(lon));
        text.fact("place", "位置", place);
    }
    let region = [detail.country.as_deref(), detail.region.as_deref()]
        .into_iter()
        .flatten();
    text.fact("region", "地区", or_dash(Some(&region.collect::<Vec<_>>().join(" "))));
    text.fact("time zone", "时区", &detail.zone);
    text.fact("stated times", "约定时间", or_dash(detail.available.as_deref()));
    text.fact("visits before", "此前外访", detail.visits_before.to_string());
}

fn about_past(text: &mut Text, detail: &CaseDetail, zone: &TimeZone) {
    let lang = text.lang;
    let head = |pairs: &[(&'static str, &'static str)]| -> Vec<String> {
        pairs
            .iter()
            .map(|(english, chinese)| pick(lang, english, chinese).to_owned())
            .collect()
    };
    about_contacts(text, &detail.contacts, zone);
    about_pressure(text, &detail.pressure);
    if !detail.visits.is_empty() {
        let pairs = [
            ("Visit", "外访"),
            ("Planned", "计划"),
            ("State", "状态"),
            ("Contact", "联系结果"),
            ("Matter", "事项结果"),
            ("Recording", "录音录像"),
        ];
        let mut table = Table::new(head(&pairs));
        for visit in &detail.visits {
            let recording = visit.recording.as_ref().map(|one| recording::standing(lang, one, zone));
            let outcome = visit.outcome.as_deref().map(|code| label::<ContactOutcome>(lang, code));
            let matter = visit.matter.as_deref().map(|code| label::<MatterOutcome>(lang, code));
            table.row([
                visit.id.to_string(),
                times::at(visit.planned_start, zone),
                label::<VisitState>(lang, &visit.state),
                or_dash(outcome.as_deref()),
                or_dash(matter.as_deref()),
                or_dash(recording.as_deref()),
            ]);
        }
        text.table(&table);
    }
}

/// What the rules say: the effect, then each finding with its rule and where it stands.
pub(crate) fn about_verdict(text: &mut Text, verdict: &VerdictItem, zone: &TimeZone) {
    let lang = text.lang;
    text.fact("rules say", "规则结论", label::<Effect>(lang, &verdict.effect));
    text.fact("staff needed", "所需人数", verdict.staff_min.to_string());
    if !verdict.required.is_empty() {
        text.fact("required", "必须具备", labels::<Requirement>(lang, &verdict.required));
    }
    text.fact("rule packs", "规则包", verdict.packs.join(", "));
    for finding in &verdict.findings {
        let effect = label::<Effect>(lang, &finding.effect);
        text.line(&format!("- {effect}: {} [{}]", finding.sentence, finding.rule));
        let until = match finding.until {
            Some(until) => format!("; {} {}", pick(lang, "until", "至"), times::at(until, zone)),
            None => String::new(),
        };
        let lifts = match finding.lifted_by.as_slice() {
            [] => String::new(),
            lifts => format!(
                "; {}{}",
                pick(lang, "lifted by ", "可由谁解除："),
                labels::<Lift>(lang, lifts)
            ),
        };
        text.line(&format!(
            "  {} ({}){until}{lifts}",
            finding.citation, finding.confidence
        ));
    }
}

/// Degrees with seven decimals from 1e-7 degrees.
pub(crate) fn degrees(e7: i64) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let e7 = e7.unsigned_abs();
    format!("{sign}{}.{:07}", e7 / 10_000_000, e7 % 10_000_000)
}

async fn export(args: &ExportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    if let Some(out) = &args.out {
        files::refuse_existing_unless(args.force, out)?;
    } else if context.json {
        return Err(Failure::Missing { name: "OUT" });
    }
    let query: Vec<(&str, Uuid)> = args.import.map(|id| ("import", id)).into_iter().collect();
    let bytes = context.client()?.get_file("cases/export", &query).await?;
    let Some(out) = &args.out else {
        context.out.data(&bytes)?;
        return Ok(Answer::Written);
    };
    files::write_whole(out, &bytes)?;
    let mut text = Text::new(context.lang);
    text.fact("cases are in", "案件已写入", out.display().to_string());
    text.fact("bytes", "字节", bytes.len().to_string());
    Ok(Answer::new(
        &json!({ "file": out, "bytes": bytes.len() }),
        text.finish(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_degrees_are_exact() {
        let amount = AmountItem {
            total: 154_229,
            parts: None,
            currency: "EUR".to_owned(),
            text: "1542.29".to_owned(),
            as_of: 0,
            stale: true,
            fresh_until: None,
        };
        assert_eq!(amount_text(Lang::En, &amount), "1542.29 EUR (stale)");
        assert_eq!(
            amount_text(Lang::Zh, &AmountItem { stale: false, ..amount }),
            "1542.29 EUR"
        );
        assert_eq!(degrees(-86_112_345), "-8.6112345");
        assert_eq!(degrees(5), "0.0000005");
    }
}
