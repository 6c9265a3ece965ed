//! `case import`, `case imports`, `case take-back`, `case give-back`.

use crate::answer::Answer;
use crate::client::Client;
use crate::command::staff::{find_team_maybe, pick_all};
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use clap::Args;
use doorstep_domain::import::RowResult;
use doorstep_domain::words::word;
use doorstep_wire::Page;
use doorstep_wire::import::{ImportOptions, ImportReport, RowItem, TakeBackReport};
use serde_json::json;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A file to import and how to read it.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// CSV (any delimiter; UTF-8 or GB18030) or XLSX
    file: PathBuf,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// As of which day the amounts are right [default: the file's column, or now]
    #[arg(long, value_name = "DAY")]
    as_of: Option<jiff::civil::Date>,
    /// The portfolio, where the file has no such column
    #[arg(long)]
    portfolio: Option<String>,
    /// The agency that gets the cases
    #[arg(long)]
    agency: Option<String>,
    /// Name or id of the team that gets the cases
    #[arg(long)]
    team: Option<String>,
    /// ISO 4217 code, where the file has no such column
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// WGS-84, GCJ-02 or BD-09, where the file has no such column
    #[arg(long)]
    datum: Option<String>,
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

/// A case file to import, and whether it lists all cases.
#[derive(Debug, Args)]
pub(crate) struct CaseImportArgs {
    #[command(flatten)]
    file: ImportArgs,
    /// The file lists all cases of its portfolio and agency: recall the others
    #[arg(long)]
    complete: bool,
    /// Recall without asking
    #[arg(long, requires = "complete")]
    yes: bool,
}

impl ImportArgs {
    fn options(&self, team: Option<Uuid>) -> ImportOptions {
        ImportOptions {
            dry_run: self.dry_run,
            team,
            portfolio: self.portfolio.clone(),
            agency: self.agency.clone(),
            as_of: self.as_of.map(|day| day.to_string()),
            currency: self.currency.clone(),
            datum: self.datum.clone(),
            map: self.map.clone(),
            complete: false,
            confirm_recall: None,
        }
    }
}

/// Imports a case file. A complete one is previewed first, and the number of cases to be recalled must be confirmed.
pub(crate) async fn import(args: &CaseImportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let file = &args.file;
    if let Some(out) = &file.give_back {
        files::refuse_existing_unless(file.force, out)?;
    }
    let client = context.client()?;
    let mut options = file.options(find_team_maybe(&client, file.team.as_deref()).await?);
    options.complete = args.complete;
    if args.complete && !file.dry_run {
        options.confirm_recall = Some(preview(args, &options, &client, context).await?);
    }
    let out = (file.give_back.as_deref(), file.force);
    import_to(("imports", &file.file), &options, out, context).await
}

/// Imports a loan file.
pub(crate) async fn import_loans(args: &ImportArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let options = args.options(find_team_maybe(&client, args.team.as_deref()).await?);
    let out = (args.give_back.as_deref(), args.force);
    import_to(("loans/import", &args.file), &options, out, context).await
}

/// Sends a file, says what became of it, and keeps the rows given back where `out` names a file.
pub(crate) async fn import_to(
    (path, file): (&str, &Path),
    options: &impl serde::Serialize,
    (out, force): (Option<&Path>, bool),
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    if let Some(out) = out {
        files::refuse_existing_unless(force, out)?;
    }
    let client = context.client()?;
    let report: ImportReport = client.post_file(path, options, file).await?;
    let mut text = Text::new(context.lang);
    about_import(&mut text, &report);
    if let (Some(out), Some(import), true) = (out, report.import, report.give_back) {
        fetch_give_back(&client, import, out).await?;
        text.fact("rows given back are in", "退回行已写入", out.display().to_string());
    } else if let (true, Some(import)) = (report.give_back, report.import) {
        let english = format!("Rows were given back: doorstep case give-back {import} OUT.csv");
        let chinese = format!("有退回行：doorstep case give-back {import} OUT.csv");
        text.say(&english, &chinese);
    }
    Ok(Answer::new(&report, text.finish()))
}

/// Shows what a complete file would do and gets the number of cases to be recalled confirmed.
async fn preview(
    args: &CaseImportArgs,
    options: &ImportOptions,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<u64, Failure> {
    let options = ImportOptions {
        dry_run: true,
        ..options.clone()
    };
    let report: ImportReport = client.post_file("imports", &options, &args.file.file).await?;
    let mut text = Text::new(context.lang);
    about_import(&mut text, &report);
    context.talk(&text.finish())?;
    if report.recalled > 0 {
        let question = match context.lang {
            doorstep_domain::words::Lang::En => {
                let cases = counted(report.recalled, "case", "cases");
                format!("Recall {cases} that the file does not list?")
            }
            doorstep_domain::words::Lang::Zh => format!("撤回文件中未列出的 {} 件案件？", report.recalled),
        };
        context.confirm(&question, args.yes)?;
    }
    Ok(report.recalled)
}

async fn fetch_give_back(client: &Client, import: Uuid, out: &Path) -> Result<(), Failure> {
    let bytes = client.get_file(&format!("imports/{import}/give-back"), &()).await?;
    files::write_whole(out, &bytes)
}

fn about_import(text: &mut Text, report: &ImportReport) {
    let lang = text.lang;
    let list = |names: &[String]| names.join(pick(lang, ", ", "、"));
    let state = match report.state.as_str() {
        "landed" => pick(lang, "landed", "已导入"),
        "taken-back" => pick(lang, "taken back", "已撤回"),
        "preview" => pick(lang, "preview, nothing changed", "预览，没有任何改动"),
        other => other,
    };
    text.fact(
        "import",
        "导入",
        or_dash(report.import.map(|id| id.to_string()).as_deref()),
    );
    text.fact("state", "状态", state);
    text.fact(
        "read as",
        "读取方式",
        format!(
            "{} {}",
            report.encoding,
            report.delimiter.as_deref().unwrap_or_default()
        ),
    );
    text.fact(
        "columns",
        "列",
        list(&report.columns.iter().map(|column| mapped(column)).collect::<Vec<_>>()),
    );
    if !report.unknown.is_empty() {
        text.fact(
            "columns not known, not stored",
            "未识别的列，未保存",
            list(&report.unknown),
        );
    }
    if !report.refused.is_empty() {
        text.fact("columns refused, not stored", "拒收的列，未保存", list(&report.refused));
    }
    let counts: Vec<String> = report
        .counts
        .iter()
        .map(|(result, count)| format!("{} {count}", label::<RowResult>(lang, result)))
        .collect();
    text.fact("rows", "行", counts.join(pick(lang, ", ", "，")));
    // Cases, loans or payments: whatever the file is of.
    text.fact("new", "新增", report.created.to_string());
    text.fact("changed", "更新", report.updated.to_string());
    if report.recalled > 0 {
        text.fact("recalled", "撤回", report.recalled.to_string());
    }
    if !report.rows.is_empty() {
        text.table(&row_table(lang, &report.rows));
    }
}

/// `their name → our field`, once where both are the same.
fn mapped(column: &str) -> String {
    match column.split_once(" → ") {
        Some((theirs, ours)) if theirs == ours => ours.to_owned(),
        _ => column.to_owned(),
    }
}

/// Rows with what became of them and why.
pub(crate) fn row_table(lang: doorstep_domain::words::Lang, rows: &[RowItem]) -> Table {
    let head = [
        ("Line", "行"),
        ("Case", "案件编号"),
        ("Result", "结果"),
        ("Why", "原因"),
    ];
    let mut table = Table::new(head.map(|(english, chinese)| pick(lang, english, chinese))).align_right(&[0]);
    for row in rows {
        let line = if row.line < 0 {
            "–".to_owned()
        } else {
            row.line.to_string()
        };
        let result = if row.action == "recalled" {
            pick(lang, "recalled", "已撤回").to_owned()
        } else {
            label::<RowResult>(lang, &row.result)
        };
        table.row([line, or_dash(row.case_no.as_deref()), result, row.words.clone()]);
    }
    table
}

/// Lists imports.
pub(crate) async fn imports(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<ImportReport> = context.client()?.pages("imports", &()).await?;
    let head = [("Import", "导入"), ("State", "状态"), ("Rows by result", "各结果行数")];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        let counts: Vec<String> = RowResult::ALL
            .iter()
            .filter_map(|result| Some((result, item.counts.get(result.code())?)))
            .map(|(result, count)| format!("{} {count}", word(context.lang, *result)))
            .collect();
        table.row([
            or_dash(item.import.map(|id| id.to_string()).as_deref()),
            item.state.clone(),
            counts.join(pick(context.lang, ", ", "、")),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

/// Shows one import with all rows that were not simply accepted.
pub(crate) async fn show(import: Uuid, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let mut report: ImportReport = client.get(&format!("imports/{import}"), &()).await?;
    let rows: Page<RowItem> = client.pages(&format!("imports/{import}/rows"), &()).await?;
    report.rows = rows.items;
    let mut text = Text::new(context.lang);
    about_import(&mut text, &report);
    Ok(Answer::new(&report, text.finish()))
}

/// Takes an import back.
pub(crate) async fn take_back(import: Uuid, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let report: TakeBackReport = context
        .client()?
        .post(&format!("imports/{import}/take-back"), &json!({}))
        .await?;
    let mut text = Text::new(context.lang);
    text.fact("import taken back", "已撤回导入", report.import.to_string());
    text.fact("cases removed", "移除案件", report.removed.to_string());
    text.fact("cases put back", "恢复案件", report.restored.to_string());
    Ok(Answer::new(&report, text.finish()))
}

/// Fetches the rows given back.
pub(crate) async fn give_back(
    import: Uuid,
    out: &Path,
    force: bool,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    files::refuse_existing_unless(force, out)?;
    fetch_give_back(&context.client()?, import, out).await?;
    let mut text = Text::new(context.lang);
    text.fact("rows given back are in", "退回行已写入", out.display().to_string());
    Ok(Answer::new(&json!({ "import": import, "file": out }), text.finish()))
}
