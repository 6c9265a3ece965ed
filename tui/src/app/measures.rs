//! The report as its screen shows it: one figure at a time for all groups, searched and sorted here. Pure.

use doorstep_domain::measure::Micros;
use doorstep_domain::report::{FigureKind, ReportBy};
use doorstep_domain::words::Lang;
use doorstep_wire::odds::OddsReport;
use doorstep_wire::report::{ReportFigure, ReportQuery, ReportView};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::list::ListState;
use crate::command::report::called;
use crate::times;

/// The spans that can be chosen, in days.
const SPANS: [i64; 4] = [7, 28, 91, 364];

/// What is shown of reports.
#[derive(Debug, Clone)]
pub(crate) struct Measures {
    /// The report that came last.
    pub(crate) view: Option<ReportView>,
    /// By what it is told.
    pub(crate) by: ReportBy,
    /// Which figure is shown.
    pub(crate) figure: FigureKind,
    /// Which of the spans.
    span: usize,
    /// What groups are filtered by.
    pub(crate) search: String,
    /// Whether the greatest share stands first; by name otherwise, and always where groups are persons.
    pub(crate) by_value: bool,
    /// The chosen group; all of them together come first.
    pub(crate) list: ListState,
    /// Whether the quality of the chances is shown instead of the figures.
    pub(crate) shows_odds: bool,
    /// How good the chances are, as it came last; nothing in it is by hour.
    pub(crate) odds: Option<OddsReport>,
    /// How far that is scrolled.
    pub(crate) odds_list: ListState,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            view: None,
            by: ReportBy::Portfolio,
            figure: FigureKind::Coverage,
            span: 1,
            search: String::new(),
            by_value: false,
            list: ListState::default(),
            shows_odds: false,
            odds: None,
            odds_list: ListState::default(),
        }
    }
}

/// What comes after something in a list of all, round and round.
fn after<T: Copy + PartialEq>(all: &[T], one: T) -> T {
    let at = all.iter().position(|other| *other == one).unwrap_or(0);
    all[(at + 1) % all.len()]
}

impl Measures {
    /// What is asked for on a day: the newest report of the chosen span.
    pub(crate) fn query(&self, now: Micros) -> ReportQuery {
        let today = times::date(now.get(), &TimeZone::UTC);
        let first = today.and_then(|day| day.checked_sub((SPANS[self.span] - 1).days()).ok());
        ReportQuery {
            by: Some(self.by.code().to_owned()),
            from: first.map(|day| day.to_string()),
            to: today.map(|day| day.to_string()),
            portfolio: None,
        }
    }

    /// Whether what is to be shown has come.
    pub(crate) const fn has_come(&self) -> bool {
        if self.shows_odds {
            self.odds.is_some()
        } else {
            self.view.is_some()
        }
    }

    /// Takes what was found about the chances. The screen is about how good they are: chances by hour stay where they came
    /// from, so that no screen can show when somebody is likely at home.
    pub(crate) fn take_odds(&mut self, mut report: OddsReport) {
        report.hours.clear();
        self.odds = Some(report);
    }

    /// The next dimension. Auditors are not shown who did what.
    pub(crate) fn turn_by(&mut self, is_auditor: bool) {
        self.by = after(ReportBy::ALL, self.by);
        if is_auditor && self.by == ReportBy::Staff {
            self.by = after(ReportBy::ALL, self.by);
        }
        self.list = ListState::default();
    }

    /// The next figure that the report tells.
    pub(crate) fn turn_figure(&mut self) {
        self.figure = after(FigureKind::ALL, self.figure);
    }

    /// A longer span, or a shorter one; says whether there is one.
    pub(crate) fn turn_span(&mut self, longer: bool) -> bool {
        let next = if longer {
            self.span + 1
        } else {
            self.span.wrapping_sub(1)
        };
        let there = next < SPANS.len();
        if there {
            self.span = next;
        }
        there
    }

    /// The chosen figure among those of a group: a cost in each of its currencies, anything else once where it is told.
    pub(crate) fn of<'a>(&self, figures: &'a [ReportFigure]) -> Vec<&'a ReportFigure> {
        let all = figures.iter();
        all.filter(|figure| figure.what == self.figure.code()).collect()
    }

    /// The rows: the name and all figures of each, all together first.
    pub(crate) fn rows(&self, lang: Lang) -> Vec<(String, &[ReportFigure])> {
        let Some(view) = &self.view else { return Vec::new() };
        let wanted = self.search.to_lowercase();
        let named = view
            .items
            .iter()
            .map(|group| (called(lang, &view.by, group), group.figures.as_slice()));
        let mut rows: Vec<_> = named
            .filter(|(name, _)| name.to_lowercase().contains(&wanted))
            .collect();
        if self.by_value && !self.by.names_persons() {
            // Costs stand by currency first: a greater number of another money is not a greater cost.
            let value = |figures: &[ReportFigure]| {
                let figure = *self.of(figures).first()?;
                let rate = figure.rate.map(|rate| u64::from(rate.rate));
                Some((figure.currency.clone(), rate.or(figure.mean).unwrap_or(figure.count)))
            };
            rows.sort_by_key(|(_, figures)| std::cmp::Reverse(value(figures)));
        }
        let all = crate::text::pick(lang, "all", "全部").to_owned();
        rows.insert(0, (all, view.total.as_slice()));
        rows
    }
}
