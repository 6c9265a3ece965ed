//! How cases rolled from stage to stage: a line for each month and beginning, a column for each end.

use doorstep_domain::report::Rolled;
use doorstep_domain::words::{Lang, word};
use doorstep_wire::report::{ReportRoll, ReportView};

use crate::context::Context;
use crate::table::Table;
use crate::text::{label, pick};

/// What a case may have ended as.
pub(super) fn ends() -> impl Iterator<Item = Rolled> {
    Rolled::ALL.iter().copied().filter(|end| *end != Rolled::New)
}

/// What stands over the lines.
pub(crate) fn title(lang: Lang) -> &'static str {
    pick(
        lang,
        "Cases by where they began a month and where they ended it",
        "案件月初与月末账龄变动",
    )
}

/// The heads of the columns.
pub(super) fn heads(lang: Lang) -> Vec<String> {
    let first = [("month", "月份"), ("began in", "月初"), ("cases", "案件")];
    let first = first.map(|(english, chinese)| pick(lang, english, chinese).to_owned());
    first
        .into_iter()
        .chain(ends().map(|end| word(lang, end).to_owned()))
        .collect()
}

/// The cells of a line. A month that is cut to the span is told with its days.
pub(super) fn cells(lang: Lang, roll: &ReportRoll) -> Vec<String> {
    let mut cells = vec![
        format!("{} – {}", roll.from, roll.to),
        label::<Rolled>(lang, &roll.began),
        roll.cases.to_string(),
    ];
    if roll.ended.is_empty() {
        cells.push(pick(lang, "too few", "样本不足").to_owned());
        cells.resize(heads(lang).len(), String::new());
        return cells;
    }
    cells.extend(ends().map(|end| {
        let found = roll.ended.iter().find(|one| one.ended == end.code());
        found.map_or_else(|| "-".to_owned(), |one| one.cases.to_string())
    }));
    cells
}

/// A line as a sentence, for narrow places.
pub(crate) fn line(lang: Lang, roll: &ReportRoll) -> String {
    let ends: Vec<String> = roll
        .ended
        .iter()
        .map(|one| format!("{} {}", label::<Rolled>(lang, &one.ended), one.cases))
        .collect();
    let began = label::<Rolled>(lang, &roll.began);
    let ends = if ends.is_empty() {
        pick(lang, "too few", "样本不足").to_owned()
    } else {
        ends.join(", ")
    };
    format!("{} – {}  {began} {}: {ends}", roll.from, roll.to, roll.cases)
}

/// The lines as a table of text.
pub(super) fn table(context: &Context<'_>, view: &ReportView) -> Table {
    let heads = heads(context.lang);
    let numbers: Vec<usize> = (2..heads.len()).collect();
    let mut table = Table::new(heads).align_right(&numbers);
    for roll in &view.roll {
        table.row(cells(context.lang, roll));
    }
    table
}
