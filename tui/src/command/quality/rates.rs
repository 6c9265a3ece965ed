//! `quality rates`: of how many visits something is known. Groups are in the order of their names; nobody is ranked.

use clap::Args;
use doorstep_domain::rate::{RateBy, RateKind};
use doorstep_domain::words::Lang;
use doorstep_wire::rate::{RateItem, RateShown, RatesQuery, RatesView};

use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, pick};

/// Which rates.
#[derive(Debug, Args)]
pub(crate) struct RatesArgs {
    /// staff, crew, portfolio or rule [default: staff]
    #[arg(long, value_name = "WHAT", conflicts_with = "own")]
    by: Option<RateBy>,
    /// The first day, in UTC [default: 27 days before the last]
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, in UTC [default: today]
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Your own
    #[arg(long)]
    own: bool,
    /// As CSV, with rates in parts per 10,000
    #[arg(long)]
    csv: bool,
}

/// Asks for rates and shows them.
pub(super) async fn rates(args: RatesArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let query = RatesQuery {
        by: args.by.map(|by| by.code().to_owned()),
        from: args.from,
        to: args.to,
    };
    let place = if args.own { "staff/me/rates" } else { "quality/rates" };
    let view: RatesView = context.client()?.get(place, &query).await?;
    let text = if args.csv { csv(&view) } else { shown(context, &view) };
    Ok(Answer::new(&view, text))
}

/// Lines for a spreadsheet. A cell that a spreadsheet could take for a formula begins with an apostrophe.
fn csv(view: &RatesView) -> String {
    let mut text = String::from("group,what,count,of,low,rate,high\r\n");
    let mut line = |group: &str, cells: [String; 6]| {
        let guard = if group.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        text.push_str(&format!(
            "\"{guard}{}\",{}\r\n",
            group.replace('"', "\"\""),
            cells.join(",")
        ));
    };
    let or_empty = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    for group in &view.items {
        if let Some(visits) = group.visits {
            let empty = String::new;
            line(
                &group.group,
                [
                    "visits".to_owned(),
                    visits.to_string(),
                    empty(),
                    empty(),
                    empty(),
                    empty(),
                ],
            );
        }
        for item in &group.counts {
            let part = |of: fn(&RateShown) -> u32| or_empty(item.rate.as_ref().map(|rate| u64::from(of(rate))));
            let of = or_empty(item.of);
            let ends = [part(|rate| rate.low), part(|rate| rate.rate), part(|rate| rate.high)];
            let [low, rate, high] = ends;
            line(
                &group.group,
                [item.what.clone(), item.count.to_string(), of, low, rate, high],
            );
        }
    }
    text
}

fn shown(context: &Context<'_>, view: &RatesView) -> String {
    let lang = context.lang;
    let head = [
        ("Group", "分组"),
        ("What", "内容"),
        ("Count", "次数"),
        ("Of", "总数"),
        ("Per 100", "每百次"),
        ("95 %", "95% 区间"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[2, 3, 4]);
    for group in &view.items {
        if let Some(visits) = group.visits {
            let dash = || "-".to_owned();
            let made = pick(lang, "visits made", "上门次数").to_owned();
            table.row([group.group.clone(), made, visits.to_string(), dash(), dash(), dash()]);
        }
        for item in group.counts.iter().filter(|item| item.count > 0) {
            let of = item.of.map_or_else(|| "-".to_owned(), |of| of.to_string());
            let [rate, interval] = told(lang, item);
            let what = label::<RateKind>(lang, &item.what);
            table.row([group.group.clone(), what, item.count.to_string(), of, rate, interval]);
        }
    }
    let mut text = Text::new(lang);
    text.fact("from", "自", &view.from);
    text.fact("to", "至", &view.to);
    text.fact("by", "按", label::<RateBy>(lang, &view.by));
    text.table(&table);
    text.say(
        &format!(
            "Of fewer than {} no rate is told. For learning only: never for pay or a ranking.",
            view.least
        ),
        &format!("不足 {} 次不计算比率。仅用于改进，不得用于薪酬或排名。", view.least),
    );
    text.finish()
}

/// The rate and its interval, or that there are too few.
fn told(lang: Lang, item: &RateItem) -> [String; 2] {
    match (item.rate, item.of) {
        (Some(rate), _) => [
            hundredths(rate.rate),
            format!("{} – {}", hundredths(rate.low), hundredths(rate.high)),
        ],
        (None, Some(_)) => [pick(lang, "too few", "样本不足").to_owned(), "-".to_owned()],
        (None, None) => ["-".to_owned(), "-".to_owned()],
    }
}

/// Parts per 10,000 as parts per 100.
fn hundredths(parts: u32) -> String {
    format!("{}.{:02}", parts / 100, parts % 100)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use doorstep_wire::rate::RateGroup;

    use super::*;

    #[test]
    fn csv_has_a_line_for_each_count_and_no_formula() {
        let rate = RateShown {
            low: 215,
            rate: 500,
            high: 1_118,
        };
        let item = |what: &str, rate| RateItem {
            what: what.to_owned(),
            count: 5,
            of: Some(100),
            rate,
        };
        let view = RatesView {
            by: "portfolio".to_owned(),
            from: "2026-11-01".to_owned(),
            to: "2026-11-28".to_owned(),
            least: 20,
            items: vec![RateGroup {
                group: "=cards, \"new\"".to_owned(),
                visits: Some(100),
                counts: vec![item("complaint", Some(rate)), item("refused", None)],
            }],
        };
        let text = csv(&view);
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[1], "\"'=cards, \"\"new\"\"\",visits,100,,,,");
        assert_eq!(lines[2], "\"'=cards, \"\"new\"\"\",complaint,5,100,215,500,1118");
        assert_eq!(lines[3], "\"'=cards, \"\"new\"\"\",refused,5,100,,,");
        assert_eq!(
            (hundredths(215).as_str(), hundredths(10_000).as_str()),
            ("2.15", "100.00")
        );
        assert_eq!(told(Lang::En, &view.items[0].counts[1])[0], "too few");
    }
}
