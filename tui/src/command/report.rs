//! `report`: what became of cases and visits in a span of days. Groups are in the order of their names; nobody is ranked, and no sum
//! recovered is told.

mod csv;
mod formula;
mod html;
pub(crate) mod roll;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use doorstep_domain::measure::Minor;
use doorstep_domain::money::Currency;
use doorstep_domain::report::{FigureKind, FigureUnit, ReportBy, TargetState};
use doorstep_domain::words::Lang;
use doorstep_wire::report::{ReportFigure, ReportGroup, ReportQuery, ReportTarget, ReportView};

use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::{Text, label, pick};

pub(crate) use formula::formula;

/// As what a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table of text.
    Table,
    /// One JSON document.
    Json,
    /// Lines for a spreadsheet.
    Csv,
    /// A page with charts, in one file without scripts.
    Html,
}

/// Which report.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// staff, crew, territory, portfolio, agency or stage [default: portfolio]
    #[arg(long, value_name = "WHAT", conflicts_with = "mine")]
    by: Option<ReportBy>,
    /// The first day, in UTC [default: 27 days before the last]
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, in UTC [default: today]
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Only cases of this portfolio, with its targets
    #[arg(long, value_name = "NAME")]
    portfolio: Option<String>,
    /// Your own figures
    #[arg(long)]
    mine: bool,
    /// As what
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Into a file instead of the output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a file that exists
    #[arg(long, requires = "out")]
    force: bool,
}

/// Asks for a report and shows it.
pub(crate) async fn run(args: ReportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    if let Some(out) = &args.out {
        files::refuse_existing_unless(args.force, out)?;
    }
    let query = ReportQuery {
        by: args.by.map(|by| by.code().to_owned()),
        from: args.from,
        to: args.to,
        portfolio: args.portfolio,
    };
    let view = asked(&context.client()?, args.mine, &query).await?;
    let text = match args.format {
        Format::Table => table(context, &view),
        Format::Json => serde_json::to_string_pretty(&view).unwrap_or_default() + "\n",
        Format::Csv => csv::csv(&view),
        Format::Html => html::page(&view, context.lang),
    };
    let Some(out) = args.out else {
        return Ok(Answer::new(&view, text));
    };
    files::write_whole(&out, text.as_bytes())?;
    let mut said = Text::new(context.lang);
    said.fact("written", "已写入", out.display().to_string());
    Ok(Answer::new(&view, said.finish()))
}

/// Asks for a report, or for the caller's own figures.
pub(crate) async fn asked(client: &Client, mine: bool, query: &ReportQuery) -> Result<ReportView, Failure> {
    let place = if mine { "staff/me/report" } else { "reports" };
    client.get(place, query).await
}

/// What a group is called, with those that are told together with it; one without a name is named by what it lacks.
pub(crate) fn called(lang: Lang, by: &str, group: &ReportGroup) -> String {
    let name = |name: &String| match (name.as_str(), by) {
        ("", "agency") => pick(lang, "the creditor itself", "债权人自身").to_owned(),
        ("", _) => pick(lang, "none", "无").to_owned(),
        (name, _) => name.to_owned(),
    };
    let names: Vec<String> = std::iter::once(&group.group).chain(&group.with).map(name).collect();
    names.join(" + ")
}

/// A figure as people read it: a share in parts of 100, an average in minutes, kilometres or money, a count as it is.
pub(crate) fn value(lang: Lang, figure: &ReportFigure) -> String {
    match (figure.unit.parse(), figure.rate, figure.mean) {
        (Ok(FigureUnit::SecondsPerVisit), _, Some(mean)) => {
            format!("{}:{:02} {}", mean / 60, mean % 60, pick(lang, "min", "分"))
        }
        (Ok(FigureUnit::MetresPerVisit), _, Some(mean)) => {
            format!("{}.{:02} {}", mean / 1_000, mean % 1_000 / 10, pick(lang, "km", "公里"))
        }
        (Ok(FigureUnit::MinorPerVisit), _, Some(mean)) => money(mean, figure.currency.as_deref().unwrap_or_default()),
        (Ok(FigureUnit::Count), ..) => figure.count.to_string(),
        (_, Some(rate), _) => format!("{} %", hundredths(rate.rate)),
        (Ok(unit), None, _) if unit.is_share() && figure.of.is_some_and(|of| of > 0) => {
            pick(lang, "too few", "样本不足").to_owned()
        }
        _ => "-".to_owned(),
    }
}

/// Minor units of a currency as money.
fn money(minor: u64, code: &str) -> String {
    let amount = Minor(i64::try_from(minor).unwrap_or(i64::MAX));
    let plain = Currency::of(code).map_or_else(|| minor.to_string(), |currency| currency.plain(amount));
    format!("{plain} {code}")
}

/// The interval of a share.
pub(crate) fn interval(figure: &ReportFigure) -> String {
    let told = figure
        .rate
        .map(|rate| format!("{} – {}", hundredths(rate.low), hundredths(rate.high)));
    told.unwrap_or_else(|| "-".to_owned())
}

/// The target of a figure with how it stands to it: `≥ 40 % open`.
pub(crate) fn target(lang: Lang, figure: &ReportFigure) -> String {
    figure.target.as_ref().map_or_else(String::new, |target| {
        format!("{} {}", bound(target), label::<TargetState>(lang, &target.state))
    })
}

/// What a target asks for.
fn bound(target: &ReportTarget) -> String {
    match (target.least_percent, target.most_percent) {
        (Some(percent), _) => format!("≥ {percent} %"),
        (None, Some(percent)) => format!("≤ {percent} %"),
        (None, None) => String::new(),
    }
}

/// Parts per 10,000 as parts per 100.
pub(crate) fn hundredths(parts: u32) -> String {
    format!("{}.{:02}", parts / 100, parts % 100)
}

/// Whether there is anything to say: of nothing a figure is left out where people read.
pub(crate) fn has_something(figure: &ReportFigure) -> bool {
    figure.count > 0 || figure.of.is_some_and(|of| of > 0) || figure.target.is_some()
}

/// What is said under every report.
fn caution(lang: Lang, view: &ReportView) -> String {
    let (hour, least, cases) = (view.evening_from_hour, view.least, view.cases_least);
    match lang {
        Lang::En => format!(
            "Days are counted in UTC. In the evening is from {hour}:00 at the address. Of fewer than {least} no share is told; \
             a difference within the interval is none. Of fewer than {cases} cases nothing is told by itself, so that no figure \
             points at one person. For learning: never for pay or a ranking."
        ),
        Lang::Zh => format!(
            "日期按 UTC 计。晚间指地址当地 {hour}:00 起。不足 {least} 次不计算比率；区间内的差异不算差异。不足 {cases} 件案件的\
             不单独列出，以免指向个人。仅用于改进，不得用于薪酬或排名。"
        ),
    }
}

fn table(context: &Context<'_>, view: &ReportView) -> String {
    let lang = context.lang;
    let head = [
        ("Group", "分组"),
        ("Figure", "指标"),
        ("Count", "分子"),
        ("Of", "分母"),
        ("Value", "数值"),
        ("95 %", "95% 区间"),
        ("Target", "目标"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[2, 3, 4]);
    let all = pick(lang, "all", "全部");
    let total = std::iter::once((all.to_owned(), &view.total));
    let groups = view.items.iter().map(|one| (called(lang, &view.by, one), &one.figures));
    for (group, figures) in total.chain(groups) {
        for figure in figures.iter().filter(|figure| has_something(figure)) {
            table.row([
                group.clone(),
                label::<FigureKind>(lang, &figure.what),
                figure.count.to_string(),
                figure.of.map_or_else(|| "-".to_owned(), |of| of.to_string()),
                value(lang, figure),
                interval(figure),
                target(lang, figure),
            ]);
        }
    }
    let mut text = Text::new(lang);
    text.fact("from", "自", &view.from);
    text.fact("to", "至", &view.to);
    if let Some(portfolio) = &view.portfolio {
        text.fact("portfolio", "产品", portfolio);
    }
    text.fact("by", "按", label::<ReportBy>(lang, &view.by));
    text.table(&table);
    if !view.roll.is_empty() {
        text.line(roll::title(lang));
        text.table(&roll::table(context, view));
    }
    text.line(&caution(lang, view));
    text.finish()
}
