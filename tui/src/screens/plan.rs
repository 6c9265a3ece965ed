//! Plans: the list, and of the chosen one its routes as bars, what it leaves out and why, or what it changes.

use doorstep_domain::plan::{PlanChange, PlanState};
use doorstep_domain::words::Lang;
use doorstep_wire::plan::RouteItem;
use doorstep_wire::plan::look::{PlanDiff, VisitChange};
use ratatui_core::layout::Rect;

use super::maps::{self, Views, point};
use super::today::{split_x, split_y};
use crate::app::list::ListState;
use crate::app::model::Model;
use crate::app::office::{PlanShown, PlanView, Work};
use crate::command::plan::millionths;
use crate::map::{Scene, Stop, StopState};
use crate::text::{label, or_dash, pick};
use crate::theme::Role;
use crate::times;
use crate::widgets::frame::framed;
use crate::widgets::paint::Painter;
use crate::widgets::rows::{Row, column, number, rows};

/// From this width on the map stands beside the routes.
const SIDE_BY_SIDE: u16 = 110;

/// Draws the screen.
pub(super) fn draw(model: &Model, views: &Views, painter: &mut Painter<'_>, area: Rect) {
    let Some(plans) = &model.office.plans else {
        super::waiting(model, painter, area);
        return;
    };
    let rows_of_list = u16::try_from(plans.len()).unwrap_or(u16::MAX).clamp(1, 5) + 3;
    let (top, rest) = split_y(area, rows_of_list);
    list(model, painter, top);
    let (rest, work) = match &model.office.planning {
        Some(work) => {
            let (rest, below) = split_y(rest, rest.height.saturating_sub(3));
            (rest, Some((work, below)))
        }
        None => (rest, None),
    };
    if let Some((work, below)) = work {
        working(
            work,
            pick(
                model.lang,
                "Planning  x stops and keeps the best",
                "正在计划  按 x 停止并保留最好结果",
            ),
            painter,
            below,
        );
    }
    let Some(plan) = &model.office.plan else {
        let inner = framed(painter, rest, "", "");
        let dim = painter.style(Role::Dim);
        let english = "o makes a plan from the cases that are due and may be visited.";
        painter.paragraph(
            inner,
            0,
            pick(model.lang, english, "按 o 用到期且可外访的案件生成计划。"),
            dim,
        );
        return;
    };
    let (left, right) = if area.width >= SIDE_BY_SIDE {
        split_x(rest, rest.width * 3 / 5)
    } else {
        (rest, Rect::new(rest.right(), rest.y, 0, rest.height))
    };
    match model.office.plan_view {
        PlanView::Routes => routes(model, plan, painter, left),
        PlanView::LeftOut => left_out(model, plan, painter, left),
        PlanView::Diff => diff(model, model.office.diff.as_ref(), painter, left),
    }
    if right.width > 0 {
        map(model, plan, views, painter, right);
    }
}

/// Progress of something long, as a bar and in words.
pub(super) fn working(work: &Work, title: &str, painter: &mut Painter<'_>, area: Rect) {
    let percent = format!("{} %", work.permille / 10);
    let inner = framed(painter, area, title, &percent);
    let room = inner.width.saturating_sub(2).min(40);
    let full = usize::from(room * work.permille.min(1000) / 1000);
    let bar = format!(
        "[{}{}] {}",
        "#".repeat(full),
        ".".repeat(usize::from(room) - full),
        work.text
    );
    let accent = painter.style(Role::Accent);
    painter.text(inner, 0, 0, &bar, accent);
}

fn list(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let plans = model.office.plans.as_deref().unwrap_or_default();
    let inner = framed(painter, area, pick(lang, "Plans", "计划"), "");
    let columns = [
        column(pick(lang, "Day", "日期"), 10),
        column(pick(lang, "State", "状态"), 12),
        number(pick(lang, "Visits", "外访"), 6),
        number(pick(lang, "Left out", "未排"), 8),
        number(pick(lang, "Worth", "价值"), 10),
        column(pick(lang, "Check", "检查"), 0),
    ];
    rows(painter, inner, &columns, (plans.len(), model.office.plan_list), |at| {
        let Some(plan) = plans.get(at) else { return Row::new([]) };
        let findings = plan.findings.len();
        let check = match (findings, lang) {
            (0, _) => pick(lang, "nothing found", "无问题").to_owned(),
            (_, Lang::En) => format!("{findings} findings"),
            (_, Lang::Zh) => format!("{findings} 个问题"),
        };
        let row = Row::new([
            plan.first_day.clone(),
            label::<PlanState>(lang, &plan.state),
            plan.planned.to_string(),
            plan.left_out.to_string(),
            millionths(plan.objective),
            check,
        ]);
        match (findings, plan.state.as_str()) {
            (0, "superseded") => row.role(Role::Dim),
            (0, _) => row,
            _ => row.role(Role::Bad),
        }
    });
}

fn routes(model: &Model, plan: &PlanShown, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let detail = &plan.detail;
    let title = match lang {
        Lang::En => format!("{} routes  travel: {}", detail.routes.len(), detail.item.travel),
        Lang::Zh => format!(
            "{} 条路线  行程：{}",
            detail.routes.len(),
            travel_word(&detail.item.travel)
        ),
    };
    let inner = framed(
        painter,
        area,
        &title,
        pick(lang, "w left out  d differences", "w 未排入  d 差异"),
    );
    let zone = times::zone(&detail.item.zone);
    let first = detail.routes.iter().map(|route| route.depart).min().unwrap_or(0);
    let last = detail.routes.iter().map(|route| route.back).max().unwrap_or(first + 1);
    let bar = inner.width.saturating_sub(34);
    let columns = [
        column(pick(lang, "Crew", "小组"), 12),
        column("", bar),
        number(pick(lang, "Visits", "外访"), 6),
        number("km", 5),
        column(pick(lang, "Back", "返回"), 0),
    ];
    let list = ListState {
        chosen: usize::MAX,
        top: 0,
    };
    rows(painter, inner, &columns, (detail.routes.len(), list), |at| {
        let Some(route) = detail.routes.get(at) else {
            return Row::new([]);
        };
        Row::new([
            route.crew_name.clone(),
            gantt(route, first, last, bar),
            route.visits.len().to_string(),
            format!("{}.{}", route.metres / 1000, route.metres % 1000 / 100),
            times::clock(route.back, &zone),
        ])
    });
}

/// Where travel times come from, in Chinese.
fn travel_word(travel: &str) -> &str {
    match travel {
        "estimate" => "估算",
        "roads" => "道路",
        other => other,
    }
}

/// A route as a bar: `#` at a door, `-` under way.
fn gantt(route: &RouteItem, first: i64, last: i64, cells: u16) -> String {
    let span = (last - first).max(1);
    let cell = |at: i64| ((at - first).clamp(0, span) * i64::from(cells) / span) as usize;
    let mut bar = vec![' '; usize::from(cells)];
    let mut fill = |from: i64, to: i64, sign: char| {
        let (from, to) = (cell(from), cell(to).max(cell(from) + 1));
        for place in bar.iter_mut().take(to).skip(from) {
            *place = sign;
        }
    };
    fill(route.depart, route.back, '-');
    for visit in &route.visits {
        fill(visit.starts, visit.ends, '#');
    }
    bar.into_iter().collect()
}

fn left_out(model: &Model, plan: &PlanShown, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let all = plan.detail.item.left_out;
    let title = match lang {
        Lang::En => format!("Not planned {all}: why"),
        Lang::Zh => format!("未排入 {all}：原因"),
    };
    let inner = framed(painter, area, &title, "w");
    let columns = [
        column(pick(lang, "Case", "案件"), 14),
        column(pick(lang, "Why", "原因"), 0),
        column(pick(lang, "Until", "至"), 10),
    ];
    let list = ListState {
        chosen: usize::MAX,
        top: 0,
    };
    rows(painter, inner, &columns, (plan.left_out.len(), list), |at| {
        let Some(item) = plan.left_out.get(at) else {
            return Row::new([]);
        };
        let until = item.until.and_then(|until| times::date(until, &model.zone));
        Row::new([
            or_dash(item.case_no.as_deref()),
            item.sentence.clone(),
            until.map(|day| day.to_string()).unwrap_or_default(),
        ])
    });
}

fn diff(model: &Model, diff: Option<&PlanDiff>, painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let Some(diff) = diff else {
        let inner = framed(painter, area, pick(lang, "Differences", "差异"), "");
        super::waiting(model, painter, inner);
        return;
    };
    let counts = &diff.counts;
    let moved = counts.moved_day + counts.moved_crew + counts.moved_time;
    let title = match lang {
        Lang::En => format!(
            "+{} new  -{} dropped  {moved} moved  {} same",
            counts.added, counts.dropped, counts.same
        ),
        Lang::Zh => format!(
            "新增 {}  取消 {}  变动 {moved}  不变 {}",
            counts.added, counts.dropped, counts.same
        ),
    };
    let inner = framed(painter, area, &title, "d");
    let changes: Vec<&VisitChange> = diff.changes.iter().filter(|change| change.change != "same").collect();
    if changes.is_empty() {
        let good = painter.style(Role::Good);
        painter.text(inner, 0, 0, pick(lang, "Nothing changes.", "没有变化。"), good);
        return;
    }
    let zone = times::zone(&diff.zone);
    let place = |place: &Option<doorstep_wire::plan::look::ChangePlace>| {
        let said = |place: &doorstep_wire::plan::look::ChangePlace| {
            format!("{} {}", times::clock(place.starts, &zone), place.crew_name)
        };
        place.as_ref().map_or_else(String::new, said)
    };
    let columns = [
        column(pick(lang, "Case", "案件"), 12),
        column(pick(lang, "Change", "变动"), 14),
        column(pick(lang, "Before", "原"), 18),
        column(pick(lang, "Now", "现"), 0),
    ];
    let list = ListState {
        chosen: usize::MAX,
        top: 0,
    };
    rows(painter, inner, &columns, (changes.len(), list), |at| {
        let Some(change) = changes.get(at) else {
            return Row::new([]);
        };
        let now = match &change.sentence {
            Some(sentence) if change.after.is_none() => sentence.clone(),
            _ => place(&change.after),
        };
        Row::new([
            or_dash(change.case_no.as_deref()),
            label::<PlanChange>(lang, &change.change),
            place(&change.before),
            now,
        ])
    });
}

fn map(model: &Model, plan: &PlanShown, views: &Views, painter: &mut Painter<'_>, area: Rect) {
    let number_of = |visit: uuid::Uuid| {
        let place = |route: &RouteItem| route.visits.iter().position(|planned| planned.visit == visit);
        plan.detail.routes.iter().find_map(place)
    };
    let stops: Vec<Stop> = plan
        .points
        .visits
        .iter()
        .filter_map(|at| {
            Some(Stop {
                place: point([at.lat_e7, at.lon_e7])?,
                number: u32::try_from(number_of(at.visit)? + 1).ok()?,
                state: StopState::Ahead,
            })
        })
        .collect();
    let scene = Scene {
        stops: &stops,
        chosen: None,
        legs: &[],
        people: &[],
        lang: model.lang,
    };
    maps::draw(
        model,
        views,
        &scene,
        (&[], pick(model.lang, "Map", "地图")),
        painter,
        area,
    );
}
