//! A report as lines for a spreadsheet: one line a figure or end of a roll, units in the names of columns.

use std::fmt::Write as _;

use doorstep_wire::report::{ReportFigure, ReportView};

/// The columns. They are added to at the end and never renamed.
const HEAD: &str = "period_from,period_to,by,group,week_from,figure,unit,numerator,denominator,share_per_10000,\
                    share_low_per_10000,share_high_per_10000,mean,target_least_percent,target_most_percent,target_state,currency";

/// A cell of text. One that a spreadsheet could take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn or_empty(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

/// The report as CSV: the total with an empty group and week, the groups, the weeks, then the rolls.
pub(super) fn csv(view: &ReportView) -> String {
    let mut text = format!("{HEAD}\r\n");
    let mut line = |by: &str, group: &str, week: &str, figure: &ReportFigure| {
        let target = figure.target.as_ref();
        let cells = [
            view.from.clone(),
            view.to.clone(),
            by.to_owned(),
            cell(group),
            week.to_owned(),
            figure.what.clone(),
            figure.unit.clone(),
            figure.count.to_string(),
            or_empty(figure.of),
            or_empty(figure.rate.map(|rate| rate.rate)),
            or_empty(figure.rate.map(|rate| rate.low)),
            or_empty(figure.rate.map(|rate| rate.high)),
            or_empty(figure.mean),
            or_empty(target.and_then(|target| target.least_percent)),
            or_empty(target.and_then(|target| target.most_percent)),
            or_empty(target.map(|target| target.state.as_str())),
            or_empty(figure.currency.as_deref()),
        ];
        let _ = write!(text, "{}\r\n", cells.join(","));
    };
    for figure in &view.total {
        line("all", "", "", figure);
    }
    for group in &view.items {
        let names: Vec<&str> = std::iter::once(&group.group)
            .chain(&group.with)
            .map(String::as_str)
            .collect();
        for figure in &group.figures {
            line(&view.by, &names.join(" + "), "", figure);
        }
    }
    for week in &view.weeks {
        for figure in &week.figures {
            line("week", "", &week.monday, figure);
        }
    }
    for roll in &view.roll {
        for end in &roll.ended {
            let _ = write!(
                text,
                "{},{},roll,{},,ended-{},of-cases,{},{},,,,,,,,\r\n",
                roll.from,
                roll.to,
                cell(&roll.began),
                end.ended,
                end.cases,
                roll.cases
            );
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::super::html::tests::sample;
    use super::*;

    #[test]
    fn lines_have_as_many_cells_as_the_head_and_no_formula() {
        let mut view = sample();
        view.items[0].group = "=cards \"new\"".to_owned();
        let text = csv(&view);
        let columns = HEAD.split(',').count();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.split(',').count() == columns), "{text}");
        let share = lines.iter().find(|line| line.contains("cards")).unwrap();
        assert_eq!(
            *share,
            "2026-11-02,2026-11-29,portfolio,\"'=cards \"\"new\"\"\",,contact,of-visits,50,100,5000,4038,5962,,,,,"
        );
        assert!(lines.iter().any(|line| line.ends_with(",40,,open,")), "{text}");
        let roll = "2026-11-02,2026-11-29,roll,\"M1\",,ended-settled,of-cases,2,9,,,,,,,,";
        assert!(lines.contains(&roll), "{text}");
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with(",cost-per-visit,minor-per-visit,61700,50,,,,1234,,,,JPY")),
            "{text}"
        );
    }
}
