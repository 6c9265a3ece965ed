//! `odds`: chances of visits, how good they are, and what visits to a case are worth. No hour stands beside a name.

use crate::answer::Answer;
use crate::command::case::find_case;
use crate::command::plan::millionths;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::Table;
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use clap::{Args, Subcommand};
use doorstep_domain::address::PlaceKind;
use doorstep_domain::odds::{DayClass, HourBand, OddsGroup, OddsOf};
use doorstep_domain::worth::WorthItem;
use doorstep_wire::Page;
use doorstep_wire::odds::{CaseWorth, OddsJudged, OddsModel, OddsReport, Worth, WorthQuery};
use jiff::civil::Date;
use serde_json::json;

/// Commands of chances.
#[derive(Debug, Subcommand)]
pub(crate) enum OddsCommand {
    /// Learn chances anew from all visits that were made
    Train,
    /// How good chances are on days that were held out, by hour for kinds of places, and how groups differ
    Report,
    /// List the versions that were learned
    History,
    /// What a visit to a case is worth by day, itemised, and what it is worth not to visit
    Worth(WorthArgs),
}

/// Which case and days.
#[derive(Debug, Args)]
pub(crate) struct WorthArgs {
    /// Id or number of the case
    #[arg(long, value_name = "CASE")]
    case: String,
    /// The first day [default: today]
    #[arg(long, value_name = "DAY")]
    day: Option<Date>,
    /// How many days, 1 to 14 [default: 1]
    #[arg(long, value_name = "COUNT")]
    days: Option<u32>,
    /// Why, where the case is outside your caseload
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<String>,
}

/// Carries out a command of chances.
pub(crate) async fn run(command: OddsCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    match command {
        OddsCommand::Train => {
            let model: OddsModel = context.client()?.post("odds", &json!({})).await?;
            let mut text = Text::new(context.lang);
            about_model(&mut text, &model);
            Ok(Answer::new(&model, text.finish()))
        }
        OddsCommand::Report => {
            let report: OddsReport = context.client()?.get("odds/report", &()).await?;
            Ok(Answer::new(&report, shown(context, &report)))
        }
        OddsCommand::History => {
            let page: Page<OddsModel> = context.client()?.pages("odds", &()).await?;
            let text = history(context, &page.items);
            Ok(Answer::new(&page, text))
        }
        OddsCommand::Worth(args) => worth(args, context).await,
    }
}

fn about_model(text: &mut Text, model: &OddsModel) {
    let version = match (model.version, model.visits) {
        (0, 0) => pick(
            text.lang,
            "none learned yet: what is assumed holds",
            "尚未学习：采用假定值",
        )
        .to_owned(),
        (0, _) => pick(text.lang, "your own visits", "本机构的外访").to_owned(),
        (version, _) => version.to_string(),
    };
    text.fact("version", "版本", version);
    let days = [model.first_day.as_deref(), model.last_day.as_deref()];
    text.fact("from", "自", or_dash(days[0]));
    text.fact("to", "至", or_dash(days[1]));
    text.fact("visits", "外访", model.visits.to_string());
    text.fact("met somebody", "见到人", model.met.to_string());
    text.fact("at the door", "有人应门", model.at_the_door.to_string());
    text.fact("agreed", "达成约定", model.agreed.to_string());
}

/// Parts of a million as parts of a hundred with one decimal.
pub(crate) fn percent(ppm: i64) -> String {
    let tenths = ppm / 1_000;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

/// Parts of a million with four decimals.
pub(crate) fn part(ppm: i64) -> String {
    let sign = if ppm < 0 { "-" } else { "" };
    format!("{sign}{}.{:04}", ppm.abs() / 1_000_000, ppm.abs() % 1_000_000 / 100)
}

fn shown(context: &Context<'_>, report: &OddsReport) -> String {
    let lang = context.lang;
    let mut text = Text::new(lang);
    about_model(&mut text, &report.model);
    for judged in &report.judged {
        about_judged(&mut text, context, judged);
    }
    if report.judged.is_empty() {
        text.say(
            "Too few days of visits to judge chances by.",
            "外访天数太少，无法评判。",
        );
    }
    about_hours(&mut text, context, report);
    about_groups(&mut text, context, report);
    text.say(
        &format!("Of fewer than {} visits nothing is told.", report.visits_least),
        &format!("不足 {} 次外访的不显示。", report.visits_least),
    );
    text.finish()
}

fn about_judged(text: &mut Text, context: &Context<'_>, judged: &OddsJudged) {
    let lang = context.lang;
    text.fact("chance of", "概率", label::<OddsOf>(lang, &judged.of));
    text.fact("tested", "检验次数", judged.trials.to_string());
    text.fact("Brier score", "Brier 分", part(judged.brier_ppm));
    text.fact("base rate's", "基准率 Brier 分", part(judged.base_ppm));
    text.fact("skill", "技能分", part(judged.skill_ppm));
    text.fact("mean gap", "平均偏差", part(judged.gap_ppm));
    let head = [
        ("Said %", "预测 %"),
        ("Happened %", "实际 %"),
        ("Times", "次数"),
        ("From", "自"),
        ("To", "至"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[0, 1, 2, 3, 4]);
    for bin in &judged.curve {
        table.row([
            percent(bin.said_ppm.into()),
            percent(bin.happened_ppm.into()),
            bin.trials.to_string(),
            percent(bin.from_ppm.into()),
            percent(bin.to_ppm.into()),
        ]);
    }
    text.table(&table);
}

fn about_hours(text: &mut Text, context: &Context<'_>, report: &OddsReport) {
    if report.hours.is_empty() {
        return;
    }
    let head = [
        ("Place", "地点"),
        ("Day", "日期"),
        ("Hours", "时段"),
        ("Chance %", "概率 %"),
        ("Visits", "外访"),
        ("Met", "见到人"),
        ("Made of", "构成"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[3, 4, 5]);
    for cell in &report.hours {
        let factors = cell.factors.iter().map(|factor| match factor.of.as_str() {
            "prior" => percent(factor.ratio_ppm as i64),
            _ => format!("× {}", part(factor.ratio_ppm as i64)),
        });
        table.row([
            label::<PlaceKind>(context.lang, &cell.place),
            label::<DayClass>(context.lang, &cell.day),
            label::<HourBand>(context.lang, &cell.hours),
            percent(cell.chance_ppm.into()),
            cell.visits.to_string(),
            cell.met.to_string(),
            factors.collect::<Vec<_>>().join(" "),
        ]);
    }
    text.table(&table);
}

fn about_groups(text: &mut Text, context: &Context<'_>, report: &OddsReport) {
    if report.groups.is_empty() {
        return;
    }
    let lang = context.lang;
    let head = [
        ("Chance of", "概率"),
        ("By", "按"),
        ("Group", "分组"),
        ("Times", "次数"),
        ("Said %", "预测 %"),
        ("Happened %", "实际 %"),
        ("95 %", "95% 区间"),
        ("Differs", "有差异"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[3, 4, 5]);
    for group in &report.groups {
        let name = if group.by == OddsGroup::Place.code() {
            label::<PlaceKind>(lang, &group.name)
        } else {
            group.name.clone()
        };
        table.row([
            label::<OddsOf>(lang, &group.of),
            label::<OddsGroup>(lang, &group.by),
            name,
            group.trials.to_string(),
            percent(group.said_ppm.into()),
            percent(group.happened_ppm.into()),
            format!("{} – {}", percent(group.low_ppm.into()), percent(group.high_ppm.into())),
            if group.differs { pick(lang, "yes", "是") } else { "-" }.to_owned(),
        ]);
    }
    text.table(&table);
}

fn history(context: &Context<'_>, models: &[OddsModel]) -> String {
    let head = [
        ("Version", "版本"),
        ("Learned", "学习时间"),
        ("From", "自"),
        ("To", "至"),
        ("Visits", "外访"),
        ("Met", "见到人"),
        ("Agreed", "达成约定"),
        ("Learned from", "依据摘要"),
    ];
    let mut table = Table::new(pick_all(context, head)).align_right(&[0, 4, 5, 6]);
    for model in models {
        table.row([
            model.version.to_string(),
            times::maybe(model.trained_at, &jiff::tz::TimeZone::UTC),
            or_dash(model.first_day.as_deref()),
            or_dash(model.last_day.as_deref()),
            model.visits.to_string(),
            model.met.to_string(),
            model.agreed.to_string(),
            model.digest.chars().take(16).collect(),
        ]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}

/// The items of a worth, each a fact.
pub(crate) fn about_worth(text: &mut Text, worth: &Worth) {
    let lang = text.lang;
    for item in worth.items.iter().filter(|item| item.amount != 0) {
        let named = label::<WorthItem>(lang, &item.item);
        text.fact(&named, &named, millionths(item.amount));
    }
    text.fact("together", "合计", millionths(worth.total));
}

async fn worth(args: WorthArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let case = find_case(&client, &args.case, None).await?;
    let query = WorthQuery {
        day: args.day.map(|day| day.to_string()),
        days: args.days,
        purpose: args.purpose,
    };
    let found: CaseWorth = client.get(&format!("cases/{case}/worth"), &query).await?;
    let lang = context.lang;
    let mut text = Text::new(lang);
    text.fact("case", "案件", args.case);
    text.fact("chances", "概率版本", found.model.to_string());
    text.fact("visits made", "已外访", found.visits_made.to_string());
    for day in &found.days {
        let said = match (&day.worth, day.is_worth_it) {
            (None, _) => pick(lang, "no visit is allowed", "不允许外访"),
            (_, true) => pick(lang, "worth a visit", "值得外访"),
            (_, false) => pick(lang, "better not visited", "不外访更合适"),
        };
        text.fact("day", "日期", format!("{}  {said}", day.day));
        if let Some(worth) = &day.worth {
            about_worth(&mut text, worth);
        }
    }
    text.fact("not visiting", "不外访", millionths(found.no_visit.total));
    about_worth(&mut text, &found.no_visit);
    Ok(Answer::new(&found, text.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_million_are_told_with_their_sign() {
        assert_eq!((percent(123_456).as_str(), percent(-5_400).as_str()), ("12.3", "-0.5"));
        assert_eq!(
            (part(-49_053).as_str(), part(1_000_000).as_str()),
            ("-0.0490", "1.0000")
        );
    }
}
