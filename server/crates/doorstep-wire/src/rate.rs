//! Rates by staff, crew, portfolio or rule. They are for finding what to look at, never for pay or a ranking: groups are in the order
//! of their names, and of few visits no rate is told.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RatesQuery {
    /// `staff`, `crew`, `portfolio` or `rule`; by staff where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The first day, in UTC; 27 days before the last where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, in UTC; today where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Rates of a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RatesView {
    /// `staff`, `crew`, `portfolio` or `rule`.
    pub by: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Of fewer than so many no rate is told.
    pub least: u64,
    /// The groups, in the order of their names.
    pub items: Vec<RateGroup>,
}

/// The counts of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RateGroup {
    /// Staff number, name of the crew or of the portfolio, id of the rule.
    pub group: String,
    /// Visits that were made; none by rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<u64>,
    /// What is counted of them.
    pub counts: Vec<RateItem>,
}

/// What is counted of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RateItem {
    /// What: `complaint`, `quality-failure`, `refused`, a flag of events; by rule `withdrawn`, `overridden`, `forbidden`.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Of how many, where it is a part of a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// The rate; absent where there are too few to tell one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateShown>,
}

/// A rate with Wilson's interval of 95 %, in parts per 10,000: 250 are 2.5 of 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RateShown {
    /// The lower end.
    pub low: u32,
    /// The rate.
    pub rate: u32,
    /// The upper end.
    pub high: u32,
}
