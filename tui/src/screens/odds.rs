//! How good the chances are: Brier score beside that of the base rate, the calibration curve as signs, differences between
//! groups. No hour and no day of the week is on it, and nobody's name: a chance is planned with, not looked at.

use doorstep_domain::address::PlaceKind;
use doorstep_domain::odds::{OddsGroup, OddsOf};
use doorstep_domain::words::Lang;
use doorstep_wire::odds::{OddsBin, OddsGroupItem, OddsJudged, OddsModel, OddsReport};
use jiff::tz::TimeZone;
use ratatui_core::layout::Rect;

use super::layers::key_line;
use crate::app::effect::Topic;
use crate::app::key::Key;
use crate::app::model::{Link, Model};
use crate::command::odds::{part, percent};
use crate::table::width;
use crate::text::{counted, label, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::{Painter, wrapped};
use crate::widgets::rows::{Row, column, rows};

/// A line with its look.
type Line = (String, Role);

/// From so many cells on a group has one line; below it has one for its name and one for its numbers.
const WIDE: u16 = 70;
/// Chances are given in parts of a million.
const WHOLE: u64 = 1_000_000;
/// The width of a bin of the curve: there are ten.
const BIN: u32 = 100_000;

/// Draws the view.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let title = pick(lang, "How good the chances are", "概率的准确度");
    let keys = [(Key::Char('o'), pick(lang, "figures", "返回指标"))];
    if model.office.measures.odds.is_none() {
        let inner = framed(painter, area, title, "");
        let dim = painter.style(Role::Dim);
        painter.paragraph(inner, 1, &waiting(model), dim);
        key_line(painter, inner, &keys, lang);
        return;
    }
    let (lines, list) = (odds_lines(model), model.office.measures.odds_list);
    // The frame, and the line of keys.
    let height = usize::from(area.height.saturating_sub(3));
    let first = list.window(lines.len(), height);
    let seen = format!("{}–{} / {}", first + 1, (first + height).min(lines.len()), lines.len());
    let inner = framed(painter, area, title, &seen);
    key_line(painter, inner, &keys, lang);
    let body = Rect::new(inner.x, inner.y, inner.width, inner.height.saturating_sub(1));
    rows(painter, body, &[column("", 0)], (lines.len(), list), |at| {
        let Some((line, role)) = lines.get(at) else {
            return Row::new([]);
        };
        Row::new([line.clone()]).role(*role)
    });
}

/// What is said as long as nothing has come: how long it takes so far, or why it does not come.
fn waiting(model: &Model) -> String {
    let lang = model.lang;
    if let Some(since) = model.running(Topic::Odds) {
        let seconds = (model.now.get() - since.get()).max(0) / 1_000_000;
        return match lang {
            Lang::En => format!("the chances are judged on days that were held out ... {seconds} s"),
            Lang::Zh => format!("正在用留出的日期检验概率… {seconds} 秒"),
        };
    }
    let (english, chinese) = if matches!(model.link, Link::Offline { .. }) {
        (
            "The server cannot be reached. It is asked again every minute.",
            "无法连接服务器。每分钟重试一次。",
        )
    } else {
        (
            "It did not come. It is asked for again within a minute.",
            "未能获取。一分钟内会再次请求。",
        )
    };
    pick(lang, english, chinese).to_owned()
}

/// The report as lines for the width of the screen.
pub(crate) fn odds_lines(model: &Model) -> Vec<Line> {
    let Some(report) = &model.office.measures.odds else {
        return Vec::new();
    };
    let (lang, room) = (model.lang, model.size.0.saturating_sub(3));
    let mut lines = Vec::new();
    about_model(&mut lines, lang, room, report);
    for of in OddsOf::ALL {
        lines.push((String::new(), Role::Plain));
        match report.judged.iter().find(|judged| judged.of == of.code()) {
            Some(judged) => about_judged(&mut lines, lang, room, judged),
            None => not_yet(&mut lines, lang, room, *of),
        }
    }
    about_groups(&mut lines, lang, room, report);
    lines
}

fn say(lines: &mut Vec<Line>, room: u16, text: &str, role: Role) {
    lines.extend(
        wrapped(text, room)
            .into_iter()
            .map(|line| (line.trim_end().to_owned(), role)),
    );
}

/// Which version it is and what that was learned from.
fn about_model(lines: &mut Vec<Line>, lang: Lang, room: u16, report: &OddsReport) {
    let model = &report.model;
    say(lines, room, &version(lang, model), Role::Strong);
    if model.visits == 0 {
        return;
    }
    let day = |day: &Option<String>| day.clone().unwrap_or_default();
    let (from, to) = (day(&model.first_day), day(&model.last_day));
    let (visits, met, door, agreed) = (model.visits, model.met, model.at_the_door, model.agreed);
    let (span, ends) = match lang {
        Lang::En => (
            format!("{from} – {to}, {}", counted(visits, "visit", "visits")),
            format!("{met} met somebody, at {door} somebody came to the door, {agreed} agreed"),
        ),
        Lang::Zh => (
            format!("{from} – {to}，{visits} 次外访"),
            format!("{met} 次见到人，{door} 次有人应门，{agreed} 次达成约定"),
        ),
    };
    lines.push((span, Role::Plain));
    say(lines, room, &ends, Role::Plain);
}

fn version(lang: Lang, model: &OddsModel) -> String {
    match (lang, model.version, model.visits) {
        (Lang::En, 0, 0) => "None learned yet: what is assumed holds.".to_owned(),
        (Lang::Zh, 0, 0) => "尚未学习：采用假定值。".to_owned(),
        (Lang::En, 0, _) => "Your own visits".to_owned(),
        (Lang::Zh, 0, _) => "本机构的外访".to_owned(),
        (Lang::En, number, _) => format!("Version {number} of {}", times::maybe(model.trained_at, &TimeZone::UTC)),
        (Lang::Zh, number, _) => format!("版本 {number}（{}）", times::maybe(model.trained_at, &TimeZone::UTC)),
    }
}

fn heading(lang: Lang, of: &str) -> String {
    let of = label::<OddsOf>(lang, of);
    match lang {
        Lang::En => format!("Chance of {of}"),
        Lang::Zh => format!("概率：{of}"),
    }
}

fn not_yet(lines: &mut Vec<Line>, lang: Lang, room: u16, of: OddsOf) {
    lines.push((heading(lang, of.code()), Role::Accent));
    let english = "Not enough visits yet: it takes such visits on two days to judge it.";
    say(
        lines,
        room,
        pick(lang, english, "外访还不够：至少要有两天的此类外访才能评判。"),
        Role::Plain,
    );
}

/// How good one of the chances is, with its curve.
fn about_judged(lines: &mut Vec<Line>, lang: Lang, room: u16, judged: &OddsJudged) {
    lines.push((heading(lang, &judged.of), Role::Accent));
    let (tested, happened) = (judged.trials, judged.happened);
    let [brier, base, skill, gap] = [judged.brier_ppm, judged.base_ppm, judged.skill_ppm, judged.gap_ppm].map(part);
    let is_better = judged.skill_ppm > 0;
    let texts = match lang {
        Lang::En => [
            format!("tested {tested} times, happened {happened}"),
            format!("Brier score {brier}, base rate's {base}"),
            format!(
                "skill {skill}: {} than the base rate; mean gap {gap}",
                if is_better { "better" } else { "! NOT better" }
            ),
        ],
        Lang::Zh => [
            format!("检验 {tested} 次，发生 {happened} 次"),
            format!("Brier 分 {brier}，基准率 {base}"),
            format!(
                "技能分 {skill}：{}基准率；平均偏差 {gap}",
                if is_better { "优于" } else { "! 不优于" }
            ),
        ],
    };
    let roles = [
        Role::Plain,
        Role::Plain,
        if is_better { Role::Plain } else { Role::Warn },
    ];
    for (text, role) in texts.iter().zip(roles) {
        say(lines, room, text, role);
    }
    curve(lines, lang, room, &judged.curve);
}

/// The calibration curve, a bin a line: what was said, what happened, how often, and both as signs.
fn curve(lines: &mut Vec<Line>, lang: Lang, room: u16, bins: &[OddsBin]) {
    let heads = match lang {
        Lang::En => ["Bin %", "Said %", "Was %", "Times"],
        Lang::Zh => ["区间 %", "预测 %", "实际 %", "次数"],
    };
    let head = cells(&heads.map(str::to_owned));
    let signs = u64::from(room).saturating_sub(width(&head) as u64 + 1);
    let half = (signs / 2) as usize;
    let rest = (signs as usize).saturating_sub(half + 2);
    lines.push((format!("{head} 0{:>half$}{:>rest$}", "50", "100 %"), Role::Dim));
    for from in (0..10).map(|bin| bin * BIN) {
        let range = format!("{}–{}", from / 10_000, (from + BIN) / 10_000);
        let found = bins.iter().find(|bin| bin.from_ppm == from);
        let numbers = match found {
            Some(bin) => [
                percent(bin.said_ppm.into()),
                percent(bin.happened_ppm.into()),
                bin.trials.to_string(),
            ],
            None => ["-".to_owned(), "-".to_owned(), "0".to_owned()],
        };
        let [said, happened, times] = numbers;
        let drawn = found.map_or_else(String::new, |bin| drawn(bin, signs));
        let role = if found.is_some() { Role::Plain } else { Role::Dim };
        lines.push((format!("{} {drawn}", cells(&[range, said, happened, times])), role));
    }
    let english = "#: what happened, |: what was said. The nearer | is to the end of #, the better.";
    let chinese = "#：实际发生，|：预测。| 越接近 # 的末端越好。";
    say(lines, room, pick(lang, english, chinese), Role::Dim);
}

/// Four cells against their right edges.
fn cells(texts: &[String; 4]) -> String {
    let padded = texts.iter().zip([6_usize, 6, 6, 5]).map(|(text, cells)| {
        let pad = cells.saturating_sub(width(text));
        format!("{}{text}", " ".repeat(pad))
    });
    padded.collect::<Vec<_>>().join(" ")
}

/// A bin in so many signs: `#` up to what happened, and `|` where what was said stands.
fn drawn(bin: &OddsBin, signs: u64) -> String {
    let at = |ppm: u32| u64::from(ppm) * signs / WHOLE;
    let said = at(bin.said_ppm).min(signs.saturating_sub(1));
    let sign = |cell: u64| match cell {
        cell if cell == said => '|',
        cell if cell < at(bin.happened_ppm) => '#',
        _ => ' ',
    };
    let drawn: String = (0..signs).map(sign).collect();
    drawn.trim_end().to_owned()
}

/// What was said of groups of visits, and what happened in them.
fn about_groups(lines: &mut Vec<Line>, lang: Lang, room: u16, report: &OddsReport) {
    lines.push((String::new(), Role::Plain));
    lines.push((
        pick(lang, "Differences between groups", "分组差异").to_owned(),
        Role::Accent,
    ));
    let least = report.visits_least;
    if report.groups.is_empty() {
        let text = match lang {
            Lang::En => format!("No group has enough visits yet; of fewer than {least} nothing is told."),
            Lang::Zh => format!("各分组外访都不够；不足 {least} 次的不显示。"),
        };
        say(lines, room, &text, Role::Plain);
        return;
    }
    let mut before = None;
    for group in &report.groups {
        let head = (group.of.as_str(), group.by.as_str());
        if before.replace(head) != Some(head) {
            let by = label::<OddsGroup>(lang, &group.by);
            let text = match lang {
                Lang::En => format!("{}, by {by}", heading(lang, &group.of)),
                Lang::Zh => format!("{}，按{by}", heading(lang, &group.of)),
            };
            say(lines, room, &text, Role::Dim);
        }
        about_group(lines, lang, room, group);
    }
    let text = match lang {
        Lang::En => format!("!: differs beyond chance. Of fewer than {least} visits nothing is told."),
        Lang::Zh => format!("!：差异超出偶然。不足 {least} 次的不显示。"),
    };
    say(lines, room, &text, Role::Dim);
}

fn about_group(lines: &mut Vec<Line>, lang: Lang, room: u16, group: &OddsGroupItem) {
    let name = if group.by == OddsGroup::Place.code() {
        label::<PlaceKind>(lang, &group.name)
    } else {
        group.name.clone()
    };
    let (said, happened) = (percent(group.said_ppm.into()), percent(group.happened_ppm.into()));
    let (low, high) = (percent(group.low_ppm.into()), percent(group.high_ppm.into()));
    let numbers = match lang {
        Lang::En => format!("{}: said {said}, was {happened} ({low} – {high})", group.trials),
        Lang::Zh => format!("{}：预测 {said}，实际 {happened} ({low} – {high})", group.trials),
    };
    let (mark, role) = if group.differs {
        ("!", Role::Warn)
    } else {
        (" ", Role::Plain)
    };
    if room >= WIDE {
        let pad = " ".repeat(usize::from(room).saturating_sub(width(&name) + width(&numbers) + 3));
        lines.push((format!("{mark} {name}{pad} {numbers}"), role));
    } else {
        lines.push((format!("{mark} {name}"), role));
        lines.push((format!("  {numbers}"), role));
    }
}
