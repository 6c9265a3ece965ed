//! Measures: one figure for all groups, with its interval as a bar, and its weeks below. No list of persons is in the order of
//! what they did.

use doorstep_domain::report::{FigureKind, ReportBy};
use doorstep_domain::words::{Lang, word};
use doorstep_wire::report::{ReportFigure, ReportView};
use ratatui_core::layout::Rect;

use crate::app::model::Model;
use crate::command::report::{formula, has_something, interval, roll, target, value};
use crate::text::{label, pick};
use crate::theme::Role;
use crate::widgets::frame::framed;
use crate::widgets::paint::{Painter, wrapped};
use crate::widgets::rows::{Row, column, number, rows};

/// From this width on there is room for numerator, denominator and a bar.
const WIDE: u16 = 76;
/// The rows of the weeks, with their head.
const WEEKS: u16 = 6;

/// Draws the screen.
pub(super) fn draw(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let (lang, measures) = (model.lang, &model.office.measures);
    let Some(view) = &measures.view else {
        super::waiting(model, painter, area);
        return;
    };
    let title = format!(
        "{}, {} {}",
        word(lang, measures.figure),
        pick(lang, "by", "按"),
        by_word(model, view)
    );
    let mut inner = framed(painter, area, &title, &format!("{} – {}", view.from, view.to));
    let dim = painter.style(Role::Dim);
    let used = painter.paragraph(inner, 0, formula(measures.figure, lang), dim);
    inner = below(inner, used);
    if view.total.is_empty() {
        painter.paragraph(inner, 1, &too_few(lang, view.cases_least), dim);
        return;
    }
    let weeks = told_weeks(model, view);
    let with_weeks = inner.height >= WEEKS + 6 && weeks.len() > 1;
    let body = Rect::new(
        inner.x,
        inner.y,
        inner.width,
        inner.height - if with_weeks { WEEKS } else { 0 },
    );
    table(model, painter, body);
    if with_weeks {
        let foot = below(inner, body.height + 1);
        draw_weeks(model, &weeks, painter, foot);
    }
}

/// Why nothing is told.
fn too_few(lang: Lang, least: u64) -> String {
    match lang {
        Lang::En => format!("Of fewer than {least} cases nothing is told, so that no figure points at one person."),
        Lang::Zh => format!("不足 {least} 件案件，不显示任何指标，以免指向个人。"),
    }
}

fn below(area: Rect, used: u16) -> Rect {
    let used = used.min(area.height);
    Rect::new(area.x, area.y + used, area.width, area.height - used)
}

fn by_word(model: &Model, view: &ReportView) -> String {
    label::<ReportBy>(model.lang, &view.by)
}

fn table(model: &Model, painter: &mut Painter<'_>, area: Rect) {
    let (lang, measures) = (model.lang, &model.office.measures);
    let shown = measures.rows(lang);
    let wide = area.width >= WIDE;
    let mut columns = vec![
        column(pick(lang, "Group", "分组"), if wide { 16 } else { 0 }),
        number(pick(lang, "Value", "数值"), 11),
        column("95 %", 15),
    ];
    if wide {
        columns.insert(1, number(pick(lang, "Of", "分母"), 7));
        columns.insert(1, number(pick(lang, "Count", "分子"), 7));
        columns.push(column("", 0));
    }
    let room = area
        .width
        .saturating_sub(columns.iter().map(|column| column.width + 1).sum());
    rows(painter, area, &columns, (shown.len(), measures.list), |at| {
        let Some((name, figures)) = shown.get(at) else {
            return Row::new([]);
        };
        let figure = match measures.of(figures)[..] {
            [figure] => figure,
            [] => {
                let nothing = pick(lang, "not told", "不适用").to_owned();
                return Row::new([name.clone(), String::new(), nothing]).role(Role::Dim);
            }
            // What was spent in several currencies has no sum; Enter shows each.
            _ => {
                let mut cells = vec![name.clone(), pick(lang, "by currency", "分币种").to_owned()];
                cells.splice(1..1, if wide { vec![String::new(); 2] } else { Vec::new() });
                return Row::new(cells);
            }
        };
        let role = match figure.target.as_ref().map(|target| target.state.as_str()) {
            Some("missed") => Role::Bad,
            Some("met") => Role::Good,
            _ => Role::Plain,
        };
        let mut cells = vec![name.clone(), value(lang, figure), interval(figure)];
        if wide {
            cells.insert(1, figure.of.map_or_else(String::new, |of| of.to_string()));
            cells.insert(1, figure.count.to_string());
            cells.push(bar(figure, room));
        }
        Row::new(cells).role(role)
    });
}

/// A share as a bar: `#` up to the lower end of its interval, `=` to the share, `-` to the upper end.
fn bar(figure: &ReportFigure, cells: u16) -> String {
    let Some(rate) = figure.rate else { return String::new() };
    let at = |parts: u32| (parts * u32::from(cells)).div_ceil(10_000);
    let sign = |cell: u32| match cell {
        cell if cell < at(rate.low) => '#',
        cell if cell < at(rate.rate) => '=',
        cell if cell < at(rate.high) => '-',
        _ => ' ',
    };
    (0..u32::from(cells)).map(sign).collect()
}

/// The weeks for which the figure is told.
fn told_weeks<'a>(model: &Model, view: &'a ReportView) -> Vec<(&'a str, &'a ReportFigure)> {
    let told = view.weeks.iter().flat_map(|week| {
        let figures = model.office.measures.of(&week.figures);
        figures.into_iter().map(|figure| (week.monday.as_str(), figure))
    });
    told.filter(|(_, figure)| has_something(figure)).collect()
}

/// The newest weeks, one a line.
fn draw_weeks(model: &Model, weeks: &[(&str, &ReportFigure)], painter: &mut Painter<'_>, area: Rect) {
    let lang = model.lang;
    let (dim, plain) = (painter.style(Role::Dim), painter.style(Role::Plain));
    painter.text(
        area,
        0,
        0,
        pick(lang, "All, by week from Monday", "全部，按周（周一起）"),
        dim,
    );
    let room = usize::from(area.height.saturating_sub(1));
    let newest = &weeks[weeks.len().saturating_sub(room)..];
    for (row, (monday, figure)) in (1_u16..).zip(newest) {
        let used = painter.text(area, 0, row, monday, dim).max(11);
        let value = value(lang, figure);
        painter.text(area, used + 1, row, &format!("{value:>10}"), plain);
        let bar = bar(figure, area.width.saturating_sub(used + 13));
        painter.text(area, used + 13, row, bar.trim_end(), plain);
    }
}

/// All figures of the chosen group, each with its formula and its target.
pub(crate) fn measure_lines(model: &Model) -> Option<(String, Vec<String>)> {
    let (lang, measures) = (model.lang, &model.office.measures);
    let shown = measures.rows(lang);
    let (name, figures) = shown.get(measures.list.chosen)?;
    let room = model.size.0.saturating_sub(6);
    let mut lines = Vec::new();
    for figure in figures.iter().filter(|figure| has_something(figure)) {
        let of = figure.of.map_or_else(String::new, |of| format!(" / {of}"));
        let between = figure
            .rate
            .map_or_else(String::new, |_| format!(" ({})", interval(figure)));
        let aim = target(lang, figure);
        let what = label::<FigureKind>(lang, &figure.what);
        let count = format!("{}{of}", figure.count);
        lines.extend(wrapped(
            &format!("{what}: {}{between}  {count}  {aim}", value(lang, figure)),
            room,
        ));
        let said = figure.what.parse().map_or("", |kind| formula(kind, lang));
        lines.extend(
            wrapped(said, room.saturating_sub(2))
                .into_iter()
                .map(|line| format!("  {line}")),
        );
    }
    let view = measures.view.as_ref().filter(|_| measures.list.chosen == 0);
    if let Some(view) = view.filter(|view| !view.roll.is_empty()) {
        lines.extend(wrapped(&format!("{}:", roll::title(lang)), room));
        for one in &view.roll {
            let told = wrapped(&roll::line(lang, one), room.saturating_sub(2));
            lines.extend(told.into_iter().map(|line| format!("  {line}")));
        }
    }
    Some((name.clone(), lines))
}
