//! The work of a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the work of a day did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailyReport {
    /// The day, as an ISO date.
    pub day: String,
    /// Days before it that nobody had worked and that it caught up.
    pub caught_up: i64,
    /// Its steps, in their order.
    pub steps: Vec<StepDone>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepDone {
    /// Its name.
    pub step: String,
    /// What it counted; all 0 where there was nothing to do.
    pub counts: BTreeMap<String, i64>,
}

impl StepDone {
    /// A step with its counts.
    #[must_use]
    pub fn of<const N: usize>(step: &str, counts: [(&str, i64); N]) -> Self {
        Self {
            step: step.to_owned(),
            counts: counts
                .into_iter()
                .map(|(name, count)| (name.to_owned(), count))
                .collect(),
        }
    }
}
