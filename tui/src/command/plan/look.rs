//! `plan diff`, `plan left-out`, `plan points`: a closer look at a plan before it is published.

use super::{find_plan_id, millionths};
use crate::answer::Answer;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, counted, label, or_dash, pick};
use crate::times;
use doorstep_domain::plan::PlanChange;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::plan::look::{
    ChangePlace, DiffQuery, LeftOutItem, LeftOutQuery, PlanDiff, PlanPoints, PlanTotals, VisitChange,
};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Cases asked for at once.
const PAGE: u32 = 500;

/// Shows what a plan changes.
pub(super) async fn diff(plan: &str, against: Option<Uuid>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let plan = find_plan_id(&client, plan).await?;
    let diff: PlanDiff = client
        .get(&format!("plans/{plan}/diff"), &DiffQuery { against })
        .await?;
    let zone = times::zone(&diff.zone);
    let mut text = Text::new(context.lang);
    text.fact("plan", "计划", diff.plan.to_string());
    let others: Vec<String> = diff.against.iter().map(Uuid::to_string).collect();
    text.fact("against", "对比", or_dash(Some(&others.join(", "))));
    about_totals(&mut text, &diff.before, &diff.after);
    let counts = &diff.counts;
    for (change, count) in [
        (PlanChange::Dropped, counts.dropped),
        (PlanChange::Added, counts.added),
        (PlanChange::MovedDay, counts.moved_day),
        (PlanChange::MovedCrew, counts.moved_crew),
        (PlanChange::MovedTime, counts.moved_time),
        (PlanChange::Same, counts.same),
    ] {
        let name = label::<PlanChange>(context.lang, change.code());
        text.fact(&name, &name, count.to_string());
    }
    text.fact("times in", "时间所用时区", times::zone_name(&zone));
    let changed = diff.changes.iter().filter(|one| one.change != PlanChange::Same.code());
    let head = [
        ("Change", "变化"),
        ("Case", "案件编号"),
        ("Before", "原安排"),
        ("After", "新安排"),
        ("Why not", "未排入原因"),
    ];
    let mut table = Table::new(pick_all(context, head));
    let mut rows = 0;
    for change in changed {
        rows += 1;
        table.row(row(context.lang, change, &zone));
    }
    if rows == 0 {
        text.say("Every visit stays as it was.", "所有外访均无变化。");
    } else {
        text.table(&table);
    }
    Ok(Answer::new(&diff, text.finish()))
}

fn about_totals(text: &mut Text, before: &PlanTotals, after: &PlanTotals) {
    let mut both = |english, chinese, left: String, right: String| {
        text.fact(english, chinese, format!("{left} → {right}"));
    };
    both("visits", "外访", before.visits.to_string(), after.visits.to_string());
    both(
        "worth",
        "价值",
        millionths(before.objective),
        millionths(after.objective),
    );
    let km = |metres: i64| format!("{}.{} km", metres / 1000, metres % 1000 / 100);
    both("length", "里程", km(before.metres), km(after.metres));
    both(
        "under way",
        "路上时间",
        times::span(before.driving),
        times::span(after.driving),
    );
}

fn row(lang: Lang, change: &VisitChange, zone: &TimeZone) -> [String; 5] {
    let place = |place: &Option<ChangePlace>| {
        or_dash(
            place
                .as_ref()
                .map(|place| {
                    let clock = times::clock(place.starts, zone);
                    format!("{} {clock} {}", place.day, place.crew_name)
                })
                .as_deref(),
        )
    };
    [
        label::<PlanChange>(lang, &change.change),
        change.case_no.clone().unwrap_or_else(|| change.case.to_string()),
        place(&change.before),
        place(&change.after),
        or_dash(change.sentence.as_deref()),
    ]
}

/// Lists what a plan leaves out.
pub(super) async fn left_out(plan: &str, reason: Option<String>, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let plan = find_plan_id(&client, plan).await?;
    let query = LeftOutQuery {
        reason,
        limit: Some(PAGE),
        cursor: None,
    };
    let page: Page<LeftOutItem> = client.pages(&format!("plans/{plan}/left-out"), &query).await?;
    let head = [
        ("Case", "案件编号"),
        ("Why", "原因"),
        ("Until", "限制至"),
        ("Reason", "原因代码"),
    ];
    let mut table = Table::new(pick_all(context, head));
    for item in &page.items {
        table.row([
            item.case_no.clone().unwrap_or_else(|| item.case.to_string()),
            item.sentence.clone(),
            times::maybe(item.until, &context.zone),
            item.reason.clone(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.line(&match context.lang {
        Lang::En => format!("{} left out", counted(page.items.len(), "case", "cases")),
        Lang::Zh => format!("未排入案件 {} 件", page.items.len()),
    });
    Ok(Answer::new(&page, text.finish()))
}

/// Shows where the visits of a plan are.
pub(super) async fn points(plan: &str, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let plan = find_plan_id(&client, plan).await?;
    let points: PlanPoints = client.get(&format!("plans/{plan}/points"), &()).await?;
    let mut table = Table::new(pick_all(
        context,
        [
            ("What", "类别"),
            ("Id", "编号"),
            ("Latitude", "纬度"),
            ("Longitude", "经度"),
        ],
    ))
    .align_right(&[2, 3]);
    let visits = points
        .visits
        .iter()
        .map(|at| (pick(context.lang, "visit", "外访"), at.visit, at.lat_e7, at.lon_e7));
    let crews = points
        .crews
        .iter()
        .map(|at| (pick(context.lang, "crew", "外访组"), at.crew, at.lat_e7, at.lon_e7));
    for (what, id, lat, lon) in visits.chain(crews) {
        table.row([what.to_owned(), id.to_string(), degrees(lat), degrees(lon)]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    Ok(Answer::new(&points, text.finish()))
}

/// Degrees with seven decimals.
fn degrees(e7: i64) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let e7 = e7.unsigned_abs();
    format!("{sign}{}.{:07}", e7 / 10_000_000, e7 % 10_000_000)
}

#[cfg(test)]
mod tests {
    use super::degrees;

    #[test]
    fn degrees_keep_all_their_places() {
        assert_eq!(degrees(411_456_000), "41.1456000");
        assert_eq!(degrees(-86_105), "-0.0086105");
    }
}
