//! Reports: what became of cases and visits in a span of days. No sum recovered and no score is among the figures, and groups
//! are in the order of their names.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::rate::RateShown;

/// Which report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// `staff`, `crew`, `territory`, `portfolio`, `agency` or `stage`; by portfolio where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The first day, in UTC; 27 days before the last where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, in UTC; today where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only cases of the portfolio with this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<String>,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportView {
    /// `staff`, `crew`, `territory`, `portfolio`, `agency` or `stage`.
    pub by: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The portfolio, where the report is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<String>,
    /// From which hour at the address a visit is one in the evening.
    pub evening_from_hour: i8,
    /// Of fewer than so many no share is told.
    pub least: u64,
    /// Of fewer cases than so many nothing is told by itself: groups and weeks stand together, a roll has no ends, and where there
    /// are no more in all, the report has no figures.
    pub cases_least: u64,
    /// All groups together.
    pub total: Vec<ReportFigure>,
    /// The groups, in the order of their names.
    pub items: Vec<ReportGroup>,
    /// The weeks of the span, without coverage, which is of the whole span.
    pub weeks: Vec<ReportWeek>,
    /// For each month of which days are in the span: what became of the cases that began it in each stage.
    pub roll: Vec<ReportRoll>,
}

/// The figures of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportGroup {
    /// Staff number, stage, or the name of crew, territory, portfolio or agency; empty for cases without one.
    pub group: String,
    /// Groups that are told together with it, because one of them is of too few cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Its figures.
    pub figures: Vec<ReportFigure>,
}

/// What became of the cases that began a month in one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportRoll {
    /// The first day: of the month, or of the span where that is later.
    pub from: String,
    /// The last day: of the month, or of the span where that is earlier.
    pub to: String,
    /// `M0`, `M1`, `M2`, `M3`, `M3+`, or `new` for those that were opened in these days.
    pub began: String,
    /// How many there are.
    pub cases: u64,
    /// Where they were when the last day was over; empty where there are too few to tell.
    pub ended: Vec<ReportRolled>,
}

/// Cases of a roll that ended alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportRolled {
    /// `M0`, `M1`, `M2`, `M3`, `M3+`, `settled`, or `over` for those that were taken back or closed.
    pub ended: String,
    /// How many.
    pub cases: u64,
}

/// The figures of a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportWeek {
    /// The Monday with which it begins. A week of too few cases is told together with the one after it.
    pub monday: String,
    /// Its figures.
    pub figures: Vec<ReportFigure>,
}

/// A figure with what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportFigure {
    /// Which: docs/measures.md has the formulas.
    pub what: String,
    /// What it is counted in: `of-cases`, `of-visits`, `of-calls`, `of-meetings`, `of-agreements`, `of-blocks`, `count`, `seconds-per-visit`,
    /// `metres-per-visit`, `minor-per-visit`.
    pub unit: String,
    /// The numerator.
    pub count: u64,
    /// The denominator; absent for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Of a share: the share with its interval; absent where there are too few to tell one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateShown>,
    /// Of an average: numerator by denominator, rounded; absent where there is nothing to divide by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<u64>,
    /// Of a cost: the currency of which minor units are counted (ISO 4217). Each has a figure of its own; absent where nothing
    /// was made that could cost something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What the portfolio's strategy wants it to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<ReportTarget>,
}

/// A target beside its figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportTarget {
    /// At least so many of 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_percent: Option<u32>,
    /// At most so many of 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_percent: Option<u32>,
    /// `met`; `missed` where the whole interval lies on the wrong side; `open` where the difference lies within it.
    pub state: String,
}
