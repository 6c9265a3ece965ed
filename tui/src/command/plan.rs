//! `plan propose`, `plan list`, `plan show`, `plan why`, `plan diff`, `plan left-out`, `plan points`, `plan simulate`,
//! `plan compare`, `plan publish`.

mod look;
mod propose;
mod simulate;

use crate::answer::Answer;
use crate::client::Client;
use crate::command::case::{about_verdict, find_case};
use crate::command::odds::about_worth;
use crate::command::staff::{find_team_maybe, pick_all};
use crate::command::work;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::notice::NoticeWaiver;
use doorstep_domain::plan::PlanState;
use doorstep_domain::step::VisitAskReason;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::plan::simulate::ComparedPlan;
use doorstep_wire::plan::{PlanDetail, PlanItem, PlanRequest, RouteItem, Why};
use jiff::tz::TimeZone;
use serde::Serialize;
use simulate::SimulateArgs;
use uuid::Uuid;

/// Commands of plans. A plan is named by its id or by `latest`.
#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Propose a plan; nothing is binding until it is published
    Propose(ProposeArgs),
    /// List plans
    List,
    /// Show a plan with its routes and why cases are left out
    Show {
        /// Id of the plan, or `latest`
        plan: String,
    },
    /// Say why a case is in a plan or not
    Why {
        /// Id of the plan, or `latest`
        plan: String,
        /// Id or number of the case
        case: String,
    },
    /// Ask for a visit of a case by name: plans take it for two weeks, although by its strategy something else comes next
    Ask {
        /// Id or number of the case
        case: String,
        /// person-asked, appointment or reviewed
        #[arg(long, value_name = "CODE")]
        reason: VisitAskReason,
    },
    /// Show what a plan changes against another
    Diff {
        /// Id of the plan, or `latest`
        plan: String,
        /// Id of the other [default: the published plans that it takes the place of]
        #[arg(long, value_name = "PLAN")]
        against: Option<Uuid>,
    },
    /// List the cases that a plan leaves out, each with its reason
    LeftOut {
        /// Id of the plan, or `latest`
        plan: String,
        /// Only those with this reason: a code, or the id of a rule
        #[arg(long)]
        reason: Option<String>,
    },
    /// Show where the visits of a plan are
    Points {
        /// Id of the plan, or `latest`
        plan: String,
    },
    /// Show what becomes of a plan on real days: people out, visits overrunning, roads slow
    Simulate {
        /// Id of the plan, or `latest`
        plan: String,
        #[command(flatten)]
        args: SimulateArgs,
    },
    /// Show which of two plans gives more on real days, under the same luck
    Compare {
        /// Id of a plan, or `latest`
        plan: String,
        /// Id of the other, or `latest`
        other: String,
        #[command(flatten)]
        args: SimulateArgs,
    },
    /// Make a plan binding; crews carry it out
    Publish {
        /// Id of the plan, or `latest`
        plan: String,
        /// Publish without asking
        #[arg(long)]
        yes: bool,
        /// Announce no visit, and why: person-asked, unreachable, demonstration
        #[arg(long, value_name = "REASON")]
        without_notice: Option<NoticeWaiver>,
        /// The creditor's approval of that, which an agency needs
        #[arg(long, value_name = "ID", requires = "without_notice")]
        approval: Option<Uuid>,
    },
}

/// What to plan.
#[derive(Debug, Args)]
pub(crate) struct ProposeArgs {
    /// Name or id of the team [default: yours]
    #[arg(long)]
    team: Option<String>,
    /// First day [default: today]
    #[arg(long)]
    day: Option<jiff::civil::Date>,
    /// Number of days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=14))]
    days: Option<u32>,
    /// Seed of the search; the same seed gives the same plan
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Iterations of the search
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    iterations: Option<u64>,
    /// Seconds that the search may take
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=300))]
    seconds: Option<u32>,
    /// Plan also visits for which no notice can leave in time; publishing them needs a reason
    #[arg(long)]
    without_notice: bool,
    /// Minutes that visits are planned to take longer than they do, so that a route bears delays
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=60))]
    padding: Option<u32>,
    /// Search so many plans, with other paddings and seeds, and keep the one that gives most on simulated days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=8))]
    compare: Option<u32>,
}

/// A plan as it was proposed.
#[derive(Debug, Serialize)]
struct Proposed {
    #[serde(flatten)]
    plan: PlanDetail,
    /// The plans that it was chosen from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compared: Vec<ComparedPlan>,
}

/// Carries out a command of plans.
pub(crate) async fn run(command: PlanCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        PlanCommand::Propose(args) => propose_plan(args, context).await,
        PlanCommand::List => list(context).await,
        PlanCommand::Show { plan } => {
            let client = context.client()?;
            let detail = find_plan(&client, &plan).await?;
            Ok(answer(context, &detail))
        }
        PlanCommand::Why { plan, case } => why(&plan, &case, context).await,
        PlanCommand::Ask { case, reason } => work::ask(&case, reason, context).await,
        PlanCommand::Diff { plan, against } => look::diff(&plan, against, context).await,
        PlanCommand::LeftOut { plan, reason } => look::left_out(&plan, reason, context).await,
        PlanCommand::Points { plan } => look::points(&plan, context).await,
        PlanCommand::Simulate { plan, args } => simulate::simulate((&plan, None), &args, context).await,
        PlanCommand::Compare { plan, other, args } => simulate::simulate((&plan, Some(&other)), &args, context).await,
        PlanCommand::Publish {
            plan,
            yes,
            without_notice,
            approval,
        } => publish(&plan, yes, (without_notice, approval), context).await,
    }
}

async fn propose_plan(args: ProposeArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let request = PlanRequest {
        team: find_team_maybe(&client, args.team.as_deref()).await?,
        first_day: args.day.map(|day| day.to_string()),
        days: args.days,
        seed: args.seed,
        iterations: args.iterations,
        seconds: args.seconds,
        without_notice: args.without_notice,
        padding_s: args.padding.map(|minutes| minutes * 60),
        compare: args.compare,
    };
    let (plan, compared) = propose::made(&client, &request, context).await?;
    let plan: PlanDetail = client.get(&format!("plans/{plan}"), &()).await?;
    let mut text = about_detail(context, &plan);
    simulate::about_compared(&mut text, context, &compared);
    Ok(Answer::new(&Proposed { plan, compared }, text.finish()))
}

/// The plan with this id, or the one made last.
async fn find_plan(client: &Client, given: &str) -> Result<PlanDetail, Failure> {
    let id = find_plan_id(client, given).await?;
    client.get(&format!("plans/{id}"), &()).await
}

async fn find_plan_id(client: &Client, given: &str) -> Result<Uuid, Failure> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let unknown = || Failure::Unknown {
        kind: "plan",
        given: given.to_owned(),
    };
    if given != "latest" {
        return Err(unknown());
    }
    let plans: Page<PlanItem> = client.pages("plans", &()).await?;
    let latest = plans.items.iter().max_by_key(|plan| plan.created_at);
    latest.map(|plan| plan.id).ok_or_else(unknown)
}

async fn list(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let page: Page<PlanItem> = context.client()?.pages("plans", &()).await?;
    let head = [
        ("Plan", "计划"),
        ("First day", "首日"),
        ("Days", "天数"),
        ("State", "状态"),
        ("Visits", "外访"),
        ("Left out", "未排入"),
        ("Made", "生成时间"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[2, 4, 5]);
    for plan in &page.items {
        table.row([
            plan.id.to_string(),
            plan.first_day.clone(),
            plan.days.to_string(),
            label::<PlanState>(context.lang, &plan.state),
            plan.planned.to_string(),
            plan.left_out.to_string(),
            times::at(plan.created_at, &context.zone),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&page, text.finish()))
}

fn answer(context: &Context<'_>, detail: &PlanDetail) -> Answer {
    Answer::new(detail, about_detail(context, detail).finish())
}

fn about_detail(context: &Context<'_>, detail: &PlanDetail) -> Text {
    let mut text = Text::new(context.lang);
    let zone = times::zone(&detail.item.zone);
    about_plan(&mut text, &detail.item, &zone);
    for route in &detail.routes {
        about_route(&mut text, route, &zone);
    }
    if !detail.reasons.is_empty() {
        let head = [
            ("Cases left out", "未排入案件"),
            ("Why", "原因"),
            ("Reason", "原因代码"),
        ];
        let mut table = Table::new(pick_all(context, head)).align_right(&[0]);
        for reason in &detail.reasons {
            table.row([reason.cases.to_string(), reason.words.clone(), reason.reason.clone()]);
        }
        text.table(&table);
    }
    for warning in &detail.warnings {
        text.fact("note", "提示", warning.clone());
    }
    text
}

fn about_plan(text: &mut Text, plan: &PlanItem, zone: &TimeZone) {
    let lang = text.lang;
    text.fact("plan", "计划", plan.id.to_string());
    text.fact("state", "状态", label::<PlanState>(lang, &plan.state));
    text.fact("days", "日期", format!("{} × {}", plan.first_day, plan.days));
    text.fact("visits planned", "排入外访", plan.planned.to_string());
    text.fact("cases left out", "未排入案件", plan.left_out.to_string());
    text.fact("worth", "价值", millionths(plan.objective));
    let travel = match plan.travel.as_str() {
        "estimate" => pick(lang, "estimated: great circle × factor", "估算：大圆距离 × 系数"),
        "roads" => pick(lang, "by roads", "按路网"),
        other => other,
    };
    text.fact("travel times", "行程时间", travel);
    let findings = if plan.findings.is_empty() {
        pick(lang, "none", "无").to_owned()
    } else {
        plan.findings.join("; ")
    };
    text.fact("findings of the check", "独立检查发现", findings);
    text.fact("rule packs", "规则包", &plan.packs);
    text.fact("times in", "时间所用时区", times::zone_name(zone));
}

fn about_route(text: &mut Text, route: &RouteItem, zone: &TimeZone) {
    let lang = text.lang;
    let length = format!("{}.{} km", route.metres / 1000, route.metres % 1000 / 100);
    let line = match lang {
        Lang::En => format!(
            "{} {}: leaves {}, back {}, {length}, {} under way, {}",
            route.day,
            route.crew_name,
            times::clock(route.depart, zone),
            times::clock(route.back, zone),
            times::span(route.driving),
            counted(route.visits.len(), "visit", "visits")
        ),
        Lang::Zh => format!(
            "{} {}：{} 出发，{} 返回，{length}，路上 {}，外访 {} 次",
            route.day,
            route.crew_name,
            times::clock(route.depart, zone),
            times::clock(route.back, zone),
            times::span(route.driving),
            route.visits.len()
        ),
    };
    text.line(&line);
    let head = [
        ("#", "#"),
        ("Arrive", "到达"),
        ("From", "开始"),
        ("To", "结束"),
        ("Case", "案件编号"),
        ("Worth", "价值"),
        ("Visit", "外访"),
    ];
    let mut table = Table::new(head.map(|(english, chinese)| pick(lang, english, chinese))).align_right(&[0, 5]);
    for (place, visit) in route.visits.iter().enumerate() {
        table.row([
            (place + 1).to_string(),
            times::clock(visit.arrive, zone),
            times::clock(visit.starts, zone),
            times::clock(visit.ends, zone),
            visit.case_no.clone().unwrap_or_else(|| visit.case.to_string()),
            millionths(visit.value),
            visit.visit.to_string(),
        ]);
    }
    text.table(&table);
}

/// Millionths of the main unit, with two decimals, rounded towards zero.
pub(crate) fn millionths(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    format!("{sign}{}.{:02}", value / 1_000_000, value % 1_000_000 / 10_000)
}

async fn why(plan: &str, case: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let plan = find_plan_id(&client, plan).await?;
    let case = find_case(&client, case, None).await?;
    let why: Why = client.get(&format!("plans/{plan}/why/{case}"), &()).await?;
    let zone = times::zone(&why.zone);
    let mut text = Text::new(context.lang);
    text.fact("case", "案件", why.case.to_string());
    if let Some(visit) = &why.planned {
        let span = format!(
            "{} – {}",
            times::at(visit.starts, &zone),
            times::clock(visit.ends, &zone)
        );
        text.fact("planned", "已排入", span);
        text.fact("visit", "外访", visit.visit.to_string());
        text.fact(
            "crew",
            "外访组",
            or_dash(why.crew.map(|crew| crew.to_string()).as_deref()),
        );
        text.fact("worth", "价值", millionths(visit.value));
    }
    if let Some(reason) = &why.reason {
        text.fact("reason", "原因代码", reason);
    }
    text.line(&why.sentence);
    if let Some(worth) = &why.worth {
        about_worth(&mut text, worth);
    }
    if let Some(worth) = &why.no_visit {
        text.fact("not visiting", "不外访", millionths(worth.total));
        about_worth(&mut text, worth);
    }
    if let Some(verdict) = &why.verdict {
        about_verdict(&mut text, verdict, &zone);
    }
    Ok(Answer::new(&why, text.finish()))
}

/// Publishes a plan of which this version was seen; with a reason where its visits are not announced.
pub(crate) async fn publish_seen(
    client: &Client,
    (plan, version): (Uuid, i64),
    (without_notice, approval): (Option<NoticeWaiver>, Option<Uuid>),
) -> Result<PlanItem, Failure> {
    let mut query = without_notice.map_or_else(String::new, |reason| format!("?without_notice={reason}"));
    if let Some(approval) = approval {
        query = format!("{query}&approval={approval}");
    }
    client
        .post_version(&format!("plans/{plan}/publish{query}"), version)
        .await
}

async fn publish(
    plan: &str,
    yes: bool,
    (without_notice, approval): (Option<NoticeWaiver>, Option<Uuid>),
    context: &mut Context<'_>,
) -> Result<Answer, Failure> {
    let client = context.client()?;
    let seen = find_plan(&client, plan).await?.item;
    let question = match context.lang {
        Lang::En => format!(
            "Publish {} for {} from {}?",
            counted(seen.planned, "visit", "visits"),
            counted(seen.days, "day", "days"),
            seen.first_day
        ),
        Lang::Zh => format!(
            "发布自 {} 起 {} 天、{} 次外访的计划？",
            seen.first_day, seen.days, seen.planned
        ),
    };
    context.confirm(&question, yes)?;
    let published = publish_seen(&client, (seen.id, seen.version), (without_notice, approval)).await?;
    let mut text = Text::new(context.lang);
    about_plan(&mut text, &published, &times::zone(&published.zone));
    Ok(Answer::new(&published, text.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worth_is_shown_in_main_units() {
        for (value, text) in [
            (0, "0.00"),
            (12_345_678, "12.34"),
            (-5_010_000, "-5.01"),
            (9_999, "0.00"),
        ] {
            assert_eq!(millionths(value), text);
        }
    }
}
