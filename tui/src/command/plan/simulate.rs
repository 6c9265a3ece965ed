//! `plan simulate`, `plan compare`, and what `plan propose --compare` says of the plans it chose from.

use super::{find_plan_id, millionths};
use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, pick};
use crate::times;
use clap::Args;
use doorstep_domain::words::Lang;
use doorstep_wire::plan::simulate::{
    ComparedPlan, FigureItem, PlanSimulation, ShareItem, SimulateRequest, VisitRiskItem,
};
use uuid::Uuid;

/// Visits that are shown; `--json` has all.
const SHOWN: usize = 10;

/// How a plan is replayed.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// How often the plan is replayed
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(20..=10_000))]
    runs: u32,
    /// Seed of the luck; the same seed gives the same figures
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Roads so many percent slower than assumed
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=300))]
    slow: Option<u32>,
    /// Visits so many percent longer than assumed
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=300))]
    overrun: Option<u32>,
    /// Chance that a visit meets somebody, for all visits alike
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=100))]
    met: Option<u32>,
    /// Days that go exactly as planned
    #[arg(long)]
    exact: bool,
}

impl SimulateArgs {
    fn request(&self, against: Option<Uuid>) -> SimulateRequest {
        SimulateRequest {
            runs: Some(self.runs),
            seed: self.seed,
            slow_percent: self.slow,
            overrun_percent: self.overrun,
            met_percent: self.met,
            exact: self.exact,
            against,
        }
    }
}

/// Replays a plan and, where one is named, another beside it.
pub(super) async fn simulate(
    (plan, against): (&str, Option<&str>),
    args: &SimulateArgs,
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let client = context.client()?;
    let plan = find_plan_id(&client, plan).await?;
    let against = match against {
        Some(other) => Some(find_plan_id(&client, other).await?),
        None => None,
    };
    let request = args.request(against);
    let sums: PlanSimulation = client.post(&format!("plans/{plan}/simulate"), &request).await?;
    let mut text = Text::new(context.lang);
    about_sums(&mut text, &sums);
    about_routes(&mut text, context, &sums);
    about_visits(&mut text, context, &sums);
    about_other(&mut text, &sums);
    Ok(Answer::new(&sums, text.finish()))
}

fn about_sums(text: &mut Text, sums: &PlanSimulation) {
    text.fact("plan", "计划", sums.plan.to_string());
    text.fact("replayed", "推演次数", format!("{} × (seed {})", sums.runs, sums.seed));
    text.fact("met", "见到人的概率", format!("{} %", sums.assumed.met_percent));
    text.fact("planned worth", "计划价值", millionths(sums.objective));
    text.fact("simulated worth", "推演价值", money(&sums.total));
    let visits = format!("{} / {}", thousandths(&sums.made), sums.planned);
    text.fact("visits made", "完成外访", visits);
    text.fact("people met", "见到人", thousandths(&sums.met));
    text.fact("shifts with overtime", "超时班次", percent(&sums.late_back));
    text.fact("overtime", "超时", minutes(&sums.overtime));
    text.fact("late at the door", "迟到", minutes(&sums.delay));
    text.fact("after the hours told", "超出告知时段", percent(&sums.after_told));
    if !sums.stopped.is_empty() {
        let count = sums.stopped.len();
        text.fact("no longer allowed", "现已不允许", counted(count, "visit", "visits"));
    }
}

fn about_routes(text: &mut Text, context: &Context<'_>, sums: &PlanSimulation) {
    let head = [
        ("Day", "日期"),
        ("Crew", "外访组"),
        ("Visits", "外访"),
        ("Made", "完成"),
        ("Worth", "价值"),
        ("With overtime", "超时概率"),
        ("Overtime", "超时"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[2, 3, 4, 5, 6]);
    for route in &sums.routes {
        table.row([
            route.day.clone(),
            route.crew_name.clone(),
            route.planned.to_string(),
            one_decimal(route.made.mean),
            millionths(route.total.mean),
            percent(&route.late_back),
            minutes(&route.overtime),
        ]);
    }
    text.table(&table);
}

fn about_visits(text: &mut Text, context: &Context<'_>, sums: &PlanSimulation) {
    let doubtful = |risk: &&VisitRiskItem| risk.falls_out.ppm > 0 || risk.after_told.ppm > 0;
    let zone = times::zone(&sums.zone);
    let head = [
        ("Case", "案件编号"),
        ("Planned", "计划时间"),
        ("Falls out", "落空概率"),
        ("After hours told", "超出告知时段"),
        ("Late", "迟到"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[2, 3, 4]);
    let mut rows = 0;
    for risk in sums.visits.iter().filter(doubtful).take(SHOWN) {
        rows += 1;
        table.row([
            risk.case_no.clone().unwrap_or_else(|| risk.case.to_string()),
            times::at(risk.starts, &zone),
            percent(&risk.falls_out),
            percent(&risk.after_told),
            format!("{} min", one_decimal(risk.delay_s * 1_000 / 60)),
        ]);
    }
    if rows > 0 {
        text.table(&table);
    }
}

fn about_other(text: &mut Text, sums: &PlanSimulation) {
    let Some(other) = &sums.against else { return };
    text.fact("against", "对比", other.plan.to_string());
    text.fact("its planned worth", "其计划价值", millionths(other.objective));
    text.fact("its simulated worth", "其推演价值", money(&other.total));
    let visits = format!("{} / {}", thousandths(&other.made), other.planned);
    text.fact("its visits made", "其完成外访", visits);
    text.fact("its shifts with overtime", "其超时班次", percent(&other.late_back));
    let (more, error) = (other.more.mean, other.more.error);
    let (by, error) = (millionths(more.abs()), millionths(error));
    let runs = percent(&other.better);
    let line = match (text.lang, verdict(&other.more)) {
        (Lang::En, None) => format!("The two are not told apart: they differ by {by} ± {error}."),
        (Lang::Zh, None) => format!("两者无法区分：相差 {by} ± {error}。"),
        (Lang::En, Some(true)) => {
            format!("The first is better by {by} ± {error}; it gives more in {runs} of the runs.")
        }
        (Lang::Zh, Some(true)) => format!("第一个更好，多 {by} ± {error}；在 {runs} 的推演中更高。"),
        (Lang::En, Some(false)) => {
            format!("The second is better by {by} ± {error}; the first gives more in {runs} of the runs.")
        }
        (Lang::Zh, Some(false)) => format!("第二个更好，多 {by} ± {error}；第一个仅在 {runs} 的推演中更高。"),
    };
    text.line(&line);
}

/// Whether a difference is more than two standard errors, and on which side.
fn verdict(more: &FigureItem) -> Option<bool> {
    (more.mean.abs() > 2 * more.error && more.mean != 0).then_some(more.mean > 0)
}

/// What the plans came to of which one was kept, and why it was.
pub(super) fn about_compared(text: &mut Text, context: &Context<'_>, compared: &[ComparedPlan]) {
    let Some(kept) = compared.iter().find(|plan| plan.kept) else {
        return;
    };
    let head = [
        ("", ""),
        ("Seed", "种子"),
        ("Padding", "余量"),
        ("Visits", "外访"),
        ("Planned worth", "计划价值"),
        ("Simulated worth", "推演价值"),
        ("Made", "完成"),
        ("With overtime", "超时概率"),
        ("Behind", "落后"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[1, 2, 3, 4, 5, 6, 7, 8]);
    for plan in compared {
        table.row([
            if plan.kept { "*" } else { "" }.to_owned(),
            plan.seed.to_string(),
            times::span(plan.padding_s),
            plan.planned.to_string(),
            millionths(plan.objective),
            format!("{} ± {}", millionths(plan.total.mean), millionths(plan.total.error)),
            one_decimal(plan.made.mean),
            percent(&plan.late_back),
            plan.behind.map_or_else(String::new, |behind| {
                format!("{} ± {}", millionths(behind.mean), millionths(behind.error))
            }),
        ]);
    }
    text.table(&table);
    let next = compared
        .iter()
        .filter_map(|plan| plan.behind)
        .min_by_key(|behind| behind.mean);
    let by = next.map_or_else(String::new, |behind| {
        format!("{} ± {}", millionths(behind.mean), millionths(behind.error))
    });
    text.line(&match context.lang {
        Lang::En => format!(
            "Kept the one with seed {} and {} more for each visit: on simulated days it gives {}, {by} more than the next.",
            kept.seed,
            times::span(kept.padding_s),
            millionths(kept.total.mean)
        ),
        Lang::Zh => format!(
            "保留种子 {}、每次外访多留 {} 的计划：推演价值 {}，比次优多 {by}。",
            kept.seed,
            times::span(kept.padding_s),
            millionths(kept.total.mean)
        ),
    });
    if let Some(false) = next.as_ref().map(|next| verdict(next).is_some()) {
        text.line(pick(
            context.lang,
            "The difference is within twice its standard error: another seed may choose the other.",
            "差异在两倍标准误以内：换一个种子可能选中另一个。",
        ));
    }
}

fn money(figure: &FigureItem) -> String {
    format!(
        "{} ± {}  ({} … {} … {})",
        millionths(figure.mean),
        millionths(figure.error),
        millionths(figure.p5),
        millionths(figure.p50),
        millionths(figure.p95)
    )
}

fn thousandths(figure: &FigureItem) -> String {
    format!(
        "{}  ({} … {} … {})",
        one_decimal(figure.mean),
        figure.p5 / 1_000,
        figure.p50 / 1_000,
        figure.p95 / 1_000
    )
}

/// Thousandths with one decimal.
fn one_decimal(thousandths: i64) -> String {
    format!("{}.{}", thousandths / 1_000, thousandths % 1_000 / 100)
}

fn percent(share: &ShareItem) -> String {
    format!("{}.{} %", share.ppm / 10_000, share.ppm % 10_000 / 1_000)
}

/// Seconds as minutes: the mean, and what all but one in twenty do not exceed.
fn minutes(figure: &FigureItem) -> String {
    let minutes = |seconds: i64| one_decimal(seconds * 1_000 / 60);
    format!("{} min (95 %: {})", minutes(figure.mean), minutes(figure.p95))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_as_people_read_them() {
        let figure = FigureItem {
            mean: 3_725_000,
            error: 12_000,
            p5: -1_000_000,
            p50: 3_000_000,
            p95: 9_990_000,
        };
        assert_eq!(money(&figure), "3.72 ± 0.01  (-1.00 … 3.00 … 9.99)");
        assert_eq!(thousandths(&figure), "3725.0  (-1000 … 3000 … 9990)");
        let share = ShareItem {
            ppm: 123_456,
            error_ppm: 1,
        };
        assert_eq!(percent(&share), "12.3 %");
        let seconds = FigureItem {
            mean: 90,
            p95: 330,
            ..FigureItem::default()
        };
        assert_eq!(minutes(&seconds), "1.5 min (95 %: 5.5)");
    }

    #[test]
    fn a_difference_within_its_error_decides_nothing() {
        let more = |mean, error| FigureItem {
            mean,
            error,
            ..FigureItem::default()
        };
        for (figure, told) in [
            (more(3, 1), Some(true)),
            (more(-3, 1), Some(false)),
            (more(2, 1), None),
            (more(0, 0), None),
        ] {
            assert_eq!(verdict(&figure), told, "{figure:?}");
        }
    }
}
